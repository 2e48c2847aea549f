/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "sighej-error.h"
#include "sighej-spool.h"
#include "sighej-sqlite.h"
#include "sighej-test.h"

#define DATE "2026-01-31"
#define SMALL 5 /* batches, of a spool that is to be full */

static guint n_warnings;

/* The one warning of these tests: a file is moved aside. */
static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  if (level != G_LOG_LEVEL_WARNING)
    return g_log_writer_default (level, fields, n_fields, user_data);
  n_warnings++;
  return G_LOG_WRITER_HANDLED;
}

static char *
dup_path (const char *folder)
{
  return g_build_filename (folder, SIGHEJ_SPOOL_FILE, NULL);
}

static gboolean
add (SighejSpool *spool, const char *id, GError **error)
{
  g_autoptr (SighejBatch) batch = sighej_batch_new (id, DATE);

  batch->sessions = 1;
  batch->matches = 2;
  batch->pings = 3;
  sighej_batch_add_category (batch, "music", 4);
  sighej_batch_add_category (batch, "odd name\n50 % of \"æøå\"", 5);
  return sighej_spool_add (spool, batch, error);
}

static void
assert_ids (SighejSpool *spool, guint n_max, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) batches = sighej_spool_peek (spool, n_max, &error);
  g_autoptr (GString) ids = g_string_new (NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < batches->len; i++)
    g_string_append_printf (
        ids, "%s%s", i > 0 ? " " : "", ((const SighejBatch *) batches->pdata[i])->id);
  g_assert_cmpstr (ids->str, ==, expected);
}

static guint
count_aside (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (dir)) != NULL)
    n += g_str_has_prefix (name, SIGHEJ_SPOOL_FILE ".corrupt-") && !g_str_has_suffix (name, "-wal")
         && !g_str_has_suffix (name, "-shm");
  return n;
}

static void
test_what_went_in_comes_out (void)
{
  g_autofree char *folder = sighej_test_dup_dir ();
  g_autoptr (SighejSpool) spool = sighej_spool_new (folder, SIGHEJ_SPOOL_BATCHES_MAX);
  g_autoptr (GPtrArray) batches = NULL;
  const SighejBatch *batch;

  g_assert_true (add (spool, "one", NULL));
  g_clear_pointer (&spool, sighej_spool_free);
  spool = sighej_spool_new (folder, SIGHEJ_SPOOL_BATCHES_MAX);
  batches = sighej_spool_peek (spool, 10, NULL);
  g_assert_cmpuint (batches->len, ==, 1);
  batch = batches->pdata[0];
  g_assert_cmpstr (batch->id, ==, "one");
  g_assert_cmpstr (batch->date, ==, DATE);
  g_assert_cmpuint (batch->sessions, ==, 1);
  g_assert_cmpuint (batch->matches, ==, 2);
  g_assert_cmpuint (batch->pings, ==, 3);
  g_assert_cmpuint (g_hash_table_size (batch->categories), ==, 2);
  g_assert_cmpuint (*(guint64 *) g_hash_table_lookup (batch->categories, "music"), ==, 4);
  g_assert_cmpuint (
      *(guint64 *) g_hash_table_lookup (batch->categories, "odd name\n50 % of \"æøå\""), ==, 5);
}

static void
test_the_oldest_come_first_and_leave_together (void)
{
  g_autofree char *folder = sighej_test_dup_dir ();
  g_autoptr (SighejSpool) spool = sighej_spool_new (folder, SIGHEJ_SPOOL_BATCHES_MAX);
  g_autoptr (GPtrArray) batches = NULL;

  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *id = g_strdup_printf ("batch-%u", i);

      g_assert_true (add (spool, id, NULL));
      g_assert_true (add (spool, id, NULL));
    }
  assert_ids (spool, 2, "batch-0 batch-1");
  batches = sighej_spool_peek (spool, 3, NULL);
  g_assert_true (sighej_spool_remove (spool, batches, 2, NULL));
  assert_ids (spool, 10, "batch-2 batch-3");
}

static void
test_what_is_put_aside_waits_for_the_next_start (void)
{
  g_autofree char *folder = sighej_test_dup_dir ();
  g_autoptr (SighejSpool) spool = sighej_spool_new (folder, SIGHEJ_SPOOL_BATCHES_MAX);
  guint n = 0;

  g_assert_true (add (spool, "one", NULL) && add (spool, "two", NULL));
  g_assert_true (sighej_spool_put_aside (spool, "one", NULL));
  assert_ids (spool, 10, "two");
  g_assert_true (sighej_spool_count (spool, &n, NULL));
  g_assert_cmpuint (n, ==, 2);
  g_assert_true (sighej_spool_take_back (spool, NULL));
  assert_ids (spool, 10, "one two");
}

