/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-batch.h"
#include "sighej-clock.h"
#include "sighej-crypto.h"
#include "sighej-wire.h"

G_BEGIN_DECLS

#define SIGHEJ_STORE_OUTBOX_MAX 64        /* undelivered nudges a session */
#define SIGHEJ_STORE_SIGHTING_SECONDS 120 /* how long one side's report waits for the other's */
#define SIGHEJ_STORE_DETACHED_SECONDS                                                              \
  120 /* a session without a socket is unmatchable after this                                      \
       */
#define SIGHEJ_STORE_PAIR_SECONDS (4 * 3600)       /* how long two openings stay "already nudged" */
#define SIGHEJ_STORE_TOMBSTONE_SECONDS (24 * 3600) /* how long a static token is not used again */
#define SIGHEJ_STORE_OPENING_BYTES 16
#define SIGHEJ_STORE_CLAIM_SECONDS 15                /* then a claim nobody settled lapses */
#define SIGHEJ_STORE_CLAIM_LIFETIME_SECONDS_MAX 3600 /* how long a settled one is kept */
#define SIGHEJ_STORE_CLAIMS_MAX 1024                 /* a caller; then the oldest makes room */
#define SIGHEJ_STORE_BATCH_SECONDS                                                                 \
  30 /* then a batch that another process took may be taken again */
#define SIGHEJ_STORE_AVOID_TAGS SIGHEJ_AVOID_TAGS /* a session that has any has so many */
#define SIGHEJ_STORE_AVOID_TAG_BYTES SIGHEJ_AVOID_TAG_BYTES
#define SIGHEJ_STORE_AVOID_BYTES (SIGHEJ_STORE_AVOID_TAGS * SIGHEJ_STORE_AVOID_TAG_BYTES)
#define SIGHEJ_STORE_RECORD_BYTES_MAX (320 * 1024) /* two full mailboxes, and what goes around */
#define SIGHEJ_STORE_RECORD_KEY_CHARS_MAX 64
#define SIGHEJ_STORE_RECORD_LIFETIME_MS_MAX (30u * 24 * 3600 * 1000)
#define SIGHEJ_STORE_WAKE_MAX 4       /* sessions one swap wakes */
#define SIGHEJ_STORE_FLEETING_PARTS 2 /* of one record, at most */
#define SIGHEJ_STORE_FLEETING_BYTES_MAX 1024
#define SIGHEJ_STORE_MUTE_PREFIX                                                                   \
  "mute:" /* then the opening's tag as hex: a record the store reads */
#define SIGHEJ_STORE_WAVES_PREFIX                                                                  \
  "waves:" /* then a session's id: a record that goes with that session */

/**
 * SighejStore:
 *
 * What lives for minutes (DESIGN 4): sessions, tokens, sightings, outboxes. Each function is one
 * whole decision, so that a store in another process can make it in one round trip (one script).
 * Nothing personal is readable in it: interests are keyed hashes, labels are sealed by the
 * caller, secrets are hashed, openings are tags. All lifetimes are relative and absolute in
 * effect: nothing slides.
 *
 * Every callback is called exactly once, in the main context, possibly before the function
 * returns; its arguments live only during the call. Callbacks with an error get
 * SIGHEJ_ERROR_UNAVAILABLE (nothing was done) or what the function lists.
 *
 * Signals:
 *  "outbox" (const char *session_id): a record was swapped that a session attached here is to look
 *    at; or another process wrote to its outbox, or may have
 * and of stores that several processes share only:
 *  "displaced" (const char *session_id): a socket of it opened at another process: close ours
 *  "ended" (const char *session_id): attached here, and ended at another process
 *  "gone" (const char *session_id): attached here, and the store does not know it any more
 *  "counts" (void): something counted elsewhere waits to be taken
 */
#define SIGHEJ_TYPE_STORE (sighej_store_get_type ())
G_DECLARE_INTERFACE (SighejStore, sighej_store, SIGHEJ, STORE, GObject)

/**
 * SighejStoreToken:
 * @from_s: valid from, seconds from now (may be negative: clipped to now)
 * @until_s: valid until, seconds from now
 */
typedef struct
{
  char text[SIGHEJ_WIRE_TOKEN_CHARS_MAX + 1];
  int from_s;
  int until_s;
} SighejStoreToken;

/* One interest as stored: its keyed hash under the session's UTC day and the next. */
typedef struct
{
  guint8 today[16];
  guint8 tomorrow[16];
} SighejStoreInterest;

