/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-radio"

#include "config.h"

#include "sighej-radio-bluez.h"
#include "sighej-radio-none.h"
#include "sighej-radio-sim.h"

/* In the order in which they are tried when nobody asks for one by name. */
static const SighejRadioKind kinds[] = {
  { "bluez", TRUE, sighej_radio_bluez_new },
  { "sim", FALSE, sighej_radio_sim_new },
  { "none", TRUE, sighej_radio_none_new },
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
