/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-daemon.h"

#include <stdlib.h>
#include <systemd/sd-daemon.h>

#include "sighej-enum-types.h"
#include "sighej-export-diagnostics.h"
#include "sighej-export-manager.h"
#include "sighej-export-objects.h"
#include "sighej-export-own-data.h"
#include "sighej-export-person.h"
#include "sighej-idle.h"
#include "sighej-kiosk.h"
#include "sighej-names.h"
#include "sighej-radio-kinds.h"
#include "sighej-settings.h"
#include "sighej-spokesman.h"
#include "sighej-vocabulary.h"

#define LOOK_US ((gint64) SIGHEJ_DAEMON_LOOK_SECONDS_MAX * G_USEC_PER_SEC)
#define STOP_US ((gint64) SIGHEJ_DAEMON_STOP_SECONDS_MAX * G_USEC_PER_SEC)

struct _SighejDaemon
{
  GObject parent_instance;

  GBusType bus_type;
  SighejConfig *config;
  SighejClock *clock;
  GCancellable *cancellable;
  char *refusal; /* NULL: the configuration was taken when it was last read */

  GDBusConnection *bus;
  GDBusConnection *system_bus; /* NULL: not there */
  guint name_id;

  SighejCore *core;
  SighejExportManager *manager;
  SighejExportDiagnostics *diagnostics;
  GDBusObjectManagerServer *objects;

  /* Of a person; NULL at a kiosk. */
  SighejExportPerson *personal;
  SighejExportObjects *nudges;
  SighejExportOwnData *own_data;
  SighejSpokesman *spokesman;
  SighejIdle *idle;
  gboolean prepared; /* for the first nudge */

  gint64 watchdog_us; /* 0: nobody watches */
  guint watchdog_wait_id;
  guint look_wait_id;
  guint stop_wait_id;
  gboolean ready; /* the service manager knows */
  gboolean stopping;
  int status;
};

G_DEFINE_FINAL_TYPE (SighejDaemon, sighej_daemon, G_TYPE_OBJECT)

enum
{
  FINISHED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
sighej_daemon_init (SighejDaemon *self)
{
  self->clock = sighej_clock_new_system ();
  self->cancellable = g_cancellable_new ();
}

static void
unexport (SighejDaemon *self)
{
  g_clear_object (&self->spokesman);
  g_clear_handle_id (&self->name_id, g_bus_unown_name);
  if (self->manager != NULL)
    g_dbus_interface_skeleton_unexport (G_DBUS_INTERFACE_SKELETON (self->manager));
  if (self->diagnostics != NULL)
    g_dbus_interface_skeleton_unexport (G_DBUS_INTERFACE_SKELETON (self->diagnostics));
  g_clear_object (&self->manager);
  g_clear_object (&self->diagnostics);
  g_clear_object (&self->idle);
  g_clear_object (&self->personal);
  g_clear_object (&self->nudges);
  g_clear_object (&self->own_data);
  g_clear_object (&self->objects);
}

static void
sighej_daemon_dispose (GObject *object)
{
  SighejDaemon *self = SIGHEJ_DAEMON (object);

  g_cancellable_cancel (self->cancellable);
  unexport (self);
  sighej_clock_clear (self->clock, &self->watchdog_wait_id);
  sighej_clock_clear (self->clock, &self->look_wait_id);
  sighej_clock_clear (self->clock, &self->stop_wait_id);
  g_clear_object (&self->core);
  g_clear_object (&self->bus);
  g_clear_object (&self->system_bus);
  g_clear_object (&self->config);

  G_OBJECT_CLASS (sighej_daemon_parent_class)->dispose (object);
}

static void
sighej_daemon_finalize (GObject *object)
{
  SighejDaemon *self = SIGHEJ_DAEMON (object);

  g_free (self->refusal);
  g_object_unref (self->cancellable);
  g_object_unref (self->clock);

  G_OBJECT_CLASS (sighej_daemon_parent_class)->finalize (object);
}

static void
sighej_daemon_class_init (SighejDaemonClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = sighej_daemon_dispose;
  object_class->finalize = sighej_daemon_finalize;

  signals[FINISHED] = g_signal_new ("finished",
                                    G_TYPE_FROM_CLASS (klass),
                                    G_SIGNAL_RUN_LAST,
                                    0,
                                    NULL,
                                    NULL,
                                    NULL,
                                    G_TYPE_NONE,
                                    1,
                                    G_TYPE_INT);
}

/* ---- ending ---- */

static void
finish (SighejDaemon *self)
{
  sighej_clock_clear (self->clock, &self->stop_wait_id);
  unexport (self);
  g_signal_emit (self, signals[FINISHED], 0, self->status);
}

static gboolean
on_stop_wait_over (gpointer user_data)
{
  SighejDaemon *self = SIGHEJ_DAEMON (user_data);

  self->stop_wait_id = 0;
  g_warning ("not everything has ended within %u s", SIGHEJ_DAEMON_STOP_SECONDS_MAX);
  finish (self);
  return G_SOURCE_REMOVE;
}

static void
on_flushed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejDaemon) self = user_data;

  /* Whether or not the last words were heard: a bus that is gone hears none. */
  g_dbus_connection_flush_finish (G_DBUS_CONNECTION (source), result, NULL);
  /* 0: the wait was over before. */
  if (self->stop_wait_id != 0)
    finish (self);
}

