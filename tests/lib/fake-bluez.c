/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * fake-bluez --address=BUS [--experimental]
 *
 * A bluetoothd that does what a test tells it: owns org.bluez, behaves as BlueZ 5.66 does
 * (tests/vm/README.md), notes whatever it was asked, and judges its clients itself: one
 * advertising and one scanning request in flight each, broadcasts of service data only.
 * fakebluez.py starts it on a private bus. It prints "ready" when it is.
 *
 * Orders and questions are lines, given to org.sighej.FakeBluez at /org/sighej/FakeBluez:
 * org.sighej.FakeBluez1.Tell (s) -> s. METHOD is a method's bare name; GetManagedObjects and
 * Activate are among them. Times are CLOCK_MONOTONIC in microseconds.
 *
 *   adapter add hci0 legacy | extended [off] [device=N]    off: comes unpowered; device: which
 *                                        one it is, so a dongle may come back as another hci
 *   adapter remove hci0                  its advertisements are released
 *   power hci0 on | off [release]        release: as few do, the advertisements are released
 *   discoverable hci0 on | off           as any program may
 *   connectable hci0 on | off | untold   the property is there once it was on or off
 *   foreign-scan hci0 on | off           another program discovers
 *   discovering hci0 off                 others have ended it, and nobody's session knows
 *   duplicates hci0 filtered | all       the controller reports an address once per scan; all
 *   forget hci0 SECONDS                  a device not heard for so long is removed; 30
 *   instances hci0 N                     of advertising, all together
 *   release hci0                         Release for all advertisements
 *   release-monitors hci0                Release for all monitors
 *   activate-monitors hci0               Activate for those that wait for it, in vain
 *   fail METHOD ERROR [TIMES]            refuse it; for ever without TIMES; ERROR none: no longer
 *   slow METHOD MILLISECONDS             take so long
 *   hang METHOD, let METHOD              do not even begin, until let
 *   lose METHOD [TIMES]                  do it, and never answer; once
 *   name drop | stop | take              killed (the air goes on); ended in order; started
 *   device hci0 ADDRESS HEX RSSI [foreign]    a packet with this service data; 0: no strength;
 *                                        the answer tells whether it was heard
 *   crowd hci0 SENDERS RATE SECONDS [seed=N] [realm=N] [rotate=SECONDS] [foreign=PERCENT]
 *                                        RATE packets a second, of all together, evenly spaced
 *   crowd hci0 stop
 *
 *   calls        SERIAL TIME CLIENT ADAPTER METHOD DETAIL ANSWERED RESULT, a line each;
 *                ADAPTER -1: none; RESULT: ok, an error's name, lost, forgotten, - (under way)
 *   violations   a sentence a line; there should be none
 *   air          what changed: TIME ADAPTER on | off HEX private | public
 *   on-air hci0  HEX a line: what is on the air now
 *   sent         packets told as signals
 *   signals      of all kinds
 *   crowd? hci0  running, over or none
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <glib-unix.h>

#include "fake-bluez.h"

#define CONTROL_NAME "org.sighej.FakeBluez"
#define CONTROL_PATH "/org/sighej/FakeBluez"
#define CONTROL_INTERFACE "org.sighej.FakeBluez1"
#define CONTROL_ERROR "org.sighej.FakeBluez1.Error.NotUnderstood"
#define BLUEZ_NAME "org.bluez"
#define DO_NOT_QUEUE 4
#define PRIMARY_OWNER 1
#define ADAPTERS_MAX 16
#define SENDERS_MAX 100000
#define RATE_MAX 20000
#define NUMBER_MAX 1000000
#define ROTATE_SECONDS 750
#define WORDS_MAX 16

