/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sighej-guard-stream.h"
#include "sighej-hub-source.h"
#include "sighej-test.h"

#define GOOD "GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
#define MATCH_HEAD                                                                                 \
  "POST /match HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\n"
#define MATCH MATCH_HEAD "hello"
#define POST "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"

static const SighejGuardLimits limits = {
  .head
  = { .header_bytes_max = 1024, .header_lines_max = 8, .url_bytes_max = 64, .body_bytes_max = 100 },
  .header_seconds = 5,
  .body_seconds = 10,
  .idle_seconds = 30,
  .write_seconds = 10,
};

typedef struct
{
  SighejTestClock *clock;
  SighejGate *gate;
  GSource *watch;
  SighejGuardStream *guard;
  GPollableInputStream *input;
  int peer; /* the client's end */
  SighejExpress express;
  SighejGuardStep step; /* what epoll's last word led to */
} Fixture;

static void
on_ready (gpointer watched, guint32 events, gpointer user_data)
{
  Fixture *fixture = user_data;

  sighej_guard_stream_note (watched, events);
  fixture->step = sighej_guard_stream_fetch (watched, &fixture->express);
}

static void
on_batch_done (gpointer user_data)
{
}

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GError) error = NULL;
  int ends[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
  socket = g_socket_new_from_fd (ends[0], &error);
  g_assert_no_error (error);
  g_socket_set_blocking (socket, FALSE);
  fixture->peer = ends[1];
  fixture->clock = sighej_test_clock_new ();
  fixture->gate = sighej_gate_new (1, 1);
  fixture->watch = sighej_hub_source_new (on_ready, on_batch_done, fixture);
  fixture->guard = sighej_guard_stream_new (socket,
                                            NULL,
                                            sighej_gate_enter (fixture->gate, NULL),
                                            SIGHEJ_CLOCK (fixture->clock),
                                            &limits,
                                            fixture->watch);
  fixture->input
      = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (G_IO_STREAM (fixture->guard)));
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  close (fixture->peer);
  sighej_test_assert_finalized (fixture->guard);
  WAIT_UNTIL (sighej_gate_get_n (fixture->gate) == 0);
  g_source_destroy (fixture->watch);
  g_source_unref (fixture->watch);
  sighej_gate_unref (fixture->gate);
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
  sighej_test_assert_finalized (fixture->clock);
}

static void
client_sends (Fixture *fixture, const char *text)
{
  g_assert_cmpint (write (fixture->peer, text, strlen (text)), ==, (gssize) strlen (text));
}

/* What the client was told by now. (transfer full) */
static char *
client_reads (Fixture *fixture)
{
  char buffer[4096];
  gssize n = recv (fixture->peer, buffer, sizeof buffer, MSG_DONTWAIT);

  return g_strndup (buffer, n > 0 ? (gsize) n : 0);
}

/* All that can be read now, as libsoup would: NULL when it would have to wait. */
static char *
soup_reads (Fixture *fixture)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  char buffer[7];
  gssize n;

  while ((n = g_pollable_input_stream_read_nonblocking (
              fixture->input, buffer, sizeof buffer, NULL, &error))
         > 0)
    g_string_append_len (text, buffer, n);
  if (n < 0)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  return n < 0 && text->len == 0 ? NULL : g_string_free (g_steal_pointer (&text), FALSE);
}

static void
assert_soup_reads (Fixture *fixture, const char *expected)
{
  g_autofree char *got = soup_reads (fixture);

  g_assert_cmpstr (got, ==, expected);
}

/* libsoup is done with a request when it waits for the next. Whether that is there already. */
static gboolean
soup_waits (Fixture *fixture)
{
  g_autoptr (GSource) source G_GNUC_UNUSED
      = g_pollable_input_stream_create_source (fixture->input, NULL);

  return g_pollable_input_stream_is_readable (fixture->input);
}

static void
turn (Fixture *fixture, double seconds)
{
  sighej_test_clock_advance (fixture->clock, (gint64) (seconds * G_USEC_PER_SEC));
}

static void
assert_refused (Fixture *fixture, const char *status)
{
  g_autofree char *told = client_reads (fixture);
  g_autofree char *line = g_strconcat ("HTTP/1.1 ", status, " ", NULL);

  assert_soup_reads (fixture, "?");
  g_assert_true (g_str_has_prefix (told, line));
  g_assert_nonnull (strstr (told, "application/problem+json"));
}

