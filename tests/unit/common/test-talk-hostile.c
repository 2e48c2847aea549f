/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A backend that swaps, repeats, reorders, drops, cuts and changes; a peer that keeps no rules. */
#include "config.h"

#include <string.h>

#include "sighej-crypto.h"
#include "talk-fixture.h"

#define TAG_MESSAGE crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
#define TAG_PUSH crypto_secretstream_xchacha20poly1305_TAG_PUSH
#define TAG_REKEY crypto_secretstream_xchacha20poly1305_TAG_REKEY
#define TAG_FINAL crypto_secretstream_xchacha20poly1305_TAG_FINAL

static gboolean
take_bytes (
    Pair *pair, SighejTalk *talk, guint64 n, SighejTalkKind kind, const guint8 *body, gsize n_body)
{
  SighejTalkNews news;
  gboolean good = sighej_talk_take (talk, n, kind, body, n_body, pair->now_us, &news);

  /* What is refused shows nothing. */
  if (!good)
    {
      g_assert_cmpint (news.type, ==, SIGHEJ_TALK_NEWS_NONE);
      g_assert_null (news.text);
    }
  sighej_talk_news_clear (&news);
  return good;
}

/* One says @n short texts; the letters are not carried. Returns: the first's number */
static guint64
say_some (Pair *pair, guint n)
{
  guint64 number = 0;

  for (guint i = 0; i < n; i++)
    g_assert_true (sighej_talk_say (pair->one.talk, "hej", pair->now_us, &number, NULL));
  return number - n + 1;
}

static const SighejTalkLetter *
letter (Pair *pair, guint64 n)
{
  return sighej_talk_get_outgoing (pair->one.talk, n - 1);
}

/* ---- the backend ---- */

/* What the one between would have to do: talk to each with a key of its own, hand on the proofs. */
static void
relay_proof (Person *from, Person *to, Forger *as_from)
{
  guint8 plain[1 + SIGHEJ_TALK_PROOF_BYTES] = { SIGHEJ_TALK_FRAME_PROOF };
  g_autoptr (GBytes) body = NULL;
  SighejTalkNews news;

  /* The first of @from opens with the key the one between gave her. */
  sighej_token_schedule_get_key (from->schedule, 0, plain + 1);
  body = forger_seal (as_from, plain, sizeof plain, TAG_MESSAGE);
  g_assert_false (sighej_talk_take (to->talk,
                                    1,
                                    SIGHEJ_TALK_NOTE,
                                    g_bytes_get_data (body, NULL),
                                    g_bytes_get_size (body),
                                    SECONDS (1),
                                    &news));
  assert_broken (to->talk, SIGHEJ_TALK_FAULT_UNHEARD);
}

static void
test_swapped_keys (void)
{
  g_autoptr (Pair) pair = pair_new ();
  g_autoptr (SighejKeypair) between = sighej_keypair_new ();
  Forger as_one;
  Forger as_two;

  sighej_talk_free (pair->one.talk);
  sighej_talk_free (pair->two.talk);
  pair->one.talk = person_talk_to (&pair->one, sighej_keypair_get_public (between));
  pair->two.talk = person_talk_to (&pair->two, sighej_keypair_get_public (between));
  forger_init (&as_one, between, sighej_keypair_get_public (pair->two.keys), NULL);
  forger_init (&as_two, between, sighej_keypair_get_public (pair->one.keys), NULL);
  relay_proof (&pair->one, &pair->two, &as_one);
  relay_proof (&pair->two, &pair->one, &as_two);
}

/* Nothing but the true key opens: the letters of the one are not for who was given another key. */
static void
test_one_swapped_key (void)
{
  g_autoptr (Pair) pair = pair_new ();
  g_autoptr (SighejKeypair) between = sighej_keypair_new ();

  sighej_talk_free (pair->two.talk);
  pair->two.talk = person_talk_to (&pair->two, sighej_keypair_get_public (between));
  g_assert_false (take (pair->two.talk, letter (pair, 1), pair->now_us));
  assert_broken (pair->two.talk, SIGHEJ_TALK_FAULT_CHANGED);
}

