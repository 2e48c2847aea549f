/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-text.h"

#include <string.h>

char *
sighej_text_dup_capitalised (const char *clause)
{
  g_autofree char *first = g_utf8_substring (clause, 0, *clause != '\0' ? 1 : 0);
  g_autofree char *upper = g_utf8_strup (first, -1);

  return g_strconcat (upper, clause + strlen (first), NULL);
}

char *
sighej_text_dup_sentence (const char *clause)
{
  g_autofree char *line = sighej_text_dup_capitalised (clause);

  return g_strconcat (line, g_str_has_suffix (line, ".") ? "" : ".", NULL);
}
