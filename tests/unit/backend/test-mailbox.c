/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "sighej-error.h"
#include "sighej-mailbox.h"

#define SAID (-1) /* not refused */

/* Time is turned by the tests. */
typedef struct
{
  SighejMailbox box;
  guint32 now_ms;
  gboolean taken;
  char *message; /* of the last refusal */
} Writer;

static void
writer_clear (Writer *self)
{
  sighej_mailbox_clear (&self->box);
  g_free (self->message);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Writer, writer_clear)

static int
say_bytes (Writer *self, guint64 n, SighejTalkKind kind, gsize n_bytes)
{
  g_autofree char *filler = g_strnfill (n_bytes, 'x');
  g_autoptr (GBytes) body = g_bytes_new (filler, n_bytes);
  g_autoptr (GError) error = NULL;

  if (sighej_mailbox_say (&self->box, n, kind, body, self->now_ms, &self->taken, &error))
    return SAID;
  g_assert_true (error->domain == SIGHEJ_ERROR);
  g_assert_false (self->taken);
  g_free (self->message);
  self->message = g_strdup (error->message);
  return error->code;
}

static int
say (Writer *self, SighejTalkKind kind)
{
  return say_bytes (self, self->box.said + 1, kind, 3);
}

static void
say_many (Writer *self, SighejTalkKind kind, guint n_times)
{
  for (guint i = 0; i < n_times; i++)
    g_assert_cmpint (say (self, kind), ==, SAID);
}

static void
assert_wait (Writer *self, SighejTalkKind kind, const char *seconds)
{
  g_autofree char *end = g_strdup_printf ("try again in %s seconds", seconds);

  g_assert_cmpint (say (self, kind), ==, SIGHEJ_ERROR_RATE_LIMITED);
  g_assert_true (g_str_has_suffix (self->message, end));
}

static void
test_numbers_have_no_gap (void)
{
  g_auto (Writer) writer = { 0 };

  g_assert_cmpint (say_bytes (&writer, 0, SIGHEJ_TALK_TEXT, 1), ==, SIGHEJ_ERROR_INVALID_REQUEST);
  g_assert_cmpint (say_bytes (&writer, 2, SIGHEJ_TALK_TEXT, 1), ==, SIGHEJ_ERROR_CONFLICT);
  g_assert_cmpint (say_bytes (&writer, 1, SIGHEJ_TALK_TEXT, 1), ==, SAID);
  g_assert_true (writer.taken);
  g_assert_cmpint (say_bytes (&writer, 3, SIGHEJ_TALK_TEXT, 1), ==, SIGHEJ_ERROR_CONFLICT);
  g_assert_cmpint (say_bytes (&writer, 2, SIGHEJ_TALK_NOTE, 1), ==, SAID);
  g_assert_cmpint (
      say_bytes (&writer, G_MAXUINT64, SIGHEJ_TALK_TEXT, 1), ==, SIGHEJ_ERROR_CONFLICT);
  g_assert_cmpuint (writer.box.said, ==, 2);
}

/* An answer was lost: said again, it is done, whatever the limits say now. */
static void
test_what_was_said_is_said_once (void)
{
  g_auto (Writer) writer = { 0 };

  say_many (&writer, SIGHEJ_TALK_TEXT, 8);
  for (guint64 n = 1; n <= 8; n++)
    {
      g_assert_cmpint (say_bytes (&writer, n, SIGHEJ_TALK_TEXT, 9), ==, SAID);
      g_assert_false (writer.taken);
    }
  g_assert_cmpuint (sighej_mailbox_n_after (&writer.box, 0), ==, 8);
}

static void
test_eight_texts_in_ten_seconds (void)
{
  g_auto (Writer) writer = { .now_ms = 500 };

  say_many (&writer, SIGHEJ_TALK_TEXT, 1);
  writer.now_ms += 4000;
  say_many (&writer, SIGHEJ_TALK_TEXT, 7);
  assert_wait (&writer, SIGHEJ_TALK_TEXT, "6");
  writer.now_ms = 500 + 9999;
  assert_wait (&writer, SIGHEJ_TALK_TEXT, "1");
  writer.now_ms = 500 + 10000;
  say_many (&writer, SIGHEJ_TALK_TEXT, 1);
  assert_wait (&writer, SIGHEJ_TALK_TEXT, "4");
}