static gboolean
flush_last_words (gpointer user_data)
{
  SighejDaemon *self = SIGHEJ_DAEMON (user_data);

  g_dbus_connection_flush (self->bus, NULL, on_flushed, g_object_ref (self));
  return G_SOURCE_REMOVE;
}

static void
on_core_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejDaemon) self = user_data;

  sighej_core_stop_finish (SIGHEJ_CORE (source), result);
  g_clear_object (&self->spokesman); /* its last words are among those */
  /* Idle comes after the properties' own announcement: all who listen see us off. */
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, flush_last_words, g_object_ref (self), g_object_unref);
}

static void
stop_with_status (SighejDaemon *self, int status)
{
  if (self->stopping)
    return;

  self->stopping = TRUE;
  self->status = status;
  g_cancellable_cancel (self->cancellable);
  sd_notify (0, "STOPPING=1");
  if (self->core == NULL)
    {
      finish (self);
      return;
    }

  self->stop_wait_id = sighej_clock_add (self->clock, STOP_US, on_stop_wait_over, self);
  sighej_core_stop_async (self->core, on_core_stopped, g_object_ref (self));
}

static void
on_bus_closed (GDBusConnection *bus,
               gboolean remote_peer_vanished,
               GError *error,
               SighejDaemon *self)
{
  if (self->stopping)
    return;

  g_warning ("the bus is gone; leaving the air");
  stop_with_status (self, SIGHEJ_EXIT_BUS_LOST);
}

/* ---- the service manager ---- */

/* Reading the vocabulary takes longer than all else between a sighting and its nudge. */
static gboolean
prepare_for_nudges (gpointer user_data)
{
  sighej_vocabulary_get_default ();
  return G_SOURCE_REMOVE;
}

static void
notify_status (SighejDaemon *self)
{
  SighejPresence *presence = sighej_core_get_presence (self->core);
  SighejReason reason = sighej_presence_get_reason (presence);

  sd_notifyf (0,
              "STATUS=%s%s%s%s%s",
              sighej_enum_to_nick (SIGHEJ_TYPE_STATE, (int) sighej_presence_get_state (presence)),
              reason == SIGHEJ_REASON_NONE ? "" : ": ",
              sighej_reason_to_word (reason),
              self->refusal == NULL ? "" : "; the old settings stay: ",
              self->refusal == NULL ? "" : self->refusal);
}

static void
on_person_changed (SighejDaemon *self)
{
  if (!self->prepared && sighej_presence_get_wanted (sighej_core_get_presence (self->core)))
    {
      self->prepared = TRUE;
      g_idle_add_full (G_PRIORITY_LOW, prepare_for_nudges, NULL, NULL);
    }
}

