/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-application.h"

#include <glib/gi18n.h>

#include "sighej-confirm.h"
#include "sighej-dialog.h"
#include "sighej-model.h"
#include "sighej-names.h"
#include "sighej-notifier.h"
#include "sighej-pair-dialog.h"
#include "sighej-report.h"
#include "sighej-sandbox.h"
#include "sighej-window.h"
#include "sighej-windows.h"

/* A service nobody needs goes after this long, milliseconds. */
#define INACTIVITY_TIMEOUT_MS 10000
#define SETTING_TOLD "told-still-open"
#define STILL_OPEN_ID "still-open"

struct _SighejApplication
{
  AdwApplication parent_instance;

  SighejModel *model;
  SighejNotifier *notifier;
  gboolean held;          /* by an opening */
  gboolean open_wanted;   /* before it was known whether that is possible */
  gboolean told;          /* that the session stays open without a window */
  gboolean toast_pending; /* of the same */
};

G_DEFINE_FINAL_TYPE (SighejApplication, sighej_application, ADW_TYPE_APPLICATION)

static void
sighej_application_dispose (GObject *object)
{
  SighejApplication *self = SIGHEJ_APPLICATION (object);

  g_clear_object (&self->notifier);
  g_clear_object (&self->model);
  G_OBJECT_CLASS (sighej_application_parent_class)->dispose (object);
}

/* The main window, whatever dialog is above it; NULL: there is none now. */
static GtkWindow *
find_window (SighejApplication *self)
{
  for (GList *l = gtk_application_get_windows (GTK_APPLICATION (self)); l != NULL; l = l->next)
    if (SIGHEJ_IS_WINDOW (l->data))
      return l->data;
  return NULL;
}

/* Whether it was said already; from now on it was. */
static gboolean
was_told (SighejApplication *self)
{
  GSettings *settings = sighej_model_get_settings (self->model);
  gboolean told = self->told;

  self->told = TRUE;
  if (settings == NULL)
    return told;
  told = told || g_settings_get_boolean (settings, SETTING_TOLD);
  g_settings_set_boolean (settings, SETTING_TOLD, TRUE);
  return told;
}

/* Once in a person's life, by a notification, and by a toast when the window is shown next. */
static void
tell_still_open (SighejApplication *self)
{
  g_autoptr (GNotification) notification = NULL;

  if (was_told (self))
    return;
  self->toast_pending = TRUE;
  notification = g_notification_new (_ ("You are still open to talk"));
  g_notification_set_body (notification,
                           _ ("Closing the window does not close the session. You are told when "
                              "someone near shares an interest."));
  g_notification_add_button (notification, _ ("Close"), "app.close-session");
  g_application_send_notification (G_APPLICATION (self), STILL_OPEN_ID, notification);
}

static gboolean
on_close_request (SighejApplication *self)
{
  if (sighej_model_is_on (self->model))
    tell_still_open (self);
  return FALSE; /* and close it */
}

static GtkWindow *
create_window (SighejApplication *self)
{
  GtkWindow *window = GTK_WINDOW (sighej_window_new (GTK_APPLICATION (self), self->model));

  g_signal_connect_object (
      window, "close-request", G_CALLBACK (on_close_request), self, G_CONNECT_SWAPPED);
  return window;
}

/* Shows the window, made if need be, and brings it to the front. */
static void
present (SighejApplication *self)
{
  GtkWindow *window = find_window (self);

  if (window == NULL)
    window = create_window (self);
  gtk_window_present (window);
  if (self->toast_pending)
    sighej_window_toast (SIGHEJ_WINDOW (window),
                         _ ("Closing the window does not close the session: you were open all "
                            "the time."));
  self->toast_pending = FALSE;
}

