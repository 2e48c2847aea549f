/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-redis"

#include "config.h"

#include "sighej-redis-link.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include <gio/gunixsocketaddress.h>

#include "sighej-crypto.h"
#include "sighej-error.h"

#define READ_BYTES (16 * 1024)
#define READS_PER_TURN 8          /* then others have a turn */
#define KEEP_BYTES (256 * 1024)   /* a larger buffer is given back when it is empty */
#define COMPACT_BYTES (64 * 1024) /* answered commands are dropped from so many on */
#define HEADER_BYTES_MAX 32       /* "$" or "*", a number, CR LF */
#define BROUGHT_MAX 8             /* scripts that are remembered to be known */
#define US_PER_MS ((gint64) 1000)
#define RING_MASK (SIGHEJ_REDIS_PIPELINE_MAX - 1)

G_STATIC_ASSERT ((SIGHEJ_REDIS_PIPELINE_MAX & RING_MASK) == 0);

typedef enum
{
  CONNECTING,
  OPEN,
  CLOSED,
} State;

/* A command without a reply. Positions count bytes since the connection began. */
typedef struct
{
  SighejRedisDone done;
  gpointer user_data;
  const SighejRedisScript *script; /* (nullable): to send again on NOSCRIPT */
  guint n_args;
  guint64 start;
  guint64 rest; /* of a script: where the number of keys begins */
  guint64 end;
  gint64 sent_us;
} Pending;

struct _SighejRedisLink
{
  GObject parent_instance;

  State state;
  const SighejRedisLinkFuncs *funcs; /* (nullable): nothing is called any more */
  gpointer user_data;
  SighejClock *clock;

  /* the connection */
  GCancellable *cancellable;
  GSocketConnection *connection;
  int fd;
  GSource *source;
  guint timer; /* connecting: its end; open: the oldest command's */

  /* to Redis: [base, sent) is kept for NOSCRIPT, [sent, base + out->len) is to go out */
  GByteArray *out;
  guint64 base;
  guint64 sent;
  gboolean is_full; /* the kernel took no more */

  /* from Redis */
  SighejRedisReader *reader;

  /* commands without a reply, oldest first */
  Pending *ring;
  guint first;
  guint n_pending;
  guint n_stamped; /* of them, how many have a sent_us */

  /* scripts that were sent whole, and where in the stream */
  struct
  {
    const SighejRedisScript *script; /* (nullable) */
    guint64 at;
  } brought[BROUGHT_MAX];
  guint n_brought;
};

G_DEFINE_FINAL_TYPE (SighejRedisLink, sighej_redis_link, G_TYPE_OBJECT)

static void turn (SighejRedisLink *self, GIOCondition ready);
static gboolean has_to_flush (SighejRedisLink *self);

/* ---- life ---- */

static void
sighej_redis_link_dispose (GObject *object)
{
  sighej_redis_link_close (SIGHEJ_REDIS_LINK (object));

  G_OBJECT_CLASS (sighej_redis_link_parent_class)->dispose (object);
}

static void
sighej_redis_link_finalize (GObject *object)
{
  SighejRedisLink *self = SIGHEJ_REDIS_LINK (object);

  g_clear_object (&self->clock);
  sighej_wipe (self->out->data, self->out->len);
  g_byte_array_unref (self->out);
  sighej_redis_reader_free (self->reader);
  g_free (self->ring);

  G_OBJECT_CLASS (sighej_redis_link_parent_class)->finalize (object);
}

static void
sighej_redis_link_init (SighejRedisLink *self)
{
  self->cancellable = g_cancellable_new ();
  self->fd = -1;
  self->out = g_byte_array_sized_new (READ_BYTES); /* AUTH is never moved, so never left behind */
  self->reader = sighej_redis_reader_new ();
  self->ring = g_new (Pending, SIGHEJ_REDIS_PIPELINE_MAX);
}

static void
sighej_redis_link_class_init (SighejRedisLinkClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sighej_redis_link_dispose;
  G_OBJECT_CLASS (klass)->finalize = sighej_redis_link_finalize;
}

