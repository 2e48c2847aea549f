/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * A bluetoothd that does what a test tells it; fake-bluez.c says how it is told.
 *
 *   fake-bluez.c           the program: its two connections
 *   fake-bluez-order.c     what it is told and asked
 *   fake-bluez-call.c      every call of a client: noted, judged, delayed, refused, answered
 *   fake-bluez-adapter.c   adapters as objects: Adapter1 and its discovery
 *   fake-bluez-advert.c    LEAdvertisingManager1, and what is on the air
 *   fake-bluez-monitor.c   AdvertisementMonitorManager1
 *   fake-bluez-device.c    Device1: packets heard
 *   fake-bluez-crowd.c     many of them
 */

#define FAKE_ADAPTER_INTERFACE "org.bluez.Adapter1"
#define FAKE_ADVERTISING_INTERFACE "org.bluez.LEAdvertisingManager1"
#define FAKE_MONITORS_INTERFACE "org.bluez.AdvertisementMonitorManager1"
#define FAKE_DEVICE_INTERFACE "org.bluez.Device1"
#define FAKE_PROPERTIES_INTERFACE "org.freedesktop.DBus.Properties"
#define FAKE_OBJECTS_INTERFACE "org.freedesktop.DBus.ObjectManager"
#define FAKE_N_INTERFACES 3 /* of an adapter */
#define FAKE_ADDRESS_BYTES 6
#define FAKE_DATA_BYTES_MAX 64
#define FAKE_CLIENT_TIMEOUT_MS 5000

typedef struct _Fake Fake;
typedef struct _FakeAdapter FakeAdapter;
typedef struct _FakeCall FakeCall;
typedef struct _FakeCrowd FakeCrowd;

/* What a client may have one of in flight at a time. */
typedef enum
{
  FAKE_KIND_OTHER,
  FAKE_KIND_ADVERTISING,
  FAKE_KIND_SCANNING,
} FakeKind;

/* adapter: NULL for the object manager's. It ends with fake_call_answer() or fake_call_refuse(). */
typedef void (*FakePerform) (Fake *fake, FakeAdapter *adapter, FakeCall *call);

struct _FakeCall
{
  Fake *fake;
  guint serial;
  gint64 at_us; /* CLOCK_MONOTONIC, as all times here */
  gint64 answered_us;
  char *client; /* its unique name */
  int index;    /* of the adapter; -1: none */
  char *method;
  char *detail; /* a word: path, or what is to be known of the arguments */
  char *result; /* NULL: under way */
  FakeKind kind;
  FakePerform perform;
  GDBusMethodInvocation *invocation;
};

/* One client's share in an adapter's discovery. */
typedef struct
{
  char *client;
  gboolean has_filter;
  gboolean duplicates;
  gboolean running;
} FakeSession;

struct _FakeAdapter
{
  Fake *fake;
  guint index;
  guint device; /* makes its address; the index unless told otherwise */
  char *path;
  gboolean extended;
  gboolean tells_connectable;

  gboolean powered;
  gboolean discoverable;
  gboolean connectable;
  gboolean discovering; /* as last told */
  gboolean foreign_scan;
  gboolean stopped_by_others;
  guint n_instances;

  guint exported[FAKE_N_INTERFACES];
  GPtrArray *sessions; /* FakeSession */
  GPtrArray *adverts;  /* of fake-bluez-advert.c */
  GPtrArray *monitors; /* of fake-bluez-monitor.c */

  GHashTable *devices; /* address -> of fake-bluez-device.c */
  GQueue devices_by_age;
  guint forget_id;
  guint forget_seconds;
  gboolean filters_duplicates; /* the controller does */
  gint64 run_us;               /* when its scan last began anew */
  FakeCrowd *crowd;
};

struct _Fake
{
  GMainLoop *loop;
  char *address;
  gboolean experimental;
  GDBusNodeInfo *node;
  GDBusConnection *control;
  GDBusConnection *bus; /* bluetoothd's own; NULL: nobody is org.bluez */
  guint objects_id;
  guint owners_id;

  GPtrArray *adapters;
  GPtrArray *calls;      /* all */
  GQueue pending;        /* FakeCall */
  GHashTable *rules;     /* method -> what is to go wrong */
  GPtrArray *violations; /* char * */
  GPtrArray *air;        /* char *: what happened on the air */
  guint64 n_sent;        /* packets */
  guint64 n_signals;     /* of all kinds */
};

/* ---- fake-bluez.c ---- */

FakeAdapter *fake_lookup (Fake *fake, int index);

/* Becomes bluetoothd; what the kernel still sent for one that was killed ends here. */
void fake_take_name (Fake *fake);

/* @in_order: as after SIGTERM, not as after SIGKILL */
void fake_drop_name (Fake *fake, gboolean in_order);
GDBusInterfaceInfo *fake_get_interface (Fake *fake, const char *name);

/* @parameters: taken when floating */
void fake_emit (
    Fake *fake, const char *path, const char *interface, const char *signal, GVariant *parameters);

