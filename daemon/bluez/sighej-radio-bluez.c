/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-bluez"

#include "config.h"

#include "sighej-radio-bluez.h"

#include <string.h>

#include "sighej-bluez-adapters.h"
#include "sighej-bluez-advertiser.h"
#include "sighej-bluez-doctor.h"
#include "sighej-bluez-guard.h"
#include "sighej-bluez-power.h"
#include "sighej-bluez-reviver.h"
#include "sighej-bluez-rfkill.h"
#include "sighej-bluez-scanner.h"
#include "sighej-enum-types.h"
#include "sighej-log.h"

#define FIRST_PROP 1
#define NO_ADAPTER "/"
#define US_PER_MS 1000
#define STOP_WAIT_MS 2000

/* An adapter's interfaces come one after the other: so long none is said to be lacking. */
#define SETTLE_US (2 * G_USEC_PER_SEC)

/* The properties as last told. */
typedef struct
{
  SighejReason trouble;
  gboolean on_air;
  gboolean scanning;
  SighejPrivacy privacy;
  char *adapter;
  char *adapter_id;
  GStrv adapters;
} Told;

struct _SighejRadioBluez
{
  GObject parent;

  SighejClock *clock;
  GDBusConnection *bus; /* NULL: none */
  GCancellable *cancellable;

  SighejBluezAdapters *adapters; /* this and the other parts are NULL without a bus */
  SighejBluezGuard *guard;
  SighejBluezScanner *scanner;
  SighejBluezAdvertiser *advertiser;
  SighejBluezReviver *reviver;
  SighejBluezPower *power;

  gboolean looked; /* the adapters were known once, or that there are none */
  char *rfkill_folder;
  char *wish;      /* adapter asked for: path or name; NULL: any */
  char *current;   /* path of the chosen one; NULL: none */
  guint settle_id; /* since it was chosen */
  char *owner;     /* unique name of the bluetoothd the parts work with */
  gboolean has_payload;
  SighejPayload payload;

  GTask *stop_task;
  guint stop_id;

  gboolean updating; /* nothing is told until all parts know */
  gboolean ordering; /* nobody is told from inside an order of his */
  guint tell_id;
  Told told;
  const char *logged_privacy; /* NULL: none yet */
  guint64 n_daemons_lost;
};

static void sighej_radio_bluez_iface_init (SighejRadioInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SighejRadioBluez,
                               sighej_radio_bluez,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SIGHEJ_TYPE_RADIO,
                                                      sighej_radio_bluez_iface_init))

static void
sighej_radio_bluez_dispose (GObject *object)
{
  SighejRadioBluez *self = SIGHEJ_RADIO_BLUEZ (object);

  g_cancellable_cancel (self->cancellable);
  if (self->clock != NULL)
    {
      sighej_clock_clear (self->clock, &self->settle_id);
      sighej_clock_clear (self->clock, &self->stop_id);
    }
  g_clear_handle_id (&self->tell_id, g_source_remove);
  /* In this order: the advertiser holds the scanner and the guard. */
  g_clear_object (&self->advertiser);
  g_clear_object (&self->scanner);
  g_clear_object (&self->guard);
  g_clear_object (&self->power);
  g_clear_object (&self->adapters);
  g_clear_object (&self->reviver);
  g_clear_object (&self->bus);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (sighej_radio_bluez_parent_class)->dispose (object);
}

static void
sighej_radio_bluez_finalize (GObject *object)
{
  SighejRadioBluez *self = SIGHEJ_RADIO_BLUEZ (object);

  g_object_unref (self->cancellable);
  g_free (self->rfkill_folder);
  g_free (self->wish);
  g_free (self->current);
  g_free (self->owner);
  g_free (self->told.adapter);
  g_free (self->told.adapter_id);
  g_strfreev (self->told.adapters);

  G_OBJECT_CLASS (sighej_radio_bluez_parent_class)->finalize (object);
}

static gboolean judge_on_air (SighejRadioBluez *self);

