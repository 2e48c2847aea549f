/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-dbus.h"
#include "sighej-encounters.h"
#include "sighej-meets.h"

G_BEGIN_DECLS

/**
 * SighejExportNudge:
 *
 * org.sighej.Nudge1 (dbus/org.sighej.xml) for one nudge.
 */
#define SIGHEJ_TYPE_EXPORT_NUDGE (sighej_export_nudge_get_type ())
G_DECLARE_FINAL_TYPE (
    SighejExportNudge, sighej_export_nudge, SIGHEJ, EXPORT_NUDGE, SighejDBusNudge1Skeleton)

/* @nudge: read now, and never again but in sighej_export_nudge_show() */
SighejExportNudge *sighej_export_nudge_new (SighejEncounters *encounters,
                                            SighejMeets *meets,
                                            const SighejNudge *nudge);

/* Shows what @nudge has become. */
void sighej_export_nudge_show (SighejExportNudge *self, const SighejNudge *nudge);

/* "/org/sighej/nudges/1" (transfer full) */
char *sighej_export_nudge_dup_path (const SighejNudge *nudge);

G_END_DECLS
