/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-clock.h"
#include "sighej-ledger.h"

G_BEGIN_DECLS

#define SIGHEJ_TALLY_FLUSH_MS 1000      /* at most this long is something counted unwritten */
#define SIGHEJ_TALLY_RETRY_MS_MAX 30000 /* between two tries while the ledger is down */
#define SIGHEJ_TALLY_DAYS_MAX 400       /* days that may wait for a ledger that is down */

/**
 * SighejTally:
 *
 * Counts in memory what the ledger keeps, and writes it once a second, only when something was
 * counted. What is written goes as a batch with an id; until the ledger says yes the same batch
 * is sent again, so nothing is lost or added twice while this process lives. Each count belongs
 * to the UTC day it was made on.
 */
#define SIGHEJ_TYPE_TALLY (sighej_tally_get_type ())
G_DECLARE_FINAL_TYPE (SighejTally, sighej_tally, SIGHEJ, TALLY, GObject)

SighejTally *sighej_tally_new (SighejLedger *ledger, SighejClock *clock);

/* @categories: (array zero-terminated=1): ids of the categories the session has, each once */
void sighej_tally_count_session (SighejTally *self, const char *const *categories);
void sighej_tally_count_match (SighejTally *self);
void sighej_tally_count_ping (SighejTally *self);

/* "2026-01-31" of a wall time. @out: 11 characters. */
void sighej_tally_date (gint64 wall_us, char out[11]);

/* Writes all counted so far. Errors: as sighej_ledger_apply_async(); what is unwritten stays. */
void sighej_tally_flush_async (SighejTally *self, GAsyncReadyCallback callback, gpointer user_data);
gboolean sighej_tally_flush_finish (SighejTally *self, GAsyncResult *result, GError **error);

G_END_DECLS
