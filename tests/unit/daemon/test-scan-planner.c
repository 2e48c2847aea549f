/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-scan-planner.h"

#include <string.h>

#include "sighej-test.h"

#define S(seconds) ((gint64) (seconds) *G_USEC_PER_SEC)
#define FIRST S (SIGHEJ_SCAN_FIRST_SECONDS)
#define TURN S (SIGHEJ_SCAN_TURN_SECONDS)
#define PAUSE S (SIGHEJ_SCAN_PAUSE_SECONDS)
#define QUIET_PAUSE S (SIGHEJ_SCAN_QUIET_PAUSE_SECONDS)
#define WALK_STEPS 20000

typedef struct
{
  SighejTestClock *clock;
  SighejScanPlanner *planner;
  guint n_changed;
} Fixture;

static void
on_changed (Fixture *fixture)
{
  fixture->n_changed++;
}

static void
set_up (Fixture *fixture, gconstpointer kiosk)
{
  fixture->clock = sighej_test_clock_new ();
  fixture->planner
      = sighej_scan_planner_new (SIGHEJ_CLOCK (fixture->clock), GPOINTER_TO_INT (kiosk));
  g_signal_connect_swapped (fixture->planner, "changed", G_CALLBACK (on_changed), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  sighej_test_assert_finalized (fixture->planner);
  sighej_test_assert_finalized (fixture->clock);
}

static void
turn (Fixture *fixture, gint64 us)
{
  sighej_test_clock_advance (fixture->clock, us);
}

static gboolean
listens (Fixture *fixture)
{
  return sighej_scan_planner_get_listen (fixture->planner);
}

static guint64
count (Fixture *fixture, const char *name)
{
  g_autoptr (GVariant) counters = NULL;
  GVariantBuilder builder;
  guint64 n = 0;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{st}"));
  sighej_scan_planner_count (fixture->planner, &builder);
  counters = g_variant_ref_sink (g_variant_builder_end (&builder));
  g_assert_true (g_variant_lookup (counters, name, "t", &n));
  return n;
}

static void
assert_says (Fixture *fixture, const char *words)
{
  g_autoptr (GPtrArray) results
      = g_ptr_array_new_with_free_func ((GDestroyNotify) sighej_check_result_free);
  const SighejCheckResult *result;

  sighej_scan_planner_check (fixture->planner, results);
  g_assert_cmpuint (results->len, ==, 1);
  result = g_ptr_array_index (results, 0);
  g_assert_cmpstr (result->id, ==, "bluetooth.plan");
  g_assert_nonnull (strstr (result->text, words));
}

static void
open_on_battery (Fixture *fixture)
{
  sighej_scan_planner_set_on_battery (fixture->planner, TRUE);
  sighej_scan_planner_set_wanted (fixture->planner, TRUE);
  g_assert_true (listens (fixture));
  turn (fixture, FIRST);
  g_assert_cmpint (sighej_scan_planner_get_state (fixture->planner), ==, SIGHEJ_SCAN_PLANNER_TURN);
}

static void
test_off_waits_for_nothing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) results
      = g_ptr_array_new_with_free_func ((GDestroyNotify) sighej_check_result_free);

  g_assert_false (listens (fixture));
  sighej_scan_planner_set_on_battery (fixture->planner, TRUE);
  sighej_scan_planner_set_live (fixture->planner, TRUE);
  sighej_scan_planner_set_live (fixture->planner, FALSE);
  g_assert_false (listens (fixture));
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
  sighej_scan_planner_check (fixture->planner, results);
  g_assert_cmpuint (results->len, ==, 0);

  open_on_battery (fixture);
  sighej_scan_planner_set_wanted (fixture->planner, FALSE);
  g_assert_false (listens (fixture));
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
}

static void
test_mains_has_no_pauses_and_no_timer (Fixture *fixture, gconstpointer data)
{
  sighej_scan_planner_set_wanted (fixture->planner, TRUE);
  g_assert_true (listens (fixture));
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
  turn (fixture, S (3600));
  g_assert_true (listens (fixture));
  g_assert_cmpuint (fixture->n_changed, ==, 1);
  g_assert_cmpuint (count (fixture, "scan.pauses"), ==, 0);
  g_assert_cmpuint (count (fixture, "scan.listened-seconds"), ==, 3600);
  assert_says (fixture, "on mains");
}

