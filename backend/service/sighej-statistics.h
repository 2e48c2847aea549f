/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-tally.h"

G_BEGIN_DECLS

/* What a document of statistics is made from. */
typedef struct
{
  SighejStore *store;
  SighejLedger *ledger;
  SighejTally *tally;
  SighejClock *clock;
  guint minimum; /* categories counted less often are not shown */
} SighejStatisticsSources;

typedef void (*SighejStatisticsText) (const char *json, const GError *error, gpointer user_data);

/**
 * sighej_statistics_read:
 * @sources: objects are referenced
 *
 * The document of GET /stats: what the ledger has of this UTC day, after all counted so far has
 * been written there, and how many sessions there are now. Errors: UNAVAILABLE.
 */
void sighej_statistics_read (const SighejStatisticsSources *sources,
                             SighejStatisticsText text,
                             gpointer user_data);

G_END_DECLS
