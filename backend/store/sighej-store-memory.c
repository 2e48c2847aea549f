/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-store-memory"

#include "config.h"

#include "sighej-store-memory.h"

#include <string.h>

#include "sighej-ageing.h"
#include "sighej-claims.h"
#include "sighej-counts.h"
#include "sighej-error.h"
#include "sighej-introductions.h"
#include "sighej-keyed-hash.h"
#include "sighej-memory-session.h"
#include "sighej-records.h"

#define SECONDS_US(seconds) ((gint64) (seconds) *G_USEC_PER_SEC)

/* The caller of a claim that no session makes. */
static const guint8 nobody[SIGHEJ_SHA256_BYTES];

typedef SighejMemorySession Session;
typedef SighejMemoryToken Token;

struct _SighejStoreMemory
{
  GObject parent_instance;

  SighejClock *clock;

  GHashTable *by_id;     /* id -> Session, owns a reference */
  GHashTable *by_secret; /* secret_hash -> Session; not those of legacy mode */
  GHashTable *by_token;  /* of Token, as a set */
  SighejExpiry *expiry;
  SighejIntroductions *introductions;
  SighejAgeing *tombstones; /* HMAC of the token */
  SighejCounts *counts;
  SighejClaims *claims;
  SighejRecords *records;
  guint8 tombstone_key[SIGHEJ_KEY_BYTES];

  guint timer;
  gint64 timer_us;
};

static void sighej_store_memory_iface_init (SighejStoreInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SighejStoreMemory,
                               sighej_store_memory,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SIGHEJ_TYPE_STORE,
                                                      sighej_store_memory_iface_init))

/* Tables */

static guint
token_hash (gconstpointer token)
{
  return sighej_keyed_str_hash (((const Token *) token)->text);
}

static gboolean
token_equal (gconstpointer a, gconstpointer b)
{
  return g_str_equal (((const Token *) a)->text, ((const Token *) b)->text);
}

static guint
secret_hash_hash (gconstpointer hash)
{
  guint first;

  memcpy (&first, hash, sizeof first);
  return first;
}

static gboolean
secret_hash_equal (gconstpointer a, gconstpointer b)
{
  return sighej_equal_constant_time (a, b, SIGHEJ_SHA256_BYTES);
}

/* Sessions */

static void
drop_token (SighejStoreMemory *self, Token *token)
{
  if (token->text == NULL)
    return;

  g_hash_table_remove (self->by_token, token);
  if (token != token->session->tokens)
    {
      sighej_wipe ((char *) token->text, strlen (token->text));
      token->text = NULL;
    }
}

static void
tombstone_hash (SighejStoreMemory *self, const char *token, guint8 out[SIGHEJ_AGEING_KEY_BYTES])
{
  G_STATIC_ASSERT (SIGHEJ_AGEING_KEY_BYTES == SIGHEJ_SHA256_BYTES);

  sighej_hmac_sha256 (
      self->tombstone_key, sizeof self->tombstone_key, (const guint8 *) token, strlen (token), out);
}

static void
end_session (SighejStoreMemory *self, Session *session, gint64 now_us)
{
  guint8 hash[SIGHEJ_AGEING_KEY_BYTES];
  char key[SIGHEJ_STORE_RECORD_KEY_CHARS_MAX + 1];

  if (session->tombstone)
    {
      tombstone_hash (self, session->tokens[0].text, hash);
      sighej_ageing_add (self->tombstones, hash, now_us);
    }
  for (guint i = 0; i < session->n_tokens; i++)
    drop_token (self, &session->tokens[i]);
  sighej_introductions_forget (self->introductions, session);
  sighej_expiry_remove (self->expiry, &session->expiry);
  if (sighej_memory_session_has_secret (session))
    {
      g_hash_table_remove (self->by_secret, session->secret_hash);
      sighej_claims_forget_caller (self->claims, session->secret_hash);
    }
  sighej_claims_forget_session (self->claims, session->id);
  g_snprintf (key, sizeof key, SIGHEJ_STORE_WAVES_PREFIX "%s", session->id);
  sighej_records_drop (self->records, key);
  g_hash_table_remove (self->by_id, session->id);
}

/* Time */

