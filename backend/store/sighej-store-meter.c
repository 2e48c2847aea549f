/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-store-meter"

#include "config.h"

#include "sighej-store-meter.h"

#include "sighej-error.h"
#include "sighej-metrics.h"
#include "sighej-span.h"

struct _SighejStoreMeter
{
  GObject parent_instance;

  SighejStore *store;
};

static void store_meter_init_store (SighejStoreInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SighejStoreMeter,
                               sighej_store_meter,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SIGHEJ_TYPE_STORE, store_meter_init_store))

/* One call on its way. Whoever asked is called back through it. */
typedef struct
{
  SighejMetricOperation operation;
  gint64 begun_us;
  SighejSpan *span;   /* (nullable) */
  SighejSpan *caller; /* (nullable): whose part it is */
  GCallback callback; /* of the type that belongs to the operation */
  gpointer user_data;
} Call;

static const char *const span_names[] = {
  "store add_session", "store find",        "store end_session", "store sight",
  "store read_outbox", "store ack",         "store attach",      "store count",
  "store take_counts", "store drop_counts", "store claim",       "store settle",
  "store read_record", "store swap_record", "store is_attached", "store ping",
};

static Call *
call_new (SighejMetricOperation operation, GCallback callback, gpointer user_data)
{
  Call *call = g_new (Call, 1);

  *call = (Call){
    .operation = operation,
    .begun_us = g_get_monotonic_time (),
    .span = sighej_span_new_child (span_names[operation], SIGHEJ_SPAN_CLIENT),
    .caller = sighej_span_ref (sighej_span_get_current ()),
    .callback = callback,
    .user_data = user_data,
  };
  return call;
}

/* Counts, and goes back to where the call came from. Returns: for call_leave(). */
static SighejSpan *
call_return (Call *call, const GError *error)
{
  gboolean failed = g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE);

  sighej_metrics_observe (SIGHEJ_METRIC_STORE_CALL_DURATION,
                          call->operation,
                          (guint64) (g_get_monotonic_time () - call->begun_us));
  if (failed)
    sighej_metrics_add (SIGHEJ_METRIC_STORE_ERRORS, call->operation, 1);
  sighej_span_end (call->span, failed);
  return sighej_span_enter (call->caller);
}

static void
call_leave (Call *call, SighejSpan *before)
{
  sighej_span_leave (before);
  sighej_span_unref (call->span);
  sighej_span_unref (call->caller);
  g_free (call);
}

/* ---- coming back ---- */

static void
on_done (const GError *error, gpointer user_data)
{
  Call *call = user_data;
  SighejSpan *before = call_return (call, error);

  if (error == NULL && call->operation == SIGHEJ_OPERATION_ADD_SESSION)
    sighej_metrics_add (SIGHEJ_METRIC_SESSIONS_OPENED, 0, 1);
  if (error == NULL && call->operation == SIGHEJ_OPERATION_END_SESSION)
    sighej_metrics_add (SIGHEJ_METRIC_SESSIONS_DELETED, 0, 1);
  ((SighejStoreDone) call->callback) (error, call->user_data);
  call_leave (call, before);
}

static void
on_found (const SighejStoreInfo *info, const GError *error, gpointer user_data)
{
  Call *call = user_data;
  SighejSpan *before = call_return (call, error);

  ((SighejStoreFound) call->callback) (info, error, call->user_data);
  call_leave (call, before);
}

static void
on_sighted (const SighejStoreSight *sight, const GError *error, gpointer user_data)
{
  Call *call = user_data;
  SighejSpan *before = call_return (call, error);
  SighejMetricSighting outcome = SIGHEJ_SIGHTING_FAILED;

  if (sight != NULL)
    outcome = sight->match ? SIGHEJ_SIGHTING_MATCH : SIGHEJ_SIGHTING_NO_MATCH;
  sighej_metrics_add (SIGHEJ_METRIC_SIGHTINGS, outcome, 1);
  if (sight != NULL && sight->fresh)
    sighej_metrics_add (SIGHEJ_METRIC_NUDGES_WRITTEN, 0, 1);
  if (g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_RATE_LIMITED))
    sighej_metrics_add (SIGHEJ_METRIC_RATE_LIMITED, SIGHEJ_RULE_SIGHTINGS, 1);
  ((SighejStoreSighted) call->callback) (sight, error, call->user_data);
  call_leave (call, before);
}

