/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-redis-worker"

#include "config.h"

#include "sighej-redis-worker.h"

#include <string.h>

#include "sighej-error.h"
#include "sighej-metrics.h"
#include "sighej-redis-args.h"
#include "sighej-redis-scripts.h"
#include "sighej-redis-told.h"

#define ID_BYTES 8
#define UNKNOWN (-1)   /* what reattach.lua answers */
#define ELSEWHERE (-2) /* the same */

typedef struct
{
  char session_id[SIGHEJ_UUID_CHARS + 1];
  char first_token[SIGHEJ_WIRE_TOKEN_CHARS_MAX + 1];
  guint n_sockets;
  gboolean is_detaching; /* Redis is being told that there is no socket */
  guint n_attaching;     /* how often it is being told that there is one */
  gboolean is_untold;    /* it could not be told so */
  guint64 seq;           /* the outbox has been read up to this */
  guint64 swap;          /* of the swaps of records it is to look at, the newest it was told */
  GList node;            /* in order */
} Attached;

struct _SighejRedisWorker
{
  SighejStore *store;
  SighejRedis *commands;
  SighejRedisQueue *handshakes;
  SighejRedis *listener;
  SighejClock *clock;
  char id[2 * ID_BYTES + 1];
  char *key_tag;
  gboolean sees_other_key; /* the last heartbeat found others with another interest key */

  GHashTable *attached; /* session id -> Attached, owned */
  GQueue order;         /* of Attached: who is checked next */
  guint timer;
};

/* What is attached here */

static Attached *
find (SighejRedisWorker *self, const char *session_id)
{
  return g_hash_table_lookup (self->attached, session_id);
}

static Attached *
ensure (SighejRedisWorker *self, const char *session_id)
{
  Attached *attached = find (self, session_id);

  if (attached != NULL)
    return attached;
  attached = g_new0 (Attached, 1);
  g_strlcpy (attached->session_id, session_id, sizeof attached->session_id);
  attached->node.data = attached;
  g_queue_push_tail_link (&self->order, &attached->node);
  g_hash_table_insert (self->attached, attached->session_id, attached);
  return attached;
}

static void
forget (SighejRedisWorker *self, Attached *attached)
{
  g_queue_unlink (&self->order, &attached->node);
  g_hash_table_remove (self->attached, attached->session_id);
}

static void
attached_free (gpointer data)
{
  Attached *attached = data;

  sighej_wipe (attached, sizeof *attached);
  g_free (attached);
}

/* @session_id may belong to what a handler of the signal frees. */
static void
emit (SighejRedisWorker *self, const char *signal_name, const char *session_id)
{
  char id[SIGHEJ_UUID_CHARS + 1];

  g_strlcpy (id, session_id, sizeof id);
  sighej_store_emit (self->store, signal_name, id);
}

static void
note_written (SighejRedisWorker *self, const char *session_id, guint64 seq, SighejMetricWake source)
{
  const Attached *attached = find (self, session_id);

  if (attached == NULL || seq <= attached->seq)
    return;
  sighej_metrics_add (SIGHEJ_METRIC_OUTBOX_WAKES, source, 1);
  emit (self, "outbox", session_id);
}

static void
note_swap (SighejRedisWorker *self, const char *session_id, guint64 number, SighejMetricWake source)
{
  Attached *attached = find (self, session_id);

  if (attached == NULL || number <= attached->swap)
    return;
  attached->swap = number;
  sighej_metrics_add (SIGHEJ_METRIC_OUTBOX_WAKES, source, 1);
  emit (self, "outbox", session_id);
}

void
sighej_redis_worker_note_swap (SighejRedisWorker *self, const char *session_id, guint64 number)
{
  note_swap (self, session_id, number, SIGHEJ_WAKE_CHANNEL);
}

void
sighej_redis_worker_note_read (SighejRedisWorker *self, const char *session_id, guint64 seq)
{
  Attached *attached = find (self, session_id);

  if (attached != NULL)
    attached->seq = MAX (attached->seq, seq);
}

const char *
sighej_redis_worker_get_first_token (SighejRedisWorker *self, const char *session_id)
{
  const Attached *attached = find (self, session_id);

  return attached != NULL ? attached->first_token : "";
}

/* Sockets that come and go */

typedef struct
{
  SighejRedisWorker *self;
  char session_id[SIGHEJ_UUID_CHARS + 1];
  gboolean is_detach;
  SighejStoreDone done; /* (nullable) */
  gpointer user_data;
} AttachCall;

/* The session may have been forgotten, and have come again, meanwhile. */
static void
note_told (AttachCall *call, gboolean is_told)
{
  Attached *attached = find (call->self, call->session_id);

  if (attached == NULL)
    return;
  attached->n_attaching -= MIN (attached->n_attaching, 1);
  attached->is_untold = !is_told;
}

