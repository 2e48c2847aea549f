/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib.h>

#include "sighej-test-clock.h"
#include "sighej-wheel.h"

typedef struct
{
  SighejWheelTimer timer;
  guint n_fired;
  gint64 fired_us;
  SighejWheelTimer *clears; /* another one it clears when it fires */
  guint again_ms;           /* sets itself again, once */
} Item;

typedef struct
{
  SighejTestClock *clock;
  SighejWheel *wheel;
  gint64 start_us;
} Fixture;

static void
on_expired (SighejWheelTimer *timer, gpointer user_data)
{
  Fixture *fixture = user_data;
  Item *item = (Item *) timer;

  item->n_fired++;
  item->fired_us = sighej_clock_now_us (SIGHEJ_CLOCK (fixture->clock)) - fixture->start_us;
  if (item->clears != NULL)
    sighej_wheel_clear (fixture->wheel, item->clears);
  if (item->again_ms != 0)
    sighej_wheel_set (fixture->wheel, timer, item->again_ms);
  item->again_ms = 0;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->clock = sighej_test_clock_new ();
  fixture->start_us = sighej_clock_now_us (SIGHEJ_CLOCK (fixture->clock));
  fixture->wheel = sighej_wheel_new (SIGHEJ_CLOCK (fixture->clock), on_expired, fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  sighej_wheel_free (fixture->wheel);
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
  g_object_unref (fixture->clock);
}

static void
advance_ms (Fixture *fixture, gint64 ms)
{
  sighej_test_clock_advance (fixture->clock, ms * 1000);
}

static void
test_fires_once (Fixture *fixture, gconstpointer data)
{
  static const guint delays_ms[] = { 0, 1, 250, 251, 999, 5000, 20000, 45000 };

  for (gsize i = 0; i < G_N_ELEMENTS (delays_ms); i++)
    {
      Item item = { 0 };
      gint64 set_us = sighej_clock_now_us (SIGHEJ_CLOCK (fixture->clock)) - fixture->start_us;

      sighej_wheel_set (fixture->wheel, &item.timer, delays_ms[i]);
      advance_ms (fixture, 100000);
      g_assert_cmpuint (item.n_fired, ==, 1);
      g_assert_cmpint (item.fired_us - set_us, >=, (gint64) delays_ms[i] * 1000);
      g_assert_cmpint (
          item.fired_us - set_us, <=, ((gint64) delays_ms[i] + 2 * SIGHEJ_WHEEL_TICK_MS) * 1000);
    }
}

static void
test_horizon (Fixture *fixture, gconstpointer data)
{
  Item item = { 0 };

  sighej_wheel_set (fixture->wheel, &item.timer, 7200 * 1000);
  advance_ms (fixture, SIGHEJ_WHEEL_HORIZON_MS + SIGHEJ_WHEEL_TICK_MS);
  g_assert_cmpuint (item.n_fired, ==, 1);
}

static void
test_moves_and_clears (Fixture *fixture, gconstpointer data)
{
  Item moved = { 0 }, cleared = { 0 };

  sighej_wheel_set (fixture->wheel, &moved.timer, 1000);
  sighej_wheel_set (fixture->wheel, &moved.timer, 10000);
  sighej_wheel_set (fixture->wheel, &cleared.timer, 1000);
  sighej_wheel_clear (fixture->wheel, &cleared.timer);
  sighej_wheel_clear (fixture->wheel, &cleared.timer);
  advance_ms (fixture, 5000);
  g_assert_cmpuint (moved.n_fired, ==, 0);
  advance_ms (fixture, 6000);
  g_assert_cmpuint (moved.n_fired, ==, 1);
  g_assert_cmpuint (cleared.n_fired, ==, 0);
}

static void
test_callbacks_change_the_wheel (Fixture *fixture, gconstpointer data)
{
  Item second = { 0 };
  Item first = { .clears = &second.timer, .again_ms = 500 };

  sighej_wheel_set (fixture->wheel, &first.timer, 1000);
  sighej_wheel_set (fixture->wheel, &second.timer, 1000);
  advance_ms (fixture, 1250);
  g_assert_cmpuint (first.n_fired, ==, 1);
  advance_ms (fixture, 1500);
  g_assert_cmpuint (first.n_fired, ==, 2);
  g_assert_cmpuint (second.n_fired, ==, 0);
}

static void
test_wakes_after_idle (Fixture *fixture, gconstpointer data)
{
  Item item = { 0 };

  advance_ms (fixture, 3600 * 1000);
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
  sighej_wheel_set (fixture->wheel, &item.timer, 1000);
  advance_ms (fixture, 900);
  g_assert_cmpuint (item.n_fired, ==, 0);
  advance_ms (fixture, 600);
  g_assert_cmpuint (item.n_fired, ==, 1);
}

/* The wheel has not been served for a while because nothing was due: that shortens no new timer. */
static void
test_not_early_beside_a_far_one (Fixture *fixture, gconstpointer data)
{
  Item far = { 0 }, later = { 0 };

  sighej_wheel_set (fixture->wheel, &far.timer, 60000);
  advance_ms (fixture, 50000);
  sighej_wheel_set (fixture->wheel, &later.timer, 45000);
  advance_ms (fixture, 44999);
  g_assert_cmpuint (far.n_fired, ==, 1);
  g_assert_cmpuint (later.n_fired, ==, 0);
  advance_ms (fixture, 500);
  g_assert_cmpuint (later.n_fired, ==, 1);
}

#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/wheel/fires-once-and-not-early", test_fires_once);
  ADD ("/wheel/shortens-to-its-horizon", test_horizon);
  ADD ("/wheel/moves-and-clears", test_moves_and_clears);
  ADD ("/wheel/survives-callbacks-that-change-it", test_callbacks_change_the_wheel);
  ADD ("/wheel/sleeps-when-empty", test_wakes_after_idle);
  ADD ("/wheel/not-early-beside-a-far-one", test_not_early_beside_a_far_one);
  return g_test_run ();
}
