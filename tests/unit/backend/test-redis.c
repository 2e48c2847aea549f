/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "redis-server.h"
#include "sighej-error.h"
#include "sighej-redis-queue.h"
#include "sighej-test.h"

#define MS ((gint64) 1000)
#define RETRIES_END_MS (2 * SIGHEJ_REDIS_RETRY_MOST_MS)

typedef struct
{
  RedisServer *server;
  SighejTestClock *clock;
  SighejRedis *redis;
  guint n_connected;
  guint n_disconnected;
  GPtrArray *messages;
} Fixture;

/* What was logged, and how often; the test is its own journal. */
static GString *journal;

static GLogWriterOutput
write_journal (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  for (gsize i = 0; i < n_fields; i++)
    if (strcmp (fields[i].key, "MESSAGE") == 0 && level <= G_LOG_LEVEL_MESSAGE)
      g_string_append_printf (journal,
                              "%s%s\n",
                              level <= G_LOG_LEVEL_WARNING ? "W " : "M ",
                              (const char *) fields[i].value);
  if (level <= G_LOG_LEVEL_CRITICAL)
    return g_log_writer_default (level, fields, n_fields, user_data);
  return G_LOG_WRITER_HANDLED;
}

static guint
count_in_journal (const char *text)
{
  guint n = 0;

  for (const char *at = journal->str; (at = strstr (at, text)) != NULL; at++)
    n++;
  return n;
}

/* ---- a connection to look at ---- */

static void
on_connected (Fixture *fixture)
{
  fixture->n_connected++;
}

static void
on_disconnected (Fixture *fixture)
{
  fixture->n_disconnected++;
}

static void
on_message (SighejRedis *redis, GBytes *payload, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_ptr_array_add (fixture->messages, g_bytes_ref (payload));
}

static void
connect_to (Fixture *fixture, const char *text, const char *channel)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SighejRedisUrl) url = sighej_redis_url_parse (text, &error);

  g_assert_no_error (error);
  g_assert_null (fixture->redis);
  fixture->redis = sighej_redis_new (url, channel, SIGHEJ_CLOCK (fixture->clock));
  g_signal_connect_swapped (fixture->redis, "connected", G_CALLBACK (on_connected), fixture);
  g_signal_connect_swapped (fixture->redis, "disconnected", G_CALLBACK (on_disconnected), fixture);
  g_signal_connect (fixture->redis, "message", G_CALLBACK (on_message), fixture);
}

static void
fixture_init (Fixture *fixture, const char *const *options, const char *more, const char *channel)
{
  g_autofree char *url = NULL;

  g_string_truncate (journal, 0);
  fixture->server = redis_server_new (options, NULL);
  fixture->clock = sighej_test_clock_new ();
  fixture->messages = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  url = redis_server_dup_url (fixture->server, more);
  connect_to (fixture, url, channel);
}

static void
fixture_start (Fixture *fixture)
{
  fixture_init (fixture, NULL, "", NULL);
  WAIT_UNTIL (fixture->n_connected == 1);
}

static void
fixture_clear (Fixture *fixture)
{
  if (fixture->redis != NULL)
    sighej_test_assert_finalized (fixture->redis);
  g_ptr_array_unref (fixture->messages);
  redis_server_free (fixture->server);
  sighej_test_assert_finalized (fixture->clock);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, fixture_clear)

/* Turns the clock in small steps, each after what is ready, until it is (dis)connected. */
static gboolean
on_step (gpointer user_data)
{
  Fixture *fixture = user_data;

  sighej_test_clock_advance (fixture->clock, 50 * MS);
  return G_SOURCE_CONTINUE;
}

#define TURN_UNTIL(fixture, condition)                                                             \
  G_STMT_START                                                                                     \
  {                                                                                                \
    guint turn_id_ = g_timeout_add (5, on_step, (fixture));                                        \
    WAIT_UNTIL (condition);                                                                        \
    g_source_remove (turn_id_);                                                                    \
  }                                                                                                \
  G_STMT_END

