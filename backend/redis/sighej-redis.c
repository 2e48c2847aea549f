/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-redis"

#include "config.h"

#include "sighej-redis.h"

#include "sighej-backoff.h"
#include "sighej-error.h"
#include "sighej-metrics.h"
#include "sighej-redis-sentinel.h"

#define US_PER_MS ((gint64) 1000)
#define DATABASE_CHARACTERS_MAX 16

typedef enum
{
  WAITING,   /* for the next try */
  SEEKING,   /* sentinels are asked */
  OPENING,   /* there is a link that is not open yet */
  GREETING,  /* it is open, and nobody but us may use it */
  CONNECTED, /* it may be used */
  STOPPED,   /* disposed */
} State;

#define N_STATES (STOPPED + 1)

struct _SighejRedis
{
  GObject parent_instance;

  SighejRedisUrl *url;
  char *channel; /* (nullable) */
  SighejClock *clock;
  SighejRedisSentinel *sentinel; /* (nullable): the URL names the server itself */

  State state;
  SighejBackoff backoff;
  guint timer; /* waiting: the next try; connected: the next PING */
  SighejRedisPlace place;
  SighejRedisLink *link; /* opening, greeting, connected */
  char *trouble;         /* (nullable): what was logged and is not over */
};

enum
{
  SIGNAL_CONNECTED,
  SIGNAL_DISCONNECTED,
  SIGNAL_MESSAGE,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SighejRedis, sighej_redis, G_TYPE_OBJECT)

static gboolean on_timer (gpointer user_data);

/* ---- states ---- */

#define TO(state) (1u << (state))

static const struct
{
  const char *name;
  guint allowed;
} states[N_STATES] = {
  [WAITING] = { "waiting", TO (SEEKING) | TO (OPENING) | TO (STOPPED) },
  [SEEKING] = { "seeking", TO (WAITING) | TO (OPENING) | TO (STOPPED) },
  [OPENING] = { "opening", TO (WAITING) | TO (GREETING) | TO (STOPPED) },
  [GREETING] = { "greeting", TO (WAITING) | TO (CONNECTED) | TO (STOPPED) },
  [CONNECTED] = { "connected", TO (WAITING) | TO (STOPPED) },
  [STOPPED] = { "stopped", TO (STOPPED) },
};

static void
set_state (SighejRedis *self, State next, const char *reason)
{
  g_assert (states[self->state].allowed & TO (next));
  g_debug ("%s -> %s (%s)", states[self->state].name, states[next].name, reason);
  self->state = next;
  sighej_clock_clear (self->clock, &self->timer);
  if (next == WAITING)
    self->timer = sighej_clock_add (
        self->clock, sighej_backoff_next_ms (&self->backoff) * US_PER_MS, on_timer, self);
  else if (next == CONNECTED)
    self->timer = sighej_clock_add (self->clock, SIGHEJ_REDIS_PING_MS * US_PER_MS, on_timer, self);
}

/* ---- what the journal's reader gets: each trouble once, and its end ---- */

static void
log_trouble (SighejRedis *self, GLogLevelFlags level, const char *text)
{
  if (g_strcmp0 (self->trouble, text) == 0)
    return;
  g_free (self->trouble);
  self->trouble = g_strdup (text);
  g_log_structured (G_LOG_DOMAIN, level, "MESSAGE", "%s; trying again", text);
}

static void
log_end_of_trouble (SighejRedis *self)
{
  g_autofree char *where = sighej_redis_place_to_text (&self->place);

  if (self->trouble != NULL)
    g_message ("connected to Redis at %s again", where);
  else
    g_info ("connected to Redis at %s", where);
  g_clear_pointer (&self->trouble, g_free);
}

/* ---- ends ---- */

static void
drop_link (SighejRedis *self)
{
  g_autoptr (SighejRedisLink) link = g_steal_pointer (&self->link);

  if (link != NULL)
    sighej_redis_link_close (link);
}

static void
sighej_redis_dispose (GObject *object)
{
  SighejRedis *self = SIGHEJ_REDIS (object);

  set_state (self, STOPPED, "disposed");
  if (self->sentinel != NULL)
    sighej_redis_sentinel_cancel (self->sentinel);
  drop_link (self);

  G_OBJECT_CLASS (sighej_redis_parent_class)->dispose (object);
}

static void
sighej_redis_finalize (GObject *object)
{
  SighejRedis *self = SIGHEJ_REDIS (object);

  g_clear_object (&self->sentinel);
  g_clear_object (&self->clock);
  sighej_redis_place_clear (&self->place);
  sighej_redis_url_free (self->url);
  g_free (self->channel);
  g_free (self->trouble);

  G_OBJECT_CLASS (sighej_redis_parent_class)->finalize (object);
}

static void
sighej_redis_init (SighejRedis *self)
{
  self->backoff = (SighejBackoff) SIGHEJ_BACKOFF_INIT (SIGHEJ_REDIS_RETRY_FIRST_MS,
                                                       SIGHEJ_REDIS_RETRY_MOST_MS);
}

