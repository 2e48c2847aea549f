/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighejctl-suggest.h"

static const char *const known[] = { "status", "open", "close", "is-open", "interests", NULL };

static void
test_slips_are_understood (void)
{
  g_assert_cmpstr (sighejctl_suggest ("stauts", known), ==, "status");
  g_assert_cmpstr (sighejctl_suggest ("opne", known), ==, "open");
  g_assert_cmpstr (sighejctl_suggest ("closed", known), ==, "close");
  g_assert_cmpstr (sighejctl_suggest ("isopen", known), ==, "is-open");
}

static void
test_beginnings_are_understood (void)
{
  g_assert_cmpstr (sighejctl_suggest ("int", known), ==, "interests");
  g_assert_cmpstr (sighejctl_suggest ("s", known), ==, "status");
}

static void
test_other_words_are_left_alone (void)
{
  g_autofree char *endless = g_strnfill (1000, 'x');

  g_assert_null (sighejctl_suggest ("frobnicate", known));
  g_assert_null (sighejctl_suggest ("", known));
  g_assert_null (sighejctl_suggest (endless, known));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/suggest/slips-are-understood", test_slips_are_understood);
  g_test_add_func ("/suggest/beginnings-are-understood", test_beginnings_are_understood);
  g_test_add_func ("/suggest/other-words-are-left-alone", test_other_words_are_left_alone);
  return g_test_run ();
}