/* ---- commands to look at ---- */

typedef struct
{
  guint n_replies;
  guint n_unavailable;
  guint n_failed;
  gint64 integer;
  char *bytes;
  char *message;
} Answers;

static void
answers_clear (Answers *answers)
{
  g_free (answers->bytes);
  g_free (answers->message);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Answers, answers_clear)

static guint
count (const Answers *answers)
{
  return answers->n_replies + answers->n_unavailable + answers->n_failed;
}

static void
on_done (const SighejRedisReply *reply, const GError *error, gpointer user_data)
{
  Answers *answers = user_data;

  g_assert_true ((reply == NULL) == (error != NULL));
  if (error == NULL)
    {
      answers->n_replies++;
      answers->integer = sighej_redis_reply_get_integer (reply);
      g_free (answers->bytes);
      answers->bytes = g_strdup (sighej_redis_reply_get_bytes (reply, NULL));
      return;
    }
  if (g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE))
    answers->n_unavailable++;
  else
    answers->n_failed++;
  g_free (answers->message);
  answers->message = g_strdup (error->message);
}

static void
ask (Fixture *fixture, const char *words, Answers *answers)
{
  g_auto (GStrv) args = g_strsplit (words, " ", -1);

  sighej_redis_command (
      fixture->redis, g_strv_length (args), (const char *const *) args, NULL, on_done, answers);
}

static void
ask_and_wait (Fixture *fixture, const char *words, Answers *answers)
{
  guint before = count (answers);

  ask (fixture, words, answers);
  WAIT_UNTIL (count (answers) > before);
}

/* ---- connecting ---- */

static void
test_connects (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_auto (Answers) answers = { 0 };

  fixture_init (&fixture, NULL, "", NULL);
  g_assert_false (sighej_redis_is_connected (fixture.redis));
  ask (&fixture, "PING", &answers);
  g_assert_cmpuint (answers.n_unavailable, ==, 1);
  WAIT_UNTIL (fixture.n_connected == 1);
  g_assert_true (sighej_redis_is_connected (fixture.redis));
  ask_and_wait (&fixture, "PING", &answers);
  g_assert_cmpstr (answers.bytes, ==, "PONG");
  ask_and_wait (&fixture, "INCRBY n 7", &answers);
  g_assert_cmpint (answers.integer, ==, 7);
}

static void
test_password (void)
{
  const char *const options[] = { "--requirepass", "geheim& wort", NULL };
  g_auto (Fixture) fixture = { 0 };
  g_auto (Answers) answers = { 0 };

  fixture_init (&fixture, options, "&password=geheim%26%20wort", NULL);
  WAIT_UNTIL (fixture.n_connected == 1);
  ask_and_wait (&fixture, "SET a b", &answers);
  g_assert_cmpstr (answers.bytes, ==, "OK");
}

static void
test_user (void)
{
  const char *const options[] = { "--user", "city", "on", ">geheim", "~*", "&*", "+@all", NULL };
  g_auto (Fixture) fixture = { 0 };

  fixture_init (&fixture, options, "&user=city&password=geheim", NULL);
  WAIT_UNTIL (fixture.n_connected == 1);
}

/* One clear warning, however often it is tried; and it is tried until it works. */
static void
test_wrong_password (void)
{
  const char *const options[] = { "--requirepass", "richtig", NULL };
  g_auto (Fixture) fixture = { 0 };

  fixture_init (&fixture, options, "&password=geheim", NULL);
  TURN_UNTIL (&fixture, sighej_test_clock_next_us (fixture.clock) > 2000 * MS);
  g_assert_cmpuint (count_in_journal ("W "), ==, 1);
  g_assert_cmpuint (count_in_journal ("correct the user and the password of RedisUrl"), ==, 1);
  g_assert_cmpuint (count_in_journal ("geheim"), ==, 0);
  g_free (redis_server_ask (fixture.server, "CONFIG", "SET", "requirepass", "geheim", NULL));
  TURN_UNTIL (&fixture, fixture.n_connected == 1);
  g_assert_cmpuint (count_in_journal ("again"), ==, 2);
}

