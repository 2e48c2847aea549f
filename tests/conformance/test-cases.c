/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reports and their audit, told once and run in both databases. */
#include "config.h"

#include <string.h>

#include "pg-server.h"
#include "sighej-cases.h"
#include "sighej-error.h"
#include "sighej-ledger-pg.h"
#include "sighej-ledger-sqlite.h"
#include "sighej-test.h"

#define NOW_MS G_GINT64_CONSTANT (1767268800000) /* 2026-01-01T12:00:00Z */
#define DAY_MS (24 * 3600 * (gint64) 1000)
#define ANN "0000000000000000000000000000000a"
#define BOB "0000000000000000000000000000000b"
#define CAT "0000000000000000000000000000000c"
#define DAN "0000000000000000000000000000000d"

static const guint8 key[SIGHEJ_KEY_BYTES] = { 7 };

typedef struct
{
  gboolean is_pg;
  char *place;
  char *url;
  SighejLedger *ledger;
  SighejSqlThread *thread;
  gint64 now_ms;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->is_pg = GPOINTER_TO_INT (data);
  fixture->place = sighej_test_dup_dir ();
  fixture->now_ms = NOW_MS;
  if (fixture->is_pg)
    {
      fixture->url = pg_server_dup_url ();
      fixture->ledger = sighej_ledger_pg_new (fixture->url, &error);
      g_assert_no_error (error);
      fixture->thread = sighej_ledger_pg_get_thread (SIGHEJ_LEDGER_PG (fixture->ledger));
      return;
    }
  fixture->url = g_build_filename (fixture->place, "ledger.db", NULL);
  fixture->ledger = sighej_ledger_sqlite_new (fixture->url, &error);
  g_assert_no_error (error);
  fixture->thread = SIGHEJ_SQL_THREAD (fixture->ledger);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  sighej_test_assert_finalized (fixture->ledger);
  g_free (fixture->url);
  g_free (fixture->place);
}

/* ---- calls that wait ---- */

/* Everything a work of these tests needs. */
typedef struct
{
  SighejSqlPurpose purpose;
  SighejSqlWork work;
  SighejAuditor auditor;
  const char *text; /* a statement, or a state */
  SighejCaseReport report;
  gint64 id;
  SighejCaseDeed deed;
  GPtrArray *found;
  SighejCase *one;
  SighejAuditFinding finding;
  SighejSqlRows *rows;
  GError *refusal;
} Call;

static guint n_statements; /* of the last call, in SQLite */

static int
count_statement (unsigned type, void *context, void *statement, void *text)
{
  n_statements++;
  return 0;
}

static gboolean
transact (SighejSql *sql, gpointer data, GError **error)
{
  Call *call = data;

  n_statements = 0;
  if (sql->sqlite != NULL)
    sqlite3_trace_v2 (sql->sqlite, SQLITE_TRACE_STMT, count_statement, NULL);
  return sighej_sql_transact (sql, call->purpose, call->work, call, error);
}

static void
on_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static gboolean
try_it (Fixture *fixture, Call *call, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  call->auditor = (SighejAuditor){ key, fixture->now_ms, "tester" };
  sighej_sql_thread_run_async (fixture->thread, transact, call, on_result, &result);
  WAIT_UNTIL (result != NULL);
  return sighej_sql_thread_run_finish (fixture->thread, result, error);
}

static void
run (Fixture *fixture, Call *call, SighejSqlPurpose purpose, SighejSqlWork work)
{
  g_autoptr (GError) error = NULL;

  call->purpose = purpose;
  call->work = work;
  try_it (fixture, call, &error);
  g_assert_no_error (error);
}

static gboolean
work_query (SighejSql *sql, gpointer data, GError **error)
{
  Call *call = data;

  call->rows = sighej_sql_query (sql, call->text, 0, NULL, error);
  return call->rows != NULL;
}

/* What people with the database's password can do. */
static void
do_sql (Fixture *fixture, const char *text)
{
  Call call = { .text = text };

  run (fixture, &call, SIGHEJ_SQL_WRITE, work_query);
  sighej_sql_rows_free (call.rows);
}