/* Whoever has not been through the first run sees it instead; so does who has a trouble. */
static void
open_or_show (SighejApplication *self)
{
  switch (sighej_model_get_screen (self->model))
    {
    case SIGHEJ_SCREEN_STARTING:
      self->open_wanted = TRUE;
      break;
    case SIGHEJ_SCREEN_NO_BUS:
    case SIGHEJ_SCREEN_NO_DAEMON:
    case SIGHEJ_SCREEN_WELCOME:
      present (self);
      break;
    case SIGHEJ_SCREEN_OFF:
    case SIGHEJ_SCREEN_OPENING:
    case SIGHEJ_SCREEN_OPEN_ALONE:
    case SIGHEJ_SCREEN_OPEN_NEAR:
    case SIGHEJ_SCREEN_NUDGE:
    case SIGHEJ_SCREEN_WAVED:
    case SIGHEJ_SCREEN_MEET:
    case SIGHEJ_SCREEN_AFTER:
    case SIGHEJ_SCREEN_PAUSED:
    case SIGHEJ_SCREEN_BLUETOOTH_OFF:
    case SIGHEJ_SCREEN_BLUETOOTH_MISSING:
    case SIGHEJ_SCREEN_BLUETOOTH_BLOCKED_SOFT:
    case SIGHEJ_SCREEN_BLUETOOTH_BLOCKED_HARD:
    case SIGHEJ_SCREEN_BLUETOOTH_DENIED:
    case SIGHEJ_SCREEN_BLUETOOTH_LOST:
    case SIGHEJ_SCREEN_WAITING:
    case SIGHEJ_SCREEN_CLOSING:
    case SIGHEJ_SCREEN_EXPIRED:
    default:
      sighej_model_open (self->model, sighej_model_get_duration_s (self->model));
    }
}

static void
on_open (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  open_or_show (user_data);
}

static void
on_close_session (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  sighej_model_close (SIGHEJ_APPLICATION (user_data)->model);
}

static void
on_pause (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  sighej_model_pause (SIGHEJ_APPLICATION (user_data)->model, 0);
}

static void
on_resume (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  sighej_model_resume (SIGHEJ_APPLICATION (user_data)->model);
}

static void
on_toggle_pause (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  SighejModel *model = SIGHEJ_APPLICATION (user_data)->model;

  if (sighej_model_get_screen (model) == SIGHEJ_SCREEN_PAUSED)
    sighej_model_resume (model);
  else
    sighej_model_pause (model, 0);
}

static void
on_wave (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  sighej_model_wave (SIGHEJ_APPLICATION (user_data)->model, g_variant_get_uint32 (parameter));
}

static void
on_not_now (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  sighej_model_not_now (SIGHEJ_APPLICATION (user_data)->model, g_variant_get_uint32 (parameter));
}

/* The window a dialog opens over. */
static GtkWidget *
present_window (SighejApplication *self)
{
  present (self);
  return GTK_WIDGET (gtk_application_get_active_window (GTK_APPLICATION (self)));
}

static void
on_block_nudge (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  SighejApplication *self = user_data;

  sighej_confirm_block_nudge (present_window (self), self->model, g_variant_get_uint32 (parameter));
}

static void
on_report_nudge (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  SighejApplication *self = user_data;

  sighej_report_nudge (present_window (self), self->model, g_variant_get_uint32 (parameter));
}

static void
on_show_nudge (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  SighejApplication *self = user_data;

  sighej_model_show_nudge (self->model, g_variant_get_uint32 (parameter));
  present (self);
}

static void
on_pair (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  SighejApplication *self = user_data;

  present (self);
  sighej_dialog_present (sighej_pair_dialog_new (self->model), find_window (self));
}

static void
on_quit (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_application_quit (G_APPLICATION (user_data));
}

static const GActionEntry actions[] = {
  { .name = "open", .activate = on_open },
  { .name = "close-session", .activate = on_close_session },
  { .name = "pause", .activate = on_pause },
  { .name = "resume", .activate = on_resume },
  { .name = "toggle-pause", .activate = on_toggle_pause },
  { .name = "wave", .activate = on_wave, .parameter_type = "u" },
  { .name = "not-now", .activate = on_not_now, .parameter_type = "u" },
  { .name = "block-nudge", .activate = on_block_nudge, .parameter_type = "u" },
  { .name = "report-nudge", .activate = on_report_nudge, .parameter_type = "u" },
  { .name = "show-nudge", .activate = on_show_nudge, .parameter_type = "u" },
  { .name = "pair", .activate = on_pair },
  { .name = "quit", .activate = on_quit },
};

