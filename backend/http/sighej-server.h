/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-client-address.h"
#include "sighej-gate.h"
#include "sighej-guard-stream.h"
#include "sighej-routes.h"

G_BEGIN_DECLS

/**
 * SighejServer:
 *
 * A SoupServer that listens to nothing by itself: accepted sockets are given to it behind a
 * guard stream. The life of a request: a listener accepts -> the gate counts -> the guard
 * stream reads and judges the head -> the lane takes it, or libsoup parses it -> Origin, path,
 * method and content type are checked here -> a route calls the service -> the exchange is
 * answered.
 */
#define SIGHEJ_TYPE_SERVER (sighej_server_get_type ())
G_DECLARE_FINAL_TYPE (SighejServer, sighej_server, SIGHEJ, SERVER, GObject)

/**
 * SighejServerKind:
 * @SIGHEJ_SERVER_PUBLIC: people's machines; paths of operators do not exist here
 * @SIGHEJ_SERVER_ADMIN: operators
 */
typedef enum
{
  SIGHEJ_SERVER_PUBLIC = 1 << 0,
  SIGHEJ_SERVER_ADMIN = 1 << 1,
} SighejServerKind;

/**
 * SighejServerRules:
 * @trust: proxies whose word about addresses and traces is believed
 * @allowed_origins: (array zero-terminated=1): web pages that may call (SECURITY-DESIGN R-11)
 * @is_legacy: AuthMode=legacy: this machine only, and not through a proxy
 * @guard: for each connection
 *
 * What an operator can set of it. Read at each request: may change under way.
 */
typedef struct
{
  SighejTrust *trust;
  const char *const *allowed_origins;
  gboolean is_legacy;
  SighejGuardLimits guard;
} SighejServerRules;

/**
 * sighej_server_new:
 * @rules: must outlive it, as @parts and @gate
 *
 * Errors: SIGHEJ_ERROR_UNAVAILABLE (no descriptor left).
 */
SighejServer *sighej_server_new (SighejServerKind kind,
                                 const SighejServerRules *rules,
                                 SighejParts *parts,
                                 SighejGate *gate,
                                 SighejClock *clock,
                                 GError **error);

/**
 * sighej_server_accept:
 * @remote: (nullable): the client's address when the socket does not know it (behind a relay); an
 *   object of this connection's own
 *
 * Serves a connection from now on, or turns it away when there are too many.
 */
void sighej_server_accept (SighejServer *self, GSocket *socket, GSocketAddress *remote);

/* Closes all connections. */
void sighej_server_close (SighejServer *self);

/**
 * sighej_server_dup_guard:
 *
 * Returns: (transfer full): the stream under a request, to take it over after an upgrade
 */
SighejGuardStream *sighej_server_dup_guard (SoupServerMessage *message);

G_END_DECLS