/* (transfer full): the first row's columns, "|" between */
static char *
ask_sql (Fixture *fixture, const char *text, guint n_columns)
{
  Call call = { .text = text };
  g_autoptr (GString) line = g_string_new (NULL);

  run (fixture, &call, SIGHEJ_SQL_READ, work_query);
  for (guint i = 0; i < n_columns; i++)
    g_string_append_printf (line, "%s%s", i > 0 ? "|" : "", sighej_sql_rows_get (call.rows, 0, i));
  sighej_sql_rows_free (call.rows);
  return g_string_free (g_steal_pointer (&line), FALSE);
}

static void
assert_sql (Fixture *fixture, const char *text, guint n_columns, const char *expected)
{
  g_autofree char *line = ask_sql (fixture, text, n_columns);

  g_assert_cmpstr (line, ==, expected);
}

static gboolean
work_add_report (SighejSql *sql, gpointer data, GError **error)
{
  Call *call = data;

  return sighej_cases_add_report (sql, &call->auditor, &call->report, error);
}

/* @request: (nullable): like no other */
static void
report_as (Fixture *fixture,
           const char *reporter,
           const char *reported,
           const char *request,
           gboolean counts)
{
  static guint n_reports;
  Call call = { .report = { .reason = "spam",
                            .opening = g_strdup ("sealed-opening"),
                            .content = g_strdup ("sealed-content"),
                            .counts = counts } };

  g_strlcpy (call.report.reporter, reporter, sizeof call.report.reporter);
  g_strlcpy (call.report.reported, reported, sizeof call.report.reported);
  g_snprintf (call.report.request, sizeof call.report.request, "%u", ++n_reports);
  if (request != NULL)
    g_strlcpy (call.report.request, request, sizeof call.report.request);
  run (fixture, &call, SIGHEJ_SQL_WRITE, work_add_report);
  sighej_case_report_clear (&call.report);
}

static void
report (Fixture *fixture, const char *reporter, const char *reported)
{
  report_as (fixture, reporter, reported, NULL, TRUE);
}

static gboolean
work_add_appeal (SighejSql *sql, gpointer data, GError **error)
{
  Call *call = data;

  return sighej_cases_add_appeal (
      sql, &call->auditor, call->text, "sealed-appeal", call->report.request, error);
}

static void
appeal_as (Fixture *fixture, const char *reported, const char *request)
{
  Call call = { .text = reported };

  g_strlcpy (call.report.request, request, sizeof call.report.request);
  run (fixture, &call, SIGHEJ_SQL_WRITE, work_add_appeal);
}

static void
appeal (Fixture *fixture, const char *reported)
{
  static guint n_appeals;
  g_autofree char *request = g_strdup_printf ("%u", ++n_appeals);

  appeal_as (fixture, reported, request);
}

static gboolean
work_forget (SighejSql *sql, gpointer data, GError **error)
{
  return sighej_cases_forget (sql, &((Call *) data)->auditor, error);
}

static void
forget (Fixture *fixture)
{
  Call call = { 0 };

  run (fixture, &call, SIGHEJ_SQL_WRITE, work_forget);
}

static gboolean
work_in_force (SighejSql *sql, gpointer data, GError **error)
{
  Call *call = data;

  call->found = sighej_cases_read_in_force (sql, call->auditor.now_ms, error);
  return call->found != NULL;
}

/* "b:muted c:free", by the last digit of each tag, newest first */
static void
assert_in_force (Fixture *fixture, const char *expected)
{
  Call call = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);

  run (fixture, &call, SIGHEJ_SQL_READ, work_in_force);
  for (guint i = 0; i < call.found->len; i++)
    {
      const SighejCaseForce *force = call.found->pdata[i];

      g_assert_cmpstr (force->opening, ==, "sealed-opening");
      g_assert_cmpint (force->until_ms, >, fixture->now_ms);
      g_string_append_printf (text,
                              "%s%s:%s",
                              i > 0 ? " " : "",
                              force->reported + SIGHEJ_CASES_TAG_CHARS - 1,
                              force->muted ? "muted" : "free");
    }
  g_assert_cmpstr (text->str, ==, expected);
  g_ptr_array_unref (call.found);
}

