/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-test.h"
#include "sighej-text.h"

static const struct
{
  const char *clause;
  const char *capitalised;
  const char *sentence;
} texts[] = {
  { "the screen is locked", "The screen is locked", "The screen is locked." },
  { "åbn igen", "Åbn igen", "Åbn igen." },
  { "Bluetooth is off.", "Bluetooth is off.", "Bluetooth is off." },
  { "x", "X", "X." },
  { "", "", "." },
};

static void
test_capitalises (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *text = sighej_text_dup_capitalised (texts[i].clause);

      g_assert_cmpstr (text, ==, texts[i].capitalised);
    }
}

static void
test_ends_a_sentence (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *text = sighej_text_dup_sentence (texts[i].clause);

      g_assert_cmpstr (text, ==, texts[i].sentence);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/capitalises", test_capitalises);
  g_test_add_func ("/text/ends-a-sentence", test_ends_a_sentence);
  return g_test_run ();
}