static void
test_a_token_nobody_heard (void)
{
  g_autoptr (Pair) pair = pair_new ();

  pair->two.heard.bytes[9] ^= 1;
  g_assert_false (take (pair->two.talk, letter (pair, 1), pair->now_us));
  assert_broken (pair->two.talk, SIGHEJ_TALK_FAULT_UNHEARD);
}

static void
test_repeated (void)
{
  for (guint64 again = 1; again <= 4; again++)
    {
      g_autoptr (Pair) pair = pair_new ();

      g_assert_true (
          take (pair->one.talk, sighej_talk_get_outgoing (pair->two.talk, 0), pair->now_us));
      say_some (pair, 3);
      for (guint64 n = 1; n <= 4; n++)
        g_assert_true (take (pair->two.talk, letter (pair, n), pair->now_us));
      g_assert_false (take (pair->two.talk, letter (pair, again), pair->now_us));
      assert_broken (pair->two.talk, SIGHEJ_TALK_FAULT_REPEATED);
    }
}

/* Also when the backend numbers it as if it were the next. */
static void
test_repeated_under_another_number (void)
{
  g_autoptr (Pair) pair = pair_new_verified ();
  guint64 n = say_some (pair, 1);
  GBytes *body = letter (pair, n)->body;
  gsize n_body = g_bytes_get_size (body);
  const guint8 *data = g_bytes_get_data (body, NULL);

  g_assert_true (take_bytes (pair, pair->two.talk, n, SIGHEJ_TALK_TEXT, data, n_body));
  g_assert_false (take_bytes (pair, pair->two.talk, n + 1, SIGHEJ_TALK_TEXT, data, n_body));
  assert_broken (pair->two.talk, SIGHEJ_TALK_FAULT_CHANGED);
}

static void
test_dropped (void)
{
  g_autoptr (Pair) pair = pair_new_verified ();
  guint64 n = say_some (pair, 2);

  g_assert_false (take (pair->two.talk, letter (pair, n + 1), pair->now_us));
  assert_broken (pair->two.talk, SIGHEJ_TALK_FAULT_MISSING);
}

static void
test_the_first_dropped (void)
{
  g_autoptr (Pair) pair = pair_new ();

  g_assert_true (take (pair->one.talk, sighej_talk_get_outgoing (pair->two.talk, 0), pair->now_us));
  say_some (pair, 1);
  g_assert_false (take (pair->two.talk, letter (pair, 2), pair->now_us));
  assert_broken (pair->two.talk, SIGHEJ_TALK_FAULT_MISSING);
}

/* Dropped, reordered, and numbered so that it does not show. */
static void
test_dropped_and_numbered_anew (void)
{
  g_autoptr (Pair) pair = pair_new_verified ();
  guint64 n = say_some (pair, 2);
  GBytes *body = letter (pair, n + 1)->body;

  g_assert_false (take_bytes (pair,
                              pair->two.talk,
                              n,
                              SIGHEJ_TALK_TEXT,
                              g_bytes_get_data (body, NULL),
                              g_bytes_get_size (body)));
  assert_broken (pair->two.talk, SIGHEJ_TALK_FAULT_CHANGED);
}

/* A letter sent back to who wrote it. */
static void
test_reflected (void)
{
  g_autoptr (Pair) pair = pair_new ();

  g_assert_false (take (pair->one.talk, letter (pair, 1), pair->now_us));
  assert_broken (pair->one.talk, SIGHEJ_TALK_FAULT_CHANGED);
}

/* The same two keys, another nudge. */
static void
test_of_another_talk (void)
{
  g_autoptr (Pair) pair = pair_new ();

  sighej_talk_free (pair->one.talk);
  pair->one.talk = sighej_talk_new_joiner ("10112233445566778899aabbccddeeff",
                                           pair->one.keys,
                                           sighej_keypair_get_public (pair->two.keys),
                                           sighej_keypair_get_public (pair->two.keys));
  g_assert_false (take (pair->two.talk, letter (pair, 1), pair->now_us));
  assert_broken (pair->two.talk, SIGHEJ_TALK_FAULT_CHANGED);
}

