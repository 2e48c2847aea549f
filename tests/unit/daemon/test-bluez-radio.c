/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the BlueZ radio says and does when the world changes under it, against a bluetoothd of a
 * hundred lines in this very process. Everything that needs more of bluetoothd than this is in
 * tests/integration/radio and tests/vm.
 */
#include "config.h"

#include "sighej-enum-types.h"
#include "sighej-radio-bluez.h"
#include "sighej-test.h"

/* Of a number no machine has, should the kernel be asked about it. */
#define ADAPTER "/org/bluez/hci15"

/* How long settings must be harmless before it advertises again. */
#define CLEAR_WAIT_US (5 * G_USEC_PER_SEC)

/* How long bluetoothd is given to renew what is registered. */
#define RENEWAL_WAIT_US (100 * G_TIME_SPAN_MILLISECOND)

static const char bluez_xml[]
    = "<node>"
      "  <interface name='org.freedesktop.DBus.ObjectManager'>"
      "    <method name='GetManagedObjects'>"
      "      <arg type='a{oa{sa{sv}}}' direction='out'/>"
      "    </method>"
      "  </interface>"
      "  <interface name='org.bluez.LEAdvertisingManager1'>"
      "    <method name='RegisterAdvertisement'>"
      "      <arg type='o' direction='in'/><arg type='a{sv}' direction='in'/>"
      "    </method>"
      "    <method name='UnregisterAdvertisement'><arg type='o' direction='in'/></method>"
      "  </interface>"
      "</node>";

typedef struct
{
  GTestDBus *bus;
  GDBusConnection *bluetoothd; /* plays it */
  GDBusConnection *ours;
  GDBusNodeInfo *node;
  guint exported[2]; /* its objects */
  SighejTestClock *clock;
  SighejRadio *radio;
  char *switches;

  guint n_registered;
  char *advert;        /* the last one's path */
  guint32 interval_ms; /* its MinInterval, once read */
  guint n_unregistered;
  guint unregister_serial; /* of our message that asked for it */
  guint blocked_serial;    /* of the last message we had sent when "blocked" was told */
} Fixture;

/* ---- bluetoothd ---- */

static GVariant *
describe_adapter (void)
{
  GVariantBuilder interfaces;
  GVariantBuilder properties;

  g_variant_builder_init (&interfaces, G_VARIANT_TYPE ("a{sa{sv}}"));
  g_variant_builder_init (&properties, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&properties, "{sv}", "Powered", g_variant_new_boolean (TRUE));
  g_variant_builder_add (&properties, "{sv}", "Discoverable", g_variant_new_boolean (FALSE));
  g_variant_builder_add (&interfaces, "{sa{sv}}", "org.bluez.Adapter1", &properties);
  g_variant_builder_init (&properties, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&properties,
                         "{sv}",
                         "SupportedSecondaryChannels",
                         g_variant_new_strv ((const char *const[]){ "1M", NULL }, -1));
  g_variant_builder_add (&interfaces, "{sa{sv}}", "org.bluez.LEAdvertisingManager1", &properties);

  return g_variant_builder_end (&interfaces);
}

static GVariant *
describe_objects (void)
{
  GVariantBuilder objects;

  g_variant_builder_init (&objects, G_VARIANT_TYPE ("a{oa{sa{sv}}}"));
  g_variant_builder_add (&objects, "{o@a{sa{sv}}}", ADAPTER, describe_adapter ());

  return g_variant_new ("(a{oa{sa{sv}}})", &objects);
}

static void
on_call (GDBusConnection *bus,
         const char *sender,
         const char *path,
         const char *interface,
         const char *method,
         GVariant *parameters,
         GDBusMethodInvocation *invocation,
         gpointer user_data)
{
  Fixture *fixture = user_data;
  guint serial = g_dbus_message_get_serial (g_dbus_method_invocation_get_message (invocation));

  if (g_str_equal (method, "GetManagedObjects"))
    {
      g_dbus_method_invocation_return_value (invocation, describe_objects ());
      return;
    }
  if (g_str_equal (method, "RegisterAdvertisement"))
    {
      fixture->n_registered++;
      g_free (fixture->advert);
      g_variant_get (parameters, "(o@a{sv})", &fixture->advert, NULL);
    }
  else
    {
      fixture->n_unregistered++;
      fixture->unregister_serial = serial;
    }
  g_dbus_method_invocation_return_value (invocation, NULL);
}

