/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-store.h"

G_BEGIN_DECLS

/* One session's interests, in its own order. Lends the array. */
typedef struct
{
  guint32 day;
  guint n_interests;
  const SighejStoreInterest *interests;
} SighejMatcherSide;

/**
 * sighej_matcher_overlap:
 * @mask_a: (out): bit i: interest i of @a is shared
 * @mask_b: (out): the same of @b, the same interests
 *
 * What two sessions share, by the keyed hashes of a day both have: each has those of its own day
 * and the next, so sessions opened on days further apart share nothing. At most
 * %SIGHEJ_WIRE_SHARED_MAX: those that stand highest in both lists. Swapping @a and @b swaps the
 * masks and changes nothing else. Pure.
 *
 * Returns: how many, 0 to %SIGHEJ_WIRE_SHARED_MAX
 */
guint sighej_matcher_overlap (const SighejMatcherSide *a,
                              const SighejMatcherSide *b,
                              guint32 *mask_a,
                              guint32 *mask_b);

/**
 * sighej_matcher_dup_avoid:
 * @avoid: (nullable): %SIGHEJ_STORE_AVOID_TAGS tags in any order
 *
 * Returns: (nullable) (transfer full): the same, as sighej_matcher_avoids() wants them; %NULL for
 *   %NULL
 */
guint8 *sighej_matcher_dup_avoid (const guint8 *avoid);

/* Whether two sessions share an avoid tag. @a, @b: (nullable): of sighej_matcher_dup_avoid() */
gboolean sighej_matcher_avoids (const guint8 *a, const guint8 *b);

G_END_DECLS
