/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-talk"

#include "config.h"

#include "sighej-talk-frame.h"

#include <string.h>

static gboolean
is_number (SighejTalkFrameType type)
{
  return type == SIGHEJ_TALK_FRAME_DELIVERED || type == SIGHEJ_TALK_FRAME_SEEN
         || type == SIGHEJ_TALK_FRAME_TYPING;
}

gsize
sighej_talk_frame_write (const SighejTalkFrame *self, guint8 out[SIGHEJ_TALK_FRAME_BYTES_MAX])
{
  guint64 number = GUINT64_TO_BE (self->number);
  const void *rest = is_number (self->type) ? &number : (const void *) self->rest;
  gsize n_rest = is_number (self->type) ? sizeof number : self->n_rest;

  g_assert (n_rest < SIGHEJ_TALK_FRAME_BYTES_MAX);

  out[0] = (guint8) self->type;
  if (n_rest > 0)
    memcpy (out + 1, rest, n_rest);
  return 1 + n_rest;
}

static gboolean
read_number (SighejTalkFrame *self, guint64 most)
{
  guint64 number;

  if (self->n_rest != sizeof number)
    return FALSE;

  memcpy (&number, self->rest, sizeof number);
  self->number = GUINT64_FROM_BE (number);
  return self->number <= most;
}

gboolean
sighej_talk_frame_read (const guint8 *data, gsize n_bytes, SighejTalkFrame *out)
{
  if (n_bytes < 1 || n_bytes > SIGHEJ_TALK_FRAME_BYTES_MAX)
    return FALSE;

  *out = (SighejTalkFrame){ .type = data[0], .rest = data + 1, .n_rest = n_bytes - 1 };
  switch (out->type)
    {
    case SIGHEJ_TALK_FRAME_PROOF:
      return out->n_rest % SIGHEJ_TALK_PROOF_BYTES == 0
             && out->n_rest <= SIGHEJ_TALK_PROOFS_MAX * SIGHEJ_TALK_PROOF_BYTES;
    case SIGHEJ_TALK_FRAME_TEXT:
      return out->n_rest > 0;
    case SIGHEJ_TALK_FRAME_DELIVERED:
    case SIGHEJ_TALK_FRAME_SEEN:
      return read_number (out, G_MAXUINT64);
    case SIGHEJ_TALK_FRAME_TYPING:
      return read_number (out, 1);
    case SIGHEJ_TALK_FRAME_TOKEN:
      return out->n_rest == sizeof (SighejTokenOrigin);
    default:
      return FALSE;
    }
}
