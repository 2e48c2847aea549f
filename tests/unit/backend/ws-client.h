/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-wire.h"

G_BEGIN_DECLS

/* The other end of a WebSocket after its handshake: what a client sends, and what it is told. */
typedef struct
{
  int fd;
  GByteArray *in;
  gboolean over; /* the server closed the connection */
} WsClient;

typedef struct
{
  guint8 opcode;
  gsize n_payload;
  char payload[65536]; /* with a NUL behind it */
} WsFrame;

/* @fd is taken, and made non-blocking. */
WsClient *ws_client_new (int fd);
void ws_client_free (WsClient *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsClient, ws_client_free)

/* Returns: FALSE when the server does not take any more. */
gboolean ws_client_send_raw (WsClient *self, const void *data, gsize n_data);
/* @first: final bit and opcode. Masked. */
gboolean ws_client_send (WsClient *self, guint8 first, const void *payload, gsize n_payload);
void ws_client_text (WsClient *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* The next frame, once everything that is ready has been done; FALSE when there is none. */
gboolean ws_client_next (WsClient *self, WsFrame *frame);

/* The next frame is a message of this @type. (transfer full) */
SighejWireServerMessage *ws_client_expect (WsClient *self, SighejWireServerType type);
/* The same, when only its coming matters. */
void ws_client_skip (WsClient *self, SighejWireServerType type);
void ws_client_expect_nudge (WsClient *self, guint64 seq);
void ws_client_expect_error (WsClient *self, const char *code);
void ws_client_expect_nothing (WsClient *self);
/* The next frame is a close with @code; answers it, and sees the connection end. */
void ws_client_expect_close (WsClient *self, guint code);
/* The connection ends without a word. */
void ws_client_expect_dropped (WsClient *self);

G_END_DECLS