static gboolean
work_list (SighejSql *sql, gpointer data, GError **error)
{
  Call *call = data;

  call->found = sighej_cases_list (sql, call->text, 0, call->auditor.now_ms, error);
  return call->found != NULL;
}

/* "1:open 2:acted" */
static void
assert_states (Fixture *fixture, const char *state, const char *expected)
{
  Call call = { .text = state };
  g_autoptr (GString) text = g_string_new (NULL);

  run (fixture, &call, SIGHEJ_SQL_READ, work_list);
  for (guint i = 0; i < call.found->len; i++)
    {
      const SighejCase *found = call.found->pdata[i];

      g_string_append_printf (text, "%s%d:%s", i > 0 ? " " : "", (int) found->id, found->state);
    }
  g_assert_cmpstr (text->str, ==, expected);
  g_ptr_array_unref (call.found);
}

static gboolean
work_find (SighejSql *sql, gpointer data, GError **error)
{
  Call *call = data;

  call->one = sighej_cases_find (sql, call->id, call->auditor.now_ms, error);
  return call->one != NULL;
}

static SighejCase *
find (Fixture *fixture, gint64 id)
{
  Call call = { .id = id };

  run (fixture, &call, SIGHEJ_SQL_READ, work_find);
  return call.one;
}

static gboolean
work_act (SighejSql *sql, gpointer data, GError **error)
{
  Call *call = data;
  g_autoptr (SighejCase) found = sighej_cases_find (sql, call->id, call->auditor.now_ms, error);

  return found != NULL
         && sighej_cases_act (sql, &call->auditor, found, call->deed, "sealed-note", error);
}

static void
act (Fixture *fixture, gint64 id, SighejCaseDeed deed)
{
  Call call = { .id = id, .deed = deed };

  run (fixture, &call, SIGHEJ_SQL_WRITE, work_act);
}

static gboolean
work_close (SighejSql *sql, gpointer data, GError **error)
{
  Call *call = data;
  g_autoptr (SighejCase) found = sighej_cases_find (sql, call->id, call->auditor.now_ms, error);

  return found != NULL && sighej_cases_close (sql, &call->auditor, found, error);
}

static void
close_report (Fixture *fixture, gint64 id)
{
  Call call = { .id = id };

  run (fixture, &call, SIGHEJ_SQL_WRITE, work_close);
}

static gboolean
work_verify (SighejSql *sql, gpointer data, GError **error)
{
  Call *call = data;

  return sighej_cases_verify (sql, key, &call->finding, error);
}

/* @fault: (nullable): part of what is said; NULL: nothing is wrong */
static void
assert_verify (Fixture *fixture, const char *fault)
{
  Call call = { 0 };

  run (fixture, &call, SIGHEJ_SQL_READ, work_verify);
  if (fault == NULL)
    g_assert_cmpstr (call.finding.fault, ==, NULL);
  else
    {
      g_assert_nonnull (call.finding.fault);
      if (strstr (call.finding.fault, fault) == NULL)
        g_error ("\"%s\" does not say \"%s\"", call.finding.fault, fault);
    }
  sighej_audit_finding_clear (&call.finding);
}

/* ---- muting ---- */

static void
test_three_reporters_mute (Fixture *fixture, gconstpointer data)
{
  report (fixture, ANN, DAN);
  report (fixture, BOB, DAN);
  for (guint i = 0; i < 3; i++)
    report (fixture, BOB, DAN); /* who says it twice is one */
  report (fixture, CAT, ANN);
  assert_in_force (fixture, "");
  report (fixture, CAT, DAN);
  assert_in_force (fixture, "d:muted");
  assert_verify (fixture, NULL);

  fixture->now_ms += SIGHEJ_CASES_MUTE_SECONDS * (gint64) 1000 - 1;
  assert_in_force (fixture, "d:muted");
  fixture->now_ms += 1;
  assert_in_force (fixture, "");
}

static void
test_who_is_muted_is_not_muted_again (Fixture *fixture, gconstpointer data)
{
  report (fixture, ANN, DAN);
  report (fixture, BOB, DAN);
  report (fixture, CAT, DAN);
  report (fixture, "0000000000000000000000000000000e", DAN);
  assert_sql (fixture, "SELECT count(*), max(actor) FROM actions", 2, "1|three reporters");
}

