/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-supervisor"

#include "config.h"

#include "sighej-supervisor.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sighej-control.h"
#include "sighej-crypto.h"
#include "sighej-metrics.h"
#include "sighej-worker-state.h"

typedef struct
{
  SighejSupervisor *supervisor; /* not owned */
  guint number;
  SighejWorkerState *state;
  SighejControl *control; /* (nullable): without a process */
  GPid pid;               /* 0: no process */
  guint watch;
  guint64 n_sockets;
  gboolean reloading; /* was told new settings and has not answered */
} Worker;

struct _SighejSupervisor
{
  GObject parent_instance;

  GStrv argv;
  SighejHandoff *handoff;
  SighejClock *clock;
  char *settings;
  GPtrArray *workers; /* (element-type Worker) */
  gboolean was_begun; /* the first worker served */
  gboolean was_ready; /* all served */
  gboolean reloading;
  gboolean stopping;
  gboolean stopped;
  int status;
};

enum
{
  SIGNAL_READY,
  SIGNAL_ENDED,
  SIGNAL_RELOADED,
  SIGNAL_STOPPED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SighejSupervisor, sighej_supervisor, G_TYPE_OBJECT)

/* ---- all of them ---- */

static guint
count_phase (SighejSupervisor *self, SighejWorkerPhase phase)
{
  guint n = 0;

  for (guint i = 0; i < self->workers->len; i++)
    if (sighej_worker_state_get_phase (((Worker *) self->workers->pdata[i])->state) == phase)
      n++;
  return n;
}

static gboolean
has_all_reloaded (SighejSupervisor *self)
{
  for (guint i = 0; i < self->workers->len; i++)
    if (((Worker *) self->workers->pdata[i])->reloading)
      return FALSE;
  return TRUE;
}

static void
check_reloaded (SighejSupervisor *self)
{
  if (!self->reloading || !has_all_reloaded (self))
    return;
  self->reloading = FALSE;
  g_signal_emit (self, signals[SIGNAL_RELOADED], 0);
}

/* The first serves: then nothing stands in the way of the others. */
static void
start_others (SighejSupervisor *self)
{
  self->was_begun = TRUE;
  for (guint i = 1; i < self->workers->len; i++)
    sighej_worker_state_start (((Worker *) self->workers->pdata[i])->state);
}

/* After each change of a phase. */
static void
check_all (SighejSupervisor *self)
{
  sighej_metrics_set (SIGHEJ_METRIC_WORKERS, 0, count_phase (self, SIGHEJ_WORKER_RUNNING));
  if (!self->was_begun && !self->stopping && count_phase (self, SIGHEJ_WORKER_RUNNING) > 0)
    start_others (self);
  if (!self->was_ready && count_phase (self, SIGHEJ_WORKER_RUNNING) == self->workers->len)
    {
      self->was_ready = TRUE;
      g_signal_emit (self, signals[SIGNAL_READY], 0);
    }
  if (self->stopping && !self->stopped
      && count_phase (self, SIGHEJ_WORKER_GONE) == self->workers->len)
    {
      self->stopped = TRUE;
      g_signal_emit (self, signals[SIGNAL_STOPPED], 0, self->status);
    }
}

/* ---- one process ---- */

static void
forget_process (Worker *worker)
{
  g_clear_pointer (&worker->control, sighej_control_free);
  g_clear_handle_id (&worker->watch, g_source_remove);
  worker->pid = 0;
  worker->n_sockets = 0;
  worker->reloading = FALSE;
}

static void
log_end (Worker *worker, int wait_status)
{
  const int pid = worker->pid;

  if (WIFSIGNALED (wait_status))
    g_message ("worker %u (pid %d) was ended by signal %d (%s)",
               worker->number,
               pid,
               WTERMSIG (wait_status),
               g_strsignal (WTERMSIG (wait_status)));
  else
    g_message (
        "worker %u (pid %d) ended with status %d", worker->number, pid, WEXITSTATUS (wait_status));
}

/* Whether the others may go on after one ended so. */
static gboolean
is_survivable (SighejSupervisor *self, int wait_status)
{
  if (!WIFEXITED (wait_status) || WEXITSTATUS (wait_status) == EXIT_SUCCESS)
    return TRUE;
  return self->was_ready && WEXITSTATUS (wait_status) != SIGHEJ_SUPERVISOR_EXIT_CONFIG;
}

