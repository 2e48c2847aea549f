/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-store-memory"

#include "config.h"

#include "sighej-store-memory.h"

#include <string.h>

#include "sighej-ageing.h"
#include "sighej-error.h"
#include "sighej-expiry.h"
#include "sighej-keyed-hash.h"
#include "sighej-matcher.h"
#include "sighej-outbox.h"
#include "sighej-pairs.h"

#define SECONDS_US(seconds) ((gint64) (seconds) *G_USEC_PER_SEC)

typedef struct _Session Session;

typedef struct
{
  const char *text; /* behind the array of tokens; NULL: dropped */
  gint64 from_us;
  gint64 until_us;
  Session *session;
} Token;

struct _Session
{
  SighejExpiryItem expiry; /* first: the queue hands it back */
  guint n_refs;            /* the store's, and one while a callback looks at it */
  SighejPairsMember member;

  char id[SIGHEJ_UUID_CHARS + 1];
  guint8 secret_hash[SIGHEJ_SHA256_BYTES];
  guint8 opening_id[SIGHEJ_OPENING_ID_BYTES];
  gint64 expires_us;
  gboolean tombstone;

  Token *tokens; /* [0] names the session, so it stays in the table for the whole of its life */
  guint n_tokens;
  gsize tokens_bytes;

  SighejMatcherSide side;
  SighejStoreInterest *interests;
  GBytes *sealed_labels;
  guint64 categories;

  guint n_attached;
  gint64 detached_us; /* since when it has no socket, while n_attached is 0 */

  SighejOutbox outbox;
};

struct _SighejStoreMemory
{
  GObject parent_instance;

  SighejClock *clock;

  GHashTable *by_id;     /* id -> Session, owns a reference */
  GHashTable *by_secret; /* secret_hash -> Session; not those of legacy mode */
  GHashTable *by_token;  /* of Token, as a set */
  SighejExpiry *expiry;
  SighejPairs *pairs;
  SighejAgeing *nudged;     /* nudge id -> bit per side: has acknowledged it */
  SighejAgeing *tombstones; /* HMAC of the token */
  guint8 tombstone_key[SIGHEJ_KEY_BYTES];

  /* nobody; what an unknown token is compared with, so that it costs what a known one does */
  SighejStoreInterest decoy_interests[SIGHEJ_WIRE_INTERESTS_MAX];
  guint8 decoy_opening_id[SIGHEJ_OPENING_ID_BYTES];

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

static gboolean
has_secret (const guint8 secret_hash[SIGHEJ_SHA256_BYTES])
{
  static const guint8 none[SIGHEJ_SHA256_BYTES];

  return memcmp (secret_hash, none, sizeof none) != 0;
}

/* Sessions */

static Session *
session_ref (Session *session)
{
  session->n_refs++;
  return session;
}

static void
session_unref (gpointer data)
{
  Session *session = data;

  if (--session->n_refs > 0)
    return;

  sighej_wipe (session->tokens, session->tokens_bytes);
  g_free (session->tokens);
  sighej_wipe (session->interests, session->side.n_interests * sizeof *session->interests);
  g_free (session->interests);
  g_bytes_unref (session->sealed_labels);
  sighej_outbox_clear (&session->outbox);
  sighej_wipe (session, sizeof *session);
  g_free (session);
}

static void
copy_tokens (Session *session, const SighejStoreSession *from, gint64 now_us)
{
  gsize n_bytes = from->n_tokens * sizeof (Token);
  char *text;

  for (guint i = 0; i < from->n_tokens; i++)
    n_bytes += strlen (from->tokens[i].text) + 1;
  session->tokens = g_malloc0 (n_bytes);
  session->tokens_bytes = n_bytes;
  session->n_tokens = from->n_tokens;

  text = (char *) (session->tokens + from->n_tokens);
  for (guint i = 0; i < from->n_tokens; i++)
    {
      Token *token = &session->tokens[i];

      token->text = text;
      token->from_us = now_us + SECONDS_US (MAX (0, from->tokens[i].from_s));
      token->until_us = now_us + SECONDS_US (from->tokens[i].until_s);
      token->session = session;
      text = g_stpcpy (text, from->tokens[i].text) + 1;
    }
}

static Session *
session_new (const SighejStoreSession *from, gint64 now_us)
{
  Session *session = g_new0 (Session, 1);

  session->n_refs = 1;
  g_strlcpy (session->id, from->id, sizeof session->id);
  memcpy (session->secret_hash, from->secret_hash, sizeof session->secret_hash);
  memcpy (session->opening_id, from->opening_id, sizeof session->opening_id);
  session->expires_us = now_us + SECONDS_US (from->lifetime_s);
  session->tombstone = from->tombstone;
  copy_tokens (session, from, now_us);
  session->interests = g_memdup2 (from->interests, from->n_interests * sizeof *from->interests);
  session->side = (SighejMatcherSide){ from->day, from->n_interests, session->interests };
  session->sealed_labels = g_bytes_ref (from->sealed_labels);
  session->categories = from->categories;
  session->detached_us = now_us;
  return session;
}

static void
fill_info (const Session *session, gint64 now_us, SighejStoreInfo *info)
{
  info->id = session->id;
  info->first_token = session->tokens[0].text;
  info->remaining_ms = (guint) ((session->expires_us - now_us) / 1000);
  info->newest_seq = session->outbox.newest_seq;
  info->day = session->side.day;
  info->n_interests = session->side.n_interests;
  info->sealed_labels = session->sealed_labels;
  info->categories = session->categories;
}

/* The instant something about the session must be dropped: a token that is over, or all of it. */
static gint64
next_event_us (const Session *session)
{
  gint64 next_us = session->expires_us;

  for (guint i = 1; i < session->n_tokens; i++)
    if (session->tokens[i].text != NULL)
      next_us = MIN (next_us, session->tokens[i].until_us);
  return next_us;
}

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
  guint8 mac[SIGHEJ_SHA256_BYTES];

