/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-talk"

#include "config.h"

#include "sighej-talk.h"

#include <string.h>

#include <sodium.h>

#include "sighej-crypto.h"
#include "sighej-error.h"
#include "sighej-talk-frame.h"

#define STREAM(name) crypto_secretstream_xchacha20poly1305_##name
#define HEADER_BYTES STREAM (HEADERBYTES)
#define OVERHEAD_BYTES STREAM (ABYTES)
#define TAG_MESSAGE STREAM (TAG_MESSAGE)
#define TAG_LAST STREAM (TAG_PUSH)
#define NUDGE_BYTES (SIGHEJ_NUDGE_ID_CHARS / 2)
#define ASSOCIATED_BYTES (NUDGE_BYTES + 1 + 8)
/* The first byte after the nudge's id: who wrote the letter. */
#define FROM_CLIENT 0
#define FROM_SERVER 1

#define SECONDS(n) ((gint64) (n) *G_USEC_PER_SEC)
#define PACE_TIMES SIGHEJ_TALK_NOTES_IN_60_SECONDS

G_STATIC_ASSERT (STREAM (KEYBYTES) == SIGHEJ_KEYPAIR_BYTES);
G_STATIC_ASSERT (HEADER_BYTES + OVERHEAD_BYTES + SIGHEJ_TALK_FRAME_BYTES_MAX
                 <= SIGHEJ_WIRE_TALK_BYTES_MAX);
G_STATIC_ASSERT (SIGHEJ_TALK_PROOF_BYTES == SIGHEJ_PHRASE_SECRET_BYTES);
G_STATIC_ASSERT (sizeof (SighejTokenOrigin) == SIGHEJ_TALK_PROOF_BYTES + SIGHEJ_KEYPAIR_BYTES);
G_STATIC_ASSERT (SIGHEJ_TALK_TEXTS_IN_60_SECONDS <= PACE_TIMES);

/* How the two came to talk: what the other's proof must be. */
typedef enum
{
  NUDGED,
  CREATOR,
  JOINER,
} Role;

/* When the last few letters of a kind were made. */
typedef struct
{
  gint64 at_us[PACE_TIMES];
  guint n_made;
} Pace;

struct _SighejTalk
{
  guint8 nudge_id[NUDGE_BYTES];
  gboolean is_client;
  Role role;
  SighejMeetTrust trust;
  SighejTalkFault fault;

  /* What goes out. */
  STREAM (state) push;
  guint8 header[HEADER_BYTES];
  guint64 n_made;
  guint64 n_said;
  GQueue outgoing; /* of SighejTalkLetter: n_said + 1 to n_made */
  Pace texts;
  Pace notes;
  guint64 delivered; /* their text with this number is here ... */
  guint64 delivered_told;
  guint64 seen; /* ... and this one was read */
  guint64 seen_told;
  gboolean typing;
  gboolean typing_told;
  gint64 typing_told_us;
  SighejTokenOrigin token;
  gboolean token_is_due;
  Pace tokens;

  /* What comes in. */
  STREAM (state) pull;
  guint8 receive_key[SIGHEJ_KEYPAIR_BYTES]; /* until the header came */
  guint8 peer[SIGHEJ_KEYPAIR_BYTES];
  SighejTalkHeard heard;
  gpointer heard_data;
  guint8 promise[SIGHEJ_PHRASE_NONCE_BYTES];        /* CREATOR */
  guint8 joiner_secret[SIGHEJ_PHRASE_SECRET_BYTES]; /* CREATOR: once it came */
  guint64 n_taken;
  Pace peer_tokens;
  guint8 part[SIGHEJ_TALK_PART_BYTES_MAX]; /* the first part of a text, until the second came */
  gsize n_part;
};

