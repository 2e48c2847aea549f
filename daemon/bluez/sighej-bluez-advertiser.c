/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-bluez"

#include "config.h"

#include "sighej-bluez-advertiser.h"

#include "sighej-backoff.h"
#include "sighej-bluez-advert.h"

/* A hung controller makes BlueZ answer after 2 s; giving up early would leave us not knowing. */
#define REGISTER_TIMEOUT_MS 30000
#define US_PER_MS 1000
#define RETRY_FIRST_MS 1000
#define RETRY_MOST_MS 15000
#define RELEASED_WAIT_US (1 * G_USEC_PER_SEC)

/*
 * After rfkill the kernel still believes in the advertising set that an extended controller has
 * lost: the first request fails on it, and the next does not.
 */
#define RENEWED_RETRY_US (100 * (gint64) US_PER_MS)
#define CLEAR_WAIT_US (5 * G_USEC_PER_SEC)

/*
 * An adapter that becomes discoverable has bluetoothd renew what is registered: two questions to
 * an extended controller. bluetoothd before 5.73 uses the advertisement after its end, and may
 * crash, when it is unregistered between the two (BLE 4).
 */
#define RENEWAL_WAIT_US (100 * (gint64) US_PER_MS)

/* The kernel ends by itself a scan whose bluetoothd died: 10.24 s after its start (DISCOV_LE). */
#define LEFT_SCAN_US (10240 * (gint64) US_PER_MS)
#define LEFT_SCAN_RETRY_US (500 * (gint64) US_PER_MS)

#define BIT(state) (1u << SIGHEJ_BLUEZ_ADVERTISER_##state)

static const guint allowed_moves[SIGHEJ_BLUEZ_ADVERTISER_N_STATES] = {
  [SIGHEJ_BLUEZ_ADVERTISER_IDLE] = BIT (CHECK),
  [SIGHEJ_BLUEZ_ADVERTISER_CHECK] = BIT (IDLE) | BIT (PAUSING_SCAN) | BIT (REGISTERING)
                                    | BIT (ASLEEP) | BIT (UNREGISTERING) | BIT (BLOCKED),
  [SIGHEJ_BLUEZ_ADVERTISER_PAUSING_SCAN] = BIT (IDLE) | BIT (CHECK),
  [SIGHEJ_BLUEZ_ADVERTISER_REGISTERING] = BIT (IDLE) | BIT (ON) | BIT (RETRYING),
  [SIGHEJ_BLUEZ_ADVERTISER_ON] = BIT (IDLE) | BIT (ASLEEP) | BIT (UNREGISTERING) | BIT (RETRYING),
  [SIGHEJ_BLUEZ_ADVERTISER_ASLEEP] = BIT (IDLE) | BIT (CHECK),
  [SIGHEJ_BLUEZ_ADVERTISER_UNREGISTERING] = BIT (IDLE) | BIT (CHECK) | BIT (RETRYING),
  [SIGHEJ_BLUEZ_ADVERTISER_BLOCKED] = BIT (IDLE) | BIT (CHECK),
  [SIGHEJ_BLUEZ_ADVERTISER_RETRYING] = BIT (IDLE) | BIT (CHECK),
};

static const char *const state_words[SIGHEJ_BLUEZ_ADVERTISER_N_STATES] = {
  [SIGHEJ_BLUEZ_ADVERTISER_IDLE] = "idle",
  [SIGHEJ_BLUEZ_ADVERTISER_CHECK] = "check",
  [SIGHEJ_BLUEZ_ADVERTISER_PAUSING_SCAN] = "pausing-scan",
  [SIGHEJ_BLUEZ_ADVERTISER_REGISTERING] = "registering",
  [SIGHEJ_BLUEZ_ADVERTISER_ON] = "on",
  [SIGHEJ_BLUEZ_ADVERTISER_ASLEEP] = "asleep",
  [SIGHEJ_BLUEZ_ADVERTISER_UNREGISTERING] = "unregistering",
  [SIGHEJ_BLUEZ_ADVERTISER_BLOCKED] = "blocked",
  [SIGHEJ_BLUEZ_ADVERTISER_RETRYING] = "retrying",
};

