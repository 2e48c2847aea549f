/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-ping-pace.h"

#include "sighej-wheel.h"

guint
sighej_ping_pace_take (SighejPingPace *self, gint64 now_us)
{
  gint64 tick = now_us / (SIGHEJ_WHEEL_TICK_MS * G_TIME_SPAN_MILLISECOND);

  if (tick != self->tick)
    *self = (SighejPingPace){ tick, 0, self->n_pings_max };
  return self->n_pings++ / self->n_pings_max;
}
