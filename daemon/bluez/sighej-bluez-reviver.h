/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-clock.h"
#include "sighej-payload.h"

G_BEGIN_DECLS

#define SIGHEJ_TYPE_BLUEZ_REVIVER (sighej_bluez_reviver_get_type ())
G_DECLARE_FINAL_TYPE (SighejBluezReviver, sighej_bluez_reviver, SIGHEJ, BLUEZ_REVIVER, GObject)

/**
 * SighejBluezReviver:
 *
 * When bluetoothd dies, the kernel goes on sending what was on the air until bluetoothd starts
 * again, which clears it (BLE 5). So whoever had something there asks the bus to start it: at
 * once, then after 1, 2, 4, 8, 15, 15 … s, ten times in all, until its name is there. Systems
 * with their own means start it anyway; the request is then one too many and does nothing.
 *
 *   nothing left --begin--> left on the air, asking --end--> nothing left
 */

/* @bus: the bus BlueZ is on */
SighejBluezReviver *sighej_bluez_reviver_new (SighejClock *clock, GDBusConnection *bus);

/* bluetoothd is gone and @left may still be sent. Does nothing when it has begun already. */
void sighej_bluez_reviver_begin (SighejBluezReviver *self, const SighejPayload *left);

/* bluetoothd is back. */
void sighej_bluez_reviver_end (SighejBluezReviver *self);

/* TRUE: between begin and end; @left (out) (optional) is what may still be sent. */
gboolean sighej_bluez_reviver_get_left (SighejBluezReviver *self, SighejPayload *left);

G_END_DECLS
