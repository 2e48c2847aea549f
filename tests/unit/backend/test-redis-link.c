/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include <gio/gunixsocketaddress.h>

#include "sighej-error.h"
#include "sighej-redis-link.h"
#include "sighej-test.h"

#define MS ((gint64) 1000)

/* A server that says what it is told to, whatever it is asked. */
typedef struct
{
  GSocketService *service;
  GSocketConnection *connection; /* (nullable): the last that was accepted */
  SighejRedisPlace place;
  SighejTestClock *clock;
  SighejRedisLink *link;
  guint n_opened;
  guint n_lost;
  guint n_pushed;
  guint n_done;
  char *lost;
  char *answer;
} Fixture;

static gboolean
on_incoming (GSocketService *service,
             GSocketConnection *connection,
             GObject *source,
             gpointer user_data)
{
  Fixture *fixture = user_data;

  g_set_object (&fixture->connection, connection);
  return TRUE;
}

static void
on_opened (SighejRedisLink *link, gpointer user_data)
{
  ((Fixture *) user_data)->n_opened++;
}

static void
on_lost (SighejRedisLink *link, const GError *error, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE);
  g_assert_false (sighej_redis_link_is_open (link));
  g_assert_cmpuint (sighej_redis_link_get_n_pending (link), ==, 0);
  fixture->n_lost++;
  fixture->lost = g_strdup (error->message);
}

static void
on_pushed (SighejRedisLink *link, const SighejRedisReply *payload, gpointer user_data)
{
  ((Fixture *) user_data)->n_pushed++;
}

static const SighejRedisLinkFuncs command_funcs = { .opened = on_opened, .lost = on_lost };
static const SighejRedisLinkFuncs listen_funcs
    = { .opened = on_opened, .lost = on_lost, .pushed = on_pushed };

static void
fixture_init (Fixture *fixture, const SighejRedisLinkFuncs *funcs)
{
  g_autofree char *dir = sighej_test_dup_dir ();
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GError) error = NULL;

  fixture->place.path = g_build_filename (dir, "socket", NULL);
  address = g_unix_socket_address_new (fixture->place.path);
  fixture->service = g_socket_service_new ();
  g_socket_listener_add_address (G_SOCKET_LISTENER (fixture->service),
                                 address,
                                 G_SOCKET_TYPE_STREAM,
                                 G_SOCKET_PROTOCOL_DEFAULT,
                                 NULL,
                                 NULL,
                                 &error);
  g_assert_no_error (error);
  g_signal_connect (fixture->service, "incoming", G_CALLBACK (on_incoming), fixture);
  fixture->clock = sighej_test_clock_new ();
  fixture->link
      = sighej_redis_link_new (&fixture->place, SIGHEJ_CLOCK (fixture->clock), funcs, fixture);
  WAIT_UNTIL (fixture->connection != NULL && fixture->n_opened == 1);
}

static void
fixture_clear (Fixture *fixture)
{
  sighej_test_assert_finalized (fixture->link);
  sighej_test_assert_finalized (fixture->clock);
  g_socket_service_stop (fixture->service);
  sighej_test_settle ();
  g_socket_listener_close (G_SOCKET_LISTENER (fixture->service));
  g_clear_object (&fixture->service);
  g_clear_object (&fixture->connection);
  sighej_redis_place_clear (&fixture->place);
  g_free (fixture->lost);
  g_free (fixture->answer);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, fixture_clear)