static void
on_exited (GPid pid, int wait_status, gpointer user_data)
{
  Worker *worker = user_data;
  g_autoptr (SighejSupervisor) self = g_object_ref (worker->supervisor);

  worker->watch = 0;
  if (sighej_worker_state_get_phase (worker->state) != SIGHEJ_WORKER_DRAINING)
    {
      sighej_metrics_add (SIGHEJ_METRIC_WORKER_RESTARTS, 0, 1);
      if (self->stopping || is_survivable (self, wait_status))
        log_end (worker, wait_status);
      else
        {
          self->status = WEXITSTATUS (wait_status);
          sighej_supervisor_stop (self);
        }
    }
  forget_process (worker);
  g_signal_emit (self, signals[SIGNAL_ENDED], 0, worker->number);
  sighej_worker_state_exited (worker->state);
  check_reloaded (self);
}

static void
on_received (SighejControlKind kind, const char *text, gpointer user_data)
{
  Worker *worker = user_data;

  switch (kind)
    {
    case SIGHEJ_CONTROL_READY:
      sighej_worker_state_ready (worker->state);
      break;
    case SIGHEJ_CONTROL_BEAT:
      worker->n_sockets = g_ascii_strtoull (text, NULL, 10);
      sighej_worker_state_beat (worker->state);
      break;
    case SIGHEJ_CONTROL_RELOADED:
      worker->reloading = FALSE;
      check_reloaded (worker->supervisor);
      break;
    case SIGHEJ_CONTROL_SETTINGS:
    case SIGHEJ_CONTROL_DRAIN:
    default:
      g_debug ("worker %u says what only a parent says", worker->number);
    }
}

/* It ended, or soon will: then the kernel tells. */
static void
on_closed (gpointer user_data)
{
}

static char **
make_argv (Worker *worker)
{
  GStrv argv = g_strdupv (worker->supervisor->argv);
  char **last = &argv[g_strv_length (argv) - 1];
  g_autofree char *word = *last;

  *last = g_strdup_printf ("%s%u", word, worker->number);
  return argv;
}

static gboolean
spawn (Worker *worker, GError **error)
{
  SighejSupervisor *self = worker->supervisor;
  g_auto (GStrv) argv = make_argv (worker);
  gboolean good;
  int ends[2];

  if (!sighej_control_make_pair (ends, error))
    return FALSE;
  worker->control = sighej_control_new (ends[0], on_received, on_closed, worker);
  sighej_control_send (worker->control, SIGHEJ_CONTROL_SETTINGS, self->settings);
  good = sighej_handoff_spawn (
      self->handoff, (const char *const *) argv, SIGHEJ_CONTROL_NAME, ends[1], &worker->pid, error);
  close (ends[1]);
  return good;
}

/* ---- orders ---- */

static void
order_spawn (gpointer user_data)
{
  Worker *worker = user_data;
  g_autoptr (GError) error = NULL;

  if (spawn (worker, &error))
    {
      g_debug ("worker %u is pid %d", worker->number, (int) worker->pid);
      worker->watch = g_child_watch_add (worker->pid, on_exited, worker);
      return;
    }
  g_message ("cannot start worker %u: %s", worker->number, error->message);
  forget_process (worker);
  sighej_worker_state_exited (worker->state);
}

static void
order_drain (gpointer user_data)
{
  Worker *worker = user_data;

  if (worker->control == NULL || !sighej_control_send (worker->control, SIGHEJ_CONTROL_DRAIN, NULL))
    g_debug ("worker %u cannot be told to finish", worker->number);
}

static void
order_kill (gpointer user_data)
{
  Worker *worker = user_data;

  if (worker->pid != 0)
    kill (worker->pid, SIGKILL);
}

static void
on_moved (gpointer user_data)
{
  check_all (((Worker *) user_data)->supervisor);
}

static const SighejWorkerOrders orders = {
  .spawn = order_spawn,
  .drain = order_drain,
  .kill = order_kill,
  .moved = on_moved,
};

/* ---- what the parent wants ---- */

