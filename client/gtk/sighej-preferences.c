/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-preferences.h"

#include <glib/gi18n.h>
#include <string.h>

#include "sighej-autostart-row.h"
#include "sighej-chips.h"
#include "sighej-daemon-property.h"
#include "sighej-error-toast.h"
#include "sighej-names.h"
#include "sighej-quiet-hours.h"
#include "sighej-words.h"

#define DEFAULT_DURATION_S 7200

struct _SighejPreferences
{
  AdwPreferencesWindow parent_instance;

  SighejModel *model;
  GCancellable *cancellable;
  gboolean showing; /* a row is changed by us, not by the person */
  GArray *durations_s;
  GStrv adapter_paths;

  AdwComboRow *duration;
  AdwActionRow *interests;
  AdwComboRow *language;
  GtkSwitch *pause_on_lock;
  AdwActionRow *notify_nudges_row;
  GtkSwitch *notify_nudges;
  AdwActionRow *notify_nearby_row;
  GtkSwitch *notify_nearby;
  SighejQuietHours *quiet_hours;
  AdwComboRow *adapters;
  AdwActionRow *adapter;
  AdwEntryRow *backend;
  GtkLabel *backend_problem;
  SighejAutostartRow *autostart;
};

G_DEFINE_FINAL_TYPE (SighejPreferences, sighej_preferences, ADW_TYPE_PREFERENCES_WINDOW)

static const guint offered_s[] = { 1800, 3600, 7200, 10800, 14400 };
static const char *const languages[] = { "en", "da" };

static void show_held (SighejPreferences *self);

/* ---- what the daemon keeps ---- */

static void
written (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejPreferences) self = user_data;
  g_autoptr (GError) error = NULL;

  if (sighej_daemon_property_write_finish (SIGHEJ_MODEL (source), result, &error)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  sighej_model_tell_error (self->model, error);
  show_held (self);
}

static void
write_property (SighejPreferences *self, const char *name, GVariant *value)
{
  sighej_daemon_property_write_async (
      self->model, name, value, self->cancellable, written, g_object_ref (self));
}

/* A switch shows a property of its daemon; without it the row of the switch cannot be used. */
static void
show_switch (SighejPreferences *self, GtkSwitch *toggle, const char *property)
{
  g_autoptr (GVariant) value = sighej_daemon_property_read (self->model, property);
  GtkWidget *row = gtk_widget_get_ancestor (GTK_WIDGET (toggle), ADW_TYPE_ACTION_ROW);

  gtk_widget_set_sensitive (row, value != NULL);
  gtk_widget_set_sensitive (GTK_WIDGET (toggle), value != NULL); /* for screen readers */
  if (value != NULL)
    gtk_switch_set_active (toggle, g_variant_get_boolean (value));
}

static void
on_pause_on_lock (SighejPreferences *self)
{
  if (!self->showing)
    write_property (
        self, "PauseOnLock", g_variant_new_boolean (gtk_switch_get_active (self->pause_on_lock)));
}

static void
on_notify_nearby (SighejPreferences *self)
{
  if (!self->showing)
    write_property (
        self, "NotifyNearby", g_variant_new_boolean (gtk_switch_get_active (self->notify_nearby)));
}

/* ---- language ---- */

static void
show_language (SighejPreferences *self)
{
  g_autoptr (GVariant) value = sighej_daemon_property_read (self->model, "Language");

  gtk_widget_set_sensitive (GTK_WIDGET (self->language), value != NULL);
  for (guint i = 0; value != NULL && i < G_N_ELEMENTS (languages); i++)
    if (g_str_equal (g_variant_get_string (value, NULL), languages[i]))
      adw_combo_row_set_selected (self->language, i);
}

static void
on_language (SighejPreferences *self)
{
  guint selected = adw_combo_row_get_selected (self->language);

  if (!self->showing && selected < G_N_ELEMENTS (languages))
    write_property (self, "Language", g_variant_new_string (languages[selected]));
}

/* ---- how long ---- */

static guint
current_duration_s (SighejPreferences *self)
{
  guint duration_s = sighej_model_get_duration_s (self->model);

  return duration_s != 0 ? duration_s : DEFAULT_DURATION_S;
}

/* Those offered, and the one that holds when it is another. */
static void
fill_durations (SighejPreferences *self)
{
  g_autoptr (GtkStringList) texts = gtk_string_list_new (NULL);
  guint current_s = current_duration_s (self);
  guint selected = 0;

  while (selected < G_N_ELEMENTS (offered_s) && offered_s[selected] < current_s)
    selected++;
  g_array_append_vals (self->durations_s, offered_s, G_N_ELEMENTS (offered_s));
  if (selected == G_N_ELEMENTS (offered_s) || offered_s[selected] != current_s)
    g_array_insert_val (self->durations_s, selected, current_s);

  for (guint i = 0; i < self->durations_s->len; i++)
    gtk_string_list_take (texts,
                          sighej_words_dup_duration (g_array_index (self->durations_s, guint, i)));
  adw_combo_row_set_model (self->duration, G_LIST_MODEL (texts));
  adw_combo_row_set_selected (self->duration, selected);
}