static const SighejMeetProblem problems[] = {
  [SIGHEJ_TALK_FAULT_NONE] = SIGHEJ_MEET_PROBLEM_NONE,
  [SIGHEJ_TALK_FAULT_UNHEARD] = SIGHEJ_MEET_PROBLEM_KEY_UNHEARD,
  [SIGHEJ_TALK_FAULT_PROMISE] = SIGHEJ_MEET_PROBLEM_KEY_CHANGED,
  [SIGHEJ_TALK_FAULT_CHANGED] = SIGHEJ_MEET_PROBLEM_MESSAGE_CHANGED,
  [SIGHEJ_TALK_FAULT_REPEATED] = SIGHEJ_MEET_PROBLEM_MESSAGE_REPEATED,
  [SIGHEJ_TALK_FAULT_MISSING] = SIGHEJ_MEET_PROBLEM_MESSAGE_MISSING,
  [SIGHEJ_TALK_FAULT_GARBLED] = SIGHEJ_MEET_PROBLEM_MESSAGE_GARBLED,
  [SIGHEJ_TALK_FAULT_RELAY] = SIGHEJ_MEET_PROBLEM_BACKEND_FALSE,
};
G_STATIC_ASSERT (G_N_ELEMENTS (problems) == SIGHEJ_TALK_FAULT_RELAY + 1);

static void
letter_free (SighejTalkLetter *letter)
{
  g_bytes_unref (letter->body);
  g_free (letter);
}

/* Leaves nothing but the reason. Returns: FALSE */
static gboolean
break_talk (SighejTalk *self, SighejTalkFault fault)
{
  g_queue_clear_full (&self->outgoing, (GDestroyNotify) letter_free);
  sighej_wipe (self, sizeof *self);
  g_queue_init (&self->outgoing);
  self->trust = SIGHEJ_MEET_TRUST_BROKEN;
  self->fault = fault;
  g_debug ("broken: %s", sighej_meet_problem_to_word (problems[fault]));
  return FALSE;
}

static gboolean
is_broken (SighejTalk *self)
{
  return self->trust == SIGHEJ_MEET_TRUST_BROKEN;
}

/* Whether what a person does may go out: to the right one, as far as can be known. */
static gboolean
is_trusted (SighejTalk *self)
{
  return self->trust == SIGHEJ_MEET_TRUST_VERIFIED || self->trust == SIGHEJ_MEET_TRUST_PHRASE;
}

/* ---- pace ---- */

static void
pace_count (Pace *self, gint64 now_us)
{
  self->at_us[self->n_made++ % PACE_TIMES] = now_us;
}

/* When one more is allowed, if at most @n_most are in any @window_s seconds; 0: at once. */
static gint64
pace_next_us (const Pace *self, guint n_most, guint window_s)
{
  if (self->n_made < n_most)
    return 0;
  return self->at_us[(self->n_made - n_most) % PACE_TIMES] + SECONDS (window_s);
}

static gint64
next_text_us (SighejTalk *self)
{
  return MAX (pace_next_us (&self->texts, SIGHEJ_TALK_TEXTS_IN_10_SECONDS, 10),
              pace_next_us (&self->texts, SIGHEJ_TALK_TEXTS_IN_60_SECONDS, 60));
}

static gint64
next_note_us (SighejTalk *self)
{
  return pace_next_us (&self->notes, SIGHEJ_TALK_NOTES_IN_60_SECONDS, 60);
}

static gint64
next_token_us (SighejTalk *self)
{
  return MAX (
      next_note_us (self),
      pace_next_us (&self->tokens, SIGHEJ_TALK_TOKENS_MAX, SIGHEJ_TALK_TOKENS_TOLD_SECONDS));
}

/* ---- letters ---- */

static void
write_associated (SighejTalk *self, gboolean from_client, guint64 n, guint8 out[ASSOCIATED_BYTES])
{
  guint64 number = GUINT64_TO_BE (n);

  memcpy (out, self->nudge_id, NUDGE_BYTES);
  out[NUDGE_BYTES] = from_client ? FROM_CLIENT : FROM_SERVER;
  memcpy (out + NUDGE_BYTES + 1, &number, sizeof number);
}