static void
test_twenty_texts_a_minute (void)
{
  g_auto (Writer) writer = { 0 };

  for (guint i = 0; i < 20; i++)
    {
      writer.now_ms = i * 2000;
      say_many (&writer, SIGHEJ_TALK_TEXT, 1);
    }
  writer.now_ms = 50000;
  assert_wait (&writer, SIGHEJ_TALK_TEXT, "10");
  writer.now_ms = 59999;
  assert_wait (&writer, SIGHEJ_TALK_TEXT, "1");
  writer.now_ms = 60000;
  say_many (&writer, SIGHEJ_TALK_TEXT, 1);
  assert_wait (&writer, SIGHEJ_TALK_TEXT, "2");
}

/* Two parts of 2,048 bytes hold any 1,000 characters. */
static void
test_a_text_follows_a_part (void)
{
  g_auto (Writer) writer = { 0 };

  say_many (&writer, SIGHEJ_TALK_PART, 1);
  g_assert_cmpint (say (&writer, SIGHEJ_TALK_PART), ==, SIGHEJ_ERROR_INVALID_REQUEST);
  g_assert_true (g_str_has_prefix (writer.message, "\"kind\""));
  say_many (&writer, SIGHEJ_TALK_NOTE, 1);
  g_assert_cmpint (say (&writer, SIGHEJ_TALK_PART), ==, SIGHEJ_ERROR_INVALID_REQUEST);
  say_many (&writer, SIGHEJ_TALK_TEXT, 1);
  say_many (&writer, SIGHEJ_TALK_PART, 1);
  say_many (&writer, SIGHEJ_TALK_TEXT, 1);
}

static void
test_sixty_notes_a_minute (void)
{
  g_auto (Writer) writer = { .now_ms = 7 };

  say_many (&writer, SIGHEJ_TALK_NOTE, 60);
  assert_wait (&writer, SIGHEJ_TALK_NOTE, "60");
  say_many (&writer, SIGHEJ_TALK_TEXT, 1);
  sighej_mailbox_ack (&writer.box, 61);
  writer.now_ms = 7 + 59999;
  assert_wait (&writer, SIGHEJ_TALK_NOTE, "1");
  writer.now_ms = 7 + 60000;
  say_many (&writer, SIGHEJ_TALK_NOTE, 1);
}

static void
test_holds_sixty_four (void)
{
  g_auto (Writer) writer = { 0 };

  say_many (&writer, SIGHEJ_TALK_NOTE, 60);
  say_many (&writer, SIGHEJ_TALK_TEXT, 4);
  g_assert_cmpint (say (&writer, SIGHEJ_TALK_TEXT), ==, SIGHEJ_ERROR_RATE_LIMITED);
  g_assert_cmpint (say (&writer, SIGHEJ_TALK_PART), ==, SIGHEJ_ERROR_RATE_LIMITED);
  g_assert_true (sighej_mailbox_ack (&writer.box, 1));
  say_many (&writer, SIGHEJ_TALK_TEXT, 1);
  g_assert_cmpint (say (&writer, SIGHEJ_TALK_TEXT), ==, SIGHEJ_ERROR_RATE_LIMITED);
}

static void
test_bodies_have_a_size (void)
{
  g_auto (Writer) writer = { 0 };

  g_assert_cmpint (say_bytes (&writer, 1, SIGHEJ_TALK_TEXT, 0), ==, SIGHEJ_ERROR_INVALID_REQUEST);
  g_assert_cmpint (say_bytes (&writer, 1, SIGHEJ_TALK_TEXT, SIGHEJ_WIRE_TALK_BYTES_MAX + 1),
                   ==,
                   SIGHEJ_ERROR_INVALID_REQUEST);
  g_assert_cmpint (say_bytes (&writer, 1, SIGHEJ_TALK_TEXT, SIGHEJ_WIRE_TALK_BYTES_MAX), ==, SAID);
}

