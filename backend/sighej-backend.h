/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-listener.h"
#include "sighej-settings.h"

G_BEGIN_DECLS

/**
 * SighejBackend:
 *
 * Builds the parts and joins them: stores, service, hub, one server for people and one for
 * operators, and their listeners. Stopping is orderly: accept no more, tell the sockets to come
 * back later, finish what is being answered, write the counters; 10 s at most.
 *
 * Signals:
 *  "stopped": after sighej_backend_stop(); nothing is left to do
 */
#define SIGHEJ_TYPE_BACKEND (sighej_backend_get_type ())
G_DECLARE_FINAL_TYPE (SighejBackend, sighej_backend, SIGHEJ, BACKEND, GObject)

#define SIGHEJ_BACKEND_STOP_SECONDS 10

/**
 * sighej_backend_check:
 *
 * Whether these settings may be run with: nothing plain off this machine without AllowPlain, no
 * operators' listener off it without a token, AuthMode=legacy on loopback only; and all files
 * they name are readable.
 *
 * Errors: SIGHEJ_ERROR_CONFIG.
 */
gboolean sighej_backend_check (const SighejSettings *settings, GError **error);

/**
 * sighej_backend_new:
 * @settings: must outlive it
 *
 * Checks, opens the stores and the listeners (or takes over those of the service manager: one
 * named "admin" is the operators', one
 * named "tls" speaks TLS), and begins to serve.
 *
 * Errors: SIGHEJ_ERROR_CONFIG, SIGHEJ_ERROR_UNAVAILABLE (an address in use, a store locked).
 */
SighejBackend *
sighej_backend_new (const SighejSettings *settings, SighejClock *clock, GError **error);

/* (element-type SighejListener): whom people, and operators, can connect to. */
GPtrArray *sighej_backend_get_listeners (SighejBackend *self);
GPtrArray *sighej_backend_get_tls_listeners (SighejBackend *self);
GPtrArray *sighej_backend_get_admin_listeners (SighejBackend *self);

/* Begins to stop; doing it twice does nothing. */
void sighej_backend_stop (SighejBackend *self);

G_END_DECLS
