/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-redis"

#include "config.h"

#include "sighej-redis-reply.h"

#include <string.h>

#include <hiredis/read.h>

#include "sighej-error.h"

#define BLOCK_BYTES 4096
#define ALIGN_BYTES 16
#define CODE_BYTES_MAX 32
#define TOO_LARGE "what Redis answers is too large"

struct _SighejRedisReply
{
  SighejRedisKind kind;
  gsize n; /* bytes or elements */
  union
  {
    gint64 integer;
    const char *bytes;
    SighejRedisReply *elements;
  };
};

struct _SighejRedisReader
{
  redisReader *reader;
  gboolean is_delivered; /* the arena holds a reply that may go */

  /* arena */
  guint8 block[BLOCK_BYTES] __attribute__ ((aligned (ALIGN_BYTES)));
  gsize block_used;
  GSList *large;
  gsize total_bytes;
};

/* ---- replies ---- */

SighejRedisKind
sighej_redis_reply_get_kind (const SighejRedisReply *reply)
{
  return reply != NULL ? reply->kind : SIGHEJ_REDIS_NIL;
}

gint64
sighej_redis_reply_get_integer (const SighejRedisReply *reply)
{
  return sighej_redis_reply_get_kind (reply) == SIGHEJ_REDIS_INTEGER ? reply->integer : 0;
}

static gboolean
has_bytes (const SighejRedisReply *reply)
{
  SighejRedisKind kind = sighej_redis_reply_get_kind (reply);

  return kind == SIGHEJ_REDIS_BYTES || kind == SIGHEJ_REDIS_ERROR;
}

const char *
sighej_redis_reply_get_bytes (const SighejRedisReply *reply, gsize *n_bytes)
{
  gboolean has = has_bytes (reply);

  if (n_bytes != NULL)
    *n_bytes = has ? reply->n : 0;
  return has ? reply->bytes : NULL;
}

gsize
sighej_redis_reply_get_n (const SighejRedisReply *reply)
{
  return sighej_redis_reply_get_kind (reply) == SIGHEJ_REDIS_ARRAY ? reply->n : 0;
}

const SighejRedisReply *
sighej_redis_reply_get (const SighejRedisReply *reply, gsize i)
{
  return i < sighej_redis_reply_get_n (reply) ? &reply->elements[i] : NULL;
}

gboolean
sighej_redis_reply_is (const SighejRedisReply *reply, const char *text)
{
  return has_bytes (reply) && reply->n == strlen (text)
         && memcmp (reply->bytes, text, reply->n) == 0;
}

/* ---- errors ---- */

static const struct
{
  const char *code;
  SighejRedisVerdict verdict;
  const char *means;
} codes[] = {
  { "NOSCRIPT", SIGHEJ_REDIS_NO_SCRIPT, "Redis does not know the script" },
  { "READONLY", SIGHEJ_REDIS_NOT_MASTER, "this Redis is a replica now" },
  { "MASTERDOWN", SIGHEJ_REDIS_NOT_MASTER, "this Redis is a replica without its master" },
  { "MOVED", SIGHEJ_REDIS_REFUSED, "this is a Redis cluster, use one server or Sentinel" },
  { "LOADING", SIGHEJ_REDIS_BUSY, "Redis is still loading its data" },
  { "OOM", SIGHEJ_REDIS_BUSY, "Redis is out of memory, raise its maxmemory" },
  { "BUSY", SIGHEJ_REDIS_BUSY, "Redis is busy with a script" },
  { "MISCONF", SIGHEJ_REDIS_BUSY, "Redis cannot save and takes no writes" },
  { "NOREPLICAS", SIGHEJ_REDIS_BUSY, "Redis has too few replicas to take writes" },
  { "UNKILLABLE", SIGHEJ_REDIS_BUSY, "Redis is busy with a script" },
  { "TRYAGAIN", SIGHEJ_REDIS_BUSY, "Redis asks to try again" },
  { "CLUSTERDOWN", SIGHEJ_REDIS_BUSY, "the Redis cluster is down" },
  { "ERR max number of clients reached",
    SIGHEJ_REDIS_BUSY,
    "Redis has too many clients, raise its maxclients" },
  { "ERR unknown command", SIGHEJ_REDIS_REFUSED, "this server does not know the command" },
  { "ERR DB index is out of range", SIGHEJ_REDIS_REFUSED, "Redis has no such database" },
  { "ERR AUTH", SIGHEJ_REDIS_REFUSED, "Redis has no password, and got one" },
  { "ERR invalid password", SIGHEJ_REDIS_NO_ACCESS, "Redis refuses the password" },
  { "DENIED", SIGHEJ_REDIS_NO_ACCESS, "Redis is in protected mode, give it a password" },
  { "NOAUTH", SIGHEJ_REDIS_NO_ACCESS, "Redis wants a password" },
  { "WRONGPASS", SIGHEJ_REDIS_NO_ACCESS, "Redis refuses the user or the password" },
  { "NOPERM", SIGHEJ_REDIS_REFUSED, "the Redis user may not do this" },
};