static void
test_a_full_spool_refuses (void)
{
  g_autofree char *folder = sighej_test_dup_dir ();
  g_autoptr (SighejSpool) spool = sighej_spool_new (folder, SMALL);
  g_autoptr (GPtrArray) batches = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < SMALL; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);

      g_assert_true (add (spool, id, NULL));
    }
  g_assert_false (add (spool, "more", &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, "full"));
  g_assert_true (add (spool, "4", NULL));
  assert_ids (spool, 10, "0 1 2 3 4");
  batches = sighej_spool_peek (spool, 1, NULL);
  g_assert_true (sighej_spool_remove (spool, batches, 1, NULL));
  g_assert_true (add (spool, "more", NULL));
}

static void
test_several_share_the_file (void)
{
  g_autofree char *folder = sighej_test_dup_dir ();
  g_autoptr (SighejSpool) one = sighej_spool_new (folder, SIGHEJ_SPOOL_BATCHES_MAX);
  g_autoptr (SighejSpool) two = sighej_spool_new (folder, SIGHEJ_SPOOL_BATCHES_MAX);
  g_autoptr (GPtrArray) batches = NULL;

  g_assert_true (add (one, "a", NULL) && add (two, "b", NULL) && add (one, "b", NULL));
  assert_ids (one, 10, "a b");
  assert_ids (two, 10, "a b");
  batches = sighej_spool_peek (two, 10, NULL);
  g_assert_true (sighej_spool_remove (one, batches, 2, NULL));
  g_assert_true (sighej_spool_remove (two, batches, 2, NULL));
  assert_ids (two, 10, "");
}

static void
test_the_file_is_its_owners (void)
{
  g_autofree char *folder = sighej_test_dup_dir ();
  g_autofree char *path = dup_path (folder);
  g_autoptr (SighejSpool) spool = sighej_spool_new (folder, SIGHEJ_SPOOL_BATCHES_MAX);
  GStatBuf status;

  g_assert_true (add (spool, "one", NULL));
  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0600);
}

/* Damage */

static void
assert_begins_anew (const char *folder)
{
  g_autoptr (SighejSpool) spool = sighej_spool_new (folder, SIGHEJ_SPOOL_BATCHES_MAX);
  g_autoptr (GError) error = NULL;

  n_warnings = 0;
  add (spool, "new", &error);
  g_assert_no_error (error);
  assert_ids (spool, 10, "new");
  g_assert_cmpuint (count_aside (folder), ==, 1);
  g_assert_cmpuint (n_warnings, ==, 1);
}

static void
test_what_is_no_spool_is_moved_aside (void)
{
  g_autofree char *folder = sighej_test_dup_dir ();
  g_autofree char *path = dup_path (folder);

  g_assert_true (g_file_set_contents (path, "this is a letter, not a database ....", -1, NULL));
  assert_begins_anew (folder);
}

static void
test_other_tables_are_moved_aside (void)
{
  g_autofree char *folder = sighej_test_dup_dir ();
  g_autofree char *path = dup_path (folder);
  sqlite3 *database = sighej_sqlite_open (path, NULL);

  g_assert_true (sighej_sqlite_run (database, "CREATE TABLE batches (id TEXT)", NULL));
  sqlite3_close (database);
  assert_begins_anew (folder);
}

/* A spool with some batches, its log written back. (transfer full): its bytes */
static char *
make_file (const char *folder, gsize *n_bytes)
{
  g_autoptr (SighejSpool) spool = sighej_spool_new (folder, SIGHEJ_SPOOL_BATCHES_MAX);
  g_autofree char *path = dup_path (folder);
  char *bytes;

  for (guint i = 0; i < 50; i++)
    {
      g_autofree char *id = g_strdup_printf ("before-%u", i);

      g_assert_true (add (spool, id, NULL));
    }
  g_clear_pointer (&spool, sighej_spool_free);
  g_assert_true (g_file_get_contents (path, &bytes, n_bytes, NULL));
  return bytes;
}

static void
test_a_damaged_page_is_found (void)
{
  g_autofree char *folder = sighej_test_dup_dir ();
  g_autofree char *path = dup_path (folder);
  gsize n_bytes;
  g_autofree char *bytes = make_file (folder, &n_bytes);

  memset (bytes + 4096, 0x5a, 4096); /* the second page: the table's */
  g_assert_true (g_file_set_contents (path, bytes, (gssize) n_bytes, NULL));
  assert_begins_anew (folder);
}

static void
test_a_cut_file_is_found (void)
{
  g_autofree char *folder = sighej_test_dup_dir ();
  g_autofree char *path = dup_path (folder);
  gsize n_bytes;
  g_autofree char *bytes = make_file (folder, &n_bytes);

  g_assert_true (g_file_set_contents (path, bytes, (gssize) n_bytes - 4096, NULL));
  assert_begins_anew (folder);
}

static void
test_a_header_that_forbids_writing_is_found (void)
{
  g_autofree char *folder = sighej_test_dup_dir ();
  g_autofree char *path = dup_path (folder);
  gsize n_bytes;
  g_autofree char *bytes = make_file (folder, &n_bytes);

  bytes[18] = 9; /* "file format write version" */
  g_assert_true (g_file_set_contents (path, bytes, (gssize) n_bytes, NULL));
  assert_begins_anew (folder);
}

