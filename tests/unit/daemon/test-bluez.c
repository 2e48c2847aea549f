/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include <glib/gstdio.h>

#include "sighej-bluez-advertiser.h"
#include "sighej-bluez-guard.h"
#include "sighej-bluez-listener.h"
#include "sighej-bluez-rfkill.h"
#include "sighej-bluez-scanner.h"
#include "sighej-names.h"
#include "sighej-radio-bluez.h"
#include "sighej-test.h"

/* ---- the tables of moves ---- */

static void
test_advertiser_unregisters_before_it_registers (void)
{
  g_assert_false (sighej_bluez_advertiser_may_move (SIGHEJ_BLUEZ_ADVERTISER_ON,
                                                    SIGHEJ_BLUEZ_ADVERTISER_REGISTERING));
  g_assert_false (sighej_bluez_advertiser_may_move (SIGHEJ_BLUEZ_ADVERTISER_UNREGISTERING,
                                                    SIGHEJ_BLUEZ_ADVERTISER_REGISTERING));
  for (guint from = 0; from < SIGHEJ_BLUEZ_ADVERTISER_N_STATES; from++)
    g_assert_cmpint (sighej_bluez_advertiser_may_move (from, SIGHEJ_BLUEZ_ADVERTISER_REGISTERING),
                     ==,
                     from == SIGHEJ_BLUEZ_ADVERTISER_CHECK);
}

static void
test_advertiser_never_unregisters_while_registering (void)
{
  g_assert_false (sighej_bluez_advertiser_may_move (SIGHEJ_BLUEZ_ADVERTISER_REGISTERING,
                                                    SIGHEJ_BLUEZ_ADVERTISER_UNREGISTERING));
  g_assert_true (sighej_bluez_advertiser_may_move (SIGHEJ_BLUEZ_ADVERTISER_REGISTERING,
                                                   SIGHEJ_BLUEZ_ADVERTISER_ON));
}

/* Marks every state that can be reached from @from. */
static void
reach (gboolean (*may_move) (guint, guint), guint n_states, guint from, gboolean *reached)
{
  reached[from] = TRUE;
  for (guint to = 0; to < n_states; to++)
    {
      if (may_move (from, to) && !reached[to])
        reach (may_move, n_states, to, reached);
    }
}

static void
assert_all_connected (gboolean (*may_move) (guint, guint), guint n_states)
{
  for (guint from = 0; from < n_states; from++)
    {
      gboolean reached[16] = { FALSE };

      g_assert_cmpuint (n_states, <=, G_N_ELEMENTS (reached));
      g_assert_false (may_move (from, from));
      reach (may_move, n_states, from, reached);
      for (guint to = 0; to < n_states; to++)
        g_assert_true (reached[to]);
    }
}

static gboolean
advertiser_may_move (guint from, guint to)
{
  return sighej_bluez_advertiser_may_move (from, to);
}

static gboolean
scanner_may_move (guint from, guint to)
{
  return sighej_bluez_scanner_may_move (from, to);
}

static void
test_every_state_leads_to_silence_and_back (void)
{
  assert_all_connected (advertiser_may_move, SIGHEJ_BLUEZ_ADVERTISER_N_STATES);
  assert_all_connected (scanner_may_move, SIGHEJ_BLUEZ_SCANNER_N_STATES);
}

static void
test_scanner_takes_its_monitor_down_before_it_is_off (void)
{
  g_assert_false (
      sighej_bluez_scanner_may_move (SIGHEJ_BLUEZ_SCANNER_ON, SIGHEJ_BLUEZ_SCANNER_UNMONITORING));
  g_assert_true (sighej_bluez_scanner_may_move (SIGHEJ_BLUEZ_SCANNER_STOPPING,
                                                SIGHEJ_BLUEZ_SCANNER_UNMONITORING));
  g_assert_true (
      sighej_bluez_scanner_may_move (SIGHEJ_BLUEZ_SCANNER_UNMONITORING, SIGHEJ_BLUEZ_SCANNER_OFF));
}