static void
call_bus (GDBusConnection *connection, const char *method, GVariant *parameters)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (connection,
                                                            "org.freedesktop.DBus",
                                                            "/org/freedesktop/DBus",
                                                            "org.freedesktop.DBus",
                                                            method,
                                                            parameters,
                                                            NULL,
                                                            G_DBUS_CALL_FLAGS_NONE,
                                                            -1,
                                                            NULL,
                                                            &error);

  g_assert_no_error (error);
  g_assert_nonnull (reply);
}

static void
start_bluetoothd (Fixture *fixture)
{
  static const GDBusInterfaceVTable vtable = { .method_call = on_call };
  g_autoptr (GError) error = NULL;

  fixture->bluetoothd = sighej_test_bus_connect (fixture->bus);
  fixture->exported[0] = g_dbus_connection_register_object (
      fixture->bluetoothd, "/", fixture->node->interfaces[0], &vtable, fixture, NULL, &error);
  g_assert_no_error (error);
  fixture->exported[1] = g_dbus_connection_register_object (
      fixture->bluetoothd, ADAPTER, fixture->node->interfaces[1], &vtable, fixture, NULL, &error);
  g_assert_no_error (error);
  call_bus (fixture->bluetoothd, "RequestName", g_variant_new ("(su)", "org.bluez", 0));
}

/* Calls that are on their way find nobody, and not a fixture that is gone. */
static void
kill_bluetoothd (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (fixture->exported); i++)
    g_dbus_connection_unregister_object (fixture->bluetoothd, fixture->exported[i]);
  g_dbus_connection_close_sync (fixture->bluetoothd, NULL, &error);
  g_assert_no_error (error);
  g_clear_object (&fixture->bluetoothd);
}

static void
set_property (Fixture *fixture, const char *name, GVariant *value)
{
  g_autoptr (GError) error = NULL;
  GVariantBuilder changed;

  g_variant_builder_init (&changed, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&changed, "{sv}", name, value);
  g_dbus_connection_emit_signal (fixture->bluetoothd,
                                 NULL,
                                 ADAPTER,
                                 "org.freedesktop.DBus.Properties",
                                 "PropertiesChanged",
                                 g_variant_new ("(sa{sv}as)", "org.bluez.Adapter1", &changed, NULL),
                                 &error);
  g_assert_no_error (error);
}

/* As bluetoothd does in the middle of each registration and renewal. */
static void
write_power (Fixture *fixture)
{
  g_dbus_connection_call (
      fixture->bluetoothd,
      g_dbus_connection_get_unique_name (fixture->ours),
      fixture->advert,
      "org.freedesktop.DBus.Properties",
      "Set",
      g_variant_new ("(ssv)", "org.bluez.LEAdvertisement1", "TxPower", g_variant_new_int16 (7)),
      NULL,
      G_DBUS_CALL_FLAGS_NONE,
      -1,
      NULL,
      NULL,
      NULL);
}

/* ---- the radio ---- */

static void
on_privacy (Fixture *fixture)
{
  if (sighej_radio_get_privacy (fixture->radio) == SIGHEJ_PRIVACY_BLOCKED)
    fixture->blocked_serial = g_dbus_connection_get_last_serial (fixture->ours);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->bus = sighej_test_bus_up ();
  fixture->node = g_dbus_node_info_new_for_xml (bluez_xml, &error);
  g_assert_no_error (error);
  fixture->ours = sighej_test_bus_connect (fixture->bus);
  fixture->clock = sighej_test_clock_new ();
  fixture->switches = sighej_test_dup_dir ();
  start_bluetoothd (fixture);
  fixture->radio
      = sighej_radio_bluez_new (SIGHEJ_CLOCK (fixture->clock), fixture->ours, fixture->switches);
  g_signal_connect_swapped (fixture->radio, "notify::privacy", G_CALLBACK (on_privacy), fixture);
  sighej_radio_start (fixture->radio);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_signal_handlers_disconnect_by_data (fixture->radio, fixture);
  sighej_test_assert_finalized (fixture->radio);
  g_object_unref (fixture->clock);
  g_clear_object (&fixture->ours);
  if (fixture->bluetoothd != NULL)
    kill_bluetoothd (fixture);
  g_dbus_node_info_unref (fixture->node);
  g_free (fixture->switches);
  g_free (fixture->advert);
  g_test_dbus_down (fixture->bus);
  g_object_unref (fixture->bus);
}

static gboolean
is_on_air (Fixture *fixture)
{
  gboolean on_air;

  g_object_get (fixture->radio, "on-air", &on_air, NULL);
  return on_air;
}

static void
ping (GDBusConnection *connection)
{
  call_bus (connection, "GetId", NULL);
}

