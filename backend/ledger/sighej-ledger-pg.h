/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-ledger.h"
#include "sighej-sql.h"

G_BEGIN_DECLS

/**
 * SighejLedgerPg:
 *
 * The ledger of a cell: PostgreSQL, shared by all instances. A batch is one statement: its id is
 * noted and its counts are added together, or nothing is. Ids are remembered for eight days, and
 * forgotten a few with each batch.
 *
 * apply may also fail with SIGHEJ_ERROR_INVALID_REQUEST: the database is there and refuses this
 * batch, today and tomorrow.
 */
#define SIGHEJ_TYPE_LEDGER_PG (sighej_ledger_pg_get_type ())
G_DECLARE_FINAL_TYPE (SighejLedgerPg, sighej_ledger_pg, SIGHEJ, LEDGER_PG, GObject)

/**
 * sighej_ledger_pg_new:
 * @url: see sighej_pg_check_url()
 *
 * Connects and brings the tables up to date; a database that is away is tried again later.
 *
 * Errors: SIGHEJ_ERROR_CONFIG (as sighej_pg_new()).
 */
SighejLedger *sighej_ledger_pg_new (const char *url, GError **error);

/* The database itself, for who keeps other things there. Lent. */
SighejSqlThread *sighej_ledger_pg_get_thread (SighejLedgerPg *self);

G_END_DECLS
