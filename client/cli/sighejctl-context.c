/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejctl"

#include "config.h"

#include "sighejctl-context.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <unistd.h>

#include "sighej-config.h"
#include "sighej-enum-types.h"
#include "sighej-names.h"
#include "sighej-vocabulary.h"

#define ANSWER_BYTES_MAX 1024

gboolean
sighejctl_usage (GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error_literal (error, SIGHEJCTL_ERROR, SIGHEJCTL_ERROR_USAGE, message);
  return FALSE;
}

guint
sighejctl_get_timeout_ms (Sighejctl *self)
{
  return self->timeout_s * 1000;
}

/* GDBus takes -1 for its own default and G_MAXINT for none. */
void
sighejctl_prepare_proxy (Sighejctl *self, GDBusProxy *proxy)
{
  g_dbus_proxy_set_default_timeout (
      proxy, self->timeout_s == 0 ? G_MAXINT : (int) sighejctl_get_timeout_ms (self));
}

typedef struct
{
  gboolean done;
  GError *error;
} Connecting;

static void
client_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Connecting *connecting = user_data;

  sighej_client_connect_finish (SIGHEJ_CLIENT (source), result, &connecting->error);
  connecting->done = TRUE;
}

static gboolean
unreachable (Sighejctl *self, GError **error)
{
  g_set_error_literal (error,
                       SIGHEJCTL_ERROR,
                       SIGHEJCTL_ERROR_UNREACHABLE,
                       self->system_bus
                           ? _ ("the daemon is not reachable on the system bus; start it "
                                "with 'sudo systemctl start sighejd', then try again")
                           : _ ("the daemon is not reachable"));
  return FALSE;
}

static gboolean
connect_client (Sighejctl *self, GError **error)
{
  Connecting connecting = { FALSE, NULL };

  sighej_client_connect_async (self->client,
                               self->command->need == SIGHEJCTL_NEED_DAEMON && !self->no_start,
                               NULL,
                               client_connected,
                               &connecting);
  while (!connecting.done)
    g_main_context_iteration (NULL, TRUE);
  if (connecting.error != NULL)
    {
      g_set_error (error,
                   SIGHEJCTL_ERROR,
                   SIGHEJCTL_ERROR_UNREACHABLE,
                   _ ("the daemon is not reachable: %s"),
                   connecting.error->message);
      g_clear_error (&connecting.error);
      return FALSE;
    }

  sighejctl_prepare_proxy (self, G_DBUS_PROXY (sighej_client_get_manager (self->client)));
  sighejctl_prepare_proxy (self, G_DBUS_PROXY (sighej_client_get_diagnostics (self->client)));
  return TRUE;
}

gboolean
sighejctl_connect (Sighejctl *self, GError **error)
{
  g_autoptr (GDBusConnection) connection = NULL;
  g_autoptr (GError) reason = NULL;

  if (self->command->need == SIGHEJCTL_NEED_NOTHING)
    return TRUE;

  connection
      = g_bus_get_sync (self->system_bus ? G_BUS_TYPE_SYSTEM : G_BUS_TYPE_SESSION, NULL, &reason);
  if (connection == NULL)
    {
      g_set_error_literal (
          error,
          SIGHEJCTL_ERROR,
          SIGHEJCTL_ERROR_UNREACHABLE,
          self->system_bus
              ? _ ("there is no system bus to reach the daemon on; log in to a desktop, "
                   "or run 'dbus-run-session' around both programs")
              : _ ("there is no session bus to reach the daemon on; log in to a desktop, "
                   "or run 'dbus-run-session' around both programs"));
      return FALSE;
    }

  g_dbus_connection_set_exit_on_close (connection, FALSE);
  self->client = sighej_client_new (connection);
  if (!connect_client (self, error))
    return FALSE;
  if (self->command->need == SIGHEJCTL_NEED_DAEMON && !sighej_client_get_present (self->client))
    return unreachable (self, error);
  return TRUE;
}

static gboolean
on_timeout (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_CONTINUE;
}

static void
wake (void)
{
  g_main_context_wakeup (NULL);
}

gboolean
sighejctl_wait_until (Sighejctl *self,
                      SighejctlCondition condition,
                      gpointer user_data,
                      guint timeout_ms,
                      GError **error)
{
  GDBusConnection *connection = sighej_client_get_connection (self->client);
  gulong closed_id = g_signal_connect (connection, "closed", G_CALLBACK (wake), NULL);
  gboolean timed_out = FALSE;
  gboolean holds;
  guint timeout_id = timeout_ms > 0 ? g_timeout_add (timeout_ms, on_timeout, &timed_out) : 0;

  while (!(holds = condition (self, user_data)) && !timed_out
         && !g_dbus_connection_is_closed (connection))
    g_main_context_iteration (NULL, TRUE);

  g_clear_handle_id (&timeout_id, g_source_remove);
  g_signal_handler_disconnect (connection, closed_id);
  if (holds)
    return TRUE;
  if (timed_out)
    g_set_error (error,
                 SIGHEJCTL_ERROR,
                 SIGHEJCTL_ERROR_TIMED_OUT,
                 _ ("waited %u s in vain"),
                 timeout_ms / 1000);
  else
    g_set_error_literal (
        error, SIGHEJCTL_ERROR, SIGHEJCTL_ERROR_UNREACHABLE, _ ("the bus went away"));
  return FALSE;
}