static void
test_a_pair_cannot_fill_the_book (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < SIGHEJ_CASES_A_PAIR_MAX + 2; i++)
    report (fixture, ANN, DAN);
  assert_sql (fixture, "SELECT count(*) FROM reports", 1, "5");
  assert_verify (fixture, NULL);
}

static void
test_what_comes_again_is_one (Fixture *fixture, gconstpointer data)
{
  report_as (fixture, ANN, DAN, "first", TRUE);
  report_as (fixture, ANN, DAN, "first", TRUE);
  act (fixture, 1, SIGHEJ_CASE_NONE);
  report_as (fixture, ANN, DAN, "first", TRUE);
  report_as (fixture, ANN, DAN, "second", TRUE);
  appeal_as (fixture, DAN, "first");
  appeal_as (fixture, DAN, "first");
  assert_sql (fixture,
              "SELECT (SELECT count(*) FROM reports), (SELECT count(*) FROM appeals),"
              " (SELECT count(*) FROM audit)",
              3,
              "2|1|5");
  assert_verify (fixture, NULL);
}

/* Nothing of it is there but when somebody last said something. */
static void
test_what_does_not_count_is_taken_back (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < SIGHEJ_CASES_REPORTERS_TO_MUTE; i++)
    report_as (fixture, i == 0 ? ANN : i == 1 ? BOB : CAT, DAN, NULL, FALSE);
  appeal (fixture, DAN);
  fixture->now_ms += 1;
  report_as (fixture, ANN, DAN, "counts-later", FALSE);
  assert_sql (fixture,
              "SELECT (SELECT count(*) FROM reports), (SELECT count(*) FROM appeals),"
              " (SELECT count(*) FROM actions), (SELECT count(*) FROM audit),"
              " (SELECT max(at_ms) FROM last_said)",
              5,
              "0|0|0|0|1767268800001");
  assert_in_force (fixture, "");
  report_as (fixture, ANN, DAN, "counts-later", TRUE);
  assert_sql (fixture, "SELECT count(*) FROM reports", 1, "1");
  assert_verify (fixture, NULL);
}

/* Whoever waits for the commit waits for as many statements: nobody can tell by the time of an
 * answer whether a report counted, came before, or muted, nor whether somebody who appeals was
 * reported. */
static void
test_all_cost_the_same (Fixture *fixture, gconstpointer data)
{
  guint n_of_report, n_of_appeal;

  report (fixture, ANN, DAN);
  n_of_report = n_statements;
  report_as (fixture, BOB, DAN, NULL, FALSE);
  g_assert_cmpuint (n_statements, ==, n_of_report);
  report_as (fixture, BOB, DAN, "second", TRUE);
  g_assert_cmpuint (n_statements, ==, n_of_report);
  report_as (fixture, BOB, DAN, "second", TRUE);
  g_assert_cmpuint (n_statements, ==, n_of_report);
  assert_in_force (fixture, "");
  report (fixture, CAT, DAN);
  g_assert_cmpuint (n_statements, ==, n_of_report);
  assert_in_force (fixture, "d:muted");
  for (guint i = 0; i < SIGHEJ_CASES_A_PAIR_MAX; i++)
    report (fixture, CAT, DAN);
  g_assert_cmpuint (n_statements, ==, n_of_report);

  appeal (fixture, ANN);
  n_of_appeal = n_statements;
  appeal (fixture, DAN);
  g_assert_cmpuint (n_statements, ==, n_of_appeal);
  g_assert_cmpuint (n_of_report > n_of_appeal && n_of_appeal > 0, ==, !fixture->is_pg);
}

static void
test_an_unmute_undoes_and_counts_anew (Fixture *fixture, gconstpointer data)
{
  report (fixture, ANN, DAN);
  report (fixture, BOB, DAN);
  report (fixture, CAT, DAN);
  act (fixture, 2, SIGHEJ_CASE_UNMUTE);
  assert_in_force (fixture, "d:free");
  assert_states (fixture, NULL, "1:dismissed 2:dismissed 3:dismissed");

  report (fixture, ANN, DAN);
  report (fixture, BOB, DAN);
  assert_in_force (fixture, "d:free");
  report (fixture, CAT, DAN);
  assert_in_force (fixture, "d:muted");
  assert_verify (fixture, NULL);
}