struct _SighejBluezAdvertiser
{
  GObject parent;

  SighejClock *clock;
  GDBusConnection *bus;
  SighejBluezGuard *guard;
  SighejBluezScanner *scanner;

  /* what should be */
  SighejInterval interval;
  gboolean has_payload;
  SighejPayload payload;
  char *adapter;
  gboolean powered;
  gboolean extended;
  guint adapter_life; /* counts changes: after a power cycle registrations are void */
  gboolean renewed;   /* powered on again, and nothing was refused since */

  /* what is */
  SighejBluezAdvertiserState state;
  SighejBluezAdvert *advert; /* not NULL: BlueZ may know it */
  char *advert_adapter;
  guint advert_life;
  gboolean advert_released;
  gboolean renewal_seen; /* or waited for in vain, since the adapter is discoverable */
  guint renewal_id;      /* the limit of the wait for it */
  GPtrArray *sleepers;   /* Request: registered on adapters that are off and no longer chosen */
  guint request;         /* serial of the request in flight; answers to others are void */
  guint timer_id;
  SighejBackoff backoff;
  gint64 left_scan_until_us; /* until then the kernel may scan for a bluetoothd that died */
  SighejReason failure;      /* of the last try, until one succeeds */
  gboolean crowded_out;      /* the last try: no free instance */

  guint64 n_registered;
  guint64 n_failed;
  guint64 n_released;
  guint64 n_blocked;
};

G_DEFINE_FINAL_TYPE (SighejBluezAdvertiser, sighej_bluez_advertiser, G_TYPE_OBJECT)

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void advance (SighejBluezAdvertiser *self);

gboolean
sighej_bluez_advertiser_may_move (SighejBluezAdvertiserState from, SighejBluezAdvertiserState to)
{
  g_return_val_if_fail ((guint) from < SIGHEJ_BLUEZ_ADVERTISER_N_STATES, FALSE);
  g_return_val_if_fail ((guint) to < SIGHEJ_BLUEZ_ADVERTISER_N_STATES, FALSE);

  return (allowed_moves[from] & (1u << to)) != 0;
}

/* One call to LEAdvertisingManager1. It keeps the advertisement exported until the answer. */
typedef struct
{
  GWeakRef advertiser;
  guint serial;
  char *adapter;
  SighejBluezAdvert *advert;
} Request;

/* Of the request that is in flight now. */
static Request *
request_new (SighejBluezAdvertiser *self)
{
  Request *request = g_new0 (Request, 1);

  g_weak_ref_init (&request->advertiser, self);
  request->serial = self->request;
  request->adapter = g_strdup (self->advert_adapter);
  request->advert = g_object_ref (self->advert);

  return request;
}

static void
request_free (Request *request)
{
  g_weak_ref_clear (&request->advertiser);
  g_free (request->adapter);
  g_object_unref (request->advert);
  g_free (request);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Request, request_free)

static void
call_unregister (GDBusConnection *bus,
                 const char *adapter,
                 SighejBluezAdvert *advert,
                 GAsyncReadyCallback callback,
                 gpointer user_data)
{
  g_dbus_connection_call (bus,
                          SIGHEJ_BLUEZ_NAME,
                          adapter,
                          SIGHEJ_BLUEZ_ADVERTISING_INTERFACE,
                          "UnregisterAdvertisement",
                          g_variant_new ("(o)", sighej_bluez_advert_get_path (advert)),
                          NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START,
                          SIGHEJ_BLUEZ_CALL_TIMEOUT_MS,
                          NULL,
                          callback,
                          user_data);
}

static void
forget_advert (SighejBluezAdvertiser *self)
{
  g_clear_object (&self->advert);
  g_clear_pointer (&self->advert_adapter, g_free);
  self->advert_released = FALSE;
  if (self->renewal_id != 0)
    sighej_clock_clear (self->clock, &self->renewal_id);
}

