/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-inlet.h"

#include <string.h>

#define NOW_US (1000 * (gint64) G_USEC_PER_SEC)
#define WINDOW_US (SIGHEJ_INTAKE_WINDOW_MS * (gint64) G_TIME_SPAN_MILLISECOND)

typedef struct
{
  SighejInlet inlet;
  GString *taken;   /* the messages, each with a full stop */
  guint n_until_no; /* messages until it says not to go on */
  gboolean nests;   /* takes what is kept in the middle of a message, as an answer at once does */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->taken = g_string_new (NULL);
  fixture->n_until_no = G_MAXUINT;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  sighej_inlet_clear (&fixture->inlet);
  g_assert_null (fixture->inlet.kept);
  g_string_free (fixture->taken, TRUE);
}

static gboolean
on_event (SighejFramerEvent event, const SighejFramerResult *result, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_assert_cmpint (event, ==, SIGHEJ_FRAMER_MESSAGE);
  if (fixture->nests)
    sighej_inlet_take_kept (&fixture->inlet, on_event, fixture);
  g_string_append_len (fixture->taken, (const char *) result->data, (gssize) result->n_data);
  g_string_append_c (fixture->taken, '.');
  return --fixture->n_until_no > 0;
}

/* A client's frames, masked with zeros, one for each word. */
static GByteArray *
frames (const char *words)
{
  g_auto (GStrv) list = g_strsplit (words, " ", -1);
  GByteArray *out = g_byte_array_new ();

  for (guint i = 0; list[i] != NULL; i++)
    {
      const guint8 header[6] = { 0x81, 0x80 | (guint8) strlen (list[i]) };

      g_byte_array_append (out, header, sizeof header);
      g_byte_array_append (out, (const guint8 *) list[i], (guint) strlen (list[i]));
    }
  return out;
}

/* As a read does it: behind what is kept. */
static void
come (Fixture *fixture, const guint8 *data, gsize n_data)
{
  guint8 buffer[SIGHEJ_INLET_BUFFER_BYTES];
  gsize n_kept = sighej_inlet_begin (&fixture->inlet, buffer);

  memcpy (buffer + n_kept, data, n_data);
  sighej_inlet_take (&fixture->inlet, buffer, n_kept + n_data, on_event, fixture);
}

static void
test_whole_frames_leave_nothing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) bytes = frames ("one two three");

  come (fixture, bytes->data, bytes->len);
  g_assert_cmpstr (fixture->taken->str, ==, "one.two.three.");
  g_assert_null (fixture->inlet.kept);
}

static void
test_byte_by_byte (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) bytes = frames ("one two three");

  for (guint i = 0; i < bytes->len; i++)
    come (fixture, bytes->data + i, 1);
  g_assert_cmpstr (fixture->taken->str, ==, "one.two.three.");
  g_assert_null (fixture->inlet.kept);
}

static void
test_what_has_to_wait_is_kept (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) bytes = frames ("one two three");

  fixture->n_until_no = 1;
  come (fixture, bytes->data, bytes->len);
  g_assert_cmpstr (fixture->taken->str, ==, "one.");

  fixture->n_until_no = 1;
  sighej_inlet_take_kept (&fixture->inlet, on_event, fixture);
  g_assert_cmpstr (fixture->taken->str, ==, "one.two.");

  fixture->n_until_no = G_MAXUINT;
  sighej_inlet_take_kept (&fixture->inlet, on_event, fixture);
  g_assert_cmpstr (fixture->taken->str, ==, "one.two.three.");
  sighej_inlet_take_kept (&fixture->inlet, on_event, fixture);
  g_assert_cmpstr (fixture->taken->str, ==, "one.two.three.");
}

/* The first half of a frame is not looked at a second time while its whole is taken. */
static void
test_taking_within_a_message (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) bytes = frames ("one two");

  fixture->nests = TRUE;
  come (fixture, bytes->data, 4);
  come (fixture, bytes->data + 4, bytes->len - 4);
  g_assert_cmpstr (fixture->taken->str, ==, "one.two.");
  g_assert_null (fixture->inlet.kept);
}

static void
test_early_bytes_wait (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GByteArray) bytes = frames ("one two");

  sighej_inlet_keep (&fixture->inlet, bytes->data, 12);
  come (fixture, bytes->data + 12, bytes->len - 12);
  g_assert_cmpstr (fixture->taken->str, ==, "one.two.");
}

/* ---- bounds ---- */

static void
test_too_long_without_a_message (Fixture *fixture, gconstpointer data)
{
  SighejIntake intake = { .window_us = NOW_US };

  g_assert_cmpint (sighej_intake_add (&intake, NOW_US, SIGHEJ_INTAKE_BYTES_PER_MESSAGE_MAX),
                   ==,
                   SIGHEJ_INTAKE_FINE);
  g_assert_cmpint (sighej_intake_add (&intake, NOW_US, 1), ==, SIGHEJ_INTAKE_TOO_LONG);
  intake.bytes_since_message = 0;
  g_assert_cmpint (sighej_intake_add (&intake, NOW_US, 1), ==, SIGHEJ_INTAKE_FINE);
}

static void
test_too_fast_in_a_window (Fixture *fixture, gconstpointer data)
{
  SighejIntake intake = { .window_us = NOW_US };

  for (guint n = 0; n < SIGHEJ_INTAKE_BYTES_PER_WINDOW_MAX; n += 1024)
    {
      g_assert_cmpint (sighej_intake_add (&intake, NOW_US, 1024), ==, SIGHEJ_INTAKE_FINE);
      intake.bytes_since_message = 0;
    }
  g_assert_cmpint (sighej_intake_add (&intake, NOW_US + WINDOW_US, 1), ==, SIGHEJ_INTAKE_TOO_FAST);
  g_assert_cmpint (sighej_intake_add (&intake, NOW_US + WINDOW_US + 1, 1), ==, SIGHEJ_INTAKE_FINE);
}

#define ADD(name, test) g_test_add ("/inlet/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("whole-frames-leave-nothing", test_whole_frames_leave_nothing);
  ADD ("byte-by-byte", test_byte_by_byte);
  ADD ("what-has-to-wait-is-kept", test_what_has_to_wait_is_kept);
  ADD ("taking-within-a-message", test_taking_within_a_message);
  ADD ("early-bytes-wait", test_early_bytes_wait);
  ADD ("too-long-without-a-message", test_too_long_without_a_message);
  ADD ("too-fast-in-a-window", test_too_fast_in_a_window);
  return g_test_run ();
}
