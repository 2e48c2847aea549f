/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "sighej-interest.h"

#define UNICODE_MAX 0x10FFFF

#define ASCII_40 "abcdefghijklmnopqrstuvwxyz abcdefghijklm"
#define DANISH_40 "ææææææææææøøøøøøøøøøååååååååååabcdefghij"

typedef struct
{
  const char *text;
  const char *normal;
} Accepted;

static const Accepted accepted[] = {
  { "devops", "devops" },
  { "DevOps", "devops" },
  { "  board   games ", "board games" },
  { "board\u00A0\u2003games", "board games" },
  { "x", "x" },
  { "C++", "c++" },
  { "BRÆTSPIL", "brætspil" },
  { "Ærø, ÅRHUS og ØL", "ærø, århus og øl" },
  /* A and ring apart, and the sign of the unit: both are å */
  { "A\u030Arhus", "århus" },
  { "\u212Brhus", "århus" },
  /* full-width letters and space */
  { "\uFF24\uFF45\uFF56\uFF2F\uFF50\uFF53", "devops" },
  { "\uFF24\u3000\uFF22", "d b" },
  /* ligatures, superscript, roman numeral, circled letter */
  { "\uFB01lm", "film" },
  { "e\uFB03cient", "efficient" },
  { "m\u00B2", "m2" },
  { "\u2167", "viii" },
  { "\u24D0", "a" },
  /* folding makes two letters of one; final sigma is a sigma; both apply whatever the locale */
  { "Straße", "strasse" },
  { "\u1E9E", "ss" },
  { "ΦΙΛΟΣ", "φιλοσ" },
  { "φιλος", "φιλοσ" },
  { "IDRÆT", "idræt" },
  /* other scripts, and signs */
  { "日本語", "日本語" },
  { "ｶﾞ", "ガ" },
  { "🎲", "🎲" },
  { "Skak ♟", "skak ♟" },
  { "👍🏽", "👍🏽" },
  /* a variation selector only says how to draw */
  { "❤\uFE0F", "❤" },
  { "a\uFE0F\u0301", "á" },
  { ASCII_40, ASCII_40 },
  { DANISH_40, DANISH_40 },
  { "ÆÆÆÆÆÆÆÆÆÆØØØØØØØØØØÅÅÅÅÅÅÅÅÅÅabcdefghij", DANISH_40 },
};

static const char *const refused[] = {
  "",
  " ",
  "\u00A0\u3000",
  "\uFE0F",
  /* 41 characters: as written, with a space that would go, and after folding or composing */
  ASCII_40 "x",
  ASCII_40 " ",
  DANISH_40 "å",
  "ßabcdefghijklmnopqrstuvwxyzabcdefghijklmn",
  "\uFDFA\uFDFA\uFDFA",
  /* controls: tab, line feed, escape, delete, C1 */
  "a\tb",
  "a\n",
  "\033[31mred",
  "a\177",
  "a\302\205b",
  /* format: soft hyphen, zero width space and joiner, direction, isolates, byte order mark */
  "a\u00ADb",
  "a\u200Bb",
  "👩\u200D💻",
  "\u202Egnp.exe",
  "\u2066a\u2069",
  "\uFEFFa",
  "\U000E0041",
  /* line and paragraph separator */
  "a\u2028b",
  "a\u2029b",
  /* private use, unassigned, not a character */
  "\uE000",
  "\U000F0000",
  "\u0378",
  "\uFFFE",
  "\U0010FFFF",
  /* drawn as nothing */
  "\u3164",
  "\u2800",
  "a\u034Fb",
  /* nothing to stand on */
  "\u0301a",
  "\u00A8a",
  /* not UTF-8: stray byte, overlong, surrogate, cut off, above the end */
  "a\xFF",
  "\xC0\xAF",
  "\xED\xA0\x80",
  "caf\xC3",
  "\xF4\x90\x80\x80",
};

