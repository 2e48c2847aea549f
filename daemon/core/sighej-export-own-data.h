/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-dbus.h"
#include "sighej-person.h"

G_BEGIN_DECLS

/**
 * SighejExportOwnData:
 *
 * A person's own data, on the bus: Manager1.Export gives her a copy of all of them, Manager1.Wipe
 * deletes them (dbus/org.sighej.xml). Answers for the manager, whose other methods are not its
 * matter.
 */
#define SIGHEJ_TYPE_EXPORT_OWN_DATA (sighej_export_own_data_get_type ())
G_DECLARE_FINAL_TYPE (SighejExportOwnData, sighej_export_own_data, SIGHEJ, EXPORT_OWN_DATA, GObject)

/* What is not read when it is freed ends early. */
SighejExportOwnData *sighej_export_own_data_new (SighejPerson *person, SighejDBusManager1 *manager);

G_END_DECLS
