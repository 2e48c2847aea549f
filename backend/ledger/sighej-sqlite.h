/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>
#include <sqlite3.h>

G_BEGIN_DECLS

/*
 * The little SQLite that the ledger and the spool need. Each function fails with @code of
 * SIGHEJ_ERROR and SQLite's own words.
 */

#define SIGHEJ_SQLITE_BUSY_MS 2000 /* how long another process may hold the file */

/* Opens a file for one thread at a time; makes it, for its owner only (":memory:" is no file).
 * Errors: SIGHEJ_ERROR_CONFIG. */
sqlite3 *sighej_sqlite_open (const char *path, GError **error);

/* Runs statements that give no rows. Errors: SIGHEJ_ERROR_UNAVAILABLE. */
gboolean sighej_sqlite_run (sqlite3 *database, const char *sql, GError **error);

/* Errors: SIGHEJ_ERROR_UNAVAILABLE. */
sqlite3_stmt *sighej_sqlite_prepare (sqlite3 *database, const char *sql, GError **error);

/* Runs a bound statement that gives no rows, and makes it ready for the next time. */
gboolean sighej_sqlite_step_done (sqlite3_stmt *statement, GError **error);

/* Fails with what the database said last. Returns: FALSE */
gboolean sighej_sqlite_fail (sqlite3 *database, GError **error);

/**
 * sighej_sqlite_migrate:
 * @resource: holds the migrations
 * @folder: path in it, "/org/…/schema/"; files "0001-words.sql", numbered without a gap
 *
 * Applies what the database lacks, each migration whole or not at all, and notes it in the table
 * `schema_migrations`. Forward only.
 *
 * Errors: SIGHEJ_ERROR_CONFIG (the database is newer than @resource), or
 * SIGHEJ_ERROR_UNAVAILABLE.
 */
gboolean
sighej_sqlite_migrate (sqlite3 *database, GResource *resource, const char *folder, GError **error);

G_END_DECLS