/* ---- the end ---- */

static Pending
pop (SighejRedisLink *self)
{
  Pending pending = self->ring[self->first];

  self->first = (self->first + 1) & RING_MASK;
  self->n_pending--;
  self->n_stamped -= self->n_stamped > 0 ? 1 : 0;
  return pending;
}

static void
call_done (const Pending *pending, const SighejRedisReply *reply, const GError *error)
{
  if (pending->done != NULL)
    pending->done (reply, error, pending->user_data);
}

/* What is called here may close us, too: then it goes on there. */
static void
fail_pending (SighejRedisLink *self, const GError *error)
{
  while (self->n_pending > 0)
    {
      Pending pending = pop (self);

      call_done (&pending, NULL, error);
    }
}

static void
shut (SighejRedisLink *self)
{
  self->state = CLOSED;
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  sighej_clock_clear (self->clock, &self->timer);
  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  if (self->connection != NULL)
    g_io_stream_close (G_IO_STREAM (self->connection), NULL, NULL);
  g_clear_object (&self->connection);
  self->fd = -1;
}

void
sighej_redis_link_close (SighejRedisLink *self)
{
  g_autoptr (GError) error = NULL;

  self->funcs = NULL;
  if (self->state != CLOSED)
    shut (self);
  if (self->n_pending == 0)
    return;
  error = g_error_new_literal (
      SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE, "the connection to Redis is being closed");
  fail_pending (self, error);
}

void
sighej_redis_link_lose (SighejRedisLink *self, const GError *error)
{
  if (self->state == CLOSED)
    return;
  g_object_ref (self);
  shut (self);
  fail_pending (self, error);
  if (self->funcs != NULL)
    self->funcs->lost (self, error, self->user_data);
  self->funcs = NULL;
  g_object_unref (self);
}

static void G_GNUC_PRINTF (2, 3) lose (SighejRedisLink *self, const char *format, ...)
{
  g_autoptr (GError) error = NULL;
  va_list arguments;

  va_start (arguments, format);
  error = g_error_new_valist (SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE, format, arguments);
  va_end (arguments);
  sighej_redis_link_lose (self, error);
}

/* ---- the source: one descriptor, and "there is something to send" ---- */

typedef struct
{
  GSource parent;

  SighejRedisLink *link; /* destroys us before it goes */
  gpointer tag;
} LinkSource;

static gboolean
link_source_prepare (GSource *source, int *timeout_ms)
{
  *timeout_ms = -1;
  return has_to_flush (((LinkSource *) source)->link);
}

static gboolean
link_source_check (GSource *source)
{
  LinkSource *self = (LinkSource *) source;

  return g_source_query_unix_fd (source, self->tag) != 0 || has_to_flush (self->link);
}

static gboolean
link_source_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  LinkSource *self = (LinkSource *) source;
  g_autoptr (SighejRedisLink) link = g_object_ref (self->link);

  turn (link, g_source_query_unix_fd (source, self->tag));
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs link_source_funcs = {
  .prepare = link_source_prepare,
  .check = link_source_check,
  .dispatch = link_source_dispatch,
};

static void
watch (SighejRedisLink *self)
{
  GSource *source = g_source_new (&link_source_funcs, sizeof (LinkSource));
  LinkSource *link_source = (LinkSource *) source;

  link_source->link = self;
  link_source->tag = g_source_add_unix_fd (source, self->fd, G_IO_IN);
  g_source_set_static_name (source, "sighej redis");
  g_source_attach (source, g_main_context_get_thread_default ());
  self->source = source;
}

static void
watch_for (SighejRedisLink *self, GIOCondition events)
{
  g_source_modify_unix_fd (self->source, ((LinkSource *) self->source)->tag, events);
}

/* ---- sending ---- */

static guint64
get_end (SighejRedisLink *self)
{
  return self->base + self->out->len;
}

static gboolean
has_to_flush (SighejRedisLink *self)
{
  return self->state == OPEN && !self->is_full && self->sent < get_end (self);
}

