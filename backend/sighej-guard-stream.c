/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-guard-stream"

#include "config.h"

#include "sighej-guard-stream.h"

#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "sighej-crypto.h"
#include "sighej-linger.h"
#include "sighej-metrics.h"

#define HEAD_READ_BYTES 4096
#define NEVER_US G_MAXINT64

typedef enum
{
  GUARD_HEAD,   /* a head is coming in, or being handed out */
  GUARD_BODY,   /* its body is coming in */
  GUARD_ANSWER, /* all was handed out; nothing is read until the answer is written */
  GUARD_IDLE,   /* between two requests */
  GUARD_OVER,   /* refused, timed out or ended by the client: libsoup reads the end */
  GUARD_CLOSED, /* closed, or handed over */
} GuardState;

struct _SighejGuardStream
{
  GIOStream parent_instance;

  GInputStream *input;
  GOutputStream *output;
  SighejGuardLimits limits;
  SighejTicket *ticket;

  GSocket *socket; /* NULL once closed or handed over */
  GuardState state;

  GByteArray *buffer; /* (nullable): read and not yet handed out */
  gsize searched;     /* of buffer, for the end of the head */
  gsize head_left;    /* bytes of a checked head at the start of buffer */
  gsize body_left;    /* bytes of the body not yet handed out */
  gboolean end_told;  /* libsoup need not be told of a request that never was */

  /* One wait for all deadlines, moved lazily: most deadlines are met. */
  SighejClock *clock;
  gint64 deadline_us;
  gint64 wait_us;
  guint wait;
  gboolean write_blocked;
  gboolean is_head_request; /* its answer names a length and has no body */
};

G_DEFINE_FINAL_TYPE (SighejGuardStream, sighej_guard_stream, G_TYPE_IO_STREAM)

static gboolean on_deadline (gpointer user_data);

/* ---- deadlines ---- */

static void
set_deadline (SighejGuardStream *self, gint64 deadline_us)
{
  self->deadline_us = deadline_us;
  if (deadline_us == NEVER_US || (self->wait != 0 && self->wait_us <= deadline_us))
    return;

  sighej_clock_clear (self->clock, &self->wait);
  self->wait_us = deadline_us;
  self->wait = sighej_clock_add_at (self->clock, deadline_us, on_deadline, self);
}

static void
set_deadline_in (SighejGuardStream *self, guint seconds)
{
  set_deadline (self, sighej_clock_now_us (self->clock) + (gint64) seconds * G_USEC_PER_SEC);
}

/* The only place that sets the state. */
static void
set_state (SighejGuardStream *self, GuardState state)
{
  self->state = state;
  if (self->ticket != NULL)
    sighej_ticket_set_busy (self->ticket,
                            state == GUARD_HEAD || state == GUARD_BODY || state == GUARD_ANSWER);
}

static void
enter (SighejGuardStream *self, GuardState state)
{
  if (state == GUARD_OVER)
    self->end_told = self->state == GUARD_BODY || self->state == GUARD_ANSWER;
  set_state (self, state);
  switch (state)
    {
    case GUARD_HEAD:
      set_deadline_in (self, self->limits.header_seconds);
      break;
    case GUARD_BODY:
      set_deadline_in (self, self->limits.body_seconds);
      break;
    case GUARD_IDLE:
      self->write_blocked = FALSE;
      set_deadline_in (self, self->limits.idle_seconds);
      break;
    case GUARD_ANSWER:
    case GUARD_OVER:
    case GUARD_CLOSED:
      set_deadline (self, NEVER_US);
      break;
    }
}

/* ---- saying no ---- */

/* The answer is small and the socket's buffer is empty, so one send is enough or in vain. */
static void
refuse (SighejGuardStream *self, const SighejProblem *problem)
{
  g_autofree char *answer = sighej_problem_to_http (problem);

  sighej_metrics_add (SIGHEJ_METRIC_HEADS_REFUSED, 0, 1);
  g_debug ("a request is refused: %u (%s)", problem->status, problem->detail ?: problem->title);
  g_socket_send (self->socket, answer, strlen (answer), NULL, NULL);
  enter (self, GUARD_OVER);
}

