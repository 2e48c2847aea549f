/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each side is shown of the facts; how they come about is in test-meeting.c. */
#include "config.h"

#include "sighej-meeting-view.h"

#define NOW_MS 200000u

/* Two who agreed at once, and are both there. */
static SighejMeeting *
new_agreed (void)
{
  const guint8 a[SIGHEJ_MEETING_OPENING_BYTES] = { 1 }, b[SIGHEJ_MEETING_OPENING_BYTES] = { 2 };
  SighejMeeting *meeting = sighej_meeting_new (a, b);

  meeting->phase = SIGHEJ_MEETING_AGREED;
  for (guint i = 0; i < SIGHEJ_MEETING_SIDES; i++)
    meeting->sides[i].waved = TRUE;
  return meeting;
}

static void
share (SighejMeeting *meeting)
{
  meeting->sides[0].shares = meeting->sides[1].shares = TRUE;
}

static SighejMeetState
state_of (const SighejMeeting *meeting)
{
  SighejWireMeetState view;

  sighej_meeting_view (meeting, 0, NOW_MS, &view);
  return view.state;
}

static void
test_the_state_is_made_of_facts (void)
{
  g_autoptr (SighejMeeting) meeting = new_agreed ();

  g_assert_cmpint (state_of (meeting), ==, SIGHEJ_MEET_STATE_AGREED);
  meeting->spot = 0;
  g_assert_cmpint (state_of (meeting), ==, SIGHEJ_MEET_STATE_FINDING);
  meeting->spot = -1;
  meeting->sides[1].here_ms = 0;
  g_assert_cmpint (state_of (meeting), ==, SIGHEJ_MEET_STATE_FINDING);
  meeting->here = TRUE;
  g_assert_cmpint (state_of (meeting), ==, SIGHEJ_MEET_STATE_HERE);
  meeting->phase = SIGHEJ_MEETING_MET;
  g_assert_cmpint (state_of (meeting), ==, SIGHEJ_MEET_STATE_MET);
}

/* What one side alone did is in no view of the other. */
static void
test_one_side_alone_shows_nothing (void)
{
  g_autoptr (SighejMeeting) meeting = new_agreed ();
  SighejWireMeetState before, after;

  sighej_meeting_view (meeting, 1, NOW_MS, &before);
  meeting->sides[0].confirmed = TRUE;
  meeting->sides[0].shares = TRUE;
  meeting->sides[0].closest_ms = NOW_MS;
  sighej_meeting_view (meeting, 1, NOW_MS, &after);
  g_assert_true (sighej_meeting_looks_same (&before, &after));

  sighej_meeting_view (meeting, 0, NOW_MS, &after);
  g_assert_true (after.confirmed);
  g_assert_true (after.own_share);
  g_assert_false (after.sharing);
}

static void
test_a_position_grows_old (void)
{
  g_autoptr (SighejMeeting) meeting = new_agreed ();
  SighejMeetingSide *peer = &meeting->sides[1];
  SighejWireMeetState view;

  share (meeting);
  peer->has_fix = TRUE;
  peer->fix.latitude = 55.7;
  peer->fix_ms = NOW_MS - SIGHEJ_MEETING_FIX_MS;
  sighej_meeting_view (meeting, 0, NOW_MS, &view);
  g_assert_true (view.has_position);
  g_assert_cmpfloat (view.position.latitude, ==, 55.7);
  g_assert_cmpuint (view.position_age_ms, ==, SIGHEJ_MEETING_FIX_MS);

  peer->fix_ms--;
  sighej_meeting_view (meeting, 0, NOW_MS, &view);
  g_assert_false (view.has_position);
  g_assert_cmpfloat (view.position.latitude, ==, 0);
}

static void
test_who_is_away_long_has_to_say_yes_again (void)
{
  g_autoptr (SighejMeeting) meeting = new_agreed ();
  SighejWireMeetState view;

  share (meeting);
  meeting->sides[1].away_ms = NOW_MS - SIGHEJ_MEETING_AWAY_MS + 1;
  g_assert_true (sighej_meeting_are_sharing (meeting, NOW_MS));
  g_assert_false (sighej_meeting_are_sharing (meeting, NOW_MS + 1));
  g_assert_true (sighej_meeting_still_shares (&meeting->sides[0], NOW_MS + 1));

  /* What both had said yes to is over for both. */
  sighej_meeting_view (meeting, 0, NOW_MS + 1, &view);
  g_assert_false (view.own_share);
  g_assert_false (view.peer_there);
}

static void
test_time_alone_looks_the_same (void)
{
  g_autoptr (SighejMeeting) meeting = new_agreed ();
  SighejWireMeetState before, after;

  sighej_meeting_view (meeting, 0, NOW_MS, &before);
  meeting->sides[0].from_here.said = 7;
  sighej_meeting_view (meeting, 0, NOW_MS + 1000, &after);
  g_assert_true (sighej_meeting_looks_same (&before, &after));
  g_assert_cmpuint (after.said, ==, 7);
  g_assert_cmpuint (after.expires_in_ms, ==, before.expires_in_ms - 1000);

  meeting->sides[1].away_ms = NOW_MS;
  sighej_meeting_view (meeting, 0, NOW_MS + 1000, &after);
  g_assert_false (sighej_meeting_looks_same (&before, &after));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/meeting-view/state", test_the_state_is_made_of_facts);
  g_test_add_func ("/meeting-view/one-side", test_one_side_alone_shows_nothing);
  g_test_add_func ("/meeting-view/position", test_a_position_grows_old);
  g_test_add_func ("/meeting-view/away", test_who_is_away_long_has_to_say_yes_again);
  g_test_add_func ("/meeting-view/time", test_time_alone_looks_the_same);
  return g_test_run ();
}
