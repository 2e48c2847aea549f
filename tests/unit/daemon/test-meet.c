/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "sighej-encounter.h"
#include "sighej-heard.h"
#include "sighej-meet.h"

#include "sighej-test.h"

#define S(seconds) ((gint64) (seconds) *G_USEC_PER_SEC)

/* ---- what was heard ---- */

static SighejToken
token_of (guint number)
{
  SighejToken token = { 0 };

  memcpy (token.bytes, &number, sizeof number);
  return token;
}

static void
test_heard_within_twenty_minutes (void)
{
  g_autoptr (SighejHeard) heard = sighej_heard_new ();
  SighejToken token = token_of (1), other = token_of (2);

  sighej_heard_add (heard, &token, S (100));
  g_assert_true (sighej_heard_has (heard, &token, S (100 + SIGHEJ_HEARD_SECONDS)));
  g_assert_false (sighej_heard_has (heard, &token, S (101 + SIGHEJ_HEARD_SECONDS)));
  g_assert_false (sighej_heard_has (heard, &other, S (100)));
  sighej_heard_add (heard, &token, S (200));
  g_assert_true (sighej_heard_has (heard, &token, S (150 + SIGHEJ_HEARD_SECONDS)));
  sighej_heard_add (heard, &other, S (201 + SIGHEJ_HEARD_SECONDS));
  g_assert_cmpuint (sighej_heard_count (heard), ==, 1);
  sighej_heard_wipe (heard);
  g_assert_false (sighej_heard_has (heard, &other, S (201 + SIGHEJ_HEARD_SECONDS)));
}

static void
test_heard_is_bounded (void)
{
  g_autoptr (SighejHeard) heard = sighej_heard_new ();
  SighejToken first = token_of (0), second = token_of (1);

  for (guint i = 0; i < SIGHEJ_HEARD_TOKENS_MAX; i++)
    {
      SighejToken token = token_of (i);

      sighej_heard_add (heard, &token, S (1) + i);
    }
  sighej_heard_add (heard, &first, S (2));
  for (guint i = 0; i < 10; i++)
    {
      SighejToken token = token_of (SIGHEJ_HEARD_TOKENS_MAX + i);

      sighej_heard_add (heard, &token, S (3));
    }
  g_assert_cmpuint (sighej_heard_count (heard), ==, SIGHEJ_HEARD_TOKENS_MAX);
  g_assert_true (sighej_heard_has (heard, &first, S (3)));
  g_assert_false (sighej_heard_has (heard, &second, S (3)));
}

/* ---- what is shown ---- */

static void
test_shows_what_the_backend_says_until_it_is_over (void)
{
  g_autoptr (SighejMeet) meet = sighej_meet_new (3, 3, "nudged", "en");
  SighejWireMeetState state = { .state = SIGHEJ_MEET_STATE_AGREED,
                                .handle = 1,
                                .peer_handle = 2,
                                .cue = 3,
                                .spot = -1,
                                .peer_there = TRUE,
                                .expires_in_ms = 60000 };

  g_assert_true (sighej_meet_show (meet, &state, "en", S (1000)));
  g_assert_cmpuint (meet->expires_s, ==, 1060);
  g_assert_false (sighej_meet_show (meet, &state, "en", S (1000)));
  state.expires_in_ms = 59500;
  g_assert_false (sighej_meet_show (meet, &state, "en", S (1001)));

  state.own_share = TRUE;
  g_assert_true (sighej_meet_show (meet, &state, "en", S (1001)));
  g_assert_cmpint (meet->sharing, ==, SIGHEJ_MEET_SHARING_ASKED);
  state.sharing = TRUE;
  g_assert_true (sighej_meet_show (meet, &state, "en", S (1001)));
  g_assert_cmpint (meet->sharing, ==, SIGHEJ_MEET_SHARING_ON);
  state.state = SIGHEJ_MEET_STATE_HERE;
  g_assert_true (sighej_meet_show (meet, &state, "en", S (1001)));
  state.state = SIGHEJ_MEET_STATE_FINDING;
  g_assert_true (sighej_meet_show (meet, &state, "en", S (1001)));

  state.state = SIGHEJ_MEET_STATE_MET;
  g_assert_true (sighej_meet_show (meet, &state, "en", S (1002)));
  g_assert_true (sighej_meet_is_over (meet));
  g_assert_cmpint (meet->sharing, ==, SIGHEJ_MEET_SHARING_OFF);
  state.state = SIGHEJ_MEET_STATE_AGREED;
  g_assert_false (sighej_meet_show (meet, &state, "en", S (1002)));
  g_assert_false (sighej_meet_end (meet, SIGHEJ_MEET_STATE_ENDED));
  g_assert_cmpint (meet->state, ==, SIGHEJ_MEET_STATE_MET);
}

