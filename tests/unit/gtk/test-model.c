/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-error.h"
#include "sighej-model.h"
#include "sighej-names.h"
#include "sighej-test.h"

/* The model settles what changes at most this often, milliseconds. */
#define FRAME_MS 16
#define MANY_CHANGES 2000

typedef struct
{
  GTestDBus *bus;
  GDBusConnection *connection; /* the model's */
  SighejModel *model;

  GDBusConnection *daemon;
  SighejDBusManager1 *manager;
  SighejDBusDiagnostics1 *diagnostics;
  GDBusObjectManagerServer *objects;
  guint name_id;
  gboolean owns_name;

  guint n_changed;
  guint n_screens;
  char *sentence; /* of the last error */
  gboolean changed_with_old_screen;
  SighejScreen screen; /* told last */
} Fixture;

static void
on_name_acquired (GDBusConnection *connection, const char *name, gpointer user_data)
{
  ((Fixture *) user_data)->owns_name = TRUE;
}

static void
daemon_start (Fixture *fixture)
{
  static const char *const interests[] = { "jazz", "chess", NULL };

  fixture->daemon = sighej_test_bus_connect (fixture->bus);
  fixture->manager = sighej_dbus_manager1_skeleton_new ();
  fixture->diagnostics = sighej_dbus_diagnostics1_skeleton_new ();
  fixture->objects = g_dbus_object_manager_server_new (SIGHEJ_ROOT_PATH);
  fixture->owns_name = FALSE;
  g_object_set (fixture->manager,
                "state",
                "off",
                "reason",
                "",
                "bluetooth",
                "ready",
                "backend",
                "online",
                "privacy",
                "private",
                "interests",
                interests,
                "backend-uri",
                "https://match.example",
                "notice-accepted",
                TRUE,
                NULL);
  g_assert_true (g_dbus_interface_skeleton_export (
      G_DBUS_INTERFACE_SKELETON (fixture->manager), fixture->daemon, SIGHEJ_ROOT_PATH, NULL));
  g_assert_true (g_dbus_interface_skeleton_export (
      G_DBUS_INTERFACE_SKELETON (fixture->diagnostics), fixture->daemon, SIGHEJ_ROOT_PATH, NULL));
  g_dbus_object_manager_server_set_connection (fixture->objects, fixture->daemon);
  fixture->name_id = g_bus_own_name_on_connection (fixture->daemon,
                                                   SIGHEJ_BUS_NAME,
                                                   G_BUS_NAME_OWNER_FLAGS_NONE,
                                                   on_name_acquired,
                                                   NULL,
                                                   fixture,
                                                   NULL);
  WAIT_UNTIL (fixture->owns_name);
}

static void
daemon_stop (Fixture *fixture)
{
  if (fixture->daemon == NULL)
    return;
  g_clear_handle_id (&fixture->name_id, g_bus_unown_name);
  g_dbus_object_manager_server_set_connection (fixture->objects, NULL);
  g_dbus_interface_skeleton_unexport (G_DBUS_INTERFACE_SKELETON (fixture->manager));
  g_dbus_interface_skeleton_unexport (G_DBUS_INTERFACE_SKELETON (fixture->diagnostics));
  g_dbus_connection_close_sync (fixture->daemon, NULL, NULL);
  g_clear_object (&fixture->objects);
  g_clear_object (&fixture->manager);
  g_clear_object (&fixture->diagnostics);
  g_clear_object (&fixture->daemon);
}

static void
on_screen_changed (SighejModel *model, Fixture *fixture)
{
  fixture->n_screens++;
  fixture->screen = sighej_model_get_screen (model);
}

static void
on_changed (SighejModel *model, Fixture *fixture)
{
  fixture->n_changed++;
  if (sighej_model_get_screen (model) != fixture->screen)
    fixture->changed_with_old_screen = TRUE;
}

static void
on_error (SighejModel *model, const char *sentence, const char *next_step, Fixture *fixture)
{
  g_free (fixture->sentence);
  fixture->sentence = g_strdup (sentence);
}

static void
make_model (Fixture *fixture, GDBusConnection *connection)
{
  fixture->model = sighej_model_new (connection, NULL);
  fixture->screen = sighej_model_get_screen (fixture->model);
  g_signal_connect (fixture->model, "changed", G_CALLBACK (on_changed), fixture);
  g_signal_connect (fixture->model, "screen-changed", G_CALLBACK (on_screen_changed), fixture);
  g_signal_connect (fixture->model, "error", G_CALLBACK (on_error), fixture);
}

