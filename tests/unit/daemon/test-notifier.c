/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-notifier.h"

#include <string.h>

#include "sighej-test.h"

#define NAME "org.freedesktop.Notifications"
#define PATH "/org/freedesktop/Notifications"

static const char xml[]
    = "<node><interface name='" NAME "'>"
      "<property name='Inhibited' type='b' access='read'/>"
      "<method name='Notify'><arg type='s' direction='in'/><arg type='u' direction='in'/>"
      "<arg type='s' direction='in'/><arg type='s' direction='in'/><arg type='s' direction='in'/>"
      "<arg type='as' direction='in'/><arg type='a{sv}' direction='in'/>"
      "<arg type='i' direction='in'/><arg type='u' direction='out'/></method>"
      "<method name='CloseNotification'><arg type='u' direction='in'/></method>"
      "<method name='GetCapabilities'><arg type='as' direction='out'/></method>"
      "</interface></node>";

/* A notification server; the test answers, or keeps whoever asks waiting. */
typedef struct
{
  GDBusConnection *connection;
  GDBusNodeInfo *info;
  const char *const *capabilities;
  GQueue asked; /* GDBusMethodInvocation*: Notify, not answered yet */
  GString *log; /* "notify 0 TITLE", "close 7", with "; " behind each */
  char *body;   /* of the last Notify */
  guint n_buttons;
  int timeout_ms;
  guint n_read; /* how often it was asked for Inhibited */
} Server;

typedef struct
{
  GTestDBus *bus;
  GDBusConnection *connection;
  SighejNotifier *notifier;
  Server *server;
  GString *told; /* "ID ACTION" or "-ID", with "; " behind each */
  guint n_dnd;
} Fixture;

static const char *const everything[] = { "actions", "body", "body-markup", "persistence", NULL };
static const char *const little[] = { "body", NULL };
static const char *const shared[] = { "devops", NULL };

/* ---- the server ---- */

static void
take_notify (Server *server, GVariant *parameters)
{
  g_autoptr (GVariant) actions = NULL;
  const char *title;
  const char *body;
  guint32 replaces;

  g_variant_get (parameters,
                 "(&su&s&s&s@asa{sv}i)",
                 NULL,
                 &replaces,
                 NULL,
                 &title,
                 &body,
                 &actions,
                 NULL,
                 &server->timeout_ms);
  g_free (server->body);
  server->body = g_strdup (body);
  server->n_buttons = (guint) g_variant_n_children (actions) / 2;
  g_string_append_printf (server->log, "notify %u %s; ", replaces, title);
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
  Server *server = user_data;
  guint32 number;

  if (g_str_equal (method, "Notify"))
    {
      take_notify (server, parameters);
      g_queue_push_tail (&server->asked, invocation);
    }
  else if (g_str_equal (method, "CloseNotification"))
    {
      g_variant_get (parameters, "(u)", &number);
      g_string_append_printf (server->log, "close %u; ", number);
      g_dbus_method_invocation_return_value (invocation, NULL);
    }
  else
    g_dbus_method_invocation_return_value (invocation,
                                           g_variant_new ("(^as)", server->capabilities));
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
  Server *server = user_data;

  server->n_read++;
  return g_variant_new_boolean (FALSE);
}

static void
call_bus (GDBusConnection *connection, const char *method, GVariant *arguments)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (connection,
                                                            "org.freedesktop.DBus",
                                                            "/org/freedesktop/DBus",
                                                            "org.freedesktop.DBus",
                                                            method,
                                                            arguments,
                                                            NULL,
                                                            G_DBUS_CALL_FLAGS_NONE,
                                                            -1,
                                                            NULL,
                                                            &error);

  g_assert_no_error (error);
  g_assert_nonnull (reply);
}

static Server *
server_new (Fixture *fixture, const char *const *capabilities)
{
  static const GDBusInterfaceVTable vtable = { .method_call = on_call, .get_property = on_get };
  Server *server = g_new0 (Server, 1);
  g_autoptr (GError) error = NULL;

  server->connection = sighej_test_bus_connect (fixture->bus);
  server->info = g_dbus_node_info_new_for_xml (xml, NULL);
  server->capabilities = capabilities;
  server->log = g_string_new (NULL);
  g_queue_init (&server->asked);
  g_dbus_connection_register_object (
      server->connection, PATH, server->info->interfaces[0], &vtable, server, NULL, &error);
  g_assert_no_error (error);
  call_bus (server->connection, "RequestName", g_variant_new ("(su)", NAME, 4u));
  return server;
}

