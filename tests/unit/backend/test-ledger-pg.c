/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What only the PostgreSQL ledger does; the rest is in conformance/test-ledger.c. */
#include "config.h"

#include <string.h>

#include "pg-server.h"
#include "sighej-error.h"
#include "sighej-ledger-pg.h"
#include "sighej-pg.h"
#include "sighej-test.h"

#define DATE "2026-01-31"
#define AT_ONCE 8
#define KILLS 4
#define LOOP_TURN_MS_MAX 1000 /* between two turns of the main loop, on a busy machine */
#define BUSY_MS 3000          /* what a busy machine may add */

static SighejLedger *
open_ledger (const char *url)
{
  g_autoptr (GError) error = NULL;
  SighejLedger *ledger = sighej_ledger_pg_new (url, &error);

  g_assert_no_error (error);
  return ledger;
}

static void
assert_query (const char *url, const char *sql, const char *expected)
{
  g_autofree char *rows = pg_server_query (url, sql);

  g_assert_cmpstr (rows, ==, expected);
}

static void
on_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static gboolean
apply_counts (SighejLedger *ledger, const char *id, guint64 sessions, GError **error)
{
  g_autoptr (GHashTable) categories = g_hash_table_new (g_str_hash, g_str_equal);
  SighejBatch batch = { .date = DATE, .sessions = sessions, .categories = categories };
  g_autoptr (GAsyncResult) result = NULL;

  g_strlcpy (batch.id, id, sizeof batch.id);
  g_hash_table_insert (categories, (gpointer) "music", &sessions);
  sighej_ledger_apply_async (ledger, &batch, NULL, on_result, &result);
  WAIT_UNTIL (result != NULL);
  return sighej_ledger_apply_finish (ledger, result, error);
}

static gboolean
apply (SighejLedger *ledger, const char *id, GError **error)
{
  return apply_counts (ledger, id, 1, error);
}

/* Until the pause between two connections is over. */
static void
apply_at_last (SighejLedger *ledger, const char *id)
{
  gint64 end_us = g_get_monotonic_time () + SIGHEJ_TEST_WAIT_SECONDS * G_USEC_PER_SEC;

  while (!apply (ledger, id, NULL))
    g_assert_cmpint (g_get_monotonic_time (), <, end_us);
}

/* URLs */

static void
test_good_urls (void)
{
  static const char *const good[] = {
    "postgresql://",
    "postgres://sighej@localhost/sighej",
    "postgresql://sighej:p%40ss@db.example:5433/sighej?sslmode=verify-full",
    "postgresql://one,two:5433/sighej?target_session_attrs=read-write",
    "postgresql:///sighej?host=/run/postgresql",
  };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;

      sighej_pg_check_url (good[i], &error);
      g_assert_no_error (error);
    }
}

static void
test_bad_urls_are_refused_without_repeating_them (void)
{
  static const struct
  {
    const char *url;
    const char *why;
  } bad[] = {
    { "mysql://u:hunter2@h/d", "postgresql://" },
    { "host=db password=hunter2", "postgresql://" },
    { "postgresql://u:hunter2%zz@h/d", "percent-encoded" },
    { "postgresql://u@h/d?hunter2=x", "query parameter" },
    { "postgresql://u:hunter2@h:port/d", "1 to 65535" },
    { "postgresql://u:hunter2@h:70000/d", "1 to 65535" },
    { "postgresql://u:hunter2@h/d?sslmode=on", "verify-full" },
    { "postgresql://u:hunter2@h/d?sslrootcert=/nowhere", "sslrootcert" },
    { "postgresql://[::1/hunter2", "postgresql://USER@HOST" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (sighej_pg_check_url (bad[i].url, &error));
      g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG);
      g_assert_nonnull (strstr (error->message, bad[i].why));
      g_assert_null (strstr (error->message, "hunter2"));
    }
}

