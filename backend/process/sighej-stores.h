/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-ledger.h"
#include "sighej-settings.h"
#include "sighej-sql.h"
#include "sighej-store.h"
#include "sighej-vault.h"

G_BEGIN_DECLS

/*
 * The one place that picks implementations from the settings.
 */

/**
 * sighej_stores_new_store:
 * @vault: hides what Redis must not read
 *
 * Where sessions live: in Redis, shared by all processes of a cell, or in this process's memory.
 *
 * Errors: SIGHEJ_ERROR_CONFIG. A Redis that is away is no error.
 */
SighejStore *sighej_stores_new_store (const SighejSettings *settings,
                                      SighejVault *vault,
                                      SighejClock *clock,
                                      GError **error);

/* Where the key file is: the credential, the one of the settings, or our own in @folder, which may
 * be made (@create). (transfer full). Errors: as sighej_credential_find(). */
char *sighej_stores_dup_key_file (const SighejSettings *settings,
                                  const char *folder,
                                  gboolean *create,
                                  GError **error);

/**
 * sighej_stores_new_ledger:
 * @folder: the state folder; it exists
 * @thread: (out) (transfer full): its database, for who keeps other things there
 *
 * Where the counters live: PostgreSQL with a spool in @folder, or a SQLite file there.
 *
 * Errors: SIGHEJ_ERROR_CONFIG (the file cannot be used; the database was made by a newer
 * release). A database that is away is no error.
 */
SighejLedger *sighej_stores_new_ledger (const SighejSettings *settings,
                                        const char *folder,
                                        SighejClock *clock,
                                        SighejSqlThread **thread,
                                        GError **error);

/**
 * sighej_stores_open_sql:
 *
 * The same database for a program that may wait: opened and brought up to date, not made. Close it
 * with sighej_stores_close_sql().
 *
 * Errors: SIGHEJ_ERROR_CONFIG (there is none, or it cannot be used), SIGHEJ_ERROR_UNAVAILABLE.
 */
gboolean sighej_stores_open_sql (const SighejSettings *settings,
                                 const char *folder,
                                 SighejSql *sql,
                                 GError **error);
void sighej_stores_close_sql (SighejSql *sql);

G_END_DECLS
