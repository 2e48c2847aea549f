/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-store-redis"

#include "config.h"

#include "sighej-store-redis.h"

#include <string.h>

#include "sighej-error.h"
#include "sighej-redis-acks.h"
#include "sighej-redis-args.h"
#include "sighej-redis-claims.h"
#include "sighej-redis-counts.h"
#include "sighej-redis-queue.h"
#include "sighej-redis-records.h"
#include "sighej-redis-scripts.h"
#include "sighej-redis-told.h"
#include "sighej-redis-worker.h"

#define HANDLE_BYTES 8
#define TOMBSTONE_BYTES 16
#define KEY_TAG_BYTES 8
#define MINUTE_US (60 * (guint64) G_USEC_PER_SEC)

/* What sight.lua says in its flags. */
enum
{
  FLAG_FRESH = 1,
  FLAG_WAKE = 2,
  FLAG_PEER_ATTACHED = 4,
};

/* A nudge that has just been pushed, and all that its outbox held besides was read before. */
typedef struct
{
  const SighejStoreInfo *info;
  SighejStoreNudge nudge;
} Pushed;

struct _SighejStoreRedis
{
  GObject parent_instance;

  const Pushed *pushed; /* (array length=n_pushed): while the sighting that pushed them is told */
  guint n_pushed;

  SighejRedis *commands;
  SighejRedisAcks *acks;
  SighejRedisQueue *handshakes;
  SighejRedisWorker *worker;
  guint8 tombstone_key[SIGHEJ_KEY_BYTES];
};

static void sighej_store_redis_iface_init (SighejStoreInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SighejStoreRedis,
                               sighej_store_redis,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SIGHEJ_TYPE_STORE,
                                                      sighej_store_redis_iface_init))

/* Life */

static void
sighej_store_redis_init (SighejStoreRedis *self)
{
}

/* Whoever waits for an answer hears that there will be none, while everything is still here. */
static void
sighej_store_redis_dispose (GObject *object)
{
  SighejStoreRedis *self = SIGHEJ_STORE_REDIS (object);

  sighej_redis_acks_flush (self->acks);
  g_object_run_dispose (G_OBJECT (self->commands));
  g_clear_pointer (&self->acks, sighej_redis_acks_free);
  g_clear_pointer (&self->handshakes, sighej_redis_queue_free);
  g_clear_pointer (&self->worker, sighej_redis_worker_free);

  G_OBJECT_CLASS (sighej_store_redis_parent_class)->dispose (object);
}

static void
sighej_store_redis_finalize (GObject *object)
{
  SighejStoreRedis *self = SIGHEJ_STORE_REDIS (object);

  g_object_unref (self->commands);
  sighej_wipe (self->tombstone_key, sizeof self->tombstone_key);

  G_OBJECT_CLASS (sighej_store_redis_parent_class)->finalize (object);
}

static void
sighej_store_redis_class_init (SighejStoreRedisClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sighej_store_redis_dispose;
  G_OBJECT_CLASS (klass)->finalize = sighej_store_redis_finalize;
}

static void
write_key_tag (const guint8 *key, char out[2 * KEY_TAG_BYTES + 1])
{
  static const guint8 what[] = "the same interest key";
  guint8 mac[SIGHEJ_SHA256_BYTES];

  sighej_hmac_sha256 (key, SIGHEJ_KEY_BYTES, what, sizeof what, mac);
  sighej_hex_encode (mac, KEY_TAG_BYTES, out);
}

SighejStore *
sighej_store_redis_new (const SighejRedisUrl *url,
                        const guint8 tombstone_key[SIGHEJ_KEY_BYTES],
                        SighejClock *clock)
{
  SighejStoreRedis *self = g_object_new (SIGHEJ_TYPE_STORE_REDIS, NULL);
  char key_tag[2 * KEY_TAG_BYTES + 1];

  memcpy (self->tombstone_key, tombstone_key, sizeof self->tombstone_key);
  write_key_tag (tombstone_key, key_tag);
  self->commands = sighej_redis_new (url, NULL, clock);
  self->acks = sighej_redis_acks_new (self->commands, clock);
  self->handshakes = sighej_redis_queue_new (self->commands, clock);
  self->worker = sighej_redis_worker_new (
      SIGHEJ_STORE (self), self->commands, self->handshakes, key_tag, url, clock);
  return SIGHEJ_STORE (self);
}

