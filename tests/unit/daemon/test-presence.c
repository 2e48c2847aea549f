/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-presence.h"

#include "sighej-enum-types.h"
#include "sighej-test.h"

#define S(seconds) ((gint64) (seconds) *G_USEC_PER_SEC)
#define H(hours) S ((hours) *3600)
#define TWO_HOURS_S 7200

typedef struct
{
  SighejTestClock *clock;
  SighejPresence *presence;
  guint n_changed;
  guint n_closed;
  SighejReason closed_reason;
} Fixture;

static void
on_changed (SighejPresence *presence, Fixture *fixture)
{
  fixture->n_changed++;
}

static void
on_closed (SighejPresence *presence, SighejReason reason, Fixture *fixture)
{
  fixture->n_closed++;
  fixture->closed_reason = reason;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();

  fixture->clock = sighej_test_clock_new ();
  fixture->presence = sighej_presence_new (SIGHEJ_CLOCK (fixture->clock), utc);
  g_signal_connect (fixture->presence, "changed", G_CALLBACK (on_changed), fixture);
  g_signal_connect (fixture->presence, "closed", G_CALLBACK (on_closed), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  sighej_test_assert_finalized (fixture->presence);
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
  sighej_test_assert_finalized (fixture->clock);
}

static void
assert_state (Fixture *fixture, SighejState state, SighejReason reason)
{
  g_assert_cmpstr (
      sighej_enum_to_nick (SIGHEJ_TYPE_STATE, (int) sighej_presence_get_state (fixture->presence)),
      ==,
      sighej_enum_to_nick (SIGHEJ_TYPE_STATE, (int) state));
  g_assert_cmpstr (sighej_reason_to_word (sighej_presence_get_reason (fixture->presence)),
                   ==,
                   sighej_reason_to_word (reason));
}

static void
assert_wants (Fixture *fixture, gboolean session, gboolean air)
{
  g_assert_cmpint (sighej_presence_get_session_wanted (fixture->presence), ==, session);
  g_assert_cmpint (sighej_presence_get_air_wanted (fixture->presence), ==, air);
}

/* ---- facts, by the name of what happened ---- */

static void
link_idle (Fixture *fixture)
{
  sighej_presence_set_link (
      fixture->presence, SIGHEJ_BACKEND_STATE_OFFLINE, SIGHEJ_REASON_NONE, FALSE, TRUE);
}

static void
link_registers (Fixture *fixture)
{
  sighej_presence_set_link (
      fixture->presence, SIGHEJ_BACKEND_STATE_CONNECTING, SIGHEJ_REASON_NONE, FALSE, FALSE);
}

static void
link_online (Fixture *fixture)
{
  sighej_presence_set_link (
      fixture->presence, SIGHEJ_BACKEND_STATE_ONLINE, SIGHEJ_REASON_NONE, TRUE, FALSE);
}

static void
link_loses_socket (Fixture *fixture)
{
  sighej_presence_set_link (fixture->presence,
                            SIGHEJ_BACKEND_STATE_CONNECTING,
                            SIGHEJ_REASON_BACKEND_OFFLINE,
                            TRUE,
                            FALSE);
}

static void
link_unreachable (Fixture *fixture)
{
  sighej_presence_set_link (
      fixture->presence, SIGHEJ_BACKEND_STATE_OFFLINE, SIGHEJ_REASON_BACKEND_OFFLINE, FALSE, FALSE);
}

static void
link_ending (Fixture *fixture)
{
  sighej_presence_set_link (
      fixture->presence, SIGHEJ_BACKEND_STATE_OFFLINE, SIGHEJ_REASON_NONE, FALSE, FALSE);
}

static void
radio_on_air (Fixture *fixture)
{
  sighej_presence_set_radio (fixture->presence, SIGHEJ_REASON_NONE, TRUE);
}

static void
radio_silent (Fixture *fixture)
{
  sighej_presence_set_radio (fixture->presence, SIGHEJ_REASON_NONE, FALSE);
}

static void
radio_blocked (Fixture *fixture)
{
  sighej_presence_set_radio (fixture->presence, SIGHEJ_REASON_BLUETOOTH_BLOCKED_HARD, FALSE);
}

static void
person_opens (Fixture *fixture)
{
  g_assert_true (sighej_presence_open (fixture->presence, TWO_HOURS_S, NULL));
}

static void
person_closes (Fixture *fixture)
{
  sighej_presence_close (fixture->presence, SIGHEJ_REASON_USER);
}

static void
person_pauses (Fixture *fixture)
{
  g_assert_true (sighej_presence_pause (fixture->presence, 0, NULL));
}

static void
person_resumes (Fixture *fixture)
{
  g_assert_true (sighej_presence_resume (fixture->presence, NULL));
}

static void
person_pairs (Fixture *fixture)
{
  sighej_presence_pair (fixture->presence);
}

static void
quota_fills (Fixture *fixture)
{
  sighej_presence_set_quota_full (fixture->presence, TRUE);
}

static void
quota_frees (Fixture *fixture)
{
  sighej_presence_set_quota_full (fixture->presence, FALSE);
}

static void
machine_sleeps (Fixture *fixture)
{
  sighej_presence_set_host (fixture->presence, TRUE, FALSE);
}

static void
screen_is_locked (Fixture *fixture)
{
  sighej_presence_set_host (fixture->presence, FALSE, TRUE);
}

static void
machine_sleeps_locked (Fixture *fixture)
{
  sighej_presence_set_host (fixture->presence, TRUE, TRUE);
}

static void
screen_is_unlocked (Fixture *fixture)
{
  sighej_presence_set_host (fixture->presence, FALSE, FALSE);
}

static void
program_asks_for_silence (Fixture *fixture)
{
  sighej_presence_set_inhibited (fixture->presence, TRUE);
}

static void
program_is_done (Fixture *fixture)
{
  sighej_presence_set_inhibited (fixture->presence, FALSE);
}

static void
a_minute_passes (Fixture *fixture)
{
  sighej_test_clock_advance (fixture->clock, S (60));
}

static void
two_hours_pass (Fixture *fixture)
{
  sighej_test_clock_advance (fixture->clock, H (2));
}

static void
be_open (Fixture *fixture)
{
  person_opens (fixture);
  link_registers (fixture);
  link_online (fixture);
  radio_on_air (fixture);
  assert_state (fixture, SIGHEJ_STATE_OPEN, SIGHEJ_REASON_NONE);
}

/* ---- the drawing of the header, walked ---- */

typedef struct
{
  void (*event) (Fixture *fixture);
  SighejState state;
  SighejReason reason;
  gboolean session_wanted;
  gboolean air_wanted;
} Step;

#define STATE(name) SIGHEJ_STATE_##name
#define WHY(name) SIGHEJ_REASON_##name
#define WALK_END                                                                                   \
  {                                                                                                \
    NULL, STATE (OFF), WHY (NONE), FALSE, FALSE                                                    \
  }

static const Step through_a_day[] = {
  { person_opens, STATE (OPENING), WHY (NONE), TRUE, FALSE },
  { link_registers, STATE (OPENING), WHY (NONE), TRUE, FALSE },
  { link_online, STATE (OPENING), WHY (NONE), TRUE, TRUE },
  { radio_on_air, STATE (OPEN), WHY (NONE), TRUE, TRUE },
  { person_pauses, STATE (PAUSED), WHY (USER), FALSE, FALSE },
  { radio_silent, STATE (PAUSED), WHY (USER), FALSE, FALSE },
  { link_ending, STATE (PAUSED), WHY (USER), FALSE, FALSE },
  { link_idle, STATE (PAUSED), WHY (USER), FALSE, FALSE },
  { person_resumes, STATE (OPENING), WHY (NONE), TRUE, FALSE },
  { link_online, STATE (OPENING), WHY (NONE), TRUE, TRUE },
  { radio_on_air, STATE (OPEN), WHY (NONE), TRUE, TRUE },
  { person_closes, STATE (CLOSING), WHY (USER), FALSE, FALSE },
  { radio_silent, STATE (CLOSING), WHY (USER), FALSE, FALSE },
  { link_idle, STATE (OFF), WHY (USER), FALSE, FALSE },
  WALK_END,
};

static const Step opened_while_closing[] = {
  { person_opens, STATE (OPENING), WHY (NONE), TRUE, FALSE },
  { link_online, STATE (OPENING), WHY (NONE), TRUE, TRUE },
  { radio_on_air, STATE (OPEN), WHY (NONE), TRUE, TRUE },
  { person_closes, STATE (CLOSING), WHY (USER), FALSE, FALSE },
  { link_ending, STATE (CLOSING), WHY (USER), FALSE, FALSE },
  { person_opens, STATE (OPENING), WHY (NONE), TRUE, FALSE },
  { radio_silent, STATE (OPENING), WHY (NONE), TRUE, FALSE },
  { link_online, STATE (OPENING), WHY (NONE), TRUE, TRUE },
  { radio_on_air, STATE (OPEN), WHY (NONE), TRUE, TRUE },
  WALK_END,
};

static const Step blocked_before_and_meanwhile[] = {
  { radio_blocked, STATE (OFF), WHY (NONE), FALSE, FALSE },
  /* No session is made for a radio that cannot use it ... */
  { person_opens, STATE (WAITING), WHY (BLUETOOTH_BLOCKED_HARD), FALSE, FALSE },
  { radio_silent, STATE (OPENING), WHY (NONE), TRUE, FALSE },
  { link_online, STATE (OPENING), WHY (NONE), TRUE, TRUE },
  { radio_on_air, STATE (OPEN), WHY (NONE), TRUE, TRUE },
  /* ... but one that is there is kept. */
  { radio_blocked, STATE (WAITING), WHY (BLUETOOTH_BLOCKED_HARD), TRUE, TRUE },
  { radio_on_air, STATE (OPEN), WHY (NONE), TRUE, TRUE },
  { radio_blocked, STATE (WAITING), WHY (BLUETOOTH_BLOCKED_HARD), TRUE, TRUE },
  { person_pauses, STATE (PAUSED), WHY (USER), FALSE, FALSE },
  { person_resumes, STATE (WAITING), WHY (BLUETOOTH_BLOCKED_HARD), FALSE, FALSE },
  { link_idle, STATE (WAITING), WHY (BLUETOOTH_BLOCKED_HARD), FALSE, FALSE },
  { person_closes, STATE (OFF), WHY (USER), FALSE, FALSE },
  WALK_END,
};

static const Step paired_without_a_radio[] = {
  { person_pairs, STATE (OFF), WHY (NONE), FALSE, FALSE },
  { radio_blocked, STATE (OFF), WHY (NONE), FALSE, FALSE },
  { person_opens, STATE (WAITING), WHY (BLUETOOTH_BLOCKED_HARD), FALSE, FALSE },
  { person_pairs, STATE (WAITING), WHY (BLUETOOTH_BLOCKED_HARD), TRUE, FALSE },
  { link_online, STATE (WAITING), WHY (BLUETOOTH_BLOCKED_HARD), TRUE, TRUE },
  { person_pauses, STATE (PAUSED), WHY (USER), FALSE, FALSE },
  { person_resumes, STATE (WAITING), WHY (BLUETOOTH_BLOCKED_HARD), TRUE, TRUE },
  { person_closes, STATE (CLOSING), WHY (USER), FALSE, FALSE },
  { link_idle, STATE (OFF), WHY (USER), FALSE, FALSE },
  /* The next opening has no code yet. */
  { person_opens, STATE (WAITING), WHY (BLUETOOTH_BLOCKED_HARD), FALSE, FALSE },
  { person_closes, STATE (OFF), WHY (USER), FALSE, FALSE },
  WALK_END,
};

static const Step backend_away[] = {
  { person_opens, STATE (OPENING), WHY (NONE), TRUE, FALSE },
  { link_unreachable, STATE (WAITING), WHY (BACKEND_OFFLINE), TRUE, FALSE },
  { link_online, STATE (OPENING), WHY (NONE), TRUE, TRUE },
  { radio_on_air, STATE (OPEN), WHY (NONE), TRUE, TRUE },
  /* A lost socket is no change for a minute; then nobody may be sent to greet us. */
  { link_loses_socket, STATE (OPEN), WHY (NONE), TRUE, TRUE },
  { a_minute_passes, STATE (WAITING), WHY (BACKEND_OFFLINE), TRUE, FALSE },
  { radio_silent, STATE (WAITING), WHY (BACKEND_OFFLINE), TRUE, FALSE },
  { link_online, STATE (OPENING), WHY (NONE), TRUE, TRUE },
  { radio_on_air, STATE (OPEN), WHY (NONE), TRUE, TRUE },
  /* The session itself is lost. */
  { link_registers, STATE (OPENING), WHY (NONE), TRUE, FALSE },
  { link_online, STATE (OPEN), WHY (NONE), TRUE, TRUE },
  WALK_END,
};

static const Step quota_full[] = {
  { person_opens, STATE (OPENING), WHY (NONE), TRUE, FALSE },
  { link_online, STATE (OPENING), WHY (NONE), TRUE, TRUE },
  { radio_on_air, STATE (OPEN), WHY (NONE), TRUE, TRUE },
  { quota_fills, STATE (WAITING), WHY (RATE_LIMITED), FALSE, FALSE },
  { radio_silent, STATE (WAITING), WHY (RATE_LIMITED), FALSE, FALSE },
  { link_idle, STATE (WAITING), WHY (RATE_LIMITED), FALSE, FALSE },
  { quota_frees, STATE (OPENING), WHY (NONE), TRUE, FALSE },
  { quota_fills, STATE (WAITING), WHY (RATE_LIMITED), FALSE, FALSE },
  { person_closes, STATE (OFF), WHY (USER), FALSE, FALSE },
  WALK_END,
};

static const Step time_is_up[] = {
  { person_opens, STATE (OPENING), WHY (NONE), TRUE, FALSE },
  { link_online, STATE (OPENING), WHY (NONE), TRUE, TRUE },
  { radio_on_air, STATE (OPEN), WHY (NONE), TRUE, TRUE },
  { two_hours_pass, STATE (CLOSING), WHY (EXPIRED), FALSE, FALSE },
  { link_idle, STATE (CLOSING), WHY (EXPIRED), FALSE, FALSE },
  { radio_silent, STATE (OFF), WHY (EXPIRED), FALSE, FALSE },
  /* Paused to the end. */
  { person_opens, STATE (OPENING), WHY (NONE), TRUE, FALSE },
  { person_pauses, STATE (PAUSED), WHY (USER), FALSE, FALSE },
  { two_hours_pass, STATE (OFF), WHY (EXPIRED), FALSE, FALSE },
  /* Nothing was there yet to take away. */
  { person_opens, STATE (OPENING), WHY (NONE), TRUE, FALSE },
  { person_closes, STATE (OFF), WHY (USER), FALSE, FALSE },
  WALK_END,
};

static const Step the_machine_goes_before[] = {
  { person_opens, STATE (OPENING), WHY (NONE), TRUE, FALSE },
  { link_online, STATE (OPENING), WHY (NONE), TRUE, TRUE },
  { radio_on_air, STATE (OPEN), WHY (NONE), TRUE, TRUE },
  { machine_sleeps, STATE (PAUSED), WHY (SUSPENDED), FALSE, FALSE },
  { radio_silent, STATE (PAUSED), WHY (SUSPENDED), FALSE, FALSE },
  { link_idle, STATE (PAUSED), WHY (SUSPENDED), FALSE, FALSE },
  { screen_is_locked, STATE (PAUSED), WHY (LOCKED), FALSE, FALSE },
  { program_asks_for_silence, STATE (PAUSED), WHY (LOCKED), FALSE, FALSE },
  { screen_is_unlocked, STATE (PAUSED), WHY (INHIBITED), FALSE, FALSE },
  /* Of all that stands in the way the person's word is told first, and outlasts the rest. */
  { person_pauses, STATE (PAUSED), WHY (USER), FALSE, FALSE },
  { machine_sleeps_locked, STATE (PAUSED), WHY (USER), FALSE, FALSE },
  { program_is_done, STATE (PAUSED), WHY (USER), FALSE, FALSE },
  { person_resumes, STATE (PAUSED), WHY (SUSPENDED), FALSE, FALSE },
  { quota_fills, STATE (PAUSED), WHY (SUSPENDED), FALSE, FALSE },
  { radio_blocked, STATE (PAUSED), WHY (SUSPENDED), FALSE, FALSE },
  { screen_is_unlocked, STATE (WAITING), WHY (RATE_LIMITED), FALSE, FALSE },
  { quota_frees, STATE (WAITING), WHY (BLUETOOTH_BLOCKED_HARD), FALSE, FALSE },
  { screen_is_locked, STATE (PAUSED), WHY (LOCKED), FALSE, FALSE },
  { radio_silent, STATE (PAUSED), WHY (LOCKED), FALSE, FALSE },
  { screen_is_unlocked, STATE (OPENING), WHY (NONE), TRUE, FALSE },
  { link_online, STATE (OPENING), WHY (NONE), TRUE, TRUE },
  { radio_on_air, STATE (OPEN), WHY (NONE), TRUE, TRUE },
  WALK_END,
};

static const Step opened_at_a_bad_time[] = {
  { machine_sleeps, STATE (OFF), WHY (NONE), FALSE, FALSE },
  { person_opens, STATE (PAUSED), WHY (SUSPENDED), FALSE, FALSE },
  { screen_is_unlocked, STATE (OPENING), WHY (NONE), TRUE, FALSE },
  { program_asks_for_silence, STATE (PAUSED), WHY (INHIBITED), FALSE, FALSE },
  { person_closes, STATE (OFF), WHY (USER), FALSE, FALSE },
  { link_ending, STATE (CLOSING), WHY (USER), FALSE, FALSE },
  { person_opens, STATE (PAUSED), WHY (INHIBITED), FALSE, FALSE },
  { link_idle, STATE (PAUSED), WHY (INHIBITED), FALSE, FALSE },
  /* The opening ends although nobody could be told. */
  { two_hours_pass, STATE (OFF), WHY (EXPIRED), FALSE, FALSE },
  { program_is_done, STATE (OFF), WHY (EXPIRED), FALSE, FALSE },
  WALK_END,
};

static void
test_walk (Fixture *fixture, gconstpointer data)
{
  for (const Step *step = data; step->event != NULL; step++)
    {
      g_test_message ("step %td", step - (const Step *) data);
      step->event (fixture);
      assert_state (fixture, step->state, step->reason);
      assert_wants (fixture, step->session_wanted, step->air_wanted);
    }
}

/* ---- the rest ---- */

static void
test_starts_off_without_a_reason (Fixture *fixture, gconstpointer data)
{
  assert_state (fixture, SIGHEJ_STATE_OFF, SIGHEJ_REASON_NONE);
  assert_wants (fixture, FALSE, FALSE);
  person_closes (fixture);
  g_assert_cmpuint (fixture->n_closed, ==, 0);
}

static void
test_durations_out_of_range (Fixture *fixture, gconstpointer data)
{
  static const guint open_s[] = { 0, 299, 14401, G_MAXUINT };
  static const guint pause_s[] = { 1, 59, 14401, G_MAXUINT };
  static const guint extend_s[] = { 0, 59, 14401, G_MAXUINT };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (open_s); i++)
    {
      g_assert_false (sighej_presence_open (fixture->presence, open_s[i], &error));
      g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_DURATION);
      g_clear_error (&error);
    }
  person_opens (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (pause_s); i++)
    {
      g_assert_false (sighej_presence_pause (fixture->presence, pause_s[i], &error));
      g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_DURATION);
      g_clear_error (&error);
      g_assert_false (sighej_presence_extend (fixture->presence, extend_s[i], &error));
      g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_DURATION);
      g_clear_error (&error);
    }
  assert_state (fixture, SIGHEJ_STATE_OPENING, SIGHEJ_REASON_NONE);
}

