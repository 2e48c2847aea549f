/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-framer.h"

G_BEGIN_DECLS

/**
 * SighejSendQueue:
 *
 * What is to be written to one WebSocket: whole frames, in order. An answer and the nudge that
 * comes of it leave in one system call, and with one packet, when they are queued before the next
 * write. It knows where frames begin, so that all but a frame already begun can be taken back.
 *
 * Zero-initialised it is empty, and then it holds no memory. What was in it is wiped.
 */
typedef struct
{
  guint8 *data; /* NULL: empty */
  guint32 n_bytes;
  guint32 n_allocated;
  guint32 n_begun; /* first bytes of data that end the frame already begun on the wire */
} SighejSendQueue;

/* Appends one final frame. @payload: at most 65,535 bytes, copied. */
void sighej_send_queue_add (SighejSendQueue *self,
                            SighejWsOpcode opcode,
                            const void *payload,
                            gsize n_payload);

gboolean sighej_send_queue_is_empty (const SighejSendQueue *self);

/* Bytes that wait, headers included. */
gsize sighej_send_queue_get_n_bytes (const SighejSendQueue *self);

/* Writes as much as @fd takes without waiting. Returns: FALSE when the socket is dead. */
gboolean sighej_send_queue_write (SighejSendQueue *self, int fd);

/* Drops every frame that is not begun. */
void sighej_send_queue_cut (SighejSendQueue *self);

void sighej_send_queue_clear (SighejSendQueue *self);

G_END_DECLS
