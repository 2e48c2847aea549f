/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-store.h"
#include "sighej-vault.h"

G_BEGIN_DECLS

/*
 * The cue both sides of a meet look for is alone in the cell while the meet lasts: a record
 * "cue:<number>" says whose it is. When 8 of them were taken, a ninth is used whoever has it.
 *
 * It is drawn by a keyed hash of the encounter's id: who tries again, because the store's answer
 * was lost, finds what it has reserved already.
 */

#define SIGHEJ_CUE_TRIES_MAX 8

typedef void (*SighejCueDrawn) (guint cue, const GError *error, gpointer user_data);
/* Errors: UNAVAILABLE. */
void sighej_cue_draw (SighejStore *store,
                      SighejVault *vault,
                      const char *nudge_id,
                      guint lifetime_ms,
                      SighejCueDrawn drawn,
                      gpointer user_data);

/* The one of an encounter, unless another meet had it then. */
guint sighej_cue_get_first (SighejVault *vault, const char *nudge_id);

/* Nothing happens when it is another meet's. */
void sighej_cue_release (SighejStore *store, SighejVault *vault, const char *nudge_id, guint cue);

/* A random number below @n. */
guint sighej_cue_random (guint n);

G_END_DECLS
