/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-core.h"
#include "sighej-dbus.h"
#include "sighej-warden.h"

G_BEGIN_DECLS

/**
 * SighejExportDiagnostics:
 *
 * org.sighej.Diagnostics1 (dbus/org.sighej.xml).
 */
#define SIGHEJ_TYPE_EXPORT_DIAGNOSTICS (sighej_export_diagnostics_get_type ())
G_DECLARE_FINAL_TYPE (SighejExportDiagnostics,
                      sighej_export_diagnostics,
                      SIGHEJ,
                      EXPORT_DIAGNOSTICS,
                      SighejDBusDiagnostics1Skeleton)

/* @warden: (nullable): whom each call goes by first; NULL: the bus belongs to one person */
SighejExportDiagnostics *sighej_export_diagnostics_new (SighejCore *core, SighejWarden *warden);

G_END_DECLS