static gboolean
starts_with_word (const char *text, const char *word)
{
  gsize n = strlen (word);

  return strncmp (text, word, n) == 0 && (text[n] == '\0' || text[n] == ' ');
}

/* Until Redis 6 an error within a script comes as "ERR Error running script (…): …: -CODE …". */
static const char *
find_code (const char *text)
{
  const char *inner
      = g_str_has_prefix (text, "ERR Error running script") ? strstr (text, ": -") : NULL;

  return inner != NULL ? inner + strlen (": -") : text;
}

static gboolean
is_refusal (SighejRedisVerdict verdict)
{
  return verdict == SIGHEJ_REDIS_REFUSED || verdict == SIGHEJ_REDIS_NO_ACCESS;
}

static SighejRedisVerdict
refused (const char *text, GError **error)
{
  gsize n = strcspn (text, " ");

  g_set_error (error,
               SIGHEJ_ERROR,
               SIGHEJ_ERROR_FAILED,
               "Redis refused a command: %.*s",
               (int) MIN (n, CODE_BYTES_MAX),
               text);
  return SIGHEJ_REDIS_REFUSED;
}

SighejRedisVerdict
sighej_redis_reply_judge (const SighejRedisReply *reply, GError **error)
{
  const char *text;

  if (sighej_redis_reply_get_kind (reply) != SIGHEJ_REDIS_ERROR)
    return SIGHEJ_REDIS_FINE;
  text = find_code (reply->bytes);
  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    if (starts_with_word (text, codes[i].code))
      {
        g_set_error (error,
                     SIGHEJ_ERROR,
                     is_refusal (codes[i].verdict) ? SIGHEJ_ERROR_FAILED : SIGHEJ_ERROR_UNAVAILABLE,
                     "%s (%.*s)",
                     codes[i].means,
                     (int) strcspn (codes[i].code, " "),
                     codes[i].code);
        return codes[i].verdict;
      }
  return refused (text, error);
}

/* ---- arena ---- */

static gpointer
arena_take (SighejRedisReader *self, gsize n_bytes)
{
  gsize n = (n_bytes + ALIGN_BYTES - 1) & ~(gsize) (ALIGN_BYTES - 1);
  gpointer taken;

  if (n_bytes > SIGHEJ_REDIS_REPLY_BYTES_MAX
      || self->total_bytes + n > SIGHEJ_REDIS_REPLY_BYTES_MAX)
    return NULL;
  self->total_bytes += n;
  if (n <= BLOCK_BYTES - self->block_used)
    {
      taken = self->block + self->block_used;
      self->block_used += n;
      return taken;
    }
  taken = g_try_malloc (n);
  if (taken != NULL)
    self->large = g_slist_prepend (self->large, taken);
  return taken;
}

static void
arena_reset (SighejRedisReader *self)
{
  g_slist_free_full (g_steal_pointer (&self->large), g_free);
  self->block_used = 0;
  self->total_bytes = 0;
}

