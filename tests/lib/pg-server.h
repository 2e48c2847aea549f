/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * A real PostgreSQL of the test program's own, in a temporary folder on a UNIX socket: made at
 * the first call, ended with the program. It refuses to be root's, so a test that is root gives
 * it to an unprivileged user. All functions wait until it is done.
 */

/* Starts it when it does not run. */
void pg_server_start (void);

/* "postgresql://…" of a fresh, empty database. (transfer full) */
char *pg_server_dup_url (void);

/* Runs one statement in the database of @url, with psql. (transfer full): its rows, a line each */
char *pg_server_query (const char *url, const char *sql);

/* It no longer answers, but its socket still accepts; and it goes on. */
void pg_server_freeze (void);
void pg_server_thaw (void);

/* Ends in good order, so that pg_server_start() finds everything. */
void pg_server_stop (void);

/* Dies as it stands, with all it was doing. */
void pg_server_kill (void);

G_END_DECLS
