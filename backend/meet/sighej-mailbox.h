/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-pack.h"
#include "sighej-wire-meet.h"

G_BEGIN_DECLS

/**
 * SighejMailbox:
 *
 * One direction of a talk: letters the other side has not acknowledged, oldest
 * first and without a gap, and how often its writer wrote lately. The bodies are ciphertext. A
 * value type, started by zeros. Times are milliseconds since some start, never falling.
 */

#define SIGHEJ_MAILBOX_LETTERS_MAX 64
/* Of all bodies: both mailboxes of a meet stay below SIGHEJ_STORE_RECORD_BYTES_MAX, sealed. */
#define SIGHEJ_MAILBOX_BYTES_MAX (120 * 1024)
#define SIGHEJ_MAILBOX_TEXTS_PER_10_S 8
#define SIGHEJ_MAILBOX_TEXTS_PER_MINUTE 20
#define SIGHEJ_MAILBOX_NOTES_PER_MINUTE 60

typedef struct
{
  SighejTalkKind kind;
  GBytes *body;
} SighejLetter;

typedef struct
{
  GArray *letters;     /* (nullable): of SighejLetter; the last one's n is @said */
  guint64 said;        /* 0: nothing yet */
  gsize n_bytes;       /* of all bodies */
  gboolean in_message; /* a part came, and its text has not */
  guint n_texts, n_notes;
  guint32 texts_ms[SIGHEJ_MAILBOX_TEXTS_PER_MINUTE]; /* of the last minute, oldest first */
  guint32 notes_ms[SIGHEJ_MAILBOX_NOTES_PER_MINUTE]; /* likewise */
} SighejMailbox;

void sighej_mailbox_clear (SighejMailbox *self);

/**
 * sighej_mailbox_say:
 * @n: one above what was said last; what was said before is done already
 * @taken: (out): whether it went in
 *
 * Errors: %SIGHEJ_ERROR_INVALID_REQUEST, %SIGHEJ_ERROR_CONFLICT (a gap),
 * %SIGHEJ_ERROR_RATE_LIMITED (too fast, or full: the text ends in the seconds to wait).
 */
gboolean sighej_mailbox_say (SighejMailbox *self,
                             guint64 n,
                             SighejTalkKind kind,
                             GBytes *body,
                             guint32 now_ms,
                             gboolean *taken,
                             GError **error);

/* Drops all up to @n. Returns: whether there was any */
gboolean sighej_mailbox_ack (SighejMailbox *self, guint64 n);

/* The number of the oldest letter is one above this. */
guint64 sighej_mailbox_get_acked (const SighejMailbox *self);
guint sighej_mailbox_n_after (const SighejMailbox *self, guint64 after);
/* The @i-th of those after @after. */
const SighejLetter *
sighej_mailbox_get_after (const SighejMailbox *self, guint64 after, guint i, guint64 *n);

void sighej_mailbox_pack (const SighejMailbox *self, GByteArray *out);
/* @newest_ms: no time is later. Into zeros; what is broken leaves something to clear. */
void sighej_mailbox_unpack (SighejMailbox *self, guint32 newest_ms, SighejUnpack *in);

G_END_DECLS
