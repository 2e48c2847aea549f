/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-client.h"
#include "sighej-names.h"
#include "sighej-test.h"

/**
 * Daemon:
 *
 * A daemon of three objects on a connection of its own, which can leave the bus and come back.
 */
typedef struct
{
  GDBusConnection *connection;
  SighejDBusManager1 *manager;
  SighejDBusDiagnostics1 *diagnostics;
  GDBusObjectManagerServer *objects;
  guint name_id;
  gboolean owns_name;
} Daemon;

typedef struct
{
  GTestDBus *bus;
  GDBusConnection *connection;
  SighejClient *client;
  Daemon daemon;
  gboolean connected;
  guint n_changed;
  guint added;
  guint removed;
  guint n_nudge_changes;
  guint meet_added;
  guint n_meet_changes;
  guint meet_removed;
  guint64 message_number;
  char *message;
} Fixture;

static void
on_name_acquired (GDBusConnection *connection, const char *name, gpointer user_data)
{
  ((Daemon *) user_data)->owns_name = TRUE;
}

static void
daemon_start (Daemon *daemon, GTestDBus *bus, const char *state)
{
  daemon->connection = sighej_test_bus_connect (bus);
  daemon->manager = sighej_dbus_manager1_skeleton_new ();
  daemon->diagnostics = sighej_dbus_diagnostics1_skeleton_new ();
  daemon->objects = g_dbus_object_manager_server_new (SIGHEJ_ROOT_PATH);
  daemon->owns_name = FALSE;
  sighej_dbus_manager1_set_state (daemon->manager, state);
  g_assert_true (g_dbus_interface_skeleton_export (
      G_DBUS_INTERFACE_SKELETON (daemon->manager), daemon->connection, SIGHEJ_ROOT_PATH, NULL));
  g_assert_true (g_dbus_interface_skeleton_export (
      G_DBUS_INTERFACE_SKELETON (daemon->diagnostics), daemon->connection, SIGHEJ_ROOT_PATH, NULL));
  g_dbus_object_manager_server_set_connection (daemon->objects, daemon->connection);
  daemon->name_id = g_bus_own_name_on_connection (daemon->connection,
                                                  SIGHEJ_BUS_NAME,
                                                  G_BUS_NAME_OWNER_FLAGS_NONE,
                                                  on_name_acquired,
                                                  NULL,
                                                  daemon,
                                                  NULL);
  WAIT_UNTIL (daemon->owns_name);
}

static void
daemon_add_nudge (Daemon *daemon, guint id)
{
  static const char *const shared[] = { "jazz", NULL };
  g_autofree char *path = sighej_client_nudge_path (id);
  g_autoptr (GDBusObjectSkeleton) object = g_dbus_object_skeleton_new (path);
  g_autoptr (SighejDBusNudge1) nudge = sighej_dbus_nudge1_skeleton_new ();

  sighej_dbus_nudge1_set_shared_interests (nudge, shared);
  g_dbus_object_skeleton_add_interface (object, G_DBUS_INTERFACE_SKELETON (nudge));
  g_dbus_object_manager_server_export (daemon->objects, object);
}

static SighejDBusMeet1 *
daemon_add_meet (Daemon *daemon, guint id)
{
  g_autofree char *path = sighej_client_meet_path (id);
  g_autoptr (GDBusObjectSkeleton) object = g_dbus_object_skeleton_new (path);
  SighejDBusMeet1 *meet = sighej_dbus_meet1_skeleton_new ();

  sighej_dbus_meet1_set_cue (meet, "Blue Heron");
  g_dbus_object_skeleton_add_interface (object, G_DBUS_INTERFACE_SKELETON (meet));
  g_dbus_object_manager_server_export (daemon->objects, object);
  return meet;
}

static void
daemon_stop (Daemon *daemon)
{
  if (daemon->connection == NULL)
    return;
  g_clear_handle_id (&daemon->name_id, g_bus_unown_name);
  g_dbus_object_manager_server_set_connection (daemon->objects, NULL);
  g_dbus_interface_skeleton_unexport (G_DBUS_INTERFACE_SKELETON (daemon->manager));
  g_dbus_interface_skeleton_unexport (G_DBUS_INTERFACE_SKELETON (daemon->diagnostics));
  g_dbus_connection_close_sync (daemon->connection, NULL, NULL);
  g_clear_object (&daemon->objects);
  g_clear_object (&daemon->manager);
  g_clear_object (&daemon->diagnostics);
  g_clear_object (&daemon->connection);
}

static void
on_changed (SighejClient *client, Fixture *fixture)
{
  fixture->n_changed++;
}

static void
on_added (SighejClient *client, guint id, SighejDBusNudge1 *nudge, Fixture *fixture)
{
  g_assert_cmpstr (sighej_dbus_nudge1_get_shared_interests (nudge)[0], ==, "jazz");
  fixture->added = id;
}

