/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-clock.h"
#include "sighej-handoff.h"

G_BEGIN_DECLS

/**
 * SighejSupervisor:
 *
 * The processes behind the worker states (sighej-worker-state.h draws them): starts each as a
 * fresh program with the descriptors of the handoff and a control line of its own, hears its
 * beats, notices its end and starts another.
 *
 * A worker that ends with status 78 ends the whole: its settings would refuse every other too.
 * So does one that fails before all of them have served for the first time; it has said why.
 *
 * Signals:
 *  "ready" (void): all serve, for the first time
 *  "ended" (guint number): a worker's process is gone, for whatever reason
 *  "reloaded" (void): all that serve have taken the settings of the last set_settings()
 *  "stopped" (int status): no worker is left; what the whole should exit with
 */
#define SIGHEJ_TYPE_SUPERVISOR (sighej_supervisor_get_type ())
G_DECLARE_FINAL_TYPE (SighejSupervisor, sighej_supervisor, SIGHEJ, SUPERVISOR, GObject)

#define SIGHEJ_SUPERVISOR_WORKERS_MAX 64
#define SIGHEJ_SUPERVISOR_EXIT_CONFIG 78

/**
 * sighej_supervisor_new:
 * @argv: the worker's program and its arguments from the zeroth on; its number, from 1 on, is
 *   appended to the last of them
 * @n_workers: 1 to SIGHEJ_SUPERVISOR_WORKERS_MAX
 * @handoff: (transfer full): what each worker is handed
 */
SighejSupervisor *sighej_supervisor_new (const char *const *argv,
                                         guint n_workers,
                                         SighejHandoff *handoff,
                                         SighejClock *clock);

/* @text: what workers run with, those that are there and those that come. Wiped when replaced. */
void sighej_supervisor_set_settings (SighejSupervisor *self, const char *text);

/* Starts the first, and the others once it serves; after set_settings(). */
void sighej_supervisor_start (SighejSupervisor *self);

/* Tells all to finish; twice does nothing. */
void sighej_supervisor_stop (SighejSupervisor *self);

/* Whether every worker serves and beats. */
gboolean sighej_supervisor_is_well (SighejSupervisor *self);

/* "2 of 2 workers serve, 1234 sockets". (transfer full) */
char *sighej_supervisor_dup_status (SighejSupervisor *self);

G_END_DECLS
