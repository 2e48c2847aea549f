/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "sighej-crypto.h"
#include "sighej-error.h"
#include "talk-fixture.h"

#define N_BULK 100000

static char *
repeat (const char *piece, guint n)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append (text, piece);
  return g_string_free (text, FALSE);
}

static void
assert_refused (Person *person, const char *text, gint64 now_us, SighejError code)
{
  g_autoptr (GError) error = NULL;
  guint64 number = 77;

  g_assert_false (sighej_talk_say (person->talk, text, now_us, &number, &error));
  g_assert_error (error, SIGHEJ_ERROR, (int) code);
  g_assert_cmpuint (number, ==, 77);
}

static void
test_keys_are_verified_by_what_was_heard (void)
{
  g_autoptr (Pair) pair = pair_new ();
  SighejTalkNews news;

  g_assert_cmpint (sighej_talk_get_trust (pair->one.talk), ==, SIGHEJ_MEET_TRUST_UNKNOWN);
  assert_refused (&pair->one, "hej", pair->now_us, SIGHEJ_ERROR_NOT_PERMITTED);
  sighej_talk_set_typing (pair->one.talk, TRUE, pair->now_us);
  g_assert_null (sighej_talk_get_outgoing (pair->one.talk, 1));

  g_assert_true (pair_carry (pair, &pair->one, &pair->two, &news));
  g_assert_cmpint (news.type, ==, SIGHEJ_TALK_NEWS_TRUST);
  g_assert_cmpint (sighej_talk_get_trust (pair->two.talk), ==, SIGHEJ_MEET_TRUST_VERIFIED);
  g_assert_cmpint (sighej_talk_get_trust (pair->one.talk), ==, SIGHEJ_MEET_TRUST_UNKNOWN);
  g_assert_true (pair_carry (pair, &pair->two, &pair->one, &news));
  g_assert_cmpint (sighej_talk_get_trust (pair->one.talk), ==, SIGHEJ_MEET_TRUST_VERIFIED);
  g_assert_cmpint (sighej_talk_get_problem (pair->one.talk), ==, SIGHEJ_MEET_PROBLEM_NONE);
}

/* The epoch before the nudge's, when our radio heard nothing of the new one yet. */
static void
test_either_of_two_proofs_will_do (void)
{
  g_autoptr (Pair) pair = pair_new ();
  guint8 proofs[2][SIGHEJ_TALK_PROOF_BYTES];

  sighej_token_schedule_get_key (pair->one.schedule, 5, proofs[0]);
  sighej_token_schedule_get_key (pair->one.schedule, 0, proofs[1]);
  sighej_talk_free (pair->one.talk);
  pair->one.talk = sighej_talk_new (
      NUDGE_ID, pair->one.keys, sighej_keypair_get_public (pair->two.keys), proofs, 2, NULL, NULL);
  g_assert_true (pair_carry (pair, &pair->one, &pair->two, NULL));
  g_assert_cmpint (sighej_talk_get_trust (pair->two.talk), ==, SIGHEJ_MEET_TRUST_VERIFIED);
}

/* One made the code, two used it with a secret that begins with @first. */
static void
pair_by_code (Pair *pair, guint8 first)
{
  const guint8 promised[SIGHEJ_PHRASE_SECRET_BYTES] = { 7 };
  const guint8 secret[SIGHEJ_PHRASE_SECRET_BYTES] = { first };
  const guint8 *public_one = sighej_keypair_get_public (pair->one.keys);
  const guint8 *public_two = sighej_keypair_get_public (pair->two.keys);
  guint8 promise[SIGHEJ_PHRASE_NONCE_BYTES];

  sighej_phrase_promise (public_two, promised, promise);
  sighej_talk_free (pair->one.talk);
  sighej_talk_free (pair->two.talk);
  pair->one.talk = sighej_talk_new_creator (NUDGE_ID, pair->one.keys, public_two, promise);
  pair->two.talk = sighej_talk_new_joiner (NUDGE_ID, pair->two.keys, public_one, secret);
}

