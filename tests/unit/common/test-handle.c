/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <locale.h>
#include <string.h>

#include "sighej-handle.h"

static guint
number_of (guint adjective, guint animal)
{
  return adjective * SIGHEJ_HANDLE_ANIMALS + animal;
}

static void
assert_text (guint handle, const char *language, const char *expected)
{
  g_autofree char *text = sighej_handle_to_text (handle, language);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_reads_in_either_language (void)
{
  assert_text (number_of (0, 0), "en", "Blue Heron");
  assert_text (number_of (0, 0), "da", "Blå Hejre");
  assert_text (number_of (1, 1), "en", "Green Fox");
  assert_text (number_of (1, 1), "da", "Grøn Ræv");
  assert_text (SIGHEJ_HANDLES - 1, "en", "Helpful Reindeer");
  assert_text (SIGHEJ_HANDLES - 1, "da", "Hjælpsomt Rensdyr");
}

/* What takes -t in the neuter, and what does not. */
static void
test_danish_agrees (void)
{
  assert_text (number_of (0, 2), "da", "Blåt Egern");
  assert_text (number_of (3, 3), "da", "Gyldent Pindsvin");
  assert_text (number_of (6, 7), "da", "Lilla Rådyr");
  assert_text (number_of (22, 2), "da", "Glad Egern");
  assert_text (number_of (33, 2), "da", "Adræt Egern");
  assert_text (number_of (38, 3), "da", "Stolt Pindsvin");
  assert_text (number_of (44, 47), "da", "Musikalsk Rensdyr");
  assert_text (number_of (39, 2), "da", "Ædelt Egern");
  assert_text (number_of (39, 11), "da", "Ædel Ørn");
}

static void
test_knows_a_language_by_tag_or_locale (void)
{
  static const char *const danish[] = { "da", "DA", "da-DK", "da_DK.UTF-8", "da.UTF-8" };
  static const char *const other[] = { "", "C", "en", "de_DE", "dav", "dan", "d" };

  for (guint i = 0; i < G_N_ELEMENTS (danish); i++)
    assert_text (0, danish[i], "Blå Hejre");
  for (guint i = 0; i < G_N_ELEMENTS (other); i++)
    assert_text (0, other[i], "Blue Heron");
}

/* Two people in range never read the same, whatever their languages. */
static void
test_no_two_are_alike (void)
{
  static const char *const languages[] = { "en", "da" };

  g_assert_cmpuint (SIGHEJ_HANDLES, >=, 400);
  for (guint i = 0; i < G_N_ELEMENTS (languages); i++)
    {
      g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

      for (guint handle = 0; handle < SIGHEJ_HANDLES; handle++)
        {
          g_autofree char *text = sighej_handle_to_text (handle, languages[i]);

          g_assert_true (g_utf8_validate (text, -1, NULL));
          g_assert_true (g_hash_table_add (seen, g_utf8_casefold (text, -1)));
        }
    }
}

/* Two words, each with a capital: what a person calls out across a room. */
static void
test_is_two_short_words (void)
{
  for (guint i = 0; i < 2 * SIGHEJ_HANDLES; i++)
    {
      g_autofree char *text = sighej_handle_to_text (i / 2, i % 2 == 0 ? "en" : "da");
      g_auto (GStrv) words = g_strsplit (text, " ", -1);

      g_assert_cmpuint (g_strv_length (words), ==, 2);
      for (guint word = 0; word < 2; word++)
        {
          g_assert_true (g_unichar_isupper (g_utf8_get_char (words[word])));
          g_assert_cmpint (g_utf8_strlen (words[word], -1), <=, 16);
        }
    }
}

static void
test_other_numbers_have_no_words (void)
{
  g_assert_null (sighej_handle_to_text (SIGHEJ_HANDLES, "en"));
  g_assert_null (sighej_handle_to_text (G_MAXUINT, "da"));
  g_assert_null (sighej_spot_to_text (-1, "en"));
  g_assert_null (sighej_spot_to_text (SIGHEJ_SPOTS, "da"));
}

static void
test_spots_go_there_and_back (void)
{
  static const char *const languages[] = { "en", "da" };

  for (int spot = 0; spot < SIGHEJ_SPOTS; spot++)
    for (guint i = 0; i < G_N_ELEMENTS (languages); i++)
      {
        const char *text = sighej_spot_to_text (spot, languages[i]);
        g_autofree char *loud = g_utf8_strup (text, -1);

        g_assert_cmpint (sighej_spot_from_text (text), ==, spot);
        g_assert_cmpint (sighej_spot_from_text (loud), ==, spot);
      }
  g_assert_cmpuint (g_strv_length ((GStrv) sighej_spots_get ("da")), ==, SIGHEJ_SPOTS);
  g_assert_cmpstr (sighej_spots_get ("en")[7], ==, "outside");
  g_assert_cmpstr (sighej_spot_to_text (3, "en"), ==, "coffee machine");
  g_assert_cmpstr (sighej_spot_to_text (6, "da_DK"), ==, "opslagstavlen");
  g_assert_cmpint (sighej_spot_from_text ("roof"), ==, -1);
  g_assert_cmpint (sighej_spot_from_text (""), ==, -1);
  g_assert_cmpint (sighej_spot_from_text ("sofa\xff"), ==, -1);
}

int
main (int argc, char *argv[])
{
  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/handle/reads-in-either-language", test_reads_in_either_language);
  g_test_add_func ("/handle/danish-agrees", test_danish_agrees);
  g_test_add_func ("/handle/knows-a-language-by-tag-or-locale",
                   test_knows_a_language_by_tag_or_locale);
  g_test_add_func ("/handle/no-two-are-alike", test_no_two_are_alike);
  g_test_add_func ("/handle/is-two-short-words", test_is_two_short_words);
  g_test_add_func ("/handle/other-numbers-have-no-words", test_other_numbers_have_no_words);
  g_test_add_func ("/handle/spots-go-there-and-back", test_spots_go_there_and_back);
  return g_test_run ();
}
