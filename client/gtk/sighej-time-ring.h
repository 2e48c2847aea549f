/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * SighejTimeRing:
 *
 * A circle that empties as time goes by, with what is left as text inside ("1 h 12 min", "until
 * 14:00"). The text is its accessible label, too. It looks at the clock by itself, when the text
 * is to change (each minute, in the last one each second), and only while it is mapped. It moves
 * in these steps and is never animated.
 */
#define SIGHEJ_TYPE_TIME_RING (sighej_time_ring_get_type ())
G_DECLARE_FINAL_TYPE (SighejTimeRing, sighej_time_ring, SIGHEJ, TIME_RING, GtkWidget)

/**
 * sighej_time_ring_set:
 * @since: when the time began, Unix seconds
 * @until: when it is over, Unix seconds; 0: it has no end, the ring is full
 * @greyed: whether it does not count right now
 * @caption: (nullable): said below the time left instead of "until 14:00"
 */
void sighej_time_ring_set (
    SighejTimeRing *self, guint64 since, guint64 until, gboolean greyed, const char *caption);

G_END_DECLS