static void
sighej_bluez_advertiser_dispose (GObject *object)
{
  SighejBluezAdvertiser *self = SIGHEJ_BLUEZ_ADVERTISER (object);

  /* A pending registration undoes itself when its answer finds nobody. */
  if (self->advert != NULL && self->state != SIGHEJ_BLUEZ_ADVERTISER_REGISTERING)
    call_unregister (self->bus, self->advert_adapter, self->advert, NULL, NULL);
  forget_advert (self);
  g_ptr_array_set_size (self->sleepers, 0);
  if (self->clock != NULL)
    sighej_clock_clear (self->clock, &self->timer_id);
  g_clear_object (&self->clock);
  g_clear_object (&self->bus);
  g_clear_object (&self->guard);
  g_clear_object (&self->scanner);

  G_OBJECT_CLASS (sighej_bluez_advertiser_parent_class)->dispose (object);
}

static void
sighej_bluez_advertiser_finalize (GObject *object)
{
  SighejBluezAdvertiser *self = SIGHEJ_BLUEZ_ADVERTISER (object);

  g_ptr_array_unref (self->sleepers);
  g_free (self->adapter);

  G_OBJECT_CLASS (sighej_bluez_advertiser_parent_class)->finalize (object);
}

static void
sighej_bluez_advertiser_class_init (SighejBluezAdvertiserClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = sighej_bluez_advertiser_dispose;
  object_class->finalize = sighej_bluez_advertiser_finalize;

  signals[SIGNAL_CHANGED] = g_signal_new (
      "changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
sighej_bluez_advertiser_init (SighejBluezAdvertiser *self)
{
  self->interval = sighej_interval_among (0);
  self->backoff = (SighejBackoff) SIGHEJ_BACKOFF_INIT (RETRY_FIRST_MS, RETRY_MOST_MS);
  self->sleepers = g_ptr_array_new_with_free_func ((GDestroyNotify) request_free);
}

/*
 * A legacy controller must not scan at all while its address changes; on others a scan that runs
 * may go on, but a new one waits, so that its requests go out with a private address (BLE 4).
 */
static SighejBluezHold
choose_hold (SighejBluezAdvertiser *self)
{
  switch (self->state)
    {
    case SIGHEJ_BLUEZ_ADVERTISER_PAUSING_SCAN:
    case SIGHEJ_BLUEZ_ADVERTISER_REGISTERING:
      return self->extended ? SIGHEJ_BLUEZ_HOLD_NEW : SIGHEJ_BLUEZ_HOLD_ALL;
    case SIGHEJ_BLUEZ_ADVERTISER_CHECK:
      return SIGHEJ_BLUEZ_HOLD_NEW;
    case SIGHEJ_BLUEZ_ADVERTISER_IDLE:
    case SIGHEJ_BLUEZ_ADVERTISER_ON:
    case SIGHEJ_BLUEZ_ADVERTISER_ASLEEP:
    case SIGHEJ_BLUEZ_ADVERTISER_UNREGISTERING:
    case SIGHEJ_BLUEZ_ADVERTISER_BLOCKED:
    case SIGHEJ_BLUEZ_ADVERTISER_RETRYING:
    default:
      return SIGHEJ_BLUEZ_HOLD_NONE;
    }
}

static void
set_state (SighejBluezAdvertiser *self, SighejBluezAdvertiserState next, const char *why)
{
  g_assert (sighej_bluez_advertiser_may_move (self->state, next));

  g_debug ("advertiser: %s -> %s (%s)", state_words[self->state], state_words[next], why);
  sighej_clock_clear (self->clock, &self->timer_id);
  self->state = next;

  if (next == SIGHEJ_BLUEZ_ADVERTISER_IDLE || next == SIGHEJ_BLUEZ_ADVERTISER_ON
      || next == SIGHEJ_BLUEZ_ADVERTISER_BLOCKED)
    {
      self->failure = SIGHEJ_REASON_NONE;
      self->crowded_out = FALSE;
      sighej_backoff_reset (&self->backoff);
    }
  sighej_bluez_scanner_set_hold (self->scanner, choose_hold (self));
}

static gboolean
on_timer (gpointer user_data)
{
  g_autoptr (SighejBluezAdvertiser) self = g_object_ref (user_data);

  self->timer_id = 0;
  set_state (self, SIGHEJ_BLUEZ_ADVERTISER_CHECK, "waited");
  advance (self);

  return G_SOURCE_REMOVE;
}

static void
retry_after (SighejBluezAdvertiser *self, gint64 delay_us, SighejReason failure, const char *why)
{
  set_state (self, SIGHEJ_BLUEZ_ADVERTISER_RETRYING, why);
  self->failure = failure;
  self->timer_id = sighej_clock_add (self->clock, delay_us, on_timer, self);
}

static void
retry (SighejBluezAdvertiser *self, SighejReason failure, const char *why)
{
  gint64 delay_us = LEFT_SCAN_RETRY_US;

  if (self->renewed)
    delay_us = RENEWED_RETRY_US;
  else if (failure != SIGHEJ_REASON_SCAN_CONFLICT
           || sighej_clock_now_us (self->clock) >= self->left_scan_until_us)
    delay_us = (gint64) sighej_backoff_next_ms (&self->backoff) * US_PER_MS;
  self->renewed = FALSE;
  self->n_failed++;
  retry_after (self, delay_us, failure, why);
}

static gboolean
is_wanted (SighejBluezAdvertiser *self)
{
  return self->has_payload && self->adapter != NULL && self->powered;
}

/* Registered where nothing can be unregistered now. */
static gboolean
is_asleep (SighejBluezAdvertiser *self)
{
  return self->advert != NULL && !self->powered
         && g_strcmp0 (self->adapter, self->advert_adapter) == 0;
}

/* What is registered is what is wanted, where it is wanted, and may be. */
static gboolean
is_right (SighejBluezAdvertiser *self)
{
  return is_wanted (self) && self->advert_life == self->adapter_life
         && sighej_bluez_advert_holds (self->advert, &self->payload)
         && sighej_bluez_guard_may_advertise (self->guard);
}

static gboolean
is_remote_error (const GError *error, const char *const *names)
{
  g_autofree char *name = g_dbus_error_get_remote_error (error);

  return name != NULL && g_strv_contains (names, name);
}

/* BlueZ, or the whole adapter, does not have it any more: that is what was wanted. */
static gboolean
means_not_registered (const GError *error)
{
  static const char *const names[] = {
    "org.bluez.Error.DoesNotExist",
    "org.freedesktop.DBus.Error.UnknownObject",
    "org.freedesktop.DBus.Error.UnknownMethod",
    "org.freedesktop.DBus.Error.UnknownInterface",
    "org.freedesktop.DBus.Error.ServiceUnknown",
    "org.freedesktop.DBus.Error.NameHasNoOwner",
    NULL,
  };

  return is_remote_error (error, names) || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
}

static SighejReason
explain_refusal (SighejBluezAdvertiser *self, const GError *error)
{
  static const char *const failed[] = { "org.bluez.Error.Failed", NULL };
  static const char *const not_ready[] = { "org.bluez.Error.NotReady", NULL };

  if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED))
    return SIGHEJ_REASON_BLUETOOTH_DENIED;
  if (is_remote_error (error, not_ready))
    return SIGHEJ_REASON_BLUETOOTH_OFF;
  /* Our own scan stands still, so somebody else's keeps the address from changing (BLE 5). */
  if (!self->extended && is_remote_error (error, failed))
    return SIGHEJ_REASON_SCAN_CONFLICT;

  return SIGHEJ_REASON_RADIO_STALLED;
}

