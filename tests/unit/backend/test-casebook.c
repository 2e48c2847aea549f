/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "sighej-casebook.h"
#include "sighej-error.h"
#include "sighej-ledger-sqlite.h"
#include "sighej-sqlite.h"
#include "sighej-store-memory.h"
#include "sighej-test.h"

#define SECOND_US ((gint64) G_USEC_PER_SEC)
#define HOUR_US (3600 * SECOND_US)
#define PER_HOUR 6
#define CANARY "canary-in-confidence"
#define WAITING (-2)
#define KEY "0d3c2b1a-0000-4000-8000-000000000001"

/* ---- a database that can be away ---- */

#define TEST_TYPE_THREAD (test_thread_get_type ())
G_DECLARE_FINAL_TYPE (TestThread, test_thread, TEST, THREAD, GObject)

struct _TestThread
{
  GObject parent_instance;

  SighejSqlThread *real;
  gboolean is_away;
  gboolean is_slow; /* it does what it is asked, and answers when it is not slow any more */
  GPtrArray *held;  /* GTask */
  guint n_asked;
};

static void test_thread_iface_init (SighejSqlThreadInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TestThread,
                               test_thread,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SIGHEJ_TYPE_SQL_THREAD,
                                                      test_thread_iface_init))

static void
test_thread_init (TestThread *self)
{
  self->held = g_ptr_array_new_with_free_func (g_object_unref);
}

static void
test_thread_finalize (GObject *object)
{
  g_clear_object (&TEST_THREAD (object)->real);
  g_ptr_array_unref (TEST_THREAD (object)->held);
  G_OBJECT_CLASS (test_thread_parent_class)->finalize (object);
}

static void
test_thread_class_init (TestThreadClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = test_thread_finalize;
}

