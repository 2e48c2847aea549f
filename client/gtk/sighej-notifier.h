/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "sighej-model.h"

G_BEGIN_DECLS

/**
 * SighejNotifier:
 *
 * Tells the person outside the window, by GNotification: SighejHerald decides what, from what the
 * model knows and SighejDesk says. Its buttons are actions of the application, so they work without
 * a window.
 *
 * The ids are those of sighej-bulletin.h: one notification for each nudge ("nudge-3"), which
 * replaces itself and is withdrawn when the nudge ends; "open" stays while the session is not off,
 * and is sent here only where it would (sighej_desk_get_keeps()); elsewhere the daemon has it.
 *
 * A meet that was there when the daemon was first read is not told: the daemon did, or the client
 * that was here before.
 */
#define SIGHEJ_TYPE_NOTIFIER (sighej_notifier_get_type ())
G_DECLARE_FINAL_TYPE (SighejNotifier, sighej_notifier, SIGHEJ, NOTIFIER, GObject)

/* @application: registered; it is not kept alive by this */
SighejNotifier *sighej_notifier_new (GtkApplication *application, SighejModel *model);

/* Withdraws what says how things are: this client ends, and somebody else goes on. */
void sighej_notifier_stop (SighejNotifier *self);

G_END_DECLS
