/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Sockets that were opened together would be pinged together, and everybody else would wait
 * meanwhile. What is more than a tick's share comes so many ticks later, and stays there.
 */
typedef struct
{
  gint64 tick;
  guint n_pings;
  guint n_pings_max; /* one tick of the wheel may take so many: 1 or more */
} SighejPingPace;

/* Returns: in how many ticks there is room for one more ping; 0: now */
guint sighej_ping_pace_take (SighejPingPace *self, gint64 now_us);

G_END_DECLS