static void
expire_session (SighejStoreMemory *self, Session *session, gint64 now_us)
{
  if (session->expires_us <= now_us)
    {
      end_session (self, session, now_us);
      return;
    }

  for (guint i = 1; i < session->n_tokens; i++)
    if (session->tokens[i].until_us <= now_us)
      drop_token (self, &session->tokens[i]);
  sighej_expiry_set (self->expiry, &session->expiry, sighej_memory_session_next_us (session));
}

static void
expire (SighejStoreMemory *self, gint64 now_us)
{
  SighejExpiryItem *due;

  while ((due = sighej_expiry_peek (self->expiry)) != NULL && due->at_us <= now_us)
    expire_session (self, (Session *) due, now_us);
  sighej_introductions_expire (self->introductions, now_us);
  sighej_ageing_expire (self->tombstones, now_us);
  sighej_claims_expire (self->claims, now_us);
  sighej_records_expire (self->records, now_us);
}

static gint64
next_due_us (SighejStoreMemory *self)
{
  const SighejExpiryItem *due = sighej_expiry_peek (self->expiry);
  gint64 next_us = due != NULL ? due->at_us : G_MAXINT64;

  next_us = MIN (next_us, sighej_introductions_next_us (self->introductions));
  next_us = MIN (next_us, sighej_claims_next_us (self->claims));
  next_us = MIN (next_us, sighej_records_next_us (self->records));
  return MIN (next_us, sighej_ageing_next_us (self->tombstones));
}

static gboolean on_timer (gpointer user_data);

/* Only memory waits for this timer, never a decision; so whole seconds do, a wake-up for many. */
static void
arm (SighejStoreMemory *self)
{
  gint64 next_us = next_due_us (self);

  if (next_us == G_MAXINT64)
    {
      sighej_clock_clear (self->clock, &self->timer);
      return;
    }
  if (self->timer != 0 && self->timer_us <= next_us + G_USEC_PER_SEC)
    return;

  sighej_clock_clear (self->clock, &self->timer);
  self->timer_us = (next_us / G_USEC_PER_SEC + 1) * G_USEC_PER_SEC;
  self->timer = sighej_clock_add_at (self->clock, self->timer_us, on_timer, self);
}

static gboolean
on_timer (gpointer user_data)
{
  SighejStoreMemory *self = user_data;

  self->timer = 0;
  expire (self, sighej_clock_now_us (self->clock));
  arm (self);
  return G_SOURCE_REMOVE;
}

/* Life */

static void
free_session (gpointer session)
{
  sighej_memory_session_unref (session);
}

static void
sighej_store_memory_init (SighejStoreMemory *self)
{
  self->by_id = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, free_session);
  self->by_secret = g_hash_table_new (secret_hash_hash, secret_hash_equal);
  self->by_token = g_hash_table_new (token_hash, token_equal);
  self->expiry = sighej_expiry_new ();
  self->records = sighej_records_new ();
  self->introductions = sighej_introductions_new (self->records);
  self->tombstones = sighej_ageing_new (SECONDS_US (SIGHEJ_STORE_TOMBSTONE_SECONDS),
                                        SIGHEJ_STORE_MEMORY_TOMBSTONES_MAX);
  self->counts = sighej_counts_new ();
  self->claims = sighej_claims_new ();
  sighej_random_bytes (self->tombstone_key, sizeof self->tombstone_key);
}

static void
sighej_store_memory_finalize (GObject *object)
{
  SighejStoreMemory *self = SIGHEJ_STORE_MEMORY (object);
  GHashTableIter iter;
  gpointer session;

  sighej_clock_clear (self->clock, &self->timer);
  g_hash_table_iter_init (&iter, self->by_id);
  while (g_hash_table_iter_next (&iter, NULL, &session))
    sighej_introductions_forget (self->introductions, session);
  g_hash_table_unref (self->by_token);
  g_hash_table_unref (self->by_secret);
  g_hash_table_unref (self->by_id);
  sighej_expiry_free (self->expiry);
  sighej_introductions_free (self->introductions);
  sighej_records_free (self->records);
  sighej_ageing_free (self->tombstones);
  sighej_counts_free (self->counts);
  sighej_claims_free (self->claims);
  sighej_wipe (self->tombstone_key, sizeof self->tombstone_key);
  g_object_unref (self->clock);

  G_OBJECT_CLASS (sighej_store_memory_parent_class)->finalize (object);
}

static void
sighej_store_memory_class_init (SighejStoreMemoryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sighej_store_memory_finalize;
}