/* ---- what hiredis calls to build a reply; NULL: out of memory ---- */

/* The place of a reply: in its array, or by itself. */
static SighejRedisReply *
place_reply (const redisReadTask *task, SighejRedisKind kind)
{
  SighejRedisReply *reply = task->parent != NULL
                                ? &((SighejRedisReply *) task->parent->obj)->elements[task->idx]
                                : arena_take (task->privdata, sizeof (SighejRedisReply));

  if (reply != NULL)
    *reply = (SighejRedisReply){ .kind = kind };
  return reply;
}

static void *
create_string (const redisReadTask *task, char *bytes, size_t n_bytes)
{
  SighejRedisReply *reply = place_reply (
      task, task->type == REDIS_REPLY_ERROR ? SIGHEJ_REDIS_ERROR : SIGHEJ_REDIS_BYTES);
  char *copy = arena_take (task->privdata, n_bytes + 1);

  if (reply == NULL || copy == NULL)
    return NULL;
  memcpy (copy, bytes, n_bytes);
  copy[n_bytes] = '\0';
  reply->bytes = copy;
  reply->n = n_bytes;
  return reply;
}

static void *
create_array (const redisReadTask *task, int n_elements)
{
  SighejRedisReply *reply = place_reply (task, SIGHEJ_REDIS_ARRAY);
  gsize n_bytes = (gsize) n_elements * sizeof (SighejRedisReply);

  if (reply == NULL)
    return NULL;
  reply->elements = arena_take (task->privdata, n_bytes);
  if (reply->elements == NULL)
    return NULL;
  reply->n = (gsize) n_elements;
  return reply;
}

static void *
create_integer (const redisReadTask *task, long long value)
{
  SighejRedisReply *reply = place_reply (task, SIGHEJ_REDIS_INTEGER);

  if (reply != NULL)
    reply->integer = value;
  return reply;
}

static void *
create_nil (const redisReadTask *task)
{
  return place_reply (task, SIGHEJ_REDIS_NIL);
}

static redisReplyObjectFunctions reply_funcs = {
  .createString = create_string,
  .createArray = create_array,
  .createInteger = create_integer,
  .createNil = create_nil,
};

/* ---- the reader ---- */

SighejRedisReader *
sighej_redis_reader_new (void)
{
  SighejRedisReader *self = g_new0 (SighejRedisReader, 1);

  self->reader = redisReaderCreateWithFunctions (&reply_funcs);
  if (self->reader == NULL)
    g_error ("out of memory");
  self->reader->privdata = self;
  return self;
}

void
sighej_redis_reader_free (SighejRedisReader *self)
{
  redisReaderFree (self->reader);
  arena_reset (self);
  g_free (self);
}

static gboolean
fail (const char *message, GError **error)
{
  g_set_error_literal (error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE, message);
  return FALSE;
}

static gboolean
fail_reading (SighejRedisReader *self, GError **error)
{
  return fail (self->reader->err == REDIS_ERR_OOM ? TOO_LARGE
                                                  : "what answers does not speak Redis' protocol",
               error);
}

gboolean
sighej_redis_reader_feed (SighejRedisReader *self, const void *bytes, gsize n_bytes, GError **error)
{
  if (self->reader->len - self->reader->pos + n_bytes > SIGHEJ_REDIS_REPLY_BYTES_MAX)
    return fail (TOO_LARGE, error);
  return redisReaderFeed (self->reader, bytes, n_bytes) == REDIS_OK || fail_reading (self, error);
}

gboolean
sighej_redis_reader_next (SighejRedisReader *self, const SighejRedisReply **reply, GError **error)
{
  void *next = NULL;

  if (self->is_delivered)
    arena_reset (self);
  if (redisReaderGetReply (self->reader, &next) != REDIS_OK)
    return fail_reading (self, error);
  self->is_delivered = next != NULL;
  *reply = next;
  return TRUE;
}
