/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-radio"

#include "config.h"

#include "sighej-radio.h"

#include "sighej-enum-types.h"

static const char *const prop_names[SIGHEJ_RADIO_N_PROPS]
    = { "trouble", "on-air", "scanning", "privacy", "adapter", "adapters", "adapter-id" };

static guint heard_signal;
static guint looked_signal;

G_DEFINE_INTERFACE (SighejRadio, sighej_radio, G_TYPE_OBJECT)

static void
sighej_radio_default_init (SighejRadioInterface *iface)
{
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  GParamSpec *specs[SIGHEJ_RADIO_N_PROPS] = {
    [SIGHEJ_RADIO_PROP_TROUBLE]
    = g_param_spec_enum ("trouble", NULL, NULL, SIGHEJ_TYPE_REASON, SIGHEJ_REASON_NONE, flags),
    [SIGHEJ_RADIO_PROP_ON_AIR] = g_param_spec_boolean ("on-air", NULL, NULL, FALSE, flags),
    [SIGHEJ_RADIO_PROP_SCANNING] = g_param_spec_boolean ("scanning", NULL, NULL, FALSE, flags),
    [SIGHEJ_RADIO_PROP_PRIVACY]
    = g_param_spec_enum ("privacy", NULL, NULL, SIGHEJ_TYPE_PRIVACY, SIGHEJ_PRIVACY_UNKNOWN, flags),
    [SIGHEJ_RADIO_PROP_ADAPTER] = g_param_spec_string ("adapter", NULL, NULL, "/", flags),
    [SIGHEJ_RADIO_PROP_ADAPTERS] = g_param_spec_boxed ("adapters", NULL, NULL, G_TYPE_STRV, flags),
    [SIGHEJ_RADIO_PROP_ADAPTER_ID] = g_param_spec_string ("adapter-id", NULL, NULL, "", flags),
  };

  for (guint i = 0; i < SIGHEJ_RADIO_N_PROPS; i++)
    g_object_interface_install_property (iface, specs[i]);

  heard_signal = g_signal_new ("heard",
                               SIGHEJ_TYPE_RADIO,
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
  looked_signal = g_signal_new (
      "looked", SIGHEJ_TYPE_RADIO, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

void
sighej_radio_override_properties (GObjectClass *klass, guint first)
{
  for (guint i = 0; i < SIGHEJ_RADIO_N_PROPS; i++)
    g_object_class_override_property (klass, first + i, prop_names[i]);
}

void
sighej_radio_emit_heard (SighejRadio *self, const guint8 *data, guint n_bytes, int rssi_dbm)
{
  g_signal_emit (self, heard_signal, 0, data, n_bytes, rssi_dbm);
}

void
sighej_radio_emit_looked (SighejRadio *self)
{
  g_signal_emit (self, looked_signal, 0);
}

/* ---- orders ---- */

const char *
sighej_radio_get_kind (SighejRadio *self)
{
  return SIGHEJ_RADIO_GET_IFACE (self)->get_kind (self);
}

void
sighej_radio_start (SighejRadio *self)
{
  SIGHEJ_RADIO_GET_IFACE (self)->start (self);
}

void
sighej_radio_set_adapter (SighejRadio *self, const char *adapter)
{
  if (adapter != NULL && (g_str_equal (adapter, "/") || g_str_equal (adapter, "auto")))
    adapter = NULL;
  SIGHEJ_RADIO_GET_IFACE (self)->set_adapter (self, adapter);
}

void
sighej_radio_set_interval (SighejRadio *self, SighejInterval interval)
{
  if (SIGHEJ_RADIO_GET_IFACE (self)->set_interval != NULL)
    SIGHEJ_RADIO_GET_IFACE (self)->set_interval (self, interval);
}

void
sighej_radio_set_payload (SighejRadio *self, const SighejPayload *payload)
{
  SIGHEJ_RADIO_GET_IFACE (self)->set_payload (self, payload);
}

void
sighej_radio_set_scan (SighejRadio *self, SighejScanPlan plan)
{
  SIGHEJ_RADIO_GET_IFACE (self)->set_scan (self, plan);
}

gboolean
sighej_radio_get_on_air (SighejRadio *self, SighejPayload *payload)
{
  return SIGHEJ_RADIO_GET_IFACE (self)->get_on_air (self, payload);
}

void
sighej_radio_stop_async (SighejRadio *self, GAsyncReadyCallback callback, gpointer user_data)
{
  SIGHEJ_RADIO_GET_IFACE (self)->stop_async (self, callback, user_data);
}

gboolean
sighej_radio_stop_finish (SighejRadio *self, GAsyncResult *result, GError **error)
{
  return SIGHEJ_RADIO_GET_IFACE (self)->stop_finish (self, result, error);
}

void
sighej_radio_check (SighejRadio *self, GPtrArray *results)
{
  SIGHEJ_RADIO_GET_IFACE (self)->check (self, results);
}

void
sighej_radio_count (SighejRadio *self, GVariantBuilder *counters)
{
  SIGHEJ_RADIO_GET_IFACE (self)->count (self, counters);
}

/* ---- what is ---- */

gboolean
sighej_radio_get_looking (SighejRadio *self)
{
  SighejRadioInterface *iface = SIGHEJ_RADIO_GET_IFACE (self);

  return iface->get_looking != NULL && iface->get_looking (self);
}

SighejReason
sighej_radio_get_trouble (SighejRadio *self)
{
  SighejReason trouble;

  g_object_get (self, "trouble", &trouble, NULL);
  return trouble;
}

SighejPrivacy
sighej_radio_get_privacy (SighejRadio *self)
{
  SighejPrivacy privacy;

  g_object_get (self, "privacy", &privacy, NULL);
  return privacy;
}

gboolean
sighej_radio_get_scanning (SighejRadio *self)
{
  gboolean scanning;

  g_object_get (self, "scanning", &scanning, NULL);
  return scanning;
}

char *
sighej_radio_dup_adapter (SighejRadio *self)
{
  char *adapter;

  g_object_get (self, "adapter", &adapter, NULL);
  return adapter;
}

GStrv
sighej_radio_dup_adapters (SighejRadio *self)
{
  GStrv adapters;

  g_object_get (self, "adapters", &adapters, NULL);
  return adapters;
}

char *
sighej_radio_dup_adapter_id (SighejRadio *self)
{
  char *id;

  g_object_get (self, "adapter-id", &id, NULL);
  return id;
}
