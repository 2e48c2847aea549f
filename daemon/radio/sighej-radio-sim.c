/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-radio-sim"

#include "config.h"

#include "sighej-radio-sim.h"

#include <math.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib-unix.h>

#include "sighej-crypto.h"
#include "sighej-enum-types.h"
#include "sighej-names.h"
#include "sighej-sim-air.h"
#include "sighej-sim-packet.h"

#define PATH_LOSS_EXPONENT 2.5
#define DISTANCE_M_MIN 0.5
#define SENSITIVITY_DBM (-100)
#define RSSI_DBM_MAX 20
#define JITTER_MS_MAX 10
/* BLE 8: what comes faster is dropped before anybody looks at it. */
#define PACKETS_PER_SECOND_MAX 2000
/* Packets taken in one turn of the main loop, so that a flood leaves room for the rest. */
#define PACKETS_PER_TURN_MAX 64
#define ADAPTER_PREFIX "/sim/"
#define NO_ADAPTER "/"

/* What the properties say, gathered so that a change can be seen. */
typedef struct
{
  SighejReason trouble;
  gboolean on_air;
  gboolean scanning;
  SighejPrivacy privacy;
  gboolean has_adapter;
} Facts;

struct _SighejRadioSim
{
  GObject parent_instance;

  SighejClock *clock;
  char *dir;
  char *name;
  char *adapter;
  GRand *rand;

  /* What should be. */
  gboolean started;
  gboolean other_adapter; /* the one asked for is not ours */
  gboolean has_payload;
  SighejPayload payload;
  SighejScanPlan plan;

  /* What is. */
  SighejSimAir *air; /* NULL until started, and where the folder cannot be used */
  char *air_error;
  gboolean on_air;
  SighejPayload aired;
  guint8 address[SIGHEJ_SIM_ADDRESS_BYTES];
  guint packet_wait;
  guint mailbox_source;
  guint work_source;
  Facts told;

  gint64 second_us; /* the second packets are counted in */
  guint n_in_second;

  guint64 n_sent;
  guint64 n_full;
  guint64 n_heard;
  guint64 n_dropped_rate;
  guint64 n_malformed;
  guint64 n_lost;
};

static void sighej_radio_sim_iface_init (SighejRadioInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SighejRadioSim,
                               sighej_radio_sim,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SIGHEJ_TYPE_RADIO,
                                                      sighej_radio_sim_iface_init))

#define FIRST_PROP 1

/* ---- what is, for the outside ---- */

static gboolean
payload_equal (const SighejPayload *a, const SighejPayload *b)
{
  guint8 bytes_a[SIGHEJ_PAYLOAD_BYTES];
  guint8 bytes_b[SIGHEJ_PAYLOAD_BYTES];

  sighej_payload_encode (a, bytes_a);
  sighej_payload_encode (b, bytes_b);
  return memcmp (bytes_a, bytes_b, sizeof bytes_a) == 0;
}

static SighejReason
find_trouble (SighejRadioSim *self)
{
  if (self->air == NULL || self->other_adapter)
    return SIGHEJ_REASON_BLUETOOTH_MISSING;
  return sighej_sim_air_get_settings (self->air)->fault;
}

static SighejPrivacy
privacy_of (SighejReason trouble)
{
  if (trouble == SIGHEJ_REASON_NONE)
    return SIGHEJ_PRIVACY_PRIVATE;
  return trouble == SIGHEJ_REASON_PRIVACY_BLOCKED ? SIGHEJ_PRIVACY_BLOCKED : SIGHEJ_PRIVACY_UNKNOWN;
}

static Facts
find_facts (SighejRadioSim *self)
{
  SighejReason trouble = find_trouble (self);

  return (Facts){
    .trouble = trouble,
    .on_air = self->on_air && self->has_payload && payload_equal (&self->aired, &self->payload),
    .scanning = self->mailbox_source != 0,
    .privacy = privacy_of (trouble),
    .has_adapter = trouble != SIGHEJ_REASON_BLUETOOTH_MISSING,
  };
}

