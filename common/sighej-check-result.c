/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-check-result.h"

void
sighej_check_result_free (SighejCheckResult *self)
{
  g_free (self->id);
  g_free (self->text);
  g_free (self->next);
  g_free (self);
}

void
sighej_check_results_add (
    GPtrArray *results, const char *id, const char *level, const char *text, const char *next)
{
  SighejCheckResult *result = g_new0 (SighejCheckResult, 1);

  result->id = g_strdup (id);
  result->level = g_intern_string (level);
  result->text = g_strdup (text);
  result->next = g_strdup (next);
  g_ptr_array_add (results, result);
}