static void
test_battery_has_turns_after_the_first_minute (Fixture *fixture, gconstpointer data)
{
  sighej_scan_planner_set_on_battery (fixture->planner, TRUE);
  sighej_scan_planner_set_wanted (fixture->planner, TRUE);
  turn (fixture, FIRST - 1);
  g_assert_cmpint (
      sighej_scan_planner_get_state (fixture->planner), ==, SIGHEJ_SCAN_PLANNER_STEADY);
  assert_says (fixture, "first minute");

  turn (fixture, 1);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_true (listens (fixture));
      turn (fixture, TURN - 1);
      g_assert_true (listens (fixture));
      turn (fixture, 1);
      g_assert_false (listens (fixture));
      turn (fixture, PAUSE - 1);
      g_assert_false (listens (fixture));
      turn (fixture, 1);
    }
  g_assert_cmpuint (count (fixture, "scan.pauses"), ==, 3);
  g_assert_cmpuint (
      count (fixture, "scan.listened-seconds"), ==, (guint64) ((FIRST + 3 * TURN) / S (1)));
  g_assert_cmpuint (count (fixture, "scan.paused-seconds"), ==, (guint64) (3 * PAUSE / S (1)));
  assert_says (fixture, "10 s in every 30 s");
}

/* The 5 minutes count from Open, or from the last token. */
static void
test_pauses_are_longer_where_it_is_quiet (Fixture *fixture, gconstpointer data)
{
  gint64 quiet_in = S (SIGHEJ_SCAN_QUIET_AFTER_SECONDS) - FIRST;

  open_on_battery (fixture);
  turn (fixture, quiet_in);
  g_assert_cmpint (quiet_in % (TURN + PAUSE), ==, 0);
  turn (fixture, TURN);
  g_assert_false (listens (fixture));
  turn (fixture, QUIET_PAUSE - 1);
  g_assert_false (listens (fixture));
  assert_says (fixture, "10 s in every 60 s");
  turn (fixture, 1);
  g_assert_true (listens (fixture));

  sighej_scan_planner_set_live (fixture->planner, TRUE);
  sighej_scan_planner_set_live (fixture->planner, FALSE);
  turn (fixture, TURN);
  g_assert_false (listens (fixture));
  turn (fixture, PAUSE);
  g_assert_true (listens (fixture));
}

static void
test_a_live_token_ends_the_pauses (Fixture *fixture, gconstpointer data)
{
  open_on_battery (fixture);
  turn (fixture, TURN + 1);
  g_assert_false (listens (fixture));
  sighej_scan_planner_set_live (fixture->planner, TRUE);
  g_assert_true (listens (fixture));
  assert_says (fixture, "somebody is there");
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
  turn (fixture, S (3600));
  g_assert_true (listens (fixture));

  /* The first pause after somebody has gone comes after a turn, and is a short one. */
  sighej_scan_planner_set_live (fixture->planner, FALSE);
  g_assert_true (listens (fixture));
  turn (fixture, TURN);
  g_assert_false (listens (fixture));
  turn (fixture, PAUSE);
  g_assert_true (listens (fixture));
}

/* Else it would seem well in each pause. */
static void
test_trouble_ends_the_pauses (Fixture *fixture, gconstpointer data)
{
  open_on_battery (fixture);
  sighej_scan_planner_set_trouble (fixture->planner, TRUE);
  assert_says (fixture, "until the radio is well");
  turn (fixture, S (3600));
  g_assert_true (listens (fixture));
  sighej_scan_planner_set_trouble (fixture->planner, FALSE);
  turn (fixture, TURN);
  g_assert_false (listens (fixture));
}

static void
test_plugging_in_ends_the_pauses (Fixture *fixture, gconstpointer data)
{
  open_on_battery (fixture);
  turn (fixture, TURN);
  g_assert_false (listens (fixture));
  sighej_scan_planner_set_on_battery (fixture->planner, FALSE);
  g_assert_true (listens (fixture));
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
  sighej_scan_planner_set_on_battery (fixture->planner, TRUE);
  turn (fixture, TURN);
  g_assert_false (listens (fixture));
}

static void
test_back_on_the_air_it_begins_with_a_minute (Fixture *fixture, gconstpointer data)
{
  open_on_battery (fixture);
  turn (fixture, TURN);
  sighej_scan_planner_set_wanted (fixture->planner, FALSE);
  turn (fixture, S (1));
  sighej_scan_planner_set_wanted (fixture->planner, TRUE);
  g_assert_true (listens (fixture));
  turn (fixture, FIRST - 1);
  g_assert_cmpint (
      sighej_scan_planner_get_state (fixture->planner), ==, SIGHEJ_SCAN_PLANNER_STEADY);
}