static void
test_not_open_is_said (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (sighej_presence_pause (fixture->presence, 60, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_OPEN);
  g_clear_error (&error);
  g_assert_false (sighej_presence_resume (fixture->presence, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_OPEN);
  g_clear_error (&error);
  g_assert_false (sighej_presence_extend (fixture->presence, 60, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_OPEN);
}

static void
test_open_again_sets_the_new_end (Fixture *fixture, gconstpointer data)
{
  guint64 since_s;

  be_open (fixture);
  since_s = sighej_presence_get_open_since_s (fixture->presence);
  g_assert_cmpuint (
      sighej_presence_get_open_until_s (fixture->presence), ==, since_s + TWO_HOURS_S);
  sighej_test_clock_advance (fixture->clock, S (100));
  person_pauses (fixture);
  link_idle (fixture);
  radio_silent (fixture);
  g_assert_true (sighej_presence_open (fixture->presence, 600, NULL));
  assert_state (fixture, SIGHEJ_STATE_OPENING, SIGHEJ_REASON_NONE);
  link_online (fixture);
  radio_on_air (fixture);
  g_assert_cmpuint (sighej_presence_get_open_since_s (fixture->presence), ==, since_s);
  g_assert_cmpuint (sighej_presence_get_open_until_s (fixture->presence), ==, since_s + 700);
  sighej_test_clock_advance (fixture->clock, S (600));
  assert_state (fixture, SIGHEJ_STATE_CLOSING, SIGHEJ_REASON_EXPIRED);
  g_assert_cmpuint (sighej_presence_get_open_until_s (fixture->presence), ==, 0);
  g_assert_cmpuint (sighej_presence_get_open_since_s (fixture->presence), ==, 0);
}

static void
test_extend_is_relative_and_bounded (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  be_open (fixture);
  g_assert_true (sighej_presence_extend (fixture->presence, TWO_HOURS_S, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (sighej_presence_get_open_until_s (fixture->presence)
                        - sighej_presence_get_open_since_s (fixture->presence),
                    ==,
                    SIGHEJ_OPEN_SECONDS_MAX);
  g_assert_false (sighej_presence_extend (fixture->presence, 60, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_DURATION);
  sighej_test_clock_advance (fixture->clock, H (3));
  assert_state (fixture, SIGHEJ_STATE_OPEN, SIGHEJ_REASON_NONE);
}

static void
test_pause_ends_by_itself (Fixture *fixture, gconstpointer data)
{
  person_opens (fixture);
  g_assert_true (sighej_presence_pause (fixture->presence, 60, NULL));
  g_assert_cmpuint (sighej_presence_get_paused_until_s (fixture->presence),
                    ==,
                    sighej_presence_get_open_since_s (fixture->presence) + 60);
  sighej_test_clock_advance (fixture->clock, S (60) - 1);
  assert_state (fixture, SIGHEJ_STATE_PAUSED, SIGHEJ_REASON_USER);
  sighej_test_clock_advance (fixture->clock, 1);
  assert_state (fixture, SIGHEJ_STATE_OPENING, SIGHEJ_REASON_NONE);
  g_assert_cmpuint (sighej_presence_get_paused_until_s (fixture->presence), ==, 0);
}

static void
test_pause_again_sets_the_new_end (Fixture *fixture, gconstpointer data)
{
  person_opens (fixture);
  g_assert_true (sighej_presence_pause (fixture->presence, 60, NULL));
  g_assert_true (sighej_presence_pause (fixture->presence, 0, NULL));
  g_assert_cmpuint (sighej_presence_get_paused_until_s (fixture->presence), ==, 0);
  sighej_test_clock_advance (fixture->clock, S (600));
  assert_state (fixture, SIGHEJ_STATE_PAUSED, SIGHEJ_REASON_USER);
}

static void
test_rotation_is_no_change (Fixture *fixture, gconstpointer data)
{
  guint n_changed;

  be_open (fixture);
  n_changed = fixture->n_changed;
  radio_silent (fixture);
  sighej_test_clock_advance (fixture->clock, S (1));
  radio_on_air (fixture);
  sighej_test_clock_advance (fixture->clock, S (60));
  g_assert_cmpuint (fixture->n_changed, ==, n_changed);

  radio_silent (fixture);
  sighej_test_clock_advance (fixture->clock, S (SIGHEJ_PRESENCE_ROTATION_SECONDS));
  assert_state (fixture, SIGHEJ_STATE_OPENING, SIGHEJ_REASON_NONE);
}

static void
test_short_absence_of_the_backend_is_no_change (Fixture *fixture, gconstpointer data)
{
  be_open (fixture);
  for (guint i = 0; i < 5; i++)
    {
      link_loses_socket (fixture);
      sighej_test_clock_advance (fixture->clock, S (59));
      assert_state (fixture, SIGHEJ_STATE_OPEN, SIGHEJ_REASON_NONE);
      link_online (fixture);
    }
  assert_wants (fixture, TRUE, TRUE);
}

/* The test clock begins at 10:00 UTC. */
static void
test_quiet_hours_come_and_go (Fixture *fixture, gconstpointer data)
{
  static const char *const ranges[] = { "11:00-11:30", "23:00-09:00", NULL };

  g_assert_true (sighej_presence_set_quiet_hours (fixture->presence, ranges, NULL));
  be_open (fixture);
  sighej_test_clock_advance (fixture->clock, H (1) - 1);
  assert_state (fixture, SIGHEJ_STATE_OPEN, SIGHEJ_REASON_NONE);
  sighej_test_clock_advance (fixture->clock, 1);
  assert_state (fixture, SIGHEJ_STATE_WAITING, SIGHEJ_REASON_QUIET_HOURS);
  assert_wants (fixture, FALSE, FALSE);
  link_idle (fixture);
  radio_silent (fixture);
  sighej_test_clock_advance (fixture->clock, S (30 * 60) - 1);
  assert_state (fixture, SIGHEJ_STATE_WAITING, SIGHEJ_REASON_QUIET_HOURS);
  sighej_test_clock_advance (fixture->clock, 1);
  assert_state (fixture, SIGHEJ_STATE_OPENING, SIGHEJ_REASON_NONE);
  assert_wants (fixture, TRUE, FALSE);
}

static void
test_quiet_hours_over_midnight (Fixture *fixture, gconstpointer data)
{
  static const char *const ranges[] = { "23:00-09:00", NULL };

  g_assert_true (sighej_presence_set_quiet_hours (fixture->presence, ranges, NULL));
  sighej_test_clock_jump_wall (fixture->clock, H (12));
  g_assert_true (sighej_presence_open (fixture->presence, 14400, NULL));
  sighej_test_clock_advance (fixture->clock, H (1));
  assert_state (fixture, SIGHEJ_STATE_WAITING, SIGHEJ_REASON_QUIET_HOURS);
  sighej_test_clock_advance (fixture->clock, H (2));
  assert_state (fixture, SIGHEJ_STATE_WAITING, SIGHEJ_REASON_QUIET_HOURS);
}

static void
test_quiet_hours_follow_the_wall_clock (Fixture *fixture, gconstpointer data)
{
  static const char *const ranges[] = { "22:00-23:00", NULL };

  g_assert_true (sighej_presence_set_quiet_hours (fixture->presence, ranges, NULL));
  person_opens (fixture);
  sighej_test_clock_jump_wall (fixture->clock, H (12) - S (1800));
  sighej_test_clock_advance (fixture->clock, H (1));
  assert_state (fixture, SIGHEJ_STATE_WAITING, SIGHEJ_REASON_QUIET_HOURS);
}

static void
test_quiet_hours_are_checked (Fixture *fixture, gconstpointer data)
{
  static const char *const good[] = { "22:00-08:00", NULL };
  static const char *const bad[] = { "22:00-08:00", "25:00-08:00", NULL };
  static const char *const many[]
      = { "01:00-01:01", "02:00-02:01", "03:00-03:01", "04:00-04:01", "05:00-05:01",
          "06:00-06:01", "07:00-07:01", "08:00-08:01", "09:00-09:01", NULL };
  g_autoptr (GError) error = NULL;

  g_assert_true (sighej_presence_set_quiet_hours (fixture->presence, good, NULL));
  g_assert_false (sighej_presence_set_quiet_hours (fixture->presence, bad, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG);
  g_clear_error (&error);
  g_assert_false (sighej_presence_set_quiet_hours (fixture->presence, many, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG);
  g_assert_cmpstrv (sighej_presence_get_quiet_hours (fixture->presence), good);
}

static void
test_closed_is_told_once (Fixture *fixture, gconstpointer data)
{
  be_open (fixture);
  person_closes (fixture);
  g_assert_cmpuint (fixture->n_closed, ==, 0);
  radio_silent (fixture);
  link_idle (fixture);
  g_assert_cmpuint (fixture->n_closed, ==, 1);
  g_assert_cmpint (fixture->closed_reason, ==, SIGHEJ_REASON_USER);
  person_closes (fixture);
  g_assert_cmpuint (fixture->n_closed, ==, 1);
}

static void
test_late_advertisement_is_closing (Fixture *fixture, gconstpointer data)
{
  person_opens (fixture);
  person_closes (fixture);
  assert_state (fixture, SIGHEJ_STATE_OFF, SIGHEJ_REASON_USER);
  radio_on_air (fixture);
  assert_state (fixture, SIGHEJ_STATE_CLOSING, SIGHEJ_REASON_USER);
  radio_silent (fixture);
  assert_state (fixture, SIGHEJ_STATE_OFF, SIGHEJ_REASON_USER);
  g_assert_cmpuint (fixture->n_closed, ==, 1);
}

static void
answer_within (SighejPresence *presence, Fixture *fixture)
{
  if (sighej_presence_get_session_wanted (presence))
    link_online (fixture);
  if (sighej_presence_get_air_wanted (presence))
    radio_on_air (fixture);
}

static void
test_facts_may_come_from_within_changed (Fixture *fixture, gconstpointer data)
{
  g_signal_connect (fixture->presence, "changed", G_CALLBACK (answer_within), fixture);
  person_opens (fixture);
  assert_state (fixture, SIGHEJ_STATE_OPEN, SIGHEJ_REASON_NONE);
  assert_wants (fixture, TRUE, TRUE);
}

static void
test_waits_for_nothing_when_off (Fixture *fixture, gconstpointer data)
{
  static const char *const ranges[] = { "22:00-08:00", NULL };

  g_assert_true (sighej_presence_set_quiet_hours (fixture->presence, ranges, NULL));
  radio_blocked (fixture);
  link_idle (fixture);
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
}

#define ADD_WITH(path, data, function)                                                             \
  g_test_add ("/presence/" path, Fixture, data, set_up, function, tear_down)
static void
test_a_kiosk_stays_open (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  link_online (fixture);
  sighej_presence_stay_open (fixture->presence);
  assert_wants (fixture, TRUE, TRUE);
  radio_on_air (fixture);
  assert_state (fixture, SIGHEJ_STATE_OPEN, SIGHEJ_REASON_NONE);
  g_assert_cmpuint (sighej_presence_get_open_until_s (fixture->presence), ==, 0);
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
  g_assert_false (sighej_presence_extend (fixture->presence, 600, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_DURATION);

  sighej_test_clock_advance (fixture->clock, H (24 * 365));
  assert_state (fixture, SIGHEJ_STATE_OPEN, SIGHEJ_REASON_NONE);
  sighej_presence_close (fixture->presence, SIGHEJ_REASON_USER);
  radio_silent (fixture);
  link_idle (fixture);
  assert_state (fixture, SIGHEJ_STATE_OFF, SIGHEJ_REASON_USER);
  g_assert_cmpuint (fixture->n_closed, ==, 1);
}

#define ADD(path, function) ADD_WITH (path, NULL, function)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD_WITH ("walk/through-a-day", through_a_day, test_walk);
  ADD_WITH ("walk/opened-while-closing", opened_while_closing, test_walk);
  ADD_WITH ("walk/blocked-before-and-meanwhile", blocked_before_and_meanwhile, test_walk);
  ADD_WITH ("walk/paired-without-a-radio", paired_without_a_radio, test_walk);
  ADD_WITH ("walk/backend-away", backend_away, test_walk);
  ADD_WITH ("walk/quota-full", quota_full, test_walk);
  ADD_WITH ("walk/the-machine-goes-before", the_machine_goes_before, test_walk);
  ADD_WITH ("walk/opened-at-a-bad-time", opened_at_a_bad_time, test_walk);
  ADD_WITH ("walk/time-is-up", time_is_up, test_walk);
  ADD ("starts-off-without-a-reason", test_starts_off_without_a_reason);
  ADD ("durations-out-of-range", test_durations_out_of_range);
  ADD ("not-open-is-said", test_not_open_is_said);
  ADD ("open-again-sets-the-new-end", test_open_again_sets_the_new_end);
  ADD ("extend-is-relative-and-bounded", test_extend_is_relative_and_bounded);
  ADD ("pause-ends-by-itself", test_pause_ends_by_itself);
  ADD ("pause-again-sets-the-new-end", test_pause_again_sets_the_new_end);
  ADD ("rotation-is-no-change", test_rotation_is_no_change);
  ADD ("short-absence-of-the-backend-is-no-change", test_short_absence_of_the_backend_is_no_change);
  ADD ("quiet-hours/come-and-go", test_quiet_hours_come_and_go);
  ADD ("quiet-hours/over-midnight", test_quiet_hours_over_midnight);
  ADD ("quiet-hours/follow-the-wall-clock", test_quiet_hours_follow_the_wall_clock);
  ADD ("quiet-hours/are-checked", test_quiet_hours_are_checked);
  ADD ("closed-is-told-once", test_closed_is_told_once);
  ADD ("late-advertisement-is-closing", test_late_advertisement_is_closing);
  ADD ("facts-may-come-from-within-changed", test_facts_may_come_from_within_changed);
  ADD ("a-kiosk-stays-open", test_a_kiosk_stays_open);
  ADD ("waits-for-nothing-when-off", test_waits_for_nothing_when_off);

  return g_test_run ();
}