static void
take_unregistered (SighejBluezAdvertiser *self, const GError *error)
{
  if (error != NULL && !means_not_registered (error))
    {
      g_log (G_LOG_DOMAIN,
             self->failure == SIGHEJ_REASON_NONE ? G_LOG_LEVEL_MESSAGE : G_LOG_LEVEL_DEBUG,
             "cannot take the advertisement off the air: %s",
             error->message);
      retry (self, SIGHEJ_REASON_RADIO_STALLED, "unregister failed");
    }
  else
    {
      forget_advert (self);
      set_state (self, SIGHEJ_BLUEZ_ADVERTISER_CHECK, "unregistered");
    }
}

static void
unregistered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Request) request = user_data;
  g_autoptr (SighejBluezAdvertiser) self = g_weak_ref_get (&request->advertiser);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply G_GNUC_UNUSED
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (self == NULL || request->serial != self->request)
    return;

  if (error != NULL)
    g_debug ("unregister: %s", error->message);
  take_unregistered (self, error);
  advance (self);
}

static void
begin_unregister (SighejBluezAdvertiser *self, const char *why)
{
  set_state (self, SIGHEJ_BLUEZ_ADVERTISER_UNREGISTERING, why);
  self->request++;
  call_unregister (self->bus, self->advert_adapter, self->advert, unregistered, request_new (self));
}

