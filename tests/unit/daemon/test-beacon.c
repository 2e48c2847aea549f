/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-beacon.h"

#include <string.h>

#include "sighej-test.h"

#define TERM_US ((gint64) SIGHEJ_SESSION_SECONDS_MAX * G_USEC_PER_SEC)

typedef struct
{
  SighejTestClock *clock;
  SighejBeacon *beacon;
  guint n_changed;
} Fixture;

static void
on_changed (SighejBeacon *beacon, Fixture *fixture)
{
  fixture->n_changed++;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->clock = sighej_test_clock_new ();
  fixture->beacon = sighej_beacon_new (SIGHEJ_CLOCK (fixture->clock));
  g_signal_connect (fixture->beacon, "changed", G_CALLBACK (on_changed), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  sighej_test_assert_finalized (fixture->beacon);
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
  sighej_test_assert_finalized (fixture->clock);
}

static SighejToken
first_token (Fixture *fixture)
{
  return sighej_token_schedule_get_epoch (sighej_beacon_get_schedule (fixture->beacon), 0)->token;
}

static gboolean
is_same (SighejToken one, SighejToken other)
{
  return memcmp (&one, &other, sizeof one) == 0;
}

static void
test_ended_has_nothing (Fixture *fixture, gconstpointer data)
{
  g_assert_null (sighej_beacon_get_schedule (fixture->beacon));
  sighej_beacon_end (fixture->beacon);
  g_assert_cmpuint (fixture->n_changed, ==, 0);
}

static void
test_one_schedule_after_another (Fixture *fixture, gconstpointer data)
{
  gint64 start_us = sighej_clock_now_us (SIGHEJ_CLOCK (fixture->clock));
  SighejToken first;

  sighej_beacon_begin (fixture->beacon);
  sighej_beacon_begin (fixture->beacon);
  g_assert_cmpuint (fixture->n_changed, ==, 1);
  g_assert_cmpint (sighej_beacon_get_begin_us (fixture->beacon), ==, start_us);
  first = first_token (fixture);

  sighej_test_clock_advance (fixture->clock, TERM_US - 1);
  g_assert_cmpuint (fixture->n_changed, ==, 1);
  sighej_test_clock_advance (fixture->clock, 1);
  g_assert_cmpuint (fixture->n_changed, ==, 2);
  g_assert_cmpint (sighej_beacon_get_begin_us (fixture->beacon), ==, start_us + TERM_US);
  g_assert_false (is_same (first, first_token (fixture)));

  sighej_test_clock_advance (fixture->clock, 3 * TERM_US);
  g_assert_cmpuint (fixture->n_changed, ==, 5);
}

static void
test_each_beginning_draws_anew (Fixture *fixture, gconstpointer data)
{
  SighejToken first;

  sighej_beacon_begin (fixture->beacon);
  first = first_token (fixture);
  sighej_beacon_end (fixture->beacon);
  g_assert_null (sighej_beacon_get_schedule (fixture->beacon));
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);

  sighej_beacon_begin (fixture->beacon);
  g_assert_false (is_same (first, first_token (fixture)));
  g_assert_cmpuint (fixture->n_changed, ==, 3);
}

#define ADD(path, function) g_test_add ("/beacon/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("ended-has-nothing", test_ended_has_nothing);
  ADD ("one-schedule-after-another", test_one_schedule_after_another);
  ADD ("each-beginning-draws-anew", test_each_beginning_draws_anew);

  return g_test_run ();
}
