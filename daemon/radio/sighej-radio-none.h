/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-radio.h"

G_BEGIN_DECLS

/**
 * SighejRadioNone:
 *
 * The radio of a machine that has none: always there, takes every order, carries out none of
 * them, and always says why.
 */
#define SIGHEJ_TYPE_RADIO_NONE (sighej_radio_none_get_type ())
G_DECLARE_FINAL_TYPE (SighejRadioNone, sighej_radio_none, SIGHEJ, RADIO_NONE, GObject)

/* Neither argument is used: it waits for nothing and talks to nobody. */
SighejRadio *sighej_radio_none_new (SighejClock *clock, GDBusConnection *bus);

G_END_DECLS
