/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-clock.h"
#include "sighej-listener.h"

G_BEGIN_DECLS

/**
 * SighejWatchdog:
 *
 * Tells the service manager that we live, and only after having asked ourselves through the
 * real listener: a process that runs but accepts nothing is dead to its users
 * (SECURITY-DESIGN N-9). A probe that fails feeds nothing; the manager restarts us.
 */
typedef struct _SighejWatchdog SighejWatchdog;

/* Whether all else is well too: a parent's workers. */
typedef gboolean (*SighejWatchdogWell) (gpointer user_data);

/**
 * sighej_watchdog_new:
 * @interval_us: from the manager; probes come at a third of it, at most every 10 s
 * @listener: (nullable): whom to ask; NULL: nobody answers without TLS, so only @well is asked
 * @well: (nullable): asked before each probe
 */
SighejWatchdog *sighej_watchdog_new (guint64 interval_us,
                                     SighejListener *listener,
                                     SighejClock *clock,
                                     SighejWatchdogWell well,
                                     gpointer user_data);
void sighej_watchdog_free (SighejWatchdog *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejWatchdog, sighej_watchdog_free)

G_END_DECLS
