/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-clock.h"
#include "sighej-enums.h"
#include "sighej-keypair.h"
#include "sighej-link-meets.h"
#include "sighej-talk.h"
#include "sighej-token-schedule.h"

G_BEGIN_DECLS

/**
 * SighejLinkNudge:
 * @id: 32 hex digits
 * @seq: for sighej_link_ack()
 * @shared_interests: 1 to 5
 * @message: an English sentence
 * @ticket: (nullable): what the backend wants to see of who waves, blocks or reports
 * @peer_key: (nullable): public key of the other's session, 32 bytes
 * @own: (nullable): key pair of our session that brought it; take a reference to keep it
 * @proofs: key(i) of our tokens by which the other may have heard us, newest first
 * @n_proofs: 0 to %SIGHEJ_TALK_PROOFS_MAX
 *
 * A nudge as a session brought it.
 */
typedef struct
{
  const char *id;
  guint64 seq;
  const char *const *shared_interests;
  const char *message;
  const char *ticket;
  const guint8 *peer_key;
  SighejKeypair *own;
  guint8 proofs[SIGHEJ_TALK_PROOFS_MAX][SIGHEJ_TALK_PROOF_BYTES];
  guint n_proofs;
} SighejLinkNudge;

/**
 * SighejLink:
 *
 * Everything between this machine and the backend (DESIGN 3 "Renewal", 4): keeps one session and
 * its WebSocket alive while it is wanted, and says when they are.
 *
 *   IDLE --wanted--> REGISTERING --201--> CONNECTING --open, authenticated--> ONLINE
 *   ONLINE --socket lost--> CONNECTING (same session, jittered backoff, resume)
 *   ONLINE --60 s before expiry, or 60 to 360 s after midnight UTC--> a second session and socket
 * are made; "session-changed" when both are there; then DELETE of the old one CONNECTING --4401,
 * 4404, 4410 or 404--> REGISTERING (new seed, same opening) any --not wanted--> ENDING (DELETE, at
 * most 5 s) --> IDLE REGISTERING --refused for good--> REFUSED --300 s, or new settings-->
 * REGISTERING REGISTERING --429--> waits Retry-After, reason RATE_LIMITED
 *
 * The person's interests, the seed and the secret never leave this object except to the backend;
 * seed and secret are wiped with the session, interests when others are set. Later sessions of
 * one opening share the opening id.
 *
 * Properties, read-only with notify:
 *  "state"   SighejBackendState
 *  "reason"  SighejReason: NONE, BACKEND_UNSET, BACKEND_OFFLINE, BACKEND_REFUSED or RATE_LIMITED
 *  "ended"   gboolean: nothing is wanted and no session is left to delete
 *
 * Signals:
 *  "session-changed" (): get_schedule() gives another schedule, or NULL
 *  "nudge" (SighejLinkNudge *): straight from the outbox, acknowledged by sighej_link_ack() once
 *    the receiver has taken it; may repeat, then with the same seq, which counts over all sessions
 *    of this link. Valid during the emission
 *  "avoid-tags" (guint8 (*tags)[16]) -> gboolean: a session is about to be made: writes the
 *    %SIGHEJ_AVOID_TAGS tags it registers. FALSE: none
 *  "sighting-result" (SighejToken *detected, gboolean match)
 */
#define SIGHEJ_TYPE_LINK (sighej_link_get_type ())
G_DECLARE_FINAL_TYPE (SighejLink, sighej_link, SIGHEJ, LINK, GObject)

/**
 * sighej_link_new:
 * @connect_timeout_s: for each request and handshake, seconds, 1 to 60
 * @ca_file: (nullable): PEM file of authorities to trust instead of the system's
 *
 * Returns: (transfer full) (nullable): NULL with @error when @ca_file cannot be read
 */
SighejLink *
sighej_link_new (SighejClock *clock, guint connect_timeout_s, const char *ca_file, GError **error);

/**
 * sighej_link_check_uri:
 *
 * https with a host; http only for loopback (localhost, 127.0.0.0/8, ::1); a path is allowed, no
 * user, query or fragment. Errors: SIGHEJ_ERROR_CONFIG with one sentence.
 */