static void
test_hands_out_one_request_at_a_time (Fixture *fixture, gconstpointer unused)
{
  client_sends (fixture, GOOD POST "hello" GOOD);
  assert_soup_reads (fixture, GOOD);
  assert_soup_reads (fixture, NULL);
  g_assert_true (soup_waits (fixture));
  assert_soup_reads (fixture, POST "hello");
  assert_soup_reads (fixture, NULL);
  g_assert_true (soup_waits (fixture));
  assert_soup_reads (fixture, GOOD);
  g_assert_false (soup_waits (fixture));
}

static void
test_waits_for_the_whole_head (Fixture *fixture, gconstpointer unused)
{
  for (const char *c = GOOD; c[1] != '\0'; c++)
    {
      char one[2] = { *c, '\0' };

      client_sends (fixture, one);
      assert_soup_reads (fixture, NULL);
    }
  client_sends (fixture, "\n");
  assert_soup_reads (fixture, GOOD);
}

static void
test_refuses_by_itself (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *end = NULL;
  g_autofree char *told = NULL;

  client_sends (fixture, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n");
  end = soup_reads (fixture);
  told = client_reads (fixture);
  g_assert_cmpstr (end, ==, "?");
  g_assert_true (g_str_has_prefix (told, "HTTP/1.1 413 "));
}

static void
test_head_deadline (Fixture *fixture, gconstpointer unused)
{
  client_sends (fixture, "GET /");
  assert_soup_reads (fixture, NULL);
  turn (fixture, 4.9);
  assert_soup_reads (fixture, NULL);
  client_sends (fixture, "a");
  assert_soup_reads (fixture, NULL);
  turn (fixture, 0.2);
  assert_refused (fixture, "408");
}

static void
test_silence_is_closed_in_silence (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *told = NULL;

  turn (fixture, 5.1);
  assert_soup_reads (fixture, "?");
  told = client_reads (fixture);
  g_assert_cmpstr (told, ==, "");
}

static void
test_body_deadline (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *told = NULL;

  client_sends (fixture, POST "hel");
  assert_soup_reads (fixture, POST "hel");
  turn (fixture, 9.9);
  client_sends (fixture, "l");
  assert_soup_reads (fixture, "l");
  turn (fixture, 0.2);
  assert_soup_reads (fixture, "");
  told = client_reads (fixture);
  g_assert_true (g_str_has_prefix (told, "HTTP/1.1 408 "));
}

static void
test_thinking_has_no_deadline (Fixture *fixture, gconstpointer unused)
{
  client_sends (fixture, GOOD);
  assert_soup_reads (fixture, GOOD);
  turn (fixture, 1000);
  assert_soup_reads (fixture, NULL);
  g_assert_false (soup_waits (fixture));
  client_sends (fixture, GOOD);
  assert_soup_reads (fixture, GOOD);
}

static void
test_idle_deadline (Fixture *fixture, gconstpointer unused)
{
  client_sends (fixture, GOOD);
  assert_soup_reads (fixture, GOOD);
  g_assert_false (soup_waits (fixture));
  turn (fixture, 29.9);
  assert_soup_reads (fixture, NULL);
  turn (fixture, 0.2);
  assert_soup_reads (fixture, "?");
}

static void
test_idle_then_head_deadline (Fixture *fixture, gconstpointer unused)
{
  client_sends (fixture, GOOD);
  assert_soup_reads (fixture, GOOD);
  g_assert_false (soup_waits (fixture));
  turn (fixture, 20);
  client_sends (fixture, "GET");
  assert_soup_reads (fixture, NULL);
  turn (fixture, 5.1);
  assert_refused (fixture, "408");
}

static void
test_write_deadline (Fixture *fixture, gconstpointer unused)
{
  static const char waste[65536];
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (fixture->guard));
  GPollableOutputStream *pollable = G_POLLABLE_OUTPUT_STREAM (output);
  g_autoptr (GError) error = NULL;

  client_sends (fixture, GOOD);
  assert_soup_reads (fixture, GOOD);
  while (g_pollable_output_stream_write_nonblocking (pollable, waste, sizeof waste, NULL, &error)
         > 0)
    ;
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
  g_clear_error (&error);
  turn (fixture, 10.1);
  g_pollable_output_stream_write_nonblocking (pollable, waste, sizeof waste, NULL, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
}

static void
test_the_client_s_end_is_told_to_libsoup (Fixture *fixture, gconstpointer unused)
{
  client_sends (fixture, GOOD);
  assert_soup_reads (fixture, GOOD);
  g_assert_false (soup_waits (fixture));
  shutdown (fixture->peer, SHUT_WR);
  assert_soup_reads (fixture, "?");
}

static void
test_a_stolen_socket_is_free (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GBytes) early = NULL;
  SighejTicket *ticket;
  int fd;

  client_sends (fixture, GOOD "early");
  assert_soup_reads (fixture, GOOD);
  fd = sighej_guard_stream_steal_fd (fixture->guard, &early, &ticket);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpmem (g_bytes_get_data (early, NULL), g_bytes_get_size (early), "early", 5);
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
  g_io_stream_close (G_IO_STREAM (fixture->guard), NULL, NULL);
  g_assert_cmpint (write (fd, "x", 1), ==, 1);
  g_assert_cmpuint (sighej_gate_get_n (fixture->gate), ==, 1);
  sighej_ticket_free (ticket);
  close (fd);
}

