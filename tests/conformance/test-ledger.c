/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every ledger must do, told once and run against each of them. */
#include "config.h"

#include "pg-server.h"
#include "sighej-ledger-pg.h"
#include "sighej-ledger-spooled.h"
#include "sighej-ledger-sqlite.h"
#include "sighej-test.h"

#define DATE "2026-01-31"

/* One function a ledger; @place is an empty folder of the test's own, which lives as long. */
static SighejLedger *
open_sqlite (const char *place)
{
  g_autofree char *path = g_build_filename (place, "ledger.db", NULL);
  g_autoptr (GError) error = NULL;
  SighejLedger *ledger = sighej_ledger_sqlite_new (path, &error);

  g_assert_no_error (error);
  return ledger;
}

/* The folder's database, made at the first time. (transfer full) */
static char *
dup_database (const char *place)
{
  g_autofree char *path = g_build_filename (place, "url", NULL);
  g_autofree char *url = NULL;

  if (g_file_get_contents (path, &url, NULL, NULL))
    return g_steal_pointer (&url);
  url = pg_server_dup_url ();
  g_assert_true (g_file_set_contents (path, url, -1, NULL));
  return g_steal_pointer (&url);
}

static SighejLedger *
open_postgres (const char *place)
{
  g_autofree char *url = dup_database (place);
  g_autoptr (GError) error = NULL;
  SighejLedger *ledger = sighej_ledger_pg_new (url, &error);

  g_assert_no_error (error);
  return ledger;
}

static SighejLedger *
open_spooled (const char *place)
{
  g_autoptr (SighejLedger) postgres = open_postgres (place);
  g_autoptr (SighejTestClock) clock = sighej_test_clock_new ();

  return sighej_ledger_spooled_new (postgres, place, SIGHEJ_CLOCK (clock));
}

static const struct
{
  const char *name;
  SighejLedger *(*open) (const char *place);
} implementations[] = {
  { "sqlite", open_sqlite },
  { "postgres", open_postgres },
  { "spooled", open_spooled },
};

typedef struct
{
  guint implementation;
  char *place;
  SighejLedger *ledger;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->implementation = GPOINTER_TO_UINT (data);
  fixture->place = sighej_test_dup_dir ();
  fixture->ledger = implementations[fixture->implementation].open (fixture->place);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  sighej_test_assert_finalized (fixture->ledger);
  g_free (fixture->place);
}

static void
reopen (Fixture *fixture)
{
  sighej_test_assert_finalized (fixture->ledger);
  fixture->ledger = implementations[fixture->implementation].open (fixture->place);
}

static void
add_category (SighejBatch *batch, const char *category, guint64 n)
{
  if (batch->categories == NULL)
    batch->categories = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_hash_table_insert (batch->categories, g_strdup (category), g_memdup2 (&n, sizeof n));
}

static void
on_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static void
apply (Fixture *fixture, const SighejBatch *batch)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  sighej_ledger_apply_async (fixture->ledger, batch, NULL, on_result, &result);
  WAIT_UNTIL (result != NULL);
  sighej_ledger_apply_finish (fixture->ledger, result, &error);
  g_assert_no_error (error);
}

static SighejLedgerDay *
read_day (Fixture *fixture, const char *date, guint64 minimum, guint n_categories)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  SighejLedgerDay *day;

  sighej_ledger_read_async (fixture->ledger, date, minimum, n_categories, NULL, on_result, &result);
  WAIT_UNTIL (result != NULL);
  day = sighej_ledger_read_finish (fixture->ledger, result, &error);
  g_assert_no_error (error);
  return day;
}

static void
assert_day (Fixture *fixture, const char *date, guint64 sessions, guint64 matches, guint64 pings)
{
  SighejLedgerDay *day = read_day (fixture, date, 1, 3);

  g_assert_cmpuint (day->sessions, ==, sessions);
  g_assert_cmpuint (day->matches, ==, matches);
  g_assert_cmpuint (day->pings, ==, pings);
  sighej_ledger_day_free (day);
}

static void
assert_categories (Fixture *fixture, guint64 minimum, guint n_categories, const char *expected)
{
  SighejLedgerDay *day = read_day (fixture, DATE, minimum, n_categories);
  g_autofree char *text = g_strjoinv (" ", day->categories);

  g_assert_cmpstr (text, ==, expected);
  sighej_ledger_day_free (day);
}

static void
test_a_day_without_rows_is_zero (Fixture *fixture, gconstpointer data)
{
  assert_day (fixture, DATE, 0, 0, 0);
  assert_categories (fixture, 1, 3, "");
}

