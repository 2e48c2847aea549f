/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-radio"

#include "config.h"

#include "sighej-radio-kinds.h"

#include "sighej-radio-bluez.h"
#include "sighej-radio-none.h"
#include "sighej-radio-sim.h"

static void
on_config_changed (SighejConfig *config, SighejRadioBluez *radio)
{
  sighej_radio_bluez_set_manage_power (
      radio, sighej_config_get_boolean (config, "Bluetooth", "ManagePower"));
}

static SighejRadio *
create_bluez (SighejClock *clock, GDBusConnection *bus, SighejConfig *config)
{
  SighejRadio *radio = sighej_radio_bluez_new (
      clock, bus, sighej_config_get_string (config, "Bluetooth", "RfkillFolder"));

  on_config_changed (config, SIGHEJ_RADIO_BLUEZ (radio));
  g_signal_connect_object (
      config, "changed", G_CALLBACK (on_config_changed), radio, G_CONNECT_DEFAULT);
  return radio;
}

static SighejRadio *
create_sim (SighejClock *clock, GDBusConnection *bus, SighejConfig *config)
{
  return sighej_radio_sim_new (clock, bus);
}

static SighejRadio *
create_none (SighejClock *clock, GDBusConnection *bus, SighejConfig *config)
{
  return sighej_radio_none_new (clock, bus);
}

/* In the order in which they are tried when nobody asks for one by name. */
static const SighejRadioKind kinds[] = {
  { "bluez", TRUE, create_bluez },
  { "sim", FALSE, create_sim },
  { "none", TRUE, create_none },
};

const SighejRadioKind *
sighej_radio_kinds (guint *n_kinds)
{
  *n_kinds = G_N_ELEMENTS (kinds);
  return kinds;
}

const SighejRadioKind *
sighej_radio_kind_find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      if (g_strcmp0 (kinds[i].name, name) == 0)
        return &kinds[i];
    }
  return NULL;
}