const char *
sighej_store_redis_get_worker_id (SighejStoreRedis *self)
{
  return sighej_redis_worker_get_id (self->worker);
}

/* Calls: each waits for one answer. No reference is held: the store calls back before it goes. */

typedef struct
{
  SighejStoreRedis *self;
  union
  {
    SighejStoreDone done;
    SighejStoreFound found;
    SighejStoreSighted sighted;
    SighejStoreOutbox outbox;
    SighejStoreCounted counted;
  } callback;
  gpointer user_data;
} Call;

static Call *
call_new (SighejStore *store, gpointer user_data)
{
  Call *call = g_new (Call, 1);

  call->self = SIGHEJ_STORE_REDIS (store);
  call->user_data = user_data;
  return call;
}

static void
args_init (SighejRedisArgs *args)
{
  args->n = 0;
  args->n_numbers = 0;
}

static void
run (Call *call, SighejRedisScriptName name, const SighejRedisArgs *args, SighejRedisDone done)
{
  sighej_redis_script (call->self->commands,
                       sighej_redis_scripts_get (name),
                       0,
                       args->n,
                       args->args,
                       args->n_bytes,
                       done,
                       call);
}

/* The same for what a socket begins with: it may wait until the pipeline has room. */
static void
run_in_turn (Call *call,
             SighejRedisScriptName name,
             const SighejRedisArgs *args,
             SighejRedisDone done)
{
  sighej_redis_queue_script (call->self->handshakes,
                             sighej_redis_scripts_get (name),
                             args->n,
                             args->args,
                             args->n_bytes,
                             done,
                             call);
}

/* Of a session attached here it is known, which saves Redis a look-up. */
static void
add_first_token (SighejRedisArgs *args, const Call *call, const char *session_id)
{
  sighej_redis_args_text (args,
                          sighej_redis_worker_get_first_token (call->self->worker, session_id));
}

static GError *
new_not_found (void)
{
  return g_error_new_literal (SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_FOUND, "there is no such session");
}

/* (nullable): what went wrong, of a script that answers nil when there is no session. */
static GError *
judge (const SighejRedisReply *reply, const GError *error)
{
  if (error != NULL)
    return sighej_redis_told_new_problem (error);
  return sighej_redis_reply_get_kind (reply) == SIGHEJ_REDIS_NIL ? new_not_found () : NULL;
}

static void
on_done (const SighejRedisReply *reply, const GError *error, gpointer user_data)
{
  g_autofree Call *call = user_data;
  g_autoptr (GError) problem = judge (reply, error);

  call->callback.done (problem, call->user_data);
}

/* Sessions */

static void
on_added (const SighejRedisReply *reply, const GError *error, gpointer user_data)
{
  g_autofree Call *call = user_data;
  g_autoptr (GError) problem = NULL;

  if (error != NULL)
    problem = sighej_redis_told_new_problem (error);
  else if (sighej_redis_reply_get_integer (reply) == 0)
    problem = g_error_new_literal (
        SIGHEJ_ERROR, SIGHEJ_ERROR_CONFLICT, "this token is taken, draw a new one");
  call->callback.done (problem, call->user_data);
}

/* What a session is written with: everything binary that Redis compares or shows as hex. */
typedef struct
{
  char secret[2 * SIGHEJ_SHA256_BYTES + 1];
  char opening[2 * SIGHEJ_STORE_OPENING_BYTES + 1];
  char handle[2 * HANDLE_BYTES + 1];
  guint8 hashes[SIGHEJ_WIRE_INTERESTS_MAX * 16];
  guint8 hashes_next[SIGHEJ_WIRE_INTERESTS_MAX * 16];
  char tombstones[SIGHEJ_EPOCHS_MAX][2 * TOMBSTONE_BYTES + 1];
  char public_key[2 * SIGHEJ_PUBLIC_KEY_BYTES + 1];
} Written;

