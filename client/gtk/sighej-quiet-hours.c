/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-quiet-hours.h"

#include <glib/gi18n.h>

#include "sighej-daemon-property.h"
#include "sighej-time-range.h"

#define PROPERTY "QuietHours"
/* As many as the daemon keeps (org.sighej.xml). */
#define RANGES_MAX 8

struct _SighejQuietHours
{
  AdwPreferencesGroup parent_instance;

  SighejModel *model;
  GCancellable *cancellable;

  GStrv shown;
  GPtrArray *rows; /* one of each shown; lent by the group */
  AdwEntryRow *more;
  GtkLabel *problem;
};

G_DEFINE_FINAL_TYPE (SighejQuietHours, sighej_quiet_hours, ADW_TYPE_PREFERENCES_GROUP)

static void show_held (SighejQuietHours *self);
static void on_apply (AdwEntryRow *row, SighejQuietHours *self);
static void on_remove (GtkButton *button, SighejQuietHours *self);

static void
show_problem (SighejQuietHours *self, AdwEntryRow *row, const char *sentence)
{
  gtk_label_set_label (self->problem, sentence);
  gtk_widget_set_visible (GTK_WIDGET (self->problem), *sentence != '\0');
  if (row != NULL && *sentence != '\0')
    gtk_widget_add_css_class (GTK_WIDGET (row), "error");
  else if (row != NULL)
    gtk_widget_remove_css_class (GTK_WIDGET (row), "error");
}

/* ---- telling the daemon ---- */

static void
written (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejQuietHours) self = user_data;
  g_autoptr (GError) error = NULL;

  if (sighej_daemon_property_write_finish (SIGHEJ_MODEL (source), result, &error)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  sighej_model_tell_error (self->model, error);
  show_held (self);
}

static void
write_ranges (SighejQuietHours *self, const char *const *ranges)
{
  sighej_daemon_property_write_async (self->model,
                                      PROPERTY,
                                      g_variant_new_strv (ranges, -1),
                                      self->cancellable,
                                      written,
                                      g_object_ref (self));
}

/* Puts @range where @position is, or, when that is none, behind the others; NULL: leaves it out. */
static void
replace (SighejQuietHours *self, guint position, const char *range)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) ranges = NULL;

  for (guint i = 0; self->shown[i] != NULL; i++)
    if (i != position)
      g_strv_builder_add (builder, self->shown[i]);
    else if (range != NULL)
      g_strv_builder_add (builder, range);
  if (position >= g_strv_length (self->shown) && range != NULL)
    g_strv_builder_add (builder, range);

  ranges = g_strv_builder_end (builder);
  write_ranges (self, (const char *const *) ranges);
}

/* ---- rows ---- */

static AdwEntryRow *
make_row (SighejQuietHours *self, const char *title)
{
  AdwEntryRow *row = ADW_ENTRY_ROW (adw_entry_row_new ());

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_entry_row_set_show_apply_button (row, TRUE);
  adw_entry_row_set_input_hints (row, GTK_INPUT_HINT_NO_SPELLCHECK | GTK_INPUT_HINT_NO_EMOJI);
  g_signal_connect_object (row, "apply", G_CALLBACK (on_apply), self, G_CONNECT_DEFAULT);
  return row;
}

static AdwEntryRow *
make_range_row (SighejQuietHours *self, const char *range)
{
  g_autofree char *text = sighej_time_range_dup_text (range);
  g_autofree char *name = g_strdup_printf (_ ("Remove %s"), text);
  AdwEntryRow *row = make_row (self, _ ("Quiet from – to"));
  GtkWidget *button = gtk_button_new_from_icon_name ("user-trash-symbolic");

  gtk_editable_set_text (GTK_EDITABLE (row), text);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_signal_connect_object (button, "clicked", G_CALLBACK (on_remove), self, G_CONNECT_DEFAULT);
  adw_entry_row_add_suffix (row, button);
  return row;
}

static void
show_ranges (SighejQuietHours *self, GStrv ranges)
{
  GStrv before = self->shown;
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP (self);

  self->shown = g_strdupv (ranges);
  for (guint i = 0; i < self->rows->len; i++)
    adw_preferences_group_remove (group, self->rows->pdata[i]);
  g_ptr_array_set_size (self->rows, 0);

  /* The row to add more stays the last. */
  g_object_ref (self->more);
  adw_preferences_group_remove (group, GTK_WIDGET (self->more));
  for (guint i = 0; ranges[i] != NULL; i++)
    {
      g_ptr_array_add (self->rows, make_range_row (self, ranges[i]));
      adw_preferences_group_add (group, self->rows->pdata[i]);
    }
  adw_preferences_group_add (group, GTK_WIDGET (self->more));
  g_object_unref (self->more);
  gtk_widget_set_visible (GTK_WIDGET (self->more), g_strv_length (ranges) < RANGES_MAX);
  g_strfreev (before); /* not sooner: @ranges may be it */
}