static void
test_accepted_texts_are_normalised (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (accepted); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *normal = sighej_interest_normalise (accepted[i].text, &error);
      g_autofree char *again = NULL;

      g_assert_no_error (error);
      g_assert_cmpstr (normal, ==, accepted[i].normal);
      again = sighej_interest_normalise (normal, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (again, ==, normal);
    }
}

static void
test_refused_texts_have_one_error (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *normal = sighej_interest_normalise (refused[i], &error);

      g_test_message ("text %" G_GSIZE_FORMAT, i);
      g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_INTEREST);
      g_assert_null (normal);
    }
}

static void
test_error_does_not_repeat_the_text (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (sighej_interest_normalise ("canary\nbird", &error));
  g_assert_null (strstr (error->message, "canary"));
}

/* Daemon and backend both normalise, one after the other. */
static void
test_every_character_is_stable (void)
{
  guint n_accepted = 0;

  for (gunichar c = 1; c <= UNICODE_MAX; c++)
    {
      char text[16] = "a";
      g_autofree char *normal = NULL;
      g_autofree char *again = NULL;

      if (!g_unichar_validate (c))
        continue;
      text[1 + g_unichar_to_utf8 (c, text + 1)] = '\0';
      normal = sighej_interest_normalise (text, NULL);
      if (normal == NULL)
        continue;
      again = sighej_interest_normalise (normal, NULL);
      if (g_strcmp0 (normal, again) != 0)
        g_error ("U+%04X is not stable", c);
      n_accepted++;
    }
  g_assert_cmpuint (n_accepted, >, 100000);
}

static void
test_list_merges_what_becomes_equal (void)
{
  const char *const texts[] = { "DevOps", "jazz", "devops ", "ＪＡＺＺ", "rust", NULL };
  const char *const expected[] = { "devops", "jazz", "rust", NULL };
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) list = sighej_interest_list_check (texts, &error);

  g_assert_no_error (error);
  g_assert_cmpstrv (list, expected);
}

static void
test_list_names_the_refused_one (void)
{
  const char *const texts[] = { "devops", "canary\n", NULL };
  g_autoptr (GError) error = NULL;

  g_assert_null (sighej_interest_list_check (texts, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_INTEREST);
  g_assert_true (g_str_has_prefix (error->message, "interest 2: "));
  g_assert_null (strstr (error->message, "canary"));
}

static void
test_list_holds_1_to_20 (void)
{
  const char *texts[SIGHEJ_INTERESTS_MAX + 2] = { NULL };
  g_autoptr (GError) empty = NULL;
  g_autoptr (GError) full = NULL;
  g_autoptr (GError) over = NULL;
  g_auto (GStrv) list = NULL;

  g_assert_null (sighej_interest_list_check (texts, &empty));
  g_assert_error (empty, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_INTEREST);

  for (guint i = 0; i < SIGHEJ_INTERESTS_MAX; i++)
    texts[i] = "jazz";
  list = sighej_interest_list_check (texts, &full);
  g_assert_no_error (full);
  g_assert_cmpuint (g_strv_length (list), ==, 1);

  /* the merge does not make room */
  texts[SIGHEJ_INTERESTS_MAX] = "jazz";
  g_assert_null (sighej_interest_list_check (texts, &over));
  g_assert_error (over, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_INTEREST);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/interest/accepted-texts-are-normalised", test_accepted_texts_are_normalised);
  g_test_add_func ("/interest/refused-texts-have-one-error", test_refused_texts_have_one_error);
  g_test_add_func ("/interest/error-does-not-repeat-the-text", test_error_does_not_repeat_the_text);
  g_test_add_func ("/interest/every-character-is-stable", test_every_character_is_stable);
  g_test_add_func ("/interest/list/merges-what-becomes-equal", test_list_merges_what_becomes_equal);
  g_test_add_func ("/interest/list/names-the-refused-one", test_list_names_the_refused_one);
  g_test_add_func ("/interest/list/holds-1-to-20", test_list_holds_1_to_20);

  return g_test_run ();
}
