/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-supervisor"

#include "config.h"

#include "sighej-worker-state.h"

#include "sighej-backoff.h"

#define US_PER_MS 1000

struct _SighejWorkerState
{
  guint number;
  SighejClock *clock;
  const SighejWorkerOrders *orders;
  gpointer user_data;

  SighejWorkerPhase phase;
  SighejBackoff backoff;
  gboolean failed_before; /* and was not well for long since */
  gint64 ready_us;        /* when it began to serve; 0: it does not */
  gboolean doubted;       /* silent for the whole limit */
  guint deadline;         /* to speak, to end, or of the wait */
};

static const char *const words[] = {
  [SIGHEJ_WORKER_GONE] = "gone",
  [SIGHEJ_WORKER_STARTING] = "starting",
  [SIGHEJ_WORKER_RUNNING] = "running",
  [SIGHEJ_WORKER_DRAINING] = "draining",
  [SIGHEJ_WORKER_BACKING_OFF] = "backing off",
};

#define TO(phase) (1U << (phase))

static const guint moves[] = {
  [SIGHEJ_WORKER_GONE] = TO (SIGHEJ_WORKER_STARTING),
  [SIGHEJ_WORKER_STARTING] = TO (SIGHEJ_WORKER_RUNNING) | TO (SIGHEJ_WORKER_STARTING)
                             | TO (SIGHEJ_WORKER_BACKING_OFF) | TO (SIGHEJ_WORKER_DRAINING),
  [SIGHEJ_WORKER_RUNNING]
  = TO (SIGHEJ_WORKER_STARTING) | TO (SIGHEJ_WORKER_BACKING_OFF) | TO (SIGHEJ_WORKER_DRAINING),
  [SIGHEJ_WORKER_DRAINING] = TO (SIGHEJ_WORKER_GONE),
  [SIGHEJ_WORKER_BACKING_OFF] = TO (SIGHEJ_WORKER_STARTING) | TO (SIGHEJ_WORKER_GONE),
};

gboolean
sighej_worker_state_allows (SighejWorkerPhase from, SighejWorkerPhase to)
{
  return (moves[from] & TO (to)) != 0;
}

/* ---- deadlines ---- */

static void
give_up (SighejWorkerState *self, const char *why)
{
  g_message ("worker %u %s; it is killed", self->number, why);
  self->orders->kill (self->user_data);
}

static gboolean
on_not_started (gpointer user_data)
{
  SighejWorkerState *self = user_data;

  self->deadline = 0;
  give_up (self, "does not begin to serve");
  return G_SOURCE_REMOVE;
}

static gboolean
on_not_ended (gpointer user_data)
{
  SighejWorkerState *self = user_data;

  self->deadline = 0;
  give_up (self, "does not end");
  return G_SOURCE_REMOVE;
}

