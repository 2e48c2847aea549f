/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-talk.h"

G_BEGIN_DECLS

/*
 * What is inside a letter once it is opened: one byte of type, then the rest. Pure; for
 * sighej-talk.c and its tests.
 */

#define SIGHEJ_TALK_FRAME_BYTES_MAX (1 + SIGHEJ_TALK_PART_BYTES_MAX)

/**
 * SighejTalkFrameType:
 * @SIGHEJ_TALK_FRAME_PROOF: 0 to 2 epoch keys of 32 bytes, or the secret of a joiner
 * @SIGHEJ_TALK_FRAME_TEXT: 1 to 2,048 bytes of a text
 * @SIGHEJ_TALK_FRAME_DELIVERED: a number
 * @SIGHEJ_TALK_FRAME_SEEN: a number
 * @SIGHEJ_TALK_FRAME_TYPING: the number 1, or 0 for no more
 * @SIGHEJ_TALK_FRAME_TOKEN: an epoch key and a public key, 32 bytes each: what a token is made of
 *
 * A number is 8 bytes, big-endian, so that these frames all look alike from outside.
 */
typedef enum
{
  SIGHEJ_TALK_FRAME_PROOF = 1,
  SIGHEJ_TALK_FRAME_TEXT = 2,
  SIGHEJ_TALK_FRAME_DELIVERED = 3,
  SIGHEJ_TALK_FRAME_SEEN = 4,
  SIGHEJ_TALK_FRAME_TYPING = 5,
  SIGHEJ_TALK_FRAME_TOKEN = 6,
} SighejTalkFrameType;

/**
 * SighejTalkFrame:
 * @rest: (unowned): PROOF: keys or a secret; TEXT: bytes of text; TOKEN: a #SighejTokenOrigin
 * @n_rest: of them
 * @number: DELIVERED, SEEN, TYPING
 */
typedef struct
{
  SighejTalkFrameType type;
  const guint8 *rest;
  gsize n_rest;
  guint64 number;
} SighejTalkFrame;

/* Returns: how many bytes of @out are used */
gsize sighej_talk_frame_write (const SighejTalkFrame *self,
                               guint8 out[SIGHEJ_TALK_FRAME_BYTES_MAX]);

/* @out borrows from @data. FALSE: it is no frame. */
gboolean sighej_talk_frame_read (const guint8 *data, gsize n_bytes, SighejTalkFrame *out);

G_END_DECLS
