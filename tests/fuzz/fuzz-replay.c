/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib.h>

#include "fuzz.h"

/* Runs a target over every file of a folder: the corpus stays a test without clang. */
int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = NULL;
  const char *name;
  guint n_files = 0;

  g_assert_cmpint (argc, ==, 2);
  dir = g_dir_open (argv[1], 0, &error);
  g_assert_no_error (error);

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (argv[1], name, NULL);
      g_autofree char *contents = NULL;
      g_autofree guint8 *exact = NULL;
      gsize n_bytes;

      g_file_get_contents (path, &contents, &n_bytes, &error);
      g_assert_no_error (error);
      /* Without the NUL GLib adds, so that the sanitizer sees a byte too many. */
      exact = g_memdup2 (contents, n_bytes);
      LLVMFuzzerTestOneInput (exact, n_bytes);
      n_files++;
    }
  g_assert_cmpuint (n_files, >, 0);
  g_print ("%u inputs\n", n_files);
  return 0;
}
