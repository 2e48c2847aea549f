/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-watchdog"

#include "config.h"

#include "sighej-watchdog.h"

#include <string.h>

#include <systemd/sd-daemon.h>

#define PROBE_US_MAX (10 * G_USEC_PER_SEC)
#define PROBE_TIMEOUT_SECONDS 5
#define ANSWER_BYTES_MAX 1024
#define ANSWER_GOOD "HTTP/1.1 200"

static const char question[] = "GET /health/live HTTP/1.1\r\n"
                               "Host: localhost\r\n"
                               "Connection: close\r\n"
                               "\r\n";

struct _SighejWatchdog
{
  SighejClock *clock;
  GSocketConnectable *target; /* (nullable) */
  SighejWatchdogWell well;
  gpointer user_data;
  GSocketClient *client;
  GCancellable *cancellable;
  gint64 interval_us;
  guint wait;
};

/* One probe: connect, ask, read the first bytes of the answer. */
typedef struct
{
  GSocketConnection *connection;
  GCancellable *cancellable;
  char answer[ANSWER_BYTES_MAX];
} Probe;

static gboolean on_due (gpointer user_data);

static void
probe_free (Probe *probe)
{
  g_clear_object (&probe->connection);
  g_object_unref (probe->cancellable);
  g_free (probe);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Probe, probe_free)

static void
report_failure (const GError *error)
{
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_message ("cannot reach ourselves: %s", error->message);
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Probe) probe = user_data;
  g_autoptr (GError) error = NULL;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, &error);

  if (n < 0)
    report_failure (error);
  else if (n >= (gssize) strlen (ANSWER_GOOD)
           && memcmp (probe->answer, ANSWER_GOOD, strlen (ANSWER_GOOD)) == 0)
    sd_notify (0, "WATCHDOG=1");
}

static void
on_asked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Probe) probe = user_data;
  g_autoptr (GError) error = NULL;
  GInputStream *input = g_io_stream_get_input_stream (G_IO_STREAM (probe->connection));
  GCancellable *cancellable = probe->cancellable;
  char *answer = probe->answer;

  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, &error))
    report_failure (error);
  else
    g_input_stream_read_async (input,
                               answer,
                               ANSWER_BYTES_MAX,
                               G_PRIORITY_DEFAULT,
                               cancellable,
                               on_answer,
                               g_steal_pointer (&probe));
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Probe) probe = user_data;
  g_autoptr (GError) error = NULL;
  GOutputStream *output;
  GCancellable *cancellable = probe->cancellable;

  probe->connection = g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, &error);
  if (probe->connection == NULL)
    {
      report_failure (error);
      return;
    }
  output = g_io_stream_get_output_stream (G_IO_STREAM (probe->connection));
  g_output_stream_write_all_async (output,
                                   question,
                                   strlen (question),
                                   G_PRIORITY_DEFAULT,
                                   cancellable,
                                   on_asked,
                                   g_steal_pointer (&probe));
}

static void
wait_for_next (SighejWatchdog *self)
{
  self->wait = sighej_clock_add (self->clock, self->interval_us, on_due, self);
}

static gboolean
on_due (gpointer user_data)
{
  SighejWatchdog *self = user_data;
  Probe *probe;

  wait_for_next (self);
  if (self->well != NULL && !self->well (self->user_data))
    return G_SOURCE_REMOVE;
  if (self->target == NULL)
    {
      sd_notify (0, "WATCHDOG=1");
      return G_SOURCE_REMOVE;
    }
  probe = g_new0 (Probe, 1);
  probe->cancellable = g_object_ref (self->cancellable);
  g_socket_client_connect_async (
      self->client, self->target, self->cancellable, on_connected, probe);
  return G_SOURCE_REMOVE;
}

/* "Any address" is reached through loopback. */
static GSocketConnectable *
choose_target (SighejListener *listener)
{
  g_autoptr (GSocketAddress) address = sighej_listener_dup_address (listener);
  g_autoptr (GInetAddress) loopback = NULL;
  GInetSocketAddress *inet;

  if (!G_IS_INET_SOCKET_ADDRESS (address))
    return G_SOCKET_CONNECTABLE (g_steal_pointer (&address));
  inet = G_INET_SOCKET_ADDRESS (address);
  if (!g_inet_address_get_is_any (g_inet_socket_address_get_address (inet)))
    return G_SOCKET_CONNECTABLE (g_steal_pointer (&address));
  loopback = g_inet_address_new_loopback (g_socket_address_get_family (address));
  return G_SOCKET_CONNECTABLE (
      g_inet_socket_address_new (loopback, g_inet_socket_address_get_port (inet)));
}

SighejWatchdog *
sighej_watchdog_new (guint64 interval_us,
                     SighejListener *listener,
                     SighejClock *clock,
                     SighejWatchdogWell well,
                     gpointer user_data)
{
  SighejWatchdog *self = g_new0 (SighejWatchdog, 1);

  self->clock = g_object_ref (clock);
  self->target = listener != NULL ? choose_target (listener) : NULL;
  self->well = well;
  self->user_data = user_data;
  self->client = g_socket_client_new ();
  g_socket_client_set_enable_proxy (self->client, FALSE);
  g_socket_client_set_timeout (self->client, PROBE_TIMEOUT_SECONDS);
  self->cancellable = g_cancellable_new ();
  self->interval_us = (gint64) MIN (interval_us / 3, (guint64) PROBE_US_MAX);
  wait_for_next (self);
  return self;
}

void
sighej_watchdog_free (SighejWatchdog *self)
{
  g_cancellable_cancel (self->cancellable);
  sighej_clock_clear (self->clock, &self->wait);
  g_object_unref (self->cancellable);
  g_object_unref (self->client);
  g_clear_object (&self->target);
  g_object_unref (self->clock);
  g_free (self);
}