/**
 * SighejStoreSession:
 * @tokens: 1 to %SIGHEJ_EPOCHS_MAX; tokens[0] names the session for the whole of its life
 * @day: UTC day number (days since 1970) that @interests' `today` is keyed with
 * @interests: 1 to 20; position i goes with label i of @sealed_labels
 * @sealed_labels: the person's own words, sealed by the vault; opaque here
 * @opening: tag of the client's opening_id, sighej_vault_tag_opening()
 * @categories: bit set of the vocabulary's categories, for whoever asks about the session
 * @category_ids: (array zero-terminated=1) (nullable): the same by name, for counting
 * @secret_hash: SHA-256 of session_secret; all zero in legacy mode (then no call finds it by
 * secret)
 * @lifetime_s: absolute, 300 to 7200
 * @tombstone: a static token (no seed): not to be used again for 24 h by another session
 * @public_key: its X25519 public key, with @has_public_key
 * @avoid: (nullable): %SIGHEJ_STORE_AVOID_TAGS tags of %SIGHEJ_STORE_AVOID_TAG_BYTES each, in any
 *   order: two sessions that share one are never matched. NULL: it has none
 */
typedef struct
{
  char id[SIGHEJ_UUID_CHARS + 1];
  guint8 secret_hash[SIGHEJ_SHA256_BYTES];
  guint8 opening[SIGHEJ_STORE_OPENING_BYTES];
  guint n_tokens;
  const SighejStoreToken *tokens;
  guint32 day;
  guint n_interests;
  const SighejStoreInterest *interests;
  GBytes *sealed_labels;
  guint64 categories;
  const char *const *category_ids;
  guint lifetime_s;
  gboolean tombstone;
  gboolean has_public_key;
  guint8 public_key[SIGHEJ_PUBLIC_KEY_BYTES];
  const guint8 *avoid;
} SighejStoreSession;

/* What a store tells about a live session. */
typedef struct
{
  const char *id;
  const char *first_token;
  const guint8 *opening; /* SIGHEJ_STORE_OPENING_BYTES */
  guint remaining_ms;
  guint64 newest_seq; /* of the outbox; 0: none ever */
  guint n_waiting;    /* nudges in it; told by the find functions only */
  guint32 day;
  guint n_interests;
  GBytes *sealed_labels;
  guint64 categories;
  const guint8 *public_key; /* (nullable): SIGHEJ_PUBLIC_KEY_BYTES; NULL: it has none */
} SighejStoreInfo;

/* One undelivered nudge: with whom, and which of the session's own interests are shared. Its id is
 * sighej_nudge_id() of both openings. */
typedef struct
{
  guint64 seq; /* 1 and up */
  guint8 peer_opening[SIGHEJ_STORE_OPENING_BYTES];
  guint32 shared_mask; /* bit i: interest i; at most 5 bits */
  gboolean has_peer_key;
  guint8 peer_key[SIGHEJ_PUBLIC_KEY_BYTES]; /* of the session that was met; zero without */
} SighejStoreNudge;

typedef void (*SighejStoreDone) (const GError *error, gpointer user_data);

/* Counts the session and its categories, too. Errors: CONFLICT (a token is taken or tombstoned),
 * UNAVAILABLE (full). Nothing is kept then. */
void sighej_store_add_session (SighejStore *self,
                               const SighejStoreSession *session,
                               SighejStoreDone done,
                               gpointer user_data);

typedef void (*SighejStoreFound) (const SighejStoreInfo *info,
                                  const GError *error,
                                  gpointer user_data);
/* Errors: NOT_FOUND (none, ended or expired: alike). */
void sighej_store_find_by_secret (SighejStore *self,
                                  const guint8 secret_hash[SIGHEJ_SHA256_BYTES],
                                  SighejStoreFound found,
                                  gpointer user_data);
/* By any token of it that is valid now; for AuthMode=legacy and for /ws/{first token}. */
void sighej_store_find_by_token (SighejStore *self,
                                 const char *token,
                                 SighejStoreFound found,
                                 gpointer user_data);

/* Wipes the session and everything that mentions it, its claims and its record
 * %SIGHEJ_STORE_WAVES_PREFIX too, which nobody can make any more. Ended already: succeeds. */
void sighej_store_end_session (SighejStore *self,
                               const char *session_id,
                               SighejStoreDone done,
                               gpointer user_data);