/* ---- what the air gives away ---- */

static void
test_exposure_is_judged_as_the_table_says (void)
{
  static const struct
  {
    SighejBluezExposure exposure;
    SighejPrivacy privacy;
  } rows[] = {
    { { .settings_known = TRUE }, SIGHEJ_PRIVACY_GUARDED },
    { { .settings_known = TRUE, .extended = TRUE }, SIGHEJ_PRIVACY_GUARDED },
    { { .settings_known = TRUE, .settings = 0x2000, .extended = TRUE }, SIGHEJ_PRIVACY_PRIVATE },
    { { .settings_known = TRUE, .settings = 0x2000 }, SIGHEJ_PRIVACY_LINKABLE },
    { { .settings_known = TRUE, .settings = 0x2000, .discoverable = TRUE, .extended = TRUE },
      SIGHEJ_PRIVACY_PRIVATE },
    { { .settings_known = TRUE, .settings = 0x0008 }, SIGHEJ_PRIVACY_BLOCKED },
    { { .settings_known = TRUE, .settings = 0x0002 }, SIGHEJ_PRIVACY_BLOCKED },
    { { .settings_known = TRUE, .discoverable = TRUE }, SIGHEJ_PRIVACY_BLOCKED },
    /* A static address is as good a name as the public one: it changes nothing. */
    { { .settings_known = TRUE, .settings = 0x8000 }, SIGHEJ_PRIVACY_GUARDED },
    { { .settings_known = TRUE, .settings = 0x8002 }, SIGHEJ_PRIVACY_BLOCKED },
    { { .settings_known = TRUE, .settings = 0xa008 }, SIGHEJ_PRIVACY_LINKABLE },
    { { .settings_known = TRUE, .connectable = TRUE }, SIGHEJ_PRIVACY_BLOCKED },
    { { .settings_known = FALSE }, SIGHEJ_PRIVACY_UNKNOWN },
    { { .settings_known = FALSE, .settings = 0x2000, .discoverable = TRUE },
      SIGHEJ_PRIVACY_BLOCKED },
    { { .settings_known = FALSE, .connectable = TRUE }, SIGHEJ_PRIVACY_BLOCKED },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpint (sighej_bluez_exposure_judge (&rows[i].exposure), ==, rows[i].privacy);
}

static void
test_an_adapter_without_le_or_bredr_is_not_fit (void)
{
  const guint32 all
      = SIGHEJ_BLUEZ_SETTING_POWERED | SIGHEJ_BLUEZ_SETTING_BREDR | SIGHEJ_BLUEZ_SETTING_LE;
  SighejBluezExposure exposure = { .settings_known = FALSE };

  g_assert_true (sighej_bluez_exposure_is_fit (&exposure));
  exposure.settings_known = TRUE;
  exposure.settings = all;
  g_assert_true (sighej_bluez_exposure_is_fit (&exposure));
  /* Off, an adapter may not have been asked yet what it can. */
  exposure.settings = 0;
  g_assert_true (sighej_bluez_exposure_is_fit (&exposure));
  exposure.settings = all & ~SIGHEJ_BLUEZ_SETTING_BREDR; /* no room beside the Flags */
  g_assert_false (sighej_bluez_exposure_is_fit (&exposure));
  exposure.settings = all & ~SIGHEJ_BLUEZ_SETTING_LE;
  g_assert_false (sighej_bluez_exposure_is_fit (&exposure));
}

/* ---- switches and paths ---- */

static void
write_switch (const char *folder, const char *entry, const char *const *files)
{
  g_autofree char *path = g_build_filename (folder, entry, NULL);

  g_assert_no_errno (g_mkdir_with_parents (path, 0700));
  for (guint i = 0; files[i] != NULL; i += 2)
    {
      g_autofree char *file = g_build_filename (path, files[i], NULL);

      g_assert_true (g_file_set_contents (file, files[i + 1], -1, NULL));
    }
}

static void
write_rfkill (
    const char *folder, const char *entry, const char *name, const char *soft, const char *hard)
{
  const char *const files[]
      = { "type", "bluetooth\n", "name", name, "soft", soft, "hard", hard, NULL };

  write_switch (folder, entry, files);
}

static void
test_switches_are_told_apart (void)
{
  g_autofree char *folder = sighej_test_dup_dir ();
  const char *const wifi[]
      = { "type", "wlan\n", "name", "phy0\n", "soft", "1\n", "hard", "1\n", NULL };

  g_assert_cmpint (sighej_bluez_rfkill_read ("/nonexistent", "hci0"), ==, SIGHEJ_REASON_NONE);
  write_switch (folder, "rfkill0", wifi);
  write_rfkill (folder, "rfkill1", "hci1\n", "1\n", "0\n");
  g_assert_cmpint (sighej_bluez_rfkill_read (folder, "hci0"), ==, SIGHEJ_REASON_NONE);
  g_assert_cmpint (sighej_bluez_rfkill_read (folder, NULL), ==, SIGHEJ_REASON_NONE);
  g_assert_cmpint (
      sighej_bluez_rfkill_read (folder, "hci1"), ==, SIGHEJ_REASON_BLUETOOTH_BLOCKED_SOFT);

  write_rfkill (folder, "rfkill2", "tpacpi_bluetooth_sw\n", "0\n", "1\n");
  g_assert_cmpint (
      sighej_bluez_rfkill_read (folder, "hci1"), ==, SIGHEJ_REASON_BLUETOOTH_BLOCKED_HARD);
  g_assert_cmpint (
      sighej_bluez_rfkill_read (folder, NULL), ==, SIGHEJ_REASON_BLUETOOTH_BLOCKED_HARD);
}

static void
test_only_adapters_paths_are_taken (void)
{
  guint16 index = 0;

  g_assert_true (sighej_bluez_adapter_parse_path ("/org/bluez/hci12", &index));
  g_assert_cmpuint (index, ==, 12);
  g_assert_false (sighej_bluez_adapter_parse_path ("/org/bluez/hci", NULL));
  g_assert_false (sighej_bluez_adapter_parse_path ("/org/bluez/hci0/dev_00", NULL));
  g_assert_false (sighej_bluez_adapter_parse_path ("/org/bluez/hci65536", NULL));
  g_assert_false (sighej_bluez_adapter_parse_path ("/org/bluez/hci-1", NULL));
  g_assert_false (sighej_bluez_adapter_parse_path ("/", NULL));
}

/* ---- listening ---- */

#define ADAPTER "/org/bluez/hci0"
#define DEVICE ADAPTER "/dev_01"
#define CROWD_PAUSE_US (50 * G_TIME_SPAN_MILLISECOND)

typedef struct
{
  GTestDBus *bus;
  GDBusConnection *bluetoothd; /* plays it */
  GDBusConnection *ours;
  SighejTestClock *clock;
  SighejBluezListener *listener;
  guint n_heard;
  guint n_alive;
  guint8 data[31];
  guint n_bytes;
  int rssi_dbm;
} Fixture;

static void
on_heard (Fixture *fixture, const guint8 *data, guint n_bytes, int rssi_dbm)
{
  fixture->n_heard++;
  g_assert_cmpuint (n_bytes, <=, sizeof fixture->data);
  memcpy (fixture->data, data, n_bytes);
  fixture->n_bytes = n_bytes;
  fixture->rssi_dbm = rssi_dbm;
}

static void
on_alive (Fixture *fixture)
{
  fixture->n_alive++;
}

/* The bus has done everything @connection asked of it before, its match rules too. */
static void
round_trip (GDBusConnection *connection)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (connection,
                                                            "org.freedesktop.DBus",
                                                            "/org/freedesktop/DBus",
                                                            "org.freedesktop.DBus.Peer",
                                                            "Ping",
                                                            NULL,
                                                            NULL,
                                                            G_DBUS_CALL_FLAGS_NONE,
                                                            -1,
                                                            NULL,
                                                            &error);

  g_assert_no_error (error);
  g_assert_nonnull (reply);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->bus = sighej_test_bus_up ();
  fixture->bluetoothd = sighej_test_bus_connect (fixture->bus);
  fixture->ours = sighej_test_bus_connect (fixture->bus);
  fixture->clock = sighej_test_clock_new ();
  fixture->listener = sighej_bluez_listener_new (SIGHEJ_CLOCK (fixture->clock), fixture->ours);
  g_signal_connect_swapped (fixture->listener, "heard", G_CALLBACK (on_heard), fixture);
  g_signal_connect_swapped (fixture->listener, "alive", G_CALLBACK (on_alive), fixture);
  sighej_bluez_listener_listen (
      fixture->listener, g_dbus_connection_get_unique_name (fixture->bluetoothd), ADAPTER);
  round_trip (fixture->ours);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  sighej_test_assert_finalized (fixture->listener);
  g_object_unref (fixture->clock);
  g_object_unref (fixture->ours);
  g_object_unref (fixture->bluetoothd);
  g_test_dbus_down (fixture->bus);
  g_object_unref (fixture->bus);
}

