/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-shortcuts.h"

#include <glib/gi18n.h>

#define DEFAULT_WIDTH_PX 360
#define DEFAULT_HEIGHT_PX 560
#define MINIMUM_WIDTH_PX 300
#define MINIMUM_HEIGHT_PX 200
#define MAIN_MENU_KEY "F10"

struct _SighejShortcuts
{
  AdwWindow parent_instance;
};

G_DEFINE_FINAL_TYPE (SighejShortcuts, sighej_shortcuts, ADW_TYPE_WINDOW)

typedef struct
{
  const char *what;
  const char *action; /* NULL: the toolkit's, with this key */
  const char *key;
} Shortcut;

static const Shortcut talking[] = {
  { N_ ("Open"), "app.open" },
  { N_ ("Pause, or go on"), "app.toggle-pause" },
  { N_ ("Close now, from any window"), "app.close-session" },
};

static const Shortcut windows[] = {
  { N_ ("Interests"), "app.interests" },
  { N_ ("Preferences"), "app.preferences" },
  { N_ ("Help"), "app.help" },
  { N_ ("Keyboard shortcuts"), "app.shortcuts" },
  { N_ ("Main menu"), NULL, MAIN_MENU_KEY },
  { N_ ("Close the window and stay open"), "window.close" },
  { N_ ("Quit"), "app.quit" },
};

/* "Ctrl+Shift+X", in the person's language; "" when there is none (transfer full) */
static char *
dup_key (const Shortcut *shortcut)
{
  GtkApplication *application = GTK_APPLICATION (g_application_get_default ());
  g_auto (GStrv) keys = NULL;
  const char *key = shortcut->key;
  guint keyval;
  GdkModifierType modifiers;

  if (shortcut->action != NULL && application != NULL)
    keys = gtk_application_get_accels_for_action (application, shortcut->action);
  if (keys != NULL && keys[0] != NULL)
    key = keys[0];
  if (key == NULL || !gtk_accelerator_parse (key, &keyval, &modifiers))
    return g_strdup ("");
  return gtk_accelerator_get_label (keyval, modifiers);
}

static void
add_group (AdwPreferencesPage *page, const char *title, const Shortcut *shortcuts, gsize n)
{
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());

  adw_preferences_group_set_title (group, title);
  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *key = dup_key (&shortcuts[i]);
      GtkWidget *row = adw_action_row_new ();

      adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ (shortcuts[i].what));
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), key);
      adw_preferences_group_add (group, row);
    }
  adw_preferences_page_add (page, group);
}

static GtkWidget *
make_content (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *page = adw_preferences_page_new ();

  add_group (ADW_PREFERENCES_PAGE (page), _ ("Talking"), talking, G_N_ELEMENTS (talking));
  add_group (ADW_PREFERENCES_PAGE (page), _ ("Windows"), windows, G_N_ELEMENTS (windows));
  gtk_widget_set_vexpand (page, TRUE);
  gtk_box_append (GTK_BOX (box), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (box), page);
  return box;
}

static void
sighej_shortcuts_class_init (SighejShortcutsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_DIALOG);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
sighej_shortcuts_init (SighejShortcuts *self)
{
  GtkWindow *window = GTK_WINDOW (self);

  gtk_window_set_title (window, _ ("Keyboard shortcuts"));
  gtk_window_set_default_size (window, DEFAULT_WIDTH_PX, DEFAULT_HEIGHT_PX);
  gtk_widget_set_size_request (GTK_WIDGET (self), MINIMUM_WIDTH_PX, MINIMUM_HEIGHT_PX);
  gtk_window_set_destroy_with_parent (window, TRUE);
  adw_window_set_content (ADW_WINDOW (self), make_content ());
}

GtkWindow *
sighej_shortcuts_new (SighejModel *model)
{
  return g_object_new (SIGHEJ_TYPE_SHORTCUTS, NULL);
}
