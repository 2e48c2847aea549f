/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-clock.h"

G_BEGIN_DECLS

/**
 * SighejWorkerPhase:
 * @SIGHEJ_WORKER_GONE: there is no process and none is wanted
 * @SIGHEJ_WORKER_STARTING: there is a process, it does not serve yet
 * @SIGHEJ_WORKER_RUNNING: it serves
 * @SIGHEJ_WORKER_DRAINING: it was told to finish and end
 * @SIGHEJ_WORKER_BACKING_OFF: there is no process, one is started when the wait is over
 */
typedef enum
{
  SIGHEJ_WORKER_GONE,
  SIGHEJ_WORKER_STARTING,
  SIGHEJ_WORKER_RUNNING,
  SIGHEJ_WORKER_DRAINING,
  SIGHEJ_WORKER_BACKING_OFF,
} SighejWorkerPhase;

#define SIGHEJ_WORKER_START_SECONDS 30   /* until it serves */
#define SIGHEJ_WORKER_SILENT_SECONDS 15  /* without a beat (SECURITY-DESIGN N-9) */
#define SIGHEJ_WORKER_DOUBT_SECONDS 2    /* more, see below */
#define SIGHEJ_WORKER_DRAIN_SECONDS 12   /* two more than a worker takes at most */
#define SIGHEJ_WORKER_HEALTHY_SECONDS 60 /* then earlier crashes are forgotten */
#define SIGHEJ_WORKER_BACKOFF_FIRST_MS 100
#define SIGHEJ_WORKER_BACKOFF_MOST_MS 5000

/**
 * SighejWorkerState:
 *
 * What should happen to one worker, and when; pure but for the clock. Somebody else holds the
 * process, reports what it does, and carries out the orders.
 *
 * |[
 *              start()                     ready()
 *    GONE ───────────────▸ STARTING ───────────────────▸ RUNNING
 *      ▲                   │  ▲  │                       │  │
 *      │             exit  │  │  │ drain()         exit  │  │ drain()
 *      │       2nd time on │  │  └────────┐    2nd on    │  │
 *      │                   ▼  │ wait over │              │  ▼
 *      │ drain()     BACKING_OFF ◂────────┼──────────────┘ DRAINING
 *      ├───────────────────┘              └───────────────────▸│
 *      └───────────────────────────────── exit ────────────────┘
 * ]|
 *
 * The first exit of a worker that was well starts it again at once. Who is silent too long is
 * killed, and so restarted like one that crashed; but when the limit is reached it gets a little
 * longer first: if we were stopped ourselves its beats wait to be read (F-14).
 */
typedef struct _SighejWorkerState SighejWorkerState;

/**
 * SighejWorkerOrders:
 * @spawn: start a process; if that fails, report it as exited
 * @drain: tell the process to finish and end
 * @kill: end the process now; its exit will be reported
 * @moved: (nullable): the phase has changed
 */
typedef struct
{
  void (*spawn) (gpointer user_data);
  void (*drain) (gpointer user_data);
  void (*kill) (gpointer user_data);
  void (*moved) (gpointer user_data);
} SighejWorkerOrders;

/* @number: for the log, from 1 on. @orders: must outlive it. Begins GONE. */
SighejWorkerState *sighej_worker_state_new (guint number,
                                            SighejClock *clock,
                                            const SighejWorkerOrders *orders,
                                            gpointer user_data);
void sighej_worker_state_free (SighejWorkerState *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejWorkerState, sighej_worker_state_free)

/* What is wanted. Draining twice does nothing. */
void sighej_worker_state_start (SighejWorkerState *self);
void sighej_worker_state_drain (SighejWorkerState *self);

/* What happened to the process. */
void sighej_worker_state_ready (SighejWorkerState *self);
void sighej_worker_state_beat (SighejWorkerState *self);
void sighej_worker_state_exited (SighejWorkerState *self);

SighejWorkerPhase sighej_worker_state_get_phase (SighejWorkerState *self);

/* Whether it serves, as far as its beats tell. */
gboolean sighej_worker_state_is_well (SighejWorkerState *self);

/* Whether a worker may go from one phase to the other, as drawn. */
gboolean sighej_worker_state_allows (SighejWorkerPhase from, SighejWorkerPhase to);

G_END_DECLS