static void
written_init (Written *self, const SighejStoreSession *session, const guint8 *tombstone_key)
{
  guint8 handle[HANDLE_BYTES];
  guint8 mac[SIGHEJ_SHA256_BYTES];

  sighej_redis_claims_write_caller (session->secret_hash, self->secret);
  sighej_hex_encode (session->opening, sizeof session->opening, self->opening);
  self->public_key[0] = '\0';
  if (session->has_public_key)
    sighej_hex_encode (session->public_key, sizeof session->public_key, self->public_key);
  sighej_random_bytes (handle, sizeof handle);
  sighej_hex_encode (handle, sizeof handle, self->handle);
  for (guint i = 0; i < session->n_interests; i++)
    {
      memcpy (self->hashes + 16 * i, session->interests[i].today, 16);
      memcpy (self->hashes_next + 16 * i, session->interests[i].tomorrow, 16);
    }
  for (guint i = 0; i < session->n_tokens; i++)
    {
      const char *text = session->tokens[i].text;

      sighej_hmac_sha256 (
          tombstone_key, SIGHEJ_KEY_BYTES, (const guint8 *) text, strlen (text), mac);
      sighej_hex_encode (mac, TOMBSTONE_BYTES, self->tombstones[i]);
    }
}

static void
add_tokens (SighejRedisArgs *args, const SighejStoreSession *session, const Written *written)
{
  for (guint i = 0; i < session->n_tokens; i++)
    {
      const SighejStoreToken *token = &session->tokens[i];

      sighej_redis_args_text (args, token->text);
      sighej_redis_args_text (args, written->tombstones[i]);
      sighej_redis_args_number (args, (guint64) MAX (0, token->from_s) * G_USEC_PER_SEC);
      sighej_redis_args_number (args, (guint64) MAX (0, token->until_s) * G_USEC_PER_SEC);
    }
}

static void
sighej_store_redis_add_session (SighejStore *store,
                                const SighejStoreSession *session,
                                SighejStoreDone done,
                                gpointer user_data)
{
  Call *call = call_new (store, user_data);
  Written written;
  SighejRedisArgs args;
  gsize n_sealed;
  const char *sealed = g_bytes_get_data (session->sealed_labels, &n_sealed);

  call->callback.done = done;
  written_init (&written, session, call->self->tombstone_key);
  args_init (&args);
  sighej_redis_args_text (&args, session->id);
  sighej_redis_args_text (&args, written.secret);
  sighej_redis_args_text (&args, written.opening);
  sighej_redis_args_text (&args, written.handle);
  sighej_redis_args_number (&args, session->day);
  sighej_redis_args_bytes (&args, written.hashes, 16 * session->n_interests);
  sighej_redis_args_bytes (&args, written.hashes_next, 16 * session->n_interests);
  sighej_redis_args_bytes (&args, sealed, n_sealed);
  sighej_redis_args_number (&args, session->categories);
  sighej_redis_args_text (&args, written.public_key);
  sighej_redis_args_bytes (&args,
                           session->avoid != NULL ? (gconstpointer) session->avoid : "",
                           session->avoid != NULL ? SIGHEJ_STORE_AVOID_BYTES : 0);
  sighej_redis_args_number (&args, (guint64) session->lifetime_s * G_USEC_PER_SEC);
  sighej_redis_args_text (&args, session->tombstone ? "1" : "0");
  sighej_redis_args_number (&args, session->n_tokens);
  add_tokens (&args, session, &written);
  for (guint i = 0; session->category_ids != NULL && session->category_ids[i] != NULL; i++)
    sighej_redis_args_text (&args, session->category_ids[i]);
  run (call, SIGHEJ_REDIS_ADD, &args, on_added);
  sighej_wipe (&written, sizeof written);
}

