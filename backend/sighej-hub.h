/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-clock.h"
#include "sighej-service.h"

G_BEGIN_DECLS

/**
 * SighejHub:
 *
 * Every open WebSocket of this worker, on one epoll descriptor that is one GSource (DESIGN 5): an
 * idle socket costs one small struct, a thousand of them cost no wake-up. libsoup does the
 * handshake; then the connection is taken over here for good.
 *
 * Life of a socket: adopt() -> AUTH (nothing is sent to it; 5 s to prove itself) -> SYNC (snapshot
 * sent; waits for `resume` at most 1 s when its outbox is not empty) -> LIVE -> DRAIN -> closed.
 */
#define SIGHEJ_TYPE_HUB (sighej_hub_get_type ())
G_DECLARE_FINAL_TYPE (SighejHub, sighej_hub, SIGHEJ, HUB, GObject)

SighejHub *sighej_hub_new (SighejService *service, SighejClock *clock);

/**
 * sighej_hub_adopt:
 * @connection: (transfer full): the stream under the finished handshake; its descriptor is
 *   duplicated or taken, and the stream closed without touching the peer
 * @token: the token of the path, checked
 * @secret: (nullable): what proved the session in the handshake; NULL: the first message must
 *
 * Returns: FALSE when the connection is already gone
 */
gboolean sighej_hub_adopt (SighejHub *self, GIOStream *connection, const char *token,
                           const char *secret);

guint sighej_hub_get_n_sockets (SighejHub *self);

/* Closes all with 1012 (service restart) after what is queued, and returns at once; "drained" is
 * emitted when none is left, at most 5 s later. */
void sighej_hub_drain (SighejHub *self);

G_END_DECLS
