/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "meeting-fixture.h"
#include "sighej-error.h"

#define MINUTE_MS 60000

static void
assert_shown_nothing (Encounter *it)
{
  SighejWireMeetState state;

  for (guint side = 0; side < 2; side++)
    g_assert_false (encounter_describe (it, side, &state));
}

static void
assert_state (Encounter *it, SighejMeetState state)
{
  for (guint side = 0; side < 2; side++)
    g_assert_cmpint (encounter_look (it, side).state, ==, state);
}

/* ---- waves ---- */

static void
test_one_wave_is_shown_to_nobody (void)
{
  for (guint side = 0; side < 2; side++)
    {
      ENCOUNTER (it);

      assert_done (encounter_wave (&it, side));
      assert_wakes (&it, FALSE, FALSE);
      g_assert_false (it.outcome.needs_cue);
      g_assert_cmpuint (it.outcome.lifetime_ms, ==, 10 * MINUTE_MS);
      assert_shown_nothing (&it);
    }
}

static void
test_two_waves_make_one_meet (void)
{
  ENCOUNTER (it);
  SighejWireMeetState state;

  assert_done (encounter_wave (&it, 1));
  it.now_ms += 5000;
  assert_done (encounter_wave (&it, 0));
  assert_wakes (&it, TRUE, TRUE);
  g_assert_true (it.outcome.needs_cue);
  g_assert_cmpuint (it.outcome.lifetime_ms, ==, 20 * MINUTE_MS);
  for (guint side = 0; side < 2; side++)
    {
      state = encounter_look (&it, side);
      g_assert_cmpint (state.state, ==, SIGHEJ_MEET_STATE_AGREED);
      g_assert_cmpuint (state.version, ==, 1);
      g_assert_cmpuint (state.handle, ==, side == 0 ? 10 : 20);
      g_assert_cmpuint (state.peer_handle, ==, side == 0 ? 20 : 10);
      g_assert_cmpuint (state.cue, ==, 30);
      g_assert_cmpint (state.spot, ==, -1);
      g_assert_true (state.peer_there && state.has_peer_key && !state.has_peer_nonce);
      g_assert_cmpuint (state.peer_key[31], ==, side == 0 ? 2 : 1);
      g_assert_cmpuint (state.expires_in_ms, ==, 20 * MINUTE_MS);
      g_assert_cmpuint (state.said, ==, 0);
    }
}

/* Both instances read an empty place; one of them loses the swap and begins again. */
static void
test_crossing_waves_make_one_meet (void)
{
  ENCOUNTER (one);
  ENCOUNTER (other);

  assert_done (encounter_wave (&one, 0));
  assert_done (encounter_wave (&other, 1));
  encounter_clear (&other);
  other.record = g_bytes_ref (one.record);
  other.gone_ms = one.gone_ms;
  assert_done (encounter_wave (&other, 1));
  g_assert_true (other.outcome.needs_cue);
  assert_state (&other, SIGHEJ_MEET_STATE_AGREED);
}

static void
test_a_wave_can_be_answered_for_ten_minutes (void)
{
  ENCOUNTER (it);

  assert_done (encounter_wave (&it, 0));
  it.now_ms += 5 * MINUTE_MS;
  assert_done (encounter_wave (&it, 0)); /* again: no longer than from the first on */
  it.now_ms += 5 * MINUTE_MS - 1;
  assert_done (encounter_wave (&it, 1));
  assert_state (&it, SIGHEJ_MEET_STATE_AGREED);
}

static void
test_a_wave_is_over_after_ten_minutes (void)
{
  ENCOUNTER (it);

  assert_done (encounter_wave (&it, 0));
  it.now_ms += 10 * MINUTE_MS;
  it.gone_ms++; /* a store that is a little late changes nothing */
  assert_refused (ACT (&it, 0, SIGHEJ_MEET_RESUME), NOT_FOUND);
  assert_done (encounter_wave (&it, 1));
  assert_wakes (&it, FALSE, FALSE);
  g_assert_cmpuint (it.outcome.lifetime_ms, ==, 10 * MINUTE_MS);
  assert_shown_nothing (&it);
}

static void
test_a_withdrawn_wave_makes_no_meet (void)
{
  ENCOUNTER (it);

  assert_done (encounter_wave (&it, 0));
  assert_done (ACT (&it, 0, SIGHEJ_MEET_WITHDRAW));
  g_assert_true (it.outcome.over);
  assert_wakes (&it, FALSE, FALSE);
  g_assert_null (it.record);
  assert_done (encounter_wave (&it, 1));
  g_assert_false (it.outcome.needs_cue);
  assert_shown_nothing (&it);
}

