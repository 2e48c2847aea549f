/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-settings.h"
#include "sighej-sockets.h"

G_BEGIN_DECLS

/**
 * SighejBackend:
 *
 * Builds the parts and joins them: stores, service, hub, one server for people and one for
 * operators, behind their sockets. Stopping is orderly: accept no more, tell the sockets to come
 * back later, finish what is being answered, write the counters; 10 s at most.
 *
 * Signals:
 *  "stopped": after sighej_backend_stop(); nothing is left to do
 */
#define SIGHEJ_TYPE_BACKEND (sighej_backend_get_type ())
G_DECLARE_FINAL_TYPE (SighejBackend, sighej_backend, SIGHEJ, BACKEND, GObject)

#define SIGHEJ_BACKEND_START_SECONDS 2
#define SIGHEJ_BACKEND_STOP_SECONDS 10

/**
 * sighej_backend_check:
 *
 * Whether these settings may be run with: what sighej_exposure_check() asks, and all files they
 * name are readable.
 *
 * Errors: SIGHEJ_ERROR_CONFIG.
 */
gboolean sighej_backend_check (const SighejSettings *settings, GError **error);

/**
 * sighej_backend_new:
 * @settings: must outlive it, as @sockets
 * @sockets: whom people, and operators, connect to; stopped when it stops
 *
 * Checks, and opens the stores.
 *
 * Errors: SIGHEJ_ERROR_CONFIG, SIGHEJ_ERROR_UNAVAILABLE (a store locked, no descriptor left).
 */
SighejBackend *sighej_backend_new (SighejSettings *settings,
                                   SighejSockets *sockets,
                                   SighejClock *clock,
                                   GError **error);

/**
 * sighej_backend_start_async:
 * @callback: called once
 *
 * Begins to serve: as soon as the store answers, so that nobody is refused for our being new,
 * and after SIGHEJ_BACKEND_START_SECONDS anyway.
 *
 * Errors: SIGHEJ_ERROR_UNAVAILABLE (no descriptor left), SIGHEJ_ERROR_CONFIG (the certificate),
 * G_IO_ERROR_CANCELLED (stopped before).
 */
void
sighej_backend_start_async (SighejBackend *self, GAsyncReadyCallback callback, gpointer user_data);
gboolean sighej_backend_start_finish (SighejBackend *self, GAsyncResult *result, GError **error);

/**
 * sighej_backend_reload:
 * @fresh: other settings, from sighej_settings_reread(); on success exchanged with those in use
 *
 * Uses other settings from now on, and reads the files they name again. Connections and sessions
 * that exist go on.
 *
 * Errors: SIGHEJ_ERROR_CONFIG; nothing has changed then.
 */
gboolean sighej_backend_reload (SighejBackend *self, SighejSettings *fresh, GError **error);

/* WebSockets that are open. */
guint sighej_backend_get_n_sockets (SighejBackend *self);

/* Begins to stop; doing it twice does nothing. */
void sighej_backend_stop (SighejBackend *self);

G_END_DECLS
