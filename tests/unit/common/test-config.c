/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include <glib/gstdio.h>

#include "sighej-config.h"
#include "sighej-test.h"

static gboolean
check_even (const char *value, GError **error)
{
  if (g_ascii_strtoll (value, NULL, 10) % 2 == 0)
    return TRUE;
  g_set_error_literal (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG, "must be even");
  return FALSE;
}

static const SighejConfigKey keys[] = {
  { "Net", "Uri", SIGHEJ_CONFIG_STRING, "SIGHEJ_TEST_URI", "", .help = "Where." },
  { "Net", "Origins", SIGHEJ_CONFIG_STRING_LIST, "SIGHEJ_TEST_ORIGINS", "", .help = "Who." },
  { "Net", "Port", SIGHEJ_CONFIG_INTEGER, NULL, "80", 1, 65535, .help = "Port." },
  { "Net", "Even", SIGHEJ_CONFIG_INTEGER, NULL, "2", 0, 100, "things", .check = check_even },
  { "Time", "Life", SIGHEJ_CONFIG_DURATION_SECONDS, "SIGHEJ_TEST_LIFE", "2h", 300, 7200 },
  { "Time", "Quick", SIGHEJ_CONFIG_BOOLEAN, NULL, "no" },
  { "Time", "Policy", SIGHEJ_CONFIG_ENUM, NULL, "mutual", .choices = "mutual|one_sided" },
  { NULL },
};

typedef struct
{
  SighejConfig *config;
  char *dir;
  char *path;
} Fixture;

static void
set_up (Fixture *self, gconstpointer unused)
{
  self->config = sighej_config_new (keys);
  self->dir = sighej_test_dup_dir ();
  self->path = g_build_filename (self->dir, "test.conf", NULL);
}

static void
tear_down (Fixture *self, gconstpointer unused)
{
  sighej_test_assert_finalized (g_steal_pointer (&self->config));
  g_free (self->path);
  g_free (self->dir);
}