static void
test_missing_password (void)
{
  const char *const options[] = { "--requirepass", "richtig", NULL };
  g_auto (Fixture) fixture = { 0 };

  fixture_init (&fixture, options, "", NULL);
  WAIT_UNTIL (count_in_journal ("give RedisUrl a user and a password") == 1);
}

static void
test_password_too_many (void)
{
  g_auto (Fixture) fixture = { 0 };

  fixture_init (&fixture, NULL, "&password=geheim", NULL);
  WAIT_UNTIL (count_in_journal ("Redis has no password, and got one") == 1);
}

static void
test_database (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_auto (Answers) answers = { 0 };
  g_autofree char *there = NULL;
  g_autofree char *url = NULL;

  fixture_init (&fixture, NULL, "&db=11", NULL);
  WAIT_UNTIL (fixture.n_connected == 1);
  ask_and_wait (&fixture, "SET a b", &answers);
  there = redis_server_ask (fixture.server, "-n", "11", "GET", "a", NULL);
  g_assert_cmpstr (there, ==, "b");
  sighej_test_assert_finalized (g_steal_pointer (&fixture.redis));
  url = redis_server_dup_url (fixture.server, "&db=99");
  connect_to (&fixture, url, NULL);
  WAIT_UNTIL (count_in_journal ("Redis has no such database (ERR); correct the number") == 1);
}

static void
test_nobody_there (void)
{
  g_auto (Fixture) fixture = { 0 };

  fixture_init (&fixture, NULL, "", NULL);
  WAIT_UNTIL (fixture.n_connected == 1);
  redis_server_stop (fixture.server);
  TURN_UNTIL (&fixture, sighej_test_clock_next_us (fixture.clock) > 2500 * MS);
  g_assert_cmpint (sighej_test_clock_next_us (fixture.clock), <=, SIGHEJ_REDIS_RETRY_MOST_MS * MS);
  g_assert_cmpuint (count_in_journal ("W "), ==, 0);
  g_assert_cmpuint (count_in_journal ("trying again"), <=, 2);
  redis_server_restart (fixture.server);
  TURN_UNTIL (&fixture, fixture.n_connected == 2);
}

/* ---- losing it ---- */

static void
test_restart (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_auto (Answers) answers = { 0 };

  fixture_start (&fixture);
  for (guint i = 1; i <= 3; i++)
    {
      if (i == 2)
        redis_server_kill (fixture.server);
      else
        redis_server_stop (fixture.server);
      ask (&fixture, "PING", &answers);
      WAIT_UNTIL (fixture.n_disconnected == i);
      g_assert_cmpuint (answers.n_unavailable, ==, i);
      redis_server_restart (fixture.server);
      TURN_UNTIL (&fixture, fixture.n_connected == i + 1);
    }
  ask_and_wait (&fixture, "PING", &answers);
  g_assert_cmpstr (answers.bytes, ==, "PONG");
}

/* A frozen Redis costs a request less than a second, and all of them are told. */
static void
test_frozen (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_auto (Answers) answers = { 0 };

  fixture_start (&fixture);
  redis_server_freeze (fixture.server);
  for (guint i = 0; i < 100; i++)
    ask (&fixture, "PING", &answers);
  sighej_test_settle ();
  sighej_test_clock_advance (fixture.clock, (SIGHEJ_REDIS_COMMAND_MS - 1) * MS);
  g_assert_cmpuint (count (&answers), ==, 0);
  sighej_test_clock_advance (fixture.clock, 1 * MS);
  g_assert_cmpuint (answers.n_unavailable, ==, 100);
  g_assert_cmpuint (fixture.n_disconnected, ==, 1);
  g_assert_cmpuint (count_in_journal ("no answer within 900 ms"), ==, 1);
  TURN_UNTIL (&fixture, count_in_journal ("no answer within 900 ms") == 1);
  redis_server_thaw (fixture.server);
  TURN_UNTIL (&fixture, fixture.n_connected == 2);
  ask_and_wait (&fixture, "PING", &answers);
  g_assert_cmpuint (answers.n_replies, ==, 1);
}