static void
test_closing_with_unread_bytes_lingers (Fixture *fixture, gconstpointer unused)
{
  client_sends (fixture, GOOD "unread");
  assert_soup_reads (fixture, GOOD);
  g_io_stream_close (G_IO_STREAM (fixture->guard), NULL, NULL);
  g_assert_cmpuint (sighej_gate_get_n (fixture->gate), ==, 1);
  client_sends (fixture, "more");
  turn (fixture, 1.1);
  g_assert_cmpuint (sighej_gate_get_n (fixture->gate), ==, 0);
}

/* What the lane finds once epoll told what there is. */
static SighejGuardStep
fetch (Fixture *fixture)
{
  fixture->step = SIGHEJ_GUARD_WAIT;
  g_main_context_iteration (NULL, FALSE);
  if (fixture->step == SIGHEJ_GUARD_WAIT)
    fixture->step = sighej_guard_stream_fetch (fixture->guard, &fixture->express);
  return fixture->step;
}

static void
answer (Fixture *fixture, const char *text, gboolean is_last)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  sighej_guard_stream_take_fetched (fixture->guard);
  sighej_guard_stream_answer (fixture->guard, bytes, is_last);
}

static void
assert_client_reads (Fixture *fixture, const char *expected)
{
  g_autofree char *told = client_reads (fixture);

  g_assert_cmpstr (told, ==, expected);
}

static void
test_lane_takes_what_is_whole (Fixture *fixture, gconstpointer unused)
{
  g_assert_cmpint (fetch (fixture), ==, SIGHEJ_GUARD_WAIT);
  client_sends (fixture, MATCH_HEAD "he");
  g_assert_cmpint (fetch (fixture), ==, SIGHEJ_GUARD_WAIT);
  client_sends (fixture, "llo" MATCH);
  g_assert_cmpint (fetch (fixture), ==, SIGHEJ_GUARD_REQUEST);
  g_assert_cmpmem (
      sighej_guard_stream_get_fetched (fixture->guard), strlen (MATCH), MATCH, strlen (MATCH));
  sighej_guard_stream_take_fetched (fixture->guard);
  g_assert_cmpint (fetch (fixture), ==, SIGHEJ_GUARD_WAIT);
  {
    g_autoptr (GBytes) bytes = g_bytes_new_static ("one", 3);

    sighej_guard_stream_answer (fixture->guard, bytes, FALSE);
  }
  assert_client_reads (fixture, "one");
  g_assert_cmpint (fetch (fixture), ==, SIGHEJ_GUARD_REQUEST);
  answer (fixture, "two", FALSE);
  assert_client_reads (fixture, "two");
  g_assert_cmpint (fetch (fixture), ==, SIGHEJ_GUARD_WAIT);
}