static void
test_a_kiosk_never_pauses (Fixture *fixture, gconstpointer data)
{
  sighej_scan_planner_set_on_battery (fixture->planner, TRUE);
  sighej_scan_planner_set_wanted (fixture->planner, TRUE);
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
  turn (fixture, S (3600));
  g_assert_true (listens (fixture));
  assert_says (fixture, "kiosk");
}

/* ---- the walk ---- */

typedef struct
{
  gboolean wanted;
  gboolean on_battery;
  gboolean live;
  gint64 wanted_us;
} Facts;

static void
change_a_fact (Fixture *fixture, Facts *facts)
{
  switch (g_test_rand_int_range (0, 8))
    {
    case 0:
      facts->wanted = !facts->wanted;
      facts->wanted_us = sighej_clock_now_us (SIGHEJ_CLOCK (fixture->clock));
      sighej_scan_planner_set_wanted (fixture->planner, facts->wanted);
      break;
    case 1:
      facts->on_battery = !facts->on_battery;
      sighej_scan_planner_set_on_battery (fixture->planner, facts->on_battery);
      break;
    case 2:
      facts->live = !facts->live;
      sighej_scan_planner_set_live (fixture->planner, facts->live);
      break;
    default:
      turn (fixture, S (g_test_rand_int_range (1, 60)));
      break;
    }
}

static void
assert_plan (Fixture *fixture, Facts *facts)
{
  gint64 now_us = sighej_clock_now_us (SIGHEJ_CLOCK (fixture->clock));
  gboolean steady = !facts->on_battery || facts->live || now_us - facts->wanted_us < FIRST;

  if (!facts->wanted)
    {
      g_assert_false (listens (fixture));
      g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
    }
  else if (steady)
    g_assert_cmpint (
        sighej_scan_planner_get_state (fixture->planner), ==, SIGHEJ_SCAN_PLANNER_STEADY);
  else
    g_assert_cmpint (
        sighej_test_clock_next_us (fixture->clock), <=, listens (fixture) ? TURN : QUIET_PAUSE);
}

static void
test_walk (Fixture *fixture, gconstpointer data)
{
  gboolean seen[SIGHEJ_SCAN_PLANNER_N_STATES][SIGHEJ_SCAN_PLANNER_N_STATES] = { 0 };
  Facts facts = { 0 };

  for (guint i = 0; i < WALK_STEPS; i++)
    {
      SighejScanPlannerState before = sighej_scan_planner_get_state (fixture->planner);
      guint n_changed = fixture->n_changed;
      gboolean listened = listens (fixture);
      gboolean one_move;

      change_a_fact (fixture, &facts);
      assert_plan (fixture, &facts);
      one_move = fixture->n_changed - n_changed <= 1;
      g_assert_true (listened == listens (fixture) || fixture->n_changed > n_changed);
      if (one_move)
        seen[before][sighej_scan_planner_get_state (fixture->planner)] = TRUE;
    }

  for (guint from = 0; from < SIGHEJ_SCAN_PLANNER_N_STATES; from++)
    for (guint to = 0; to < SIGHEJ_SCAN_PLANNER_N_STATES; to++)
      if (sighej_scan_planner_may_move ((SighejScanPlannerState) from, (SighejScanPlannerState) to))
        g_assert_true (seen[from][to]);
}

int
main (int argc, char **argv)
{
#define ADD(path, function, kiosk)                                                                 \
  g_test_add ("/scan-planner/" path, Fixture, GINT_TO_POINTER (kiosk), set_up, function, tear_down)

  g_test_init (&argc, &argv, NULL);
  ADD ("off-waits-for-nothing", test_off_waits_for_nothing, FALSE);
  ADD ("mains-has-no-pauses-and-no-timer", test_mains_has_no_pauses_and_no_timer, FALSE);
  ADD ("battery-has-turns", test_battery_has_turns_after_the_first_minute, FALSE);
  ADD ("pauses-are-longer-where-it-is-quiet", test_pauses_are_longer_where_it_is_quiet, FALSE);
  ADD ("a-live-token-ends-the-pauses", test_a_live_token_ends_the_pauses, FALSE);
  ADD ("trouble-ends-the-pauses", test_trouble_ends_the_pauses, FALSE);
  ADD ("plugging-in-ends-the-pauses", test_plugging_in_ends_the_pauses, FALSE);
  ADD ("back-on-the-air", test_back_on_the_air_it_begins_with_a_minute, FALSE);
  ADD ("a-kiosk-never-pauses", test_a_kiosk_never_pauses, TRUE);
  ADD ("walk", test_walk, FALSE);

  return g_test_run ();
}
