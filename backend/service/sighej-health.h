/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-clock.h"
#include "sighej-ledger.h"
#include "sighej-store.h"

G_BEGIN_DECLS

/**
 * SighejHealth:
 *
 * Whether the parts behind us answer (INTERFACES 8). Each is asked a small question and given a
 * short time; whoever asks within a second of the last answer gets that, so that no number of
 * probes becomes a flood, and a part that does not answer is never asked a second time before it
 * did. Asks by itself every 10 s, for the metrics; every second while something is away.
 */
#define SIGHEJ_TYPE_HEALTH (sighej_health_get_type ())
G_DECLARE_FINAL_TYPE (SighejHealth, sighej_health, SIGHEJ, HEALTH, GObject)

#define SIGHEJ_HEALTH_STORE_MS 200
#define SIGHEJ_HEALTH_LEDGER_MS 300
#define SIGHEJ_HEALTH_FRESH_MS 1000
#define SIGHEJ_HEALTH_PERIOD_MS 10000

SighejHealth *sighej_health_new (SighejStore *store, SighejLedger *ledger, SighejClock *clock);

/**
 * SighejHealthState:
 * @store_up: requests work
 * @ledger_up: counts are written; while they are not they wait, and requests work
 */
typedef struct
{
  gboolean store_up;
  gboolean ledger_up;
} SighejHealthState;

typedef void (*SighejHealthTold) (const SighejHealthState *state, gpointer user_data);
/* Called once, in the main context, possibly at once, at most 300 ms later. */
void sighej_health_ask (SighejHealth *self, SighejHealthTold told, gpointer user_data);

G_END_DECLS