static void
on_removed (SighejClient *client, guint id, Fixture *fixture)
{
  fixture->removed = id;
}

static void
on_nudge_changed (SighejClient *client, guint id, SighejDBusNudge1 *nudge, Fixture *fixture)
{
  fixture->n_nudge_changes++;
}

static void
on_meet_added (SighejClient *client, guint id, SighejDBusMeet1 *meet, Fixture *fixture)
{
  g_assert_cmpstr (sighej_dbus_meet1_get_cue (meet), ==, "Blue Heron");
  fixture->meet_added = id;
}

static void
on_meet_changed (SighejClient *client, guint id, SighejDBusMeet1 *meet, Fixture *fixture)
{
  g_assert_cmpuint (id, ==, fixture->meet_added);
  g_assert_cmpstr (sighej_dbus_meet1_get_spot (meet), ==, "stairs");
  fixture->n_meet_changes++;
}

static void
on_meet_removed (SighejClient *client, guint id, Fixture *fixture)
{
  fixture->meet_removed = id;
}

static void
on_message (SighejClient *client, guint id, guint64 number, const char *text, Fixture *fixture)
{
  g_assert_cmpuint (id, ==, fixture->meet_added);
  fixture->message_number = number;
  g_assert_null (fixture->message);
  fixture->message = g_strdup (text);
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  sighej_client_connect_finish (SIGHEJ_CLIENT (source), result, &error);
  g_assert_no_error (error);
  ((Fixture *) user_data)->connected = TRUE;
}

static void
connect_client (Fixture *fixture, gboolean start_daemon)
{
  fixture->client = sighej_client_new (fixture->connection);
  g_signal_connect (fixture->client, "changed", G_CALLBACK (on_changed), fixture);
  g_signal_connect (fixture->client, "nudge-added", G_CALLBACK (on_added), fixture);
  g_signal_connect (fixture->client, "nudge-removed", G_CALLBACK (on_removed), fixture);
  g_signal_connect (fixture->client, "nudge-changed", G_CALLBACK (on_nudge_changed), fixture);
  g_signal_connect (fixture->client, "meet-added", G_CALLBACK (on_meet_added), fixture);
  g_signal_connect (fixture->client, "meet-changed", G_CALLBACK (on_meet_changed), fixture);
  g_signal_connect (fixture->client, "meet-removed", G_CALLBACK (on_meet_removed), fixture);
  g_signal_connect (fixture->client, "message", G_CALLBACK (on_message), fixture);
  sighej_client_connect_async (fixture->client, start_daemon, NULL, on_connected, fixture);
  WAIT_UNTIL (fixture->connected);
}

static const char *
get_state (Fixture *fixture)
{
  return sighej_dbus_manager1_get_state (sighej_client_get_manager (fixture->client));
}

static void
set_up (Fixture *fixture, gconstpointer user_data)
{
  fixture->bus = sighej_test_bus_up ();
  fixture->connection = sighej_test_bus_connect (fixture->bus);
}

static void
tear_down (Fixture *fixture, gconstpointer user_data)
{
  g_free (fixture->message);
  sighej_test_settle ();
  sighej_test_assert_finalized (fixture->client);
  daemon_stop (&fixture->daemon);
  g_dbus_connection_close_sync (fixture->connection, NULL, NULL);
  g_clear_object (&fixture->connection);
  g_test_dbus_down (fixture->bus);
  g_object_unref (fixture->bus);
}

static void
test_no_daemon_is_no_error (Fixture *fixture, gconstpointer user_data)
{
  connect_client (fixture, TRUE);
  g_assert_false (sighej_client_get_present (fixture->client));
  g_assert_null (get_state (fixture));
}

static void
test_reads_what_is_there (Fixture *fixture, gconstpointer user_data)
{
  g_autoptr (SighejDBusNudge1) nudge = NULL;
  g_autoptr (GArray) ids = NULL;

  daemon_start (&fixture->daemon, fixture->bus, "open");
  daemon_add_nudge (&fixture->daemon, 11);
  daemon_add_nudge (&fixture->daemon, 2);
  connect_client (fixture, FALSE);
  g_assert_true (sighej_client_get_present (fixture->client));
  g_assert_cmpstr (get_state (fixture), ==, "open");
  ids = sighej_client_dup_nudge_ids (fixture->client);
  g_assert_cmpuint (ids->len, ==, 2);
  g_assert_cmpuint (g_array_index (ids, guint, 0), ==, 2);
  g_assert_cmpuint (g_array_index (ids, guint, 1), ==, 11);
  nudge = sighej_client_dup_nudge (fixture->client, 11);
  g_assert_nonnull (nudge);
  g_assert_null (sighej_client_dup_nudge (fixture->client, 3));
}