static void
test_a_row_nobody_wrote_is_found (void)
{
  g_autofree char *folder = sighej_test_dup_dir ();
  g_autofree char *path = dup_path (folder);
  g_autoptr (SighejSpool) spool = sighej_spool_new (folder, SIGHEJ_SPOOL_BATCHES_MAX);
  g_autoptr (GError) error = NULL;
  sqlite3 *database;

  n_warnings = 0;
  g_assert_true (add (spool, "one", NULL));
  database = sighej_sqlite_open (path, NULL);
  g_assert_true (sighej_sqlite_run (database, "UPDATE batches SET categories = 'no number'", NULL));
  sqlite3_close (database);
  g_assert_null (sighej_spool_peek (spool, 10, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE);
  assert_ids (spool, 10, "");
  g_assert_cmpuint (n_warnings, ==, 1);
}

/* What another process moved aside is not written to. */
static void
test_follows_a_file_that_was_moved (void)
{
  g_autofree char *folder = sighej_test_dup_dir ();
  g_autofree char *path = dup_path (folder);
  g_autofree char *away = g_strconcat (path, ".away", NULL);
  g_autoptr (SighejSpool) spool = sighej_spool_new (folder, SIGHEJ_SPOOL_BATCHES_MAX);

  g_assert_true (add (spool, "one", NULL));
  g_assert_cmpint (g_rename (path, away), ==, 0);
  g_assert_true (add (spool, "two", NULL));
  assert_ids (spool, 10, "two");
}

/* The disk */

static void
limit_file_bytes (rlim_t most)
{
  struct rlimit limit;

  getrlimit (RLIMIT_FSIZE, &limit);
  limit.rlim_cur = most;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
}

/* F-11: what does not fit is refused, what is in stays whole, and it goes on afterwards. */
static void
test_F_11_a_disk_without_room (void)
{
  g_autofree char *folder = sighej_test_dup_dir ();
  g_autoptr (SighejSpool) spool = sighej_spool_new (folder, SIGHEJ_SPOOL_BATCHES_MAX);
  g_autoptr (GError) error = NULL;
  guint n_added = 0;
  guint n = 0;

  signal (SIGXFSZ, SIG_IGN);
  g_assert_true (add (spool, "first", NULL));
  limit_file_bytes (200 * 1024);
  for (; error == NULL; n_added++)
    {
      g_autofree char *id = g_strdup_printf ("%u", n_added);

      g_assert_cmpuint (n_added, <, 10000);
      add (spool, id, &error);
    }
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE);
  limit_file_bytes (RLIM_INFINITY);

  g_assert_true (add (spool, "last", NULL));
  g_assert_true (sighej_spool_count (spool, &n, NULL));
  g_assert_cmpuint (n, >=, n_added + 1); /* the refused one may be in by accident */
  g_assert_cmpuint (n, <=, n_added + 2);
  g_assert_cmpuint (count_aside (folder), ==, 0);
}

static void
test_F_11_no_folder_then_one (void)
{
  g_autofree char *folder = sighej_test_dup_dir ();
  g_autofree char *inner = g_build_filename (folder, "inner", NULL);
  g_autoptr (SighejSpool) spool = sighej_spool_new (inner, SIGHEJ_SPOOL_BATCHES_MAX);
  g_autoptr (GError) error = NULL;

  g_assert_false (add (spool, "one", &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE);
  g_assert_cmpint (g_mkdir (inner, 0700), ==, 0);
  g_assert_true (add (spool, "one", NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (write_log, NULL, NULL);
  g_test_add_func ("/spool/what-went-in-comes-out", test_what_went_in_comes_out);
  g_test_add_func ("/spool/the-oldest-come-first-and-leave-together",
                   test_the_oldest_come_first_and_leave_together);
  g_test_add_func ("/spool/what-is-put-aside-waits-for-the-next-start",
                   test_what_is_put_aside_waits_for_the_next_start);
  g_test_add_func ("/spool/a-full-spool-refuses", test_a_full_spool_refuses);
  g_test_add_func ("/spool/several-share-the-file", test_several_share_the_file);
  g_test_add_func ("/spool/the-file-is-its-owners", test_the_file_is_its_owners);
  g_test_add_func ("/spool/what-is-no-spool-is-moved-aside", test_what_is_no_spool_is_moved_aside);
  g_test_add_func ("/spool/other-tables-are-moved-aside", test_other_tables_are_moved_aside);
  g_test_add_func ("/spool/a-damaged-page-is-found", test_a_damaged_page_is_found);
  g_test_add_func ("/spool/a-cut-file-is-found", test_a_cut_file_is_found);
  g_test_add_func ("/spool/a-header-that-forbids-writing-is-found",
                   test_a_header_that_forbids_writing_is_found);
  g_test_add_func ("/spool/a-row-nobody-wrote-is-found", test_a_row_nobody_wrote_is_found);
  g_test_add_func ("/spool/follows-a-file-that-was-moved", test_follows_a_file_that_was_moved);
  g_test_add_func ("/spool/F-11-a-disk-without-room", test_F_11_a_disk_without_room);
  g_test_add_func ("/spool/F-11-no-folder-then-one", test_F_11_no_folder_then_one);
  return g_test_run ();
}
