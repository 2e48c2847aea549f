/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-bluez-power.h"

#include "sighej-bluez-adapters.h"
#include "sighej-test.h"

#define ADAPTER "/org/bluez/hci0"
#define HOUR ((gint64) SIGHEJ_BLUEZ_POWER_CYCLE_SECONDS * G_USEC_PER_SEC)
#define RETRY_US_MAX (16 * G_USEC_PER_SEC)

/* A private bus with an adapter whose Powered can be set, or refuses to be. */
typedef struct
{
  GTestDBus *test_bus;
  GDBusConnection *daemon; /* bluetoothd's */
  GDBusConnection *bus;
  guint object_id;
  SighejTestClock *clock;
  SighejBluezPower *power;

  gboolean powered;
  guint n_off;
  guint n_on;
  guint n_refuse; /* so many more are refused */
} Fixture;

static gboolean
set_property (GDBusConnection *connection,
              const char *sender,
              const char *path,
              const char *interface,
              const char *property,
              GVariant *value,
              GError **error,
              gpointer user_data)
{
  Fixture *fixture = user_data;
  gboolean powered = g_variant_get_boolean (value);

  g_assert_cmpstr (property, ==, "Powered");
  if (powered)
    fixture->n_on++;
  else
    fixture->n_off++;
  if (fixture->n_refuse > 0)
    {
      fixture->n_refuse--;
      g_set_error_literal (error, G_DBUS_ERROR, G_DBUS_ERROR_FAILED, "busy");
      return FALSE;
    }
  fixture->powered = powered;
  return TRUE;
}

static void
register_adapter (Fixture *fixture)
{
  static const char xml[] = "<node><interface name='org.bluez.Adapter1'>"
                            "<property name='Powered' type='b' access='write'/>"
                            "</interface></node>";
  static const GDBusInterfaceVTable vtable = { .set_property = set_property };
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (xml, NULL);
  g_autoptr (GVariant) reply = NULL;

  g_assert_nonnull (node);
  fixture->object_id = g_dbus_connection_register_object (
      fixture->daemon, ADAPTER, node->interfaces[0], &vtable, fixture, NULL, NULL);
  g_assert_cmpuint (fixture->object_id, !=, 0);
  reply = g_dbus_connection_call_sync (fixture->daemon,
                                       "org.freedesktop.DBus",
                                       "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus",
                                       "RequestName",
                                       g_variant_new ("(su)", SIGHEJ_BLUEZ_NAME, 0),
                                       NULL,
                                       G_DBUS_CALL_FLAGS_NONE,
                                       -1,
                                       NULL,
                                       NULL);
  g_assert_nonnull (reply);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->test_bus = sighej_test_bus_up ();
  fixture->daemon = sighej_test_bus_connect (fixture->test_bus);
  fixture->bus = sighej_test_bus_connect (fixture->test_bus);
  fixture->powered = TRUE;
  register_adapter (fixture);
  fixture->clock = sighej_test_clock_new ();
  fixture->power = sighej_bluez_power_new (SIGHEJ_CLOCK (fixture->clock), fixture->bus);
  sighej_bluez_power_set_allowed (fixture->power, TRUE);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  if (fixture->power != NULL)
    sighej_test_assert_finalized (fixture->power);
  sighej_test_assert_finalized (fixture->clock);
  g_dbus_connection_unregister_object (fixture->daemon, fixture->object_id);
  g_dbus_connection_close_sync (fixture->bus, NULL, NULL);
  g_dbus_connection_close_sync (fixture->daemon, NULL, NULL);
  g_object_unref (fixture->bus);
  g_object_unref (fixture->daemon);
  g_test_dbus_down (fixture->test_bus);
  g_object_unref (fixture->test_bus);
}

/* The answer to what was asked last is there, once an answer to something later is. */
static void
flush (Fixture *fixture)
{
  g_autoptr (GVariant) reply = NULL;

  reply = g_dbus_connection_call_sync (fixture->bus,
                                       "org.freedesktop.DBus",
                                       "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus",
                                       "GetId",
                                       NULL,
                                       NULL,
                                       G_DBUS_CALL_FLAGS_NONE,
                                       -1,
                                       NULL,
                                       NULL);
  g_assert_nonnull (reply);
  sighej_test_settle ();
}

static void
cycle (Fixture *fixture)
{
  sighej_bluez_power_cycle (fixture->power, ADAPTER);
}

static gboolean
has_cycled (Fixture *fixture, guint n_cycles)
{
  return fixture->n_off == n_cycles && fixture->n_on == n_cycles;
}

