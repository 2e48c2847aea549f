/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <gio/gio.h>
#include <stdlib.h>

/*
 * What the benchmarks are compared with:
 *   hop ROUNDS  one loopback TCP round trip through an echo, then one D-Bus signal through the
 *               session bus; prints the microseconds of each round, a line each
 *   idle        a main loop with a connection to the session bus, until it is killed
 *   listen      one on the system bus that is told of every Bluetooth device, and ignores it
 */

#define ROUNDS_MAX 1000000
#define MESSAGE_BYTES 64 /* about one sighting */
#define PATH "/org/sighej/bench"
#define INTERFACE "org.sighej.Bench"

typedef struct
{
  GMainLoop *loop;
  GSocketConnection *tcp;
  GDBusConnection *sender;
  GDBusConnection *receiver;
  guint8 buffer[MESSAGE_BYTES];
  gint64 begun_us;
  guint n_left;
} Hop;

static gboolean
on_echo (GThreadedSocketService *service,
         GSocketConnection *connection,
         GObject *source,
         gpointer user_data)
{
  GInputStream *in = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  GOutputStream *out = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  guint8 buffer[MESSAGE_BYTES];
  gsize n_read;

  while (g_input_stream_read_all (in, buffer, sizeof buffer, &n_read, NULL, NULL)
         && n_read == sizeof buffer)
    g_output_stream_write_all (out, buffer, sizeof buffer, NULL, NULL, NULL);
  return TRUE;
}

static void
begin_round (Hop *hop)
{
  GOutputStream *out = g_io_stream_get_output_stream (G_IO_STREAM (hop->tcp));

  hop->begun_us = g_get_monotonic_time ();
  g_output_stream_write_all (out, hop->buffer, sizeof hop->buffer, NULL, NULL, NULL);
}

static gboolean
on_echoed (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  Hop *hop = user_data;
  g_autoptr (GError) error = NULL;

  if (g_socket_receive (socket, (char *) hop->buffer, sizeof hop->buffer, NULL, &error)
      != sizeof hop->buffer)
    g_error ("the echo is gone: %s", error != NULL ? error->message : "cut short");
  g_dbus_connection_emit_signal (
      hop->sender, NULL, PATH, INTERFACE, "Hop", g_variant_new ("(t)", 1), NULL);
  return G_SOURCE_CONTINUE;
}

static void
on_hop (GDBusConnection *connection,
        const char *sender,
        const char *path,
        const char *interface,
        const char *name,
        GVariant *values,
        gpointer user_data)
{
  Hop *hop = user_data;

  g_print ("%" G_GINT64_FORMAT "\n", g_get_monotonic_time () - hop->begun_us);
  if (--hop->n_left > 0)
    begin_round (hop);
  else
    g_main_loop_quit (hop->loop);
}

static GDBusConnection *
connect_to_bus (GBusType type, GError **error)
{
  g_autofree char *address = g_dbus_address_get_for_bus_sync (type, NULL, error);

  if (address == NULL)
    return NULL;
  return g_dbus_connection_new_for_address_sync (
      address,
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
          | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL,
      NULL,
      error);
}

static gboolean
connect_to_echo (Hop *hop, GSocketService *service, GError **error)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  guint16 port;

  g_signal_connect (service, "run", G_CALLBACK (on_echo), NULL);
  port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (service), NULL, error);
  if (port == 0)
    return FALSE;
  g_socket_service_start (service);
  hop->tcp = g_socket_client_connect_to_host (client, "127.0.0.1", port, NULL, error);
  if (hop->tcp == NULL)
    return FALSE;
  g_tcp_connection_set_graceful_disconnect (G_TCP_CONNECTION (hop->tcp), FALSE);
  return TRUE;
}

/* One answered call: what was asked of the bus before it has been done. */
static gboolean
wait_for_bus (GDBusConnection *connection, GError **error)
{
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (connection,
                                                            "org.freedesktop.DBus",
                                                            "/org/freedesktop/DBus",
                                                            "org.freedesktop.DBus",
                                                            "GetId",
                                                            NULL,
                                                            NULL,
                                                            G_DBUS_CALL_FLAGS_NONE,
                                                            -1,
                                                            NULL,
                                                            error);

  return reply != NULL;
}

static gboolean
run_hops (guint n_rounds, GError **error)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GSocketService) service = g_threaded_socket_service_new (1);
  g_autoptr (GDBusConnection) sender = connect_to_bus (G_BUS_TYPE_SESSION, error);
  g_autoptr (GDBusConnection) receiver
      = sender != NULL ? connect_to_bus (G_BUS_TYPE_SESSION, error) : NULL;
  g_autoptr (GSource) echoed = NULL;
  Hop hop = { .loop = loop, .sender = sender, .receiver = receiver, .n_left = n_rounds };

  if (receiver == NULL || !connect_to_echo (&hop, service, error))
    return FALSE;
  echoed = g_socket_create_source (g_socket_connection_get_socket (hop.tcp), G_IO_IN, NULL);
  g_source_set_callback (echoed, G_SOURCE_FUNC (on_echoed), &hop, NULL);
  g_source_attach (echoed, NULL);
  g_dbus_connection_signal_subscribe (
      receiver, NULL, INTERFACE, "Hop", PATH, NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_hop, &hop, NULL);
  if (!wait_for_bus (receiver, error))
    return FALSE;
  begin_round (&hop);
  g_main_loop_run (loop);
  g_source_destroy (echoed);
  g_object_unref (hop.tcp);
  return TRUE;
}

static gboolean
run_idle (GError **error)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GDBusConnection) connection = connect_to_bus (G_BUS_TYPE_SESSION, error);

  if (connection == NULL)
    return FALSE;
  g_main_loop_run (loop);
  return TRUE;
}

static void
on_device (GDBusConnection *connection,
           const char *sender,
           const char *path,
           const char *interface,
           const char *name,
           GVariant *values,
           gpointer user_data)
{
}

static gboolean
run_listen (GError **error)
{
  static const struct
  {
    const char *interface;
    const char *argument;
  } subscriptions[] = {
    { "org.freedesktop.DBus.Properties", "org.bluez.Device1" },
    { "org.freedesktop.DBus.ObjectManager", NULL },
  };
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GDBusConnection) connection = connect_to_bus (G_BUS_TYPE_SYSTEM, error);

  if (connection == NULL)
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (subscriptions); i++)
    g_dbus_connection_signal_subscribe (connection,
                                        "org.bluez",
                                        subscriptions[i].interface,
                                        NULL,
                                        NULL,
                                        subscriptions[i].argument,
                                        G_DBUS_SIGNAL_FLAGS_NONE,
                                        on_device,
                                        NULL,
                                        NULL);
  g_main_loop_run (loop);
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  guint64 n_rounds = 0;
  gboolean done;

  if (argc == 2 && g_str_equal (argv[1], "idle"))
    done = run_idle (&error);
  else if (argc == 2 && g_str_equal (argv[1], "listen"))
    done = run_listen (&error);
  else if (argc == 3 && g_str_equal (argv[1], "hop")
           && g_ascii_string_to_unsigned (argv[2], 10, 1, ROUNDS_MAX, &n_rounds, &error))
    done = run_hops ((guint) n_rounds, &error);
  else
    {
      g_printerr ("usage: bench-baseline hop ROUNDS | idle | listen\n");
      return EXIT_FAILURE;
    }
  if (!done)
    g_printerr ("%s\n", error->message);
  return done ? EXIT_SUCCESS : EXIT_FAILURE;
}
