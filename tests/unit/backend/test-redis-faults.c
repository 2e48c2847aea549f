/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "redis-server.h"
#include "sighej-error.h"
#include "sighej-redis.h"
#include "sighej-test.h"

/*
 * The faults F-01, F-02 and F-06 against one connection: nothing under way is left without an
 * answer, a request is refused within a second, and soon after the fault it works again. Here time
 * is real. SIGHEJ_SLOW=1: 100 times.
 */

#define MS ((gint64) 1000)
#define REFUSED_US ((gint64) 1 * G_USEC_PER_SEC) /* F-02 */
#define SERVED_US ((gint64) 2 * G_USEC_PER_SEC)  /* F-01 */
#define N_COMMANDS 200

static guint
get_repeats (guint few)
{
  return g_getenv ("SIGHEJ_SLOW") != NULL ? 100 : few;
}

typedef struct
{
  SighejClock *clock;
  SighejRedis *redis;
  guint n_connected;
  guint n_sent;
  guint n_replies;
  guint n_unavailable;
  gint64 last_us; /* when the last was called back */
} Fixture;

static void
on_connected (Fixture *fixture)
{
  fixture->n_connected++;
}

static void
fixture_init (Fixture *fixture, const char *text, SighejClock *clock)
{
  g_autoptr (SighejRedisUrl) url = sighej_redis_url_parse (text, NULL);

  fixture->clock = clock;
  fixture->redis = sighej_redis_new (url, NULL, clock);
  g_signal_connect_swapped (fixture->redis, "connected", G_CALLBACK (on_connected), fixture);
}

static void
fixture_clear (Fixture *fixture)
{
  sighej_test_assert_finalized (fixture->redis);
  sighej_test_assert_finalized (fixture->clock);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, fixture_clear)

static void
on_done (const SighejRedisReply *reply, const GError *error, gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->last_us = g_get_monotonic_time ();
  if (error == NULL)
    fixture->n_replies++;
  else if (g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE))
    fixture->n_unavailable++;
}

static void
send_many (Fixture *fixture)
{
  const char *args[] = { "INCR", "n" };

  for (guint i = 0; i < N_COMMANDS; i++)
    sighej_redis_command (fixture->redis, G_N_ELEMENTS (args), args, NULL, on_done, fixture);
  fixture->n_sent += N_COMMANDS;
}

static gboolean
is_all_called_back (Fixture *fixture)
{
  return fixture->n_replies + fixture->n_unavailable == fixture->n_sent;
}

static void
wait_until_served (Fixture *fixture)
{
  gint64 began_us = g_get_monotonic_time ();
  guint before = fixture->n_connected;

  WAIT_UNTIL (fixture->n_connected > before);
  g_assert_cmpint (g_get_monotonic_time () - began_us, <=, SERVED_US);
}

/* F-01: commands are under way, some of them answered, when Redis ends. */
static void
run_restart (void (*end) (RedisServer *))
{
  g_autoptr (RedisServer) server = redis_server_new (NULL, NULL);
  g_autofree char *url = redis_server_dup_url (server, "");
  g_auto (Fixture) fixture = { 0 };

  fixture_init (&fixture, url, sighej_clock_new_system ());
  WAIT_UNTIL (fixture.n_connected == 1);
  for (guint i = get_repeats (3); i > 0; i--)
    {
      send_many (&fixture);
      for (guint k = 0; k < i % 4; k++)
        g_main_context_iteration (NULL, FALSE);
      end (server);
      send_many (&fixture);
      WAIT_UNTIL (!sighej_redis_is_connected (fixture.redis));
      g_assert_true (is_all_called_back (&fixture));
      redis_server_restart (server);
      wait_until_served (&fixture);
    }
  g_assert_cmpuint (fixture.n_unavailable, >, 0);
}

static void
test_restarts (void)
{
  run_restart (redis_server_stop);
}

static void
test_kills (void)
{
  run_restart (redis_server_kill);
}

/* F-02: refused within a second, over and over; nothing is counted that was not asked. */
static void
test_freezes (void)
{
  g_autoptr (RedisServer) server = redis_server_new (NULL, NULL);
  g_autofree char *url = redis_server_dup_url (server, "");
  g_autofree char *n = NULL;
  g_auto (Fixture) fixture = { 0 };

  fixture_init (&fixture, url, sighej_clock_new_system ());
  WAIT_UNTIL (fixture.n_connected == 1);
  for (guint i = get_repeats (1); i > 0; i--)
    {
      gint64 began_us = g_get_monotonic_time ();

      redis_server_freeze (server);
      send_many (&fixture);
      WAIT_UNTIL (is_all_called_back (&fixture));
      g_assert_cmpint (fixture.last_us - began_us, <=, REFUSED_US);
      redis_server_thaw (server);
      wait_until_served (&fixture);
    }
  n = redis_server_ask (server, "GET", "n", NULL);
  g_assert_cmpuint (atoi (n), <=, fixture.n_sent);
}

/* F-02: 200 ms late is late for nobody. */
static void
test_slow (void)
{
  g_autoptr (RedisServer) server = redis_server_new (NULL, NULL);
  g_autofree char *url = redis_server_dup_url (server, "");
  g_auto (Fixture) fixture = { 0 };

  fixture_init (&fixture, url, sighej_clock_new_system ());
  WAIT_UNTIL (fixture.n_connected == 1);
  for (guint i = get_repeats (2); i > 0; i--)
    {
      g_free (redis_server_ask (server, "CLIENT", "PAUSE", "200", NULL));
      send_many (&fixture);
      WAIT_UNTIL (is_all_called_back (&fixture));
    }
  g_assert_cmpuint (fixture.n_replies, ==, fixture.n_sent);
}