static void
on_duration (SighejPreferences *self)
{
  guint selected = adw_combo_row_get_selected (self->duration);

  if (!self->showing && selected < self->durations_s->len)
    sighej_model_set_duration_s (self->model, g_array_index (self->durations_s, guint, selected));
}

/* ---- interests ---- */

static void
show_interests (SighejPreferences *self)
{
  const char *const *interests = sighej_model_get_interests (self->model);
  g_autoptr (GVariant) language = sighej_daemon_property_read (self->model, "Language");
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) labels = NULL;
  g_autofree char *list = NULL;

  for (guint i = 0; interests[i] != NULL; i++)
    {
      g_autofree char *label = sighej_chips_dup_label (
          interests[i], language != NULL ? g_variant_get_string (language, NULL) : NULL);

      g_strv_builder_add (builder, label);
    }
  labels = g_strv_builder_end (builder);
  list = sighej_words_dup_list ((const char *const *) labels);
  adw_action_row_set_subtitle (self->interests, labels[0] != NULL ? list : _ ("None yet"));
}

/* ---- Bluetooth ---- */

/* "hci0" of "/org/bluez/hci0" */
static const char *
adapter_name (const char *path)
{
  const char *slash = strrchr (path, '/');

  return slash != NULL ? slash + 1 : path;
}

static void
fill_adapters (SighejPreferences *self, GStrv paths)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  g_strfreev (self->adapter_paths);
  self->adapter_paths = g_strdupv (paths);
  for (guint i = 0; paths[i] != NULL; i++)
    gtk_string_list_append (names, adapter_name (paths[i]));
  adw_combo_row_set_model (self->adapters, G_LIST_MODEL (names));
}

static void
describe_adapter (SighejPreferences *self, GStrv paths)
{
  g_autofree char *only = NULL;

  if (paths != NULL && paths[0] != NULL)
    only = g_strdup_printf (_ ("%s, the only one this computer has"), adapter_name (paths[0]));
  adw_action_row_set_subtitle (self->adapter,
                               only != NULL ? only : _ ("This computer has none that can be used"));
}

static void
show_adapters (SighejPreferences *self)
{
  g_autoptr (GVariant) all = sighej_daemon_property_read (self->model, "Adapters");
  g_autoptr (GVariant) used = sighej_daemon_property_read (self->model, "Adapter");
  g_auto (GStrv) paths = all != NULL ? g_variant_dup_objv (all, NULL) : NULL;
  gboolean several = paths != NULL && g_strv_length (paths) > 1;

  gtk_widget_set_visible (GTK_WIDGET (self->adapters), several);
  gtk_widget_set_visible (GTK_WIDGET (self->adapter), !several);
  if (!several)
    {
      describe_adapter (self, paths);
      return;
    }
  if (self->adapter_paths == NULL
      || !g_strv_equal ((const char *const *) paths, (const char *const *) self->adapter_paths))
    fill_adapters (self, paths);
  for (guint i = 0; used != NULL && paths[i] != NULL; i++)
    if (g_str_equal (paths[i], g_variant_get_string (used, NULL)))
      adw_combo_row_set_selected (self->adapters, i);
}

static void
on_adapter (SighejPreferences *self)
{
  guint selected = adw_combo_row_get_selected (self->adapters);

  if (!self->showing && self->adapter_paths != NULL
      && selected < g_strv_length (self->adapter_paths))
    write_property (self, "Adapter", g_variant_new_object_path (self->adapter_paths[selected]));
}

/* ---- backend ---- */

static void
show_backend_problem (SighejPreferences *self, const char *clause)
{
  gtk_label_set_label (self->backend_problem, clause);
  gtk_widget_set_visible (GTK_WIDGET (self->backend_problem), *clause != '\0');
  if (*clause != '\0')
    gtk_widget_add_css_class (GTK_WIDGET (self->backend), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->backend), "error");
}

/* What is being written stays: it is ours until it is applied. */
static void
show_backend (SighejPreferences *self)
{
  g_autoptr (GVariant) uri = sighej_daemon_property_read (self->model, "BackendUri");

  gtk_widget_set_sensitive (GTK_WIDGET (self->backend), uri != NULL);
  if (uri == NULL
      || (gtk_widget_get_state_flags (GTK_WIDGET (self->backend)) & GTK_STATE_FLAG_FOCUS_WITHIN)
             != 0)
    return;
  if (!g_str_equal (gtk_editable_get_text (GTK_EDITABLE (self->backend)),
                    g_variant_get_string (uri, NULL)))
    gtk_editable_set_text (GTK_EDITABLE (self->backend), g_variant_get_string (uri, NULL));
}