static void
on_found (const SighejRedisReply *reply, const GError *error, gpointer user_data)
{
  g_autofree Call *call = user_data;
  g_autoptr (GError) problem = judge (reply, error);
  SighejRedisTold told;

  if (problem != NULL)
    {
      call->callback.found (NULL, problem, call->user_data);
      return;
    }
  sighej_redis_told_read (&told, reply);
  call->callback.found (&told.info, NULL, call->user_data);
  sighej_redis_told_clear (&told);
}

static void
find (SighejStore *store,
      const char *kind,
      const char *name,
      SighejStoreFound found,
      gpointer user_data)
{
  Call *call = call_new (store, user_data);
  SighejRedisArgs args;

  call->callback.found = found;
  args_init (&args);
  sighej_redis_args_text (&args, kind);
  sighej_redis_args_text (&args, name);
  run_in_turn (call, SIGHEJ_REDIS_FIND, &args, on_found);
}

static void
sighej_store_redis_find_by_secret (SighejStore *store,
                                   const guint8 *secret_hash,
                                   SighejStoreFound found,
                                   gpointer user_data)
{
  char secret[2 * SIGHEJ_SHA256_BYTES + 1];

  sighej_redis_claims_write_caller (secret_hash, secret);
  find (store, "secret", secret, found, user_data);
}

static void
sighej_store_redis_find_by_token (SighejStore *store,
                                  const char *token,
                                  SighejStoreFound found,
                                  gpointer user_data)
{
  find (store, "tok", token, found, user_data);
}

static void
sighej_store_redis_end_session (SighejStore *store,
                                const char *session_id,
                                SighejStoreDone done,
                                gpointer user_data)
{
  Call *call = call_new (store, user_data);
  SighejRedisArgs args;

  call->callback.done = done;
  sighej_redis_acks_flush (call->self->acks);
  args_init (&args);
  sighej_redis_args_text (&args, session_id);
  sighej_redis_args_text (&args, sighej_redis_worker_get_id (call->self->worker));
  run (call, SIGHEJ_REDIS_END, &args, on_done);
}

static void
sighej_store_redis_attach (SighejStore *store,
                           const char *session_id,
                           int change,
                           SighejStoreDone done,
                           gpointer user_data)
{
  SighejStoreRedis *self = SIGHEJ_STORE_REDIS (store);

  if (change < 0)
    sighej_redis_acks_flush (self->acks);
  sighej_redis_worker_attach (self->worker, session_id, change, done, user_data);
}

static void
on_counted (const SighejRedisReply *reply, const GError *error, gpointer user_data)
{
  g_autofree Call *call = user_data;
  g_autoptr (GError) problem = error != NULL ? sighej_redis_told_new_problem (error) : NULL;

  call->callback.counted (
      (guint64) sighej_redis_reply_get_integer (reply), problem, call->user_data);
}

static void
sighej_store_redis_count (SighejStore *store, SighejStoreCounted counted, gpointer user_data)
{
  Call *call = call_new (store, user_data);
  SighejRedisArgs args;

  call->callback.counted = counted;
  args_init (&args);
  run (call, SIGHEJ_REDIS_COUNT, &args, on_counted);
}

/* Sightings */

/* What sight.lua pushed for one of the two, if it did. */
static gboolean
read_pushed (Pushed *pushed,
             const SighejStoreInfo *info,
             const SighejStoreInfo *other,
             guint64 seq,
             guint64 mask)
{
  SighejStoreNudge *nudge = &pushed->nudge;

  if (seq == 0)
    return FALSE;
  pushed->info = info;
  *nudge = (SighejStoreNudge){ .seq = seq,
                               .shared_mask = (guint32) mask,
                               .has_peer_key = other->public_key != NULL };
  memcpy (nudge->peer_opening, other->opening, sizeof nudge->peer_opening);
  if (other->public_key != NULL)
    memcpy (nudge->peer_key, other->public_key, sizeof nudge->peer_key);
  return TRUE;
}

