/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "sighej-matcher.h"

#define DAY 20454

/* Stands for an interest's hash under a day. */
static void
hash (guint8 out[16], guint32 day, guint interest)
{
  memset (out, 0, 16);
  memcpy (out, &interest, sizeof interest);
  memcpy (out + 8, &day, sizeof day);
}

typedef struct
{
  SighejStoreInterest interests[20];
  SighejMatcherSide side;
} Person;

static void
person_init (Person *person, guint32 day, const guint *interests, guint n_interests)
{
  for (guint i = 0; i < n_interests; i++)
    {
      hash (person->interests[i].today, day, interests[i]);
      hash (person->interests[i].tomorrow, day + 1, interests[i]);
    }
  person->side = (SighejMatcherSide){ day, n_interests, person->interests };
}

static void
test_says_where_each_has_it (void)
{
  static const guint a_interests[] = { 1, 2, 3, 4 };
  static const guint b_interests[] = { 9, 4, 8, 2 };
  Person a, b;
  guint32 mask_a, mask_b;

  person_init (&a, DAY, a_interests, 4);
  person_init (&b, DAY, b_interests, 4);
  g_assert_cmpuint (sighej_matcher_overlap (&a.side, &b.side, &mask_a, &mask_b), ==, 2);
  g_assert_cmphex (mask_a, ==, 0xa);
  g_assert_cmphex (mask_b, ==, 0xa);
}

static void
test_days_next_to_each_other_meet (void)
{
  static const guint interests[] = { 7 };

  for (int apart = -3; apart <= 3; apart++)
    {
      guint expected = apart >= -1 && apart <= 1 ? 1 : 0;
      Person a, b;
      guint32 mask_a, mask_b;

      person_init (&a, DAY, interests, 1);
      person_init (&b, (guint32) (DAY + apart), interests, 1);
      g_assert_cmpuint (sighej_matcher_overlap (&a.side, &b.side, &mask_a, &mask_b), ==, expected);
      g_assert_cmphex (mask_a, ==, expected);
      g_assert_cmphex (mask_b, ==, expected);
    }
}

static void
test_discloses_at_most_five (void)
{
  guint interests[20];
  guint reversed[20];
  Person a, b;
  guint32 mask_a, mask_b;

  for (guint i = 0; i < 20; i++)
    interests[i] = reversed[19 - i] = i + 1;
  person_init (&a, DAY, interests, 20);
  person_init (&b, DAY, interests, 20);
  g_assert_cmpuint (sighej_matcher_overlap (&a.side, &b.side, &mask_a, &mask_b), ==, 5);
  g_assert_cmphex (mask_a, ==, 0x1f); /* what both put first */
  g_assert_cmphex (mask_b, ==, 0x1f);

  person_init (&b, DAY, reversed, 20);
  g_assert_cmpuint (sighej_matcher_overlap (&a.side, &b.side, &mask_a, &mask_b), ==, 5);
}

/* The answer must not depend on who asks, and must be right. */
static void
check_pair (const Person *a, const Person *b)
{
  guint32 mask_a, mask_b, swapped_a, swapped_b;
  guint n_shared = 0;
  guint n = sighej_matcher_overlap (&a->side, &b->side, &mask_a, &mask_b);

  g_assert_cmpuint (sighej_matcher_overlap (&b->side, &a->side, &swapped_b, &swapped_a), ==, n);
  g_assert_cmphex (swapped_a, ==, mask_a);
  g_assert_cmphex (swapped_b, ==, mask_b);

  for (guint i = 0; i < a->side.n_interests; i++)
    for (guint j = 0; j < b->side.n_interests; j++)
      if (memcmp (a->interests[i].today, b->interests[j].today, 16) == 0)
        {
          n_shared++;
          g_assert_cmpuint (mask_a >> i & 1, ==, mask_b >> j & 1);
        }
  g_assert_cmpuint (n, ==, MIN (n_shared, 5));
  g_assert_cmpuint (__builtin_popcount (mask_a), ==, n);
  g_assert_cmpuint (__builtin_popcount (mask_b), ==, n);
}

static void
draw_person (Person *person)
{
  guint interests[20];
  guint n_interests = (guint) g_test_rand_int_range (1, 21);

  for (guint i = 0; i < n_interests; i++)
    interests[i] = 40 + i;
  for (guint i = 0; i < n_interests; i++)
    {
      guint other = (guint) g_test_rand_int_range (0, 40);
      guint swap = (guint) g_test_rand_int_range (0, (int) n_interests);
      gboolean used = FALSE;

      for (guint j = 0; j < n_interests; j++)
        used = used || interests[j] == other;
      if (!used)
        interests[swap] = other;
    }
  person_init (person, DAY, interests, n_interests);
}

static void
test_is_the_same_for_both_sides (void)
{
  for (guint i = 0; i < 5000; i++)
    {
      Person a, b;

      draw_person (&a);
      draw_person (&b);
      check_pair (&a, &b);
    }
}

/* The tags of two sides, shuffled; or two of the same at any two places. */
static void
test_a_shared_tag_is_found_wherever_it_is (void)
{
  guint8 tags[2][SIGHEJ_STORE_AVOID_BYTES];

  for (guint i = 0; i < 2000; i++)
    {
      guint places[] = { (guint) g_test_rand_int_range (0, SIGHEJ_STORE_AVOID_TAGS),
                         (guint) g_test_rand_int_range (0, SIGHEJ_STORE_AVOID_TAGS) };
      gboolean shares = i % 2 == 0;
      g_autofree guint8 *a = NULL;
      g_autofree guint8 *b = NULL;

      sighej_random_bytes (tags[0], sizeof tags[0]);
      sighej_random_bytes (tags[1], sizeof tags[1]);
      if (shares)
        memcpy (tags[1] + places[1] * SIGHEJ_STORE_AVOID_TAG_BYTES,
                tags[0] + places[0] * SIGHEJ_STORE_AVOID_TAG_BYTES,
                SIGHEJ_STORE_AVOID_TAG_BYTES);
      a = sighej_matcher_dup_avoid (tags[0]);
      b = sighej_matcher_dup_avoid (tags[1]);
      g_assert_cmpint (sighej_matcher_avoids (a, b), ==, shares);
      g_assert_cmpint (sighej_matcher_avoids (b, a), ==, shares);
      g_assert_false (sighej_matcher_avoids (a, NULL) || sighej_matcher_avoids (NULL, b));
    }
  g_assert_null (sighej_matcher_dup_avoid (NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/matcher/says-where-each-has-it", test_says_where_each_has_it);
  g_test_add_func ("/matcher/days-next-to-each-other-meet", test_days_next_to_each_other_meet);
  g_test_add_func ("/matcher/discloses-at-most-five", test_discloses_at_most_five);
  g_test_add_func ("/matcher/is-the-same-for-both-sides", test_is_the_same_for_both_sides);
  g_test_add_func ("/matcher/a-shared-tag-is-found-wherever-it-is",
                   test_a_shared_tag_is_found_wherever_it_is);
  return g_test_run ();
}