static gboolean
on_silent (gpointer user_data)
{
  SighejWorkerState *self = user_data;

  self->deadline = 0;
  if (self->doubted)
    {
      give_up (self, "is silent");
      return G_SOURCE_REMOVE;
    }
  self->doubted = TRUE;
  self->deadline = sighej_clock_add (
      self->clock, SIGHEJ_WORKER_DOUBT_SECONDS * G_USEC_PER_SEC, on_silent, self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_waited (gpointer user_data)
{
  SighejWorkerState *self = user_data;

  self->deadline = 0;
  sighej_worker_state_start (self);
  return G_SOURCE_REMOVE;
}

static void
wait_for (SighejWorkerState *self, gint64 delay_us, GSourceFunc over)
{
  sighej_clock_clear (self->clock, &self->deadline);
  self->deadline = sighej_clock_add (self->clock, delay_us, over, self);
}

/* ---- moving ---- */

static void
set_phase (SighejWorkerState *self, SighejWorkerPhase next, const char *reason)
{
  g_return_if_fail (sighej_worker_state_allows (self->phase, next));

  g_debug ("worker %u: %s -> %s (%s)", self->number, words[self->phase], words[next], reason);
  sighej_clock_clear (self->clock, &self->deadline);
  self->doubted = FALSE;
  self->phase = next;
  self->ready_us = next == SIGHEJ_WORKER_RUNNING ? sighej_clock_now_us (self->clock) : 0;
  if (next == SIGHEJ_WORKER_STARTING)
    wait_for (self, SIGHEJ_WORKER_START_SECONDS * G_USEC_PER_SEC, on_not_started);
  else if (next == SIGHEJ_WORKER_RUNNING)
    wait_for (self, SIGHEJ_WORKER_SILENT_SECONDS * G_USEC_PER_SEC, on_silent);
  else if (next == SIGHEJ_WORKER_DRAINING)
    wait_for (self, SIGHEJ_WORKER_DRAIN_SECONDS * G_USEC_PER_SEC, on_not_ended);
  if (self->orders->moved != NULL)
    self->orders->moved (self->user_data);
}

static void
start_again (SighejWorkerState *self)
{
  guint delay_ms;

  if (!self->failed_before)
    {
      self->failed_before = TRUE;
      set_phase (self, SIGHEJ_WORKER_STARTING, "again at once");
      self->orders->spawn (self->user_data);
      return;
    }
  delay_ms = sighej_backoff_next_ms (&self->backoff);
  set_phase (self, SIGHEJ_WORKER_BACKING_OFF, "it failed again");
  wait_for (self, (gint64) delay_ms * US_PER_MS, on_waited);
}

void
sighej_worker_state_start (SighejWorkerState *self)
{
  set_phase (self, SIGHEJ_WORKER_STARTING, "wanted");
  self->orders->spawn (self->user_data);
}

void
sighej_worker_state_drain (SighejWorkerState *self)
{
  if (self->phase == SIGHEJ_WORKER_BACKING_OFF)
    set_phase (self, SIGHEJ_WORKER_GONE, "not wanted any more");
  if (self->phase == SIGHEJ_WORKER_GONE || self->phase == SIGHEJ_WORKER_DRAINING)
    return;
  set_phase (self, SIGHEJ_WORKER_DRAINING, "told to");
  self->orders->drain (self->user_data);
}

void
sighej_worker_state_ready (SighejWorkerState *self)
{
  if (self->phase == SIGHEJ_WORKER_STARTING)
    set_phase (self, SIGHEJ_WORKER_RUNNING, "it says so");
}

void
sighej_worker_state_beat (SighejWorkerState *self)
{
  if (self->phase != SIGHEJ_WORKER_RUNNING)
    return;
  self->doubted = FALSE;
  wait_for (self, SIGHEJ_WORKER_SILENT_SECONDS * G_USEC_PER_SEC, on_silent);
}

void
sighej_worker_state_exited (SighejWorkerState *self)
{
  gint64 well_us = self->ready_us != 0 ? sighej_clock_now_us (self->clock) - self->ready_us : 0;

  if (self->phase == SIGHEJ_WORKER_DRAINING)
    {
      set_phase (self, SIGHEJ_WORKER_GONE, "it ended");
      return;
    }
  if (well_us >= SIGHEJ_WORKER_HEALTHY_SECONDS * G_USEC_PER_SEC)
    {
      self->failed_before = FALSE;
      sighej_backoff_reset (&self->backoff);
    }
  start_again (self);
}

SighejWorkerPhase
sighej_worker_state_get_phase (SighejWorkerState *self)
{
  return self->phase;
}

gboolean
sighej_worker_state_is_well (SighejWorkerState *self)
{
  return self->phase == SIGHEJ_WORKER_RUNNING && !self->doubted;
}

/* ---- life ---- */

SighejWorkerState *
sighej_worker_state_new (guint number,
                         SighejClock *clock,
                         const SighejWorkerOrders *orders,
                         gpointer user_data)
{
  SighejWorkerState *self = g_new0 (SighejWorkerState, 1);

  self->number = number;
  self->clock = g_object_ref (clock);
  self->orders = orders;
  self->user_data = user_data;
  self->backoff = (SighejBackoff) SIGHEJ_BACKOFF_INIT (SIGHEJ_WORKER_BACKOFF_FIRST_MS,
                                                       SIGHEJ_WORKER_BACKOFF_MOST_MS);
  return self;
}

void
sighej_worker_state_free (SighejWorkerState *self)
{
  sighej_clock_clear (self->clock, &self->deadline);
  g_object_unref (self->clock);
  g_free (self);
}
