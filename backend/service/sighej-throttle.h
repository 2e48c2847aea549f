/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SighejThrottleRule:
 * @n_burst: what a key may take at once, 1 or more
 * @n_per_period: what comes back to it in @period_us, 1 or more
 * @n_distinct: different items a key may name in @distinct_us; 0: no such limit
 * @distinct_us: length of that window, which begins with the first item
 * @n_keys: keys kept, 1 or more
 */
typedef struct
{
  guint n_burst;
  guint n_per_period;
  gint64 period_us;
  guint n_distinct;
  gint64 distinct_us;
  guint n_keys;
} SighejThrottleRule;

/**
 * SighejThrottle:
 *
 * A token bucket for each key, and how many different items it named. Pure: the caller brings
 * the time, from a clock that never jumps. Keeps keyed hashes of both, never the text.
 *
 * A key is forgotten only when forgetting changes nothing: its bucket is full again and its
 * window over. When the table is full of keys that still owe something, all strangers share one
 * bucket, so that filling it with made-up keys resets nobody's limit and lets nobody past one.
 */
typedef struct _SighejThrottle SighejThrottle;

SighejThrottle *sighej_throttle_new (const SighejThrottleRule *rule);
/* For what is taken from now on; what is owed stays owed. */
void sighej_throttle_set_rule (SighejThrottle *self, const SighejThrottleRule *rule);
void sighej_throttle_free (SighejThrottle *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejThrottle, sighej_throttle_free)

/**
 * sighej_throttle_take:
 * @key: who takes
 * @item: (nullable): what it names, for the limit on different items
 * @now_us: microseconds, never less than before
 * @retry_after_s: (out): seconds until it may try again, at least 1, when it may not
 *
 * Takes one from the bucket of @key; an item over the limit leaves the bucket charged.
 *
 * Returns: TRUE when @key may
 */
gboolean sighej_throttle_take (
    SighejThrottle *self, const char *key, const char *item, gint64 now_us, guint *retry_after_s);

/* What @key took is as if it had not: nothing came of it. */
void sighej_throttle_give_back (SighejThrottle *self, const char *key, gint64 now_us);

/**
 * SighejThrottlePlace:
 *
 * Where a key was found last, for who takes with the same key again and again: all zero at first,
 * of one key. It may outlive the key and the throttle.
 */
typedef struct
{
  gpointer bucket;
  guint64 valid_for;
} SighejThrottlePlace;

/* The same as sighej_throttle_take(). @place: (nullable) */
gboolean sighej_throttle_take_at (SighejThrottle *self,
                                  SighejThrottlePlace *place,
                                  const char *key,
                                  const char *item,
                                  gint64 now_us,
                                  guint *retry_after_s);

/**
 * SighejThrottleLeft:
 * @n_left: what the key may take at once now
 * @full_s: seconds until it may take a whole burst again; 0: it may now
 */
typedef struct
{
  guint n_left;
  guint full_s;
} SighejThrottleLeft;

/* What taking nothing shows of the bucket of @key; the limit on different items is not in it. */
SighejThrottleLeft sighej_throttle_peek (SighejThrottle *self, const char *key, gint64 now_us);

/* Drops all about @key: for keys that nobody can use again. */
void sighej_throttle_forget (SighejThrottle *self, const char *key);

/* Drops every key that owes nothing at @now_us. Returns: how many are left. */
guint sighej_throttle_prune (SighejThrottle *self, gint64 now_us);

/**
 * SighejQuota:
 * @name: of the limit, as clients see it
 * @n_per_period: how often in @period_s seconds
 * @n_left: how often at once now
 * @full_s: seconds until that is a whole burst again
 */
typedef struct
{
  const char *name;
  guint n_per_period;
  guint period_s;
  guint n_left;
  guint full_s;
} SighejQuota;

G_END_DECLS
