/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-cue.h"
#include "sighej-handle.h"
#include "sighej-icebreaker.h"
#include "sighej-test.h"
#include "sighej-vocabulary.h"

static void
test_a_cue_is_one_number_in_both_languages (void)
{
  static const guint numbers[] = { 0, 1, 47, 48, 49, 720, SIGHEJ_HANDLES - 1 };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autofree char *english = sighej_handle_to_text (numbers[i], "en");
      g_autofree char *danish = sighej_handle_to_text (numbers[i], "da");

      g_assert_cmpint (sighej_cue_from_text (english), ==, (int) numbers[i]);
      g_assert_cmpint (sighej_cue_from_text (danish), ==, (int) numbers[i]);
    }
  g_assert_cmpint (sighej_cue_from_text (""), ==, -1);
  g_assert_cmpint (sighej_cue_from_text ("Blue Submarine"), ==, -1);
}

static SighejCueColour
colour_of (const char *cue)
{
  return sighej_cue_get_colour (sighej_cue_from_text (cue));
}

static void
test_a_cue_that_names_a_colour_has_it (void)
{
  g_assert_cmpint (colour_of ("Blue Heron"), ==, SIGHEJ_CUE_COLOUR_BLUE);
  g_assert_cmpint (colour_of ("Blå Hejre"), ==, SIGHEJ_CUE_COLOUR_BLUE);
  g_assert_cmpint (colour_of ("Grønt Egern"), ==, SIGHEJ_CUE_COLOUR_GREEN);
  g_assert_cmpint (colour_of ("Golden Fox"), ==, SIGHEJ_CUE_COLOUR_YELLOW);
  g_assert_cmpint (colour_of ("Purple Elk"), ==, SIGHEJ_CUE_COLOUR_PURPLE);
  g_assert_cmpint (colour_of ("Pink Robin"), ==, SIGHEJ_CUE_COLOUR_PINK);
  g_assert_cmpint (colour_of ("Rosy Owl"), ==, SIGHEJ_CUE_COLOUR_PINK);
  g_assert_cmpint (colour_of ("no cue"), ==, SIGHEJ_CUE_COLOUR_GREY);
}

static void
test_every_colour_is_used_and_named (void)
{
  gboolean used[SIGHEJ_CUE_COLOURS] = { FALSE };

  for (int cue = 0; cue < SIGHEJ_HANDLES; cue++)
    used[sighej_cue_get_colour (cue)] = TRUE;
  for (guint colour = 0; colour < SIGHEJ_CUE_COLOURS; colour++)
    {
      const char *style = sighej_cue_colour_to_style ((SighejCueColour) colour);

      g_assert_true (used[colour]);
      g_assert_true (g_str_has_prefix (style, "cue-"));
      g_assert_cmpstr (
          style + strlen ("cue-"), ==, sighej_cue_colour_to_text ((SighejCueColour) colour));
    }
}

static void
test_every_category_has_questions (void)
{
  SighejVocabulary *vocabulary = sighej_vocabulary_get_default ();

  for (guint i = 0; i < sighej_vocabulary_get_n_categories (vocabulary); i++)
    {
      const char *category = sighej_vocabulary_get_nth_category (vocabulary, i);
      const char *const *questions = sighej_icebreaker_get_all (category);

      g_assert_nonnull (questions);
      for (guint j = 0; j < SIGHEJ_ICEBREAKERS_EACH; j++)
        g_assert_true (g_str_has_suffix (questions[j], "?"));
    }
  g_assert_null (sighej_icebreaker_get_all ("no such category"));
}

static gboolean
is_of (const char *question, const char *category)
{
  const char *const *questions = sighej_icebreaker_get_all (category);

  for (guint i = 0; i < SIGHEJ_ICEBREAKERS_EACH; i++)
    if (g_str_equal (questions[i], question))
      return TRUE;
  return FALSE;
}

static void
test_both_sides_are_asked_the_same (void)
{
  static const char *const mine[] = { "tech", "games", "music", NULL };
  static const char *const theirs[] = { "music", "tech", "games", NULL };
  gboolean asked_of_music = FALSE;

  for (int cue = 0; cue < 50; cue++)
    {
      const char *question = sighej_icebreaker_pick (cue, mine);

      g_assert_true (question == sighej_icebreaker_pick (cue, theirs));
      g_assert_true (is_of (question, "tech") || is_of (question, "games")
                     || is_of (question, "music"));
      asked_of_music = asked_of_music || is_of (question, "music");
    }
  g_assert_true (asked_of_music);
}

static void
test_nothing_shared_is_asked_as_other (void)
{
  static const char *const unknown[] = { "astrology of the future", NULL };
  static const char *const none[] = { NULL };

  g_assert_true (is_of (sighej_icebreaker_pick (7, NULL), "other"));
  g_assert_true (is_of (sighej_icebreaker_pick (7, none), "other"));
  g_assert_true (is_of (sighej_icebreaker_pick (-1, unknown), "other"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cue/one-number-in-both-languages", test_a_cue_is_one_number_in_both_languages);
  g_test_add_func ("/cue/one-that-names-a-colour-has-it", test_a_cue_that_names_a_colour_has_it);
  g_test_add_func ("/cue/every-colour-is-used-and-named", test_every_colour_is_used_and_named);
  g_test_add_func ("/icebreaker/every-category-has-some", test_every_category_has_questions);
  g_test_add_func ("/icebreaker/the-same-on-both-sides", test_both_sides_are_asked_the_same);
  g_test_add_func ("/icebreaker/nothing-shared", test_nothing_shared_is_asked_as_other);
  return g_test_run ();
}