SighejState
sighejctl_get_state (Sighejctl *self)
{
  const char *word = sighej_dbus_manager1_get_state (sighej_client_get_manager (self->client));
  int state;

  if (word == NULL || !sighej_enum_from_nick (SIGHEJ_TYPE_STATE, word, &state))
    return SIGHEJ_STATE_OFF;
  return (SighejState) state;
}

SighejReason
sighejctl_get_reason (Sighejctl *self)
{
  const char *word = sighej_dbus_manager1_get_reason (sighej_client_get_manager (self->client));
  int reason;

  if (word == NULL || !sighej_enum_from_nick (SIGHEJ_TYPE_REASON, word, &reason))
    return SIGHEJ_REASON_NONE;
  return (SighejReason) reason;
}

const char *
sighejctl_get_language (Sighejctl *self)
{
  const char *language
      = sighej_dbus_manager1_get_language (sighej_client_get_manager (self->client));

  return language != NULL ? language : "en";
}

gboolean
sighejctl_refresh_proxy (GDBusProxy *proxy, GError **error)
{
  static const char *const none[] = { NULL };
  g_autoptr (GVariant) properties = NULL;
  g_autoptr (GVariant) reply = NULL;
  GVariantIter iter;
  const char *name;
  GVariant *value;

  reply = g_dbus_proxy_call_sync (proxy,
                                  "org.freedesktop.DBus.Properties.GetAll",
                                  g_variant_new ("(s)", g_dbus_proxy_get_interface_name (proxy)),
                                  G_DBUS_CALL_FLAGS_NO_AUTO_START,
                                  -1,
                                  NULL,
                                  error);
  if (reply == NULL)
    return FALSE;

  properties = g_variant_get_child_value (reply, 0);
  g_variant_iter_init (&iter, properties);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    g_dbus_proxy_set_cached_property (proxy, name, value);
  /* The generated getters keep what they read until they hear this. */
  g_signal_emit_by_name (proxy, "g-properties-changed", properties, none);
  return TRUE;
}

gboolean
sighejctl_refresh (Sighejctl *self, GError **error)
{
  return sighejctl_refresh_proxy (G_DBUS_PROXY (sighej_client_get_manager (self->client)), error);
}

gboolean
sighejctl_set_property (Sighejctl *self, const char *name, GVariant *value, GError **error)
{
  GDBusProxy *proxy = G_DBUS_PROXY (sighej_client_get_manager (self->client));
  g_autoptr (GVariant) reply = NULL;

  reply = g_dbus_proxy_call_sync (
      proxy,
      "org.freedesktop.DBus.Properties.Set",
      g_variant_new ("(ssv)", g_dbus_proxy_get_interface_name (proxy), name, value),
      G_DBUS_CALL_FLAGS_NONE,
      -1,
      NULL,
      error);
  return reply != NULL && sighejctl_refresh (self, error);
}

char *
sighejctl_dup_label (Sighejctl *self, const char *interest)
{
  SighejVocabulary *vocabulary = sighej_vocabulary_get_default ();
  g_autofree char *id = sighej_vocabulary_resolve (vocabulary, interest, NULL);

  if (id == NULL)
    return g_strdup (interest);
  return g_strdup (sighej_vocabulary_get_label (vocabulary, id, sighejctl_get_language (self)));
}

gboolean
sighejctl_parse_duration (const char *text, guint *seconds, GError **error)
{
  g_autoptr (GError) reason = NULL;

  if (sighej_duration_parse (text, seconds, &reason))
    return TRUE;
  return sighejctl_usage (
      error, _ ("'%s' is no duration; write it like 90, 90s, 30min or 2h"), text);
}

gboolean
sighejctl_can_ask (Sighejctl *self)
{
  return sighejctl_output_is_human (&self->output) && isatty (STDIN_FILENO)
         && isatty (STDERR_FILENO);
}

char *
sighejctl_ask (const char *question)
{
  char line[ANSWER_BYTES_MAX];

  fprintf (stderr, "%s ", question);
  fflush (stderr);
  if (fgets (line, sizeof line, stdin) == NULL)
    {
      fputc ('\n', stderr);
      return NULL;
    }
  return g_strdup (g_strstrip (line));
}

char *
sighejctl_dup_rest (Sighejctl *self, guint first)
{
  return g_strjoinv (" ", self->arguments + MIN (first, self->n_arguments));
}