/* The header goes before the first letter of a direction. */
static GBytes *
seal (SighejTalk *self, const guint8 *plain, gsize n_plain, guint8 tag)
{
  gsize n_header = self->n_made == 1 ? HEADER_BYTES : 0;
  gsize n_body = n_header + n_plain + OVERHEAD_BYTES;
  guint8 *body = g_malloc (n_body);
  guint8 associated[ASSOCIATED_BYTES];

  memcpy (body, self->header, n_header);
  write_associated (self, self->is_client, self->n_made, associated);
  STREAM (push)
  (&self->push, body + n_header, NULL, plain, n_plain, associated, sizeof associated, tag);
  return g_bytes_new_take (body, n_body);
}

static void
make_letter (SighejTalk *self, const SighejTalkFrame *frame, SighejTalkKind kind)
{
  SighejTalkLetter *letter = g_new0 (SighejTalkLetter, 1);
  guint8 plain[SIGHEJ_TALK_FRAME_BYTES_MAX];
  gsize n_plain = sighej_talk_frame_write (frame, plain);

  letter->n = ++self->n_made;
  letter->kind = kind;
  letter->body = seal (self, plain, n_plain, kind == SIGHEJ_TALK_TEXT ? TAG_LAST : TAG_MESSAGE);
  g_queue_push_tail (&self->outgoing, letter);
  sighej_wipe (plain, n_plain);
}

static guint
room (SighejTalk *self)
{
  return SIGHEJ_TALK_OUTGOING_MAX - g_queue_get_length (&self->outgoing);
}

static gboolean
make_note (SighejTalk *self, const SighejTalkFrame *frame, gint64 now_us)
{
  if (room (self) == 0 || next_note_us (self) > now_us)
    return FALSE;

  pace_count (&self->notes, now_us);
  make_letter (self, frame, SIGHEJ_TALK_NOTE);
  return TRUE;
}

static gboolean
make_number_note (SighejTalk *self, SighejTalkFrameType type, guint64 number, gint64 now_us)
{
  const SighejTalkFrame frame = { .type = type, .number = number };

  return make_note (self, &frame, now_us);
}

static gboolean
make_token_note (SighejTalk *self, gint64 now_us)
{
  const SighejTalkFrame frame = { .type = SIGHEJ_TALK_FRAME_TOKEN,
                                  .rest = (const guint8 *) &self->token,
                                  .n_rest = sizeof self->token };

  if (next_token_us (self) > now_us || !make_note (self, &frame, now_us))
    return FALSE;

  pace_count (&self->tokens, now_us);
  return TRUE;
}

/* ---- life ---- */

static SighejTalk *
new_talk (const char *nudge_id, SighejKeypair *own, const guint8 peer[SIGHEJ_KEYPAIR_BYTES])
{
  g_autoptr (SighejTalk) self = g_new0 (SighejTalk, 1);
  guint8 send_key[SIGHEJ_KEYPAIR_BYTES];

  g_queue_init (&self->outgoing);
  g_return_val_if_fail (sighej_hex_decode (nudge_id, self->nudge_id, NUDGE_BYTES), NULL);
  if (!sighej_keypair_derive_directions (own, peer, self->receive_key, send_key))
    return NULL;

  self->is_client = memcmp (sighej_keypair_get_public (own), peer, SIGHEJ_KEYPAIR_BYTES) < 0;
  memcpy (self->peer, peer, SIGHEJ_KEYPAIR_BYTES);
  STREAM (init_push) (&self->push, self->header, send_key);
  sighej_wipe (send_key, sizeof send_key);
  return g_steal_pointer (&self);
}

