/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-check-result.h"
#include "sighej-clock.h"
#include "sighej-enums.h"
#include "sighej-interval.h"
#include "sighej-payload.h"

G_BEGIN_DECLS

#define SIGHEJ_TYPE_RADIO (sighej_radio_get_type ())
G_DECLARE_INTERFACE (SighejRadio, sighej_radio, SIGHEJ, RADIO, GObject)

/**
 * SighejScanPlan:
 * @SIGHEJ_SCAN_OFF: do not listen
 * @SIGHEJ_SCAN_CONTINUOUS: listen all the time
 */
typedef enum
{
  SIGHEJ_SCAN_OFF,
  SIGHEJ_SCAN_CONTINUOUS,
} SighejScanPlan;

/**
 * SighejRadio:
 *
 * What puts a payload on the air and hears others. A radio is told what should be
 * (sighej_radio_set_payload(), sighej_radio_set_scan()) and works towards it by itself through
 * every fault, with one request in flight; it says what is (the properties) and what it hears
 * (the signal). So a payload set while the adapter is away goes on the air when it is back, and
 * NULL is the safe state every path leads to.
 *
 * Life of a payload: set_payload (p) -> whatever is on air leaves it -> p is registered ->
 * notify::on-air TRUE with get_on_air() == p -> set_payload (NULL) -> notify::on-air FALSE.
 *
 * Properties, all read-only with notify, all about what is, not what is wanted:
 *  "trouble"   SighejReason: NONE, or why the radio cannot do what it is told
 *  "on-air"    gboolean: the payload last set, and no other, is on the air
 *  "scanning"  gboolean
 *  "privacy"   SighejPrivacy
 *  "adapter"   string: BlueZ object path, "/" when none
 *  "adapters"  GStrv of paths
 *  "adapter-id" string: what tells "adapter" from every other, wherever it is plugged in; "" when
 *    none or unknown. Names the machine: never logged, shown or kept as it is
 *
 * Signals:
 *  "heard" (const guint8 *data, guint n_bytes, int rssi_dbm): service data of our UUID, as heard:
 *    not checked, not filtered, at most 31 bytes, valid during the emission. rssi_dbm is 127 when
 *    unknown. The radio itself bounds the rate (2000 packets a second, BLE 8) and counts what it
 * drops. The sender's address never leaves the radio.
 *  "looked" (): for the first time since the start it is known which adapters there are
 */
struct _SighejRadioInterface
{
  GTypeInterface parent;

  const char *(*get_kind) (SighejRadio *self);
  void (*start) (SighejRadio *self);
  void (*set_adapter) (SighejRadio *self, const char *adapter);
  void (*set_interval) (SighejRadio *self, SighejInterval interval); /* may be NULL */
  void (*set_payload) (SighejRadio *self, const SighejPayload *payload);
  void (*set_scan) (SighejRadio *self, SighejScanPlan plan);
  gboolean (*get_on_air) (SighejRadio *self, SighejPayload *payload);
  void (*stop_async) (SighejRadio *self, GAsyncReadyCallback callback, gpointer user_data);
  gboolean (*stop_finish) (SighejRadio *self, GAsyncResult *result, GError **error);
  void (*check) (SighejRadio *self, GPtrArray *results);
  void (*count) (SighejRadio *self, GVariantBuilder *counters);
  gboolean (*get_looking) (SighejRadio *self); /* may be NULL: it knows at once */
};

/* "bluez", "sim" or "none". */
const char *sighej_radio_get_kind (SighejRadio *self);

/* Begins to look for an adapter. Called once; until then nothing is touched. */
void sighej_radio_start (SighejRadio *self);

/* Whether it is not known yet which adapters there are: what is said of them is not true yet. */
gboolean sighej_radio_get_looking (SighejRadio *self);

/* A BlueZ path, a name like "hci1", or NULL, "/" and "auto": any. */
void sighej_radio_set_adapter (SighejRadio *self, const char *adapter);

/*
 * How often payloads set from now on are sent, as far as the radio can say; what is on the air
 * stays as it is.
 */
void sighej_radio_set_interval (SighejRadio *self, SighejInterval interval);

/* What should be on the air; NULL: nothing. Setting what is set already does nothing. */
void sighej_radio_set_payload (SighejRadio *self, const SighejPayload *payload);

void sighej_radio_set_scan (SighejRadio *self, SighejScanPlan plan);

/* FALSE: nothing of ours is on the air. TRUE: @payload (nullable) is what is. */
gboolean sighej_radio_get_on_air (SighejRadio *self, SighejPayload *payload);

SighejReason sighej_radio_get_trouble (SighejRadio *self);
SighejPrivacy sighej_radio_get_privacy (SighejRadio *self);
gboolean sighej_radio_get_scanning (SighejRadio *self);
char *sighej_radio_dup_adapter (SighejRadio *self);
GStrv sighej_radio_dup_adapters (SighejRadio *self);
char *sighej_radio_dup_adapter_id (SighejRadio *self);

/* Takes everything off the air and waits until it is, at most 2 s. Errors: G_IO_ERROR_TIMED_OUT. */
void sighej_radio_stop_async (SighejRadio *self, GAsyncReadyCallback callback, gpointer user_data);
gboolean sighej_radio_stop_finish (SighejRadio *self, GAsyncResult *result, GError **error);

/* Appends what the radio has to say to `doctor`. */
void sighej_radio_check (SighejRadio *self, GPtrArray *results);

/* Adds its counters to an a{st}: "radio.heard", "radio.dropped-rate" … */
void sighej_radio_count (SighejRadio *self, GVariantBuilder *counters);

/* For implementations: installs the overrides of the properties above from id @first. */
enum
{
  SIGHEJ_RADIO_PROP_TROUBLE,
  SIGHEJ_RADIO_PROP_ON_AIR,
  SIGHEJ_RADIO_PROP_SCANNING,
  SIGHEJ_RADIO_PROP_PRIVACY,
  SIGHEJ_RADIO_PROP_ADAPTER,
  SIGHEJ_RADIO_PROP_ADAPTERS,
  SIGHEJ_RADIO_PROP_ADAPTER_ID,
  SIGHEJ_RADIO_N_PROPS
};
void sighej_radio_override_properties (GObjectClass *klass, guint first);

/* For implementations: emits "looked". */
void sighej_radio_emit_looked (SighejRadio *self);

/* For implementations: emits "heard". */
void sighej_radio_emit_heard (SighejRadio *self, const guint8 *data, guint n_bytes, int rssi_dbm);

G_END_DECLS
