/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * The program as one of several worker processes, started by sighej-supervisor: everything comes
 * from the parent, the sockets by descriptor, the settings and the word to finish on the control
 * line. The parent alone speaks with the service manager and opens and removes sockets.
 */

/* The first argument of a worker, its number behind it; for the parent, not for people. */
#define SIGHEJ_WORKER_OPTION "--worker="

/* Of the descriptor of sighej_metrics_create(), in sighej-handoff. */
#define SIGHEJ_WORKER_METRICS_NAME "metrics"
/* Of that of sighej_log_share_key(). */
#define SIGHEJ_WORKER_LOG_NAME "log"

/* @number: what stands behind the option. Runs until it is told to finish or the parent is gone.
 * Returns: the exit status, after a sentence on stderr when it is not 0: 1, 2 (nobody handed us
 * anything), 78. */
int sighej_worker_run (const char *number);

G_END_DECLS
