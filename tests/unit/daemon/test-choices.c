/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-choices.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "sighej-state-file.h"
#include "sighej-test.h"

static char *last_warning;

/* Takes the place of the log: a warning no test asks for is an error. */
static GLogWriterOutput
keep_warning (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  if ((level & G_LOG_LEVEL_WARNING) == 0)
    return g_log_writer_default (level, fields, n_fields, data);

  g_free (last_warning);
  last_warning = g_log_writer_format_fields (level, fields, n_fields, FALSE);
  return G_LOG_WRITER_HANDLED;
}

static void
assert_warning (const char *part)
{
  g_assert_nonnull (last_warning);
  g_assert_nonnull (strstr (last_warning, part));
  g_clear_pointer (&last_warning, g_free);
}

typedef struct
{
  char *folder;
  char *choices_path;
  char *interests_path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *dir = sighej_test_dup_dir ();

  fixture->folder = g_build_filename (dir, "state", "sighej", NULL);
  fixture->choices_path = g_build_filename (fixture->folder, "choices", NULL);
  fixture->interests_path = g_build_filename (fixture->folder, "interests", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_null (last_warning);
  g_free (fixture->folder);
  g_free (fixture->choices_path);
  g_free (fixture->interests_path);
}

static void
write_file (Fixture *fixture, const char *path, const char *text, gssize n_bytes)
{
  g_assert_cmpint (g_mkdir_with_parents (fixture->folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, n_bytes, NULL));
}

static void
assert_private (const char *path, mode_t mode)
{
  GStatBuf info;

  g_assert_cmpint (g_stat (path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, mode);
}

static void
test_empty_at_first (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SighejChoices) choices = sighej_choices_new (fixture->folder);

  for (guint i = 0; i < SIGHEJ_N_CHOICES; i++)
    g_assert_null (sighej_choices_get (choices, (SighejChoice) i));
  g_assert_null (sighej_choices_get_interests (choices)[0]);
  g_assert_false (g_file_test (fixture->folder, G_FILE_TEST_EXISTS));
}

static void
test_choices_are_kept (Fixture *fixture, gconstpointer data)
{
  static const char *const values[] = {
    [SIGHEJ_CHOICE_BACKEND_URI] = "https://sighej.example/a;b",
    [SIGHEJ_CHOICE_ADAPTER] = "/org/bluez/hci1",
    [SIGHEJ_CHOICE_LANGUAGE] = "da",
    [SIGHEJ_CHOICE_QUIET_HOURS] = "22:00-08:00;12:00-13:00",
    [SIGHEJ_CHOICE_NOTICE_ACCEPTED] = "true",
    [SIGHEJ_CHOICE_PAUSE_ON_LOCK] = "false",
    [SIGHEJ_CHOICE_NOTIFY_NEARBY] = "true",
  };
  g_autoptr (SighejChoices) choices = sighej_choices_new (fixture->folder);
  g_autoptr (SighejChoices) again = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < SIGHEJ_N_CHOICES; i++)
    {
      g_assert_true (sighej_choices_set (choices, (SighejChoice) i, values[i], &error));
      g_assert_no_error (error);
    }

  again = sighej_choices_new (fixture->folder);
  for (guint i = 0; i < SIGHEJ_N_CHOICES; i++)
    g_assert_cmpstr (sighej_choices_get (again, (SighejChoice) i), ==, values[i]);
  assert_private (fixture->choices_path, 0600);
  assert_private (fixture->folder, 0700);
}

static void
test_chosen_nothing_is_a_choice (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SighejChoices) choices = sighej_choices_new (fixture->folder);
  g_autoptr (SighejChoices) again = NULL;

  g_assert_true (sighej_choices_set (choices, SIGHEJ_CHOICE_QUIET_HOURS, "", NULL));
  again = sighej_choices_new (fixture->folder);
  g_assert_cmpstr (sighej_choices_get (again, SIGHEJ_CHOICE_QUIET_HOURS), ==, "");
  g_assert_null (sighej_choices_get (again, SIGHEJ_CHOICE_BACKEND_URI));
}

