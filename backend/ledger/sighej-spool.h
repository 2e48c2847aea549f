/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-batch.h"

G_BEGIN_DECLS

#define SIGHEJ_SPOOL_FILE "spool.sqlite"
#define SIGHEJ_SPOOL_BATCHES_MAX 200000 /* about 60 MB; more than two days of one a second */
#define SIGHEJ_SPOOL_LOCK_MS 2000       /* how long another process may be opening the file */

/**
 * SighejSpool:
 *
 * Batches that wait for a database that is away: one SQLite file in the state folder, on the disk
 * when a call returns. Several processes may share it. For one thread at a time; every call may
 * wait for the disk.
 *
 * The file is opened with the first call and again after each error of the disk. What is no
 * spool, or a damaged one, is moved aside with a warning that names the new place, and a new one
 * is begun.
 */
typedef struct _SighejSpool SighejSpool;

/* @folder: must exist when the first call is made. @n_max: batches, %SIGHEJ_SPOOL_BATCHES_MAX */
SighejSpool *sighej_spool_new (const char *folder, guint n_max);
void sighej_spool_free (SighejSpool *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejSpool, sighej_spool_free)

/**
 * sighej_spool_add:
 *
 * Returns: whether the batch is on the disk, also when it had been before
 *
 * Errors: SIGHEJ_ERROR_UNAVAILABLE (full; the disk is full, read-only or broken). Then the batch
 * is not in the spool, or is by accident: its id makes that harmless.
 */
gboolean sighej_spool_add (SighejSpool *self, const SighejBatch *batch, GError **error);

/**
 * sighej_spool_peek:
 * @n_max: at most so many
 *
 * Returns: (transfer full) (element-type SighejBatch): the oldest first, without those that were
 *   put aside. Errors: SIGHEJ_ERROR_UNAVAILABLE.
 */
GPtrArray *sighej_spool_peek (SighejSpool *self, guint n_max, GError **error);

/* @batches: (element-type SighejBatch): the first @n leave the spool, together. */
gboolean sighej_spool_remove (SighejSpool *self, const GPtrArray *batches, guint n, GError **error);

/* A batch the database will not take stays, and is not seen again before
 * sighej_spool_take_back(), which is called at a start. */
gboolean sighej_spool_put_aside (SighejSpool *self, const char *id, GError **error);
gboolean sighej_spool_take_back (SighejSpool *self, GError **error);

/* How many wait, with those that were put aside. */
gboolean sighej_spool_count (SighejSpool *self, guint *n_batches, GError **error);

G_END_DECLS