static void
tell (SighejRadioSim *self)
{
  GObject *object = G_OBJECT (self);
  Facts was = self->told;
  Facts now = find_facts (self);

  self->told = now;
  g_object_freeze_notify (object);
  if (was.trouble != now.trouble)
    g_object_notify (object, "trouble");
  if (was.on_air != now.on_air)
    g_object_notify (object, "on-air");
  if (was.scanning != now.scanning)
    g_object_notify (object, "scanning");
  if (was.privacy != now.privacy)
    g_object_notify (object, "privacy");
  if (was.has_adapter != now.has_adapter)
    {
      g_object_notify (object, "adapter");
      g_object_notify (object, "adapters");
      g_object_notify (object, "adapter-id");
    }
  g_object_thaw_notify (object);
}

static void
sighej_radio_sim_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  SighejRadioSim *self = SIGHEJ_RADIO_SIM (object);
  Facts facts = find_facts (self);
  const char *adapters[] = { facts.has_adapter ? self->adapter : NULL, NULL };

  switch (id - FIRST_PROP)
    {
    case SIGHEJ_RADIO_PROP_TROUBLE:
      g_value_set_enum (value, facts.trouble);
      break;
    case SIGHEJ_RADIO_PROP_ON_AIR:
      g_value_set_boolean (value, facts.on_air);
      break;
    case SIGHEJ_RADIO_PROP_SCANNING:
      g_value_set_boolean (value, facts.scanning);
      break;
    case SIGHEJ_RADIO_PROP_PRIVACY:
      g_value_set_enum (value, facts.privacy);
      break;
    case SIGHEJ_RADIO_PROP_ADAPTER:
      g_value_set_string (value, facts.has_adapter ? self->adapter : NO_ADAPTER);
      break;
    case SIGHEJ_RADIO_PROP_ADAPTERS:
      g_value_set_boxed (value, adapters);
      break;
    case SIGHEJ_RADIO_PROP_ADAPTER_ID:
      g_value_set_string (value, facts.has_adapter ? self->adapter : "");
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

/* ---- life ---- */

static void
sighej_radio_sim_init (SighejRadioSim *self)
{
  self->rand = g_rand_new ();
  self->told = find_facts (self);
}

static void
sighej_radio_sim_dispose (GObject *object)
{
  SighejRadioSim *self = SIGHEJ_RADIO_SIM (object);

  g_clear_handle_id (&self->work_source, g_source_remove);
  g_clear_handle_id (&self->mailbox_source, g_source_remove);
  if (self->clock != NULL)
    sighej_clock_clear (self->clock, &self->packet_wait);
  g_clear_pointer (&self->air, sighej_sim_air_free);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (sighej_radio_sim_parent_class)->dispose (object);
}

static void
sighej_radio_sim_finalize (GObject *object)
{
  SighejRadioSim *self = SIGHEJ_RADIO_SIM (object);

  g_rand_free (self->rand);
  g_free (self->air_error);
  g_free (self->adapter);
  g_free (self->name);
  g_free (self->dir);

  G_OBJECT_CLASS (sighej_radio_sim_parent_class)->finalize (object);
}

static void
sighej_radio_sim_class_init (SighejRadioSimClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = sighej_radio_sim_dispose;
  object_class->finalize = sighej_radio_sim_finalize;
  object_class->get_property = sighej_radio_sim_get_property;
  sighej_radio_override_properties (object_class, FIRST_PROP);
}

/* ---- sending ---- */

static gboolean on_packet_due (gpointer user_data);

static void
send_packet (SighejRadioSim *self)
{
  const SighejSimSettings *settings = sighej_sim_air_get_settings (self->air);
  SighejSimPacket packet = {
    .loudness_dbm = (gint8) settings->loudness_dbm,
    .x_mm = (gint32) (settings->x_m * 1000),
    .y_mm = (gint32) (settings->y_m * 1000),
    .n_data = SIGHEJ_PAYLOAD_BYTES,
  };
  guint8 bytes[SIGHEJ_SIM_PACKET_BYTES];
  gint64 pause_ms = settings->interval_ms + g_rand_int_range (self->rand, 0, JITTER_MS_MAX + 1);

  memcpy (packet.address, self->address, sizeof packet.address);
  sighej_payload_encode (&self->aired, packet.data);
  g_strlcpy (packet.name, self->name, sizeof packet.name);
  sighej_sim_packet_encode (&packet, bytes);

  self->n_full += sighej_sim_air_send (self->air, bytes, sizeof bytes);
  self->n_sent++;
  self->packet_wait = sighej_clock_add (self->clock, pause_ms * 1000, on_packet_due, self);
}

static gboolean
on_packet_due (gpointer user_data)
{
  SighejRadioSim *self = user_data;

  self->packet_wait = 0;
  send_packet (self);
  return G_SOURCE_REMOVE;
}

static void
go_on_air (SighejRadioSim *self)
{
  self->on_air = TRUE;
  self->aired = self->payload;
  sighej_random_bytes (self->address, sizeof self->address);
  send_packet (self);
}

static void
go_off_air (SighejRadioSim *self)
{
  self->on_air = FALSE;
  sighej_clock_clear (self->clock, &self->packet_wait);
  sighej_wipe (&self->aired, sizeof self->aired);
}

/* ---- hearing ---- */

/* Normal with mean 0 and deviation 1 (Box and Muller). */
static double
draw_normal (GRand *rand)
{
  double u = 1.0 - g_rand_double (rand); /* (0, 1] */
  double v = g_rand_double (rand);

  return sqrt (-2.0 * log (u)) * cos (2.0 * G_PI * v);
}

static int
receive_dbm (SighejRadioSim *self, const SighejSimPacket *packet)
{
  const SighejSimSettings *settings = sighej_sim_air_get_settings (self->air);
  double distance_m
      = hypot (packet->x_mm / 1000.0 - settings->x_m, packet->y_mm / 1000.0 - settings->y_m);
  double rssi_dbm
      = packet->loudness_dbm - 10.0 * PATH_LOSS_EXPONENT * log10 (MAX (distance_m, DISTANCE_M_MIN));
  int fixed_dbm;

  if (sighej_sim_air_get_fixed_rssi (self->air, packet->name, &fixed_dbm))
    rssi_dbm = fixed_dbm;
  if (settings->noise_sigma_db > 0)
    rssi_dbm += settings->noise_sigma_db * draw_normal (self->rand);
  return (int) lrint (MIN (rssi_dbm, RSSI_DBM_MAX));
}

static void
hear (SighejRadioSim *self, const guint8 *bytes, gsize n_bytes)
{
  SighejSimPacket packet;
  int rssi_dbm;

  if (!sighej_sim_packet_decode (bytes, n_bytes, &packet))
    {
      self->n_malformed++;
      return;
    }

  rssi_dbm = receive_dbm (self, &packet);
  if (rssi_dbm < SENSITIVITY_DBM
      || g_rand_double (self->rand) < sighej_sim_air_get_settings (self->air)->loss)
    {
      self->n_lost++;
      return;
    }
  self->n_heard++;
  sighej_radio_emit_heard (SIGHEJ_RADIO (self), packet.data, packet.n_data, rssi_dbm);
}

static gboolean
may_hear_more (SighejRadioSim *self, gint64 now_us)
{
  if (now_us - self->second_us >= G_USEC_PER_SEC)
    {
      self->second_us = now_us;
      self->n_in_second = 0;
    }
  if (self->n_in_second >= PACKETS_PER_SECOND_MAX)
    {
      self->n_dropped_rate++;
      return FALSE;
    }
  self->n_in_second++;
  return TRUE;
}

static gboolean
on_mailbox (int fd, GIOCondition condition, gpointer user_data)
{
  g_autoptr (SighejRadioSim) self = g_object_ref (user_data);
  gint64 now_us = sighej_clock_now_us (self->clock);

  /* Who hears may tell us to stop: the descriptor is closed in work(), never under our feet. */
  for (guint i = 0; i < PACKETS_PER_TURN_MAX; i++)
    {
      guint8 bytes[SIGHEJ_SIM_PACKET_BYTES + 1];
      gssize n_bytes = recv (fd, bytes, sizeof bytes, MSG_DONTWAIT);

      if (n_bytes < 0)
        break;
      if (may_hear_more (self, now_us))
        hear (self, bytes, (gsize) n_bytes);
    }
  return G_SOURCE_CONTINUE;
}

static void
start_hearing (SighejRadioSim *self)
{
  g_autoptr (GError) error = NULL;
  int fd = sighej_sim_air_open_mailbox (self->air, &error);

  if (fd < 0)
    {
      g_message ("%s", error->message);
      return;
    }
  self->mailbox_source = g_unix_fd_add (fd, G_IO_IN, on_mailbox, self);
  g_source_set_name_by_id (self->mailbox_source, "sighej-sim-mailbox");
}

static void
stop_hearing (SighejRadioSim *self)
{
  g_clear_handle_id (&self->mailbox_source, g_source_remove);
  sighej_sim_air_close_mailbox (self->air);
}

/* ---- from what is towards what should be ---- */

static void schedule_work (SighejRadioSim *self);

/* One step for the advertisement: the old payload leaves the air a turn before the new one enters.
 */
static void
work_on_payload (SighejRadioSim *self, gboolean usable)
{
  gboolean wanted = usable && self->has_payload;

  if (self->on_air && !(wanted && payload_equal (&self->aired, &self->payload)))
    {
      go_off_air (self);
      if (wanted)
        schedule_work (self);
    }
  else if (!self->on_air && wanted)
    {
      go_on_air (self);
    }
}

static void
work (SighejRadioSim *self)
{
  gboolean usable = find_trouble (self) == SIGHEJ_REASON_NONE;
  gboolean hears = self->mailbox_source != 0;
  gboolean should_hear = usable && self->plan != SIGHEJ_SCAN_OFF;

  work_on_payload (self, usable);
  if (should_hear && !hears)
    start_hearing (self);
  else if (!should_hear && hears)
    stop_hearing (self);
  tell (self);
}

static gboolean
on_work (gpointer user_data)
{
  g_autoptr (SighejRadioSim) self = g_object_ref (user_data);

  self->work_source = 0;
  work (self);
  return G_SOURCE_REMOVE;
}

/* Orders are carried out in the next turn of the main loop: no signal comes from inside a call. */
static void
schedule_work (SighejRadioSim *self)
{
  if (!self->started || self->work_source != 0)
    return;

  self->work_source = g_idle_add_full (G_PRIORITY_DEFAULT, on_work, self, NULL);
  g_source_set_name_by_id (self->work_source, "sighej-sim-work");
}

static void
on_air_changed (gpointer user_data)
{
  g_autoptr (SighejRadioSim) self = g_object_ref (user_data);

  work (self);
}

/* ---- the interface ---- */

static const char *
sighej_radio_sim_get_kind (SighejRadio *radio)
{
  return "sim";
}

static void
sighej_radio_sim_start (SighejRadio *radio)
{
  SighejRadioSim *self = SIGHEJ_RADIO_SIM (radio);
  g_autoptr (GError) error = NULL;

  g_return_if_fail (!self->started);

  self->started = TRUE;
  self->air = sighej_sim_air_new (self->dir, self->name, self->clock, on_air_changed, self, &error);
  if (self->air == NULL)
    {
      g_message ("%s", error->message);
      self->air_error = g_strdup (error->message);
    }
  schedule_work (self);
}

static void
sighej_radio_sim_set_adapter (SighejRadio *radio, const char *adapter)
{
  SighejRadioSim *self = SIGHEJ_RADIO_SIM (radio);

  self->other_adapter = adapter != NULL && !g_str_equal (adapter, self->adapter)
                        && !g_str_equal (adapter, self->adapter + strlen (ADAPTER_PREFIX));
  schedule_work (self);
}

static void
sighej_radio_sim_set_payload (SighejRadio *radio, const SighejPayload *payload)
{
  SighejRadioSim *self = SIGHEJ_RADIO_SIM (radio);

  self->has_payload = payload != NULL;
  if (payload != NULL)
    self->payload = *payload;
  else
    sighej_wipe (&self->payload, sizeof self->payload);
  schedule_work (self);
}

static void
sighej_radio_sim_set_scan (SighejRadio *radio, SighejScanPlan plan)
{
  SighejRadioSim *self = SIGHEJ_RADIO_SIM (radio);

  self->plan = plan;
  schedule_work (self);
}

static gboolean
sighej_radio_sim_get_on_air (SighejRadio *radio, SighejPayload *payload)
{
  SighejRadioSim *self = SIGHEJ_RADIO_SIM (radio);

  if (self->on_air && payload != NULL)
    *payload = self->aired;
  return self->on_air;
}

static void
sighej_radio_sim_stop_async (SighejRadio *radio, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (radio, NULL, callback, user_data);
  SighejRadioSim *self = SIGHEJ_RADIO_SIM (radio);

  g_task_set_source_tag (task, sighej_radio_sim_stop_async);
  sighej_radio_set_payload (radio, NULL);
  sighej_radio_set_scan (radio, SIGHEJ_SCAN_OFF);
  if (self->started)
    work (self);
  g_task_return_boolean (task, TRUE);
}

static gboolean
sighej_radio_sim_stop_finish (SighejRadio *radio, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
sighej_radio_sim_check (SighejRadio *radio, GPtrArray *results)
{
  SighejRadioSim *self = SIGHEJ_RADIO_SIM (radio);
  SighejReason trouble = find_trouble (self);
  g_autofree char *text = NULL;

  if (self->air_error != NULL)
    {
      sighej_check_results_add (results,
                                "bluetooth.adapter",
                                "error",
                                self->air_error,
                                "set " SIGHEJ_ENV_SIM_AIR " to a folder of your own");
      return;
    }
  if (trouble != SIGHEJ_REASON_NONE)
    {
      text = g_strdup_printf ("the simulated radio plays: %s", sighej_reason_to_word (trouble));
      sighej_check_results_add (
          results, "bluetooth.adapter", "error", text, "remove fault= from air.ini");
      return;
    }
  sighej_check_results_add (results,
                            "bluetooth.adapter",
                            "warning",
                            "the radio is simulated: only programs on this machine are heard",
                            "start sighejd with --radio=bluez for real Bluetooth");
}

static void
sighej_radio_sim_count (SighejRadio *radio, GVariantBuilder *counters)
{
  SighejRadioSim *self = SIGHEJ_RADIO_SIM (radio);

  g_variant_builder_add (counters, "{st}", "radio.heard", self->n_heard);
  g_variant_builder_add (counters, "{st}", "radio.sent", self->n_sent);
  g_variant_builder_add (counters, "{st}", "radio.dropped-rate", self->n_dropped_rate);
  g_variant_builder_add (counters, "{st}", "radio.dropped-malformed", self->n_malformed);
  g_variant_builder_add (counters, "{st}", "radio.lost", self->n_lost);
  g_variant_builder_add (counters, "{st}", "radio.mailboxes-full", self->n_full);
}

static void
sighej_radio_sim_iface_init (SighejRadioInterface *iface)
{
  iface->get_kind = sighej_radio_sim_get_kind;
  iface->start = sighej_radio_sim_start;
  iface->set_adapter = sighej_radio_sim_set_adapter;
  iface->set_payload = sighej_radio_sim_set_payload;
  iface->set_scan = sighej_radio_sim_set_scan;
  iface->get_on_air = sighej_radio_sim_get_on_air;
  iface->stop_async = sighej_radio_sim_stop_async;
  iface->stop_finish = sighej_radio_sim_stop_finish;
  iface->check = sighej_radio_sim_check;
  iface->count = sighej_radio_sim_count;
}

/* ---- making one ---- */

SighejRadio *
sighej_radio_sim_new_in (SighejClock *clock, const char *dir, const char *name)
{
  SighejRadioSim *self = g_object_new (SIGHEJ_TYPE_RADIO_SIM, NULL);

  self->clock = g_object_ref (clock);
  self->dir = g_strdup (dir);
  self->name = g_strndup (name, SIGHEJ_SIM_NAME_CHARS_MAX);
  g_strcanon (self->name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-", '_');
  if (!sighej_sim_name_is_valid (self->name))
    {
      g_free (self->name);
      self->name = g_strdup ("_");
    }
  self->adapter = g_strconcat (ADAPTER_PREFIX, self->name, NULL);
  g_strdelimit (self->adapter, "-", '_'); /* D-Bus paths have none */
  return SIGHEJ_RADIO (self);
}

SighejRadio *
sighej_radio_sim_new (SighejClock *clock, GDBusConnection *bus)
{
  const char *dir = g_getenv (SIGHEJ_ENV_SIM_AIR);
  const char *name = g_getenv (SIGHEJ_ENV_SIM_NAME);
  g_autofree char *default_dir = g_build_filename (g_get_user_runtime_dir (), "sighej-air", NULL);
  g_autofree char *default_name = g_strdup_printf ("%d", (int) getpid ());

  return sighej_radio_sim_new_in (clock,
                                  dir != NULL && *dir != '\0' ? dir : default_dir,
                                  name != NULL && *name != '\0' ? name : default_name);
}
