/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SighejNudgeMeter:
 * @n_unacked: sent on this socket and not acknowledged
 * @timed_seq: whose acknowledgement is timed, or 0
 * @timed_us: when that was sent
 *
 * What one socket tells the metrics about its nudges. Pure but for the metrics; all zero at first.
 */
typedef struct
{
  guint n_unacked;
  guint64 timed_seq;
  gint64 timed_us;
} SighejNudgeMeter;

void sighej_nudge_meter_sent (SighejNudgeMeter *self, guint64 seq, gint64 now_us);

/* All up to @seq, more than the @acked_seq of before. */
void
sighej_nudge_meter_acked (SighejNudgeMeter *self, guint64 acked_seq, guint64 seq, gint64 now_us);

/* What is not acknowledged is about to be sent once more. */
void sighej_nudge_meter_restart (SighejNudgeMeter *self);

G_END_DECLS
