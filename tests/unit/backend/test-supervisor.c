/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sighej-control.h"
#include "sighej-supervisor.h"
#include "sighej-test.h"
#include "sighej-worker-state.h"

/* This program is its own worker; its settings say what it should do. */
#define WORKER_OPTION "--worker="
#define SERVE "serve"
#define SERVE_ON "serve on"
#define DEAF "deaf"      /* does not hear that it should finish */
#define EXIT_CONFIG "78" /* ends with this status */
#define EXIT_FAILED "1"
#define SECOND_US G_USEC_PER_SEC

static char *own_path;

/* ---- the worker ---- */

typedef struct
{
  SighejControl *control;
  GMainLoop *loop;
  gboolean deaf;
} Worker;

static void
on_worker_received (SighejControlKind kind, const char *text, gpointer user_data)
{
  Worker *worker = user_data;

  if (kind == SIGHEJ_CONTROL_DRAIN && !worker->deaf)
    g_main_loop_quit (worker->loop);
  if (kind == SIGHEJ_CONTROL_SETTINGS && strcmp (text, SERVE_ON) == 0)
    sighej_control_send (worker->control, SIGHEJ_CONTROL_RELOADED, NULL);
}

static void
on_worker_closed (gpointer user_data)
{
  g_main_loop_quit (((Worker *) user_data)->loop);
}

static int
be_a_worker (void)
{
  int fd = sighej_handoff_take (SIGHEJ_CONTROL_NAME);
  g_autofree char *settings = sighej_control_read_settings (fd);
  Worker worker = { NULL };
  int status = atoi (settings);

  if (status != 0)
    return status;
  worker.loop = g_main_loop_new (NULL, FALSE);
  worker.deaf = strcmp (settings, DEAF) == 0;
  worker.control = sighej_control_new (fd, on_worker_received, on_worker_closed, &worker);
  sighej_control_send (worker.control, SIGHEJ_CONTROL_READY, NULL);
  sighej_control_send (worker.control, SIGHEJ_CONTROL_BEAT, "21");
  g_main_loop_run (worker.loop);
  sighej_control_free (worker.control);
  g_main_loop_unref (worker.loop);
  return EXIT_SUCCESS;
}

/* ---- the parent ---- */

typedef struct
{
  SighejTestClock *clock;
  SighejSupervisor *supervisor;
  guint n_ready;
  guint n_reloaded;
  guint n_ended;
  int status; /* -1: not stopped */
} Fixture;

static void
on_stopped (SighejSupervisor *supervisor, int status, Fixture *f)
{
  g_assert_cmpint (f->status, ==, -1);
  f->status = status;
}

static void
count (guint *n)
{
  (*n)++;
}

static void
count_ended (SighejSupervisor *supervisor, guint number, guint *n)
{
  g_assert_cmpuint (number, >=, 1);
  (*n)++;
}

static void
set_up (Fixture *f, gconstpointer settings)
{
  const char *argv[] = { own_path, "worker", WORKER_OPTION, NULL };

  f->clock = sighej_test_clock_new ();
  f->supervisor = sighej_supervisor_new (argv, 2, sighej_handoff_new (), SIGHEJ_CLOCK (f->clock));
  f->status = -1;
  g_signal_connect_swapped (f->supervisor, "ready", G_CALLBACK (count), &f->n_ready);
  g_signal_connect_swapped (f->supervisor, "reloaded", G_CALLBACK (count), &f->n_reloaded);
  g_signal_connect (f->supervisor, "ended", G_CALLBACK (count_ended), &f->n_ended);
  g_signal_connect (f->supervisor, "stopped", G_CALLBACK (on_stopped), f);
  sighej_supervisor_set_settings (f->supervisor, settings);
  sighej_supervisor_start (f->supervisor);
}

static void
tear_down (Fixture *f, gconstpointer unused)
{
  sighej_supervisor_stop (f->supervisor);
  WAIT_UNTIL (f->status != -1);
  sighej_test_assert_finalized (f->supervisor);
  sighej_test_assert_finalized (f->clock);
  g_assert_cmpint (waitpid (-1, NULL, WNOHANG), ==, -1); /* no zombie, no orphan */
  g_assert_cmpint (errno, ==, ECHILD);
}

static gboolean
has_status (Fixture *f, const char *words)
{
  g_autofree char *status = sighej_supervisor_dup_status (f->supervisor);

  return strcmp (status, words) == 0;
}

static gboolean
is_well (Fixture *f)
{
  return has_status (f, "2 of 2 workers serve, 42 sockets");
}

/* The process of the first worker, from the kernel. */
static GPid
find_child (void)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/task/%d/children", (int) getpid ());
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return (GPid) g_ascii_strtoull (text, NULL, 10);
}

static void
test_all_serve_and_stop (Fixture *f, gconstpointer unused)
{
  g_assert_false (sighej_supervisor_is_well (f->supervisor));
  WAIT_UNTIL (is_well (f));
  g_assert_cmpuint (f->n_ready, ==, 1);
  g_assert_true (sighej_supervisor_is_well (f->supervisor));
  sighej_supervisor_stop (f->supervisor);
  sighej_supervisor_stop (f->supervisor);
  WAIT_UNTIL (f->status != -1);
  g_assert_cmpint (f->status, ==, EXIT_SUCCESS);
  g_assert_true (has_status (f, "0 of 2 workers serve, 0 sockets"));
}

