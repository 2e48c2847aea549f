/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <sys/socket.h>

#include <string.h>
#include <unistd.h>

#include "sighej-send-queue.h"

#define BIG_BYTES 60000u

typedef struct
{
  int ends[2]; /* ours, the reader's */
  SighejSendQueue queue;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  int n_bytes = 4096;

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM, 0, fixture->ends), ==, 0);
  setsockopt (fixture->ends[0], SOL_SOCKET, SO_SNDBUF, &n_bytes, sizeof n_bytes);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  sighej_send_queue_clear (&fixture->queue);
  close (fixture->ends[0]);
  if (fixture->ends[1] >= 0)
    close (fixture->ends[1]);
}

static void
add_text (Fixture *fixture, const char *text)
{
  sighej_send_queue_add (&fixture->queue, SIGHEJ_WS_TEXT, text, strlen (text));
}

static void
add_big (Fixture *fixture)
{
  g_autofree char *text = g_strnfill (BIG_BYTES, 'x');

  add_text (fixture, text);
}

/* Whatever can be read now. */
static void
read_into (Fixture *fixture, GString *into)
{
  char buffer[8192];
  gssize n_read;

  while ((n_read = recv (fixture->ends[1], buffer, sizeof buffer, MSG_DONTWAIT)) > 0)
    g_string_append_len (into, buffer, n_read);
}

static void
write_all (Fixture *fixture, GString *into)
{
  while (!sighej_send_queue_is_empty (&fixture->queue))
    {
      g_assert_true (sighej_send_queue_write (&fixture->queue, fixture->ends[0]));
      read_into (fixture, into);
    }
}

static void
test_frames_leave_together_in_order (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GString) got = g_string_new (NULL);

  g_assert_true (sighej_send_queue_is_empty (&fixture->queue));
  add_text (fixture, "answer");
  add_text (fixture, "nudge");
  g_assert_cmpuint (sighej_send_queue_get_n_bytes (&fixture->queue), ==, 15);
  g_assert_true (sighej_send_queue_write (&fixture->queue, fixture->ends[0]));
  read_into (fixture, got);
  g_assert_cmpstr (got->str,
                   ==,
                   "\x81\x06"
                   "answer"
                   "\x81\x05"
                   "nudge");
  g_assert_true (sighej_send_queue_is_empty (&fixture->queue));
  g_assert_null (fixture->queue.data);
}

static void
test_a_full_socket_loses_nothing (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GString) got = g_string_new (NULL);

  add_big (fixture);
  add_text (fixture, "end");
  g_assert_true (sighej_send_queue_write (&fixture->queue, fixture->ends[0]));
  g_assert_true (sighej_send_queue_write (&fixture->queue, fixture->ends[0]));
  g_assert_false (sighej_send_queue_is_empty (&fixture->queue));
  add_text (fixture, "more");
  write_all (fixture, got);
  g_assert_cmpuint (got->len, ==, 4 + BIG_BYTES + 5 + 6);
  g_assert_cmpstr (got->str + 4 + BIG_BYTES,
                   ==,
                   "\x81\x03"
                   "end"
                   "\x81\x04"
                   "more");
}

static void
test_cutting_ends_the_frame_begun (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GString) got = g_string_new (NULL);

  add_text (fixture, "first");
  add_big (fixture);
  add_text (fixture, "never");
  g_assert_true (sighej_send_queue_write (&fixture->queue, fixture->ends[0]));
  sighej_send_queue_cut (&fixture->queue);
  add_text (fixture, "last");
  write_all (fixture, got);
  g_assert_cmpuint (got->len, ==, 7 + 4 + BIG_BYTES + 6);
  g_assert_cmpstr (got->str + 7 + 4 + BIG_BYTES,
                   ==,
                   "\x81\x04"
                   "last");
}

static void
test_cutting_between_frames_leaves_nothing (Fixture *fixture, gconstpointer unused)
{
  add_text (fixture, "never");
  sighej_send_queue_cut (&fixture->queue);
  g_assert_true (sighej_send_queue_is_empty (&fixture->queue));
}

static void
test_a_dead_socket_is_told (Fixture *fixture, gconstpointer unused)
{
  g_assert_true (sighej_send_queue_write (&fixture->queue, fixture->ends[0]));
  close (fixture->ends[1]);
  fixture->ends[1] = -1;
  add_text (fixture, "who");
  g_assert_false (sighej_send_queue_write (&fixture->queue, fixture->ends[0]));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)
  ADD ("/send-queue/frames-leave-together-in-order", test_frames_leave_together_in_order);
  ADD ("/send-queue/a-full-socket-loses-nothing", test_a_full_socket_loses_nothing);
  ADD ("/send-queue/cutting-ends-the-frame-begun", test_cutting_ends_the_frame_begun);
  ADD ("/send-queue/cutting-between-frames-leaves-nothing",
       test_cutting_between_frames_leaves_nothing);
  ADD ("/send-queue/a-dead-socket-is-told", test_a_dead_socket_is_told);
  return g_test_run ();
}
