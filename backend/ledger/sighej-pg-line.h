/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define SIGHEJ_PG_CONNECT_SECONDS 3 /* for each server a URL names */
#define SIGHEJ_PG_TCP_USER_TIMEOUT_MS 5000
#define SIGHEJ_PG_STATEMENT_MS 2000 /* what the server gives a statement */
#define SIGHEJ_PG_ANSWER_MS 2500    /* then the server is taken for frozen */

/**
 * SighejPgRows:
 *
 * What a statement answered: rows of text.
 */
typedef struct _SighejPgRows SighejPgRows;

guint sighej_pg_rows_get_n (const SighejPgRows *self);
guint sighej_pg_rows_get_n_columns (const SighejPgRows *self);
/* (nullable): NULL where the database has NULL. Lent. */
const char *sighej_pg_rows_get (const SighejPgRows *self, guint row, guint column);
void sighej_pg_rows_free (SighejPgRows *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejPgRows, sighej_pg_rows_free)

/**
 * SighejPgLine:
 *
 * One connection to PostgreSQL, for one thread that may wait (SECURITY-DESIGN R-20): the only
 * object that knows libpq. Each call ends after a bounded time, whether or not the server says
 * anything: libpq's own timeouts do not see a server that is stopped behind a UNIX socket.
 */
typedef struct _SighejPgLine SighejPgLine;

/**
 * sighej_pg_line_open:
 * @url: as libpq has it, "postgresql://user@host/database?sslmode=verify-full"
 *
 * Connects, within %SIGHEJ_PG_CONNECT_SECONDS for each server named, and makes what is committed
 * durable even where the database's default is not to wait for the disk.
 *
 * Errors: SIGHEJ_ERROR_UNAVAILABLE; the message names no password.
 */
SighejPgLine *sighej_pg_line_open (const char *url, GError **error);
void sighej_pg_line_close (SighejPgLine *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejPgLine, sighej_pg_line_close)

/**
 * sighej_pg_line_query:
 * @sql: one statement, with $1 to $n
 * @values: (array length=n_values) (nullable): text; NULL for NULL
 *
 * Errors: SIGHEJ_ERROR_INVALID_REQUEST (the database refuses these values: out of range, against
 * a constraint; the line is good) or SIGHEJ_ERROR_UNAVAILABLE (anything else: close the line;
 * the statement may have been done or not).
 */
SighejPgRows *sighej_pg_line_query (
    SighejPgLine *self, const char *sql, guint n_values, const char *const *values, GError **error);

/* Runs statements with "; " between, the last one's rows are the answer; @within_ms: for all of
 * them together. Errors: as sighej_pg_line_query(). */
SighejPgRows *
sighej_pg_line_run (SighejPgLine *self, const char *script, guint within_ms, GError **error);

/**
 * sighej_pg_check_url:
 *
 * Whether libpq understands it, without connecting: form, ports, sslmode, and that the files it
 * names are readable. The message never repeats what was written, as a password may be in it.
 *
 * Errors: SIGHEJ_ERROR_CONFIG.
 */
gboolean sighej_pg_check_url (const char *url, GError **error);

/* The URL with *** for each password in it: for people to see. It must have passed
 * sighej_pg_check_url(), or be empty. (transfer full) */
char *sighej_pg_dup_shown_url (const char *url);

G_END_DECLS