/* Who hears of it here reads the outbox at once: what was pushed is at hand meanwhile. */
static void
tell_with_pushed (Call *call,
                  const SighejStoreSight *sight,
                  const SighejRedisReply *reply,
                  const SighejStoreInfo *peer)
{
  SighejStoreRedis *self = call->self;
  guint8 opening[SIGHEJ_STORE_OPENING_BYTES] = { 0 };
  guint8 key[SIGHEJ_PUBLIC_KEY_BYTES];
  SighejStoreInfo other = { .opening = opening };
  Pushed pushed[2];
  guint n_pushed = 0;

  sighej_hex_decode (sighej_redis_told_text (reply, 5), opening, sizeof opening);
  if (sighej_hex_decode (sighej_redis_told_text (reply, 8), key, sizeof key))
    other.public_key = key;
  n_pushed += read_pushed (
      &pushed[n_pushed], sight->own, &other, sighej_redis_told_number (reply, 4), sight->own_mask);
  if (peer != NULL)
    n_pushed += read_pushed (&pushed[n_pushed],
                             peer,
                             sight->own,
                             sighej_redis_told_number (reply, 6),
                             sighej_redis_told_number (reply, 7));
  self->pushed = pushed;
  self->n_pushed = n_pushed;
  call->callback.sighted (sight, NULL, call->user_data);
  self->pushed = NULL;
  self->n_pushed = 0;
}

/* { flags, own mask, peer's id, the caller's session, its new nudge's number or 0, the peer's
 * opening, its nudge's number, its mask, its public key or "", its session when it is attached
 * here } */
static void
tell_sighted (Call *call, const SighejRedisReply *reply)
{
  g_autoptr (SighejStoreRedis) self G_GNUC_UNUSED = g_object_ref (call->self);
  gint64 flags = sighej_redis_reply_get_integer (sighej_redis_reply_get (reply, 0));
  const SighejRedisReply *peer_reply = sighej_redis_reply_get (reply, 9);
  gboolean has_peer = sighej_redis_reply_get_kind (peer_reply) == SIGHEJ_REDIS_ARRAY;
  SighejStoreSight sight = {
    .match = TRUE,
    .fresh = (flags & FLAG_FRESH) != 0,
    .wake = (flags & FLAG_WAKE) != 0,
    .peer_attached = (flags & FLAG_PEER_ATTACHED) != 0,
    .own_mask = (guint32) sighej_redis_told_number (reply, 1),
  };
  SighejRedisTold own, peer;

  if (sight.wake)
    sight.peer_id = sighej_redis_told_text (reply, 2);
  sighej_redis_told_read (&own, sighej_redis_reply_get (reply, 3));
  sight.own = &own.info;
  if (has_peer)
    sighej_redis_told_read (&peer, peer_reply);
  tell_with_pushed (call, &sight, reply, has_peer ? &peer.info : NULL);
  if (has_peer)
    sighej_redis_told_clear (&peer);
  sighej_redis_told_clear (&own);
}

static GError *
new_refusal (gint64 answer)
{
  if (answer < 0)
    return new_not_found ();
  return sighej_error_new_rate_limited ("too many requests", (guint) answer);
}

static void
on_sighted (const SighejRedisReply *reply, const GError *error, gpointer user_data)
{
  static const SighejStoreSight no_match;
  g_autofree Call *call = user_data;
  g_autoptr (GError) problem = NULL;

  if (error != NULL)
    problem = sighej_redis_told_new_problem (error);
  else if (sighej_redis_reply_get_kind (reply) == SIGHEJ_REDIS_ARRAY)
    {
      tell_sighted (call, reply);
      return;
    }
  else if (sighej_redis_reply_get_integer (reply) != 0)
    problem = new_refusal (sighej_redis_reply_get_integer (reply));
  call->callback.sighted (problem == NULL ? &no_match : NULL, problem, call->user_data);
}

static const char *
policy_name (SighejMatchPolicy policy)
{
  switch (policy)
    {
    case SIGHEJ_MATCH_ONE_SIDED:
      return "one-sided";
    case SIGHEJ_MATCH_LEGACY:
      return "legacy";
    case SIGHEJ_MATCH_MUTUAL:
    default:
      return "mutual";
    }
}