static gboolean
on_deadline (gpointer user_data)
{
  static const SighejProblem timeout
      = { 408, "timeout", "The request took too long to arrive", NULL };
  SighejGuardStream *self = user_data;

  self->wait = 0;
  if (self->deadline_us == NEVER_US)
    return G_SOURCE_REMOVE;
  if (sighej_clock_now_us (self->clock) < self->deadline_us)
    {
      set_deadline (self, self->deadline_us);
      return G_SOURCE_REMOVE;
    }

  if (self->state == GUARD_BODY || (self->state == GUARD_HEAD && self->buffer != NULL))
    refuse (self, &timeout);
  else
    enter (self, GUARD_OVER);
  /* Wakes libsoup, whichever way it waits: it finds the end and closes the stream. */
  g_socket_shutdown (self->socket, TRUE, TRUE, NULL);
  return G_SOURCE_REMOVE;
}

/* ---- reading ---- */

/* Heads hold secrets. */
static void
drop_buffer (SighejGuardStream *self)
{
  if (self->buffer == NULL)
    return;
  sighej_wipe (self->buffer->data, self->buffer->len);
  g_clear_pointer (&self->buffer, g_byte_array_unref);
}

/*
 * Receives once into the buffer, which is made large enough at once: growing would leave copies
 * behind. Returns: 1 something came, 0 the end, -1 @error.
 */
static int
receive (SighejGuardStream *self, GError **error)
{
  guint n_before = self->buffer != NULL ? self->buffer->len : 0;
  gssize n;

  if (self->buffer == NULL)
    self->buffer = g_byte_array_sized_new (self->limits.head.header_bytes_max + HEAD_READ_BYTES);
  g_byte_array_set_size (self->buffer, n_before + HEAD_READ_BYTES);
  n = g_socket_receive (
      self->socket, (char *) self->buffer->data + n_before, HEAD_READ_BYTES, NULL, error);
  g_byte_array_set_size (self->buffer, n_before + (guint) MAX (n, 0));
  if (self->buffer->len == 0)
    drop_buffer (self);
  return n > 0 ? 1 : (int) n;
}

/* Looks whether the head in the buffer is whole, and judges it. FALSE: refused. */
static gboolean
examine_head (SighejGuardStream *self)
{
  SighejProblem problem = sighej_head_malformed;
  const char *data = (const char *) self->buffer->data;
  gsize end;

  if (!sighej_head_find_end (data, self->buffer->len, &self->searched, &end))
    goto refused;
  if (end == 0)
    {
      if (self->buffer->len <= self->limits.head.header_bytes_max)
        return TRUE;
      problem = sighej_head_too_long;
      goto refused;
    }
  if (!sighej_head_check (data, end, &self->limits.head, &self->body_left, &problem))
    goto refused;

  self->head_left = end;
  self->is_head_request = g_str_has_prefix (data, "HEAD ");
  return TRUE;

refused:
  refuse (self, &problem);
  return FALSE;
}

/* Gets a checked head into the buffer. Returns: 1 it is there, 0 the end, -1 @error. */
static int
read_head (SighejGuardStream *self, GError **error)
{
  while (self->head_left == 0)
    {
      int received;

      if (self->buffer == NULL || self->searched >= self->buffer->len)
        {
          received = receive (self, error);
          if (received <= 0)
            return received;
        }
      if (self->state == GUARD_IDLE)
        enter (self, GUARD_HEAD);
      if (!examine_head (self))
        return 0;
    }
  return 1;
}

static gsize
take_buffered (SighejGuardStream *self, void *out, gsize n_bytes)
{
  guint8 *data = self->buffer->data;
  gsize n_left;

  n_bytes = MIN (n_bytes, self->buffer->len);
  n_left = self->buffer->len - n_bytes;
  memcpy (out, data, n_bytes);
  memmove (data, data + n_bytes, n_left);
  sighej_wipe (data + n_left, n_bytes);
  g_byte_array_set_size (self->buffer, (guint) n_left);
  if (n_left == 0)
    drop_buffer (self);
  return n_bytes;
}

