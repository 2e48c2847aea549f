/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SIGHEJ_FRAMER_MESSAGE_BYTES_MAX 4096
#define SIGHEJ_FRAMER_HEADER_BYTES_MAX 14    /* a client's: 2 + 8 + 4 */
#define SIGHEJ_FRAMER_OUT_HEADER_BYTES_MAX 4 /* ours: never masked, never over 64 KiB */
#define SIGHEJ_FRAMER_CONTROL_BYTES_MAX 125

/* RFC 6455 section 7.4.1 */
#define SIGHEJ_WS_CLOSE_NORMAL 1000
#define SIGHEJ_WS_CLOSE_PROTOCOL_ERROR 1002
#define SIGHEJ_WS_CLOSE_UNSUPPORTED 1003
#define SIGHEJ_WS_CLOSE_NO_STATUS 1005
#define SIGHEJ_WS_CLOSE_BAD_DATA 1007
#define SIGHEJ_WS_CLOSE_POLICY 1008
#define SIGHEJ_WS_CLOSE_TOO_BIG 1009
#define SIGHEJ_WS_CLOSE_RESTART 1012
#define SIGHEJ_WS_CLOSE_TRY_AGAIN 1013

typedef enum
{
  SIGHEJ_WS_CONTINUATION = 0x0,
  SIGHEJ_WS_TEXT = 0x1,
  SIGHEJ_WS_BINARY = 0x2,
  SIGHEJ_WS_CLOSE = 0x8,
  SIGHEJ_WS_PING = 0x9,
  SIGHEJ_WS_PONG = 0xa,
} SighejWsOpcode;

/**
 * SighejFramer:
 *
 * The server's side of RFC 6455 section 5, pure: bytes in, messages out. It keeps nothing but the
 * fragments of an unfinished message; an unfinished frame stays in the caller's buffer and is
 * looked at again when more has come. So an idle socket costs these 16 bytes and no buffer.
 *
 * Frames of a client must be masked, final or continued in order, without reserved bits; text
 * must be UTF-8; a whole message is at most %SIGHEJ_FRAMER_MESSAGE_BYTES_MAX. No extension.
 */
typedef struct
{
  guint8 *fragments; /* NULL: no message is half done */
  guint16 n_fragments;
  guint8 opcode; /* of the half done message */
} SighejFramer;

typedef enum
{
  SIGHEJ_FRAMER_MORE,    /* not a whole frame yet; keep the bytes */
  SIGHEJ_FRAMER_FRAME,   /* a fragment was taken; go on */
  SIGHEJ_FRAMER_MESSAGE, /* a whole text message */
  SIGHEJ_FRAMER_PING,
  SIGHEJ_FRAMER_PONG,
  SIGHEJ_FRAMER_CLOSE, /* close_code as received, 1005 when it had none */
  SIGHEJ_FRAMER_ERROR, /* close_code says which to answer with */
} SighejFramerEvent;

/**
 * SighejFramerResult:
 * @consumed: bytes of the buffer that are done with
 * @data: payload; lives until the next call or until the buffer changes
 */
typedef struct
{
  gsize consumed;
  const guint8 *data;
  gsize n_data;
  guint close_code;
} SighejFramerResult;

/**
 * sighej_framer_next:
 * @data: what has been received and not consumed; unmasked in place once a frame is whole
 *
 * Looks at the next frame. Call again with what is left until MORE.
 */
SighejFramerEvent
sighej_framer_next (SighejFramer *self, guint8 *data, gsize n_data, SighejFramerResult *result);

/* Forgets a half done message. */
void sighej_framer_clear (SighejFramer *self);

/* Writes a final frame's header for @n_payload bytes, at most 65,535. Returns its length. */
guint sighej_framer_write_header (SighejWsOpcode opcode,
                                  gsize n_payload,
                                  guint8 out[SIGHEJ_FRAMER_OUT_HEADER_BYTES_MAX]);

/* The whole length of the frame of ours that begins at @data. */
gsize sighej_framer_measure (const guint8 *data);

G_END_DECLS
