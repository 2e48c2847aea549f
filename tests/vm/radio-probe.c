/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Drives the BlueZ radio alone, for tests in the virtual machine: orders come as lines on stdin,
 * what happens goes out as lines on stdout.
 *
 *   radio-probe [ADAPTER [FOLDER OF RFKILL]]
 *
 *   payload HEX | payload none    HEX: the 10 bytes of a token
 *   scan on | scan off
 *   adapter hci0 | adapter auto
 *   manage-power                  a stuck adapter may be switched off and on
 *   count | check                 counters; lines of the doctor
 *   catch-up                      "caught-up" when all that the bus had sent until then is taken
 *   quit                          stop, then exit; "stopped" or "stop-failed" tells how it went
 *
 *   on-air yes HEX | no    trouble WORD    scanning yes | no    privacy WORD    adapter PATH
 *   heard HEX RSSI         count NAME N    check ID LEVEL TEXT
 *
 * The first word of each line is the time in seconds since the epoch.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include <gio/gunixinputstream.h>
#include <unistd.h>

#include "sighej-enum-types.h"
#include "sighej-log.h"
#include "sighej-radio-bluez.h"

#define REALM 0x35

typedef struct
{
  GMainLoop *loop;
  GDBusConnection *bus;
  SighejRadio *radio;
  GDataInputStream *orders;
} Probe;

static void G_GNUC_PRINTF (1, 2) say (const char *format, ...)
{
  va_list arguments;

  printf ("%.6f ", (double) g_get_real_time () / G_USEC_PER_SEC);
  va_start (arguments, format);
  vprintf (format, arguments);
  va_end (arguments);
  putchar ('\n');
  fflush (stdout);
}

static void
say_on_air (Probe *probe)
{
  char hex[SIGHEJ_TOKEN_HEX_CHARS + 1];
  SighejPayload payload;
  gboolean on_air;

  g_object_get (probe->radio, "on-air", &on_air, NULL);
  if (on_air && sighej_radio_get_on_air (probe->radio, &payload))
    {
      sighej_token_to_hex (&payload.token, hex);
      say ("on-air yes %s", hex);
    }
  else
    say ("on-air no");
}

static void
on_notify (Probe *probe, GParamSpec *pspec)
{
  g_autofree char *adapter = sighej_radio_dup_adapter (probe->radio);
  const char *name = g_param_spec_get_name (pspec);

  if (g_str_equal (name, "on-air"))
    say_on_air (probe);
  else if (g_str_equal (name, "trouble"))
    say ("trouble %s", sighej_reason_to_word (sighej_radio_get_trouble (probe->radio)));
  else if (g_str_equal (name, "scanning"))
    say ("scanning %s", sighej_radio_get_scanning (probe->radio) ? "yes" : "no");
  else if (g_str_equal (name, "privacy"))
    say ("privacy %s",
         sighej_enum_to_nick (SIGHEJ_TYPE_PRIVACY, (int) sighej_radio_get_privacy (probe->radio)));
  else if (g_str_equal (name, "adapter"))
    say ("adapter %s", adapter);
}

static void
on_heard (Probe *probe, const guint8 *data, guint n_bytes, int rssi_dbm)
{
  g_autoptr (GString) hex = g_string_new (NULL);

  for (guint i = 0; i < n_bytes; i++)
    g_string_append_printf (hex, "%02x", data[i]);
  say ("heard %s %d", hex->str, rssi_dbm);
}

static void
order_payload (Probe *probe, const char *hex)
{
  SighejPayload payload = {
    .flags = SIGHEJ_PAYLOAD_OPEN,
    .realm = REALM,
    .tx_cal_dbm = SIGHEJ_TX_CAL_DEFAULT_DBM,
  };

  if (g_str_equal (hex, "none"))
    sighej_radio_set_payload (probe->radio, NULL);
  else if (sighej_token_from_hex (hex, &payload.token))
    sighej_radio_set_payload (probe->radio, &payload);
  else
    say ("not-understood %s", hex);
}

static void
order_count (Probe *probe)
{
  g_autoptr (GVariant) counters = NULL;
  GVariantBuilder builder;
  GVariantIter iter;
  const char *name;
  guint64 n;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{st}"));
  sighej_radio_count (probe->radio, &builder);
  counters = g_variant_ref_sink (g_variant_builder_end (&builder));
  g_variant_iter_init (&iter, counters);
  while (g_variant_iter_next (&iter, "{&st}", &name, &n))
    say ("count %s %" G_GUINT64_FORMAT, name, n);
}