static gssize
hand_out_head (SighejGuardStream *self, void *out, gsize n_bytes)
{
  n_bytes = take_buffered (self, out, MIN (n_bytes, self->head_left));
  self->head_left -= n_bytes;
  if (self->head_left == 0)
    {
      self->searched = 0;
      enter (self, self->body_left > 0 ? GUARD_BODY : GUARD_ANSWER);
    }
  return (gssize) n_bytes;
}

static gssize
hand_out_body (SighejGuardStream *self, void *out, gsize n_bytes, GError **error)
{
  gssize n;

  n_bytes = MIN (n_bytes, self->body_left);
  if (self->buffer != NULL)
    n = (gssize) take_buffered (self, out, n_bytes);
  else
    n = g_socket_receive (self->socket, out, n_bytes, NULL, error);
  if (n <= 0)
    return n;

  self->body_left -= (gsize) n;
  if (self->body_left == 0)
    enter (self, GUARD_ANSWER);
  return n;
}

/*
 * The end of a stream. libsoup forgets a kept-alive connection that ends before a further
 * request has begun: it neither closes nor frees it. So it gets one byte of a request, finds
 * that it is none, fails to say so (guard_write() refuses), and cleans up.
 */
static gssize
hand_out_end (SighejGuardStream *self, void *out)
{
  if (self->end_told)
    return 0;
  self->end_told = TRUE;
  memset (out, '?', 1);
  return 1;
}

static gssize
hand_out_next (SighejGuardStream *self, void *out, gsize n_bytes, GError **error)
{
  g_autoptr (GError) failure = NULL;
  int ready = read_head (self, &failure);

  if (ready > 0)
    return hand_out_head (self, out, n_bytes);
  if (ready < 0 && g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return -1;
    }
  if (self->state != GUARD_OVER)
    enter (self, GUARD_OVER);
  return hand_out_end (self, out);
}

static gssize
guard_read (SighejGuardStream *self, void *out, gsize n_bytes, GError **error)
{
  switch (self->state)
    {
    case GUARD_BODY:
      return hand_out_body (self, out, n_bytes, error);
    case GUARD_HEAD:
    case GUARD_IDLE:
      return hand_out_next (self, out, n_bytes, error);
    case GUARD_ANSWER:
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "the answer comes first");
      return -1;
    case GUARD_OVER:
      return hand_out_end (self, out);
    case GUARD_CLOSED:
    default:
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "the connection is closed");
      return -1;
    }
}

/* Whether guard_read() has something to do without the socket becoming readable. */
static gboolean
guard_is_ready (SighejGuardStream *self)
{
  if (self->state == GUARD_OVER || self->state == GUARD_CLOSED)
    return TRUE;
  if (self->buffer == NULL || self->state == GUARD_ANSWER)
    return FALSE;
  return self->state == GUARD_BODY || self->head_left > 0 || self->searched < self->buffer->len;
}

/* ---- writing ---- */

/* libsoup writes an answer's head by itself and then its body. Whether @data is such a head. */
static gboolean
announces_body (SighejGuardStream *self, const char *data, gsize n_bytes)
{
  static const char length[] = "\r\nContent-Length: ";
  const char *value;

  if (self->is_head_request || n_bytes < sizeof "HTTP/1.1 200"
      || memcmp (data, "HTTP/1.", strlen ("HTTP/1.")) != 0
      || memcmp (data + n_bytes - 4, "\r\n\r\n", 4) != 0)
    return FALSE;
  if (memcmp (data + strlen ("HTTP/1.1 "), "304", 3) == 0)
    return FALSE;
  value = memmem (data, n_bytes, length, strlen (length));
  return value != NULL && value[strlen (length)] != '0';
}

/* A head waits for its body in the kernel, so that both leave in one packet; should the body not
 * come, for 200 ms. */