static void
sighej_radio_bluez_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  SighejRadioBluez *self = SIGHEJ_RADIO_BLUEZ (object);

  switch (id - FIRST_PROP)
    {
    case SIGHEJ_RADIO_PROP_TROUBLE:
      g_value_set_enum (value, (int) self->told.trouble);
      break;
    case SIGHEJ_RADIO_PROP_ON_AIR:
      g_value_set_boolean (value, judge_on_air (self)); /* true at once, told a moment later */
      break;
    case SIGHEJ_RADIO_PROP_SCANNING:
      g_value_set_boolean (value, self->told.scanning);
      break;
    case SIGHEJ_RADIO_PROP_PRIVACY:
      g_value_set_enum (value, (int) self->told.privacy);
      break;
    case SIGHEJ_RADIO_PROP_ADAPTER:
      g_value_set_string (value, self->told.adapter);
      break;
    case SIGHEJ_RADIO_PROP_ADAPTERS:
      g_value_set_boxed (value, self->told.adapters);
      break;
    case SIGHEJ_RADIO_PROP_ADAPTER_ID:
      g_value_set_string (value, self->told.adapter_id);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
sighej_radio_bluez_class_init (SighejRadioBluezClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = sighej_radio_bluez_dispose;
  object_class->finalize = sighej_radio_bluez_finalize;
  object_class->get_property = sighej_radio_bluez_get_property;
  sighej_radio_override_properties (object_class, FIRST_PROP);
}

static void
sighej_radio_bluez_init (SighejRadioBluez *self)
{
  self->cancellable = g_cancellable_new ();
  self->told.trouble = SIGHEJ_REASON_BLUETOOTH_MISSING;
  self->told.privacy = SIGHEJ_PRIVACY_UNKNOWN;
  self->told.adapter = g_strdup (NO_ADAPTER);
  self->told.adapter_id = g_strdup ("");
  self->told.adapters = g_new0 (char *, 1);
}

/* ---- what is, as told ---- */

static const SighejBluezAdapter *
get_current (SighejRadioBluez *self)
{
  if (self->adapters == NULL || self->current == NULL)
    return NULL;

  return sighej_bluez_adapters_lookup (self->adapters, self->current);
}

static gboolean
is_usable (const SighejBluezAdapter *adapter)
{
  return adapter != NULL && adapter->powered && adapter->can_advertise;
}

/* Why the adapter itself cannot be used, before anything is asked of it. */
static SighejReason
judge_adapter (SighejRadioBluez *self, const SighejBluezAdapter *adapter)
{
  SighejReason blocked;

  if (is_usable (adapter))
    return SIGHEJ_REASON_NONE;
  if (adapter != NULL && adapter->powered)
    return self->settle_id != 0 ? SIGHEJ_REASON_BLUETOOTH_MISSING
                                : SIGHEJ_REASON_BLUETOOTH_UNSUPPORTED;

  /* A switch may make the whole adapter vanish. */
  blocked = sighej_bluez_rfkill_read (self->rfkill_folder, adapter != NULL ? adapter->name : NULL);
  if (blocked != SIGHEJ_REASON_NONE)
    return blocked;
  if (adapter != NULL && adapter->blocked)
    return SIGHEJ_REASON_BLUETOOTH_BLOCKED_SOFT; /* which kind of switch it is, D-Bus does not say
                                                  */

  return adapter != NULL ? SIGHEJ_REASON_BLUETOOTH_OFF : SIGHEJ_REASON_BLUETOOTH_MISSING;
}

/* bluetoothd died, and the kernel may still advertise for it. */
static gboolean
is_lingering (SighejRadioBluez *self)
{
  return self->reviver != NULL && sighej_bluez_reviver_get_left (self->reviver, NULL);
}

static SighejReason
judge_trouble (SighejRadioBluez *self)
{
  SighejReason trouble;

  if (self->adapters == NULL)
    return SIGHEJ_REASON_BLUETOOTH_MISSING;
  if (is_lingering (self))
    return SIGHEJ_REASON_BLUETOOTH_LOST;
  switch (sighej_bluez_adapters_get_presence (self->adapters))
    {
    case SIGHEJ_BLUEZ_DENIED:
      return SIGHEJ_REASON_BLUETOOTH_DENIED;
    case SIGHEJ_BLUEZ_PRESENT:
      break;
    case SIGHEJ_BLUEZ_ABSENT:
    case SIGHEJ_BLUEZ_LOADING:
    default:
      return SIGHEJ_REASON_BLUETOOTH_MISSING;
    }

  trouble = judge_adapter (self, get_current (self));
  if (trouble == SIGHEJ_REASON_NONE && !sighej_bluez_guard_is_fit (self->guard))
    trouble = SIGHEJ_REASON_BLUETOOTH_UNSUPPORTED;
  if (trouble == SIGHEJ_REASON_NONE)
    trouble = sighej_bluez_advertiser_get_trouble (self->advertiser);
  if (trouble == SIGHEJ_REASON_NONE)
    trouble = sighej_bluez_scanner_get_trouble (self->scanner);

  return trouble;
}

/* Once nothing is wanted, it stays TRUE until nothing of ours is left. */
static gboolean
judge_on_air (SighejRadioBluez *self)
{
  guint8 wanted[SIGHEJ_PAYLOAD_BYTES];
  guint8 sent[SIGHEJ_PAYLOAD_BYTES];
  SighejPayload payload;

  if (is_lingering (self))
    return !self->has_payload;
  if (self->advertiser == NULL || !sighej_bluez_advertiser_get_on_air (self->advertiser, &payload))
    return FALSE;
  if (!self->has_payload)
    return TRUE;

  sighej_payload_encode (&self->payload, wanted);
  sighej_payload_encode (&payload, sent);

  return memcmp (wanted, sent, sizeof wanted) == 0;
}

/* Also when the path is the same: another device may have got its number. */
static void
tell_adapter_id (SighejRadioBluez *self)
{
  const SighejBluezAdapter *adapter = get_current (self);
  const char *id = adapter != NULL ? adapter->address : "";

  if (g_str_equal (id, self->told.adapter_id))
    return;

  g_free (self->told.adapter_id);
  self->told.adapter_id = g_strdup (id);
  g_object_notify (G_OBJECT (self), "adapter-id");
}

static void
tell_lists (SighejRadioBluez *self)
{
  g_auto (GStrv) adapters = NULL;
  const char *adapter = self->current != NULL ? self->current : NO_ADAPTER;

  if (!g_str_equal (adapter, self->told.adapter))
    {
      g_free (self->told.adapter);
      self->told.adapter = g_strdup (adapter);
      g_object_notify (G_OBJECT (self), "adapter");
    }
  if (self->adapters == NULL)
    return;

  adapters = sighej_bluez_adapters_dup_paths (self->adapters);
  if (!g_strv_equal ((const char *const *) adapters, (const char *const *) self->told.adapters))
    {
      g_strfreev (self->told.adapters);
      self->told.adapters = g_steal_pointer (&adapters);
      g_object_notify (G_OBJECT (self), "adapters");
    }
}

static void
finish_stop (SighejRadioBluez *self, GError *error)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->stop_task);

  sighej_clock_clear (self->clock, &self->stop_id);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static gboolean
