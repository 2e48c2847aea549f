/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-matcher"

#include "config.h"

#include "sighej-matcher.h"

#include <stdlib.h>
#include <string.h>

typedef struct
{
  guint a;
  guint b;
  const guint8 *hash; /* breaks ties the same way for both sides */
} Shared;

/* The hash of interest @i under @day; NULL: the session has none for that day. */
static inline const guint8 *
hash_of (const SighejMatcherSide *side, guint i, guint32 day)
{
  return day == side->day ? side->interests[i].today : side->interests[i].tomorrow;
}

static gboolean
find_common_day (const SighejMatcherSide *a, const SighejMatcherSide *b, guint32 *day)
{
  *day = MAX (a->day, b->day);
  return *day - MIN (a->day, b->day) <= 1;
}

static gboolean
goes_before (const Shared *first, const Shared *second)
{
  guint first_rank = first->a + first->b;
  guint second_rank = second->a + second->b;

  if (first_rank != second_rank)
    return first_rank < second_rank;
  return memcmp (first->hash, second->hash, sizeof ((SighejStoreInterest *) NULL)->today) < 0;
}

/* Keeps @best sorted and at most SIGHEJ_WIRE_SHARED_MAX long. */
static void
keep_best (Shared *best, guint *n_best, const Shared *found)
{
  guint place = *n_best;

  if (place == SIGHEJ_WIRE_SHARED_MAX)
    {
      place--;
      if (!goes_before (found, &best[place]))
        return;
    }
  else
    (*n_best)++;

  for (; place > 0 && goes_before (found, &best[place - 1]); place--)
    best[place] = best[place - 1];
  best[place] = *found;
}

guint
sighej_matcher_overlap (const SighejMatcherSide *a,
                        const SighejMatcherSide *b,
                        guint32 *mask_a,
                        guint32 *mask_b)
{
  Shared best[SIGHEJ_WIRE_SHARED_MAX];
  guint n_best = 0;
  guint32 day;

  *mask_a = 0;
  *mask_b = 0;
  if (!find_common_day (a, b, &day))
    return 0;

  for (guint i = 0; i < a->n_interests; i++)
    for (guint j = 0; j < b->n_interests; j++)
      {
        Shared found = { i, j, hash_of (a, i, day) };

        if (memcmp (found.hash, hash_of (b, j, day), sizeof a->interests->today) == 0)
          keep_best (best, &n_best, &found);
      }

  for (guint i = 0; i < n_best; i++)
    {
      *mask_a |= 1u << best[i].a;
      *mask_b |= 1u << best[i].b;
    }
  return n_best;
}

static int
compare_tags (const void *a, const void *b)
{
  return memcmp (a, b, SIGHEJ_STORE_AVOID_TAG_BYTES);
}

guint8 *
sighej_matcher_dup_avoid (const guint8 *avoid)
{
  guint8 *sorted;

  if (avoid == NULL)
    return NULL;

  sorted = g_memdup2 (avoid, SIGHEJ_STORE_AVOID_BYTES);
  qsort (sorted, SIGHEJ_STORE_AVOID_TAGS, SIGHEJ_STORE_AVOID_TAG_BYTES, compare_tags);
  return sorted;
}

gboolean
sighej_matcher_avoids (const guint8 *a, const guint8 *b)
{
  guint i = 0;
  guint j = 0;

  while (a != NULL && b != NULL && i < SIGHEJ_STORE_AVOID_TAGS && j < SIGHEJ_STORE_AVOID_TAGS)
    {
      int order = compare_tags (a + i * SIGHEJ_STORE_AVOID_TAG_BYTES,
                                b + j * SIGHEJ_STORE_AVOID_TAG_BYTES);

      if (order == 0)
        return TRUE;
      if (order < 0)
        i++;
      else
        j++;
    }
  return FALSE;
}