static gssize
send_some (SighejGuardStream *self, const void *data, gsize n_bytes, GError **error)
{
  int flags = announces_body (self, data, n_bytes) ? MSG_MORE : 0;
  gssize n
      = send (g_socket_get_fd (self->socket), data, n_bytes, flags | MSG_NOSIGNAL | MSG_DONTWAIT);
  int reason = errno;

  if (n < 0)
    g_set_error_literal (error,
                         G_IO_ERROR,
                         reason == EINTR ? G_IO_ERROR_WOULD_BLOCK : g_io_error_from_errno (reason),
                         g_strerror (reason));
  return n;
}

static gssize
guard_write (SighejGuardStream *self, const void *data, gsize n_bytes, GError **error)
{
  g_autoptr (GError) failure = NULL;
  gssize n;

  if (self->state == GUARD_OVER || self->state == GUARD_CLOSED)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "the connection is closed");
      return -1;
    }

  n = send_some (self, data, n_bytes, &failure);
  if (n >= 0)
    return n;
  if (!self->write_blocked && g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    {
      self->write_blocked = TRUE;
      set_deadline_in (self, self->limits.write_seconds);
    }
  g_propagate_error (error, g_steal_pointer (&failure));
  return -1;
}

/* ---- the two halves libsoup holds ---- */

#define SIGHEJ_TYPE_GUARD_INPUT (sighej_guard_input_get_type ())
G_DECLARE_FINAL_TYPE (SighejGuardInput, sighej_guard_input, SIGHEJ, GUARD_INPUT, GInputStream)
#define SIGHEJ_TYPE_GUARD_OUTPUT (sighej_guard_output_get_type ())
G_DECLARE_FINAL_TYPE (SighejGuardOutput, sighej_guard_output, SIGHEJ, GUARD_OUTPUT, GOutputStream)

struct _SighejGuardInput
{
  GInputStream parent_instance;
  SighejGuardStream *guard; /* not owned; NULL when it is gone */
};

struct _SighejGuardOutput
{
  GOutputStream parent_instance;
  SighejGuardStream *guard; /* not owned; NULL when it is gone */
};

static void guard_input_pollable_init (GPollableInputStreamInterface *iface);
static void guard_output_pollable_init (GPollableOutputStreamInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SighejGuardInput,
                               sighej_guard_input,
                               G_TYPE_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM,
                                                      guard_input_pollable_init))
G_DEFINE_FINAL_TYPE_WITH_CODE (SighejGuardOutput,
                               sighej_guard_output,
                               G_TYPE_OUTPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_OUTPUT_STREAM,
                                                      guard_output_pollable_init))

static gboolean
fail_gone (GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "the connection is gone");
  return FALSE;
}

static gssize
sighej_guard_input_read (
    GInputStream *stream, void *buffer, gsize count, GCancellable *cancellable, GError **error)
{
  SighejGuardInput *self = SIGHEJ_GUARD_INPUT (stream);

  if (self->guard == NULL)
    return fail_gone (error) ? 0 : -1;
  return guard_read (self->guard, buffer, count, error);
}

static gssize
sighej_guard_input_read_nonblocking (GPollableInputStream *stream,
                                     void *buffer,
                                     gsize count,
                                     GError **error)
{
  return sighej_guard_input_read (G_INPUT_STREAM (stream), buffer, count, NULL, error);
}

static gboolean
sighej_guard_input_is_readable (GPollableInputStream *stream)
{
  SighejGuardInput *self = SIGHEJ_GUARD_INPUT (stream);

  if (self->guard == NULL || guard_is_ready (self->guard))
    return TRUE;
  return g_socket_condition_check (self->guard->socket, G_IO_IN) != 0;
}