static void
test_an_operator_mutes_and_dismisses (Fixture *fixture, gconstpointer data)
{
  report (fixture, ANN, BOB);
  report (fixture, ANN, DAN);
  report (fixture, BOB, DAN);
  act (fixture, 1, SIGHEJ_CASE_MUTE);
  assert_in_force (fixture, "b:muted");
  act (fixture, 2, SIGHEJ_CASE_NONE);
  report (fixture, CAT, DAN); /* the second that counts */
  assert_in_force (fixture, "b:muted");
  close_report (fixture, 3);
  close_report (fixture, 3);
  close_report (fixture, 1);
  assert_states (fixture, NULL, "1:acted 2:dismissed 3:closed 4:open");
  assert_states (fixture, "open", "4:open");
  assert_verify (fixture, NULL);
}

static void
test_a_case_says_what_belongs_to_it (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SighejCase) found = NULL;
  Call call = { .id = 99, .purpose = SIGHEJ_SQL_WRITE, .work = work_act };
  g_autoptr (GError) error = NULL;

  report (fixture, ANN, DAN);
  report (fixture, BOB, DAN);
  appeal (fixture, DAN);
  appeal (fixture, CAT); /* whom nobody reported */
  act (fixture, 1, SIGHEJ_CASE_MUTE);
  found = find (fixture, 2);
  g_assert_cmpstr (found->reason, ==, "spam");
  g_assert_cmpstr (found->reporter, ==, BOB);
  g_assert_cmpstr (found->content, ==, "sealed-content");
  g_assert_cmpint (found->at_ms, ==, NOW_MS);
  g_assert_cmpuint (found->n_reporters, ==, 2);
  g_assert_cmpuint (found->n_appeals, ==, 1);
  g_assert_cmpint (found->muted_until_ms, ==, NOW_MS + SIGHEJ_CASES_MUTE_SECONDS * (gint64) 1000);

  g_assert_false (try_it (fixture, &call, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_FOUND);
  assert_verify (fixture, NULL);
}

static void
test_after_thirty_days_only_the_audit_is_left (Fixture *fixture, gconstpointer data)
{
  report (fixture, ANN, DAN);
  appeal (fixture, DAN);
  act (fixture, 1, SIGHEJ_CASE_NONE);
  fixture->now_ms += DAY_MS;
  report (fixture, BOB, DAN);
  fixture->now_ms = NOW_MS + SIGHEJ_CASES_KEPT_DAYS * DAY_MS;
  forget (fixture);
  assert_states (fixture, NULL, "1:dismissed 2:open");
  fixture->now_ms += 1;
  forget (fixture);
  assert_states (fixture, NULL, "2:open");
  assert_sql (fixture,
              "SELECT (SELECT count(*) FROM appeals), (SELECT count(*) FROM actions),"
              " (SELECT count(*) FROM audit)",
              3,
              "0|0|8");
  assert_verify (fixture, NULL);
  forget (fixture);
  assert_verify (fixture, NULL);
}

/* ---- the audit ---- */

/* A connection on which something failed is given up, so it fails inside. */
static gboolean
work_be_refused (SighejSql *sql, gpointer data, GError **error)
{
  static const char *const around[] = { "SAVEPOINT tried", "ROLLBACK TO SAVEPOINT tried" };
  Call *call = data;
  g_autoptr (SighejSqlRows) before = sighej_sql_query (sql, around[0], 0, NULL, error);
  g_autoptr (SighejSqlRows) rows = sighej_sql_query (sql, call->text, 0, NULL, &call->refusal);
  g_autoptr (SighejSqlRows) after = sighej_sql_query (sql, around[1], 0, NULL, error);

  return before != NULL && rows == NULL && after != NULL;
}

static void
assert_sql_refused (Fixture *fixture, const char *text)
{
  Call call = { .text = text };

  run (fixture, &call, SIGHEJ_SQL_WRITE, work_be_refused);
  g_assert_nonnull (strstr (call.refusal->message, "the audit is never"));
  g_clear_error (&call.refusal);
}

