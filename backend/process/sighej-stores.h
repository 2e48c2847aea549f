/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-ledger.h"
#include "sighej-settings.h"
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

/**
 * sighej_stores_new_ledger:
 * @folder: the state folder; it exists
 *
 * Where the counters live: PostgreSQL with a spool in @folder, or a SQLite file there.
 *
 * Errors: SIGHEJ_ERROR_CONFIG (the file cannot be used; the database was made by a newer
 * release). A database that is away is no error.
 */
SighejLedger *sighej_stores_new_ledger (const SighejSettings *settings,
                                        const char *folder,
                                        SighejClock *clock,
                                        GError **error);

G_END_DECLS
