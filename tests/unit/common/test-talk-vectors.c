/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The vectors of docs/protocol.md, "Talk"; tests/checks/test_talk_vectors.py computes them without
 * us. */
#include "config.h"

#include <string.h>

#include "sighej-crypto.h"
#include "talk-fixture.h"

#define ANN_SECRET "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"
#define ANN_PUBLIC "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"
#define BOB_SECRET "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"
#define BOB_PUBLIC "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"
#define ANN_RECEIVES "322b7be3b9bce4a84fe6e2dea61e8e6d0a98f3e4c60b58bad722b1c855c9db22"
#define ANN_SENDS "284901a611708379d0b5b0e40d77ea207624eaab8dd0c95e693fc3ee76c73ccb"
#define AVOID_SECRET "9f084c249293e260e2bd3d084e1cbd8f52c0337fcba9d96ff5525727b46db3c5"
#define ANN_KEY_0 "dd6a26c9f43cd221381ef8f7c514844ac8b81e1f5d3b2963679026589736e9c3"
#define BOB_KEY_0 "c9d37827080982bdd5dd5b58deb5ea318249425d67aa4575b6e11eef55265c0d"
#define BOB_KEY_1 "6a1db4ae357a0f2f1707c9b217ece1e2f95b8875d7f75e8b0003adb062ace408"
#define ANN_TOKEN_0 "ee48621bbada2827a525"
#define BOB_TOKEN_1 "01185bf112a76a57fbc8"
#define BOB_TOKEN_0 "8c1e6cb325515bfbe908"
#define HEADER_BYTES crypto_secretstream_xchacha20poly1305_HEADERBYTES
#define NOW_US SECONDS (1)

typedef struct
{
  SighejTalkKind kind;
  const char *frame;
  const char *body;
} Vector;

static const Vector ann_letters[] = {
  { SIGHEJ_TALK_NOTE,
    "01dd6a26c9f43cd221381ef8f7c514844ac8b81e1f5d3b2963679026589736e9c3",
    "000102030405060708090a0b0c0d0e0f1011121314151617f64915886b55ed00c657a0823f8ea147"
    "07342e2bfebe9dac5bcadb2f806d2207a01de38e8ba1efea54bd0594ba48040bafbb" },
  { SIGHEJ_TALK_TEXT,
    "0248656a20f09fa68a",
    "ec68d8aa884ed163a0721cd0c6b3d6e6bb4446fd64d01c85fb80" },
  { SIGHEJ_TALK_NOTE,
    "050000000000000001",
    "9cad1ae32471ac8b1bf6d0f6cebc384be0021cffd3b463478296" },
  { SIGHEJ_TALK_PART, "02626cc3a5", "0ea03140a010fc506da5078ea83eecbad4688681dd78" },
  { SIGHEJ_TALK_TEXT, "0262c3a672", "c7db20acad8c2df2b0a4d916ec0aa5de9f311e65bb0f" },
};
static const Vector bob_letters[] = {
  { SIGHEJ_TALK_NOTE,
    "016a1db4ae357a0f2f1707c9b217ece1e2f95b8875d7f75e8b0003adb062ace408c9d37827080982"
    "bdd5dd5b58deb5ea318249425d67aa4575b6e11eef55265c0d",
    "404142434445464748494a4b4c4d4e4f50515253545556576ffc005eb875431f905e864c1dd43261"
    "a2f8a762fc81666eaa23645008f9a17b5ae4e2f512a3f8e3239bd3b0385e7eddb1213e4fa2d1bc92"
    "f39f5c7712cda50e56311260c9aab49dcb8392d28c899fbff4fb" },
  { SIGHEJ_TALK_NOTE,
    "030000000000000002",
    "16b6005382489666d3a48198e8ebf71e69580fe0dc5ff3ad3367" },
  { SIGHEJ_TALK_NOTE,
    "040000000000000005",
    "760f841f5bcaf2dfd6bc77a89e8a0bcc4e9c7018f5441559179b" },
  { SIGHEJ_TALK_TEXT,
    "0268656c6c6f0a796f75",
    "062cfe47a30e805a8ab96c529811a554f904c9c19a7b41368c79af" },
  { SIGHEJ_TALK_NOTE,
    "066a1db4ae357a0f2f1707c9b217ece1e2f95b8875d7f75e8b0003adb062ace408de9edb7d7b7dc1"
    "b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
    "839191afbf2069a33af8dc933c6a454edf5ed1f60ac15323e26a556a2dbb9bd8edb1e811dff36da4"
    "d612cd2fbfedd62c2b6a1e869f577f3315bab7bda24c4a948fc7a4ce1cd52e62b15f3a389f0db803"
    "61ce" },
};