static gboolean
is_on (Fixture *fixture, SighejScreen screen)
{
  return sighej_model_get_screen (fixture->model) == screen;
}

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  fixture->bus = sighej_test_bus_up ();
  fixture->connection = sighej_test_bus_connect (fixture->bus);
}

/* The same, with a daemon that is off, and read. */
static void
set_up_daemon (Fixture *fixture, gconstpointer unused)
{
  set_up (fixture, NULL);
  daemon_start (fixture);
  make_model (fixture, fixture->connection);
  WAIT_UNTIL (is_on (fixture, SIGHEJ_SCREEN_OFF));
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  SighejModel *model = fixture->model;

  g_assert_false (fixture->changed_with_old_screen);
  if (model != NULL)
    {
      g_signal_handlers_disconnect_by_data (model, fixture);
      g_object_add_weak_pointer (G_OBJECT (model), (gpointer *) &fixture->model);
      g_object_run_dispose (G_OBJECT (model)); /* cancels its calls, which have a reference each */
      g_object_unref (model);
      WAIT_UNTIL (fixture->model == NULL);
    }
  daemon_stop (fixture);
  g_clear_object (&fixture->connection);
  g_clear_pointer (&fixture->sentence, g_free);
  g_test_dbus_down (fixture->bus);
  g_clear_object (&fixture->bus);
}

/* ---- what there is to talk to ---- */

static void
test_no_bus (Fixture *fixture, gconstpointer unused)
{
  make_model (fixture, NULL);
  g_assert_true (is_on (fixture, SIGHEJ_SCREEN_NO_BUS));
  sighej_model_pause (fixture->model, 0);
  g_assert_nonnull (fixture->sentence);
  sighej_model_close (fixture->model);
  sighej_model_start_daemon (fixture->model);
  g_assert_null (sighej_model_get_manager (fixture->model));
}

static void
test_no_daemon (Fixture *fixture, gconstpointer unused)
{
  make_model (fixture, fixture->connection);
  g_assert_true (is_on (fixture, SIGHEJ_SCREEN_STARTING));
  WAIT_UNTIL (is_on (fixture, SIGHEJ_SCREEN_NO_DAEMON));
  sighej_model_start_daemon (fixture->model);
  WAIT_UNTIL (fixture->sentence != NULL);
  g_assert_true (is_on (fixture, SIGHEJ_SCREEN_NO_DAEMON));
  daemon_start (fixture);
  WAIT_UNTIL (is_on (fixture, SIGHEJ_SCREEN_OFF));
}

static void
test_daemon_leaves (Fixture *fixture, gconstpointer unused)
{
  daemon_stop (fixture);
  WAIT_UNTIL (is_on (fixture, SIGHEJ_SCREEN_NO_DAEMON));
  g_assert_cmpuint (sighej_model_get_facts (fixture->model)->n_interests, ==, 2);
  g_assert_cmpstr (sighej_model_get_interests (fixture->model)[0], ==, "jazz");
  g_assert_cmpstr (sighej_model_get_backend_uri (fixture->model), ==, "https://match.example");
  daemon_start (fixture);
  WAIT_UNTIL (is_on (fixture, SIGHEJ_SCREEN_OFF));
}

static void
test_bus_goes (Fixture *fixture, gconstpointer unused)
{
  g_dbus_connection_set_exit_on_close (fixture->connection, FALSE);
  g_dbus_connection_close_sync (fixture->connection, NULL, NULL);
  WAIT_UNTIL (is_on (fixture, SIGHEJ_SCREEN_NO_BUS));
  g_assert_cmpuint (sighej_model_get_facts (fixture->model)->n_interests, ==, 2);
}

/* ---- what is told ---- */

static void
test_follows (Fixture *fixture, gconstpointer unused)
{
  sighej_dbus_manager1_set_state (fixture->manager, "open");
  WAIT_UNTIL (is_on (fixture, SIGHEJ_SCREEN_OPEN_ALONE));
  g_assert_cmpuint (sighej_model_get_facts (fixture->model)->alone_since, >, 0);
  sighej_dbus_manager1_set_nearby_count (fixture->manager, 2);
  WAIT_UNTIL (is_on (fixture, SIGHEJ_SCREEN_OPEN_NEAR));
  g_assert_cmpuint (sighej_model_get_facts (fixture->model)->alone_since, ==, 0);
  g_assert_true (sighej_model_is_on (fixture->model));
  sighej_dbus_manager1_set_state (fixture->manager, "of tomorrow");
  WAIT_UNTIL (is_on (fixture, SIGHEJ_SCREEN_OFF));
}