static void
say (Fixture *fixture, const char *text)
{
  g_autoptr (GError) error = NULL;
  GOutputStream *stream = g_io_stream_get_output_stream (G_IO_STREAM (fixture->connection));

  g_output_stream_write_all (stream, text, strlen (text), NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
on_done (const SighejRedisReply *reply, const GError *error, gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->n_done++;
  g_free (fixture->answer);
  fixture->answer
      = g_strdup (error != NULL ? error->message : sighej_redis_reply_get_bytes (reply, NULL));
}

static void
ask (Fixture *fixture)
{
  const char *args[] = { "PING" };

  sighej_redis_link_command (fixture->link, G_N_ELEMENTS (args), args, NULL, on_done, fixture);
}

/* Where hiredis' own connections would end the process. */
static void
test_an_answer_nobody_asked_for (void)
{
  const struct
  {
    const char *said;
    const char *says;
  } cases[] = {
    { "+OK\r\n", "what nobody asked" },
    { "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nb\r\n", "what nobody asked" },
    { "-ERR max number of clients reached\r\n", "raise its maxclients" },
    { "HTTP/1.1 400 Bad Request\r\n\r\n", "does not speak Redis' protocol" },
    { "*2147483647\r\n", "too large" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Fixture) fixture = { 0 };

      fixture_init (&fixture, &command_funcs);
      say (&fixture, cases[i].said);
      WAIT_UNTIL (fixture.n_lost == 1);
      if (strstr (fixture.lost, cases[i].says) == NULL)
        g_error ("%s: %s", cases[i].said, fixture.lost);
      ask (&fixture);
      g_assert_cmpstr (fixture.answer, ==, "not connected to Redis");
    }
}

static void
test_an_answer_in_pieces (void)
{
  const char *answer = "$5\r\nhello\r\n";
  g_auto (Fixture) fixture = { 0 };

  fixture_init (&fixture, &command_funcs);
  ask (&fixture);
  sighej_test_settle ();
  for (const char *p = answer; *p != '\0'; p++)
    {
      const char piece[] = { *p, '\0' };

      g_assert_cmpuint (fixture.n_done, ==, 0);
      say (&fixture, piece);
      sighej_test_settle ();
    }
  WAIT_UNTIL (fixture.n_done == 1);
  g_assert_cmpstr (fixture.answer, ==, "hello");
  g_assert_cmpuint (fixture.n_lost, ==, 0);
}

/* Messages come between answers. */
static void
test_messages_between_answers (void)
{
  g_auto (Fixture) fixture = { 0 };

  fixture_init (&fixture, &listen_funcs);
  ask (&fixture);
  say (&fixture,
       "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nb\r\n"
       "+PONG\r\n"
       "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nc\r\n");
  WAIT_UNTIL (fixture.n_pushed == 2);
  g_assert_cmpstr (fixture.answer, ==, "PONG");
}

static void
on_flooded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL);
  g_object_unref (source);
  *(gboolean *) user_data = TRUE;
}

static void
test_an_answer_without_end (void)
{
  g_auto (Fixture) fixture = { 0 };
  gsize n_bytes = SIGHEJ_REDIS_REPLY_BYTES_MAX + 1024 * 1024;
  g_autofree char *flood = g_strnfill (n_bytes, 'x');
  gboolean is_over = FALSE;

  fixture_init (&fixture, &command_funcs);
  ask (&fixture);
  say (&fixture, "$99999999999\r\n");
  g_output_stream_write_all_async (
      g_object_ref (g_io_stream_get_output_stream (G_IO_STREAM (fixture.connection))),
      flood,
      n_bytes,
      G_PRIORITY_DEFAULT,
      NULL,
      on_flooded,
      &is_over);
  WAIT_UNTIL (fixture.n_lost == 1 && is_over);
  g_assert_nonnull (strstr (fixture.lost, "too large"));
  g_assert_cmpuint (fixture.n_done, ==, 1);
}

static void
test_nobody_answers (void)
{
  g_auto (Fixture) fixture = { 0 };

  fixture_init (&fixture, &command_funcs);
  ask (&fixture);
  sighej_test_settle ();
  sighej_test_clock_advance (fixture.clock, SIGHEJ_REDIS_COMMAND_MS * MS);
  g_assert_cmpuint (fixture.n_lost, ==, 1);
  g_assert_cmpstr (fixture.answer, ==, fixture.lost);
}

/* Nothing is called after it was closed, though bytes wait. */
static void
test_closed (void)
{
  g_auto (Fixture) fixture = { 0 };

  fixture_init (&fixture, &listen_funcs);
  ask (&fixture);
  say (&fixture, "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nb\r\n+PONG\r\n");
  sighej_redis_link_close (fixture.link);
  g_assert_cmpuint (fixture.n_done, ==, 1);
  sighej_test_settle ();
  g_assert_cmpuint (fixture.n_done + fixture.n_pushed + fixture.n_lost, ==, 1);
  g_assert_cmpint (sighej_test_clock_next_us (fixture.clock), ==, -1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/redis-link/an-answer-nobody-asked-for", test_an_answer_nobody_asked_for);
  g_test_add_func ("/redis-link/an-answer-in-pieces", test_an_answer_in_pieces);
  g_test_add_func ("/redis-link/messages-between-answers", test_messages_between_answers);
  g_test_add_func ("/redis-link/an-answer-without-end", test_an_answer_without_end);
  g_test_add_func ("/redis-link/nobody-answers", test_nobody_answers);
  g_test_add_func ("/redis-link/closed", test_closed);

  return g_test_run ();
}
