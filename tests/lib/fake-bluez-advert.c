/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "fake-bluez.h"

#define ADVERT_INTERFACE "org.bluez.LEAdvertisement1"
#define SERVICE_DATA_BYTES_MAX 13 /* with its UUID, length and type: 31 */
#define TX_POWER_DBM 7
#define SHORTEST_INTERVAL_MS 20

/* One registration. It is on the air when it has an answer, and power, and was not put to sleep. */
typedef struct
{
  FakeAdapter *adapter;
  char *client;
  char *path;
  char *hex; /* NULL: the client's object has not been read yet */
  gboolean asleep;
  gboolean noted; /* as on the air */
} Advert;

static void
note (FakeAdapter *adapter, const char *what, const char *hex)
{
  gboolean is_public = adapter->discoverable || adapter->connectable;

  g_ptr_array_add (adapter->fake->air,
                   g_strdup_printf ("%" G_GINT64_FORMAT " %u %s %s %s",
                                    g_get_monotonic_time (),
                                    adapter->index,
                                    what,
                                    hex,
                                    is_public ? "public" : "private"));
}

static void
update (Advert *advert)
{
  gboolean on_air = advert->hex != NULL && !advert->asleep && advert->adapter->powered;

  if (on_air != advert->noted)
    note (advert->adapter, on_air ? "on" : "off", advert->hex);
  advert->noted = on_air;
}

static void
advert_free (gpointer data)
{
  Advert *advert = data;

  advert->asleep = TRUE;
  update (advert);
  g_free (advert->client);
  g_free (advert->path);
  g_free (advert->hex);
  g_free (advert);
}

void
fake_adverts_init (FakeAdapter *adapter)
{
  adapter->adverts = g_ptr_array_new_with_free_func (advert_free);
}

guint
fake_adverts_count (FakeAdapter *adapter)
{
  return adapter->adverts->len;
}

static Advert *
find (FakeAdapter *adapter, const char *client, const char *path)
{
  for (guint i = 0; i < adapter->adverts->len; i++)
    {
      Advert *advert = g_ptr_array_index (adapter->adverts, i);

      if (g_str_equal (advert->client, client) && g_str_equal (advert->path, path))
        return advert;
    }

  return NULL;
}

static void
emit_count (FakeAdapter *adapter)
{
  guint n_active = adapter->adverts->len;
  guint n_left = adapter->n_instances - MIN (n_active, adapter->n_instances);

  fake_emit_changed (adapter,
                     adapter->path,
                     FAKE_ADVERTISING_INTERFACE,
                     "SupportedInstances",
                     g_variant_new_byte ((guint8) n_left));
  fake_emit_changed (adapter,
                     adapter->path,
                     FAKE_ADVERTISING_INTERFACE,
                     "ActiveInstances",
                     g_variant_new_byte ((guint8) n_active));
}

/* ---- RegisterAdvertisement ---- */

/* The one set of bytes in ServiceData as hex; NULL: BlueZ would not take it. */
static char *
read_service_data (GVariant *properties)
{
  g_autoptr (GVariant) services
      = g_variant_lookup_value (properties, "ServiceData", G_VARIANT_TYPE_VARDICT);
  g_autoptr (GVariant) bytes = NULL;
  g_autoptr (GString) hex = g_string_new (NULL);
  const guint8 *data;
  gsize n_bytes;

  if (services == NULL || g_variant_n_children (services) != 1)
    return NULL;
  g_variant_get_child (services, 0, "{sv}", NULL, &bytes);
  if (!g_variant_is_of_type (bytes, G_VARIANT_TYPE_BYTESTRING))
    return NULL;
  data = g_variant_get_fixed_array (bytes, &n_bytes, 1);
  if (n_bytes > SERVICE_DATA_BYTES_MAX)
    return NULL;

  for (gsize i = 0; i < n_bytes; i++)
    g_string_append_printf (hex, "%02x", data[i]);

  return g_strdup (hex->str);
}