static void
fill (Fixture *fixture)
{
  report (fixture, ANN, DAN);
  report (fixture, BOB, DAN);
  appeal (fixture, DAN);
  act (fixture, 1, SIGHEJ_CASE_MUTE);
  close_report (fixture, 2);
}

static void
test_the_database_refuses_changes_of_the_audit (Fixture *fixture, gconstpointer data)
{
  fill (fixture);
  assert_sql_refused (fixture, "UPDATE audit SET actor = 'nobody' WHERE id = 1");
  assert_sql_refused (fixture, "DELETE FROM audit WHERE id = 1");
  if (fixture->is_pg)
    assert_sql_refused (fixture, "TRUNCATE audit");
  assert_verify (fixture, NULL);
}

static void
drop_triggers (Fixture *fixture)
{
  if (fixture->is_pg)
    {
      do_sql (fixture, "DROP TRIGGER audit_is_never_changed ON audit");
      return;
    }
  do_sql (fixture, "DROP TRIGGER audit_is_never_changed");
  do_sql (fixture, "DROP TRIGGER audit_is_never_shortened");
}

/* Does it, sees it found, and takes it back. */
static void
assert_found (Fixture *fixture, const char *forth, const char *back, const char *fault)
{
  do_sql (fixture, forth);
  assert_verify (fixture, fault);
  do_sql (fixture, back);
  assert_verify (fixture, NULL);
}

static void
assert_change_found (
    Fixture *fixture, const char *table, const char *column, const char *where, const char *fault)
{
  g_autofree char *look = g_strdup_printf ("SELECT %s FROM %s WHERE %s", column, table, where);
  g_autofree char *before = ask_sql (fixture, look, 1);
  gboolean is_number = before[0] != '\0' && strspn (before, "0123456789") == strlen (before)
                       && strlen (before) < SIGHEJ_CASES_TAG_CHARS;
  g_autofree char *other = is_number                       ? g_strdup_printf ("%s7", before)
                           : g_str_equal (column, "state") ? g_strdup ("'dismissed'")
                           : g_str_equal (column, "deed") && g_str_equal (table, "actions")
                               ? g_strdup ("'unmute'")
                               : g_strdup_printf ("'%sx'", before);
  g_autofree char *forth
      = g_strdup_printf ("UPDATE %s SET %s = %s WHERE %s", table, column, other, where);
  /* A row whose id is changed is found again by its new one. */
  g_autofree char *back
      = g_str_equal (column, "id")
            ? g_strdup_printf ("UPDATE %s SET id = %s WHERE id = %s", table, before, other)
            : g_strdup_printf ("UPDATE %s SET %s = '%s' WHERE %s", table, column, before, where);

  assert_found (fixture, forth, back, fault);
}

