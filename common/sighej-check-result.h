/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SighejCheckResult:
 * @id: "bluetooth.adapter"
 * @level: "ok", "warning" or "error"
 * @text: one sentence
 * @next: what to do, or ""
 *
 * One line of `sighejctl doctor`.
 */
typedef struct
{
  char *id;
  const char *level;
  char *text;
  char *next;
} SighejCheckResult;
void sighej_check_result_free (SighejCheckResult *self);
/* Appends a result; @results owns it (created with sighej_check_result_free as free function). */
void sighej_check_results_add (
    GPtrArray *results, const char *id, const char *level, const char *text, const char *next);

G_END_DECLS