static const char interfaces_xml[]
    = "<node>"
      "<interface name='org.freedesktop.DBus.ObjectManager'>"
      "<method name='GetManagedObjects'><arg type='a{oa{sa{sv}}}' direction='out'/></method>"
      "<signal name='InterfacesAdded'><arg type='o'/><arg type='a{sa{sv}}'/></signal>"
      "<signal name='InterfacesRemoved'><arg type='o'/><arg type='as'/></signal>"
      "</interface>"
      "<interface name='org.bluez.Adapter1'>"
      "<method name='StartDiscovery'/><method name='StopDiscovery'/>"
      "<method name='SetDiscoveryFilter'><arg type='a{sv}' direction='in'/></method>"
      "<property name='Address' type='s' access='read'/>"
      "<property name='AddressType' type='s' access='read'/>"
      "<property name='Name' type='s' access='read'/>"
      "<property name='Alias' type='s' access='read'/>"
      "<property name='Class' type='u' access='read'/>"
      "<property name='Powered' type='b' access='readwrite'/>"
      "<property name='Discoverable' type='b' access='readwrite'/>"
      "<property name='DiscoverableTimeout' type='u' access='read'/>"
      "<property name='Connectable' type='b' access='read'/>"
      "<property name='Pairable' type='b' access='read'/>"
      "<property name='Discovering' type='b' access='read'/>"
      "</interface>"
      "<interface name='org.bluez.LEAdvertisingManager1'>"
      "<method name='RegisterAdvertisement'>"
      "<arg type='o' direction='in'/><arg type='a{sv}' direction='in'/></method>"
      "<method name='UnregisterAdvertisement'><arg type='o' direction='in'/></method>"
      "<property name='ActiveInstances' type='y' access='read'/>"
      "<property name='SupportedInstances' type='y' access='read'/>"
      "<property name='SupportedIncludes' type='as' access='read'/>"
      "<property name='SupportedSecondaryChannels' type='as' access='read'/>"
      "</interface>"
      "<interface name='org.bluez.AdvertisementMonitorManager1'>"
      "<method name='RegisterMonitor'><arg type='o' direction='in'/></method>"
      "<method name='UnregisterMonitor'><arg type='o' direction='in'/></method>"
      "<property name='SupportedMonitorTypes' type='as' access='read'/>"
      "<property name='SupportedFeatures' type='as' access='read'/>"
      "</interface>"
      "<interface name='org.sighej.FakeBluez1'>"
      "<method name='Tell'><arg type='s' direction='in'/><arg type='s' direction='out'/></method>"
      "</interface>"
      "</node>";

/* One order or question. NULL: not understood; else its answer */
typedef char *(*Obey) (Fake *fake, char **words, guint n_words);

/* ---- what the parts share ---- */

FakeAdapter *
fake_lookup (Fake *fake, int index)
{
  for (guint i = 0; i < fake->adapters->len; i++)
    {
      FakeAdapter *adapter = g_ptr_array_index (fake->adapters, i);

      if ((int) adapter->index == index)
        return adapter;
    }

  return NULL;
}

GDBusInterfaceInfo *
fake_get_interface (Fake *fake, const char *name)
{
  return g_dbus_node_info_lookup_interface (fake->node, name);
}

void
fake_emit (
    Fake *fake, const char *path, const char *interface, const char *signal, GVariant *parameters)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (parameters);

  if (fake->bus == NULL)
    return;
  g_dbus_connection_emit_signal (fake->bus, NULL, path, interface, signal, owned, NULL);
  fake->n_signals++;
}