static gboolean
are_intervals_fine (GVariant *properties)
{
  guint32 min_ms = 0;
  guint32 max_ms = 0;
  gboolean has_min = g_variant_lookup (properties, "MinInterval", "u", &min_ms);
  gboolean has_max = g_variant_lookup (properties, "MaxInterval", "u", &max_ms);

  if (!has_min && !has_max)
    return TRUE;

  return has_min && has_max && min_ms >= SHORTEST_INTERVAL_MS && min_ms <= max_ms;
}

/* BLE 2: nothing but the data may be in it. */
static void
judge (FakeCall *call, GVariant *properties)
{
  static const char *const known[]
      = { "Type", "ServiceData", "MinInterval", "MaxInterval", "TxPower", NULL };
  GVariantIter iter;
  const char *name;
  const char *type = "";

  g_variant_iter_init (&iter, properties);
  while (g_variant_iter_next (&iter, "{&sv}", &name, NULL))
    {
      if (!g_strv_contains (known, name))
        fake_violate (call->fake, "%s advertises with %s", call->client, name);
    }
  if (!g_variant_lookup (properties, "Type", "&s", &type) || !g_str_equal (type, "broadcast"))
    fake_violate (call->fake, "%s advertises as '%s'", call->client, type);
}

/* As bluetoothd does, once it knows; nobody waits for the answer. */
static void
write_tx_power (FakeCall *call)
{
  g_dbus_connection_call (
      call->fake->bus,
      call->client,
      call->detail,
      FAKE_PROPERTIES_INTERFACE,
      "Set",
      g_variant_new ("(ssv)", ADVERT_INTERFACE, "TxPower", g_variant_new_int16 (TX_POWER_DBM)),
      NULL,
      G_DBUS_CALL_FLAGS_NONE,
      FAKE_CLIENT_TIMEOUT_MS,
      NULL,
      NULL,
      NULL);
}

static void
give_up (FakeCall *call, FakeAdapter *adapter, Advert *advert, const char *message)
{
  g_ptr_array_remove (adapter->adverts, advert);
  fake_call_refuse (call, "org.bluez.Error.Failed", message);
}

/* A legacy controller cannot change its address while anybody scans. */
static void
finish_registration (FakeCall *call, FakeAdapter *adapter, Advert *advert, GVariant *properties)
{
  g_autofree char *hex = read_service_data (properties);

  judge (call, properties);
  if (hex == NULL || !are_intervals_fine (properties))
    give_up (call, adapter, advert, "Failed to parse advertisement.");
  else if (!adapter->powered || (!adapter->extended && fake_adapter_scans (adapter)))
    give_up (call, adapter, advert, "Failed to register advertisement");
  else
    {
      advert->hex = g_steal_pointer (&hex);
      update (advert);
      emit_count (adapter);
      fake_call_answer (call, NULL);
      write_tx_power (call);
    }
}

static void
object_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FakeCall *call = user_data;
  FakeAdapter *adapter = fake_lookup (call->fake, call->index);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autoptr (GVariant) properties = NULL;
  Advert *advert;

  if (!fake_call_is_pending (call))
    return;
  advert = adapter != NULL ? find (adapter, call->client, call->detail) : NULL;
  if (advert == NULL)
    {
      fake_call_refuse (call, "org.bluez.Error.Failed", "gone meanwhile");
      return;
    }
  if (reply == NULL)
    {
      fake_violate (call->fake, "%s: object cannot be read: %s", call->client, error->message);
      give_up (call, adapter, advert, "Failed to parse advertisement.");
      return;
    }
  properties = g_variant_get_child_value (reply, 0);
  finish_registration (call, adapter, advert, properties);
}

