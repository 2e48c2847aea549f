/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "meeting-fixture.h"
#include "sighej-error.h"

/* What T-18 asks of the positions shown inside a meet. */

static void
test_one_yes_is_shown_to_nobody_else (void)
{
  ENCOUNTER (it);

  encounter_agree (&it);
  assert_done (ACT (&it, 0, SIGHEJ_MEET_SHARE, .on = TRUE));
  assert_wakes (&it, TRUE, FALSE);
  g_assert_true (encounter_look (&it, 0).own_share);
  g_assert_cmpuint (encounter_look (&it, 1).version, ==, 1);
  assert_refused (encounter_show (&it, 0, 55.6, 12.5), NOT_PERMITTED);
  assert_refused (encounter_show (&it, 1, 55.6, 12.5), NOT_PERMITTED);
  assert_done (ACT (&it, 1, SIGHEJ_MEET_SHARE, .on = TRUE));
  assert_wakes (&it, TRUE, TRUE);
  for (guint side = 0; side < 2; side++)
    g_assert_true (encounter_look (&it, side).sharing && encounter_look (&it, side).peer_share);
}

static void
test_a_position_is_shown_to_the_other (void)
{
  ENCOUNTER (it);
  SighejWireMeetState state;

  encounter_agree (&it);
  encounter_share (&it);
  assert_done (encounter_show (&it, 0, 55.6761, 12.5683));
  assert_wakes (&it, FALSE, TRUE);
  it.now_ms += 4000;
  state = encounter_look (&it, 1);
  g_assert_true (state.has_position);
  g_assert_cmpfloat (state.position.latitude, ==, 55.6761);
  g_assert_cmpfloat (state.position.longitude, ==, 12.5683);
  g_assert_cmpfloat (state.position.accuracy_m, ==, 10);
  g_assert_cmpint (state.position.taken_us, ==, 0);
  g_assert_cmpuint (state.position_age_ms, ==, 4000);
  g_assert_false (encounter_look (&it, 0).has_position);
  /* The same place again is news too. */
  assert_done (encounter_show (&it, 0, 55.6761, 12.5683));
  assert_wakes (&it, FALSE, TRUE);
  g_assert_cmpuint (encounter_look (&it, 1).position_age_ms, ==, 0);
}

static void
test_one_position_in_three_seconds (void)
{
  ENCOUNTER (it);

  encounter_agree (&it);
  encounter_share (&it);
  assert_done (encounter_show (&it, 0, 55.6, 12.5));
  assert_refused (encounter_show (&it, 0, 55.6, 12.5), RATE_LIMITED);
  g_assert_cmpuint (it.retry_s, ==, 3);
  assert_done (encounter_show (&it, 1, 55.6, 12.5));
  it.now_ms += 2999;
  assert_refused (encounter_show (&it, 0, 55.6, 12.5), RATE_LIMITED);
  g_assert_cmpuint (it.retry_s, ==, 1);
  /* Nor by saying no and yes again. */
  assert_done (ACT (&it, 0, SIGHEJ_MEET_SHARE));
  encounter_share (&it);
  assert_refused (encounter_show (&it, 0, 55.6, 12.5), RATE_LIMITED);
  it.now_ms++;
  assert_done (encounter_show (&it, 0, 55.6, 12.5));
}

/* As fast as it goes for a whole meet: T-18's other limits are far. */
static void
test_positions_of_a_whole_meet (void)
{
  ENCOUNTER (it);
  guint n_taken = 0;

  encounter_agree (&it);
  encounter_share (&it);
  for (guint second = 0; second < 20 * 60; second++, it.now_ms += 1000)
    n_taken += encounter_show (&it, 0, 55.6, 12.5) == MEETING_DONE;
  g_assert_cmpuint (n_taken, ==, 400);
}

