/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-herald.h"

#include <string.h>

#include "sighej-test.h"

#define S(seconds) ((gint64) (seconds) *G_USEC_PER_SEC)
#define UNTIL 1795226400 /* 02:00 UTC */

typedef struct
{
  SighejTestClock *clock;
  SighejHerald *herald;
  SighejHeraldPresence presence;
  GString *log; /* "+id" shown, "-id" withdrawn, "!3" announced, with spaces between */
  SighejBulletin *last;
} Fixture;

static const char *const shared[] = { "devops", "jazz", NULL };

static void
on_show (SighejHerald *herald, const SighejBulletin *bulletin, Fixture *fixture)
{
  g_string_append_printf (fixture->log, "+%s ", bulletin->id);
  g_clear_pointer (&fixture->last, sighej_bulletin_free);
  fixture->last = sighej_bulletin_copy (bulletin);
}

static void
on_withdraw (SighejHerald *herald, const char *id, Fixture *fixture)
{
  g_string_append_printf (fixture->log, "-%s ", id);
}

static void
on_announced (SighejHerald *herald, guint64 number, Fixture *fixture)
{
  g_string_append_printf (fixture->log, "!%u ", (guint) number);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->clock = sighej_test_clock_new ();
  fixture->log = g_string_new (NULL);
  fixture->herald = sighej_herald_new (SIGHEJ_CLOCK (fixture->clock));
  fixture->presence = (SighejHeraldPresence){ .open_until_s = UNTIL };
  g_signal_connect (fixture->herald, "show", G_CALLBACK (on_show), fixture);
  g_signal_connect (fixture->herald, "withdraw", G_CALLBACK (on_withdraw), fixture);
  g_signal_connect (fixture->herald, "announced", G_CALLBACK (on_announced), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->last, sighej_bulletin_free);
  g_string_free (fixture->log, TRUE);
  sighej_test_assert_finalized (fixture->herald);
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
  sighej_test_assert_finalized (fixture->clock);
}

/* What happened since it was asked last. */
#define ASSERT_LOG(fixture, expected)                                                              \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_assert_cmpstr ((fixture)->log->str, ==, expected);                                           \
    g_string_truncate ((fixture)->log, 0);                                                         \
  }                                                                                                \
  G_STMT_END

static void
be (Fixture *fixture, SighejState state, SighejReason reason)
{
  fixture->presence.state = state;
  fixture->presence.reason = reason;
  sighej_herald_set_presence (fixture->herald, &fixture->presence);
}

/* Open, and that is no news. */
static void
be_open (Fixture *fixture)
{
  be (fixture, SIGHEJ_STATE_OPEN, SIGHEJ_REASON_NONE);
  g_string_truncate (fixture->log, 0);
}

static void
see_near (Fixture *fixture, guint nearby)
{
  fixture->presence.nearby = nearby;
  sighej_herald_set_presence (fixture->herald, &fixture->presence);
}

static void
nudge (Fixture *fixture, guint64 number, SighejNudgeState state)
{
  sighej_herald_put_nudge (fixture->herald, number, state, shared, FALSE);
}

static void
test_a_nudge_is_told_once (Fixture *fixture, gconstpointer data)
{
  nudge (fixture, 3, SIGHEJ_NUDGE_STATE_NEW);
  ASSERT_LOG (fixture, "+nudge-3 !3 ");
  g_assert_cmpstr (fixture->last->title, ==, "Someone near also likes DevOps and Jazz");
  g_assert_cmpuint (fixture->last->n_buttons, ==, 2);
  g_assert_cmpstr (fixture->last->buttons[0].action, ==, "wave");
  g_assert_cmpstr (fixture->last->buttons[1].action, ==, "not-now");

  nudge (fixture, 3, SIGHEJ_NUDGE_STATE_NEW);
  sighej_herald_set_desk (fixture->herald, TRUE, FALSE, FALSE);
  sighej_herald_set_desk (fixture->herald, FALSE, FALSE, FALSE);
  ASSERT_LOG (fixture, "");
  sighej_herald_drop_nudge (fixture->herald, 3);
  sighej_herald_drop_nudge (fixture->herald, 3);
  ASSERT_LOG (fixture, "-nudge-3 ");
}

