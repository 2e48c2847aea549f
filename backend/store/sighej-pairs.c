/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-pairs"

#include "config.h"

#include "sighej-pairs.h"

#include "sighej-keyed-hash.h"

/* Two of everything: [0] is the member with the lower address. */
typedef struct
{
  SighejPairsMember *member[2];
  gint64 until_us[2]; /* end of that member's report; 0: none */
  GList member_node[2];
  GList age_node;
} Pair;

struct _SighejPairs
{
  GHashTable *pairs; /* of Pair, as a set */
  GQueue by_age;     /* the one quiet longest first */
  gint64 lifetime_us;
  guint n_max;
};

static guint
pair_hash (gconstpointer key)
{
  return (guint) sighej_keyed_hash (((const Pair *) key)->member,
                                    sizeof ((const Pair *) key)->member);
}

static gboolean
pair_equal (gconstpointer a, gconstpointer b)
{
  const Pair *first = a;
  const Pair *second = b;

  return first->member[0] == second->member[0] && first->member[1] == second->member[1];
}

SighejPairs *
sighej_pairs_new (gint64 lifetime_us, guint n_max)
{
  SighejPairs *self = g_new0 (SighejPairs, 1);

  self->pairs = g_hash_table_new_full (pair_hash, pair_equal, g_free, NULL);
  g_queue_init (&self->by_age);
  self->lifetime_us = lifetime_us;
  self->n_max = n_max;
  return self;
}

void
sighej_pairs_free (SighejPairs *self)
{
  g_assert (self->by_age.length == 0);

  g_hash_table_unref (self->pairs);
  g_free (self);
}

static void
drop (SighejPairs *self, Pair *pair)
{
  for (guint i = 0; i < 2; i++)
    g_queue_unlink (&pair->member[i]->pairs, &pair->member_node[i]);
  g_queue_unlink (&self->by_age, &pair->age_node);
  g_hash_table_remove (self->pairs, pair);
}

static Pair *
ensure_pair (SighejPairs *self, SighejPairsMember *low, SighejPairsMember *high)
{
  Pair wanted = { .member = { low, high } };
  Pair *pair = g_hash_table_lookup (self->pairs, &wanted);

  if (pair != NULL)
    {
      g_queue_unlink (&self->by_age, &pair->age_node);
      g_queue_push_tail_link (&self->by_age, &pair->age_node);
      return pair;
    }

  if (self->by_age.length >= self->n_max)
    drop (self, self->by_age.head->data);
  pair = g_memdup2 (&wanted, sizeof wanted);
  for (guint i = 0; i < 2; i++)
    {
      pair->member_node[i].data = pair;
      g_queue_push_tail_link (&pair->member[i]->pairs, &pair->member_node[i]);
    }
  pair->age_node.data = pair;
  g_queue_push_tail_link (&self->by_age, &pair->age_node);
  g_hash_table_add (self->pairs, pair);
  return pair;
}

gboolean
sighej_pairs_report (SighejPairs *self,
                     SighejPairsMember *from,
                     SighejPairsMember *about,
                     gint64 now_us)
{
  guint own = from < about ? 0 : 1;
  Pair *pair = ensure_pair (self, own == 0 ? from : about, own == 0 ? about : from);

  pair->until_us[own] = now_us + self->lifetime_us;
  return pair->until_us[1 - own] > now_us;
}

void
sighej_pairs_forget (SighejPairs *self, SighejPairsMember *member)
{
  while (member->pairs.head != NULL)
    drop (self, member->pairs.head->data);
}

void
sighej_pairs_expire (SighejPairs *self, gint64 now_us)
{
  while (sighej_pairs_next_us (self) <= now_us)
    drop (self, self->by_age.head->data);
}

gint64
sighej_pairs_next_us (SighejPairs *self)
{
  const Pair *oldest = g_queue_peek_head (&self->by_age);

  return oldest != NULL ? MAX (oldest->until_us[0], oldest->until_us[1]) : G_MAXINT64;
}

guint
sighej_pairs_get_size (SighejPairs *self)
{
  return self->by_age.length;
}