static void
test_impossible_positions_are_refused (void)
{
  static const struct
  {
    double latitude, longitude, accuracy_m;
    gint64 taken_s; /* from now */
    int expected;
  } rows[] = {
    { 90, 180, 0.1, 300, MEETING_DONE },
    { -90, -180, 100, -300, MEETING_DONE },
    { 90.0001, 0, 10, 0, SIGHEJ_ERROR_INVALID_REQUEST },
    { -90.0001, 0, 10, 0, SIGHEJ_ERROR_INVALID_REQUEST },
    { 0, 180.0001, 10, 0, SIGHEJ_ERROR_INVALID_REQUEST },
    { 0, -180.0001, 10, 0, SIGHEJ_ERROR_INVALID_REQUEST },
    { 0, 0, 0.09, 0, SIGHEJ_ERROR_INVALID_REQUEST },
    { 0, 0, 100.1, 0, SIGHEJ_ERROR_INVALID_REQUEST },
    { 0, 0, 10, 301, SIGHEJ_ERROR_INVALID_REQUEST },
    { 0, 0, 10, -301, SIGHEJ_ERROR_INVALID_REQUEST },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      ENCOUNTER (it);
      SighejPosition position = { rows[i].latitude,
                                  rows[i].longitude,
                                  rows[i].accuracy_m,
                                  (it.now_ms + rows[i].taken_s * 1000) * 1000 };

      encounter_agree (&it);
      encounter_share (&it);
      g_assert_cmpint (
          ACT (&it, 0, SIGHEJ_MEET_POSITION, .position = position), ==, rows[i].expected);
      g_assert_cmpint (encounter_look (&it, 1).has_position, ==, rows[i].expected == MEETING_DONE);
      if (rows[i].expected != MEETING_DONE)
        assert_done (encounter_show (&it, 0, 0, 0)); /* the next one is not held back by it */
    }
}

static void
test_a_jump_is_remembered_across_a_reconnect (void)
{
  ENCOUNTER (it);

  encounter_agree (&it);
  encounter_share (&it);
  assert_done (encounter_show (&it, 0, 55, 12));
  assert_done (ACT (&it, 0, SIGHEJ_MEET_AWAY));
  it.now_ms += 60000;
  it.sessions[0] = "session-a2";
  assert_done (ACT (&it, 0, SIGHEJ_MEET_RESUME));
  assert_refused (encounter_show (&it, 0, 55.1, 12), INVALID_REQUEST); /* 11 km in a minute */
  assert_done (encounter_show (&it, 0, 55.04, 12));                    /* 4.4 km */
}

static void
test_a_position_is_kept_for_two_minutes (void)
{
  ENCOUNTER (it);
  guint64 version;

  encounter_agree (&it);
  encounter_share (&it);
  assert_done (encounter_show (&it, 0, 55, 12));
  version = encounter_look (&it, 1).version;
  it.now_ms += 120000;
  g_assert_true (encounter_look (&it, 1).has_position);
  g_assert_false (encounter_sweep (&it));
  it.now_ms++;
  g_assert_false (encounter_look (&it, 1).has_position);
  g_assert_true (encounter_sweep (&it));
  assert_wakes (&it, FALSE, TRUE);
  g_assert_cmpuint (encounter_look (&it, 1).version, ==, version + 1);
  g_assert_true (encounter_look (&it, 1).sharing);
}