static void
order_check (Probe *probe)
{
  g_autoptr (GPtrArray) results
      = g_ptr_array_new_with_free_func ((GDestroyNotify) sighej_check_result_free);

  sighej_radio_check (probe->radio, results);
  for (guint i = 0; i < results->len; i++)
    {
      const SighejCheckResult *result = g_ptr_array_index (results, i);

      say ("check %s %s %s", result->id, result->level, result->text);
    }
}

static void
caught_up (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) id
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  say (id != NULL ? "caught-up" : "not-caught-up");
}

/* What comes by one connection is taken in its order. */
static void
order_catch_up (Probe *probe)
{
  g_dbus_connection_call (probe->bus,
                          "org.freedesktop.DBus",
                          "/org/freedesktop/DBus",
                          "org.freedesktop.DBus",
                          "GetId",
                          NULL,
                          NULL,
                          G_DBUS_CALL_FLAGS_NONE,
                          -1,
                          NULL,
                          caught_up,
                          probe);
}

static void
stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Probe *probe = user_data;
  g_autoptr (GError) error = NULL;

  if (sighej_radio_stop_finish (SIGHEJ_RADIO (source), result, &error))
    say ("stopped");
  else
    say ("stop-failed %s", error->message);
  g_main_loop_quit (probe->loop);
}

static void
obey (Probe *probe, const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", 2);
  const char *order = words[0] != NULL ? words[0] : "";
  const char *argument = order[0] != '\0' && words[1] != NULL ? words[1] : "";

  if (g_str_equal (order, "payload"))
    order_payload (probe, argument);
  else if (g_str_equal (order, "scan"))
    sighej_radio_set_scan (probe->radio,
                           g_str_equal (argument, "on") ? SIGHEJ_SCAN_CONTINUOUS : SIGHEJ_SCAN_OFF);
  else if (g_str_equal (order, "adapter"))
    sighej_radio_set_adapter (probe->radio, argument);
  else if (g_str_equal (order, "manage-power"))
    sighej_radio_bluez_set_manage_power (SIGHEJ_RADIO_BLUEZ (probe->radio), TRUE);
  else if (g_str_equal (order, "count"))
    order_count (probe);
  else if (g_str_equal (order, "check"))
    order_check (probe);
  else if (g_str_equal (order, "catch-up"))
    order_catch_up (probe);
  else if (g_str_equal (order, "quit"))
    sighej_radio_stop_async (probe->radio, stopped, probe);
  else
    say ("not-understood %s", line);
}

static void read_order (Probe *probe);

static void
order_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Probe *probe = user_data;
  g_autofree char *line = g_data_input_stream_read_line_finish (probe->orders, result, NULL, NULL);

  if (line == NULL)
    {
      sighej_radio_stop_async (probe->radio, stopped, probe);
      return;
    }
  obey (probe, line);
  if (!g_str_equal (line, "quit"))
    read_order (probe);
}

static void
read_order (Probe *probe)
{
  g_data_input_stream_read_line_async (probe->orders, G_PRIORITY_DEFAULT, NULL, order_read, probe);
}

int
main (int argc, char **argv)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (SighejClock) clock = sighej_clock_new_system ();
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, NULL);
  g_autoptr (GInputStream) input = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  g_autoptr (GDataInputStream) orders = g_data_input_stream_new (input);
  const char *rfkill_folder = argc > 2 ? argv[2] : "/sys/class/rfkill";
  g_autoptr (SighejRadio) radio = sighej_radio_bluez_new (clock, bus, rfkill_folder);
  Probe probe = { loop, bus, radio, orders };

  sighej_log_init ("radio-probe", "debug");
  if (bus != NULL)
    g_dbus_connection_set_exit_on_close (bus, FALSE);
  g_signal_connect_swapped (radio, "notify", G_CALLBACK (on_notify), &probe);
  g_signal_connect_swapped (radio, "heard", G_CALLBACK (on_heard), &probe);
  if (argc > 1)
    sighej_radio_set_adapter (radio, argv[1]);
  sighej_radio_start (radio);
  say ("ready");
  read_order (&probe);
  g_main_loop_run (loop);

  return 0;
}