static void
test_lane_and_libsoup_take_turns (Fixture *fixture, gconstpointer unused)
{
  for (guint i = 0; i < 2; i++)
    {
      client_sends (fixture, MATCH);
      g_assert_cmpint (fetch (fixture), ==, SIGHEJ_GUARD_REQUEST);
      answer (fixture, "yes", FALSE);
      assert_client_reads (fixture, "yes");

      client_sends (fixture, POST);
      g_assert_cmpint (fetch (fixture), ==, SIGHEJ_GUARD_OTHER);
      g_assert_cmpint (fetch (fixture), ==, SIGHEJ_GUARD_WAIT);
      assert_soup_reads (fixture, POST);
      client_sends (fixture, "hello");
      g_assert_cmpint (fetch (fixture), ==, SIGHEJ_GUARD_WAIT);
      assert_soup_reads (fixture, "hello");
      g_assert_false (soup_waits (fixture));
    }
}

static gboolean
on_soup_turn (GObject *stream, gpointer user_data)
{
  *(guint *) user_data += 1;
  return G_SOURCE_CONTINUE;
}

static void
test_libsoup_is_woken_for_its_own_only (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GSource) outer = g_pollable_source_new (G_OBJECT (fixture->input));
  g_autoptr (GSource) source = g_pollable_input_stream_create_source (fixture->input, NULL);
  guint n_turns = 0;

  g_assert_cmpint (fetch (fixture), ==, SIGHEJ_GUARD_WAIT);
  g_source_set_dummy_callback (source);
  g_source_add_child_source (outer, source);
  g_source_set_callback (outer, G_SOURCE_FUNC (on_soup_turn), &n_turns, NULL);
  g_source_attach (outer, NULL);

  client_sends (fixture, MATCH);
  g_assert_cmpint (fetch (fixture), ==, SIGHEJ_GUARD_REQUEST);
  answer (fixture, "yes", FALSE);
  g_assert_cmpint (fetch (fixture), ==, SIGHEJ_GUARD_WAIT);
  g_assert_cmpuint (n_turns, ==, 0);

  client_sends (fixture, GOOD);
  g_assert_cmpint (fetch (fixture), ==, SIGHEJ_GUARD_OTHER);
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (n_turns, ==, 1);
  g_source_destroy (outer);
}

/* What came while libsoup answered is told no second time. */
static void
test_libsoup_sees_what_came_meanwhile (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GSource) outer = g_pollable_source_new (G_OBJECT (fixture->input));
  g_autoptr (GSource) source = NULL;
  guint n_turns = 0;

  client_sends (fixture, GOOD);
  g_assert_cmpint (fetch (fixture), ==, SIGHEJ_GUARD_OTHER);
  assert_soup_reads (fixture, GOOD);
  shutdown (fixture->peer, SHUT_WR);
  g_assert_cmpint (fetch (fixture), ==, SIGHEJ_GUARD_WAIT);

  source = g_pollable_input_stream_create_source (fixture->input, NULL);
  g_source_set_dummy_callback (source);
  g_source_add_child_source (outer, source);
  g_source_set_callback (outer, G_SOURCE_FUNC (on_soup_turn), &n_turns, NULL);
  g_source_attach (outer, NULL);
  g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (n_turns, ==, 1);
  assert_soup_reads (fixture, "?");
  g_source_destroy (outer);
}

static void
test_lane_s_last_answer (Fixture *fixture, gconstpointer unused)
{
  client_sends (fixture, MATCH);
  g_assert_cmpint (fetch (fixture), ==, SIGHEJ_GUARD_REQUEST);
  answer (fixture, "bye", TRUE);
  assert_client_reads (fixture, "bye");
  g_assert_cmpint (fetch (fixture), ==, SIGHEJ_GUARD_END);
}

static void
test_lane_s_body_deadline (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *told = NULL;

  client_sends (fixture, MATCH_HEAD "hell");
  g_assert_cmpint (fetch (fixture), ==, SIGHEJ_GUARD_WAIT);
  turn (fixture, 10.1);
  told = client_reads (fixture);
  g_assert_true (g_str_has_prefix (told, "HTTP/1.1 408 "));
  g_assert_cmpint (fetch (fixture), ==, SIGHEJ_GUARD_END);
}

static void
test_lane_s_body_too_short (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *told = NULL;

  client_sends (fixture, MATCH_HEAD "hell");
  shutdown (fixture->peer, SHUT_WR);
  g_assert_cmpint (fetch (fixture), ==, SIGHEJ_GUARD_END);
  told = client_reads (fixture);
  g_assert_true (g_str_has_prefix (told, "HTTP/1.1 400 "));
  assert_soup_reads (fixture, "?");
}

