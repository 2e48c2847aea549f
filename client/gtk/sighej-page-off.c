/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-page-off.h"

#include <glib/gi18n.h>

#include "sighej-application.h"

struct _SighejPageOff
{
  AdwBin parent_instance;

  SighejModel *model;
  AdwStatusPage *status;
};

G_DEFINE_FINAL_TYPE (SighejPageOff, sighej_page_off, ADW_TYPE_BIN)

static void
update (SighejPageOff *self)
{
  gboolean expired = sighej_model_get_screen (self->model) == SIGHEJ_SCREEN_EXPIRED;

  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  adw_status_page_set_title (self->status,
                             expired ? _ ("Time is up") : _ ("You are not open to talk"));
}

static void
sighej_page_off_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (sighej_page_off_parent_class)->map (widget);
  update (SIGHEJ_PAGE_OFF (widget));
}

static void
sighej_page_off_dispose (GObject *object)
{
  SighejPageOff *self = SIGHEJ_PAGE_OFF (object);

  g_clear_object (&self->model);
  gtk_widget_dispose_template (GTK_WIDGET (self), SIGHEJ_TYPE_PAGE_OFF);
  G_OBJECT_CLASS (sighej_page_off_parent_class)->dispose (object);
}

static void
sighej_page_off_class_init (SighejPageOffClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = sighej_page_off_dispose;
  widget_class->map = sighej_page_off_map;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               SIGHEJ_APPLICATION_PATH "/sighej-page-off.ui");
  gtk_widget_class_bind_template_child (widget_class, SighejPageOff, status);
}

static void
sighej_page_off_init (SighejPageOff *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
sighej_page_off_new (SighejModel *model)
{
  SighejPageOff *self = g_object_new (SIGHEJ_TYPE_PAGE_OFF, NULL);

  self->model = g_object_ref (model);
  g_signal_connect_object (model, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
