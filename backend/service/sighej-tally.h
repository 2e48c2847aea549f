/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-clock.h"
#include "sighej-ledger.h"
#include "sighej-store.h"

G_BEGIN_DECLS

#define SIGHEJ_TALLY_FLUSH_MS 1000      /* at most this long is something counted unwritten */
#define SIGHEJ_TALLY_RETRY_MS_MAX 30000 /* between two tries while the ledger is down */

/**
 * SighejTally:
 *
 * Carries what the store counted to the ledger: once a second, and only when something was
 * counted. Each batch is taken from the store, applied to the ledger, and only then dropped from
 * the store, so that whoever dies in between loses nothing; and it has an id, so that what is
 * tried again is added once.
 *
 *   idle --note, "counts" of the store--> waiting --1 s, or a flush--> taking
 *   taking --batches--> applying --yes--> dropping --> applying the next, in the end idle
 *   taking, applying --no--> waiting (longer each time, 30 s at most), what was taken is kept
 */
#define SIGHEJ_TYPE_TALLY (sighej_tally_get_type ())
G_DECLARE_FINAL_TYPE (SighejTally, sighej_tally, SIGHEJ, TALLY, GObject)

SighejTally *sighej_tally_new (SighejStore *store, SighejLedger *ledger, SighejClock *clock);

/* The store counted something. */
void sighej_tally_note (SighejTally *self);

/* Writes all counted so far. Errors: UNAVAILABLE (of either); what is unwritten stays. */
void sighej_tally_flush_async (SighejTally *self, GAsyncReadyCallback callback, gpointer user_data);
gboolean sighej_tally_flush_finish (SighejTally *self, GAsyncResult *result, GError **error);

G_END_DECLS
