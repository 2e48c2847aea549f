/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "sighej-error.h"
#include "sighej-problem-page.h"

static char *
dup_page (const char *type)
{
  g_autoptr (GBytes) page = sighej_problem_page_new (type);

  return page != NULL ? g_strndup (g_bytes_get_data (page, NULL), g_bytes_get_size (page)) : NULL;
}

static void
test_every_error_has_a_page (void)
{
  for (int code = 0; code < SIGHEJ_N_ERRORS; code++)
    {
      const SighejErrorInfo *info = sighej_error_get_info ((SighejError) code);
      g_autofree char *page = dup_page (info->problem);
      g_autofree char *status = g_strdup_printf ("HTTP status %u<", info->http_status);
      g_autofree char *title = g_markup_escape_text (info->title, -1);

      g_assert_nonnull (page);
      g_assert_nonnull (strstr (page, title));
      g_assert_nonnull (strstr (page, status));
    }
}

static void
test_every_page_is_whole (void)
{
  g_autoptr (GHashTable) types = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; sighej_problem_page_get_type_name (i) != NULL; i++)
    {
      const char *type = sighej_problem_page_get_type_name (i);
      g_autofree char *page = dup_page (type);

      g_assert_true (g_hash_table_add (types, (gpointer) type));
      g_assert_nonnull (page);
      g_assert_true (g_str_has_suffix (page, "</html>\n"));
      g_assert_nonnull (strstr (page, "What it means"));
      g_assert_nonnull (strstr (page, "What to do next"));
    }
  g_assert_cmpuint (g_hash_table_size (types), ==, SIGHEJ_N_ERRORS + 4);
}

static void
test_what_is_no_type_has_none (void)
{
  g_assert_null (sighej_problem_page_new (""));
  g_assert_null (sighej_problem_page_new ("nothing"));
  g_assert_null (sighej_problem_page_new ("internal/"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/problem-page/every-error-has-one", test_every_error_has_a_page);
  g_test_add_func ("/problem-page/every-one-is-whole", test_every_page_is_whole);
  g_test_add_func ("/problem-page/what-is-no-type-has-none", test_what_is_no_type_has_none);
  return g_test_run ();
}
