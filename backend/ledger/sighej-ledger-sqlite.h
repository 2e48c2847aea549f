/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-ledger.h"

G_BEGIN_DECLS

#define SIGHEJ_LEDGER_SQLITE_QUEUE_MAX 1000 /* calls waiting for the thread, then UNAVAILABLE */

/**
 * SighejLedgerSqlite:
 *
 * The ledger of a backend without PostgreSQL: one SQLite file, used by one thread of its own, so
 * that a slow disk delays no request. Calls are answered in the order they were made, in the
 * main context they were made from. It is a SighejSqlThread too, for who keeps other things in the
 * same file.
 */
#define SIGHEJ_TYPE_LEDGER_SQLITE (sighej_ledger_sqlite_get_type ())
G_DECLARE_FINAL_TYPE (SighejLedgerSqlite, sighej_ledger_sqlite, SIGHEJ, LEDGER_SQLITE, GObject)

/**
 * sighej_ledger_sqlite_new:
 * @path: the file, made when it is not there; its folder must exist
 *
 * Opens the file and brings its tables up to date before it returns: for the start of a program.
 *
 * Errors: SIGHEJ_ERROR_CONFIG (cannot be opened or written, no database, made by a newer release).
 */
SighejLedger *sighej_ledger_sqlite_new (const char *path, GError **error);

G_END_DECLS