static void
on_outbox (const SighejStoreNudge *nudges,
           guint n_nudges,
           const SighejStoreInfo *info,
           const GError *error,
           gpointer user_data)
{
  Call *call = user_data;
  SighejSpan *before = call_return (call, error);

  if (error == NULL)
    sighej_metrics_observe (SIGHEJ_METRIC_OUTBOX_DEPTH, 0, n_nudges);
  ((SighejStoreOutbox) call->callback) (nudges, n_nudges, info, error, call->user_data);
  call_leave (call, before);
}

static void
on_counted (guint64 n_sessions, const GError *error, gpointer user_data)
{
  Call *call = user_data;
  SighejSpan *before = call_return (call, error);

  ((SighejStoreCounted) call->callback) (n_sessions, error, call->user_data);
  call_leave (call, before);
}

static void
on_counts (const SighejBatch *const *batches,
           guint n_batches,
           const GError *error,
           gpointer user_data)
{
  Call *call = user_data;
  SighejSpan *before = call_return (call, error);

  ((SighejStoreCounts) call->callback) (batches, n_batches, error, call->user_data);
  call_leave (call, before);
}

static void
on_claimed (SighejClaimState state, GBytes *sealed_answer, const GError *error, gpointer user_data)
{
  Call *call = user_data;
  SighejSpan *before = call_return (call, error);

  if (error == NULL)
    sighej_metrics_add (SIGHEJ_METRIC_IDEMPOTENCY, state, 1);
  ((SighejStoreClaimed) call->callback) (state, sealed_answer, error, call->user_data);
  call_leave (call, before);
}

/* ---- going out ---- */

static SighejStore *
inner (SighejStore *store)
{
  return SIGHEJ_STORE_METER (store)->store;
}

#define CALL(operation) call_new (SIGHEJ_OPERATION_##operation, G_CALLBACK (callback), user_data)

static void
add_session (SighejStore *store,
             const SighejStoreSession *session,
             SighejStoreDone callback,
             gpointer user_data)
{
  sighej_store_add_session (inner (store), session, on_done, CALL (ADD_SESSION));
}

static void
find_by_secret (SighejStore *store,
                const guint8 *hash,
                SighejStoreFound callback,
                gpointer user_data)
{
  sighej_store_find_by_secret (inner (store), hash, on_found, CALL (FIND));
}

static void
find_by_token (SighejStore *store, const char *token, SighejStoreFound callback, gpointer user_data)
{
  sighej_store_find_by_token (inner (store), token, on_found, CALL (FIND));
}

static void
end_session (SighejStore *store, const char *id, SighejStoreDone callback, gpointer user_data)
{
  sighej_store_end_session (inner (store), id, on_done, CALL (END_SESSION));
}

static void
sight (SighejStore *store,
       const SighejStoreReport *report,
       SighejStoreSighted callback,
       gpointer user_data)
{
  sighej_store_sight (inner (store), report, on_sighted, CALL (SIGHT));
}

static void
read_outbox (SighejStore *store,
             const char *id,
             guint64 after,
             SighejStoreOutbox callback,
             gpointer user_data)
{
  sighej_store_read_outbox (inner (store), id, after, on_outbox, CALL (READ_OUTBOX));
}

static void
ack (SighejStore *store, const char *id, guint64 seq, SighejStoreDone callback, gpointer user_data)
{
  sighej_store_ack (inner (store), id, seq, on_done, CALL (ACK));
}

static void
attach (
    SighejStore *store, const char *id, int change, SighejStoreDone callback, gpointer user_data)
{
  sighej_store_attach (inner (store), id, change, on_done, CALL (ATTACH));
}

static void
count (SighejStore *store, SighejStoreCounted callback, gpointer user_data)
{
  sighej_store_count (inner (store), on_counted, CALL (COUNT));
}