static gboolean
feed_watchdog (gpointer user_data)
{
  SighejDaemon *self = SIGHEJ_DAEMON (user_data);

  sd_notify (0, "WATCHDOG=1");
  self->watchdog_wait_id
      = sighej_clock_add (self->clock, self->watchdog_us / 2, feed_watchdog, self);
  return G_SOURCE_REMOVE;
}

static void
start_watchdog (SighejDaemon *self)
{
  guint64 watchdog_us;

  if (sd_watchdog_enabled (0, &watchdog_us) <= 0)
    return;

  self->watchdog_us = (gint64) watchdog_us;
  feed_watchdog (self);
}

/* ---- beginning: the bus, the system's bus, the parts, the name ---- */

static void
on_name_acquired (GDBusConnection *bus, const char *name, gpointer user_data)
{
  SighejDaemon *self = SIGHEJ_DAEMON (user_data);

  g_info ("ready as %s", name);
  self->ready = TRUE;
  sd_notify (0, "READY=1");
  notify_status (self);
}

static void
on_name_lost (GDBusConnection *bus, const char *name, gpointer user_data)
{
  SighejDaemon *self = SIGHEJ_DAEMON (user_data);

  /* The end of the connection is told by its own signal. */
  if (bus == NULL || g_dbus_connection_is_closed (bus))
    return;

  g_warning ("%s cannot be had on this bus: another sighejd is running, or its policy forbids it; "
             "see who has it: busctl --%s status %s",
             name,
             self->bus_type == G_BUS_TYPE_SYSTEM ? "system" : "user",
             name);
  stop_with_status (self, SIGHEJ_EXIT_NAME_TAKEN);
}

static void
own_name (SighejDaemon *self)
{
  sighej_clock_clear (self->clock, &self->look_wait_id);
  if (self->stopping || self->name_id != 0)
    return;

  self->name_id = g_bus_own_name_on_connection (self->bus,
                                                SIGHEJ_BUS_NAME,
                                                G_BUS_NAME_OWNER_FLAGS_DO_NOT_QUEUE,
                                                on_name_acquired,
                                                on_name_lost,
                                                self,
                                                NULL);
}

static gboolean
on_look_wait_over (gpointer user_data)
{
  SighejDaemon *self = SIGHEJ_DAEMON (user_data);

  self->look_wait_id = 0;
  g_message ("the Bluetooth adapters are not known within %u s", SIGHEJ_DAEMON_LOOK_SECONDS_MAX);
  own_name (self);
  return G_SOURCE_REMOVE;
}

static void
own_name_when_known (SighejDaemon *self)
{
  SighejRadio *radio = sighej_core_get_radio (self->core);

  if (!sighej_radio_get_looking (radio))
    {
      own_name (self);
      return;
    }
  g_signal_connect_object (radio, "looked", G_CALLBACK (own_name), self, G_CONNECT_SWAPPED);
  self->look_wait_id = sighej_clock_add (self->clock, LOOK_US, on_look_wait_over, self);
}

/* ---- leaving when nobody needs us ---- */

static void
on_name_given_up (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejDaemon) self = user_data;
  g_autoptr (GVariant) answer G_GNUC_UNUSED
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);

  if (self->stopping)
    return;
  if (sighej_idle_confirm (self->idle))
    stop_with_status (self, EXIT_SUCCESS);
  else
    own_name (self);
}

/* Whoever calls us from now on starts another one; who has called before is heard before the bus
 * answers. */
static void
on_idle (SighejDaemon *self)
{
  g_info ("nobody has needed this for %u s", SIGHEJ_IDLE_SECONDS);
  g_clear_handle_id (&self->name_id, g_bus_unown_name);
  g_dbus_connection_call (self->bus,
                          "org.freedesktop.DBus",
                          "/org/freedesktop/DBus",
                          "org.freedesktop.DBus",
                          "GetId",
                          NULL,
                          NULL,
                          G_DBUS_CALL_FLAGS_NONE,
                          -1,
                          self->cancellable,
                          on_name_given_up,
                          g_object_ref (self));
}

/* ---- the parts ---- */

