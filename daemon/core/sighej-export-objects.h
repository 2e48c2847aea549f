/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-dbus.h"
#include "sighej-person.h"

G_BEGIN_DECLS

/**
 * SighejExportObjects:
 *
 * What comes and goes below /org/sighej: an object for each nudge and each meet, as long as it
 * lives. Its last state is announced before it leaves the bus.
 */
#define SIGHEJ_TYPE_EXPORT_OBJECTS (sighej_export_objects_get_type ())
G_DECLARE_FINAL_TYPE (SighejExportObjects, sighej_export_objects, SIGHEJ, EXPORT_OBJECTS, GObject)

/* @manager: says NudgeReceived. All leave @bus when this is freed. */
SighejExportObjects *sighej_export_objects_new (SighejPerson *person,
                                                SighejDBusManager1 *manager,
                                                GDBusObjectManagerServer *server);

G_END_DECLS
