/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-keypair.h"
#include "sighej-phrase.h"
#include "sighej-token-schedule.h"
#include "sighej-wire-meet.h"

G_BEGIN_DECLS

#define SIGHEJ_TALK_CHARS_MAX 1000      /* of one message, as Unicode counts them */
#define SIGHEJ_TALK_PART_BYTES_MAX 2048 /* of text in one letter */
#define SIGHEJ_TALK_PARTS_MAX 2
#define SIGHEJ_TALK_OUTGOING_MAX 64 /* letters the backend does not have yet */
#define SIGHEJ_TALK_PROOFS_MAX 2
#define SIGHEJ_TALK_PROOF_BYTES 32
/* What the backend takes from one side; of notes it takes 60, so the proof and a burst fit. */
#define SIGHEJ_TALK_TEXTS_IN_10_SECONDS 8
#define SIGHEJ_TALK_TEXTS_IN_60_SECONDS 20
#define SIGHEJ_TALK_NOTES_IN_60_SECONDS 50
/* Tokens of the other side that are followed; of more, none. Our own are told a little slower, so
 * that letters that were held up are not too many at once. */
#define SIGHEJ_TALK_TOKENS_MAX 2
#define SIGHEJ_TALK_TOKENS_TAKEN_SECONDS 120
#define SIGHEJ_TALK_TOKENS_TOLD_SECONDS 150
/* A typing note is forgotten after so long, and told again in good time before, seconds. */
#define SIGHEJ_TALK_TYPING_SECONDS 6
#define SIGHEJ_TALK_TYPING_AGAIN_SECONDS 4

/**
 * SighejTalkFault:
 * @SIGHEJ_TALK_FAULT_NONE: none
 * @SIGHEJ_TALK_FAULT_UNHEARD: the key was swapped: no token heard here commits to it
 * @SIGHEJ_TALK_FAULT_PROMISE: the joiner's secret is not the one promised with the pairing code
 * @SIGHEJ_TALK_FAULT_CHANGED: a letter does not open: changed, cut or of another talk
 * @SIGHEJ_TALK_FAULT_REPEATED: a letter came that was there already
 * @SIGHEJ_TALK_FAULT_MISSING: a letter came before another that should have come first
 * @SIGHEJ_TALK_FAULT_GARBLED: it opens and is no frame: the other side's program is at fault
 * @SIGHEJ_TALK_FAULT_RELAY: the backend says to have what was never sent
 *
 * Why a talk is broken.
 */
typedef enum
{
  SIGHEJ_TALK_FAULT_NONE,
  SIGHEJ_TALK_FAULT_UNHEARD,
  SIGHEJ_TALK_FAULT_PROMISE,
  SIGHEJ_TALK_FAULT_CHANGED,
  SIGHEJ_TALK_FAULT_REPEATED,
  SIGHEJ_TALK_FAULT_MISSING,
  SIGHEJ_TALK_FAULT_GARBLED,
  SIGHEJ_TALK_FAULT_RELAY,
} SighejTalkFault;

/**
 * SighejTalk:
 *
 * One side of an end-to-end encrypted talk (DESIGN 3 "Talk"). Pure: keys, letters and the time in,
 * letters out; whoever owns it carries them between it and the backend. Its state is its trust:
 *
 *                                  ┌──────────┐ PROOF of a token heard here
 *   sighej_talk_new() ───────────▸ │ UNKNOWN  ├───────────────────▸ VERIFIED ──┐
 *   sighej_talk_new_creator() ───▸ │          ├───────────────────▸ PHRASE ────┤ the first letter
 *                                  └────┬─────┘ PROOF as promised      ▴       │ that is not what
 *                                       │                              │       │ and when it must
 *                                       │ any other PROOF,             │       │ be
 *                                       │ or the first wrong letter    │       │
 *                                       ▼                              │       │
 *                                    BROKEN ◂──────────────────────────┼───────┘
 *                                                                      │
 *   sighej_talk_new_joiner() ──────────────────────────────────────────┘
 *
 * BROKEN is for ever: all keys and letters are wiped, nothing goes in or out any more. Texts are
 * taken from the person in VERIFIED and PHRASE only; notes are made as needed.
 *
 * Letters it sends are kept until sighej_talk_said() tells that the backend has them, so that they
 * can be sent again; a letter is encrypted once and never opened twice.
 */
