/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "slow-store.h"

#include <string.h>

#include "sighej-error.h"

typedef struct _Call Call;
struct _Call
{
  void (*run) (SighejStore *behind, const Call *call);
  char *session_id;
  char *own_token;
  char *detected_token;
  guint8 key[SIGHEJ_SHA256_BYTES];
  guint64 number;
  SighejMatchPolicy policy;
  union
  {
    SighejStoreFound found;
    SighejStoreSighted sighted;
    SighejStoreOutbox outbox;
    SighejStoreDone done;
  } callback;
  gpointer user_data;
};

struct _SlowStore
{
  GObject parent_instance;

  SighejStore *behind;
  GQueue waiting; /* of Call */
  gboolean holding;
  gboolean broken;
};

static void slow_store_iface_init (SighejStoreInterface *iface);
G_DEFINE_FINAL_TYPE_WITH_CODE (SlowStore,
                               slow_store,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SIGHEJ_TYPE_STORE, slow_store_iface_init))

static void
call_free (gpointer data)
{
  Call *call = data;

  g_free (call->session_id);
  g_free (call->own_token);
  g_free (call->detected_token);
  g_free (call);
}

static void
slow_store_init (SlowStore *self)
{
  g_queue_init (&self->waiting);
}

static void
slow_store_finalize (GObject *object)
{
  SlowStore *self = SLOW_STORE (object);

  g_assert_cmpuint (self->waiting.length, ==, 0);
  g_object_unref (self->behind);
  G_OBJECT_CLASS (slow_store_parent_class)->finalize (object);
}

static void
slow_store_class_init (SlowStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slow_store_finalize;
}

/* Takes @call. */
static void
run_or_hold (SighejStore *store, Call *call)
{
  SlowStore *self = SLOW_STORE (store);

  if (self->holding)
    {
      g_queue_push_tail (&self->waiting, call);
      return;
    }
  call->run (self->behind, call);
  call_free (call);
}

static Call *
call_new (void (*run) (SighejStore *, const Call *), const char *session_id, gpointer user_data)
{
  Call *call = g_new0 (Call, 1);

  call->run = run;
  call->session_id = g_strdup (session_id);
  call->user_data = user_data;
  return call;
}

/* ---- what is held ---- */

static void
run_find_by_secret (SighejStore *behind, const Call *call)
{
  sighej_store_find_by_secret (behind, call->key, call->callback.found, call->user_data);
}

static void
slow_store_find_by_secret (SighejStore *store,
                           const guint8 *secret_hash,
                           SighejStoreFound found,
                           gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  Call *call;

  if (SLOW_STORE (store)->broken)
    {
      error = g_error_new (SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE, "the store is away");
      found (NULL, error, user_data);
      return;
    }
  call = call_new (run_find_by_secret, NULL, user_data);
  memcpy (call->key, secret_hash, sizeof call->key);
  call->callback.found = found;
  run_or_hold (store, call);
}

static void
run_sight (SighejStore *behind, const Call *call)
{
  const SighejStoreReport report = {
    .session_id = call->session_id,
    .own_token = call->own_token,
    .detected_token = call->detected_token,
    .policy = call->policy,
    .n_per_minute = 1,
  };

  sighej_store_sight (behind, &report, call->callback.sighted, call->user_data);
}

static void
slow_store_sight (SighejStore *store,
                  const SighejStoreReport *report,
                  SighejStoreSighted sighted,
                  gpointer user_data)
{
  Call *call = call_new (run_sight, report->session_id, user_data);

  call->own_token = g_strdup (report->own_token);
  call->detected_token = g_strdup (report->detected_token);
  call->policy = report->policy;
  call->callback.sighted = sighted;
  run_or_hold (store, call);
}

static void
run_read_outbox (SighejStore *behind, const Call *call)
{
  sighej_store_read_outbox (
      behind, call->session_id, call->number, call->callback.outbox, call->user_data);
}

static void
slow_store_read_outbox (SighejStore *store,
                        const char *session_id,
                        guint64 after,
                        SighejStoreOutbox outbox,
                        gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  Call *call;

  if (SLOW_STORE (store)->broken)
    {
      error = g_error_new (SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE, "the store is away");
      outbox (NULL, 0, NULL, error, user_data);
      return;
    }
  call = call_new (run_read_outbox, session_id, user_data);
  call->number = after;
  call->callback.outbox = outbox;
  run_or_hold (store, call);
}

static void
run_ack (SighejStore *behind, const Call *call)
{
  sighej_store_ack (behind, call->session_id, call->number, call->callback.done, call->user_data);
}

static void
slow_store_ack (SighejStore *store,
                const char *session_id,
                guint64 seq,
                SighejStoreDone done,
                gpointer user_data)
{
  Call *call = call_new (run_ack, session_id, user_data);

  call->number = seq;
  call->callback.done = done;
  run_or_hold (store, call);
}

/* ---- what is not ---- */

static void
slow_store_add_session (SighejStore *store,
                        const SighejStoreSession *session,
                        SighejStoreDone done,
                        gpointer user_data)
{
  sighej_store_add_session (SLOW_STORE (store)->behind, session, done, user_data);
}

static void
slow_store_find_by_token (SighejStore *store,
                          const char *token,
                          SighejStoreFound found,
                          gpointer user_data)
{
  sighej_store_find_by_token (SLOW_STORE (store)->behind, token, found, user_data);
}

