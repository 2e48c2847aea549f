/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "ws-client.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sighej-test.h"

static const guint8 mask[4] = { 0x0a, 0x1b, 0x2c, 0x3d };

WsClient *
ws_client_new (int fd)
{
  WsClient *self = g_new0 (WsClient, 1);

  g_unix_set_fd_nonblocking (fd, TRUE, NULL);
  self->fd = fd;
  self->in = g_byte_array_new ();
  return self;
}

void
ws_client_free (WsClient *self)
{
  close (self->fd);
  g_byte_array_unref (self->in);
  g_free (self);
}

/* ---- out ---- */

gboolean
ws_client_send_raw (WsClient *self, const void *data, gsize n_data)
{
  gsize done = 0;

  while (done < n_data)
    {
      gssize n = send (self->fd, (const char *) data + done, n_data - done, MSG_NOSIGNAL);

      if (n < 0 && errno == EAGAIN)
        {
          sighej_test_settle ();
          n = send (self->fd, (const char *) data + done, n_data - done, MSG_NOSIGNAL);
        }
      if (n < 0)
        return FALSE;
      done += (gsize) n;
    }
  return TRUE;
}

gboolean
ws_client_send (WsClient *self, guint8 first, const void *payload, gsize n_payload)
{
  g_autoptr (GByteArray) frame = g_byte_array_new ();
  guint8 header[4] = { first, 0x80, (guint8) (n_payload >> 8), (guint8) n_payload };

  g_assert_cmpuint (n_payload, <=, G_MAXUINT16);
  header[1] |= n_payload < 126 ? (guint8) n_payload : 126;
  g_byte_array_append (frame, header, n_payload < 126 ? 2 : 4);
  g_byte_array_append (frame, mask, sizeof mask);
  for (gsize i = 0; i < n_payload; i++)
    {
      guint8 byte = ((const guint8 *) payload)[i] ^ mask[i % sizeof mask];

      g_byte_array_append (frame, &byte, 1);
    }
  return ws_client_send_raw (self, frame->data, frame->len);
}

void
ws_client_text (WsClient *self, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_assert_true (ws_client_send (self, 0x81, text, strlen (text)));
}

/* ---- in ---- */

static void
receive (WsClient *self)
{
  guint8 buffer[65536];
  gssize n;

  sighej_test_settle ();
  while ((n = recv (self->fd, buffer, sizeof buffer, 0)) > 0)
    {
      g_byte_array_append (self->in, buffer, (guint) n);
      sighej_test_settle ();
    }
  self->over = n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

gboolean
ws_client_next (WsClient *self, WsFrame *frame)
{
  gsize n_header = 2;
  const guint8 *data;

  receive (self);
  data = self->in->data;
  if (self->in->len < 2)
    return FALSE;
  /* A server's frames are whole and not masked. */
  g_assert_cmpuint (data[0] & 0xf0, ==, 0x80);
  g_assert_cmpuint (data[1], <=, 126);
  frame->opcode = data[0] & 0x0f;
  frame->n_payload = data[1];
  if (data[1] == 126)
    {
      g_assert_cmpuint (self->in->len, >=, 4);
      n_header = 4;
      frame->n_payload = (gsize) data[2] << 8 | data[3];
    }
  if (self->in->len < n_header + frame->n_payload)
    return FALSE;
  g_assert_cmpuint (frame->n_payload, <, sizeof frame->payload);
  memcpy (frame->payload, data + n_header, frame->n_payload);
  frame->payload[frame->n_payload] = '\0';
  g_byte_array_remove_range (self->in, 0, (guint) (n_header + frame->n_payload));
  return TRUE;
}

static void
expect_frame (WsClient *self, guint8 opcode, WsFrame *frame)
{
  g_assert_true (ws_client_next (self, frame));
  if (frame->opcode == 0x8 && opcode != 0x8)
    g_error ("closed with %u", (guint8) frame->payload[0] * 256u + (guint8) frame->payload[1]);
  g_assert_cmpuint (frame->opcode, ==, opcode);
}

SighejWireServerMessage *
ws_client_expect (WsClient *self, SighejWireServerType type)
{
  g_autofree WsFrame *frame = g_new (WsFrame, 1);
  g_autoptr (GError) error = NULL;
  SighejWireServerMessage *message;

  expect_frame (self, 0x1, frame);
  message = sighej_wire_server_message_read (frame->payload, frame->n_payload, &error);
  g_assert_no_error (error);
  if (message->type != type)
    g_error ("not what was expected: %s", frame->payload);
  return message;
}

void
ws_client_skip (WsClient *self, SighejWireServerType type)
{
  sighej_wire_server_message_free (ws_client_expect (self, type));
}

void
ws_client_expect_nudge (WsClient *self, guint64 seq)
{
  g_autoptr (SighejWireServerMessage) nudge = ws_client_expect (self, SIGHEJ_WIRE_NUDGE);

  g_assert_cmpuint (nudge->seq, ==, seq);
}

void
ws_client_expect_error (WsClient *self, const char *code)
{
  g_autoptr (SighejWireServerMessage) message = ws_client_expect (self, SIGHEJ_WIRE_ERROR);

  g_assert_cmpstr (message->code, ==, code);
  g_assert_cmpint (message->retry_after_s > 0, ==, g_str_equal (code, "rate_limited"));
}

void
ws_client_expect_nothing (WsClient *self)
{
  g_autofree WsFrame *frame = g_new (WsFrame, 1);

  g_assert_false (ws_client_next (self, frame));
  g_assert_false (self->over);
}

void
ws_client_expect_close (WsClient *self, guint code)
{
  g_autofree WsFrame *frame = g_new (WsFrame, 1);

  expect_frame (self, 0x8, frame);
  g_assert_cmpuint (frame->n_payload, >=, 2);
  g_assert_cmpuint ((guint8) frame->payload[0] * 256u + (guint8) frame->payload[1], ==, code);
  g_assert_true (g_utf8_validate_len (frame->payload + 2, frame->n_payload - 2, NULL));
  ws_client_send (self, 0x88, frame->payload, 2);
  ws_client_expect_dropped (self);
}

void
ws_client_expect_dropped (WsClient *self)
{
  g_autofree WsFrame *frame = g_new (WsFrame, 1);

  g_assert_false (ws_client_next (self, frame));
  g_assert_cmpuint (self->in->len, ==, 0);
  g_assert_true (self->over);
}
