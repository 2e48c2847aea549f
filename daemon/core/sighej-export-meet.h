/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-dbus.h"
#include "sighej-meets.h"

G_BEGIN_DECLS

/**
 * SighejExportMeet:
 *
 * org.sighej.Meet1 (dbus/org.sighej.xml) for one meet.
 */
#define SIGHEJ_TYPE_EXPORT_MEET (sighej_export_meet_get_type ())
G_DECLARE_FINAL_TYPE (
    SighejExportMeet, sighej_export_meet, SIGHEJ, EXPORT_MEET, SighejDBusMeet1Skeleton)

/* @meet: read now, and never again but in sighej_export_meet_show() */
SighejExportMeet *sighej_export_meet_new (SighejMeets *meets, const SighejMeet *meet);

/* Shows what @meet has become. */
void sighej_export_meet_show (SighejExportMeet *self, const SighejMeet *meet);

/* "/org/sighej/meets/1" (transfer full) */
char *sighej_export_meet_dup_path (guint64 number);
/* The number of such a path; 0, which no meet has, when it is none. */
guint64 sighej_export_meet_number (const char *path);

G_END_DECLS