void
fake_emit_changed (FakeAdapter *adapter,
                   const char *path,
                   const char *interface,
                   const char *property,
                   GVariant *value)
{
  GVariantBuilder changed;
  GVariantBuilder invalid;

  g_variant_builder_init (&changed, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_init (&invalid, G_VARIANT_TYPE_STRING_ARRAY);
  if (value != NULL)
    g_variant_builder_add (&changed, "{sv}", property, value);
  else
    g_variant_builder_add (&invalid, "s", property);
  fake_emit (adapter->fake,
             path,
             FAKE_PROPERTIES_INTERFACE,
             "PropertiesChanged",
             g_variant_new ("(sa{sv}as)", interface, &changed, &invalid));
}

void
fake_emit_objects (Fake *fake, const char *signal, GVariant *parameters)
{
  fake_emit (fake, "/", FAKE_OBJECTS_INTERFACE, signal, parameters);
}

/* ---- being bluetoothd ---- */

static void
list_objects (Fake *fake, FakeAdapter *none, FakeCall *call)
{
  GVariantBuilder objects;

  g_variant_builder_init (&objects, G_VARIANT_TYPE ("a{oa{sa{sv}}}"));
  for (guint i = 0; i < fake->adapters->len; i++)
    {
      FakeAdapter *adapter = g_ptr_array_index (fake->adapters, i);

      g_variant_builder_add (
          &objects, "{o@a{sa{sv}}}", adapter->path, fake_adapter_describe (adapter));
      fake_devices_describe (adapter, &objects);
    }
  fake_call_answer (call, g_variant_new ("(a{oa{sa{sv}}})", &objects));
}

static void
on_objects_method (GDBusConnection *bus,
                   const char *sender,
                   const char *path,
                   const char *interface,
                   const char *method,
                   GVariant *parameters,
                   GDBusMethodInvocation *invocation,
                   gpointer user_data)
{
  fake_call_take (user_data, NULL, invocation, FAKE_KIND_OTHER, g_strdup ("-"), list_objects);
}

/* All that a client had goes with its connection. */
static void
on_owner_changed (GDBusConnection *bus,
                  const char *sender,
                  const char *path,
                  const char *interface,
                  const char *signal,
                  GVariant *parameters,
                  gpointer user_data)
{
  Fake *fake = user_data;
  const char *name;
  const char *owner;

  g_variant_get (parameters, "(&s&s&s)", &name, NULL, &owner);
  if (name[0] != ':' || owner[0] != '\0')
    return;

  fake_calls_forget (fake, name);
  for (guint i = 0; i < fake->adapters->len; i++)
    fake_adapter_forget_client (g_ptr_array_index (fake->adapters, i), name);
}

static GDBusConnection *
connect_to_bus (Fake *fake, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;
  GDBusConnection *bus;
  guint32 status = 0;

  bus = g_dbus_connection_new_for_address_sync (
      fake->address,
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
          | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL,
      NULL,
      &error);
  if (bus != NULL)
    reply = g_dbus_connection_call_sync (bus,
                                         "org.freedesktop.DBus",
                                         "/org/freedesktop/DBus",
                                         "org.freedesktop.DBus",
                                         "RequestName",
                                         g_variant_new ("(su)", name, DO_NOT_QUEUE),
                                         G_VARIANT_TYPE ("(u)"),
                                         G_DBUS_CALL_FLAGS_NONE,
                                         -1,
                                         NULL,
                                         &error);
  if (reply != NULL)
    g_variant_get (reply, "(u)", &status);
  if (status != PRIMARY_OWNER)
    {
      g_printerr ("cannot be %s: %s\n", name, error != NULL ? error->message : "it has an owner");
      exit (EXIT_FAILURE);
    }

  return bus;
}

/* What the kernel still sent for a bluetoothd that was killed ends here. */
static void
take_name (Fake *fake)
{
  static const GDBusInterfaceVTable vtable = { on_objects_method, NULL, NULL, { 0 } };

  for (guint i = 0; i < fake->adapters->len; i++)
    {
      FakeAdapter *adapter = g_ptr_array_index (fake->adapters, i);

      adapter->foreign_scan = FALSE;
      fake_adapter_forget_client (adapter, NULL);
      fake_adapter_set_powered (adapter, TRUE);
    }
  fake->bus = connect_to_bus (fake, BLUEZ_NAME);
  g_dbus_connection_set_exit_on_close (fake->bus, FALSE);
  fake->objects_id = g_dbus_connection_register_object (
      fake->bus, "/", fake_get_interface (fake, FAKE_OBJECTS_INTERFACE), &vtable, fake, NULL, NULL);
  fake->owners_id = g_dbus_connection_signal_subscribe (fake->bus,
                                                        "org.freedesktop.DBus",
                                                        "org.freedesktop.DBus",
                                                        "NameOwnerChanged",
                                                        "/org/freedesktop/DBus",
                                                        NULL,
                                                        G_DBUS_SIGNAL_FLAGS_NONE,
                                                        on_owner_changed,
                                                        fake,
                                                        NULL);
  for (guint i = 0; i < fake->adapters->len; i++)
    fake_adapter_export (g_ptr_array_index (fake->adapters, i));
}

static void
drop_name (Fake *fake, gboolean in_order)
{
  for (guint i = 0; in_order && i < fake->adapters->len; i++)
    {
      FakeAdapter *adapter = g_ptr_array_index (fake->adapters, i);

      fake_adapter_set_powered (adapter, FALSE);
      fake_adapter_forget_client (adapter, NULL);
      fake_adapter_unexport (adapter);
    }
  fake_calls_forget (fake, NULL);
  if (in_order) /* what it said last is heard: closing alone may drop it */
    g_dbus_connection_flush_sync (fake->bus, NULL, NULL);
  g_dbus_connection_close_sync (fake->bus, NULL, NULL);
  for (guint i = 0; i < fake->adapters->len; i++)
    fake_adapter_unexport (g_ptr_array_index (fake->adapters, i));
  g_dbus_connection_unregister_object (fake->bus, fake->objects_id);
  g_dbus_connection_signal_unsubscribe (fake->bus, fake->owners_id);
  g_clear_object (&fake->bus);
}

/* ---- orders ---- */

static char *
done (void)
{
  return g_strdup ("");
}

static gboolean
parse_number (const char *word, guint most, guint *number)
{
  guint64 value;

  if (!g_ascii_string_to_unsigned (word, 10, 0, most, &value, NULL))
    return FALSE;
  *number = (guint) value;

  return TRUE;
}

static gboolean
parse_switch (const char *word, gboolean *on)
{
  *on = g_str_equal (word, "on");

  return *on || g_str_equal (word, "off");
}

static gboolean
parse_adapter (const char *word, guint *index)
{
  return g_str_has_prefix (word, "hci")
         && parse_number (word + strlen ("hci"), ADAPTERS_MAX - 1, index);
}

static FakeAdapter *
find_adapter (Fake *fake, const char *word)
{
  guint index;

  return parse_adapter (word, &index) ? fake_lookup (fake, (int) index) : NULL;
}

static gboolean
parse_kind_of_adapter (FakeAdapter *adapter, char **words, guint n_words)
{
  for (guint i = 4; i < n_words; i++)
    if (g_str_equal (words[i], "off"))
      adapter->powered = FALSE;
    else if (!g_str_has_prefix (words[i], "device=")
             || !parse_number (words[i] + strlen ("device="), G_MAXUINT8, &adapter->device))
      return FALSE;

  return TRUE;
}

static char *
add_adapter (Fake *fake, char **words, guint n_words)
{
  gboolean extended = n_words > 3 && g_str_equal (words[3], "extended");
  FakeAdapter *adapter;
  guint index;

  if (!parse_adapter (words[2], &index) || fake_lookup (fake, (int) index) != NULL || n_words < 4)
    return NULL;

  adapter = fake_adapter_new (fake, index, extended);
  if (!parse_kind_of_adapter (adapter, words, n_words))
    {
      fake_adapter_free (adapter);
      return NULL;
    }
  g_ptr_array_add (fake->adapters, adapter);
  if (fake->bus != NULL)
    fake_adapter_export (adapter);

  return done ();
}

static char *
obey_adapter (Fake *fake, char **words, guint n_words)
{
  FakeAdapter *adapter = find_adapter (fake, words[2]);

  if (g_str_equal (words[1], "add"))
    return add_adapter (fake, words, n_words);
  if (adapter == NULL || !g_str_equal (words[1], "remove"))
    return NULL;

  if (fake->bus != NULL)
    {
      fake_adverts_release (adapter);
      fake_monitors_release (adapter);
    }
  g_ptr_array_remove (fake->adapters, adapter);

  return done ();
}

static char *
obey_power (Fake *fake, char **words, guint n_words)
{
  FakeAdapter *adapter = find_adapter (fake, words[1]);
  gboolean on;

  if (adapter == NULL || !parse_switch (words[2], &on))
    return NULL;

  if (n_words > 3)
    fake_adverts_release (adapter);
  fake_adapter_set_powered (adapter, on);

  return done ();
}

static char *
obey_discoverable (Fake *fake, char **words, guint n_words)
{
  FakeAdapter *adapter = find_adapter (fake, words[1]);
  gboolean on;

  if (adapter == NULL || !parse_switch (words[2], &on))
    return NULL;

  fake_adapter_set_discoverable (adapter, on);

  return done ();
}

static char *
obey_connectable (Fake *fake, char **words, guint n_words)
{
  FakeAdapter *adapter = find_adapter (fake, words[1]);
  gboolean on;

  if (adapter == NULL)
    return NULL;

  adapter->tells_connectable = parse_switch (words[2], &on);
  if (!adapter->tells_connectable && !g_str_equal (words[2], "untold"))
    return NULL;
  fake_adapter_set_connectable (adapter, on);

  return done ();
}

static char *
obey_foreign_scan (Fake *fake, char **words, guint n_words)
{
  FakeAdapter *adapter = find_adapter (fake, words[1]);

  if (adapter == NULL || !parse_switch (words[2], &adapter->foreign_scan))
    return NULL;

  fake_adapter_update_discovering (adapter);

  return done ();
}

static char *
obey_discovering (Fake *fake, char **words, guint n_words)
{
  FakeAdapter *adapter = find_adapter (fake, words[1]);

  if (adapter == NULL || !g_str_equal (words[2], "off"))
    return NULL;

  adapter->stopped_by_others = TRUE;
  fake_adapter_update_discovering (adapter);

  return done ();
}

static char *
obey_duplicates (Fake *fake, char **words, guint n_words)
{
  FakeAdapter *adapter = find_adapter (fake, words[1]);

  if (adapter == NULL)
    return NULL;

  adapter->filters_duplicates = g_str_equal (words[2], "filtered");

  return adapter->filters_duplicates || g_str_equal (words[2], "all") ? done () : NULL;
}

static char *
obey_forget (Fake *fake, char **words, guint n_words)
{
  FakeAdapter *adapter = find_adapter (fake, words[1]);

  return adapter != NULL && parse_number (words[2], NUMBER_MAX, &adapter->forget_seconds) ? done ()
                                                                                          : NULL;
}

static char *
obey_instances (Fake *fake, char **words, guint n_words)
{
  FakeAdapter *adapter = find_adapter (fake, words[1]);

  return adapter != NULL && parse_number (words[2], G_MAXUINT8, &adapter->n_instances) ? done ()
                                                                                       : NULL;
}

static char *
obey_activate (Fake *fake, char **words, guint n_words)
{
  FakeAdapter *adapter = find_adapter (fake, words[1]);

  if (adapter == NULL || fake->bus == NULL)
    return NULL;
  fake_monitors_activate (adapter);

  return done ();
}

static char *
obey_release (Fake *fake, char **words, guint n_words)
{
  FakeAdapter *adapter = find_adapter (fake, words[1]);

  if (adapter == NULL || fake->bus == NULL)
    return NULL;

  if (g_str_equal (words[0], "release"))
    fake_adverts_release (adapter);
  else
    fake_monitors_release (adapter);

  return done ();
}

static char *
obey_fail (Fake *fake, char **words, guint n_words)
{
  guint n_times = G_MAXUINT;

  if (n_words > 3 && !parse_number (words[3], NUMBER_MAX, &n_times))
    return NULL;

  return fake_rule_fail (fake, words[1], words[2], n_times) ? done () : NULL;
}

static char *
obey_slow (Fake *fake, char **words, guint n_words)
{
  guint delay_ms;

  if (!parse_number (words[2], NUMBER_MAX, &delay_ms))
    return NULL;

  fake_rule_slow (fake, words[1], delay_ms);

  return done ();
}

static char *
obey_hang (Fake *fake, char **words, guint n_words)
{
  fake_rule_hang (fake, words[1], g_str_equal (words[0], "hang"));

  return done ();
}

static char *
obey_lose (Fake *fake, char **words, guint n_words)
{
  guint n_times = 1;

  if (n_words > 2 && !parse_number (words[2], NUMBER_MAX, &n_times))
    return NULL;

  fake_rule_lose (fake, words[1], n_times);

  return done ();
}

static char *
obey_name (Fake *fake, char **words, guint n_words)
{
  gboolean take = g_str_equal (words[1], "take");
  gboolean stop = g_str_equal (words[1], "stop");

  if (take != (fake->bus == NULL) || (!take && !stop && !g_str_equal (words[1], "drop")))
    return NULL;

  if (take)
    take_name (fake);
  else
    drop_name (fake, stop);

  return done ();
}

static gboolean
parse_hex (const char *word, guint8 *bytes, guint n_most, guint *n_bytes)
{
  *n_bytes = (guint) (strlen (word) / 2);
  if (strlen (word) % 2 != 0 || *n_bytes > n_most)
    return FALSE;

  for (guint i = 0; i < *n_bytes; i++)
    {
      int high = g_ascii_xdigit_value (word[2 * i]);
      int low = g_ascii_xdigit_value (word[2 * i + 1]);

      if (high < 0 || low < 0)
        return FALSE;
      bytes[i] = (guint8) (high << 4 | low);
    }

  return TRUE;
}

static char *
obey_device (Fake *fake, char **words, guint n_words)
{
  FakeAdapter *adapter = find_adapter (fake, words[1]);
  g_auto (GStrv) parts = g_strsplit (words[2], ":", -1);
  g_autofree char *hex = g_strjoinv ("", parts);
  guint8 address[FAKE_ADDRESS_BYTES];
  guint8 data[FAKE_DATA_BYTES_MAX];
  guint n_address;
  guint n_data;
  gint64 rssi_dbm;
  gboolean heard;

  if (adapter == NULL || !parse_hex (hex, address, sizeof address, &n_address)
      || n_address != sizeof address || !parse_hex (words[3], data, sizeof data, &n_data)
      || !g_ascii_string_to_signed (words[4], 10, G_MININT16, G_MAXINT16, &rssi_dbm, NULL))
    return NULL;

  heard = fake_device_hear (adapter, address, data, n_data, (gint16) rssi_dbm, n_words < 6);

  return g_strdup (heard ? "heard" : "unheard");
}

static gboolean
parse_crowd_option (const char *word, FakeCrowdOptions *options)
{
  const struct
  {
    const char *name;
    guint *value;
    guint most;
  } known[] = {
    { "seed=", &options->seed, G_MAXUINT },
    { "realm=", &options->realm, G_MAXUINT8 },
    { "rotate=", &options->rotate_seconds, NUMBER_MAX },
    { "foreign=", &options->foreign_percent, 100 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    {
      if (g_str_has_prefix (word, known[i].name))
        return parse_number (word + strlen (known[i].name), known[i].most, known[i].value);
    }

  return FALSE;
}

static char *
obey_crowd (Fake *fake, char **words, guint n_words)
{
  FakeAdapter *adapter = find_adapter (fake, words[1]);
  FakeCrowdOptions options = { .rotate_seconds = ROTATE_SECONDS };

  if (adapter == NULL)
    return NULL;
  if (g_str_equal (words[2], "stop"))
    {
      g_clear_pointer (&adapter->crowd, fake_crowd_free);
      return done ();
    }
  if (n_words < 5 || !parse_number (words[2], SENDERS_MAX, &options.n_senders)
      || !parse_number (words[3], RATE_MAX, &options.rate)
      || !parse_number (words[4], NUMBER_MAX, &options.seconds))
    return NULL;
  for (guint i = 5; i < n_words; i++)
    {
      if (!parse_crowd_option (words[i], &options))
        return NULL;
    }
  if (options.n_senders == 0 || options.rate == 0 || options.rotate_seconds == 0)
    return NULL;

  g_clear_pointer (&adapter->crowd, fake_crowd_free);
  adapter->crowd = fake_crowd_new (adapter, &options);

  return done ();
}

/* ---- questions ---- */

static char *
join_lines (GPtrArray *lines)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < lines->len; i++)
    g_string_append_printf (text, "%s\n", (const char *) g_ptr_array_index (lines, i));

  return g_strdup (text->str);
}

static char *
tell_calls (Fake *fake, char **words, guint n_words)
{
  return fake_calls_describe (fake);
}

static char *
tell_violations (Fake *fake, char **words, guint n_words)
{
  return join_lines (fake->violations);
}

static char *
tell_air (Fake *fake, char **words, guint n_words)
{
  return join_lines (fake->air);
}

static char *
tell_on_air (Fake *fake, char **words, guint n_words)
{
  FakeAdapter *adapter = find_adapter (fake, words[1]);

  return adapter != NULL ? fake_adverts_describe (adapter) : NULL;
}

static char *
tell_sent (Fake *fake, char **words, guint n_words)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT, fake->n_sent);
}