static void
test_paired_by_code (void)
{
  g_autoptr (Pair) pair = pair_new ();
  SighejTalkNews news;

  pair_by_code (pair, 7);
  g_assert_cmpint (sighej_talk_get_trust (pair->one.talk), ==, SIGHEJ_MEET_TRUST_UNKNOWN);
  g_assert_cmpint (sighej_talk_get_trust (pair->two.talk), ==, SIGHEJ_MEET_TRUST_PHRASE);
  assert_refused (&pair->one, "hej", pair->now_us, SIGHEJ_ERROR_NOT_PERMITTED);
  g_assert_null (sighej_talk_get_joiner_secret (pair->one.talk));

  g_assert_true (pair_carry (pair, &pair->two, &pair->one, &news));
  g_assert_cmpint (news.type, ==, SIGHEJ_TALK_NEWS_TRUST);
  g_assert_cmpint (sighej_talk_get_trust (pair->one.talk), ==, SIGHEJ_MEET_TRUST_PHRASE);
  g_assert_cmpint (sighej_talk_get_joiner_secret (pair->one.talk)[0], ==, 7);
  g_assert_null (sighej_talk_get_joiner_secret (pair->two.talk));
  pair_say (pair, &pair->one, &pair->two, "hej");
  pair_say (pair, &pair->two, &pair->one, "hej!");
}

/* Who could choose it now could search for one whose words fit. */
static void
test_a_secret_that_was_not_promised (void)
{
  g_autoptr (Pair) pair = pair_new ();

  pair_by_code (pair, 8);
  g_assert_false (
      take (pair->one.talk, sighej_talk_get_outgoing (pair->two.talk, 0), pair->now_us));
  assert_broken (pair->one.talk, SIGHEJ_TALK_FAULT_PROMISE);
}

static void
test_keys_that_cannot_be_used (void)
{
  static const guint8 zero[SIGHEJ_KEYPAIR_BYTES] = { 0 };
  g_autoptr (Pair) pair = pair_new ();

  g_assert_null (person_talk_to (&pair->one, zero));
  g_assert_null (person_talk_to (&pair->one, sighej_keypair_get_public (pair->one.keys)));
  g_assert_null (sighej_talk_new_joiner (NUDGE_ID, pair->one.keys, zero, zero));
  g_assert_null (sighej_talk_new_creator (NUDGE_ID, pair->one.keys, zero, zero));
}

