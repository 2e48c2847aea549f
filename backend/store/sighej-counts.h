/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-batch.h"

G_BEGIN_DECLS

#define SIGHEJ_COUNTS_DAYS_MAX 400    /* then the oldest day that nobody took is dropped */
#define SIGHEJ_COUNTS_BATCHES_MAX 400 /* closed and not dropped; then none is closed any more */

/**
 * SighejCounts:
 *
 * The counting half of the memory store: what was counted on each UTC day, until it is closed as
 * a batch with an id, and the batch until it is dropped because something durable has it. Each
 * count belongs to the day it was made on. Pure; the caller brings the time.
 */
typedef struct _SighejCounts SighejCounts;

SighejCounts *sighej_counts_new (void);
void sighej_counts_free (SighejCounts *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejCounts, sighej_counts_free)

/* @categories: (array zero-terminated=1) (nullable): those the session has, each once */
void sighej_counts_add_session (SighejCounts *self, gint64 wall_us, const char *const *categories);
void sighej_counts_add_match (SighejCounts *self, gint64 wall_us);
void sighej_counts_add_ping (SighejCounts *self, gint64 wall_us);

/* Closes what is open. Returns: (transfer none): all batches, the oldest first; good until the
 * next call of anything here */
const SighejBatch *const *sighej_counts_close (SighejCounts *self, guint *n_batches);

/* Forgets a batch; an unknown one is fine. */
void sighej_counts_drop (SighejCounts *self, const char *batch_id);

G_END_DECLS