typedef enum
{
  SIGHEJ_MATCH_MUTUAL,
  SIGHEJ_MATCH_ONE_SIDED,
  SIGHEJ_MATCH_LEGACY, /* one-sided, counts every match, no channel rule */
} SighejMatchPolicy;

/**
 * SighejStoreReport:
 * @session_id: whose report it is; must be live, else NOT_FOUND
 * @own_token: (nullable): must be a token of that session valid now, else NOT_FOUND
 * @detected_token: any text; unknown, expired, own and not-yet-mutual give match FALSE alike
 * @n_burst: reports at once, for a store that charges; 0: it does not charge
 * @n_per_minute: reports a minute; 1 or more
 */
typedef struct
{
  const char *session_id;
  const char *own_token;
  const char *detected_token;
  SighejMatchPolicy policy;
  guint n_burst;
  guint n_per_minute;
} SighejStoreReport;

/**
 * SighejStoreSight:
 * @match: both sides know now; FALSE in every other case, whatever the cause
 * @fresh: this call made the nudge (and counted a match); FALSE when it exists already
 * @wake: an outbox got something: with @fresh both; without, the pair had been nudged before, but
 *   one of the two came back with a new session and had never acknowledged it
 * @peer_attached: the peer had an open socket
 * @own_mask: the caller's shared interests, at most 5 bits
 * @peer_id: (nullable): session to wake beside the caller's; only with @wake
 * @own: (nullable): the caller's session, for its labels; only with @match
 */
typedef struct
{
  gboolean match;
  gboolean fresh;
  gboolean wake;
  gboolean peer_attached;
  guint32 own_mask;
  const char *peer_id;
  const SighejStoreInfo *own;
} SighejStoreSight;
typedef void (*SighejStoreSighted) (const SighejStoreSight *sight,
                                    const GError *error,
                                    gpointer user_data);
/**
 * sighej_store_sight:
 *
 * The one decision: both sessions read, expiry and attachment checked, overlap of the interests
 * on a common day, the pair's sighting kept for %SIGHEJ_STORE_SIGHTING_SECONDS, and, when it is
 * mutual, both outboxes written together (or neither). An outbox that is full counts as not yet
 * mutual, and so does a pair of sessions that share an avoid tag, or of openings one of which has
 * a record %SIGHEJ_STORE_MUTE_PREFIX (who was nudged before stays so, and hears nothing new). The
 * report is counted as a ping, and a fresh nudge (legacy: any) as a match.
 *
 * A store that several processes share charges the session first, whatever the outcome, and fails
 * with RATE_LIMITED (the message ends in "... %u seconds"); one of a single process leaves that
 * to its caller.
 */
void sighej_store_sight (SighejStore *self,
                         const SighejStoreReport *report,
                         SighejStoreSighted sighted,
                         gpointer user_data);

typedef void (*SighejStoreOutbox) (const SighejStoreNudge *nudges,
                                   guint n_nudges,
                                   const SighejStoreInfo *info,
                                   const GError *error,
                                   gpointer user_data);
/* All with seq > @after, oldest first. Errors: NOT_FOUND. */
void sighej_store_read_outbox (SighejStore *self,
                               const char *session_id,
                               guint64 after,
                               SighejStoreOutbox outbox,
                               gpointer user_data);

/* Drops all with seq <= @seq. A @seq never given out is taken as the newest. */
void sighej_store_ack (SighejStore *self,
                       const char *session_id,
                       guint64 seq,
                       SighejStoreDone done,
                       gpointer user_data);

/* A socket of the session opened (+1) or closed (-1); what %SIGHEJ_STORE_DETACHED_SECONDS counts
 * from. */
void sighej_store_attach (SighejStore *self,
                          const char *session_id,
                          int change,
                          SighejStoreDone done,
                          gpointer user_data);

typedef void (*SighejStoreCounted) (guint64 n_sessions, const GError *error, gpointer user_data);
void sighej_store_count (SighejStore *self, SighejStoreCounted counted, gpointer user_data);

/* Counters */

/* @batches: lent for the call */
typedef void (*SighejStoreCounts) (const SighejBatch *const *batches,
                                   guint n_batches,
                                   const GError *error,
                                   gpointer user_data);
/**
 * sighej_store_take_counts:
 *
 * Closes what was counted since as batches with fresh ids, one a UTC day, and hands out every
 * batch that is not dropped, unless another process took it in the last
 * %SIGHEJ_STORE_BATCH_SECONDS. The day is that of the store's own clock.
 */