static const struct
{
  const char *action;
  const char *keys[2];
} shortcuts[] = {
  { "app.open", { "<Control>o" } },
  { "app.toggle-pause", { "<Control>p" } },
  { "app.interests", { "<Control>i" } },
  { "app.preferences", { "<Control>comma" } },
  { "app.help", { "F1" } },
  { "app.shortcuts", { "<Control>question" } },
  { "app.close-session", { "<Control><Shift>x" } },
  { "app.quit", { "<Control>q" } },
  { "window.close", { "<Control>w" } },
};

static void
add_actions (SighejApplication *self)
{
  g_action_map_add_action_entries (
      G_ACTION_MAP (self), actions, (int) G_N_ELEMENTS (actions), self);
  sighej_windows_add_actions (GTK_APPLICATION (self), self->model);
  for (guint i = 0; i < G_N_ELEMENTS (shortcuts); i++)
    {
      const char *keys[] = { shortcuts[i].keys[0], NULL };

      gtk_application_set_accels_for_action (GTK_APPLICATION (self), shortcuts[i].action, keys);
    }
}

/* The session needs us for its notifications, with or without a window. */
static void
update_hold (SighejApplication *self)
{
  gboolean hold = sighej_model_is_on (self->model);

  if (hold == self->held)
    return;
  self->held = hold;
  if (hold)
    g_application_hold (G_APPLICATION (self));
  else
    g_application_release (G_APPLICATION (self));
}

static void
enable (SighejApplication *self, const char *name, gboolean enabled)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), name);

  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), enabled);
}

/* What makes no sense now cannot be asked for; closing always can. */
static void
update_actions (SighejApplication *self)
{
  const SighejScreenFacts *facts = sighej_model_get_facts (self->model);
  gboolean on = sighej_model_is_on (self->model);
  gboolean paused = on && facts->state == SIGHEJ_STATE_PAUSED;
  gboolean can_pause
      = on && (facts->state == SIGHEJ_STATE_OPEN || facts->state == SIGHEJ_STATE_WAITING);

  enable (self, "open", !on);
  enable (self, "pause", can_pause);
  enable (self, "resume", paused);
  enable (self, "toggle-pause", paused || can_pause);
  enable (self, "pair", on);
  update_hold (self);
}

static void
on_screen_changed (SighejApplication *self)
{
  update_actions (self); /* before the window looks for what can have the focus */
  if (!sighej_model_is_on (self->model))
    g_application_withdraw_notification (G_APPLICATION (self), STILL_OPEN_ID);
  if (self->open_wanted && sighej_model_get_screen (self->model) != SIGHEJ_SCREEN_STARTING)
    {
      self->open_wanted = FALSE;
      open_or_show (self);
    }
}

/* The settings of this client, or NULL where their schema is not installed. */
static GSettings *
new_settings (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema = NULL;

  if (source != NULL)
    schema = g_settings_schema_source_lookup (source, SIGHEJ_CLIENT_NAME, TRUE);
  return schema != NULL ? g_settings_new (SIGHEJ_CLIENT_NAME) : NULL;
}

