/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-clock.h"
#include "sighej-ledger.h"

G_BEGIN_DECLS

#define SIGHEJ_LEDGER_SPOOLED_WAIT_MS 2000     /* for the database, before a batch is spooled */
#define SIGHEJ_LEDGER_SPOOLED_RETRY_MS_MIN 250 /* upper end of the first pause of a drain */
#define SIGHEJ_LEDGER_SPOOLED_RETRY_MS_MAX 5000
#define SIGHEJ_LEDGER_SPOOLED_LOOK_SECONDS 60 /* for what others left in the spool */
#define SIGHEJ_LEDGER_SPOOLED_CHUNK 64        /* batches read and removed together */

/**
 * SighejLedgerSpooled:
 *
 * A ledger in front of another one that may be away (N-5). apply succeeds when the batch is
 * there, or on the disk of this machine (sighej-spool.h); it fails only when neither took it. A
 * batch may get both ways: its id makes that harmless. Reads go to the other ledger.
 *
 *               apply failed, or took 2 s: the batch goes to the spool, and so do the next
 *      direct ─────────────────────────────────────────────────────────────▶ spooling
 *       │  ▲ ▲                                                                │    │
 *       └──┘ └── the spool is empty, or cannot be read (looked at again) ─────┘    │ pause of
 *     each 60 s: look    drain: read 64, apply each, remove them; again ◀──────────┘ 0.25 s to 5 s
 *     into the spool                                                                 after a no
 *
 * A batch that the other ledger refuses for its own sake (SIGHEJ_ERROR_INVALID_REQUEST) stays in
 * the spool, with a warning, until the next start, and holds up no other.
 */
#define SIGHEJ_TYPE_LEDGER_SPOOLED (sighej_ledger_spooled_get_type ())
G_DECLARE_FINAL_TYPE (SighejLedgerSpooled, sighej_ledger_spooled, SIGHEJ, LEDGER_SPOOLED, GObject)

/* @folder: where the spool's file is. What it holds is brought to @ledger at once. */
SighejLedger *
sighej_ledger_spooled_new (SighejLedger *ledger, const char *folder, SighejClock *clock);

/* Whether counters wait in the spool because the database is away or behind. */
gboolean sighej_ledger_spooled_is_spooling (SighejLedgerSpooled *self);

G_END_DECLS
