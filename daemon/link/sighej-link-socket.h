/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-link-http.h"
#include "sighej-wire.h"

G_BEGIN_DECLS

/* How often we ask whether the backend is still there, seconds. */
#define SIGHEJ_LINK_PING_SECONDS 20
/* Nothing at all heard for this long: the connection is dead, whatever TCP says, seconds. */
#define SIGHEJ_LINK_SILENCE_SECONDS 45

/**
 * SighejLinkSocket:
 *
 * One WebSocket to the backend, from handshake to loss; a new attempt is a new object.
 *
 *   start --101--> resume and ping are sent --first message of the backend--> "opened"
 *   any --refused, closed, silent for 45 s, no first message in time--> "lost", once, for good
 *
 * The first message (the snapshot, or the answer to the ping) is the proof that the backend
 * took our credential: one that does not may accept the handshake and close with 4401 after.
 *
 * Signals:
 *  "opened" (): messages flow
 *  "message" (SighejWireServerMessage *): one of any type but PONG; valid during the emission
 *  "lost" (SighejLinkFailure *): valid during the emission; nothing more comes
 */
#define SIGHEJ_TYPE_LINK_SOCKET (sighej_link_socket_get_type ())
G_DECLARE_FINAL_TYPE (SighejLinkSocket, sighej_link_socket, SIGHEJ, LINK_SOCKET, GObject)

/**
 * sighej_link_socket_new:
 * @message: GET of the WebSocket's address, with the credential
 * @timeout_s: until "opened", seconds
 *
 * Returns: (transfer full): a socket that does nothing until it is started
 */
SighejLinkSocket *sighej_link_socket_new (SoupSession *session,
                                          SoupMessage *message,
                                          SighejClock *clock,
                                          guint timeout_s);

/* Begins the handshake. @resume_after: the newest outbox number that was taken over. */
void sighej_link_socket_start (SighejLinkSocket *self, guint64 resume_after);

/* Closes; no signal comes any more. The last reference dropped does the same. */
void sighej_link_socket_close (SighejLinkSocket *self);

/* FALSE: not open. */
gboolean sighej_link_socket_send (SighejLinkSocket *self, const SighejWireClientMessage *message);

/* The same for a message that is written already. */
gboolean sighej_link_socket_send_text (SighejLinkSocket *self, const char *text);

/* Messages of the backend that were none, so far. */
guint sighej_link_socket_get_n_bad (SighejLinkSocket *self);

G_END_DECLS
