/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-encounters.h"

#include "sighej-test.h"

#define S(seconds) ((gint64) (seconds) *G_USEC_PER_SEC)
#define PER_HOUR_MAX 3

typedef struct
{
  SighejTestClock *clock;
  SighejEncounters *encounters;
  guint n_added;
  guint n_changed;
  guint n_removed;
  guint n_quota_changed;
  guint64 last_number;
  SighejNudgeState last_state;
} Fixture;

static void
on_added (SighejEncounters *encounters, SighejNudge *nudge, Fixture *fixture)
{
  fixture->n_added++;
  fixture->last_number = nudge->number;
}

static void
on_changed (SighejEncounters *encounters, SighejNudge *nudge, Fixture *fixture)
{
  fixture->n_changed++;
}

static void
on_removed (SighejEncounters *encounters, SighejNudge *nudge, Fixture *fixture)
{
  fixture->n_removed++;
  fixture->last_state = nudge->state;
}

static void
on_quota_changed (SighejEncounters *encounters, Fixture *fixture)
{
  fixture->n_quota_changed++;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->clock = sighej_test_clock_new ();
  fixture->encounters
      = sighej_encounters_new (SIGHEJ_CLOCK (fixture->clock), GPOINTER_TO_UINT (data));
  g_signal_connect (fixture->encounters, "added", G_CALLBACK (on_added), fixture);
  g_signal_connect (fixture->encounters, "changed", G_CALLBACK (on_changed), fixture);
  g_signal_connect (fixture->encounters, "removed", G_CALLBACK (on_removed), fixture);
  g_signal_connect (fixture->encounters, "quota-changed", G_CALLBACK (on_quota_changed), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  sighej_test_assert_finalized (fixture->encounters);
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
  sighej_test_assert_finalized (fixture->clock);
}

static gboolean
take (Fixture *fixture, const char *id)
{
  static const char *const shared[] = { "devops", "hardstyle", NULL };

  return sighej_encounters_take (fixture->encounters,
                                 id,
                                 shared,
                                 "Someone nearby shares your interest in devops and hardstyle.",
                                 SIGHEJ_BAND_NEAR);
}

static void
test_takes_a_nudge (Fixture *fixture, gconstpointer data)
{
  const SighejNudge *nudge;

  g_assert_true (take (fixture, "a"));
  g_assert_cmpuint (fixture->n_added, ==, 1);
  g_assert_cmpuint (sighej_encounters_get_n_live (fixture->encounters), ==, 1);

  nudge = sighej_encounters_get_nth (fixture->encounters, 0);
  g_assert_cmpuint (nudge->number, ==, 1);
  g_assert_cmpint (nudge->state, ==, SIGHEJ_NUDGE_STATE_NEW);
  g_assert_cmpint (nudge->band, ==, SIGHEJ_BAND_NEAR);
  g_assert_cmpstr (nudge->shared_interests[1], ==, "hardstyle");
  g_assert_cmpuint (nudge->expires_s - nudge->created_s, ==, SIGHEJ_NUDGE_SECONDS);
}

static void
test_same_id_is_taken_once_until_close (Fixture *fixture, gconstpointer data)
{
  g_assert_true (take (fixture, "a"));
  g_assert_false (take (fixture, "a"));
  g_assert_true (sighej_encounters_dismiss (fixture->encounters, 1, NULL));
  g_assert_false (take (fixture, "a"));
  sighej_test_clock_advance (fixture->clock, S (2 * SIGHEJ_NUDGE_SECONDS));
  g_assert_false (take (fixture, "a"));
  g_assert_cmpuint (fixture->n_added, ==, 1);

  sighej_encounters_close (fixture->encounters);
  g_assert_true (take (fixture, "a"));
  g_assert_cmpuint (fixture->last_number, ==, 2);
}

static void
test_expires_after_ten_minutes (Fixture *fixture, gconstpointer data)
{
  take (fixture, "a");
  sighej_test_clock_advance (fixture->clock, S (300));
  take (fixture, "b");
  sighej_test_clock_advance (fixture->clock, S (299));
  g_assert_cmpuint (fixture->n_removed, ==, 0);
  sighej_test_clock_advance (fixture->clock, S (1));
  g_assert_cmpuint (fixture->n_removed, ==, 1);
  g_assert_cmpint (fixture->last_state, ==, SIGHEJ_NUDGE_STATE_EXPIRED);
  g_assert_cmpuint (fixture->n_changed, ==, 1);
  sighej_test_clock_advance (fixture->clock, S (300));
  g_assert_cmpuint (sighej_encounters_get_n_live (fixture->encounters), ==, 0);
}

static void
test_not_now_puts_it_away (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  take (fixture, "a");
  take (fixture, "b");
  g_assert_true (sighej_encounters_dismiss (fixture->encounters, 1, &error));
  g_assert_no_error (error);
  g_assert_cmpint (fixture->last_state, ==, SIGHEJ_NUDGE_STATE_GONE);
  g_assert_cmpuint (sighej_encounters_get_nth (fixture->encounters, 0)->number, ==, 2);

  g_assert_false (sighej_encounters_dismiss (fixture->encounters, 1, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_FOUND);
  sighej_test_clock_advance (fixture->clock, S (SIGHEJ_NUDGE_SECONDS));
  g_assert_cmpuint (fixture->n_removed, ==, 2);
}

static void
test_band_reaches_live_nudges (Fixture *fixture, gconstpointer data)
{
  take (fixture, "a");
  take (fixture, "b");
  sighej_encounters_set_band (fixture->encounters, SIGHEJ_BAND_HERE);
  g_assert_cmpuint (fixture->n_changed, ==, 2);
  sighej_encounters_set_band (fixture->encounters, SIGHEJ_BAND_HERE);
  g_assert_cmpuint (fixture->n_changed, ==, 2);
  g_assert_cmpint (sighej_encounters_get_nth (fixture->encounters, 1)->band, ==, SIGHEJ_BAND_HERE);
}

static void
test_announced_is_kept (Fixture *fixture, gconstpointer data)
{
  SighejEncounters *encounters = fixture->encounters;
  const SighejNudge *nudge;

  take (fixture, "a");
  take (fixture, "b");
  nudge = sighej_encounters_get_nth (encounters, 1);
  g_assert_false (nudge->announced);
  sighej_encounters_set_announced (encounters, nudge->number, TRUE);
  sighej_encounters_set_announced (encounters, nudge->number, TRUE);
  sighej_encounters_set_announced (encounters, 4711, TRUE);
  g_assert_true (nudge->announced);
  g_assert_false (sighej_encounters_get_nth (encounters, 0)->announced);
  g_assert_cmpuint (fixture->n_changed, ==, 1);
}

static void
test_quota_fills_and_frees_with_the_hour (Fixture *fixture, gconstpointer data)
{
  take (fixture, "a");
  sighej_test_clock_advance (fixture->clock, S (600));
  take (fixture, "b");
  g_assert_false (sighej_encounters_get_quota_full (fixture->encounters));
  take (fixture, "c");
  g_assert_true (sighej_encounters_get_quota_full (fixture->encounters));
  g_assert_cmpuint (fixture->n_quota_changed, ==, 1);

  /* One that was on its way is not lost. */
  g_assert_true (take (fixture, "d"));
  sighej_test_clock_advance (fixture->clock, S (3000));
  g_assert_true (sighej_encounters_get_quota_full (fixture->encounters));
  sighej_test_clock_advance (fixture->clock, S (600));
  g_assert_false (sighej_encounters_get_quota_full (fixture->encounters));
  g_assert_cmpuint (fixture->n_quota_changed, ==, 2);
}

static void
test_quota_outlives_the_opening (Fixture *fixture, gconstpointer data)
{
  take (fixture, "a");
  take (fixture, "b");
  take (fixture, "c");
  sighej_encounters_close (fixture->encounters);
  g_assert_true (sighej_encounters_get_quota_full (fixture->encounters));
}

static void
test_the_hour_is_forgotten (Fixture *fixture, gconstpointer data)
{
  take (fixture, "a");
  take (fixture, "b");
  take (fixture, "c");
  g_assert_true (sighej_encounters_get_quota_full (fixture->encounters));
  sighej_encounters_forget_hour (fixture->encounters);
  g_assert_false (sighej_encounters_get_quota_full (fixture->encounters));
  g_assert_cmpuint (fixture->n_quota_changed, ==, 2);
}

static void
test_another_quota_counts_what_came (Fixture *fixture, gconstpointer data)
{
  take (fixture, "a");
  sighej_test_clock_advance (fixture->clock, S (600));
  take (fixture, "b");
  sighej_encounters_set_per_hour_max (fixture->encounters, 1);
  g_assert_true (sighej_encounters_get_quota_full (fixture->encounters));
  g_assert_cmpuint (fixture->n_quota_changed, ==, 1);

  sighej_test_clock_advance (fixture->clock, S (3000));
  g_assert_true (sighej_encounters_get_quota_full (fixture->encounters));
  sighej_test_clock_advance (fixture->clock, S (600));
  g_assert_false (sighej_encounters_get_quota_full (fixture->encounters));

  sighej_encounters_set_per_hour_max (fixture->encounters, 0);
  g_assert_true (sighej_encounters_get_quota_full (fixture->encounters));
  sighej_encounters_set_per_hour_max (fixture->encounters, 3);
  g_assert_false (sighej_encounters_get_quota_full (fixture->encounters));
  g_assert_cmpuint (fixture->n_quota_changed, ==, 4);
}

static void
test_quota_of_none (Fixture *fixture, gconstpointer data)
{
  g_assert_true (sighej_encounters_get_quota_full (fixture->encounters));
  g_assert_true (take (fixture, "a"));
  sighej_test_clock_advance (fixture->clock, S (7200));
  g_assert_true (sighej_encounters_get_quota_full (fixture->encounters));
  g_assert_cmpuint (fixture->n_quota_changed, ==, 0);
}

static void
test_flood_keeps_the_newest (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < SIGHEJ_NUDGES_PER_OPENING_MAX + 10; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);

      g_assert_cmpint (take (fixture, id), ==, i < SIGHEJ_NUDGES_PER_OPENING_MAX);
    }
  g_assert_cmpuint (sighej_encounters_get_n_live (fixture->encounters), ==, SIGHEJ_NUDGES_LIVE_MAX);
  g_assert_cmpuint (
      sighej_encounters_get_nth (fixture->encounters, SIGHEJ_NUDGES_LIVE_MAX - 1)->number,
      ==,
      SIGHEJ_NUDGES_PER_OPENING_MAX);
}

