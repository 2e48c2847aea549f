/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-keypair.h"
#include "sighej-link-http.h"
#include "sighej-link-term.h"
#include "sighej-talk.h"
#include "sighej-wire.h"

G_BEGIN_DECLS

/* Sightings that may wait for their answer at a time ... */
#define SIGHEJ_LINK_REPORTS_MAX 256
/* ... and how long each does, seconds. */
#define SIGHEJ_LINK_REPORT_SECONDS 10
/* So long after a token's end somebody's nudge may still stem from it, seconds. */
#define SIGHEJ_LINK_PROOF_SECONDS 180
/* How long the end of a session may take before it is left to the backend's expiry, seconds. */
#define SIGHEJ_LINK_END_SECONDS 5

/**
 * SighejLinkSessionState:
 * @SIGHEJ_LINK_SESSION_NEW: nothing was asked yet
 * @SIGHEJ_LINK_SESSION_REGISTERING: POST /session is under way
 * @SIGHEJ_LINK_SESSION_REGISTERED: the backend has it; there is no socket
 * @SIGHEJ_LINK_SESSION_CONNECTING: the WebSocket is being opened
 * @SIGHEJ_LINK_SESSION_ONLINE: the WebSocket is open
 * @SIGHEJ_LINK_SESSION_ENDING: no longer wanted; DELETE is under way, or POST still is
 * @SIGHEJ_LINK_SESSION_DEAD: over: nothing more comes from it, its secrets are wiped
 */
typedef enum
{
  SIGHEJ_LINK_SESSION_NEW,
  SIGHEJ_LINK_SESSION_REGISTERING,
  SIGHEJ_LINK_SESSION_REGISTERED,
  SIGHEJ_LINK_SESSION_CONNECTING,
  SIGHEJ_LINK_SESSION_ONLINE,
  SIGHEJ_LINK_SESSION_ENDING,
  SIGHEJ_LINK_SESSION_DEAD,
} SighejLinkSessionState;

/**
 * SighejLinkSession:
 *
 * One session at one backend: its POST, its WebSocket, its DELETE. It does what it is told once
 * and says how that went; when to try again, and with what, is SighejLink's business.
 *
 *   NEW --register--> REGISTERING --201--> REGISTERED --connect--> CONNECTING --> ONLINE
 *   REGISTERING --anything else--> DEAD
 *   CONNECTING, ONLINE --lost--> REGISTERED;  --the backend knows it no more--> DEAD
 *   any --end--> ENDING --DELETE answered, or 5 s--> DEAD
 *
 * Signals:
 *  "changed" (): the state is another; get_failure() says why it went back or died
 *  "nudge" (SighejWireServerMessage *), valid during the emission
 *  "sighting-result" (SighejToken *detected, gboolean match), valid during the emission
 *  "meet-message" (SighejWireServerMessage *): one of meets, valid during the emission
 */
#define SIGHEJ_TYPE_LINK_SESSION (sighej_link_session_get_type ())
G_DECLARE_FINAL_TYPE (SighejLinkSession, sighej_link_session, SIGHEJ, LINK_SESSION, GObject)

/**
 * sighej_link_session_new:
 * @uri: of the backend, checked
 * @timeout_s: for each request and handshake, seconds
 */
SighejLinkSession *sighej_link_session_new (SoupSession *session,
                                            SighejClock *clock,
                                            const char *uri,
                                            guint timeout_s);

/**
 * sighej_link_session_register:
 * @interests: 1 to %SIGHEJ_WIRE_INTERESTS_MAX; not kept
 * @avoid: (nullable): the avoid tags to register; not kept
 * @session_s: length to ask for, %SIGHEJ_SESSION_SECONDS_MIN to %SIGHEJ_SESSION_SECONDS_MAX
 *
 * Draws a seed and a key pair and asks for the session, once. If the answer is lost, the session it
 * may have made is lost too and expires by itself: another attempt is another object with another
 * seed.
 */