static void
test_marks_go_forward_only (void)
{
  g_autoptr (SighejMeet) meet = sighej_meet_new (1, 1, "nudged", "en");
  const SighejMeetMessage *first = sighej_meet_add_message (meet, TRUE, 2, "one", S (1));
  const SighejMeetMessage *theirs = sighej_meet_add_message (meet, FALSE, 2, "two", S (2));
  const SighejMeetMessage *last = sighej_meet_add_message (meet, TRUE, 4, "three", S (3));

  g_assert_cmpuint (last->n, ==, 3);
  g_assert_true (sighej_meet_mark (meet, 3, SIGHEJ_MEET_MARK_SEEN));
  g_assert_cmpint (first->mark, ==, SIGHEJ_MEET_MARK_SEEN);
  g_assert_cmpint (last->mark, ==, SIGHEJ_MEET_MARK_WAITING);
  g_assert_true (sighej_meet_mark (meet, 4, SIGHEJ_MEET_MARK_SENT));
  g_assert_cmpint (first->mark, ==, SIGHEJ_MEET_MARK_SEEN);
  g_assert_false (sighej_meet_mark (meet, 4, SIGHEJ_MEET_MARK_SENT));
  g_assert_cmpint (theirs->mark, ==, SIGHEJ_MEET_MARK_DELIVERED);

  g_assert_cmpuint (meet->n_unread, ==, 1);
  g_assert_cmpuint (sighej_meet_read (meet, 1), ==, 0);
  g_assert_cmpuint (sighej_meet_read (meet, 3), ==, 2);
  g_assert_cmpuint (sighej_meet_read (meet, 3), ==, 0);
  g_assert_cmpuint (meet->n_unread, ==, 0);
}

static void
test_the_oldest_messages_go (void)
{
  g_autoptr (SighejMeet) meet = sighej_meet_new (1, 1, "nudged", "en");
  const SighejMeetMessage *first;

  for (guint i = 1; i <= SIGHEJ_MEET_MESSAGES_MAX + 3; i++)
    sighej_meet_add_message (meet, FALSE, i, "x", S (1));
  first = g_ptr_array_index (meet->messages, 0);
  g_assert_cmpuint (meet->messages->len, ==, SIGHEJ_MEET_MESSAGES_MAX);
  g_assert_cmpuint (first->n, ==, 4);
}

/* ---- five readings within 12 s ---- */

static gboolean
read_each (gint64 step_us)
{
  SighejEncounter *encounter
      = sighej_encounter_new (1, SIGHEJ_ENCOUNTER_NUDGED, "00112233445566778899aabbccddeeff");
  gboolean told = FALSE;
  g_autoptr (SighejTestClock) clock = sighej_test_clock_new ();

  for (guint i = 0; i < SIGHEJ_ENCOUNTER_CLOSEST_READINGS; i++)
    told = sighej_encounter_read_closest (encounter, S (50) + i * step_us);
  sighej_encounter_free (encounter, SIGHEJ_CLOCK (clock));
  return told;
}

static void
test_five_readings_within_twelve_seconds (void)
{
  g_assert_true (read_each (S (1)));
  g_assert_true (read_each (S (3)));
  g_assert_false (read_each (S (3) + 1));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/meet/heard-within-twenty-minutes", test_heard_within_twenty_minutes);
  g_test_add_func ("/meet/heard-is-bounded", test_heard_is_bounded);
  g_test_add_func ("/meet/shows-until-it-is-over",
                   test_shows_what_the_backend_says_until_it_is_over);
  g_test_add_func ("/meet/marks-go-forward-only", test_marks_go_forward_only);
  g_test_add_func ("/meet/the-oldest-messages-go", test_the_oldest_messages_go);
  g_test_add_func ("/meet/five-readings", test_five_readings_within_twelve_seconds);
  return g_test_run ();
}
