/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-host"

#include "config.h"

#include "sighej-geoclue.h"

#include "sighej-crypto.h"
#include "sighej-error.h"
#include "sighej-names.h"

#define NAME "org.freedesktop.GeoClue2"
#define MANAGER_PATH "/org/freedesktop/GeoClue2/Manager"
#define MANAGER "org.freedesktop.GeoClue2.Manager"
#define CLIENT "org.freedesktop.GeoClue2.Client"
#define LOCATION "org.freedesktop.GeoClue2.Location"
#define PROPERTIES "org.freedesktop.DBus.Properties"
#define LEVEL_EXACT 8u /* GClueAccuracyLevel */
/* A person is asked for leave by her desktop. */
#define CALL_TIMEOUT_MS (120 * 1000)
/* GeoClue answers this only once the desktop's agent is there, which may be never. */
#define CREATE_TIMEOUT_MS G_MAXINT

struct _SighejGeoclue
{
  GObject parent_instance;

  GDBusConnection *bus; /* (nullable) */
  SighejClock *clock;

  SighejGeoclueState state;
  GError *error;
  struct _Client *client; /* (nullable): while it is wanted */
};

/* One client at GeoClue, from the wish for it to its end. It may outlive both: what is under way.
 */
typedef struct _Client
{
  SighejGeoclue *owner; /* (nullable): NULL: not wanted any more */
  GDBusConnection *bus;
  GCancellable *cancellable;
  char *path; /* (nullable): not made yet */
  guint updated_id;
  guint watch_id;
  guint late_id;
} Client;

G_DEFINE_FINAL_TYPE (SighejGeoclue, sighej_geoclue, G_TYPE_OBJECT)

enum
{
  CHANGED,
  FIX,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

/* Takes @error. */
static void
set_state (SighejGeoclue *self, SighejGeoclueState state, GError *error)
{
  g_autoptr (GError) old = g_steal_pointer (&self->error);
  gboolean changed = self->state != state || (old != NULL) != (error != NULL);

  self->error = error;
  self->state = state;
  if (changed)
    g_signal_emit (self, signals[CHANGED], 0);
}

/* ---- one client at GeoClue ---- */

static void
client_clear (gpointer data)
{
  Client *client = data;

  g_object_unref (client->bus);
  g_object_unref (client->cancellable);
  g_free (client->path);
}

static void
client_unref (Client *client)
{
  g_rc_box_release_full (client, client_clear);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Client, client_unref)

static void
call (Client *client,
      const char *path,
      const char *interface,
      const char *method,
      GVariant *parameters,
      const char *reply_type,
      GAsyncReadyCallback callback)
{
  g_dbus_connection_call (client->bus,
                          NAME,
                          path,
                          interface,
                          method,
                          parameters,
                          G_VARIANT_TYPE (reply_type),
                          G_DBUS_CALL_FLAGS_NONE,
                          client->path == NULL ? CREATE_TIMEOUT_MS : CALL_TIMEOUT_MS,
                          client->cancellable,
                          callback,
                          g_rc_box_acquire (client));
}

/* GeoClue forgets it; nobody waits for the answer. */
static void
delete_at_geoclue (Client *client)
{
  g_dbus_connection_call (client->bus,
                          NAME,
                          MANAGER_PATH,
                          MANAGER,
                          "DeleteClient",
                          g_variant_new ("(o)", client->path),
                          NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START,
                          CALL_TIMEOUT_MS,
                          NULL,
                          NULL,
                          NULL);
}

/* Nothing of it is heard any more. While its making is under way, that answer deletes it. */
static void
drop_client (SighejGeoclue *self)
{
  g_autoptr (Client) client = g_steal_pointer (&self->client);

  if (client == NULL)
    return;

  client->owner = NULL;
  sighej_clock_clear (self->clock, &client->late_id);
  g_clear_handle_id (&client->watch_id, g_bus_unwatch_name);
  if (client->updated_id != 0)
    g_dbus_connection_signal_unsubscribe (client->bus, client->updated_id);
  client->updated_id = 0;
  if (client->path == NULL)
    return;
  g_cancellable_cancel (client->cancellable);
  delete_at_geoclue (client);
}

/* ---- what went wrong, in words for the person ---- */

static void
fail (SighejGeoclue *self, int code, const char *sentence)
{
  drop_client (self);
  set_state (self, SIGHEJ_GEOCLUE_FAILED, g_error_new_literal (SIGHEJ_ERROR, code, sentence));
}

static gboolean
is_missing (const GError *error)
{
  g_autofree char *name = g_dbus_error_get_remote_error (error);

  return g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN)
         || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER)
         || (name != NULL && g_str_has_prefix (name, "org.freedesktop.DBus.Error.Spawn."));
}