/* Gone from the bus, with all that it was asked. */
static void
server_free (Server *server)
{
  g_dbus_connection_close_sync (server->connection, NULL, NULL);
  g_queue_clear_full (&server->asked, g_object_unref);
  g_object_unref (server->connection);
  g_dbus_node_info_unref (server->info);
  g_string_free (server->log, TRUE);
  g_free (server->body);
  g_free (server);
}

static void
answer (Server *server, guint32 number)
{
  WAIT_UNTIL (server->asked.length > 0);
  g_dbus_method_invocation_return_value (g_queue_pop_head (&server->asked),
                                         g_variant_new ("(u)", number));
}

static void
emit (GDBusConnection *connection, const char *signal, GVariant *arguments)
{
  g_autoptr (GError) error = NULL;

  g_dbus_connection_emit_signal (connection, NULL, PATH, NAME, signal, arguments, &error);
  g_assert_no_error (error);
}

/* What it was asked since it was looked at last. */
#define ASSERT_ASKED(server, expected)                                                             \
  G_STMT_START                                                                                     \
  {                                                                                                \
    WAIT_UNTIL ((server)->log->len >= sizeof (expected) - 1);                                      \
    g_assert_cmpstr ((server)->log->str, ==, expected);                                            \
    g_string_truncate ((server)->log, 0);                                                          \
  }                                                                                                \
  G_STMT_END

/* ---- what it is told, and tells ---- */

static void
on_action (SighejNotifier *notifier, const char *id, const char *action, Fixture *fixture)
{
  g_string_append_printf (fixture->told, "%s %s; ", id, action);
}

static void
on_dismissed (SighejNotifier *notifier, const char *id, Fixture *fixture)
{
  g_string_append_printf (fixture->told, "-%s; ", id);
}

static void
on_dnd_changed (SighejNotifier *notifier, Fixture *fixture)
{
  fixture->n_dnd++;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->bus = sighej_test_bus_up ();
  fixture->connection = sighej_test_bus_connect (fixture->bus);
  fixture->told = g_string_new (NULL);
  if (data != NULL)
    fixture->server = server_new (fixture, data);
  fixture->notifier = sighej_notifier_new (fixture->connection);
  g_signal_connect (fixture->notifier, "action", G_CALLBACK (on_action), fixture);
  g_signal_connect (fixture->notifier, "dismissed", G_CALLBACK (on_dismissed), fixture);
  g_signal_connect (fixture->notifier, "dnd-changed", G_CALLBACK (on_dnd_changed), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->server, server_free);
  /* What was being asked holds it until that is answered. */
  g_object_run_dispose (G_OBJECT (fixture->notifier));
  sighej_test_settle ();
  g_object_unref (fixture->notifier);
  g_string_free (fixture->told, TRUE);
  g_dbus_connection_close_sync (fixture->connection, NULL, NULL);
  g_object_unref (fixture->connection);
  g_test_dbus_down (fixture->bus);
  g_object_unref (fixture->bus);
}

static void
show_failure (Fixture *fixture, const char *sentence)
{
  g_autoptr (SighejBulletin) bulletin = sighej_bulletin_new_failure (sentence);

  sighej_notifier_show (fixture->notifier, bulletin);
}

static void
show_nudge (Fixture *fixture, guint64 number)
{
  g_autoptr (SighejBulletin) bulletin = sighej_bulletin_new_nudge (number, shared, TRUE);

  sighej_notifier_show (fixture->notifier, bulletin);
}

static void
show_open (Fixture *fixture)
{
  g_autoptr (SighejBulletin) bulletin
      = sighej_bulletin_new_open (SIGHEJ_STATE_PAUSED, SIGHEJ_REASON_USER, 0, 0);

  sighej_notifier_show (fixture->notifier, bulletin);
}

/* ---- the tests ---- */

