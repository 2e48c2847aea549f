/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Every well-known name of SigHej, once. */

#define SIGHEJ_BUS_NAME "org.sighej"
#define SIGHEJ_ROOT_PATH "/org/sighej"
#define SIGHEJ_NUDGE_PATH_PREFIX "/org/sighej/nudges/"
#define SIGHEJ_MEET_PATH_PREFIX "/org/sighej/meets/"
#define SIGHEJ_API_VERSION 1u
/* The desktop file by which a desktop asks whether we may know where the machine is. */
#define SIGHEJ_DESKTOP_ID "org.sighej"
/* The desktop client: its name on the bus, its icon, its desktop file; its object and resources. */
#define SIGHEJ_CLIENT_NAME "org.sighej.SigHej"
#define SIGHEJ_CLIENT_PATH "/org/sighej/SigHej"
/* Who owns this shows what GNotification sends until it is withdrawn. Elsewhere GLib sends it to
 * the notification server as any other, which soon puts it away: there the daemon has the lasting
 * one. */
#define SIGHEJ_KEEPER_NAME "org.gtk.Notifications"
/* A client in a sandbox owns this too: it sees nothing of the above, and lets nothing stand. */
#define SIGHEJ_SANDBOXED_NAME SIGHEJ_CLIENT_NAME ".Sandboxed"

#define SIGHEJ_SERVICE_UUID "a3f7c1d2-5b0e-4c69-9e84-53494748454a"

/* Environment. */
#define SIGHEJ_ENV_STATE_DIRECTORY "STATE_DIRECTORY"
#define SIGHEJ_ENV_RUNTIME_DIRECTORY "RUNTIME_DIRECTORY"
#define SIGHEJ_ENV_CREDENTIALS_DIRECTORY "CREDENTIALS_DIRECTORY"
/* Folder in which simulated radios find each other; default: $XDG_RUNTIME_DIR/sighej-air. */
#define SIGHEJ_ENV_SIM_AIR "SIGHEJ_SIM_AIR"
/* The simulated radio's name in air.ini; default: the process id. */
#define SIGHEJ_ENV_SIM_NAME "SIGHEJ_SIM_NAME"
/* Folder of the clients' translations; default: where they are installed. */
#define SIGHEJ_ENV_LOCALE_DIR "SIGHEJ_LOCALE_DIR"

/* Journal fields beside MESSAGE (INTERFACES 5). Never a token, an address, an interest. */
#define SIGHEJ_LOG_MESSAGE_ID "MESSAGE_ID"
#define SIGHEJ_LOG_STATE "SIGHEJ_STATE"
#define SIGHEJ_LOG_REASON "SIGHEJ_REASON"
#define SIGHEJ_LOG_ADAPTER "SIGHEJ_ADAPTER"
#define SIGHEJ_LOG_HTTP_STATUS "SIGHEJ_HTTP_STATUS"
#define SIGHEJ_LOG_PROBLEM "SIGHEJ_PROBLEM"
#define SIGHEJ_LOG_TRACE_ID "TRACE_ID"

/* WebSocket (RFC 6455). */
#define SIGHEJ_WS_PROTOCOL "sighej.v1"
#define SIGHEJ_WS_AUTH_PROTOCOL_PREFIX "sighej.auth."
