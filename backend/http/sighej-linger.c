/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-linger"

#include "config.h"

#include "sighej-linger.h"

#define LINGER_US (1 * G_USEC_PER_SEC)
#define LINGER_BYTES_MAX (256 * 1024)
#define READ_BYTES 4096

typedef struct
{
  GSocket *socket;
  SighejTicket *ticket;
  SighejClock *clock;
  GSource *source;
  guint wait;
  gsize n_bytes;
} Linger;

static void
linger_end (Linger *self)
{
  sighej_clock_clear (self->clock, &self->wait);
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_socket_close (self->socket, NULL);
  g_object_unref (self->socket);
  g_clear_pointer (&self->ticket, sighej_ticket_free);
  g_object_unref (self->clock);
  g_free (self);
}

static gboolean
on_too_long (gpointer user_data)
{
  Linger *self = user_data;

  self->wait = 0;
  linger_end (self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_readable (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  Linger *self = user_data;
  g_autoptr (GError) error = NULL;
  char waste[READ_BYTES];
  gssize n = g_socket_receive (socket, waste, sizeof waste, NULL, &error);

  if (n > 0)
    self->n_bytes += (gsize) n;
  if (n > 0 ? self->n_bytes < LINGER_BYTES_MAX
            : n < 0 && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return G_SOURCE_CONTINUE;

  linger_end (self);
  return G_SOURCE_REMOVE;
}

void
sighej_linger (GSocket *socket, SighejTicket *ticket, SighejClock *clock)
{
  Linger *self = g_new0 (Linger, 1);

  self->socket = socket;
  self->ticket = ticket;
  self->clock = g_object_ref (clock);
  self->wait = sighej_clock_add (clock, LINGER_US, on_too_long, self);
  self->source = g_socket_create_source (socket, G_IO_IN, NULL);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_readable), self, NULL);
  g_source_set_static_name (self->source, "sighej-linger");
  g_source_attach (self->source, g_main_context_get_thread_default ());
  g_socket_shutdown (socket, FALSE, TRUE, NULL);
}