void sighej_store_take_counts (SighejStore *self, SighejStoreCounts counts, gpointer user_data);

/* Forgets a batch, once it is durable elsewhere. An unknown one is fine. */
void sighej_store_drop_counts (SighejStore *self,
                               const char *batch_id,
                               SighejStoreDone done,
                               gpointer user_data);

/* Idempotency (DESIGN 3) */

/**
 * SighejStoreClaim:
 * @caller: the session's secret_hash; zeros: nobody
 * @key: HMAC of the route and the Idempotency-Key
 * @body: SHA-256 of the request
 */
typedef struct
{
  guint8 caller[SIGHEJ_SHA256_BYTES];
  guint8 key[SIGHEJ_SHA256_BYTES];
  guint8 body[SIGHEJ_SHA256_BYTES];
} SighejStoreClaim;

typedef enum
{
  SIGHEJ_CLAIM_NEW,        /* the caller does it, and must settle */
  SIGHEJ_CLAIM_RUNNING,    /* somebody is doing it; ask again */
  SIGHEJ_CLAIM_DONE,       /* here is the answer */
  SIGHEJ_CLAIM_OTHER_BODY, /* the key was used for something else */
} SighejClaimState;

/* @sealed_answer: (nullable): with SIGHEJ_CLAIM_DONE; lent for the call */
typedef void (*SighejStoreClaimed) (SighejClaimState state,
                                    GBytes *sealed_answer,
                                    const GError *error,
                                    gpointer user_data);
/* A claim that is not settled lapses after %SIGHEJ_STORE_CLAIM_SECONDS. */
void sighej_store_claim (SighejStore *self,
                         const SighejStoreClaim *claim,
                         SighejStoreClaimed claimed,
                         gpointer user_data);

/**
 * sighej_store_settle:
 * @sealed_answer: (nullable): NULL forgets the claim: what was tried did not happen
 * @session_id: (nullable): the session this made; its end wipes the claim
 * @lifetime_s: at most %SIGHEJ_STORE_CLAIM_LIFETIME_SECONDS_MAX, and never past the caller's
 *   session; 0 forgets
 *
 * The end of the caller's session wipes all its claims.
 */
void sighej_store_settle (SighejStore *self,
                          const SighejStoreClaim *claim,
                          GBytes *sealed_answer,
                          const char *session_id,
                          guint lifetime_s,
                          SighejStoreDone done,
                          gpointer user_data);

/* Records: what becomes of two openings that were nudged, and all that must outlive a socket */

/**
 * SighejStoreFleeting:
 * @value: (nullable): opaque here; NULL: there is none
 * @until_ms: on the store's clock, since 1970: from then on it is gone, and the record is as if it
 *   never had it. Not later than the record itself
 *
 * A part of a record that does not live as long as the rest. The store lets it go by itself,
 * whether anybody looks or lives by then; writing it again does not prolong it.
 */
typedef struct
{
  GBytes *value;
  gint64 until_ms;
} SighejStoreFleeting;

/**
 * SighejStoreRecord:
 * @value: (nullable): opaque here; NULL: there is none
 * @version: 0: there is none; else a number that no later state of any record has, greater than
 *   that of every state before it
 * @now_ms: the store's own clock as the record was read, milliseconds since 1970. It is what the
 *   times in a record are compared with. In a store of one process it never jumps while there are
 *   records
 * @fleeting: each (nullable): the fleeting parts as they were written with this version and are
 *   there still
 */
typedef struct
{
  GBytes *value;
  guint64 version;
  gint64 now_ms;
  GBytes *fleeting[SIGHEJ_STORE_FLEETING_PARTS];
} SighejStoreRecord;

typedef void (*SighejStoreRecordRead) (const SighejStoreRecord *record,
                                       const GError *error,
                                       gpointer user_data);
/**
 * sighej_store_read_record:
 * @key: 1 to %SIGHEJ_STORE_RECORD_KEY_CHARS_MAX printable characters without a space; the part up
 *   to the colon says what it is
 *
 * Errors: INVALID_REQUEST (the key), UNAVAILABLE.
 */
void sighej_store_read_record (SighejStore *self,
                               const char *key,
                               SighejStoreRecordRead read,
                               gpointer user_data);

