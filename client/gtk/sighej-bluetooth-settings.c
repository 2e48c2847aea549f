/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-bluetooth-settings.h"

static const struct
{
  const char *program;
  const char *command;
} known[] = {
  { "gnome-control-center", "gnome-control-center bluetooth" },
  { "kcmshell5", "kcmshell5 kcm_bluetooth" },
  { "blueman-manager", "blueman-manager" },
};

static const char *
find_command (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    {
      g_autofree char *path = g_find_program_in_path (known[i].program);

      if (path != NULL)
        return known[i].command;
    }
  return NULL;
}

gboolean
sighej_bluetooth_settings_exist (void)
{
  return find_command () != NULL;
}

gboolean
sighej_bluetooth_settings_show (GtkWidget *window, GError **error)
{
  const char *command = find_command ();
  g_autoptr (GdkAppLaunchContext) context
      = gdk_display_get_app_launch_context (gtk_widget_get_display (window));
  g_autoptr (GAppInfo) info = NULL;

  if (command == NULL)
    {
      g_set_error_literal (error,
                           G_IO_ERROR,
                           G_IO_ERROR_NOT_FOUND,
                           "no program for Bluetooth settings is installed");
      return FALSE;
    }
  info = g_app_info_create_from_commandline (command, NULL, G_APP_INFO_CREATE_NONE, error);
  return info != NULL && g_app_info_launch (info, NULL, G_APP_LAUNCH_CONTEXT (context), error);
}
