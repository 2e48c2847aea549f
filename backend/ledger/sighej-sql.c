/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-sql"

#include "config.h"

#include "sighej-sql.h"

#include "sighej-sqlite.h"

#define PARAMETER_CHARS 12
/* One writer at a time, as SQLite has it by itself; the number is one more than the migrations'. */
#define PG_LOCK_SQL "SELECT pg_advisory_xact_lock (x'53696748656b'::bigint)"

struct _SighejSqlRows
{
  guint n_columns;
  GPtrArray *texts; /* of char *, row by row */
};

/* Rows */

static SighejSqlRows *
rows_new (guint n_columns)
{
  SighejSqlRows *self = g_new0 (SighejSqlRows, 1);

  self->n_columns = n_columns;
  self->texts = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
sighej_sql_rows_free (SighejSqlRows *self)
{
  g_ptr_array_unref (self->texts);
  g_free (self);
}

guint
sighej_sql_rows_get_n (const SighejSqlRows *self)
{
  return self->n_columns > 0 ? self->texts->len / self->n_columns : 0;
}

const char *
sighej_sql_rows_get (const SighejSqlRows *self, guint row, guint column)
{
  return self->texts->pdata[row * self->n_columns + column];
}

gint64
sighej_sql_rows_get_number (const SighejSqlRows *self, guint row, guint column)
{
  const char *text = sighej_sql_rows_get (self, row, column);

  return text != NULL ? g_ascii_strtoll (text, NULL, 10) : 0;
}

/* Statements */

static void
bind_values (sqlite3_stmt *statement, guint n_values, const char *const *values)
{
  char name[PARAMETER_CHARS];

  for (guint i = 0; i < n_values; i++)
    {
      g_snprintf (name, sizeof name, "$%u", i + 1);
      sqlite3_bind_text (
          statement, sqlite3_bind_parameter_index (statement, name), values[i], -1, SQLITE_STATIC);
    }
}

static SighejSqlRows *
step_through (sqlite3_stmt *statement, GError **error)
{
  g_autoptr (SighejSqlRows) rows = rows_new ((guint) sqlite3_column_count (statement));
  int result;

  while ((result = sqlite3_step (statement)) == SQLITE_ROW)
    for (guint i = 0; i < rows->n_columns; i++)
      g_ptr_array_add (rows->texts,
                       g_strdup ((const char *) sqlite3_column_text (statement, (int) i)));
  if (result == SQLITE_DONE)
    return g_steal_pointer (&rows);
  sighej_sqlite_fail (sqlite3_db_handle (statement), error);
  return NULL;
}

static SighejSqlRows *
query_sqlite (
    sqlite3 *database, const char *sql, guint n_values, const char *const *values, GError **error)
{
  sqlite3_stmt *statement = sighej_sqlite_prepare (database, sql, error);
  SighejSqlRows *rows;

  if (statement == NULL)
    return NULL;
  bind_values (statement, n_values, values);
  rows = step_through (statement, error);
  sqlite3_finalize (statement);
  return rows;
}

static SighejSqlRows *
query_pg (
    SighejPgLine *line, const char *sql, guint n_values, const char *const *values, GError **error)
{
  g_autoptr (SighejPgRows) answer = sighej_pg_line_query (line, sql, n_values, values, error);
  SighejSqlRows *rows;

  if (answer == NULL)
    return NULL;
  rows = rows_new (sighej_pg_rows_get_n_columns (answer));
  for (guint row = 0; row < sighej_pg_rows_get_n (answer); row++)
    for (guint column = 0; column < rows->n_columns; column++)
      g_ptr_array_add (rows->texts, g_strdup (sighej_pg_rows_get (answer, row, column)));
  return rows;
}

SighejSqlRows *
sighej_sql_query (
    SighejSql *self, const char *sql, guint n_values, const char *const *values, GError **error)
{
  return self->pg != NULL ? query_pg (self->pg, sql, n_values, values, error)
                          : query_sqlite (self->sqlite, sql, n_values, values, error);
}

/* Transactions */

static gboolean
do_plainly (SighejSql *self, const char *sql, GError **error)
{
  g_autoptr (SighejSqlRows) rows = sighej_sql_query (self, sql, 0, NULL, error);

  return rows != NULL;
}

static gboolean
begin (SighejSql *self, SighejSqlPurpose purpose, GError **error)
{
  if (self->pg == NULL)
    return do_plainly (self, purpose == SIGHEJ_SQL_WRITE ? "BEGIN IMMEDIATE" : "BEGIN", error);
  if (purpose == SIGHEJ_SQL_READ)
    return do_plainly (self, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", error);
  return do_plainly (self, "BEGIN", error) && do_plainly (self, PG_LOCK_SQL, error);
}

static gboolean
transact (
    SighejSql *self, SighejSqlPurpose purpose, SighejSqlWork work, gpointer data, GError **error)
{
  if (begin (self, purpose, error) && work (self, data, error)
      && do_plainly (self, "COMMIT", error))
    return TRUE;
  do_plainly (self, "ROLLBACK", NULL);
  return FALSE;
}

/* The ledger's counts may be lost with the power, and are not worth waiting for; what is written
 * here is. Which it is can be changed between two transactions only. */
static gboolean
transact_on_disk (SighejSql *self, SighejSqlWork work, gpointer data, GError **error)
{
  g_autoptr (SighejSqlRows) before = sighej_sql_query (self, "PRAGMA synchronous", 0, NULL, error);
  g_autofree char *restore = NULL;
  gboolean done;

  if (before == NULL || !do_plainly (self, "PRAGMA synchronous = FULL", error))
    return FALSE;
  restore = g_strconcat ("PRAGMA synchronous = ", sighej_sql_rows_get (before, 0, 0), NULL);
  done = transact (self, SIGHEJ_SQL_WRITE, work, data, error);
  do_plainly (self, restore, NULL);
  return done;
}

gboolean
sighej_sql_transact (
    SighejSql *self, SighejSqlPurpose purpose, SighejSqlWork work, gpointer data, GError **error)
{
  return self->pg == NULL && purpose == SIGHEJ_SQL_WRITE
             ? transact_on_disk (self, work, data, error)
             : transact (self, purpose, work, data, error);
}

/* A thread that waits */

G_DEFINE_INTERFACE (SighejSqlThread, sighej_sql_thread, G_TYPE_OBJECT)

static void
sighej_sql_thread_default_init (SighejSqlThreadInterface *iface)
{
}

void
sighej_sql_thread_run_async (SighejSqlThread *self,
                             SighejSqlWork work,
                             gpointer data,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  SIGHEJ_SQL_THREAD_GET_IFACE (self)->run_async (self, work, data, callback, user_data);
}

gboolean
sighej_sql_thread_run_finish (SighejSqlThread *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