  sighej_hmac_sha256 (
      self->tombstone_key, sizeof self->tombstone_key, (const guint8 *) token, strlen (token), mac);
  memcpy (out, mac, SIGHEJ_AGEING_KEY_BYTES);
}

static void
end_session (SighejStoreMemory *self, Session *session, gint64 now_us)
{
  guint8 hash[SIGHEJ_AGEING_KEY_BYTES];

  if (session->tombstone)
    {
      tombstone_hash (self, session->tokens[0].text, hash);
      sighej_ageing_add (self->tombstones, hash, now_us);
    }
  for (guint i = 0; i < session->n_tokens; i++)
    drop_token (self, &session->tokens[i]);
  sighej_pairs_forget (self->pairs, &session->member);
  sighej_expiry_remove (self->expiry, &session->expiry);
  if (has_secret (session->secret_hash))
    g_hash_table_remove (self->by_secret, session->secret_hash);
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
  sighej_expiry_set (self->expiry, &session->expiry, next_event_us (session));
}

static void
expire (SighejStoreMemory *self, gint64 now_us)
{
  SighejExpiryItem *due;

  while ((due = sighej_expiry_peek (self->expiry)) != NULL && due->at_us <= now_us)
    expire_session (self, (Session *) due, now_us);
  sighej_pairs_expire (self->pairs, now_us);
  sighej_ageing_expire (self->nudged, now_us);
  sighej_ageing_expire (self->tombstones, now_us);
}

