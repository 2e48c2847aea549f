/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-bluez"

#include "config.h"

#include "sighej-bluez-tap.h"

#include <string.h>

#include "sighej-bluez-adapters.h"
#include "sighej-names.h"

#define PROPERTIES_INTERFACE "org.freedesktop.DBus.Properties"
#define OBJECTS_INTERFACE "org.freedesktop.DBus.ObjectManager"
#define NEVER -1

/* What the two threads share. GDBus may run the filter a last time after it was removed. */
typedef struct
{
  /* never changed */
  char *owner;
  char *prefix; /* "/org/bluez/hci0/" */

  GMutex lock;
  GArray *waiting;
  GSource *source; /* of the main context; NULL: closed */
  gboolean armed;
  guint64 n_dropped;
} Flow;

struct _SighejBluezTap
{
  GObject parent;

  GDBusConnection *bus;
  guint filter_id;
  char *rules[2];
  Flow *flow;
  GArray *taken;
};

G_DEFINE_FINAL_TYPE (SighejBluezTap, sighej_bluez_tap, G_TYPE_OBJECT)

enum
{
  SIGNAL_READY,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
flow_clear (gpointer data)
{
  Flow *flow = data;

  g_array_unref (flow->waiting);
  g_mutex_clear (&flow->lock);
  g_free (flow->owner);
  g_free (flow->prefix);
}

static void
flow_release (gpointer data)
{
  g_atomic_rc_box_release_full (data, flow_clear);
}

static void
close_flow (Flow *flow)
{
  g_autoptr (GSource) source = NULL;

  g_mutex_lock (&flow->lock);
  source = g_steal_pointer (&flow->source);
  g_mutex_unlock (&flow->lock);
  if (source != NULL)
    g_source_destroy (source);
}

/*
 * GDBus cannot express these rules: its arg0 is a string, and it knows no path_namespace. So they
 * are added by hand, and the bus wakes us for nothing but this adapter's devices.
 */
static void
call_match (SighejBluezTap *self, const char *method)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->rules); i++)
    g_dbus_connection_call (self->bus,
                            "org.freedesktop.DBus",
                            "/org/freedesktop/DBus",
                            "org.freedesktop.DBus",
                            method,
                            g_variant_new ("(s)", self->rules[i]),
                            NULL,
                            G_DBUS_CALL_FLAGS_NONE,
                            SIGHEJ_BLUEZ_CALL_TIMEOUT_MS,
                            NULL,
                            NULL,
                            NULL);
}

static void
sighej_bluez_tap_dispose (GObject *object)
{
  SighejBluezTap *self = SIGHEJ_BLUEZ_TAP (object);

  if (self->flow != NULL)
    {
      call_match (self, "RemoveMatch");
      close_flow (self->flow);
      g_dbus_connection_remove_filter (self->bus, self->filter_id);
    }
  g_clear_pointer (&self->flow, flow_release);
  g_clear_object (&self->bus);

  G_OBJECT_CLASS (sighej_bluez_tap_parent_class)->dispose (object);
}

static void
sighej_bluez_tap_finalize (GObject *object)
{
  SighejBluezTap *self = SIGHEJ_BLUEZ_TAP (object);

  for (guint i = 0; i < G_N_ELEMENTS (self->rules); i++)
    g_free (self->rules[i]);
  g_array_unref (self->taken);

  G_OBJECT_CLASS (sighej_bluez_tap_parent_class)->finalize (object);
}

