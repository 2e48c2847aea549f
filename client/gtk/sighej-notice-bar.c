/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-notice-bar.h"

#include <glib/gi18n.h>

#include "sighej-details.h"
#include "sighej-names.h"
#include "sighej-text.h"
#include "sighej-words.h"

#define SECOND_MS 1000

struct _SighejNoticeBar
{
  AdwBin parent_instance;

  SighejModel *model;
  guint tick_source; /* while seconds are counted */

  GtkInfoBar *bar;
  GtkImage *icon;
  GtkLabel *text;
  GtkWidget *retry;
  GtkWidget *details;
};

G_DEFINE_FINAL_TYPE (SighejNoticeBar, sighej_notice_bar, ADW_TYPE_BIN)

static const struct
{
  GtkMessageType type;
  const char *icon;
  gboolean can_retry;
} looks[] = {
  [SIGHEJ_NOTICE_OFFLINE] = { GTK_MESSAGE_WARNING, "network-offline-symbolic", TRUE },
  [SIGHEJ_NOTICE_REFUSED] = { GTK_MESSAGE_ERROR, "dialog-error-symbolic", FALSE },
  [SIGHEJ_NOTICE_RATE_LIMITED] = { GTK_MESSAGE_WARNING, "alarm-symbolic", FALSE },
  [SIGHEJ_NOTICE_LINKABLE] = { GTK_MESSAGE_INFO, "dialog-information-symbolic", FALSE },
};

static char *
dup_limit (SighejNoticeBar *self)
{
  guint64 retry_at = sighej_model_get_retry_at (self->model);
  guint64 now = sighej_model_get_facts (self->model)->now;
  g_autofree char *left = NULL;

  if (retry_at <= now)
    return g_strdup (_ ("Too many tries. Trying again"));
  left = sighej_words_dup_duration (retry_at - now);
  /* Translators: %s is how long, "40 s" */
  return g_strdup_printf (_ ("Too many tries, again in %s"), left);
}

static char *
dup_text (SighejNoticeBar *self, SighejNotice notice)
{
  switch (notice)
    {
    case SIGHEJ_NOTICE_OFFLINE:
      return g_strdup (_ ("No connection. Trying again"));
    case SIGHEJ_NOTICE_REFUSED:
      return sighej_text_dup_capitalised (sighej_words_reason (SIGHEJ_REASON_BACKEND_REFUSED));
    case SIGHEJ_NOTICE_RATE_LIMITED:
      return dup_limit (self);
    case SIGHEJ_NOTICE_LINKABLE:
      return g_strdup (_ ("For a while others could recognise your Bluetooth adapter"));
    case SIGHEJ_NOTICE_NONE:
    default:
      return g_strdup ("");
    }
}

static void update (SighejNoticeBar *self);

static gboolean
on_tick (gpointer user_data)
{
  SighejNoticeBar *self = user_data;

  self->tick_source = 0;
  update (self);
  return G_SOURCE_REMOVE;
}

static void
update (SighejNoticeBar *self)
{
  SighejNotice notice = sighej_model_get_notice (self->model);
  g_autofree char *text = dup_text (self, notice);

  g_clear_handle_id (&self->tick_source, g_source_remove);
  gtk_widget_set_visible (GTK_WIDGET (self->bar), notice != SIGHEJ_NOTICE_NONE);
  if (notice == SIGHEJ_NOTICE_NONE)
    return;
  gtk_info_bar_set_message_type (self->bar, looks[notice].type);
  gtk_image_set_from_icon_name (self->icon, looks[notice].icon);
  gtk_label_set_label (self->text, text);
  gtk_widget_set_visible (self->retry, looks[notice].can_retry);
  if (notice == SIGHEJ_NOTICE_RATE_LIMITED && sighej_model_get_retry_at (self->model) != 0
      && gtk_widget_get_mapped (GTK_WIDGET (self)))
    {
      self->tick_source = g_timeout_add (SECOND_MS, on_tick, self);
      g_source_set_name_by_id (self->tick_source, "sighej-notice-bar");
    }
}

static void
on_retry (SighejNoticeBar *self)
{
  sighej_model_retry (self->model);
}

static void
on_details (SighejNoticeBar *self)
{
  sighej_details_show (self->model, GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))));
}

static void
on_changed (SighejNoticeBar *self)
{
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    update (self);
}

static void
sighej_notice_bar_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (sighej_notice_bar_parent_class)->map (widget);
  update (SIGHEJ_NOTICE_BAR (widget));
}

static void
sighej_notice_bar_unmap (GtkWidget *widget)
{
  SighejNoticeBar *self = SIGHEJ_NOTICE_BAR (widget);

  g_clear_handle_id (&self->tick_source, g_source_remove);
  GTK_WIDGET_CLASS (sighej_notice_bar_parent_class)->unmap (widget);
}

static void
sighej_notice_bar_dispose (GObject *object)
{
  SighejNoticeBar *self = SIGHEJ_NOTICE_BAR (object);

  g_clear_handle_id (&self->tick_source, g_source_remove);
  g_clear_object (&self->model);
  G_OBJECT_CLASS (sighej_notice_bar_parent_class)->dispose (object);
}

static void
sighej_notice_bar_class_init (SighejNoticeBarClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = sighej_notice_bar_dispose;
  widget_class->map = sighej_notice_bar_map;
  widget_class->unmap = sighej_notice_bar_unmap;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               SIGHEJ_CLIENT_PATH "/sighej-notice-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, SighejNoticeBar, icon);
  gtk_widget_class_bind_template_child (widget_class, SighejNoticeBar, text);
  gtk_widget_class_bind_template_child (widget_class, SighejNoticeBar, retry);
  gtk_widget_class_bind_template_child (widget_class, SighejNoticeBar, details);
}

static void
sighej_notice_bar_init (SighejNoticeBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  /* Bound as a child of the template it would be taken away twice at the end. */
  self->bar = GTK_INFO_BAR (adw_bin_get_child (ADW_BIN (self)));
  g_signal_connect_object (self->retry, "clicked", G_CALLBACK (on_retry), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      self->details, "clicked", G_CALLBACK (on_details), self, G_CONNECT_SWAPPED);
}

void
sighej_notice_bar_follow (SighejNoticeBar *self, SighejModel *model)
{
  g_return_if_fail (SIGHEJ_IS_NOTICE_BAR (self));
  g_return_if_fail (self->model == NULL);

  self->model = g_object_ref (model);
  g_signal_connect_object (model, "changed", G_CALLBACK (on_changed), self, G_CONNECT_SWAPPED);
  update (self);
}