static gint64
next_due_us (SighejStoreMemory *self)
{
  const SighejExpiryItem *due = sighej_expiry_peek (self->expiry);
  gint64 next_us = due != NULL ? due->at_us : G_MAXINT64;

  next_us = MIN (next_us, sighej_pairs_next_us (self->pairs));
  next_us = MIN (next_us, sighej_ageing_next_us (self->nudged));
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
sighej_store_memory_init (SighejStoreMemory *self)
{
  self->by_id = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, session_unref);
  self->by_secret = g_hash_table_new (secret_hash_hash, secret_hash_equal);
  self->by_token = g_hash_table_new (token_hash, token_equal);
  self->expiry = sighej_expiry_new ();
  self->pairs = sighej_pairs_new (SECONDS_US (SIGHEJ_STORE_SIGHTING_SECONDS),
                                  SIGHEJ_STORE_MEMORY_PAIRS_MAX);
  self->nudged
      = sighej_ageing_new (SECONDS_US (SIGHEJ_STORE_PAIR_SECONDS), SIGHEJ_STORE_MEMORY_NUDGED_MAX);
  self->tombstones = sighej_ageing_new (SECONDS_US (SIGHEJ_STORE_TOMBSTONE_SECONDS),
                                        SIGHEJ_STORE_MEMORY_TOMBSTONES_MAX);
  sighej_random_bytes (self->tombstone_key, sizeof self->tombstone_key);
  sighej_random_bytes ((guint8 *) self->decoy_interests, sizeof self->decoy_interests);
  sighej_random_bytes (self->decoy_opening_id, sizeof self->decoy_opening_id);
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
    sighej_pairs_forget (self->pairs, &((Session *) session)->member);
  g_hash_table_unref (self->by_token);
  g_hash_table_unref (self->by_secret);
  g_hash_table_unref (self->by_id);
  sighej_expiry_free (self->expiry);
  sighej_pairs_free (self->pairs);
  sighej_ageing_free (self->nudged);
  sighej_ageing_free (self->tombstones);
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

  fill_info (session_ref (session), now_us, &info);
  found (&info, NULL, user_data);
  session_unref (session);
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

  session = session_new (from, now_us);
  g_hash_table_insert (self->by_id, session->id, session);
  if (has_secret (session->secret_hash))
    g_hash_table_insert (self->by_secret, session->secret_hash, session);
  for (guint i = 0; i < session->n_tokens; i++)
    g_hash_table_add (self->by_token, &session->tokens[i]);
  sighej_expiry_set (self->expiry, &session->expiry, next_event_us (session));
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

  fill_info (session_ref (session), now_us, &info);
  outbox (nudges, sighej_outbox_read (&session->outbox, after, nudges), &info, NULL, user_data);
  session_unref (session);
}

/* Remembers that this opening has been told, so that no later session of it is told again. */
static void
on_told (const char *nudge_id, guint side, gpointer user_data)
{
  SighejStoreMemory *self = user_data;
  guint8 key[SIGHEJ_AGEING_KEY_BYTES];
  guint *told;

  sighej_hex_decode (nudge_id, key, sizeof key);
  told = sighej_ageing_lookup (self->nudged, key, sighej_clock_now_us (self->clock));
  if (told != NULL)
    *told |= 1u << side;
}

