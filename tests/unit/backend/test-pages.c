/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "sighej-pages.h"
#include "sighej-test.h"

static void
test_chooses_the_wanted_language (void)
{
  static const char *const wishes[][2] = {
    { NULL, "en" },
    { "", "en" },
    { "da", "da" },
    { "DA-dk", "da" },
    { "dan", "en" },
    { "fr, da;q=0.1", "da" },
    { "da;q=0.5, en", "en" },
    { "en;q=0.5,da;q=0.6", "da" },
    { "da;q=0", "en" },
    { "da ; q=0.9 , en;q=0.8", "da" },
    { ",,;q=,", "en" },
    { "da;level=1", "da" },
    { "*", "en" },
    { "da;q=nan", "en" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (wishes); i++)
    g_assert_cmpstr (sighej_pages_choose_language (wishes[i][0]), ==, wishes[i][1]);
}

static void
test_built_in_pages_name_the_age (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SighejPages) pages = sighej_pages_new ("", "", 21, &error);
  const char *language;

  g_assert_no_error (error);
  for (int page = 0; page <= SIGHEJ_PAGE_TERMS; page++)
    {
      GBytes *body = sighej_pages_get (pages, (SighejPage) page, "da", &language);
      g_autofree char *text = g_strndup (g_bytes_get_data (body, NULL), g_bytes_get_size (body));

      g_assert_cmpstr (language, ==, "da");
      g_assert_nonnull (strstr (text, " 21 "));
      g_assert_null (strchr (text, '{'));
    }
}

static void
test_refuses_bad_files (void)
{
  g_autofree char *folder = sighej_test_dup_dir ();
  g_autofree char *path = g_build_filename (folder, "page.html", NULL);
  g_autofree char *large = g_strnfill (SIGHEJ_PAGE_BYTES_MAX + 1, 'x');
  g_autoptr (GError) error = NULL;

  g_assert_null (sighej_pages_new (path, "", 18, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG);
  g_clear_error (&error);

  g_file_set_contents (path, "\xff", 1, NULL);
  g_assert_null (sighej_pages_new ("", path, 18, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG);
  g_assert_nonnull (strstr (error->message, path));
  g_clear_error (&error);

  g_file_set_contents (path, large, -1, NULL);
  g_assert_null (sighej_pages_new ("", path, 18, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/pages/chooses-the-wanted-language", test_chooses_the_wanted_language);
  g_test_add_func ("/pages/built-in-pages-name-the-age", test_built_in_pages_name_the_age);
  g_test_add_func ("/pages/refuses-bad-files", test_refuses_bad_files);

  return g_test_run ();
}
