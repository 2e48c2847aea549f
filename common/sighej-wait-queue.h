/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SighejWaitQueue:
 *
 * What both clocks keep: pending waits ordered by instant, and by age among equals. Pure; only
 * sighej-clock.c and sighej-test-clock.c use it.
 */
typedef struct _SighejWaitQueue SighejWaitQueue;

SighejWaitQueue *sighej_wait_queue_new (void);
void sighej_wait_queue_free (SighejWaitQueue *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejWaitQueue, sighej_wait_queue_free)

/* Returns: an id, never 0, not used by another pending wait */
guint sighej_wait_queue_add (SighejWaitQueue *self,
                             gint64 at_us,
                             GSourceFunc callback,
                             gpointer user_data);

/* @id must be pending. */
void sighej_wait_queue_remove (SighejWaitQueue *self, guint id);

/* The earliest instant, microseconds; -1 when nothing is pending. */
gint64 sighej_wait_queue_first_us (SighejWaitQueue *self);

/* Takes the earliest wait out. FALSE: none is due at @now_us. */
gboolean sighej_wait_queue_pop_due (SighejWaitQueue *self,
                                    gint64 now_us,
                                    GSourceFunc *callback,
                                    gpointer *user_data);

G_END_DECLS
