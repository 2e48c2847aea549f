/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-bulletin.h"

G_BEGIN_DECLS

/* Notifications that are up at once; one more sends the oldest away that does not last. */
#define SIGHEJ_NOTIFIER_SHOWN_MAX 16
/* How long the notification server may take to answer. */
#define SIGHEJ_NOTIFIER_CALL_TIMEOUT_MS 10000

/**
 * SighejNotifier:
 *
 * Sends notifications through the desktop's server, org.freedesktop.Notifications. It is told
 * what is to be up and sees to it: one that is there is replaced in place, one that is not wanted
 * any more is closed, whatever the server did meanwhile.
 *
 * Life of a notification:
 *
 *   WAITING ──(the loop's turn, the server known)──▸ SENDING ──(its number)──▸ UP ──▸ withdrawn:
 *      ▴                                               │                       │ CloseNotification
 *      │      shown again, or another server           │                       │
 *      └───────────────────────────────────────────────┴───────────────────────┘
 *
 * Closed by the server or the person it is forgotten, and "dismissed" tells. A server that is not
 * there is started by the bus if it can be; one that cannot costs nothing but the attempt, and what
 * is up is sent when one comes.
 *
 * A server without buttons is sent the bulletin's hint as a line of the body; one that reads
 * markup is sent text that is none; one that keeps nothing is asked to let the lasting one stand.
 *
 * Signals:
 *  "action" (const char *id, const char *action): a button of this notification was pressed
 *  "dismissed" (const char *id): it is not up any more, and not because it was withdrawn
 *  "dnd-changed" (): sighej_notifier_get_dnd() answers something else
 */
#define SIGHEJ_TYPE_NOTIFIER (sighej_notifier_get_type ())
G_DECLARE_FINAL_TYPE (SighejNotifier, sighej_notifier, SIGHEJ, NOTIFIER, GObject)

SighejNotifier *sighej_notifier_new (GDBusConnection *bus);

/* Sent at the main loop's next turn: then what it is about is on the bus, for who reacts to it. */
void sighej_notifier_show (SighejNotifier *self, const SighejBulletin *bulletin);

/* Withdrawing what is not up does nothing. */
void sighej_notifier_withdraw (SighejNotifier *self, const char *id);
void sighej_notifier_withdraw_all (SighejNotifier *self);

/* Whether the server says that the person is not to be disturbed (Inhibited; not all say). */
gboolean sighej_notifier_get_dnd (SighejNotifier *self);

G_END_DECLS
