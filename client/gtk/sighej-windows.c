/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-windows.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "sighej-dialog.h"
#include "sighej-help.h"
#include "sighej-interests-window.h"
#include "sighej-names.h"
#include "sighej-preferences.h"
#include "sighej-shortcuts.h"

#define WEBSITE "https://sighej.org/"
#define MODEL_KEY "model"

typedef struct
{
  const char *action;
  GtkWindow *(*create) (SighejModel *model);
} Kind;

static GtkWindow *
create_about (SighejModel *model)
{
  return g_object_new (ADW_TYPE_ABOUT_WINDOW,
                       "application-name",
                       "SigHej",
                       "application-icon",
                       SIGHEJ_CLIENT_NAME,
                       "version",
                       SIGHEJ_VERSION,
                       "developer-name",
                       _ ("The SigHej authors"),
                       "comments",
                       _ ("Tells you when somebody near likes to talk about what you like to "
                          "talk about."),
                       "website",
                       WEBSITE,
                       "license-type",
                       GTK_LICENSE_GPL_2_0,
                       /* Translators: your name, and an address if you like, one a line */
                       "translator-credits",
                       _ ("translator-credits"),
                       "modal",
                       TRUE,
                       NULL);
}

static const Kind kinds[] = {
  { "interests", sighej_interests_window_new },
  { "preferences", sighej_preferences_new },
  { "help", sighej_help_new },
  { "shortcuts", sighej_shortcuts_new },
  { "about", create_about },
};

/* The window of @kind that is there; a window is told from others by its name. */
static GtkWindow *
find_window (GtkApplication *application, const Kind *kind)
{
  for (GList *l = gtk_application_get_windows (application); l != NULL; l = l->next)
    if (g_str_equal (gtk_widget_get_name (l->data), kind->action))
      return l->data;
  return NULL;
}

static void
present (GtkApplication *application, SighejModel *model, const Kind *kind)
{
  GtkWindow *window = find_window (application, kind);

  if (window != NULL)
    {
      gtk_window_present (window);
      return;
    }
  g_application_activate (G_APPLICATION (application)); /* the one it lies above */
  window = kind->create (model);
  gtk_widget_set_name (GTK_WIDGET (window), kind->action);
  sighej_dialog_present (window, gtk_application_get_active_window (application));
}

static void
on_action (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  const char *name = g_action_get_name (G_ACTION (action));
  SighejModel *model = g_object_get_data (G_OBJECT (action), MODEL_KEY);

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (kinds[i].action, name))
      present (GTK_APPLICATION (user_data), model, &kinds[i]);
}

/* Before an entry has its say, for which Ctrl+Shift+X is Ctrl+X: from anywhere means from there,
 * too. */
static void
on_window_added (GtkApplication *application, GtkWindow *window)
{
  GtkEventController *controller = gtk_shortcut_controller_new ();

  gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_CAPTURE);
  gtk_shortcut_controller_add_shortcut (
      GTK_SHORTCUT_CONTROLLER (controller),
      gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_x, GDK_CONTROL_MASK | GDK_SHIFT_MASK),
                        gtk_named_action_new ("app.close-session")));
  gtk_widget_add_controller (GTK_WIDGET (window), controller);
}

void
sighej_windows_add_actions (GtkApplication *application, SighejModel *model)
{
  g_signal_connect (application, "window-added", G_CALLBACK (on_window_added), NULL);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (GSimpleAction) action = g_simple_action_new (kinds[i].action, NULL);

      g_object_set_data_full (G_OBJECT (action), MODEL_KEY, g_object_ref (model), g_object_unref);
      g_signal_connect_object (
          action, "activate", G_CALLBACK (on_action), application, G_CONNECT_DEFAULT);
      g_action_map_add_action (G_ACTION_MAP (application), G_ACTION (action));
    }
}