/* 12.625 is 4029400000000000: found in the record, then not. */
static void
test_a_position_is_wiped (void)
{
  static const guint8 coordinate[] = { 0x40, 0x29, 0x40, 0, 0, 0, 0, 0 };
  static const struct
  {
    guint side;
    SighejMeetAct act;
    gint64 wait_ms;
  } ways[] = {
    { 0, SIGHEJ_MEET_SHARE, 0 },
    { 1, SIGHEJ_MEET_SHARE, 0 },
    { 1, SIGHEJ_MEET_SPOT, 120001 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      ENCOUNTER (it);

      encounter_agree (&it);
      encounter_share (&it);
      assert_done (encounter_show (&it, 0, 55, 12.625));
      g_assert_true (encounter_holds (&it, coordinate, sizeof coordinate));
      it.now_ms += ways[i].wait_ms;
      assert_done (ACT (&it, ways[i].side, ways[i].act, .on = FALSE));
      g_assert_true (it.outcome.wake_peer);
      g_assert_false (encounter_holds (&it, coordinate, sizeof coordinate));
      g_assert_false (encounter_look (&it, 1).has_position);
    }
}

/* No by one is no for both: each says yes again. */
static void
test_no_is_for_both (void)
{
  ENCOUNTER (it);

  encounter_agree (&it);
  encounter_share (&it);
  assert_done (ACT (&it, 0, SIGHEJ_MEET_SHARE));
  for (guint side = 0; side < 2; side++)
    g_assert_false (encounter_look (&it, side).own_share || encounter_look (&it, side).sharing);
  assert_done (ACT (&it, 0, SIGHEJ_MEET_SHARE, .on = TRUE));
  g_assert_false (encounter_look (&it, 0).sharing);
  /* A no to nothing leaves the other's yes alone. */
  assert_done (ACT (&it, 1, SIGHEJ_MEET_SHARE));
  g_assert_false (it.outcome.changed);
  assert_done (ACT (&it, 1, SIGHEJ_MEET_SHARE, .on = TRUE));
  g_assert_true (encounter_look (&it, 0).sharing);
}

static void
test_two_minutes_away_end_the_sharing (void)
{
  ENCOUNTER (it);
  g_autoptr (SighejMeeting) meeting = NULL;

  encounter_agree (&it);
  encounter_share (&it);
  assert_done (ACT (&it, 0, SIGHEJ_MEET_AWAY));
  meeting = encounter_read (&it);
  g_assert_cmpint (sighej_meeting_get_sweep_ms (meeting, it.now_ms), ==, 120000);
  it.now_ms += 119999;
  assert_done (encounter_show (&it, 1, 55, 12));
  it.now_ms++;
  g_assert_false (encounter_look (&it, 1).sharing || encounter_look (&it, 1).own_share);
  g_assert_true (encounter_sweep (&it));
  assert_done (ACT (&it, 0, SIGHEJ_MEET_RESUME));
  for (guint side = 0; side < 2; side++)
    g_assert_false (encounter_look (&it, side).sharing || encounter_look (&it, side).own_share);
  assert_refused (encounter_show (&it, 1, 55, 12), NOT_PERMITTED);
}

static void
test_says_when_to_sweep (void)
{
  ENCOUNTER (it);
  g_autoptr (SighejMeeting) meeting = NULL;
  g_autoptr (SighejMeeting) with_fix = NULL;

  encounter_agree (&it);
  encounter_share (&it);
  meeting = encounter_read (&it);
  g_assert_cmpint (sighej_meeting_get_sweep_ms (meeting, it.now_ms), ==, -1);
  assert_done (encounter_show (&it, 1, 55, 12));
  with_fix = encounter_read (&it);
  g_assert_cmpint (sighej_meeting_get_sweep_ms (with_fix, it.now_ms + 1000), ==, 119001);
  g_assert_cmpint (sighej_meeting_get_sweep_ms (with_fix, it.now_ms + 500000), ==, 0);
}

#define ADD(name, test) g_test_add_func ("/meeting/" name, test)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("one-yes-is-shown-to-nobody-else", test_one_yes_is_shown_to_nobody_else);
  ADD ("a-position-is-shown-to-the-other", test_a_position_is_shown_to_the_other);
  ADD ("one-position-in-three-seconds", test_one_position_in_three_seconds);
  ADD ("positions-of-a-whole-meet", test_positions_of_a_whole_meet);
  ADD ("impossible-positions-are-refused", test_impossible_positions_are_refused);
  ADD ("a-jump-is-remembered-across-a-reconnect", test_a_jump_is_remembered_across_a_reconnect);
  ADD ("a-position-is-kept-for-two-minutes", test_a_position_is_kept_for_two_minutes);
  ADD ("a-position-is-wiped", test_a_position_is_wiped);
  ADD ("no-is-for-both", test_no_is_for_both);
  ADD ("two-minutes-away-end-the-sharing", test_two_minutes_away_end_the_sharing);
  ADD ("says-when-to-sweep", test_says_when_to_sweep);
  return g_test_run ();
}
