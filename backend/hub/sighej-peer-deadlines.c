/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-peer-deadlines.h"

static gint64
silent_us (const SighejPeerDeadlines *self)
{
  return self->heard_us + SIGHEJ_PEER_SILENCE_MS * G_TIME_SPAN_MILLISECOND;
}

static gint64
ping_us (const SighejPeerDeadlines *self)
{
  return self->pinged_us + SIGHEJ_PEER_PING_MS * G_TIME_SPAN_MILLISECOND;
}

void
sighej_peer_deadlines_begin_state (SighejPeerDeadlines *self, gint64 now_us, guint lasts_ms)
{
  self->state_until_us = lasts_ms == 0 ? 0 : now_us + (gint64) lasts_ms * G_TIME_SPAN_MILLISECOND;
}

void
sighej_peer_deadlines_set_retry (SighejPeerDeadlines *self, gint64 now_us, guint wait_ms)
{
  self->retry_us = wait_ms == 0 ? 0 : now_us + (gint64) wait_ms * G_TIME_SPAN_MILLISECOND;
}

gint64
sighej_peer_deadlines_next_us (const SighejPeerDeadlines *self, gboolean is_open)
{
  gint64 next_us = silent_us (self);

  if (self->state_until_us != 0)
    next_us = MIN (next_us, self->state_until_us);
  if (is_open)
    next_us = MIN (MIN (next_us, self->expires_us), ping_us (self));
  if (is_open && self->retry_us != 0)
    next_us = MIN (next_us, self->retry_us);
  return next_us;
}

SighejPeerDue
sighej_peer_deadlines_get_due (const SighejPeerDeadlines *self, gboolean is_open, gint64 now_us)
{
  if (now_us >= silent_us (self))
    return SIGHEJ_PEER_SILENT;
  if (self->state_until_us != 0 && now_us >= self->state_until_us)
    return SIGHEJ_PEER_STATE_OVER;
  if (is_open && now_us >= self->expires_us)
    return SIGHEJ_PEER_EXPIRED;
  if (is_open && self->retry_us != 0 && now_us >= self->retry_us)
    return SIGHEJ_PEER_RETRY_DUE;
  if (is_open && now_us >= ping_us (self))
    return SIGHEJ_PEER_PING_DUE;
  return SIGHEJ_PEER_NOTHING_DUE;
}