static char *
tell_signals (Fake *fake, char **words, guint n_words)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT, fake->n_signals);
}

static char *
tell_crowd (Fake *fake, char **words, guint n_words)
{
  FakeAdapter *adapter = find_adapter (fake, words[1]);

  if (adapter == NULL)
    return NULL;
  if (adapter->crowd == NULL)
    return g_strdup ("none");

  return g_strdup (fake_crowd_is_over (adapter->crowd) ? "over" : "running");
}

static const struct
{
  const char *word;
  guint n_least; /* words, the order's own among them */
  Obey obey;
} orders[] = {
  { "adapter", 3, obey_adapter },
  { "power", 3, obey_power },
  { "discoverable", 3, obey_discoverable },
  { "connectable", 3, obey_connectable },
  { "foreign-scan", 3, obey_foreign_scan },
  { "discovering", 3, obey_discovering },
  { "duplicates", 3, obey_duplicates },
  { "forget", 3, obey_forget },
  { "instances", 3, obey_instances },
  { "release", 2, obey_release },
  { "release-monitors", 2, obey_release },
  { "activate-monitors", 2, obey_activate },
  { "fail", 3, obey_fail },
  { "slow", 3, obey_slow },
  { "hang", 2, obey_hang },
  { "let", 2, obey_hang },
  { "lose", 2, obey_lose },
  { "name", 2, obey_name },
  { "device", 5, obey_device },
  { "crowd", 3, obey_crowd },
  { "calls", 1, tell_calls },
  { "violations", 1, tell_violations },
  { "air", 1, tell_air },
  { "on-air", 2, tell_on_air },
  { "sent", 1, tell_sent },
  { "signals", 1, tell_signals },
  { "crowd?", 2, tell_crowd },
};

