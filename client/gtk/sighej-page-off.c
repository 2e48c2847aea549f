/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-page-off.h"

#include <glib/gi18n.h>

#include "sighej-labels.h"
#include "sighej-names.h"
#include "sighej-words.h"

/* What is offered, minutes, ascending; and what the daemon takes when nobody chose. */
static const guint offered_minutes[] = { 15, 30, 60, 120, 180, 240 };

#define DEFAULT_MINUTES 120
#define SECONDS_PER_MINUTE 60

struct _SighejPageOff
{
  AdwBin parent_instance;

  SighejModel *model;
  GArray *minutes;  /* of guint: what the picker offers now */
  gboolean showing; /* what the model says, into the picker */

  GtkLabel *open_label;
  GtkLabel *title;
  GtkLabel *description;
  AdwComboRow *duration;
  AdwActionRow *interests;
};

G_DEFINE_FINAL_TYPE (SighejPageOff, sighej_page_off, ADW_TYPE_BIN)

/* The offers, and the one chosen elsewhere where it is none of them. */
static guint
collect_minutes (SighejPageOff *self)
{
  guint chosen = sighej_model_get_duration_s (self->model) / SECONDS_PER_MINUTE;
  guint selected = 0;

  if (chosen == 0)
    chosen = DEFAULT_MINUTES;
  g_array_set_size (self->minutes, 0);
  for (guint i = 0; i < G_N_ELEMENTS (offered_minutes); i++)
    {
      if (chosen < offered_minutes[i] && (i == 0 || chosen > offered_minutes[i - 1]))
        g_array_append_val (self->minutes, chosen);
      g_array_append_val (self->minutes, offered_minutes[i]);
    }
  while (selected + 1 < self->minutes->len
         && g_array_index (self->minutes, guint, selected) != chosen)
    selected++;
  return selected;
}

static void
show_duration (SighejPageOff *self)
{
  g_autoptr (GtkStringList) words = gtk_string_list_new (NULL);
  guint selected = collect_minutes (self);

  for (guint i = 0; i < self->minutes->len; i++)
    gtk_string_list_take (
        words,
        sighej_words_dup_duration ((guint64) g_array_index (self->minutes, guint, i)
                                   * SECONDS_PER_MINUTE));
  self->showing = TRUE;
  adw_combo_row_set_model (self->duration, G_LIST_MODEL (words));
  adw_combo_row_set_selected (self->duration, selected);
  self->showing = FALSE;
}

static void
on_duration_chosen (SighejPageOff *self)
{
  guint selected = adw_combo_row_get_selected (self->duration);

  if (!self->showing && selected < self->minutes->len)
    sighej_model_set_duration_s (
        self->model, g_array_index (self->minutes, guint, selected) * SECONDS_PER_MINUTE);
}

/* Chosen in the preferences, unless it is what was just chosen here. */
static void
on_duration_kept (SighejPageOff *self)
{
  guint selected = adw_combo_row_get_selected (self->duration);
  guint kept = sighej_model_get_duration_s (self->model) / SECONDS_PER_MINUTE;

  if (selected >= self->minutes->len || g_array_index (self->minutes, guint, selected) != kept)
    show_duration (self);
}

static void
show_interests (SighejPageOff *self)
{
  g_auto (GStrv) labels = sighej_dup_interest_labels (sighej_model_get_interests (self->model));
  g_autofree char *joined = g_strjoinv (", ", labels);
  g_autofree char *markup = g_markup_escape_text (joined, -1);

  adw_action_row_set_subtitle (self->interests, markup);
}

static void
update (SighejPageOff *self)
{
  SighejScreen screen = sighej_model_get_screen (self->model);
  gboolean expired = screen == SIGHEJ_SCREEN_EXPIRED;

  if (!expired && screen != SIGHEJ_SCREEN_OFF)
    return;
  gtk_label_set_label (self->open_label, expired ? _ ("Open again") : _ ("Open"));
  gtk_label_set_label (self->title, expired ? _ ("Time is up") : _ ("You are not open to talk"));
  gtk_label_set_label (
      self->description,
      expired ? _ ("You are no longer open to talk. Nobody sees you.")
              : _ ("Open, and people near who share an interest can say hi. Nobody sees you now."));
  show_interests (self);
}

static void
on_changed (SighejPageOff *self)
{
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    update (self);
}

static void
sighej_page_off_map (GtkWidget *widget)
{
  SighejPageOff *self = SIGHEJ_PAGE_OFF (widget);

  GTK_WIDGET_CLASS (sighej_page_off_parent_class)->map (widget);
  show_duration (self);
  update (self);
}

static void
sighej_page_off_dispose (GObject *object)
{
  SighejPageOff *self = SIGHEJ_PAGE_OFF (object);

  g_clear_object (&self->model);
  G_OBJECT_CLASS (sighej_page_off_parent_class)->dispose (object);
}

static void
sighej_page_off_finalize (GObject *object)
{
  g_array_unref (SIGHEJ_PAGE_OFF (object)->minutes);
  G_OBJECT_CLASS (sighej_page_off_parent_class)->finalize (object);
}

static void
sighej_page_off_class_init (SighejPageOffClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = sighej_page_off_dispose;
  object_class->finalize = sighej_page_off_finalize;
  widget_class->map = sighej_page_off_map;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               SIGHEJ_CLIENT_PATH "/sighej-page-off.ui");
  gtk_widget_class_bind_template_child (widget_class, SighejPageOff, open_label);
  gtk_widget_class_bind_template_child (widget_class, SighejPageOff, title);
  gtk_widget_class_bind_template_child (widget_class, SighejPageOff, description);
  gtk_widget_class_bind_template_child (widget_class, SighejPageOff, duration);
  gtk_widget_class_bind_template_child (widget_class, SighejPageOff, interests);
}

static void
sighej_page_off_init (SighejPageOff *self)
{
  self->minutes = g_array_new (FALSE, FALSE, sizeof (guint));
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (
      self->duration, "notify::selected", G_CALLBACK (on_duration_chosen), self, G_CONNECT_SWAPPED);
}

GtkWidget *
sighej_page_off_new (SighejModel *model)
{
  SighejPageOff *self = g_object_new (SIGHEJ_TYPE_PAGE_OFF, NULL);
  GSettings *settings = sighej_model_get_settings (model);

  self->model = g_object_ref (model);
  if (settings != NULL)
    g_signal_connect_object (settings,
                             "changed::duration-minutes",
                             G_CALLBACK (on_duration_kept),
                             self,
                             G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "changed", G_CALLBACK (on_changed), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}
