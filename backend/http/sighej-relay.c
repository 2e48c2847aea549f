/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-relay"

#include "config.h"

#include "sighej-relay.h"

typedef struct _Relay Relay;

/* One way. */
typedef struct
{
  Relay *relay;
  GInputStream *from;
  GOutputStream *to;
  GCancellable *cancellable;
  guint deadline; /* of the write under way */
  guint8 buffer[SIGHEJ_RELAY_BUFFER_BYTES];
} Way;

struct _Relay
{
  GIOStream *outer;
  GSocket *inner;
  GIOStream *inner_stream;
  SighejClock *clock;
  SighejRelayEnded ended;
  gpointer user_data;

  Way in;  /* from the client */
  Way out; /* to the client */
  guint n_running;
  gboolean broken;
};

static void read_some (Way *way);

static void
way_clear (Way *way)
{
  sighej_clock_clear (way->relay->clock, &way->deadline);
  g_object_unref (way->cancellable);
}

static void
relay_free (Relay *self)
{
  way_clear (&self->in);
  way_clear (&self->out);
  g_socket_close (self->inner, NULL);
  g_object_unref (self->inner_stream);
  g_object_unref (self->inner);
  g_object_unref (self->outer);
  g_object_unref (self->clock);
  self->ended (self->user_data);
  g_free (self);
}

static void
on_closed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_io_stream_close_finish (G_IO_STREAM (source), result, NULL);
  relay_free (user_data);
}

static gboolean
on_close_too_slow (gpointer user_data)
{
  Relay *self = user_data;

  self->out.deadline = 0;
  g_cancellable_cancel (self->out.cancellable);
  return G_SOURCE_REMOVE;
}

/* A goodbye that nobody takes is cut off; the descriptor is closed either way. */
static void
close_outer (Relay *self)
{
  self->out.deadline = sighej_clock_add (
      self->clock, SIGHEJ_RELAY_CLOSE_MS * G_TIME_SPAN_MILLISECOND, on_close_too_slow, self);
  if (self->broken)
    g_cancellable_cancel (self->out.cancellable);
  else
    g_cancellable_reset (self->out.cancellable);
  g_io_stream_close_async (self->outer, G_PRIORITY_DEFAULT, self->out.cancellable, on_closed, self);
}

static void
way_ended (Way *way)
{
  Relay *self = way->relay;

  sighej_clock_clear (self->clock, &way->deadline);
  if (way == &self->out || self->broken)
    g_cancellable_cancel (self->in.cancellable);
  else
    g_socket_shutdown (self->inner, FALSE, TRUE, NULL);
  if (self->broken)
    g_cancellable_cancel (self->out.cancellable);
  if (--self->n_running == 0)
    close_outer (self);
}

static void
way_broken (Way *way)
{
  Relay *self = way->relay;

  /* Reading from the client stops by our own will once everything is said. */
  if (way == &self->out || self->n_running > 1)
    self->broken = TRUE;
  way_ended (way);
}

static gboolean
on_write_too_slow (gpointer user_data)
{
  Way *way = user_data;

  way->deadline = 0;
  g_cancellable_cancel (way->cancellable);
  return G_SOURCE_REMOVE;
}

static void
on_written (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Way *way = user_data;

  sighej_clock_clear (way->relay->clock, &way->deadline);
  if (g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL))
    read_some (way);
  else
    way_broken (way);
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Way *way = user_data;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);

  if (n == 0)
    {
      way_ended (way);
      return;
    }
  if (n < 0)
    {
      way_broken (way);
      return;
    }

  way->deadline = sighej_clock_add (
      way->relay->clock, SIGHEJ_RELAY_WRITE_MS * G_TIME_SPAN_MILLISECOND, on_write_too_slow, way);
  g_output_stream_write_all_async (
      way->to, way->buffer, (gsize) n, G_PRIORITY_DEFAULT, way->cancellable, on_written, way);
}

static void
read_some (Way *way)
{
  g_input_stream_read_async (way->from,
                             way->buffer,
                             sizeof way->buffer,
                             G_PRIORITY_DEFAULT,
                             way->cancellable,
                             on_read,
                             way);
}

static void
way_start (Way *way, Relay *relay, GIOStream *from, GIOStream *to)
{
  way->relay = relay;
  way->from = g_io_stream_get_input_stream (from);
  way->to = g_io_stream_get_output_stream (to);
  way->cancellable = g_cancellable_new ();
  relay->n_running++;
  read_some (way);
}

void
sighej_relay_start (GIOStream *outer,
                    GSocket *inner,
                    SighejClock *clock,
                    SighejRelayEnded ended,
                    gpointer user_data)
{
  Relay *self = g_new0 (Relay, 1);

  self->outer = outer;
  self->inner = inner;
  self->inner_stream = G_IO_STREAM (g_socket_connection_factory_create_connection (inner));
  self->clock = g_object_ref (clock);
  self->ended = ended;
  self->user_data = user_data;
  way_start (&self->in, self, self->outer, self->inner_stream);
  way_start (&self->out, self, self->inner_stream, self->outer);
}
