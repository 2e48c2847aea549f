/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>
#include <sqlite3.h>

#include "sighej-pg-line.h"

G_BEGIN_DECLS

/* Where the migrations of each database are among the resources. */
#define SIGHEJ_SQL_SCHEMA_SQLITE "/org/sighej/backend/schema/"
#define SIGHEJ_SQL_SCHEMA_PG "/org/sighej/backend/schema-postgres/"

/**
 * SighejSql:
 *
 * A database that understands the statements both know, for a thread that may wait: one of the
 * two is set, lent by whoever opened it. Statements have $1 to $n, each value is text (NULL for
 * NULL) and takes the column's type.
 */
typedef struct
{
  sqlite3 *sqlite;
  SighejPgLine *pg;
} SighejSql;

/* What a statement answered: rows of text. */
typedef struct _SighejSqlRows SighejSqlRows;
guint sighej_sql_rows_get_n (const SighejSqlRows *self);
/* (nullable): NULL where the database has NULL. Lent. */
const char *sighej_sql_rows_get (const SighejSqlRows *self, guint row, guint column);
/* 0 where the database has NULL. */
gint64 sighej_sql_rows_get_number (const SighejSqlRows *self, guint row, guint column);
void sighej_sql_rows_free (SighejSqlRows *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejSqlRows, sighej_sql_rows_free)

/**
 * sighej_sql_query:
 *
 * Runs one statement. Errors: as sighej_pg_line_query(); SIGHEJ_ERROR_UNAVAILABLE of SQLite.
 */
SighejSqlRows *sighej_sql_query (
    SighejSql *self, const char *sql, guint n_values, const char *const *values, GError **error);

/* What is done with a database; FALSE with @error set undoes it. */
typedef gboolean (*SighejSqlWork) (SighejSql *sql, gpointer data, GError **error);

/**
 * SighejSqlPurpose:
 * @SIGHEJ_SQL_READ: everything @work reads is of one moment
 * @SIGHEJ_SQL_WRITE: and nobody else writes meanwhile, in any process; once it is done, it is on
 *   the disk
 */
typedef enum
{
  SIGHEJ_SQL_READ,
  SIGHEJ_SQL_WRITE,
} SighejSqlPurpose;

/* Does @work whole or not at all. Errors: of @work, and as sighej_sql_query(). */
gboolean sighej_sql_transact (
    SighejSql *self, SighejSqlPurpose purpose, SighejSqlWork work, gpointer data, GError **error);

/**
 * SighejSqlThread:
 *
 * Whoever has a database and a thread that waits for it.
 */
#define SIGHEJ_TYPE_SQL_THREAD (sighej_sql_thread_get_type ())
G_DECLARE_INTERFACE (SighejSqlThread, sighej_sql_thread, SIGHEJ, SQL_THREAD, GObject)

struct _SighejSqlThreadInterface
{
  GTypeInterface parent;

  void (*run_async) (SighejSqlThread *self,
                     SighejSqlWork work,
                     gpointer data,
                     GAsyncReadyCallback callback,
                     gpointer user_data);
};

/**
 * sighej_sql_thread_run_async:
 * @work: called in the thread, when all that was asked before is done
 * @data: lent until @callback
 *
 * Errors: of @work; SIGHEJ_ERROR_UNAVAILABLE (the database is away, too many are waiting).
 */
void sighej_sql_thread_run_async (SighejSqlThread *self,
                                  SighejSqlWork work,
                                  gpointer data,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
gboolean sighej_sql_thread_run_finish (SighejSqlThread *self, GAsyncResult *result, GError **error);

G_END_DECLS
