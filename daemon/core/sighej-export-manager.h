/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-core.h"
#include "sighej-dbus.h"
#include "sighej-warden.h"

G_BEGIN_DECLS

/**
 * SighejExportManager:
 *
 * org.sighej.Manager1 (dbus/org.sighej.xml): checks, calls the core, maps the error. Follows the
 * core's parts and shows them as properties; what changes in one turn of the loop goes out in one
 * PropertiesChanged.
 */
#define SIGHEJ_TYPE_EXPORT_MANAGER (sighej_export_manager_get_type ())
G_DECLARE_FINAL_TYPE (
    SighejExportManager, sighej_export_manager, SIGHEJ, EXPORT_MANAGER, SighejDBusManager1Skeleton)

/* @warden: (nullable): whom each call goes by first; NULL: the bus belongs to one person */
SighejExportManager *sighej_export_manager_new (SighejCore *core, SighejWarden *warden);

G_END_DECLS
