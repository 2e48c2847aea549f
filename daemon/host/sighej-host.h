/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-clock.h"

G_BEGIN_DECLS

/**
 * SighejHost:
 *
 * What the machine does, as facts: whether it is about to sleep or asleep, whether the person's
 * screen is locked, whether it runs on its battery. It decides nothing (sighej-presence.h does)
 * but one thing: it holds the machine's sleep up until we are silent (sighej-host-sleep.h). All
 * of it is told by signals of the system bus; nothing is polled and, while nobody is open, no
 * timer runs. Without a bus every fact is "no".
 *
 * Joins SighejHostLogin1 (the login manager: SighejHostSleep, SighejHostLock) and SighejHostPower
 * (UPower).
 *
 * Signals:
 *  "changed" (): a fact is different
 */
#define SIGHEJ_TYPE_HOST (sighej_host_get_type ())
G_DECLARE_FINAL_TYPE (SighejHost, sighej_host, SIGHEJ, HOST, GObject)

/* @system_bus: (nullable) */
SighejHost *sighej_host_new (SighejClock *clock, GDBusConnection *system_bus);

/* ---- what the machine must know of us ---- */

/* Whether the person is open: then sleep is held up for us. */
void sighej_host_set_open (SighejHost *self, gboolean open);

/* Whether nothing of ours is on the air, nothing listens, and no session is left to delete. */
void sighej_host_set_silent (SighejHost *self, gboolean silent);

/* The person asked something of us, so a screen lock that nobody has confirmed is over. */
void sighej_host_see_person (SighejHost *self);

/* ---- the facts ---- */

gboolean sighej_host_get_suspending (SighejHost *self);
gboolean sighej_host_get_locked (SighejHost *self);
gboolean sighej_host_get_on_battery (SighejHost *self);

/* Appends to `doctor`: "presence.sleep" and, while it is locked, "presence.lock". */
void sighej_host_check (SighejHost *self, GPtrArray *results);

G_END_DECLS