static void
on_run (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  TestThread *self = g_task_get_source_object (task);
  GError *error = NULL;

  if (self->is_slow)
    {
      g_assert_true (sighej_sql_thread_run_finish (SIGHEJ_SQL_THREAD (source), result, NULL));
      g_ptr_array_add (self->held, g_steal_pointer (&task));
    }
  else if (sighej_sql_thread_run_finish (SIGHEJ_SQL_THREAD (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
test_thread_hurry (TestThread *self)
{
  self->is_slow = FALSE;
  for (guint i = 0; i < self->held->len; i++)
    g_task_return_boolean (self->held->pdata[i], TRUE);
  g_ptr_array_set_size (self->held, 0);
}

static void
test_thread_run_async (SighejSqlThread *thread,
                       SighejSqlWork work,
                       gpointer data,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  TestThread *self = TEST_THREAD (thread);
  GTask *task = g_task_new (self, NULL, callback, user_data);

  self->n_asked++;
  if (!self->is_away)
    {
      sighej_sql_thread_run_async (self->real, work, data, on_run, task);
      return;
    }
  g_task_return_new_error (task, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE, "it is away");
  g_object_unref (task);
}

static void
test_thread_iface_init (SighejSqlThreadInterface *iface)
{
  iface->run_async = test_thread_run_async;
}

/* ---- fixture ---- */

typedef struct
{
  char *path;
  SighejTestClock *clock;
  SighejStore *store;
  SighejLedger *ledger;
  TestThread *thread;
  SighejVault *vault;
  SighejCasebook *casebook;
  int last; /* answer: WAITING, -1, or the error's code */
  SighejQuota quota;
  guint n_answers;
  sqlite3 *beside; /* as another program sees the file */
} Fixture;

static void
start (Fixture *fixture)
{
  fixture->store = sighej_store_memory_new (SIGHEJ_CLOCK (fixture->clock));
  fixture->casebook = sighej_casebook_new (SIGHEJ_SQL_THREAD (fixture->thread),
                                           fixture->store,
                                           fixture->vault,
                                           SIGHEJ_CLOCK (fixture->clock),
                                           PER_HOUR);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *folder = sighej_test_dup_dir ();
  g_autofree char *key = g_build_filename (folder, "key", NULL);
  g_autoptr (GError) error = NULL;

  fixture->path = g_build_filename (folder, "ledger.sqlite", NULL);
  fixture->clock = sighej_test_clock_new ();
  fixture->ledger = sighej_ledger_sqlite_new (fixture->path, &error);
  g_assert_no_error (error);
  fixture->thread = g_object_new (TEST_TYPE_THREAD, NULL);
  fixture->thread->real = g_object_ref (SIGHEJ_SQL_THREAD (fixture->ledger));
  fixture->vault = sighej_vault_new_from_file (key, TRUE, &error);
  g_assert_no_error (error);
  fixture->beside = sighej_sqlite_open (fixture->path, &error);
  g_assert_no_error (error);
  start (fixture);
}

static void
on_finished (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static gboolean
finish (Fixture *fixture)
{
  g_autoptr (GAsyncResult) result = NULL;

  sighej_casebook_finish_async (fixture->casebook, on_finished, &result);
  WAIT_UNTIL (result != NULL);
  return sighej_casebook_finish_finish (fixture->casebook, result, NULL);
}

static guint
count_refs (gpointer object)
{
  return g_atomic_int_get (&G_OBJECT (object)->ref_count);
}

/* What it asked for last holds it until it is answered. */
static void
stop (Fixture *fixture)
{
  WAIT_UNTIL (count_refs (fixture->casebook) == 1);
  sighej_test_assert_finalized (fixture->casebook);
  sighej_test_assert_finalized (fixture->store);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  stop (fixture);
  sighej_test_assert_finalized (fixture->thread);
  sighej_test_assert_finalized (fixture->ledger);
  sighej_test_assert_finalized (fixture->vault);
  sighej_test_assert_finalized (fixture->clock);
  sqlite3_close (fixture->beside);
  g_free (fixture->path);
}

/* ---- what people do ---- */

/* An opening of whoever has this letter. */
static const guint8 *
opening_of (char who)
{
  static guint8 openings[256][SIGHEJ_OPENING_ID_BYTES];

  memset (openings[(guchar) who], who, SIGHEJ_OPENING_ID_BYTES);
  return openings[(guchar) who];
}

/* (transfer full): as a nudge of the two brings it to @own */
static char *
dup_ticket (Fixture *fixture, char own, char peer)
{
  SighejNudgeTicket ticket
      = { .made_ms = sighej_clock_wall_us (SIGHEJ_CLOCK (fixture->clock)) / 1000 };

  memset (ticket.nudge_id, 'a', sizeof ticket.nudge_id - 1);
  memcpy (ticket.own, opening_of (own), sizeof ticket.own);
  memcpy (ticket.peer, opening_of (peer), sizeof ticket.peer);
  return sighej_vault_seal_ticket (fixture->vault, &ticket);
}

static void
on_said (const SighejQuota *quota, const GError *error, gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->n_answers++;
  fixture->quota = *quota;
  fixture->last = error != NULL ? error->code : -1;
}

/* @key: (nullable) */
static void
send_report (Fixture *fixture, char reporter, const char *ticket, const char *key)
{
  char *attached[] = { (char *) CANARY "-attached", NULL };
  SighejWireReport report = {
    .ticket = (char *) ticket,
    .reason = SIGHEJ_REPORT_REASON_FAKE,
    .text = (char *) CANARY "-text",
    .attached = attached,
  };

  fixture->last = WAITING;
  sighej_casebook_report (fixture->casebook, opening_of (reporter), &report, key, on_said, fixture);
}

/* The answer: -1 or the code */
static int
report_with (Fixture *fixture, char reporter, const char *ticket)
{
  send_report (fixture, reporter, ticket, NULL);
  WAIT_UNTIL (fixture->last != WAITING);
  return fixture->last;
}

static void
report (Fixture *fixture, char reporter, char reported)
{
  g_autofree char *ticket = dup_ticket (fixture, reporter, reported);

  g_assert_cmpint (report_with (fixture, reporter, ticket), ==, -1);
}

static int
appeal (Fixture *fixture, char who)
{
  fixture->last = WAITING;
  sighej_casebook_appeal (fixture->casebook, opening_of (who), CANARY, NULL, on_said, fixture);
  WAIT_UNTIL (fixture->last != WAITING);
  return fixture->last;
}

static int
query_int (Fixture *fixture, const char *text)
{
  sqlite3_stmt *statement = sighej_sqlite_prepare (fixture->beside, text, NULL);
  int value;

  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_ROW);
  value = sqlite3_column_int (statement, 0);
  sqlite3_finalize (statement);
  return value;
}

static int
count_reports (Fixture *fixture)
{
  return query_int (fixture, "SELECT count(*) FROM reports");
}

static void
on_record (const SighejStoreRecord *record, const GError *error, gpointer user_data)
{
  g_assert_no_error (error);
  *(int *) user_data = record->value != NULL;
}

/* The memory store answers at once. */
static gboolean
is_muted (Fixture *fixture, char who)
{
  char hex[2 * SIGHEJ_OPENING_ID_BYTES + 1];
  g_autofree char *key = NULL;
  int muted = -1;

  sighej_hex_encode (opening_of (who), SIGHEJ_OPENING_ID_BYTES, hex);
  key = g_strconcat (SIGHEJ_STORE_MUTE_PREFIX, hex, NULL);
  sighej_store_read_record (fixture->store, key, on_record, &muted);
  g_assert_cmpint (muted, !=, -1);
  return muted;
}

static void
settle (Fixture *fixture)
{
  WAIT_UNTIL (count_refs (fixture->casebook) == 1);
}

/* It looks once when the time has come, and that is answered. */
static void
turn (Fixture *fixture, gint64 by_us)
{
  guint n_asked;

  settle (fixture);
  n_asked = fixture->thread->n_asked;
  sighej_test_clock_advance (fixture->clock, by_us);
  g_assert_cmpuint (fixture->thread->n_asked, >, n_asked);
  settle (fixture);
}

/* What an operator does at another program. */
typedef struct
{
  Fixture *fixture;
  SighejCaseDeed deed;
} Deed;

static gboolean
work_act (SighejSql *sql, gpointer data, GError **error)
{
  const Deed *deed = data;
  const SighejAuditor auditor = { sighej_vault_get_audit_key (deed->fixture->vault),
                                  sighej_clock_wall_us (SIGHEJ_CLOCK (deed->fixture->clock)) / 1000,
                                  "operator" };
  g_autoptr (SighejCase) found = sighej_cases_find (sql, 1, auditor.now_ms, error);

  return found != NULL && sighej_cases_act (sql, &auditor, found, deed->deed, "", error);
}

static void
act (Fixture *fixture, SighejCaseDeed what)
{
  SighejSql sql = { .sqlite = fixture->beside };
  Deed deed = { fixture, what };
  g_autoptr (GError) error = NULL;

  sighej_sql_transact (&sql, SIGHEJ_SQL_WRITE, work_act, &deed, &error);
  g_assert_no_error (error);
}

/* ---- tests ---- */

static void
test_counts_only_with_a_ticket_of_its_own (Fixture *fixture, gconstpointer data)
{
  g_autofree char *foreign = dup_ticket (fixture, 'b', 'd');
  g_autofree char *old = dup_ticket (fixture, 'a', 'd');
  g_autofree char *broken = dup_ticket (fixture, 'a', 'd');

  broken[5] = broken[5] == 'A' ? 'B' : 'A';
  g_assert_cmpint (report_with (fixture, 'a', foreign), ==, -1);
  g_assert_cmpint (report_with (fixture, 'a', broken), ==, -1);
  g_assert_cmpint (report_with (fixture, 'a', "Zm9v"), ==, -1);
  turn (fixture, 4 * HOUR_US + SECOND_US);
  g_assert_cmpint (report_with (fixture, 'a', old), ==, -1);
  report (fixture, 'a', 'd');
  g_assert_cmpint (count_reports (fixture), ==, 1);
  g_assert_cmpint (query_int (fixture, "SELECT count(*) FROM audit"), ==, 1);
}

static void
mute_dan (Fixture *fixture)
{
  for (char who = 'a'; who <= 'c'; who++)
    report (fixture, who, 'd');
  WAIT_UNTIL (is_muted (fixture, 'd'));
}

static void
test_three_mute_in_the_store (Fixture *fixture, gconstpointer data)
{
  report (fixture, 'a', 'd');
  report (fixture, 'a', 'd');
  report (fixture, 'b', 'd');
  g_assert_cmpint (count_reports (fixture), ==, 3);
  turn (fixture, 2 * SECOND_US);
  g_assert_false (is_muted (fixture, 'd'));
  report (fixture, 'c', 'd');
  WAIT_UNTIL (is_muted (fixture, 'd'));
  g_assert_false (is_muted (fixture, 'a'));

  turn (fixture, 4 * HOUR_US + SECOND_US);
  g_assert_false (is_muted (fixture, 'd'));
}

static void
test_what_another_program_decides_is_done (Fixture *fixture, gconstpointer data)
{
  mute_dan (fixture);
  act (fixture, SIGHEJ_CASE_UNMUTE);
  turn (fixture, 2 * SECOND_US);
  g_assert_false (is_muted (fixture, 'd'));
  act (fixture, SIGHEJ_CASE_MUTE);
  turn (fixture, 2 * SECOND_US);
  g_assert_true (is_muted (fixture, 'd'));
  act (fixture, SIGHEJ_CASE_NONE);
  turn (fixture, 2 * SECOND_US);
  g_assert_true (is_muted (fixture, 'd'));
}

static void
on_swapped (gboolean swapped, guint64 version, const GError *error, gpointer user_data)
{
  g_assert_no_error (error);
  *(gboolean *) user_data = swapped;
}

static void
on_record_to_drop (const SighejStoreRecord *record, const GError *error, gpointer user_data)
{
  *(guint64 *) user_data = record->version;
}

static void
test_a_store_that_forgot_is_told_again (Fixture *fixture, gconstpointer data)
{
  char hex[2 * SIGHEJ_OPENING_ID_BYTES + 1];
  g_autofree char *key = NULL;
  guint64 version = 0;
  gboolean swapped = FALSE;

  mute_dan (fixture);
  sighej_hex_encode (opening_of ('d'), SIGHEJ_OPENING_ID_BYTES, hex);
  key = g_strconcat (SIGHEJ_STORE_MUTE_PREFIX, hex, NULL);
  sighej_store_read_record (fixture->store, key, on_record_to_drop, &version);
  sighej_store_swap_record (
      fixture->store, key, &(SighejStoreSwap){ .version = version }, on_swapped, &swapped);
  g_assert_true (swapped);
  turn (fixture, 2 * SECOND_US);
  g_assert_false (is_muted (fixture, 'd'));
  turn (fixture, SIGHEJ_CASEBOOK_ASSERT_SECONDS * SECOND_US);
  g_assert_true (is_muted (fixture, 'd'));
}

static void
test_a_new_process_mutes_who_was_muted (Fixture *fixture, gconstpointer data)
{
  mute_dan (fixture);
  stop (fixture);
  start (fixture);
  WAIT_UNTIL (is_muted (fixture, 'd'));
}

static void
test_the_limit_says_nothing_about_the_ticket (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < PER_HOUR; i++)
    {
      g_autofree char *good = dup_ticket (fixture, 'a', 'd');

      g_assert_cmpint (report_with (fixture, 'a', good), ==, -1);
      g_assert_cmpuint (fixture->quota.n_left, ==, PER_HOUR - 1 - i);
      g_assert_cmpint (report_with (fixture, 'b', "Zm9v"), ==, -1);
      g_assert_cmpuint (fixture->quota.n_left, ==, PER_HOUR - 1 - i);
    }
  g_assert_cmpint (report_with (fixture, 'a', "Zm9v"), ==, SIGHEJ_ERROR_RATE_LIMITED);
  g_assert_cmpint (report_with (fixture, 'b', "Zm9v"), ==, SIGHEJ_ERROR_RATE_LIMITED);
  g_assert_cmpint (appeal (fixture, 'b'), ==, SIGHEJ_ERROR_RATE_LIMITED);
  g_assert_cmpuint (fixture->quota.n_left, ==, 0);
  g_assert_cmpuint (fixture->quota.full_s, >, 0);
  turn (fixture, HOUR_US);
  g_assert_cmpint (report_with (fixture, 'b', "Zm9v"), ==, -1);
}

/* Good or not, nobody is answered before the commit. */
static void
test_the_answer_comes_with_the_commit (Fixture *fixture, gconstpointer data)
{
  g_autofree char *good = dup_ticket (fixture, 'a', 'd');
  const char *tickets[] = { good, "Zm9v" };

  turn (fixture, 2 * SECOND_US);
  for (guint i = 0; i < G_N_ELEMENTS (tickets); i++)
    {
      fixture->thread->is_slow = TRUE;
      send_report (fixture, 'a', tickets[i], NULL);
      WAIT_UNTIL (fixture->thread->held->len == 1);
      g_assert_cmpint (fixture->last, ==, WAITING);
      g_assert_cmpint (count_reports (fixture), ==, 1);
      test_thread_hurry (fixture->thread);
      WAIT_UNTIL (fixture->last != WAITING);
      g_assert_cmpint (fixture->last, ==, -1);
      settle (fixture);
    }
}

static void
test_waits_for_a_database_that_is_away (Fixture *fixture, gconstpointer data)
{
  turn (fixture, 2 * SECOND_US);
  fixture->thread->is_away = TRUE;
  for (char who = 'a'; who <= 'c'; who++)
    {
      g_autofree char *ticket = dup_ticket (fixture, who, 'd');

      send_report (fixture, who, ticket, NULL);
    }
  turn (fixture, SECOND_US);
  g_assert_cmpuint (fixture->n_answers, ==, 0);
  fixture->thread->is_away = FALSE;
  sighej_test_clock_advance (fixture->clock, SIGHEJ_CASEBOOK_RETRY_MS_MAX * (gint64) 1000);
  WAIT_UNTIL (is_muted (fixture, 'd'));
  g_assert_cmpuint (fixture->n_answers, ==, 3);
  g_assert_cmpint (fixture->last, ==, -1);
  g_assert_cmpint (count_reports (fixture), ==, 3);
}

static void
test_refuses_what_waited_too_long (Fixture *fixture, gconstpointer data)
{
  g_autofree char *good = dup_ticket (fixture, 'a', 'd');
  const char *tickets[] = { good, "Zm9v" };

  turn (fixture, 2 * SECOND_US);
  fixture->thread->is_away = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (tickets); i++)
    {
      send_report (fixture, 'a', tickets[i], NULL);
      turn (fixture, SIGHEJ_CASEBOOK_WAIT_MS * (gint64) 1000 - 1);
      g_assert_cmpint (fixture->last, ==, WAITING);
      sighej_test_clock_advance (fixture->clock, 1);
      g_assert_cmpint (fixture->last, ==, SIGHEJ_ERROR_UNAVAILABLE);
      g_assert_cmpuint (fixture->quota.n_left, ==, PER_HOUR);
    }
  fixture->thread->is_away = FALSE;
  turn (fixture, SIGHEJ_CASEBOOK_RETRY_MS_MAX * (gint64) 1000);
  g_assert_cmpint (count_reports (fixture), ==, 0);
}

/* It was refused while the database wrote it: the next time it is known. */
static void
test_is_one_when_it_comes_again (Fixture *fixture, gconstpointer data)
{
  g_autofree char *good = dup_ticket (fixture, 'a', 'd');

  turn (fixture, 2 * SECOND_US);
  fixture->thread->is_slow = TRUE;
  send_report (fixture, 'a', good, KEY);
  WAIT_UNTIL (fixture->thread->held->len == 1);
  sighej_test_clock_advance (fixture->clock, SIGHEJ_CASEBOOK_WAIT_MS * (gint64) 1000);
  g_assert_cmpint (fixture->last, ==, SIGHEJ_ERROR_UNAVAILABLE);
  test_thread_hurry (fixture->thread);
  settle (fixture);

  send_report (fixture, 'a', good, KEY);
  WAIT_UNTIL (fixture->last == -1);
  g_assert_cmpint (count_reports (fixture), ==, 1);
  send_report (fixture, 'a', good, NULL);
  WAIT_UNTIL (fixture->last == -1);
  g_assert_cmpint (count_reports (fixture), ==, 2);
}

static void
test_what_waits_is_bounded (Fixture *fixture, gconstpointer data)
{
  g_autofree char *good = dup_ticket (fixture, 'a', 'd');

  fixture->thread->is_away = TRUE;
  sighej_casebook_set_limit (fixture->casebook, 10000);
  for (guint i = 0; i < SIGHEJ_CASEBOOK_WAITING_MAX; i++)
    send_report (fixture, 'a', good, NULL);
  g_assert_cmpint (report_with (fixture, 'a', good), ==, SIGHEJ_ERROR_UNAVAILABLE);
  g_assert_cmpint (report_with (fixture, 'a', "Zm9v"), ==, SIGHEJ_ERROR_UNAVAILABLE);
  g_assert_cmpuint (fixture->n_answers, ==, 2);
  g_assert_false (finish (fixture));
  g_assert_cmpuint (fixture->n_answers, ==, 2 + SIGHEJ_CASEBOOK_WAITING_MAX);
  g_assert_cmpint (fixture->last, ==, SIGHEJ_ERROR_UNAVAILABLE);
}

static void
test_a_stop_writes_what_waits (Fixture *fixture, gconstpointer data)
{
  g_autofree char *one = dup_ticket (fixture, 'a', 'd');
  g_autofree char *other = dup_ticket (fixture, 'b', 'd');

  send_report (fixture, 'a', one, NULL);
  send_report (fixture, 'b', other, NULL);
  g_assert_true (finish (fixture));
  g_assert_cmpuint (fixture->n_answers, ==, 2);
  g_assert_cmpint (fixture->last, ==, -1);
  g_assert_cmpint (count_reports (fixture), ==, 2);
}

static void
test_appeals_are_of_who_was_reported (Fixture *fixture, gconstpointer data)
{
  report (fixture, 'a', 'd');
  g_assert_cmpint (appeal (fixture, 'd'), ==, -1);
  g_assert_cmpint (appeal (fixture, 'a'), ==, -1);
  g_assert_cmpint (query_int (fixture, "SELECT count(*) FROM appeals"), ==, 1);
}

static gboolean
file_holds (const char *path, const char *words)
{
  g_autofree char *data = NULL;
  gsize n_bytes = 0;

  return g_file_get_contents (path, &data, &n_bytes, NULL)
         && memmem (data, n_bytes, words, strlen (words)) != NULL;
}

static void
test_what_people_wrote_is_sealed (Fixture *fixture, gconstpointer data)
{
  g_autofree char *log = g_strconcat (fixture->path, "-wal", NULL);
  SighejSql sql = { .sqlite = fixture->beside };
  g_autoptr (SighejCase) found = NULL;
  g_autoptr (SighejWireReport) opened = NULL;
  guint8 opening[SIGHEJ_OPENING_ID_BYTES];

  report (fixture, 'a', 'd');
  g_assert_cmpint (appeal (fixture, 'd'), ==, -1);
  g_assert_true (file_holds (log, "appealed"));
  g_assert_false (file_holds (fixture->path, CANARY));
  g_assert_false (file_holds (log, CANARY));

  found = sighej_cases_find (&sql, 1, 0, NULL);
  opened = sighej_case_unseal_report (fixture->vault, found);
  g_assert_cmpstr (opened->text, ==, CANARY "-text");
  g_assert_cmpstr (opened->attached[0], ==, CANARY "-attached");
  g_assert_true (
      sighej_case_unseal_opening (fixture->vault, found->reported, found->opening, opening));
  g_assert_cmpmem (opening, sizeof opening, opening_of ('d'), sizeof opening);

  /* The words of one case are none in another. */
  found->reported[0] = found->reported[0] == '0' ? '1' : '0';
  g_assert_null (sighej_case_unseal_report (fixture->vault, found));
  g_assert_false (
      sighej_case_unseal_opening (fixture->vault, found->reported, found->opening, opening));
}

static const struct
{
  const char *name;
  void (*run) (Fixture *fixture, gconstpointer data);
} tests[] = {
  { "counts-only-with-a-ticket-of-its-own", test_counts_only_with_a_ticket_of_its_own },
  { "three-mute-in-the-store", test_three_mute_in_the_store },
  { "what-another-program-decides-is-done", test_what_another_program_decides_is_done },
  { "a-store-that-forgot-is-told-again", test_a_store_that_forgot_is_told_again },
  { "a-new-process-mutes-who-was-muted", test_a_new_process_mutes_who_was_muted },
  { "the-limit-says-nothing-about-the-ticket", test_the_limit_says_nothing_about_the_ticket },
  { "waits-for-a-database-that-is-away", test_waits_for_a_database_that_is_away },
  { "the-answer-comes-with-the-commit", test_the_answer_comes_with_the_commit },
  { "refuses-what-waited-too-long", test_refuses_what_waited_too_long },
  { "is-one-when-it-comes-again", test_is_one_when_it_comes_again },
  { "what-waits-is-bounded", test_what_waits_is_bounded },
  { "a-stop-writes-what-waits", test_a_stop_writes_what_waits },
  { "appeals-are-of-who-was-reported", test_appeals_are_of_who_was_reported },
  { "what-people-wrote-is-sealed", test_what_people_wrote_is_sealed },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *name = g_strdup_printf ("/casebook/%s", tests[i].name);

      g_test_add (name, Fixture, NULL, set_up, tests[i].run, tear_down);
    }
  return g_test_run ();
}
