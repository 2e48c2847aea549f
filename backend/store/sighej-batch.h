/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

#include "sighej-wire.h"

G_BEGIN_DECLS

#define SIGHEJ_BATCH_DATE_CHARS 10

/**
 * SighejBatch:
 * @id: unique; the same id is never applied twice
 * @date: UTC day, "2026-01-31"
 * @categories: (nullable) (element-type utf8 guint64*): category id -> how often a session had it
 *
 * What was counted on one UTC day and goes from a store to a ledger as a whole, at most once,
 * whatever is tried again. A value type; one on the stack is fine.
 */
typedef struct
{
  char id[SIGHEJ_UUID_CHARS + 1];
  char date[SIGHEJ_BATCH_DATE_CHARS + 1];
  guint64 sessions;
  guint64 matches;
  guint64 pings;
  GHashTable *categories;
} SighejBatch;

/* @id: (nullable): draws one */
SighejBatch *sighej_batch_new (const char *id, const char *date);
SighejBatch *sighej_batch_copy (const SighejBatch *self);
void sighej_batch_free (SighejBatch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejBatch, sighej_batch_free)

/* Adds @n to what was counted of a category. @self must come from sighej_batch_new(). */
void sighej_batch_add_category (SighejBatch *self, const char *category, guint64 n);

/* "2026-01-31" of a wall time. */
void sighej_batch_date (gint64 wall_us, char out[SIGHEJ_BATCH_DATE_CHARS + 1]);

G_END_DECLS