/* Everything emitted before has arrived. */
static void
arrive (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  g_dbus_connection_flush_sync (fixture->bluetoothd, NULL, &error);
  g_assert_no_error (error);
  round_trip (fixture->bluetoothd);
  round_trip (fixture->ours);
  sighej_test_settle ();
}

/* And the pause of a crowd is over. */
static void
flush (Fixture *fixture)
{
  arrive (fixture);
  sighej_test_clock_advance (fixture->clock, CROWD_PAUSE_US);
}

/* @n_bytes 0: no ServiceData; @rssi_dbm 0: no RSSI */
static GVariant *
device_properties (const char *uuid, gsize n_bytes, gint16 rssi_dbm)
{
  GVariantBuilder properties;
  GVariantBuilder services;
  guint8 bytes[64];

  for (guint i = 0; i < sizeof bytes; i++)
    bytes[i] = (guint8) i;
  g_variant_builder_init (&properties, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_init (&services, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (
      &services, "{sv}", uuid, g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, bytes, n_bytes, 1));
  if (n_bytes > 0)
    g_variant_builder_add (&properties, "{sv}", "ServiceData", g_variant_builder_end (&services));
  else
    g_variant_builder_clear (&services);
  if (rssi_dbm != 0)
    g_variant_builder_add (&properties, "{sv}", "RSSI", g_variant_new_int16 (rssi_dbm));

  return g_variant_builder_end (&properties);
}

static void
emit (Fixture *fixture,
      const char *path,
      const char *interface,
      const char *signal,
      GVariant *parameters)
{
  g_autoptr (GError) error = NULL;

  g_dbus_connection_emit_signal (
      fixture->bluetoothd, NULL, path, interface, signal, parameters, &error);
  g_assert_no_error (error);
}

static void
emit_added (Fixture *fixture, const char *path, GVariant *properties)
{
  GVariantBuilder interfaces;

  g_variant_builder_init (&interfaces, G_VARIANT_TYPE ("a{sa{sv}}"));
  g_variant_builder_add (&interfaces, "{s@a{sv}}", "org.bluez.Device1", properties);
  emit (fixture,
        "/",
        "org.freedesktop.DBus.ObjectManager",
        "InterfacesAdded",
        g_variant_new ("(oa{sa{sv}})", path, &interfaces));
}

static void
emit_removed (Fixture *fixture, const char *path)
{
  const char *const interfaces[] = { "org.bluez.Device1", NULL };

  emit (fixture,
        "/",
        "org.freedesktop.DBus.ObjectManager",
        "InterfacesRemoved",
        g_variant_new ("(o^as)", path, interfaces));
}

static void
emit_changed (Fixture *fixture, const char *path, GVariant *properties)
{
  emit (fixture,
        path,
        "org.freedesktop.DBus.Properties",
        "PropertiesChanged",
        g_variant_new ("(s@a{sv}as)", "org.bluez.Device1", properties, NULL));
}

static void
test_a_change_of_strength_alone_repeats_the_data (Fixture *fixture, gconstpointer data)
{
  emit_added (fixture, DEVICE, device_properties (SIGHEJ_SERVICE_UUID, 13, -60));
  emit_changed (fixture, DEVICE, device_properties (SIGHEJ_SERVICE_UUID, 0, -71));
  flush (fixture);
  g_assert_cmpuint (fixture->n_heard, ==, 2);
  g_assert_cmpuint (fixture->n_bytes, ==, 13);
  g_assert_cmpuint (fixture->data[12], ==, 12);
  g_assert_cmpint (fixture->rssi_dbm, ==, -71);

  emit_removed (fixture, DEVICE);
  emit_changed (fixture, DEVICE, device_properties (SIGHEJ_SERVICE_UUID, 0, -71));
  flush (fixture);
  g_assert_cmpuint (fixture->n_heard, ==, 2);
  g_assert_cmpuint (fixture->n_alive, ==, 3);
}

static void
test_unknown_strength_is_presence (Fixture *fixture, gconstpointer data)
{
  emit_added (fixture, DEVICE, device_properties (SIGHEJ_SERVICE_UUID, 13, 0));
  flush (fixture);
  g_assert_cmpint (fixture->rssi_dbm, ==, 127);
  emit_changed (fixture, DEVICE, device_properties (SIGHEJ_SERVICE_UUID, 0, 127));
  flush (fixture);
  g_assert_cmpuint (fixture->n_heard, ==, 2);
  g_assert_cmpint (fixture->rssi_dbm, ==, 127);
}

static void
test_others_are_only_signs_of_life (Fixture *fixture, gconstpointer data)
{
  emit_added (fixture, DEVICE, device_properties ("0000180f-0000-1000-8000-00805f9b34fb", 13, -60));
  emit_changed (fixture, DEVICE, device_properties (SIGHEJ_SERVICE_UUID, 0, -61));
  emit_added (fixture,
              "/org/bluez/hci1/dev_01",
              device_properties (SIGHEJ_SERVICE_UUID, 13, -60)); /* of another adapter */
  flush (fixture);
  g_assert_cmpuint (fixture->n_heard, ==, 0);
  g_assert_cmpuint (fixture->n_alive, ==, 2);
}

static void
test_too_long_data_is_cut_and_nonsense_ignored (Fixture *fixture, gconstpointer data)
{
  emit_added (fixture, DEVICE, device_properties (SIGHEJ_SERVICE_UUID, 64, -60));
  flush (fixture);
  g_assert_cmpuint (fixture->n_bytes, ==, 31);

  emit (fixture,
        "/",
        "org.freedesktop.DBus.ObjectManager",
        "InterfacesAdded",
        g_variant_new ("(s)", "nonsense"));
  emit (fixture,
        DEVICE,
        "org.freedesktop.DBus.Properties",
        "PropertiesChanged",
        g_variant_new ("(s)", "org.bluez.Device1"));
  flush (fixture);
  g_assert_cmpuint (fixture->n_heard, ==, 1);
}

static void
test_nobody_else_can_speak_for_bluetoothd (Fixture *fixture, gconstpointer data)
{
  GDBusConnection *bluetoothd = fixture->bluetoothd;

  fixture->bluetoothd = sighej_test_bus_connect (fixture->bus);
  emit_added (fixture, DEVICE, device_properties (SIGHEJ_SERVICE_UUID, 13, -60));
  flush (fixture);
  g_assert_cmpuint (fixture->n_alive, ==, 0);
  g_object_unref (fixture->bluetoothd);
  fixture->bluetoothd = bluetoothd;
}

static guint64
get_counter (Fixture *fixture, const char *name)
{
  g_autoptr (GVariant) counters = NULL;
  GVariantBuilder builder;
  guint64 value = G_MAXUINT64;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{st}"));
  sighej_bluez_listener_count (fixture->listener, &builder);
  counters = g_variant_ref_sink (g_variant_builder_end (&builder));
  g_assert_true (g_variant_lookup (counters, name, "t", &value));

  return value;
}

static void
test_more_than_2000_packets_a_second_are_dropped (Fixture *fixture, gconstpointer data)
{
  emit_added (fixture, DEVICE, device_properties (SIGHEJ_SERVICE_UUID, 13, -60));
  for (guint i = 0; i < SIGHEJ_BLUEZ_PACKETS_PER_SECOND_MAX + 9; i++)
    emit_changed (fixture, DEVICE, device_properties (SIGHEJ_SERVICE_UUID, 0, -61));
  flush (fixture);
  g_assert_cmpuint (fixture->n_heard, ==, SIGHEJ_BLUEZ_PACKETS_PER_SECOND_MAX);
  g_assert_cmpuint (get_counter (fixture, "radio.dropped-rate"), ==, 10);

  sighej_test_clock_advance (fixture->clock, G_USEC_PER_SEC);
  emit_changed (fixture, DEVICE, device_properties (SIGHEJ_SERVICE_UUID, 0, -61));
  flush (fixture);
  g_assert_cmpuint (fixture->n_heard, ==, SIGHEJ_BLUEZ_PACKETS_PER_SECOND_MAX + 1);
}

static void
test_the_oldest_of_too_many_devices_is_forgotten (Fixture *fixture, gconstpointer data)
{
  const guint n_devices = SIGHEJ_BLUEZ_DEVICES_MAX + 1;

  for (guint i = 0; i < n_devices; i++)
    {
      g_autofree char *path = g_strdup_printf (ADAPTER "/dev_%u", i);

      emit_added (fixture, path, device_properties (SIGHEJ_SERVICE_UUID, 13, -60));
      if (i % 1000 == 999)
        {
          flush (fixture);
          sighej_test_clock_advance (fixture->clock, G_USEC_PER_SEC);
        }
    }
  flush (fixture);
  g_assert_cmpuint (fixture->n_heard, ==, n_devices);
  g_assert_cmpuint (get_counter (fixture, "radio.devices-evicted"), ==, 1);

  emit_changed (fixture, ADAPTER "/dev_0", device_properties (SIGHEJ_SERVICE_UUID, 0, -61));
  emit_changed (fixture, ADAPTER "/dev_1", device_properties (SIGHEJ_SERVICE_UUID, 0, -61));
  flush (fixture);
  g_assert_cmpuint (fixture->n_heard, ==, n_devices + 1);
}

static void
test_nothing_is_taken_once_it_stopped (Fixture *fixture, gconstpointer data)
{
  sighej_bluez_listener_listen (fixture->listener, NULL, NULL);
  emit_added (fixture, DEVICE, device_properties (SIGHEJ_SERVICE_UUID, 13, -60));
  flush (fixture);
  g_assert_cmpuint (fixture->n_alive, ==, 0);
}

/* @n_packets of one device, and they arrive. */
static void
hear_packets (Fixture *fixture, guint n_packets)
{
  for (guint i = 0; i < n_packets; i++)
    emit_changed (fixture, DEVICE, device_properties (SIGHEJ_SERVICE_UUID, 13, -61));
  arrive (fixture);
}

static void
test_a_crowd_is_told_in_turns (Fixture *fixture, gconstpointer data)
{
  hear_packets (fixture, 1);
  g_assert_cmpuint (fixture->n_heard, ==, 1); /* few: at once */
  hear_packets (fixture, 1);
  g_assert_cmpuint (fixture->n_heard, ==, 2); /* so soon: now there is a crowd */
  hear_packets (fixture, 3);
  g_assert_cmpuint (fixture->n_heard, ==, 2);
  sighej_test_clock_advance (fixture->clock, CROWD_PAUSE_US);
  g_assert_cmpuint (fixture->n_heard, ==, 5);

  hear_packets (fixture, 1);
  g_assert_cmpuint (fixture->n_heard, ==, 5);
  sighej_test_clock_advance (fixture->clock, CROWD_PAUSE_US);
  g_assert_cmpuint (fixture->n_heard, ==, 6); /* one in a whole pause is no crowd */
  sighej_test_clock_advance (fixture->clock, CROWD_PAUSE_US);
  hear_packets (fixture, 1);
  g_assert_cmpuint (fixture->n_heard, ==, 7);
}

static void
test_nothing_of_a_crowd_is_left_for_later (Fixture *fixture, gconstpointer data)
{
  hear_packets (fixture, 1);
  hear_packets (fixture, 1);
  hear_packets (fixture, 3);
  sighej_bluez_listener_flush (fixture->listener);
  g_assert_cmpuint (fixture->n_heard, ==, 5);
  sighej_test_clock_advance (fixture->clock, CROWD_PAUSE_US);
  g_assert_cmpuint (fixture->n_heard, ==, 5);
}

static void
stop_listening (Fixture *fixture)
{
  sighej_bluez_listener_listen (fixture->listener, NULL, NULL);
}

static void
test_who_hears_may_stop_it_among_many (Fixture *fixture, gconstpointer data)
{
  g_signal_connect_swapped (fixture->listener, "heard", G_CALLBACK (stop_listening), fixture);
  hear_packets (fixture, 3);
  g_assert_cmpuint (fixture->n_heard, ==, 1);
  flush (fixture);
  g_assert_cmpuint (fixture->n_heard, ==, 1);
}

static void
listen_elsewhere (Fixture *fixture)
{
  sighej_bluez_listener_listen (fixture->listener,
                                g_dbus_connection_get_unique_name (fixture->bluetoothd),
                                "/org/bluez/hci1");
}

static void
test_what_waits_for_another_adapter_is_void (Fixture *fixture, gconstpointer data)
{
  hear_packets (fixture, 1);
  hear_packets (fixture, 1);
  hear_packets (fixture, 3);
  listen_elsewhere (fixture);
  round_trip (fixture->ours);
  hear_packets (fixture, 1);
  emit_added (fixture, "/org/bluez/hci1/dev_01", device_properties (SIGHEJ_SERVICE_UUID, 13, -60));
  flush (fixture);
  g_assert_cmpuint (fixture->n_heard, ==, 3);
  g_assert_cmpint (fixture->rssi_dbm, ==, -60);
}

/* ---- the radio where there is no bluetoothd ---- */

static void
on_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  gboolean *stopped = user_data;
  g_autoptr (GError) error = NULL;

  g_assert_true (sighej_radio_stop_finish (SIGHEJ_RADIO (source), result, &error));
  g_assert_no_error (error);
  *stopped = TRUE;
}

