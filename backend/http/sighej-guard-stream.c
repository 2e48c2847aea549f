/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-guard-stream"

#include "config.h"

#include "sighej-guard-stream.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "sighej-crypto.h"
#include "sighej-guard-halves.h"
#include "sighej-hub-source.h"
#include "sighej-linger.h"
#include "sighej-metrics.h"

#define HEAD_READ_BYTES 4096
#define NEVER_US G_MAXINT64
#define WATCHED (EPOLLIN | EPOLLOUT | EPOLLRDHUP | (guint32) EPOLLET)
#define ENDED (EPOLLRDHUP | EPOLLHUP | EPOLLERR)

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

  GSocketAddress *remote; /* (nullable) */
  GInputStream *input;
  GOutputStream *output;
  SighejGuardLimits limits;
  SighejTicket *ticket;

  GSocket *socket; /* NULL once closed or handed over */
  GuardState state;
  SighejGuardReader reader;

  /* What epoll told, edge-triggered: TRUE until a call has shown that it is so no more. */
  GSource *watch;
  gboolean readable;
  gboolean writable;
  gboolean hung_up; /* the client writes no more: readable for ever */

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

  GBytes *answer; /* (nullable): of the lane, not yet taken by the socket */
  gsize n_sent;   /* of it */
  gboolean is_last;
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
    self->end_told = self->reader == SIGHEJ_GUARD_SOUP
                     && (self->state == GUARD_BODY || self->state == GUARD_ANSWER);
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
      self->reader = SIGHEJ_GUARD_NOBODY;
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