static void
test_texts_of_every_size (void)
{
  static const struct
  {
    const char *piece;
    guint n;
    guint n_letters;
  } rows[] = {
    { "a", 1, 1 },      { "\n", 1, 1 },      { "a", 1000, 1 },  { "ø", 1000, 1 },
    { "漢", 682, 1 },   { "漢", 683, 2 },    { "漢", 1000, 2 }, { "🦊", 512, 1 },
    { "🦊", 513, 2 }, { "🦊", 1000, 2 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (Pair) pair = pair_new_verified ();
      g_autofree char *text = repeat (rows[i].piece, rows[i].n);

      g_assert_cmpuint (pair_say (pair, &pair->one, &pair->two, text), ==, 1 + rows[i].n_letters);
    }
}

/* A letter never cuts a character: each offset of a long character at the border. */
static void
test_characters_stay_whole (void)
{
  for (guint n_before = SIGHEJ_TALK_PART_BYTES_MAX - 5; n_before <= SIGHEJ_TALK_PART_BYTES_MAX;
       n_before++)
    {
      g_autoptr (Pair) pair = pair_new_verified ();
      g_autofree char *pairs = repeat ("ø", n_before / 2 - 200);
      g_autofree char *fours = repeat ("🦊", 100);
      g_autofree char *text
          = g_strconcat (fours, pairs, n_before % 2 == 1 ? "x" : "", "🦊🦊🦊", NULL);
      const SighejTalkLetter *part;
      guint64 number;

      g_assert_true (strlen (text) > SIGHEJ_TALK_PART_BYTES_MAX);
      g_assert_true (sighej_talk_say (pair->one.talk, text, pair->now_us, &number, NULL));
      part = sighej_talk_get_outgoing (pair->one.talk, number - 2);
      g_assert_cmpint (part->kind, ==, SIGHEJ_TALK_PART);
      g_assert_cmpuint (g_bytes_get_size (part->body), >=, SIGHEJ_TALK_PART_BYTES_MAX - 3 + 18);
      pair_settle (pair);
      g_assert_cmpuint (sighej_talk_get_taken (pair->two.talk), ==, number);
    }
}

static void
test_what_is_a_text (void)
{
  static const char *const good[]
      = { "a", " ", "\n", "a\nb", "æøå", "e\u0301", "\u200d👩‍💻", "שלום" };
  static const char *const bad[]
      = { "",          "\t",   "a\rb", "\x1b[31m",     "\x7f",    "\xc2\x85",
          "a\xc2\x9b", "\xff", "\xc3", "\xed\xa0\x80", "\xc0\x80" };
  g_autofree char *most = repeat ("🦊", 1000);
  g_autofree char *more = repeat ("a", 1001);
  g_autoptr (Pair) pair = pair_new_verified ();

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (sighej_talk_is_text (good[i]));
  g_assert_true (sighej_talk_is_text (most));
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_false (sighej_talk_is_text (bad[i]));
      assert_refused (&pair->one, bad[i], pair->now_us, SIGHEJ_ERROR_TEXT_REJECTED);
    }
  assert_refused (&pair->one, more, pair->now_us, SIGHEJ_ERROR_TEXT_REJECTED);
  pair_say (pair, &pair->one, &pair->two, "none of those counted");
}

static void
assert_mark (Pair *pair, Person *from, Person *to, SighejTalkNewsType type, guint64 number)
{
  SighejTalkNews news;

  g_assert_true (pair_carry (pair, from, to, &news));
  g_assert_cmpint (news.type, ==, type);
  g_assert_cmpuint (news.number, ==, number);
  sighej_talk_news_clear (&news);
}

static void
test_marks_come_from_the_other_side (void)
{
  g_autoptr (Pair) pair = pair_new_verified ();
  guint64 number = pair_say (pair, &pair->one, &pair->two, "hej");

  assert_mark (pair, &pair->two, &pair->one, SIGHEJ_TALK_NEWS_DELIVERED, number);
  g_assert_null (sighej_talk_get_outgoing (pair->two.talk, 0));

  /* What was not there cannot have been seen. */
  sighej_talk_mark_seen (pair->two.talk, 1000, pair->now_us);
  assert_mark (pair, &pair->two, &pair->one, SIGHEJ_TALK_NEWS_SEEN, number);
  sighej_talk_mark_seen (pair->two.talk, number, pair->now_us);
  sighej_talk_mark_seen (pair->two.talk, 1, pair->now_us);
  g_assert_null (sighej_talk_get_outgoing (pair->two.talk, 0));
  g_assert_null (sighej_talk_get_outgoing (pair->one.talk, 0));
}

static void
assert_typing (Pair *pair, gboolean typing)
{
  SighejTalkNews news;

  g_assert_true (pair_carry (pair, &pair->one, &pair->two, &news));
  g_assert_cmpint (news.type, ==, SIGHEJ_TALK_NEWS_TYPING);
  g_assert_cmpint (news.typing, ==, typing);
  sighej_talk_news_clear (&news);
}

