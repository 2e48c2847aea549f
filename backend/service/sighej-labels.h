/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-store.h"
#include "sighej-vault.h"

G_BEGIN_DECLS

/*
 * A session's own words, out of the sealed form a store keeps. What is unsealed is personal: wipe
 * it with sighej_labels_wipe().
 */

/* (nullable): one label an interest. Errors: UNAVAILABLE (sealed with another key file). */
char **sighej_labels_unseal (SighejVault *vault, const SighejStoreInfo *info, GError **error);

/* (transfer container): those of @mask, at most %SIGHEJ_WIRE_SHARED_MAX. */
const char **sighej_labels_pick (char **labels, guint32 mask);

/* Overwrites and frees what sighej_labels_unseal() returned (nullable). */
void sighej_labels_wipe (char **labels);

/* The messages of @info's own nudges, in @labels, which must outlive them. @now_ms: wall clock, of
 * their tickets; 0: they get none, nor the other's key */
SighejWireServerMessage *sighej_labels_write_nudges (SighejVault *vault,
                                                     const SighejStoreNudge *nudges,
                                                     guint n_nudges,
                                                     const SighejStoreInfo *info,
                                                     char **labels,
                                                     gint64 now_ms);
/* Overwrites what is personal in them, and frees them. */
void sighej_labels_wipe_nudges (SighejWireServerMessage *messages, guint n_messages);

G_END_DECLS