static void on_oldest_due (SighejRedisLink *self);

static gboolean
on_timer (gpointer user_data)
{
  g_autoptr (SighejRedisLink) self = g_object_ref (user_data);

  self->timer = 0;
  if (self->state == CONNECTING)
    lose (self, "no connection within %d ms", SIGHEJ_REDIS_CONNECT_MS);
  else
    on_oldest_due (self);
  return G_SOURCE_REMOVE;
}

static void
arm (SighejRedisLink *self)
{
  if (self->timer == 0 && self->n_stamped > 0)
    self->timer = sighej_clock_add_at (self->clock,
                                       self->ring[self->first].sent_us
                                           + SIGHEJ_REDIS_COMMAND_MS * US_PER_MS,
                                       on_timer,
                                       self);
}

/* Time runs from when a command could first go out, not from when it was queued: one look at the
 * clock for all of a turn. */
static void
stamp (SighejRedisLink *self)
{
  gint64 now_us = sighej_clock_now_us (self->clock);

  for (; self->n_stamped < self->n_pending; self->n_stamped++)
    self->ring[(self->first + self->n_stamped) & RING_MASK].sent_us = now_us;
  arm (self);
}

static void
flush (SighejRedisLink *self)
{
  gsize skip = (gsize) (self->sent - self->base);
  gssize n_sent;

  if (self->n_stamped < self->n_pending)
    stamp (self);
  do
    n_sent = send (
        self->fd, self->out->data + skip, self->out->len - skip, MSG_DONTWAIT | MSG_NOSIGNAL);
  while (n_sent < 0 && errno == EINTR);
  if (n_sent < 0 && errno != EAGAIN)
    {
      lose (self, "cannot write: %s", g_strerror (errno));
      return;
    }
  self->sent += n_sent > 0 ? (guint64) n_sent : 0;
  self->is_full = self->sent < get_end (self);
  if (self->is_full)
    watch_for (self, G_IO_IN | G_IO_OUT);
}

/* Drops the bytes of commands that are answered. */
static void
trim (SighejRedisLink *self)
{
  guint64 keep = self->n_pending > 0 ? MIN (self->ring[self->first].start, self->sent) : self->sent;
  gsize n_done = (gsize) (keep - self->base);

  if (n_done == self->out->len)
    {
      gboolean is_large = self->out->len > KEEP_BYTES;

      sighej_wipe (self->out->data, self->out->len);
      g_byte_array_set_size (self->out, 0);
      if (is_large)
        {
          g_byte_array_unref (self->out);
          self->out = g_byte_array_new ();
        }
      self->base = keep;
    }
  else if (n_done > COMPACT_BYTES && n_done > self->out->len / 2)
    {
      g_byte_array_remove_range (self->out, 0, (guint) n_done);
      self->base = keep;
    }
}

/* ---- commands as bytes ---- */

static void
append (SighejRedisLink *self, const void *bytes, gsize n_bytes)
{
  g_byte_array_append (self->out, bytes, (guint) n_bytes);
}

/* "*3\r\n", "$17\r\n" */
static void
append_header (SighejRedisLink *self, char type, gsize n)
{
  char text[HEADER_BYTES_MAX];
  char *end = text + sizeof text, *p = end;

  *--p = '\n';
  *--p = '\r';
  do
    *--p = (char) ('0' + n % 10);
  while ((n /= 10) > 0);
  *--p = type;
  append (self, p, (gsize) (end - p));
}

static void
append_argument (SighejRedisLink *self, const char *bytes, gsize n_bytes)
{
  append_header (self, '$', n_bytes);
  append (self, bytes, n_bytes);
  append (self, "\r\n", 2);
}

static void
append_arguments (SighejRedisLink *self,
                  guint n_args,
                  const char *const *args,
                  const gsize *n_bytes)
{
  for (guint i = 0; i < n_args; i++)
    append_argument (self, args[i], n_bytes != NULL ? n_bytes[i] : strlen (args[i]));
}

