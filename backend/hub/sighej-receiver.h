/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SighejReceiver:
 *
 * Receives from a stream socket so that TCP's own acknowledgement travels with our answer.
 *
 * When two small segments came without anything being sent in between (an `ack`, then a
 * `sighting`), reading the second makes the kernel acknowledge at once, with a packet of its own
 * that costs as much as the answer which follows it. So what comes then is only looked at; the
 * kernel gets it back as read when the answer has left. All zero at first.
 *
 * Whoever closes the socket settles first: what is left unread makes the kernel reset the
 * connection, and the close frame with it.
 */
typedef struct
{
  guint32 n_unread;       /* bytes that the caller has seen and the kernel still holds */
  gboolean is_unanswered; /* something was read and nothing sent since */
} SighejReceiver;

/* Sets what TCP is to do: send at once, and give up on a peer that acknowledges nothing for 30 s.
 */
void sighej_receiver_prepare (int fd);

/* As recv(), without waiting. What was seen before must be settled. */
gssize sighej_receiver_read (SighejReceiver *self, int fd, guint8 *buffer, gsize n_buffer);

/* Something was sent on the socket; settles. */
void sighej_receiver_note_sent (SighejReceiver *self, int fd);

/* Nothing will be sent now: lets the kernel have done with what was seen. */
void sighej_receiver_settle (SighejReceiver *self, int fd);

G_END_DECLS
