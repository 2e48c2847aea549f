/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-store"

#include "config.h"

#include "sighej-store.h"

#include "sighej-error.h"

G_DEFINE_INTERFACE (SighejStore, sighej_store, G_TYPE_OBJECT)

static void
sighej_store_default_init (SighejStoreInterface *iface)
{
  static const char *const with_session[] = { "outbox", "displaced", "ended", "gone" };

  for (guint i = 0; i < G_N_ELEMENTS (with_session); i++)
    g_signal_new (with_session[i],
                  SIGHEJ_TYPE_STORE,
                  G_SIGNAL_RUN_LAST,
                  0,
                  NULL,
                  NULL,
                  NULL,
                  G_TYPE_NONE,
                  1,
                  G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE);
  g_signal_new (
      "counts", SIGHEJ_TYPE_STORE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

void
sighej_store_emit (SighejStore *self, const char *signal_name, const char *session_id)
{
  g_signal_emit_by_name (self, signal_name, session_id);
}

void
sighej_store_add_session (SighejStore *self,
                          const SighejStoreSession *session,
                          SighejStoreDone done,
                          gpointer user_data)
{
  g_return_if_fail (session->n_tokens >= 1 && session->n_tokens <= SIGHEJ_EPOCHS_MAX);
  g_return_if_fail (session->n_interests >= 1);
  g_return_if_fail (session->n_interests <= SIGHEJ_WIRE_INTERESTS_MAX);

  SIGHEJ_STORE_GET_IFACE (self)->add_session (self, session, done, user_data);
}

void
sighej_store_find_by_secret (SighejStore *self,
                             const guint8 secret_hash[SIGHEJ_SHA256_BYTES],
                             SighejStoreFound found,
                             gpointer user_data)
{
  SIGHEJ_STORE_GET_IFACE (self)->find_by_secret (self, secret_hash, found, user_data);
}

void
sighej_store_find_by_token (SighejStore *self,
                            const char *token,
                            SighejStoreFound found,
                            gpointer user_data)
{
  SIGHEJ_STORE_GET_IFACE (self)->find_by_token (self, token, found, user_data);
}

void
sighej_store_end_session (SighejStore *self,
                          const char *session_id,
                          SighejStoreDone done,
                          gpointer user_data)
{
  SIGHEJ_STORE_GET_IFACE (self)->end_session (self, session_id, done, user_data);
}

void
sighej_store_sight (SighejStore *self,
                    const SighejStoreReport *report,
                    SighejStoreSighted sighted,
                    gpointer user_data)
{
  SIGHEJ_STORE_GET_IFACE (self)->sight (self, report, sighted, user_data);
}

void
sighej_store_read_outbox (SighejStore *self,
                          const char *session_id,
                          guint64 after,
                          SighejStoreOutbox outbox,
                          gpointer user_data)
{
  SIGHEJ_STORE_GET_IFACE (self)->read_outbox (self, session_id, after, outbox, user_data);
}

void
sighej_store_ack (SighejStore *self,
                  const char *session_id,
                  guint64 seq,
                  SighejStoreDone done,
                  gpointer user_data)
{
  SIGHEJ_STORE_GET_IFACE (self)->ack (self, session_id, seq, done, user_data);
}

void
sighej_store_attach (
    SighejStore *self, const char *session_id, int change, SighejStoreDone done, gpointer user_data)
{
  SIGHEJ_STORE_GET_IFACE (self)->attach (self, session_id, change, done, user_data);
}

void
sighej_store_count (SighejStore *self, SighejStoreCounted counted, gpointer user_data)
{
  SIGHEJ_STORE_GET_IFACE (self)->count (self, counted, user_data);
}

void
sighej_store_take_counts (SighejStore *self, SighejStoreCounts counts, gpointer user_data)
{
  SIGHEJ_STORE_GET_IFACE (self)->take_counts (self, counts, user_data);
}

void
sighej_store_drop_counts (SighejStore *self,
                          const char *batch_id,
                          SighejStoreDone done,
                          gpointer user_data)
{
  SIGHEJ_STORE_GET_IFACE (self)->drop_counts (self, batch_id, done, user_data);
}

void
sighej_store_claim (SighejStore *self,
                    const SighejStoreClaim *claim,
                    SighejStoreClaimed claimed,
                    gpointer user_data)
{
  SIGHEJ_STORE_GET_IFACE (self)->claim (self, claim, claimed, user_data);
}

void
sighej_store_settle (SighejStore *self,
                     const SighejStoreClaim *claim,
                     GBytes *sealed_answer,
                     const char *session_id,
                     guint lifetime_s,
                     SighejStoreDone done,
                     gpointer user_data)
{
  g_return_if_fail (lifetime_s <= SIGHEJ_STORE_CLAIM_LIFETIME_SECONDS_MAX);

  SIGHEJ_STORE_GET_IFACE (self)->settle (
      self, claim, sealed_answer, session_id, lifetime_s, done, user_data);
}

/* Records */

static gboolean
is_record_key (const char *key)
{
  gsize n_chars = 0;

  while (n_chars <= SIGHEJ_STORE_RECORD_KEY_CHARS_MAX && g_ascii_isgraph (key[n_chars]))
    n_chars++;
  return n_chars >= 1 && n_chars <= SIGHEJ_STORE_RECORD_KEY_CHARS_MAX && key[n_chars] == '\0';
}

static gboolean
is_larger (GBytes *value, gsize n_bytes_max)
{
  return value != NULL && g_bytes_get_size (value) > n_bytes_max;
}

static gboolean
has_larger_part (const SighejStoreSwap *swap)
{
  for (guint i = 0; i < SIGHEJ_STORE_FLEETING_PARTS; i++)
    if (is_larger (swap->fleeting[i].value, SIGHEJ_STORE_FLEETING_BYTES_MAX))
      return TRUE;
  return FALSE;
}

/* (nullable): what is wrong with it. */
static GError *
check_record (const char *key, const SighejStoreSwap *swap)
{
  const char *problem = NULL;

  if (!is_record_key (key))
    problem = "the key of a record is 1 to 64 characters without a space";
  else if (is_larger (swap->value, SIGHEJ_STORE_RECORD_BYTES_MAX) || has_larger_part (swap))
    problem = "the record is too large";
  else if (swap->value != NULL
           && (swap->lifetime_ms < 1 || swap->lifetime_ms > SIGHEJ_STORE_RECORD_LIFETIME_MS_MAX))
    problem = "a record lives for 1 ms to 30 days";
  return problem != NULL ? g_error_new_literal (SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_REQUEST, problem)
                         : NULL;
}

void
sighej_store_read_record (SighejStore *self,
                          const char *key,
                          SighejStoreRecordRead read,
                          gpointer user_data)
{
  static const SighejStoreSwap nothing;
  g_autoptr (GError) error = check_record (key, &nothing);

  if (error != NULL)
    read (NULL, error, user_data);
  else
    SIGHEJ_STORE_GET_IFACE (self)->read_record (self, key, read, user_data);
}

void
sighej_store_swap_record (SighejStore *self,
                          const char *key,
                          const SighejStoreSwap *swap,
                          SighejStoreSwapped swapped,
                          gpointer user_data)
{
  g_autoptr (GError) error = check_record (key, swap);

  g_return_if_fail (swap->wake == NULL
                    || g_strv_length ((char **) swap->wake) <= SIGHEJ_STORE_WAKE_MAX);

  if (error != NULL)
    swapped (FALSE, 0, error, user_data);
  else
    SIGHEJ_STORE_GET_IFACE (self)->swap_record (self, key, swap, swapped, user_data);
}

void
sighej_store_is_attached (SighejStore *self,
                          const char *session_id,
                          SighejStoreAttached attached,
                          gpointer user_data)
{
  SIGHEJ_STORE_GET_IFACE (self)->is_attached (self, session_id, attached, user_data);
}

void
sighej_store_ping (SighejStore *self, SighejStoreDone done, gpointer user_data)
{
  SIGHEJ_STORE_GET_IFACE (self)->ping (self, done, user_data);
}