static void
test_block_takes_a_wave_back (void)
{
  ENCOUNTER (it);

  assert_done (encounter_wave (&it, 0));
  assert_done (ACT (&it, 0, SIGHEJ_MEET_BLOCK));
  assert_wakes (&it, FALSE, FALSE);
  g_assert_null (it.record);
}

/* Whatever a side does that has not waved: with a wave of the other as without. */
static void
test_the_others_wave_makes_no_difference (void)
{
  for (guint kind = SIGHEJ_MEET_WITHDRAW; kind <= SIGHEJ_MEET_AWAY; kind++)
    {
      SighejWireMeet act = { .act = (SighejMeetAct) kind, .number = 1, .on = TRUE };
      ENCOUNTER (alone);
      ENCOUNTER (waved);

      assert_done (encounter_wave (&waved, 1));
      g_assert_cmpint (encounter_act (&alone, 0, &act), ==, encounter_act (&waved, 0, &act));
      g_assert_cmpmem (
          &alone.outcome.changed, sizeof (gboolean), &waved.outcome.changed, sizeof (gboolean));
      assert_wakes (&waved, FALSE, FALSE);
      assert_shown_nothing (&waved);
      assert_done (encounter_wave (&waved, 0));
      assert_state (&waved, SIGHEJ_MEET_STATE_AGREED);
    }
}

static void
test_a_key_is_given_once (void)
{
  ENCOUNTER (it);
  SighejWireMeet other = { .act = SIGHEJ_MEET_WAVE, .has_public_key = TRUE, .public_key = { 9 } };

  assert_refused (ACT (&it, 0, SIGHEJ_MEET_WAVE), INVALID_REQUEST);
  assert_done (encounter_wave (&it, 0));
  assert_refused (encounter_act (&it, 0, &other), CONFLICT);
  assert_done (encounter_wave (&it, 1));
  assert_refused (encounter_act (&it, 0, &other), CONFLICT);
  assert_done (encounter_wave (&it, 0));
  g_assert_false (it.outcome.changed);
  g_assert_cmpuint (encounter_look (&it, 1).peer_key[0], ==, 1);
}

/* ---- how long ---- */

static void
test_a_meet_has_twenty_minutes (void)
{
  ENCOUNTER (it);

  encounter_agree (&it);
  for (guint i = 0; i < 19; i++)
    {
      it.now_ms += MINUTE_MS;
      assert_done (ACT (&it, i % 2, SIGHEJ_MEET_SPOT, .spot = i % 8));
      g_assert_cmpuint (it.outcome.lifetime_ms, ==, (19 - i) * MINUTE_MS);
    }
  it.now_ms += MINUTE_MS - 1;
  g_assert_cmpuint (encounter_look (&it, 0).expires_in_ms, ==, 1);
  it.now_ms++;
  it.gone_ms++;
  assert_shown_nothing (&it);
  assert_refused (ACT (&it, 0, SIGHEJ_MEET_HERE), NOT_FOUND);
}

/* A clock that steps back stands still, one that steps ahead ends what is over. */
static void
test_clock_steps (void)
{
  ENCOUNTER (it);

  encounter_agree (&it);
  it.now_ms += 70000;
  assert_done (ACT (&it, 0, SIGHEJ_MEET_HERE));
  it.now_ms -= 3600000;
  g_assert_cmpuint (encounter_look (&it, 0).expires_in_ms, ==, 20 * MINUTE_MS - 70000);
  assert_done (ACT (&it, 1, SIGHEJ_MEET_SPOT, .spot = 1));
  g_assert_cmpuint (it.outcome.lifetime_ms, ==, 20 * MINUTE_MS - 70000);
  it.now_ms += 2 * 3600000;
  assert_refused (ACT (&it, 1, SIGHEJ_MEET_HERE), NOT_FOUND);
}

/* ---- finding each other ---- */

static void
test_a_spot_is_for_both (void)
{
  ENCOUNTER (it);

  encounter_agree (&it);
  assert_done (ACT (&it, 1, SIGHEJ_MEET_SPOT, .spot = 7));
  assert_wakes (&it, TRUE, TRUE);
  assert_state (&it, SIGHEJ_MEET_STATE_FINDING);
  g_assert_cmpint (encounter_look (&it, 0).spot, ==, 7);
  assert_done (ACT (&it, 0, SIGHEJ_MEET_SPOT, .spot = 7));
  g_assert_false (it.outcome.changed);
  assert_wakes (&it, FALSE, FALSE);
  assert_done (ACT (&it, 0, SIGHEJ_MEET_SPOT, .spot = 0));
  g_assert_cmpint (encounter_look (&it, 1).spot, ==, 0);
  assert_refused (ACT (&it, 0, SIGHEJ_MEET_SPOT, .spot = 8), INVALID_REQUEST);
}