static void
test_interests_are_kept_as_written (Fixture *fixture, gconstpointer data)
{
  static const char *const written[] = { " Brætspil ", "DevOps", "#linux", "devops", NULL };
  static const char *const kept[] = { "Brætspil", "DevOps", "#linux", NULL };
  g_autoptr (SighejChoices) choices = sighej_choices_new (fixture->folder);
  g_autoptr (SighejChoices) again = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (sighej_choices_set_interests (choices, written, &error));
  g_assert_no_error (error);
  g_assert_cmpstrv (sighej_choices_get_interests (choices), kept);

  again = sighej_choices_new (fixture->folder);
  g_assert_cmpstrv (sighej_choices_get_interests (again), kept);
  assert_private (fixture->interests_path, 0600);
}

static void
test_bad_interests_change_nothing (Fixture *fixture, gconstpointer data)
{
  static const char *const good[] = { "jazz", NULL };
  static const char *const none[] = { NULL };
  static const char *const empty[] = { "jazz", "", NULL };
  static const char *const two_lines[] = { "jazz\nfunk", NULL };
  static const char *const too_long[] = { "0123456789012345678901234567890123456789x", NULL };
  static const char *const *const bad[] = { none, empty, two_lines, too_long };
  g_autoptr (SighejChoices) choices = sighej_choices_new (fixture->folder);

  g_assert_true (sighej_choices_set_interests (choices, good, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (sighej_choices_set_interests (choices, bad[i], &error));
      g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_INTEREST);
    }
  g_assert_cmpstrv (sighej_choices_get_interests (choices), good);
}

static void
assert_put_aside (Fixture *fixture, const char *path, const char *text, gssize n_bytes)
{
  g_autofree char *aside = g_strconcat (path, ".bad", NULL);
  g_autofree char *kept = NULL;
  g_autoptr (SighejChoices) choices = NULL;
  gsize n_kept;

  write_file (fixture, path, text, n_bytes);
  choices = sighej_choices_new (fixture->folder);
  assert_warning ("cannot be understood");
  g_assert_null (sighej_choices_get (choices, SIGHEJ_CHOICE_LANGUAGE));
  g_assert_null (sighej_choices_get_interests (choices)[0]);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_get_contents (aside, &kept, &n_kept, NULL));
  g_assert_cmpmem (kept, n_kept, text, n_bytes);
}

static void
test_bad_files_are_put_aside (Fixture *fixture, gconstpointer data)
{
  static const char broken_key_file[] = "[Choices]\nLanguage=da\nno equals sign\n";
  static const char with_nul[] = "[Choices]\nLanguage=da\n\0";
  static const char bad_interests[] = "jazz\n\nfunk\n";
  g_autofree char *huge = g_strnfill (SIGHEJ_STATE_FILE_BYTES_MAX + 1, 'x');

  assert_put_aside (fixture, fixture->choices_path, broken_key_file, sizeof broken_key_file - 1);
  assert_put_aside (fixture, fixture->choices_path, with_nul, sizeof with_nul - 1);
  assert_put_aside (fixture, fixture->interests_path, bad_interests, sizeof bad_interests - 1);
  assert_put_aside (fixture, fixture->interests_path, "\xff\n", 2);
  assert_put_aside (fixture, fixture->interests_path, huge, SIGHEJ_STATE_FILE_BYTES_MAX + 1);
}

