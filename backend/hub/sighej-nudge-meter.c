/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-nudge-meter.h"

#include "sighej-metrics.h"

void
sighej_nudge_meter_sent (SighejNudgeMeter *self, guint64 seq, gint64 now_us)
{
  sighej_metrics_add (SIGHEJ_METRIC_NUDGES_SENT, 0, 1);
  self->n_unacked++;
  if (self->timed_seq != 0)
    return;
  self->timed_seq = seq;
  self->timed_us = now_us;
}

void
sighej_nudge_meter_acked (SighejNudgeMeter *self, guint64 acked_seq, guint64 seq, gint64 now_us)
{
  guint n = (guint) MIN (self->n_unacked, seq - acked_seq);

  sighej_metrics_add (SIGHEJ_METRIC_NUDGES_ACKED, 0, n);
  self->n_unacked -= n;
  if (self->timed_seq == 0 || seq < self->timed_seq)
    return;
  sighej_metrics_observe (
      SIGHEJ_METRIC_NUDGE_ACK_DURATION, 0, (guint64) MAX (now_us - self->timed_us, 0));
  self->timed_seq = 0;
}

void
sighej_nudge_meter_restart (SighejNudgeMeter *self)
{
  *self = (SighejNudgeMeter){ 0 };
}