static void
test_a_kind_that_is_not_the_frame_s (void)
{
  static const SighejTalkKind wrong[] = { SIGHEJ_TALK_PART, SIGHEJ_TALK_NOTE };

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (Pair) pair = pair_new_verified ();
      guint64 n = say_some (pair, 1);
      GBytes *body = letter (pair, n)->body;

      g_assert_false (take_bytes (pair,
                                  pair->two.talk,
                                  n,
                                  wrong[i],
                                  g_bytes_get_data (body, NULL),
                                  g_bytes_get_size (body)));
      assert_broken (pair->two.talk, SIGHEJ_TALK_FAULT_CHANGED);
    }
}

/* Takes a changed copy of the first letter, or of the one after it. */
static void
assert_changed (gboolean first, gsize n_bytes, gsize flip_byte, guint8 flip)
{
  g_autoptr (Pair) pair = first ? pair_new () : pair_new_verified ();
  guint64 n = first ? 1 : say_some (pair, 1);
  const SighejTalkLetter *sent = letter (pair, n);
  gsize n_body = g_bytes_get_size (sent->body);
  g_autofree guint8 *copy = g_malloc0 (n_body + 1);

  memcpy (copy, g_bytes_get_data (sent->body, NULL), n_body);
  copy[flip_byte] ^= flip;
  g_assert_false (take_bytes (pair, pair->two.talk, n, sent->kind, copy, n_bytes));
  assert_broken (pair->two.talk, SIGHEJ_TALK_FAULT_CHANGED);
}

/* 24 of header, 17 of secretstream, and a frame: 33 of a proof, 4 of "hej". */
#define FIRST_BYTES (24 + 17 + 33)
#define TEXT_BYTES (17 + 4)

static void
test_each_bit_flipped (void)
{
  for (gsize byte = 0; byte < FIRST_BYTES; byte++)
    assert_changed (TRUE, FIRST_BYTES, byte, (guint8) (1 << byte % 8));
  for (gsize bit = 0; bit < TEXT_BYTES * 8; bit++)
    assert_changed (FALSE, TEXT_BYTES, bit / 8, (guint8) (1 << bit % 8));
}

static void
test_cut_or_longer (void)
{
  for (gsize length = 0; length < FIRST_BYTES; length++)
    assert_changed (TRUE, length, 0, 0);
  for (gsize length = 0; length < TEXT_BYTES; length++)
    assert_changed (FALSE, length, 0, 0);
  assert_changed (TRUE, FIRST_BYTES + 1, 0, 0);
  assert_changed (FALSE, TEXT_BYTES + 1, 0, 0);
}

static void
test_larger_than_a_letter_can_be (void)
{
  g_autoptr (Pair) pair = pair_new_verified ();
  g_autofree guint8 *body = g_malloc0 (64 * 1024);

  g_assert_false (take_bytes (pair, pair->two.talk, 2, SIGHEJ_TALK_TEXT, body, 64 * 1024));
  assert_broken (pair->two.talk, SIGHEJ_TALK_FAULT_CHANGED);
}

static void
test_a_backend_that_has_too_much (void)
{
  g_autoptr (Pair) pair = pair_new_verified ();

  say_some (pair, 2);
  g_assert_true (sighej_talk_said (pair->one.talk, 3, pair->now_us));
  g_assert_false (sighej_talk_said (pair->one.talk, 4, pair->now_us));
  assert_broken (pair->one.talk, SIGHEJ_TALK_FAULT_RELAY);
}

/* ---- a peer that keeps no rules ---- */

typedef struct
{
  Pair *pair;
  Forger forger;
} Hostile;

