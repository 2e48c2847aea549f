/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-store.h"
#include "sighej-vault.h"

G_BEGIN_DECLS

/*
 * How often something may happen in a minute, counted for all processes in one record. The minute
 * begins with the first time.
 */

#define SIGHEJ_BUDGET_MS 60000

/* Charges one. Errors: RATE_LIMITED (the text ends in the seconds to wait), UNAVAILABLE. */
void sighej_budget_take (SighejStore *store,
                         SighejVault *vault,
                         const char *key,
                         guint maximum,
                         SighejStoreDone done,
                         gpointer user_data);

/* Gives one back, if it was taken in this minute. */
void sighej_budget_give_back (SighejStore *store, SighejVault *vault, const char *key);

G_END_DECLS