static void
take_attached (AttachCall *call, const SighejRedisReply *reply)
{
  Attached *attached = find (call->self, call->session_id);
  const char *first_token = sighej_redis_reply_get_bytes (sighej_redis_reply_get (reply, 0), NULL);
  gint64 seq = sighej_redis_reply_get_integer (sighej_redis_reply_get (reply, 1));

  if (attached == NULL || first_token == NULL)
    return;
  g_strlcpy (attached->first_token, first_token, sizeof attached->first_token);
  if (seq > 0)
    note_written (call->self, call->session_id, (guint64) seq, SIGHEJ_WAKE_CHECK);
}

/* What Redis has not heard is told again with the next check. */
static void
take_detached (AttachCall *call, gboolean is_told)
{
  Attached *attached = find (call->self, call->session_id);

  if (attached == NULL)
    return;
  attached->is_detaching = FALSE;
  if (is_told && attached->n_sockets == 0)
    forget (call->self, attached);
}

static void
on_attach_answered (const SighejRedisReply *reply, const GError *error, gpointer user_data)
{
  g_autofree AttachCall *call = user_data;
  g_autoptr (GError) unknown = NULL;

  if (error == NULL && sighej_redis_reply_get_kind (reply) == SIGHEJ_REDIS_NIL)
    unknown = g_error_new (SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_FOUND, "there is no such session");
  if (call->is_detach)
    take_detached (call, error == NULL);
  else
    note_told (call, error == NULL);
  if (call->done != NULL)
    call->done (error != NULL ? error : unknown, call->user_data);
  if (!call->is_detach && error == NULL && unknown == NULL)
    take_attached (call, reply);
}

static void
tell (SighejRedisWorker *self,
      const char *session_id,
      gboolean is_detach,
      SighejStoreDone done,
      gpointer user_data)
{
  AttachCall *call = g_new0 (AttachCall, 1);
  SighejRedisArgs args;

  call->self = self;
  g_strlcpy (call->session_id, session_id, sizeof call->session_id);
  call->is_detach = is_detach;
  call->done = done;
  call->user_data = user_data;

  args.n = args.n_numbers = 0;
  sighej_redis_args_text (&args, call->session_id);
  sighej_redis_args_text (&args, self->id);
  sighej_redis_args_text (&args, is_detach ? "-" : "+");
  sighej_redis_queue_script (self->handshakes,
                             sighej_redis_scripts_get (SIGHEJ_REDIS_ATTACH),
                             args.n,
                             args.args,
                             args.n_bytes,
                             on_attach_answered,
                             call);
}

void
sighej_redis_worker_attach (SighejRedisWorker *self,
                            const char *session_id,
                            int change,
                            SighejStoreDone done,
                            gpointer user_data)
{
  Attached *attached = change > 0 ? ensure (self, session_id) : find (self, session_id);

  if (attached != NULL && change > 0 && attached->n_sockets++ > 0)
    done (NULL, user_data);
  else if (attached != NULL && change < 0 && attached->n_sockets > 1)
    {
      attached->n_sockets--;
      done (NULL, user_data);
    }
  else
    {
      if (attached != NULL && change < 0)
        {
          attached->n_sockets = 0;
          attached->is_detaching = TRUE;
        }
      else if (attached != NULL)
        attached->n_attaching++;
      tell (self, session_id, change < 0, done, user_data);
    }
}

/* Whether somebody else is there */

typedef struct
{
  SighejStoreAttached attached;
  gpointer user_data;
} PresenceCall;

static void
on_presence (const SighejRedisReply *reply, const GError *error, gpointer user_data)
{
  g_autofree PresenceCall *call = user_data;
  g_autoptr (GError) problem = error != NULL ? sighej_redis_told_new_problem (error) : NULL;

  call->attached (sighej_redis_reply_get_integer (reply) != 0, problem, call->user_data);
}

void
sighej_redis_worker_is_attached (SighejRedisWorker *self,
                                 const char *session_id,
                                 SighejStoreAttached attached,
                                 gpointer user_data)
{
  PresenceCall *call = g_new (PresenceCall, 1);

  *call = (PresenceCall){ attached, user_data };
  sighej_redis_script (self->commands,
                       sighej_redis_scripts_get (SIGHEJ_REDIS_ATTACHED),
                       0,
                       1,
                       &session_id,
                       NULL,
                       on_presence,
                       call);
}

/* Asking whether it is still so */

typedef struct
{
  SighejRedisWorker *self;
  guint n_sessions;
  char session_ids[SIGHEJ_REDIS_CHECK_MAX][SIGHEJ_UUID_CHARS + 1];
} CheckCall;

