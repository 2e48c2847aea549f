/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-autostart.h"

#include <glib/gstdio.h>

#include "sighej-test.h"

static char *path;

static void
write_lines (const char *lines)
{
  g_autofree char *text = g_strconcat ("[Desktop Entry]\nType=Application\n", lines, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
test_on_and_off (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GKeyFile) entry = g_key_file_new ();
  g_autofree char *exec = NULL;

  g_assert_false (sighej_autostart_get ());
  g_assert_true (sighej_autostart_set (FALSE, "sighej", &error));
  g_assert_true (sighej_autostart_set (TRUE, "sighej", &error));
  g_assert_no_error (error);
  g_assert_true (sighej_autostart_get ());

  g_assert_true (g_key_file_load_from_file (entry, path, G_KEY_FILE_NONE, &error));
  exec = g_key_file_get_string (entry, "Desktop Entry", "Exec", &error);
  g_assert_cmpstr (exec, ==, "sighej");

  g_assert_true (sighej_autostart_set (FALSE, "sighej", &error));
  g_assert_no_error (error);
  g_assert_false (sighej_autostart_get ());
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

static void
test_entry_that_is_switched_off_counts_as_none (void)
{
  g_assert_true (sighej_autostart_set (TRUE, "sighej", NULL));
  write_lines ("Hidden=true\n");
  g_assert_false (sighej_autostart_get ());
  write_lines ("X-GNOME-Autostart-enabled=false\n");
  g_assert_false (sighej_autostart_get ());
  write_lines ("X-GNOME-Autostart-enabled=true\n");
  g_assert_true (sighej_autostart_get ());
  g_assert_true (sighej_autostart_set (FALSE, "sighej", NULL));
}

static void
test_says_what_cannot_be_written (void)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_assert_true (g_file_set_contents (folder, "a file", -1, NULL));
  g_assert_false (sighej_autostart_set (TRUE, "sighej", &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOTDIR);
  g_clear_error (&error);
  g_assert_false (sighej_autostart_set (FALSE, "sighej", &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOTDIR);
  g_assert_cmpint (g_unlink (folder), ==, 0);
}

int
main (int argc, char **argv)
{
  g_autofree char *config = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  config = sighej_test_dup_dir ();
  g_setenv ("XDG_CONFIG_HOME", config, TRUE);
  path = g_build_filename (config, "autostart", "org.sighej.SigHej.desktop", NULL);

  g_test_add_func ("/autostart/on-and-off", test_on_and_off);
  g_test_add_func ("/autostart/entry-that-is-switched-off-counts-as-none",
                   test_entry_that_is_switched_off_counts_as_none);
  g_test_add_func ("/autostart/says-what-cannot-be-written", test_says_what_cannot_be_written);

  status = g_test_run ();
  g_free (path);
  return status;
}