static void
test_no_password_is_shown (void)
{
  static const struct
  {
    const char *url;
    const char *shown;
  } urls[] = {
    { "", "" },
    { "postgresql://", "postgresql://" },
    { "postgresql://u@h:5433/d?sslmode=require", "postgresql://u@h:5433/d?sslmode=require" },
    { "postgresql://u:hunter2@h:5433/d", "postgresql://u:***@h:5433/d" },
    { "postgresql://u:hunt?r2@h/d", "postgresql://u:***@h/d" },
    { "postgresql://h/d?password=hunter2&user=u", "postgresql://h/d?password=***&user=u" },
    { "postgresql://h/d?%70assword=hunter2", "postgresql://h/d?%70assword=***" },
    { "postgresql:///d?host=/run&sslpassword=a", "postgresql:///d?host=/run&sslpassword=***" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_autofree char *shown = sighej_pg_dup_shown_url (urls[i].url);

      g_assert_cmpstr (shown, ==, urls[i].shown);
    }
}

static void
test_no_password_is_told (void)
{
  g_autofree char *folder = sighej_test_dup_dir ();
  g_autofree char *url = g_strdup_printf ("postgresql://u:hunter2@/d?host=%s", folder);
  SighejLedger *ledger = open_ledger (url);
  g_autoptr (GError) error = NULL;

  g_assert_false (apply (ledger, "one", &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE);
  g_assert_null (strstr (error->message, "hunter2"));
  g_assert_null (strchr (error->message, '\n'));
  sighej_test_assert_finalized (ledger);
}

/* Migrations */

static gpointer
open_in_thread (gpointer user_data)
{
  return open_ledger (user_data);
}

static void
test_several_at_once_migrate_once (void)
{
  g_autofree char *url = pg_server_dup_url ();
  GThread *threads[AT_ONCE];

  for (guint i = 0; i < AT_ONCE; i++)
    threads[i] = g_thread_new ("start", open_in_thread, url);
  for (guint i = 0; i < AT_ONCE; i++)
    {
      SighejLedger *ledger = g_thread_join (threads[i]);

      apply_at_last (ledger, "same");
      sighej_test_assert_finalized (ledger);
    }
  assert_query (url, "SELECT count (*), max (version) FROM schema_migrations", "2|2");
  assert_query (url, "SELECT total_sessions FROM daily_stats", "1");
}

static void
test_refuses_a_newer_schema (void)
{
  g_autofree char *url = pg_server_dup_url ();
  g_autoptr (GError) error = NULL;

  sighej_test_assert_finalized (open_ledger (url));
  g_free (pg_server_query (url, "INSERT INTO schema_migrations VALUES (99)"));
  g_assert_null (sighej_ledger_pg_new (url, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG);
  g_assert_nonnull (strstr (error->message, "use the newer release"));
}

static void
test_a_half_done_migration_leaves_nothing (void)
{
  g_autofree char *url = pg_server_dup_url ();
  SighejLedger *ledger;
  g_autoptr (GError) error = NULL;

  g_free (pg_server_query (url, "CREATE TABLE applied_batches ()"));
  ledger = open_ledger (url);
  g_assert_false (apply (ledger, "one", &error));
  g_assert_nonnull (strstr (error->message, "migration 1: "));
  assert_query (url, "SELECT to_regclass ('daily_stats'), to_regclass ('schema_migrations')", "|");
  g_free (pg_server_query (url, "DROP TABLE applied_batches"));
  apply_at_last (ledger, "one");
  sighej_test_assert_finalized (ledger);
}

static void
test_needs_no_right_to_make_tables (void)
{
  g_autofree char *url = pg_server_dup_url ();
  g_autoptr (GString) plain = g_string_new (url);
  SighejLedger *ledger;

  sighej_test_assert_finalized (open_ledger (url));
  g_free (pg_server_query (
      url,
      "CREATE ROLE plain LOGIN; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "
      "public TO plain"));
  g_string_replace (plain, "sighej@", "plain@", 1);
  ledger = open_ledger (plain->str);
  apply_at_last (ledger, "one");
  sighej_test_assert_finalized (ledger);
}

/* Batches */

static void
test_a_batch_is_applied_whole_or_not_at_all (void)
{
  g_autofree char *url = pg_server_dup_url ();
  SighejLedger *ledger = open_ledger (url);
  g_autoptr (GError) error = NULL;

  g_free (pg_server_query (url, "ALTER TABLE interest_category_counts RENAME TO away"));
  g_assert_false (apply (ledger, "batch", &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE);
  assert_query (url, "SELECT count (*) FROM daily_stats", "0");
  assert_query (url, "SELECT count (*) FROM applied_batches", "0");

  g_free (pg_server_query (url, "ALTER TABLE away RENAME TO interest_category_counts"));
  apply_at_last (ledger, "batch");
  g_assert_true (apply (ledger, "batch", NULL));
  assert_query (url, "SELECT total_sessions FROM daily_stats", "1");
  sighej_test_assert_finalized (ledger);
}

static void
test_what_the_database_refuses_is_told_apart (void)
{
  g_autofree char *url = pg_server_dup_url ();
  SighejLedger *ledger = open_ledger (url);
  g_autoptr (GError) error = NULL;
  SighejBatch batch = { "two", "2026-02-31", 1, 0, 0, NULL };
  g_autoptr (GAsyncResult) result = NULL;

  g_assert_false (apply_counts (ledger, "one", G_MAXUINT64, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_REQUEST);
  g_clear_error (&error);
  sighej_ledger_apply_async (ledger, &batch, NULL, on_result, &result);
  WAIT_UNTIL (result != NULL);
  g_assert_false (sighej_ledger_apply_finish (ledger, result, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_REQUEST);
  g_clear_object (&result);
  g_assert_true (apply (ledger, "three", NULL));
  assert_query (url, "SELECT total_sessions FROM daily_stats", "1");
  sighej_test_assert_finalized (ledger);
}

static void
test_odd_categories_are_only_text (void)
{
  g_autofree char *url = pg_server_dup_url ();
  SighejLedger *ledger = open_ledger (url);
  g_autoptr (GHashTable) categories = g_hash_table_new (g_str_hash, g_str_equal);
  SighejBatch batch = { "one", DATE, 0, 0, 0, categories };
  g_autoptr (GAsyncResult) result = NULL;
  guint64 n = 7;

  g_hash_table_insert (categories, (gpointer) "a\"b\\c,{d}", &n);
  g_hash_table_insert (categories, (gpointer) "NULL", &n);
  g_hash_table_insert (categories, (gpointer) "'); DROP TABLE daily_stats; --", &n);
  sighej_ledger_apply_async (ledger, &batch, NULL, on_result, &result);
  WAIT_UNTIL (result != NULL);
  g_assert_true (sighej_ledger_apply_finish (ledger, result, NULL));
  g_clear_object (&result);
  assert_query (url,
                "SELECT category FROM interest_category_counts WHERE count = 7 ORDER BY category",
                "'); DROP TABLE daily_stats; --\nNULL\na\"b\\c,{d}");
  sighej_test_assert_finalized (ledger);
}

static void
test_forgets_old_batches_a_few_at_a_time (void)
{
  g_autofree char *url = pg_server_dup_url ();
  SighejLedger *ledger = open_ledger (url);

  g_free (pg_server_query (url,
                           "INSERT INTO applied_batches SELECT 'old' || n, now () - interval "
                           "'9 days' FROM generate_series (1, 150) AS n"));
  g_free (pg_server_query (
      url, "INSERT INTO applied_batches VALUES ('recent', now () - interval '7 days')"));
  g_assert_true (apply (ledger, "one", NULL));
  assert_query (url, "SELECT count (*) FROM applied_batches", "52");
  g_assert_true (apply (ledger, "two", NULL));
  assert_query (url, "SELECT count (*) FROM applied_batches", "3");
  sighej_test_assert_finalized (ledger);
}

typedef struct
{
  guint n_done;
  guint n_failed;
} Flood;

static void
on_flooded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Flood *flood = user_data;
  g_autoptr (GError) error = NULL;

  if (sighej_ledger_apply_finish (SIGHEJ_LEDGER (source), result, &error))
    {
      flood->n_done++;
      return;
    }
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE);
  flood->n_failed++;
}

static void
send_batches (SighejLedger *ledger, const char *prefix, guint n, Flood *flood)
{
  g_autoptr (GHashTable) categories = g_hash_table_new (g_str_hash, g_str_equal);
  guint64 one = 1;

  g_hash_table_insert (categories, (gpointer) "music", &one);
  g_hash_table_insert (categories, (gpointer) "tech", &one);
  for (guint i = 0; i < n; i++)
    {
      SighejBatch batch = { .date = DATE, .pings = 1, .categories = categories };

      g_snprintf (batch.id, sizeof batch.id, "%s-%u", prefix, i);
      sighej_ledger_apply_async (ledger, &batch, NULL, on_flooded, flood);
    }
}

/* Until the database has each of them, as a store does it. */
static void
bring_batches (SighejLedger *ledger, const char *prefix, guint n)
{
  gint64 end_us = g_get_monotonic_time () + SIGHEJ_TEST_WAIT_SECONDS * G_USEC_PER_SEC;
  Flood flood;

  do
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end_us);
      flood = (Flood){ 0 };
      send_batches (ledger, prefix, n, &flood);
      WAIT_UNTIL (flood.n_done + flood.n_failed == n);
    }
  while (flood.n_failed > 0);
}

static void
test_several_instances_bring_the_same_batches (void)
{
  g_autofree char *url = pg_server_dup_url ();
  SighejLedger *ledgers[4];
  Flood flood = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (ledgers); i++)
    ledgers[i] = open_ledger (url);
  for (guint i = 0; i < G_N_ELEMENTS (ledgers); i++)
    {
      g_autofree char *own = g_strdup_printf ("own%u", i);

      send_batches (ledgers[i], "same", 50, &flood);
      send_batches (ledgers[i], own, 50, &flood);
    }
  WAIT_UNTIL (flood.n_done + flood.n_failed == 400);
  for (guint i = 0; flood.n_failed > 0 && i < G_N_ELEMENTS (ledgers); i++)
    {
      g_autofree char *own = g_strdup_printf ("own%u", i);

      bring_batches (ledgers[i], "same", 50);
      bring_batches (ledgers[i], own, 50);
    }
  assert_query (url, "SELECT total_pings FROM daily_stats", "250");
  assert_query (url, "SELECT sum (count) FROM interest_category_counts", "500");
  for (guint i = 0; i < G_N_ELEMENTS (ledgers); i++)
    sighej_test_assert_finalized (ledgers[i]);
}

/* A server in trouble */

static void
test_the_queue_is_bounded (void)
{
  g_autofree char *url = pg_server_dup_url ();
  SighejLedger *ledger = open_ledger (url);
  Flood flood = { 0 };

  pg_server_freeze ();
  send_batches (ledger, "batch", SIGHEJ_PG_QUEUE_MAX + 50, &flood);
  WAIT_UNTIL (flood.n_failed >= 50);
  pg_server_thaw ();
  WAIT_UNTIL (flood.n_done + flood.n_failed == SIGHEJ_PG_QUEUE_MAX + 50);
  g_assert_cmpuint (flood.n_failed, ==, 50);
  sighej_test_assert_finalized (ledger);
}

typedef struct
{
  gint64 last_us;
  gint64 longest_us;
} Turns;

static gboolean
on_turn (gpointer user_data)
{
  Turns *turns = user_data;
  gint64 now_us = g_get_monotonic_time ();

  turns->longest_us = MAX (turns->longest_us, now_us - turns->last_us);
  turns->last_us = now_us;
  return G_SOURCE_CONTINUE;
}

/* R-20, F-04: neither the main loop nor the end waits for a server that says nothing. */
static void
test_a_frozen_server_freezes_nobody (void)
{
  g_autofree char *url = pg_server_dup_url ();
  SighejLedger *ledger = open_ledger (url);
  g_autoptr (GError) error = NULL;
  Turns turns = { g_get_monotonic_time (), 0 };
  guint source = g_timeout_add (5, on_turn, &turns);
  gint64 begin_us = g_get_monotonic_time ();

  pg_server_freeze ();
  g_assert_false (apply (ledger, "one", &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE);
  g_assert_cmpint (g_get_monotonic_time () - begin_us, <, (SIGHEJ_PG_ANSWER_MS + BUSY_MS) * 1000);
  g_source_remove (source);
  g_test_message ("the longest turn of the main loop took %d us", (int) turns.longest_us);
  g_assert_cmpint (turns.longest_us, <, LOOP_TURN_MS_MAX * 1000);

  pg_server_thaw ();
  apply_at_last (ledger, "one");
  assert_query (url, "SELECT total_sessions FROM daily_stats", "1");
  sighej_test_assert_finalized (ledger);
}

static void
test_a_frozen_server_delays_start_and_end_a_little (void)
{
  g_autofree char *url = pg_server_dup_url ();
  gint64 begin_us = g_get_monotonic_time ();

  pg_server_freeze ();
  sighej_test_assert_finalized (open_ledger (url));
  pg_server_thaw ();
  g_assert_cmpint (g_get_monotonic_time () - begin_us,
                   <,
                   (SIGHEJ_PG_START_MS + SIGHEJ_PG_STOP_MS + BUSY_MS) * 1000);
}

static void
test_finds_the_server_again (void)
{
  g_autofree char *url = pg_server_dup_url ();
  SighejLedger *ledger = open_ledger (url);
  g_autoptr (GError) error = NULL;

  g_assert_true (apply (ledger, "one", NULL));
  pg_server_stop ();
  g_assert_false (apply (ledger, "two", &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE);
  pg_server_start ();
  apply_at_last (ledger, "two");
  assert_query (url, "SELECT total_sessions FROM daily_stats", "2");
  sighej_test_assert_finalized (ledger);
}

static void
test_starts_without_the_server (void)
{
  g_autofree char *url = pg_server_dup_url ();
  SighejLedger *ledger;

  pg_server_stop ();
  ledger = open_ledger (url);
  g_assert_false (apply (ledger, "one", NULL));
  pg_server_start ();
  apply_at_last (ledger, "one");
  sighej_test_assert_finalized (ledger);
}

/* N-5, F-04: whatever a commit had reached when the server died, the same batches again make it
 * exact. */
static void
test_a_server_killed_in_the_middle_of_commits (void)
{
  g_autofree char *url = pg_server_dup_url ();
  SighejLedger *ledger = open_ledger (url);
  guint n_batches = 200;

  for (guint i = 0; i < KILLS; i++)
    {
      g_autofree char *prefix = g_strdup_printf ("kill%u", i);
      guint die_after = (guint) g_test_rand_int_range (1, 100);
      Flood flood = { 0 };

      send_batches (ledger, prefix, n_batches, &flood);
      WAIT_UNTIL (flood.n_done + flood.n_failed >= die_after);
      pg_server_kill ();
      WAIT_UNTIL (flood.n_done + flood.n_failed == n_batches);
      pg_server_start ();
      apply_at_last (ledger, prefix);
      bring_batches (ledger, prefix, n_batches);
    }
  assert_query (url, "SELECT total_sessions, total_pings FROM daily_stats", "4|800");
  assert_query (url,
                "SELECT category, count FROM interest_category_counts ORDER BY category",
                "music|804\ntech|800");
  sighej_test_assert_finalized (ledger);
}

static void
test_commits_wait_for_the_disk (void)
{
  g_autofree char *url = pg_server_dup_url ();
  g_autoptr (GError) error = NULL;
  g_autoptr (SighejPgRows) rows = NULL;
  g_autoptr (SighejPgLine) line = NULL;

  g_free (pg_server_query (
      url,
      "DO $$ BEGIN EXECUTE format ('ALTER DATABASE %I SET synchronous_commit = off', "
      "current_database ()); END $$"));
  line = sighej_pg_line_open (url, &error);
  g_assert_no_error (error);
  rows = sighej_pg_line_query (line, "SHOW synchronous_commit", 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (sighej_pg_rows_get (rows, 0, 0), ==, "on");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ledger-pg/good-urls", test_good_urls);
  g_test_add_func ("/ledger-pg/bad-urls-are-refused-without-repeating-them",
                   test_bad_urls_are_refused_without_repeating_them);
  g_test_add_func ("/ledger-pg/no-password-is-shown", test_no_password_is_shown);
  g_test_add_func ("/ledger-pg/no-password-is-told", test_no_password_is_told);
  g_test_add_func ("/ledger-pg/several-at-once-migrate-once", test_several_at_once_migrate_once);
  g_test_add_func ("/ledger-pg/refuses-a-newer-schema", test_refuses_a_newer_schema);
  g_test_add_func ("/ledger-pg/a-half-done-migration-leaves-nothing",
                   test_a_half_done_migration_leaves_nothing);
  g_test_add_func ("/ledger-pg/needs-no-right-to-make-tables", test_needs_no_right_to_make_tables);
  g_test_add_func ("/ledger-pg/a-batch-is-applied-whole-or-not-at-all",
                   test_a_batch_is_applied_whole_or_not_at_all);
  g_test_add_func ("/ledger-pg/what-the-database-refuses-is-told-apart",
                   test_what_the_database_refuses_is_told_apart);
  g_test_add_func ("/ledger-pg/odd-categories-are-only-text", test_odd_categories_are_only_text);
  g_test_add_func ("/ledger-pg/forgets-old-batches-a-few-at-a-time",
                   test_forgets_old_batches_a_few_at_a_time);
  g_test_add_func ("/ledger-pg/several-instances-bring-the-same-batches",
                   test_several_instances_bring_the_same_batches);
  g_test_add_func ("/ledger-pg/the-queue-is-bounded", test_the_queue_is_bounded);
  g_test_add_func ("/ledger-pg/a-frozen-server-freezes-nobody",
                   test_a_frozen_server_freezes_nobody);
  g_test_add_func ("/ledger-pg/a-frozen-server-delays-start-and-end-a-little",
                   test_a_frozen_server_delays_start_and_end_a_little);
  g_test_add_func ("/ledger-pg/finds-the-server-again", test_finds_the_server_again);
  g_test_add_func ("/ledger-pg/starts-without-the-server", test_starts_without_the_server);
  g_test_add_func ("/ledger-pg/a-server-killed-in-the-middle-of-commits",
                   test_a_server_killed_in_the_middle_of_commits);
  g_test_add_func ("/ledger-pg/commits-wait-for-the-disk", test_commits_wait_for_the_disk);
  return g_test_run ();
}