static char *
obey (Fake *fake, const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", WORDS_MAX);
  guint n_words = g_strv_length (words);

  for (gsize i = 0; i < G_N_ELEMENTS (orders); i++)
    {
      if (n_words >= orders[i].n_least && g_str_equal (words[0], orders[i].word))
        return orders[i].obey (fake, words, n_words);
    }

  return NULL;
}

static void
on_tell (GDBusConnection *bus,
         const char *sender,
         const char *path,
         const char *interface,
         const char *method,
         GVariant *parameters,
         GDBusMethodInvocation *invocation,
         gpointer user_data)
{
  const char *line;
  g_autofree char *answer = NULL;

  g_variant_get (parameters, "(&s)", &line);
  answer = obey (user_data, line);
  if (answer != NULL)
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(s)", answer));
  else
    g_dbus_method_invocation_return_dbus_error (invocation, CONTROL_ERROR, line);
}

/* ---- its life ---- */

static void
begin (Fake *fake)
{
  static const GDBusInterfaceVTable vtable = { on_tell, NULL, NULL, { 0 } };

  fake->node = g_dbus_node_info_new_for_xml (interfaces_xml, NULL);
  fake->adapters = g_ptr_array_new_with_free_func ((GDestroyNotify) fake_adapter_free);
  fake_calls_init (fake);
  fake->control = connect_to_bus (fake, CONTROL_NAME);
  g_dbus_connection_register_object (fake->control,
                                     CONTROL_PATH,
                                     fake_get_interface (fake, CONTROL_INTERFACE),
                                     &vtable,
                                     fake,
                                     NULL,
                                     NULL);
  take_name (fake);
}