/* Tells everybody; @value is taken when floating, NULL: the property is no longer there. */
void fake_emit_changed (FakeAdapter *adapter,
                        const char *path,
                        const char *interface,
                        const char *property,
                        GVariant *value);
void fake_emit_objects (Fake *fake, const char *signal, GVariant *parameters);

/* ---- fake-bluez-order.c ---- */

/* (transfer full) (nullable): the answer; NULL: not understood */
char *fake_obey (Fake *fake, const char *line);

/* ---- fake-bluez-call.c ---- */

void fake_calls_init (Fake *fake);
void fake_calls_clear (Fake *fake);

/* @detail: (transfer full) */
void fake_call_take (Fake *fake,
                     FakeAdapter *adapter,
                     GDBusMethodInvocation *invocation,
                     FakeKind kind,
                     char *detail,
                     FakePerform perform);
void fake_call_answer (FakeCall *call, GVariant *reply);
void fake_call_refuse (FakeCall *call, const char *error, const char *message);
gboolean fake_call_is_pending (FakeCall *call);

/* Nobody waits for an answer any more. @client: NULL: all */
void fake_calls_forget (Fake *fake, const char *client);

/* The order's rest: what is to go wrong. FALSE: not understood */
gboolean fake_rule_fail (Fake *fake, const char *method, const char *error, guint n_times);
void fake_rule_slow (Fake *fake, const char *method, guint delay_ms);
void fake_rule_hang (Fake *fake, const char *method, gboolean hangs);
void fake_rule_lose (Fake *fake, const char *method, guint n_times);
gboolean fake_rule_hangs (Fake *fake, const char *method);
guint fake_rule_get_delay_ms (Fake *fake, const char *method);
void fake_violate (Fake *fake, const char *format, ...) G_GNUC_PRINTF (2, 3);
char *fake_calls_describe (Fake *fake);

/* ---- fake-bluez-adapter.c ---- */

FakeAdapter *fake_adapter_new (Fake *fake, guint index, gboolean extended);
void fake_adapter_free (FakeAdapter *adapter);
void fake_adapter_export (FakeAdapter *adapter);
void fake_adapter_unexport (FakeAdapter *adapter);
GVariant *fake_adapter_describe (FakeAdapter *adapter); /* a{sa{sv}}, floating */
void fake_adapter_set_powered (FakeAdapter *adapter, gboolean powered);
void fake_adapter_set_discoverable (FakeAdapter *adapter, gboolean discoverable);
void fake_adapter_set_connectable (FakeAdapter *adapter, gboolean connectable);
void fake_adapter_update_discovering (FakeAdapter *adapter);
gboolean fake_adapter_scans (FakeAdapter *adapter);
gboolean fake_adapter_has_filter (FakeAdapter *adapter);
gboolean fake_adapter_wants_duplicates (FakeAdapter *adapter);

/* @client: NULL: all clients' */
void fake_adapter_forget_client (FakeAdapter *adapter, const char *client);

/* ---- fake-bluez-advert.c ---- */

void fake_adverts_init (FakeAdapter *adapter);
void fake_advert_take (FakeAdapter *adapter, GDBusMethodInvocation *invocation, GVariant *values);
guint fake_adverts_count (FakeAdapter *adapter);
void fake_adverts_power (FakeAdapter *adapter, gboolean powered);
void fake_adverts_note_address (FakeAdapter *adapter);
void fake_adverts_forget_client (FakeAdapter *adapter, const char *client);
void fake_adverts_release (FakeAdapter *adapter);
char *fake_adverts_describe (FakeAdapter *adapter);

/* ---- fake-bluez-monitor.c ---- */

void fake_monitors_init (FakeAdapter *adapter);
void fake_monitor_take (FakeAdapter *adapter, GDBusMethodInvocation *invocation, GVariant *values);
gboolean fake_monitors_are_active (FakeAdapter *adapter);
void fake_monitors_forget_client (FakeAdapter *adapter, const char *client);
void fake_monitors_release (FakeAdapter *adapter);
void fake_monitors_activate (FakeAdapter *adapter);

/* ---- fake-bluez-device.c ---- */

void fake_devices_init (FakeAdapter *adapter);
void fake_devices_forget (FakeAdapter *adapter);
void fake_devices_describe (FakeAdapter *adapter, GVariantBuilder *objects);

/* A packet is in the air; FALSE: nobody hears it. @rssi_dbm 0: unknown. @ours: under our UUID */
gboolean fake_device_hear (FakeAdapter *adapter,
                           const guint8 *address,
                           const guint8 *data,
                           guint n_bytes,
                           gint16 rssi_dbm,
                           gboolean ours);

/* ---- fake-bluez-crowd.c ---- */

typedef struct
{
  guint n_senders;
  guint rate; /* packets a second, of all together */
  guint seconds;
  guint seed;
  guint realm;
  guint rotate_seconds;
  guint foreign_percent; /* so many of the senders are not ours */
} FakeCrowdOptions;

FakeCrowd *fake_crowd_new (FakeAdapter *adapter, const FakeCrowdOptions *options);
void fake_crowd_free (FakeCrowd *crowd);
gboolean fake_crowd_is_over (FakeCrowd *crowd);

G_END_DECLS
