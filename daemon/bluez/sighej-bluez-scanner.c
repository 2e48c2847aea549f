/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-bluez"

#include "config.h"

#include "sighej-bluez-scanner.h"

#include "sighej-backoff.h"
#include "sighej-bluez-listener.h"
#include "sighej-bluez-monitor.h"
#include "sighej-bluez-pace.h"
#include "sighej-bluez-request.h"
#include "sighej-bluez-vigil.h"

#define RETRY_FIRST_MS 1000
#define RETRY_MOST_MS 15000
#define US_PER_MS 1000
#define NEVER_US G_MAXINT64

/* Activate comes within milliseconds; without it discovery works too, later (BLE 6). */
#define ACTIVATE_WAIT_US (2 * G_USEC_PER_SEC)

/* One refusal may be a passing moment of the adapter. */
#define REFUSALS_UNTIL_STALLED 2

#define BIT(state) (1u << SIGHEJ_BLUEZ_SCANNER_##state)

static const guint allowed_moves[SIGHEJ_BLUEZ_SCANNER_N_STATES] = {
  [SIGHEJ_BLUEZ_SCANNER_OFF] = BIT (FILTERING) | BIT (MONITORING) | BIT (STARTING),
  [SIGHEJ_BLUEZ_SCANNER_FILTERING] = BIT (OFF) | BIT (MONITORING) | BIT (STARTING) | BIT (RETRYING),
  [SIGHEJ_BLUEZ_SCANNER_MONITORING] = BIT (OFF) | BIT (STARTING) | BIT (UNMONITORING),
  [SIGHEJ_BLUEZ_SCANNER_STARTING] = BIT (OFF) | BIT (ON) | BIT (STOPPING) | BIT (RETRYING),
  [SIGHEJ_BLUEZ_SCANNER_ON] = BIT (OFF) | BIT (STOPPING),
  [SIGHEJ_BLUEZ_SCANNER_STOPPING]
  = BIT (OFF) | BIT (STARTING) | BIT (UNMONITORING) | BIT (RETRYING),
  [SIGHEJ_BLUEZ_SCANNER_UNMONITORING] = BIT (OFF),
  [SIGHEJ_BLUEZ_SCANNER_RETRYING] = BIT (OFF) | BIT (UNMONITORING),
};

static const char *const state_words[SIGHEJ_BLUEZ_SCANNER_N_STATES] = {
  [SIGHEJ_BLUEZ_SCANNER_OFF] = "off",
  [SIGHEJ_BLUEZ_SCANNER_FILTERING] = "filtering",
  [SIGHEJ_BLUEZ_SCANNER_MONITORING] = "monitoring",
  [SIGHEJ_BLUEZ_SCANNER_STARTING] = "starting",
  [SIGHEJ_BLUEZ_SCANNER_ON] = "on",
  [SIGHEJ_BLUEZ_SCANNER_STOPPING] = "stopping",
  [SIGHEJ_BLUEZ_SCANNER_UNMONITORING] = "unmonitoring",
  [SIGHEJ_BLUEZ_SCANNER_RETRYING] = "retrying",
};

/* @error: (nullable): NULL: done */
typedef void (*TakeAnswer) (SighejBluezScanner *self, const GError *error);

struct _SighejBluezScanner
{
  GObject parent;

  SighejClock *clock;
  GDBusConnection *bus;
  SighejBluezListener *listener;

  /* what should be */
  gboolean wanted;
  SighejBluezHold hold;
  char *adapter;
  char *owner;
  gboolean can_monitor;
  guint adapter_life; /* counts set_adapter(): filter, monitor and discovery of before are void */

  /* what is */
  SighejBluezScannerState state;
  SighejBluezRequest *request;
  TakeAnswer take_answer; /* of the one in flight */
  char *active_adapter;   /* on which monitor and discovery are */
  guint active_life;
  gboolean filter_set;         /* in this life of the adapter */
  const char *setback;         /* why what is being stopped counts as failed; NULL: it does not */
  gboolean quiet;              /* as last told */
  SighejBluezMonitor *monitor; /* not NULL: BlueZ may know it */
  gboolean monitor_registered; /* RegisterMonitor was answered */
  gboolean monitor_active;
  gboolean monitor_refused; /* in this life of the adapter */
  gboolean scanning;
  guint timer_id; /* of the state */
  SighejBackoff backoff;
  SighejReason failure;

