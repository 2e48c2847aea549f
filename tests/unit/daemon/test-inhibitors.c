/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-inhibitors.h"

#include <string.h>
#include <unistd.h>

#include "sighej-test.h"

typedef struct
{
  SighejInhibitors *inhibitors;
  guint n_changed;
} Fixture;

static void
on_changed (SighejInhibitors *inhibitors, Fixture *fixture)
{
  fixture->n_changed++;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->inhibitors = sighej_inhibitors_new ();
  g_signal_connect (fixture->inhibitors, "changed", G_CALLBACK (on_changed), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  sighej_test_assert_finalized (fixture->inhibitors);
}

static int
add (Fixture *fixture, const char *who, const char *why)
{
  g_autoptr (GError) error = NULL;
  int fd = sighej_inhibitors_add (fixture->inhibitors, who, why, &error);

  g_assert_no_error (error);
  g_assert_cmpint (fd, >=, 0);
  return fd;
}

static void
assert_refused (Fixture *fixture, const char *who, const char *why, SighejError code)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (sighej_inhibitors_add (fixture->inhibitors, who, why, &error), ==, -1);
  g_assert_error (error, SIGHEJ_ERROR, (int) code);
}

static void
assert_shown (Fixture *fixture, const char *expected)
{
  g_autoptr (GVariant) shown
      = g_variant_ref_sink (sighej_inhibitors_to_variant (fixture->inhibitors));
  g_autofree char *text = g_variant_print (shown, FALSE);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_closing_lifts_it (Fixture *fixture, gconstpointer data)
{
  int first = add (fixture, "Impress", "Presentation");
  int second = add (fixture, "Jitsi", "");
  int copy = dup (first);

  assert_shown (fixture, "[('Impress', 'Presentation'), ('Jitsi', '')]");
  /* What is written is never read, and a descriptor that lives on elsewhere keeps it up. */
  g_assert_cmpint (write (first, "x", 1), ==, 1);
  close (first);
  sighej_test_settle ();
  g_assert_cmpuint (sighej_inhibitors_get_n (fixture->inhibitors), ==, 2);
  close (copy);
  WAIT_UNTIL (sighej_inhibitors_get_n (fixture->inhibitors) == 1);
  assert_shown (fixture, "[('Jitsi', '')]");
  close (second);
  WAIT_UNTIL (sighej_inhibitors_get_n (fixture->inhibitors) == 0);
  g_assert_cmpuint (fixture->n_changed, ==, 4);
}

static void
test_says_who_in_words (Fixture *fixture, gconstpointer data)
{
  int first = add (fixture, "Impress", "Presentation");
  g_autoptr (GError) error = sighej_inhibitors_to_error (fixture->inhibitors);

  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INHIBITED);
  g_assert_true (g_str_has_prefix (error->message, "Impress asks for silence (Presentation); "));
  close (first);
}

static void
test_texts_are_bounded (Fixture *fixture, gconstpointer data)
{
  g_autofree char *who = g_strnfill (SIGHEJ_INHIBITOR_WHO_CHARACTERS_MAX + 1, 'w');
  g_autofree char *why = g_strnfill (SIGHEJ_INHIBITOR_WHY_CHARACTERS_MAX + 1, 'y');

  assert_refused (fixture, "", "why", SIGHEJ_ERROR_INVALID_REQUEST);
  assert_refused (fixture, who, "", SIGHEJ_ERROR_INVALID_REQUEST);
  assert_refused (fixture, "w", why, SIGHEJ_ERROR_INVALID_REQUEST);
  assert_refused (fixture, "a\nb", "", SIGHEJ_ERROR_INVALID_REQUEST);
  assert_refused (fixture, "a", "\x1b[2J", SIGHEJ_ERROR_INVALID_REQUEST);
  g_assert_cmpuint (fixture->n_changed, ==, 0);
  close (add (fixture, who + 1, why + 1));
}

static void
test_number_is_bounded (Fixture *fixture, gconstpointer data)
{
  int fds[SIGHEJ_INHIBITORS_MAX];

  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    fds[i] = add (fixture, "one", "of many");
  assert_refused (fixture, "one", "too many", SIGHEJ_ERROR_UNAVAILABLE);
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    close (fds[i]);
  WAIT_UNTIL (sighej_inhibitors_get_n (fixture->inhibitors) == 0);
  close (add (fixture, "one", "again"));
}

#define ADD(path, function)                                                                        \
  g_test_add ("/inhibitors/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("closing-lifts-it", test_closing_lifts_it);
  ADD ("says-who-in-words", test_says_who_in_words);
  ADD ("texts-are-bounded", test_texts_are_bounded);
  ADD ("number-is-bounded", test_number_is_bounded);

  return g_test_run ();
}