static void
from_hex (const char *hex, guint8 out[SIGHEJ_KEYPAIR_BYTES])
{
  g_assert_true (sighej_hex_decode (hex, out, SIGHEJ_KEYPAIR_BYTES));
}

static SighejKeypair *
keypair (const char *secret_hex)
{
  guint8 secret[SIGHEJ_KEYPAIR_BYTES];

  from_hex (secret_hex, secret);
  return sighej_keypair_new_from_secret (secret);
}

static GBytes *
bytes (const char *hex)
{
  gsize n_bytes = strlen (hex) / 2;
  guint8 *data = g_malloc (n_bytes);

  g_assert_true (sighej_hex_decode (hex, data, n_bytes));
  return g_bytes_new_take (data, n_bytes);
}

static void
assert_hex (const guint8 value[SIGHEJ_KEYPAIR_BYTES], const char *expected)
{
  char hex[2 * SIGHEJ_KEYPAIR_BYTES + 1];

  sighej_hex_encode (value, SIGHEJ_KEYPAIR_BYTES, hex);
  g_assert_cmpstr (hex, ==, expected);
}

static gboolean
was_heard (const SighejToken *token, gpointer user_data)
{
  char hex[SIGHEJ_TOKEN_HEX_CHARS + 1];

  sighej_token_to_hex (token, hex);
  return strcmp (hex, user_data) == 0;
}

/* A talk of @own_secret's holder, whose radio heard @token. */
static SighejTalk *
talk_with (const char *own_secret, const char *peer_public, const char *token)
{
  g_autoptr (SighejKeypair) own = keypair (own_secret);
  guint8 peer[SIGHEJ_KEYPAIR_BYTES];
  guint8 proofs[1][SIGHEJ_TALK_PROOF_BYTES] = { { 0 } };

  from_hex (peer_public, peer);
  return sighej_talk_new (NUDGE_ID, own, peer, proofs, 1, was_heard, (gpointer) token);
}

static void
take_vector (SighejTalk *talk, const Vector *vector, SighejTalkNews *news)
{
  g_autoptr (GBytes) body = bytes (vector->body);

  g_assert_true (sighej_talk_take (talk,
                                   sighej_talk_get_taken (talk) + 1,
                                   vector->kind,
                                   g_bytes_get_data (body, NULL),
                                   g_bytes_get_size (body),
                                   NOW_US,
                                   news));
}

static void
assert_news (SighejTalk *talk, const Vector *vector, SighejTalkNewsType type, const char *text)
{
  SighejTalkNews news;

  take_vector (talk, vector, &news);
  g_assert_cmpint (news.type, ==, type);
  g_assert_cmpstr (news.text, ==, text);
  sighej_talk_news_clear (&news);
}

static void
assert_number (SighejTalk *talk, const Vector *vector, SighejTalkNewsType type, guint64 number)
{
  SighejTalkNews news;

  take_vector (talk, vector, &news);
  g_assert_cmpint (news.type, ==, type);
  g_assert_cmpuint (news.number, ==, number);
  sighej_talk_news_clear (&news);
}

static void
test_keys (void)
{
  g_autoptr (SighejKeypair) ann = keypair (ANN_SECRET);
  guint8 bob[SIGHEJ_KEYPAIR_BYTES];
  guint8 receive[SIGHEJ_KEYPAIR_BYTES];
  guint8 transmit[SIGHEJ_KEYPAIR_BYTES];

  from_hex (BOB_PUBLIC, bob);
  g_assert_true (sighej_keypair_derive_directions (ann, bob, receive, transmit));
  assert_hex (receive, ANN_RECEIVES);
  assert_hex (transmit, ANN_SENDS);
  g_assert_true (sighej_keypair_derive_secret (ann, bob, SIGHEJ_KEYPAIR_AVOID_INFO, receive));
  assert_hex (receive, AVOID_SECRET);
}

/* Ann's seed is 00 01 … 1f, Bob's a5 a5 … */
static void
test_proofs (void)
{
  guint8 seeds[2][SIGHEJ_SEED_BYTES];
  guint8 public_key[SIGHEJ_KEYPAIR_BYTES];
  guint8 key[SIGHEJ_TALK_PROOF_BYTES];
  g_autoptr (SighejTokenSchedule) ann = NULL;
  g_autoptr (SighejTokenSchedule) bob = NULL;

  for (guint i = 0; i < SIGHEJ_SEED_BYTES; i++)
    seeds[0][i] = (guint8) i;
  memset (seeds[1], 0xa5, SIGHEJ_SEED_BYTES);
  from_hex (ANN_PUBLIC, public_key);
  ann = sighej_token_schedule_new (seeds[0], public_key, 7200);
  from_hex (BOB_PUBLIC, public_key);
  bob = sighej_token_schedule_new (seeds[1], public_key, 7200);

  sighej_token_schedule_get_key (ann, 0, key);
  assert_hex (key, ANN_KEY_0);
  sighej_token_schedule_get_key (bob, 0, key);
  assert_hex (key, BOB_KEY_0);
  sighej_token_schedule_get_key (bob, 1, key);
  assert_hex (key, BOB_KEY_1);
  g_assert_true (
      was_heard (&sighej_token_schedule_get_epoch (ann, 0)->token, (gpointer) ANN_TOKEN_0));
  g_assert_true (
      was_heard (&sighej_token_schedule_get_epoch (bob, 0)->token, (gpointer) BOB_TOKEN_0));
}

