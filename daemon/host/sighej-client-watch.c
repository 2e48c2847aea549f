/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-host"

#include "config.h"

#include "sighej-client-watch.h"

#include "sighej-names.h"

#define BUS_NAME "org.freedesktop.DBus"
#define BUS_PATH "/org/freedesktop/DBus"
#define CALL_TIMEOUT_MS 10000

struct _SighejClientWatch
{
  GObject parent_instance;

  GDBusConnection *bus;
  GCancellable *cancellable;
  guint watch_ids[3];
  gboolean present;
  gboolean starting;
  gboolean keeper;
  gboolean sandbox;   /* its name is owned */
  gboolean sandboxed; /* the client that is there is in one */
};

G_DEFINE_FINAL_TYPE (SighejClientWatch, sighej_client_watch, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
sighej_client_watch_init (SighejClientWatch *self)
{
  self->cancellable = g_cancellable_new ();
}

static void
sighej_client_watch_dispose (GObject *object)
{
  SighejClientWatch *self = SIGHEJ_CLIENT_WATCH (object);

  g_cancellable_cancel (self->cancellable);
  for (guint i = 0; i < G_N_ELEMENTS (self->watch_ids); i++)
    g_clear_handle_id (&self->watch_ids[i], g_bus_unwatch_name);
  g_clear_object (&self->bus);

  G_OBJECT_CLASS (sighej_client_watch_parent_class)->dispose (object);
}

static void
sighej_client_watch_finalize (GObject *object)
{
  g_object_unref (SIGHEJ_CLIENT_WATCH (object)->cancellable);

  G_OBJECT_CLASS (sighej_client_watch_parent_class)->finalize (object);
}

static void
sighej_client_watch_class_init (SighejClientWatchClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = sighej_client_watch_dispose;
  object_class->finalize = sighej_client_watch_finalize;

  signals[CHANGED] = g_signal_new (
      "changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
set (SighejClientWatch *self, gboolean *fact, gboolean value)
{
  gboolean was_absent = sighej_client_watch_get_absent (self);
  gboolean was_keepless = sighej_client_watch_get_keepless (self);

  *fact = value;
  /* Of a client that goes, one name goes first. */
  if (!self->present || self->sandbox)
    self->sandboxed = self->sandbox;
  if (was_absent != sighej_client_watch_get_absent (self)
      || was_keepless != sighej_client_watch_get_keepless (self))
    g_signal_emit (self, signals[CHANGED], 0);
}

static void
set_owned (SighejClientWatch *self, const char *name, gboolean owned)
{
  if (g_str_equal (name, SIGHEJ_CLIENT_NAME))
    set (self, &self->present, owned);
  else if (g_str_equal (name, SIGHEJ_SANDBOXED_NAME))
    set (self, &self->sandbox, owned);
  else
    set (self, &self->keeper, owned);
}

static void
on_appeared (GDBusConnection *bus, const char *name, const char *owner, gpointer user_data)
{
  set_owned (SIGHEJ_CLIENT_WATCH (user_data), name, TRUE);
}

static void
on_vanished (GDBusConnection *bus, const char *name, gpointer user_data)
{
  set_owned (SIGHEJ_CLIENT_WATCH (user_data), name, FALSE);
}

SighejClientWatch *
sighej_client_watch_new (GDBusConnection *bus)
{
  /* In the order in which a client takes them. */
  static const char *const names[]
      = { SIGHEJ_SANDBOXED_NAME, SIGHEJ_CLIENT_NAME, SIGHEJ_KEEPER_NAME };
  SighejClientWatch *self = g_object_new (SIGHEJ_TYPE_CLIENT_WATCH, NULL);

  self->bus = g_object_ref (bus);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    self->watch_ids[i] = g_bus_watch_name_on_connection (
        bus, names[i], G_BUS_NAME_WATCHER_FLAGS_NONE, on_appeared, on_vanished, self, NULL);
  return self;
}

/* ---- starting ---- */

static void
call_bus (SighejClientWatch *self,
          const char *method,
          GVariant *arguments,
          const char *answer,
          int timeout_ms,
          GAsyncReadyCallback callback)
{
  g_dbus_connection_call (self->bus,
                          BUS_NAME,
                          BUS_PATH,
                          BUS_NAME,
                          method,
                          arguments,
                          G_VARIANT_TYPE (answer),
                          G_DBUS_CALL_FLAGS_NONE,
                          timeout_ms,
                          self->cancellable,
                          callback,
                          g_object_ref (self));
}

static void
on_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejClientWatch) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  if (reply == NULL)
    g_message ("the desktop client did not start, so this daemon notifies: %s", error->message);
  set (self, &self->starting, FALSE);
}

static void
on_listed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejClientWatch) self = user_data;
  g_autofree const char **names = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  if (reply != NULL)
    g_variant_get (reply, "(^a&s)", &names);
  if (reply == NULL || !g_strv_contains (names, SIGHEJ_CLIENT_NAME))
    {
      set (self, &self->starting, FALSE);
      return;
    }

  call_bus (self,
            "StartServiceByName",
            g_variant_new ("(su)", SIGHEJ_CLIENT_NAME, 0u),
            "(u)",
            SIGHEJ_CLIENT_WATCH_START_TIMEOUT_MS,
            on_started);
}

void
sighej_client_watch_start (SighejClientWatch *self)
{
  if (self->present || self->starting)
    return;

  set (self, &self->starting, TRUE);
  call_bus (self, "ListActivatableNames", NULL, "(as)", CALL_TIMEOUT_MS, on_listed);
}

gboolean
sighej_client_watch_get_absent (SighejClientWatch *self)
{
  return !self->present && !self->starting;
}

gboolean
sighej_client_watch_get_keepless (SighejClientWatch *self)
{
  return !self->starting && (!self->present || !self->keeper || self->sandboxed);
}
