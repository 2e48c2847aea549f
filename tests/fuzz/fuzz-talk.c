/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A talk whose peer has the keys and keeps no rules, over a backend that keeps none either. The
 * input is a script: an act, a length, so many bytes for it, and again.
 */
#include "config.h"

#include <string.h>

#include <sodium.h>

#include "fuzz.h"
#include "sighej-talk-frame.h"

#define STREAM(name) crypto_secretstream_xchacha20poly1305_##name
#define NUDGE_ID "00112233445566778899aabbccddeeff"
#define ACTS_MAX 200

typedef struct
{
  SighejTalk *talk;
  STREAM (state) push;
  guint8 header[STREAM (HEADERBYTES)];
  gboolean peer_is_client;
  guint64 n;
  gint64 now_us;
} Scene;

typedef struct
{
  const guint8 *data;
  gsize n_bytes;
} Rest;

static gboolean
hears_all (const SighejToken *token, gpointer user_data)
{
  return TRUE;
}

/* The same for every input (keys are clamped: their low three bits do not count); the forged stream
 * begins like that of libsodium with this header. */
static void
scene_init (Scene *self, guint role)
{
  static const guint8 secrets[2][SIGHEJ_KEYPAIR_BYTES] = { { 8 }, { 16 } };
  static const guint8 proofs[1][SIGHEJ_TALK_PROOF_BYTES] = { { 3 } };
  g_autoptr (SighejKeypair) own = sighej_keypair_new_from_secret (secrets[0]);
  g_autoptr (SighejKeypair) peer = sighej_keypair_new_from_secret (secrets[1]);
  const guint8 *own_public = sighej_keypair_get_public (own);
  const guint8 *peer_public = sighej_keypair_get_public (peer);
  guint8 promise[SIGHEJ_PHRASE_NONCE_BYTES];
  guint8 receive[SIGHEJ_KEYPAIR_BYTES];
  guint8 transmit[SIGHEJ_KEYPAIR_BYTES];

  memset (self, 0, sizeof *self);
  self->peer_is_client = memcmp (peer_public, own_public, SIGHEJ_KEYPAIR_BYTES) < 0;
  g_assert_true (sighej_keypair_derive_directions (peer, own_public, receive, transmit));
  STREAM (init_pull) (&self->push, self->header, transmit);
  sighej_phrase_promise (peer_public, secrets[0], promise);
  if (role % 4 == 1)
    self->talk = sighej_talk_new_joiner (NUDGE_ID, own, peer_public, secrets[0]);
  else if (role % 4 == 2)
    self->talk = sighej_talk_new_creator (NUDGE_ID, own, peer_public, promise);
  else
    self->talk = sighej_talk_new (NUDGE_ID, own, peer_public, proofs, 1, hears_all, NULL);
}

static void
take (Scene *self, guint64 n, guint kind, const guint8 *body, gsize n_body)
{
  gboolean was_broken = sighej_talk_get_trust (self->talk) == SIGHEJ_MEET_TRUST_BROKEN;
  guint64 taken = sighej_talk_get_taken (self->talk);
  SighejTalkNews news;
  gboolean good = sighej_talk_take (self->talk, n, kind % 3, body, n_body, self->now_us, &news);

  if (good)
    {
      g_assert_false (was_broken);
      g_assert_cmpuint (sighej_talk_get_taken (self->talk), ==, taken + 1);
      g_assert_true ((news.type == SIGHEJ_TALK_NEWS_TEXT) == (news.text != NULL));
      g_assert_true (news.text == NULL || sighej_talk_is_text (news.text));
    }
  else
    {
      g_assert_cmpint (sighej_talk_get_trust (self->talk), ==, SIGHEJ_MEET_TRUST_BROKEN);
      g_assert_cmpint (sighej_talk_get_problem (self->talk), !=, SIGHEJ_MEET_PROBLEM_NONE);
      g_assert_null (news.text);
      g_assert_null (sighej_talk_get_outgoing (self->talk, 0));
    }
  sighej_talk_news_clear (&news);
}

