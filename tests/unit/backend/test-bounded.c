/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The small tables the memory store is made of: what is due, what ages, who saw whom, hashing. */
#include "config.h"

#include <string.h>

#include "sighej-ageing.h"
#include "sighej-expiry.h"
#include "sighej-keyed-hash.h"
#include "sighej-pairs.h"

static void
test_siphash_gives_the_published_value (void)
{
  guint8 key[SIGHEJ_SIPHASH_KEY_BYTES];
  guint8 data[15];

  for (guint8 i = 0; i < sizeof key; i++)
    key[i] = i;
  for (guint8 i = 0; i < sizeof data; i++)
    data[i] = i;
  /* Aumasson and Bernstein, "SipHash", appendix A; and the first of their vectors. */
  g_assert_cmphex (
      sighej_siphash (key, data, sizeof data), ==, G_GUINT64_CONSTANT (0xa129ca6149be45e5));
  g_assert_cmphex (sighej_siphash (key, data, 0), ==, G_GUINT64_CONSTANT (0x726fdb47dd0e0e31));
}

static void
test_expiry_gives_the_earliest_first (void)
{
  SighejExpiryItem items[300] = { 0 };
  g_autoptr (SighejExpiry) expiry = sighej_expiry_new ();
  guint n_left = 0;
  gint64 last_us = -1;

  for (guint i = 0; i < 3000; i++)
    {
      SighejExpiryItem *item = &items[g_test_rand_int_range (0, G_N_ELEMENTS (items))];

      if (g_test_rand_int_range (0, 4) == 0)
        sighej_expiry_remove (expiry, item);
      else
        sighej_expiry_set (expiry, item, g_test_rand_int_range (0, 1000));
    }
  for (guint i = 0; i < G_N_ELEMENTS (items); i++)
    n_left += items[i].place != 0;

  for (; n_left > 0; n_left--)
    {
      SighejExpiryItem *first = sighej_expiry_peek (expiry);

      g_assert_cmpint (first->at_us, >=, last_us);
      last_us = first->at_us;
      sighej_expiry_remove (expiry, first);
      g_assert_cmpuint (first->place, ==, 0);
    }
  g_assert_null (sighej_expiry_peek (expiry));
}

static const guint8 *
ageing_key (guint number)
{
  static guint8 key[SIGHEJ_AGEING_KEY_BYTES];

  memcpy (key, &number, sizeof number);
  return key;
}

static void
test_ageing_never_slides (void)
{
  g_autoptr (SighejAgeing) ageing = sighej_ageing_new (100, 10);

  g_assert_cmpint (sighej_ageing_next_us (ageing), ==, G_MAXINT64);
  *sighej_ageing_add (ageing, ageing_key (1), 1000) |= 2;
  g_assert_cmpuint (*sighej_ageing_add (ageing, ageing_key (1), 1099), ==, 2);
  g_assert_cmpint (sighej_ageing_next_us (ageing), ==, 1100);
  g_assert_nonnull (sighej_ageing_lookup (ageing, ageing_key (1), 1099));
  g_assert_null (sighej_ageing_lookup (ageing, ageing_key (1), 1100));
  g_assert_null (sighej_ageing_lookup (ageing, ageing_key (2), 1000));
  g_assert_cmpuint (*sighej_ageing_add (ageing, ageing_key (1), 1100), ==, 0);
  sighej_ageing_expire (ageing, 1200);
  g_assert_cmpuint (sighej_ageing_get_size (ageing), ==, 0);
}

static void
test_ageing_drops_the_oldest_when_full (void)
{
  g_autoptr (SighejAgeing) ageing = sighej_ageing_new (100, 10);

  for (guint i = 0; i < 11; i++)
    sighej_ageing_add (ageing, ageing_key (i), 1000 + i);
  g_assert_cmpuint (sighej_ageing_get_size (ageing), ==, 10);
  g_assert_null (sighej_ageing_lookup (ageing, ageing_key (0), 1011));
  g_assert_nonnull (sighej_ageing_lookup (ageing, ageing_key (1), 1011));
}

static void
test_pairs_need_both_in_time (void)
{
  g_autoptr (SighejPairs) pairs = sighej_pairs_new (120, 10);
  SighejPairsMember member[2] = { 0 };

  g_assert_false (sighej_pairs_report (pairs, &member[0], &member[1], 1000));
  g_assert_false (sighej_pairs_report (pairs, &member[0], &member[1], 1050));
  g_assert_false (sighej_pairs_report (pairs, &member[1], &member[0], 1170));
  g_assert_true (sighej_pairs_report (pairs, &member[0], &member[1], 1289));
  g_assert_cmpint (sighej_pairs_next_us (pairs), ==, 1409);
  sighej_pairs_expire (pairs, 1408);
  g_assert_cmpuint (sighej_pairs_get_size (pairs), ==, 1);
  sighej_pairs_expire (pairs, 1409);
  g_assert_cmpuint (sighej_pairs_get_size (pairs), ==, 0);
  g_assert_null (member[0].pairs.head);
}

static void
test_pairs_forget_a_member_whole (void)
{
  g_autoptr (SighejPairs) pairs = sighej_pairs_new (120, 100);
  SighejPairsMember member[10] = { 0 };

  for (guint i = 0; i < 10; i++)
    for (guint j = 0; j < 10; j++)
      if (i != j)
        sighej_pairs_report (pairs, &member[i], &member[j], 1000);
  g_assert_cmpuint (sighej_pairs_get_size (pairs), ==, 45);

  sighej_pairs_forget (pairs, &member[4]);
  g_assert_cmpuint (sighej_pairs_get_size (pairs), ==, 36);
  g_assert_false (sighej_pairs_report (pairs, &member[5], &member[4], 1000));
  for (guint i = 0; i < 10; i++)
    sighej_pairs_forget (pairs, &member[i]);
  g_assert_cmpint (sighej_pairs_next_us (pairs), ==, G_MAXINT64);
}

static void
test_pairs_drop_the_quietest_when_full (void)
{
  g_autoptr (SighejPairs) pairs = sighej_pairs_new (120, 2);
  SighejPairsMember member[4] = { 0 };

  sighej_pairs_report (pairs, &member[0], &member[1], 1000);
  sighej_pairs_report (pairs, &member[0], &member[2], 1001);
  sighej_pairs_report (pairs, &member[0], &member[1], 1002);
  sighej_pairs_report (pairs, &member[0], &member[3], 1003);
  g_assert_cmpuint (sighej_pairs_get_size (pairs), ==, 2);
  g_assert_true (sighej_pairs_report (pairs, &member[1], &member[0], 1004));
  g_assert_false (sighej_pairs_report (pairs, &member[2], &member[0], 1005));
  for (guint i = 0; i < 4; i++)
    sighej_pairs_forget (pairs, &member[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/keyed-hash/gives-the-published-value", test_siphash_gives_the_published_value);
  g_test_add_func ("/expiry/gives-the-earliest-first", test_expiry_gives_the_earliest_first);
  g_test_add_func ("/ageing/never-slides", test_ageing_never_slides);
  g_test_add_func ("/ageing/drops-the-oldest-when-full", test_ageing_drops_the_oldest_when_full);
  g_test_add_func ("/pairs/need-both-in-time", test_pairs_need_both_in_time);
  g_test_add_func ("/pairs/forget-a-member-whole", test_pairs_forget_a_member_whole);
  g_test_add_func ("/pairs/drop-the-quietest-when-full", test_pairs_drop_the_quietest_when_full);
  return g_test_run ();
}