static GSource *
sighej_guard_input_create_source (GPollableInputStream *stream, GCancellable *cancellable)
{
  SighejGuardInput *self = SIGHEJ_GUARD_INPUT (stream);
  g_autoptr (GSource) child = NULL;

  /* libsoup waits for the next request only when it is done with the last. */
  if (self->guard != NULL && self->guard->state == GUARD_ANSWER)
    enter (self->guard, GUARD_IDLE);

  if (self->guard == NULL || guard_is_ready (self->guard))
    child = g_timeout_source_new (0);
  else
    child = g_socket_create_source (self->guard->socket, G_IO_IN, cancellable);
  return g_pollable_source_new_full (stream, child, cancellable);
}

static void
guard_input_pollable_init (GPollableInputStreamInterface *iface)
{
  iface->is_readable = sighej_guard_input_is_readable;
  iface->create_source = sighej_guard_input_create_source;
  iface->read_nonblocking = sighej_guard_input_read_nonblocking;
}

static void
sighej_guard_input_init (SighejGuardInput *self)
{
}

static void
sighej_guard_input_class_init (SighejGuardInputClass *klass)
{
  G_INPUT_STREAM_CLASS (klass)->read_fn = sighej_guard_input_read;
}

static gssize
sighej_guard_output_write (GOutputStream *stream,
                           const void *buffer,
                           gsize count,
                           GCancellable *cancellable,
                           GError **error)
{
  SighejGuardOutput *self = SIGHEJ_GUARD_OUTPUT (stream);

  if (self->guard == NULL)
    return fail_gone (error) ? 0 : -1;
  return guard_write (self->guard, buffer, count, error);
}

static GPollableReturn
sighej_guard_output_writev_nonblocking (GPollableOutputStream *stream,
                                        const GOutputVector *vectors,
                                        gsize n_vectors,
                                        gsize *bytes_written,
                                        GError **error)
{
  g_autoptr (GError) failure = NULL;
  gssize n = sighej_guard_output_write (
      G_OUTPUT_STREAM (stream), vectors[0].buffer, vectors[0].size, NULL, &failure);

  *bytes_written = n < 0 ? 0 : (gsize) n;
  if (n >= 0)
    return G_POLLABLE_RETURN_OK;
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return G_POLLABLE_RETURN_WOULD_BLOCK;
  g_propagate_error (error, g_steal_pointer (&failure));
  return G_POLLABLE_RETURN_FAILED;
}

static gssize
sighej_guard_output_write_nonblocking (GPollableOutputStream *stream,
                                       const void *buffer,
                                       gsize count,
                                       GError **error)
{
  return sighej_guard_output_write (G_OUTPUT_STREAM (stream), buffer, count, NULL, error);
}

static gboolean
sighej_guard_output_is_writable (GPollableOutputStream *stream)
{
  SighejGuardOutput *self = SIGHEJ_GUARD_OUTPUT (stream);

  return self->guard == NULL || self->guard->socket == NULL
         || g_socket_condition_check (self->guard->socket, G_IO_OUT) != 0;
}

static GSource *
sighej_guard_output_create_source (GPollableOutputStream *stream, GCancellable *cancellable)
{
  SighejGuardOutput *self = SIGHEJ_GUARD_OUTPUT (stream);
  g_autoptr (GSource) child = NULL;

  if (self->guard == NULL || self->guard->socket == NULL)
    child = g_timeout_source_new (0);
  else
    child = g_socket_create_source (self->guard->socket, G_IO_OUT, cancellable);
  return g_pollable_source_new_full (stream, child, cancellable);
}

static void
guard_output_pollable_init (GPollableOutputStreamInterface *iface)
{
  iface->is_writable = sighej_guard_output_is_writable;
  iface->create_source = sighej_guard_output_create_source;
  iface->write_nonblocking = sighej_guard_output_write_nonblocking;
  iface->writev_nonblocking = sighej_guard_output_writev_nonblocking;
}

static void
sighej_guard_output_init (SighejGuardOutput *self)
{
}

static void
sighej_guard_output_class_init (SighejGuardOutputClass *klass)
{
  G_OUTPUT_STREAM_CLASS (klass)->write_fn = sighej_guard_output_write;
}

/* ---- the stream ---- */

