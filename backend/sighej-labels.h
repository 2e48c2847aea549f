/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-store.h"
#include "sighej-vault.h"

G_BEGIN_DECLS

/*
 * A session's own words, out of the sealed form a store keeps. What is unsealed is personal: wipe
 * it with sighej_interest_set_wipe_words().
 */

/* (nullable): one label an interest. Errors: UNAVAILABLE (sealed with another key file). */
GStrv sighej_labels_unseal (SighejVault *vault, const SighejStoreInfo *info, GError **error);

/* (transfer container): those of @mask, at most %SIGHEJ_WIRE_SHARED_MAX. */
const char **sighej_labels_pick (GStrv labels, guint32 mask);

G_END_DECLS