static void
take_counts (SighejStore *store, SighejStoreCounts callback, gpointer user_data)
{
  sighej_store_take_counts (inner (store), on_counts, CALL (TAKE_COUNTS));
}

static void
drop_counts (SighejStore *store, const char *id, SighejStoreDone callback, gpointer user_data)
{
  sighej_store_drop_counts (inner (store), id, on_done, CALL (DROP_COUNTS));
}

static void
claim (SighejStore *store,
       const SighejStoreClaim *wanted,
       SighejStoreClaimed callback,
       gpointer user_data)
{
  sighej_store_claim (inner (store), wanted, on_claimed, CALL (CLAIM));
}

static void
settle (SighejStore *store,
        const SighejStoreClaim *settled,
        GBytes *sealed_answer,
        const char *session_id,
        guint lifetime_s,
        SighejStoreDone callback,
        gpointer user_data)
{
  sighej_store_settle (
      inner (store), settled, sealed_answer, session_id, lifetime_s, on_done, CALL (SETTLE));
}

/*
 * Records are not measured: a count of them, or how long they took, would show the operator of a
 * quiet cell that somebody waved, and nobody is to learn of a wave that is not answered.
 */
static void
read_record (SighejStore *store,
             const char *key,
             SighejStoreRecordRead callback,
             gpointer user_data)
{
  sighej_store_read_record (inner (store), key, callback, user_data);
}

static void
swap_record (SighejStore *store,
             const char *key,
             const SighejStoreSwap *swap,
             SighejStoreSwapped callback,
             gpointer user_data)
{
  sighej_store_swap_record (inner (store), key, swap, callback, user_data);
}

static void
is_attached (SighejStore *store, const char *id, SighejStoreAttached callback, gpointer user_data)
{
  sighej_store_is_attached (inner (store), id, callback, user_data);
}

static void
ping (SighejStore *store, SighejStoreDone callback, gpointer user_data)
{
  sighej_store_ping (inner (store), on_done, CALL (PING));
}

static void
store_meter_init_store (SighejStoreInterface *iface)
{
  iface->add_session = add_session;
  iface->find_by_secret = find_by_secret;
  iface->find_by_token = find_by_token;
  iface->end_session = end_session;
  iface->sight = sight;
  iface->read_outbox = read_outbox;
  iface->ack = ack;
  iface->attach = attach;
  iface->count = count;
  iface->take_counts = take_counts;
  iface->drop_counts = drop_counts;
  iface->claim = claim;
  iface->settle = settle;
  iface->read_record = read_record;
  iface->swap_record = swap_record;
  iface->is_attached = is_attached;
  iface->ping = ping;
}

/* ---- signals ---- */

static void
on_session_signal (SighejStore *store, const char *session_id, SighejStoreMeter *self)
{
  const GSignalInvocationHint *hint = g_signal_get_invocation_hint (store);

  sighej_store_emit (SIGHEJ_STORE (self), g_signal_name (hint->signal_id), session_id);
}

static void
on_counts_signal (SighejStore *store, SighejStoreMeter *self)
{
  g_signal_emit_by_name (self, "counts");
}

/* ---- life ---- */

static void
sighej_store_meter_finalize (GObject *object)
{
  g_object_unref (SIGHEJ_STORE_METER (object)->store);

  G_OBJECT_CLASS (sighej_store_meter_parent_class)->finalize (object);
}

static void
sighej_store_meter_class_init (SighejStoreMeterClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sighej_store_meter_finalize;
}

static void
sighej_store_meter_init (SighejStoreMeter *self)
{
}

SighejStore *
sighej_store_meter_new (SighejStore *store)
{
  static const char *const with_session[] = { "outbox", "displaced", "ended", "gone" };
  SighejStoreMeter *self = g_object_new (SIGHEJ_TYPE_STORE_METER, NULL);

  self->store = g_object_ref (store);
  for (guint i = 0; i < G_N_ELEMENTS (with_session); i++)
    g_signal_connect_object (store, with_session[i], G_CALLBACK (on_session_signal), self, 0);
  g_signal_connect_object (store, "counts", G_CALLBACK (on_counts_signal), self, 0);
  return SIGHEJ_STORE (self);
}