static void
write_file (const char *path, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

static void
add_good (Fixture *self, const char *text)
{
  g_autoptr (GError) error = NULL;

  write_file (self->path, text);
  sighej_config_add_file (self->config, self->path, &error);
  g_assert_no_error (error);
}

/* Expects "<path><rest>". */
static void
add_bad (Fixture *self, const char *text, const char *rest)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *expected = g_strconcat (self->path, rest, NULL);

  write_file (self->path, text);
  g_assert_false (sighej_config_add_file (self->config, self->path, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG);
  g_assert_cmpstr (error->message, ==, expected);
}

static void
test_defaults (Fixture *self, gconstpointer unused)
{
  g_assert_cmpstr (sighej_config_get_string (self->config, "Net", "Uri"), ==, "");
  g_assert_cmpint (sighej_config_get_integer (self->config, "Net", "Port"), ==, 80);
  g_assert_cmpuint (sighej_config_get_duration_s (self->config, "Time", "Life"), ==, 7200);
  g_assert_false (sighej_config_get_boolean (self->config, "Time", "Quick"));
  g_assert_cmpstr (sighej_config_get_origin (self->config, "Net", "Port"), ==, "default");
  g_assert_null (sighej_config_get_string_list (self->config, "Net", "Origins")[0]);
  g_assert_null (sighej_config_get_warnings (self->config)[0]);
}

static void
test_reads_every_type (Fixture *self, gconstpointer unused)
{
  static const char *const origins[] = { "https://a.example", "https://b.example", "c", NULL };
  g_autofree char *origin = g_strconcat (self->path, ":4", NULL);

  add_good (self,
            "# a comment\n"
            "[Net]\n"
            "Uri = https://sighej.example/x=y \n"
            "Port=8080\n"
            "Origins=https://a.example; https://b.example,,c;\n"
            "\n"
            "[Time]\n"
            "Quick=yes\n"
            "Life=1h30min\n"
            "Policy=one_sided\n");
  g_assert_cmpstr (
      sighej_config_get_string (self->config, "Net", "Uri"), ==, "https://sighej.example/x=y");
  g_assert_cmpint (sighej_config_get_integer (self->config, "Net", "Port"), ==, 8080);
  g_assert_cmpstr (sighej_config_get_origin (self->config, "Net", "Port"), ==, origin);
  g_assert_cmpstrv (sighej_config_get_string_list (self->config, "Net", "Origins"), origins);
  g_assert_true (sighej_config_get_boolean (self->config, "Time", "Quick"));
  g_assert_cmpuint (sighej_config_get_duration_s (self->config, "Time", "Life"), ==, 5400);
  g_assert_cmpstr (sighej_config_get_string (self->config, "Time", "Policy"), ==, "one_sided");
}

static void
test_absent_files_are_fine (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (sighej_config_add_file (self->config, "/nonexistent/x.conf", &error));
  g_assert_no_error (error);
  g_assert_true (sighej_config_add_drop_ins (self->config, "/nonexistent/x.d", &error));
  g_assert_no_error (error);
  add_good (self, "");
  g_assert_false (sighej_config_add_file (self->config, self->dir, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG);
}

static void
test_bad_values_say_where_and_what (Fixture *self, gconstpointer unused)
{
  add_bad (self, "[Net]\nPort=0\n", ":2: Port in [Net] must be a whole number from 1 to 65535");
  add_bad (self, "[Net]\nPort=80x\n", ":2: Port in [Net] must be a whole number from 1 to 65535");
  add_bad (self, "[Net]\nPort=\n", ":2: Port in [Net] must be a whole number from 1 to 65535");
  add_bad (
      self, "[Net]\nPort=8\nPort=-1\n", ":3: Port in [Net] must be a whole number from 1 to 65535");
  add_bad (
      self, "[Net]\n\nEven=101\n", ":3: Even in [Net] must be a whole number from 0 to 100 things");
  add_bad (self, "[Net]\n\n#\nEven=3\n", ":4: Even in [Net] must be even");
  add_bad (
      self, "[Time]\nQuick=maybe\n", ":2: Quick in [Time] must be true, false, yes, no, 1 or 0");
  add_bad (self, "[Time]\nPolicy=both\n", ":2: Policy in [Time] must be one of mutual, one_sided");
  add_bad (self,
           "[Time]\nLife=2d\n",
           ":2: Life in [Time] must be a time from 300 to 7200 seconds, such as 90s, 30min or 2h");
  add_bad (self,
           "[Time]\nLife=299\n",
           ":2: Life in [Time] must be a time from 300 to 7200 seconds, such as 90s, 30min or 2h");
  add_bad (self, "[Net]\nUri=a\\nb\n", ":2: Uri in [Net] must be printable UTF-8 text");
  add_bad (self,
           "[Net]\nUri=a\\qb\n",
           ":2: Uri in [Net] must be UTF-8 text with no escapes but \\s \\n \\t \\r \\\\");
  add_bad (self,
           "[Net]\nUri=\xff\n",
           ":2: Uri in [Net] must be UTF-8 text with no escapes but \\s \\n \\t \\r \\\\");
  g_assert_cmpint (sighej_config_get_integer (self->config, "Net", "Even"), ==, 2);
}

static void
test_bad_lines_say_where (Fixture *self, gconstpointer unused)
{
  static const char sentence[] = "must be a [Group], a Key=value in a group, or a # comment";
  g_autofree char *first = g_strconcat (":1: ", sentence, NULL);
  g_autofree char *third = g_strconcat (":3: ", sentence, NULL);

  add_bad (self, "Port=80\n", first);
  add_bad (self, "[Net]\nPort=80\nhello\n", third);
  add_bad (self, "[Net\n", first);
}

static void
test_large_or_binary_files_are_refused (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *large = g_strnfill (64 * 1024 + 1, '#');

  add_bad (self, large, ": larger than 64 KiB");
  g_assert_true (g_file_set_contents (self->path, "[Net]\0", 6, NULL));
  g_assert_false (sighej_config_add_file (self->config, self->path, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG);
}

static void
test_unknown_keys_warn_with_their_line (Fixture *self, gconstpointer unused)
{
  g_autofree char *key_warning
      = g_strconcat (self->path, ":3: unknown key Prot in [Net] is ignored", NULL);
  g_autofree char *group_warning
      = g_strconcat (self->path, ":5: unknown group [Nett] is ignored", NULL);
  const char *const expected[] = { key_warning, group_warning, NULL };

  add_good (self, "[Net]\nPort=81\nProt=82\n\n[Nett]\nPort=83\n");
  g_assert_cmpstrv (sighej_config_get_warnings (self->config), expected);
  g_assert_cmpint (sighej_config_get_integer (self->config, "Net", "Port"), ==, 81);
}

static void
test_later_layers_win (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *drop_ins = g_build_filename (self->dir, "test.conf.d", NULL);
  g_autofree char *ten = g_build_filename (drop_ins, "10-a.conf", NULL);
  g_autofree char *nine = g_build_filename (drop_ins, "09-b.conf", NULL);
  g_autofree char *other = g_build_filename (drop_ins, "99-c.conf.bak", NULL);

  g_assert_cmpint (g_mkdir (drop_ins, 0700), ==, 0);
  write_file (ten, "[Net]\nPort=10\n");
  write_file (nine, "[Net]\nPort=9\nEven=8\n");
  write_file (other, "[Net]\nPort=99\n");
  add_good (self, "[Net]\nPort=1\nEven=4\nUri=file\n");
  sighej_config_add_drop_ins (self->config, drop_ins, &error);
  g_assert_no_error (error);
  g_assert_cmpint (sighej_config_get_integer (self->config, "Net", "Port"), ==, 10);
  g_assert_cmpint (sighej_config_get_integer (self->config, "Net", "Even"), ==, 8);

  g_setenv ("SIGHEJ_TEST_URI", "environment", TRUE);
  g_setenv ("SIGHEJ_TEST_LIFE", "", TRUE);
  sighej_config_add_environment (self->config, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (sighej_config_get_string (self->config, "Net", "Uri"), ==, "environment");
  g_assert_cmpstr (sighej_config_get_origin (self->config, "Net", "Uri"), ==, "environment");
  g_assert_cmpstr (sighej_config_get_origin (self->config, "Time", "Life"), ==, "default");

  sighej_config_set (self->config, "Net", "Port", "7", "--port", &error);
  g_assert_no_error (error);
  g_assert_cmpint (sighej_config_get_integer (self->config, "Net", "Port"), ==, 7);
  g_assert_cmpstr (sighej_config_get_origin (self->config, "Net", "Port"), ==, "--port");
  g_unsetenv ("SIGHEJ_TEST_URI");
  g_unsetenv ("SIGHEJ_TEST_LIFE");
}

static void
test_other_layers_are_checked_too (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  g_setenv ("SIGHEJ_TEST_LIFE", "soon", TRUE);
  g_assert_false (sighej_config_add_environment (self->config, &error));
  g_assert_cmpstr (error->message,
                   ==,
                   "environment variable SIGHEJ_TEST_LIFE: Life in [Time] must be a time from "
                   "300 to 7200 seconds, such as 90s, 30min or 2h");
  g_unsetenv ("SIGHEJ_TEST_LIFE");
  g_clear_error (&error);

  g_assert_false (sighej_config_set (self->config, "Net", "Port", "x", "--port", &error));
  g_assert_cmpstr (
      error->message, ==, "--port: Port in [Net] must be a whole number from 1 to 65535");
  g_clear_error (&error);
  g_assert_false (sighej_config_set (self->config, "Net", "Prt", "1", "--port", &error));
  g_assert_cmpstr (error->message, ==, "--port: there is no key Prt in [Net]");
}

static void
test_text_shows_values_and_origins (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  sighej_config_set (self->config, "Net", "Port", "7", "--port", &error);
  g_assert_no_error (error);
  text = sighej_config_to_text (self->config);
  g_assert_cmpstr (text,
                   ==,
                   "[Net]\n"
                   "Uri=           # default\n"
                   "Origins=       # default\n"
                   "Port=7         # --port\n"
                   "Even=2         # default\n"
                   "\n"
                   "[Time]\n"
                   "Life=2h        # default\n"
                   "Quick=no       # default\n"
                   "Policy=mutual  # default\n");
}

static void
test_durations (void)
{
  static const struct
  {
    const char *text;
    guint seconds;
  } good[] = {
    { "0", 0 },           { "90", 90 },
    { "90s", 90 },        { "30min", 1800 },
    { "2h", 7200 },       { "1h30min", 5400 },
    { "1h1min1s", 3661 }, { "1h5s", 3605 },
    { "007", 7 },         { "999999999", 999999999 },
  };
  static const char *const bad[] = {
    "",    " ",  "h",    "2 h",        "2H",  "-1",  "+1", "1.5h", "2hh",        "30min1h",
    "1h2", "2d", "1s1s", "9999999999", "1h ", " 1h", "2m", "0x10", "999999999h",
  };
  guint seconds;

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_assert_true (sighej_duration_parse (good[i].text, &seconds, NULL));
      g_assert_cmpuint (seconds, ==, good[i].seconds);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (sighej_duration_parse (bad[i], &seconds, &error));
      g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_DURATION);
    }
}

static void
test_quiet_hours (void)
{
  static const char *const bad[] = {
    "",
    "22:00",
    "22:00-8:00",
    "24:00-08:00",
    "22:60-08:00",
    "22:00_08:00",
    "22.00-08:00",
    "22:00-22:00",
    "22:00-08:00 ",
    "aa:00-08:00",
  };
  guint from;
  guint to;

  g_assert_true (sighej_quiet_hours_parse ("22:00-08:05", &from, &to, NULL));
  g_assert_cmpuint (from, ==, 1320);
  g_assert_cmpuint (to, ==, 485);
  g_assert_true (sighej_quiet_hours_parse ("00:00-23:59", &from, &to, NULL));
  g_assert_cmpuint (to, ==, 1439);

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (sighej_quiet_hours_parse (bad[i], &from, &to, &error));
      g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG);
    }
}