static void
say_here_after (Encounter *it, gint64 wait_ms)
{
  encounter_agree (it);
  assert_done (ACT (it, 0, SIGHEJ_MEET_HERE));
  assert_wakes (it, TRUE, TRUE);
  assert_state (it, SIGHEJ_MEET_STATE_FINDING);
  g_assert_true (encounter_look (it, 0).own_here && encounter_look (it, 1).peer_here);
  g_assert_false (encounter_look (it, 1).own_here || encounter_look (it, 0).peer_here);
  it->now_ms += wait_ms;
  assert_done (ACT (it, 1, SIGHEJ_MEET_HERE));
}

static void
test_here_within_sixty_seconds (void)
{
  static const gint64 waits_ms[] = { 0, 1, 59999, 60000 };

  for (guint i = 0; i < G_N_ELEMENTS (waits_ms); i++)
    {
      ENCOUNTER (it);

      say_here_after (&it, waits_ms[i]);
      assert_state (&it, SIGHEJ_MEET_STATE_HERE);
      g_assert_true (encounter_look (&it, 0).own_here && encounter_look (&it, 0).peer_here);
    }
}

static void
test_here_after_sixty_one_seconds_is_too_late (void)
{
  static const gint64 waits_ms[] = { 60001, 60500, 61000 };

  for (guint i = 0; i < G_N_ELEMENTS (waits_ms); i++)
    {
      ENCOUNTER (it);

      say_here_after (&it, waits_ms[i]);
      assert_wakes (&it, TRUE, TRUE);
      assert_state (&it, SIGHEJ_MEET_STATE_FINDING);
      g_assert_true (encounter_look (&it, 0).peer_here);
      g_assert_false (encounter_look (&it, 0).own_here);
      it.now_ms += 60000;
      assert_done (ACT (&it, 0, SIGHEJ_MEET_HERE));
      assert_state (&it, SIGHEJ_MEET_STATE_HERE);
    }
}

static void
test_here_again_counts_from_then (void)
{
  ENCOUNTER (it);

  encounter_agree (&it);
  assert_done (ACT (&it, 0, SIGHEJ_MEET_HERE));
  it.now_ms += 50000;
  assert_done (ACT (&it, 0, SIGHEJ_MEET_HERE));
  it.now_ms += 60000;
  assert_done (ACT (&it, 1, SIGHEJ_MEET_HERE));
  assert_state (&it, SIGHEJ_MEET_STATE_HERE);
  it.now_ms += 10 * MINUTE_MS;
  assert_done (ACT (&it, 1, SIGHEJ_MEET_HERE));
  assert_state (&it, SIGHEJ_MEET_STATE_HERE);
}

static void
test_closest_within_twelve_seconds (void)
{
  for (gint64 wait_ms = 11999; wait_ms <= 12001; wait_ms++)
    {
      ENCOUNTER (it);

      encounter_agree (&it);
      assert_done (ACT (&it, 1, SIGHEJ_MEET_CLOSEST));
      g_assert_true (it.outcome.changed);
      assert_wakes (&it, FALSE, FALSE); /* alone it is nobody's business */
      assert_state (&it, SIGHEJ_MEET_STATE_AGREED);
      it.now_ms += wait_ms;
      assert_done (ACT (&it, 0, SIGHEJ_MEET_CLOSEST));
      assert_state (&it, wait_ms <= 12000 ? SIGHEJ_MEET_STATE_HERE : SIGHEJ_MEET_STATE_AGREED);
    }
}

/* One says so, the other's radio does: that is not the same. */
static void
test_here_and_closest_do_not_mix (void)
{
  ENCOUNTER (it);

  encounter_agree (&it);
  assert_done (ACT (&it, 0, SIGHEJ_MEET_HERE));
  assert_done (ACT (&it, 1, SIGHEJ_MEET_CLOSEST));
  assert_state (&it, SIGHEJ_MEET_STATE_FINDING);
  assert_done (ACT (&it, 0, SIGHEJ_MEET_CLOSEST));
  assert_state (&it, SIGHEJ_MEET_STATE_HERE);
}

/* ---- how it ends ---- */

