/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-autostart-row.h"

#include <glib/gi18n.h>

#include "sighej-autostart.h"
#include "sighej-background-portal.h"
#include "sighej-sandbox.h"

#define SETTING "autostart-by-portal"
#define PROGRAM "sighej"

struct _SighejAutostartRow
{
  AdwActionRow parent_instance;

  SighejModel *model;
  GCancellable *cancellable;
  GtkSwitch *toggle;
  gboolean sandboxed;
  gboolean showing; /* the switch is moved by us */
};

G_DEFINE_FINAL_TYPE (SighejAutostartRow, sighej_autostart_row, ADW_TYPE_ACTION_ROW)

static void
show (SighejAutostartRow *self, gboolean on)
{
  self->showing = TRUE;
  gtk_switch_set_active (self->toggle, on);
  self->showing = FALSE;
}

/* The switch too, for screen readers. */
static void
set_usable (SighejAutostartRow *self, gboolean usable)
{
  gtk_widget_set_sensitive (GTK_WIDGET (self), usable);
  gtk_widget_set_sensitive (GTK_WIDGET (self->toggle), usable);
}

static GDBusConnection *
get_connection (SighejAutostartRow *self)
{
  SighejClient *client = sighej_model_get_client (self->model);

  return client != NULL ? sighej_client_get_connection (client) : NULL;
}

/* ---- in a sandbox ---- */

static void
say_why_not (SighejAutostartRow *self)
{
  set_usable (self, FALSE);
  adw_action_row_set_subtitle (
      ADW_ACTION_ROW (self),
      _ ("Your desktop does not let programs of a Flatpak start by themselves"));
}

static void
probed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejAutostartRow) self = user_data;
  GSettings *settings;
  g_autoptr (GError) error = NULL;
  gboolean found = sighej_background_portal_probe_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  settings = sighej_model_get_settings (self->model);
  if (!found || settings == NULL)
    {
      say_why_not (self);
      return;
    }

  show (self, g_settings_get_boolean (settings, SETTING));
  set_usable (self, TRUE);
}

static void
requested (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejAutostartRow) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean on = FALSE;
  gboolean done = sighej_background_portal_request_finish (result, &on, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (done)
    g_settings_set_boolean (sighej_model_get_settings (self->model), SETTING, on);
  else
    sighej_model_tell_error (self->model, error);
  show (self, g_settings_get_boolean (sighej_model_get_settings (self->model), SETTING));
}

static void
ask_portal (SighejAutostartRow *self, gboolean on)
{
  GDBusConnection *connection = get_connection (self);

  if (connection != NULL)
    sighej_background_portal_request_async (
        connection,
        _ ("So that you only have to press “Open” when you want to talk."),
        PROGRAM,
        on,
        self->cancellable,
        requested,
        g_object_ref (self));
}

/* ---- either way ---- */

static void
on_toggled (SighejAutostartRow *self)
{
  gboolean on = gtk_switch_get_active (self->toggle);
  g_autoptr (GError) error = NULL;

  if (self->showing)
    return;
  if (self->sandboxed)
    {
      ask_portal (self, on);
      return;
    }
  if (sighej_autostart_set (on, PROGRAM, &error))
    return;

  sighej_model_tell_error (self->model, error);
  show (self, !on);
}

static void
sighej_autostart_row_dispose (GObject *object)
{
  SighejAutostartRow *self = SIGHEJ_AUTOSTART_ROW (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->model);

  G_OBJECT_CLASS (sighej_autostart_row_parent_class)->dispose (object);
}

static void
sighej_autostart_row_class_init (SighejAutostartRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sighej_autostart_row_dispose;
}

static void
sighej_autostart_row_init (SighejAutostartRow *self)
{
  AdwActionRow *row = ADW_ACTION_ROW (self);
  GtkWidget *toggle = gtk_switch_new ();

  self->cancellable = g_cancellable_new ();
  self->toggle = GTK_SWITCH (toggle);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), _ ("Start when I log in"));
  adw_action_row_set_subtitle (row, _ ("Nobody sees you until you press “Open”"));
  gtk_widget_set_valign (toggle, GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (row, toggle);
  adw_action_row_set_activatable_widget (row, toggle);
  g_signal_connect_object (
      toggle, "notify::active", G_CALLBACK (on_toggled), self, G_CONNECT_SWAPPED);
}

void
sighej_autostart_row_set_model (SighejAutostartRow *self, SighejModel *model)
{
  g_return_if_fail (SIGHEJ_IS_AUTOSTART_ROW (self));
  g_return_if_fail (self->model == NULL);

  self->model = g_object_ref (model);
  self->sandboxed = sighej_sandbox_is_inside ();
  if (!self->sandboxed)
    {
      show (self, sighej_autostart_get ());
      return;
    }

  set_usable (self, FALSE);
  if (get_connection (self) != NULL)
    sighej_background_portal_probe_async (
        get_connection (self), self->cancellable, probed, g_object_ref (self));
  else
    say_why_not (self);
}
