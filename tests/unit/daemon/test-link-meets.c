/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-error.h"
#include "sighej-link-meets.h"
#include "sighej-test-clock.h"
#include "sighej-test.h"

#define ID "00112233445566778899aabbccddeeff"

typedef struct
{
  SighejTestClock *clock;
  SighejLinkMeets *meets;
  GPtrArray *lines[2]; /* of char *: what was said over each */
  guint n_online;
  guint n_answers;
  int code; /* of the last answer's error, -1: it was none */
} Fixture;

static void
on_online (SighejLinkMeets *meets, Fixture *fixture)
{
  fixture->n_online++;
}

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  fixture->clock = sighej_test_clock_new ();
  fixture->meets = sighej_link_meets_new (SIGHEJ_CLOCK (fixture->clock));
  for (guint i = 0; i < G_N_ELEMENTS (fixture->lines); i++)
    fixture->lines[i] = g_ptr_array_new_with_free_func (g_free);
  g_signal_connect (fixture->meets, "online", G_CALLBACK (on_online), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  sighej_test_assert_finalized (fixture->meets);
  for (guint i = 0; i < G_N_ELEMENTS (fixture->lines); i++)
    g_ptr_array_unref (fixture->lines[i]);
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
  sighej_test_assert_finalized (fixture->clock);
}

static gboolean
say (const char *text, gpointer line)
{
  g_ptr_array_add (line, g_strdup (text));
  return TRUE;
}

static gboolean
say_nothing (const char *text, gpointer line)
{
  return FALSE;
}

static void
on_answered (const SighejWireServerMessage *answer, const GError *error, gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->n_answers++;
  fixture->code = error != NULL ? error->code : -1;
}

static void
ask (Fixture *fixture)
{
  SighejWireMeet message = { .nudge_id = ID, .act = SIGHEJ_MEET_CONFIRM };
  g_autoptr (GError) error = NULL;

  sighej_link_meets_ask (fixture->meets, &message, on_answered, fixture, &error);
  g_assert_no_error (error);
}

static void
answer (Fixture *fixture, guint64 id)
{
  SighejWireMeetResult result = { .id = id, .ok = TRUE };
  SighejWireServerMessage message = { .type = SIGHEJ_WIRE_MEET_RESULT, .result = &result };

  sighej_link_meets_take (fixture->meets, &message);
}

static void
test_a_line_takes_over (Fixture *fixture, gconstpointer unused)
{
  sighej_link_meets_set_line (fixture->meets, say, fixture->lines[0]);
  for (guint i = 0; i < 3; i++)
    ask (fixture);
  answer (fixture, 1);
  sighej_link_meets_set_line (fixture->meets, say, fixture->lines[1]);
  g_assert_cmpuint (fixture->n_answers, ==, 1);
  g_assert_cmpuint (fixture->n_online, ==, 2);
  g_assert_cmpuint (fixture->lines[1]->len, ==, 2);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpstr (fixture->lines[1]->pdata[i], ==, fixture->lines[0]->pdata[i + 1]);

  /* Over whichever line it comes; the second answer is to nothing. */
  for (guint i = 0; i < 2; i++)
    answer (fixture, 3);
  answer (fixture, 2);
  g_assert_cmpuint (fixture->n_answers, ==, 3);
  g_assert_cmpint (fixture->code, ==, -1);
}

static void
test_the_line_goes (Fixture *fixture, gconstpointer unused)
{
  sighej_link_meets_set_line (fixture->meets, say, fixture->lines[0]);
  ask (fixture);
  sighej_link_meets_set_line (fixture->meets, NULL, NULL);
  g_assert_cmpuint (fixture->n_answers, ==, 1);
  g_assert_cmpint (fixture->code, ==, SIGHEJ_ERROR_OFFLINE);

  sighej_link_meets_set_line (fixture->meets, say, fixture->lines[1]);
  g_assert_cmpuint (fixture->lines[1]->len, ==, 0);
}

/* What the new line does not take is late, and not asked for ever. */
static void
test_a_line_that_says_nothing_takes_over (Fixture *fixture, gconstpointer unused)
{
  sighej_link_meets_set_line (fixture->meets, say, fixture->lines[0]);
  ask (fixture);
  sighej_link_meets_set_line (fixture->meets, say_nothing, fixture->lines[1]);
  g_assert_cmpuint (fixture->n_answers, ==, 0);
  sighej_test_clock_advance (fixture->clock, SIGHEJ_LINK_MEETS_ANSWER_SECONDS * G_USEC_PER_SEC);
  g_assert_cmpuint (fixture->n_answers, ==, 1);
  g_assert_cmpint (fixture->code, ==, SIGHEJ_ERROR_OFFLINE);
}

#define ADD(path, function)                                                                        \
  g_test_add ("/link-meets/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("a-line-takes-over", test_a_line_takes_over);
  ADD ("the-line-goes", test_the_line_goes);
  ADD ("a-line-that-says-nothing-takes-over", test_a_line_that_says_nothing_takes_over);

  return g_test_run ();
}
