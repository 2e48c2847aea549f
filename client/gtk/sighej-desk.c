/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-desk.h"

#include "sighej-names.h"

/* How long a service of the desktop may take to answer, milliseconds. */
#define CALL_TIMEOUT_MS 5000

#define BANNERS_SCHEMA "org.gnome.desktop.notifications"
#define BANNERS_KEY "show-banners"

#define PROPERTIES "org.freedesktop.DBus.Properties"

/* What is asked of a service, and the signal by which it says that it has changed. */
typedef struct
{
  const char *name;
  const char *path;
  const char *interface; /* of the signal */
  const char *signal;
  const char *asked_interface;
  const char *method;
} Source;

enum
{
  SERVER,
  GNOME_SAVER,
  OTHER_SAVER,
  N_SOURCES
};

static const Source sources[N_SOURCES] = {
  [SERVER] = { "org.freedesktop.Notifications",
               "/org/freedesktop/Notifications",
               PROPERTIES,
               "PropertiesChanged",
               PROPERTIES,
               "Get" },
  [GNOME_SAVER] = { "org.gnome.ScreenSaver",
                    "/org/gnome/ScreenSaver",
                    "org.gnome.ScreenSaver",
                    "ActiveChanged",
                    "org.gnome.ScreenSaver",
                    "GetActive" },
  [OTHER_SAVER] = { "org.freedesktop.ScreenSaver",
                    "/org/freedesktop/ScreenSaver",
                    "org.freedesktop.ScreenSaver",
                    "ActiveChanged",
                    "org.freedesktop.ScreenSaver",
                    "GetActive" },
};

struct _SighejDesk
{
  GObject parent_instance;

  GtkApplication *application;
  GDBusConnection *bus; /* NULL: there is none */
  GCancellable *cancellable;
  GSettings *banners; /* NULL: not on this desktop */
  guint watch_ids[N_SOURCES];
  guint signal_ids[N_SOURCES];
  gboolean says[N_SOURCES];
  guint keeper_watch_id;
  gboolean keeps;
};