static void
test_an_answered_nudge_is_withdrawn (Fixture *fixture, gconstpointer data)
{
  static const SighejNudgeState answers[]
      = { SIGHEJ_NUDGE_STATE_WAVED, SIGHEJ_NUDGE_STATE_MUTUAL, SIGHEJ_NUDGE_STATE_EXPIRED };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      nudge (fixture, 1 + i, SIGHEJ_NUDGE_STATE_NEW);
      g_string_truncate (fixture->log, 0);
      nudge (fixture, 1 + i, answers[i]);
      sighej_herald_drop_nudge (fixture->herald, 1 + i);
      g_assert_cmpuint (fixture->log->len, ==, strlen ("-nudge-1 "));
      g_string_truncate (fixture->log, 0);
    }
}

static void
test_a_nudge_told_by_another_is_not_told (Fixture *fixture, gconstpointer data)
{
  sighej_herald_put_nudge (fixture->herald, 1, SIGHEJ_NUDGE_STATE_NEW, shared, TRUE);
  sighej_herald_set_speaking (fixture->herald, FALSE, FALSE);
  nudge (fixture, 2, SIGHEJ_NUDGE_STATE_NEW);
  ASSERT_LOG (fixture, "");

  /* The other has told of 2, and of 3 it could not any more. */
  nudge (fixture, 3, SIGHEJ_NUDGE_STATE_NEW);
  sighej_herald_put_nudge (fixture->herald, 2, SIGHEJ_NUDGE_STATE_NEW, shared, TRUE);
  sighej_herald_set_speaking (fixture->herald, TRUE, TRUE);
  ASSERT_LOG (fixture, "+nudge-3 !3 ");
}

static void
test_what_is_up_stays_when_another_speaks (Fixture *fixture, gconstpointer data)
{
  be (fixture, SIGHEJ_STATE_OPEN, SIGHEJ_REASON_NONE);
  nudge (fixture, 1, SIGHEJ_NUDGE_STATE_NEW);
  ASSERT_LOG (fixture, "+open +nudge-1 !1 ");
  sighej_herald_set_speaking (fixture->herald, FALSE, FALSE);
  ASSERT_LOG (fixture, "-open ");
  nudge (fixture, 1, SIGHEJ_NUDGE_STATE_WAVED);
  ASSERT_LOG (fixture, "-nudge-1 ");
  sighej_herald_set_speaking (fixture->herald, TRUE, TRUE);
  ASSERT_LOG (fixture, "+open ");
}

static void
test_one_may_keep_and_the_other_speak (Fixture *fixture, gconstpointer data)
{
  sighej_herald_set_speaking (fixture->herald, FALSE, TRUE);
  be (fixture, SIGHEJ_STATE_OPEN, SIGHEJ_REASON_NONE);
  nudge (fixture, 1, SIGHEJ_NUDGE_STATE_NEW);
  ASSERT_LOG (fixture, "+open ");
  sighej_herald_set_speaking (fixture->herald, TRUE, FALSE);
  ASSERT_LOG (fixture, "-open +nudge-1 !1 ");
}

