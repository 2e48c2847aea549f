/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-help.h"

#include "sighej-names.h"

struct _SighejHelp
{
  AdwWindow parent_instance;
};

G_DEFINE_FINAL_TYPE (SighejHelp, sighej_help, ADW_TYPE_WINDOW)

static void
sighej_help_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), SIGHEJ_TYPE_HELP);

  G_OBJECT_CLASS (sighej_help_parent_class)->dispose (object);
}

static void
sighej_help_class_init (SighejHelpClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = sighej_help_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, SIGHEJ_CLIENT_PATH "/sighej-help.ui");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_DIALOG);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
sighej_help_init (SighejHelp *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWindow *
sighej_help_new (SighejModel *model)
{
  return g_object_new (SIGHEJ_TYPE_HELP, NULL);
}