static void
test_one_confirm_is_shown_to_nobody_else (void)
{
  ENCOUNTER (it);
  SighejWireMeetState before;

  encounter_agree (&it);
  before = encounter_look (&it, 1);
  assert_done (ACT (&it, 0, SIGHEJ_MEET_CONFIRM));
  assert_wakes (&it, TRUE, FALSE);
  g_assert_true (encounter_look (&it, 0).confirmed);
  g_assert_cmpuint (encounter_look (&it, 1).version, ==, before.version);
  g_assert_false (encounter_look (&it, 1).confirmed);
  assert_done (ACT (&it, 0, SIGHEJ_MEET_CONFIRM));
  g_assert_false (it.outcome.changed);
}

static void
test_met_leaves_a_stub (void)
{
  ENCOUNTER (it);
  g_autoptr (SighejMeeting) meeting = NULL;
  guint8 key[SIGHEJ_PEER_KEY_BYTES];

  encounter_agree (&it);
  assert_done (encounter_say (&it, 0, 1, SIGHEJ_TALK_TEXT, "ciphertext"));
  assert_done (ACT (&it, 1, SIGHEJ_MEET_CONFIRM));
  assert_done (ACT (&it, 0, SIGHEJ_MEET_CONFIRM));
  assert_wakes (&it, TRUE, TRUE);
  g_assert_false (it.outcome.over);
  g_assert_cmpuint (it.outcome.lifetime_ms, ==, 1500);
  assert_state (&it, SIGHEJ_MEET_STATE_MET);
  memset (key, 1, sizeof key);
  g_assert_false (encounter_holds (&it, key, sizeof key));
  g_assert_false (encounter_holds (&it, "ciphertext", 10));
  g_assert_false (encounter_holds (&it, "session", 7));
  g_assert_cmpuint (g_bytes_get_size (it.record), <, 70);
  meeting = encounter_read (&it);
  g_assert_cmpuint (sighej_meeting_n_talk_after (meeting, 1, 0), ==, 0);
}

static void
test_the_stub_goes_by_itself (void)
{
  ENCOUNTER (it);

  encounter_agree (&it);
  assert_done (ACT (&it, 1, SIGHEJ_MEET_CONFIRM));
  assert_done (ACT (&it, 0, SIGHEJ_MEET_CONFIRM));
  it.now_ms += 1499;
  assert_done (ACT (&it, 0, SIGHEJ_MEET_CONFIRM));
  assert_done (ACT (&it, 1, SIGHEJ_MEET_END));
  assert_done (ACT (&it, 1, SIGHEJ_MEET_RESUME));
  assert_wakes (&it, TRUE, FALSE);
  assert_refused (encounter_say (&it, 0, 1, SIGHEJ_TALK_TEXT, "x"), NOT_FOUND);
  assert_refused (encounter_wave (&it, 0), NOT_FOUND);
  assert_state (&it, SIGHEJ_MEET_STATE_MET);
  it.now_ms++;
  it.gone_ms++;
  assert_shown_nothing (&it);
}

/* Those who are to be told are known, though the record forgets them. */
static void
test_both_can_be_told_of_the_end (void)
{
  g_autoptr (SighejMeeting) meeting = NULL;
  SighejMeetingOutcome outcome;
  SighejWireMeet confirm = { .act = SIGHEJ_MEET_CONFIRM };
  ENCOUNTER (it);

  encounter_agree (&it);
  meeting = encounter_read (&it);
  for (guint side = 0; side < 2; side++)
    g_assert_true (
        sighej_meeting_act (meeting, side, &confirm, it.sessions[side], it.now_ms, &outcome, NULL));
  g_assert_cmpuint (outcome.lifetime_ms, ==, 1500);
  g_assert_cmpstr (sighej_meeting_get_session (meeting, 0), ==, "session-a");
  g_assert_cmpstr (sighej_meeting_get_session (meeting, 1), ==, "session-b");
}

static void
test_ends_for_both_whoever_ends_it (void)
{
  static const SighejMeetAct ends[] = { SIGHEJ_MEET_END, SIGHEJ_MEET_BLOCK, SIGHEJ_MEET_WITHDRAW };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (ends); i++)
    {
      ENCOUNTER (it);

      encounter_agree (&it);
      assert_done (ACT (&it, i % 2, SIGHEJ_MEET_HERE));
      assert_done (ACT (&it, i % 2, ends[i / 2]));
      g_assert_true (it.outcome.over);
      assert_wakes (&it, TRUE, TRUE);
      g_assert_null (it.record);
      assert_refused (ACT (&it, 0, SIGHEJ_MEET_END), NOT_FOUND);
      assert_refused (ACT (&it, 1, SIGHEJ_MEET_SPOT), NOT_FOUND);
    }
}

