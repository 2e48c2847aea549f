/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * org.freedesktop.portal.Background: the only way to be started at log-in from inside a sandbox.
 * It asks the person where that is its custom, and cannot be asked what holds.
 */

/**
 * sighej_background_portal_probe_async:
 * @connection: to the session bus
 * @cancellable: (nullable)
 * @callback: (scope async): called once
 *
 * Whether there is such a portal. Fails with the error of the bus when there is none.
 */
void sighej_background_portal_probe_async (GDBusConnection *connection,
                                           GCancellable *cancellable,
                                           GAsyncReadyCallback callback,
                                           gpointer user_data);
gboolean sighej_background_portal_probe_finish (GAsyncResult *result, GError **error);

/**
 * sighej_background_portal_request_async:
 * @connection: to the session bus
 * @reason: why, for the person: one sentence
 * @program: what is to be started
 * @autostart: whether
 * @cancellable: (nullable)
 * @callback: (scope async): called once
 *
 * Asks to be started at log-in, or not any more. Answers whether we will be. Fails with
 * %G_IO_ERROR_PERMISSION_DENIED when the person or the portal said no, and with the error of the
 * bus.
 */
void sighej_background_portal_request_async (GDBusConnection *connection,
                                             const char *reason,
                                             const char *program,
                                             gboolean autostart,
                                             GCancellable *cancellable,
                                             GAsyncReadyCallback callback,
                                             gpointer user_data);
gboolean
sighej_background_portal_request_finish (GAsyncResult *result, gboolean *autostart, GError **error);

G_END_DECLS