is_silent (SighejRadioBluez *self)
{
  return !is_lingering (self)
         && (self->advertiser == NULL || sighej_bluez_advertiser_is_quiet (self->advertiser));
}

static void tell (SighejRadioBluez *self);

static gboolean
on_tell_due (gpointer user_data)
{
  SighejRadioBluez *self = user_data;

  self->tell_id = 0;
  tell (self);

  return G_SOURCE_REMOVE;
}

static void
tell_later (SighejRadioBluez *self)
{
  if (self->tell_id != 0)
    return;
  self->tell_id = g_idle_add_full (G_PRIORITY_DEFAULT, on_tell_due, self, NULL);
  g_source_set_name_by_id (self->tell_id, "sighej-radio-bluez");
}

/* Each change once, and no "unknown" only because nobody was asked yet. */
static void
log_privacy (SighejRadioBluez *self)
{
  const char *word = sighej_enum_to_nick (SIGHEJ_TYPE_PRIVACY, (int) self->told.privacy);

  if (self->guard == NULL || !sighej_bluez_guard_is_ready (self->guard)
      || g_strcmp0 (word, self->logged_privacy) == 0)
    return;

  g_message ("privacy of the address: %s", word);
  self->logged_privacy = word;
}

static void
tell (SighejRadioBluez *self)
{
  g_autoptr (SighejRadioBluez) keep G_GNUC_UNUSED = g_object_ref (self);
  Told was = self->told;

  /* Withdrawn first, then told: the advertiser says when. */
  if (self->updating
      || (self->advertiser != NULL && sighej_bluez_advertiser_awaits_renewal (self->advertiser)))
    return;
  if (self->ordering)
    {
      tell_later (self);
      return;
    }

  self->told.trouble = judge_trouble (self);
  self->told.on_air = judge_on_air (self);
  self->told.scanning = self->scanner != NULL && sighej_bluez_scanner_get_scanning (self->scanner);
  self->told.privacy
      = self->guard != NULL ? sighej_bluez_guard_get_privacy (self->guard) : SIGHEJ_PRIVACY_UNKNOWN;
  g_object_freeze_notify (G_OBJECT (self));
  if (was.trouble != self->told.trouble)
    {
      g_debug ("trouble: %s", sighej_reason_to_word (self->told.trouble));
      g_object_notify (G_OBJECT (self), "trouble");
    }
  if (was.on_air != self->told.on_air)
    g_object_notify (G_OBJECT (self), "on-air");
  if (was.scanning != self->told.scanning)
    g_object_notify (G_OBJECT (self), "scanning");
  if (was.privacy != self->told.privacy)
    g_object_notify (G_OBJECT (self), "privacy");
  log_privacy (self);
  tell_lists (self);
  tell_adapter_id (self);
  g_object_thaw_notify (G_OBJECT (self));

  if (self->stop_task != NULL && is_silent (self))
    finish_stop (self, NULL);
}

