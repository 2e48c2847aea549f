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

void
fake_take_name (Fake *fake)
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

void
fake_drop_name (Fake *fake, gboolean in_order)
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

/* ---- its life ---- */

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
  answer = fake_obey (user_data, line);
  if (answer != NULL)
    g_dbus_method_invocation_return_value (invocation, g_variant_new ("(s)", answer));
  else
    g_dbus_method_invocation_return_dbus_error (invocation, CONTROL_ERROR, line);
}

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
  fake_take_name (fake);
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
    fake_drop_name (fake, FALSE);
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