static void
take_registered (SighejBluezAdvertiser *self, GError *error)
{
  static const char *const not_permitted[] = { "org.bluez.Error.NotPermitted", NULL };

  if (error == NULL && !self->advert_released)
    {
      self->n_registered++;
      set_state (self, SIGHEJ_BLUEZ_ADVERTISER_ON, "registered");
    }
  else if (error == NULL)
    {
      forget_advert (self);
      retry_after (self, RELEASED_WAIT_US, SIGHEJ_REASON_NONE, "released at once");
    }
  else
    {
      SighejReason failure = explain_refusal (self, error);

      self->crowded_out = is_remote_error (error, not_permitted);
      g_dbus_error_strip_remote_error (error);
      /* The journal's reader is told of each cause once, not of each try. */
      g_log (G_LOG_DOMAIN,
             failure != self->failure ? G_LOG_LEVEL_MESSAGE : G_LOG_LEVEL_DEBUG,
             "the adapter did not take the advertisement: %s",
             error->message);
      /* Without an answer BlueZ may still have it: the next check unregisters first. */
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
        forget_advert (self);
      retry (self, failure, "refused");
    }
}

static void
registered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Request) request = user_data;
  g_autoptr (SighejBluezAdvertiser) self = g_weak_ref_get (&request->advertiser);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  if (self == NULL)
    {
      if (reply != NULL)
        call_unregister (G_DBUS_CONNECTION (source), request->adapter, request->advert, NULL, NULL);
      return;
    }
  if (request->serial != self->request)
    return;

  take_registered (self, error);
  advance (self);
}

static gboolean
on_renewal_late (gpointer user_data)
{
  g_autoptr (SighejBluezAdvertiser) self = g_object_ref (user_data);

  self->renewal_id = 0;
  self->renewal_seen = TRUE;
  advance (self);

  return G_SOURCE_REMOVE;
}

static void
on_renewed (SighejBluezAdvertiser *self, SighejBluezAdvert *advert)
{
  if (advert != self->advert || self->renewal_id == 0)
    return;

  sighej_clock_clear (self->clock, &self->renewal_id);
  self->renewal_seen = TRUE;
  advance (self);
}

/* To be asked before what is on the air is unregistered. */
static gboolean
must_await_renewal (SighejBluezAdvertiser *self)
{
  if (!self->extended || !sighej_bluez_guard_is_discoverable (self->guard))
    {
      sighej_clock_clear (self->clock, &self->renewal_id);
      self->renewal_seen = FALSE;
      return FALSE;
    }
  if (!self->renewal_seen && self->renewal_id == 0)
    self->renewal_id = sighej_clock_add (self->clock, RENEWAL_WAIT_US, on_renewal_late, self);

  return self->renewal_id != 0;
}

