/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-redis"

#include "config.h"

#include "sighej-redis-sentinel.h"

#include "sighej-error.h"
#include "sighej-redis-link.h"

#define US_PER_MS ((gint64) 1000)

struct _SighejRedisSentinel
{
  GObject parent_instance;

  SighejRedisUrl *url; /* its places in the order to ask in */
  SighejClock *clock;

  /* the question, if one is being asked */
  SighejRedisSentinelFound found;
  gpointer user_data;
  guint asked;      /* index of the place */
  GString *reasons; /* why those asked told nothing */
  SighejRedisLink *link;
  guint timer;
};

G_DEFINE_FINAL_TYPE (SighejRedisSentinel, sighej_redis_sentinel, G_TYPE_OBJECT)

static void ask (SighejRedisSentinel *self);

/* ---- life ---- */

static void
sighej_redis_sentinel_dispose (GObject *object)
{
  SighejRedisSentinel *self = SIGHEJ_REDIS_SENTINEL (object);

  sighej_redis_sentinel_cancel (self);

  G_OBJECT_CLASS (sighej_redis_sentinel_parent_class)->dispose (object);
}

static void
sighej_redis_sentinel_finalize (GObject *object)
{
  SighejRedisSentinel *self = SIGHEJ_REDIS_SENTINEL (object);

  g_clear_object (&self->clock);
  sighej_redis_url_free (self->url);
  g_string_free (self->reasons, TRUE);

  G_OBJECT_CLASS (sighej_redis_sentinel_parent_class)->finalize (object);
}

static void
sighej_redis_sentinel_init (SighejRedisSentinel *self)
{
  self->reasons = g_string_new (NULL);
}

static void
sighej_redis_sentinel_class_init (SighejRedisSentinelClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sighej_redis_sentinel_dispose;
  G_OBJECT_CLASS (klass)->finalize = sighej_redis_sentinel_finalize;
}

/* ---- one answer, or none ---- */

static void
hang_up (SighejRedisSentinel *self)
{
  sighej_clock_clear (self->clock, &self->timer);
  if (self->link != NULL)
    {
      g_autoptr (SighejRedisLink) link = g_steal_pointer (&self->link);

      sighej_redis_link_close (link);
    }
}

static void
answer (SighejRedisSentinel *self, const SighejRedisPlace *place, const GError *error)
{
  SighejRedisSentinelFound found = g_steal_pointer (&self->found);

  found (place, error, self->user_data);
}

static void
move_to_front (SighejRedisSentinel *self)
{
  SighejRedisPlace told = self->url->places[self->asked];

  for (guint i = self->asked; i > 0; i--)
    self->url->places[i] = self->url->places[i - 1];
  self->url->places[0] = told;
}

/* @error: why the one just asked told nothing. */
static void
ask_next (SighejRedisSentinel *self, const GError *error)
{
  g_autofree char *where = sighej_redis_place_to_text (&self->url->places[self->asked]);
  g_autoptr (GError) told = NULL;

  g_string_append_printf (
      self->reasons, "%s%s: %s", self->asked > 0 ? "; " : "", where, error->message);
  hang_up (self);
  if (++self->asked < self->url->n_places)
    {
      ask (self);
      return;
    }
  told = g_error_new (SIGHEJ_ERROR,
                      SIGHEJ_ERROR_UNAVAILABLE,
                      "no sentinel tells where the master '%s' is: %s",
                      self->url->master,
                      self->reasons->str);
  answer (self, NULL, told);
}

static void G_GNUC_PRINTF (2, 3)
    ask_next_because (SighejRedisSentinel *self, const char *format, ...)
{
  g_autoptr (GError) error = NULL;
  va_list arguments;

  va_start (arguments, format);
  error = g_error_new_valist (SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE, format, arguments);
  va_end (arguments);
  ask_next (self, error);
}

/* The answer: nothing, or [host, port]. */
static void
on_told (const SighejRedisReply *reply, const GError *error, gpointer user_data)
{
  SighejRedisSentinel *self = user_data;
  const char *host = sighej_redis_reply_get_bytes (sighej_redis_reply_get (reply, 0), NULL);
  const char *port = sighej_redis_reply_get_bytes (sighej_redis_reply_get (reply, 1), NULL);
  SighejRedisPlace place = { 0 };
  guint64 number;

  if (self->link == NULL)
    return;
  if (error != NULL)
    ask_next (self, error);
  else if (host == NULL || port == NULL)
    ask_next_because (self, "it does not know that name");
  else if (!g_ascii_string_to_unsigned (port, 10, 1, G_MAXUINT16, &number, NULL))
    ask_next_because (self, "it tells no port");
  else
    {
      place.host = g_strdup (host);
      place.port = (guint16) number;
      hang_up (self);
      move_to_front (self);
      answer (self, &place, NULL);
      sighej_redis_place_clear (&place);
    }
}

/* ---- asking one ---- */

static void
on_opened (SighejRedisLink *link, gpointer user_data)
{
  SighejRedisSentinel *self = user_data;
  const char *args[] = { "SENTINEL", "get-master-addr-by-name", self->url->master };

  /* A sentinel without a password refuses AUTH, and answers nevertheless. */
  if (self->url->password != NULL)
    sighej_redis_link_auth (link, self->url->user, self->url->password, NULL, NULL);
  sighej_redis_link_command (link, G_N_ELEMENTS (args), args, NULL, on_told, self);
}

static void
on_lost (SighejRedisLink *link, const GError *error, gpointer user_data)
{
  SighejRedisSentinel *self = user_data;

  if (self->link != NULL)
    ask_next (self, error);
}

static const SighejRedisLinkFuncs link_funcs = { .opened = on_opened, .lost = on_lost };

static gboolean
on_timer (gpointer user_data)
{
  SighejRedisSentinel *self = user_data;

  self->timer = 0;
  ask_next_because (self, "no answer within %d ms", SIGHEJ_REDIS_SENTINEL_MS);
  return G_SOURCE_REMOVE;
}

static void
ask (SighejRedisSentinel *self)
{
  self->timer
      = sighej_clock_add (self->clock, SIGHEJ_REDIS_SENTINEL_MS * US_PER_MS, on_timer, self);
  self->link
      = sighej_redis_link_new (&self->url->places[self->asked], self->clock, &link_funcs, self);
}

/* ---- public ---- */

SighejRedisSentinel *
sighej_redis_sentinel_new (const SighejRedisUrl *url, SighejClock *clock)
{
  SighejRedisSentinel *self = g_object_new (SIGHEJ_TYPE_REDIS_SENTINEL, NULL);

  self->url = sighej_redis_url_copy (url);
  self->clock = g_object_ref (clock);
  return self;
}

void
sighej_redis_sentinel_find (SighejRedisSentinel *self,
                            SighejRedisSentinelFound found,
                            gpointer user_data)
{
  g_return_if_fail (self->found == NULL);

  self->found = found;
  self->user_data = user_data;
  self->asked = 0;
  g_string_truncate (self->reasons, 0);
  ask (self);
}

void
sighej_redis_sentinel_cancel (SighejRedisSentinel *self)
{
  self->found = NULL;
  hang_up (self);
}
