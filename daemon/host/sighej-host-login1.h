/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-host-lock.h"
#include "sighej-host-sleep.h"

G_BEGIN_DECLS

/**
 * SighejHostLogin1:
 *
 * The talk with the login manager, systemd-logind as org.freedesktop.login1: tells
 * SighejHostSleep when the machine sleeps and fetches the lock it asks for; follows the session
 * of this user and tells SighejHostLock. The login manager is never started by us: where none
 * runs, nobody puts the machine to sleep or locks a session by it.
 *
 * A user's service belongs to no session, so the session is the one the login manager calls
 * "auto": the user's graphical one, else the last one. Asked for again whenever sessions come and
 * go; one question is under way at a time.
 *
 * Signals:
 *  "locked" (): whether the session is locked is different
 */
#define SIGHEJ_TYPE_HOST_LOGIN1 (sighej_host_login1_get_type ())
G_DECLARE_FINAL_TYPE (SighejHostLogin1, sighej_host_login1, SIGHEJ, HOST_LOGIN1, GObject)

SighejHostLogin1 *sighej_host_login1_new (GDBusConnection *bus, SighejHostSleep *sleep);

/* See sighej_host_lock_see_person(). */
void sighej_host_login1_see_person (SighejHostLogin1 *self);

gboolean sighej_host_login1_get_locked (SighejHostLogin1 *self);

/* The lock is one that was asked for, and no screen locker has said that it is there. */
gboolean sighej_host_login1_get_lock_unconfirmed (SighejHostLogin1 *self);

G_END_DECLS