/* BlueZ says by itself that it dropped the advertisement. */
static void
on_released (SighejBluezAdvertiser *self, SighejBluezAdvert *advert)
{
  if (advert != self->advert)
    return;

  self->n_released++;
  self->advert_released = TRUE;
  if (self->state != SIGHEJ_BLUEZ_ADVERTISER_ON)
    return; /* the answer under way, or the next Unregister, finds it out */

  forget_advert (self);
  retry_after (self, RELEASED_WAIT_US, SIGHEJ_REASON_NONE, "released");
  advance (self);
}

static void
begin_register (SighejBluezAdvertiser *self)
{
  g_autoptr (GError) error = NULL;

  set_state (self, SIGHEJ_BLUEZ_ADVERTISER_REGISTERING, "clear");
  self->advert = sighej_bluez_advert_new (self->bus, &self->payload, self->interval, &error);
  if (self->advert == NULL) /* nothing is in flight */
    {
      g_message ("cannot export the advertisement: %s", error->message);
      retry (self, SIGHEJ_REASON_RADIO_STALLED, "not exported");
      return;
    }

  self->advert_adapter = g_strdup (self->adapter);
  self->advert_life = self->adapter_life;
  self->renewal_seen = sighej_bluez_guard_is_discoverable (self->guard);
  self->request++;
  g_signal_connect_object (
      self->advert, "released", G_CALLBACK (on_released), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      self->advert, "renewed", G_CALLBACK (on_renewed), self, G_CONNECT_SWAPPED);
  g_dbus_connection_call (
      self->bus,
      SIGHEJ_BLUEZ_NAME,
      self->adapter,
      SIGHEJ_BLUEZ_ADVERTISING_INTERFACE,
      "RegisterAdvertisement",
      g_variant_new ("(oa{sv})", sighej_bluez_advert_get_path (self->advert), NULL),
      NULL,
      G_DBUS_CALL_FLAGS_NO_AUTO_START,
      REGISTER_TIMEOUT_MS,
      NULL,
      registered,
      request_new (self));
}

static void
step_check (SighejBluezAdvertiser *self)
{
  if (is_asleep (self))
    set_state (self, SIGHEJ_BLUEZ_ADVERTISER_ASLEEP, "powered off");
  else if (self->advert != NULL)
    begin_unregister (self, "may still be registered");
  else if (!is_wanted (self))
    set_state (self, SIGHEJ_BLUEZ_ADVERTISER_IDLE, "not wanted");
  else if (!sighej_bluez_guard_is_ready (self->guard))
    return;
  else if (!sighej_bluez_guard_may_advertise (self->guard))
    {
      self->n_blocked++;
      set_state (self, SIGHEJ_BLUEZ_ADVERTISER_BLOCKED, "the public address would show");
    }
  else if (!self->extended && !sighej_bluez_scanner_is_quiet (self->scanner))
    set_state (self, SIGHEJ_BLUEZ_ADVERTISER_PAUSING_SCAN, "legacy controller");
  else
    begin_register (self);
}

static void
step_blocked (SighejBluezAdvertiser *self)
{
  if (!is_wanted (self))
    set_state (self, SIGHEJ_BLUEZ_ADVERTISER_IDLE, "not wanted");
  else if (!sighej_bluez_guard_may_advertise (self->guard))
    sighej_clock_clear (self->clock, &self->timer_id);
  else if (self->timer_id == 0)
    self->timer_id = sighej_clock_add (self->clock, CLEAR_WAIT_US, on_timer, self);
}

/* Another adapter is chosen while this one is off: what sleeps there is woken when it is on. */
static void
leave_sleeper (SighejBluezAdvertiser *self)
{
  if (self->sleepers->len == SIGHEJ_BLUEZ_ADAPTERS_MAX)
    g_ptr_array_remove_index (self->sleepers, 0);
  g_ptr_array_add (self->sleepers, request_new (self));
  forget_advert (self);
  set_state (self, SIGHEJ_BLUEZ_ADVERTISER_IDLE, "another adapter");
}