/* A frame is told at most once, so there are no more tellings than frames have gone by. */
static void
test_coalesces (Fixture *fixture, gconstpointer unused)
{
  gint64 began_us, took_ms;

  sighej_dbus_manager1_set_state (fixture->manager, "open");
  WAIT_UNTIL (is_on (fixture, SIGHEJ_SCREEN_OPEN_ALONE));
  fixture->n_changed = 0;
  began_us = g_get_monotonic_time ();
  for (guint i = 1; i <= MANY_CHANGES; i++)
    {
      sighej_dbus_manager1_set_nearby_count (fixture->manager, i);
      g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (fixture->manager));
    }
  WAIT_UNTIL (sighej_model_get_facts (fixture->model)->nearby == MANY_CHANGES);
  took_ms = (g_get_monotonic_time () - began_us) / 1000;
  g_assert_cmpint (fixture->n_changed, >, 0);
  g_assert_cmpint (fixture->n_changed, <=, took_ms / FRAME_MS + 2);
}

static gboolean
refuse (SighejDBusManager1 *manager, GDBusMethodInvocation *invocation, guint seconds, int *code)
{
  g_dbus_method_invocation_return_error_literal (
      invocation, SIGHEJ_ERROR, *code, "it cannot be; try something else");
  return TRUE;
}

static void
test_tells_errors (Fixture *fixture, gconstpointer unused)
{
  int code = SIGHEJ_ERROR_NOT_OPEN;

  g_signal_connect (fixture->manager, "handle-pause", G_CALLBACK (refuse), &code);
  sighej_model_pause (fixture->model, 0);
  WAIT_UNTIL (fixture->sentence != NULL);
  g_assert_cmpstr (fixture->sentence, ==, "it cannot be");
  g_assert_true (is_on (fixture, SIGHEJ_SCREEN_OFF));
}

static void
test_refused_opening_has_a_page (Fixture *fixture, gconstpointer unused)
{
  int code = SIGHEJ_ERROR_BLUETOOTH_OFF;

  g_signal_connect (fixture->manager, "handle-open", G_CALLBACK (refuse), &code);
  sighej_model_open (fixture->model, 0);
  WAIT_UNTIL (is_on (fixture, SIGHEJ_SCREEN_BLUETOOTH_OFF));
  g_assert_null (fixture->sentence);
  sighej_model_forget_trouble (fixture->model);
  WAIT_UNTIL (is_on (fixture, SIGHEJ_SCREEN_OFF));
  sighej_model_open (fixture->model, 0);
  WAIT_UNTIL (is_on (fixture, SIGHEJ_SCREEN_BLUETOOTH_OFF));
  sighej_dbus_manager1_set_state (fixture->manager, "opening");
  WAIT_UNTIL (is_on (fixture, SIGHEJ_SCREEN_OPENING));
}

static gboolean
note_duration (SighejDBusManager1 *manager,
               GDBusMethodInvocation *invocation,
               guint seconds,
               guint *noted)
{
  *noted = seconds;
  sighej_dbus_manager1_complete_open (manager, invocation, 0);
  return TRUE;
}

static void
test_opens_for_as_long_as_chosen (Fixture *fixture, gconstpointer unused)
{
  guint noted = 0;

  g_signal_connect (fixture->manager, "handle-open", G_CALLBACK (note_duration), &noted);
  g_assert_cmpuint (sighej_model_get_duration_s (fixture->model), ==, 0);
  sighej_model_set_duration_s (fixture->model, 1800);
  sighej_model_open (fixture->model, sighej_model_get_duration_s (fixture->model));
  WAIT_UNTIL (noted == 1800);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, prepare, function)                                                               \
  g_test_add ("/model/" path, Fixture, NULL, prepare, function, tear_down)
  ADD ("says-that-there-is-no-bus", set_up, test_no_bus);
  ADD ("says-that-there-is-no-daemon", set_up, test_no_daemon);
  ADD ("keeps-what-a-daemon-said-that-left", set_up_daemon, test_daemon_leaves);
  ADD ("says-that-the-bus-went", set_up_daemon, test_bus_goes);
  ADD ("follows-the-daemon", set_up_daemon, test_follows);
  ADD ("tells-a-frame-once", set_up_daemon, test_coalesces);
  ADD ("tells-errors", set_up_daemon, test_tells_errors);
  ADD ("shows-why-an-opening-was-refused", set_up_daemon, test_refused_opening_has_a_page);
  ADD ("opens-for-as-long-as-chosen", set_up_daemon, test_opens_for_as_long_as_chosen);
#undef ADD
  return g_test_run ();
}
