/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-clock.h"

G_BEGIN_DECLS

#define SIGHEJ_TYPE_TEST_CLOCK (sighej_test_clock_get_type ())
G_DECLARE_FINAL_TYPE (SighejTestClock, sighej_test_clock, SIGHEJ, TEST_CLOCK, GObject)

/* A SighejClock that stands at 1,000,000,000 us (wall: 2026-01-01T10:00:00Z) until it is turned. */
SighejTestClock *sighej_test_clock_new (void);

/* Turns both times forward by @us, calling every wait that comes due, in order, at its own instant.
 */
void sighej_test_clock_advance (SighejTestClock *self, gint64 us);

/* Turns both times forward by @us as a suspend does: what came due meanwhile is called at its end.
 */
void sighej_test_clock_sleep (SighejTestClock *self, gint64 us);

/* Lets only the wall clock jump, by @us (may be negative). */
void sighej_test_clock_jump_wall (SighejTestClock *self, gint64 us);

/* Microseconds until the next wait, -1 when there is none. */
gint64 sighej_test_clock_next_us (SighejTestClock *self);

G_END_DECLS