G_DEFINE_FINAL_TYPE (SighejDesk, sighej_desk, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
sighej_desk_init (SighejDesk *self)
{
  self->cancellable = g_cancellable_new ();
}

static void
sighej_desk_dispose (GObject *object)
{
  SighejDesk *self = SIGHEJ_DESK (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->keeper_watch_id, g_bus_unwatch_name);
  for (guint i = 0; i < N_SOURCES; i++)
    {
      g_clear_handle_id (&self->watch_ids[i], g_bus_unwatch_name);
      if (self->signal_ids[i] != 0)
        g_dbus_connection_signal_unsubscribe (self->bus, self->signal_ids[i]);
      self->signal_ids[i] = 0;
    }
  g_clear_object (&self->bus);
  g_clear_object (&self->banners);
  g_clear_object (&self->application);

  G_OBJECT_CLASS (sighej_desk_parent_class)->dispose (object);
}

static void
sighej_desk_finalize (GObject *object)
{
  g_object_unref (SIGHEJ_DESK (object)->cancellable);

  G_OBJECT_CLASS (sighej_desk_parent_class)->finalize (object);
}

static void
sighej_desk_class_init (SighejDeskClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = sighej_desk_dispose;
  object_class->finalize = sighej_desk_finalize;

  signals[CHANGED] = g_signal_new (
      "changed", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
tell (SighejDesk *self)
{
  g_signal_emit (self, signals[CHANGED], 0);
}

/* ---- services ---- */

typedef struct
{
  SighejDesk *self;
  guint source;
} Question;

static void
set (SighejDesk *self, guint source, gboolean says)
{
  if (self->says[source] == says)
    return;

  self->says[source] = says;
  tell (self);
}

static void
on_answer (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autofree Question *question = user_data;
  g_autoptr (SighejDesk) self = question->self;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (object), result, NULL);
  g_autoptr (GVariant) inner = NULL;

  /* Many have no such property. */
  if (reply == NULL || self->bus == NULL)
    return;

  inner = g_variant_get_child_value (reply, 0);
  if (g_variant_is_of_type (inner, G_VARIANT_TYPE_VARIANT))
    {
      g_autoptr (GVariant) boxed = g_steal_pointer (&inner);

      inner = g_variant_get_variant (boxed);
    }
  if (g_variant_is_of_type (inner, G_VARIANT_TYPE_BOOLEAN))
    set (self, question->source, g_variant_get_boolean (inner));
}

static void
ask (SighejDesk *self, guint i)
{
  const Source *source = &sources[i];
  Question *question = g_new0 (Question, 1);

  question->self = g_object_ref (self);
  question->source = i;
  g_dbus_connection_call (self->bus,
                          source->name,
                          source->path,
                          source->asked_interface,
                          source->method,
                          i == SERVER ? g_variant_new ("(ss)", source->name, "Inhibited") : NULL,
                          NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START,
                          CALL_TIMEOUT_MS,
                          self->cancellable,
                          on_answer,
                          question);
}

static guint
find_source (const char *name)
{
  guint i = 0;

  while (!g_str_equal (sources[i].name, name))
    i++;
  return i;
}

static void
on_appeared (GDBusConnection *bus, const char *name, const char *owner, gpointer user_data)
{
  ask (SIGHEJ_DESK (user_data), find_source (name));
}

static void
on_vanished (GDBusConnection *bus, const char *name, gpointer user_data)
{
  set (SIGHEJ_DESK (user_data), find_source (name), FALSE);
}

static void
on_properties (GDBusConnection *bus,
               const char *sender,
               const char *path,
               const char *interface,
               const char *signal,
               GVariant *parameters,
               gpointer user_data)
{
  g_autoptr (GVariant) changed = NULL;
  gboolean inhibited;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sa{sv}as)")))
    return;

  changed = g_variant_get_child_value (parameters, 1);
  if (g_variant_lookup (changed, "Inhibited", "b", &inhibited))
    set (SIGHEJ_DESK (user_data), SERVER, inhibited);
}

static void
on_active_changed (GDBusConnection *bus,
                   const char *sender,
                   const char *path,
                   const char *interface,
                   const char *signal,
                   GVariant *parameters,
                   gpointer user_data)
{
  gboolean active;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(b)")))
    return;

  g_variant_get (parameters, "(b)", &active);
  set (SIGHEJ_DESK (user_data), find_source (interface), active);
}

static void
follow_service (SighejDesk *self, guint i)
{
  const Source *source = &sources[i];

  self->signal_ids[i]
      = g_dbus_connection_signal_subscribe (self->bus,
                                            source->name,
                                            source->interface,
                                            source->signal,
                                            source->path,
                                            NULL,
                                            G_DBUS_SIGNAL_FLAGS_NONE,
                                            i == SERVER ? on_properties : on_active_changed,
                                            self,
                                            NULL);
  self->watch_ids[i] = g_bus_watch_name_on_connection (
      self->bus, source->name, G_BUS_NAME_WATCHER_FLAGS_NONE, on_appeared, on_vanished, self, NULL);
}

static void
on_keeper_appeared (GDBusConnection *bus, const char *name, const char *owner, gpointer user_data)
{
  SighejDesk *self = SIGHEJ_DESK (user_data);

  self->keeps = TRUE;
  tell (self);
}

static void
on_keeper_vanished (GDBusConnection *bus, const char *name, gpointer user_data)
{
  SighejDesk *self = SIGHEJ_DESK (user_data);

  self->keeps = FALSE;
  tell (self);
}

/* ---- settings and windows ---- */

static void
follow_banners (SighejDesk *self)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema = NULL;

  if (source != NULL)
    schema = g_settings_schema_source_lookup (source, BANNERS_SCHEMA, TRUE);
  if (schema == NULL || !g_settings_schema_has_key (schema, BANNERS_KEY))
    return;

  self->banners = g_settings_new (BANNERS_SCHEMA);
  g_signal_connect_object (
      self->banners, "changed::" BANNERS_KEY, G_CALLBACK (tell), self, G_CONNECT_SWAPPED);
}

static void
on_window_added (SighejDesk *self, GtkWindow *window)
{
  g_signal_connect_object (window, "notify::is-active", G_CALLBACK (tell), self, G_CONNECT_SWAPPED);
}

SighejDesk *
sighej_desk_new (GtkApplication *application)
{
  SighejDesk *self = g_object_new (SIGHEJ_TYPE_DESK, NULL);
  GDBusConnection *bus = g_application_get_dbus_connection (G_APPLICATION (application));

  self->application = g_object_ref (application);
  g_signal_connect_object (
      application, "window-added", G_CALLBACK (on_window_added), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      application, "window-removed", G_CALLBACK (tell), self, G_CONNECT_SWAPPED);
  follow_banners (self);
  if (bus == NULL)
    return self;

  self->bus = g_object_ref (bus);
  for (guint i = 0; i < N_SOURCES; i++)
    follow_service (self, i);
  self->keeper_watch_id = g_bus_watch_name_on_connection (self->bus,
                                                          SIGHEJ_KEEPER_NAME,
                                                          G_BUS_NAME_WATCHER_FLAGS_NONE,
                                                          on_keeper_appeared,
                                                          on_keeper_vanished,
                                                          self,
                                                          NULL);
  return self;
}

gboolean
sighej_desk_get_dnd (SighejDesk *self)
{
  return self->says[SERVER]
         || (self->banners != NULL && !g_settings_get_boolean (self->banners, BANNERS_KEY));
}

gboolean
sighej_desk_get_locked (SighejDesk *self)
{
  return self->says[GNOME_SAVER] || self->says[OTHER_SAVER];
}

gboolean
sighej_desk_get_watched (SighejDesk *self)
{
  for (GList *l = gtk_application_get_windows (self->application); l != NULL; l = l->next)
    if (gtk_window_is_active (l->data))
      return TRUE;
  return FALSE;
}

gboolean
sighej_desk_get_keeps (SighejDesk *self)
{
  return self->keeps;
}