/* F-02: no memory left, and again. */
static void
test_out_of_memory (void)
{
  g_autoptr (RedisServer) server = redis_server_new (NULL, NULL);
  g_autofree char *url = redis_server_dup_url (server, "");
  g_auto (Fixture) fixture = { 0 };

  fixture_init (&fixture, url, sighej_clock_new_system ());
  WAIT_UNTIL (fixture.n_connected == 1);
  for (guint i = get_repeats (3); i > 0; i--)
    {
      guint refused = fixture.n_unavailable;

      g_free (redis_server_ask (server, "CONFIG", "SET", "maxmemory", "1", NULL));
      send_many (&fixture);
      WAIT_UNTIL (is_all_called_back (&fixture));
      g_assert_cmpuint (fixture.n_unavailable, ==, refused + N_COMMANDS);
      g_free (redis_server_ask (server, "CONFIG", "SET", "maxmemory", "0", NULL));
      send_many (&fixture);
      WAIT_UNTIL (is_all_called_back (&fixture));
      g_assert_cmpuint (fixture.n_unavailable, ==, refused + N_COMMANDS);
    }
  g_assert_cmpuint (fixture.n_connected, ==, 1);
}

/* ---- names (F-06): a resolver that does what it is told ---- */

typedef enum
{
  KNOWS,
  KNOWS_NOT,
  IS_SILENT,
} Mood;

typedef struct
{
  GResolver parent_instance;

  Mood mood;
  guint n_asked;
} MoodyResolver;

typedef GResolverClass MoodyResolverClass;

static GType moody_resolver_get_type (void);
G_DEFINE_TYPE (MoodyResolver, moody_resolver, G_TYPE_RESOLVER)

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  g_task_return_error_if_cancelled (task);
}

static void
moody_lookup_async (GResolver *resolver,
                    const char *name,
                    GResolverNameLookupFlags flags,
                    GCancellable *cancellable,
                    GAsyncReadyCallback callback,
                    gpointer user_data)
{
  MoodyResolver *self = (MoodyResolver *) resolver;
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  self->n_asked++;
  if (self->mood == KNOWS && flags != G_RESOLVER_NAME_LOOKUP_FLAGS_IPV6_ONLY)
    g_task_return_pointer (
        task, g_list_append (NULL, g_inet_address_new_from_string ("127.0.0.1")), NULL);
  else if (self->mood != IS_SILENT)
    g_task_return_new_error (
        task, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "there is no %s", name);
  else /* until it is cancelled */
    g_signal_connect (cancellable, "cancelled", G_CALLBACK (on_cancelled), g_steal_pointer (&task));
}

static GList *
moody_lookup_finish (GResolver *resolver, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
moody_resolver_init (MoodyResolver *self)
{
}

static void
moody_resolver_class_init (MoodyResolverClass *klass)
{
  klass->lookup_by_name_with_flags_async = moody_lookup_async;
  klass->lookup_by_name_with_flags_finish = moody_lookup_finish;
}

/* Turns the clock until it has asked once more. */
static void
turn_until_asked (Fixture *fixture, MoodyResolver *resolver)
{
  gint64 waited_us = 0;

  for (guint before = resolver->n_asked; resolver->n_asked == before; waited_us += 100 * MS)
    {
      g_assert_cmpint (waited_us, <=, 30 * G_USEC_PER_SEC);
      sighej_test_clock_advance (SIGHEJ_TEST_CLOCK (fixture->clock), 100 * MS);
      sighej_test_settle ();
    }
}

static void
run_names (const char *url, guint n_repeats)
{
  g_autoptr (GResolver) usual = g_resolver_get_default ();
  MoodyResolver *resolver = g_object_new (moody_resolver_get_type (), NULL);

  g_resolver_set_default (G_RESOLVER (resolver));
  for (guint i = n_repeats; i > 0; i--)
    {
      g_auto (Fixture) fixture = { 0 };

      resolver->mood = i % 2 == 0 ? KNOWS_NOT : IS_SILENT;
      fixture_init (&fixture, url, SIGHEJ_CLOCK (sighej_test_clock_new ()));
      for (guint k = 0; k < 5; k++)
        turn_until_asked (&fixture, resolver);
      g_assert_cmpuint (fixture.n_connected, ==, 0);
      resolver->mood = KNOWS;
      turn_until_asked (&fixture, resolver);
      WAIT_UNTIL (fixture.n_connected == 1);
    }
  g_resolver_set_default (usual);
  g_object_unref (resolver);
}

static void
test_names (void)
{
  g_autoptr (RedisServer) server = redis_server_new_tcp (NULL);
  g_autofree char *url
      = g_strdup_printf ("redis://city.example:%u", redis_server_get_port (server));

  run_names (url, get_repeats (2));
}

static void
test_names_of_sentinels (void)
{
  g_autoptr (RedisServer) server = redis_server_new_tcp (NULL);
  g_autoptr (RedisServer) sentinel = redis_sentinel_new (redis_server_get_port (server), 1, NULL);
  guint16 port = redis_server_get_port (sentinel);
  g_autofree char *url
      = g_strdup_printf ("redis+sentinel://one.example:%u,two.example:%u/city", port, port);

  run_names (url, get_repeats (2));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/redis-faults/restarts", test_restarts);
  g_test_add_func ("/redis-faults/kills", test_kills);
  g_test_add_func ("/redis-faults/freezes", test_freezes);
  g_test_add_func ("/redis-faults/slow", test_slow);
  g_test_add_func ("/redis-faults/out-of-memory", test_out_of_memory);
  g_test_add_func ("/redis-faults/names", test_names);
  g_test_add_func ("/redis-faults/names-of-sentinels", test_names_of_sentinels);

  return g_test_run ();
}
