/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

#include "sighej-nudge-meter.h"

G_BEGIN_DECLS

/* Nudges on one socket that its client has not acknowledged; one more ends the socket. */
#define SIGHEJ_DELIVERY_UNACKED_MAX 32

/* How long after the first failure the outbox is read again; twice as long after each other one. */
#define SIGHEJ_DELIVERY_RETRY_MS 1000

/**
 * SighejDelivery:
 * @newest_seq: the last nudge known to exist
 * @sent_seq: the last one queued on this socket; the outbox is read from behind it
 * @acked_seq: up to here the client has them, so the outbox need not keep them
 * @is_reliable: the client acknowledges; else written is delivered
 * @is_reading: the outbox is being read
 * @reads_again: and has got more meanwhile
 * @is_stale: and @sent_seq has been changed meanwhile: the answer is to another question
 * @n_failed: so many times in a row the store could not say; 5 stands for more
 *
 * Which nudges of a session's outbox one socket has sent, and which its client has. Pure but for
 * the metrics: the peer reads the outbox, sends, and tells the store what may go.
 *
 *   acked_seq <= sent_seq <= newest_seq, but that a client which resumes may turn sent_seq back
 *
 * All zero at first, but for @is_reliable and @newest_seq.
 */
typedef struct
{
  guint64 newest_seq;
  guint64 sent_seq;
  guint64 acked_seq;
  SighejNudgeMeter meter;
  guint is_reliable : 1;
  guint is_reading : 1;
  guint reads_again : 1;
  guint is_stale : 1;
  guint n_failed : 3;
} SighejDelivery;

/* Returns: TRUE when the outbox is to be read now, from behind @sent_seq; FALSE while it is being
 * read, and will be again */
gboolean sighej_delivery_begin_read (SighejDelivery *self);

/* The outbox was read, or (@failed) could not be. Returns: TRUE when what was read is to be sent.
 * @reads_again says whether to read once more after that. */
gboolean sighej_delivery_end_read (SighejDelivery *self, gboolean failed);

/* Returns: in how many milliseconds to read again because the store could not say, 1,000 to 16,000;
 * 0: it could */
guint sighej_delivery_get_retry_ms (const SighejDelivery *self);

/* What was read begins with @first_seq. The outbox holds all that is not acknowledged, so what is
 * before it was: on another socket. */
void sighej_delivery_begin_send (SighejDelivery *self, guint64 first_seq);

/* Counts @seq as sent. Returns: FALSE when the client does not acknowledge, and nothing changed */
gboolean sighej_delivery_send (SighejDelivery *self, guint64 seq, gint64 now_us);

/* Whatever was sent has left. Returns: TRUE when @acked_seq has grown, for the store */
gboolean sighej_delivery_written (SighejDelivery *self, gint64 now_us);

/* The client has all up to @seq, or says so. Returns: TRUE when @acked_seq has grown */
gboolean sighej_delivery_acknowledge (SighejDelivery *self, guint64 seq, gint64 now_us);

/* The client has all up to @after and wants the rest once more. One that names a number never
 * given out (of another session) is taken to have nothing. Returns: TRUE when @acked_seq has
 * grown */
gboolean sighej_delivery_resume (SighejDelivery *self, guint64 after, gint64 now_us);

/* What is sent and not acknowledged was taken back, and is not taken for delivered. */
void sighej_delivery_take_back (SighejDelivery *self);

G_END_DECLS