/* ---- who is there ---- */

static void
test_the_other_is_there_or_not (void)
{
  ENCOUNTER (it);

  encounter_agree (&it);
  assert_done (ACT (&it, 0, SIGHEJ_MEET_AWAY));
  assert_wakes (&it, FALSE, TRUE);
  g_assert_false (encounter_look (&it, 1).peer_there);
  g_assert_true (encounter_look (&it, 0).peer_there);
  assert_done (ACT (&it, 0, SIGHEJ_MEET_AWAY));
  g_assert_false (it.outcome.changed);
  assert_done (ACT (&it, 0, SIGHEJ_MEET_THERE));
  assert_wakes (&it, FALSE, TRUE);
  g_assert_true (encounter_look (&it, 1).peer_there);
}

/* Renewal: the old socket goes after the new one has spoken. */
static void
test_only_the_socket_that_speaks_can_go (void)
{
  ENCOUNTER (it);
  g_autoptr (SighejMeeting) meeting = NULL;

  encounter_agree (&it);
  it.sessions[0] = "session-a2";
  assert_done (ACT (&it, 0, SIGHEJ_MEET_RESUME));
  assert_wakes (&it, TRUE, FALSE);
  meeting = encounter_read (&it);
  g_assert_cmpstr (sighej_meeting_get_session (meeting, 0), ==, "session-a2");
  g_assert_cmpstr (sighej_meeting_get_session (meeting, 1), ==, "session-b");
  it.sessions[0] = "session-a";
  assert_done (ACT (&it, 0, SIGHEJ_MEET_AWAY));
  g_assert_false (it.outcome.changed);
  g_assert_true (encounter_look (&it, 1).peer_there);
}

static void
test_presence_before_a_meet_is_silent (void)
{
  ENCOUNTER (it);

  assert_done (encounter_wave (&it, 0));
  assert_done (ACT (&it, 0, SIGHEJ_MEET_AWAY));
  assert_wakes (&it, FALSE, FALSE);
  assert_done (encounter_wave (&it, 1));
  g_assert_false (encounter_look (&it, 1).peer_there);
}

/* ---- talk ---- */

static void
assert_letter (Encounter *it, guint side, guint64 after, guint i, guint64 n, const char *body)
{
  g_autoptr (SighejMeeting) meeting = encounter_read (it);
  SighejWireTalk letter;

  sighej_meeting_get_talk (meeting, side, after, i, &letter);
  g_assert_cmpuint (letter.n, ==, n);
  g_assert_cmpmem (body, strlen (body), g_bytes_get_data (letter.body, NULL), 3);
  g_assert_cmpuint (g_bytes_get_size (letter.body), ==, 3);
  g_bytes_unref (letter.body);
}

static guint
count_letters (Encounter *it, guint side, guint64 after)
{
  g_autoptr (SighejMeeting) meeting = encounter_read (it);

  return sighej_meeting_n_talk_after (meeting, side, after);
}

static void
test_talk_goes_both_ways (void)
{
  ENCOUNTER (it);

  encounter_agree (&it);
  assert_done (encounter_say (&it, 0, 1, SIGHEJ_TALK_NOTE, "one"));
  assert_wakes (&it, FALSE, TRUE);
  assert_done (encounter_say (&it, 0, 2, SIGHEJ_TALK_TEXT, "two"));
  assert_done (encounter_say (&it, 1, 1, SIGHEJ_TALK_TEXT, "una"));
  g_assert_cmpuint (encounter_look (&it, 0).said, ==, 2);
  g_assert_cmpuint (encounter_look (&it, 1).said, ==, 1);
  g_assert_cmpuint (encounter_look (&it, 0).version, ==, 1);
  assert_letter (&it, 1, 0, 0, 1, "one");
  assert_letter (&it, 1, 0, 1, 2, "two");
  assert_letter (&it, 1, 1, 0, 2, "two");
  assert_letter (&it, 0, 0, 0, 1, "una");
  assert_done (encounter_say (&it, 0, 2, SIGHEJ_TALK_TEXT, "two"));
  g_assert_false (it.outcome.changed || it.outcome.wake_peer);
  assert_refused (encounter_say (&it, 0, 4, SIGHEJ_TALK_TEXT, "gap"), CONFLICT);
}

