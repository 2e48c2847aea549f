/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-application.h"

#include <glib/gi18n.h>

#include "sighej-confirm.h"
#include "sighej-pair-dialog.h"
#include "sighej-report.h"
#include "sighej-window.h"
#include "sighej-windows.h"

/* A service nobody needs goes after this long, milliseconds. */
#define INACTIVITY_TIMEOUT_MS 10000

struct _SighejApplication
{
  AdwApplication parent_instance;

  SighejModel *model;
  gboolean held; /* by an opening */
};

G_DEFINE_FINAL_TYPE (SighejApplication, sighej_application, ADW_TYPE_APPLICATION)

static void
sighej_application_dispose (GObject *object)
{
  SighejApplication *self = SIGHEJ_APPLICATION (object);

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

static void
on_open (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  SighejApplication *self = user_data;

  sighej_model_open (self->model, sighej_model_get_duration_s (self->model));
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
  sighej_application_present (self);
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
  sighej_application_present (self);
}

static void
on_pair (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  SighejApplication *self = user_data;

  sighej_application_present (self);
  sighej_application_present_dialog (sighej_pair_dialog_new (self->model), find_window (self));
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
  sighej_windows_add_actions (self);
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

/* The settings of this client, or NULL where their schema is not installed. */
static GSettings *
new_settings (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema = NULL;

  if (source != NULL)
    schema = g_settings_schema_source_lookup (source, SIGHEJ_APPLICATION_ID, TRUE);
  return schema != NULL ? g_settings_new (SIGHEJ_APPLICATION_ID) : NULL;
}

static void
sighej_application_startup (GApplication *application)
{
  SighejApplication *self = SIGHEJ_APPLICATION (application);
  GDBusConnection *connection = g_application_get_dbus_connection (application);
  g_autoptr (GSettings) settings = new_settings ();

  G_APPLICATION_CLASS (sighej_application_parent_class)->startup (application);
  if (connection != NULL)
    g_dbus_connection_set_exit_on_close (connection, FALSE); /* the window says that it is gone */
  self->model = sighej_model_new (connection, settings);
  g_signal_connect_object (
      self->model, "screen-changed", G_CALLBACK (update_hold), self, G_CONNECT_SWAPPED);
  add_actions (self);
}

void
sighej_application_present (SighejApplication *self)
{
  GtkWindow *window = find_window (self);

  if (window == NULL)
    window = GTK_WINDOW (sighej_window_new (self));
  gtk_window_present (window);
}

void
sighej_application_present_dialog (GtkWindow *dialog, GtkWindow *parent)
{
  g_return_if_fail (GTK_IS_WINDOW (dialog));
  g_return_if_fail (GTK_IS_WINDOW (parent));

  gtk_window_set_transient_for (dialog, parent);
  gtk_window_set_application (dialog, gtk_window_get_application (parent));
  gtk_window_present (dialog);
}

static void
sighej_application_activate (GApplication *application)
{
  sighej_application_present (SIGHEJ_APPLICATION (application));
}

static void
sighej_application_class_init (SighejApplicationClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GApplicationClass *application_class = G_APPLICATION_CLASS (class);

  object_class->dispose = sighej_application_dispose;
  application_class->startup = sighej_application_startup;
  application_class->activate = sighej_application_activate;
}

static void
sighej_application_init (SighejApplication *self)
{
}

SighejApplication *
sighej_application_new (void)
{
  SighejApplication *self;

  self = g_object_new (SIGHEJ_TYPE_APPLICATION,
                       "application-id",
                       SIGHEJ_APPLICATION_ID,
                       "resource-base-path",
                       SIGHEJ_APPLICATION_PATH,
                       NULL);
  g_application_set_inactivity_timeout (G_APPLICATION (self), INACTIVITY_TIMEOUT_MS);
  return self;
}

SighejModel *
sighej_application_get_model (SighejApplication *self)
{
  g_return_val_if_fail (SIGHEJ_IS_APPLICATION (self), NULL);

  return self->model;
}