static void
test_full_disk_changes_nothing (Fixture *fixture, gconstpointer data)
{
  static const char *const interests[] = { "jazz", NULL };
  g_autofree char *parent = g_path_get_dirname (fixture->folder);
  g_autoptr (SighejChoices) choices = sighej_choices_new (fixture->folder);
  g_autoptr (GError) error = NULL;

  /* A file where the folder should be stands for a disk that takes nothing. */
  g_assert_true (g_file_set_contents (parent, "", 0, NULL));
  g_assert_false (sighej_choices_set (choices, SIGHEJ_CHOICE_LANGUAGE, "da", &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_false (sighej_choices_set_interests (choices, interests, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_FAILED);
  g_assert_null (sighej_choices_get (choices, SIGHEJ_CHOICE_LANGUAGE));
  g_assert_null (sighej_choices_get_interests (choices)[0]);
}

static void
test_forgets_all_and_what_lies_beside (Fixture *fixture, gconstpointer data)
{
  static const char *const interests[] = { "jazz", NULL };
  static const char *const beside[] = { "choices.bad", "interests.A1B2C3", "choices.bad.bad" };
  g_autoptr (SighejChoices) choices = sighej_choices_new (fixture->folder);
  g_autofree char *stranger = g_build_filename (fixture->folder, "choicest", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (sighej_choices_forget (choices, NULL)); /* there is no folder yet */
  g_assert_true (sighej_choices_set (choices, SIGHEJ_CHOICE_LANGUAGE, "da", NULL));
  g_assert_true (sighej_choices_set_interests (choices, interests, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (beside); i++)
    {
      g_autofree char *path = g_build_filename (fixture->folder, beside[i], NULL);

      g_assert_true (g_file_set_contents (path, "x", 1, NULL));
    }
  g_assert_true (g_file_set_contents (stranger, "x", 1, NULL));

  g_assert_true (sighej_choices_forget (choices, &error));
  g_assert_no_error (error);
  g_assert_null (sighej_choices_get (choices, SIGHEJ_CHOICE_LANGUAGE));
  g_assert_null (sighej_choices_get_interests (choices)[0]);
  g_assert_cmpint (g_unlink (stranger), ==, 0);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0); /* nothing else is in it */
}

static void
test_what_cannot_be_deleted_is_told (Fixture *fixture, gconstpointer data)
{
  static const char *const interests[] = { "jazz", NULL };
  g_autoptr (SighejChoices) choices = sighej_choices_new (fixture->folder);
  g_autofree char *folder = g_strconcat (fixture->choices_path, ".bad", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (sighej_choices_set (choices, SIGHEJ_CHOICE_LANGUAGE, "da", NULL));
  g_assert_true (sighej_choices_set_interests (choices, interests, NULL));
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);

  g_assert_false (sighej_choices_forget (choices, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, folder));
  g_assert_null (sighej_choices_get_interests (choices)[0]);
  g_assert_false (g_file_test (fixture->choices_path, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (fixture->interests_path, G_FILE_TEST_EXISTS));
}

static void
test_folder_of_the_service_manager_goes_first (void)
{
  g_autofree char *own = NULL;
  g_autofree char *given = NULL;

  own = sighej_choices_dup_folder ();
  g_assert_true (g_str_has_prefix (own, g_get_user_state_dir ()));
  g_assert_true (g_str_has_suffix (own, "/sighej"));

  g_setenv ("STATE_DIRECTORY", "/var/lib/sighej:/var/lib/other", TRUE);
  given = sighej_choices_dup_folder ();
  g_unsetenv ("STATE_DIRECTORY");
  g_assert_cmpstr (given, ==, "/var/lib/sighej");
}

#define ADD(path, function)                                                                        \
  g_test_add ("/choices/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_autofree char *home = sighej_test_dup_dir ();

  g_unsetenv ("STATE_DIRECTORY");
  g_setenv ("XDG_STATE_HOME", home, TRUE);
  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (keep_warning, NULL, NULL);

  ADD ("empty-at-first", test_empty_at_first);
  ADD ("choices-are-kept", test_choices_are_kept);
  ADD ("chosen-nothing-is-a-choice", test_chosen_nothing_is_a_choice);
  ADD ("interests-are-kept-as-written", test_interests_are_kept_as_written);
  ADD ("bad-interests-change-nothing", test_bad_interests_change_nothing);
  ADD ("bad-files-are-put-aside", test_bad_files_are_put_aside);
  ADD ("full-disk-changes-nothing", test_full_disk_changes_nothing);
  ADD ("forgets-all-and-what-lies-beside", test_forgets_all_and_what_lies_beside);
  ADD ("what-cannot-be-deleted-is-told", test_what_cannot_be_deleted_is_told);
  g_test_add_func ("/choices/folder-of-the-service-manager-goes-first",
                   test_folder_of_the_service_manager_goes_first);

  return g_test_run ();
}