static void
test_typing_is_told_sparingly (void)
{
  g_autoptr (Pair) pair = pair_new_verified ();
  SighejTalk *talk = pair->one.talk;

  for (guint i = 0; i < 40; i++)
    sighej_talk_set_typing (talk, TRUE, pair->now_us + i * SECONDS (0.1) - i);
  assert_typing (pair, TRUE);
  g_assert_null (sighej_talk_get_outgoing (talk, 0));

  pair->now_us += SECONDS (SIGHEJ_TALK_TYPING_AGAIN_SECONDS);
  sighej_talk_set_typing (talk, TRUE, pair->now_us);
  assert_typing (pair, TRUE);
  sighej_talk_set_typing (talk, FALSE, pair->now_us);
  assert_typing (pair, FALSE);
  sighej_talk_set_typing (talk, FALSE, pair->now_us);
  g_assert_null (sighej_talk_get_outgoing (talk, 0));

  /* A message says it too. */
  sighej_talk_set_typing (talk, TRUE, pair->now_us);
  assert_typing (pair, TRUE);
  pair_say (pair, &pair->one, &pair->two, "hej");
  g_assert_null (sighej_talk_get_outgoing (talk, 0));
}

/* One takes the token of its epoch @i. */
static void
set_token (Pair *pair, guint i)
{
  SighejTokenSchedule *schedule = pair->one.schedule;
  SighejTokenOrigin origin;

  sighej_token_schedule_get_origin (
      schedule, sighej_token_schedule_get_epoch (schedule, i), &origin);
  sighej_talk_set_token (pair->one.talk, &origin, pair->now_us);
}

/* Its next letter is a note of a token, and two has reason to follow that of epoch @i. */
static void
assert_token_told (Pair *pair, guint i)
{
  SighejTalkNews news;

  g_assert_true (pair_carry (pair, &pair->one, &pair->two, &news));
  g_assert_cmpint (news.type, ==, SIGHEJ_TALK_NEWS_TOKEN);
  g_assert_true (sighej_token_equal (
      &news.token, &sighej_token_schedule_get_epoch (pair->one.schedule, i)->token));
  sighej_talk_news_clear (&news);
  g_assert_null (sighej_talk_get_outgoing (pair->one.talk, 0));
}

static void
test_a_token_is_told_once_trusted (void)
{
  g_autoptr (Pair) pair = pair_new ();

  /* Of two before that the newer one counts. */
  set_token (pair, 1);
  set_token (pair, 2);
  g_assert_null (sighej_talk_get_outgoing (pair->one.talk, 1));
  g_assert_true (pair_carry (pair, &pair->two, &pair->one, NULL));
  g_assert_true (pair_carry (pair, &pair->one, &pair->two, NULL));
  assert_token_told (pair, 2);
  set_token (pair, 3);
  assert_token_told (pair, 3);
}

/* The newest, as soon as it is followed. */
static void
test_tokens_are_told_sparingly (void)
{
  g_autoptr (Pair) pair = pair_new_verified ();
  gint64 due_us = pair->now_us + SECONDS (SIGHEJ_TALK_TOKENS_TOLD_SECONDS);

  for (guint i = 0; i < SIGHEJ_TALK_TOKENS_MAX; i++)
    {
      set_token (pair, i);
      assert_token_told (pair, i);
    }
  set_token (pair, 4);
  set_token (pair, 5);
  g_assert_null (sighej_talk_get_outgoing (pair->one.talk, 0));
  g_assert_cmpint (sighej_talk_catch_up (pair->one.talk, due_us - 1), ==, due_us);
  g_assert_null (sighej_talk_get_outgoing (pair->one.talk, 0));
  pair->now_us = due_us;
  g_assert_cmpint (sighej_talk_catch_up (pair->one.talk, due_us), ==, 0);
  assert_token_told (pair, 5);
}

static void
test_eight_in_ten_seconds (void)
{
  g_autoptr (Pair) pair = pair_new_verified ();
  gint64 start_us = pair->now_us;

  for (guint i = 0; i < 8; i++)
    pair_say (pair, &pair->one, &pair->two, "hej");
  assert_refused (&pair->one, "hej", start_us, SIGHEJ_ERROR_RATE_LIMITED);
  assert_refused (&pair->one, "hej", start_us + SECONDS (10) - 1, SIGHEJ_ERROR_RATE_LIMITED);
  pair->now_us = start_us + SECONDS (10);
  pair_say (pair, &pair->one, &pair->two, "hej");
  /* Each side has its own limit. */
  pair_say (pair, &pair->two, &pair->one, "hej");
}

