/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-ledger-sqlite"

#include "config.h"

#include "sighej-ledger-sqlite.h"

#include "sighej-backend-resources.h"
#include "sighej-error.h"
#include "sighej-sql.h"
#include "sighej-sqlite.h"

#define PRAGMAS_SQL "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL"

#define NOTE_BATCH_SQL                                                                             \
  "INSERT INTO applied_batches (id, applied_at) VALUES (?1, strftime ('%s'))"                      \
  " ON CONFLICT DO NOTHING"
#define FORGET_BATCHES_SQL                                                                         \
  "DELETE FROM applied_batches WHERE applied_at < strftime ('%s', 'now', '-2 days')"
#define ADD_DAY_SQL                                                                                \
  "INSERT INTO daily_stats (date, total_sessions, total_matches, total_pings)"                     \
  " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (date) DO UPDATE SET"                                      \
  " total_sessions = total_sessions + excluded.total_sessions,"                                    \
  " total_matches = total_matches + excluded.total_matches,"                                       \
  " total_pings = total_pings + excluded.total_pings"
#define ADD_CATEGORY_SQL                                                                           \
  "INSERT INTO interest_category_counts (date, category, count) VALUES (?1, ?2, ?3)"               \
  " ON CONFLICT (date, category) DO UPDATE SET count = count + excluded.count"
#define READ_DAY_SQL                                                                               \
  "SELECT total_sessions, total_matches, total_pings FROM daily_stats WHERE date = ?1"
#define READ_CATEGORIES_SQL                                                                        \
  "SELECT category FROM interest_category_counts WHERE date = ?1 AND count >= ?2"                  \
  " ORDER BY count DESC, category LIMIT ?3"

typedef enum
{
  STATEMENT_NOTE_BATCH,
  STATEMENT_FORGET_BATCHES,
  STATEMENT_ADD_DAY,
  STATEMENT_ADD_CATEGORY,
  STATEMENT_READ_DAY,
  STATEMENT_READ_CATEGORIES,
  N_STATEMENTS,
} Statement;

static const char *const statement_sql[N_STATEMENTS] = {
  [STATEMENT_NOTE_BATCH] = NOTE_BATCH_SQL, [STATEMENT_FORGET_BATCHES] = FORGET_BATCHES_SQL,
  [STATEMENT_ADD_DAY] = ADD_DAY_SQL,       [STATEMENT_ADD_CATEGORY] = ADD_CATEGORY_SQL,
  [STATEMENT_READ_DAY] = READ_DAY_SQL,     [STATEMENT_READ_CATEGORIES] = READ_CATEGORIES_SQL,
};

/* What the thread owns. */
typedef struct
{
  sqlite3 *database;
  sqlite3_stmt *statements[N_STATEMENTS];
} Connection;

struct _SighejLedgerSqlite
{
  GObject parent_instance;

  Connection connection; /* the thread's from the moment it runs */
  GThread *thread;
  GAsyncQueue *jobs; /* of Job */
  guint n_waiting;   /* jobs not answered yet; main thread only */
};

/*
 * One call on its way to the thread and back. The thread never touches the task, so the last
 * reference to the ledger is always dropped in the main context.
 */
typedef struct _Job Job;
struct _Job
{
  gboolean (*work) (Connection *connection, Job *job, GError **error); /* NULL: stop the thread */
  GTask *task;
  SighejBatch batch; /* of apply; @date also of read */
  guint64 minimum;
  guint n_categories;
  SighejLedgerDay *day;
  SighejSqlWork sql_work; /* of somebody else */
  gpointer data;
  GError *error;
};

