/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-ledger.h"
#include "sighej-settings.h"
#include "sighej-store.h"

G_BEGIN_DECLS

/*
 * The one place that picks implementations from the settings.
 */

/* Where sessions live: in this process's memory. */
SighejStore *sighej_stores_new_store (const SighejSettings *settings, SighejClock *clock);

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