static void
check_radio_without_bluetoothd (GDBusConnection *bus)
{
  SighejTestClock *clock = sighej_test_clock_new ();
  SighejRadio *radio = sighej_radio_bluez_new (SIGHEJ_CLOCK (clock), bus, "/nonexistent");
  SighejPayload payload = { .flags = SIGHEJ_PAYLOAD_OPEN, .tx_cal_dbm = -59 };
  gboolean stopped = FALSE;

  sighej_radio_start (radio);
  sighej_radio_set_payload (radio, &payload);
  sighej_radio_set_scan (radio, SIGHEJ_SCAN_CONTINUOUS);
  sighej_test_settle ();
  g_assert_cmpint (sighej_radio_get_trouble (radio), ==, SIGHEJ_REASON_BLUETOOTH_MISSING);
  g_assert_false (sighej_radio_get_on_air (radio, NULL));
  g_assert_false (sighej_radio_get_scanning (radio));

  sighej_radio_stop_async (radio, on_stopped, &stopped);
  WAIT_UNTIL (stopped);
  sighej_test_assert_finalized (radio);
  g_object_unref (clock);
}

static void
test_without_a_bus_bluetooth_is_missing (void)
{
  check_radio_without_bluetoothd (NULL);
}

static void
test_without_bluetoothd_bluetooth_is_missing (Fixture *fixture, gconstpointer data)
{
  check_radio_without_bluetoothd (fixture->ours);
}

