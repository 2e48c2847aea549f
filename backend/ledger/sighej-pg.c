/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-pg"

#include "config.h"

#include "sighej-pg.h"

#include <string.h>

#include "sighej-backoff.h"
#include "sighej-error.h"
#include "sighej-pg-schema.h"

/*
 * What the thread has. It outlives the object when the thread is still waiting for a server that
 * says nothing.
 */
typedef struct
{
  char *url;
  GResource *migrations;
  char *folder;
  GAsyncQueue *jobs; /* of Job */

  SighejPgLine *line; /* (nullable): the thread's, as all to the next comment */
  SighejBackoff backoff;
  gint64 next_try_us;
  GError *why_away;

  GMutex mutex; /* guards what follows */
  GCond changed;
  gboolean started; /* the first connection was made, or not */
  gboolean ended;
  GError *refusal; /* (nullable): why this program must not run with this database */
} Work;

/* One query, or work, on its way to the thread and back; the thread never touches the task. */
typedef struct
{
  const char *sql;    /* with neither it ends the thread */
  SighejSqlWork work; /* or this, with its @data */
  gpointer data;
  guint n_values;
  GStrv values;
  GTask *task;
  SighejPgRows *rows;
  GError *error;
} Job;

struct _SighejPg
{
  GObject parent_instance;

  Work *work;
  GThread *thread;
  guint n_waiting; /* jobs not answered yet; main thread only */
};

static void sighej_pg_sql_thread_iface_init (SighejSqlThreadInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SighejPg,
                               sighej_pg,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SIGHEJ_TYPE_SQL_THREAD,
                                                      sighej_pg_sql_thread_iface_init))

static void
job_free (Job *job)
{
  g_clear_object (&job->task);
  g_strfreev (job->values);
  g_clear_pointer (&job->rows, sighej_pg_rows_free);
  g_clear_error (&job->error);
  g_free (job);
}

static void
work_clear (gpointer data)
{
  Work *work = data;

  explicit_bzero (work->url, strlen (work->url));
  g_free (work->url);
  g_clear_pointer (&work->migrations, g_resource_unref);
  g_free (work->folder);
  g_async_queue_unref (work->jobs);
  g_clear_error (&work->why_away);
  g_clear_error (&work->refusal);
  g_mutex_clear (&work->mutex);
  g_cond_clear (&work->changed);
}

/* The thread */

static void
lose_line (Work *work, const GError *why)
{
  g_clear_pointer (&work->line, sighej_pg_line_close);
  g_clear_error (&work->why_away);
  work->why_away = g_error_copy (why);
  work->next_try_us
      = g_get_monotonic_time () + (gint64) sighej_backoff_next_ms (&work->backoff) * 1000;
}

static gboolean
open_line (Work *work, GError **error)
{
  g_autoptr (SighejPgLine) line = sighej_pg_line_open (work->url, error);

  if (line == NULL
      || (work->migrations != NULL
          && !sighej_pg_schema_migrate (line, work->migrations, work->folder, error)))
    return FALSE;
  work->line = g_steal_pointer (&line);
  return TRUE;
}

/* Makes sure there is a connection, unless the last try was just now. */
static gboolean
ensure_line (Work *work, GError **error)
{
  g_autoptr (GError) why = NULL;

  if (work->line != NULL)
    return TRUE;
  if (g_get_monotonic_time () >= work->next_try_us)
    {
      if (open_line (work, &why))
        return TRUE;
      lose_line (work, why);
    }
  g_set_error_literal (error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE, work->why_away->message);
  return FALSE;
}

static gboolean
use_line (SighejPgLine *line, Job *job)
{
  SighejSql sql = { .pg = line };

  if (job->work != NULL)
    return job->work (&sql, job->data, &job->error);
  job->rows = sighej_pg_line_query (
      line, job->sql, job->n_values, (const char *const *) job->values, &job->error);
  return job->rows != NULL;
}

static void
run_job (Work *work, Job *job)
{
  if (!ensure_line (work, &job->error))
    return;
  if (use_line (work->line, job))
    sighej_backoff_reset (&work->backoff);
  else if (g_error_matches (job->error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE))
    lose_line (work, job->error);
}

static gboolean
on_job_done (gpointer user_data)
{
  Job *job = user_data;
  SighejPg *self = g_task_get_source_object (job->task);

  self->n_waiting--;
  if (job->error != NULL)
    g_task_return_error (job->task, g_steal_pointer (&job->error));
  else if (job->work != NULL)
    g_task_return_boolean (job->task, TRUE);
  else
    g_task_return_pointer (
        job->task, g_steal_pointer (&job->rows), (GDestroyNotify) sighej_pg_rows_free);
  job_free (job);
  return G_SOURCE_REMOVE;
}

static void
send_back (Job *job)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_priority (source, g_task_get_priority (job->task));
  g_source_set_callback (source, on_job_done, job, NULL);
  g_source_set_static_name (source, "sighej-pg");
  g_source_attach (source, g_task_get_context (job->task));
}

static void
start (Work *work)
{
  g_autoptr (GError) why = NULL;

  if (!open_line (work, &why))
    lose_line (work, why);

  g_mutex_lock (&work->mutex);
  work->started = TRUE;
  if (g_error_matches (why, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG))
    work->refusal = g_steal_pointer (&why);
  g_cond_signal (&work->changed);
  g_mutex_unlock (&work->mutex);
  if (why != NULL)
    g_message ("%s; it is tried again", why->message);
}