static void
test_a_nudge_waits_for_quiet_to_end (Fixture *fixture, gconstpointer data)
{
  be_open (fixture);
  sighej_herald_set_desk (fixture->herald, TRUE, FALSE, FALSE);
  nudge (fixture, 1, SIGHEJ_NUDGE_STATE_NEW);
  nudge (fixture, 2, SIGHEJ_NUDGE_STATE_NEW);
  sighej_herald_drop_nudge (fixture->herald, 2);
  ASSERT_LOG (fixture, "");
  sighej_herald_set_desk (fixture->herald, FALSE, FALSE, FALSE);
  ASSERT_LOG (fixture, "+nudge-1 !1 ");

  sighej_test_clock_advance (fixture->clock, S (SIGHEJ_OPEN_TOLD_SECONDS));
  be (fixture, SIGHEJ_STATE_WAITING, SIGHEJ_REASON_QUIET_HOURS);
  nudge (fixture, 3, SIGHEJ_NUDGE_STATE_NEW);
  ASSERT_LOG (fixture, "+open ");
  g_assert_cmpstr (fixture->last->title, ==, "Quiet hours");
  be (fixture, SIGHEJ_STATE_OPEN, SIGHEJ_REASON_NONE);
  ASSERT_LOG (fixture, "+open +nudge-3 !3 ");
}

static void
test_behind_the_lock_nothing_is_named (Fixture *fixture, gconstpointer data)
{
  nudge (fixture, 1, SIGHEJ_NUDGE_STATE_NEW);
  sighej_herald_put_meet (fixture->herald, 7, "Blue Heron", 0, FALSE);
  sighej_herald_take_message (fixture->herald, 7, "Red Fox", "I wear a scarf");
  g_assert_cmpstr (fixture->last->title, ==, "Red Fox");
  g_assert_cmpstr (fixture->last->body, ==, "I wear a scarf");
  ASSERT_LOG (fixture, "+nudge-1 !1 +meet-7 +message-7 ");

  /* What could be read is replaced, once. */
  sighej_herald_set_desk (fixture->herald, FALSE, TRUE, FALSE);
  ASSERT_LOG (fixture, "+nudge-1 +meet-7 +message-7 ");
  g_assert_cmpstr (fixture->last->title, ==, "New message");
  nudge (fixture, 2, SIGHEJ_NUDGE_STATE_NEW);
  ASSERT_LOG (fixture, "+nudge-2 !2 ");
  g_assert_cmpstr (fixture->last->title, ==, "Someone near is open to talk");
  g_assert_null (strstr (fixture->last->body, "azz"));
  sighej_herald_take_message (fixture->herald, 7, "Red Fox", "Where are you?");
  ASSERT_LOG (fixture, "+message-7 ");
  g_assert_null (strstr (fixture->last->body, "Where"));
  g_assert_cmpstr (fixture->last->title, ==, "New message");

  sighej_herald_set_desk (fixture->herald, FALSE, FALSE, FALSE);
  ASSERT_LOG (fixture, "");
}

static void
test_what_is_seen_is_not_told (Fixture *fixture, gconstpointer data)
{
  sighej_herald_set_desk (fixture->herald, FALSE, FALSE, TRUE);
  nudge (fixture, 1, SIGHEJ_NUDGE_STATE_NEW);
  ASSERT_LOG (fixture, "!1 ");
  sighej_herald_put_meet (fixture->herald, 1, "Blue Heron", 0, FALSE);
  sighej_herald_take_message (fixture->herald, 1, "Red Fox", "Hi");
  sighej_herald_set_desk (fixture->herald, FALSE, FALSE, FALSE);
  ASSERT_LOG (fixture, "");

  /* And what was told goes when it is seen, but a nudge: that can still be answered there. */
  nudge (fixture, 2, SIGHEJ_NUDGE_STATE_NEW);
  sighej_herald_put_meet (fixture->herald, 2, "Green Hare", 0, FALSE);
  sighej_herald_take_message (fixture->herald, 2, "Red Fox", "Hi");
  ASSERT_LOG (fixture, "+nudge-2 !2 +meet-2 +message-2 ");
  sighej_herald_set_desk (fixture->herald, FALSE, FALSE, TRUE);
  ASSERT_LOG (fixture, "-meet-2 -message-2 ");
}

