/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-sql.h"

G_BEGIN_DECLS

#define SIGHEJ_PG_QUEUE_MAX 1000   /* queries waiting for the thread, then UNAVAILABLE */
#define SIGHEJ_PG_START_MS 2000    /* how long the start waits for the first connection */
#define SIGHEJ_PG_RETRY_MS_MIN 100 /* upper end of the first pause between two connections */
#define SIGHEJ_PG_RETRY_MS_MAX 5000
#define SIGHEJ_PG_STOP_MS 1000 /* how long the end waits for a thread that waits for a server */

/**
 * SighejPg:
 *
 * PostgreSQL without waiting for it: a bounded queue to one thread with one connection. Queries,
 * and the works of SighejSqlThread, are answered in the order they were made, in the main context
 * they were made from.
 *
 *                 a query, the pause is over
 *        ┌──────▶ away ─────────────▶ connecting ──▶ migrating ──▶ ready ◀─┐
 *        │          ▲ ▲ failed: 0.1 s to 5 s  │          │          │  │   │
 *        │          │ └───────────────────────┴──────────┘          │  └───┘ answered, or
 *        │          └───────────────────────────────────────────────┘        refused for its
 *        │            lost, failed, or silent for 2.5 s                      values
 *        └ a query before the pause is over fails at once
 *
 * A server that is frozen costs the query at work 2.5 s and a new connection 3 s, in the thread;
 * neither the main loop nor the end of the program waits for it.
 */
#define SIGHEJ_TYPE_PG (sighej_pg_get_type ())
G_DECLARE_FINAL_TYPE (SighejPg, sighej_pg, SIGHEJ, PG, GObject)

/**
 * sighej_pg_new:
 * @url: see sighej_pg_check_url()
 * @migrations: (nullable): what the database must have, brought up to date at each connection
 * @folder: (nullable): path in @migrations
 *
 * Connects, and waits for that, %SIGHEJ_PG_START_MS at most: for the start of a program. A
 * database that is away is no error; it is tried again with the queries.
 *
 * Errors: SIGHEJ_ERROR_CONFIG (the URL; the database was made by a newer release).
 */
SighejPg *
sighej_pg_new (const char *url, GResource *migrations, const char *folder, GError **error);

/**
 * sighej_pg_query_async:
 * @sql: one statement, with $1 to $n; must outlive the call
 * @values: (array length=n_values): text; copied
 *
 * Errors: as sighej_pg_line_query(); an UNAVAILABLE query may have been done or not.
 */
void sighej_pg_query_async (SighejPg *self,
                            const char *sql,
                            guint n_values,
                            const char *const *values,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
SighejPgRows *sighej_pg_query_finish (SighejPg *self, GAsyncResult *result, GError **error);

G_END_DECLS
