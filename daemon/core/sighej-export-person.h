/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-dbus.h"
#include "sighej-person.h"

G_BEGIN_DECLS

/**
 * SighejExportPerson:
 *
 * What org.sighej.Manager1 has for a person only: interests, nudges, meets, pairing codes.
 */
#define SIGHEJ_TYPE_EXPORT_PERSON (sighej_export_person_get_type ())
G_DECLARE_FINAL_TYPE (SighejExportPerson, sighej_export_person, SIGHEJ, EXPORT_PERSON, GObject)

SighejExportPerson *sighej_export_person_new (SighejPerson *person, SighejDBusManager1 *manager);

G_END_DECLS
