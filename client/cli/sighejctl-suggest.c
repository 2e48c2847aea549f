/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejctl"

#include "config.h"

#include "sighejctl-suggest.h"

#include <string.h>

/* Longer words are nobody's slip of the finger, bytes. */
#define WORD_BYTES_MAX 32

/* Edits after which a word is another word: a third of it. */
#define EDITS_MAX(length) ((length) / 3 + 1)

/* How many letters to insert, drop or replace to get from @a to @b (Levenshtein, one row). */
static gsize
distance (const char *a, const char *b)
{
  gsize row[WORD_BYTES_MAX + 1];
  gsize b_length = strlen (b);

  for (gsize j = 0; j <= b_length; j++)
    row[j] = j;
  for (gsize i = 1; a[i - 1] != '\0'; i++)
    {
      gsize diagonal = row[0];

      row[0] = i;
      for (gsize j = 1; j <= b_length; j++)
        {
          gsize replaced = diagonal + (a[i - 1] != b[j - 1]);

          diagonal = row[j];
          row[j] = MIN (MIN (row[j], row[j - 1]) + 1, replaced);
        }
    }
  return row[b_length];
}

const char *
sighejctl_suggest (const char *word, const char *const *known)
{
  gsize length = strlen (word);
  gsize best_distance = EDITS_MAX (length) + 1;
  const char *best = NULL;

  if (length == 0 || length > WORD_BYTES_MAX)
    return NULL;
  for (; *known != NULL; known++)
    {
      gsize edits;

      if (strlen (*known) > WORD_BYTES_MAX)
        continue;
      edits = g_str_has_prefix (*known, word) ? 1 : distance (word, *known);
      if (edits < best_distance)
        {
          best_distance = edits;
          best = *known;
        }
    }
  return best;
}