/* ---- queueing ---- */

static gboolean
is_too_much (SighejRedisLink *self, guint n_args, const char *const *args, const gsize *n_bytes)
{
  gsize total = self->out->len;

  if (self->n_pending == SIGHEJ_REDIS_PIPELINE_MAX)
    return TRUE;
  for (guint i = 0; i < n_args && total <= SIGHEJ_REDIS_PIPELINE_BYTES_MAX; i++)
    total += HEADER_BYTES_MAX + (n_bytes != NULL ? n_bytes[i] : strlen (args[i]));
  return total > SIGHEJ_REDIS_PIPELINE_BYTES_MAX;
}

/* Whether it can be queued; if not it has been called back. */
static gboolean
may_queue (SighejRedisLink *self,
           guint n_args,
           const char *const *args,
           const gsize *n_bytes,
           SighejRedisDone done,
           gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (self->state == OPEN && !is_too_much (self, n_args, args, n_bytes))
    return TRUE;
  error = g_error_new_literal (SIGHEJ_ERROR,
                               SIGHEJ_ERROR_UNAVAILABLE,
                               self->state == OPEN ? "too many commands wait for Redis"
                                                   : "not connected to Redis");
  if (done != NULL)
    done (NULL, error, user_data);
  return FALSE;
}

static Pending *
push (SighejRedisLink *self, SighejRedisDone done, gpointer user_data)
{
  Pending *pending = &self->ring[(self->first + self->n_pending) & RING_MASK];

  *pending = (Pending){ .done = done, .user_data = user_data, .start = get_end (self) };
  self->n_pending++;
  return pending;
}

void
sighej_redis_link_command (SighejRedisLink *self,
                           guint n_args,
                           const char *const *args,
                           const gsize *n_bytes,
                           SighejRedisDone done,
                           gpointer user_data)
{
  Pending *pending;

  if (!may_queue (self, n_args, args, n_bytes, done, user_data))
    return;
  pending = push (self, done, user_data);
  append_header (self, '*', n_args);
  append_arguments (self, n_args, args, n_bytes);
  pending->end = get_end (self);
}

void
sighej_redis_link_auth (SighejRedisLink *self,
                        const char *user,
                        const char *password,
                        SighejRedisDone done,
                        gpointer user_data)
{
  const char *args[] = { "AUTH", password, NULL };

  if (user != NULL)
    {
      args[1] = user;
      args[2] = password;
    }
  sighej_redis_link_command (self, user != NULL ? 3 : 2, args, NULL, done, user_data);
}

void
sighej_redis_link_script (SighejRedisLink *self,
                          SighejRedisScript *script,
                          guint n_keys,
                          guint n_args,
                          const char *const *args,
                          const gsize *n_bytes,
                          SighejRedisDone done,
                          gpointer user_data)
{
  char keys[HEADER_BYTES_MAX];
  Pending *pending;

  if (!may_queue (self, n_args, args, n_bytes, done, user_data))
    return;
  if (script->sha1[0] == '\0')
    {
      g_autofree char *sha1 = g_compute_checksum_for_string (G_CHECKSUM_SHA1, script->text, -1);

      g_strlcpy (script->sha1, sha1, sizeof script->sha1);
    }
  pending = push (self, done, user_data);
  pending->script = script;
  pending->n_args = n_args + 3; /* EVALSHA, the script, the number of keys */
  append_header (self, '*', pending->n_args);
  append (self, "$7\r\nEVALSHA\r\n", strlen ("$7\r\nEVALSHA\r\n"));
  append_argument (self, script->sha1, sizeof script->sha1 - 1);
  pending->rest = get_end (self);
  append_argument (self, keys, (gsize) g_snprintf (keys, sizeof keys, "%u", n_keys));
  append_arguments (self, n_args, args, n_bytes);
  pending->end = get_end (self);
}