static void
test_allowed_may_move (void)
{
  g_assert_true (
      sighej_bluez_power_may_move (SIGHEJ_BLUEZ_POWER_IDLE, SIGHEJ_BLUEZ_POWER_SWITCHING_OFF));
  g_assert_false (
      sighej_bluez_power_may_move (SIGHEJ_BLUEZ_POWER_IDLE, SIGHEJ_BLUEZ_POWER_SWITCHING_ON));
  g_assert_false (
      sighej_bluez_power_may_move (SIGHEJ_BLUEZ_POWER_SWITCHING_OFF, SIGHEJ_BLUEZ_POWER_RETRYING));
}

static void
test_never_unless_allowed (Fixture *fixture, gconstpointer data)
{
  sighej_bluez_power_set_allowed (fixture->power, FALSE);
  cycle (fixture);
  flush (fixture);
  g_assert_true (has_cycled (fixture, 0));
}

static void
test_off_and_on_and_not_again_for_an_hour (Fixture *fixture, gconstpointer data)
{
  cycle (fixture);
  cycle (fixture);
  WAIT_UNTIL (has_cycled (fixture, 1));
  g_assert_true (fixture->powered);
  flush (fixture);
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);

  sighej_test_clock_advance (fixture->clock, HOUR - 1);
  cycle (fixture);
  flush (fixture);
  g_assert_true (has_cycled (fixture, 1));
  sighej_test_clock_advance (fixture->clock, 1);
  cycle (fixture);
  WAIT_UNTIL (has_cycled (fixture, 2));
}

/* Refused, it may be off all the same. */
static void
test_on_even_when_off_was_refused (Fixture *fixture, gconstpointer data)
{
  fixture->n_refuse = 1;
  cycle (fixture);
  WAIT_UNTIL (has_cycled (fixture, 1));
}

static void
test_on_is_tried_again (Fixture *fixture, gconstpointer data)
{
  fixture->n_refuse = 4;
  cycle (fixture);
  for (guint n_on = 1; n_on <= 3; n_on++)
    {
      WAIT_UNTIL (fixture->n_on == n_on && sighej_test_clock_next_us (fixture->clock) != -1);
      sighej_test_clock_advance (fixture->clock, RETRY_US_MAX);
    }
  WAIT_UNTIL (fixture->n_on == 4);
  WAIT_UNTIL (fixture->powered);
  flush (fixture);
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
}

static void
test_tries_have_an_end (Fixture *fixture, gconstpointer data)
{
  fixture->n_refuse = G_MAXUINT;
  cycle (fixture);
  for (guint n_on = 1; n_on <= SIGHEJ_BLUEZ_POWER_TRIES_MAX; n_on++)
    {
      WAIT_UNTIL (fixture->n_on == n_on && sighej_test_clock_next_us (fixture->clock) != -1);
      sighej_test_clock_advance (fixture->clock, RETRY_US_MAX);
    }
  WAIT_UNTIL (fixture->n_on == SIGHEJ_BLUEZ_POWER_TRIES_MAX + 1);
  flush (fixture);
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
}

static void
test_forgotten_with_bluetoothd (Fixture *fixture, gconstpointer data)
{
  cycle (fixture);
  sighej_bluez_power_forget (fixture->power);
  WAIT_UNTIL (fixture->n_off == 1);
  flush (fixture);
  g_assert_cmpuint (fixture->n_on, ==, 0);

  sighej_test_clock_advance (fixture->clock, HOUR);
  fixture->n_refuse = 2;
  cycle (fixture);
  WAIT_UNTIL (fixture->n_on == 1 && sighej_test_clock_next_us (fixture->clock) != -1);
  sighej_bluez_power_forget (fixture->power);
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
  sighej_bluez_power_forget (fixture->power);
}

static void
test_the_end_of_the_program_leaves_it_on (Fixture *fixture, gconstpointer data)
{
  cycle (fixture);
  sighej_test_assert_finalized (g_steal_pointer (&fixture->power));
  WAIT_UNTIL (has_cycled (fixture, 1));
  g_assert_true (fixture->powered);
}

int
main (int argc, char **argv)
{
#define ADD(path, function)                                                                        \
  g_test_add ("/bluez-power/" path, Fixture, NULL, set_up, function, tear_down)

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bluez-power/may-move", test_allowed_may_move);
  ADD ("never-unless-allowed", test_never_unless_allowed);
  ADD ("once-an-hour", test_off_and_on_and_not_again_for_an_hour);
  ADD ("on-even-when-off-was-refused", test_on_even_when_off_was_refused);
  ADD ("on-is-tried-again", test_on_is_tried_again);
  ADD ("tries-have-an-end", test_tries_have_an_end);
  ADD ("forgotten-with-bluetoothd", test_forgotten_with_bluetoothd);
  ADD ("the-end-of-the-program", test_the_end_of_the_program_leaves_it_on);

  return g_test_run ();
}