/* One byte of tag and kind, then the frame: sealed as the peer would. */
static void
forge (Scene *self, const guint8 *data, gsize n_bytes)
{
  guint8 body[4096];
  guint8 associated[25] = { 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
                            0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff };
  guint64 number = GUINT64_TO_BE (self->n + 1);
  gsize n_header = self->n == 0 ? sizeof self->header : 0;

  if (n_bytes < 1 || n_header + n_bytes - 1 + STREAM (ABYTES) > sizeof body)
    return;

  self->n++;
  associated[16] = self->peer_is_client ? 0 : 1;
  memcpy (associated + 17, &number, sizeof number);
  memcpy (body, self->header, n_header);
  STREAM (push)
  (&self->push,
   body + n_header,
   NULL,
   data + 1,
   n_bytes - 1,
   associated,
   sizeof associated,
   data[0] >> 4 & 3);
  take (self, self->n, data[0] & 3, body, n_header + n_bytes - 1 + STREAM (ABYTES));
}

static void
say (Scene *self, const guint8 *data, gsize n_bytes)
{
  g_autofree char *text = g_strndup ((const char *) data, n_bytes);
  g_autoptr (GError) error = NULL;
  guint64 number = 0;
  gboolean good = sighej_talk_say (self->talk, text, self->now_us, &number, &error);

  g_assert_true (good == (error == NULL));
  g_assert_true (!good || sighej_talk_is_text (text));
  g_assert_true (!good || sighej_talk_get_outgoing (self->talk, number - 1)->n == number);
}

static void
act (Scene *self, guint8 what, const guint8 *data, gsize n_bytes)
{
  guint8 first = n_bytes > 0 ? data[0] : 0;
  const SighejTokenOrigin origin = { .public_key = { first } };

  self->now_us += (gint64) (what >> 4) * G_USEC_PER_SEC;
  switch (what % 8)
    {
    case 0:
    case 1:
    case 2:
      forge (self, data, n_bytes);
      break;
    case 3:
      take (self, first, first >> 6, data, n_bytes);
      break;
    case 4:
      sighej_talk_said (self->talk, first, self->now_us);
      break;
    case 5:
      say (self, data, n_bytes);
      break;
    case 6:
      if (first & 2)
        sighej_talk_set_token (self->talk, &origin, self->now_us);
      else
        sighej_talk_set_typing (self->talk, first & 1, self->now_us);
      break;
    default:
      sighej_talk_mark_seen (self->talk, first, self->now_us);
      break;
    }
  sighej_talk_catch_up (self->talk, self->now_us);
}

/* The next length, two bytes, as far as there is so much. */
static gsize
next_length (Rest *rest)
{
  gsize length = (gsize) rest->data[1] << 8 | rest->data[2];

  return MIN (length, rest->n_bytes - 3);
}

static void
read_frame (const guint8 *data, gsize n_bytes)
{
  SighejTalkFrame frame;
  guint8 again[SIGHEJ_TALK_FRAME_BYTES_MAX];

  if (sighej_talk_frame_read (data, n_bytes, &frame))
    g_assert_cmpmem (again, sighej_talk_frame_write (&frame, again), data, n_bytes);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  Rest rest = { data, n_bytes };
  Scene scene;

  read_frame (data, n_bytes);
  if (n_bytes < 1)
    return 0;

  scene_init (&scene, data[0]);
  rest.data++;
  rest.n_bytes--;
  for (guint i = 0; i < ACTS_MAX && rest.n_bytes >= 3; i++)
    {
      gsize length = next_length (&rest);

      act (&scene, rest.data[0], rest.data + 3, length);
      rest.data += 3 + length;
      rest.n_bytes -= 3 + length;
    }
  sighej_talk_free (scene.talk);
  return 0;
}
