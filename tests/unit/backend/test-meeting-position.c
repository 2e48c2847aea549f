/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

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

/* 12.625 is 4029400000000000: found beside the record, never in it, and then nowhere. */
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
      g_assert_false (encounter_holds_in_record (&it, coordinate, sizeof coordinate));
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

  encounter_agree (&it);
  encounter_share (&it);
  assert_done (ACT (&it, 0, SIGHEJ_MEET_AWAY));
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

/* Nothing looked for two minutes: what is beside the record is gone, and both are told the same as
 * if somebody had. */
static void
test_a_position_that_went_by_itself (void)
{
  ENCOUNTER (it);
  g_autoptr (SighejMeeting) meeting = NULL;
  SighejWireMeetState state;
  guint64 version;

  encounter_agree (&it);
  encounter_share (&it);
  assert_done (encounter_show (&it, 0, 55, 12));
  version = encounter_look (&it, 1).version;
  g_assert_cmpint (it.fixes_gone_ms[0], ==, it.now_ms + 120001);
  g_assert_null (it.fixes[1]);
  g_clear_pointer (&it.fixes[0], g_bytes_unref); /* a store may forget it sooner */
  meeting = encounter_read (&it);
  g_assert_true (sighej_meeting_describe (meeting, 1, it.now_ms, &state));
  g_assert_false (state.has_position);
  g_assert_true (encounter_sweep (&it));
  assert_wakes (&it, FALSE, TRUE);
  g_assert_cmpuint (encounter_look (&it, 1).version, ==, version + 1);
  g_assert_true (encounter_look (&it, 1).sharing);
  g_assert_false (encounter_sweep (&it));
  it.now_ms += 3000;
  assert_done (encounter_show (&it, 0, 56, 12)); /* nobody knows where that was */
}

static void
test_a_position_is_not_kept_longer_by_what_follows (void)
{
  ENCOUNTER (it);
  gint64 gone_ms;

  encounter_agree (&it);
  encounter_share (&it);
  assert_done (encounter_show (&it, 0, 55, 12));
  gone_ms = it.fixes_gone_ms[0];
  it.now_ms += 50000;
  assert_done (encounter_show (&it, 1, 55, 12));
  assert_done (ACT (&it, 1, SIGHEJ_MEET_SPOT, .spot = 2));
  g_assert_cmpint (it.fixes_gone_ms[0], ==, gone_ms);
  g_assert_cmpint (it.fixes_gone_ms[1], ==, gone_ms + 50000);
  it.now_ms += 70001;
  g_assert_false (encounter_look (&it, 1).has_position);
  g_assert_true (encounter_look (&it, 0).has_position);
  assert_done (ACT (&it, 1, SIGHEJ_MEET_SPOT, .spot = 3));
  g_assert_null (it.fixes[0]);
  g_assert_cmpint (it.fixes_gone_ms[1], ==, gone_ms + 50000);
  /* Nor by a clock that stands still here, having been set back before it came. */
  it.now_ms -= 1000000;
  assert_done (encounter_show (&it, 0, 55, 12));
  gone_ms = it.fixes_gone_ms[0];
  g_assert_cmpint (gone_ms, ==, it.now_ms + 120001);
  it.now_ms += 60000;
  assert_done (ACT (&it, 1, SIGHEJ_MEET_SPOT, .spot = 4));
  g_assert_cmpint (it.fixes_gone_ms[0], ==, gone_ms);
}

/* Cut, longer, of another version or moment, on the other side, or any bit turned. */
static void
test_what_is_beside_a_record_is_read_strictly (void)
{
  ENCOUNTER (it);
  g_autoptr (SighejMeeting) meeting = NULL;
  gsize n_bytes;
  const guint8 *bytes;

  encounter_agree (&it);
  encounter_share (&it);
  assert_done (encounter_show (&it, 0, 55, 12));
  meeting = encounter_read (&it);
  bytes = g_bytes_get_data (it.fixes[0], &n_bytes);
  g_assert_false (sighej_meeting_read_fix (meeting, 1, it.fixes[0]));
  for (gsize n = 0; n <= n_bytes + 1; n++)
    {
      g_autofree guint8 *copy = g_malloc0 (n_bytes + 1);
      g_autoptr (GBytes) other = NULL;

      memcpy (copy, bytes, n_bytes);
      other = g_bytes_new (copy, n);
      g_assert_cmpint (sighej_meeting_read_fix (meeting, 0, other), ==, n == n_bytes);
    }
  for (gsize bit = 0; bit < n_bytes * 8; bit++)
    {
      g_autofree guint8 *copy = g_memdup2 (bytes, n_bytes);
      g_autoptr (GBytes) other = NULL;
      g_autoptr (GBytes) again = NULL;
      gint64 until_ms;

      copy[bit / 8] ^= (guint8) (1 << bit % 8);
      other = g_bytes_new (copy, n_bytes);
      if (!sighej_meeting_read_fix (meeting, 0, other))
        continue;
      g_assert_cmpuint (bit / 8, >=, 5);
      again = sighej_meeting_write_fix (meeting, 0, &until_ms);
      g_assert_true (g_bytes_equal (again, other));
    }
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
  ADD ("a-position-that-went-by-itself", test_a_position_that_went_by_itself);
  ADD ("a-position-is-not-kept-longer-by-what-follows",
       test_a_position_is_not_kept_longer_by_what_follows);
  ADD ("what-is-beside-a-record-is-read-strictly", test_what_is_beside_a_record_is_read_strictly);
  return g_test_run ();
}
