/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-time-range.h"

#include "sighej-config.h"
#include "sighej-test.h"

static void
test_as_people_write_them (void)
{
  static const struct
  {
    const char *typed;
    const char *range;
  } cases[] = {
    { "22:00-08:00", "22:00-08:00" },      { "22-8", "22:00-08:00" },
    { " 22.30 – 8 ", "22:30-08:00" },      { "0—23:59", "00:00-23:59" },
    { "7:05\xc2\xa0-\t9", "07:05-09:00" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *range = sighej_time_range_parse (cases[i].typed);
      guint from;
      guint to;

      g_assert_cmpstr (range, ==, cases[i].range);
      g_assert_true (sighej_quiet_hours_parse (range, &from, &to, NULL));
    }
}

static void
test_what_is_no_range (void)
{
  static const char *const typed[] = {
    "",      "22",     "22-",     "-8",    "22:0-8",   "24-8",  "22:60-8", "8-8",    "8:00-8",
    "222-8", "22-8-9", "22 00-8", "22:-8", "22:000-8", "ten-8", "22-8 pm", "\xff-8",
  };

  for (guint i = 0; i < G_N_ELEMENTS (typed); i++)
    g_assert_null (sighej_time_range_parse (typed[i]));
}

static void
test_as_they_are_read (void)
{
  g_autofree char *text = sighej_time_range_dup_text ("22:00-08:00");
  g_autofree char *again = sighej_time_range_parse (text);
  g_autofree char *other = sighej_time_range_dup_text ("late");

  g_assert_cmpstr (text, ==, "22:00–08:00");
  g_assert_cmpstr (again, ==, "22:00-08:00");
  g_assert_cmpstr (other, ==, "late");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/time-range/as-people-write-them", test_as_people_write_them);
  g_test_add_func ("/time-range/what-is-no-range", test_what_is_no_range);
  g_test_add_func ("/time-range/as-they-are-read", test_as_they_are_read);

  return g_test_run ();
}
