/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-config.h"
#include "sighej-radio.h"

G_BEGIN_DECLS

/**
 * SighejRadioKind:
 *
 * The ordered table of implementations; a new radio is one file and one line there.
 * @name: word of --radio
 * @automatic: may be chosen without being asked for (never the simulated one)
 * @create: makes one; @bluez_bus is the bus BlueZ is on and may be NULL for radios that need none
 */
typedef struct
{
  const char *name;
  gboolean automatic;
  SighejRadio *(*create) (SighejClock *clock, GDBusConnection *bluez_bus, SighejConfig *config);
} SighejRadioKind;
const SighejRadioKind *sighej_radio_kinds (guint *n_kinds);
/* (nullable) */
const SighejRadioKind *sighej_radio_kind_find (const char *name);

G_END_DECLS