static void
step_asleep (SighejBluezAdvertiser *self)
{
  if (g_strcmp0 (self->adapter, self->advert_adapter) != 0)
    leave_sleeper (self);
  else if (self->powered)
    set_state (self, SIGHEJ_BLUEZ_ADVERTISER_CHECK, "powered on");
}

/* One look at the facts; moves when they ask for it. */
static void
step (SighejBluezAdvertiser *self)
{
  switch (self->state)
    {
    case SIGHEJ_BLUEZ_ADVERTISER_IDLE:
      if (is_wanted (self))
        set_state (self, SIGHEJ_BLUEZ_ADVERTISER_CHECK, "wanted");
      break;
    case SIGHEJ_BLUEZ_ADVERTISER_CHECK:
      step_check (self);
      break;
    case SIGHEJ_BLUEZ_ADVERTISER_PAUSING_SCAN:
      if (!is_wanted (self) || sighej_bluez_scanner_is_quiet (self->scanner))
        set_state (self, SIGHEJ_BLUEZ_ADVERTISER_CHECK, "paused");
      break;
    case SIGHEJ_BLUEZ_ADVERTISER_ON:
      if (is_asleep (self))
        set_state (self, SIGHEJ_BLUEZ_ADVERTISER_ASLEEP, "powered off");
      else if (!is_right (self) && !must_await_renewal (self))
        begin_unregister (self, "not what is wanted");
      break;
    case SIGHEJ_BLUEZ_ADVERTISER_ASLEEP:
      step_asleep (self);
      break;
    case SIGHEJ_BLUEZ_ADVERTISER_BLOCKED:
      step_blocked (self);
      break;
    case SIGHEJ_BLUEZ_ADVERTISER_RETRYING:
      if (!is_wanted (self) && self->advert == NULL)
        set_state (self, SIGHEJ_BLUEZ_ADVERTISER_IDLE, "not wanted");
      break;
    case SIGHEJ_BLUEZ_ADVERTISER_REGISTERING:
    case SIGHEJ_BLUEZ_ADVERTISER_UNREGISTERING:
    default:
      break; /* the answer decides */
    }
}