static void
make_proof (SighejTalk *self, const guint8 *keys, gsize n_keys)
{
  const SighejTalkFrame frame = { .type = SIGHEJ_TALK_FRAME_PROOF,
                                  .rest = keys,
                                  .n_rest = n_keys * SIGHEJ_TALK_PROOF_BYTES };

  make_letter (self, &frame, SIGHEJ_TALK_NOTE);
}

SighejTalk *
sighej_talk_new (const char *nudge_id,
                 SighejKeypair *own,
                 const guint8 peer[SIGHEJ_KEYPAIR_BYTES],
                 const guint8 (*proofs)[SIGHEJ_TALK_PROOF_BYTES],
                 guint n_proofs,
                 SighejTalkHeard heard,
                 gpointer user_data)
{
  SighejTalk *self;

  g_return_val_if_fail (n_proofs >= 1 && n_proofs <= SIGHEJ_TALK_PROOFS_MAX, NULL);

  self = new_talk (nudge_id, own, peer);
  if (self == NULL)
    return NULL;

  self->heard = heard;
  self->heard_data = user_data;
  make_proof (self, proofs[0], n_proofs);
  return self;
}

SighejTalk *
sighej_talk_new_creator (const char *nudge_id,
                         SighejKeypair *own,
                         const guint8 peer[SIGHEJ_KEYPAIR_BYTES],
                         const guint8 promise[SIGHEJ_PHRASE_NONCE_BYTES])
{
  SighejTalk *self = new_talk (nudge_id, own, peer);

  if (self == NULL)
    return NULL;

  self->role = CREATOR;
  memcpy (self->promise, promise, sizeof self->promise);
  make_proof (self, NULL, 0);
  return self;
}

SighejTalk *
sighej_talk_new_joiner (const char *nudge_id,
                        SighejKeypair *own,
                        const guint8 peer[SIGHEJ_KEYPAIR_BYTES],
                        const guint8 secret[SIGHEJ_PHRASE_SECRET_BYTES])
{
  SighejTalk *self = new_talk (nudge_id, own, peer);

  if (self == NULL)
    return NULL;

  self->role = JOINER;
  self->trust = SIGHEJ_MEET_TRUST_PHRASE;
  make_proof (self, secret, 1);
  return self;
}

void
sighej_talk_free (SighejTalk *self)
{
  if (self == NULL)
    return;

  g_queue_clear_full (&self->outgoing, (GDestroyNotify) letter_free);
  sighej_wipe (self, sizeof *self);
  g_free (self);
}

void
sighej_talk_news_clear (SighejTalkNews *self)
{
  sighej_wipe_free_string (self->text);
  sighej_wipe (self, sizeof *self);
}

SighejMeetTrust
sighej_talk_get_trust (SighejTalk *self)
{
  return self->trust;
}

SighejTalkFault
sighej_talk_get_fault (SighejTalk *self)
{
  return self->fault;
}

const guint8 *
sighej_talk_get_joiner_secret (SighejTalk *self)
{
  return self->role == CREATOR && is_trusted (self) ? self->joiner_secret : NULL;
}

SighejMeetProblem
sighej_talk_get_problem (SighejTalk *self)
{
  return problems[self->fault];
}

/* ---- what goes out ---- */

/* Only what no version of Unicode will change its mind about is refused. */
static gboolean
is_text (const char *text, gsize n_bytes)
{
  gsize n_characters = 0;

  if (n_bytes == 0 || !g_utf8_validate_len (text, n_bytes, NULL))
    return FALSE;

  for (const char *c = text; c < text + n_bytes; c = g_utf8_next_char (c), n_characters++)
    if (*c != '\n' && g_unichar_iscntrl (g_utf8_get_char (c)))
      return FALSE;
  return n_characters <= SIGHEJ_TALK_CHARS_MAX;
}

gboolean
sighej_talk_is_text (const char *text)
{
  return is_text (text, strlen (text));
}