static void
test_a_meet_is_told_and_withdrawn (Fixture *fixture, gconstpointer data)
{
  sighej_herald_put_meet (fixture->herald, 4, "Blue Heron", 0, TRUE);
  ASSERT_LOG (fixture, "");
  sighej_herald_put_meet (fixture->herald, 5, "Green Hare", 0, FALSE);
  sighej_herald_put_meet (fixture->herald, 5, "Green Hare", 0, FALSE);
  ASSERT_LOG (fixture, "+meet-5 ");
  g_assert_cmpstr (fixture->last->title, ==, "They waved too");
  g_assert_cmpstr (fixture->last->body, ==, "Look for Green Hare");

  sighej_herald_take_message (fixture->herald, 5, "Red Fox", "Hi");
  sighej_herald_put_meet (fixture->herald, 5, "Green Hare", 1, FALSE);
  sighej_herald_take_message (fixture->herald, 5, "Red Fox", "There?");
  ASSERT_LOG (fixture, "+message-5 +message-5 ");
  sighej_herald_put_meet (fixture->herald, 5, "Green Hare", 0, FALSE);
  ASSERT_LOG (fixture, "-message-5 ");
  sighej_herald_take_message (fixture->herald, 5, "Red Fox", "Hello");
  sighej_herald_drop_meet (fixture->herald, 5);
  sighej_herald_take_message (fixture->herald, 5, "Red Fox", "Too late");
  ASSERT_LOG (fixture, "+message-5 -meet-5 -message-5 ");
}

static void
test_a_message_kept_back_may_be_read_first (Fixture *fixture, gconstpointer data)
{
  sighej_herald_set_desk (fixture->herald, TRUE, FALSE, FALSE);
  sighej_herald_put_meet (fixture->herald, 1, "Blue Heron", 0, TRUE);
  sighej_herald_put_meet (fixture->herald, 2, "Green Hare", 0, TRUE);
  for (guint i = 1; i <= 2; i++)
    {
      sighej_herald_take_message (fixture->herald, i, "Red Fox", "Hi");
      sighej_herald_put_meet (fixture->herald, i, "", 1, TRUE);
    }
  sighej_herald_put_meet (fixture->herald, 1, "", 0, TRUE);
  sighej_herald_set_desk (fixture->herald, FALSE, FALSE, FALSE);
  ASSERT_LOG (fixture, "+message-2 ");
}

static void
test_open_says_how_things_are (Fixture *fixture, gconstpointer data)
{
  be (fixture, SIGHEJ_STATE_OPENING, SIGHEJ_REASON_NONE);
  be (fixture, SIGHEJ_STATE_OPEN, SIGHEJ_REASON_NONE);
  ASSERT_LOG (fixture, "+open ");
  g_assert_cmpstr (fixture->last->title, ==, "Open to talk until 02:00");
  g_assert_cmpstr (fixture->last->buttons[0].action, ==, "close");
  g_assert_true (sighej_bulletin_is_lasting (fixture->last));

  be (fixture, SIGHEJ_STATE_PAUSED, SIGHEJ_REASON_USER);
  ASSERT_LOG (fixture, "+open ");
  g_assert_cmpstr (fixture->last->title, ==, "Paused");
  g_assert_cmpstr (fixture->last->body, ==, "Nobody sees you.");
  fixture->presence.paused_until_s = UNTIL - 3600;
  be (fixture, SIGHEJ_STATE_PAUSED, SIGHEJ_REASON_USER);
  g_assert_cmpstr (fixture->last->title, ==, "Paused until 01:00");
  be (fixture, SIGHEJ_STATE_OPEN, SIGHEJ_REASON_NONE);
  ASSERT_LOG (fixture, "+open +open ");
  be (fixture, SIGHEJ_STATE_CLOSING, SIGHEJ_REASON_USER);
  be (fixture, SIGHEJ_STATE_OFF, SIGHEJ_REASON_USER);
  ASSERT_LOG (fixture, "-open ");
}

