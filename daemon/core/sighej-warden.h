/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Whoever is asked for a password takes his time, but so many seconds at most. */
#define SIGHEJ_WARDEN_SECONDS_MAX 60

/* Of all callers together; more are turned away. */
#define SIGHEJ_WARDEN_ASKS_MAX 64

/* What polkit guards (dbus/org.sighej.kiosk.policy): to switch the kiosk, and to change it. */
#define SIGHEJ_ACTION_OPERATE "org.sighej.kiosk.operate"
#define SIGHEJ_ACTION_MANAGE "org.sighej.kiosk.manage"

/**
 * SighejWarden:
 *
 * Who may do what at a kiosk, whose bus belongs to nobody (SECURITY-DESIGN T-12). One table says
 * what each method and each property that can be written is:
 *
 *   a call --what only a person has--> NotSupported
 *          --only reads--> let through
 *          --switches or changes the kiosk--> polkit is asked --yes--> let through
 *                                                             --no--> NotPermitted
 *                          polkit does not answer --root, or our own user--> let through
 *                                                 --anybody else--> NotPermitted
 *
 * What the table does not name is for who may change the kiosk.
 */
#define SIGHEJ_TYPE_WARDEN (sighej_warden_get_type ())
G_DECLARE_FINAL_TYPE (SighejWarden, sighej_warden, SIGHEJ, WARDEN, GObject)

/* @cancellable: the end of the daemon, after which nobody is let through any more */
SighejWarden *sighej_warden_new (GDBusConnection *bus, GCancellable *cancellable);

/* Goes on with a call that is let through; takes @invocation. */
typedef void (*SighejWardenPass) (gpointer object, GDBusMethodInvocation *invocation);

/**
 * sighej_warden_admit:
 * @invocation: (transfer full): a method, or org.freedesktop.DBus.Properties.Set
 * @pass: called at once or later, unless the call is refused, which is answered here
 * @object: a GObject, for @pass; kept until then
 */
void sighej_warden_admit (SighejWarden *self,
                          GDBusMethodInvocation *invocation,
                          SighejWardenPass pass,
                          gpointer object);

G_END_DECLS