/* Moves until the facts ask for no further move, then tells. */
static void
advance (SighejBluezAdvertiser *self)
{
  SighejBluezAdvertiserState before;

  do
    {
      before = self->state;
      step (self);
    }
  while (self->state != before);

  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

SighejBluezAdvertiser *
sighej_bluez_advertiser_new (SighejClock *clock,
                             GDBusConnection *bus,
                             SighejBluezGuard *guard,
                             SighejBluezScanner *scanner)
{
  SighejBluezAdvertiser *self = g_object_new (SIGHEJ_TYPE_BLUEZ_ADVERTISER, NULL);

  self->clock = g_object_ref (clock);
  self->bus = g_object_ref (bus);
  self->guard = g_object_ref (guard);
  self->scanner = g_object_ref (scanner);
  g_signal_connect_object (guard, "changed", G_CALLBACK (advance), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (scanner, "quiet", G_CALLBACK (advance), self, G_CONNECT_SWAPPED);

  return self;
}

void
sighej_bluez_advertiser_set_adapter (SighejBluezAdvertiser *self, const SighejBluezAdapter *adapter)
{
  const char *path = adapter != NULL ? adapter->path : NULL;
  gboolean powered = adapter != NULL && adapter->powered;

  self->extended = adapter != NULL && adapter->extended;
  if (g_strcmp0 (path, self->adapter) == 0 && powered == self->powered)
    return;

  self->renewed = powered && g_strcmp0 (path, self->adapter) == 0;
  g_free (self->adapter);
  self->adapter = g_strdup (path);
  self->powered = powered;
  self->adapter_life++;
  advance (self);
}

void
sighej_bluez_advertiser_wake_sleepers (SighejBluezAdvertiser *self, SighejBluezAdapters *adapters)
{
  for (guint i = self->sleepers->len; i > 0; i--)
    {
      const Request *sleeper = g_ptr_array_index (self->sleepers, i - 1);
      const SighejBluezAdapter *adapter = sighej_bluez_adapters_lookup (adapters, sleeper->adapter);

      if (adapter != NULL && !adapter->powered)
        continue;
      if (adapter != NULL)
        call_unregister (self->bus, sleeper->adapter, sleeper->advert, NULL, NULL);
      g_ptr_array_remove_index (self->sleepers, i - 1);
    }
}

void
sighej_bluez_advertiser_set_interval (SighejBluezAdvertiser *self, SighejInterval interval)
{
  self->interval = interval;
}

void
sighej_bluez_advertiser_set_payload (SighejBluezAdvertiser *self, const SighejPayload *payload)
{
  self->has_payload = payload != NULL;
  self->payload = payload != NULL ? *payload : (SighejPayload){ 0 };
  advance (self);
}

gboolean
sighej_bluez_advertiser_forget (SighejBluezAdvertiser *self,
                                gboolean was_scanning,
                                SighejPayload *left)
{
  gboolean left_on_air = self->advert != NULL && !is_asleep (self);

  if (left_on_air)
    *left = *sighej_bluez_advert_get_payload (self->advert);
  if (was_scanning)
    self->left_scan_until_us = sighej_clock_now_us (self->clock) + LEFT_SCAN_US;
  self->request++;
  forget_advert (self);
  g_ptr_array_set_size (self->sleepers, 0);
  g_clear_pointer (&self->adapter, g_free);
  self->powered = FALSE;
  self->adapter_life++;
  if (self->state != SIGHEJ_BLUEZ_ADVERTISER_IDLE)
    set_state (self, SIGHEJ_BLUEZ_ADVERTISER_IDLE, "bluetoothd is gone");
  advance (self);

  return left_on_air;
}

gboolean
sighej_bluez_advertiser_get_on_air (SighejBluezAdvertiser *self, SighejPayload *payload)
{
  gboolean on_air;

  /* What is being registered against our will may be on the air before we can undo it. */
  on_air = self->advert != NULL && !is_asleep (self)
           && (self->state == SIGHEJ_BLUEZ_ADVERTISER_ON
               || self->state == SIGHEJ_BLUEZ_ADVERTISER_UNREGISTERING
               || (self->state == SIGHEJ_BLUEZ_ADVERTISER_REGISTERING && !is_right (self)));

  if (on_air && payload != NULL)
    *payload = *sighej_bluez_advert_get_payload (self->advert);

  return on_air;
}

gboolean
sighej_bluez_advertiser_awaits_renewal (SighejBluezAdvertiser *self)
{
  return self->renewal_id != 0;
}

gboolean
sighej_bluez_advertiser_is_quiet (SighejBluezAdvertiser *self)
{
  return self->state == SIGHEJ_BLUEZ_ADVERTISER_ASLEEP
         || (self->advert == NULL && self->state != SIGHEJ_BLUEZ_ADVERTISER_REGISTERING);
}

SighejReason
sighej_bluez_advertiser_get_trouble (SighejBluezAdvertiser *self)
{
  if (self->state == SIGHEJ_BLUEZ_ADVERTISER_BLOCKED)
    return SIGHEJ_REASON_PRIVACY_BLOCKED;

  return self->failure;
}

gboolean
sighej_bluez_advertiser_is_crowded_out (SighejBluezAdvertiser *self)
{
  return self->crowded_out;
}

void
sighej_bluez_advertiser_count (SighejBluezAdvertiser *self, GVariantBuilder *counters)
{
  g_variant_builder_add (counters, "{st}", "radio.registered", self->n_registered);
  g_variant_builder_add (counters, "{st}", "radio.register-failed", self->n_failed);
  g_variant_builder_add (counters, "{st}", "radio.released", self->n_released);
  g_variant_builder_add (counters, "{st}", "radio.blocked", self->n_blocked);
}