static void
test_what_is_acknowledged_is_gone (void)
{
  ENCOUNTER (it);

  encounter_agree (&it);
  for (guint64 n = 1; n <= 6; n++)
    assert_done (encounter_say (&it, 0, n, SIGHEJ_TALK_TEXT, "abc"));
  assert_done (ACT (&it, 1, SIGHEJ_MEET_ACK, .number = 2));
  assert_wakes (&it, FALSE, FALSE); /* marks are inside the talk */
  g_assert_cmpuint (count_letters (&it, 1, 0), ==, 4);
  it.sessions[1] = "session-b2";
  assert_done (ACT (&it, 1, SIGHEJ_MEET_RESUME, .number = 4));
  assert_wakes (&it, TRUE, FALSE);
  g_assert_cmpuint (count_letters (&it, 1, 0), ==, 2);
  g_assert_cmpuint (encounter_look (&it, 0).said, ==, 6);
  assert_done (ACT (&it, 1, SIGHEJ_MEET_ACK, .number = 4));
  g_assert_false (it.outcome.changed);
}

static void
test_limits_survive_the_store (void)
{
  ENCOUNTER (it);

  encounter_agree (&it);
  for (guint64 n = 1; n <= 8; n++)
    assert_done (encounter_say (&it, 0, n, SIGHEJ_TALK_TEXT, "abc"));
  assert_refused (encounter_say (&it, 0, 9, SIGHEJ_TALK_TEXT, "abc"), RATE_LIMITED);
  g_assert_cmpuint (it.retry_s, ==, 10);
  assert_done (encounter_say (&it, 1, 1, SIGHEJ_TALK_TEXT, "abc"));
  it.now_ms += 9999;
  assert_refused (encounter_say (&it, 0, 9, SIGHEJ_TALK_TEXT, "abc"), RATE_LIMITED);
  it.now_ms++;
  assert_done (encounter_say (&it, 0, 9, SIGHEJ_TALK_TEXT, "abc"));
}

/* The largest record there can be fits into a store, with room for its seal. */
static void
test_full_mailboxes_fit_a_record (void)
{
  ENCOUNTER (it);
  g_autofree char *body = g_strnfill (SIGHEJ_WIRE_TALK_BYTES_MAX, 'x');

  encounter_agree (&it);
  for (guint64 n = 1; n <= 58; n++)
    for (guint side = 0; side < 2; side++)
      assert_done (encounter_say (&it, side, n, SIGHEJ_TALK_NOTE, body));
  assert_refused (encounter_say (&it, 0, 59, SIGHEJ_TALK_NOTE, body), RATE_LIMITED);
  g_assert_cmpuint (g_bytes_get_size (it.record), <, 256 * 1024 - 1024);
}

/* ---- paired by code ---- */

static int
wave_as_creator (Encounter *it)
{
  return ACT (it,
              0,
              SIGHEJ_MEET_WAVE,
              .has_commit = TRUE,
              .commit = { 5 },
              .has_public_key = TRUE,
              .public_key = { 6 });
}

static void
test_commit_comes_before_reveal (void)
{
  ENCOUNTER (it);
  SighejWireMeetState state;
  SighejWireMeet reveal = { .act = SIGHEJ_MEET_REVEAL,
                            .has_public_key = TRUE,
                            .public_key = { 6 },
                            .has_nonce = TRUE,
                            .nonce = { 7 } };

  assert_done (wave_as_creator (&it));
  assert_refused (encounter_act (&it, 0, &reveal), NOT_FOUND);
  assert_done (ACT (&it,
                    1,
                    SIGHEJ_MEET_WAVE,
                    .has_public_key = TRUE,
                    .public_key = { 8 },
                    .has_nonce = TRUE,
                    .nonce = { 9 }));
  state = encounter_look (&it, 0);
  g_assert_true (state.has_peer_key && state.has_peer_nonce);
  g_assert_cmpuint (state.peer_key[0], ==, 8);
  g_assert_cmpuint (state.peer_nonce[0], ==, 9);
  state = encounter_look (&it, 1);
  g_assert_false (state.has_peer_key || state.has_peer_nonce);
  g_assert_cmpuint (state.peer_key[0], ==, 0);
  assert_done (encounter_act (&it, 0, &reveal));
  assert_wakes (&it, FALSE, TRUE);
  state = encounter_look (&it, 1);
  g_assert_true (state.has_peer_key && state.has_peer_nonce);
  g_assert_cmpuint (state.peer_key[0], ==, 6);
  g_assert_cmpuint (state.peer_nonce[0], ==, 7);
  assert_done (encounter_act (&it, 0, &reveal));
  g_assert_false (it.outcome.changed);
  reveal.nonce[15] = 1;
  assert_refused (encounter_act (&it, 0, &reveal), CONFLICT);
  assert_refused (encounter_act (&it, 1, &reveal), INVALID_REQUEST);
  assert_done (wave_as_creator (&it));
}