static guint
add_signal (const char *name, guint n_parameters, GType parameter)
{
  return g_signal_new (name,
                       SIGHEJ_TYPE_REDIS,
                       G_SIGNAL_RUN_LAST,
                       0,
                       NULL,
                       NULL,
                       NULL,
                       G_TYPE_NONE,
                       n_parameters,
                       parameter);
}

static void
sighej_redis_class_init (SighejRedisClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sighej_redis_dispose;
  G_OBJECT_CLASS (klass)->finalize = sighej_redis_finalize;

  signals[SIGNAL_CONNECTED] = add_signal ("connected", 0, G_TYPE_NONE);
  signals[SIGNAL_DISCONNECTED] = add_signal ("disconnected", 0, G_TYPE_NONE);
  signals[SIGNAL_MESSAGE] = add_signal ("message", 1, G_TYPE_BYTES);
}

/* Not now: try again later. */
static void
fall_back (SighejRedis *self, GLogLevelFlags level, const char *text)
{
  gboolean was_connected = self->state == CONNECTED;

  g_object_ref (self);
  sighej_metrics_add (SIGHEJ_METRIC_REDIS_LOSSES, 0, was_connected ? 1 : 0);
  log_trouble (self, level, text);
  set_state (self, WAITING, text);
  drop_link (self);
  if (was_connected)
    g_signal_emit (self, signals[SIGNAL_DISCONNECTED], 0);
  g_object_unref (self);
}

static void
fall_back_because (SighejRedis *self, GLogLevelFlags level, const char *what, const char *advice)
{
  g_autofree char *where = sighej_redis_place_to_text (&self->place);
  g_autofree char *text = g_strdup_printf (
      "Redis at %s: %s%s%s", where, what, advice != NULL ? "; " : "", advice != NULL ? advice : "");

  fall_back (self, level, text);
}

/* ---- greeting ---- */

/* What was refused the operator must put right; all else passes by itself.
 * Returns: whether to go on */
static gboolean
is_welcome (SighejRedis *self, const GError *error, const char *advice)
{
  if (self->state != GREETING || !sighej_redis_link_is_open (self->link))
    return FALSE;
  if (error == NULL)
    return TRUE;
  if (g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_FAILED))
    fall_back_because (self, G_LOG_LEVEL_WARNING, error->message, advice);
  else
    fall_back_because (self, G_LOG_LEVEL_MESSAGE, error->message, NULL);
  return FALSE;
}

static void
on_auth (const SighejRedisReply *reply, const GError *error, gpointer user_data)
{
  is_welcome (user_data, error, "correct the user and the password of RedisUrl");
}

static void
on_role (const SighejRedisReply *reply, const GError *error, gpointer user_data)
{
  SighejRedis *self = user_data;

  if (!is_welcome (self, error, "give RedisUrl a user and a password that may do this"))
    return;
  if (!sighej_redis_reply_is (sighej_redis_reply_get (reply, 0), "master"))
    fall_back_because (self,
                       G_LOG_LEVEL_MESSAGE,
                       "it is no master",
                       self->sentinel != NULL ? NULL : "RedisUrl must lead to the master");
}

static void
become_connected (SighejRedis *self)
{
  log_end_of_trouble (self);
  sighej_backoff_reset (&self->backoff);
  sighej_metrics_add (SIGHEJ_METRIC_REDIS_CONNECTS, 0, 1);
  set_state (self, CONNECTED, "a master answers");
  g_signal_emit (self, signals[SIGNAL_CONNECTED], 0);
}

static void
on_select (const SighejRedisReply *reply, const GError *error, gpointer user_data)
{
  SighejRedis *self = user_data;

  if (is_welcome (self, error, "correct the number of the database in RedisUrl")
      && self->channel == NULL)
    become_connected (self);
}

static void
on_subscribe (const SighejRedisReply *reply, const GError *error, gpointer user_data)
{
  SighejRedis *self = user_data;

  if (is_welcome (self, error, "let the user of RedisUrl listen to channels"))
    become_connected (self);
}

static void
greet (SighejRedis *self)
{
  char database[DATABASE_CHARACTERS_MAX];
  const char *role[] = { "ROLE" };
  const char *select[] = { "SELECT", database };
  const char *subscribe[] = { "SUBSCRIBE", self->channel };

  g_snprintf (database, sizeof database, "%u", self->url->database);
  if (self->url->password != NULL)
    sighej_redis_link_auth (self->link, self->url->user, self->url->password, on_auth, self);
  sighej_redis_link_command (self->link, G_N_ELEMENTS (role), role, NULL, on_role, self);
  sighej_redis_link_command (self->link, G_N_ELEMENTS (select), select, NULL, on_select, self);
  if (self->channel != NULL)
    sighej_redis_link_command (
        self->link, G_N_ELEMENTS (subscribe), subscribe, NULL, on_subscribe, self);
}

