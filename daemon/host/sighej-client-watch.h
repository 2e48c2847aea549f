/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A client that is started has so long to own its name. */
#define SIGHEJ_CLIENT_WATCH_START_TIMEOUT_MS 20000

/**
 * SighejClientWatch:
 *
 * Whether the desktop client is there (owns %SIGHEJ_CLIENT_NAME), so that the person is told by
 * it, and its start by the bus where it is installed.
 *
 *             start, and the bus can              owns the name
 *   ABSENT ──────────────────────────> STARTING ────────────────> PRESENT
 *      ^                                  │                          │
 *      └───── it cannot, it failed, it ───┘                          │
 *      ^      took too long                                          │
 *      └─────────────────────────────────────────────── the name is free
 *
 * Signals:
 *  "changed" (): one of the two below answers something else
 */
#define SIGHEJ_TYPE_CLIENT_WATCH (sighej_client_watch_get_type ())
G_DECLARE_FINAL_TYPE (SighejClientWatch, sighej_client_watch, SIGHEJ, CLIENT_WATCH, GObject)

SighejClientWatch *sighej_client_watch_new (GDBusConnection *bus);

/* Starts it, unless it is there or being started. That none is installed is no error. */
void sighej_client_watch_start (SighejClientWatch *self);

/* Neither there nor being started. */
gboolean sighej_client_watch_get_absent (SighejClientWatch *self);

/* No client that could let a notification stand is there or being started: it is absent, this
 * desktop has no %SIGHEJ_KEEPER_NAME, or the client is in a sandbox (%SIGHEJ_SANDBOXED_NAME). */
gboolean sighej_client_watch_get_keepless (SighejClientWatch *self);

G_END_DECLS
