/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-countdown.h"

#include "sighej-words.h"

#define SECONDS_A_MINUTE 60

struct _SighejCountdown
{
  AdwBin parent_instance;

  GtkLabel *label;
  guint64 expires_s;
  guint timer;
};

G_DEFINE_FINAL_TYPE (SighejCountdown, sighej_countdown, ADW_TYPE_BIN)

static void update (SighejCountdown *self);

static gboolean
on_tick (gpointer user_data)
{
  SighejCountdown *self = user_data;

  self->timer = 0;
  update (self);
  return G_SOURCE_REMOVE;
}

/* When the words are others: whole minutes are shown until the last one. */
static guint
seconds_to_change (guint64 left_s)
{
  return left_s > SECONDS_A_MINUTE ? (guint) (left_s % SECONDS_A_MINUTE) + 1 : 1;
}

static void
update (SighejCountdown *self)
{
  guint64 now_s = (guint64) (g_get_real_time () / G_USEC_PER_SEC);
  guint64 left_s = self->expires_s > now_s ? self->expires_s - now_s : 0;
  g_autofree char *text = left_s > 0 ? sighej_words_dup_left (left_s) : g_strdup ("");

  g_clear_handle_id (&self->timer, g_source_remove);
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  gtk_label_set_text (self->label, text);
  if (left_s == 0)
    return;
  self->timer = g_timeout_add_seconds (seconds_to_change (left_s), on_tick, self);
  g_source_set_name_by_id (self->timer, "[sighej] time left");
}

static void
sighej_countdown_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (sighej_countdown_parent_class)->map (widget);
  update (SIGHEJ_COUNTDOWN (widget));
}

static void
sighej_countdown_unmap (GtkWidget *widget)
{
  g_clear_handle_id (&SIGHEJ_COUNTDOWN (widget)->timer, g_source_remove);
  GTK_WIDGET_CLASS (sighej_countdown_parent_class)->unmap (widget);
}

static void
sighej_countdown_dispose (GObject *object)
{
  g_clear_handle_id (&SIGHEJ_COUNTDOWN (object)->timer, g_source_remove);
  G_OBJECT_CLASS (sighej_countdown_parent_class)->dispose (object);
}

static void
sighej_countdown_class_init (SighejCountdownClass *class)
{
  G_OBJECT_CLASS (class)->dispose = sighej_countdown_dispose;
  GTK_WIDGET_CLASS (class)->map = sighej_countdown_map;
  GTK_WIDGET_CLASS (class)->unmap = sighej_countdown_unmap;
}

static void
sighej_countdown_init (SighejCountdown *self)
{
  self->label = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->label, TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->label), "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (self->label), "numeric");
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->label));
}

void
sighej_countdown_set_end (SighejCountdown *self, guint64 expires_s)
{
  g_return_if_fail (SIGHEJ_IS_COUNTDOWN (self));

  if (self->expires_s == expires_s)
    return;
  self->expires_s = expires_s;
  update (self);
}
