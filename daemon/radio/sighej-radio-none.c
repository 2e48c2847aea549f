/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-radio-none"

#include "config.h"

#include "sighej-radio-none.h"

struct _SighejRadioNone
{
  GObject parent_instance;
};

static void sighej_radio_none_iface_init (SighejRadioInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SighejRadioNone,
                               sighej_radio_none,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SIGHEJ_TYPE_RADIO,
                                                      sighej_radio_none_iface_init))

#define FIRST_PROP 1

static void
sighej_radio_none_init (SighejRadioNone *self)
{
}

static void
sighej_radio_none_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  static const char *const no_adapters[] = { NULL };

  switch (id - FIRST_PROP)
    {
    case SIGHEJ_RADIO_PROP_TROUBLE:
      g_value_set_enum (value, SIGHEJ_REASON_BLUETOOTH_MISSING);
      break;
    case SIGHEJ_RADIO_PROP_ON_AIR:
    case SIGHEJ_RADIO_PROP_SCANNING:
      g_value_set_boolean (value, FALSE);
      break;
    case SIGHEJ_RADIO_PROP_PRIVACY:
      g_value_set_enum (value, SIGHEJ_PRIVACY_UNKNOWN);
      break;
    case SIGHEJ_RADIO_PROP_ADAPTER:
      g_value_set_static_string (value, "/");
      break;
    case SIGHEJ_RADIO_PROP_ADAPTERS:
      g_value_set_boxed (value, no_adapters);
      break;
    case SIGHEJ_RADIO_PROP_ADAPTER_ID:
      g_value_set_static_string (value, "");
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
sighej_radio_none_class_init (SighejRadioNoneClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = sighej_radio_none_get_property;
  sighej_radio_override_properties (object_class, FIRST_PROP);
}

static const char *
sighej_radio_none_get_kind (SighejRadio *radio)
{
  return "none";
}

static void
sighej_radio_none_start (SighejRadio *radio)
{
}

static void
sighej_radio_none_set_adapter (SighejRadio *radio, const char *adapter)
{
}

static void
sighej_radio_none_set_payload (SighejRadio *radio, const SighejPayload *payload)
{
}

static void
sighej_radio_none_set_scan (SighejRadio *radio, SighejScanPlan plan)
{
}

static gboolean
sighej_radio_none_get_on_air (SighejRadio *radio, SighejPayload *payload)
{
  return FALSE;
}

static void
sighej_radio_none_stop_async (SighejRadio *radio, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (radio, NULL, callback, user_data);

  g_task_set_source_tag (task, sighej_radio_none_stop_async);
  g_task_return_boolean (task, TRUE);
}

static gboolean
sighej_radio_none_stop_finish (SighejRadio *radio, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
sighej_radio_none_check (SighejRadio *radio, GPtrArray *results)
{
  sighej_check_results_add (results,
                            "bluetooth.adapter",
                            "error",
                            "there is no Bluetooth radio here",
                            "plug in a Bluetooth adapter and start sighejd with --radio=bluez");
}

static void
sighej_radio_none_count (SighejRadio *radio, GVariantBuilder *counters)
{
}

static void
sighej_radio_none_iface_init (SighejRadioInterface *iface)
{
  iface->get_kind = sighej_radio_none_get_kind;
  iface->start = sighej_radio_none_start;
  iface->set_adapter = sighej_radio_none_set_adapter;
  iface->set_payload = sighej_radio_none_set_payload;
  iface->set_scan = sighej_radio_none_set_scan;
  iface->get_on_air = sighej_radio_none_get_on_air;
  iface->stop_async = sighej_radio_none_stop_async;
  iface->stop_finish = sighej_radio_none_stop_finish;
  iface->check = sighej_radio_none_check;
  iface->count = sighej_radio_none_count;
}

SighejRadio *
sighej_radio_none_new (SighejClock *clock, GDBusConnection *bus)
{
  return g_object_new (SIGHEJ_TYPE_RADIO_NONE, NULL);
}
