/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-pipes.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "sighej-test.h"

/* More than any pipe holds. */
#define LARGE_BYTES (3 * 1024 * 1024)

typedef struct
{
  SighejTestClock *clock;
  SighejPipes *pipes;
  GBytes *large;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  guint8 *bytes = g_malloc (LARGE_BYTES);

  for (guint i = 0; i < LARGE_BYTES; i++)
    bytes[i] = (guint8) (i * 31 >> 8);
  fixture->large = g_bytes_new_take (bytes, LARGE_BYTES);
  fixture->clock = sighej_test_clock_new ();
  fixture->pipes = sighej_pipes_new (SIGHEJ_CLOCK (fixture->clock));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  sighej_test_assert_finalized (fixture->pipes);
  g_bytes_unref (fixture->large);
  sighej_test_assert_finalized (fixture->clock);
}

static int
write_large (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  int fd = sighej_pipes_write (fixture->pipes, fixture->large, &error);

  g_assert_no_error (error);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (fcntl (fd, F_GETFD) & FD_CLOEXEC, !=, 0);
  g_assert_cmpint (fcntl (fd, F_GETFL) & O_NONBLOCK, ==, 0);
  return fd;
}

/* Reads as long as somebody writes; the loop runs meanwhile. */
static GByteArray *
read_to_end (int fd)
{
  GByteArray *all = g_byte_array_new ();
  guint8 chunk[4096];
  gssize n_bytes = 1;

  g_assert_cmpint (fcntl (fd, F_SETFL, O_NONBLOCK), ==, 0);
  while (n_bytes != 0)
    {
      n_bytes = read (fd, chunk, sizeof chunk);
      if (n_bytes > 0)
        g_byte_array_append (all, chunk, (guint) n_bytes);
      else
        sighej_test_settle ();
    }
  close (fd);
  return all;
}

static void
test_all_arrives (Fixture *fixture, gconstpointer data)
{
  int fd = write_large (fixture);
  g_autoptr (GByteArray) arrived = NULL;

  g_assert_cmpuint (sighej_pipes_get_n (fixture->pipes), ==, 1);
  arrived = read_to_end (fd);
  g_assert_cmpmem (
      arrived->data, arrived->len, g_bytes_get_data (fixture->large, NULL), LARGE_BYTES);
  g_assert_cmpuint (sighej_pipes_get_n (fixture->pipes), ==, 0);
}

static void
test_who_does_not_read_is_let_go_of (Fixture *fixture, gconstpointer data)
{
  int fds[SIGHEJ_PIPES_MAX];
  g_autoptr (GError) error = NULL;
  g_autoptr (GByteArray) arrived = NULL;

  for (guint i = 0; i < SIGHEJ_PIPES_MAX; i++)
    fds[i] = write_large (fixture);
  g_assert_cmpint (sighej_pipes_write (fixture->pipes, fixture->large, &error), ==, -1);
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE);
  sighej_test_settle ();
  g_assert_cmpuint (sighej_pipes_get_n (fixture->pipes), ==, SIGHEJ_PIPES_MAX);

  sighej_test_clock_advance (fixture->clock, SIGHEJ_PIPES_SECONDS_MAX * (gint64) G_USEC_PER_SEC);
  g_assert_cmpuint (sighej_pipes_get_n (fixture->pipes), ==, 0);
  arrived = read_to_end (fds[0]); /* what was on its way, and then the end */
  g_assert_cmpuint (arrived->len, <, LARGE_BYTES);
  for (guint i = 1; i < SIGHEJ_PIPES_MAX; i++)
    close (fds[i]);
}

static void
test_who_stops_reading_is_let_go_of (Fixture *fixture, gconstpointer data)
{
  close (write_large (fixture));
  WAIT_UNTIL (sighej_pipes_get_n (fixture->pipes) == 0);
}

static void
test_what_is_not_read_ends_with_them (Fixture *fixture, gconstpointer data)
{
  int fd = write_large (fixture);
  g_autoptr (GByteArray) arrived = NULL;

  sighej_test_settle ();
  sighej_test_assert_finalized (fixture->pipes);
  arrived = read_to_end (fd);
  g_assert_cmpuint (arrived->len, <, LARGE_BYTES);
  fixture->pipes = sighej_pipes_new (SIGHEJ_CLOCK (fixture->clock));
}

#define ADD(path, function) g_test_add ("/pipes/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("all-arrives", test_all_arrives);
  ADD ("who-does-not-read-is-let-go-of", test_who_does_not_read_is_let_go_of);
  ADD ("who-stops-reading-is-let-go-of", test_who_stops_reading_is_let_go_of);
  ADD ("what-is-not-read-ends-with-them", test_what_is_not_read_ends_with_them);

  return g_test_run ();
}