static void
sighej_store_memory_ack (SighejStore *store,
                         const char *session_id,
                         guint64 seq,
                         SighejStoreDone done,
                         gpointer user_data)
{
  SighejStoreMemory *self = SIGHEJ_STORE_MEMORY (store);
  Session *session = find_live (self, session_id, sighej_clock_now_us (self->clock));
  g_autoptr (GError) error = NULL;

  if (session != NULL)
    sighej_outbox_ack (&session->outbox, seq, on_told, self);
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

typedef struct
{
  Session *own;
  Session *peer; /* (nullable): nobody stands behind the detected token */
  SighejMatchPolicy policy;
  gint64 now_us;

  guint32 own_mask;
  guint32 peer_mask;
  char nudge_id[33];
  guint8 nudge_key[SIGHEJ_AGEING_KEY_BYTES];
  guint own_side; /* as in the outbox; the peer's is the other one */
} Meeting;

static gboolean
is_matchable (const Session *session, const Meeting *meeting)
{
  return meeting->policy == SIGHEJ_MATCH_LEGACY || session->n_attached > 0
         || meeting->now_us - session->detached_us < SECONDS_US (SIGHEJ_STORE_DETACHED_SECONDS);
}

/* Does the same work for a token that nobody stands behind. */
static void
compare (SighejStoreMemory *self, Meeting *meeting, const guint8 key[SIGHEJ_KEY_BYTES])
{
  const Session *own = meeting->own;
  SighejMatcherSide decoy = { own->side.day, own->side.n_interests, self->decoy_interests };
  const SighejMatcherSide *other = &decoy;
  const guint8 *opening_id = self->decoy_opening_id;

  if (meeting->peer != NULL)
    {
      other = &meeting->peer->side;
      opening_id = meeting->peer->opening_id;
    }
  sighej_matcher_overlap (&own->side, other, &meeting->own_mask, &meeting->peer_mask);
  sighej_nudge_id (key, own->opening_id, opening_id, meeting->nudge_id);
  sighej_hex_decode (meeting->nudge_id, meeting->nudge_key, sizeof meeting->nudge_key);
  meeting->own_side = memcmp (own->opening_id, opening_id, SIGHEJ_OPENING_ID_BYTES) > 0;
}

static gboolean
may_meet (const Meeting *meeting)
{
  const Session *own = meeting->own;
  const Session *peer = meeting->peer;

  return peer != NULL && meeting->own_mask != 0
         && memcmp (own->opening_id, peer->opening_id, SIGHEJ_OPENING_ID_BYTES) != 0
         && is_matchable (own, meeting) && is_matchable (peer, meeting);
}

static void
nudge_both (SighejStoreMemory *self, const Meeting *meeting)
{
  void (*put) (SighejOutbox *, const char *, guint, guint32)
      = meeting->policy == SIGHEJ_MATCH_LEGACY ? sighej_outbox_push_over : sighej_outbox_push;

  put (&meeting->own->outbox, meeting->nudge_id, meeting->own_side, meeting->own_mask);
  put (&meeting->peer->outbox, meeting->nudge_id, 1 - meeting->own_side, meeting->peer_mask);
  sighej_ageing_add (self->nudged, meeting->nudge_key, meeting->now_us);
}

/* A side that renewed its session before it heard of the nudge finds it in its new outbox. */
static gboolean
remind (Session *session, const Meeting *meeting, guint told, guint side, guint32 mask)
{
  if ((told & (1u << side)) != 0 || sighej_outbox_is_full (&session->outbox)
      || sighej_outbox_has (&session->outbox, meeting->nudge_id))
    return FALSE;

  sighej_outbox_push (&session->outbox, meeting->nudge_id, side, mask);
  return TRUE;
}

static gboolean
remind_both (const Meeting *meeting, guint told)
{
  gboolean own = remind (meeting->own, meeting, told, meeting->own_side, meeting->own_mask);
  gboolean peer = remind (meeting->peer, meeting, told, 1 - meeting->own_side, meeting->peer_mask);

  return own || peer;
}

static void
decide (SighejStoreMemory *self, const Meeting *meeting, SighejStoreSight *sight)
{
  const guint *told;

  if (!may_meet (meeting))
    return;

  told = sighej_ageing_lookup (self->nudged, meeting->nudge_key, meeting->now_us);
  if (told != NULL && meeting->policy != SIGHEJ_MATCH_LEGACY)
    {
      sight->wake = remind_both (meeting, *told);
    }
  else
    {
      if (meeting->policy == SIGHEJ_MATCH_MUTUAL
          && !sighej_pairs_report (
              self->pairs, &meeting->own->member, &meeting->peer->member, meeting->now_us))
        return;
      if (meeting->policy != SIGHEJ_MATCH_LEGACY
          && (sighej_outbox_is_full (&meeting->own->outbox)
              || sighej_outbox_is_full (&meeting->peer->outbox)))
        return;
      nudge_both (self, meeting);
      sight->fresh = TRUE;
      sight->wake = TRUE;
    }

  sight->match = TRUE;
  sight->peer_attached = meeting->peer->n_attached > 0;
  sight->own_mask = meeting->own_mask;
  sight->peer_id = sight->wake ? meeting->peer->id : NULL;
}

static void
sighej_store_memory_sight (SighejStore *store,
                           const char *session_id,
                           const char *own_token,
                           const char *detected_token,
                           SighejMatchPolicy policy,
                           const guint8 *nudge_key,
                           SighejStoreSighted sighted,
                           gpointer user_data)
{
  SighejStoreMemory *self = SIGHEJ_STORE_MEMORY (store);
  Meeting meeting = { .policy = policy, .now_us = sighej_clock_now_us (self->clock) };
  SighejStoreSight sight = { 0 };
  g_autoptr (GError) error = NULL;

  meeting.own = find_live (self, session_id, meeting.now_us);
  if (meeting.own == NULL
      || (own_token != NULL && resolve_token (self, own_token, meeting.now_us) != meeting.own))
    {
      error = new_not_found ();
      sighted (NULL, error, user_data);
      return;
    }

  meeting.peer = resolve_token (self, detected_token, meeting.now_us);
  compare (self, &meeting, nudge_key);
  if (meeting.peer != NULL)
    session_ref (meeting.peer);
  decide (self, &meeting, &sight);
  arm (self);
  sighted (&sight, NULL, user_data);
  g_clear_pointer (&meeting.peer, session_unref);
}

static void
sighej_store_memory_count (SighejStore *store, SighejStoreCounted counted, gpointer user_data)
{
  SighejStoreMemory *self = SIGHEJ_STORE_MEMORY (store);

  expire (self, sighej_clock_now_us (self->clock));
  counted (g_hash_table_size (self->by_id), NULL, user_data);
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
}
