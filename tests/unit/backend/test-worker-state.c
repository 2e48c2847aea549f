/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-test.h"
#include "sighej-worker-state.h"

#define SECOND_US G_USEC_PER_SEC
#define MS_US 1000

typedef struct
{
  SighejTestClock *clock;
  SighejWorkerState *state;
  guint n_spawned;
  guint n_drained;
  guint n_killed;
  guint n_moves;
  gboolean cannot_spawn;
} Fixture;

static void
on_spawn (gpointer user_data)
{
  Fixture *f = user_data;

  f->n_spawned++;
  if (f->cannot_spawn)
    sighej_worker_state_exited (f->state);
}

static void
on_drain (gpointer user_data)
{
  ((Fixture *) user_data)->n_drained++;
}

static void
on_kill (gpointer user_data)
{
  ((Fixture *) user_data)->n_killed++;
}

static void
on_moved (gpointer user_data)
{
  ((Fixture *) user_data)->n_moves++;
}

static const SighejWorkerOrders orders = { on_spawn, on_drain, on_kill, on_moved };

static void
set_up (Fixture *f, gconstpointer unused)
{
  f->clock = sighej_test_clock_new ();
  f->state = sighej_worker_state_new (1, SIGHEJ_CLOCK (f->clock), &orders, f);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  sighej_worker_state_free (f->state);
  g_assert_cmpint (sighej_test_clock_next_us (f->clock), ==, -1);
  sighej_test_assert_finalized (f->clock);
}