/* Whether the whole script went out after @pending did: then Redis knows it by now. */
static gboolean
is_brought (SighejRedisLink *self, const Pending *pending)
{
  for (guint i = 0; i < BROUGHT_MAX; i++)
    if (self->brought[i].script == pending->script && self->brought[i].at > pending->start)
      return TRUE;
  return FALSE;
}

static void
note_brought (SighejRedisLink *self, const SighejRedisScript *script)
{
  guint i = 0;

  while (i < BROUGHT_MAX && self->brought[i].script != script)
    i++;
  if (i == BROUGHT_MAX)
    i = self->n_brought++ % BROUGHT_MAX;
  self->brought[i].script = script;
  self->brought[i].at = get_end (self);
}

/* @old has left the ring, so there is room; its bytes are still there. Only the first of those
 * under way takes the script with it. */
static void
send_again (SighejRedisLink *self, const Pending *old)
{
  gboolean is_known = is_brought (self, old);
  guint64 from = is_known ? old->start : old->rest;
  gsize n_same = (gsize) (old->end - from);
  g_autofree guint8 *same = g_memdup2 (self->out->data + (from - self->base), n_same);
  Pending *pending = push (self, old->done, old->user_data);

  if (is_known)
    {
      pending->script = old->script;
      pending->n_args = old->n_args;
      pending->rest = pending->start + (old->rest - old->start);
    }
  else
    {
      note_brought (self, old->script);
      append_header (self, '*', old->n_args);
      append (self, "$4\r\nEVAL\r\n", strlen ("$4\r\nEVAL\r\n"));
      append_argument (self, old->script->text, strlen (old->script->text));
    }
  append (self, same, n_same);
  pending->end = get_end (self);
  sighej_wipe (same, n_same);
}

/* ---- answers ---- */

static void
on_error_reply (SighejRedisLink *self, const Pending *pending, const SighejRedisReply *reply)
{
  g_autoptr (GError) error = NULL;
  SighejRedisVerdict verdict = sighej_redis_reply_judge (reply, &error);

  if (verdict == SIGHEJ_REDIS_NO_SCRIPT && pending->script != NULL)
    {
      send_again (self, pending);
      return;
    }
  call_done (pending, NULL, error);
  if (verdict == SIGHEJ_REDIS_NOT_MASTER || verdict == SIGHEJ_REDIS_NO_ACCESS)
    sighej_redis_link_lose (self, error);
}

static gboolean
take_push (SighejRedisLink *self, const SighejRedisReply *reply)
{
  if (self->funcs->pushed == NULL
      || !sighej_redis_reply_is (sighej_redis_reply_get (reply, 0), "message"))
    return FALSE;
  self->funcs->pushed (self, sighej_redis_reply_get (reply, 2), self->user_data);
  return TRUE;
}

/* Redis says so before it closes: for instance that it has too many clients. */
static void
on_unasked (SighejRedisLink *self, const SighejRedisReply *reply)
{
  g_autoptr (GError) error = NULL;

  if (sighej_redis_reply_judge (reply, &error) == SIGHEJ_REDIS_FINE)
    lose (self, "Redis answered what nobody asked");
  else
    lose (self, "Redis closes the connection: %s", error->message);
}

static void
deliver (SighejRedisLink *self, const SighejRedisReply *reply)
{
  Pending pending;

  if (take_push (self, reply))
    return;
  if (self->n_pending == 0)
    {
      on_unasked (self, reply);
      return;
    }
  pending = pop (self);
  if (sighej_redis_reply_get_kind (reply) == SIGHEJ_REDIS_ERROR)
    on_error_reply (self, &pending, reply);
  else
    call_done (&pending, reply, NULL);
}

static void
deliver_all (SighejRedisLink *self)
{
  g_autoptr (GError) error = NULL;
  const SighejRedisReply *reply = NULL;

  do
    {
      if (!sighej_redis_reader_next (self->reader, &reply, &error))
        sighej_redis_link_lose (self, error);
      else if (reply != NULL)
        deliver (self, reply);
    }
  while (self->state == OPEN && reply != NULL);
}