/* ---- bluetoothd's end ---- */

static void
take_daemon_lost (SighejRadioBluez *self)
{
  gboolean was_scanning = !sighej_bluez_scanner_is_quiet (self->scanner);
  SighejPayload left;

  if (sighej_bluez_advertiser_forget (self->advertiser, was_scanning, &left))
    sighej_bluez_reviver_begin (self->reviver, &left);
  self->n_daemons_lost++;
  sighej_bluez_scanner_forget (self->scanner);
  sighej_bluez_power_forget (self->power);
  sighej_bluez_guard_set_adapter (self->guard, NULL);
  g_clear_pointer (&self->owner, g_free);
  g_clear_pointer (&self->current, g_free);
}

/* ---- the choice of the adapter ---- */

static guint
rate_adapter (const SighejBluezAdapter *adapter)
{
  return (adapter->can_advertise ? 2u : 0u) + (adapter->powered ? 1u : 0u);
}

/* The one asked for, or the most able one; the present one is kept as long as none is abler. */
static const SighejBluezAdapter *
choose_adapter (SighejRadioBluez *self)
{
  const SighejBluezAdapter *best = get_current (self);
  g_auto (GStrv) paths = NULL;

  if (self->wish != NULL)
    return sighej_bluez_adapters_lookup (self->adapters, self->wish);

  paths = sighej_bluez_adapters_dup_paths (self->adapters);
  for (guint i = 0; paths[i] != NULL; i++)
    {
      const SighejBluezAdapter *adapter = sighej_bluez_adapters_lookup (self->adapters, paths[i]);

      if (best == NULL || rate_adapter (adapter) > rate_adapter (best))
        best = adapter;
    }

  return best;
}

static gboolean
on_settled (gpointer user_data)
{
  SighejRadioBluez *self = user_data;

  self->settle_id = 0;
  tell (self);

  return G_SOURCE_REMOVE;
}

static void
set_current (SighejRadioBluez *self, const SighejBluezAdapter *adapter)
{
  const char *name;

  g_free (self->current);
  self->current = g_strdup (adapter != NULL ? adapter->path : NULL);
  name = adapter != NULL ? adapter->name : "none";
  sighej_log_field (G_LOG_LEVEL_INFO, SIGHEJ_LOG_ADAPTER, name, "adapter: %s", name);
  sighej_clock_clear (self->clock, &self->settle_id);
  if (adapter != NULL && !adapter->can_advertise)
    self->settle_id = sighej_clock_add (self->clock, SETTLE_US, on_settled, self);
}

static void
give_adapter (SighejRadioBluez *self, const SighejBluezAdapter *adapter)
{
  const SighejBluezAdapter *usable = is_usable (adapter) ? adapter : NULL;

  if (g_strcmp0 (self->current, adapter != NULL ? adapter->path : NULL) != 0)
    set_current (self, adapter);
  sighej_bluez_guard_set_adapter (self->guard, adapter);
  sighej_bluez_advertiser_set_adapter (self->advertiser,
                                       adapter != NULL && adapter->can_advertise ? adapter : NULL);
  sighej_bluez_advertiser_wake_sleepers (self->advertiser, self->adapters);
  sighej_bluez_scanner_set_adapter (self->scanner, usable, usable != NULL ? self->owner : NULL);
}

static void
update (SighejRadioBluez *self)
{
  const char *owner = sighej_bluez_adapters_get_owner (self->adapters);

  self->updating = TRUE;
  if (self->owner != NULL && g_strcmp0 (owner, self->owner) != 0)
    take_daemon_lost (self);
  if (sighej_bluez_adapters_get_presence (self->adapters) == SIGHEJ_BLUEZ_PRESENT)
    {
      sighej_bluez_reviver_end (self->reviver);
      g_free (self->owner);
      self->owner = g_strdup (owner);
      give_adapter (self, choose_adapter (self));
    }
  self->updating = FALSE;
  tell (self);
  if (!self->looked && sighej_bluez_adapters_get_presence (self->adapters) != SIGHEJ_BLUEZ_LOADING)
    {
      self->looked = TRUE;
      sighej_radio_emit_looked (SIGHEJ_RADIO (self));
    }
}