  /* while ON */
  SighejBluezPace pace;
  gboolean restart_armed; /* the timer minds it */
  SighejBluezVigil vigil;

  guint64 n_starts;
  guint64 n_restarts;
  guint64 n_failed;
  guint64 n_lost;
  guint64 n_silent;
};

G_DEFINE_FINAL_TYPE (SighejBluezScanner, sighej_bluez_scanner, G_TYPE_OBJECT)

enum
{
  SIGNAL_HEARD,
  SIGNAL_CHANGED,
  SIGNAL_QUIET,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void advance (SighejBluezScanner *self);

gboolean
sighej_bluez_scanner_may_move (SighejBluezScannerState from, SighejBluezScannerState to)
{
  g_return_val_if_fail ((guint) from < SIGHEJ_BLUEZ_SCANNER_N_STATES, FALSE);
  g_return_val_if_fail ((guint) to < SIGHEJ_BLUEZ_SCANNER_N_STATES, FALSE);

  return (allowed_moves[from] & (1u << to)) != 0;
}

static void
on_answer (gpointer user_data, const GError *error)
{
  g_autoptr (SighejBluezScanner) self = g_object_ref (user_data);

  self->take_answer (self, error);
  advance (self);
}

static void
call (SighejBluezScanner *self,
      const char *interface,
      const char *method,
      GVariant *parameters,
      TakeAnswer take)
{
  self->take_answer = take;
  sighej_bluez_request_call (
      self->request, self->active_adapter, interface, method, parameters, on_answer, self);
}

static void
forget_monitor (SighejBluezScanner *self)
{
  g_clear_object (&self->monitor);
  self->monitor_registered = FALSE;
  self->monitor_active = FALSE;
}

static GVariant *
build_monitor_root (SighejBluezScanner *self)
{
  return g_variant_new ("(o)", sighej_bluez_monitor_get_root_path (self->monitor));
}

/* Nobody will wait for the answers. */
static void
leave (SighejBluezScanner *self)
{
  if (self->state == SIGHEJ_BLUEZ_SCANNER_ON || self->state == SIGHEJ_BLUEZ_SCANNER_STARTING)
    sighej_bluez_request_send (
        self->request, self->active_adapter, SIGHEJ_BLUEZ_ADAPTER_INTERFACE, "StopDiscovery", NULL);
  if (self->monitor != NULL)
    sighej_bluez_request_send (self->request,
                               self->active_adapter,
                               SIGHEJ_BLUEZ_MONITOR_INTERFACE,
                               "UnregisterMonitor",
                               build_monitor_root (self));
  self->state = SIGHEJ_BLUEZ_SCANNER_OFF;
  forget_monitor (self);
}

static void
sighej_bluez_scanner_dispose (GObject *object)
{
  SighejBluezScanner *self = SIGHEJ_BLUEZ_SCANNER (object);

  if (self->request != NULL)
    leave (self);
  if (self->clock != NULL)
    sighej_clock_clear (self->clock, &self->timer_id);
  g_clear_object (&self->request);
  g_clear_object (&self->listener);
  g_clear_object (&self->clock);
  g_clear_object (&self->bus);

  G_OBJECT_CLASS (sighej_bluez_scanner_parent_class)->dispose (object);
}

static void
sighej_bluez_scanner_finalize (GObject *object)
{
  SighejBluezScanner *self = SIGHEJ_BLUEZ_SCANNER (object);

  g_free (self->adapter);
  g_free (self->owner);
  g_free (self->active_adapter);

  G_OBJECT_CLASS (sighej_bluez_scanner_parent_class)->finalize (object);
}

static void
sighej_bluez_scanner_class_init (SighejBluezScannerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);

  object_class->dispose = sighej_bluez_scanner_dispose;
  object_class->finalize = sighej_bluez_scanner_finalize;

