/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>
#include <sys/socket.h>

#include "sighej-relay.h"
#include "sighej-test.h"

#define MUCH_BYTES (1024 * 1024)

/* client <-> [outer relay inner] <-> core */
typedef struct
{
  SighejTestClock *clock;
  GSocket *client;
  GSocket *core;
  guint n_ended;
} Fixture;

static GSocket *
take_socket (int fd)
{
  g_autoptr (GError) error = NULL;
  GSocket *socket = g_socket_new_from_fd (fd, &error);

  g_assert_no_error (error);
  g_socket_set_blocking (socket, FALSE);
  return socket;
}

static void
on_ended (gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->n_ended++;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GSocket) outer = NULL;
  int client[2], core[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, client), ==, 0);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, core), ==, 0);
  fixture->clock = sighej_test_clock_new ();
  fixture->client = take_socket (client[0]);
  fixture->core = take_socket (core[0]);
  outer = take_socket (client[1]);
  sighej_relay_start (G_IO_STREAM (g_socket_connection_factory_create_connection (outer)),
                      take_socket (core[1]),
                      SIGHEJ_CLOCK (fixture->clock),
                      on_ended,
                      fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  WAIT_UNTIL (fixture->n_ended == 1);
  g_object_unref (fixture->client);
  g_object_unref (fixture->core);
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
  sighej_test_assert_finalized (fixture->clock);
}

static void
say (GSocket *from, const char *text)
{
  g_assert_cmpint (g_socket_send (from, text, strlen (text), NULL, NULL), ==, strlen (text));
}

/* What has come: its length, 0 at the end, -1 when there is nothing yet, -2 when it broke. */
static gssize
hear (GSocket *to, char *text, gsize n_max)
{
  g_autoptr (GError) error = NULL;
  gssize n = g_socket_receive (to, text, n_max - 1, NULL, &error);

  if (n >= 0)
    text[n] = '\0';
  if (n >= 0 || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return n;
  return -2;
}

static void
assert_hears (GSocket *to, const char *expected)
{
  char text[64];
  gssize n;

  WAIT_UNTIL ((n = hear (to, text, sizeof text)) != -1);
  g_assert_cmpint (n, ==, strlen (expected));
  g_assert_cmpstr (text, ==, expected);
}

static void
test_carries_both_ways (Fixture *fixture, gconstpointer data)
{
  say (fixture->client, "question");
  assert_hears (fixture->core, "question");
  say (fixture->core, "answer");
  assert_hears (fixture->client, "answer");
  g_socket_close (fixture->core, NULL);
  assert_hears (fixture->client, "");
}

static void
test_answers_a_client_that_has_said_all (Fixture *fixture, gconstpointer data)
{
  say (fixture->client, "question");
  g_socket_shutdown (fixture->client, FALSE, TRUE, NULL);
  assert_hears (fixture->core, "question");
  assert_hears (fixture->core, "");
  say (fixture->core, "answer");
  assert_hears (fixture->client, "answer");
  g_assert_cmpuint (fixture->n_ended, ==, 0);
  g_socket_close (fixture->core, NULL);
  assert_hears (fixture->client, "");
}

static void
test_a_lost_client_ends_both (Fixture *fixture, gconstpointer data)
{
  g_socket_close (fixture->client, NULL);
  assert_hears (fixture->core, "");
  g_socket_close (fixture->core, NULL);
}

static guint
fill (GSocket *from)
{
  static const char much[4096];
  guint n_sent = 0;
  gssize n;

  while (n_sent < MUCH_BYTES && (n = g_socket_send (from, much, sizeof much, NULL, NULL)) > 0)
    n_sent += (guint) n;
  sighej_test_settle ();
  return n_sent;
}

/* The core sees a full socket; the relay keeps no more than its one buffer. */
static void
test_a_client_that_does_not_read_is_cut_off (Fixture *fixture, gconstpointer data)
{
  while (fill (fixture->core) > 0)
    ;
  sighej_test_clock_advance (fixture->clock, SIGHEJ_RELAY_WRITE_MS * G_TIME_SPAN_MILLISECOND - 1);
  sighej_test_settle ();
  g_assert_cmpuint (fixture->n_ended, ==, 0);
  sighej_test_clock_advance (fixture->clock, 1);
  WAIT_UNTIL (fixture->n_ended == 1);
}

static void
test_what_was_said_before_the_end_arrives (Fixture *fixture, gconstpointer data)
{
  gsize n_heard = 0;
  char text[4096];
  guint n_said = 0;
  gssize n;

  for (guint i = 0; i < 20; i++)
    n_said += fill (fixture->core);
  g_socket_close (fixture->core, NULL);
  do
    {
      WAIT_UNTIL ((n = hear (fixture->client, text, sizeof text)) != -1);
      g_assert_cmpint (n, >=, 0);
      n_heard += (gsize) n;
    }
  while (n > 0);
  g_assert_cmpuint (n_heard, ==, n_said);
}

#define ADD(name, function) g_test_add ("/relay/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("carries-both-ways", test_carries_both_ways);
  ADD ("answers-a-client-that-has-said-all", test_answers_a_client_that_has_said_all);
  ADD ("a-lost-client-ends-both", test_a_lost_client_ends_both);
  ADD ("a-client-that-does-not-read-is-cut-off", test_a_client_that_does_not_read_is_cut_off);
  ADD ("what-was-said-before-the-end-arrives", test_what_was_said_before_the_end_arrives);
  return g_test_run ();
}