static void
sighej_store_redis_sight (SighejStore *store,
                          const SighejStoreReport *report,
                          SighejStoreSighted sighted,
                          gpointer user_data)
{
  Call *call = call_new (store, user_data);
  SighejRedisWorker *worker = call->self->worker;
  SighejRedisArgs args;

  call->callback.sighted = sighted;
  args_init (&args);
  sighej_redis_args_text (&args, report->session_id);
  add_first_token (&args, call, report->session_id);
  sighej_redis_args_text (&args, sighej_redis_worker_get_id (worker));
  sighej_redis_args_text (&args, report->own_token != NULL ? report->own_token : "");
  sighej_redis_args_text (&args, report->detected_token);
  sighej_redis_args_text (&args, policy_name (report->policy));
  sighej_redis_args_number (&args, report->n_burst);
  sighej_redis_args_number (&args, MINUTE_US / MAX (1, report->n_per_minute));
  run (call, SIGHEJ_REDIS_SIGHT, &args, on_sighted);
}

/* The outbox */

typedef struct
{
  Call call; /* first */
  guint64 after;
} OutboxCall;

static void
on_outbox (const SighejRedisReply *reply, const GError *error, gpointer user_data)
{
  g_autofree OutboxCall *outbox_call = user_data;
  Call *call = &outbox_call->call;
  g_autoptr (GError) problem = judge (reply, error);
  SighejStoreNudge nudges[SIGHEJ_STORE_OUTBOX_MAX];
  guint n_nudges;
  SighejRedisTold told;

  if (problem != NULL)
    {
      call->callback.outbox (NULL, 0, NULL, problem, call->user_data);
      return;
    }

  sighej_redis_told_read (&told, sighej_redis_reply_get (reply, 0));
  n_nudges
      = sighej_redis_told_nudges (sighej_redis_reply_get (reply, 1), outbox_call->after, nudges);
  sighej_redis_worker_note_read (call->self->worker, told.info.id, told.info.newest_seq);
  call->callback.outbox (nudges, n_nudges, &told.info, NULL, call->user_data);
  sighej_redis_told_clear (&told);
}

/* Numbers have no gaps: behind the last one that was read there is the new one and no other. */
static gboolean
read_pushed_outbox (SighejStoreRedis *self,
                    const char *session_id,
                    guint64 after,
                    SighejStoreOutbox outbox,
                    gpointer user_data)
{
  for (guint i = 0; i < self->n_pushed; i++)
    {
      const Pushed *pushed = &self->pushed[i];

      if (pushed->nudge.seq != after + 1 || !g_str_equal (pushed->info->id, session_id))
        continue;
      sighej_redis_worker_note_read (self->worker, session_id, pushed->nudge.seq);
      outbox (&pushed->nudge, 1, pushed->info, NULL, user_data);
      return TRUE;
    }
  return FALSE;
}

static void
sighej_store_redis_read_outbox (SighejStore *store,
                                const char *session_id,
                                guint64 after,
                                SighejStoreOutbox outbox,
                                gpointer user_data)
{
  OutboxCall *call;
  SighejRedisArgs args;

  if (read_pushed_outbox (SIGHEJ_STORE_REDIS (store), session_id, after, outbox, user_data))
    return;
  call = g_new (OutboxCall, 1);
  *call = (OutboxCall){
    .call = { SIGHEJ_STORE_REDIS (store), { .outbox = outbox }, user_data },
    .after = after,
  };
  args_init (&args);
  sighej_redis_args_text (&args, "id");
  sighej_redis_args_text (&args, session_id);
  add_first_token (&args, &call->call, session_id);
  run_in_turn (&call->call, SIGHEJ_REDIS_FIND, &args, on_outbox);
}

static void
sighej_store_redis_ack (SighejStore *store,
                        const char *session_id,
                        guint64 seq,
                        SighejStoreDone done,
                        gpointer user_data)
{
  sighej_redis_acks_add (SIGHEJ_STORE_REDIS (store)->acks, session_id, seq, done, user_data);
}