/* Time runs for each command, not for the connection: answers in between do not help the next. */
static void
test_each_command_has_its_time (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_auto (Answers) early = { 0 };
  g_auto (Answers) late = { 0 };

  fixture_start (&fixture);
  ask_and_wait (&fixture, "PING", &early);
  sighej_test_clock_advance (fixture.clock, 800 * MS);
  redis_server_freeze (fixture.server);
  ask (&fixture, "PING", &late);
  sighej_test_settle ();
  sighej_test_clock_advance (fixture.clock, 899 * MS);
  g_assert_cmpuint (count (&late), ==, 0);
  sighej_test_clock_advance (fixture.clock, 1 * MS);
  g_assert_cmpuint (late.n_unavailable, ==, 1);
}

/* We slept, not Redis: its answer is there when our own timer says that it is late. */
static void
test_a_sleeper_reads_before_it_judges (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_auto (Answers) answers = { 0 };
  g_autofree char *seen = NULL;

  fixture_start (&fixture);
  ask (&fixture, "SET a there", &answers);
  g_main_context_iteration (NULL, FALSE);
  do
    {
      g_free (seen);
      seen = redis_server_ask (fixture.server, "GET", "a", NULL);
    }
  while (strcmp (seen, "there") != 0);
  sighej_test_clock_advance (fixture.clock, 5000 * MS);
  g_assert_cmpuint (answers.n_replies, ==, 1);
  g_assert_cmpuint (fixture.n_disconnected, ==, 0);
}

/* A connection that nobody uses is found out as well. */
static void
test_idle_connection_is_proved (void)
{
  g_auto (Fixture) fixture = { 0 };

  fixture_start (&fixture);
  redis_server_freeze (fixture.server);
  TURN_UNTIL (&fixture, fixture.n_disconnected == 1);
}

/* ---- what Redis refuses ---- */

static void
test_full_pipeline (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_auto (Answers) answers = { 0 };

  fixture_start (&fixture);
  for (guint i = 0; i < SIGHEJ_REDIS_PIPELINE_MAX + 10; i++)
    ask (&fixture, "PING", &answers);
  g_assert_cmpuint (answers.n_unavailable, ==, 10);
  g_assert_cmpstr (answers.message, ==, "too many commands wait for Redis");
  WAIT_UNTIL (count (&answers) == SIGHEJ_REDIS_PIPELINE_MAX + 10);
  g_assert_cmpuint (answers.n_replies, ==, SIGHEJ_REDIS_PIPELINE_MAX);
}

static void
test_large_values (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_auto (Answers) answers = { 0 };
  g_autofree char *large = g_strnfill (SIGHEJ_REDIS_PIPELINE_BYTES_MAX / 4, 'x');
  const char *args[] = { "SET", "large", large };

  fixture_start (&fixture);
  for (guint i = 0; i < 4; i++)
    sighej_redis_command (fixture.redis, G_N_ELEMENTS (args), args, NULL, on_done, &answers);
  g_assert_cmpuint (answers.n_unavailable, ==, 1);
  WAIT_UNTIL (answers.n_replies == 3);
  ask_and_wait (&fixture, "GET large", &answers);
  g_assert_cmpstr (answers.bytes, ==, large);
}