/* Long letters fill it before there are 64. */
static void
test_holds_so_many_bytes (void)
{
  g_auto (Writer) writer = { 0 };
  guint n_fit = SIGHEJ_MAILBOX_BYTES_MAX / SIGHEJ_WIRE_TALK_BYTES_MAX;
  gsize n_left = SIGHEJ_MAILBOX_BYTES_MAX % SIGHEJ_WIRE_TALK_BYTES_MAX;

  g_assert_cmpuint (n_fit, <, SIGHEJ_MAILBOX_LETTERS_MAX);
  for (guint n = 1; n <= n_fit; n++)
    g_assert_cmpint (
        say_bytes (&writer, n, SIGHEJ_TALK_NOTE, SIGHEJ_WIRE_TALK_BYTES_MAX), ==, SAID);
  g_assert_cmpint (
      say_bytes (&writer, n_fit + 1, SIGHEJ_TALK_TEXT, n_left + 1), ==, SIGHEJ_ERROR_RATE_LIMITED);
  g_assert_cmpint (say_bytes (&writer, n_fit + 1, SIGHEJ_TALK_TEXT, n_left), ==, SAID);
  g_assert_true (sighej_mailbox_ack (&writer.box, n_fit + 1));
  g_assert_cmpuint (writer.box.n_bytes, ==, 0);
}

static void
test_is_read_in_order_until_acknowledged (void)
{
  g_auto (Writer) writer = { 0 };
  guint64 n;

  say_many (&writer, SIGHEJ_TALK_TEXT, 5);
  g_assert_cmpuint (sighej_mailbox_n_after (&writer.box, 0), ==, 5);
  g_assert_cmpuint (sighej_mailbox_n_after (&writer.box, 3), ==, 2);
  g_assert_cmpuint (sighej_mailbox_n_after (&writer.box, 9), ==, 0);
  g_assert_true (sighej_mailbox_ack (&writer.box, 2));
  g_assert_false (sighej_mailbox_ack (&writer.box, 2));
  g_assert_false (sighej_mailbox_ack (&writer.box, 0));
  g_assert_cmpuint (sighej_mailbox_n_after (&writer.box, 0), ==, 3);
  g_assert_nonnull (sighej_mailbox_get_after (&writer.box, 0, 0, &n));
  g_assert_cmpuint (n, ==, 3);
  g_assert_nonnull (sighej_mailbox_get_after (&writer.box, 4, 0, &n));
  g_assert_cmpuint (n, ==, 5);
  g_assert_true (sighej_mailbox_ack (&writer.box, G_MAXUINT64));
  g_assert_cmpuint (sighej_mailbox_get_acked (&writer.box), ==, 5);
  say_many (&writer, SIGHEJ_TALK_TEXT, 1);
  g_assert_cmpuint (sighej_mailbox_n_after (&writer.box, 5), ==, 1);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mailbox/numbers-have-no-gap", test_numbers_have_no_gap);
  g_test_add_func ("/mailbox/what-was-said-is-said-once", test_what_was_said_is_said_once);
  g_test_add_func ("/mailbox/eight-texts-in-ten-seconds", test_eight_texts_in_ten_seconds);
  g_test_add_func ("/mailbox/twenty-texts-a-minute", test_twenty_texts_a_minute);
  g_test_add_func ("/mailbox/a-text-follows-a-part", test_a_text_follows_a_part);
  g_test_add_func ("/mailbox/sixty-notes-a-minute", test_sixty_notes_a_minute);
  g_test_add_func ("/mailbox/holds-sixty-four", test_holds_sixty_four);
  g_test_add_func ("/mailbox/bodies-have-a-size", test_bodies_have_a_size);
  g_test_add_func ("/mailbox/holds-so-many-bytes", test_holds_so_many_bytes);
  g_test_add_func ("/mailbox/is-read-in-order-until-acknowledged",
                   test_is_read_in_order_until_acknowledged);
  return g_test_run ();
}
