/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SighejHostPower:
 *
 * Whether the machine runs on its battery, as UPower says. Where there is no UPower, and while it
 * does not answer, it runs on mains.
 *
 * Signals:
 *  "changed" (): on_battery is different
 */
#define SIGHEJ_TYPE_HOST_POWER (sighej_host_power_get_type ())
G_DECLARE_FINAL_TYPE (SighejHostPower, sighej_host_power, SIGHEJ, HOST_POWER, GObject)

SighejHostPower *sighej_host_power_new (GDBusConnection *bus);

/* The answer begins to matter: lets the bus start UPower, once in the life of the program. */
void sighej_host_power_start (SighejHostPower *self);

gboolean sighej_host_power_get_on_battery (SighejHostPower *self);

G_END_DECLS
