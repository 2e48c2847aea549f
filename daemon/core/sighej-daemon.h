/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-config.h"

G_BEGIN_DECLS

/* From being told to stop to the end, whatever hangs. */
#define SIGHEJ_DAEMON_STOP_SECONDS_MAX 7

/* So long the radio may take to know its adapters before we are on the bus without that. */
#define SIGHEJ_DAEMON_LOOK_SECONDS_MAX 2

/* Exit statuses (sysexits): the service manager tries again after that of a lost bus only. */
#define SIGHEJ_EXIT_NAME_TAKEN 69
#define SIGHEJ_EXIT_BUS_LOST 75
#define SIGHEJ_EXIT_CONFIG 78

/**
 * SighejDaemon:
 *
 * sighejd on its bus: connects, builds the parts (sighej-core.h), exports them, owns the name
 * last, so that who had it started is answered by what is true, tells the service manager, and
 * ends in good order: off the air first, then the backend session, then the process. A person's
 * ends by itself, too, when nobody has needed it for long (sighej-idle.h).
 *
 * Signals:
 *  "finished" (int status): leave the main loop and exit with this
 */
#define SIGHEJ_TYPE_DAEMON (sighej_daemon_get_type ())
G_DECLARE_FINAL_TYPE (SighejDaemon, sighej_daemon, SIGHEJ, DAEMON, GObject)

/* @bus_type: the session bus for a person, the system bus for a kiosk */
SighejDaemon *sighej_daemon_new (GBusType bus_type, SighejConfig *config);

/* Begins. Whatever goes wrong is said in the log, and "finished". */
void sighej_daemon_start (SighejDaemon *self);

/* Reads the configuration anew. Errors: %SIGHEJ_ERROR_CONFIG. */
typedef SighejConfig *(*SighejDaemonLoad) (gpointer user_data, GError **error);

/**
 * sighej_daemon_reload:
 *
 * What SIGHUP does: has the configuration read anew and takes it, without an end of the session;
 * tells the log of what has to wait, and the service manager. If it is wrong the old one stays.
 */
void sighej_daemon_reload (SighejDaemon *self, SighejDaemonLoad load, gpointer user_data);

/* Ends in good order; "finished" with 0 within %SIGHEJ_DAEMON_STOP_SECONDS_MAX. */
void sighej_daemon_stop (SighejDaemon *self);

G_END_DECLS