static void
test_out_of_memory (void)
{
  const char *const options[] = { "--maxmemory", "1mb", NULL };
  g_auto (Fixture) fixture = { 0 };
  g_auto (Answers) answers = { 0 };

  fixture_init (&fixture, options, "", NULL);
  WAIT_UNTIL (fixture.n_connected == 1);
  g_free (redis_server_ask (fixture.server, "CONFIG", "SET", "maxmemory", "1", NULL));
  ask_and_wait (&fixture, "SET a b", &answers);
  g_assert_cmpuint (answers.n_unavailable, ==, 1);
  g_assert_nonnull (strstr (answers.message, "OOM"));
  g_assert_true (sighej_redis_is_connected (fixture.redis));
  g_free (redis_server_ask (fixture.server, "CONFIG", "SET", "maxmemory", "0", NULL));
  ask_and_wait (&fixture, "SET a b", &answers);
  g_assert_cmpuint (answers.n_replies, ==, 1);
}

/* The master became a replica: whoever writes is told, and the master is looked for again. */
static void
test_read_only (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_auto (Answers) answers = { 0 };

  fixture_start (&fixture);
  g_free (redis_server_ask (fixture.server, "REPLICAOF", "127.0.0.1", "1", NULL));
  ask (&fixture, "SET a b", &answers);
  ask (&fixture, "PING", &answers);
  WAIT_UNTIL (fixture.n_disconnected == 1);
  g_assert_cmpuint (answers.n_unavailable, ==, 2);
  TURN_UNTIL (&fixture,
              count_in_journal ("it is no master; RedisUrl must lead to the master") == 1);
  g_assert_cmpuint (fixture.n_connected, ==, 1);
  g_free (redis_server_ask (fixture.server, "REPLICAOF", "NO", "ONE", NULL));
  TURN_UNTIL (&fixture, fixture.n_connected == 2);
}

static void
test_wrong_command (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_auto (Answers) answers = { 0 };

  fixture_start (&fixture);
  ask_and_wait (&fixture, "GEHEIMNIS geheim", &answers);
  g_assert_cmpuint (answers.n_failed, ==, 1);
  g_assert_cmpstr (answers.message, ==, "this server does not know the command (ERR)");
  g_assert_true (sighej_redis_is_connected (fixture.redis));
}

/* ---- scripts ---- */

static void
run (Fixture *fixture, SighejRedisScript *script, const char *value, Answers *answers)
{
  const char *args[] = { "key", value };
  gsize n_bytes[] = { strlen ("key"), strlen (value) };

  sighej_redis_script (fixture->redis, script, 1, 2, args, n_bytes, on_done, answers);
}

static void
test_unknown_script (void)
{
  SighejRedisScript script = { .text = "redis.call ('SET', KEYS[1], ARGV[1])\nreturn ARGV[1]" };
  g_auto (Fixture) fixture = { 0 };
  g_auto (Answers) answers = { 0 };
  g_autofree char *there = NULL;

  fixture_start (&fixture);
  for (guint i = 0; i < 10; i++)
    run (&fixture, &script, "first", &answers);
  WAIT_UNTIL (answers.n_replies == 10);
  g_assert_cmpstr (answers.bytes, ==, "first");
  g_free (redis_server_ask (fixture.server, "SCRIPT", "FLUSH", NULL));
  run (&fixture, &script, "second", &answers);
  ask (&fixture, "PING", &answers);
  WAIT_UNTIL (answers.n_replies == 12);
  there = redis_server_ask (fixture.server, "GET", "key", NULL);
  g_assert_cmpstr (there, ==, "second");
}

/* However many are under way, few carry the whole script, also when Redis forgets it. */
static void
test_script_is_sent_whole_once (void)
{
  SighejRedisScript scripts[]
      = { { .text = "return ARGV[1] .. 'a'" }, { .text = "return ARGV[1] .. 'b'" } };
  g_auto (Fixture) fixture = { 0 };
  g_auto (Answers) answers = { 0 };

  fixture_start (&fixture);
  for (guint k = 1; k <= 2; k++)
    {
      g_autofree char *stats = NULL;

      for (guint i = 0; i < 200; i++)
        run (&fixture, &scripts[i % 2], "x", &answers);
      WAIT_UNTIL (answers.n_replies == k * 200);
      g_assert_cmpstr (answers.bytes, ==, "xb");
      stats = redis_server_ask (fixture.server, "INFO", "commandstats", NULL);
      g_assert_nonnull (strstr (stats, k == 1 ? "cmdstat_eval:calls=2," : "cmdstat_eval:calls=4,"));
      g_free (redis_server_ask (fixture.server, "SCRIPT", "FLUSH", NULL));
    }
}