/* A short read empties the socket; what comes later is another edge. */
static gssize
receive_bytes (SighejGuardStream *self, void *out, gsize n_bytes, GError **error)
{
  gssize n = g_socket_receive (self->socket, out, n_bytes, NULL, error);

  if (n < (gssize) n_bytes && !self->hung_up)
    self->readable = FALSE;
  return n;
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
  n = receive_bytes (self, self->buffer->data + n_before, HEAD_READ_BYTES, error);
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

static void
drop_first (SighejGuardStream *self, gsize n_bytes)
{
  guint8 *data = self->buffer->data;
  gsize n_left = self->buffer->len - n_bytes;

  memmove (data, data + n_bytes, n_left);
  sighej_wipe (data + n_left, n_bytes);
  g_byte_array_set_size (self->buffer, (guint) n_left);
  if (n_left == 0)
    drop_buffer (self);
}

static gsize
take_buffered (SighejGuardStream *self, void *out, gsize n_bytes)
{
  n_bytes = MIN (n_bytes, self->buffer->len);
  memcpy (out, self->buffer->data, n_bytes);
  drop_first (self, n_bytes);
  return n_bytes;
}

static gssize
hand_out_head (SighejGuardStream *self, void *out, gsize n_bytes)
{
  self->reader = SIGHEJ_GUARD_SOUP;
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
    n = receive_bytes (self, out, n_bytes, error);
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
guard_read (gpointer guard, void *out, gsize n_bytes, GError **error)
{
  SighejGuardStream *self = guard;

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

static gboolean
guard_is_ready (gpointer guard)
{
  SighejGuardStream *self = guard;

  if (self->state == GUARD_OVER || self->state == GUARD_CLOSED)
    return TRUE;
  if (self->buffer == NULL || self->state == GUARD_ANSWER || self->reader == SIGHEJ_GUARD_LANE)
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
guard_write (gpointer guard, const void *data, gsize n_bytes, GError **error)
{
  SighejGuardStream *self = guard;
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
  self->writable = FALSE;
  if (!self->write_blocked && g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    {
      self->write_blocked = TRUE;
      set_deadline_in (self, self->limits.write_seconds);
    }
  g_propagate_error (error, g_steal_pointer (&failure));
  return -1;
}

/* ---- what libsoup asks ---- */

static gboolean
guard_is_readable (gpointer guard)
{
  SighejGuardStream *self = guard;

  if (guard_is_ready (self))
    return TRUE;
  return self->readable && self->state != GUARD_ANSWER && self->reader != SIGHEJ_GUARD_LANE;
}

static gboolean
guard_is_writable (gpointer guard)
{
  SighejGuardStream *self = guard;

  return self->socket == NULL || self->writable;
}

static GSocket *
guard_get_socket (gpointer guard)
{
  SighejGuardStream *self = guard;

  return self->socket;
}

static void
guard_end_answer (gpointer guard)
{
  SighejGuardStream *self = guard;

  if (self->state == GUARD_ANSWER)
    enter (self, GUARD_IDLE);
}

/* ---- the lane ---- */

/* The stream ended within a request of the lane's, or before one. */
static SighejGuardStep
stop_fetching (SighejGuardStream *self, int received, const GError *failure)
{
  static const SighejProblem short_body = { 400,
                                            "invalid-request",
                                            "The request is not as the contract says",
                                            "the body is shorter than Content-Length says" };

  if (received < 0 && g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return SIGHEJ_GUARD_WAIT;
  if (received == 0 && self->state == GUARD_BODY)
    refuse (self, &short_body);
  if (self->state != GUARD_OVER)
    enter (self, GUARD_OVER);
  return SIGHEJ_GUARD_END;
}

static gboolean
may_fetch (SighejGuardStream *self)
{
  if (self->reader == SIGHEJ_GUARD_SOUP)
    return FALSE;
  if (self->state == GUARD_BODY)
    return self->readable;
  if (self->state != GUARD_HEAD && self->state != GUARD_IDLE)
    return FALSE;
  return self->readable || guard_is_ready (self);
}

SighejGuardStep
sighej_guard_stream_fetch (SighejGuardStream *self, SighejExpress *express)
{
  g_autoptr (GError) failure = NULL;
  int received = 1;

  if (self->state == GUARD_OVER || self->state == GUARD_CLOSED)
    return SIGHEJ_GUARD_END;
  if (!may_fetch (self))
    return SIGHEJ_GUARD_WAIT;

  if (self->state == GUARD_BODY)
    received = receive (self, &failure);
  else
    received = read_head (self, &failure);
  while (received > 0)
    {
      const char *data = (const char *) self->buffer->data;

      self->reader = sighej_express_read (express, data, self->head_left, self->body_left)
                         ? SIGHEJ_GUARD_LANE
                         : SIGHEJ_GUARD_SOUP;
      if (self->reader == SIGHEJ_GUARD_SOUP)
        return SIGHEJ_GUARD_OTHER;
      if (self->buffer->len >= self->head_left + self->body_left)
        return SIGHEJ_GUARD_REQUEST;
      if (self->state == GUARD_HEAD)
        enter (self, GUARD_BODY);
      received = receive (self, &failure);
    }
  return stop_fetching (self, received, failure);
}

const char *
sighej_guard_stream_get_fetched (SighejGuardStream *self)
{
  return (const char *) self->buffer->data;
}

void
sighej_guard_stream_take_fetched (SighejGuardStream *self)
{
  gsize n_bytes = self->head_left + self->body_left;

  self->head_left = self->body_left = self->searched = 0;
  drop_first (self, n_bytes);
  enter (self, GUARD_ANSWER);
}

static void
drop_answer (SighejGuardStream *self)
{
  g_clear_pointer (&self->answer, g_bytes_unref);
  self->n_sent = 0;
}

static void
write_answer (SighejGuardStream *self)
{
  g_autoptr (GError) failure = NULL;
  gsize n_bytes;
  const char *data = g_bytes_get_data (self->answer, &n_bytes);

  while (self->n_sent < n_bytes)
    {
      gssize n = guard_write (self, data + self->n_sent, n_bytes - self->n_sent, &failure);

      if (n < 0 && g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        return;
      if (n < 0)
        break;
      self->n_sent += (gsize) n;
    }
  drop_answer (self);
  if (self->state == GUARD_ANSWER)
    enter (self, failure != NULL || self->is_last ? GUARD_OVER : GUARD_IDLE);
}

void
sighej_guard_stream_answer (SighejGuardStream *self, GBytes *answer, gboolean is_last)
{
  self->answer = g_bytes_ref (answer);
  self->is_last = is_last;
  write_answer (self);
}

void
sighej_guard_stream_note (SighejGuardStream *self, guint32 events)
{
  if (events & ENDED)
    self->hung_up = TRUE;
  if (events & (EPOLLIN | ENDED))
    self->readable = TRUE;
  if (events & (EPOLLOUT | ENDED))
    self->writable = TRUE;
  if (self->answer != NULL && self->writable)
    write_answer (self);
}

void
sighej_guard_stream_ask_again (SighejGuardStream *self)
{
  if (self->socket != NULL)
    sighej_hub_source_modify (self->watch, g_socket_get_fd (self->socket), WATCHED, self);
}

GSocketAddress *
sighej_guard_stream_get_remote (SighejGuardStream *self)
{
  return self->remote;
}

/* ---- the stream ---- */

/* Before the descriptor is closed or somebody else's. */
static void
stop_watching (SighejGuardStream *self)
{
  sighej_hub_source_remove (self->watch, g_socket_get_fd (self->socket));
  drop_answer (self);
}

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
      stop_watching (self);
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

  sighej_guard_halves_forget (self->input, self->output);
  g_clear_object (&self->input);
  g_clear_object (&self->output);
  g_clear_object (&self->clock);
  g_clear_object (&self->remote);
  g_source_unref (self->watch);

  G_OBJECT_CLASS (sighej_guard_stream_parent_class)->finalize (object);
}

static const SighejGuardFuncs guard_funcs = {
  .read = guard_read,
  .write = guard_write,
  .is_ready = guard_is_ready,
  .is_readable = guard_is_readable,
  .is_writable = guard_is_writable,
  .get_socket = guard_get_socket,
  .end_answer = guard_end_answer,
};

static void
sighej_guard_stream_init (SighejGuardStream *self)
{
  sighej_guard_halves_new (&guard_funcs, self, &self->input, &self->output);
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
                         GSocketAddress *remote,
                         SighejTicket *ticket,
                         SighejClock *clock,
                         const SighejGuardLimits *limits,
                         GSource *watch)
{
  SighejGuardStream *self = g_object_new (SIGHEJ_TYPE_GUARD_STREAM, NULL);

  self->socket = g_object_ref (socket);
  self->ticket = ticket;
  self->clock = g_object_ref (clock);
  self->limits = *limits;
  g_set_object (&self->remote, remote);
  self->watch = g_source_ref (watch);
  self->readable = self->writable = TRUE;
  if (sighej_hub_source_add (watch, g_socket_get_fd (socket), WATCHED, self))
    enter (self, GUARD_HEAD);
  else
    enter (self, GUARD_OVER);
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

  /* A GSocket does not let go of its descriptor, and a copy would go on being watched. */
  fd = fcntl (g_socket_get_fd (self->socket), F_DUPFD_CLOEXEC, 0);
  if (fd < 0)
    return -1;
  stop_watching (self);
  sighej_clock_clear (self->clock, &self->wait);
  set_state (self, GUARD_CLOSED);
  if (self->buffer != NULL)
    *early = g_byte_array_free_to_bytes (g_steal_pointer (&self->buffer));
  *ticket = g_steal_pointer (&self->ticket);
  g_socket_close (self->socket, NULL);
  g_clear_object (&self->socket);
  return fd;
}