static void
test_twenty_in_a_minute (void)
{
  g_autoptr (Pair) pair = pair_new_verified ();
  gint64 start_us = pair->now_us;

  for (guint i = 0; i < 20; i++)
    {
      pair_say (pair, &pair->one, &pair->two, "hej");
      pair->now_us += SECONDS (2);
    }
  assert_refused (&pair->one, "hej", pair->now_us, SIGHEJ_ERROR_RATE_LIMITED);
  assert_refused (&pair->one, "hej", start_us + SECONDS (60) - 1, SIGHEJ_ERROR_RATE_LIMITED);
  pair->now_us = start_us + SECONDS (60);
  pair_say (pair, &pair->one, &pair->two, "hej");
  assert_refused (&pair->one, "hej", pair->now_us + 1, SIGHEJ_ERROR_RATE_LIMITED);
}

static void
test_notes_wait_for_their_limit (void)
{
  g_autoptr (Pair) pair = pair_new_verified ();
  SighejTalk *talk = pair->one.talk;
  gint64 start_us = pair->now_us;
  guint n_notes = 0;

  for (guint i = 0; i < 200; i++)
    {
      sighej_talk_set_typing (talk, i % 2 == 0, pair->now_us);
      n_notes += pair_carry (pair, &pair->one, &pair->two, NULL);
    }
  g_assert_cmpuint (n_notes, ==, SIGHEJ_TALK_NOTES_IN_60_SECONDS);
  g_assert_cmpint (sighej_talk_catch_up (talk, pair->now_us), ==, 0);

  sighej_talk_set_typing (talk, TRUE, pair->now_us);
  g_assert_cmpint (sighej_talk_catch_up (talk, pair->now_us), ==, start_us + SECONDS (60));
  pair->now_us = start_us + SECONDS (60);
  g_assert_cmpint (sighej_talk_catch_up (talk, pair->now_us), ==, 0);
  assert_typing (pair, TRUE);
}

/* Until the backend has a letter it can be sent again, and is the same then. */
static void
test_letters_are_kept_until_said (void)
{
  g_autoptr (Pair) pair = pair_new_verified ();
  SighejTalk *talk = pair->one.talk;
  g_autoptr (GBytes) first = NULL;
  guint64 number;

  for (guint i = 0; i < 3; i++)
    g_assert_true (sighej_talk_say (talk, "hej", pair->now_us, &number, NULL));
  g_assert_cmpuint (number, ==, 4);
  g_assert_cmpuint (sighej_talk_get_outgoing (talk, 0)->n, ==, 2);
  g_assert_cmpuint (sighej_talk_get_outgoing (talk, 2)->n, ==, 3);
  g_assert_cmpuint (sighej_talk_get_outgoing (talk, 3)->n, ==, 4);
  g_assert_null (sighej_talk_get_outgoing (talk, 4));
  g_assert_null (sighej_talk_get_outgoing (talk, G_MAXUINT64));

  first = g_bytes_ref (sighej_talk_get_outgoing (talk, 0)->body);
  g_assert_true (g_bytes_equal (first, sighej_talk_get_outgoing (talk, 0)->body));
  g_assert_true (sighej_talk_said (talk, 3, pair->now_us));
  g_assert_cmpuint (sighej_talk_get_outgoing (talk, 0)->n, ==, 4);
  /* An older word of the backend's changes nothing. */
  g_assert_true (sighej_talk_said (talk, 1, pair->now_us));
  g_assert_cmpuint (sighej_talk_get_outgoing (talk, 0)->n, ==, 4);
  g_assert_true (sighej_talk_said (talk, 4, pair->now_us));
  g_assert_null (sighej_talk_get_outgoing (talk, 0));
}

