/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "meets-fixture.h"
#include "sighej-error.h"
#include "sighej-past.h"

/* ---- by which keys one is avoided later ---- */

static guint
count_shared_tags (MeetsFixture *fixture)
{
  guint8 tags[2][SIGHEJ_AVOID_TAGS][SIGHEJ_AVOID_TAG_BYTES];
  guint n = 0;

  for (guint i = 0; i < 2; i++)
    sighej_avoid_make_tags (fixture->side[i].avoid, tags[i]);
  for (guint i = 0; i < SIGHEJ_AVOID_TAGS; i++)
    for (guint j = 0; j < SIGHEJ_AVOID_TAGS; j++)
      n += memcmp (tags[0][i], tags[1][j], SIGHEJ_AVOID_TAG_BYTES) == 0;
  return n;
}

static void
test_the_keys_of_a_meet_are_those_to_avoid_by (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0], *bo = &fixture->side[1];
  g_autoptr (GError) error = NULL;

  meets_fixture_nudge_apart (fixture);
  sighej_avoid_set_why (anna->avoid, MEETS_FIXTURE_ID, SIGHEJ_AVOID_MET, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count_shared_tags (fixture), ==, 0);

  meets_fixture_wave (anna);
  meets_fixture_wave (bo);
  meets_fixture_settle (fixture);
  g_assert_cmpint (meets_fixture_get_meet (anna)->trust, ==, SIGHEJ_MEET_TRUST_VERIFIED);
  g_assert_cmpint (meets_fixture_get_meet (bo)->trust, ==, SIGHEJ_MEET_TRUST_VERIFIED);
  g_assert_true (meets_fixture_get_meet (anna)->avoid);
  g_assert_cmpuint (count_shared_tags (fixture), ==, 1);
}

/* What is told anew of one that was dismissed is none of another. */
static void
test_a_dismissed_nudge_that_comes_again (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0];
  SighejLinkNudge nudge = { .id = MEETS_FIXTURE_ID, .own = anna->own };
  g_autoptr (GError) error = NULL;

  meets_fixture_nudge (fixture);
  g_assert_true (sighej_meets_not_now (anna->meets, anna->number, NULL));
  sighej_meets_take_nudge (anna->meets, 0, &nudge);
  g_assert_false (sighej_meets_block_nudge (anna->meets, anna->number, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_FOUND);
}

/* Who is asked only when it is over. */
static void
test_a_meet_that_is_over_can_be_avoided_for_a_while (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0], *bo = &fixture->side[1];
  g_autoptr (GError) error = NULL;

  meets_fixture_agree (fixture);
  g_assert_true (sighej_meets_end (bo->meets, bo->number, NULL));
  meets_fixture_settle (fixture);
  g_assert_cmpuint (anna->n_removed, ==, 1);

  g_assert_true (sighej_meets_avoid_in_future (anna->meets, anna->number, TRUE, NULL));
  g_assert_cmpint (sighej_avoid_get_why (anna->avoid, MEETS_FIXTURE_ID), ==, SIGHEJ_AVOID_MET);
  meets_fixture_pass (fixture, SIGHEJ_PAST_SECONDS + 1);
  g_assert_false (sighej_meets_avoid_in_future (anna->meets, anna->number, FALSE, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_FOUND);
}

static void
test_who_was_blocked_stays_so (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0];

  meets_fixture_agree (fixture);
  g_assert_true (sighej_meets_block_meet (anna->meets, anna->number, NULL));
  meets_fixture_settle (fixture);
  g_assert_true (sighej_meets_avoid_in_future (anna->meets, anna->number, FALSE, NULL));
  g_assert_cmpint (sighej_avoid_get_why (anna->avoid, MEETS_FIXTURE_ID), ==, SIGHEJ_AVOID_BLOCKED);
}

/* ---- what is kept of a meet that is over ---- */

static void
test_the_past_is_bounded (void)
{
  g_autoptr (SighejTestClock) clock = sighej_test_clock_new ();
  SighejPast *past = sighej_past_new (SIGHEJ_CLOCK (clock));

  for (guint64 number = 1; number <= SIGHEJ_PAST_MEETS_MAX + 1; number++)
    sighej_past_add (past, number, MEETS_FIXTURE_ID, number % 2 == 0 ? "ticket" : NULL);
  g_assert_null (sighej_past_get_nudge_id (past, 1));
  g_assert_cmpstr (sighej_past_get_nudge_id (past, 2), ==, MEETS_FIXTURE_ID);
  g_assert_cmpstr (sighej_past_get_ticket (past, 2), ==, "ticket");
  g_assert_null (sighej_past_get_ticket (past, 3));
  sighej_past_free (past);
}

static void
test_the_past_goes_one_by_one (void)
{
  g_autoptr (SighejTestClock) clock = sighej_test_clock_new ();
  SighejPast *past = sighej_past_new (SIGHEJ_CLOCK (clock));

  sighej_past_add (past, 1, MEETS_FIXTURE_ID, "ticket");
  sighej_test_clock_advance (clock, G_USEC_PER_SEC);
  sighej_past_add (past, 2, MEETS_FIXTURE_ID, "ticket");
  sighej_test_clock_advance (clock, (gint64) (SIGHEJ_PAST_SECONDS - 1) * G_USEC_PER_SEC);
  g_assert_null (sighej_past_get_ticket (past, 1));
  g_assert_nonnull (sighej_past_get_ticket (past, 2));
  sighej_test_clock_advance (clock, G_USEC_PER_SEC);
  g_assert_null (sighej_past_get_ticket (past, 2));

  sighej_past_add (past, 3, MEETS_FIXTURE_ID, "ticket");
  sighej_past_clear (past);
  g_assert_null (sighej_past_get_nudge_id (past, 3));
  sighej_past_free (past);
}

#define ADD(path, function)                                                                        \
  g_test_add ("/meets-avoid/" path,                                                                \
              MeetsFixture,                                                                        \
              NULL,                                                                                \
              meets_fixture_set_up,                                                                \
              function,                                                                            \
              meets_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("the-keys-of-a-meet-are-those-to-avoid-by", test_the_keys_of_a_meet_are_those_to_avoid_by);
  ADD ("a-dismissed-nudge-that-comes-again", test_a_dismissed_nudge_that_comes_again);
  ADD ("a-meet-that-is-over-for-a-while", test_a_meet_that_is_over_can_be_avoided_for_a_while);
  ADD ("who-was-blocked-stays-so", test_who_was_blocked_stays_so);
  g_test_add_func ("/past/bounded", test_the_past_is_bounded);
  g_test_add_func ("/past/one-by-one", test_the_past_goes_one_by_one);

  return g_test_run ();
}
