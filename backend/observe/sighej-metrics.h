/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-metrics-table.h"

G_BEGIN_DECLS

/*
 * The numbers behind the table. There is one set for a process, as there is one log, so that a
 * line where something happens is enough to count it.
 *
 * A process counts in memory of its own until it is told to share: the parent makes a memfd with
 * a slot for each worker, every worker attaches to its slot, and each of them can put all slots
 * together. A slot's counters outlive its worker, so neither a crash nor a restart makes a counter
 * go back; its gauges are dropped with it. Cells are 64-bit atomics: counting takes some
 * nanoseconds, wakes nobody and works in any thread.
 */

#define SIGHEJ_METRICS_SLOTS_MAX 256 /* the parent and its workers */
#define SIGHEJ_METRICS_PARENT_SLOT 0 /* counts, but is not asked for a lowest or highest value */

/**
 * sighej_metrics_create:
 * @n_slots: 1 to %SIGHEJ_METRICS_SLOTS_MAX
 *
 * Returns: a descriptor to share, closed on exec; -1 with UNAVAILABLE
 */
int sighej_metrics_create (guint n_slots, GError **error);

/**
 * sighej_metrics_attach:
 * @fd: of sighej_metrics_create(); stays the caller's and may be closed
 * @slot: nobody else's, below its number of slots
 *
 * Counts there from now on; what was counted before is taken along. Gauges a worker left in the
 * slot are dropped.
 *
 * Errors: UNAVAILABLE (not such a descriptor, or too few slots).
 */
gboolean sighej_metrics_attach (int fd, guint slot, GError **error);

/* Drops the gauges of @slot, whose worker has died; for the parent. */
void sighej_metrics_drop_gauges (guint slot);

/* @label: the place among the labels; with two sets, outer times the size of the inner plus inner;
 * 0 without. */
void sighej_metrics_add (SighejMetric metric, guint label, guint64 n);
/* For gauges; may be less than nothing. */
void sighej_metrics_change (SighejMetric metric, guint label, gint64 by);
void sighej_metrics_set (SighejMetric metric, guint label, guint64 value);
/* For histograms: one more, of @value microseconds or pieces. */
void sighej_metrics_observe (SighejMetric metric, guint label, guint64 value);

/* What is counted in all slots; @cell: 0, or a histogram's bucket, then its sum. */
guint64 sighej_metrics_get (SighejMetric metric, guint label, guint cell);

/* Forgets everything, sharing included; for tests. */
void sighej_metrics_reset (void);

G_END_DECLS