static gboolean
has_unread (SighejGuardStream *self)
{
  return self->buffer != NULL || g_socket_get_available_bytes (self->socket) > 0;
}

static gboolean
sighej_guard_stream_close (GIOStream *stream, GCancellable *cancellable, GError **error)
{
  SighejGuardStream *self = SIGHEJ_GUARD_STREAM (stream);
  const gboolean was_over = self->state == GUARD_OVER;

  sighej_clock_clear (self->clock, &self->wait);
  set_state (self, GUARD_CLOSED);
  if (self->socket != NULL)
    {
      if (was_over || has_unread (self))
        sighej_linger (
            g_steal_pointer (&self->socket), g_steal_pointer (&self->ticket), self->clock);
      else
        g_socket_close (self->socket, NULL);
    }
  g_clear_object (&self->socket);
  g_clear_pointer (&self->ticket, sighej_ticket_free);
  drop_buffer (self);
  return TRUE;
}

static GInputStream *
sighej_guard_stream_get_input_stream (GIOStream *stream)
{
  return SIGHEJ_GUARD_STREAM (stream)->input;
}

static GOutputStream *
sighej_guard_stream_get_output_stream (GIOStream *stream)
{
  return SIGHEJ_GUARD_STREAM (stream)->output;
}

static void
sighej_guard_stream_finalize (GObject *object)
{
  SighejGuardStream *self = SIGHEJ_GUARD_STREAM (object);

  /* GIOStream's dispose has closed it. */
  g_assert (self->socket == NULL && self->wait == 0);

  SIGHEJ_GUARD_INPUT (self->input)->guard = NULL;
  SIGHEJ_GUARD_OUTPUT (self->output)->guard = NULL;
  g_clear_object (&self->input);
  g_clear_object (&self->output);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (sighej_guard_stream_parent_class)->finalize (object);
}

static void
sighej_guard_stream_init (SighejGuardStream *self)
{
  self->input = g_object_new (SIGHEJ_TYPE_GUARD_INPUT, NULL);
  SIGHEJ_GUARD_INPUT (self->input)->guard = self;
  self->output = g_object_new (SIGHEJ_TYPE_GUARD_OUTPUT, NULL);
  SIGHEJ_GUARD_OUTPUT (self->output)->guard = self;
}

static void
sighej_guard_stream_class_init (SighejGuardStreamClass *klass)
{
  GIOStreamClass *stream_class = G_IO_STREAM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = sighej_guard_stream_finalize;
  stream_class->get_input_stream = sighej_guard_stream_get_input_stream;
  stream_class->get_output_stream = sighej_guard_stream_get_output_stream;
  stream_class->close_fn = sighej_guard_stream_close;
}

SighejGuardStream *
sighej_guard_stream_new (GSocket *socket,
                         SighejTicket *ticket,
                         SighejClock *clock,
                         const SighejGuardLimits *limits)
{
  SighejGuardStream *self = g_object_new (SIGHEJ_TYPE_GUARD_STREAM, NULL);

  self->socket = g_object_ref (socket);
  self->ticket = ticket;
  self->clock = g_object_ref (clock);
  self->limits = *limits;
  enter (self, GUARD_HEAD);
  return self;
}

int
sighej_guard_stream_steal_fd (SighejGuardStream *self, GBytes **early, SighejTicket **ticket)
{
  int fd;

  *early = NULL;
  *ticket = NULL;
  if (self->socket == NULL || self->state == GUARD_OVER)
    return -1;

  /* A GSocket does not let go of its descriptor. */
  fd = fcntl (g_socket_get_fd (self->socket), F_DUPFD_CLOEXEC, 0);
  if (fd < 0)
    return -1;
  sighej_clock_clear (self->clock, &self->wait);
  set_state (self, GUARD_CLOSED);
  if (self->buffer != NULL)
    *early = g_byte_array_free_to_bytes (g_steal_pointer (&self->buffer));
  *ticket = g_steal_pointer (&self->ticket);
  g_socket_close (self->socket, NULL);
  g_clear_object (&self->socket);
  return fd;
}