static void
test_tells_changes_and_nudges (Fixture *fixture, gconstpointer user_data)
{
  g_autofree char *path = sighej_client_nudge_path (1);

  daemon_start (&fixture->daemon, fixture->bus, "open");
  connect_client (fixture, FALSE);
  sighej_dbus_manager1_set_state (fixture->daemon.manager, "paused");
  WAIT_UNTIL (fixture->n_changed > 0);
  g_assert_cmpstr (get_state (fixture), ==, "paused");

  daemon_add_nudge (&fixture->daemon, 1);
  WAIT_UNTIL (fixture->added == 1);
  g_assert_true (g_dbus_object_manager_server_unexport (fixture->daemon.objects, path));
  WAIT_UNTIL (fixture->removed == 1);
}

static void
test_tells_of_meets (Fixture *fixture, gconstpointer user_data)
{
  g_autofree char *path = sighej_client_meet_path (3);
  g_autoptr (SighejDBusMeet1) exported = NULL;
  g_autoptr (SighejDBusMeet1) meet = NULL;
  g_autoptr (GArray) ids = NULL;

  daemon_start (&fixture->daemon, fixture->bus, "open");
  daemon_add_nudge (&fixture->daemon, 3);
  connect_client (fixture, FALSE);
  exported = daemon_add_meet (&fixture->daemon, 3);
  WAIT_UNTIL (fixture->meet_added == 3);
  sighej_dbus_meet1_set_spot (exported, "stairs");
  WAIT_UNTIL (fixture->n_meet_changes == 1);
  sighej_dbus_meet1_emit_message_received (exported, 7, "hello");
  WAIT_UNTIL (fixture->message != NULL);
  g_assert_cmpuint (fixture->message_number, ==, 7);
  g_assert_cmpstr (fixture->message, ==, "hello");

  /* A nudge of the same number is another object. */
  ids = sighej_client_dup_meet_ids (fixture->client);
  g_assert_cmpuint (ids->len, ==, 1);
  g_assert_cmpuint (g_array_index (ids, guint, 0), ==, 3);
  meet = sighej_client_dup_meet (fixture->client, 3);
  g_assert_cmpstr (sighej_dbus_meet1_get_cue (meet), ==, "Blue Heron");
  g_assert_null (sighej_client_dup_meet (fixture->client, 4));
  g_assert_cmpuint (fixture->n_nudge_changes, ==, 0);
  g_assert_true (g_dbus_object_manager_server_unexport (fixture->daemon.objects, path));
  WAIT_UNTIL (fixture->meet_removed == 3);
  g_assert_cmpuint (fixture->removed, ==, 0);
}

static void
test_survives_a_restart (Fixture *fixture, gconstpointer user_data)
{
  daemon_start (&fixture->daemon, fixture->bus, "open");
  daemon_add_nudge (&fixture->daemon, 5);
  connect_client (fixture, FALSE);

  daemon_stop (&fixture->daemon);
  WAIT_UNTIL (!sighej_client_get_present (fixture->client));
  WAIT_UNTIL (fixture->removed == 5);
  g_assert_null (get_state (fixture));
  g_assert_cmpuint (fixture->n_changed, ==, 0);

  daemon_start (&fixture->daemon, fixture->bus, "off");
  WAIT_UNTIL (sighej_client_get_present (fixture->client));
  g_assert_cmpstr (get_state (fixture), ==, "off");
}

static void
test_nudge_paths (void)
{
  g_autofree char *path = sighej_client_nudge_path (42);

  g_assert_cmpstr (path, ==, "/org/sighej/nudges/42");
  g_assert_cmpuint (sighej_client_nudge_id (path), ==, 42);
  g_assert_cmpuint (sighej_client_nudge_id ("/org/sighej/nudges/"), ==, 0);
  g_assert_cmpuint (sighej_client_nudge_id ("/org/sighej/nudges/0"), ==, 0);
  g_assert_cmpuint (sighej_client_nudge_id ("/org/sighej/nudges/4x"), ==, 0);
  g_assert_cmpuint (sighej_client_nudge_id ("/org/sighej/nudges/99999999999"), ==, 0);
  g_assert_cmpuint (sighej_client_nudge_id ("/org/sighej"), ==, 0);
  g_assert_cmpuint (sighej_client_nudge_id ("/org/sighej/meets/42"), ==, 0);
  g_assert_cmpuint (sighej_client_meet_id (path), ==, 0);
  g_assert_cmpuint (sighej_client_meet_id ("/org/sighej/meets/42"), ==, 42);
  g_assert_cmpuint (sighej_client_meet_id ("/org/sighej/meets/-1"), ==, 0);
}

#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/client/no-daemon-is-no-error", test_no_daemon_is_no_error);
  ADD ("/client/reads-what-is-there", test_reads_what_is_there);
  ADD ("/client/tells-changes-and-nudges", test_tells_changes_and_nudges);
  ADD ("/client/tells-of-meets", test_tells_of_meets);
  ADD ("/client/survives-a-restart", test_survives_a_restart);
  g_test_add_func ("/client/nudge-paths", test_nudge_paths);
  return g_test_run ();
}
