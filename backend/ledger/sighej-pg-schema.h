/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-pg-line.h"

G_BEGIN_DECLS

#define SIGHEJ_PG_MIGRATE_MS 60000 /* waiting for others that migrate included */

/**
 * sighej_pg_schema_migrate:
 * @resource: holds the migrations
 * @folder: path in it, "/org/…/postgres/"; files "0001-words.sql", numbered without a gap
 *
 * Applies what the database lacks, all of it or nothing, and notes it in the table
 * `schema_migrations`. Forward only. Of several that start at once one migrates, behind an
 * advisory lock, and the others find it done. A user that may not make tables can run on a
 * database that is up to date.
 *
 * Errors: SIGHEJ_ERROR_CONFIG (the database is newer than @resource: close the line),
 * SIGHEJ_ERROR_UNAVAILABLE.
 */
gboolean sighej_pg_schema_migrate (SighejPgLine *line,
                                   GResource *resource,
                                   const char *folder,
                                   GError **error);

G_END_DECLS