static void
test_bob_reads_ann (void)
{
  g_autoptr (SighejTalk) bob = talk_with (BOB_SECRET, ANN_PUBLIC, ANN_TOKEN_0);
  SighejTalkNews news;

  assert_news (bob, &ann_letters[0], SIGHEJ_TALK_NEWS_TRUST, NULL);
  assert_news (bob, &ann_letters[1], SIGHEJ_TALK_NEWS_TEXT, "Hej 🦊");
  take_vector (bob, &ann_letters[2], &news);
  g_assert_cmpint (news.type, ==, SIGHEJ_TALK_NEWS_TYPING);
  g_assert_true (news.typing);
  sighej_talk_news_clear (&news);
  assert_news (bob, &ann_letters[3], SIGHEJ_TALK_NEWS_NONE, NULL);
  assert_news (bob, &ann_letters[4], SIGHEJ_TALK_NEWS_TEXT, "blåbær");
}

static void
test_ann_reads_bob (void)
{
  g_autoptr (SighejTalk) ann = talk_with (ANN_SECRET, BOB_PUBLIC, BOB_TOKEN_0);
  SighejTalkNews news;
  guint64 number;

  assert_news (ann, &bob_letters[0], SIGHEJ_TALK_NEWS_TRUST, NULL);
  for (guint i = 2; i <= 5; i++)
    g_assert_true (sighej_talk_say (ann, "hej", NOW_US, &number, NULL));
  assert_number (ann, &bob_letters[1], SIGHEJ_TALK_NEWS_DELIVERED, 2);
  assert_number (ann, &bob_letters[2], SIGHEJ_TALK_NEWS_SEEN, 5);
  assert_news (ann, &bob_letters[3], SIGHEJ_TALK_NEWS_TEXT, "hello\nyou");
  take_vector (ann, &bob_letters[4], &news);
  g_assert_cmpint (news.type, ==, SIGHEJ_TALK_NEWS_TOKEN);
  g_assert_true (was_heard (&news.token, (gpointer) BOB_TOKEN_1));
  sighej_talk_news_clear (&news);
}

/* With the header given, the same letters come out. */
static void
assert_sealed (SighejKeypair *own, const char *peer_public, const Vector *vectors, gsize n_vectors)
{
  g_autoptr (GBytes) first = bytes (vectors[0].body);
  guint8 peer[SIGHEJ_KEYPAIR_BYTES];
  Forger forger;

  g_assert_cmpuint (g_bytes_get_size (first), >, HEADER_BYTES);
  from_hex (peer_public, peer);
  forger_init (&forger, own, peer, g_bytes_get_data (first, NULL));
  for (gsize i = 0; i < n_vectors; i++)
    {
      g_autoptr (GBytes) frame = bytes (vectors[i].frame);
      g_autoptr (GBytes) expected = bytes (vectors[i].body);
      g_autoptr (GBytes) body = forger_seal (&forger,
                                             g_bytes_get_data (frame, NULL),
                                             g_bytes_get_size (frame),
                                             vectors[i].kind == SIGHEJ_TALK_TEXT ? 1 : 0);

      g_assert_true (g_bytes_equal (body, expected));
    }
}

static void
test_sealed_alike (void)
{
  g_autoptr (SighejKeypair) ann = keypair (ANN_SECRET);
  g_autoptr (SighejKeypair) bob = keypair (BOB_SECRET);

  assert_sealed (ann, BOB_PUBLIC, ann_letters, G_N_ELEMENTS (ann_letters));
  assert_sealed (bob, ANN_PUBLIC, bob_letters, G_N_ELEMENTS (bob_letters));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/talk-vectors/keys", test_keys);
  g_test_add_func ("/talk-vectors/proofs", test_proofs);
  g_test_add_func ("/talk-vectors/bob-reads-ann", test_bob_reads_ann);
  g_test_add_func ("/talk-vectors/ann-reads-bob", test_ann_reads_bob);
  g_test_add_func ("/talk-vectors/sealed-alike", test_sealed_alike);
  return g_test_run ();
}
