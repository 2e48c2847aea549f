/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-clock.h"

G_BEGIN_DECLS

#define SIGHEJ_WHEEL_TICK_MS 100
#define SIGHEJ_WHEEL_SLOTS 512
/* The furthest a timer reaches, milliseconds; one that is due later is shortened to this. */
#define SIGHEJ_WHEEL_HORIZON_MS ((SIGHEJ_WHEEL_SLOTS - 1) * SIGHEJ_WHEEL_TICK_MS)

/**
 * SighejWheelTimer:
 *
 * Lives inside what it times; zeroed before first use. No allocation, no source, no heap: setting
 * and clearing one of twenty thousand costs the same as one of one.
 */
typedef struct _SighejWheelTimer SighejWheelTimer;
struct _SighejWheelTimer
{
  SighejWheelTimer *next;
  SighejWheelTimer *previous;
};

/* Called in the main context for each timer that came due; may set and clear any timer. */
typedef void (*SighejWheelFunc) (SighejWheelTimer *timer, gpointer user_data);

/**
 * SighejWheel:
 *
 * A timing wheel for the many coarse deadlines of sockets. One wait of the clock for the nearest
 * slot that holds a timer; none when the wheel is empty.
 */
typedef struct _SighejWheel SighejWheel;

/* @clock is referenced. */
SighejWheel *sighej_wheel_new (SighejClock *clock, SighejWheelFunc expired, gpointer user_data);

/* The wheel must be empty. */
void sighej_wheel_free (SighejWheel *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejWheel, sighej_wheel_free)

/* Sets or moves @timer to @delay_ms from now, rounded up to a tick, at most the horizon. */
void sighej_wheel_set (SighejWheel *self, SighejWheelTimer *timer, guint64 delay_ms);

/* Does nothing when it is not set. */
void sighej_wheel_clear (SighejWheel *self, SighejWheelTimer *timer);

G_END_DECLS