static gboolean
on_term (gpointer user_data)
{
  Fake *fake = user_data;

  g_main_loop_quit (fake->loop);

  return G_SOURCE_CONTINUE;
}

static void
end (Fake *fake)
{
  if (fake->bus != NULL)
    drop_name (fake, FALSE);
  g_ptr_array_unref (fake->adapters);
  fake_calls_clear (fake);
  g_object_unref (fake->control);
  g_dbus_node_info_unref (fake->node);
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autofree char *address = NULL;
  g_autoptr (GError) error = NULL;
  Fake fake = { .loop = loop };
  const GOptionEntry entries[] = {
    { "address", 0, 0, G_OPTION_ARG_STRING, &address, "The bus to be on", "BUS" },
    { "experimental", 0, 0, G_OPTION_ARG_NONE, &fake.experimental, "Offer monitors", NULL },
    { NULL },
  };

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || address == NULL)
    {
      g_printerr ("fake-bluez: %s\n", error != NULL ? error->message : "--address is missing");
      return EXIT_FAILURE;
    }
  fake.address = address;
  begin (&fake);
  g_unix_signal_add (SIGTERM, on_term, &fake);
  g_print ("ready\n");
  g_main_loop_run (loop);
  end (&fake);

  return EXIT_SUCCESS;
}