void
sighej_supervisor_set_settings (SighejSupervisor *self, const char *text)
{
  const gboolean is_first = self->settings == NULL;

  g_clear_pointer (&self->settings, sighej_wipe_free_string);
  self->settings = g_strdup (text);
  if (is_first)
    return;
  for (guint i = 0; i < self->workers->len; i++)
    {
      Worker *worker = self->workers->pdata[i];

      if (worker->control == NULL)
        continue;
      worker->reloading
          = sighej_control_send (worker->control, SIGHEJ_CONTROL_SETTINGS, self->settings);
      if (!worker->reloading)
        g_message ("worker %u cannot be told the new settings", worker->number);
    }
  self->reloading = TRUE;
  check_reloaded (self);
}

void
sighej_supervisor_start (SighejSupervisor *self)
{
  g_return_if_fail (self->settings != NULL);

  sighej_worker_state_start (((Worker *) self->workers->pdata[0])->state);
}

void
sighej_supervisor_stop (SighejSupervisor *self)
{
  if (self->stopping)
    return;
  self->stopping = TRUE;
  for (guint i = 0; i < self->workers->len; i++)
    sighej_worker_state_drain (((Worker *) self->workers->pdata[i])->state);
  check_all (self);
}

gboolean
sighej_supervisor_is_well (SighejSupervisor *self)
{
  for (guint i = 0; i < self->workers->len; i++)
    if (!sighej_worker_state_is_well (((Worker *) self->workers->pdata[i])->state))
      return FALSE;
  return TRUE;
}

char *
sighej_supervisor_dup_status (SighejSupervisor *self)
{
  guint64 n_sockets = 0;

  for (guint i = 0; i < self->workers->len; i++)
    n_sockets += ((Worker *) self->workers->pdata[i])->n_sockets;
  return g_strdup_printf ("%u of %u workers serve, %" G_GUINT64_FORMAT " sockets",
                          count_phase (self, SIGHEJ_WORKER_RUNNING),
                          self->workers->len,
                          n_sockets);
}

/* ---- life ---- */

static void
worker_free (gpointer data)
{
  Worker *worker = data;

  forget_process (worker);
  sighej_worker_state_free (worker->state);
  g_free (worker);
}

SighejSupervisor *
sighej_supervisor_new (const char *const *argv,
                       guint n_workers,
                       SighejHandoff *handoff,
                       SighejClock *clock)
{
  SighejSupervisor *self = g_object_new (SIGHEJ_TYPE_SUPERVISOR, NULL);

  g_return_val_if_fail (n_workers >= 1 && n_workers <= SIGHEJ_SUPERVISOR_WORKERS_MAX, NULL);

  self->argv = g_strdupv ((GStrv) argv);
  self->handoff = handoff;
  self->clock = g_object_ref (clock);
  for (guint i = 1; i <= n_workers; i++)
    {
      Worker *worker = g_new0 (Worker, 1);

      worker->supervisor = self;
      worker->number = i;
      worker->state = sighej_worker_state_new (i, clock, &orders, worker);
      g_ptr_array_add (self->workers, worker);
    }
  return self;
}

static void
sighej_supervisor_finalize (GObject *object)
{
  SighejSupervisor *self = SIGHEJ_SUPERVISOR (object);

  g_ptr_array_unref (self->workers);
  g_clear_pointer (&self->handoff, sighej_handoff_free);
  g_clear_pointer (&self->settings, sighej_wipe_free_string);
  g_clear_object (&self->clock);
  g_strfreev (self->argv);

  G_OBJECT_CLASS (sighej_supervisor_parent_class)->finalize (object);
}

static void
sighej_supervisor_class_init (SighejSupervisorClass *klass)
{
  const GType type = SIGHEJ_TYPE_SUPERVISOR;

  G_OBJECT_CLASS (klass)->finalize = sighej_supervisor_finalize;

  signals[SIGNAL_READY]
      = g_signal_new ("ready", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_ENDED] = g_signal_new (
      "ended", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[SIGNAL_RELOADED]
      = g_signal_new ("reloaded", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_STOPPED] = g_signal_new (
      "stopped", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
}

static void
sighej_supervisor_init (SighejSupervisor *self)
{
  self->workers = g_ptr_array_new_with_free_func (worker_free);
}