/* ---- as bytes ---- */

/* A record with something of everything. */
static void
fill (Encounter *it)
{
  encounter_agree (it);
  encounter_share (it);
  assert_done (encounter_show (it, 0, 55, 12));
  assert_done (encounter_say (it, 0, 1, SIGHEJ_TALK_PART, "one"));
  assert_done (encounter_say (it, 1, 1, SIGHEJ_TALK_NOTE, "two"));
  assert_done (ACT (it, 0, SIGHEJ_MEET_SPOT, .spot = 3));
  assert_done (ACT (it, 1, SIGHEJ_MEET_HERE));
  assert_done (ACT (it, 0, SIGHEJ_MEET_CONFIRM));
}

static void
test_a_cut_record_is_none (void)
{
  ENCOUNTER (it);
  gsize n_record;
  const guint8 *record;

  fill (&it);
  record = g_bytes_get_data (it.record, &n_record);
  for (gsize n = 0; n < n_record; n++)
    {
      g_autoptr (GBytes) cut = g_bytes_new (record, n);

      g_assert_null (sighej_meeting_read (cut));
    }
}

static void
test_more_or_another_version_is_none (void)
{
  ENCOUNTER (it);
  g_autoptr (GByteArray) bytes = NULL;
  g_autoptr (GBytes) longer = NULL;
  g_autoptr (GBytes) other = NULL;

  fill (&it);
  bytes = g_bytes_unref_to_array (g_bytes_ref (it.record));
  g_byte_array_append (bytes, (const guint8 *) "", 1);
  longer = g_bytes_new (bytes->data, bytes->len);
  g_assert_null (sighej_meeting_read (longer));
  bytes->data[0]++;
  other = g_bytes_new (bytes->data, bytes->len - 1);
  g_assert_null (sighej_meeting_read (other));
}

/* Any bit turned: refused, or another record that is written as it was read. */
static void
test_a_damaged_record_is_none_or_another (void)
{
  ENCOUNTER (it);
  gsize n_record;
  const guint8 *record;

  fill (&it);
  record = g_bytes_get_data (it.record, &n_record);
  for (gsize bit = 0; bit < n_record * 8; bit++)
    {
      g_autofree guint8 *copy = g_memdup2 (record, n_record);
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (SighejMeeting) meeting = NULL;

      copy[bit / 8] ^= (guint8) (1 << bit % 8);
      bytes = g_bytes_new (copy, n_record);
      meeting = sighej_meeting_read (bytes);
      if (meeting != NULL)
        {
          g_autoptr (GBytes) again = sighej_meeting_write (meeting);

          g_assert_true (g_bytes_equal (again, bytes));
        }
    }
}

/* The record with bits set in its byte @at, and a nonce before its last byte. */
static SighejMeeting *
read_changed (Encounter *it, gsize at, guint8 bits, gsize n_more)
{
  gsize n_record;
  const guint8 *record = g_bytes_get_data (it->record, &n_record);
  g_autofree guint8 *copy = g_malloc0 (n_record + n_more);
  g_autoptr (GBytes) bytes = NULL;

  memcpy (copy, record, n_record - 1);
  copy[n_record + n_more - 1] = record[n_record - 1];
  copy[at] |= bits;
  bytes = g_bytes_new (copy, n_record + n_more);
  return sighej_meeting_read (bytes);
}

#define FLAGS_OF_A_WAVE 46 /* where side 0 begins, before both waved */
#define FLAGS_OF_A_MEET 58 /* and after */
#define FLAG_NONCE (1 << 3)
#define FLAG_CONFIRMED (1 << 4)

static void
test_what_no_act_leads_to_is_none (void)
{
  ENCOUNTER (meet);
  ENCOUNTER (code);
  g_autoptr (SighejMeeting) one_confirmed = NULL;

  encounter_agree (&meet);
  one_confirmed = read_changed (&meet, FLAGS_OF_A_MEET, FLAG_CONFIRMED, 0);
  g_assert_nonnull (one_confirmed);
  assert_done (ACT (&meet, 1, SIGHEJ_MEET_CONFIRM));
  g_assert_null (read_changed (&meet, FLAGS_OF_A_MEET, FLAG_CONFIRMED, 0));

  assert_done (wave_as_creator (&code));
  g_assert_null (read_changed (&code, FLAGS_OF_A_WAVE, FLAG_NONCE, SIGHEJ_PHRASE_NONCE_BYTES));
}

