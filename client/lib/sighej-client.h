/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-dbus.h"

G_BEGIN_DECLS

/**
 * SighejClient:
 *
 * What every client sees of the daemon. It is made on a bus connection, connected once, and from
 * then on follows the name org.sighej: when the daemon leaves, its nudges and meets go one by one
 * and "present" becomes FALSE; when one comes back, properties, nudges and meets are read anew
 * before "present" becomes TRUE again. A daemon that is not there counts as off (INTERFACES 2.1):
 * the proxies stay, their properties read NULL or 0, and nothing starts it but connecting with
 * @start_daemon or a method call.
 *
 * Properties:
 *  "present": whether a daemon owns the name and has been read
 *
 * Signals, in the main context the client was made in:
 *  "changed" (): a property of the manager changed; only while present
 *  "nudge-added" (guint id, SighejDBusNudge1 *nudge), "nudge-changed" (the same)
 *  "nudge-removed" (guint id)
 *  "meet-added" (guint id, SighejDBusMeet1 *meet), "meet-changed" (the same)
 *  "meet-removed" (guint id)
 *  "message" (guint id, guint64 number, char *text): the other side of a meet said something
 *  "message-marked" (guint id, guint64 number, char *mark): one's own was said, or came further
 */
#define SIGHEJ_TYPE_CLIENT (sighej_client_get_type ())
G_DECLARE_FINAL_TYPE (SighejClient, sighej_client, SIGHEJ, CLIENT, GObject)

/* @connection: to the bus the daemon is on; a reference is taken */
SighejClient *sighej_client_new (GDBusConnection *connection);

/**
 * sighej_client_connect_async:
 * @start_daemon: whether the bus shall start the daemon when it is not there
 * @cancellable: (nullable): stops it; the client is then of no further use
 * @callback: (scope async): called once
 *
 * Reads the daemon, if there is one. Call it once. That there is none, and none to be started,
 * is no error: look at sighej_client_get_present().
 *
 * Fails with the error of the bus: it is gone, or the daemon was started and failed.
 */
void sighej_client_connect_async (SighejClient *self,
                                  gboolean start_daemon,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
gboolean sighej_client_connect_finish (SighejClient *self, GAsyncResult *result, GError **error);

gboolean sighej_client_get_present (SighejClient *self);

GDBusConnection *sighej_client_get_connection (SighejClient *self);

/* Both (transfer none), NULL until connected. */
SighejDBusManager1 *sighej_client_get_manager (SighejClient *self);
SighejDBusDiagnostics1 *sighej_client_get_diagnostics (SighejClient *self);

/* Returns: (transfer full) (nullable): the nudge with this number */
SighejDBusNudge1 *sighej_client_dup_nudge (SighejClient *self, guint id);

/* Returns: (transfer full) (element-type guint): numbers of all nudges, ascending */
GArray *sighej_client_dup_nudge_ids (SighejClient *self);

/* The same for meets. */
SighejDBusMeet1 *sighej_client_dup_meet (SighejClient *self, guint id);
GArray *sighej_client_dup_meet_ids (SighejClient *self);

/* The object path of a nudge. (transfer full) */
char *sighej_client_nudge_path (guint id);

/* The number in a nudge's object path; 0 when it is no such path (there is no nudge 0). */
guint sighej_client_nudge_id (const char *path);

/* The same for meets. */
char *sighej_client_meet_path (guint id);
guint sighej_client_meet_id (const char *path);

G_END_DECLS
