/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "redis-server.h"
#include "sighej-error.h"
#include "sighej-redis-sentinel.h"
#include "sighej-redis.h"
#include "sighej-test.h"

#define MS ((gint64) 1000)
#define FAILOVER_US ((gint64) 10 * G_USEC_PER_SEC) /* F-02 */
#define SLOW_REPEATS 100
#define PASSWORD "geheim"

/* ---- what sentinels are asked, and tell ---- */

typedef struct
{
  guint n_called;
  guint16 port;
  char *message;
} Told;

static void
told_clear (Told *told)
{
  g_free (told->message);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Told, told_clear)

static void
on_found (const SighejRedisPlace *place, const GError *error, gpointer user_data)
{
  Told *told = user_data;

  g_assert_true ((place == NULL) == (error != NULL));
  told->n_called++;
  told->port = place != NULL ? place->port : 0;
  g_free (told->message);
  told->message = error != NULL ? g_strdup (error->message) : NULL;
  if (error != NULL)
    g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE);
}

static char *
make_url (RedisServer *first, RedisServer *second, const char *credentials, const char *name)
{
  return g_strdup_printf ("redis+sentinel://%s127.0.0.1:%u,127.0.0.1:%u/%s",
                          credentials,
                          redis_server_get_port (first),
                          redis_server_get_port (second),
                          name);
}

static SighejRedisSentinel *
make_sentinel (const char *text, SighejClock *clock)
{
  g_autoptr (SighejRedisUrl) url = sighej_redis_url_parse (text, NULL);

  g_assert_nonnull (url);
  return sighej_redis_sentinel_new (url, clock);
}

/* A sentinel that is ended, one that is frozen: the next is asked; and the one that told is asked
 * first the next time. */
static void
test_asks_in_turn (void)
{
  g_autoptr (RedisServer) one = redis_sentinel_new (7, 2, NULL);
  g_autoptr (RedisServer) two = redis_sentinel_new (8, 2, NULL);
  g_autofree char *url = make_url (one, two, "", "city");
  SighejTestClock *clock = sighej_test_clock_new ();
  SighejRedisSentinel *sentinel = make_sentinel (url, SIGHEJ_CLOCK (clock));
  g_auto (Told) told = { 0 };

  sighej_redis_sentinel_find (sentinel, on_found, &told);
  WAIT_UNTIL (told.n_called == 1);
  g_assert_cmpuint (told.port, ==, 7);
  redis_server_freeze (one);
  sighej_redis_sentinel_find (sentinel, on_found, &told);
  sighej_test_settle ();
  sighej_test_clock_advance (clock, SIGHEJ_REDIS_SENTINEL_MS * MS);
  WAIT_UNTIL (told.n_called == 2);
  g_assert_cmpuint (told.port, ==, 8);
  sighej_redis_sentinel_find (sentinel, on_found, &told);
  WAIT_UNTIL (told.n_called == 3);
  g_assert_cmpuint (told.port, ==, 8);
  redis_server_thaw (one);
  redis_server_kill (two);
  sighej_redis_sentinel_find (sentinel, on_found, &told);
  WAIT_UNTIL (told.n_called == 4);
  g_assert_cmpuint (told.port, ==, 7);
  sighej_test_assert_finalized (sentinel);
  sighej_test_assert_finalized (clock);
}