static void
show_held (SighejQuietHours *self)
{
  g_autoptr (GVariant) value = sighej_daemon_property_read (self->model, PROPERTY);
  g_auto (GStrv) ranges = value != NULL ? g_variant_dup_strv (value, NULL) : NULL;

  gtk_widget_set_sensitive (GTK_WIDGET (self), ranges != NULL);
  if (ranges != NULL
      && !g_strv_equal ((const char *const *) ranges, (const char *const *) self->shown))
    show_ranges (self, ranges);
}

/* ---- what the person does ---- */

static void
on_apply (AdwEntryRow *row, SighejQuietHours *self)
{
  g_autofree char *range = sighej_time_range_parse (gtk_editable_get_text (GTK_EDITABLE (row)));
  guint position;

  if (range == NULL)
    {
      show_problem (self, row, _ ("That is no time from – to. Write it like this: 22:00-08:00"));
      return;
    }

  show_problem (self, row, "");
  if (!g_ptr_array_find (self->rows, row, &position))
    {
      position = G_MAXUINT;
      gtk_editable_set_text (GTK_EDITABLE (row), "");
    }
  replace (self, position, range);
}

static void
on_remove (GtkButton *button, SighejQuietHours *self)
{
  GtkWidget *row = gtk_widget_get_ancestor (GTK_WIDGET (button), ADW_TYPE_ENTRY_ROW);
  guint position;

  if (!g_ptr_array_find (self->rows, row, &position))
    return;

  show_problem (self, NULL, "");
  gtk_widget_child_focus (GTK_WIDGET (self->more), GTK_DIR_TAB_FORWARD);
  replace (self, position, NULL);
}

/* ---- life ---- */

static void
sighej_quiet_hours_dispose (GObject *object)
{
  SighejQuietHours *self = SIGHEJ_QUIET_HOURS (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->model);

  G_OBJECT_CLASS (sighej_quiet_hours_parent_class)->dispose (object);
}

static void
sighej_quiet_hours_finalize (GObject *object)
{
  SighejQuietHours *self = SIGHEJ_QUIET_HOURS (object);

  g_ptr_array_unref (self->rows);
  g_strfreev (self->shown);

  G_OBJECT_CLASS (sighej_quiet_hours_parent_class)->finalize (object);
}

static void
sighej_quiet_hours_class_init (SighejQuietHoursClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = sighej_quiet_hours_dispose;
  object_class->finalize = sighej_quiet_hours_finalize;
}

static GtkWidget *
make_problem (SighejQuietHours *self)
{
  GtkWidget *label = gtk_label_new (NULL);

  self->problem = GTK_LABEL (label);
  gtk_label_set_wrap (self->problem, TRUE);
  gtk_label_set_xalign (self->problem, 0);
  gtk_widget_add_css_class (label, "error");
  gtk_widget_set_margin_top (label, 6);
  gtk_widget_set_visible (label, FALSE);
  return label;
}

static void
sighej_quiet_hours_init (SighejQuietHours *self)
{
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP (self);

  self->cancellable = g_cancellable_new ();
  self->shown = g_new0 (char *, 1);
  self->rows = g_ptr_array_new ();
  self->more = make_row (self, _ ("Add a time"));
  adw_preferences_group_set_title (group, _ ("Quiet hours"));
  adw_preferences_group_set_description (group,
                                         _ ("At these times nobody sees you, even if you are open "
                                            "to talk. Write them like this: 22:00-08:00"));
  adw_preferences_group_add (group, GTK_WIDGET (self->more));
  adw_preferences_group_add (group, make_problem (self));
}

void
sighej_quiet_hours_set_model (SighejQuietHours *self, SighejModel *model)
{
  g_return_if_fail (SIGHEJ_IS_QUIET_HOURS (self));
  g_return_if_fail (self->model == NULL);

  self->model = g_object_ref (model);
  g_signal_connect_object (model, "changed", G_CALLBACK (show_held), self, G_CONNECT_SWAPPED);
  show_held (self);
}