static void
test_close_sends_all_away (Fixture *fixture, gconstpointer data)
{
  take (fixture, "a");
  take (fixture, "b");
  sighej_encounters_close (fixture->encounters);
  g_assert_cmpuint (fixture->n_removed, ==, 2);
  g_assert_cmpint (fixture->last_state, ==, SIGHEJ_NUDGE_STATE_GONE);
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
}

#define ADD_WITH(path, quota, function)                                                            \
  g_test_add ("/encounters/" path, Fixture, GUINT_TO_POINTER (quota), set_up, function, tear_down)
#define ADD(path, function) ADD_WITH (path, PER_HOUR_MAX, function)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("takes-a-nudge", test_takes_a_nudge);
  ADD ("same-id-is-taken-once-until-close", test_same_id_is_taken_once_until_close);
  ADD ("expires-after-ten-minutes", test_expires_after_ten_minutes);
  ADD ("not-now-puts-it-away", test_not_now_puts_it_away);
  ADD ("band-reaches-live-nudges", test_band_reaches_live_nudges);
  ADD ("announced-is-kept", test_announced_is_kept);
  ADD ("quota-fills-and-frees-with-the-hour", test_quota_fills_and_frees_with_the_hour);
  ADD ("quota-outlives-the-opening", test_quota_outlives_the_opening);
  ADD ("the-hour-is-forgotten", test_the_hour_is_forgotten);
  ADD ("another-quota-counts-what-came", test_another_quota_counts_what_came);
  ADD_WITH ("quota-of-none", 0, test_quota_of_none);
  ADD_WITH ("flood-keeps-the-newest", SIGHEJ_NUDGES_PER_HOUR_MAX, test_flood_keeps_the_newest);
  ADD ("close-sends-all-away", test_close_sends_all_away);

  return g_test_run ();
}