static void
slow_store_end_session (SighejStore *store,
                        const char *session_id,
                        SighejStoreDone done,
                        gpointer user_data)
{
  sighej_store_end_session (SLOW_STORE (store)->behind, session_id, done, user_data);
}

static void
slow_store_attach (SighejStore *store,
                   const char *session_id,
                   int change,
                   SighejStoreDone done,
                   gpointer user_data)
{
  sighej_store_attach (SLOW_STORE (store)->behind, session_id, change, done, user_data);
}

static void
slow_store_count (SighejStore *store, SighejStoreCounted counted, gpointer user_data)
{
  sighej_store_count (SLOW_STORE (store)->behind, counted, user_data);
}

static void
slow_store_take_counts (SighejStore *store, SighejStoreCounts counts, gpointer user_data)
{
  sighej_store_take_counts (SLOW_STORE (store)->behind, counts, user_data);
}

static void
slow_store_drop_counts (SighejStore *store,
                        const char *batch_id,
                        SighejStoreDone done,
                        gpointer user_data)
{
  sighej_store_drop_counts (SLOW_STORE (store)->behind, batch_id, done, user_data);
}

static void
slow_store_claim (SighejStore *store,
                  const SighejStoreClaim *claim,
                  SighejStoreClaimed claimed,
                  gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!SLOW_STORE (store)->broken)
    {
      sighej_store_claim (SLOW_STORE (store)->behind, claim, claimed, user_data);
      return;
    }
  error = g_error_new (SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE, "the store is away");
  claimed (SIGHEJ_CLAIM_RUNNING, NULL, error, user_data);
}

static void
slow_store_settle (SighejStore *store,
                   const SighejStoreClaim *claim,
                   GBytes *sealed_answer,
                   const char *session_id,
                   guint lifetime_s,
                   SighejStoreDone done,
                   gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!SLOW_STORE (store)->broken)
    {
      sighej_store_settle (SLOW_STORE (store)->behind,
                           claim,
                           sealed_answer,
                           session_id,
                           lifetime_s,
                           done,
                           user_data);
      return;
    }
  error = g_error_new (SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE, "the store is away");
  done (error, user_data);
}

static void
slow_store_read_record (SighejStore *store,
                        const char *key,
                        SighejStoreRecordRead read,
                        gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!SLOW_STORE (store)->broken)
    {
      sighej_store_read_record (SLOW_STORE (store)->behind, key, read, user_data);
      return;
    }
  error = g_error_new (SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE, "the store is away");
  read (NULL, error, user_data);
}

static void
slow_store_swap_record (SighejStore *store,
                        const char *key,
                        const SighejStoreSwap *swap,
                        SighejStoreSwapped swapped,
                        gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!SLOW_STORE (store)->broken)
    {
      sighej_store_swap_record (SLOW_STORE (store)->behind, key, swap, swapped, user_data);
      return;
    }
  error = g_error_new (SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE, "the store is away");
  swapped (FALSE, 0, error, user_data);
}

static void
slow_store_is_attached (SighejStore *store,
                        const char *session_id,
                        SighejStoreAttached attached,
                        gpointer user_data)
{
  sighej_store_is_attached (SLOW_STORE (store)->behind, session_id, attached, user_data);
}

static void
on_outbox (SighejStore *behind, const char *session_id, SlowStore *self)
{
  sighej_store_emit (SIGHEJ_STORE (self), "outbox", session_id);
}

static void
slow_store_iface_init (SighejStoreInterface *iface)
{
  iface->add_session = slow_store_add_session;
  iface->find_by_secret = slow_store_find_by_secret;
  iface->find_by_token = slow_store_find_by_token;
  iface->end_session = slow_store_end_session;
  iface->sight = slow_store_sight;
  iface->read_outbox = slow_store_read_outbox;
  iface->ack = slow_store_ack;
  iface->attach = slow_store_attach;
  iface->count = slow_store_count;
  iface->take_counts = slow_store_take_counts;
  iface->drop_counts = slow_store_drop_counts;
  iface->claim = slow_store_claim;
  iface->settle = slow_store_settle;
  iface->read_record = slow_store_read_record;
  iface->swap_record = slow_store_swap_record;
  iface->is_attached = slow_store_is_attached;
}

SlowStore *
slow_store_new (SighejStore *behind)
{
  SlowStore *self = g_object_new (SLOW_TYPE_STORE, NULL);

  self->behind = g_object_ref (behind);
  g_signal_connect_object (behind, "outbox", G_CALLBACK (on_outbox), self, 0);
  return self;
}

void
slow_store_hold (SlowStore *self)
{
  self->holding = TRUE;
}

guint
slow_store_get_n_waiting (SlowStore *self)
{
  return self->waiting.length;
}

void
slow_store_answer (SlowStore *self)
{
  Call *call = g_queue_pop_head (&self->waiting);

  g_assert_nonnull (call);
  call->run (self->behind, call);
  call_free (call);
}

void
slow_store_release (SlowStore *self)
{
  self->holding = FALSE;
  while (self->waiting.length > 0)
    slow_store_answer (self);
}

void
slow_store_break (SlowStore *self)
{
  self->broken = TRUE;
}

void
slow_store_mend (SlowStore *self)
{
  self->broken = FALSE;
}