/* @swapped: FALSE: somebody was faster, or its life was over: read it again
 * @version: of what was written; 0 when it was deleted or not swapped */
typedef void (*SighejStoreSwapped) (gboolean swapped,
                                    guint64 version,
                                    const GError *error,
                                    gpointer user_data);
/**
 * SighejStoreSwap:
 * @version: what was read; 0 makes a record that must not be there yet
 * @value: (nullable): NULL deletes; at most %SIGHEJ_STORE_RECORD_BYTES_MAX
 * @lifetime_ms: of the record from now on, 1 to %SIGHEJ_STORE_RECORD_LIFETIME_MS_MAX; of no
 *   meaning for NULL
 * @fleeting: its fleeting parts, instead of those it had; a value of at most
 *   %SIGHEJ_STORE_FLEETING_BYTES_MAX. Of no meaning for NULL: they are deleted with it
 * @wake: (nullable) (array zero-terminated=1): at most %SIGHEJ_STORE_WAKE_MAX ids of sessions:
 *   "outbox" is emitted for each of them where it is attached, also when that is here, after the
 *   swap was told. Nothing happens for one that is not attached anywhere
 */
typedef struct
{
  guint64 version;
  GBytes *value;
  guint lifetime_ms;
  SighejStoreFleeting fleeting[SIGHEJ_STORE_FLEETING_PARTS];
  const char *const *wake;
} SighejStoreSwap;

/**
 * sighej_store_swap_record:
 *
 * Replaces the record and its fleeting parts together, only when its version is still the one in
 * @swap. A message to another process that is lost is found by its next heartbeat.
 *
 * Errors: INVALID_REQUEST (key or value too long, no such lifetime), UNAVAILABLE (nothing was done;
 * of a store in another process: or its answer was lost, so read again).
 */
void sighej_store_swap_record (SighejStore *self,
                               const char *key,
                               const SighejStoreSwap *swap,
                               SighejStoreSwapped swapped,
                               gpointer user_data);

typedef void (*SighejStoreAttached) (gboolean attached, const GError *error, gpointer user_data);
/* Whether a session has a socket anywhere. A process that is silent has none, nor has a session
 * that is over. */
void sighej_store_is_attached (SighejStore *self,
                               const char *session_id,
                               SighejStoreAttached attached,
                               gpointer user_data);

/* Is it there? For /health/ready; the caller bounds the wait. */
void sighej_store_ping (SighejStore *self, SighejStoreDone done, gpointer user_data);

struct _SighejStoreInterface
{
  GTypeInterface parent;

  void (*add_session) (SighejStore *, const SighejStoreSession *, SighejStoreDone, gpointer);
  void (*find_by_secret) (SighejStore *, const guint8 *, SighejStoreFound, gpointer);
  void (*find_by_token) (SighejStore *, const char *, SighejStoreFound, gpointer);
  void (*end_session) (SighejStore *, const char *, SighejStoreDone, gpointer);
  void (*sight) (SighejStore *, const SighejStoreReport *, SighejStoreSighted, gpointer);
  void (*read_outbox) (SighejStore *, const char *, guint64, SighejStoreOutbox, gpointer);
  void (*ack) (SighejStore *, const char *, guint64, SighejStoreDone, gpointer);
  void (*attach) (SighejStore *, const char *, int, SighejStoreDone, gpointer);
  void (*count) (SighejStore *, SighejStoreCounted, gpointer);
  void (*take_counts) (SighejStore *, SighejStoreCounts, gpointer);
  void (*drop_counts) (SighejStore *, const char *, SighejStoreDone, gpointer);
  void (*claim) (SighejStore *, const SighejStoreClaim *, SighejStoreClaimed, gpointer);
  void (*settle) (SighejStore *,
                  const SighejStoreClaim *,
                  GBytes *,
                  const char *,
                  guint,
                  SighejStoreDone,
                  gpointer);
  void (*read_record) (SighejStore *, const char *, SighejStoreRecordRead, gpointer);
  void (*swap_record) (
      SighejStore *, const char *, const SighejStoreSwap *, SighejStoreSwapped, gpointer);
  void (*is_attached) (SighejStore *, const char *, SighejStoreAttached, gpointer);
  void (*ping) (SighejStore *, SighejStoreDone, gpointer);
};

/* For implementations: emits a signal that carries a session. */
void sighej_store_emit (SighejStore *self, const char *signal_name, const char *session_id);

G_END_DECLS
