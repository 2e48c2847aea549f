/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-claims"

#include "config.h"

#include "sighej-claims.h"

#include <string.h>

#include "sighej-expiry.h"

typedef struct
{
  SighejExpiryItem expiry; /* first: the queue hands it back */
  SighejStoreClaim claim;
  GBytes *answer; /* (nullable): NULL while it runs */
  char session_id[SIGHEJ_UUID_CHARS + 1];
  GQueue *of_caller; /* in callers */
  GList node;        /* in of_caller */
} Entry;

struct _SighejClaims
{
  GHashTable *entries;    /* of Entry.claim -> Entry, owned */
  GHashTable *callers;    /* caller -> GQueue of Entry, the oldest first */
  GHashTable *by_session; /* session id -> Entry that made it */
  SighejExpiry *expiry;
};

/* Both halves are hashes themselves. */
static guint
claim_hash (gconstpointer data)
{
  const SighejStoreClaim *claim = data;
  guint caller, key;

  memcpy (&caller, claim->caller, sizeof caller);
  memcpy (&key, claim->key, sizeof key);
  return caller ^ key;
}

static gboolean
claim_equal (gconstpointer a, gconstpointer b)
{
  const SighejStoreClaim *first = a;
  const SighejStoreClaim *second = b;

  return memcmp (first->caller, second->caller, sizeof first->caller) == 0
         && memcmp (first->key, second->key, sizeof first->key) == 0;
}

static guint
caller_hash (gconstpointer caller)
{
  guint hash;

  memcpy (&hash, caller, sizeof hash);
  return hash;
}

static gboolean
caller_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, SIGHEJ_SHA256_BYTES) == 0;
}

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_clear_pointer (&entry->answer, g_bytes_unref);
  sighej_wipe (entry, sizeof *entry);
  g_free (entry);
}

SighejClaims *
sighej_claims_new (void)
{
  SighejClaims *self = g_new0 (SighejClaims, 1);

  self->entries = g_hash_table_new_full (claim_hash, claim_equal, NULL, entry_free);
  self->callers = g_hash_table_new_full (caller_hash, caller_equal, g_free, g_free);
  self->by_session = g_hash_table_new (g_str_hash, g_str_equal);
  self->expiry = sighej_expiry_new ();
  return self;
}

void
sighej_claims_free (SighejClaims *self)
{
  sighej_expiry_free (self->expiry);
  g_hash_table_unref (self->by_session);
  g_hash_table_unref (self->callers);
  g_hash_table_unref (self->entries);
  g_free (self);
}

static void
drop (SighejClaims *self, Entry *entry)
{
  if (entry->session_id[0] != '\0')
    g_hash_table_remove (self->by_session, entry->session_id);
  g_queue_unlink (entry->of_caller, &entry->node);
  if (entry->of_caller->length == 0)
    g_hash_table_remove (self->callers, entry->claim.caller);
  sighej_expiry_remove (self->expiry, &entry->expiry);
  g_hash_table_remove (self->entries, &entry->claim);
}

static guint
room_for (const SighejStoreClaim *claim)
{
  static const guint8 nobody[SIGHEJ_SHA256_BYTES];

  return memcmp (claim->caller, nobody, sizeof nobody) == 0 ? SIGHEJ_CLAIMS_NOBODY_MAX
                                                            : SIGHEJ_STORE_CLAIMS_MAX;
}

static GQueue *
ensure_caller (SighejClaims *self, const SighejStoreClaim *claim)
{
  GQueue *of_caller = g_hash_table_lookup (self->callers, claim->caller);

  if (of_caller != NULL && of_caller->length >= room_for (claim))
    {
      drop (self, of_caller->head->data);
      of_caller = g_hash_table_lookup (self->callers, claim->caller);
    }
  if (of_caller == NULL)
    {
      of_caller = g_new0 (GQueue, 1);
      g_hash_table_insert (
          self->callers, g_memdup2 (claim->caller, sizeof claim->caller), of_caller);
    }
  return of_caller;
}

static Entry *
add (SighejClaims *self, const SighejStoreClaim *claim, gint64 until_us)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->claim = *claim;
  entry->of_caller = ensure_caller (self, claim);
  entry->node.data = entry;
  g_queue_push_tail_link (entry->of_caller, &entry->node);
  g_hash_table_insert (self->entries, &entry->claim, entry);
  sighej_expiry_set (self->expiry, &entry->expiry, until_us);
  return entry;
}

SighejClaimState
sighej_claims_take (SighejClaims *self,
                    const SighejStoreClaim *claim,
                    gint64 now_us,
                    GBytes **answer)
{
  const Entry *entry;

  *answer = NULL;
  sighej_claims_expire (self, now_us);
  entry = g_hash_table_lookup (self->entries, claim);
  if (entry == NULL)
    {
      add (self, claim, now_us + SIGHEJ_STORE_CLAIM_SECONDS * (gint64) G_USEC_PER_SEC);
      return SIGHEJ_CLAIM_NEW;
    }
  if (memcmp (entry->claim.body, claim->body, sizeof claim->body) != 0)
    return SIGHEJ_CLAIM_OTHER_BODY;
  if (entry->answer == NULL)
    return SIGHEJ_CLAIM_RUNNING;
  *answer = g_bytes_ref (entry->answer);
  return SIGHEJ_CLAIM_DONE;
}

static void
finish (SighejClaims *self, Entry *entry, GBytes *answer, const char *session_id, gint64 until_us)
{
  entry->answer = g_bytes_ref (answer);
  sighej_expiry_set (self->expiry, &entry->expiry, until_us);
  if (session_id == NULL)
    return;
  g_strlcpy (entry->session_id, session_id, sizeof entry->session_id);
  g_hash_table_insert (self->by_session, entry->session_id, entry);
}

void
sighej_claims_settle (SighejClaims *self,
                      const SighejStoreClaim *claim,
                      GBytes *answer,
                      const char *session_id,
                      gint64 now_us,
                      gint64 until_us)
{
  Entry *entry;

  sighej_claims_expire (self, now_us);
  entry = g_hash_table_lookup (self->entries, claim);
  /* It lapsed, and somebody else is doing or has done it. */
  if (entry != NULL
      && (entry->answer != NULL
          || memcmp (entry->claim.body, claim->body, sizeof claim->body) != 0))
    return;

  if (answer == NULL || until_us <= now_us)
    {
      if (entry != NULL)
        drop (self, entry);
      return;
    }
  if (entry == NULL)
    entry = add (self, claim, until_us);
  finish (self, entry, answer, session_id, until_us);
}

void
sighej_claims_forget_caller (SighejClaims *self, const guint8 caller[SIGHEJ_SHA256_BYTES])
{
  GQueue *of_caller;

  while ((of_caller = g_hash_table_lookup (self->callers, caller)) != NULL)
    drop (self, of_caller->head->data);
}

void
sighej_claims_forget_session (SighejClaims *self, const char *session_id)
{
  Entry *entry = g_hash_table_lookup (self->by_session, session_id);

  if (entry != NULL)
    drop (self, entry);
}

void
sighej_claims_expire (SighejClaims *self, gint64 now_us)
{
  while (sighej_claims_next_us (self) <= now_us)
    drop (self, (Entry *) sighej_expiry_peek (self->expiry));
}

gint64
sighej_claims_next_us (SighejClaims *self)
{
  const SighejExpiryItem *next = sighej_expiry_peek (self->expiry);

  return next != NULL ? next->at_us : G_MAXINT64;
}