SighejStore *
sighej_store_memory_new (SighejClock *clock)
{
  SighejStoreMemory *self = g_object_new (SIGHEJ_TYPE_STORE_MEMORY, NULL);

  self->clock = g_object_ref (clock);
  return SIGHEJ_STORE (self);
}

/* Looking up */

static GError *
new_not_found (void)
{
  return g_error_new_literal (SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_FOUND, "there is no such session");
}

static Session *
find_live (SighejStoreMemory *self, const char *session_id, gint64 now_us)
{
  Session *session = g_hash_table_lookup (self->by_id, session_id);

  return session != NULL && session->expires_us > now_us ? session : NULL;
}

static Token *
find_token (SighejStoreMemory *self, const char *text, gint64 now_us)
{
  Token wanted = { .text = text };
  Token *token = g_hash_table_lookup (self->by_token, &wanted);

  return token != NULL && token->session->expires_us > now_us ? token : NULL;
}

/* The session a token stands for at this moment. */
static Session *
resolve_token (SighejStoreMemory *self, const char *text, gint64 now_us)
{
  const Token *token = find_token (self, text, now_us);

  if (token == NULL || token->from_us > now_us || token->until_us <= now_us)
    return NULL;
  return token->session;
}

static void
tell_found (Session *session, gint64 now_us, SighejStoreFound found, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  SighejStoreInfo info;

  if (session == NULL)
    {
      error = new_not_found ();
      found (NULL, error, user_data);
      return;
    }

  sighej_memory_session_describe (sighej_memory_session_ref (session), now_us, &info);
  found (&info, NULL, user_data);
  sighej_memory_session_unref (session);
}

static void
sighej_store_memory_find_by_secret (SighejStore *store,
                                    const guint8 *secret_hash,
                                    SighejStoreFound found,
                                    gpointer user_data)
{
  SighejStoreMemory *self = SIGHEJ_STORE_MEMORY (store);
  gint64 now_us = sighej_clock_now_us (self->clock);
  Session *session = g_hash_table_lookup (self->by_secret, secret_hash);

  if (session != NULL && session->expires_us <= now_us)
    session = NULL;
  tell_found (session, now_us, found, user_data);
}

static void
sighej_store_memory_find_by_token (SighejStore *store,
                                   const char *text,
                                   SighejStoreFound found,
                                   gpointer user_data)
{
  SighejStoreMemory *self = SIGHEJ_STORE_MEMORY (store);
  gint64 now_us = sighej_clock_now_us (self->clock);
  const Token *token = find_token (self, text, now_us);
  Session *session = NULL;

  if (token != NULL && token == token->session->tokens)
    session = token->session;
  else
    session = resolve_token (self, text, now_us);
  tell_found (session, now_us, found, user_data);
}

/* Adding and ending */

static gboolean
is_token_free (SighejStoreMemory *self, const char *text, gint64 now_us)
{
  Token wanted = { .text = text };
  guint8 hash[SIGHEJ_AGEING_KEY_BYTES];

  if (g_hash_table_contains (self->by_token, &wanted))
    return FALSE;
  tombstone_hash (self, text, hash);
  return sighej_ageing_lookup (self->tombstones, hash, now_us) == NULL;
}

static gboolean
check_room (SighejStoreMemory *self,
            const SighejStoreSession *session,
            gint64 now_us,
            GError **error)
{
  gboolean is_free = !g_hash_table_contains (self->by_id, session->id)
                     && !g_hash_table_contains (self->by_secret, session->secret_hash);

  for (guint i = 0; is_free && i < session->n_tokens; i++)
    is_free = is_token_free (self, session->tokens[i].text, now_us);

  if (!is_free)
    g_set_error_literal (
        error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFLICT, "this token is taken, draw a new one");
  else if (g_hash_table_size (self->by_id) >= SIGHEJ_STORE_MEMORY_SESSIONS_MAX)
    g_set_error_literal (error,
                         SIGHEJ_ERROR,
                         SIGHEJ_ERROR_UNAVAILABLE,
                         "there are too many sessions, try again later");
  else
    return TRUE;
  return FALSE;
}