/* @error is what GeoClue said, and may hold more than a person should read: it goes nowhere. */
static void
fail_for (SighejGeoclue *self, const GError *error)
{
  if (is_missing (error))
    fail (self,
          SIGHEJ_ERROR_NOT_SUPPORTED,
          "this machine has no location service: install the package geoclue-2.0");
  else if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED))
    fail (self,
          SIGHEJ_ERROR_NOT_PERMITTED,
          "the location service refuses: allow location in the privacy settings");
  else
    fail (self, SIGHEJ_ERROR_UNAVAILABLE, "the location service does not work: try again");
}

/* ---- positions ---- */

static gboolean
read_position (GVariant *values, gint64 wall_us, SighejPosition *out)
{
  guint64 seconds = 0;
  guint64 microseconds = 0;

  if (!g_variant_lookup (values, "Latitude", "d", &out->latitude)
      || !g_variant_lookup (values, "Longitude", "d", &out->longitude)
      || !g_variant_lookup (values, "Accuracy", "d", &out->accuracy_m))
    return FALSE;

  out->taken_us = wall_us;
  if (g_variant_lookup (values, "Timestamp", "(tt)", &seconds, &microseconds) && seconds > 0
      && seconds < G_MAXUINT32 && microseconds < G_USEC_PER_SEC)
    out->taken_us = (gint64) seconds * G_USEC_PER_SEC + (gint64) microseconds;

  /* A receiver may say 0 for "cannot be better"; nobody is that exact. */
  if (out->accuracy_m >= 0)
    out->accuracy_m = MAX (out->accuracy_m, SIGHEJ_POSITION_ACCURACY_M_MIN);
  return sighej_position_check (out, NULL, wall_us, NULL);
}

static void
take_position (Client *client, GVariant *values)
{
  g_autoptr (SighejGeoclue) self = g_object_ref (client->owner);
  SighejPosition position;

  if (read_position (values, sighej_clock_wall_us (self->clock), &position))
    {
      sighej_clock_clear (self->clock, &client->late_id);
      set_state (self, SIGHEJ_GEOCLUE_FIXED, NULL);
      if (client->owner != NULL)
        g_signal_emit (self, signals[FIX], 0, &position);
    }
  sighej_wipe (&position, sizeof position);
}

static void
on_position (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Client) client = user_data;
  g_autoptr (GVariant) values = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);

  /* One that is gone already is followed by the next. */
  if (reply == NULL || client->owner == NULL)
    return;

  g_variant_get (reply, "(@a{sv})", &values);
  take_position (client, values);
}

static void
on_updated (GDBusConnection *bus,
            const char *sender,
            const char *path,
            const char *interface,
            const char *signal,
            GVariant *parameters,
            gpointer user_data)
{
  Client *client = user_data;
  const char *location;

  if (client->owner == NULL || !g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(oo)")))
    return;

  g_variant_get_child (parameters, 1, "&o", &location);
  call (client,
        location,
        PROPERTIES,
        "GetAll",
        g_variant_new ("(s)", LOCATION),
        "(a{sv})",
        on_position);
}

/* ---- the steps of asking, in their order ---- */

static gboolean
on_late (gpointer user_data)
{
  SighejGeoclue *self = ((Client *) user_data)->owner;

  self->client->late_id = 0;
  set_state (self,
             self->state,
             g_error_new_literal (
                 SIGHEJ_ERROR,
                 SIGHEJ_ERROR_UNAVAILABLE,
                 "no exact position yet: allow it if the desktop asks, and try outdoors"));
  return G_SOURCE_REMOVE;
}

/* Whether @result, of a step of @client, is fine and wanted; else that is dealt with. */
static gboolean
finish_step (Client *client, GObject *source, GAsyncResult *result)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (client->owner == NULL)
    return FALSE;
  if (reply == NULL)
    fail_for (client->owner, error);
  return reply != NULL;
}

static void
on_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Client) client = user_data;

  if (!finish_step (client, source, result))
    return;

  /* A position may have come before this answer. */
  if (client->owner->state == SIGHEJ_GEOCLUE_FIXED)
    return;
  set_state (client->owner,
             SIGHEJ_GEOCLUE_SEARCHING,
             client->owner->error != NULL ? g_error_copy (client->owner->error) : NULL);
}

static void
on_level_set (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Client) client = user_data;

  if (finish_step (client, source, result))
    call (client, client->path, CLIENT, "Start", NULL, "()", on_started);
}

static void
set_property (Client *client, const char *name, GVariant *value, GAsyncReadyCallback callback)
{
  call (client,
        client->path,
        PROPERTIES,
        "Set",
        g_variant_new ("(ssv)", CLIENT, name, value),
        "()",
        callback);
}