static void
test_a_closed_bus_is_survived (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_dbus_connection_close_sync (fixture->ours, NULL, &error);
  g_assert_no_error (error);
  check_radio_without_bluetoothd (fixture->ours);
}

#define ADD(name, test) g_test_add (name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/bluez/advertiser/unregisters-before-it-registers",
                   test_advertiser_unregisters_before_it_registers);
  g_test_add_func ("/bluez/advertiser/never-unregisters-while-registering",
                   test_advertiser_never_unregisters_while_registering);
  g_test_add_func ("/bluez/every-state-leads-to-silence-and-back",
                   test_every_state_leads_to_silence_and_back);
  g_test_add_func ("/bluez/scanner/takes-its-monitor-down-before-it-is-off",
                   test_scanner_takes_its_monitor_down_before_it_is_off);
  g_test_add_func ("/bluez/guard/judges-exposure-as-the-table-says",
                   test_exposure_is_judged_as_the_table_says);
  g_test_add_func ("/bluez/guard/needs-le-and-bredr",
                   test_an_adapter_without_le_or_bredr_is_not_fit);
  g_test_add_func ("/bluez/rfkill/tells-switches-apart", test_switches_are_told_apart);
  g_test_add_func ("/bluez/adapters/takes-only-their-paths", test_only_adapters_paths_are_taken);
  ADD ("/bluez/listener/repeats-data-when-only-the-strength-changes",
       test_a_change_of_strength_alone_repeats_the_data);
  ADD ("/bluez/listener/takes-unknown-strength-as-presence", test_unknown_strength_is_presence);
  ADD ("/bluez/listener/takes-others-as-signs-of-life", test_others_are_only_signs_of_life);
  ADD ("/bluez/listener/cuts-what-is-too-long", test_too_long_data_is_cut_and_nonsense_ignored);
  ADD ("/bluez/listener/believes-bluetoothd-only", test_nobody_else_can_speak_for_bluetoothd);
  ADD ("/bluez/listener/drops-above-2000-packets-a-second",
       test_more_than_2000_packets_a_second_are_dropped);
  ADD ("/bluez/listener/forgets-the-oldest-of-too-many-devices",
       test_the_oldest_of_too_many_devices_is_forgotten);
  ADD ("/bluez/listener/takes-nothing-once-it-stopped", test_nothing_is_taken_once_it_stopped);
  ADD ("/bluez/listener/tells-a-crowd-in-turns", test_a_crowd_is_told_in_turns);
  ADD ("/bluez/listener/leaves-nothing-for-the-next-scan",
       test_nothing_of_a_crowd_is_left_for_later);
  ADD ("/bluez/listener/stops-among-many", test_who_hears_may_stop_it_among_many);
  ADD ("/bluez/listener/forgets-what-waits-when-it-turns-elsewhere",
       test_what_waits_for_another_adapter_is_void);
  g_test_add_func ("/bluez/radio/is-missing-without-a-bus",
                   test_without_a_bus_bluetooth_is_missing);
  ADD ("/bluez/radio/is-missing-without-bluetoothd", test_without_bluetoothd_bluetooth_is_missing);
  ADD ("/bluez/radio/survives-a-closed-bus", test_a_closed_bus_is_survived);

  return g_test_run ();
}