static void
sighej_store_memory_add_session (SighejStore *store,
                                 const SighejStoreSession *from,
                                 SighejStoreDone done,
                                 gpointer user_data)
{
  SighejStoreMemory *self = SIGHEJ_STORE_MEMORY (store);
  gint64 now_us = sighej_clock_now_us (self->clock);
  g_autoptr (GError) error = NULL;
  Session *session;

  expire (self, now_us);
  if (!check_room (self, from, now_us, &error))
    {
      done (error, user_data);
      return;
    }

  session = sighej_memory_session_new (from, now_us);
  g_hash_table_insert (self->by_id, session->id, session);
  if (sighej_memory_session_has_secret (session))
    g_hash_table_insert (self->by_secret, session->secret_hash, session);
  for (guint i = 0; i < session->n_tokens; i++)
    g_hash_table_add (self->by_token, &session->tokens[i]);
  sighej_expiry_set (self->expiry, &session->expiry, sighej_memory_session_next_us (session));
  sighej_counts_add_session (self->counts, sighej_clock_wall_us (self->clock), from->category_ids);
  arm (self);
  done (NULL, user_data);
}

static void
sighej_store_memory_end_session (SighejStore *store,
                                 const char *session_id,
                                 SighejStoreDone done,
                                 gpointer user_data)
{
  SighejStoreMemory *self = SIGHEJ_STORE_MEMORY (store);
  Session *session = g_hash_table_lookup (self->by_id, session_id);

  if (session != NULL)
    {
      end_session (self, session, sighej_clock_now_us (self->clock));
      arm (self);
    }
  done (NULL, user_data);
}

/* The outbox */

static void
sighej_store_memory_read_outbox (SighejStore *store,
                                 const char *session_id,
                                 guint64 after,
                                 SighejStoreOutbox outbox,
                                 gpointer user_data)
{
  SighejStoreMemory *self = SIGHEJ_STORE_MEMORY (store);
  gint64 now_us = sighej_clock_now_us (self->clock);
  Session *session = find_live (self, session_id, now_us);
  SighejStoreNudge nudges[SIGHEJ_STORE_OUTBOX_MAX];
  g_autoptr (GError) error = NULL;
  SighejStoreInfo info;

  if (session == NULL)
    {
      error = new_not_found ();
      outbox (NULL, 0, NULL, error, user_data);
      return;
    }

  sighej_memory_session_describe (sighej_memory_session_ref (session), now_us, &info);
  outbox (nudges, sighej_outbox_read (&session->outbox, after, nudges), &info, NULL, user_data);
  sighej_memory_session_unref (session);
}

typedef struct
{
  SighejStoreMemory *self;
  const Session *session;
  gint64 now_us;
} Telling;

static void
on_told (const SighejStoreNudge *nudge, gpointer user_data)
{
  const Telling *telling = user_data;

  sighej_introductions_note_told (telling->self->introductions,
                                  telling->session->opening,
                                  nudge->peer_opening,
                                  telling->now_us);
}

static void
sighej_store_memory_ack (SighejStore *store,
                         const char *session_id,
                         guint64 seq,
                         SighejStoreDone done,
                         gpointer user_data)
{
  SighejStoreMemory *self = SIGHEJ_STORE_MEMORY (store);
  Telling telling = { .self = self, .now_us = sighej_clock_now_us (self->clock) };
  Session *session = find_live (self, session_id, telling.now_us);
  g_autoptr (GError) error = NULL;

  telling.session = session;
  if (session != NULL)
    sighej_outbox_ack (&session->outbox, seq, on_told, &telling);
  else
    error = new_not_found ();
  done (error, user_data);
}

static void
sighej_store_memory_attach (SighejStore *store,
                            const char *session_id,
                            int change,
                            SighejStoreDone done,
                            gpointer user_data)
{
  SighejStoreMemory *self = SIGHEJ_STORE_MEMORY (store);
  gint64 now_us = sighej_clock_now_us (self->clock);
  Session *session = find_live (self, session_id, now_us);
  g_autoptr (GError) error = NULL;

  if (session == NULL)
    {
      error = new_not_found ();
    }
  else if (change > 0)
    {
      session->n_attached++;
    }
  else if (session->n_attached > 0)
    {
      session->n_attached--;
      session->detached_us = now_us;
    }
  done (error, user_data);
}

/* The one decision */