static void
test_open_is_replaced_once_a_minute_at_most (Fixture *fixture, gconstpointer data)
{
  be_open (fixture);
  for (guint i = 0; i < 10; i++)
    {
      be (fixture, SIGHEJ_STATE_WAITING, SIGHEJ_REASON_BACKEND_OFFLINE);
      be (fixture, SIGHEJ_STATE_OPEN, SIGHEJ_REASON_NONE);
    }
  ASSERT_LOG (fixture, "");
  be (fixture, SIGHEJ_STATE_WAITING, SIGHEJ_REASON_BLUETOOTH_OFF);
  sighej_test_clock_advance (fixture->clock, S (SIGHEJ_OPEN_TOLD_SECONDS) - 1);
  ASSERT_LOG (fixture, "");
  sighej_test_clock_advance (fixture->clock, 1);
  ASSERT_LOG (fixture, "+open ");
  g_assert_cmpstr (fixture->last->title, ==, "Bluetooth is off");

  /* Nobody shall think not to be seen who is. */
  be (fixture, SIGHEJ_STATE_OPEN, SIGHEJ_REASON_NONE);
  ASSERT_LOG (fixture, "+open ");
}

static void
test_open_does_not_come_back (Fixture *fixture, gconstpointer data)
{
  be_open (fixture);
  sighej_herald_dismissed (fixture->herald, "open");
  be (fixture, SIGHEJ_STATE_PAUSED, SIGHEJ_REASON_USER);
  sighej_herald_set_speaking (fixture->herald, FALSE, FALSE);
  sighej_herald_set_speaking (fixture->herald, TRUE, TRUE);
  ASSERT_LOG (fixture, "");

  /* Opened again before all of it was closed: another opening all the same. */
  be (fixture, SIGHEJ_STATE_CLOSING, SIGHEJ_REASON_USER);
  be (fixture, SIGHEJ_STATE_OPENING, SIGHEJ_REASON_NONE);
  ASSERT_LOG (fixture, "+open ");
}

static void
test_time_is_up (Fixture *fixture, gconstpointer data)
{
  be (fixture, SIGHEJ_STATE_OFF, SIGHEJ_REASON_EXPIRED);
  ASSERT_LOG (fixture, "");
  be_open (fixture);
  be (fixture, SIGHEJ_STATE_CLOSING, SIGHEJ_REASON_EXPIRED);
  be (fixture, SIGHEJ_STATE_OFF, SIGHEJ_REASON_EXPIRED);
  be (fixture, SIGHEJ_STATE_OFF, SIGHEJ_REASON_EXPIRED);
  ASSERT_LOG (fixture, "-open +expired ");
  g_assert_cmpstr (fixture->last->title, ==, "Time is up");
  g_assert_cmpstr (fixture->last->buttons[0].action, ==, "open");
  be (fixture, SIGHEJ_STATE_OPENING, SIGHEJ_REASON_NONE);
  ASSERT_LOG (fixture, "+open -expired ");

  sighej_herald_set_desk (fixture->herald, TRUE, FALSE, FALSE);
  be (fixture, SIGHEJ_STATE_OFF, SIGHEJ_REASON_EXPIRED);
  ASSERT_LOG (fixture, "-open ");
}

static void
test_people_near_are_told_when_wanted (Fixture *fixture, gconstpointer data)
{
  be_open (fixture);
  see_near (fixture, 1);
  ASSERT_LOG (fixture, "");
  fixture->presence.notify_nearby = TRUE;
  see_near (fixture, 2);
  ASSERT_LOG (fixture, "+nearby ");
  g_assert_cmpstr (fixture->last->title, ==, "2 people near are open");
  see_near (fixture, 4);
  ASSERT_LOG (fixture, "");
  sighej_test_clock_advance (fixture->clock, S (SIGHEJ_NEARBY_TOLD_SECONDS));
  ASSERT_LOG (fixture, "+nearby ");
  g_assert_cmpstr (fixture->last->title, ==, "4 people near are open");
  see_near (fixture, 0);
  ASSERT_LOG (fixture, "-nearby ");

  sighej_test_clock_advance (fixture->clock, S (SIGHEJ_NEARBY_TOLD_SECONDS));
  sighej_herald_set_desk (fixture->herald, FALSE, TRUE, FALSE);
  see_near (fixture, 1);
  ASSERT_LOG (fixture, "");
  sighej_herald_set_desk (fixture->herald, FALSE, FALSE, FALSE);
  ASSERT_LOG (fixture, "+nearby ");
  be (fixture, SIGHEJ_STATE_OFF, SIGHEJ_REASON_USER);
  ASSERT_LOG (fixture, "-open -nearby ");
}