static void
test_script_without_memory (void)
{
  SighejRedisScript script = { .text = "return redis.call ('SET', KEYS[1], ARGV[1])" };
  g_auto (Fixture) fixture = { 0 };
  g_auto (Answers) answers = { 0 };

  fixture_start (&fixture);
  g_free (redis_server_ask (fixture.server, "CONFIG", "SET", "maxmemory", "1", NULL));
  run (&fixture, &script, "x", &answers);
  WAIT_UNTIL (count (&answers) == 1);
  g_assert_cmpuint (answers.n_unavailable, ==, 1);
}

/* ---- listening ---- */

static void
publish (Fixture *fixture, const char *channel, const char *payload)
{
  g_free (redis_server_ask (fixture->server, "PUBLISH", channel, payload, NULL));
}

static void
assert_message (Fixture *fixture, guint i, const char *text)
{
  gsize n_bytes;
  const char *bytes = g_bytes_get_data (fixture->messages->pdata[i], &n_bytes);

  g_assert_cmpmem (bytes, n_bytes, text, strlen (text));
}

static void
test_messages (void)
{
  g_auto (Fixture) fixture = { 0 };

  fixture_init (&fixture, NULL, "", "ours");
  WAIT_UNTIL (fixture.n_connected == 1);
  publish (&fixture, "theirs", "no");
  publish (&fixture, "ours", "message");
  publish (&fixture, "ours", "");
  WAIT_UNTIL (fixture.messages->len == 2);
  assert_message (&fixture, 0, "message");
  assert_message (&fixture, 1, "");
  sighej_test_clock_advance (fixture.clock, SIGHEJ_REDIS_PING_MS * MS);
  publish (&fixture, "ours", "after a PING");
  WAIT_UNTIL (fixture.messages->len == 3);
  g_assert_cmpuint (fixture.n_disconnected, ==, 0);
}

/* What is published meanwhile is lost; what comes after is heard. */
static void
test_listens_again (void)
{
  g_auto (Fixture) fixture = { 0 };

  fixture_init (&fixture, NULL, "", "ours");
  WAIT_UNTIL (fixture.n_connected == 1);
  g_free (redis_server_ask (fixture.server, "CLIENT", "KILL", "TYPE", "pubsub", NULL));
  WAIT_UNTIL (fixture.n_disconnected == 1);
  publish (&fixture, "ours", "lost");
  TURN_UNTIL (&fixture, fixture.n_connected == 2);
  publish (&fixture, "ours", "heard");
  WAIT_UNTIL (fixture.messages->len == 1);
  assert_message (&fixture, 0, "heard");
  redis_server_freeze (fixture.server);
  TURN_UNTIL (&fixture, fixture.n_disconnected == 2);
}

/* ---- disposing ---- */

static void
test_disposed_with_commands (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_auto (Answers) answers = { 0 };

  fixture_start (&fixture);
  for (guint i = 0; i < 50; i++)
    ask (&fixture, "PING", &answers);
  sighej_test_assert_finalized (g_steal_pointer (&fixture.redis));
  g_assert_cmpuint (answers.n_unavailable, ==, 50);
}

static void
test_disposed_while_connecting (void)
{
  g_auto (Fixture) fixture = { 0 };

  fixture_init (&fixture, NULL, "", NULL);
  sighej_test_assert_finalized (g_steal_pointer (&fixture.redis));
  sighej_test_settle ();
  g_assert_cmpuint (fixture.n_connected, ==, 0);
}

static void
on_done_dispose (const SighejRedisReply *reply, const GError *error, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_clear_object (&fixture->redis);
}