/* The callback may end both sessions. */
static void
tell_sighted (const SighejIntroduction *introduction,
              SighejStoreSight *sight,
              SighejStoreSighted sighted,
              gpointer user_data)
{
  SighejStoreInfo info;

  if (!sight->match)
    {
      sighted (sight, NULL, user_data);
      return;
    }

  sighej_memory_session_describe (
      sighej_memory_session_ref (introduction->own), introduction->now_us, &info);
  sighej_memory_session_ref (introduction->peer);
  sight->own = &info;
  sighted (sight, NULL, user_data);
  sighej_memory_session_unref (introduction->own);
  sighej_memory_session_unref (introduction->peer);
}

static void
sighej_store_memory_sight (SighejStore *store,
                           const SighejStoreReport *report,
                           SighejStoreSighted sighted,
                           gpointer user_data)
{
  SighejStoreMemory *self = SIGHEJ_STORE_MEMORY (store);
  SighejIntroduction wanted
      = { .policy = report->policy, .now_us = sighej_clock_now_us (self->clock) };
  gint64 wall_us = sighej_clock_wall_us (self->clock);
  SighejStoreSight sight = { 0 };
  g_autoptr (GError) error = NULL;

  wanted.own = find_live (self, report->session_id, wanted.now_us);
  if (wanted.own == NULL
      || (report->own_token != NULL
          && resolve_token (self, report->own_token, wanted.now_us) != wanted.own))
    {
      error = new_not_found ();
      sighted (NULL, error, user_data);
      return;
    }

  wanted.peer = resolve_token (self, report->detected_token, wanted.now_us);
  sighej_introductions_decide (self->introductions, &wanted, &sight);
  sighej_counts_add_ping (self->counts, wall_us);
  if (sight.fresh)
    sighej_counts_add_match (self->counts, wall_us);
  arm (self);
  tell_sighted (&wanted, &sight, sighted, user_data);
}

static void
sighej_store_memory_count (SighejStore *store, SighejStoreCounted counted, gpointer user_data)
{
  SighejStoreMemory *self = SIGHEJ_STORE_MEMORY (store);

  expire (self, sighej_clock_now_us (self->clock));
  counted (g_hash_table_size (self->by_id), NULL, user_data);
}

static void
sighej_store_memory_take_counts (SighejStore *store, SighejStoreCounts counts, gpointer user_data)
{
  guint n_batches;
  const SighejBatch *const *batches
      = sighej_counts_close (SIGHEJ_STORE_MEMORY (store)->counts, &n_batches);

  counts (batches, n_batches, NULL, user_data);
}

static void
sighej_store_memory_drop_counts (SighejStore *store,
                                 const char *batch_id,
                                 SighejStoreDone done,
                                 gpointer user_data)
{
  sighej_counts_drop (SIGHEJ_STORE_MEMORY (store)->counts, batch_id);
  done (NULL, user_data);
}

/* Idempotency */

static void
sighej_store_memory_claim (SighejStore *store,
                           const SighejStoreClaim *claim,
                           SighejStoreClaimed claimed,
                           gpointer user_data)
{
  SighejStoreMemory *self = SIGHEJ_STORE_MEMORY (store);
  g_autoptr (GBytes) answer = NULL;
  SighejClaimState state
      = sighej_claims_take (self->claims, claim, sighej_clock_now_us (self->clock), &answer);

  arm (self);
  claimed (state, answer, NULL, user_data);
}

static void
sighej_store_memory_settle (SighejStore *store,
                            const SighejStoreClaim *claim,
                            GBytes *sealed_answer,
                            const char *session_id,
                            guint lifetime_s,
                            SighejStoreDone done,
                            gpointer user_data)
{
  SighejStoreMemory *self = SIGHEJ_STORE_MEMORY (store);
  gint64 now_us = sighej_clock_now_us (self->clock);
  const Session *caller = g_hash_table_lookup (self->by_secret, claim->caller);
  gint64 until_us = now_us + SECONDS_US (lifetime_s);
  gboolean is_anybodys = memcmp (claim->caller, nobody, sizeof nobody) == 0;
  gboolean is_over = (!is_anybodys && caller == NULL)
                     || (session_id != NULL && find_live (self, session_id, now_us) == NULL);

  if (caller != NULL)
    until_us = MIN (until_us, caller->expires_us);
  sighej_claims_settle (
      self->claims, claim, is_over ? NULL : sealed_answer, session_id, now_us, until_us);
  arm (self);
  done (NULL, user_data);
}

/* Records */