static void
sighej_bluez_tap_class_init (SighejBluezTapClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = sighej_bluez_tap_dispose;
  object_class->finalize = sighej_bluez_tap_finalize;

  signals[SIGNAL_READY] = g_signal_new (
      "ready", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static GArray *
new_packets (void)
{
  return g_array_new (FALSE, FALSE, sizeof (SighejBluezPacket));
}

static void
sighej_bluez_tap_init (SighejBluezTap *self)
{
  self->taken = new_packets ();
}

/* ---- in GDBus's thread ---- */

static void
read_services (SighejBluezPacket *packet, GVariant *services)
{
  g_autoptr (GVariant) bytes
      = g_variant_lookup_value (services, SIGHEJ_SERVICE_UUID, G_VARIANT_TYPE_BYTESTRING);
  const guint8 *data;
  gsize n_bytes;

  if (bytes == NULL)
    return;

  data = g_variant_get_fixed_array (bytes, &n_bytes, 1);
  packet->has_data = TRUE;
  packet->n_bytes = (guint8) MIN (n_bytes, sizeof packet->data);
  if (packet->n_bytes > 0)
    memcpy (packet->data, data, packet->n_bytes);
}

/* FALSE: what changed did not come with a packet. */
static gboolean
read_properties (SighejBluezPacket *packet, GVariant *properties)
{
  gboolean is_packet = FALSE;
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_variant_iter_init (&iter, properties);
  while (g_variant_iter_loop (&iter, "{&sv}", &name, &value))
    {
      if (g_str_equal (name, "RSSI") && g_variant_is_of_type (value, G_VARIANT_TYPE_INT16))
        packet->rssi_dbm = g_variant_get_int16 (value);
      else if (g_str_equal (name, "ServiceData")
               && g_variant_is_of_type (value, G_VARIANT_TYPE_VARDICT))
        read_services (packet, value);
      else
        continue;
      is_packet = TRUE;
    }

  return is_packet;
}

static gboolean
read_path (Flow *flow, const char *path, SighejBluezPacket *packet)
{
  return g_str_has_prefix (path, flow->prefix)
         && g_strlcpy (packet->device, path + strlen (flow->prefix), sizeof packet->device)
                < sizeof packet->device;
}

static gboolean
read_changed (Flow *flow, GDBusMessage *message, SighejBluezPacket *packet, gboolean *is_packet)
{
  GVariant *body = g_dbus_message_get_body (message);
  g_autoptr (GVariant) properties = NULL;
  const char *interface;

  if (!g_str_equal (g_dbus_message_get_signature (message), "sa{sv}as")
      || !read_path (flow, g_dbus_message_get_path (message), packet))
    return FALSE;
  g_variant_get_child (body, 0, "&s", &interface);
  if (!g_str_equal (interface, SIGHEJ_BLUEZ_DEVICE_INTERFACE))
    return FALSE;

  properties = g_variant_get_child_value (body, 1);
  *is_packet = read_properties (packet, properties);

  return TRUE;
}

static gboolean
read_added (Flow *flow, GDBusMessage *message, SighejBluezPacket *packet, gboolean *is_packet)
{
  GVariant *body = g_dbus_message_get_body (message);
  g_autoptr (GVariant) interfaces = NULL;
  g_autoptr (GVariant) properties = NULL;
  const char *path;

  if (!g_str_equal (g_dbus_message_get_signature (message), "oa{sa{sv}}"))
    return FALSE;
  g_variant_get (body, "(&o@a{sa{sv}})", &path, &interfaces);
  if (!read_path (flow, path, packet))
    return FALSE;

  properties
      = g_variant_lookup_value (interfaces, SIGHEJ_BLUEZ_DEVICE_INTERFACE, G_VARIANT_TYPE_VARDICT);
  *is_packet = properties != NULL && read_properties (packet, properties);

  return TRUE;
}

static gboolean
read_removed (Flow *flow, GDBusMessage *message, SighejBluezPacket *packet, gboolean *is_packet)
{
  const char *path;

  if (!g_str_equal (g_dbus_message_get_signature (message), "oas"))
    return FALSE;
  g_variant_get_child (g_dbus_message_get_body (message), 0, "&o", &path);
  packet->removed = TRUE;
  *is_packet = read_path (flow, path, packet);

  return *is_packet;
}

/* FALSE: not for us. TRUE with @is_packet FALSE: for us, and of no interest. */
static gboolean
read_message (Flow *flow, GDBusMessage *message, SighejBluezPacket *packet, gboolean *is_packet)
{
  const char *member = g_dbus_message_get_member (message);

  if (g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_SIGNAL
      || g_strcmp0 (g_dbus_message_get_sender (message), flow->owner) != 0)
    return FALSE;

  if (g_str_equal (member, "PropertiesChanged"))
    return read_changed (flow, message, packet, is_packet);
  if (g_str_equal (member, "InterfacesAdded"))
    return read_added (flow, message, packet, is_packet);

  return g_str_equal (member, "InterfacesRemoved")
         && read_removed (flow, message, packet, is_packet);
}

static void
put (Flow *flow, const SighejBluezPacket *packet)
{
  g_mutex_lock (&flow->lock);
  if (flow->waiting->len < SIGHEJ_BLUEZ_TAP_PACKETS_MAX)
    g_array_append_vals (flow->waiting, packet, 1);
  else
    flow->n_dropped++;
  if (flow->armed && flow->source != NULL)
    {
      flow->armed = FALSE;
      g_source_set_ready_time (flow->source, 0);
    }
  g_mutex_unlock (&flow->lock);
}

/* Nobody else in this process wants what is said of devices, so it ends here. */
static GDBusMessage *
filter (GDBusConnection *bus, GDBusMessage *message, gboolean incoming, gpointer user_data)
{
  Flow *flow = user_data;
  SighejBluezPacket packet = { 0 };
  gboolean is_packet = FALSE;

  if (!incoming || !read_message (flow, message, &packet, &is_packet))
    return message;

  if (is_packet)
    put (flow, &packet);
  g_object_unref (message);

  return NULL;
}

/* ---- in the main thread ---- */

static gboolean
on_ready (gpointer user_data)
{
  g_autoptr (SighejBluezTap) self = g_object_ref (user_data);

  g_signal_emit (self, signals[SIGNAL_READY], 0);

  return G_SOURCE_CONTINUE;
}

/* The time stays set until it is set anew, so it is taken back before the callback. */
static gboolean
dispatch_ready (GSource *source, GSourceFunc callback, gpointer user_data)
{
  g_source_set_ready_time (source, NEVER);

  return callback (user_data);
}

static Flow *
flow_new (SighejBluezTap *self, const char *owner, const char *adapter)
{
  static GSourceFuncs source_funcs = { .dispatch = dispatch_ready };
  Flow *flow = g_atomic_rc_box_new0 (Flow);

  flow->owner = g_strdup (owner);
  flow->prefix = g_strconcat (adapter, "/", NULL);
  g_mutex_init (&flow->lock);
  flow->waiting = new_packets ();
  flow->armed = TRUE;
  flow->source = g_source_new (&source_funcs, sizeof (GSource));
  g_source_set_static_name (flow->source, "sighej-bluez-tap");
  g_source_set_callback (flow->source, on_ready, self, NULL);
  g_source_attach (flow->source, g_main_context_get_thread_default ());

  return flow;
}

SighejBluezTap *
sighej_bluez_tap_new (GDBusConnection *bus, const char *owner, const char *adapter)
{
  SighejBluezTap *self = g_object_new (SIGHEJ_TYPE_BLUEZ_TAP, NULL);

  self->bus = g_object_ref (bus);
  self->rules[0] = g_strdup_printf (
      "type='signal',sender='%s',interface='" PROPERTIES_INTERFACE
      "',member='PropertiesChanged',path_namespace='%s',arg0='" SIGHEJ_BLUEZ_DEVICE_INTERFACE "'",
      owner,
      adapter);
  self->rules[1] = g_strdup_printf ("type='signal',sender='%s',interface='" OBJECTS_INTERFACE
                                    "',path='/',arg0path='%s/'",
                                    owner,
                                    adapter);
  self->flow = flow_new (self, owner, adapter);
  self->filter_id = g_dbus_connection_add_filter (
      bus, filter, g_atomic_rc_box_acquire (self->flow), flow_release);
  call_match (self, "AddMatch");

  return self;
}

GArray *
sighej_bluez_tap_take (SighejBluezTap *self)
{
  GArray *empty = self->taken;

  g_array_set_size (empty, 0);
  g_mutex_lock (&self->flow->lock);
  self->taken = self->flow->waiting;
  self->flow->waiting = empty;
  g_mutex_unlock (&self->flow->lock);

  return self->taken;
}

void
sighej_bluez_tap_arm (SighejBluezTap *self)
{
  g_mutex_lock (&self->flow->lock);
  self->flow->armed = self->flow->waiting->len == 0;
  if (!self->flow->armed)
    g_source_set_ready_time (self->flow->source, 0);
  g_mutex_unlock (&self->flow->lock);
}

guint64
sighej_bluez_tap_get_n_dropped (SighejBluezTap *self)
{
  guint64 n_dropped;

  g_mutex_lock (&self->flow->lock);
  n_dropped = self->flow->n_dropped;
  g_mutex_unlock (&self->flow->lock);

  return n_dropped;
}