static void
take_checked (SighejRedisWorker *self, const char *session_id, gint64 result)
{
  Attached *attached = find (self, session_id);

  if (attached == NULL)
    return;
  if (result == UNKNOWN)
    {
      forget (self, attached);
      emit (self, "gone", session_id);
    }
  else if (result == ELSEWHERE)
    emit (self, "displaced", session_id);
  else
    note_written (self, session_id, (guint64) result, SIGHEJ_WAKE_CHECK);
}

static void
on_checked (const SighejRedisReply *reply, const GError *error, gpointer user_data)
{
  g_autofree CheckCall *call = user_data;

  if (error != NULL || sighej_redis_reply_get_n (reply) != call->n_sessions)
    return;
  for (guint i = 0; i < call->n_sessions; i++)
    take_checked (call->self,
                  call->session_ids[i],
                  sighej_redis_reply_get_integer (sighej_redis_reply_get (reply, i)));
}

/* Tells Redis what it has not heard of a session. Returns: whether it is to be asked about it: not
 * while it does not know that the session has moved here. */
static gboolean
tell_again (SighejRedisWorker *self, Attached *attached)
{
  if (attached->n_sockets > 0 && attached->is_untold && attached->n_attaching == 0)
    {
      attached->n_attaching++;
      tell (self, attached->session_id, FALSE, NULL, NULL);
    }
  else if (attached->n_sockets == 0 && !attached->is_detaching)
    {
      attached->is_detaching = TRUE;
      tell (self, attached->session_id, TRUE, NULL, NULL);
    }
  return attached->n_sockets > 0 && attached->n_attaching == 0;
}

/* Those that were asked longest ago. Returns: how many were looked at. */
static guint
check (SighejRedisWorker *self, guint n_max)
{
  CheckCall *call = g_new0 (CheckCall, 1);
  guint n_seen = 0;
  SighejRedisArgs args;

  call->self = self;
  args.n = args.n_numbers = 0;
  sighej_redis_args_text (&args, self->id);
  for (; n_seen < MIN (n_max, SIGHEJ_REDIS_CHECK_MAX); n_seen++)
    {
      GList *node = g_queue_pop_head_link (&self->order);
      Attached *attached = node->data;
      char *session_id = call->session_ids[call->n_sessions];

      g_queue_push_tail_link (&self->order, node);
      if (!tell_again (self, attached))
        continue;
      memcpy (session_id, attached->session_id, sizeof attached->session_id);
      sighej_redis_args_text (&args, session_id);
      call->n_sessions++;
    }
  sighej_redis_script (self->commands,
                       sighej_redis_scripts_get (SIGHEJ_REDIS_REATTACH),
                       0,
                       args.n,
                       args.args,
                       args.n_bytes,
                       on_checked,
                       call);
  return n_seen;
}

static void
check_all (SighejRedisWorker *self)
{
  guint n_left = self->order.length;

  while (n_left > 0)
    n_left -= check (self, n_left);
}

/* Heartbeat */

/* Once each: that it is so, and that it is over. */
static void
note_key (SighejRedisWorker *self, gboolean sees_other_key)
{
  if (sees_other_key)
    sighej_metrics_add (SIGHEJ_METRIC_REDIS_KEY_CONFLICTS, 0, 1);
  if (sees_other_key && !self->sees_other_key)
    g_warning ("another instance on this Redis has another interest key, so their people never "
               "match ours: give all the same InterestKeyFile, or each its own Redis");
  else if (!sees_other_key && self->sees_other_key)
    g_message ("all instances on this Redis have the same interest key again");
  self->sees_other_key = sees_other_key;
}

/* One of wake:{worker}: a session whose outbox has got @number, or that is to look. */
static void
take_wake (SighejRedisWorker *self, const char *name, guint64 number)
{
  if (g_str_has_prefix (name, "r "))
    note_swap (self, name + strlen ("r "), number, SIGHEJ_WAKE_HEARTBEAT);
  else
    note_written (self, name, number, SIGHEJ_WAKE_HEARTBEAT);
}

static void
on_beaten (const SighejRedisReply *reply, const GError *error, gpointer user_data)
{
  SighejRedisWorker *self = user_data;
  const SighejRedisReply *wake = sighej_redis_reply_get (reply, 1);
  gboolean has_counts = sighej_redis_reply_get_integer (sighej_redis_reply_get (reply, 0)) > 0;

  if (error != NULL)
    return;
  note_key (self, sighej_redis_reply_get_integer (sighej_redis_reply_get (reply, 2)) != 0);
  for (gsize i = 0; i + 1 < sighej_redis_reply_get_n (wake); i += 2)
    {
      const char *name = sighej_redis_reply_get_bytes (sighej_redis_reply_get (wake, i), NULL);
      const char *number
          = sighej_redis_reply_get_bytes (sighej_redis_reply_get (wake, i + 1), NULL);

      if (name != NULL && number != NULL)
        take_wake (self, name, g_ascii_strtoull (number, NULL, 10));
    }
  if (has_counts)
    g_signal_emit_by_name (self->store, "counts");
}

