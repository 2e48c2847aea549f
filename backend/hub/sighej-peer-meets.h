/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-meetings.h"
#include "sighej-peer.h"

G_BEGIN_DECLS

/**
 * SighejPeerMeets:
 *
 * What one socket has to do with meets; made by its first message about one, so a socket that has
 * none costs nothing. It serves what the client asks one after the other, in order; keeps the
 * encounters this socket waved in or resumed, and what of each was sent; and sends what is new
 * when it is told to look, and every 5 s, which repairs a message that was lost between processes.
 */
typedef struct _SighejPeerMeets SighejPeerMeets;

#define SIGHEJ_PEER_MEETS_MAX 16         /* encounters of a socket */
#define SIGHEJ_PEER_MEETS_WAITING_MAX 32 /* messages that wait for their turn */
#define SIGHEJ_PEER_MEETS_LETTERS_MAX 8  /* of one encounter, sent and not acknowledged */
#define SIGHEJ_PEER_MEETS_POLL_MS 5000

/* Until this socket was shown an encounter, in which both have waved then, all that is asked about
 * it is answered so long after its turn came, whatever it led to: how soon would tell of a wave
 * that was not answered. */
#define SIGHEJ_PEER_MEETS_ANSWER_MS 20

/* @peer: proved; outlives it. @opening: of its session. */
SighejPeerMeets *sighej_peer_meets_new (SighejPeer *peer,
                                        SighejMeetings *meetings,
                                        const guint8 opening[SIGHEJ_STORE_OPENING_BYTES]);
void sighej_peer_meets_free (SighejPeerMeets *self);

/* Takes one message about a meet or a code; @id is its own. */
void sighej_peer_meets_take (
    SighejPeerMeets *self, SighejWireClientType type, guint64 id, const char *data, gsize n_data);

/* There may be something new. */
void sighej_peer_meets_look (SighejPeerMeets *self);

/* When sighej_peer_meets_poll() is due, on the clock's now_us; G_MAXINT64: never. */
gint64 sighej_peer_meets_get_poll_us (SighejPeerMeets *self);
void sighej_peer_meets_poll (SighejPeerMeets *self, gint64 now_us);

/* The socket is gone and the store knows, or the session is over. Twice is once. */
void sighej_peer_meets_leave (SighejPeerMeets *self);

G_END_DECLS