/* ---- the link ---- */

static void
on_link_opened (SighejRedisLink *link, gpointer user_data)
{
  SighejRedis *self = user_data;

  set_state (self, GREETING, "open");
  greet (self);
}

static void
on_link_lost (SighejRedisLink *link, const GError *error, gpointer user_data)
{
  fall_back_because (user_data, G_LOG_LEVEL_MESSAGE, error->message, NULL);
}

static void
on_link_pushed (SighejRedisLink *link, const SighejRedisReply *payload, gpointer user_data)
{
  SighejRedis *self = user_data;
  gsize n_bytes;
  const char *bytes = sighej_redis_reply_get_bytes (payload, &n_bytes);
  g_autoptr (GBytes) message = g_bytes_new (bytes, n_bytes);

  if (self->state == CONNECTED)
    g_signal_emit (self, signals[SIGNAL_MESSAGE], 0, message);
}

static const SighejRedisLinkFuncs command_funcs = {
  .opened = on_link_opened,
  .lost = on_link_lost,
};
static const SighejRedisLinkFuncs listen_funcs = {
  .opened = on_link_opened,
  .lost = on_link_lost,
  .pushed = on_link_pushed,
};

static void
open_link (SighejRedis *self, const SighejRedisPlace *place)
{
  sighej_redis_place_clear (&self->place);
  sighej_redis_place_copy (&self->place, place);
  set_state (self, OPENING, "connecting");
  self->link = sighej_redis_link_new (
      place, self->clock, self->channel != NULL ? &listen_funcs : &command_funcs, self);
}

static void
on_found (const SighejRedisPlace *place, const GError *error, gpointer user_data)
{
  SighejRedis *self = user_data;

  if (place != NULL)
    open_link (self, place);
  else
    fall_back (self, G_LOG_LEVEL_MESSAGE, error->message);
}

static void
try_to_connect (SighejRedis *self)
{
  if (self->sentinel == NULL)
    {
      open_link (self, &self->url->places[0]);
      return;
    }
  set_state (self, SEEKING, "asking sentinels");
  sighej_redis_sentinel_find (self->sentinel, on_found, self);
}

static gboolean
on_timer (gpointer user_data)
{
  SighejRedis *self = user_data;
  const char *ping[] = { "PING" };

  self->timer = 0;
  if (self->state == WAITING)
    try_to_connect (self);
  else
    {
      self->timer
          = sighej_clock_add (self->clock, SIGHEJ_REDIS_PING_MS * US_PER_MS, on_timer, self);
      sighej_redis_link_command (self->link, G_N_ELEMENTS (ping), ping, NULL, NULL, NULL);
    }
  return G_SOURCE_REMOVE;
}

/* ---- public ---- */

SighejRedis *
sighej_redis_new (const SighejRedisUrl *url, const char *channel, SighejClock *clock)
{
  SighejRedis *self = g_object_new (SIGHEJ_TYPE_REDIS, NULL);

  self->url = sighej_redis_url_copy (url);
  self->channel = g_strdup (channel);
  self->clock = g_object_ref (clock);
  if (url->master != NULL)
    {
      self->sentinel = sighej_redis_sentinel_new (url, clock);
      self->backoff.most_ms = SIGHEJ_REDIS_RETRY_SENTINELS_MOST_MS;
    }
  try_to_connect (self);
  return self;
}

gboolean
sighej_redis_is_connected (SighejRedis *self)
{
  return self->state == CONNECTED && sighej_redis_link_is_open (self->link);
}

gboolean
sighej_redis_has_room (SighejRedis *self)
{
  return self->state != CONNECTED
         || sighej_redis_link_get_n_pending (self->link) < SIGHEJ_REDIS_PIPELINE_MAX;
}

/* The link to put a command to; if there is none it has been called back. */
static gboolean
may_ask (SighejRedis *self, SighejRedisDone done, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (self->state == CONNECTED)
    return TRUE;
  error = g_error_new_literal (SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE, "not connected to Redis");
  if (done != NULL)
    done (NULL, error, user_data);
  return FALSE;
}

void
sighej_redis_command (SighejRedis *self,
                      guint n_args,
                      const char *const *args,
                      const gsize *n_bytes,
                      SighejRedisDone done,
                      gpointer user_data)
{
  g_return_if_fail (self->channel == NULL && n_args > 0);

  if (may_ask (self, done, user_data))
    sighej_redis_link_command (self->link, n_args, args, n_bytes, done, user_data);
}

void
sighej_redis_script (SighejRedis *self,
                     SighejRedisScript *script,
                     guint n_keys,
                     guint n_args,
                     const char *const *args,
                     const gsize *n_bytes,
                     SighejRedisDone done,
                     gpointer user_data)
{
  g_return_if_fail (self->channel == NULL && n_keys <= n_args);

  if (may_ask (self, done, user_data))
    sighej_redis_link_script (self->link, script, n_keys, n_args, args, n_bytes, done, user_data);
}
