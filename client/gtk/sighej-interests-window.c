/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-interests-window.h"

#include "sighej-error-toast.h"
#include "sighej-interest-chips.h"
#include "sighej-names.h"

struct _SighejInterestsWindow
{
  AdwWindow parent_instance;

  AdwToastOverlay *toasts;
  GtkBox *content;
};

G_DEFINE_FINAL_TYPE (SighejInterestsWindow, sighej_interests_window, ADW_TYPE_WINDOW)

static void
sighej_interests_window_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), SIGHEJ_TYPE_INTERESTS_WINDOW);

  G_OBJECT_CLASS (sighej_interests_window_parent_class)->dispose (object);
}

static void
sighej_interests_window_class_init (SighejInterestsWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = sighej_interests_window_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               SIGHEJ_CLIENT_PATH "/sighej-interests-window.ui");
  gtk_widget_class_bind_template_child (widget_class, SighejInterestsWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, SighejInterestsWindow, content);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_DIALOG);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
sighej_interests_window_init (SighejInterestsWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWindow *
sighej_interests_window_new (SighejModel *model)
{
  SighejInterestsWindow *self = g_object_new (SIGHEJ_TYPE_INTERESTS_WINDOW, NULL);
  GtkWidget *chips = sighej_interest_chips_new (model);

  sighej_error_toast_follow (self->toasts, model);
  gtk_box_append (self->content, chips);
  gtk_widget_grab_focus (chips);
  return GTK_WINDOW (self);
}