static void
test_says_why_nobody_told (void)
{
  g_autoptr (RedisServer) one = redis_sentinel_new (7, 2, PASSWORD);
  g_autoptr (RedisServer) two = redis_sentinel_new (8, 2, NULL);
  g_autoptr (SighejClock) clock = SIGHEJ_CLOCK (sighej_test_clock_new ());
  g_autofree char *unknown = make_url (two, two, ":" PASSWORD "@", "village");
  g_autofree char *locked = make_url (one, one, "", "city");
  g_autoptr (RedisServer) server = redis_server_new_tcp (NULL);
  g_autofree char *no_sentinel = make_url (server, server, "", "city");
  g_autofree char *opened = make_url (one, one, ":" PASSWORD "@", "city");
  const struct
  {
    const char *url;
    const char *says;
  } cases[] = {
    { unknown, "it does not know that name" },
    { locked, "Redis wants a password (NOAUTH)" },
    { no_sentinel, "this server does not know the command (ERR)" },
    { opened, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Told) told = { 0 };
      SighejRedisSentinel *sentinel = make_sentinel (cases[i].url, clock);

      sighej_redis_sentinel_find (sentinel, on_found, &told);
      WAIT_UNTIL (told.n_called == 1);
      if (cases[i].says == NULL)
        g_assert_cmpuint (told.port, ==, 7);
      else if (strstr (told.message, cases[i].says) == NULL)
        g_error ("%s: %s", cases[i].url, told.message);
      sighej_test_assert_finalized (sentinel);
    }
}

static void
test_cancelled (void)
{
  g_autoptr (RedisServer) one = redis_sentinel_new (7, 1, NULL);
  g_autofree char *url = make_url (one, one, "", "city");
  g_autoptr (SighejClock) clock = SIGHEJ_CLOCK (sighej_test_clock_new ());
  SighejRedisSentinel *sentinel = make_sentinel (url, clock);
  g_auto (Told) told = { 0 };

  for (guint i = 0; i < 10; i++)
    {
      sighej_redis_sentinel_find (sentinel, on_found, &told);
      for (guint k = 0; k < i; k++)
        g_main_context_iteration (NULL, FALSE);
      sighej_redis_sentinel_cancel (sentinel);
    }
  sighej_redis_sentinel_find (sentinel, on_found, &told);
  sighej_test_assert_finalized (sentinel);
  sighej_test_settle ();
  g_assert_cmpuint (told.n_called, <=, 9);
}

/* ---- failover ---- */

typedef struct
{
  RedisServer *master;
  RedisServer *replica;
  RedisServer *sentinel;
  SighejClock *clock;
  SighejRedis *redis;
  SighejRedis *listener;
  guint n_heard;
} Cell;

/* Asks an outside process again until it says so; bounded by the test's own limit. */
static void
ask_until (RedisServer *server, const char *one, const char *two, const char *says)
{
  gint64 end_us = g_get_monotonic_time () + SIGHEJ_TEST_WAIT_SECONDS * G_USEC_PER_SEC;

  for (;;)
    {
      g_autofree char *answer = redis_server_ask (server, one, two, NULL);

      if (strstr (answer, says) != NULL)
        return;
      g_assert_cmpint (g_get_monotonic_time (), <, end_us);
    }
}

static void
on_heard (SighejRedis *redis, GBytes *payload, gpointer user_data)
{
  (*(guint *) user_data)++;
}

static void
cell_start (Cell *cell)
{
  const char *const options[] = {
    "--requirepass", PASSWORD, "--masterauth", PASSWORD, "--repl-ping-replica-period", "1", NULL
  };
  g_autoptr (SighejRedisUrl) url = NULL;
  g_autofree char *text = NULL;
  g_autofree char *port = NULL;

  cell->master = redis_server_new_tcp (options);
  cell->replica = redis_server_new_tcp (options);
  port = g_strdup_printf ("%u", redis_server_get_port (cell->master));
  g_free (redis_server_ask (cell->replica, "REPLICAOF", "127.0.0.1", port, NULL));
  ask_until (cell->replica, "INFO", "replication", "master_link_status:up");
  cell->sentinel = redis_sentinel_new (redis_server_get_port (cell->master), 1, PASSWORD);
  ask_until (cell->sentinel, "INFO", "sentinel", "slaves=1");
  text = make_url (cell->replica, cell->sentinel, ":" PASSWORD "@", "city"); /* one is none */
  url = sighej_redis_url_parse (text, NULL);
  cell->clock = sighej_clock_new_system ();
  cell->redis = sighej_redis_new (url, NULL, cell->clock);
  cell->listener = sighej_redis_new (url, "channel", cell->clock);
  g_signal_connect (cell->listener, "message", G_CALLBACK (on_heard), &cell->n_heard);
  WAIT_UNTIL (sighej_redis_is_connected (cell->redis)
              && sighej_redis_is_connected (cell->listener));
}