static void
test_replaces_and_closes (Fixture *fixture, gconstpointer data)
{
  show_failure (fixture, "a < b");
  answer (fixture->server, 7);
  ASSERT_ASKED (fixture->server, "notify 0 That did not work; ");
  g_assert_cmpstr (fixture->server->body, ==, "a &lt; b");
  g_assert_cmpint (fixture->server->timeout_ms, ==, -1);

  show_failure (fixture, "c");
  answer (fixture->server, 7);
  ASSERT_ASKED (fixture->server, "notify 7 That did not work; ");
  sighej_notifier_withdraw (fixture->notifier, "nudge-3");
  sighej_notifier_withdraw (fixture->notifier, "failure");
  sighej_notifier_withdraw (fixture->notifier, "failure");
  ASSERT_ASKED (fixture->server, "close 7; ");
}

static void
test_withdrawn_before_the_number_came (Fixture *fixture, gconstpointer data)
{
  show_open (fixture);
  WAIT_UNTIL (fixture->server->asked.length == 1);
  sighej_notifier_withdraw (fixture->notifier, "open");
  answer (fixture->server, 3);
  ASSERT_ASKED (fixture->server, "notify 0 Paused; close 3; ");

  /* And wanted again before that. */
  show_open (fixture);
  WAIT_UNTIL (fixture->server->asked.length == 1);
  sighej_notifier_withdraw (fixture->notifier, "open");
  show_open (fixture);
  answer (fixture->server, 4);
  answer (fixture->server, 4);
  ASSERT_ASKED (fixture->server, "notify 0 Paused; notify 4 Paused; ");
}

static void
test_what_was_never_sent_needs_no_closing (Fixture *fixture, gconstpointer data)
{
  show_open (fixture);
  sighej_notifier_withdraw (fixture->notifier, "open");
  show_nudge (fixture, 1);
  answer (fixture->server, 1);
  ASSERT_ASKED (fixture->server, "notify 0 Someone near is open to talk; ");
}

static void
test_changed_while_it_is_sent (Fixture *fixture, gconstpointer data)
{
  show_failure (fixture, "one");
  WAIT_UNTIL (fixture->server->asked.length == 1);
  show_failure (fixture, "two");
  show_failure (fixture, "three");
  answer (fixture->server, 9);
  answer (fixture->server, 9);
  ASSERT_ASKED (fixture->server, "notify 0 That did not work; notify 9 That did not work; ");
  g_assert_cmpstr (fixture->server->body, ==, "three");
}

static void
test_server_ends_while_it_is_asked (Fixture *fixture, gconstpointer data)
{
  show_open (fixture);
  WAIT_UNTIL (fixture->server->asked.length == 1);
  show_nudge (fixture, 2);
  WAIT_UNTIL (fixture->server->asked.length == 2);
  sighej_notifier_withdraw (fixture->notifier, "nudge-2");
  server_free (fixture->server);

  fixture->server = server_new (fixture, little);
  answer (fixture->server, 1);
  ASSERT_ASKED (fixture->server, "notify 0 Paused; ");
  g_assert_cmpuint (fixture->server->n_buttons, ==, 0);
  g_assert_cmpint (fixture->server->timeout_ms, ==, 0);
  g_assert_true (g_str_has_suffix (fixture->server->body, "\nsighejctl close"));
  g_assert_cmpstr (fixture->told->str, ==, "");
}

static void
test_no_server_until_late (Fixture *fixture, gconstpointer data)
{
  show_open (fixture);
  show_nudge (fixture, 1);
  sighej_notifier_withdraw (fixture->notifier, "nudge-1");
  sighej_test_settle ();
  fixture->server = server_new (fixture, everything);
  answer (fixture->server, 1);
  ASSERT_ASKED (fixture->server, "notify 0 Paused; ");
}

static void
test_buttons_of_what_is_up (Fixture *fixture, gconstpointer data)
{
  GDBusConnection *server = fixture->server->connection;

  show_nudge (fixture, 5);
  answer (fixture->server, 11);
  ASSERT_ASKED (fixture->server, "notify 0 Someone near is open to talk; ");
  show_nudge (fixture, 6);
  answer (fixture->server, 12);
  ASSERT_ASKED (fixture->server, "notify 0 Someone near is open to talk; ");

  /* Not by anybody else, not of another, no other button. */
  emit (fixture->connection, "ActionInvoked", g_variant_new ("(us)", 11u, "wave"));
  emit (server, "ActionInvoked", g_variant_new ("(us)", 4711u, "wave"));
  emit (server, "ActionInvoked", g_variant_new ("(us)", 11u, "close"));
  emit (server, "ActionInvoked", g_variant_new ("(s)", "wave"));
  emit (server, "ActionInvoked", g_variant_new ("(us)", 12u, "not-now"));
  emit (server, "ActionInvoked", g_variant_new ("(us)", 11u, "wave"));
  emit (server, "NotificationClosed", g_variant_new ("(uu)", 11u, 2u));
  emit (server, "ActionInvoked", g_variant_new ("(us)", 11u, "wave"));
  emit (server, "NotificationClosed", g_variant_new ("(uu)", 12u, 1u));
  WAIT_UNTIL (g_str_has_suffix (fixture->told->str, "-nudge-6; "));
  g_assert_cmpstr (fixture->told->str, ==, "nudge-6 not-now; nudge-5 wave; -nudge-5; -nudge-6; ");
}