/* The socket takes only a part at first. */
static void
test_lane_s_answer_waits (Fixture *fixture, gconstpointer unused)
{
  const gsize n_answer = 4 * 1024 * 1024;
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (n_answer), n_answer);
  g_autofree char *waste = g_malloc (65536);
  gsize n_read = 0;

  client_sends (fixture, MATCH);
  g_assert_cmpint (fetch (fixture), ==, SIGHEJ_GUARD_REQUEST);
  sighej_guard_stream_take_fetched (fixture->guard);
  sighej_guard_stream_answer (fixture->guard, bytes, FALSE);
  while (n_read < n_answer)
    {
      gssize n = recv (fixture->peer, waste, 65536, MSG_DONTWAIT);

      if (n > 0)
        n_read += (gsize) n;
      g_assert_cmpint (fetch (fixture), ==, SIGHEJ_GUARD_WAIT);
    }
  client_sends (fixture, MATCH);
  g_assert_cmpint (fetch (fixture), ==, SIGHEJ_GUARD_REQUEST);
}

static void
test_lane_s_answer_nobody_takes (Fixture *fixture, gconstpointer unused)
{
  const gsize n_answer = 4 * 1024 * 1024;
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (n_answer), n_answer);

  client_sends (fixture, MATCH);
  g_assert_cmpint (fetch (fixture), ==, SIGHEJ_GUARD_REQUEST);
  sighej_guard_stream_take_fetched (fixture->guard);
  sighej_guard_stream_answer (fixture->guard, bytes, FALSE);
  turn (fixture, 9.9);
  g_assert_cmpint (fetch (fixture), ==, SIGHEJ_GUARD_WAIT);
  turn (fixture, 0.2);
  g_assert_cmpint (fetch (fixture), ==, SIGHEJ_GUARD_END);
}

#define ADD(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("/guard-stream/hands-out-one-request-at-a-time", test_hands_out_one_request_at_a_time);
  ADD ("/guard-stream/waits-for-the-whole-head", test_waits_for_the_whole_head);
  ADD ("/guard-stream/refuses-by-itself", test_refuses_by_itself);
  ADD ("/guard-stream/head-deadline", test_head_deadline);
  ADD ("/guard-stream/silence-is-closed-in-silence", test_silence_is_closed_in_silence);
  ADD ("/guard-stream/body-deadline", test_body_deadline);
  ADD ("/guard-stream/thinking-has-no-deadline", test_thinking_has_no_deadline);
  ADD ("/guard-stream/idle-deadline", test_idle_deadline);
  ADD ("/guard-stream/idle-then-head-deadline", test_idle_then_head_deadline);
  ADD ("/guard-stream/write-deadline", test_write_deadline);
  ADD ("/guard-stream/the-client-s-end-is-told-to-libsoup",
       test_the_client_s_end_is_told_to_libsoup);
  ADD ("/guard-stream/a-stolen-socket-is-free", test_a_stolen_socket_is_free);
  ADD ("/guard-stream/closing-with-unread-bytes-lingers", test_closing_with_unread_bytes_lingers);

  ADD ("/guard-stream/lane-takes-what-is-whole", test_lane_takes_what_is_whole);
  ADD ("/guard-stream/lane-and-libsoup-take-turns", test_lane_and_libsoup_take_turns);
  ADD ("/guard-stream/libsoup-is-woken-for-its-own-only", test_libsoup_is_woken_for_its_own_only);
  ADD ("/guard-stream/libsoup-sees-what-came-meanwhile", test_libsoup_sees_what_came_meanwhile);
  ADD ("/guard-stream/lane-s-last-answer", test_lane_s_last_answer);
  ADD ("/guard-stream/lane-s-body-deadline", test_lane_s_body_deadline);
  ADD ("/guard-stream/lane-s-body-too-short", test_lane_s_body_too_short);
  ADD ("/guard-stream/lane-s-answer-waits", test_lane_s_answer_waits);
  ADD ("/guard-stream/lane-s-answer-nobody-takes", test_lane_s_answer_nobody_takes);

  return g_test_run ();
}
