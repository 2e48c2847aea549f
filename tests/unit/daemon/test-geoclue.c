/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-geoclue.h"

#include <math.h>
#include <string.h>

#include "sighej-error.h"
#include "sighej-names.h"
#include "sighej-test.h"

#define NAME "org.freedesktop.GeoClue2"
#define ROOT "/org/freedesktop/GeoClue2"
#define MANAGER_PATH ROOT "/Manager"
#define S(seconds) ((gint64) (seconds) *G_USEC_PER_SEC)
#define CLIENTS_MAX 4

/* A private bus with a GeoClue that does as it is told, and what our side heard of it. */
typedef struct
{
  GTestDBus *test_bus;
  GDBusConnection *service;
  GDBusConnection *bus;
  GDBusNodeInfo *node;
  SighejTestClock *clock;
  SighejGeoclue *geoclue;

  /* what it does */
  const char *refusal; /* (nullable): D-Bus error of Start */
  gboolean hold;       /* CreateClient waits in held */
  GDBusMethodInvocation *held;
  double latitude;
  double longitude;
  double accuracy_m;
  guint64 seconds;

  /* what it was asked */
  guint n_made;
  guint n_deleted;
  guint n_started;
  guint n_read;
  char *desktop_id;
  guint level;
  gboolean complete_at_start; /* both were there before Start */

  /* what our side was told */
  guint n_changed;
  guint n_fixes;
  SighejPosition fix;
} Fixture;

static const char xml[] = "<node>"
                          "<interface name='org.freedesktop.GeoClue2.Manager'>"
                          "<method name='CreateClient'><arg type='o' direction='out'/></method>"
                          "<method name='DeleteClient'><arg type='o' direction='in'/></method>"
                          "</interface>"
                          "<interface name='org.freedesktop.GeoClue2.Client'>"
                          "<method name='Start'/><method name='Stop'/>"
                          "<signal name='LocationUpdated'><arg type='o'/><arg type='o'/></signal>"
                          "<property name='DesktopId' type='s' access='readwrite'/>"
                          "<property name='RequestedAccuracyLevel' type='u' access='readwrite'/>"
                          "</interface>"
                          "<interface name='org.freedesktop.GeoClue2.Location'>"
                          "<property name='Latitude' type='d' access='read'/>"
                          "<property name='Longitude' type='d' access='read'/>"
                          "<property name='Accuracy' type='d' access='read'/>"
                          "<property name='Timestamp' type='(tt)' access='read'/>"
                          "</interface></node>";

/* ---- the service ---- */

static char *
client_path (guint number)
{
  return g_strdup_printf (ROOT "/Client/%u", number);
}

static void
create_client (Fixture *fixture, GDBusMethodInvocation *invocation)
{
  g_autofree char *path = client_path (++fixture->n_made);

  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(o)", path));
}

static void
start_client (Fixture *fixture, GDBusMethodInvocation *invocation)
{
  fixture->n_started++;
  fixture->complete_at_start = fixture->desktop_id != NULL && fixture->level != 0;
  if (fixture->refusal != NULL)
    g_dbus_method_invocation_return_dbus_error (
        invocation, fixture->refusal, "'org.sighej' at 55.676 disallowed");
  else
    g_dbus_method_invocation_return_value (invocation, NULL);
}

static void
on_call (GDBusConnection *connection,
         const char *sender,
         const char *path,
         const char *interface,
         const char *method,
         GVariant *parameters,
         GDBusMethodInvocation *invocation,
         gpointer user_data)
{
  Fixture *fixture = user_data;

  if (g_str_equal (method, "CreateClient") && fixture->hold)
    fixture->held = invocation;
  else if (g_str_equal (method, "CreateClient"))
    create_client (fixture, invocation);
  else if (g_str_equal (method, "Start"))
    start_client (fixture, invocation);
  else
    {
      fixture->n_deleted += g_str_equal (method, "DeleteClient");
      g_dbus_method_invocation_return_value (invocation, NULL);
    }
}

