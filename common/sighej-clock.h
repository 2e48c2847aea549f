/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define SIGHEJ_TYPE_CLOCK (sighej_clock_get_type ())
G_DECLARE_INTERFACE (SighejClock, sighej_clock, SIGHEJ, CLOCK, GObject)

/**
 * SighejClock:
 *
 * Time, and waiting for it. The system clock counts on CLOCK_BOOTTIME (suspend included, BLE 3)
 * and keeps all waits in one timerfd, so an idle program sleeps; the test clock
 * (sighej-test-clock.h) stands still until a test turns it. No code of ours calls
 * g_timeout_add() or g_get_monotonic_time() where behaviour depends on it.
 */
struct _SighejClockInterface
{
  GTypeInterface parent;

  gint64 (*now_us) (SighejClock *self);
  gint64 (*wall_us) (SighejClock *self);
  guint (*add) (SighejClock *self, gint64 at_us, GSourceFunc callback, gpointer user_data);
  void (*remove) (SighejClock *self, guint id);
};

/* The system's clock; one object per thread-default main context's creator (the main thread). */
SighejClock *sighej_clock_new_system (void);

/* Microseconds on a clock that never jumps and counts suspend; its zero is arbitrary. */
gint64 sighej_clock_now_us (SighejClock *self);

/* Microseconds since 1970-01-01 UTC; may jump. For showing to people and for UTC days only. */
gint64 sighej_clock_wall_us (SighejClock *self);

/**
 * sighej_clock_add:
 * @self: a clock
 * @delay_us: microseconds from now, 0 or more
 * @callback: called once in the main context when the time has come; its return value is ignored
 * @user_data: data for @callback
 *
 * Returns: an id for sighej_clock_remove(), never 0; forgotten once @callback has been called
 *   (set your handle to 0 in the callback)
 */
guint
sighej_clock_add (SighejClock *self, gint64 delay_us, GSourceFunc callback, gpointer user_data);

/* Like sighej_clock_add(), at an instant of sighej_clock_now_us(). An instant gone by fires soon.
 */
guint
sighej_clock_add_at (SighejClock *self, gint64 at_us, GSourceFunc callback, gpointer user_data);

/* Forgets a wait. @id must be pending. */
void sighej_clock_remove (SighejClock *self, guint id);

/* Removes *@id if it is not 0 and sets it to 0. */
void sighej_clock_clear (SighejClock *self, guint *id);

G_END_DECLS