static void
beat (SighejRedisWorker *self)
{
  const char *args[] = { self->id, self->key_tag };

  sighej_redis_script (self->commands,
                       sighej_redis_scripts_get (SIGHEJ_REDIS_BEAT),
                       0,
                       G_N_ELEMENTS (args),
                       args,
                       NULL,
                       on_beaten,
                       self);
}

static gboolean
on_timer (gpointer user_data)
{
  SighejRedisWorker *self = user_data;

  self->timer
      = sighej_clock_add (self->clock, SIGHEJ_REDIS_BEAT_MS * (gint64) 1000, on_timer, self);
  beat (self);
  if (self->order.length > 0)
    check (self, self->order.length);
  return G_SOURCE_REMOVE;
}

static void
on_commands_connected (SighejRedis *commands, SighejRedisWorker *self)
{
  beat (self);
  check_all (self);
}

/* Messages */

static void
on_listener_connected (SighejRedis *listener, SighejRedisWorker *self)
{
  beat (self); /* what was said while nobody listened */
}

static void
take_message (SighejRedisWorker *self, char what, const char *session_id, guint64 number)
{
  Attached *attached = find (self, session_id);

  if (attached == NULL)
    return;
  if (what == 'o')
    note_written (self, session_id, number, SIGHEJ_WAKE_CHANNEL);
  else if (what == 'r')
    note_swap (self, session_id, number, SIGHEJ_WAKE_CHANNEL);
  else if (what == 'd')
    emit (self, "displaced", session_id);
  else if (what == 'e')
    {
      forget (self, attached);
      emit (self, "ended", session_id);
    }
}

/* "o <session id> <seq>", "r <session id> <swap>", "d <session id>", "e <session id>" */
static void
on_message (SighejRedis *listener, GBytes *payload, SighejRedisWorker *self)
{
  g_autofree char *text = g_strndup (g_bytes_get_data (payload, NULL), g_bytes_get_size (payload));
  g_auto (GStrv) words = g_strsplit (text, " ", 3);

  if (g_strv_length (words) >= 2)
    take_message (
        self, words[0][0], words[1], words[2] != NULL ? g_ascii_strtoull (words[2], NULL, 10) : 0);
}

/* Life */

SighejRedisWorker *
sighej_redis_worker_new (SighejStore *store,
                         SighejRedis *commands,
                         SighejRedisQueue *handshakes,
                         const char *key_tag,
                         const SighejRedisUrl *url,
                         SighejClock *clock)
{
  SighejRedisWorker *self = g_new0 (SighejRedisWorker, 1);
  g_autofree char *channel = NULL;
  guint8 id[ID_BYTES];

  sighej_random_bytes (id, sizeof id);
  sighej_hex_encode (id, sizeof id, self->id);
  self->store = store;
  self->commands = commands;
  self->handshakes = handshakes;
  self->key_tag = g_strdup (key_tag);
  self->clock = g_object_ref (clock);
  self->attached = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, attached_free);
  g_queue_init (&self->order);
  channel = g_strconcat ("worker:", self->id, NULL);
  self->listener = sighej_redis_new (url, channel, clock);
  g_signal_connect (self->listener, "connected", G_CALLBACK (on_listener_connected), self);
  g_signal_connect (self->listener, "message", G_CALLBACK (on_message), self);
  g_signal_connect (commands, "connected", G_CALLBACK (on_commands_connected), self);
  self->timer
      = sighej_clock_add (self->clock, SIGHEJ_REDIS_BEAT_MS * (gint64) 1000, on_timer, self);
  return self;
}

void
sighej_redis_worker_free (SighejRedisWorker *self)
{
  sighej_clock_clear (self->clock, &self->timer);
  g_signal_handlers_disconnect_by_data (self->commands, self);
  g_signal_handlers_disconnect_by_data (self->listener, self);
  g_object_run_dispose (G_OBJECT (self->listener));
  g_object_unref (self->listener);
  g_hash_table_unref (self->attached);
  g_object_unref (self->clock);
  g_free (self->key_tag);
  g_free (self);
}

const char *
sighej_redis_worker_get_id (SighejRedisWorker *self)
{
  return self->id;
}
