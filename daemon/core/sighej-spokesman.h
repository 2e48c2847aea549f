/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-person.h"

G_BEGIN_DECLS

/**
 * SighejSpokesman:
 *
 * Sees to it that the person is told: when an opening begins it has the bus start the desktop
 * client, where one is installed, and that notifies. While there is none this daemon does
 * (SighejHerald decides what, SighejNotifier sends it), and does what its buttons say.
 *
 * One of the two tells of a nudge, never both: Nudge1.Announced, which the first writes. While the
 * client is being started both keep back, so that it tells and not the daemon. The notification
 * that stays while open is the daemon's on desktops where a client's would not stay
 * (%SIGHEJ_KEEPER_NAME).
 *
 * Has to be made before what exports the nudges: then whoever sees a nudge on the bus sees in the
 * same moment whether the person was told of it.
 */
#define SIGHEJ_TYPE_SPOKESMAN (sighej_spokesman_get_type ())
G_DECLARE_FINAL_TYPE (SighejSpokesman, sighej_spokesman, SIGHEJ, SPOKESMAN, GObject)

/* @bus: the person's session bus */
SighejSpokesman *sighej_spokesman_new (SighejPerson *person, GDBusConnection *bus);

G_END_DECLS