static void
register_advert (Fake *fake, FakeAdapter *adapter, FakeCall *call)
{
  Advert *advert;

  if (find (adapter, call->client, call->detail) != NULL)
    {
      fake_call_refuse (call, "org.bluez.Error.AlreadyExists", "Already Exists");
      return;
    }
  if (adapter->adverts->len >= adapter->n_instances)
    {
      fake_call_refuse (call, "org.bluez.Error.NotPermitted", "Maximum advertisements reached");
      return;
    }

  advert = g_new0 (Advert, 1);
  advert->adapter = adapter;
  advert->client = g_strdup (call->client);
  advert->path = g_strdup (call->detail);
  g_ptr_array_add (adapter->adverts, advert);
  g_dbus_connection_call (fake->bus,
                          call->client,
                          call->detail,
                          FAKE_PROPERTIES_INTERFACE,
                          "GetAll",
                          g_variant_new ("(s)", ADVERT_INTERFACE),
                          G_VARIANT_TYPE ("(a{sv})"),
                          G_DBUS_CALL_FLAGS_NONE,
                          FAKE_CLIENT_TIMEOUT_MS,
                          NULL,
                          object_read,
                          call);
}

static void
unregister_advert (Fake *fake, FakeAdapter *adapter, FakeCall *call)
{
  Advert *advert = find (adapter, call->client, call->detail);

  if (advert == NULL)
    {
      fake_call_refuse (call, "org.bluez.Error.DoesNotExist", "Does Not Exist");
      return;
    }
  g_ptr_array_remove (adapter->adverts, advert);
  emit_count (adapter);
  fake_call_answer (call, NULL);
}

void
fake_advert_take (FakeAdapter *adapter, GDBusMethodInvocation *invocation, GVariant *values)
{
  const char *method = g_dbus_method_invocation_get_method_name (invocation);
  const char *path;

  g_variant_get_child (values, 0, "&o", &path);
  fake_call_take (adapter->fake,
                  adapter,
                  invocation,
                  FAKE_KIND_ADVERTISING,
                  g_strdup (path),
                  g_str_equal (method, "RegisterAdvertisement") ? register_advert
                                                                : unregister_advert);
}

/* ---- what befalls them ---- */

/* An extended controller stays silent after power-on though BlueZ counts on (BLE 5). */
void
fake_adverts_power (FakeAdapter *adapter, gboolean powered)
{
  for (guint i = 0; i < adapter->adverts->len; i++)
    {
      Advert *advert = g_ptr_array_index (adapter->adverts, i);

      if (!powered && adapter->extended)
        advert->asleep = TRUE;
      update (advert);
    }
}

void
fake_adverts_note_address (FakeAdapter *adapter)
{
  for (guint i = 0; i < adapter->adverts->len; i++)
    {
      const Advert *advert = g_ptr_array_index (adapter->adverts, i);

      if (advert->noted)
        note (adapter, "on", advert->hex);
    }
}

void
fake_adverts_forget_client (FakeAdapter *adapter, const char *client)
{
  guint n_before = adapter->adverts->len;

  for (guint i = n_before; i > 0; i--)
    {
      const Advert *advert = g_ptr_array_index (adapter->adverts, i - 1);

      if (client == NULL || g_str_equal (advert->client, client))
        g_ptr_array_remove_index (adapter->adverts, i - 1);
    }
  if (adapter->adverts->len != n_before)
    emit_count (adapter);
}

void
fake_adverts_release (FakeAdapter *adapter)
{
  for (guint i = 0; i < adapter->adverts->len; i++)
    {
      const Advert *advert = g_ptr_array_index (adapter->adverts, i);

      g_dbus_connection_call (adapter->fake->bus,
                              advert->client,
                              advert->path,
                              ADVERT_INTERFACE,
                              "Release",
                              NULL,
                              NULL,
                              G_DBUS_CALL_FLAGS_NONE,
                              FAKE_CLIENT_TIMEOUT_MS,
                              NULL,
                              NULL,
                              NULL);
    }
  fake_adverts_forget_client (adapter, NULL);
}

char *
fake_adverts_describe (FakeAdapter *adapter)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < adapter->adverts->len; i++)
    {
      const Advert *advert = g_ptr_array_index (adapter->adverts, i);

      if (advert->noted)
        g_string_append_printf (text, "%s\n", advert->hex);
    }

  return g_strdup (text->str);
}
