/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <sys/socket.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "sighej-receiver.h"

#define BIG_BYTES 10000u

typedef struct
{
  int ends[2]; /* ours, the sender's */
  SighejReceiver receiver;
  guint8 buffer[2 * BIG_BYTES];
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, fixture->ends), ==, 0);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  close (fixture->ends[0]);
  close (fixture->ends[1]);
}

static void
say (Fixture *fixture, const char *text)
{
  g_assert_cmpint (write (fixture->ends[1], text, strlen (text)), ==, (gssize) strlen (text));
}

static gssize
hear (Fixture *fixture)
{
  return sighej_receiver_read (
      &fixture->receiver, fixture->ends[0], fixture->buffer, sizeof fixture->buffer);
}

static void
assert_hears (Fixture *fixture, const char *text)
{
  g_assert_cmpmem (fixture->buffer, (gsize) hear (fixture), text, strlen (text));
}

static void
assert_hears_nothing (Fixture *fixture)
{
  g_assert_cmpint (hear (fixture), ==, -1);
  g_assert_cmpint (errno, ==, EAGAIN);
}

static void
test_nothing_is_heard_twice (Fixture *fixture, gconstpointer unused)
{
  say (fixture, "ack");
  assert_hears (fixture, "ack");
  g_assert_cmpuint (fixture->receiver.n_unread, ==, 0);
  sighej_receiver_settle (&fixture->receiver, fixture->ends[0]);
  assert_hears_nothing (fixture);

  say (fixture, "sighting");
  assert_hears (fixture, "sighting");
  g_assert_cmpuint (fixture->receiver.n_unread, ==, strlen ("sighting"));
  sighej_receiver_note_sent (&fixture->receiver, fixture->ends[0]);
  assert_hears_nothing (fixture);

  /* It was answered, so what comes next is read at once. */
  say (fixture, "ack");
  assert_hears (fixture, "ack");
  g_assert_cmpuint (fixture->receiver.n_unread, ==, 0);
}

static void
test_what_comes_meanwhile_is_not_lost (Fixture *fixture, gconstpointer unused)
{
  say (fixture, "one");
  assert_hears (fixture, "one");
  say (fixture, "two");
  assert_hears (fixture, "two");
  say (fixture, "three");
  sighej_receiver_settle (&fixture->receiver, fixture->ends[0]);
  assert_hears (fixture, "three");
  sighej_receiver_settle (&fixture->receiver, fixture->ends[0]);
  assert_hears_nothing (fixture);
}

static void
test_much_is_settled_whole (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *much = g_strnfill (BIG_BYTES, 'x');

  say (fixture, "one");
  assert_hears (fixture, "one");
  say (fixture, much);
  assert_hears (fixture, much);
  say (fixture, "three");
  sighej_receiver_note_sent (&fixture->receiver, fixture->ends[0]);
  assert_hears (fixture, "three");
}

static void
test_the_end_is_seen (Fixture *fixture, gconstpointer unused)
{
  say (fixture, "one");
  assert_hears (fixture, "one");
  say (fixture, "two");
  shutdown (fixture->ends[1], SHUT_WR);
  assert_hears (fixture, "two");
  sighej_receiver_settle (&fixture->receiver, fixture->ends[0]);
  g_assert_cmpint (hear (fixture), ==, 0);
  /* Nothing is left that could be given back. */
  fixture->receiver.n_unread = 1;
  sighej_receiver_settle (&fixture->receiver, fixture->ends[0]);
  g_assert_cmpuint (fixture->receiver.n_unread, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/receiver/nothing-is-heard-twice",
              Fixture,
              NULL,
              set_up,
              test_nothing_is_heard_twice,
              tear_down);
  g_test_add ("/receiver/what-comes-meanwhile-is-not-lost",
              Fixture,
              NULL,
              set_up,
              test_what_comes_meanwhile_is_not_lost,
              tear_down);
  g_test_add ("/receiver/much-is-settled-whole",
              Fixture,
              NULL,
              set_up,
              test_much_is_settled_whole,
              tear_down);
  g_test_add ("/receiver/the-end-is-seen", Fixture, NULL, set_up, test_the_end_is_seen, tear_down);
  return g_test_run ();
}
