/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-store.h"
#include "sighej-vault.h"
#include "sighej-vocabulary.h"

G_BEGIN_DECLS

/**
 * sighej_session_view_write:
 * @wall_us: now, for the time of expiry
 *
 * What is held about a session, as its owner may read it: state, times, its own labels,
 * categories, how many nudges it got and how many of them wait to be taken, whether it has a public
 * key. No token, no avoid tag, and nothing of what anybody does about it.
 *
 * Returns: (transfer full): JSON, for GET /session
 */
char *sighej_session_view_write (const SighejStoreInfo *info,
                                 SighejVault *vault,
                                 SighejVocabulary *vocabulary,
                                 gint64 wall_us);

G_END_DECLS