void sighej_link_session_register (SighejLinkSession *self,
                                   const char *const *interests,
                                   const guint8 opening_id[SIGHEJ_OPENING_ID_BYTES],
                                   const guint8 (*avoid)[SIGHEJ_AVOID_TAG_BYTES],
                                   guint session_s);

/* Opens the WebSocket of a REGISTERED session, once. */
void sighej_link_session_connect (SighejLinkSession *self);

/* Ends it: at the backend too, where it may be known there. DEAD is announced later. */
void sighej_link_session_end (SighejLinkSession *self);

SighejLinkSessionState sighej_link_session_get_state (SighejLinkSession *self);

/* (nullable): of the last move that was none forward. */
const SighejLinkFailure *sighej_link_session_get_failure (SighejLinkSession *self);

/* (nullable) (transfer none): from REGISTERED until DEAD. */
SighejTokenSchedule *sighej_link_session_get_schedule (SighejLinkSession *self);

/**
 * sighej_link_session_get_accepted_us:
 *
 * Second 0 of the schedule on the clock's now_us: the instant the answer to POST /session arrived.
 * The backend's second 0 is earlier by the answer's way, so our epochs run late, never early, by
 * less than the request's timeout; the backend takes tokens 60 s late but only 10 s early (BLE 3).
 */
gint64 sighej_link_session_get_accepted_us (SighejLinkSession *self);

/* How long it stands; from register() on. */
const SighejLinkTerm *sighej_link_session_get_term (SighejLinkSession *self);

/* Reports a sighting. FALSE: not ONLINE, or %SIGHEJ_LINK_REPORTS_MAX wait. */
gboolean sighej_link_session_report (SighejLinkSession *self, const SighejToken *detected);

/* The nudge with @seq, and all before it, was taken over; told now or when next ONLINE. */
void sighej_link_session_ack (SighejLinkSession *self, guint64 seq);

/* (nullable) (transfer none): the pair its tokens commit to, until DEAD. */
SighejKeypair *sighej_link_session_get_keypair (SighejLinkSession *self);

/**
 * sighej_link_session_get_proofs:
 * @proofs: (out): key(i) of the token on the air now, and of the one before when that was less than
 *   %SIGHEJ_LINK_PROOF_SECONDS ago; the caller wipes them
 *
 * What proves to somebody who heard us whose tokens these were. Returns: how many, 0 to 2
 */
guint
sighej_link_session_get_proofs (SighejLinkSession *self,
                                guint8 proofs[SIGHEJ_TALK_PROOFS_MAX][SIGHEJ_TALK_PROOF_BYTES]);

/* Sends a message of meets. FALSE: not ONLINE. */
gboolean sighej_link_session_say (SighejLinkSession *self, const char *text);

/**
 * sighej_link_session_post_async:
 * @path: of the API, with its first "/"
 * @key: a UUID, sent as Idempotency-Key
 * @body: JSON
 *
 * Asks something of the backend in this session's name. Any status below 300 is a success; others
 * fail as SIGHEJ_ERROR with the problem's meaning, what did not come through with
 * SIGHEJ_ERROR_OFFLINE.
 */
void sighej_link_session_post_async (SighejLinkSession *self,
                                     const char *path,
                                     const char *key,
                                     GBytes *body,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
gboolean
sighej_link_session_post_finish (SighejLinkSession *self, GAsyncResult *result, GError **error);

/* Reads what the backend says at @path to this session; errors as of post. */
void sighej_link_session_fetch_async (SighejLinkSession *self,
                                      const char *path,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
/* Returns: (transfer full) (nullable): the answer's body, wiped when freed; NULL with @error */
GBytes *
sighej_link_session_fetch_finish (SighejLinkSession *self, GAsyncResult *result, GError **error);

/* Whether it ended here, and the backend, which may know it, did not confirm that. */
gboolean sighej_link_session_get_is_left (SighejLinkSession *self);

/* How many reports got no answer in time, and how many messages were none. */
guint sighej_link_session_get_n_unanswered (SighejLinkSession *self);
guint sighej_link_session_get_n_bad (SighejLinkSession *self);

G_END_DECLS