/* All that bluetoothd has said was taken, and what came of it has reached it. */
static void
settle (Fixture *fixture)
{
  ping (fixture->bluetoothd);
  ping (fixture->ours);
  sighej_test_settle ();
  ping (fixture->ours);
  ping (fixture->bluetoothd);
  sighej_test_settle ();
}

static void
advertise (Fixture *fixture)
{
  const SighejPayload payload = { .flags = SIGHEJ_PAYLOAD_OPEN, .tx_cal_dbm = -59 };

  WAIT_UNTIL (sighej_radio_get_trouble (fixture->radio) == SIGHEJ_REASON_NONE);
  sighej_radio_set_payload (fixture->radio, &payload);
  WAIT_UNTIL (is_on_air (fixture));
  sighej_test_settle ();
}

static void
test_it_withdraws_before_it_reports (Fixture *fixture, gconstpointer data)
{
  advertise (fixture);
  g_assert_cmpuint (fixture->n_unregistered, ==, 0);
  set_property (fixture, "Connectable", g_variant_new_boolean (TRUE));
  WAIT_UNTIL (fixture->n_unregistered == 1 && fixture->blocked_serial != 0);

  /* When it told, the order to withdraw had been given to the bus. */
  g_assert_cmpuint (fixture->unregister_serial, <=, fixture->blocked_serial);
  WAIT_UNTIL (sighej_radio_get_trouble (fixture->radio) == SIGHEJ_REASON_PRIVACY_BLOCKED);
  g_assert_false (is_on_air (fixture));
}

/* bluetoothd before 5.73 may crash when an advertisement goes in the middle of its renewal. */
static void
test_it_withdraws_after_a_renewal_and_then_reports (Fixture *fixture, gconstpointer data)
{
  advertise (fixture);
  set_property (fixture, "Discoverable", g_variant_new_boolean (TRUE));
  settle (fixture);
  g_assert_cmpuint (fixture->n_unregistered, ==, 0);
  g_assert_cmpuint (fixture->blocked_serial, ==, 0);

  write_power (fixture);
  WAIT_UNTIL (fixture->n_unregistered == 1 && fixture->blocked_serial != 0);
  g_assert_cmpuint (fixture->unregister_serial, <=, fixture->blocked_serial);
}

static void
test_it_does_not_wait_long_for_a_renewal (Fixture *fixture, gconstpointer data)
{
  advertise (fixture);
  set_property (fixture, "Discoverable", g_variant_new_boolean (TRUE));
  settle (fixture);
  g_assert_cmpuint (fixture->n_unregistered, ==, 0);
  sighej_test_clock_advance (fixture->clock, RENEWAL_WAIT_US);
  WAIT_UNTIL (fixture->n_unregistered == 1 && fixture->blocked_serial != 0);
  g_assert_cmpuint (fixture->unregister_serial, <=, fixture->blocked_serial);
}

static void
test_it_tells_of_a_bluetoothd_that_died_on_air (Fixture *fixture, gconstpointer data)
{
  advertise (fixture);
  kill_bluetoothd (fixture);
  WAIT_UNTIL (sighej_radio_get_trouble (fixture->radio) == SIGHEJ_REASON_BLUETOOTH_LOST);
  g_assert_false (is_on_air (fixture));
  g_assert_true (sighej_radio_get_on_air (fixture->radio, NULL));

  /* Nobody wants it any more, and yet it is there. */
  sighej_radio_set_payload (fixture->radio, NULL);
  sighej_test_settle ();
  g_assert_true (is_on_air (fixture));

  start_bluetoothd (fixture);
  WAIT_UNTIL (sighej_radio_get_trouble (fixture->radio) == SIGHEJ_REASON_NONE);
  g_assert_false (is_on_air (fixture));
  g_assert_false (sighej_radio_get_on_air (fixture->radio, NULL));
}

static void
test_a_silent_radio_does_not_care_for_bluetoothd_s_life (Fixture *fixture, gconstpointer data)
{
  WAIT_UNTIL (sighej_radio_get_trouble (fixture->radio) == SIGHEJ_REASON_NONE);
  kill_bluetoothd (fixture);
  WAIT_UNTIL (sighej_radio_get_trouble (fixture->radio) == SIGHEJ_REASON_BLUETOOTH_MISSING);
  g_assert_false (sighej_radio_get_on_air (fixture->radio, NULL));
}