/* Two has a talk; the letters of one are forged with one's keys, the proof is true. */
static void
hostile_init (Hostile *self)
{
  guint8 proof[1 + SIGHEJ_TALK_PROOF_BYTES] = { SIGHEJ_TALK_FRAME_PROOF };
  g_autoptr (GBytes) body = NULL;

  self->pair = pair_new ();
  forger_init (
      &self->forger, self->pair->one.keys, sighej_keypair_get_public (self->pair->two.keys), NULL);
  sighej_token_schedule_get_key (self->pair->one.schedule, 0, proof + 1);
  body = forger_seal (&self->forger, proof, sizeof proof, TAG_MESSAGE);
  g_assert_true (take_bytes (self->pair,
                             self->pair->two.talk,
                             1,
                             SIGHEJ_TALK_NOTE,
                             g_bytes_get_data (body, NULL),
                             g_bytes_get_size (body)));
}

static gboolean
hostile_send (Hostile *self, SighejTalkKind kind, guint8 tag, const void *plain, gsize n_plain)
{
  g_autoptr (GBytes) body = forger_seal (&self->forger, plain, n_plain, tag);

  return take_bytes (self->pair,
                     self->pair->two.talk,
                     self->forger.n,
                     kind,
                     g_bytes_get_data (body, NULL),
                     g_bytes_get_size (body));
}

#define FRAME(bytes) (bytes), sizeof (bytes) - 1
#define KEY "abcdefghijklmnopqrstuvwxyz012345"
#define NUMBER(n) "\0\0\0\0\0\0\0" n