typedef struct _SighejTalk SighejTalk;

/**
 * SighejTalkHeard:
 *
 * Returns: whether our own radio has heard @token within the last 20 minutes
 */
typedef gboolean (*SighejTalkHeard) (const SighejToken *token, gpointer user_data);

/**
 * SighejTalkLetter:
 * @n: its number in its direction, 1 and up
 * @body: what goes over the wire, at most %SIGHEJ_WIRE_TALK_BYTES_MAX
 */
typedef struct
{
  guint64 n;
  SighejTalkKind kind;
  GBytes *body;
} SighejTalkLetter;

/**
 * SighejTalkNewsType:
 * @SIGHEJ_TALK_NEWS_NONE: nothing a person sees yet: the first part of a text
 * @SIGHEJ_TALK_NEWS_TRUST: the proof came and holds
 * @SIGHEJ_TALK_NEWS_TEXT: a message; its number is that of its last letter
 * @SIGHEJ_TALK_NEWS_DELIVERED: the other machine has our texts up to that number
 * @SIGHEJ_TALK_NEWS_SEEN: the other person has seen our texts up to that number
 * @SIGHEJ_TALK_NEWS_TYPING: the other person types, or does no more
 * @SIGHEJ_TALK_NEWS_TOKEN: the other machine sends another token from now on
 */
typedef enum
{
  SIGHEJ_TALK_NEWS_NONE,
  SIGHEJ_TALK_NEWS_TRUST,
  SIGHEJ_TALK_NEWS_TEXT,
  SIGHEJ_TALK_NEWS_DELIVERED,
  SIGHEJ_TALK_NEWS_SEEN,
  SIGHEJ_TALK_NEWS_TYPING,
  SIGHEJ_TALK_NEWS_TOKEN,
} SighejTalkNewsType;

/**
 * SighejTalkNews:
 * @number: TEXT: its own; DELIVERED, SEEN: up to which of ours
 * @text: (nullable): TEXT: 1 to 1,000 characters; sighej_talk_news_clear() wipes it
 * @typing: TYPING
 * @token: TOKEN
 */
typedef struct
{
  SighejTalkNewsType type;
  guint64 number;
  char *text;
  gboolean typing;
  SighejToken token;
} SighejTalkNews;
void sighej_talk_news_clear (SighejTalkNews *self);

/**
 * sighej_talk_new:
 * @nudge_id: 32 hex digits
 * @own: pair of the session that brought the nudge; not kept
 * @peer: public key of the other's session, as the nudge brought it
 * @proofs: key(i) of the epoch in which the nudge came, and of the one before when that began less
 *   than 180 s ago; not kept
 * @n_proofs: 1 to %SIGHEJ_TALK_PROOFS_MAX
 * @heard: asked during sighej_talk_take(), until the other's proof is judged
 *
 * After a nudge. The first letter, our own proof, is there at once.
 *
 * Returns: (transfer full) (nullable): NULL when @peer is no usable key, or our own
 */
SighejTalk *sighej_talk_new (const char *nudge_id,
                             SighejKeypair *own,
                             const guint8 peer[SIGHEJ_KEYPAIR_BYTES],
                             const guint8 (*proofs)[SIGHEJ_TALK_PROOF_BYTES],
                             guint n_proofs,
                             SighejTalkHeard heard,
                             gpointer user_data);

/**
 * sighej_talk_new_creator:
 * @promise: what came with the joiner's key, before anything of ours was revealed
 *
 * After a pairing code of ours was used; see sighej-phrase.h. The other's proof must keep @promise.
 */
SighejTalk *sighej_talk_new_creator (const char *nudge_id,
                                     SighejKeypair *own,
                                     const guint8 peer[SIGHEJ_KEYPAIR_BYTES],
                                     const guint8 promise[SIGHEJ_PHRASE_NONCE_BYTES]);