static void
test_bounded (Fixture *fixture, gconstpointer data)
{
  for (guint i = 1; i <= 2 * SIGHEJ_HERALD_ITEMS_MAX; i++)
    {
      nudge (fixture, i, SIGHEJ_NUDGE_STATE_NEW);
      sighej_herald_put_meet (fixture->herald, i, "Blue Heron", 0, FALSE);
      g_assert_cmpint (fixture->log->len > 0, ==, i <= SIGHEJ_HERALD_ITEMS_MAX);
      g_string_truncate (fixture->log, 0);
    }
}

static void
test_a_long_message_is_cut (void)
{
  g_autofree char *text = g_strnfill (3000, 'a');
  g_autoptr (SighejBulletin) bulletin = sighej_bulletin_new_message (1, "Red Fox", text, FALSE);

  g_assert_cmpuint (strlen (bulletin->body), ==, SIGHEJ_BULLETIN_MESSAGE_CHARS_MAX);
  g_assert_true (bulletin->is_message);
}

/* Every state and reason has words of its own or the common ones, never none. */
static void
test_every_state_has_words (void)
{
  for (guint state = SIGHEJ_STATE_OPENING; state <= SIGHEJ_STATE_WAITING; state++)
    for (guint reason = 0; reason <= SIGHEJ_REASON_POLICY; reason++)
      {
        g_autoptr (SighejBulletin) bulletin
            = sighej_bulletin_new_open ((SighejState) state, (SighejReason) reason, UNTIL, 0);

        g_assert_cmpuint (strlen (bulletin->title), >, 5);
        g_assert_cmpuint (strlen (bulletin->body), >, 5);
      }
}

#define ADD(path, function) g_test_add ("/herald/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_setenv ("TZ", "UTC", TRUE);
  g_test_init (&argc, &argv, NULL);

  ADD ("a-nudge-is-told-once", test_a_nudge_is_told_once);
  ADD ("an-answered-nudge-is-withdrawn", test_an_answered_nudge_is_withdrawn);
  ADD ("a-nudge-told-by-another-is-not-told", test_a_nudge_told_by_another_is_not_told);
  ADD ("what-is-up-stays-when-another-speaks", test_what_is_up_stays_when_another_speaks);
  ADD ("one-may-keep-and-the-other-speak", test_one_may_keep_and_the_other_speak);
  ADD ("a-nudge-waits-for-quiet-to-end", test_a_nudge_waits_for_quiet_to_end);
  ADD ("behind-the-lock-nothing-is-named", test_behind_the_lock_nothing_is_named);
  ADD ("what-is-seen-is-not-told", test_what_is_seen_is_not_told);
  ADD ("a-meet-is-told-and-withdrawn", test_a_meet_is_told_and_withdrawn);
  ADD ("a-message-kept-back-may-be-read-first", test_a_message_kept_back_may_be_read_first);
  ADD ("open-says-how-things-are", test_open_says_how_things_are);
  ADD ("open-is-replaced-once-a-minute-at-most", test_open_is_replaced_once_a_minute_at_most);
  ADD ("open-does-not-come-back", test_open_does_not_come_back);
  ADD ("time-is-up", test_time_is_up);
  ADD ("people-near-are-told-when-wanted", test_people_near_are_told_when_wanted);
  ADD ("bounded", test_bounded);
  g_test_add_func ("/herald/a-long-message-is-cut", test_a_long_message_is_cut);
  g_test_add_func ("/herald/every-state-has-words", test_every_state_has_words);

  return g_test_run ();
}