static gboolean
on_set (GDBusConnection *connection,
        const char *sender,
        const char *path,
        const char *interface,
        const char *property,
        GVariant *value,
        GError **error,
        gpointer user_data)
{
  Fixture *fixture = user_data;

  if (g_str_equal (property, "DesktopId"))
    {
      g_free (fixture->desktop_id);
      fixture->desktop_id = g_variant_dup_string (value, NULL);
    }
  else
    fixture->level = g_variant_get_uint32 (value);
  return TRUE;
}

static GVariant *
on_get (GDBusConnection *connection,
        const char *sender,
        const char *path,
        const char *interface,
        const char *property,
        GError **error,
        gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->n_read += g_str_equal (property, "Latitude");
  if (g_str_equal (property, "Latitude"))
    return g_variant_new_double (fixture->latitude);
  if (g_str_equal (property, "Longitude"))
    return g_variant_new_double (fixture->longitude);
  if (g_str_equal (property, "Accuracy"))
    return g_variant_new_double (fixture->accuracy_m);
  return g_variant_new ("(tt)", fixture->seconds, (guint64) 500000);
}

static void
serve (Fixture *fixture, const char *path, const char *interface)
{
  static const GDBusInterfaceVTable vtable
      = { .method_call = on_call, .get_property = on_get, .set_property = on_set };

  g_assert_cmpuint (g_dbus_connection_register_object (
                        fixture->service,
                        path,
                        g_dbus_node_info_lookup_interface (fixture->node, interface),
                        &vtable,
                        fixture,
                        NULL,
                        NULL),
                    !=,
                    0);
}

static void
geoclue_comes (Fixture *fixture)
{
  g_autoptr (GVariant) reply = NULL;

  fixture->service = sighej_test_bus_connect (fixture->test_bus);
  serve (fixture, MANAGER_PATH, "org.freedesktop.GeoClue2.Manager");
  serve (fixture, ROOT "/Location", "org.freedesktop.GeoClue2.Location");
  for (guint i = 1; i <= CLIENTS_MAX; i++)
    {
      g_autofree char *path = client_path (i);

      serve (fixture, path, "org.freedesktop.GeoClue2.Client");
    }
  reply = g_dbus_connection_call_sync (fixture->service,
                                       "org.freedesktop.DBus",
                                       "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus",
                                       "RequestName",
                                       g_variant_new ("(su)", NAME, 0),
                                       NULL,
                                       G_DBUS_CALL_FLAGS_NONE,
                                       -1,
                                       NULL,
                                       NULL);
  g_assert_nonnull (reply);
}

static void
geoclue_goes (Fixture *fixture)
{
  g_dbus_connection_close_sync (fixture->service, NULL, NULL);
  g_clear_object (&fixture->service);
}

/* The newest client's position is another. */
static void
move_to (Fixture *fixture, double latitude, double longitude, double accuracy_m)
{
  g_autofree char *path = client_path (fixture->n_made);

  fixture->latitude = latitude;
  fixture->longitude = longitude;
  fixture->accuracy_m = accuracy_m;
  g_assert_true (g_dbus_connection_emit_signal (fixture->service,
                                                NULL,
                                                path,
                                                "org.freedesktop.GeoClue2.Client",
                                                "LocationUpdated",
                                                g_variant_new ("(oo)", "/", ROOT "/Location"),
                                                NULL));
}

/* ---- our side ---- */

static void
on_changed (SighejGeoclue *geoclue, Fixture *fixture)
{
  fixture->n_changed++;
}