static void
sighej_application_startup (GApplication *application)
{
  SighejApplication *self = SIGHEJ_APPLICATION (application);
  GDBusConnection *connection = g_application_get_dbus_connection (application);
  g_autoptr (GSettings) settings = new_settings ();

  G_APPLICATION_CLASS (sighej_application_parent_class)->startup (application);
  if (g_application_get_flags (application) & G_APPLICATION_IS_SERVICE)
    g_application_set_inactivity_timeout (application, INACTIVITY_TIMEOUT_MS);
  if (connection != NULL)
    g_dbus_connection_set_exit_on_close (connection, FALSE); /* the window says that it is gone */
  self->model = sighej_model_new (connection, settings);
  g_signal_connect_object (
      self->model, "screen-changed", G_CALLBACK (on_screen_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      self->model, "changed", G_CALLBACK (update_actions), self, G_CONNECT_SWAPPED);
  self->notifier = sighej_notifier_new (GTK_APPLICATION (self), self->model);
  add_actions (self);
  update_actions (self);
}

static void
sighej_application_shutdown (GApplication *application)
{
  sighej_notifier_stop (SIGHEJ_APPLICATION (application)->notifier);
  G_APPLICATION_CLASS (sighej_application_parent_class)->shutdown (application);
}

static void
sighej_application_activate (GApplication *application)
{
  present (SIGHEJ_APPLICATION (application));
}

/* Asks the daemon itself, which is not started for it, so that no window comes. */
static int
close_from_outside (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) connection = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, &error);
  g_autoptr (GVariant) reply = NULL;

  if (connection != NULL)
    reply = g_dbus_connection_call_sync (connection,
                                         SIGHEJ_BUS_NAME,
                                         SIGHEJ_ROOT_PATH,
                                         "org.sighej.Manager1",
                                         "Close",
                                         NULL,
                                         NULL,
                                         G_DBUS_CALL_FLAGS_NO_AUTO_START,
                                         SIGHEJ_MODEL_CALL_TIMEOUT_MS,
                                         NULL,
                                         &error);
  /* Who is not there is not open. */
  if (reply != NULL || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER)
      || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN))
    return EXIT_SUCCESS;
  g_dbus_error_strip_remote_error (error);
  g_printerr ("sighej: %s\n", error->message);
  return EXIT_FAILURE;
}

static int
sighej_application_handle_local_options (GApplication *application, GVariantDict *options)
{
  g_autoptr (GError) error = NULL;

  if (g_variant_dict_contains (options, "version"))
    {
      g_print ("sighej %s\n", SIGHEJ_VERSION);
      return EXIT_SUCCESS;
    }
  if (g_variant_dict_contains (options, "close"))
    return close_from_outside ();
  if (!g_variant_dict_contains (options, "open"))
    return -1;
  if (!g_application_register (application, NULL, &error))
    {
      g_printerr ("sighej: %s\n", error->message);
      return EXIT_FAILURE;
    }
  g_action_group_activate_action (G_ACTION_GROUP (application), "open", NULL);
  return -1; /* and show the window */
}

/* Before the application's name is asked for. */
static gboolean
sighej_application_dbus_register (GApplication *application,
                                  GDBusConnection *connection,
                                  const char *object_path,
                                  GError **error)
{
  sighej_sandbox_tell (connection);
  return G_APPLICATION_CLASS (sighej_application_parent_class)
      ->dbus_register (application, connection, object_path, error);
}

static void
sighej_application_class_init (SighejApplicationClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GApplicationClass *application_class = G_APPLICATION_CLASS (class);

  object_class->dispose = sighej_application_dispose;
  application_class->startup = sighej_application_startup;
  application_class->shutdown = sighej_application_shutdown;
  application_class->activate = sighej_application_activate;
  application_class->dbus_register = sighej_application_dbus_register;
  application_class->handle_local_options = sighej_application_handle_local_options;
}

static void
sighej_application_init (SighejApplication *self)
{
}

static const GOptionEntry options[] = {
  { "open", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Open to talk, and show the window"), NULL },
  { "close", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Close the session"), NULL },
  { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Show the version"), NULL },
  { NULL },
};

SighejApplication *
sighej_application_new (void)
{
  SighejApplication *self;

  self = g_object_new (SIGHEJ_TYPE_APPLICATION,
                       "application-id",
                       SIGHEJ_CLIENT_NAME,
                       "resource-base-path",
                       SIGHEJ_CLIENT_PATH,
                       NULL);
  g_application_add_main_option_entries (G_APPLICATION (self), options);
  g_application_set_option_context_summary (
      G_APPLICATION (self), _ ("Be open to talk with people near you who share an interest."));
  return self;
}
