/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * SighejDesk:
 *
 * What the desktop says that decides whether a person may be told something now: that she is not
 * to be disturbed, that the screen is locked, that she looks at a window of ours; and whether what
 * is sent to it stays. All of it is told by signals; what a desktop does not have counts as no.
 * Nothing is started to be asked.
 *
 * Not to be disturbed: GNOME's setting show-banners, or Inhibited of the notification server (KDE).
 * Locked: a screen saver that says it is active, by the names GNOME and the others have for it.
 *
 * Signals:
 *  "changed" (): one of these is different
 */
#define SIGHEJ_TYPE_DESK (sighej_desk_get_type ())
G_DECLARE_FINAL_TYPE (SighejDesk, sighej_desk, SIGHEJ, DESK, GObject)

/* @application: whose windows count; registered */
SighejDesk *sighej_desk_new (GtkApplication *application);

gboolean sighej_desk_get_dnd (SighejDesk *self);
gboolean sighej_desk_get_locked (SighejDesk *self);
gboolean sighej_desk_get_watched (SighejDesk *self);

/* Whether a notification stays until it is withdrawn (%SIGHEJ_KEEPER_NAME). */
gboolean sighej_desk_get_keeps (SighejDesk *self);

G_END_DECLS