static SighejRecordsTime
get_time (SighejStoreMemory *self)
{
  return (SighejRecordsTime){ sighej_clock_now_us (self->clock),
                              sighej_clock_wall_us (self->clock) };
}

static void
sighej_store_memory_read_record (SighejStore *store,
                                 const char *key,
                                 SighejStoreRecordRead read,
                                 gpointer user_data)
{
  SighejStoreMemory *self = SIGHEJ_STORE_MEMORY (store);
  const SighejRecordsTime time = get_time (self);
  g_autoptr (GPtrArray) held = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  SighejStoreRecord record;

  sighej_records_read (self->records, key, &time, &record);
  if (record.value != NULL)
    g_ptr_array_add (held, g_bytes_ref (record.value));
  for (guint i = 0; i < SIGHEJ_STORE_FLEETING_PARTS; i++)
    if (record.fleeting[i] != NULL)
      g_ptr_array_add (held, g_bytes_ref (record.fleeting[i]));
  arm (self);
  read (&record, NULL, user_data);
}

/* @wake: of a caller that may be gone by now, so of our own. */
static void
wake_all (SighejStoreMemory *self, char **wake)
{
  for (guint i = 0; wake != NULL && wake[i] != NULL; i++)
    {
      const Session *session = find_live (self, wake[i], sighej_clock_now_us (self->clock));

      if (session != NULL && session->n_attached > 0)
        sighej_store_emit (SIGHEJ_STORE (self), "outbox", wake[i]);
    }
}

/* What goes with a session is not made any more once that is over. */
static gboolean
is_over (SighejStoreMemory *self, const char *key, gint64 now_us)
{
  return g_str_has_prefix (key, SIGHEJ_STORE_WAVES_PREFIX)
         && find_live (self, key + strlen (SIGHEJ_STORE_WAVES_PREFIX), now_us) == NULL;
}

static void
sighej_store_memory_swap_record (SighejStore *store,
                                 const char *key,
                                 const SighejStoreSwap *swap,
                                 SighejStoreSwapped swapped,
                                 gpointer user_data)
{
  g_autoptr (SighejStoreMemory) self = g_object_ref (SIGHEJ_STORE_MEMORY (store));
  const SighejRecordsTime time = get_time (self);
  SighejStoreSwap own = *swap;
  g_auto (GStrv) woken = NULL;
  g_autoptr (GError) error = NULL;
  guint64 new_version;

  if (is_over (self, key, time.now_us))
    own.value = NULL;
  if (sighej_records_swap (self->records, key, &own, &time, &new_version, &error))
    {
      woken = g_strdupv ((char **) swap->wake);
      arm (self);
      swapped (TRUE, new_version, NULL, user_data);
      wake_all (self, woken);
    }
  else
    {
      swapped (FALSE, 0, error, user_data);
    }
}

static void
sighej_store_memory_is_attached (SighejStore *store,
                                 const char *session_id,
                                 SighejStoreAttached attached,
                                 gpointer user_data)
{
  SighejStoreMemory *self = SIGHEJ_STORE_MEMORY (store);
  const Session *session = find_live (self, session_id, sighej_clock_now_us (self->clock));

  attached (session != NULL && session->n_attached > 0, NULL, user_data);
}

static void
sighej_store_memory_ping (SighejStore *store, SighejStoreDone done, gpointer user_data)
{
  done (NULL, user_data);
}

static void
sighej_store_memory_iface_init (SighejStoreInterface *iface)
{
  iface->add_session = sighej_store_memory_add_session;
  iface->find_by_secret = sighej_store_memory_find_by_secret;
  iface->find_by_token = sighej_store_memory_find_by_token;
  iface->end_session = sighej_store_memory_end_session;
  iface->sight = sighej_store_memory_sight;
  iface->read_outbox = sighej_store_memory_read_outbox;
  iface->ack = sighej_store_memory_ack;
  iface->attach = sighej_store_memory_attach;
  iface->count = sighej_store_memory_count;
  iface->take_counts = sighej_store_memory_take_counts;
  iface->drop_counts = sighej_store_memory_drop_counts;
  iface->claim = sighej_store_memory_claim;
  iface->settle = sighej_store_memory_settle;
  iface->read_record = sighej_store_memory_read_record;
  iface->swap_record = sighej_store_memory_swap_record;
  iface->is_attached = sighej_store_memory_is_attached;
  iface->ping = sighej_store_memory_ping;
}