/* In the call back of an answer, of a loss, and in a signal. */
static void
test_disposed_inside_a_callback (void)
{
  const char *args[] = { "PING" };

  for (guint i = 0; i < 3; i++)
    {
      g_auto (Fixture) fixture = { 0 };
      g_auto (Answers) answers = { 0 };

      fixture_start (&fixture);
      ask (&fixture, "PING", &answers);
      if (i < 2)
        sighej_redis_command (fixture.redis, 1, args, NULL, on_done_dispose, &fixture);
      else
        g_signal_connect_swapped (
            fixture.redis, "disconnected", G_CALLBACK (g_clear_object), &fixture.redis);
      for (guint k = 0; k < 20; k++)
        ask (&fixture, "PING", &answers);
      if (i > 0)
        redis_server_kill (fixture.server);
      WAIT_UNTIL (fixture.redis == NULL);
      g_assert_cmpuint (count (&answers), ==, 21);
    }
}

static void
on_done_ask_again (const SighejRedisReply *reply, const GError *error, gpointer user_data)
{
  Fixture *fixture = user_data;
  const char *args[] = { "PING" };

  if (error == NULL)
    sighej_redis_command (fixture->redis, 1, args, NULL, on_done_ask_again, fixture);
}

/* Always something under way, for longer than the bytes sent are kept. */
static void
test_asks_inside_a_callback (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_auto (Answers) answers = { 0 };
  g_autofree char *filler = g_strnfill (1000, 'x');
  const char *args[] = { "PING" };
  const char *echo[] = { "ECHO", filler };

  fixture_start (&fixture);
  sighej_redis_command (fixture.redis, 1, args, NULL, on_done_ask_again, &fixture);
  for (guint i = 1; i <= 1000; i++)
    {
      sighej_redis_command (fixture.redis, 2, echo, NULL, on_done, &answers);
      WAIT_UNTIL (answers.n_replies == i);
    }
  redis_server_kill (fixture.server);
  WAIT_UNTIL (fixture.n_disconnected == 1);
}

/* ---- what waits its turn ---- */

static void
queue_up (SighejRedisQueue *queue, guint n, Answers *answers)
{
  static SighejRedisScript script = { .text = "return ARGV[1]" };
  const char *args[] = { "handshake" };
  const gsize n_bytes[] = { 9 };

  for (guint i = 0; i < n; i++)
    sighej_redis_queue_script (
        queue, &script, G_N_ELEMENTS (args), args, n_bytes, on_done, answers);
}

/* Sockets that come back at once, and others that go on meanwhile. */
static void
test_queue_takes_a_storm (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_auto (Answers) handshakes = { 0 };
  g_auto (Answers) others = { 0 };
  SighejRedisQueue *queue;

  fixture_start (&fixture);
  queue = sighej_redis_queue_new (fixture.redis, SIGHEJ_CLOCK (fixture.clock));
  queue_up (queue, 3000, &handshakes);
  for (guint i = 0; i < SIGHEJ_REDIS_PIPELINE_MAX - SIGHEJ_REDIS_QUEUE_UNDER_WAY_MAX; i++)
    ask (&fixture, "PING", &others);
  WAIT_UNTIL (count (&handshakes) == 3000);
  g_assert_cmpuint (handshakes.n_replies, ==, 3000);
  g_assert_cmpuint (others.n_unavailable, ==, 0);
  WAIT_UNTIL (count (&others) == others.n_replies);
  sighej_redis_queue_free (queue);
}

static void
test_queue_is_bounded (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_auto (Answers) answers = { 0 };
  guint n = SIGHEJ_REDIS_QUEUE_UNDER_WAY_MAX + SIGHEJ_REDIS_QUEUE_WAITING_MAX;
  SighejRedisQueue *queue;

  fixture_start (&fixture);
  queue = sighej_redis_queue_new (fixture.redis, SIGHEJ_CLOCK (fixture.clock));
  redis_server_freeze (fixture.server);
  queue_up (queue, n + 10, &answers);
  g_assert_cmpuint (answers.n_unavailable, ==, 10);
  g_assert_cmpstr (answers.message, ==, "too many commands wait for Redis");
  redis_server_kill (fixture.server);
  WAIT_UNTIL (count (&answers) == n + 10);
  g_assert_cmpuint (answers.n_replies, ==, 0);
  sighej_redis_queue_free (queue);
}

