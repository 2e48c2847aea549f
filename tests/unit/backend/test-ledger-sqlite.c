/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What only the SQLite ledger does; the rest is in conformance/test-ledger.c. */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "sighej-error.h"
#include "sighej-ledger-sqlite.h"
#include "sighej-sqlite.h"
#include "sighej-test.h"

static char *
dup_path (void)
{
  g_autofree char *folder = sighej_test_dup_dir ();

  return g_build_filename (folder, "ledger.db", NULL);
}

static SighejLedger *
open_ledger (const char *path)
{
  g_autoptr (GError) error = NULL;
  SighejLedger *ledger = sighej_ledger_sqlite_new (path, &error);

  g_assert_no_error (error);
  return ledger;
}

static sqlite3 *
open_beside (const char *path)
{
  g_autoptr (GError) error = NULL;
  sqlite3 *database = sighej_sqlite_open (path, &error);

  g_assert_no_error (error);
  return database;
}

static void
run (sqlite3 *database, const char *sql)
{
  g_autoptr (GError) error = NULL;

  sighej_sqlite_run (database, sql, &error);
  g_assert_no_error (error);
}

static int
query_int (sqlite3 *database, const char *sql)
{
  sqlite3_stmt *statement = sighej_sqlite_prepare (database, sql, NULL);
  int value;

  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_ROW);
  value = sqlite3_column_int (statement, 0);
  sqlite3_finalize (statement);
  return value;
}

static void
assert_refused (const char *path, const char *why)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (sighej_ledger_sqlite_new (path, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG);
  g_assert_nonnull (strstr (error->message, path));
  g_assert_nonnull (strstr (error->message, why));
}

static void
test_refuses_what_it_cannot_use (void)
{
  g_autofree char *path = dup_path ();

  assert_refused ("/nonexistent/ledger.db", "unable to open");
  g_assert_true (g_file_set_contents (path, "this is a letter, not a database ....", -1, NULL));
  assert_refused (path, "not a database");
}

static void
test_refuses_a_newer_schema (void)
{
  g_autofree char *path = dup_path ();
  sqlite3 *database;

  sighej_test_assert_finalized (open_ledger (path));
  database = open_beside (path);
  run (database, "INSERT INTO schema_migrations VALUES (99, 'later')");
  sqlite3_close (database);
  assert_refused (path, "use the newer release");
}

static void
test_migrates_once (void)
{
  g_autofree char *path = dup_path ();
  sqlite3 *database;

  for (guint i = 0; i < 3; i++)
    sighej_test_assert_finalized (open_ledger (path));
  database = open_beside (path);
  g_assert_cmpint (query_int (database, "SELECT count (*) FROM schema_migrations"), ==, 2);
  sqlite3_close (database);
}

static void
test_the_file_is_its_owners (void)
{
  g_autofree char *path = dup_path ();
  SighejLedger *ledger = open_ledger (path);
  g_autofree char *log = g_strconcat (path, "-wal", NULL);
  GStatBuf status;

  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0600);
  g_assert_cmpint (g_stat (log, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0600);
  sighej_test_assert_finalized (ledger);
}

static void
on_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static gboolean
apply (SighejLedger *ledger, const char *id, GError **error)
{
  g_autoptr (GHashTable) categories = g_hash_table_new (g_str_hash, g_str_equal);
  SighejBatch batch = { .date = "2026-01-31", .sessions = 1, .categories = categories };
  g_autoptr (GAsyncResult) result = NULL;
  guint64 one = 1;

  g_strlcpy (batch.id, id, sizeof batch.id);
  g_hash_table_insert (categories, (gpointer) "music", &one);
  sighej_ledger_apply_async (ledger, &batch, NULL, on_result, &result);
  WAIT_UNTIL (result != NULL);
  return sighej_ledger_apply_finish (ledger, result, error);
}

static void
test_a_batch_is_applied_whole_or_not_at_all (void)
{
  g_autofree char *path = dup_path ();
  SighejLedger *ledger = open_ledger (path);
  sqlite3 *database = open_beside (path);
  g_autoptr (GError) error = NULL;

  run (database, "ALTER TABLE interest_category_counts RENAME TO away");
  g_assert_false (apply (ledger, "batch", &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE);
  g_clear_error (&error);
  g_assert_cmpint (query_int (database, "SELECT count (*) FROM daily_stats"), ==, 0);
  g_assert_cmpint (query_int (database, "SELECT count (*) FROM applied_batches"), ==, 0);

  run (database, "ALTER TABLE away RENAME TO interest_category_counts");
  g_assert_true (apply (ledger, "batch", &error));
  g_assert_true (apply (ledger, "batch", &error));
  g_assert_cmpint (query_int (database, "SELECT total_sessions FROM daily_stats"), ==, 1);
  sqlite3_close (database);
  sighej_test_assert_finalized (ledger);
}

static void
test_forgets_old_batches (void)
{
  g_autofree char *path = dup_path ();
  SighejLedger *ledger = open_ledger (path);
  sqlite3 *database = open_beside (path);

  run (database, "INSERT INTO applied_batches VALUES ('old', strftime ('%s', 'now', '-3 days'))");
  run (database, "INSERT INTO applied_batches VALUES ('recent', strftime ('%s', 'now', '-1 day'))");
  g_assert_true (apply (ledger, "new", NULL));
  g_assert_cmpint (query_int (database, "SELECT count (*) FROM applied_batches"), ==, 2);
  sqlite3_close (database);
  sighej_test_assert_finalized (ledger);
}

typedef struct
{
  guint n_applied;
  guint n_refused;
} Flood;

static void
on_flooded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Flood *flood = user_data;
  g_autoptr (GError) error = NULL;

  if (sighej_ledger_apply_finish (SIGHEJ_LEDGER (source), result, &error))
    {
      flood->n_applied++;
      return;
    }
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE);
  flood->n_refused++;
}

static void
test_the_queue_is_bounded (void)
{
  g_autofree char *path = dup_path ();
  SighejLedger *ledger = open_ledger (path);
  Flood flood = { 0 };

  for (guint i = 0; i < SIGHEJ_LEDGER_SQLITE_QUEUE_MAX + 50; i++)
    {
      SighejBatch batch = { .date = "2026-01-31", .pings = 1 };

      g_snprintf (batch.id, sizeof batch.id, "batch-%u", i);
      sighej_ledger_apply_async (ledger, &batch, NULL, on_flooded, &flood);
    }
  WAIT_UNTIL (flood.n_applied + flood.n_refused == SIGHEJ_LEDGER_SQLITE_QUEUE_MAX + 50);
  g_assert_cmpuint (flood.n_refused, ==, 50);
  sighej_test_assert_finalized (ledger);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ledger-sqlite/refuses-what-it-cannot-use", test_refuses_what_it_cannot_use);
  g_test_add_func ("/ledger-sqlite/refuses-a-newer-schema", test_refuses_a_newer_schema);
  g_test_add_func ("/ledger-sqlite/migrates-once", test_migrates_once);
  g_test_add_func ("/ledger-sqlite/the-file-is-its-owners", test_the_file_is_its_owners);
  g_test_add_func ("/ledger-sqlite/a-batch-is-applied-whole-or-not-at-all",
                   test_a_batch_is_applied_whole_or_not_at_all);
  g_test_add_func ("/ledger-sqlite/forgets-old-batches", test_forgets_old_batches);
  g_test_add_func ("/ledger-sqlite/the-queue-is-bounded", test_the_queue_is_bounded);
  return g_test_run ();
}
