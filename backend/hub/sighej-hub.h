/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-clock.h"
#include "sighej-meetings.h"
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

SighejHub *sighej_hub_new (SighejService *service, SighejMeetings *meetings, SighejClock *clock);

/**
 * SighejHubFlags:
 * @SIGHEJ_HUB_RELIABLE: the client speaks the subprotocol `sighej.v1`: it acknowledges, and what
 *   it has not acknowledged stays in the outbox. Without it, a nudge written to the socket counts
 *   as delivered (the first contract knows no ack).
 * @SIGHEJ_HUB_LEGACY: AuthMode=legacy: the path's token is proof enough, and nothing but nudges
 *   is sent
 */
typedef enum
{
  SIGHEJ_HUB_NONE = 0,
  SIGHEJ_HUB_RELIABLE = 1 << 0,
  SIGHEJ_HUB_LEGACY = 1 << 1,
} SighejHubFlags;

/**
 * sighej_hub_adopt:
 * @fd: (transfer full): a connected, non-blocking socket on which the handshake (101) has been
 *   written whole; closed by the hub in the end, also on failure
 * @early: (nullable): bytes the client sent behind its handshake and that were read already
 * @token: the token of the path, checked for syntax
 * @secret: (nullable): what proves the session in the handshake; NULL: the first message must,
 *   within 5 s, unless @flags has LEGACY
 *
 * Takes a WebSocket over for good. A wrong secret or token is answered by close 4401.
 */
void sighej_hub_adopt (SighejHub *self,
                       int fd,
                       GBytes *early,
                       const char *token,
                       const char *secret,
                       SighejHubFlags flags);

guint sighej_hub_get_n_sockets (SighejHub *self);

/* Closes all with 1012 (service restart) after what is queued, and whatever comes from now on, and
 * returns at once; "drained" is emitted when none is left, at most 5 s later. */
void sighej_hub_drain (SighejHub *self);

G_END_DECLS