/* The address stays to be mended; what is wrong with it stands below. */
static void
backend_written (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejPreferences) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *clause = NULL;

  if (sighej_daemon_property_write_finish (SIGHEJ_MODEL (source), result, &error))
    show_backend_problem (self, "");
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      clause = sighej_words_dup_error (error);
      show_backend_problem (self, clause);
    }
}

static void
on_backend_apply (SighejPreferences *self)
{
  g_autofree char *uri
      = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->backend))));

  sighej_daemon_property_write_async (self->model,
                                      "BackendUri",
                                      g_variant_new_string (uri),
                                      self->cancellable,
                                      backend_written,
                                      g_object_ref (self));
}

/* ---- all of it ---- */

static void
show_held (SighejPreferences *self)
{
  self->showing = TRUE;
  show_switch (self, self->pause_on_lock, "PauseOnLock");
  show_switch (self, self->notify_nearby, "NotifyNearby");
  show_language (self);
  show_interests (self);
  show_adapters (self);
  show_backend (self);
  self->showing = FALSE;
}

static void
bind_settings (SighejPreferences *self)
{
  GSettings *settings = sighej_model_get_settings (self->model);

  gtk_widget_set_sensitive (GTK_WIDGET (self->notify_nudges_row), settings != NULL);
  gtk_widget_set_sensitive (GTK_WIDGET (self->notify_nudges), settings != NULL);
  if (settings != NULL)
    g_settings_bind (
        settings, "notify-nudges", self->notify_nudges, "active", G_SETTINGS_BIND_DEFAULT);
}

static void
connect_rows (SighejPreferences *self)
{
  const struct
  {
    gpointer row;
    const char *signal;
    void (*callback) (SighejPreferences *self);
  } rows[] = {
    { self->duration, "notify::selected", on_duration },
    { self->language, "notify::selected", on_language },
    { self->adapters, "notify::selected", on_adapter },
    { self->pause_on_lock, "notify::active", on_pause_on_lock },
    { self->notify_nearby, "notify::active", on_notify_nearby },
    { self->backend, "apply", on_backend_apply },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_signal_connect_object (
        rows[i].row, rows[i].signal, G_CALLBACK (rows[i].callback), self, G_CONNECT_SWAPPED);
}

/* ---- life ---- */

static void
sighej_preferences_dispose (GObject *object)
{
  SighejPreferences *self = SIGHEJ_PREFERENCES (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->model);
  gtk_widget_dispose_template (GTK_WIDGET (self), SIGHEJ_TYPE_PREFERENCES);

  G_OBJECT_CLASS (sighej_preferences_parent_class)->dispose (object);
}

static void
sighej_preferences_finalize (GObject *object)
{
  SighejPreferences *self = SIGHEJ_PREFERENCES (object);

  g_array_unref (self->durations_s);
  g_strfreev (self->adapter_paths);

  G_OBJECT_CLASS (sighej_preferences_parent_class)->finalize (object);
}

#define BIND(child) gtk_widget_class_bind_template_child (widget_class, SighejPreferences, child)

static void
sighej_preferences_class_init (SighejPreferencesClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = sighej_preferences_dispose;
  object_class->finalize = sighej_preferences_finalize;

  g_type_ensure (SIGHEJ_TYPE_QUIET_HOURS);
  g_type_ensure (SIGHEJ_TYPE_AUTOSTART_ROW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               SIGHEJ_CLIENT_PATH "/sighej-preferences.ui");
  BIND (duration);
  BIND (interests);
  BIND (language);
  BIND (pause_on_lock);
  BIND (notify_nudges_row);
  BIND (notify_nudges);
  BIND (notify_nearby_row);
  BIND (notify_nearby);
  BIND (quiet_hours);
  BIND (adapters);
  BIND (adapter);
  BIND (backend);
  BIND (backend_problem);
  BIND (autostart);
}

static void
sighej_preferences_init (SighejPreferences *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));

  self->cancellable = g_cancellable_new ();
  self->durations_s = g_array_new (FALSE, FALSE, sizeof (guint));
}

GtkWindow *
sighej_preferences_new (SighejModel *model)
{
  SighejPreferences *self = g_object_new (SIGHEJ_TYPE_PREFERENCES, NULL);
  GtkWidget *toasts
      = gtk_widget_get_ancestor (GTK_WIDGET (self->interests), ADW_TYPE_TOAST_OVERLAY);

  self->model = g_object_ref (model);
  fill_durations (self);
  bind_settings (self);
  show_held (self);
  sighej_quiet_hours_set_model (self->quiet_hours, model);
  sighej_autostart_row_set_model (self->autostart, model);
  connect_rows (self);
  if (toasts != NULL)
    sighej_error_toast_follow (ADW_TOAST_OVERLAY (toasts), model);
  g_signal_connect_object (model, "changed", G_CALLBACK (show_held), self, G_CONNECT_SWAPPED);
  return GTK_WINDOW (self);
}