static void
test_a_backend_that_is_away_fills_the_queue (void)
{
  g_autoptr (Pair) pair = pair_new_verified ();
  SighejTalk *talk = pair->one.talk;
  guint64 number;
  guint n = 0;

  for (; sighej_talk_say (talk, "hej", pair->now_us, &number, NULL); n++)
    pair->now_us += SECONDS (3);
  g_assert_cmpuint (n, ==, SIGHEJ_TALK_OUTGOING_MAX - 1);
  assert_refused (&pair->one, "hej", pair->now_us, SIGHEJ_ERROR_OFFLINE);

  /* The last place is a note's; another note waits for room, and comes by itself. */
  sighej_talk_set_typing (talk, TRUE, pair->now_us);
  sighej_talk_set_typing (talk, FALSE, pair->now_us);
  g_assert_null (sighej_talk_get_outgoing (talk, number + 1));
  g_assert_cmpint (sighej_talk_catch_up (talk, pair->now_us), ==, 0);
  g_assert_true (sighej_talk_said (talk, number, pair->now_us));
  g_assert_cmpuint (sighej_talk_get_outgoing (talk, number + 1)->n, ==, number + 2);
  pair->now_us += SECONDS (3);
  g_assert_true (sighej_talk_say (talk, "hej", pair->now_us, &number, NULL));
}

/* One of every two is answered; marks and numbers go along. */
static void
test_a_hundred_thousand_in_order (void)
{
  g_autoptr (Pair) pair = pair_new_verified ();
  g_autoptr (GTimer) timer = g_timer_new ();
  double elapsed_s;

  for (guint i = 0; i < N_BULK; i++)
    {
      Person *from = i % 2 == 0 ? &pair->one : &pair->two;
      Person *to = i % 2 == 0 ? &pair->two : &pair->one;
      char text[16];

      g_snprintf (text, sizeof text, "message %u", i);
      pair_say (pair, from, to, text);
      pair->now_us += SECONDS (3);
    }
  elapsed_s = g_timer_elapsed (timer, NULL);
  g_test_message ("%d messages in %.2f s", N_BULK, elapsed_s);
  g_assert_cmpuint (sighej_talk_get_taken (pair->one.talk), >=, N_BULK / 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/talk/keys-are-verified-by-what-was-heard",
                   test_keys_are_verified_by_what_was_heard);
  g_test_add_func ("/talk/either-of-two-proofs-will-do", test_either_of_two_proofs_will_do);
  g_test_add_func ("/talk/paired-by-code", test_paired_by_code);
  g_test_add_func ("/talk/a-secret-that-was-not-promised", test_a_secret_that_was_not_promised);
  g_test_add_func ("/talk/keys-that-cannot-be-used", test_keys_that_cannot_be_used);
  g_test_add_func ("/talk/texts-of-every-size", test_texts_of_every_size);
  g_test_add_func ("/talk/characters-stay-whole", test_characters_stay_whole);
  g_test_add_func ("/talk/what-is-a-text", test_what_is_a_text);
  g_test_add_func ("/talk/marks-come-from-the-other-side", test_marks_come_from_the_other_side);
  g_test_add_func ("/talk/typing-is-told-sparingly", test_typing_is_told_sparingly);
  g_test_add_func ("/talk/a-token-is-told-once-trusted", test_a_token_is_told_once_trusted);
  g_test_add_func ("/talk/tokens-are-told-sparingly", test_tokens_are_told_sparingly);
  g_test_add_func ("/talk/eight-in-ten-seconds", test_eight_in_ten_seconds);
  g_test_add_func ("/talk/twenty-in-a-minute", test_twenty_in_a_minute);
  g_test_add_func ("/talk/notes-wait-for-their-limit", test_notes_wait_for_their_limit);
  g_test_add_func ("/talk/letters-are-kept-until-said", test_letters_are_kept_until_said);
  g_test_add_func ("/talk/a-backend-that-is-away-fills-the-queue",
                   test_a_backend_that_is_away_fills_the_queue);
  g_test_add_func ("/talk/a-hundred-thousand-in-order", test_a_hundred_thousand_in_order);
  return g_test_run ();
}