static void
test_a_blocked_power_state_is_told_without_rfkill (Fixture *fixture, gconstpointer data)
{
  WAIT_UNTIL (sighej_radio_get_trouble (fixture->radio) == SIGHEJ_REASON_NONE);
  set_property (fixture, "Powered", g_variant_new_boolean (FALSE));
  WAIT_UNTIL (sighej_radio_get_trouble (fixture->radio) == SIGHEJ_REASON_BLUETOOTH_OFF);
  set_property (fixture, "PowerState", g_variant_new_string ("off-blocked"));
  WAIT_UNTIL (sighej_radio_get_trouble (fixture->radio) == SIGHEJ_REASON_BLUETOOTH_BLOCKED_SOFT);
  set_property (fixture, "PowerState", g_variant_new_string ("off"));
  WAIT_UNTIL (sighej_radio_get_trouble (fixture->radio) == SIGHEJ_REASON_BLUETOOTH_OFF);
}

static void
test_connectable_blocks_as_discoverable_does (Fixture *fixture, gconstpointer data)
{
  advertise (fixture);
  set_property (fixture, "Connectable", g_variant_new_boolean (TRUE));
  WAIT_UNTIL (sighej_radio_get_trouble (fixture->radio) == SIGHEJ_REASON_PRIVACY_BLOCKED);
  WAIT_UNTIL (fixture->n_unregistered == 1);
  set_property (fixture, "Connectable", g_variant_new_boolean (FALSE));
  WAIT_UNTIL (sighej_radio_get_privacy (fixture->radio) != SIGHEJ_PRIVACY_BLOCKED);
  sighej_test_clock_advance (fixture->clock, CLEAR_WAIT_US);
  WAIT_UNTIL (is_on_air (fixture));
  g_assert_cmpuint (fixture->n_registered, ==, 2);
}

static void
on_interval (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *fixture = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  g_assert_no_error (error);
  g_variant_get (reply, "(v)", &value);
  fixture->interval_ms = g_variant_get_uint32 (value);
}

/* As bluetoothd reads it. */
static void
assert_interval (Fixture *fixture, guint expected_ms)
{
  fixture->interval_ms = 0;
  g_dbus_connection_call (fixture->bluetoothd,
                          g_dbus_connection_get_unique_name (fixture->ours),
                          fixture->advert,
                          "org.freedesktop.DBus.Properties",
                          "Get",
                          g_variant_new ("(ss)", "org.bluez.LEAdvertisement1", "MinInterval"),
                          NULL,
                          G_DBUS_CALL_FLAGS_NONE,
                          -1,
                          NULL,
                          on_interval,
                          fixture);
  WAIT_UNTIL (fixture->interval_ms != 0);
  g_assert_cmpuint (fixture->interval_ms, ==, expected_ms);
}

static void
test_another_interval_waits_for_another_payload (Fixture *fixture, gconstpointer data)
{
  const SighejPayload next = { .flags = SIGHEJ_PAYLOAD_OPEN, .realm = 1, .tx_cal_dbm = -59 };

  advertise (fixture);
  assert_interval (fixture, 250);
  sighej_radio_set_interval (fixture->radio, sighej_interval_among (1000));
  sighej_test_settle ();
  g_assert_cmpuint (fixture->n_registered, ==, 1);
  assert_interval (fixture, 250);

  sighej_radio_set_payload (fixture->radio, &next);
  WAIT_UNTIL (fixture->n_registered == 2 && is_on_air (fixture));
  assert_interval (fixture, 1000);
}

#define ADD(name, test) g_test_add (name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("/bluez/radio/withdraws-before-it-reports", test_it_withdraws_before_it_reports);
  ADD ("/bluez/radio/withdraws-after-a-renewal-and-then-reports",
       test_it_withdraws_after_a_renewal_and_then_reports);
  ADD ("/bluez/radio/does-not-wait-long-for-a-renewal", test_it_does_not_wait_long_for_a_renewal);
  ADD ("/bluez/radio/tells-of-a-bluetoothd-that-died-on-air",
       test_it_tells_of_a_bluetoothd_that_died_on_air);
  ADD ("/bluez/radio/does-not-care-for-bluetoothd-while-silent",
       test_a_silent_radio_does_not_care_for_bluetoothd_s_life);
  ADD ("/bluez/radio/tells-a-blocked-power-state",
       test_a_blocked_power_state_is_told_without_rfkill);
  ADD ("/bluez/radio/keeps-the-interval-of-what-is-on-air",
       test_another_interval_waits_for_another_payload);
  ADD ("/bluez/radio/is-blocked-by-connectable", test_connectable_blocks_as_discoverable_does);

  return g_test_run ();
}