static void sighej_ledger_sqlite_iface_init (SighejLedgerInterface *iface);
static void sighej_ledger_sqlite_sql_thread_iface_init (SighejSqlThreadInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (
    SighejLedgerSqlite,
    sighej_ledger_sqlite,
    G_TYPE_OBJECT,
    G_IMPLEMENT_INTERFACE (SIGHEJ_TYPE_LEDGER, sighej_ledger_sqlite_iface_init)
        G_IMPLEMENT_INTERFACE (SIGHEJ_TYPE_SQL_THREAD, sighej_ledger_sqlite_sql_thread_iface_init))

static void
job_free (Job *job)
{
  g_clear_object (&job->task);
  g_clear_pointer (&job->batch.categories, g_hash_table_unref);
  g_clear_pointer (&job->day, sighej_ledger_day_free);
  g_clear_error (&job->error);
  g_free (job);
}

/* The thread */

static gboolean
add_categories (Connection *connection, const SighejBatch *batch, GError **error)
{
  sqlite3_stmt *statement = connection->statements[STATEMENT_ADD_CATEGORY];
  GHashTableIter iter;
  gpointer category;
  gpointer count;

  if (batch->categories == NULL)
    return TRUE;

  g_hash_table_iter_init (&iter, batch->categories);
  while (g_hash_table_iter_next (&iter, &category, &count))
    {
      sqlite3_bind_text (statement, 1, batch->date, -1, SQLITE_STATIC);
      sqlite3_bind_text (statement, 2, category, -1, SQLITE_STATIC);
      sqlite3_bind_int64 (statement, 3, (sqlite3_int64) * (const guint64 *) count);
      if (!sighej_sqlite_step_done (statement, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
add_day (Connection *connection, const SighejBatch *batch, GError **error)
{
  sqlite3_stmt *statement = connection->statements[STATEMENT_ADD_DAY];

  sqlite3_bind_text (statement, 1, batch->date, -1, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 2, (sqlite3_int64) batch->sessions);
  sqlite3_bind_int64 (statement, 3, (sqlite3_int64) batch->matches);
  sqlite3_bind_int64 (statement, 4, (sqlite3_int64) batch->pings);
  return sighej_sqlite_step_done (statement, error);
}

static gboolean
add_batch (Connection *connection, const SighejBatch *batch, GError **error)
{
  sqlite3_stmt *note = connection->statements[STATEMENT_NOTE_BATCH];

  sqlite3_bind_text (note, 1, batch->id, -1, SQLITE_STATIC);
  if (!sighej_sqlite_step_done (note, error))
    return FALSE;
  if (sqlite3_changes (connection->database) == 0)
    return TRUE; /* applied before */

  return add_day (connection, batch, error) && add_categories (connection, batch, error)
         && sighej_sqlite_step_done (connection->statements[STATEMENT_FORGET_BATCHES], error);
}

static gboolean
apply (Connection *connection, Job *job, GError **error)
{
  if (!sighej_sqlite_run (connection->database, "BEGIN IMMEDIATE", error))
    return FALSE;
  if (add_batch (connection, &job->batch, error)
      && sighej_sqlite_run (connection->database, "COMMIT", error))
    return TRUE;

  if (!sqlite3_get_autocommit (connection->database))
    sqlite3_exec (connection->database, "ROLLBACK", NULL, NULL, NULL);
  return FALSE;
}

static gboolean
read_totals (Connection *connection, Job *job, GError **error)
{
  sqlite3_stmt *statement = connection->statements[STATEMENT_READ_DAY];
  int result;

  sqlite3_bind_text (statement, 1, job->batch.date, -1, SQLITE_STATIC);
  result = sqlite3_step (statement);
  if (result == SQLITE_ROW)
    {
      job->day->sessions = (guint64) sqlite3_column_int64 (statement, 0);
      job->day->matches = (guint64) sqlite3_column_int64 (statement, 1);
      job->day->pings = (guint64) sqlite3_column_int64 (statement, 2);
    }
  else if (result != SQLITE_DONE)
    {
      sighej_sqlite_fail (connection->database, error);
    }
  sqlite3_reset (statement);
  return result == SQLITE_ROW || result == SQLITE_DONE;
}

static gboolean
read_categories (Connection *connection, Job *job, GError **error)
{
  sqlite3_stmt *statement = connection->statements[STATEMENT_READ_CATEGORIES];
  g_autoptr (GStrvBuilder) categories = g_strv_builder_new ();
  int result;

  sqlite3_bind_text (statement, 1, job->batch.date, -1, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 2, (sqlite3_int64) job->minimum);
  sqlite3_bind_int64 (statement, 3, job->n_categories);
  while ((result = sqlite3_step (statement)) == SQLITE_ROW)
    g_strv_builder_add (categories, (const char *) sqlite3_column_text (statement, 0));
  if (result != SQLITE_DONE)
    sighej_sqlite_fail (connection->database, error);
  sqlite3_reset (statement);

  job->day->categories = g_strv_builder_end (categories);
  return result == SQLITE_DONE;
}

static gboolean
read_day (Connection *connection, Job *job, GError **error)
{
  job->day = g_new0 (SighejLedgerDay, 1);
  return read_totals (connection, job, error) && read_categories (connection, job, error);
}

static gboolean
run_sql_work (Connection *connection, Job *job, GError **error)
{
  SighejSql sql = { .sqlite = connection->database };

  return job->sql_work (&sql, job->data, error);
}

static gboolean
on_job_done (gpointer user_data)
{
  Job *job = user_data;
  SighejLedgerSqlite *self = g_task_get_source_object (job->task);

  self->n_waiting--;
  if (job->error != NULL)
    g_task_return_error (job->task, g_steal_pointer (&job->error));
  else if (job->day != NULL)
    g_task_return_pointer (
        job->task, g_steal_pointer (&job->day), (GDestroyNotify) sighej_ledger_day_free);
  else
    g_task_return_boolean (job->task, TRUE);
  job_free (job);
  return G_SOURCE_REMOVE;
}

static void
send_back (Job *job)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, g_task_get_priority (job->task));
  g_source_set_callback (source, on_job_done, job, NULL);
  g_source_set_static_name (source, "sighej-ledger-sqlite");
  g_source_attach (source, g_task_get_context (job->task));
}

typedef struct
{
  Connection *connection;
  GAsyncQueue *jobs;
} ThreadData;

static gpointer
run_thread (gpointer user_data)
{
  g_autofree ThreadData *data = user_data;

  for (;;)
    {
      Job *job = g_async_queue_pop (data->jobs);

      if (job->work == NULL)
        {
          job_free (job);
          return NULL;
        }
      job->work (data->connection, job, &job->error);
      send_back (job);
    }
}

static void
start_thread (SighejLedgerSqlite *self)
{
  ThreadData *data = g_new (ThreadData, 1);

  data->connection = &self->connection;
  data->jobs = self->jobs;
  self->thread = g_thread_new ("sighej-ledger", run_thread, data);
}

/* Life */

static void
sighej_ledger_sqlite_init (SighejLedgerSqlite *self)
{
  self->jobs = g_async_queue_new ();
}

static void
sighej_ledger_sqlite_finalize (GObject *object)
{
  SighejLedgerSqlite *self = SIGHEJ_LEDGER_SQLITE (object);

  /* Every job's task holds a reference, so nothing waits any more: the thread stops at once. */
  if (self->thread != NULL)
    {
      g_async_queue_push (self->jobs, g_new0 (Job, 1));
      g_thread_join (self->thread);
    }
  for (guint i = 0; i < N_STATEMENTS; i++)
    sqlite3_finalize (self->connection.statements[i]);
  sqlite3_close (self->connection.database);
  g_async_queue_unref (self->jobs);

  G_OBJECT_CLASS (sighej_ledger_sqlite_parent_class)->finalize (object);
}

static void
sighej_ledger_sqlite_class_init (SighejLedgerSqliteClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sighej_ledger_sqlite_finalize;
}

static gboolean
connect_to (Connection *connection, const char *path, GError **error)
{
  connection->database = sighej_sqlite_open (path, error);
  if (connection->database == NULL || !sighej_sqlite_run (connection->database, PRAGMAS_SQL, error)
      || !sighej_sqlite_migrate (
          connection->database, sighej_backend_get_resource (), SIGHEJ_SQL_SCHEMA_SQLITE, error))
    return FALSE;

  for (guint i = 0; i < N_STATEMENTS; i++)
    {
      connection->statements[i]
          = sighej_sqlite_prepare (connection->database, statement_sql[i], error);
      if (connection->statements[i] == NULL)
        return FALSE;
    }
  return TRUE;
}

SighejLedger *
sighej_ledger_sqlite_new (const char *path, GError **error)
{
  g_autoptr (SighejLedgerSqlite) self = g_object_new (SIGHEJ_TYPE_LEDGER_SQLITE, NULL);
  g_autoptr (GError) cause = NULL;

  if (!connect_to (&self->connection, path, &cause))
    {
      g_set_error (
          error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG, "ledger \"%s\": %s", path, cause->message);
      return NULL;
    }

  start_thread (self);
  return SIGHEJ_LEDGER (g_steal_pointer (&self));
}

/* Calls */

static void
submit (SighejLedgerSqlite *self, Job *job)
{
  if (self->n_waiting >= SIGHEJ_LEDGER_SQLITE_QUEUE_MAX)
    {
      g_task_return_new_error (
          job->task, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE, "the ledger is busy, try again later");
      job_free (job);
      return;
    }

  self->n_waiting++;
  g_async_queue_push (self->jobs, job);
}

static GHashTable *
copy_categories (GHashTable *categories)
{
  GHashTable *copy = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GHashTableIter iter;
  gpointer category;
  gpointer count;

  g_hash_table_iter_init (&iter, categories);
  while (g_hash_table_iter_next (&iter, &category, &count))
    g_hash_table_insert (copy, g_strdup (category), g_memdup2 (count, sizeof (guint64)));
  return copy;
}

static void
sighej_ledger_sqlite_apply_async (SighejLedger *ledger,
                                  const SighejBatch *batch,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  Job *job = g_new0 (Job, 1);

  job->work = apply;
  job->task = g_task_new (ledger, cancellable, callback, user_data);
  g_task_set_source_tag (job->task, sighej_ledger_sqlite_apply_async);
  job->batch = *batch;
  if (batch->categories != NULL)
    job->batch.categories = copy_categories (batch->categories);
  submit (SIGHEJ_LEDGER_SQLITE (ledger), job);
}

static gboolean
sighej_ledger_sqlite_apply_finish (SighejLedger *ledger, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
sighej_ledger_sqlite_read_async (SighejLedger *ledger,
                                 const char *date,
                                 guint64 minimum,
                                 guint n_categories,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  Job *job = g_new0 (Job, 1);

  job->work = read_day;
  job->task = g_task_new (ledger, cancellable, callback, user_data);
  g_task_set_source_tag (job->task, sighej_ledger_sqlite_read_async);
  g_strlcpy (job->batch.date, date, sizeof job->batch.date);
  job->minimum = minimum;
  job->n_categories = n_categories;
  submit (SIGHEJ_LEDGER_SQLITE (ledger), job);
}

static SighejLedgerDay *
sighej_ledger_sqlite_read_finish (SighejLedger *ledger, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
sighej_ledger_sqlite_iface_init (SighejLedgerInterface *iface)
{
  iface->apply_async = sighej_ledger_sqlite_apply_async;
  iface->apply_finish = sighej_ledger_sqlite_apply_finish;
  iface->read_async = sighej_ledger_sqlite_read_async;
  iface->read_finish = sighej_ledger_sqlite_read_finish;
}

static void
sighej_ledger_sqlite_run_async (SighejSqlThread *thread,
                                SighejSqlWork work,
                                gpointer data,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  Job *job = g_new0 (Job, 1);

  job->work = run_sql_work;
  job->task = g_task_new (thread, NULL, callback, user_data);
  g_task_set_source_tag (job->task, sighej_ledger_sqlite_run_async);
  job->sql_work = work;
  job->data = data;
  submit (SIGHEJ_LEDGER_SQLITE (thread), job);
}

static void
sighej_ledger_sqlite_sql_thread_iface_init (SighejSqlThreadInterface *iface)
{
  iface->run_async = sighej_ledger_sqlite_run_async;
}
