/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-bluez-power.h"

#include "sighej-bluez-adapters.h"
#include "sighej-bluez-request.h"
#include "sighej-test.h"

#define ADAPTER "/org/bluez/hci0"
#define HOUR ((gint64) SIGHEJ_BLUEZ_POWER_CYCLE_SECONDS * G_USEC_PER_SEC)
#define LIMIT ((gint64) SIGHEJ_BLUEZ_REQUEST_SECONDS * G_USEC_PER_SEC)

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
  gint n_swallow; /* (atomic): so many more are not answered */
  gint n_swallowed;
} Fixture;

/* In the connection's own thread. */
static GDBusMessage *
filter (GDBusConnection *connection, GDBusMessage *message, gboolean incoming, gpointer user_data)
{
  Fixture *fixture = user_data;

  if (!incoming || g_strcmp0 (g_dbus_message_get_member (message), "Set") != 0
      || g_atomic_int_get (&fixture->n_swallow) == 0)
    return message;

  g_atomic_int_dec_and_test (&fixture->n_swallow);
  g_atomic_int_inc (&fixture->n_swallowed);
  g_main_context_wakeup (NULL);
  g_object_unref (message);
  return NULL;
}

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
  g_dbus_connection_add_filter (fixture->daemon, filter, fixture, NULL);
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

static gboolean
is_in (Fixture *fixture, SighejBluezPowerState state)
{
  return sighej_bluez_power_get_state (fixture->power) == state;
}

/* Nothing is asked, and nothing will be. */
static void
wait_idle (Fixture *fixture)
{
  WAIT_UNTIL (is_in (fixture, SIGHEJ_BLUEZ_POWER_IDLE));
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
}

/* The next try, and no further. */
static void
wait_over (Fixture *fixture)
{
  sighej_test_clock_advance (fixture->clock, sighej_test_clock_next_us (fixture->clock));
  g_assert_true (is_in (fixture, SIGHEJ_BLUEZ_POWER_SWITCHING_ON));
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
  g_assert_true (is_in (fixture, SIGHEJ_BLUEZ_POWER_IDLE));
}

static void
test_off_and_on_and_not_again_for_an_hour (Fixture *fixture, gconstpointer data)
{
  cycle (fixture);
  cycle (fixture);
  wait_idle (fixture);
  g_assert_true (has_cycled (fixture, 1));
  g_assert_true (fixture->powered);

  sighej_test_clock_advance (fixture->clock, HOUR - 1);
  cycle (fixture);
  g_assert_true (is_in (fixture, SIGHEJ_BLUEZ_POWER_IDLE));
  sighej_test_clock_advance (fixture->clock, 1);
  cycle (fixture);
  g_assert_true (is_in (fixture, SIGHEJ_BLUEZ_POWER_SWITCHING_OFF));
  wait_idle (fixture);
  g_assert_true (has_cycled (fixture, 2));
}

/* Refused, it may be off all the same. */
static void
test_on_even_when_off_was_refused (Fixture *fixture, gconstpointer data)
{
  fixture->n_refuse = 1;
  cycle (fixture);
  wait_idle (fixture);
  g_assert_true (has_cycled (fixture, 1));
}

static void
test_on_is_tried_again (Fixture *fixture, gconstpointer data)
{
  fixture->n_refuse = 4;
  cycle (fixture);
  for (guint n_on = 1; n_on <= 3; n_on++)
    {
      WAIT_UNTIL (is_in (fixture, SIGHEJ_BLUEZ_POWER_RETRYING));
      g_assert_cmpuint (fixture->n_on, ==, n_on);
      wait_over (fixture);
    }
  wait_idle (fixture);
  g_assert_true (fixture->powered);
}

static void
test_no_answer_is_one (Fixture *fixture, gconstpointer data)
{
  g_atomic_int_set (&fixture->n_swallow, 2);
  cycle (fixture);
  WAIT_UNTIL (g_atomic_int_get (&fixture->n_swallowed) == 1);
  sighej_test_clock_advance (fixture->clock, LIMIT);
  g_assert_true (is_in (fixture, SIGHEJ_BLUEZ_POWER_SWITCHING_ON));
  WAIT_UNTIL (g_atomic_int_get (&fixture->n_swallowed) == 2);
  sighej_test_clock_advance (fixture->clock, LIMIT);
  g_assert_true (is_in (fixture, SIGHEJ_BLUEZ_POWER_RETRYING));
  wait_over (fixture);
  wait_idle (fixture);
  g_assert_cmpuint (fixture->n_on, ==, 1);
}

static void
test_tries_have_an_end (Fixture *fixture, gconstpointer data)
{
  fixture->n_refuse = G_MAXUINT;
  cycle (fixture);
  for (guint i = 0; i < SIGHEJ_BLUEZ_POWER_TRIES_MAX; i++)
    {
      WAIT_UNTIL (is_in (fixture, SIGHEJ_BLUEZ_POWER_RETRYING));
      wait_over (fixture);
    }
  wait_idle (fixture);
  g_assert_cmpuint (fixture->n_on, ==, SIGHEJ_BLUEZ_POWER_TRIES_MAX + 1);
}

static void
test_forgotten_with_bluetoothd (Fixture *fixture, gconstpointer data)
{
  cycle (fixture);
  sighej_bluez_power_forget (fixture->power);
  wait_idle (fixture);

  sighej_test_clock_advance (fixture->clock, HOUR);
  fixture->n_refuse = G_MAXUINT;
  cycle (fixture);
  WAIT_UNTIL (is_in (fixture, SIGHEJ_BLUEZ_POWER_RETRYING));
  sighej_bluez_power_forget (fixture->power);
  wait_idle (fixture);
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
  ADD ("no-answer-is-one", test_no_answer_is_one);
  ADD ("tries-have-an-end", test_tries_have_an_end);
  ADD ("forgotten-with-bluetoothd", test_forgotten_with_bluetoothd);
  ADD ("the-end-of-the-program", test_the_end_of_the_program_leaves_it_on);

  return g_test_run ();
}
