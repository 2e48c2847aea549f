/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-hub.h"
#include "sighej-peer-deadlines.h"
#include "sighej-ping-pace.h"
#include "sighej-wheel.h"

G_BEGIN_DECLS

/**
 * SighejPeer:
 *
 * One WebSocket as a state machine: prove identity, then talk, then drain. Owned by the hub;
 * kept alive besides by answers it still waits for.
 *
 *   AUTH   nothing is sent to it but its refusal; 5 s          -> SYNC, DRAIN
 *   SYNC   proved; snapshot sent; the outbox waits for `resume`,
 *          at most 1 s, and not at all when it is empty or the
 *          client does not acknowledge                         -> LIVE, DRAIN
 *   LIVE   outbox, sightings, acks, pings                      -> DRAIN
 *   DRAIN  a close frame is queued, nothing else is said or
 *          taken; until it is written and answered, 5 s        -> GONE
 *   GONE   descriptor closed; freed after the batch
 */
typedef struct _SighejPeer SighejPeer;

#define SIGHEJ_PEER_AUTH_MS 5000
#define SIGHEJ_PEER_SYNC_MS 1000
#define SIGHEJ_PEER_DRAIN_MS 5000
#define SIGHEJ_PEER_QUEUE_BYTES_MAX (64 * 1024)

/* How many pings one tick of the wheel may take: twice an even share of all sockets. */
#define SIGHEJ_PEER_PINGS_PER_TICK_MIN 16

/**
 * SighejPeerHost:
 *
 * What a peer needs of its hub.
 * @proved: the session is known; may close older peers of it
 * @closing: the descriptor is about to be closed
 * @gone: the descriptor is closed; the hub drops its reference after the batch
 * @text: scratch space for a message
 * @pace: of the pings of all its peers
 * @unwritten: head of the list of peers with something queued in this turn of the loop; the hub
 *   calls sighej_peer_write_all() before the loop waits, and before it drops a peer
 */
typedef struct
{
  SighejService *service;
  SighejMeetings *meetings;
  SighejClock *clock;
  SighejWheel *wheel;
  GSource *source;
  SighejPeer **unwritten;
  GString *text;
  SighejPingPace *pace;
  void (*proved) (SighejPeer *peer, gpointer user_data);
  void (*closing) (int fd, gpointer user_data);
  void (*gone) (SighejPeer *peer, gpointer user_data);
  gpointer user_data;
} SighejPeerHost;

/* @host outlives the peer; @fd is taken. */
SighejPeer *
sighej_peer_new (const SighejPeerHost *host, int fd, const char *token, SighejHubFlags flags);

/* Begins: @early (nullable) is taken in as if just read, @secret (nullable) is tried. */
void sighej_peer_start (SighejPeer *self, GBytes *early, const char *secret);

SighejPeer *sighej_peer_ref (SighejPeer *self);
void sighej_peer_unref (SighejPeer *self);

/* "" until it is proved. */
const char *sighej_peer_get_session_id (SighejPeer *self);

/* Whether it is proved, and not being closed. */
gboolean sighej_peer_is_open (SighejPeer *self);

/* Of its session; at least 1. */
guint sighej_peer_get_remaining_ms (SighejPeer *self);

/* Queues a message, unless it is being closed. */
void sighej_peer_send (SighejPeer *self, const SighejWireServerMessage *message);

/* Likewise an error: @code is a word of the contract. */
void sighej_peer_send_error (SighejPeer *self, const char *code, const char *text);
/* RATE_LIMITED with the seconds to wait, all else as unavailable. */
void sighej_peer_send_failure (SighejPeer *self, const GError *error);

/* What its meets have to wait for has changed. */
void sighej_peer_rearm (SighejPeer *self);

/* The source's events, and the wheel's. */
void sighej_peer_ready (SighejPeer *self, guint32 events);
void sighej_peer_timer (SighejWheelTimer *timer);

/* Something new is in the session's outbox, or in a meet of it. */
void sighej_peer_wake (SighejPeer *self);

/* Something new is in the session's outbox. */
void sighej_peer_pull (SighejPeer *self);

/* The session is over: says so ("expired", "ended"), and closes. */
void sighej_peer_end (SighejPeer *self, const char *state, guint close_code);

/* Queues a close frame and drains. Closing twice does nothing. */
void sighej_peer_close (SighejPeer *self, guint close_code, const char *reason);

/* Drops it at once. */
void sighej_peer_abort (SighejPeer *self);

/* Offers the sockets what was queued, and empties the list. */
void sighej_peer_write_all (SighejPeer **unwritten);

G_END_DECLS