/* Counters */

static void
sighej_store_redis_take_counts (SighejStore *store, SighejStoreCounts counts, gpointer user_data)
{
  SighejStoreRedis *self = SIGHEJ_STORE_REDIS (store);

  sighej_redis_counts_take (
      self->commands, sighej_redis_worker_get_id (self->worker), counts, user_data);
}

static void
sighej_store_redis_drop_counts (SighejStore *store,
                                const char *batch_id,
                                SighejStoreDone done,
                                gpointer user_data)
{
  Call *call = call_new (store, user_data);
  SighejRedisArgs args;

  call->callback.done = done;
  args_init (&args);
  sighej_redis_args_text (&args, batch_id);
  run (call, SIGHEJ_REDIS_DROP, &args, on_done);
}

/* Idempotency */

static void
sighej_store_redis_claim (SighejStore *store,
                          const SighejStoreClaim *claim,
                          SighejStoreClaimed claimed,
                          gpointer user_data)
{
  sighej_redis_claims_take (SIGHEJ_STORE_REDIS (store)->commands, claim, claimed, user_data);
}

static void
sighej_store_redis_settle (SighejStore *store,
                           const SighejStoreClaim *claim,
                           GBytes *sealed_answer,
                           const char *session_id,
                           guint lifetime_s,
                           SighejStoreDone done,
                           gpointer user_data)
{
  sighej_redis_claims_settle (SIGHEJ_STORE_REDIS (store)->commands,
                              claim,
                              sealed_answer,
                              session_id,
                              lifetime_s,
                              done,
                              user_data);
}

/* Records */

static void
sighej_store_redis_read_record (SighejStore *store,
                                const char *key,
                                SighejStoreRecordRead read,
                                gpointer user_data)
{
  sighej_redis_records_read (SIGHEJ_STORE_REDIS (store)->commands, key, read, user_data);
}

static void
sighej_store_redis_swap_record (SighejStore *store,
                                const char *key,
                                const SighejStoreSwap *swap,
                                SighejStoreSwapped swapped,
                                gpointer user_data)
{
  SighejStoreRedis *self = SIGHEJ_STORE_REDIS (store);

  sighej_redis_records_swap (store, self->commands, self->worker, key, swap, swapped, user_data);
}

static void
sighej_store_redis_is_attached (SighejStore *store,
                                const char *session_id,
                                SighejStoreAttached attached,
                                gpointer user_data)
{
  sighej_redis_worker_is_attached (
      SIGHEJ_STORE_REDIS (store)->worker, session_id, attached, user_data);
}

static void
sighej_store_redis_ping (SighejStore *store, SighejStoreDone done, gpointer user_data)
{
  static const char *const args[] = { "PING" };
  Call *call = call_new (store, user_data);

  call->callback.done = done;
  sighej_redis_command (call->self->commands, G_N_ELEMENTS (args), args, NULL, on_done, call);
}

static void
sighej_store_redis_iface_init (SighejStoreInterface *iface)
{
  iface->add_session = sighej_store_redis_add_session;
  iface->find_by_secret = sighej_store_redis_find_by_secret;
  iface->find_by_token = sighej_store_redis_find_by_token;
  iface->end_session = sighej_store_redis_end_session;
  iface->sight = sighej_store_redis_sight;
  iface->read_outbox = sighej_store_redis_read_outbox;
  iface->ack = sighej_store_redis_ack;
  iface->attach = sighej_store_redis_attach;
  iface->count = sighej_store_redis_count;
  iface->take_counts = sighej_store_redis_take_counts;
  iface->drop_counts = sighej_store_redis_drop_counts;
  iface->claim = sighej_store_redis_claim;
  iface->settle = sighej_store_redis_settle;
  iface->read_record = sighej_store_redis_read_record;
  iface->swap_record = sighej_store_redis_swap_record;
  iface->is_attached = sighej_store_redis_is_attached;
  iface->ping = sighej_store_redis_ping;
}
