/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-store"

#include "config.h"

#include "sighej-store.h"

G_DEFINE_INTERFACE (SighejStore, sighej_store, G_TYPE_OBJECT)

static void
sighej_store_default_init (SighejStoreInterface *iface)
{
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
                    const char *session_id,
                    const char *own_token,
                    const char *detected_token,
                    SighejMatchPolicy policy,
                    const guint8 nudge_key[SIGHEJ_KEY_BYTES],
                    SighejStoreSighted sighted,
                    gpointer user_data)
{
  SIGHEJ_STORE_GET_IFACE (self)->sight (
      self, session_id, own_token, detected_token, policy, nudge_key, sighted, user_data);
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
