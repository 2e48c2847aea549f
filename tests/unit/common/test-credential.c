/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gstdio.h>

#include "sighej-credential.h"
#include "sighej-names.h"

typedef struct
{
  char *folder;
  char *file;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
  fixture->folder = g_dir_make_tmp ("sighej-credential-XXXXXX", NULL);
  fixture->file = g_build_filename (fixture->folder, "interest-key", NULL);
  g_setenv (SIGHEJ_ENV_CREDENTIALS_DIRECTORY, fixture->folder, TRUE);
}

static void
tear_down (Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
  g_unsetenv (SIGHEJ_ENV_CREDENTIALS_DIRECTORY);
  g_remove (fixture->file);
  g_remove (fixture->folder);
  g_free (fixture->file);
  g_free (fixture->folder);
}

static void
write_file (Fixture *fixture, const char *text)
{
  g_assert_true (g_file_set_contents (fixture->file, text, -1, NULL));
}

static void
assert_none (void)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (sighej_credential_find ("interest-key", &path, &error));
  g_assert_no_error (error);
  g_assert_null (path);
}

static void
assert_refused (const char *why)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (sighej_credential_find ("interest-key", &path, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG);
  g_assert_null (path);
  g_assert_nonnull (strstr (error->message, "credential interest-key"));
  g_assert_nonnull (strstr (error->message, why));
}

static void
test_found (Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  write_file (fixture, "0123456789");
  g_assert_true (sighej_credential_find ("interest-key", &path, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (path, ==, fixture->file);
}

static void
test_not_given (Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
  assert_none ();
  write_file (fixture, "");
  assert_none ();
  write_file (fixture, "\n");
  assert_none ();
  write_file (fixture, "0123456789");
  g_setenv (SIGHEJ_ENV_CREDENTIALS_DIRECTORY, "", TRUE);
  assert_none ();
  g_unsetenv (SIGHEJ_ENV_CREDENTIALS_DIRECTORY);
  assert_none ();
}

static void
test_out_of_reach (Fixture *fixture, gconstpointer unused G_GNUC_UNUSED)
{
  g_autofree char *gone = g_build_filename (fixture->folder, "gone", NULL);

  g_assert_no_errno (g_mkdir (fixture->file, 0700));
  assert_refused ("it is not a file");
  g_setenv (SIGHEJ_ENV_CREDENTIALS_DIRECTORY, gone, TRUE);
  assert_refused ("No such file or directory");
  g_setenv (SIGHEJ_ENV_CREDENTIALS_DIRECTORY, "/proc/self/exe", TRUE);
  assert_refused ("Not a directory");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/credential/found", Fixture, NULL, set_up, test_found, tear_down);
  g_test_add ("/credential/not-given", Fixture, NULL, set_up, test_not_given, tear_down);
  g_test_add ("/credential/out-of-reach", Fixture, NULL, set_up, test_out_of_reach, tear_down);
  return g_test_run ();
}