gboolean sighej_link_check_uri (const char *uri, GError **error);

/* Host of a checked URI, lower case, for the realm byte. */
char *sighej_link_dup_host (const char *uri);

/* Of the next session's requests, 1 to 60 seconds. */
void sighej_link_set_connect_timeout (SighejLink *self, guint connect_timeout_s);

/* NULL or "": none. Ends what runs at the old one first. */
void sighej_link_set_uri (SighejLink *self, const char *uri);

/*
 * The person asks for it: what waits to be tried again is tried now. Not where the backend refused
 * or said when to come back.
 */
void sighej_link_try_now (SighejLink *self);

/* Takes effect with a new session of the same opening when one is live. */
void sighej_link_set_interests (SighejLink *self, const char *const *interests);

/**
 * sighej_link_open:
 * @opening_id: 16 random bytes, the same for the whole Open … Close
 * @until_us: end of the opening on the clock's now_us; sessions are no longer than what is left,
 *   but never shorter than %SIGHEJ_SESSION_SECONDS_MIN (the caller closes)
 *
 * Wants a session. Called again it changes only the end.
 */
void sighej_link_open (SighejLink *self, const guint8 opening_id[16], gint64 until_us);

/* Wants none: DELETE, in the background; "ended" says when. Keeps nothing. */
void sighej_link_close (SighejLink *self);

/* The schedule of the live session, (nullable) (transfer none). */
SighejTokenSchedule *sighej_link_get_schedule (SighejLink *self);

/* When the backend accepted that session, on the clock's now_us. */
gint64 sighej_link_get_accepted_us (SighejLink *self);

/**
 * sighej_link_report:
 *
 * Reports a sighting over the WebSocket. FALSE: not online (the caller reports again later, as
 * it does for every unanswered sighting), 256 reports wait for their answer, or midnight UTC has
 * passed and the session is not renewed yet (DESIGN 3, "Avoid tags").
 */
gboolean sighej_link_report (SighejLink *self, const SighejToken *detected);

/* What is said about meets, over whichever session is ONLINE, (transfer none). */
SighejLinkMeets *sighej_link_get_meets (SighejLink *self);

/* (nullable) (transfer none): key pair of the session that is ONLINE. */
SighejKeypair *sighej_link_get_keypair (SighejLink *self);

/**
 * sighej_link_post_async:
 * @path: of the API, with its first "/"
 * @key: a UUID; the same with it is done once, however often it is asked
 * @body: JSON
 *
 * Asks something of the backend in the name of the live session: as
 * sighej_link_session_post_async(); SIGHEJ_ERROR_NOT_OPEN when there is none.
 */
void sighej_link_post_async (SighejLink *self,
                             const char *path,
                             const char *key,
                             GBytes *body,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
gboolean sighej_link_post_finish (SighejLink *self, GAsyncResult *result, GError **error);

/* Reads what the backend says at @path, of the API with its first "/", to the live session. Errors
 * as of sighej_link_post_async(). */
void sighej_link_fetch_async (SighejLink *self,
                              const char *path,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
/* Returns: (transfer full) (nullable): the answer's body, wiped when freed; NULL with @error */
GBytes *sighej_link_fetch_finish (SighejLink *self, GAsyncResult *result, GError **error);

/* The nudge with @seq, and all before it, has been taken over. */
void sighej_link_ack (SighejLink *self, guint64 seq);

SighejBackendState sighej_link_get_state (SighejLink *self);
SighejReason sighej_link_get_reason (SighejLink *self);
gboolean sighej_link_get_ended (SighejLink *self);

/* How many sessions that are over the backend may still know, because it did not confirm their end.
 */
guint64 sighej_link_get_n_left (SighejLink *self);

/* Appends to `doctor`: "backend.session", "backend.websocket", "backend.tls". */
void sighej_link_check (SighejLink *self, GPtrArray *results);

/* Adds to an a{st}: "link.sessions", "link.reconnects", "link.nudges", "link.sightings" … */
void sighej_link_count (SighejLink *self, GVariantBuilder *counters);

G_END_DECLS
