/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-send-queue"

#include "config.h"

#include "sighej-send-queue.h"

#include <sys/socket.h>

#include <errno.h>
#include <string.h>

#include "sighej-crypto.h"

#define FIRST_BYTES 512 /* an answer and a nudge */

/* No realloc: it leaves a copy behind. */
static void
reserve (SighejSendQueue *self, gsize n_more)
{
  gsize n_wanted = self->n_bytes + n_more;
  gsize n_allocated = MAX (self->n_allocated, FIRST_BYTES);
  guint8 *data;

  if (n_wanted <= self->n_allocated)
    return;
  while (n_allocated < n_wanted)
    n_allocated *= 2;
  data = g_malloc (n_allocated);
  if (self->n_bytes > 0)
    {
      memcpy (data, self->data, self->n_bytes);
      sighej_wipe (self->data, self->n_bytes);
    }
  g_free (self->data);
  self->data = data;
  self->n_allocated = (guint32) n_allocated;
}

void
sighej_send_queue_add (SighejSendQueue *self,
                       SighejWsOpcode opcode,
                       const void *payload,
                       gsize n_payload)
{
  reserve (self, SIGHEJ_FRAMER_OUT_HEADER_BYTES_MAX + n_payload);
  self->n_bytes += sighej_framer_write_header (opcode, n_payload, self->data + self->n_bytes);
  if (n_payload > 0)
    memcpy (self->data + self->n_bytes, payload, n_payload);
  self->n_bytes += (guint32) n_payload;
}

gboolean
sighej_send_queue_is_empty (const SighejSendQueue *self)
{
  return self->data == NULL;
}

gsize
sighej_send_queue_get_n_bytes (const SighejSendQueue *self)
{
  return self->n_bytes;
}

/* Follows the frame borders through the @n_done bytes that have left. */
static void
skip_frames (SighejSendQueue *self, guint32 n_done)
{
  guint32 at = self->n_begun;

  while (at < n_done)
    at += (guint32) sighej_framer_measure (self->data + at);
  self->n_begun = at - n_done;
}

/* Drops the first @n_done bytes. */
static void
drop_front (SighejSendQueue *self, guint32 n_done)
{
  if (n_done == self->n_bytes)
    {
      sighej_send_queue_clear (self);
      return;
    }
  skip_frames (self, n_done);
  memmove (self->data, self->data + n_done, self->n_bytes - n_done);
  sighej_wipe (self->data + self->n_bytes - n_done, n_done);
  self->n_bytes -= n_done;
}

gboolean
sighej_send_queue_write (SighejSendQueue *self, int fd)
{
  gssize n_written;

  if (self->n_bytes == 0)
    return TRUE;
  n_written = send (fd, self->data, self->n_bytes, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (n_written < 0)
    return errno == EAGAIN || errno == EINTR;
  drop_front (self, (guint32) n_written);
  return TRUE;
}

void
sighej_send_queue_cut (SighejSendQueue *self)
{
  if (self->n_begun == 0)
    {
      sighej_send_queue_clear (self);
      return;
    }
  sighej_wipe (self->data + self->n_begun, self->n_bytes - self->n_begun);
  self->n_bytes = self->n_begun;
}

void
sighej_send_queue_clear (SighejSendQueue *self)
{
  if (self->data != NULL)
    sighej_wipe (self->data, self->n_bytes);
  g_free (self->data);
  *self = (SighejSendQueue){ 0 };
}
