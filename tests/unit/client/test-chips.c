/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-chips.h"

#include "sighej-interest.h"
#include "sighej-test.h"

static const char *const NONE[] = { NULL };
static const char *const TWO[] = { "devops", "my own thing", NULL };

static char **
insert (const char *const *interests, const char *text, guint position)
{
  SighejChipsProblem problem;
  char **after = sighej_chips_insert (interests, text, position, &problem);

  g_assert_cmpint (problem, ==, SIGHEJ_CHIPS_FINE);
  g_assert_nonnull (after);
  return after;
}

static void
assert_refused (const char *const *interests, const char *text, SighejChipsProblem expected)
{
  SighejChipsProblem problem;

  g_assert_null (sighej_chips_insert (interests, text, 0, &problem));
  g_assert_cmpint (problem, ==, expected);
  g_assert_cmpint (sighej_chips_check (interests, text), ==, expected);
  g_assert_cmpstr (sighej_chips_problem_to_sentence (problem), !=, "");
}

static void
test_words_become_identifiers (void)
{
  static const char *const expected[] = { "devops", "my own thing", "board-games", NULL };
  g_auto (GStrv) first = insert (NONE, "  Brætspil ", 0);
  g_auto (GStrv) third = insert (TWO, "boardgames", 99);

  g_assert_cmpstr (first[0], ==, "board-games");
  g_assert_cmpstrv (third, expected);
}

static void
test_free_text_stays_as_written (void)
{
  g_auto (GStrv) after = insert (TWO, "  Blå-Grønne Snegle ", 1);
  g_autofree char *label = sighej_chips_dup_label (after[1], "da");

  g_assert_cmpstr (after[1], ==, "Blå-Grønne Snegle");
  g_assert_cmpstr (after[2], ==, "my own thing");
  g_assert_cmpstr (label, ==, "Blå-Grønne Snegle");
}

static void
test_labels_speak_the_language (void)
{
  g_autofree char *danish = sighej_chips_dup_label ("board-games", "da");
  g_autofree char *english = sighej_chips_dup_label ("board-games", NULL);
  g_autofree char *bad = sighej_chips_dup_label ("a\nb", NULL);

  g_assert_cmpstr (danish, ==, "Brætspil");
  g_assert_cmpstr (english, ==, "Board games");
  g_assert_cmpstr (bad, ==, "a\nb");
}

static void
test_what_is_no_interest_is_refused (void)
{
  g_autofree char *longest = g_strnfill (SIGHEJ_INTEREST_CHARS_MAX, 'x');
  g_autofree char *too_long = g_strnfill (SIGHEJ_INTEREST_CHARS_MAX + 1, 'x');

  g_assert_cmpint (sighej_chips_check (TWO, longest), ==, SIGHEJ_CHIPS_FINE);
  assert_refused (TWO, too_long, SIGHEJ_CHIPS_TOO_LONG);
  assert_refused (TWO, " \t ", SIGHEJ_CHIPS_EMPTY);
  assert_refused (TWO, "a\nb", SIGHEJ_CHIPS_NO_TEXT);
  assert_refused (TWO, "\xff", SIGHEJ_CHIPS_NO_TEXT);
}

static void
test_another_word_for_it_is_the_same (void)
{
  static const char *const games[] = { "board-games", "Jazz", NULL };

  assert_refused (games, "Brætspil", SIGHEJ_CHIPS_ALREADY);
  assert_refused (games, "jazz", SIGHEJ_CHIPS_ALREADY);
  assert_refused (TWO, "MY own  thing", SIGHEJ_CHIPS_ALREADY);
}

static void
test_twenty_are_enough (void)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) nineteen = NULL;
  g_auto (GStrv) twenty = NULL;

  for (guint i = 1; i < SIGHEJ_INTERESTS_MAX; i++)
    {
      g_autofree char *text = g_strdup_printf ("thing %u", i);

      g_strv_builder_add (builder, text);
    }
  nineteen = g_strv_builder_end (builder);
  twenty = insert ((const char *const *) nineteen, "the last", 0);
  g_assert_cmpuint (g_strv_length (twenty), ==, SIGHEJ_INTERESTS_MAX);
  assert_refused ((const char *const *) twenty, "one more", SIGHEJ_CHIPS_FULL);
}

static void
test_removed_and_put_back (void)
{
  SighejChipsProblem problem;
  g_auto (GStrv) after = sighej_chips_remove (TWO, 0, &problem);
  g_auto (GStrv) again = NULL;

  g_assert_cmpint (problem, ==, SIGHEJ_CHIPS_FINE);
  g_assert_cmpuint (g_strv_length (after), ==, 1);
  g_assert_null (sighej_chips_remove ((const char *const *) after, 0, &problem));
  g_assert_cmpint (problem, ==, SIGHEJ_CHIPS_LAST);
  again = insert ((const char *const *) after, "devops", 0);
  g_assert_cmpstrv (again, TWO);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/chips/words-become-identifiers", test_words_become_identifiers);
  g_test_add_func ("/chips/free-text-stays-as-written", test_free_text_stays_as_written);
  g_test_add_func ("/chips/labels-speak-the-language", test_labels_speak_the_language);
  g_test_add_func ("/chips/what-is-no-interest-is-refused", test_what_is_no_interest_is_refused);
  g_test_add_func ("/chips/another-word-for-it-is-the-same", test_another_word_for_it_is_the_same);
  g_test_add_func ("/chips/twenty-are-enough", test_twenty_are_enough);
  g_test_add_func ("/chips/removed-and-put-back", test_removed_and_put_back);

  return g_test_run ();
}