static void
test_garbled_frames (void)
{
  static const struct
  {
    SighejTalkKind kind;
    guint8 tag;
    const char *plain;
    gsize n_plain;
    gboolean good;
  } rows[] = {
    { SIGHEJ_TALK_TEXT, TAG_PUSH, FRAME ("\2hej"), TRUE },
    { SIGHEJ_TALK_NOTE, TAG_MESSAGE, FRAME ("\5" NUMBER ("\1")), TRUE },
    { SIGHEJ_TALK_NOTE, TAG_MESSAGE, FRAME ("\5" NUMBER ("\0")), TRUE },
    { SIGHEJ_TALK_NOTE, TAG_MESSAGE, FRAME ("\3" NUMBER ("\1")), TRUE },
    { SIGHEJ_TALK_NOTE, TAG_MESSAGE, FRAME ("\4" NUMBER ("\1")), TRUE },
    { SIGHEJ_TALK_PART, TAG_MESSAGE, FRAME ("\2hej"), TRUE },
    { SIGHEJ_TALK_NOTE, TAG_MESSAGE, FRAME (""), FALSE },
    { SIGHEJ_TALK_NOTE, TAG_MESSAGE, FRAME ("\0"), FALSE },
    { SIGHEJ_TALK_NOTE, TAG_MESSAGE, FRAME ("\6" KEY KEY), TRUE },
    { SIGHEJ_TALK_NOTE, TAG_MESSAGE, FRAME ("\6"), FALSE },
    { SIGHEJ_TALK_NOTE, TAG_MESSAGE, FRAME ("\6" KEY), FALSE },
    { SIGHEJ_TALK_NOTE, TAG_MESSAGE, FRAME ("\6" KEY KEY "a"), FALSE },
    { SIGHEJ_TALK_NOTE, TAG_PUSH, FRAME ("\6" KEY KEY), FALSE },
    { SIGHEJ_TALK_NOTE, TAG_MESSAGE, FRAME ("\7" NUMBER ("\1")), FALSE },
    { SIGHEJ_TALK_NOTE, TAG_MESSAGE, FRAME ("\xff" NUMBER ("\1")), FALSE },
    { SIGHEJ_TALK_NOTE, TAG_MESSAGE, FRAME ("\1"), FALSE },
    { SIGHEJ_TALK_NOTE, TAG_MESSAGE, FRAME ("\1" KEY), FALSE },
    { SIGHEJ_TALK_NOTE, TAG_MESSAGE, FRAME ("\3"), FALSE },
    { SIGHEJ_TALK_NOTE, TAG_MESSAGE, FRAME ("\3\0\0\0\1"), FALSE },
    { SIGHEJ_TALK_NOTE, TAG_MESSAGE, FRAME ("\3" NUMBER ("\1") "\0"), FALSE },
    { SIGHEJ_TALK_NOTE, TAG_MESSAGE, FRAME ("\3" NUMBER ("\0")), FALSE },
    { SIGHEJ_TALK_NOTE, TAG_MESSAGE, FRAME ("\3" NUMBER ("\2")), FALSE },
    { SIGHEJ_TALK_NOTE, TAG_MESSAGE, FRAME ("\4" NUMBER ("\2")), FALSE },
    { SIGHEJ_TALK_NOTE, TAG_MESSAGE, FRAME ("\4\xff\xff\xff\xff\xff\xff\xff\xff"), FALSE },
    { SIGHEJ_TALK_NOTE, TAG_MESSAGE, FRAME ("\5" NUMBER ("\2")), FALSE },
    { SIGHEJ_TALK_NOTE, TAG_MESSAGE, FRAME ("\5\1"), FALSE },
    { SIGHEJ_TALK_NOTE, TAG_PUSH, FRAME ("\5" NUMBER ("\1")), FALSE },
    { SIGHEJ_TALK_NOTE, TAG_REKEY, FRAME ("\5" NUMBER ("\1")), FALSE },
    { SIGHEJ_TALK_TEXT, TAG_FINAL, FRAME ("\2hej"), FALSE },
    { SIGHEJ_TALK_TEXT, TAG_REKEY, FRAME ("\2hej"), FALSE },
    { SIGHEJ_TALK_TEXT, TAG_PUSH, FRAME ("\2"), FALSE },
    { SIGHEJ_TALK_TEXT, TAG_PUSH, FRAME ("\2h\0j"), FALSE },
    { SIGHEJ_TALK_TEXT, TAG_PUSH, FRAME ("\2h\x1bj"), FALSE },
    { SIGHEJ_TALK_TEXT, TAG_PUSH, FRAME ("\2h\xff"), FALSE },
    { SIGHEJ_TALK_TEXT, TAG_PUSH, FRAME ("\2h\xc3"), FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Hostile hostile;

      hostile_init (&hostile);
      g_assert_cmpint (
          hostile_send (&hostile, rows[i].kind, rows[i].tag, rows[i].plain, rows[i].n_plain),
          ==,
          rows[i].good);
      if (!rows[i].good)
        assert_broken (hostile.pair->two.talk, SIGHEJ_TALK_FAULT_GARBLED);
      pair_free (hostile.pair);
    }
}

/* What the peer names next is followed, or not; no reason to break it. */
static void
assert_followed (Hostile *self, gboolean followed)
{
  const guint8 frame[1 + sizeof (SighejTokenOrigin)] = { SIGHEJ_TALK_FRAME_TOKEN };
  g_autoptr (GBytes) body = forger_seal (&self->forger, frame, sizeof frame, TAG_MESSAGE);
  SighejTalkNews news;

  g_assert_true (sighej_talk_take (self->pair->two.talk,
                                   self->forger.n,
                                   SIGHEJ_TALK_NOTE,
                                   g_bytes_get_data (body, NULL),
                                   g_bytes_get_size (body),
                                   self->pair->now_us,
                                   &news));
  g_assert_cmpint (news.type, ==, followed ? SIGHEJ_TALK_NEWS_TOKEN : SIGHEJ_TALK_NEWS_NONE);
  sighej_talk_news_clear (&news);
}

static void
test_too_many_tokens (void)
{
  Hostile hostile;

  hostile_init (&hostile);
  assert_followed (&hostile, TRUE);
  hostile.pair->now_us += SECONDS (1);
  assert_followed (&hostile, TRUE);
  hostile.pair->now_us += SECONDS (SIGHEJ_TALK_TOKENS_TAKEN_SECONDS - 1) - 1;
  assert_followed (&hostile, FALSE);
  hostile.pair->now_us++;
  assert_followed (&hostile, TRUE);
  assert_followed (&hostile, FALSE);
  pair_free (hostile.pair);
}

/* After a part of @n_part bytes of text comes @next. */
static void
assert_garbled_after_part (
    gsize n_part, SighejTalkKind kind, guint8 tag, const char *next, gsize n_next)
{
  g_autofree char *part = g_strnfill (1 + n_part, 'a');
  Hostile hostile;

  hostile_init (&hostile);
  part[0] = SIGHEJ_TALK_FRAME_TEXT;
  g_assert_true (hostile_send (&hostile, SIGHEJ_TALK_PART, TAG_MESSAGE, part, 1 + n_part));
  g_assert_false (hostile_send (&hostile, kind, tag, next, n_next));
  assert_broken (hostile.pair->two.talk, SIGHEJ_TALK_FAULT_GARBLED);
  pair_free (hostile.pair);
}

static void
test_garbled_parts (void)
{
  assert_garbled_after_part (3, SIGHEJ_TALK_PART, TAG_MESSAGE, FRAME ("\2hej"));
  assert_garbled_after_part (3, SIGHEJ_TALK_NOTE, TAG_MESSAGE, FRAME ("\5" NUMBER ("\1")));
  assert_garbled_after_part (3, SIGHEJ_TALK_NOTE, TAG_MESSAGE, FRAME ("\3" NUMBER ("\1")));
  assert_garbled_after_part (3, SIGHEJ_TALK_TEXT, TAG_PUSH, FRAME ("\2\xa6"));
  assert_garbled_after_part (998, SIGHEJ_TALK_TEXT, TAG_PUSH, FRAME ("\2hej"));
  assert_garbled_after_part (2048, SIGHEJ_TALK_TEXT, TAG_PUSH, FRAME ("\2hej"));
}

/* We do not cut one, but another program may. */
static void
test_a_character_cut_in_two (void)
{
  Hostile hostile;

  hostile_init (&hostile);
  g_assert_true (hostile_send (&hostile, SIGHEJ_TALK_PART, TAG_MESSAGE, FRAME ("\2h\xc3")));
  g_assert_true (hostile_send (&hostile, SIGHEJ_TALK_TEXT, TAG_PUSH, FRAME ("\2\xb8j")));
  g_assert_cmpint (sighej_talk_get_trust (hostile.pair->two.talk), ==, SIGHEJ_MEET_TRUST_VERIFIED);
  pair_free (hostile.pair);
}

typedef enum
{
  NUDGED,
  CREATOR,
  JOINER,
} Receiver;

static void
assert_first_garbled (Receiver receiver, const char *plain, gsize n_plain, SighejTalkFault fault)
{
  static const guint8 secret[SIGHEJ_PHRASE_SECRET_BYTES] = { 1 };
  g_autoptr (Pair) pair = pair_new ();
  g_autoptr (GBytes) body = NULL;
  Forger forger;

  if (receiver != NUDGED)
    {
      const guint8 *peer = sighej_keypair_get_public (pair->one.keys);

      sighej_talk_free (pair->two.talk);
      pair->two.talk = receiver == JOINER
                           ? sighej_talk_new_joiner (NUDGE_ID, pair->two.keys, peer, secret)
                           : sighej_talk_new_creator (NUDGE_ID, pair->two.keys, peer, secret);
    }
  forger_init (&forger, pair->one.keys, sighej_keypair_get_public (pair->two.keys), NULL);
  body = forger_seal (&forger, (const guint8 *) plain, n_plain, TAG_MESSAGE);
  g_assert_false (take_bytes (pair,
                              pair->two.talk,
                              1,
                              SIGHEJ_TALK_NOTE,
                              g_bytes_get_data (body, NULL),
                              g_bytes_get_size (body)));
  assert_broken (pair->two.talk, fault);
}

static void
test_the_first_is_a_proof (void)
{
  char proofs[1 + 3 * SIGHEJ_TALK_PROOF_BYTES] = "\1";

  assert_first_garbled (NUDGED, FRAME ("\5" NUMBER ("\1")), SIGHEJ_TALK_FAULT_GARBLED);
  assert_first_garbled (NUDGED, FRAME ("\2hej"), SIGHEJ_TALK_FAULT_GARBLED);
  assert_first_garbled (NUDGED, proofs, sizeof proofs, SIGHEJ_TALK_FAULT_GARBLED);
  assert_first_garbled (NUDGED, proofs, 1 + 31, SIGHEJ_TALK_FAULT_GARBLED);
  /* None at all, as after a pairing code, does not do after a nudge. */
  assert_first_garbled (NUDGED, proofs, 1, SIGHEJ_TALK_FAULT_UNHEARD);
  assert_first_garbled (NUDGED, proofs, 1 + 64, SIGHEJ_TALK_FAULT_UNHEARD);
  assert_first_garbled (JOINER, proofs, 1 + 32, SIGHEJ_TALK_FAULT_GARBLED);
  assert_first_garbled (CREATOR, proofs, 1, SIGHEJ_TALK_FAULT_GARBLED);
  assert_first_garbled (CREATOR, proofs, 1 + 64, SIGHEJ_TALK_FAULT_GARBLED);
  assert_first_garbled (CREATOR, proofs, 1 + 32, SIGHEJ_TALK_FAULT_PROMISE);
  assert_first_garbled (JOINER, FRAME ("\5" NUMBER ("\1")), SIGHEJ_TALK_FAULT_GARBLED);
}

/* Everything a person could be told differs, so that it can be acted upon. */
static void
test_every_fault_has_its_word (void)
{
  g_autoptr (Pair) repeated = pair_new_verified ();
  g_autoptr (Pair) missing = pair_new_verified ();
  guint64 n = say_some (missing, 2);

  g_assert_false (take_bytes (repeated, repeated->two.talk, 1, SIGHEJ_TALK_NOTE, NULL, 0));
  g_assert_false (take (missing->two.talk, letter (missing, n + 1), missing->now_us));
  g_assert_cmpint (
      sighej_talk_get_problem (repeated->two.talk), ==, SIGHEJ_MEET_PROBLEM_MESSAGE_REPEATED);
  g_assert_cmpint (
      sighej_talk_get_problem (missing->two.talk), ==, SIGHEJ_MEET_PROBLEM_MESSAGE_MISSING);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/talk-hostile/swapped-keys", test_swapped_keys);
  g_test_add_func ("/talk-hostile/one-swapped-key", test_one_swapped_key);
  g_test_add_func ("/talk-hostile/a-token-nobody-heard", test_a_token_nobody_heard);
  g_test_add_func ("/talk-hostile/repeated", test_repeated);
  g_test_add_func ("/talk-hostile/repeated-under-another-number",
                   test_repeated_under_another_number);
  g_test_add_func ("/talk-hostile/dropped", test_dropped);
  g_test_add_func ("/talk-hostile/the-first-dropped", test_the_first_dropped);
  g_test_add_func ("/talk-hostile/dropped-and-numbered-anew", test_dropped_and_numbered_anew);
  g_test_add_func ("/talk-hostile/reflected", test_reflected);
  g_test_add_func ("/talk-hostile/of-another-talk", test_of_another_talk);
  g_test_add_func ("/talk-hostile/a-kind-that-is-not-the-frame-s",
                   test_a_kind_that_is_not_the_frame_s);
  g_test_add_func ("/talk-hostile/each-bit-flipped", test_each_bit_flipped);
  g_test_add_func ("/talk-hostile/cut-or-longer", test_cut_or_longer);
  g_test_add_func ("/talk-hostile/larger-than-a-letter-can-be", test_larger_than_a_letter_can_be);
  g_test_add_func ("/talk-hostile/a-backend-that-has-too-much", test_a_backend_that_has_too_much);
  g_test_add_func ("/talk-hostile/garbled-frames", test_garbled_frames);
  g_test_add_func ("/talk-hostile/too-many-tokens", test_too_many_tokens);
  g_test_add_func ("/talk-hostile/garbled-parts", test_garbled_parts);
  g_test_add_func ("/talk-hostile/a-character-cut-in-two", test_a_character_cut_in_two);
  g_test_add_func ("/talk-hostile/the-first-is-a-proof", test_the_first_is_a_proof);
  g_test_add_func ("/talk-hostile/every-fault-has-its-sentence", test_every_fault_has_its_word);
  return g_test_run ();
}