static void
test_queue_refuses_who_waited_long (void)
{
  g_auto (Fixture) fixture = { 0 };
  g_auto (Answers) answers = { 0 };
  SighejRedisQueue *queue;

  fixture_start (&fixture);
  queue = sighej_redis_queue_new (fixture.redis, SIGHEJ_CLOCK (fixture.clock));
  queue_up (queue, SIGHEJ_REDIS_QUEUE_UNDER_WAY_MAX + 3, &answers);
  sighej_test_clock_advance (fixture.clock, (SIGHEJ_REDIS_QUEUE_WAITING_MS + 1) * MS);
  WAIT_UNTIL (count (&answers) == SIGHEJ_REDIS_QUEUE_UNDER_WAY_MAX + 3);
  g_assert_cmpuint (answers.n_replies, ==, SIGHEJ_REDIS_QUEUE_UNDER_WAY_MAX);
  g_assert_cmpuint (answers.n_unavailable, ==, 3);
  sighej_redis_queue_free (queue);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  journal = g_string_new (NULL);
  g_log_set_writer_func (write_journal, NULL, NULL);

  g_test_add_func ("/redis/connects", test_connects);
  g_test_add_func ("/redis/password", test_password);
  g_test_add_func ("/redis/user", test_user);
  g_test_add_func ("/redis/wrong-password", test_wrong_password);
  g_test_add_func ("/redis/missing-password", test_missing_password);
  g_test_add_func ("/redis/password-too-many", test_password_too_many);
  g_test_add_func ("/redis/database", test_database);
  g_test_add_func ("/redis/nobody-there", test_nobody_there);
  g_test_add_func ("/redis/restart", test_restart);
  g_test_add_func ("/redis/frozen", test_frozen);
  g_test_add_func ("/redis/each-command-has-its-time", test_each_command_has_its_time);
  g_test_add_func ("/redis/a-sleeper-reads-before-it-judges",
                   test_a_sleeper_reads_before_it_judges);
  g_test_add_func ("/redis/idle-connection-is-proved", test_idle_connection_is_proved);
  g_test_add_func ("/redis/full-pipeline", test_full_pipeline);
  g_test_add_func ("/redis/large-values", test_large_values);
  g_test_add_func ("/redis/out-of-memory", test_out_of_memory);
  g_test_add_func ("/redis/read-only", test_read_only);
  g_test_add_func ("/redis/wrong-command", test_wrong_command);
  g_test_add_func ("/redis/unknown-script", test_unknown_script);
  g_test_add_func ("/redis/script-is-sent-whole-once", test_script_is_sent_whole_once);
  g_test_add_func ("/redis/script-without-memory", test_script_without_memory);
  g_test_add_func ("/redis/messages", test_messages);
  g_test_add_func ("/redis/listens-again", test_listens_again);
  g_test_add_func ("/redis/disposed-with-commands", test_disposed_with_commands);
  g_test_add_func ("/redis/disposed-while-connecting", test_disposed_while_connecting);
  g_test_add_func ("/redis/disposed-inside-a-callback", test_disposed_inside_a_callback);
  g_test_add_func ("/redis/asks-inside-a-callback", test_asks_inside_a_callback);

  g_test_add_func ("/redis/queue/takes-a-storm", test_queue_takes_a_storm);
  g_test_add_func ("/redis/queue/is-bounded", test_queue_is_bounded);
  g_test_add_func ("/redis/queue/refuses-who-waited-long", test_queue_refuses_who_waited_long);

  status = g_test_run ();
  g_string_free (journal, TRUE);
  return status;
}
