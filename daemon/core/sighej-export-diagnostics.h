/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-core.h"
#include "sighej-dbus.h"

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

SighejExportDiagnostics *sighej_export_diagnostics_new (SighejCore *core);

G_END_DECLS