static gboolean
is_net (const SighejConfigKey *key)
{
  return strcmp (key->group, "Net") == 0;
}

static void
count (guint *n)
{
  ++*n;
}

static void
test_read_anew_it_takes_the_place_of_the_old (Fixture *self, gconstpointer unused)
{
  g_autoptr (SighejConfig) fresh = sighej_config_new (keys);
  g_autofree char *second = g_strconcat (self->path, ".2", NULL);
  g_autofree char *kept = NULL;
  g_autofree char *origin = NULL;
  g_autofree char *text = NULL;
  guint n_changed = 0;

  g_signal_connect_swapped (self->config, "changed", G_CALLBACK (count), &n_changed);
  add_good (self, "[Net]\nPort=81\nEven=4\nOrigins=a;b\n[Time]\nLife=1h\nOld=1\n");
  write_file (second, "[Net]\nPort=82\nEven=4\nOrigins=c\n[Time]\nQuick=yes\nNew=1\n");
  g_assert_true (sighej_config_add_file (fresh, second, NULL));

  kept = sighej_config_keep (fresh, self->config, is_net);
  g_assert_cmpstr (kept, ==, "Origins, Port");
  g_assert_cmpuint (n_changed, ==, 0);
  sighej_config_replace (self->config, fresh);
  g_assert_cmpuint (n_changed, ==, 1);

  g_assert_cmpint (sighej_config_get_integer (self->config, "Net", "Port"), ==, 81);
  origin = g_strconcat (self->path, ":2", NULL);
  g_assert_cmpstr (sighej_config_get_origin (self->config, "Net", "Port"), ==, origin);
  g_assert_cmpstr (sighej_config_get_string_list (self->config, "Net", "Origins")[1], ==, "b");
  g_assert_cmpuint (sighej_config_get_duration_s (self->config, "Time", "Life"), ==, 7200);
  g_assert_true (sighej_config_get_boolean (self->config, "Time", "Quick"));
  g_assert_nonnull (strstr (sighej_config_get_warnings (self->config)[0], "unknown key New"));

  /* What was held until now is the other's. */
  g_assert_cmpuint (sighej_config_get_duration_s (fresh, "Time", "Life"), ==, 3600);
  g_assert_nonnull (strstr (sighej_config_get_warnings (fresh)[0], "unknown key Old"));
  text = sighej_config_keep (self->config, self->config, is_net);
  g_assert_null (text);
}

static void
add (const char *path, void (*test) (Fixture *self, gconstpointer unused))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/config/defaults", test_defaults);
  add ("/config/reads-every-type", test_reads_every_type);
  add ("/config/absent-files-are-fine", test_absent_files_are_fine);
  add ("/config/bad-values-say-where-and-what", test_bad_values_say_where_and_what);
  add ("/config/bad-lines-say-where", test_bad_lines_say_where);
  add ("/config/large-or-binary-files-are-refused", test_large_or_binary_files_are_refused);
  add ("/config/unknown-keys-warn-with-their-line", test_unknown_keys_warn_with_their_line);
  add ("/config/later-layers-win", test_later_layers_win);
  add ("/config/other-layers-are-checked-too", test_other_layers_are_checked_too);
  add ("/config/text-shows-values-and-origins", test_text_shows_values_and_origins);
  add ("/config/read-anew-it-takes-the-place-of-the-old",
       test_read_anew_it_takes_the_place_of_the_old);
  g_test_add_func ("/config/durations", test_durations);
  g_test_add_func ("/config/quiet-hours", test_quiet_hours);
  return g_test_run ();
}
