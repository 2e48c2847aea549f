/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "talk-fixture.h"

#include <string.h>

#include "sighej-crypto.h"

#define SESSION_SECONDS 7200
#define STREAM(name) crypto_secretstream_xchacha20poly1305_##name

static gboolean
was_heard (const SighejToken *token, gpointer user_data)
{
  Person *self = user_data;

  return sighej_token_equal (token, &self->heard);
}

SighejTalk *
person_talk_to (Person *self, const guint8 *peer)
{
  guint8 proofs[1][SIGHEJ_TALK_PROOF_BYTES];

  sighej_token_schedule_get_key (self->schedule, 0, proofs[0]);
  return sighej_talk_new (NUDGE_ID, self->keys, peer, proofs, 1, was_heard, self);
}

static void
person_init (Person *self)
{
  guint8 seed[SIGHEJ_SEED_BYTES];

  sighej_random_bytes (seed, sizeof seed);
  self->keys = sighej_keypair_new ();
  self->schedule
      = sighej_token_schedule_new (seed, sighej_keypair_get_public (self->keys), SESSION_SECONDS);
}

static void
person_clear (Person *self)
{
  sighej_talk_free (self->talk);
  sighej_token_schedule_unref (self->schedule);
  sighej_keypair_unref (self->keys);
}

static void
person_meets (Person *self, Person *other)
{
  self->heard = sighej_token_schedule_get_epoch (other->schedule, 0)->token;
  self->talk = person_talk_to (self, sighej_keypair_get_public (other->keys));
  g_assert_nonnull (self->talk);
}

Pair *
pair_new (void)
{
  Pair *self = g_new0 (Pair, 1);

  self->now_us = SECONDS (1000);
  person_init (&self->one);
  person_init (&self->two);
  person_meets (&self->one, &self->two);
  person_meets (&self->two, &self->one);
  return self;
}

Pair *
pair_new_verified (void)
{
  Pair *self = pair_new ();

  pair_settle (self);
  g_assert_cmpint (sighej_talk_get_trust (self->one.talk), ==, SIGHEJ_MEET_TRUST_VERIFIED);
  g_assert_cmpint (sighej_talk_get_trust (self->two.talk), ==, SIGHEJ_MEET_TRUST_VERIFIED);
  return self;
}

void
pair_free (Pair *self)
{
  person_clear (&self->one);
  person_clear (&self->two);
  g_free (self);
}

gboolean
pair_carry (Pair *self, Person *from, Person *to, SighejTalkNews *news)
{
  const SighejTalkLetter *letter = sighej_talk_get_outgoing (from->talk, 0);
  SighejTalkNews unread;
  gsize n_body;
  const guint8 *body;

  if (letter == NULL)
    return FALSE;

  body = g_bytes_get_data (letter->body, &n_body);
  g_assert_cmpuint (n_body, <=, SIGHEJ_WIRE_TALK_BYTES_MAX);
  g_assert_true (sighej_talk_take (to->talk,
                                   letter->n,
                                   letter->kind,
                                   body,
                                   n_body,
                                   self->now_us,
                                   news != NULL ? news : &unread));
  if (news == NULL)
    sighej_talk_news_clear (&unread);
  g_assert_true (sighej_talk_said (from->talk, letter->n, self->now_us));
  return TRUE;
}

void
pair_settle (Pair *self)
{
  while (pair_carry (self, &self->one, &self->two, NULL)
         || pair_carry (self, &self->two, &self->one, NULL))
    ;
}

guint64
pair_say (Pair *self, Person *from, Person *to, const char *text)
{
  g_autoptr (GError) error = NULL;
  SighejTalkNews news = { 0 };
  guint64 number = 0;

  sighej_talk_say (from->talk, text, self->now_us, &number, &error);
  g_assert_no_error (error);
  while (news.type != SIGHEJ_TALK_NEWS_TEXT)
    g_assert_true (pair_carry (self, from, to, &news));
  g_assert_cmpstr (news.text, ==, text);
  g_assert_cmpuint (news.number, ==, number);
  sighej_talk_news_clear (&news);
  return number;
}

gboolean
take (SighejTalk *talk, const SighejTalkLetter *letter, gint64 now_us)
{
  SighejTalkNews news;
  gsize n_body;
  const guint8 *body = g_bytes_get_data (letter->body, &n_body);
  gboolean good = sighej_talk_take (talk, letter->n, letter->kind, body, n_body, now_us, &news);

  sighej_talk_news_clear (&news);
  return good;
}

void
assert_broken (SighejTalk *talk, SighejTalkFault fault)
{
  guint64 number;

  g_assert_cmpint (sighej_talk_get_trust (talk), ==, SIGHEJ_MEET_TRUST_BROKEN);
  g_assert_cmpint (sighej_talk_get_fault (talk), ==, fault);
  g_assert_cmpint (sighej_talk_get_problem (talk), !=, SIGHEJ_MEET_PROBLEM_NONE);
  /* And it stays so, and nothing more comes out of it. */
  g_assert_null (sighej_talk_get_outgoing (talk, 0));
  g_assert_false (sighej_talk_say (talk, "hej", SECONDS (9000), &number, NULL));
  g_assert_false (sighej_talk_said (talk, 0, SECONDS (9000)));
  g_assert_cmpint (sighej_talk_catch_up (talk, SECONDS (9000)), ==, 0);
}

void
forger_init (Forger *self, SighejKeypair *own, const guint8 *peer, const guint8 *header)
{
  guint8 receive[SIGHEJ_KEYPAIR_BYTES];
  guint8 transmit[SIGHEJ_KEYPAIR_BYTES];

  g_assert_true (sighej_keypair_derive_directions (own, peer, receive, transmit));
  self->is_client = memcmp (sighej_keypair_get_public (own), peer, SIGHEJ_KEYPAIR_BYTES) < 0;
  self->n = 0;
  if (header == NULL)
    {
      STREAM (init_push) (&self->push, self->header, transmit);
      return;
    }
  /* libsodium draws the header itself; but both ends of a stream begin in the same state. */
  memcpy (self->header, header, sizeof self->header);
  STREAM (init_pull) (&self->push, self->header, transmit);
}

GBytes *
forger_seal (Forger *self, const guint8 *plain, gsize n_plain, guint8 tag)
{
  gsize n_header = self->n == 0 ? sizeof self->header : 0;
  gsize n_body = n_header + n_plain + STREAM (ABYTES);
  guint8 *body = g_malloc (n_body);
  guint8 associated[25] = { 0 };
  guint64 number;

  self->n++;
  /* Off x86 the macro reads its argument eight times. */
  number = GUINT64_TO_BE (self->n);
  g_assert_true (sighej_hex_decode (NUDGE_ID, associated, 16));
  associated[16] = self->is_client ? 0 : 1;
  memcpy (associated + 17, &number, sizeof number);
  memcpy (body, self->header, n_header);
  STREAM (push)
  (&self->push, body + n_header, NULL, plain, n_plain, associated, sizeof associated, tag);
  return g_bytes_new_take (body, n_body);
}
