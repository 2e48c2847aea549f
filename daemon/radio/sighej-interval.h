/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* So many people may be visible before each sends less often (BLE 5). */
#define SIGHEJ_INTERVAL_PEOPLE_MAX 100

/**
 * SighejInterval:
 * @min_ms: between two packets, milliseconds, at least
 * @max_ms: and at most
 *
 * How often a payload is sent. More often is heard sooner, until the packets of many collide:
 *
 *   up to 100 visible   250 to 300 ms
 *   more                1000 to 1100 ms
 *
 * Decided anew for each token and kept as long as it is on the air, because a change in between
 * would be seen. It remembers nothing: with hysteresis the interval would carry a bit of the old
 * token's history over to the new one, and once in ten minutes there is nothing to calm down.
 */
typedef struct
{
  guint min_ms;
  guint max_ms;
} SighejInterval;

/* The one to ask for among @n_visible people. */
SighejInterval sighej_interval_among (guint n_visible);

G_END_DECLS