static void
test_the_oldest_makes_room (Fixture *fixture, gconstpointer data)
{
  show_open (fixture);
  answer (fixture->server, 100);
  for (guint i = 1; i < SIGHEJ_NOTIFIER_SHOWN_MAX; i++)
    {
      show_nudge (fixture, i);
      answer (fixture->server, i);
      sighej_test_settle ();
    }
  WAIT_UNTIL (g_strrstr (fixture->server->log->str, "notify") != NULL);
  show_nudge (fixture, 99);
  answer (fixture->server, 99);
  WAIT_UNTIL (strstr (fixture->server->log->str, "close 1; ") != NULL);
  g_assert_null (strstr (fixture->server->log->str, "close 100; "));
  g_assert_null (strstr (fixture->server->log->str, "close 2; "));
}

static void
test_a_server_that_does_not_answer (Fixture *fixture, gconstpointer data)
{
  for (guint i = 1; i <= 2 * SIGHEJ_NOTIFIER_SHOWN_MAX; i++)
    {
      show_nudge (fixture, i);
      WAIT_UNTIL (fixture->server->asked.length == MIN (i, SIGHEJ_NOTIFIER_SHOWN_MAX));
    }
  sighej_test_settle ();
  g_assert_cmpuint (fixture->server->asked.length, ==, SIGHEJ_NOTIFIER_SHOWN_MAX);
}

static void
test_do_not_disturb (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  GVariantBuilder changed;

  /* Who asked has said before which signals are wanted, and hears the answer first. */
  WAIT_UNTIL (fixture->server->n_read > 0);
  g_assert_false (sighej_notifier_get_dnd (fixture->notifier));
  for (guint i = 1; i <= 2; i++)
    {
      g_variant_builder_init (&changed, G_VARIANT_TYPE ("a{sv}"));
      g_variant_builder_add (&changed, "{sv}", "Inhibited", g_variant_new_boolean (i == 1));
      g_dbus_connection_emit_signal (fixture->server->connection,
                                     NULL,
                                     PATH,
                                     "org.freedesktop.DBus.Properties",
                                     "PropertiesChanged",
                                     g_variant_new ("(sa{sv}as)", NAME, &changed, NULL),
                                     &error);
      g_assert_no_error (error);
      WAIT_UNTIL (fixture->n_dnd == i);
      g_assert_cmpint (sighej_notifier_get_dnd (fixture->notifier), ==, i == 1);
    }
}

#define ADD_WITH(path, capabilities, function)                                                     \
  g_test_add ("/notifier/" path, Fixture, capabilities, set_up, function, tear_down)
#define ADD(path, function) ADD_WITH (path, everything, function)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("replaces-and-closes", test_replaces_and_closes);
  ADD ("withdrawn-before-the-number-came", test_withdrawn_before_the_number_came);
  ADD ("what-was-never-sent-needs-no-closing", test_what_was_never_sent_needs_no_closing);
  ADD ("changed-while-it-is-sent", test_changed_while_it_is_sent);
  ADD ("server-ends-while-it-is-asked", test_server_ends_while_it_is_asked);
  ADD_WITH ("no-server-until-late", NULL, test_no_server_until_late);
  ADD ("buttons-of-what-is-up", test_buttons_of_what_is_up);
  ADD ("the-oldest-makes-room", test_the_oldest_makes_room);
  ADD ("a-server-that-does-not-answer", test_a_server_that_does_not_answer);
  ADD ("do-not-disturb", test_do_not_disturb);

  return g_test_run ();
}