static gboolean
export_parts (SighejDaemon *self, GError **error)
{
  g_autoptr (SighejWarden) warden = self->bus_type == G_BUS_TYPE_SYSTEM
                                        ? sighej_warden_new (self->bus, self->cancellable)
                                        : NULL;

  self->manager = sighej_export_manager_new (self->core, warden);
  self->diagnostics = sighej_export_diagnostics_new (self->core, warden);
  if (!g_dbus_interface_skeleton_export (
          G_DBUS_INTERFACE_SKELETON (self->manager), self->bus, SIGHEJ_ROOT_PATH, error)
      || !g_dbus_interface_skeleton_export (
          G_DBUS_INTERFACE_SKELETON (self->diagnostics), self->bus, SIGHEJ_ROOT_PATH, error))
    return FALSE;

  self->objects = g_dbus_object_manager_server_new (SIGHEJ_ROOT_PATH);
  g_dbus_object_manager_server_set_connection (self->objects, self->bus);
  g_signal_connect_object (sighej_core_get_presence (self->core),
                           "changed",
                           G_CALLBACK (notify_status),
                           self,
                           G_CONNECT_SWAPPED);
  return TRUE;
}

static SighejRadio *
make_radio (SighejDaemon *self)
{
  const char *word = sighej_config_get_string (self->config, "Bluetooth", "Radio");
  gboolean is_automatic = g_strcmp0 (word, "auto") == 0;
  gboolean is_bluez = is_automatic || g_strcmp0 (word, "bluez") == 0;
  guint n_kinds;
  const SighejRadioKind *kind = sighej_radio_kinds (&n_kinds);

  /* Without the system bus there is no BlueZ to ask; the radio that always says why stands in. */
  if (is_bluez && self->system_bus == NULL)
    kind = sighej_radio_kind_find ("none");
  else if (!is_automatic)
    kind = sighej_radio_kind_find (word);
  else
    while (!kind->automatic)
      kind++;

  return kind->create (self->clock, self->system_bus, self->config);
}

static void
export_person (SighejDaemon *self, SighejPerson *person)
{
  SighejDBusManager1 *manager = SIGHEJ_DBUS_MANAGER1 (self->manager);

  self->spokesman = sighej_spokesman_new (person, self->bus);
  self->personal = sighej_export_person_new (person, manager);
  self->nudges = sighej_export_objects_new (person, manager, self->objects);
  self->own_data = sighej_export_own_data_new (person, manager);
  self->idle = sighej_idle_new (self->core, self->bus);
  g_signal_connect_object (self->idle, "idle", G_CALLBACK (on_idle), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (sighej_core_get_presence (self->core),
                           "changed",
                           G_CALLBACK (on_person_changed),
                           self,
                           G_CONNECT_SWAPPED);
}

static gboolean
build_person (SighejDaemon *self, const SighejCoreParts *parts, GError **error)
{
  g_autoptr (SighejGeoclue) geoclue = sighej_geoclue_new (self->system_bus, self->clock);
  SighejPerson *person = sighej_person_new (parts, geoclue, error);

  if (person == NULL)
    return FALSE;
  self->core = SIGHEJ_CORE (person);
  if (!export_parts (self, error))
    return FALSE;
  export_person (self, person);
  return TRUE;
}

static gboolean
build_kiosk (SighejDaemon *self, const SighejCoreParts *parts, GError **error)
{
  self->core = SIGHEJ_CORE (sighej_kiosk_new (parts));
  return export_parts (self, error);
}

static gboolean
build (SighejDaemon *self, GError **error)
{
  g_autofree char *folder = sighej_choices_dup_folder ();
  g_autoptr (SighejChoices) choices = sighej_choices_new (folder);
  g_autoptr (SighejPreferences) preferences = sighej_preferences_new (self->config, choices);
  g_autoptr (SighejHost) host = sighej_host_new (self->clock, self->system_bus);
  g_autoptr (SighejRadio) radio = make_radio (self);
  g_autoptr (SighejAdjustments) adjustments = sighej_adjustments_new (folder);
  g_autoptr (SighejCalibrator) calibrator
      = sighej_calibrator_new (self->clock, self->config, adjustments, radio);
  const SighejCoreParts parts = {
    .clock = self->clock,
    .config = self->config,
    .preferences = preferences,
    .host = host,
    .radio = radio,
    .calibrator = calibrator,
  };

  return self->bus_type == G_BUS_TYPE_SYSTEM ? build_kiosk (self, &parts, error)
                                             : build_person (self, &parts, error);
}

static void
build_and_own (SighejDaemon *self)
{
  g_autoptr (GError) error = NULL;

  if (!build (self, &error))
    {
      gboolean is_config = g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG);

      g_warning ("cannot start: %s", error->message);
      stop_with_status (self, is_config ? SIGHEJ_EXIT_CONFIG : EXIT_FAILURE);
      return;
    }

  start_watchdog (self);
  own_name_when_known (self);
}