static void
on_fix (SighejGeoclue *geoclue, const SighejPosition *position, Fixture *fixture)
{
  fixture->n_fixes++;
  fixture->fix = *position;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->test_bus = sighej_test_bus_up ();
  fixture->node = g_dbus_node_info_new_for_xml (xml, NULL);
  g_assert_nonnull (fixture->node);
  fixture->bus = sighej_test_bus_connect (fixture->test_bus);
  fixture->clock = sighej_test_clock_new ();
  fixture->geoclue = sighej_geoclue_new (fixture->bus, SIGHEJ_CLOCK (fixture->clock));
  fixture->seconds
      = (guint64) (sighej_clock_wall_us (SIGHEJ_CLOCK (fixture->clock)) / G_USEC_PER_SEC) - 2;
  g_signal_connect (fixture->geoclue, "changed", G_CALLBACK (on_changed), fixture);
  g_signal_connect (fixture->geoclue, "fix", G_CALLBACK (on_fix), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  sighej_test_assert_finalized (fixture->geoclue);
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
  sighej_test_assert_finalized (fixture->clock);
  if (fixture->service != NULL)
    geoclue_goes (fixture);
  g_dbus_connection_close_sync (fixture->bus, NULL, NULL);
  g_object_unref (fixture->bus);
  g_dbus_node_info_unref (fixture->node);
  g_test_dbus_down (fixture->test_bus);
  g_object_unref (fixture->test_bus);
  g_free (fixture->desktop_id);
}

static gboolean
is_in (Fixture *fixture, SighejGeoclueState state)
{
  return sighej_geoclue_get_state (fixture->geoclue) == state;
}

static void
assert_says (Fixture *fixture, int code, const char *word)
{
  const GError *error = sighej_geoclue_get_error (fixture->geoclue);

  g_assert_error (error, SIGHEJ_ERROR, code);
  g_assert_nonnull (strstr (error->message, word));
  /* What GeoClue says may hold a position; what we say does not. */
  g_assert_null (strstr (error->message, "55"));
}

static void
search (Fixture *fixture)
{
  geoclue_comes (fixture);
  sighej_geoclue_set_wanted (fixture->geoclue, TRUE);
  WAIT_UNTIL (is_in (fixture, SIGHEJ_GEOCLUE_SEARCHING));
}

/* ---- tests ---- */

static void
test_asks_nothing_unless_wanted (Fixture *fixture, gconstpointer data)
{
  geoclue_comes (fixture);
  sighej_test_settle ();

  g_assert_true (is_in (fixture, SIGHEJ_GEOCLUE_OFF));
  g_assert_cmpuint (fixture->n_made, ==, 0);
}

static void
test_tells_where_it_is (Fixture *fixture, gconstpointer data)
{
  search (fixture);
  g_assert_true (fixture->complete_at_start);
  g_assert_cmpstr (fixture->desktop_id, ==, SIGHEJ_DESKTOP_ID);
  g_assert_cmpuint (fixture->level, ==, 8);

  move_to (fixture, 55.5, -12.25, 7.5);
  WAIT_UNTIL (fixture->n_fixes == 1);
  g_assert_true (is_in (fixture, SIGHEJ_GEOCLUE_FIXED));
  g_assert_cmpfloat (fixture->fix.latitude, ==, 55.5);
  g_assert_cmpfloat (fixture->fix.longitude, ==, -12.25);
  g_assert_cmpfloat (fixture->fix.accuracy_m, ==, 7.5);
  g_assert_cmpint (fixture->fix.taken_us, ==, S (fixture->seconds) + 500000);

  move_to (fixture, 55.5, -12, 0);
  WAIT_UNTIL (fixture->n_fixes == 2);
  g_assert_cmpfloat (fixture->fix.accuracy_m, ==, SIGHEJ_POSITION_ACCURACY_M_MIN);
}

static void
test_stops_at_once (Fixture *fixture, gconstpointer data)
{
  search (fixture);
  move_to (fixture, 55.5, 12, 10);
  WAIT_UNTIL (fixture->n_fixes == 1);

  /* one more is on its way */
  move_to (fixture, 55.6, 12, 10);
  sighej_geoclue_set_wanted (fixture->geoclue, FALSE);
  g_assert_true (is_in (fixture, SIGHEJ_GEOCLUE_OFF));
  WAIT_UNTIL (fixture->n_deleted == 1);
  sighej_test_settle ();
  g_assert_cmpuint (fixture->n_fixes, ==, 1);

  sighej_geoclue_set_wanted (fixture->geoclue, TRUE);
  WAIT_UNTIL (is_in (fixture, SIGHEJ_GEOCLUE_SEARCHING));
  g_assert_cmpuint (fixture->n_made, ==, 2);
}

static void
test_stops_while_asking (Fixture *fixture, gconstpointer data)
{
  geoclue_comes (fixture);
  fixture->hold = TRUE;
  sighej_geoclue_set_wanted (fixture->geoclue, TRUE);
  g_assert_true (is_in (fixture, SIGHEJ_GEOCLUE_ASKING));
  WAIT_UNTIL (fixture->held != NULL);
  sighej_geoclue_set_wanted (fixture->geoclue, FALSE);

  create_client (fixture, g_steal_pointer (&fixture->held));
  WAIT_UNTIL (fixture->n_deleted == 1);
  g_assert_cmpuint (fixture->n_started, ==, 0);
  g_assert_true (is_in (fixture, SIGHEJ_GEOCLUE_OFF));
}

static void
test_says_that_it_is_missing (Fixture *fixture, gconstpointer data)
{
  sighej_geoclue_set_wanted (fixture->geoclue, TRUE);
  WAIT_UNTIL (is_in (fixture, SIGHEJ_GEOCLUE_FAILED));
  assert_says (fixture, SIGHEJ_ERROR_NOT_SUPPORTED, "geoclue-2.0");

  /* it is asked anew, not by itself */
  geoclue_comes (fixture);
  sighej_geoclue_set_wanted (fixture->geoclue, TRUE);
  g_assert_true (is_in (fixture, SIGHEJ_GEOCLUE_FAILED));
  sighej_geoclue_set_wanted (fixture->geoclue, FALSE);
  g_assert_null (sighej_geoclue_get_error (fixture->geoclue));
  sighej_geoclue_set_wanted (fixture->geoclue, TRUE);
  WAIT_UNTIL (is_in (fixture, SIGHEJ_GEOCLUE_SEARCHING));
}

static void
test_says_that_it_is_denied (Fixture *fixture, gconstpointer data)
{
  geoclue_comes (fixture);
  fixture->refusal = "org.freedesktop.DBus.Error.AccessDenied";
  sighej_geoclue_set_wanted (fixture->geoclue, TRUE);
  WAIT_UNTIL (is_in (fixture, SIGHEJ_GEOCLUE_FAILED));
  assert_says (fixture, SIGHEJ_ERROR_NOT_PERMITTED, "privacy settings");
  WAIT_UNTIL (fixture->n_deleted == 1);
}

static void
test_says_that_it_breaks (Fixture *fixture, gconstpointer data)
{
  geoclue_comes (fixture);
  fixture->refusal = "org.freedesktop.DBus.Error.Failed";
  sighej_geoclue_set_wanted (fixture->geoclue, TRUE);
  WAIT_UNTIL (is_in (fixture, SIGHEJ_GEOCLUE_FAILED));
  assert_says (fixture, SIGHEJ_ERROR_UNAVAILABLE, "does not work");
}

static void
test_says_that_it_is_gone (Fixture *fixture, gconstpointer data)
{
  search (fixture);
  geoclue_goes (fixture);
  WAIT_UNTIL (is_in (fixture, SIGHEJ_GEOCLUE_FAILED));
  assert_says (fixture, SIGHEJ_ERROR_UNAVAILABLE, "has stopped");
}

static void
test_says_that_there_is_no_fix (Fixture *fixture, gconstpointer data)
{
  search (fixture);
  sighej_test_clock_advance (fixture->clock, S (SIGHEJ_GEOCLUE_FIX_SECONDS) - 1);
  g_assert_null (sighej_geoclue_get_error (fixture->geoclue));
  sighej_test_clock_advance (fixture->clock, 1);
  assert_says (fixture, SIGHEJ_ERROR_UNAVAILABLE, "no exact position");
  g_assert_true (is_in (fixture, SIGHEJ_GEOCLUE_SEARCHING));

  move_to (fixture, 55.5, 12, 10);
  WAIT_UNTIL (fixture->n_fixes == 1);
  g_assert_null (sighej_geoclue_get_error (fixture->geoclue));
  g_assert_true (is_in (fixture, SIGHEJ_GEOCLUE_FIXED));
}

/* GeoClue waits for the desktop's agent, and the agent for the person. */
static void
test_says_that_it_waits (Fixture *fixture, gconstpointer data)
{
  geoclue_comes (fixture);
  fixture->hold = TRUE;
  sighej_geoclue_set_wanted (fixture->geoclue, TRUE);
  WAIT_UNTIL (fixture->held != NULL);
  sighej_test_clock_advance (fixture->clock, S (SIGHEJ_GEOCLUE_FIX_SECONDS));
  assert_says (fixture, SIGHEJ_ERROR_UNAVAILABLE, "no exact position");
  g_assert_true (is_in (fixture, SIGHEJ_GEOCLUE_ASKING));

  create_client (fixture, g_steal_pointer (&fixture->held));
  WAIT_UNTIL (is_in (fixture, SIGHEJ_GEOCLUE_SEARCHING));
  assert_says (fixture, SIGHEJ_ERROR_UNAVAILABLE, "no exact position");
}

/* What is rough or impossible counts for nothing. */
static void
test_takes_exact_positions_only (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    double latitude;
    double longitude;
    double accuracy_m;
  } bad[] = { { 55, 12, 100.5 }, { 55, 12, 25000 }, { 90.5, 12, 10 }, { 55, -180.5, 10 },
              { NAN, 12, 10 },   { 55, 12, NAN },   { 55, 12, -1 },   { 55, INFINITY, 10 } };

  search (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      move_to (fixture, bad[i].latitude, bad[i].longitude, bad[i].accuracy_m);
      WAIT_UNTIL (fixture->n_read == i + 1);
    }
  fixture->seconds -= SIGHEJ_POSITION_SKEW_SECONDS_MAX;
  move_to (fixture, 55, 12, 10);
  WAIT_UNTIL (fixture->n_read == G_N_ELEMENTS (bad) + 1);
  fixture->seconds += SIGHEJ_POSITION_SKEW_SECONDS_MAX;
  move_to (fixture, -90, 180, 100);
  WAIT_UNTIL (fixture->n_fixes == 1);
  g_assert_cmpfloat (fixture->fix.latitude, ==, -90);
}