/* How much of @text goes into a letter before its last, without cutting a character; 0: nothing. */
static gsize
first_part (const char *text, gsize n_bytes)
{
  if (n_bytes <= SIGHEJ_TALK_PART_BYTES_MAX)
    return 0;
  return g_utf8_find_prev_char (text, text + SIGHEJ_TALK_PART_BYTES_MAX + 1) - text;
}

static gboolean
may_say (SighejTalk *self, const char *text, gint64 now_us, GError **error)
{
  gint64 wait_us = next_text_us (self) - now_us;

  if (!is_trusted (self))
    g_set_error_literal (error,
                         SIGHEJ_ERROR,
                         SIGHEJ_ERROR_NOT_PERMITTED,
                         is_broken (self) ? "the talk is broken; nothing can be sent any more"
                                          : "the other side's key is not verified yet");
  else if (!sighej_talk_is_text (text))
    g_set_error (error,
                 SIGHEJ_ERROR,
                 SIGHEJ_ERROR_TEXT_REJECTED,
                 "a message is 1 to %d characters without control characters",
                 SIGHEJ_TALK_CHARS_MAX);
  else if (wait_us > 0)
    g_set_error (error,
                 SIGHEJ_ERROR,
                 SIGHEJ_ERROR_RATE_LIMITED,
                 "too many messages; try again in %u s",
                 (guint) ((wait_us + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC));
  else if (room (self) < SIGHEJ_TALK_PARTS_MAX)
    g_set_error_literal (
        error, SIGHEJ_ERROR, SIGHEJ_ERROR_OFFLINE, "earlier messages still wait for the backend");
  else
    return TRUE;
  return FALSE;
}

gboolean
sighej_talk_say (SighejTalk *self, const char *text, gint64 now_us, guint64 *number, GError **error)
{
  SighejTalkFrame frame = { .type = SIGHEJ_TALK_FRAME_TEXT, .rest = (const guint8 *) text };
  gsize n_bytes = strlen (text);

  if (!may_say (self, text, now_us, error))
    return FALSE;

  frame.n_rest = first_part (text, n_bytes);
  if (frame.n_rest > 0)
    make_letter (self, &frame, SIGHEJ_TALK_PART);
  frame.rest += frame.n_rest;
  frame.n_rest = n_bytes - frame.n_rest;
  make_letter (self, &frame, SIGHEJ_TALK_TEXT);
  pace_count (&self->texts, now_us);

  /* A message says by itself that nobody types any more. */
  self->typing = FALSE;
  self->typing_told = FALSE;
  *number = self->n_made;
  return TRUE;
}

/* Whether the other side should hear about typing now. */
static gboolean
typing_is_due (SighejTalk *self, gint64 now_us)
{
  if (self->typing != self->typing_told)
    return TRUE;
  return self->typing
         && now_us - self->typing_told_us >= SECONDS (SIGHEJ_TALK_TYPING_AGAIN_SECONDS);
}

/* When what waits may go out; 0: nothing waits. */
static gint64
next_due_us (SighejTalk *self)
{
  if (self->delivered > self->delivered_told || self->seen > self->seen_told
      || self->typing != self->typing_told)
    return next_note_us (self);
  return self->token_is_due ? next_token_us (self) : 0;
}

gint64
sighej_talk_catch_up (SighejTalk *self, gint64 now_us)
{
  if (!is_trusted (self))
    return 0;

  if (self->delivered > self->delivered_told
      && make_number_note (self, SIGHEJ_TALK_FRAME_DELIVERED, self->delivered, now_us))
    self->delivered_told = self->delivered;
  if (self->seen > self->seen_told
      && make_number_note (self, SIGHEJ_TALK_FRAME_SEEN, self->seen, now_us))
    self->seen_told = self->seen;
  if (self->token_is_due && make_token_note (self, now_us))
    self->token_is_due = FALSE;
  if (typing_is_due (self, now_us)
      && make_number_note (self, SIGHEJ_TALK_FRAME_TYPING, self->typing, now_us))
    {
      self->typing_told = self->typing;
      self->typing_told_us = now_us;
    }
  return room (self) > 0 ? next_due_us (self) : 0;
}

void
sighej_talk_mark_seen (SighejTalk *self, guint64 number, gint64 now_us)
{
  self->seen = MAX (self->seen, MIN (number, self->delivered));
  sighej_talk_catch_up (self, now_us);
}

void
sighej_talk_set_typing (SighejTalk *self, gboolean typing, gint64 now_us)
{
  self->typing = typing;
  sighej_talk_catch_up (self, now_us);
}

void
sighej_talk_set_token (SighejTalk *self, const SighejTokenOrigin *origin, gint64 now_us)
{
  if (is_broken (self))
    return;

  self->token = *origin;
  self->token_is_due = TRUE;
  sighej_talk_catch_up (self, now_us);
}

const SighejTalkLetter *
sighej_talk_get_outgoing (SighejTalk *self, guint64 after)
{
  guint64 skipped = after > self->n_said ? after - self->n_said : 0;

  if (skipped >= g_queue_get_length (&self->outgoing))
    return NULL;
  return g_queue_peek_nth (&self->outgoing, (guint) skipped);
}

gboolean
sighej_talk_said (SighejTalk *self, guint64 n, gint64 now_us)
{
  if (is_broken (self))
    return FALSE;
  if (n > self->n_made)
    return break_talk (self, SIGHEJ_TALK_FAULT_RELAY);

  for (; self->n_said < n; self->n_said++)
    letter_free (g_queue_pop_head (&self->outgoing));
  sighej_talk_catch_up (self, now_us);
  return TRUE;
}

/* ---- what comes in ---- */

guint64
sighej_talk_get_taken (SighejTalk *self)
{
  return self->n_taken;
}

static gboolean
token_was_heard (SighejTalk *self, const guint8 key[SIGHEJ_TALK_PROOF_BYTES])
{
  SighejTokenOrigin origin;
  SighejToken token;

  memcpy (origin.key, key, sizeof origin.key);
  memcpy (origin.public_key, self->peer, sizeof origin.public_key);
  sighej_token_origin_derive (&origin, &token);
  return self->heard (&token, self->heard_data);
}

static gboolean
trust (SighejTalk *self, SighejMeetTrust how, SighejTalkNews *news)
{
  self->trust = how;
  news->type = SIGHEJ_TALK_NEWS_TRUST;
  return TRUE;
}

static gboolean
take_secret (SighejTalk *self, const SighejTalkFrame *frame, SighejTalkNews *news)
{
  if (frame->n_rest != sizeof self->joiner_secret)
    return break_talk (self, SIGHEJ_TALK_FAULT_GARBLED);
  if (!sighej_phrase_keeps (self->promise, self->peer, frame->rest))
    return break_talk (self, SIGHEJ_TALK_FAULT_PROMISE);

  memcpy (self->joiner_secret, frame->rest, sizeof self->joiner_secret);
  return trust (self, SIGHEJ_MEET_TRUST_PHRASE, news);
}

static gboolean
judge_proof (SighejTalk *self, const SighejTalkFrame *frame, SighejTalkNews *news)
{
  if (self->role == CREATOR)
    return take_secret (self, frame, news);
  if (self->role == JOINER)
    return frame->n_rest == 0 || break_talk (self, SIGHEJ_TALK_FAULT_GARBLED);

  for (gsize i = 0; i < frame->n_rest; i += SIGHEJ_TALK_PROOF_BYTES)
    if (token_was_heard (self, frame->rest + i))
      return trust (self, SIGHEJ_MEET_TRUST_VERIFIED, news);
  return break_talk (self, SIGHEJ_TALK_FAULT_UNHEARD);
}

static gboolean
take_proof (SighejTalk *self, const SighejTalkFrame *frame, gint64 now_us, SighejTalkNews *news)
{
  if (!judge_proof (self, frame, news))
    return FALSE;

  sighej_talk_catch_up (self, now_us);
  return TRUE;
}

static gboolean
take_part (SighejTalk *self, const SighejTalkFrame *frame)
{
  if (self->n_part > 0)
    return break_talk (self, SIGHEJ_TALK_FAULT_GARBLED);

  memcpy (self->part, frame->rest, frame->n_rest);
  self->n_part = frame->n_rest;
  return TRUE;
}

static gboolean
take_text (SighejTalk *self, const SighejTalkFrame *frame, gint64 now_us, SighejTalkNews *news)
{
  gsize n_bytes = self->n_part + frame->n_rest;
  char *text = g_malloc (n_bytes + 1);

  memcpy (text, self->part, self->n_part);
  memcpy (text + self->n_part, frame->rest, frame->n_rest);
  text[n_bytes] = '\0';
  sighej_wipe (self->part, self->n_part);
  self->n_part = 0;

  news->text = text;
  if (!is_text (text, n_bytes))
    return break_talk (self, SIGHEJ_TALK_FAULT_GARBLED);

  news->type = SIGHEJ_TALK_NEWS_TEXT;
  news->number = self->n_taken;
  self->delivered = self->n_taken;
  sighej_talk_catch_up (self, now_us);
  return TRUE;
}

/* A mark covers all our texts up to its number, which must have been sent. */
static gboolean
take_mark (SighejTalk *self, const SighejTalkFrame *frame, SighejTalkNews *news)
{
  if (frame->number == 0 || frame->number > self->n_made)
    return break_talk (self, SIGHEJ_TALK_FAULT_GARBLED);

  news->type
      = frame->type == SIGHEJ_TALK_FRAME_SEEN ? SIGHEJ_TALK_NEWS_SEEN : SIGHEJ_TALK_NEWS_DELIVERED;
  news->number = frame->number;
  return TRUE;
}

static gboolean
take_typing (SighejTalk *self, const SighejTalkFrame *frame, SighejTalkNews *news)
{
  news->type = SIGHEJ_TALK_NEWS_TYPING;
  news->typing = frame->number != 0;
  return TRUE;
}

/* Who may name many could have us listen for them all. */
static gboolean
take_token (SighejTalk *self, const SighejTalkFrame *frame, gint64 now_us, SighejTalkNews *news)
{
  SighejTokenOrigin origin;

  if (pace_next_us (&self->peer_tokens, SIGHEJ_TALK_TOKENS_MAX, SIGHEJ_TALK_TOKENS_TAKEN_SECONDS)
      > now_us)
    return TRUE;

  pace_count (&self->peer_tokens, now_us);
  news->type = SIGHEJ_TALK_NEWS_TOKEN;
  memcpy (&origin, frame->rest, sizeof origin);
  sighej_token_origin_derive (&origin, &news->token);
  return TRUE;
}

/* The first frame is a proof and no other is; between the parts of a text there is nothing. */
static gboolean
frame_is_in_place (SighejTalk *self, const SighejTalkFrame *frame, guint8 tag)
{
  gboolean is_text_frame = frame->type == SIGHEJ_TALK_FRAME_TEXT;

  return (frame->type == SIGHEJ_TALK_FRAME_PROOF) == (self->n_taken == 1)
         && (self->n_part == 0 || is_text_frame)
         && (tag == TAG_MESSAGE || (is_text_frame && tag == TAG_LAST));
}

static SighejTalkKind
kind_of (const SighejTalkFrame *frame, guint8 tag)
{
  if (frame->type != SIGHEJ_TALK_FRAME_TEXT)
    return SIGHEJ_TALK_NOTE;
  return tag == TAG_LAST ? SIGHEJ_TALK_TEXT : SIGHEJ_TALK_PART;
}

static gboolean
take_frame (SighejTalk *self,
            const SighejTalkFrame *frame,
            SighejTalkKind kind,
            gint64 now_us,
            SighejTalkNews *news)
{
  switch (frame->type)
    {
    case SIGHEJ_TALK_FRAME_PROOF:
      return take_proof (self, frame, now_us, news);
    case SIGHEJ_TALK_FRAME_TEXT:
      return kind == SIGHEJ_TALK_PART ? take_part (self, frame)
                                      : take_text (self, frame, now_us, news);
    case SIGHEJ_TALK_FRAME_DELIVERED:
    case SIGHEJ_TALK_FRAME_SEEN:
      return take_mark (self, frame, news);
    case SIGHEJ_TALK_FRAME_TYPING:
      return take_typing (self, frame, news);
    case SIGHEJ_TALK_FRAME_TOKEN:
      return take_token (self, frame, now_us, news);
    default:
      g_return_val_if_reached (FALSE);
    }
}

/* Opens letter n_taken + 1 into @plain. Returns: whether it is genuine */
static gboolean
open_letter (SighejTalk *self,
             const guint8 *body,
             gsize n_body,
             guint8 plain[SIGHEJ_TALK_FRAME_BYTES_MAX],
             gsize *n_plain,
             guint8 *tag)
{
  gsize n_header = self->n_taken == 0 ? HEADER_BYTES : 0;
  guint8 associated[ASSOCIATED_BYTES];

  if (n_body < n_header + OVERHEAD_BYTES
      || n_body > n_header + OVERHEAD_BYTES + SIGHEJ_TALK_FRAME_BYTES_MAX)
    return FALSE;

  if (n_header > 0)
    {
      STREAM (init_pull) (&self->pull, body, self->receive_key);
      sighej_wipe (self->receive_key, sizeof self->receive_key);
    }
  write_associated (self, !self->is_client, self->n_taken + 1, associated);
  *n_plain = n_body - n_header - OVERHEAD_BYTES;
  return STREAM (pull) (&self->pull,
                        plain,
                        NULL,
                        tag,
                        body + n_header,
                        n_body - n_header,
                        associated,
                        sizeof associated)
         == 0;
}

static gboolean
take_plain (SighejTalk *self,
            const guint8 *plain,
            gsize n_plain,
            guint8 tag,
            SighejTalkKind kind,
            gint64 now_us,
            SighejTalkNews *news)
{
  SighejTalkFrame frame;

  if (!sighej_talk_frame_read (plain, n_plain, &frame) || !frame_is_in_place (self, &frame, tag))
    return break_talk (self, SIGHEJ_TALK_FAULT_GARBLED);
  /* The word on the wire is the backend's to read and not sealed: it may not lie either. */
  if (kind_of (&frame, tag) != kind)
    return break_talk (self, SIGHEJ_TALK_FAULT_CHANGED);
  return take_frame (self, &frame, kind, now_us, news);
}

gboolean
sighej_talk_take (SighejTalk *self,
                  guint64 n,
                  SighejTalkKind kind,
                  const guint8 *body,
                  gsize n_body,
                  gint64 now_us,
                  SighejTalkNews *news)
{
  guint8 plain[SIGHEJ_TALK_FRAME_BYTES_MAX];
  gsize n_plain = 0;
  guint8 tag = 0;
  gboolean good;

  *news = (SighejTalkNews){ 0 };
  if (is_broken (self))
    return FALSE;
  if (n <= self->n_taken)
    return break_talk (self, SIGHEJ_TALK_FAULT_REPEATED);
  if (n != self->n_taken + 1)
    return break_talk (self, SIGHEJ_TALK_FAULT_MISSING);
  if (!open_letter (self, body, n_body, plain, &n_plain, &tag))
    return break_talk (self, SIGHEJ_TALK_FAULT_CHANGED);

  self->n_taken = n;
  good = take_plain (self, plain, n_plain, tag, kind, now_us, news);
  sighej_wipe (plain, n_plain);
  if (!good)
    sighej_talk_news_clear (news);
  return good;
}