static void
on_heard (SighejRadioBluez *self, const guint8 *data, guint n_bytes, int rssi_dbm)
{
  sighej_radio_emit_heard (SIGHEJ_RADIO (self), data, n_bytes, rssi_dbm);
}

/* An adapter that does not obey, and one that hears nothing at all, may be stuck. */
static void
on_scanner_changed (SighejRadioBluez *self)
{
  if (self->current != NULL
      && (sighej_bluez_scanner_get_trouble (self->scanner) == SIGHEJ_REASON_RADIO_STALLED
          || sighej_bluez_scanner_get_silent (self->scanner)))
    sighej_bluez_power_cycle (self->power, self->current);
  tell (self);
}

static void
make_parts (SighejRadioBluez *self)
{
  self->adapters = sighej_bluez_adapters_new (self->bus);
  self->reviver = sighej_bluez_reviver_new (self->clock, self->bus);
  self->guard = sighej_bluez_guard_new (self->clock);
  self->scanner = sighej_bluez_scanner_new (self->clock, self->bus);
  self->power = sighej_bluez_power_new (self->clock, self->bus);
  self->advertiser
      = sighej_bluez_advertiser_new (self->clock, self->bus, self->guard, self->scanner);

  g_signal_connect_object (self->adapters, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->guard, "changed", G_CALLBACK (tell), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      self->scanner, "changed", G_CALLBACK (on_scanner_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->scanner, "heard", G_CALLBACK (on_heard), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->advertiser, "changed", G_CALLBACK (tell), self, G_CONNECT_SWAPPED);
}

SighejRadio *
sighej_radio_bluez_new (SighejClock *clock, GDBusConnection *bluez_bus, const char *rfkill_folder)
{
  SighejRadioBluez *self = g_object_new (SIGHEJ_TYPE_RADIO_BLUEZ, NULL);

  self->rfkill_folder = g_strdup (rfkill_folder);
  self->clock = g_object_ref (clock);
  if (bluez_bus != NULL)
    {
      self->bus = g_object_ref (bluez_bus);
      make_parts (self);
    }

  return SIGHEJ_RADIO (self);
}

void
sighej_radio_bluez_set_manage_power (SighejRadioBluez *self, gboolean manage_power)
{
  if (self->power != NULL)
    sighej_bluez_power_set_allowed (self->power, manage_power);
}

/* ---- the interface ---- */

static const char *
sighej_radio_bluez_get_kind (SighejRadio *radio)
{
  return "bluez";
}

static void
sighej_radio_bluez_start (SighejRadio *radio)
{
  SighejRadioBluez *self = SIGHEJ_RADIO_BLUEZ (radio);

  if (self->adapters != NULL)
    sighej_bluez_adapters_start (self->adapters);
}

static void
sighej_radio_bluez_set_adapter (SighejRadio *radio, const char *adapter)
{
  SighejRadioBluez *self = SIGHEJ_RADIO_BLUEZ (radio);

  if (g_strcmp0 (adapter, self->wish) == 0)
    return;

  g_free (self->wish);
  self->wish = g_strdup (adapter);
  if (self->adapters == NULL)
    return;
  self->ordering = TRUE;
  update (self);
  self->ordering = FALSE;
}

static void
sighej_radio_bluez_set_interval (SighejRadio *radio, SighejInterval interval)
{
  SighejRadioBluez *self = SIGHEJ_RADIO_BLUEZ (radio);

  if (self->advertiser != NULL)
    sighej_bluez_advertiser_set_interval (self->advertiser, interval);
}

static void
sighej_radio_bluez_set_payload (SighejRadio *radio, const SighejPayload *payload)
{
  SighejRadioBluez *self = SIGHEJ_RADIO_BLUEZ (radio);

  self->has_payload = payload != NULL;
  self->payload = payload != NULL ? *payload : (SighejPayload){ 0 };
  if (self->advertiser == NULL)
    return;
  self->ordering = TRUE;
  sighej_bluez_advertiser_set_payload (self->advertiser, payload);
  self->ordering = FALSE;
}

static void
sighej_radio_bluez_set_scan (SighejRadio *radio, SighejScanPlan plan)
{
  SighejRadioBluez *self = SIGHEJ_RADIO_BLUEZ (radio);

  if (self->scanner == NULL)
    return;
  self->ordering = TRUE;
  sighej_bluez_scanner_set_wanted (self->scanner, plan != SIGHEJ_SCAN_OFF);
  self->ordering = FALSE;
}

static gboolean
sighej_radio_bluez_get_on_air (SighejRadio *radio, SighejPayload *payload)
{
  SighejRadioBluez *self = SIGHEJ_RADIO_BLUEZ (radio);

  if (self->advertiser == NULL)
    return FALSE;
  return sighej_bluez_reviver_get_left (self->reviver, payload)
         || sighej_bluez_advertiser_get_on_air (self->advertiser, payload);
}

static gboolean
on_stop_late (gpointer user_data)
{
  SighejRadioBluez *self = user_data;

  self->stop_id = 0;
  finish_stop (self,
               g_error_new (G_IO_ERROR,
                            G_IO_ERROR_TIMED_OUT,
                            "bluetoothd did not confirm within %d ms that nothing is on the air",
                            STOP_WAIT_MS));

  return G_SOURCE_REMOVE;
}

static void
sighej_radio_bluez_stop_async (SighejRadio *radio, GAsyncReadyCallback callback, gpointer user_data)
{
  SighejRadioBluez *self = SIGHEJ_RADIO_BLUEZ (radio);

  g_return_if_fail (self->stop_task == NULL);

  self->stop_task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (self->stop_task, sighej_radio_bluez_stop_async);
  self->stop_id
      = sighej_clock_add (self->clock, (gint64) STOP_WAIT_MS * US_PER_MS, on_stop_late, self);
  sighej_radio_bluez_set_scan (radio, SIGHEJ_SCAN_OFF);
  sighej_radio_bluez_set_payload (radio, NULL);
  tell_later (self);
}

static gboolean
sighej_radio_bluez_stop_finish (SighejRadio *radio, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, radio), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
sighej_radio_bluez_check (SighejRadio *radio, GPtrArray *results)
{
  SighejRadioBluez *self = SIGHEJ_RADIO_BLUEZ (radio);
  const SighejBluezAdapter *adapter;

  tell_later (self); /* a switch may have been turned without anybody's word */
  adapter = get_current (self);
  sighej_bluez_doctor_check_trouble (
      results,
      judge_trouble (self),
      self->advertiser != NULL && sighej_bluez_advertiser_is_crowded_out (self->advertiser));
  if (adapter == NULL)
    return;
  sighej_bluez_doctor_check_privacy (results,
                                     self->told.privacy,
                                     adapter->extended,
                                     sighej_bluez_guard_sees_settings (self->guard));
  sighej_bluez_doctor_check_scan (
      results, adapter->can_monitor, sighej_bluez_scanner_get_silent (self->scanner));
}

static void
sighej_radio_bluez_count (SighejRadio *radio, GVariantBuilder *counters)
{
  SighejRadioBluez *self = SIGHEJ_RADIO_BLUEZ (radio);

  if (self->adapters == NULL)
    return;
  sighej_bluez_advertiser_count (self->advertiser, counters);
  sighej_bluez_scanner_count (self->scanner, counters);
  sighej_bluez_power_count (self->power, counters);
  g_variant_builder_add (counters, "{st}", "radio.bluetoothd-lost", self->n_daemons_lost);
}

static gboolean
sighej_radio_bluez_get_looking (SighejRadio *radio)
{
  SighejRadioBluez *self = SIGHEJ_RADIO_BLUEZ (radio);

  return self->adapters != NULL && !self->looked;
}

static void
sighej_radio_bluez_iface_init (SighejRadioInterface *iface)
{
  iface->get_kind = sighej_radio_bluez_get_kind;
  iface->start = sighej_radio_bluez_start;
  iface->set_adapter = sighej_radio_bluez_set_adapter;
  iface->set_interval = sighej_radio_bluez_set_interval;
  iface->set_payload = sighej_radio_bluez_set_payload;
  iface->set_scan = sighej_radio_bluez_set_scan;
  iface->get_on_air = sighej_radio_bluez_get_on_air;
  iface->stop_async = sighej_radio_bluez_stop_async;
  iface->stop_finish = sighej_radio_bluez_stop_finish;
  iface->check = sighej_radio_bluez_check;
  iface->count = sighej_radio_bluez_count;
  iface->get_looking = sighej_radio_bluez_get_looking;
}