/**
 * sighej_talk_new_joiner:
 * @secret: what was promised; it is our proof. Not kept
 *
 * After a pairing code of theirs was used, and only once sighej_phrase_opens().
 */
SighejTalk *sighej_talk_new_joiner (const char *nudge_id,
                                    SighejKeypair *own,
                                    const guint8 peer[SIGHEJ_KEYPAIR_BYTES],
                                    const guint8 secret[SIGHEJ_PHRASE_SECRET_BYTES]);
void sighej_talk_free (SighejTalk *self); /* wipes */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejTalk, sighej_talk_free)

SighejMeetTrust sighej_talk_get_trust (SighejTalk *self);
SighejTalkFault sighej_talk_get_fault (SighejTalk *self);

/* (transfer none) (nullable): the joiner's, for the phrase; NULL but for a creator in PHRASE. */
const guint8 *sighej_talk_get_joiner_secret (SighejTalk *self);

/* NONE unless it is broken. */
SighejMeetProblem sighej_talk_get_problem (SighejTalk *self);

/* ---- what goes out ---- */

/* Whether it is 1 to 1,000 characters of UTF-8 without control characters other than line feed. */
gboolean sighej_talk_is_text (const char *text);

/**
 * sighej_talk_say:
 * @now_us: any clock that does not go back, 0 and up, the same for all calls; microseconds
 * @number: (out): of the message, above all before it; marks of it name this
 *
 * Makes one or two letters.
 *
 * Fails with %SIGHEJ_ERROR_TEXT_REJECTED (see sighej_talk_is_text()), %SIGHEJ_ERROR_NOT_PERMITTED
 * (neither VERIFIED nor PHRASE), %SIGHEJ_ERROR_RATE_LIMITED (8 in 10 s, 20 a minute; the text names
 * the seconds) or %SIGHEJ_ERROR_OFFLINE (%SIGHEJ_TALK_OUTGOING_MAX letters wait for the backend).
 */
gboolean sighej_talk_say (
    SighejTalk *self, const char *text, gint64 now_us, guint64 *number, GError **error);

/* The person has seen the other's messages up to @number. */
void sighej_talk_mark_seen (SighejTalk *self, guint64 number, gint64 now_us);

/* The person types, or does no more. Called as often as she strikes a key. */
void sighej_talk_set_typing (SighejTalk *self, gboolean typing, gint64 now_us);

/* Our machine sends the token of @origin now; told once the other side is trusted, so that it can
 * go on reading how near we are. */
void sighej_talk_set_token (SighejTalk *self, const SighejTokenOrigin *origin, gint64 now_us);

/**
 * sighej_talk_catch_up:
 *
 * Makes the notes that had to wait: for the limit on notes, or for room.
 *
 * Returns: when to call it again, on the clock of @now_us; 0: nothing waits, or it waits for
 *   sighej_talk_said()
 */
gint64 sighej_talk_catch_up (SighejTalk *self, gint64 now_us);

/**
 * sighej_talk_get_outgoing:
 * @after: a number
 *
 * Returns: (transfer none) (nullable): the first kept letter above @after; valid until the next
 *   call that is none of the get functions
 */
const SighejTalkLetter *sighej_talk_get_outgoing (SighejTalk *self, guint64 after);

/* The backend has our letters up to @n: they are forgotten here. FALSE: it is broken now. */
gboolean sighej_talk_said (SighejTalk *self, guint64 n, gint64 now_us);

/* ---- what comes in ---- */

/* The number of the newest letter taken: where to resume. */
guint64 sighej_talk_get_taken (SighejTalk *self);

/**
 * sighej_talk_take:
 * @n: must be the one after sighej_talk_get_taken()
 * @kind: as the wire says; must be that of the frame inside
 * @news: (out caller-allocates): to be cleared, whatever is returned
 *
 * Opens the next letter of the other side. A text is marked as delivered by itself.
 *
 * Returns: FALSE when it is broken now (or was)
 */
gboolean sighej_talk_take (SighejTalk *self,
                           guint64 n,
                           SighejTalkKind kind,
                           const guint8 *body,
                           gsize n_body,
                           gint64 now_us,
                           SighejTalkNews *news);

G_END_DECLS