static void
end (Work *work)
{
  g_clear_pointer (&work->line, sighej_pg_line_close);
  g_mutex_lock (&work->mutex);
  work->ended = TRUE;
  g_cond_signal (&work->changed);
  g_mutex_unlock (&work->mutex);
  g_atomic_rc_box_release_full (work, work_clear);
}

static gpointer
run_thread (gpointer user_data)
{
  Work *work = user_data;
  Job *job;

  start (work);
  while ((job = g_async_queue_pop (work->jobs))->task != NULL)
    {
      run_job (work, job);
      send_back (job);
    }
  job_free (job);
  end (work);
  return NULL;
}

/* Life */

static void
sighej_pg_init (SighejPg *self)
{
  self->work = g_atomic_rc_box_new0 (Work);
  self->work->backoff
      = (SighejBackoff) SIGHEJ_BACKOFF_INIT (SIGHEJ_PG_RETRY_MS_MIN, SIGHEJ_PG_RETRY_MS_MAX);
  self->work->jobs = g_async_queue_new ();
  g_mutex_init (&self->work->mutex);
  g_cond_init (&self->work->changed);
}

/* Waits until *what, under the mutex. */
static gboolean
wait_until (Work *work, const gboolean *what, guint within_ms)
{
  gint64 end_us = g_get_monotonic_time () + (gint64) within_ms * 1000;

  while (!*what)
    if (!g_cond_wait_until (&work->changed, &work->mutex, end_us))
      break;
  return *what;
}

/* Every job's task holds a reference, so the thread has nothing to do but to connect. */
static void
stop_thread (SighejPg *self)
{
  gboolean ended;

  g_async_queue_push (self->work->jobs, g_new0 (Job, 1));
  g_mutex_lock (&self->work->mutex);
  ended = wait_until (self->work, &self->work->ended, SIGHEJ_PG_STOP_MS);
  g_mutex_unlock (&self->work->mutex);
  if (ended)
    g_thread_join (self->thread);
  else
    g_thread_unref (self->thread);
}

static void
sighej_pg_finalize (GObject *object)
{
  SighejPg *self = SIGHEJ_PG (object);

  if (self->thread != NULL)
    stop_thread (self);
  g_atomic_rc_box_release_full (self->work, work_clear);

  G_OBJECT_CLASS (sighej_pg_parent_class)->finalize (object);
}

static void
sighej_pg_class_init (SighejPgClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sighej_pg_finalize;
}

static gboolean
wait_for_start (Work *work, GError **error)
{
  gboolean good;

  g_mutex_lock (&work->mutex);
  if (!wait_until (work, &work->started, SIGHEJ_PG_START_MS))
    g_message ("the database does not answer; it is tried again");
  good = work->refusal == NULL;
  if (!good)
    g_propagate_error (error, g_error_copy (work->refusal));
  g_mutex_unlock (&work->mutex);
  return good;
}

SighejPg *
sighej_pg_new (const char *url, GResource *migrations, const char *folder, GError **error)
{
  g_autoptr (SighejPg) self = g_object_new (SIGHEJ_TYPE_PG, NULL);

  self->work->url = g_strdup (url);
  if (migrations != NULL)
    self->work->migrations = g_resource_ref (migrations);
  self->work->folder = g_strdup (folder);
  if (!sighej_pg_check_url (url, error))
    return NULL;
  self->thread = g_thread_new ("sighej-pg", run_thread, g_atomic_rc_box_acquire (self->work));
  return wait_for_start (self->work, error) ? g_steal_pointer (&self) : NULL;
}

/* Queries */

static GStrv
copy_values (guint n_values, const char *const *values)
{
  GStrv copy = g_new0 (char *, n_values + 1);

  for (guint i = 0; i < n_values; i++)
    copy[i] = g_strdup (values[i]);
  return copy;
}

/* @task: (transfer full). Returns: (nullable): a job for the thread, unless too many wait. */
static Job *
job_new (SighejPg *self, GTask *task)
{
  Job *job;

  if (self->n_waiting >= SIGHEJ_PG_QUEUE_MAX)
    {
      g_task_return_new_error (
          task, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE, "the database is busy, try again later");
      g_object_unref (task);
      return NULL;
    }

  job = g_new0 (Job, 1);
  job->task = task;
  self->n_waiting++;
  return job;
}

void
sighej_pg_query_async (SighejPg *self,
                       const char *sql,
                       guint n_values,
                       const char *const *values,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Job *job;

  g_task_set_source_tag (task, sighej_pg_query_async);
  job = job_new (self, task);
  if (job == NULL)
    return;
  job->sql = sql;
  job->n_values = n_values;
  job->values = copy_values (n_values, values);
  g_async_queue_push (self->work->jobs, job);
}

SighejPgRows *
sighej_pg_query_finish (SighejPg *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
sighej_pg_run_async (SighejSqlThread *thread,
                     SighejSqlWork work,
                     gpointer data,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  SighejPg *self = SIGHEJ_PG (thread);
  GTask *task = g_task_new (self, NULL, callback, user_data);
  Job *job;

  g_task_set_source_tag (task, sighej_pg_run_async);
  job = job_new (self, task);
  if (job == NULL)
    return;
  job->work = work;
  job->data = data;
  g_async_queue_push (self->work->jobs, job);
}

static void
sighej_pg_sql_thread_iface_init (SighejSqlThreadInterface *iface)
{
  iface->run_async = sighej_pg_run_async;
}
