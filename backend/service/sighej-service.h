/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-allowance.h"
#include "sighej-clock.h"
#include "sighej-ledger.h"
#include "sighej-store.h"
#include "sighej-vault.h"
#include "sighej-vocabulary.h"

G_BEGIN_DECLS

/**
 * SighejService:
 *
 * What the backend does, apart from how it is asked: HTTP routes and WebSocket peers both call
 * it and neither knows the store. The life of a request: check and limit here, one call of the
 * store, answer. The life of a nudge: sight() by the second of two sessions -> the store
 * writes both outboxes -> "outbox" for both sessions -> whoever holds their sockets calls
 * read_outbox() and sends -> the client's ack() drops it.
 *
 * Callbacks as in sighej-store.h: once, in the main context, possibly before the call returns.
 *
 * Signals:
 *  "outbox" (const char *session_id): something new is in it
 *  "ended" (const char *session_id): DELETE wiped it, here or elsewhere; its sockets must close
 *  "displaced" (const char *session_id): a socket of it opened at another process; ours must close
 *  "lost" (const char *session_id): the store lost it; its sockets must close as if it had expired
 */
#define SIGHEJ_TYPE_SERVICE (sighej_service_get_type ())
G_DECLARE_FINAL_TYPE (SighejService, sighej_service, SIGHEJ, SERVICE, GObject)

typedef enum
{
  SIGHEJ_AUTH_BEARER,
  SIGHEJ_AUTH_LEGACY, /* the first contract word for word: no secret, one-sided, static tokens too
                       */
} SighejAuthMode;

typedef struct
{
  guint session_ttl_s; /* 300 to 7200 */
  SighejAllowanceRules allowance;
  guint statistics_minimum; /* 5 */
} SighejServiceLimits;

SighejService *sighej_service_new (SighejStore *store,
                                   SighejLedger *ledger,
                                   SighejVault *vault,
                                   SighejVocabulary *vocabulary,
                                   SighejClock *clock,
                                   SighejAuthMode auth_mode,
                                   SighejMatchPolicy policy,
                                   const SighejServiceLimits *limits);

/* For what is asked from now on; what was charged stays charged. */
void sighej_service_set_limits (SighejService *self,
                                SighejMatchPolicy policy,
                                const SighejServiceLimits *limits);

SighejAuthMode sighej_service_get_auth_mode (SighejService *self);

typedef void (*SighejServiceOpened) (const SighejWireSessionAnswer *answer,
                                     const GError *error,
                                     gpointer user_data);
/**
 * sighej_service_open_session:
 * @address: (nullable): the client's address ("/64" for IPv6) when it is known, for the limit
 *
 * Errors: INVALID_REQUEST, INVALID_INTEREST, CONFLICT, RATE_LIMITED (see
 * sighej_error_get_retry_after_s()), UNAVAILABLE.
 */
void sighej_service_open_session (SighejService *self,
                                  const SighejWireSessionRequest *request,
                                  const char *address,
                                  SighejServiceOpened opened,
                                  gpointer user_data);

/* @secret: as sent; bounded by the caller to 64 characters. Errors: UNAUTHORIZED. */
void sighej_service_authenticate (SighejService *self,
                                  const char *secret,
                                  SighejStoreFound found,
                                  gpointer user_data);
/* The session whose first token this is (WebSocket path). Errors: NOT_FOUND. */
void sighej_service_find (SighejService *self,
                          const char *token,
                          SighejStoreFound found,
                          gpointer user_data);

/* Everything held about the session, as JSON for GET /session: state, times, own labels,
 * categories, tokens are not listed. @info from authenticate(). (transfer full) */
char *sighej_service_describe (SighejService *self, const SighejStoreInfo *info);

void sighej_service_end_session (SighejService *self,
                                 const char *session_id,
                                 SighejStoreDone done,
                                 gpointer user_data);

typedef struct
{
  gboolean match;
  const char *const *shared_interests; /* own words, at most 5 */
  gboolean nudge_sent;
} SighejServiceSight;
typedef void (*SighejServiceSighted) (const SighejServiceSight *sight,
                                      const GError *error,
                                      gpointer user_data);
/* Errors: RATE_LIMITED, UNAUTHORIZED (session over), UNAVAILABLE. */
void sighej_service_sight (SighejService *self,
                           const char *session_id,
                           const char *own_token,
                           const char *detected_token,
                           SighejServiceSighted sighted,
                           gpointer user_data);

/* Where the limits of one session stand, kept by a socket of it; all zero at first. */
typedef struct
{
  SighejThrottlePlace sightings;
  SighejThrottlePlace messages;
} SighejServicePlaces;

/* The same as sighej_service_sight(), for a socket. */
void sighej_service_sight_from (SighejService *self,
                                SighejServicePlaces *places,
                                const char *session_id,
                                const char *own_token,
                                const char *detected_token,
                                SighejServiceSighted sighted,
                                gpointer user_data);

/* Charges a session for one more message on a socket of it. Errors: RATE_LIMITED. */
gboolean sighej_service_take_message (SighejService *self,
                                      SighejServicePlaces *places,
                                      const char *session_id,
                                      GError **error);

/* Messages ready to send: nudges with their labels unsealed and their sentence. Errors: NOT_FOUND,
 * UNAVAILABLE. */
typedef void (*SighejServiceOutbox) (const SighejWireServerMessage *messages,
                                     guint n_messages,
                                     const GError *error,
                                     gpointer user_data);
void sighej_service_read_outbox (SighejService *self,
                                 const char *session_id,
                                 guint64 after,
                                 SighejServiceOutbox outbox,
                                 gpointer user_data);
void sighej_service_ack (SighejService *self, const char *session_id, guint64 seq);
void sighej_service_attach (SighejService *self, const char *session_id, int change);

typedef void (*SighejServiceText) (const char *json, const GError *error, gpointer user_data);
/* The document of GET /stats. */
void sighej_service_stats (SighejService *self, SighejServiceText text, gpointer user_data);

/**
 * sighej_service_get_sighting_quota:
 * @error: (nullable): what sight() answered; RATE_LIMITED leaves nothing
 * @quota: (out): what is left to the session. With a store that several processes share it is
 *   what this one knows of
 */
void sighej_service_get_sighting_quota (SighejService *self,
                                        const char *session_id,
                                        const GError *error,
                                        SighejQuota *quota);
/* The same for new sessions of an address (nullable). Returns: FALSE when there is no limit */
gboolean sighej_service_get_session_quota (SighejService *self,
                                           const char *address,
                                           const GError *error,
                                           SighejQuota *quota);

/* Writes what is counted and not yet in the ledger; for a clean stop. */
void
sighej_service_flush_async (SighejService *self, GAsyncReadyCallback callback, gpointer user_data);
gboolean sighej_service_flush_finish (SighejService *self, GAsyncResult *result, GError **error);

G_END_DECLS