/* Returns: whether there may be more. */
static gboolean
receive (SighejRedisLink *self)
{
  g_autoptr (GError) error = NULL;
  guint8 bytes[READ_BYTES];
  gssize n_read;

  do
    n_read = recv (self->fd, bytes, sizeof bytes, MSG_DONTWAIT);
  while (n_read < 0 && errno == EINTR);
  if (n_read == 0)
    lose (self, "Redis closed the connection");
  else if (n_read < 0 && errno != EAGAIN)
    lose (self, "cannot read: %s", g_strerror (errno));
  else if (n_read > 0 && !sighej_redis_reader_feed (self->reader, bytes, (gsize) n_read, &error))
    sighej_redis_link_lose (self, error);
  else if (n_read > 0)
    deliver_all (self);
  return self->state == OPEN && n_read == sizeof bytes;
}

static void
receive_all (SighejRedisLink *self)
{
  for (guint i = 0; i < READS_PER_TURN && receive (self); i++)
    ;
  if (self->state == OPEN)
    trim (self);
}

static void
turn (SighejRedisLink *self, GIOCondition ready)
{
  if (ready & G_IO_OUT)
    {
      self->is_full = FALSE;
      watch_for (self, G_IO_IN);
    }
  if (ready & ~G_IO_OUT)
    receive_all (self);
  if (has_to_flush (self))
    flush (self);
}

/* Whether it is really late: we ourselves may have slept, with the answer waiting at the door. */
static void
on_oldest_due (SighejRedisLink *self)
{
  gint64 late_us = sighej_clock_now_us (self->clock) - SIGHEJ_REDIS_COMMAND_MS * US_PER_MS;

  if (self->n_stamped > 0 && self->ring[self->first].sent_us <= late_us)
    receive_all (self);
  if (self->state != OPEN)
    return;
  if (self->n_stamped > 0 && self->ring[self->first].sent_us <= late_us)
    lose (self, "no answer within %d ms", SIGHEJ_REDIS_COMMAND_MS);
  else
    arm (self);
}

/* ---- connecting ---- */

static void
open_link (SighejRedisLink *self, GSocketConnection *connection)
{
  GSocket *socket = g_socket_connection_get_socket (connection);

  sighej_clock_clear (self->clock, &self->timer);
  self->connection = g_object_ref (connection);
  self->fd = g_socket_get_fd (socket);
  if (g_socket_get_family (socket) != G_SOCKET_FAMILY_UNIX)
    {
      g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
      g_socket_set_keepalive (socket, TRUE);
    }
  self->state = OPEN;
  watch (self);
  self->funcs->opened (self, self->user_data);
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejRedisLink) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnection) connection
      = g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, &error);

  if (self->state == CLOSED)
    {
      if (connection != NULL)
        g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);
    }
  else if (connection == NULL)
    lose (self, "%s", error->message);
  else
    open_link (self, connection);
}

SighejRedisLink *
sighej_redis_link_new (const SighejRedisPlace *place,
                       SighejClock *clock,
                       const SighejRedisLinkFuncs *funcs,
                       gpointer user_data)
{
  SighejRedisLink *self = g_object_new (SIGHEJ_TYPE_REDIS_LINK, NULL);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnectable) where
      = place->path != NULL ? G_SOCKET_CONNECTABLE (g_unix_socket_address_new (place->path))
                            : g_network_address_new (place->host, place->port);

  self->clock = g_object_ref (clock);
  self->funcs = funcs;
  self->user_data = user_data;
  self->timer = sighej_clock_add (clock, SIGHEJ_REDIS_CONNECT_MS * US_PER_MS, on_timer, self);
  g_socket_client_set_enable_proxy (client, FALSE);
  g_socket_client_connect_async (
      client, where, self->cancellable, on_connected, g_object_ref (self));
  return self;
}

/* ---- asking about it ---- */

gboolean
sighej_redis_link_is_open (SighejRedisLink *self)
{
  return self->state == OPEN;
}

guint
sighej_redis_link_get_n_pending (SighejRedisLink *self)
{
  return self->n_pending;
}