static void
test_a_killed_one_is_replaced (Fixture *f, gconstpointer unused)
{
  WAIT_UNTIL (is_well (f));
  kill (find_child (), SIGKILL);
  WAIT_UNTIL (f->n_ended == 1);
  g_assert_false (sighej_supervisor_is_well (f->supervisor));
  WAIT_UNTIL (is_well (f));
  g_assert_cmpuint (f->n_ready, ==, 1);
}

static void
test_N_9_a_stopped_one_is_replaced (Fixture *f, gconstpointer unused)
{
  GPid pid;

  WAIT_UNTIL (is_well (f));
  pid = find_child ();
  kill (pid, SIGSTOP);
  sighej_test_clock_advance (
      f->clock, (SIGHEJ_WORKER_SILENT_SECONDS + SIGHEJ_WORKER_DOUBT_SECONDS) * SECOND_US);
  WAIT_UNTIL (f->n_ended == 2); /* the other one's clock is ours, so it was silent too */
  WAIT_UNTIL (is_well (f));
  g_assert_cmpint (kill (pid, 0), ==, -1);
}

static void
test_settings_reach_those_that_run (Fixture *f, gconstpointer unused)
{
  WAIT_UNTIL (is_well (f));
  g_assert_cmpuint (f->n_reloaded, ==, 0);
  sighej_supervisor_set_settings (f->supervisor, SERVE_ON);
  WAIT_UNTIL (f->n_reloaded == 1);
  /* Who dies instead of answering is not waited for. */
  sighej_supervisor_set_settings (f->supervisor, SERVE);
  kill (find_child (), SIGKILL);
  WAIT_UNTIL (f->n_ended == 1);
  kill (find_child (), SIGKILL);
  WAIT_UNTIL (f->n_ended == 2);
  g_assert_cmpuint (f->n_reloaded, ==, 2);
}

static void
test_one_that_does_not_finish_is_killed (Fixture *f, gconstpointer unused)
{
  WAIT_UNTIL (is_well (f));
  sighej_supervisor_stop (f->supervisor);
  sighej_test_settle ();
  g_assert_cmpuint (f->n_ended, ==, 0);
  sighej_test_clock_advance (f->clock, SIGHEJ_WORKER_DRAIN_SECONDS * SECOND_US);
  WAIT_UNTIL (f->status == EXIT_SUCCESS);
}

/* Only the first was started, so it is said once why. */
static void
test_a_refused_start_ends_the_whole (Fixture *f, gconstpointer settings)
{
  WAIT_UNTIL (f->status != -1);
  g_assert_cmpint (f->status, ==, atoi (settings));
  g_assert_cmpuint (f->n_ended, ==, 1);
  g_assert_cmpuint (f->n_ready, ==, 0);
}

static void
test_refused_settings_end_the_whole_later_too (Fixture *f, gconstpointer unused)
{
  WAIT_UNTIL (is_well (f));
  sighej_supervisor_set_settings (f->supervisor, EXIT_CONFIG);
  kill (find_child (), SIGKILL);
  WAIT_UNTIL (f->status == SIGHEJ_SUPERVISOR_EXIT_CONFIG);
}

static void
test_other_failures_do_not (Fixture *f, gconstpointer unused)
{
  WAIT_UNTIL (is_well (f));
  sighej_supervisor_set_settings (f->supervisor, EXIT_FAILED);
  kill (find_child (), SIGKILL);
  WAIT_UNTIL (f->n_ended == 2);
  sighej_supervisor_set_settings (f->supervisor, SERVE);
  sighej_test_clock_advance (f->clock, SIGHEJ_WORKER_BACKOFF_FIRST_MS * 1000);
  WAIT_UNTIL (is_well (f));
}

#define ADD(path, settings, function)                                                              \
  g_test_add ("/supervisor/" path, Fixture, settings, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  if (argc == 2 && g_str_has_prefix (argv[1], WORKER_OPTION))
    return be_a_worker ();
  g_test_init (&argc, &argv, NULL);
  own_path = argv[0];

  ADD ("all-serve-and-stop", SERVE, test_all_serve_and_stop);
  ADD ("a-killed-one-is-replaced", SERVE, test_a_killed_one_is_replaced);
  ADD ("N-9/a-stopped-one-is-replaced", SERVE, test_N_9_a_stopped_one_is_replaced);
  ADD ("settings-reach-those-that-run", SERVE, test_settings_reach_those_that_run);
  ADD ("one-that-does-not-finish-is-killed", DEAF, test_one_that_does_not_finish_is_killed);
  ADD ("a-refused-start-ends-the-whole/78", EXIT_CONFIG, test_a_refused_start_ends_the_whole);
  ADD ("a-refused-start-ends-the-whole/1", EXIT_FAILED, test_a_refused_start_ends_the_whole);
  ADD ("refused-settings-end-the-whole-later-too",
       SERVE,
       test_refused_settings_end_the_whole_later_too);
  ADD ("other-failures-do-not", SERVE, test_other_failures_do_not);

  return g_test_run ();
}