static void
take_bus (SighejDaemon *self, GDBusConnection *bus)
{
  /* Exit-on-close would end us with SIGTERM, which looks like a wish (SECURITY-DESIGN R-19). */
  g_dbus_connection_set_exit_on_close (bus, FALSE);
  g_signal_connect_object (bus, "closed", G_CALLBACK (on_bus_closed), self, G_CONNECT_DEFAULT);
}

static void
on_system_bus (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejDaemon) self = user_data;
  g_autoptr (GError) error = NULL;

  self->system_bus = g_bus_get_finish (result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->stopping)
    return;

  if (self->system_bus == NULL)
    g_message ("no system bus, so no Bluetooth, and no word of sleep and screen lock: %s",
               error->message);
  else if (self->system_bus != self->bus)
    take_bus (self, self->system_bus);
  build_and_own (self);
}

static void
on_bus (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejDaemon) self = user_data;
  g_autoptr (GError) error = NULL;

  self->bus = g_bus_get_finish (result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->stopping)
    return;

  if (self->bus == NULL)
    {
      g_warning ("cannot reach the %s bus: %s",
                 self->bus_type == G_BUS_TYPE_SYSTEM ? "system" : "session",
                 error->message);
      stop_with_status (self, SIGHEJ_EXIT_BUS_LOST);
      return;
    }

  take_bus (self, self->bus);
  g_bus_get (G_BUS_TYPE_SYSTEM, self->cancellable, on_system_bus, g_object_ref (self));
}

/* ---- the configuration, read anew ---- */

static void
take_settings (SighejDaemon *self, SighejConfig *fresh)
{
  const char *const *warnings = sighej_config_get_warnings (fresh);
  g_autofree char *waiting = NULL;

  for (guint i = 0; warnings[i] != NULL; i++)
    g_message ("%s", warnings[i]);
  waiting = sighej_settings_take (self->config, fresh);
  if (waiting != NULL)
    g_message ("changed, but needs a restart: %s", waiting);
  g_message ("the configuration is read again");
}

void
sighej_daemon_reload (SighejDaemon *self, SighejDaemonLoad load, gpointer user_data)
{
  g_autoptr (SighejConfig) fresh = NULL;
  g_autoptr (GError) error = NULL;

  if (self->stopping)
    return;

  /* The manager's clock is CLOCK_MONOTONIC, as GLib's. Not ready yet, READY would say too much. */
  if (self->ready)
    sd_notifyf (0, "RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT, g_get_monotonic_time ());
  fresh = load (user_data, &error);
  g_clear_pointer (&self->refusal, g_free);
  if (fresh != NULL)
    take_settings (self, fresh);
  else
    {
      g_warning ("the configuration is not taken, the old settings stay: %s", error->message);
      self->refusal = g_strdup (error->message);
    }
  if (!self->ready)
    return;
  sd_notify (0, "READY=1");
  notify_status (self);
}

/* ---- public ---- */

SighejDaemon *
sighej_daemon_new (GBusType bus_type, SighejConfig *config)
{
  SighejDaemon *self = g_object_new (SIGHEJ_TYPE_DAEMON, NULL);

  self->bus_type = bus_type;
  self->config = g_object_ref (config);
  return self;
}

void
sighej_daemon_start (SighejDaemon *self)
{
  g_bus_get (self->bus_type, self->cancellable, on_bus, g_object_ref (self));
}

void
sighej_daemon_stop (SighejDaemon *self)
{
  stop_with_status (self, EXIT_SUCCESS);
}