static void
test_batches_add_up (Fixture *fixture, gconstpointer data)
{
  apply (fixture, &(SighejBatch){ "one", DATE, 1, 2, 3, NULL });
  apply (fixture, &(SighejBatch){ "two", DATE, 10, 20, 30, NULL });
  apply (fixture, &(SighejBatch){ "three", "2026-02-01", 5, 0, 0, NULL });
  assert_day (fixture, DATE, 11, 22, 33);
  assert_day (fixture, "2026-02-01", 5, 0, 0);
}

static void
test_a_batch_counts_once (Fixture *fixture, gconstpointer data)
{
  SighejBatch batch = { "same", DATE, 1, 1, 1, NULL };

  add_category (&batch, "music", 4);
  for (guint i = 0; i < 5; i++)
    apply (fixture, &batch);
  reopen (fixture);
  apply (fixture, &batch);
  assert_day (fixture, DATE, 1, 1, 1);
  assert_categories (fixture, 5, 3, "");
  assert_categories (fixture, 4, 3, "music");
  g_hash_table_unref (batch.categories);
}

static void
test_totals_survive_a_restart (Fixture *fixture, gconstpointer data)
{
  apply (fixture, &(SighejBatch){ "one", DATE, 142, 38, 911, NULL });
  reopen (fixture);
  assert_day (fixture, DATE, 142, 38, 911);
  apply (fixture, &(SighejBatch){ "two", DATE, 1, 0, 0, NULL });
  assert_day (fixture, DATE, 143, 38, 911);
}

static void
test_categories_come_most_counted_first (Fixture *fixture, gconstpointer data)
{
  SighejBatch batch = { "one", DATE, 0, 0, 0, NULL };
  SighejBatch more = { "two", DATE, 0, 0, 0, NULL };
  SighejBatch other_day = { "three", "2026-02-01", 0, 0, 0, NULL };

  add_category (&batch, "tech", 9);
  add_category (&batch, "music", 4);
  add_category (&batch, "art", 5);
  add_category (&batch, "food", 5);
  add_category (&more, "music", 8);
  add_category (&other_day, "sport", 100);
  apply (fixture, &batch);
  apply (fixture, &more);
  apply (fixture, &other_day);

  assert_categories (fixture, 1, 10, "music tech art food");
  assert_categories (fixture, 1, 3, "music tech art");
  assert_categories (fixture, 6, 3, "music tech");
  g_hash_table_unref (batch.categories);
  g_hash_table_unref (more.categories);
  g_hash_table_unref (other_day.categories);
}

/* T-09: below the threshold nothing can be told from nothing. */
static void
test_counts_below_the_minimum_do_not_show (Fixture *fixture, gconstpointer data)
{
  for (guint i = 1; i <= 4; i++)
    {
      g_autofree char *id = g_strdup_printf ("batch-%u", i);
      SighejBatch batch = { .date = DATE };

      g_strlcpy (batch.id, id, sizeof batch.id);
      add_category (&batch, "philosophy", 1);
      apply (fixture, &batch);
      assert_categories (fixture, 5, 3, "");
      g_hash_table_unref (batch.categories);
    }
}

static void
test_what_is_sent_is_copied (Fixture *fixture, gconstpointer data)
{
  SighejBatch batch = { "one", DATE, 1, 0, 0, NULL };
  g_autoptr (GAsyncResult) result = NULL;

  add_category (&batch, "music", 1);
  sighej_ledger_apply_async (fixture->ledger, &batch, NULL, on_result, &result);
  g_hash_table_remove_all (batch.categories);
  g_clear_pointer (&batch.categories, g_hash_table_unref);
  batch.sessions = 77;
  WAIT_UNTIL (result != NULL);
  g_assert_true (sighej_ledger_apply_finish (fixture->ledger, result, NULL));
  assert_day (fixture, DATE, 1, 0, 0);
  assert_categories (fixture, 1, 1, "music");
}

static const struct
{
  const char *name;
  void (*run) (Fixture *fixture, gconstpointer data);
} script[] = {
  { "a-day-without-rows-is-zero", test_a_day_without_rows_is_zero },
  { "batches-add-up", test_batches_add_up },
  { "a-batch-counts-once", test_a_batch_counts_once },
  { "totals-survive-a-restart", test_totals_survive_a_restart },
  { "categories-come-most-counted-first", test_categories_come_most_counted_first },
  { "counts-below-the-minimum-do-not-show", test_counts_below_the_minimum_do_not_show },
  { "what-is-sent-is-copied", test_what_is_sent_is_copied },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (implementations); i++)
    for (guint j = 0; j < G_N_ELEMENTS (script); j++)
      {
        g_autofree char *name
            = g_strdup_printf ("/ledger/%s/%s", implementations[i].name, script[j].name);

        g_test_add (name, Fixture, GUINT_TO_POINTER (i), set_up, script[j].run, tear_down);
      }
  return g_test_run ();
}