static void
test_sides_are_ordered (void)
{
  static const guint8 small[16] = { 1 }, large[16] = { 2 }, other[16] = { 3 };
  g_autoptr (SighejMeeting) one = sighej_meeting_new (small, large);
  g_autoptr (SighejMeeting) two = sighej_meeting_new (large, small);

  g_assert_cmpint (sighej_meeting_side_of (one, small), ==, 0);
  g_assert_cmpint (sighej_meeting_side_of (two, small), ==, 0);
  g_assert_cmpint (sighej_meeting_side_of (two, large), ==, 1);
  g_assert_cmpint (sighej_meeting_side_of (two, other), ==, -1);
  g_assert_cmpmem (sighej_meeting_get_opening (two, 1), 16, large, 16);
  g_assert_false (sighej_meeting_has_waved (one, 0) || sighej_meeting_has_waved (one, 1));
  g_assert_null (sighej_meeting_get_session (one, 0));
  g_assert_false (sighej_meeting_is_agreed (one, MEETING_START_MS));
}

#define ADD(name, test) g_test_add_func ("/meeting/" name, test)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("one-wave-is-shown-to-nobody", test_one_wave_is_shown_to_nobody);
  ADD ("two-waves-make-one-meet", test_two_waves_make_one_meet);
  ADD ("crossing-waves-make-one-meet", test_crossing_waves_make_one_meet);
  ADD ("a-wave-can-be-answered-for-ten-minutes", test_a_wave_can_be_answered_for_ten_minutes);
  ADD ("a-wave-is-over-after-ten-minutes", test_a_wave_is_over_after_ten_minutes);
  ADD ("a-withdrawn-wave-makes-no-meet", test_a_withdrawn_wave_makes_no_meet);
  ADD ("block-takes-a-wave-back", test_block_takes_a_wave_back);
  ADD ("the-others-wave-makes-no-difference", test_the_others_wave_makes_no_difference);
  ADD ("a-key-is-given-once", test_a_key_is_given_once);
  ADD ("a-meet-has-twenty-minutes", test_a_meet_has_twenty_minutes);
  ADD ("clock-steps", test_clock_steps);
  ADD ("a-spot-is-for-both", test_a_spot_is_for_both);
  ADD ("here-within-sixty-seconds", test_here_within_sixty_seconds);
  ADD ("here-after-sixty-one-seconds-is-too-late", test_here_after_sixty_one_seconds_is_too_late);
  ADD ("here-again-counts-from-then", test_here_again_counts_from_then);
  ADD ("closest-within-twelve-seconds", test_closest_within_twelve_seconds);
  ADD ("here-and-closest-do-not-mix", test_here_and_closest_do_not_mix);
  ADD ("one-confirm-is-shown-to-nobody-else", test_one_confirm_is_shown_to_nobody_else);
  ADD ("met-leaves-a-stub", test_met_leaves_a_stub);
  ADD ("the-stub-goes-by-itself", test_the_stub_goes_by_itself);
  ADD ("both-can-be-told-of-the-end", test_both_can_be_told_of_the_end);
  ADD ("ends-for-both-whoever-ends-it", test_ends_for_both_whoever_ends_it);
  ADD ("the-other-is-there-or-not", test_the_other_is_there_or_not);
  ADD ("only-the-socket-that-speaks-can-go", test_only_the_socket_that_speaks_can_go);
  ADD ("presence-before-a-meet-is-silent", test_presence_before_a_meet_is_silent);
  ADD ("talk-goes-both-ways", test_talk_goes_both_ways);
  ADD ("what-is-acknowledged-is-gone", test_what_is_acknowledged_is_gone);
  ADD ("limits-survive-the-store", test_limits_survive_the_store);
  ADD ("full-mailboxes-fit-a-record", test_full_mailboxes_fit_a_record);
  ADD ("commit-comes-before-reveal", test_commit_comes_before_reveal);
  ADD ("a-cut-record-is-none", test_a_cut_record_is_none);
  ADD ("more-or-another-version-is-none", test_more_or_another_version_is_none);
  ADD ("a-damaged-record-is-none-or-another", test_a_damaged_record_is_none_or_another);
  ADD ("what-no-act-leads-to-is-none", test_what_no_act_leads_to_is_none);
  ADD ("sides-are-ordered", test_sides_are_ordered);
  return g_test_run ();
}