static void
test_every_changed_column_is_found (Fixture *fixture, gconstpointer data)
{
  static const char *const columns[]
      = { "id", "at_ms", "actor", "deed", "subject", "digest", "previous", "hash" };

  fill (fixture);
  drop_triggers (fixture);
  assert_verify (fixture, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    for (guint row = 2; row <= 6; row += 2)
      {
        g_autofree char *where = g_strdup_printf ("id = %u", row);

        assert_change_found (fixture, "audit", columns[i], where, "row ");
      }
}

static void
test_a_removed_or_inserted_row_is_found (Fixture *fixture, gconstpointer data)
{
  fill (fixture);
  drop_triggers (fixture);
  do_sql (fixture, "CREATE TABLE aside AS SELECT * FROM audit");
  for (guint row = 1; row <= 6; row++)
    {
      g_autofree char *forth = g_strdup_printf ("DELETE FROM audit WHERE id = %u", row);
      g_autofree char *back
          = g_strdup_printf ("INSERT INTO audit SELECT * FROM aside WHERE id = %u", row);

      assert_found (fixture, forth, back, "missing");
    }
  assert_found (fixture, "DELETE FROM audit", "INSERT INTO audit SELECT * FROM aside", "missing");
  for (int row = 7; row >= 0; row -= 7)
    {
      g_autofree char *forth = g_strdup_printf (
          "INSERT INTO audit SELECT %d, at_ms, actor, deed, subject, digest, previous, hash"
          " FROM audit WHERE id = 6",
          row);
      g_autofree char *back = g_strdup_printf ("DELETE FROM audit WHERE id = %d", row);

      assert_found (fixture, forth, back, "row ");
    }
}

/* Who can compute SHA-256 has not the key file. */
static void
test_a_chain_that_is_computed_anew_is_found (Fixture *fixture, gconstpointer data)
{
  char hash[SIGHEJ_AUDIT_HASH_CHARS + 1];
  const char *values[] = { "1", "1767268800000", "tester", "reported", "report 1", "", "" };
  g_autofree char *text = NULL;

  report (fixture, ANN, DAN);
  drop_triggers (fixture);
  sighej_audit_hash (values, G_N_ELEMENTS (values), hash);
  text = g_strdup_printf ("UPDATE audit SET digest = '', hash = '%s'", hash);
  do_sql (fixture, text);
  assert_verify (fixture, "the seal of its end is broken");
  do_sql (fixture, "DELETE FROM audit_end");
  assert_verify (fixture, "the seal of its end is gone");
}

static void
test_a_changed_end_is_found (Fixture *fixture, gconstpointer data)
{
  fill (fixture);
  assert_change_found (fixture, "audit_end", "n_rows", "id = 1", "missing");
  assert_change_found (fixture, "audit_end", "seal", "id = 1", "seal");
}

static void
test_what_the_audit_tells_of_is_held_to_it (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *table;
    const char *columns;
    const char *fault;
  } tables[] = {
    { "reports", "id at_ms reason reporter reported opening content request", "report 1" },
    { "reports", "state", "report 1 is dismissed, and was made acted" },
    { "appeals", "id at_ms reported content", "appeal 1" },
    { "actions", "id at_ms report reported opening deed until_ms actor note", "action 1" },
  };

  fill (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      g_auto (GStrv) columns = g_strsplit (tables[i].columns, " ", -1);

      for (guint j = 0; columns[j] != NULL; j++)
        assert_change_found (fixture, tables[i].table, columns[j], "id = 1", tables[i].fault);
    }
  do_sql (fixture, "DELETE FROM reports WHERE id = 2");
  assert_verify (fixture, "report 2 is missing");
}

static const struct
{
  const char *name;
  void (*run) (Fixture *fixture, gconstpointer data);
} script[] = {
  { "three-reporters-mute", test_three_reporters_mute },
  { "who-is-muted-is-not-muted-again", test_who_is_muted_is_not_muted_again },
  { "a-pair-cannot-fill-the-book", test_a_pair_cannot_fill_the_book },
  { "what-comes-again-is-one", test_what_comes_again_is_one },
  { "what-does-not-count-is-taken-back", test_what_does_not_count_is_taken_back },
  { "all-cost-the-same", test_all_cost_the_same },
  { "an-unmute-undoes-and-counts-anew", test_an_unmute_undoes_and_counts_anew },
  { "an-operator-mutes-and-dismisses", test_an_operator_mutes_and_dismisses },
  { "a-case-says-what-belongs-to-it", test_a_case_says_what_belongs_to_it },
  { "after-thirty-days-only-the-audit-is-left", test_after_thirty_days_only_the_audit_is_left },
  { "the-database-refuses-changes-of-the-audit", test_the_database_refuses_changes_of_the_audit },
  { "every-changed-column-is-found", test_every_changed_column_is_found },
  { "a-removed-or-inserted-row-is-found", test_a_removed_or_inserted_row_is_found },
  { "a-chain-computed-anew-is-found", test_a_chain_that_is_computed_anew_is_found },
  { "a-changed-end-is-found", test_a_changed_end_is_found },
  { "what-the-audit-tells-of-is-held-to-it", test_what_the_audit_tells_of_is_held_to_it },
};

int
main (int argc, char **argv)
{
  static const char *const names[] = { "sqlite", "postgres" };

  g_test_init (&argc, &argv, NULL);
  for (int i = 0; i < (int) G_N_ELEMENTS (names); i++)
    for (guint j = 0; j < G_N_ELEMENTS (script); j++)
      {
        g_autofree char *name = g_strdup_printf ("/cases/%s/%s", names[i], script[j].name);

        g_test_add (name, Fixture, GINT_TO_POINTER (i), set_up, script[j].run, tear_down);
      }
  return g_test_run ();
}