static void
cell_clear (Cell *cell)
{
  sighej_test_assert_finalized (cell->redis);
  sighej_test_assert_finalized (cell->listener);
  sighej_test_assert_finalized (cell->clock);
  redis_server_free (cell->sentinel);
  redis_server_free (cell->replica);
  redis_server_free (cell->master);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Cell, cell_clear)

static void
on_value (const SighejRedisReply *reply, const GError *error, gpointer user_data)
{
  char **value = user_data;

  *value = g_strdup (error != NULL ? "" : sighej_redis_reply_get_bytes (reply, NULL));
}

static char *
dup_value (Cell *cell, guint n_args, const char *const *args)
{
  char *value = NULL;

  sighej_redis_command (cell->redis, n_args, args, NULL, on_value, &value);
  WAIT_UNTIL (value != NULL);
  return value;
}

/* The replica has become the master, and the old master comes back as its replica. */
static void
cell_turn_round (Cell *cell)
{
  RedisServer *ended = cell->master;
  g_autofree char *port = g_strdup_printf ("%u", redis_server_get_port (cell->replica));

  cell->master = cell->replica;
  cell->replica = ended;
  redis_server_restart (ended);
  g_free (redis_server_ask (ended, "REPLICAOF", "127.0.0.1", port, NULL));
  ask_until (ended, "INFO", "replication", "master_link_status:up");
  ask_until (cell->master, "INFO", "replication", "state=online");
}

/* The master dies: within 10 s both connections are at the replica that took over. */
static void
fail_over (Cell *cell)
{
  const char *set[] = { "SET", "key", "before" };
  const char *get[] = { "GET", "key" };
  g_autofree char *done = dup_value (cell, 3, set);
  g_autofree char *there = NULL;
  guint heard = cell->n_heard;
  gint64 began_us;

  g_assert_cmpstr (done, ==, "OK");
  ask_until (cell->replica, "GET", "key", "before");
  began_us = g_get_monotonic_time ();
  redis_server_kill (cell->master);
  WAIT_UNTIL (!sighej_redis_is_connected (cell->redis)
              && !sighej_redis_is_connected (cell->listener));
  WAIT_UNTIL (sighej_redis_is_connected (cell->redis)
              && sighej_redis_is_connected (cell->listener));
  g_test_message ("served again after %" G_GINT64_FORMAT " ms",
                  (g_get_monotonic_time () - began_us) / MS);
  g_assert_cmpint (g_get_monotonic_time () - began_us, <=, FAILOVER_US);
  there = dup_value (cell, 2, get);
  g_assert_cmpstr (there, ==, "before");
  g_free (redis_server_ask (cell->replica, "PUBLISH", "channel", "x", NULL));
  WAIT_UNTIL (cell->n_heard == heard + 1);
}

static void
test_failover (void)
{
  g_auto (Cell) cell = { 0 };

  cell_start (&cell);
  fail_over (&cell);
  for (guint i = 1; g_getenv ("SIGHEJ_SLOW") != NULL && i < SLOW_REPEATS; i++)
    {
      cell_turn_round (&cell);
      fail_over (&cell);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/redis-sentinel/asks-in-turn", test_asks_in_turn);
  g_test_add_func ("/redis-sentinel/says-why-nobody-told", test_says_why_nobody_told);
  g_test_add_func ("/redis-sentinel/cancelled", test_cancelled);
  g_test_add_func ("/redis-sentinel/failover", test_failover);

  return g_test_run ();
}