static void
on_desktop_set (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Client) client = user_data;

  if (finish_step (client, source, result))
    set_property (
        client, "RequestedAccuracyLevel", g_variant_new_uint32 (LEVEL_EXACT), on_level_set);
}

static void
on_vanished (GDBusConnection *bus, const char *name, gpointer user_data)
{
  Client *client = user_data;

  if (client->owner != NULL)
    fail (client->owner, SIGHEJ_ERROR_UNAVAILABLE, "the location service has stopped: try again");
}

static void
on_created (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Client) client = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply != NULL)
    g_variant_get (reply, "(o)", &client->path);
  if (client->owner == NULL && reply != NULL)
    delete_at_geoclue (client);
  if (client->owner != NULL && reply == NULL)
    fail_for (client->owner, error);
  if (client->owner == NULL || reply == NULL)
    return;

  client->updated_id = g_dbus_connection_signal_subscribe (client->bus,
                                                           NAME,
                                                           CLIENT,
                                                           "LocationUpdated",
                                                           client->path,
                                                           NULL,
                                                           G_DBUS_SIGNAL_FLAGS_NONE,
                                                           on_updated,
                                                           g_rc_box_acquire (client),
                                                           (GDestroyNotify) client_unref);
  client->watch_id = g_bus_watch_name_on_connection (client->bus,
                                                     NAME,
                                                     G_BUS_NAME_WATCHER_FLAGS_NONE,
                                                     NULL,
                                                     on_vanished,
                                                     g_rc_box_acquire (client),
                                                     (GDestroyNotify) client_unref);
  set_property (client, "DesktopId", g_variant_new_string (SIGHEJ_DESKTOP_ID), on_desktop_set);
}

static void
make_client (SighejGeoclue *self)
{
  Client *client = g_rc_box_new0 (Client);

  client->owner = self;
  client->bus = g_object_ref (self->bus);
  client->cancellable = g_cancellable_new ();
  client->late_id = sighej_clock_add (
      self->clock, SIGHEJ_GEOCLUE_FIX_SECONDS * (gint64) G_USEC_PER_SEC, on_late, client);
  self->client = client;
  set_state (self, SIGHEJ_GEOCLUE_ASKING, NULL);
  call (client, MANAGER_PATH, MANAGER, "CreateClient", NULL, "(o)", on_created);
}

/* ---- life ---- */

static void
sighej_geoclue_init (SighejGeoclue *self)
{
}

static void
sighej_geoclue_dispose (GObject *object)
{
  drop_client (SIGHEJ_GEOCLUE (object));

  G_OBJECT_CLASS (sighej_geoclue_parent_class)->dispose (object);
}

static void
sighej_geoclue_finalize (GObject *object)
{
  SighejGeoclue *self = SIGHEJ_GEOCLUE (object);

  g_clear_object (&self->bus);
  g_object_unref (self->clock);
  g_clear_error (&self->error);

  G_OBJECT_CLASS (sighej_geoclue_parent_class)->finalize (object);
}

static void
sighej_geoclue_class_init (SighejGeoclueClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = sighej_geoclue_dispose;
  object_class->finalize = sighej_geoclue_finalize;

  signals[CHANGED] = g_signal_new (
      "changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[FIX] = g_signal_new ("fix",
                               G_TYPE_FROM_CLASS (klass),
                               G_SIGNAL_RUN_LAST,
                               0,
                               NULL,
                               NULL,
                               NULL,
                               G_TYPE_NONE,
                               1,
                               G_TYPE_POINTER);
}

/* ---- public ---- */

SighejGeoclue *
sighej_geoclue_new (GDBusConnection *system_bus, SighejClock *clock)
{
  SighejGeoclue *self = g_object_new (SIGHEJ_TYPE_GEOCLUE, NULL);

  g_set_object (&self->bus, system_bus);
  self->clock = g_object_ref (clock);
  return self;
}

void
sighej_geoclue_set_wanted (SighejGeoclue *self, gboolean wanted)
{
  if (wanted == (self->state != SIGHEJ_GEOCLUE_OFF))
    return;

  if (wanted && self->bus != NULL)
    make_client (self);
  else if (wanted)
    fail (self,
          SIGHEJ_ERROR_NOT_SUPPORTED,
          "this machine has no system bus, so there is no location service");
  else
    {
      drop_client (self);
      set_state (self, SIGHEJ_GEOCLUE_OFF, NULL);
    }
}

SighejGeoclueState
sighej_geoclue_get_state (SighejGeoclue *self)
{
  return self->state;
}

const GError *
sighej_geoclue_get_error (SighejGeoclue *self)
{
  return self->error;
}