  signals[SIGNAL_HEARD] = g_signal_new ("heard",
                                        type,
                                        G_SIGNAL_RUN_LAST,
                                        0,
                                        NULL,
                                        NULL,
                                        NULL,
                                        G_TYPE_NONE,
                                        3,
                                        G_TYPE_POINTER,
                                        G_TYPE_UINT,
                                        G_TYPE_INT);
  signals[SIGNAL_CHANGED]
      = g_signal_new ("changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_QUIET]
      = g_signal_new ("quiet", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
sighej_bluez_scanner_init (SighejBluezScanner *self)
{
  self->backoff = (SighejBackoff) SIGHEJ_BACKOFF_INIT (RETRY_FIRST_MS, RETRY_MOST_MS);
}

static gint64
get_alive_us (SighejBluezScanner *self)
{
  return sighej_bluez_listener_get_alive_us (self->listener);
}

static void
enter_on (SighejBluezScanner *self)
{
  gint64 now_us = sighej_clock_now_us (self->clock);

  sighej_bluez_pace_start (&self->pace, now_us);
  sighej_bluez_vigil_begin (&self->vigil, now_us);
}

static void
leave_on (SighejBluezScanner *self)
{
  self->restart_armed = FALSE;
  sighej_bluez_vigil_end (&self->vigil, get_alive_us (self), sighej_clock_now_us (self->clock));
}

static void
set_state (SighejBluezScanner *self, SighejBluezScannerState next, const char *why)
{
  g_assert (sighej_bluez_scanner_may_move (self->state, next));

  g_debug ("scanner: %s -> %s (%s)", state_words[self->state], state_words[next], why);
  sighej_clock_clear (self->clock, &self->timer_id);
  if (self->state == SIGHEJ_BLUEZ_SCANNER_ON)
    leave_on (self);
  self->state = next;
  if (next == SIGHEJ_BLUEZ_SCANNER_ON)
    enter_on (self);
}

static gboolean
is_possible (SighejBluezScanner *self)
{
  return self->wanted && self->adapter != NULL;
}

/* What has begun may go on. */
static gboolean
may_go_on (SighejBluezScanner *self)
{
  return is_possible (self) && self->active_life == self->adapter_life
         && self->hold != SIGHEJ_BLUEZ_HOLD_ALL;
}

static gboolean
on_timer (gpointer user_data)
{
  g_autoptr (SighejBluezScanner) self = g_object_ref (user_data);

  self->timer_id = 0;
  advance (self);

  return G_SOURCE_REMOVE;
}

static void
retry (SighejBluezScanner *self, const GError *error)
{
  gint64 delay_us = (gint64) sighej_backoff_next_ms (&self->backoff) * US_PER_MS;
  gboolean denied = g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED);

  /* The journal's reader is told once, not of each try. */
  g_log (G_LOG_DOMAIN,
         self->backoff.attempt == 1 ? G_LOG_LEVEL_MESSAGE : G_LOG_LEVEL_DEBUG,
         "cannot scan: %s",
         error->message);
  self->n_failed++;
  set_state (self, SIGHEJ_BLUEZ_SCANNER_RETRYING, "refused");
  self->timer_id = sighej_clock_add (self->clock, delay_us, on_timer, self);
  if (denied)
    self->failure = SIGHEJ_REASON_BLUETOOTH_DENIED;
  else if (self->backoff.attempt >= REFUSALS_UNTIL_STALLED)
    self->failure = SIGHEJ_REASON_RADIO_STALLED;
}

static gboolean
is_in_progress (const GError *error)
{
  g_autofree char *name = error != NULL ? g_dbus_error_get_remote_error (error) : NULL;

  return g_strcmp0 (name, "org.bluez.Error.InProgress") == 0;
}

static void
unmonitored (SighejBluezScanner *self, const GError *error)
{
  if (error != NULL)
    g_debug ("unregister monitor: %s", error->message);
  forget_monitor (self);
  set_state (self, SIGHEJ_BLUEZ_SCANNER_OFF, "unregistered");
}

/* Leaves the air altogether; the monitor alone would go on scanning passively. */
static void
become_quiet (SighejBluezScanner *self, const char *why)
{
  if (self->monitor == NULL)
    {
      set_state (self, SIGHEJ_BLUEZ_SCANNER_OFF, why);
      return;
    }

  set_state (self, SIGHEJ_BLUEZ_SCANNER_UNMONITORING, why);
  call (self,
        SIGHEJ_BLUEZ_MONITOR_INTERFACE,
        "UnregisterMonitor",
        build_monitor_root (self),
        unmonitored);
}

static void begin_start (SighejBluezScanner *self, const char *why);

static void
take_setback (SighejBluezScanner *self)
{
  g_autoptr (GError) error
      = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, g_steal_pointer (&self->setback));

  retry (self, error);
}

/*
 * InProgress, NotReady, "No discovery started", no such adapter: all mean stopped (BLE 6). So does
 * no answer at all: BlueZ takes our calls in their order, so it will stop before it starts again.
 *
 * But InProgress is also what it says when the controller failed to stop, and then it answers the
 * next start from memory, without asking the controller at all.
 */
static void
stopped (SighejBluezScanner *self, const GError *error)
{
  sighej_bluez_listener_flush (self->listener);
  if (error != NULL)
    g_debug ("stop: %s", error->message);
  sighej_bluez_vigil_set_doubted (&self->vigil, is_in_progress (error));
  if (self->vigil.doubted && self->setback == NULL)
    self->setback = "the adapter does not stop when it is told to";
  if (may_go_on (self) && self->setback != NULL)
    take_setback (self);
  else if (may_go_on (self))
    begin_start (self, "again");
  else
    become_quiet (self, "stopped");
}

/* @setback: why this counts as a failure, NULL: it does not */
static void
begin_stop (SighejBluezScanner *self, const char *why, const char *setback)
{
  self->setback = setback;
  set_state (self, SIGHEJ_BLUEZ_SCANNER_STOPPING, why);
  call (self, SIGHEJ_BLUEZ_ADAPTER_INTERFACE, "StopDiscovery", NULL, stopped);
}

static void
started (SighejBluezScanner *self, const GError *error)
{
  if (error == NULL || is_in_progress (error))
    set_state (self, SIGHEJ_BLUEZ_SCANNER_ON, "started");
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    begin_stop (self, "no answer", "bluetoothd does not answer");
  else
    retry (self, error);
}

static void
begin_start (SighejBluezScanner *self, const char *why)
{
  set_state (self, SIGHEJ_BLUEZ_SCANNER_STARTING, why);
  self->n_starts++;
  call (self, SIGHEJ_BLUEZ_ADAPTER_INTERFACE, "StartDiscovery", NULL, started);
}

/*
 * Refused, it is done without: discovery works, it only hears less. Not answered, BlueZ may still
 * come to know it: discovery starts, and the monitor is taken down with it.
 */
static void
monitor_registered (SighejBluezScanner *self, const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    self->monitor_registered = TRUE;
  else if (error != NULL)
    {
      g_message ("cannot have every packet reported: %s", error->message);
      self->monitor_refused = TRUE;
      forget_monitor (self);
    }
  else
    {
      self->monitor_registered = TRUE;
      self->timer_id = sighej_clock_add (self->clock, ACTIVATE_WAIT_US, on_timer, self);
    }
}

/* A scan that runs already would not know of it before the kernel's next, up to 10 s later. */
static void
on_monitor_activated (SighejBluezScanner *self)
{
  gboolean was_active = self->monitor_active;

  self->monitor_active = TRUE;
  if (self->state == SIGHEJ_BLUEZ_SCANNER_ON && !was_active)
    begin_stop (self, "the monitor is active at last", NULL);
  advance (self);
}

static void
on_monitor_released (SighejBluezScanner *self)
{
  self->monitor_active = FALSE;
  self->monitor_refused = TRUE;
  advance (self);
}

static void
begin_monitor (SighejBluezScanner *self)
{
  set_state (self, SIGHEJ_BLUEZ_SCANNER_MONITORING, "monitor first");
  self->monitor = sighej_bluez_monitor_new (self->bus);
  g_signal_connect_object (
      self->monitor, "activated", G_CALLBACK (on_monitor_activated), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      self->monitor, "released", G_CALLBACK (on_monitor_released), self, G_CONNECT_SWAPPED);
  call (self,
        SIGHEJ_BLUEZ_MONITOR_INTERFACE,
        "RegisterMonitor",
        build_monitor_root (self),
        monitor_registered);
}

static void
begin_listening (SighejBluezScanner *self)
{
  if (self->can_monitor && !self->monitor_refused)
    begin_monitor (self);
  else
    begin_start (self, "no monitors");
}

static void
filtered (SighejBluezScanner *self, const GError *error)
{
  if (error != NULL)
    retry (self, error);
  else if (!may_go_on (self))
    set_state (self, SIGHEJ_BLUEZ_SCANNER_OFF, "not wanted");
  else
    {
      self->filter_set = TRUE;
      begin_listening (self);
    }
}

/* Without a filter of ours BlueZ keeps changes of the strength below 8 dB to itself (BLE 6). */
static void
begin_filter (SighejBluezScanner *self)
{
  GVariantBuilder filter;

  g_variant_builder_init (&filter, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&filter, "{sv}", "Transport", g_variant_new_string ("le"));
  g_variant_builder_add (&filter, "{sv}", "DuplicateData", g_variant_new_boolean (TRUE));
  set_state (self, SIGHEJ_BLUEZ_SCANNER_FILTERING, "wanted");
  call (self,
        SIGHEJ_BLUEZ_ADAPTER_INTERFACE,
        "SetDiscoveryFilter",
        g_variant_new ("(a{sv})", &filter),
        filtered);
}

static void
step_off (SighejBluezScanner *self)
{
  if (!is_possible (self) || self->hold != SIGHEJ_BLUEZ_HOLD_NONE)
    return;

  g_free (self->active_adapter);
  self->active_adapter = g_strdup (self->adapter);
  self->active_life = self->adapter_life;
  if (self->filter_set)
    begin_listening (self);
  else
    begin_filter (self);
}

static void
step_monitoring (SighejBluezScanner *self)
{
  if (self->monitor != NULL && !self->monitor_registered)
    return; /* the answer is under way */

  if (!may_go_on (self))
    become_quiet (self, "not wanted");
  else if (self->monitor == NULL)
    begin_start (self, "no monitor");
  else if (self->monitor_active || self->timer_id == 0)
    begin_start (self, self->monitor_active ? "monitor active" : "monitor late");
}

static void
take_loss (SighejBluezScanner *self)
{
  self->n_lost++;
  begin_stop (self, "BlueZ has stopped", "bluetoothd does not discover though it was told to");
}

/*
 * Silence is no proof: where nobody has Bluetooth on there is nothing to hear. So it is told, and
 * listening goes on. An adapter that does not do what it is told shows at this restart.
 */
static void
take_silence (SighejBluezScanner *self)
{
  if (sighej_bluez_silence_take (&self->vigil.silence, sighej_clock_now_us (self->clock)))
    {
      self->n_silent++;
      g_message ("nothing at all was heard for %d s: no device is near, or the adapter is stuck",
                 SIGHEJ_BLUEZ_SILENCES_UNTIL_TOLD * SIGHEJ_BLUEZ_SILENCE_SECONDS);
    }
  begin_stop (self, "nothing heard", NULL);
}

static void
take_restart (SighejBluezScanner *self)
{
  if (!sighej_bluez_pace_take_due (&self->pace, sighej_clock_now_us (self->clock)))
    return;

  self->n_restarts++;
  begin_stop (self, "so that all are reported again", NULL);
}

/* NEVER_US while there is nothing to wait for. */
static gint64
get_restart_due_us (SighejBluezScanner *self)
{
  gint64 due_us = sighej_bluez_pace_get_due_us (&self->pace, sighej_clock_now_us (self->clock));

  return self->monitor_active || due_us == 0 ? NEVER_US : due_us;
}

/* One timer for all that may come while ON. Nothing wakes us for a restart where nobody is. */
static void
arm_on (SighejBluezScanner *self)
{
  gint64 restart_us = get_restart_due_us (self);
  gint64 at_us = sighej_bluez_vigil_get_due_us (&self->vigil, get_alive_us (self));

  self->restart_armed = restart_us != NEVER_US;
  sighej_clock_clear (self->clock, &self->timer_id);
  self->timer_id = sighej_clock_add_at (self->clock, MIN (at_us, restart_us), on_timer, self);
}

static void
take_finding (SighejBluezScanner *self, SighejBluezVigilFinding finding)
{
  switch (finding)
    {
    case SIGHEJ_BLUEZ_VIGIL_LOST:
      take_loss (self);
      break;
    case SIGHEJ_BLUEZ_VIGIL_SILENT:
      take_silence (self);
      break;
    case SIGHEJ_BLUEZ_VIGIL_IN_DOUBT:
      begin_stop (self, "still in doubt", NULL);
      break;
    case SIGHEJ_BLUEZ_VIGIL_FINE:
    default:
      if (sighej_clock_now_us (self->clock) >= get_restart_due_us (self))
        take_restart (self);
      break;
    }
}

static void
step_on (SighejBluezScanner *self)
{
  if (sighej_bluez_vigil_is_sound (&self->vigil))
    {
      self->failure = SIGHEJ_REASON_NONE;
      sighej_backoff_reset (&self->backoff);
    }

  if (!may_go_on (self))
    begin_stop (self, "not wanted or held", NULL);
  else
    take_finding (self,
                  sighej_bluez_vigil_judge (
                      &self->vigil, get_alive_us (self), sighej_clock_now_us (self->clock)));

  if (self->state == SIGHEJ_BLUEZ_SCANNER_ON)
    arm_on (self);
}

static void
step (SighejBluezScanner *self)
{
  switch (self->state)
    {
    case SIGHEJ_BLUEZ_SCANNER_OFF:
      step_off (self);
      break;
    case SIGHEJ_BLUEZ_SCANNER_MONITORING:
      step_monitoring (self);
      break;
    case SIGHEJ_BLUEZ_SCANNER_ON:
      step_on (self);
      break;
    case SIGHEJ_BLUEZ_SCANNER_RETRYING:
      if (self->timer_id == 0 || !may_go_on (self))
        become_quiet (self, "again, or not wanted");
      break;
    case SIGHEJ_BLUEZ_SCANNER_FILTERING:
    case SIGHEJ_BLUEZ_SCANNER_STARTING:
    case SIGHEJ_BLUEZ_SCANNER_STOPPING:
    case SIGHEJ_BLUEZ_SCANNER_UNMONITORING:
    default:
      break; /* the answer decides */
    }
}

/* The short pauses of a restart or a hold do not count as not scanning. */
static void
judge (SighejBluezScanner *self)
{
  if (self->state == SIGHEJ_BLUEZ_SCANNER_ON)
    self->scanning = TRUE;
  else if (self->state == SIGHEJ_BLUEZ_SCANNER_RETRYING || !is_possible (self))
    self->scanning = FALSE;

  if (!is_possible (self))
    {
      self->failure = SIGHEJ_REASON_NONE;
      sighej_bluez_listener_listen (self->listener, NULL, NULL);
    }
  else
    sighej_bluez_listener_listen (self->listener, self->owner, self->adapter);
}

/* Moves until the facts ask for no further move, then tells. */
static void
advance (SighejBluezScanner *self)
{
  SighejBluezScannerState before;
  gboolean quiet;

  do
    {
      before = self->state;
      step (self);
    }
  while (self->state != before);

  judge (self);
  quiet = self->state == SIGHEJ_BLUEZ_SCANNER_OFF;
  if (quiet != self->quiet)
    {
      self->quiet = quiet;
      if (quiet)
        g_signal_emit (self, signals[SIGNAL_QUIET], 0);
    }
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
on_alive (SighejBluezScanner *self)
{
  sighej_bluez_pace_count (&self->pace);
  if (sighej_bluez_vigil_hear (&self->vigil))
    g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
on_heard (SighejBluezScanner *self, const guint8 *data, guint n_bytes, int rssi_dbm)
{
  if (!is_possible (self))
    return;

  if (self->state == SIGHEJ_BLUEZ_SCANNER_ON && !self->monitor_active)
    {
      sighej_bluez_pace_hear (&self->pace, data, n_bytes, sighej_clock_now_us (self->clock));
      if (!self->restart_armed)
        advance (self);
    }
  g_signal_emit (self, signals[SIGNAL_HEARD], 0, data, n_bytes, rssi_dbm);
}

SighejBluezScanner *
sighej_bluez_scanner_new (SighejClock *clock, GDBusConnection *bus)
{
  SighejBluezScanner *self = g_object_new (SIGHEJ_TYPE_BLUEZ_SCANNER, NULL);

  self->clock = g_object_ref (clock);
  self->bus = g_object_ref (bus);
  self->request = sighej_bluez_request_new (clock, bus);
  self->quiet = TRUE;
  self->listener = sighej_bluez_listener_new (clock, bus);
  g_signal_connect_object (self->listener, "alive", G_CALLBACK (on_alive), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->listener, "heard", G_CALLBACK (on_heard), self, G_CONNECT_SWAPPED);

  return self;
}

void
sighej_bluez_scanner_set_adapter (SighejBluezScanner *self,
                                  const SighejBluezAdapter *adapter,
                                  const char *owner)
{
  const char *path = adapter != NULL ? adapter->path : NULL;

  self->can_monitor = adapter != NULL && adapter->can_monitor;
  sighej_bluez_vigil_set_discovering (
      &self->vigil, adapter != NULL && adapter->discovering, sighej_clock_now_us (self->clock));
  if (g_strcmp0 (path, self->adapter) == 0 && g_strcmp0 (owner, self->owner) == 0)
    {
      if (self->state == SIGHEJ_BLUEZ_SCANNER_ON)
        advance (self);
      return;
    }

  sighej_bluez_vigil_forget (&self->vigil);
  g_free (self->adapter);
  self->adapter = g_strdup (path);
  g_free (self->owner);
  self->owner = g_strdup (owner);
  self->adapter_life++;
  self->filter_set = FALSE;
  self->monitor_refused = FALSE;
  advance (self);
}

void
sighej_bluez_scanner_set_wanted (SighejBluezScanner *self, gboolean wanted)
{
  if (wanted == self->wanted)
    return;

  self->wanted = wanted;
  advance (self);
}

void
sighej_bluez_scanner_set_hold (SighejBluezScanner *self, SighejBluezHold hold)
{
  if (hold == self->hold)
    return;

  self->hold = hold;
  advance (self);
}

void
sighej_bluez_scanner_forget (SighejBluezScanner *self)
{
  sighej_bluez_request_forget (self->request);
  forget_monitor (self);
  sighej_bluez_vigil_forget (&self->vigil);
  g_clear_pointer (&self->adapter, g_free);
  g_clear_pointer (&self->owner, g_free);
  self->adapter_life++;
  self->filter_set = FALSE;
  if (self->state != SIGHEJ_BLUEZ_SCANNER_OFF)
    set_state (self, SIGHEJ_BLUEZ_SCANNER_OFF, "bluetoothd is gone");
  advance (self);
}

gboolean
sighej_bluez_scanner_is_quiet (SighejBluezScanner *self)
{
  return self->state == SIGHEJ_BLUEZ_SCANNER_OFF;
}

gboolean
sighej_bluez_scanner_get_scanning (SighejBluezScanner *self)
{
  return self->scanning;
}

SighejReason
sighej_bluez_scanner_get_trouble (SighejBluezScanner *self)
{
  return self->failure;
}

gboolean
sighej_bluez_scanner_get_silent (SighejBluezScanner *self)
{
  return sighej_bluez_silence_is_silent (&self->vigil.silence, sighej_clock_now_us (self->clock));
}

void
sighej_bluez_scanner_count (SighejBluezScanner *self, GVariantBuilder *counters)
{
  sighej_bluez_listener_count (self->listener, counters);
  g_variant_builder_add (counters, "{st}", "radio.scan-starts", self->n_starts);
  g_variant_builder_add (counters, "{st}", "radio.scan-restarts", self->n_restarts);
  g_variant_builder_add (counters, "{st}", "radio.scan-failed", self->n_failed);
  g_variant_builder_add (counters, "{st}", "radio.scan-lost", self->n_lost);
  g_variant_builder_add (counters, "{st}", "radio.scan-silences", self->n_silent);
}