#define assert_phase(f, phase)                                                                     \
  g_assert_cmpint (sighej_worker_state_get_phase ((f)->state), ==, SIGHEJ_WORKER_##phase)

static void
run_well (Fixture *f)
{
  sighej_worker_state_start (f->state);
  assert_phase (f, STARTING);
  sighej_worker_state_ready (f->state);
  assert_phase (f, RUNNING);
}

static void
test_starts_runs_and_finishes (Fixture *f, gconstpointer unused)
{
  assert_phase (f, GONE);
  g_assert_false (sighej_worker_state_is_well (f->state));
  run_well (f);
  g_assert_true (sighej_worker_state_is_well (f->state));
  sighej_worker_state_drain (f->state);
  sighej_worker_state_drain (f->state);
  assert_phase (f, DRAINING);
  sighej_worker_state_beat (f->state);
  sighej_worker_state_exited (f->state);
  assert_phase (f, GONE);
  sighej_worker_state_drain (f->state);
  g_assert_cmpuint (f->n_spawned, ==, 1);
  g_assert_cmpuint (f->n_drained, ==, 1);
  g_assert_cmpuint (f->n_killed, ==, 0);
  g_assert_cmpuint (f->n_moves, ==, 4);
}

static void
test_beats_keep_it_alive (Fixture *f, gconstpointer unused)
{
  run_well (f);
  for (guint i = 0; i < 100; i++)
    {
      sighej_test_clock_advance (f->clock, 14 * SECOND_US);
      sighej_worker_state_beat (f->state);
    }
  g_assert_cmpuint (f->n_killed, ==, 0);
}

static void
test_N_9_a_silent_one_is_killed_and_replaced (Fixture *f, gconstpointer unused)
{
  run_well (f);
  sighej_test_clock_advance (f->clock, 15 * SECOND_US);
  g_assert_false (sighej_worker_state_is_well (f->state));
  g_assert_cmpuint (f->n_killed, ==, 0);
  sighej_test_clock_advance (f->clock, 2 * SECOND_US);
  g_assert_cmpuint (f->n_killed, ==, 1);
  sighej_worker_state_exited (f->state);
  assert_phase (f, STARTING);
  g_assert_cmpuint (f->n_spawned, ==, 2);
}

/* We ourselves were stopped: its beats are read a moment after our timers ran. */
static void
test_F_14_a_late_beat_lifts_the_doubt (Fixture *f, gconstpointer unused)
{
  run_well (f);
  sighej_test_clock_advance (f->clock, 15 * SECOND_US);
  sighej_worker_state_beat (f->state);
  g_assert_true (sighej_worker_state_is_well (f->state));
  sighej_test_clock_advance (f->clock, 14 * SECOND_US);
  g_assert_cmpuint (f->n_killed, ==, 0);
}

static void
test_one_that_never_serves_is_killed (Fixture *f, gconstpointer unused)
{
  sighej_worker_state_start (f->state);
  sighej_worker_state_beat (f->state);
  sighej_test_clock_advance (f->clock, 30 * SECOND_US);
  g_assert_cmpuint (f->n_killed, ==, 1);
}

static void
test_one_that_does_not_end_is_killed (Fixture *f, gconstpointer unused)
{
  run_well (f);
  sighej_worker_state_drain (f->state);
  sighej_test_clock_advance (f->clock, 12 * SECOND_US - 1);
  g_assert_cmpuint (f->n_killed, ==, 0);
  sighej_test_clock_advance (f->clock, 1);
  g_assert_cmpuint (f->n_killed, ==, 1);
  sighej_worker_state_exited (f->state);
  assert_phase (f, GONE);
}

/* Milliseconds until the next start of a worker that exits as soon as it is started. */
static gint64
crash_ms (Fixture *f)
{
  gint64 wait_us;

  sighej_worker_state_exited (f->state);
  assert_phase (f, BACKING_OFF);
  wait_us = sighej_test_clock_next_us (f->clock);
  sighej_test_clock_advance (f->clock, wait_us);
  assert_phase (f, STARTING);
  return wait_us / MS_US;
}

static void
test_crashes_are_answered_ever_slower (Fixture *f, gconstpointer unused)
{
  gint64 most_ms = 100;

  run_well (f);
  sighej_worker_state_exited (f->state);
  assert_phase (f, STARTING);
  for (guint i = 0; i < 10; i++)
    {
      gint64 waited_ms = crash_ms (f);

      g_assert_cmpint (waited_ms, >=, most_ms / 2);
      g_assert_cmpint (waited_ms, <=, most_ms);
      most_ms = MIN (most_ms * 2, 5000);
    }
  g_assert_cmpint (most_ms, ==, 5000);
}

static void
serve_for (Fixture *f, gint64 seconds)
{
  sighej_worker_state_ready (f->state);
  for (gint64 i = 0; i < seconds; i++)
    {
      sighej_test_clock_advance (f->clock, SECOND_US);
      sighej_worker_state_beat (f->state);
    }
}

static void
test_a_minute_of_health_is_forgiven (Fixture *f, gconstpointer unused)
{
  sighej_worker_state_start (f->state);
  sighej_worker_state_exited (f->state);
  for (guint i = 0; i < 8; i++)
    crash_ms (f);
  serve_for (f, 59);
  crash_ms (f);
  serve_for (f, 60);
  sighej_worker_state_exited (f->state);
  assert_phase (f, STARTING);
  g_assert_cmpint (crash_ms (f), <=, 100);
}

static void
test_drained_while_it_waits (Fixture *f, gconstpointer unused)
{
  f->cannot_spawn = TRUE;
  sighej_worker_state_start (f->state);
  assert_phase (f, BACKING_OFF);
  g_assert_cmpuint (f->n_spawned, ==, 2);
  sighej_worker_state_drain (f->state);
  assert_phase (f, GONE);
  sighej_test_clock_advance (f->clock, 60 * SECOND_US);
  g_assert_cmpuint (f->n_spawned, ==, 2);
  g_assert_cmpuint (f->n_drained, ==, 0);
}

static void
test_what_comes_too_late_changes_nothing (Fixture *f, gconstpointer unused)
{
  run_well (f);
  sighej_worker_state_ready (f->state);
  sighej_worker_state_drain (f->state);
  sighej_worker_state_ready (f->state);
  sighej_worker_state_beat (f->state);
  assert_phase (f, DRAINING);
}

/* The drawing, row by row: gone, starting, running, draining, backing off. */
static void
test_only_moves_as_drawn (Fixture *f, gconstpointer unused)
{
  static const char *const drawn[] = { "-+---", "-++++", "-+-++", "+----", "++---" };

  for (guint from = 0; from < G_N_ELEMENTS (drawn); from++)
    for (guint to = 0; to < G_N_ELEMENTS (drawn); to++)
      g_assert_cmpint (sighej_worker_state_allows (from, to), ==, drawn[from][to] == '+');
}

#define ADD(path, function)                                                                        \
  g_test_add ("/worker-state/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("starts-runs-and-finishes", test_starts_runs_and_finishes);
  ADD ("beats-keep-it-alive", test_beats_keep_it_alive);
  ADD ("N-9/a-silent-one-is-killed-and-replaced", test_N_9_a_silent_one_is_killed_and_replaced);
  ADD ("F-14/a-late-beat-lifts-the-doubt", test_F_14_a_late_beat_lifts_the_doubt);
  ADD ("one-that-never-serves-is-killed", test_one_that_never_serves_is_killed);
  ADD ("one-that-does-not-end-is-killed", test_one_that_does_not_end_is_killed);
  ADD ("crashes-are-answered-ever-slower", test_crashes_are_answered_ever_slower);
  ADD ("a-minute-of-health-is-forgiven", test_a_minute_of_health_is_forgiven);
  ADD ("drained-while-it-waits", test_drained_while_it_waits);
  ADD ("what-comes-too-late-changes-nothing", test_what_comes_too_late_changes_nothing);
  ADD ("only-moves-as-drawn", test_only_moves_as_drawn);

  return g_test_run ();
}