static void
test_without_a_system_bus (void)
{
  SighejTestClock *clock = sighej_test_clock_new ();
  SighejGeoclue *geoclue = sighej_geoclue_new (NULL, SIGHEJ_CLOCK (clock));

  sighej_geoclue_set_wanted (geoclue, TRUE);
  g_assert_cmpint (sighej_geoclue_get_state (geoclue), ==, SIGHEJ_GEOCLUE_FAILED);
  g_assert_error (sighej_geoclue_get_error (geoclue), SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_SUPPORTED);
  sighej_test_assert_finalized (geoclue);
  sighej_test_assert_finalized (clock);
}

#define ADD(name, test) g_test_add ("/geoclue/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("asks-nothing-unless-wanted", test_asks_nothing_unless_wanted);
  ADD ("tells-where-it-is", test_tells_where_it_is);
  ADD ("stops-at-once", test_stops_at_once);
  ADD ("stops-while-asking", test_stops_while_asking);
  ADD ("says-that-it-is-missing", test_says_that_it_is_missing);
  ADD ("says-that-it-is-denied", test_says_that_it_is_denied);
  ADD ("says-that-it-breaks", test_says_that_it_breaks);
  ADD ("says-that-it-is-gone", test_says_that_it_is_gone);
  ADD ("says-that-there-is-no-fix", test_says_that_there_is_no_fix);
  ADD ("says-that-it-waits", test_says_that_it_waits);
  ADD ("takes-exact-positions-only", test_takes_exact_positions_only);
  g_test_add_func ("/geoclue/without-a-system-bus", test_without_a_system_bus);

  return g_test_run ();
}
