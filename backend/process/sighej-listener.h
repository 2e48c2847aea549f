/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-clock.h"
#include "sighej-error.h"

G_BEGIN_DECLS

/**
 * SighejListener:
 *
 * A listening socket of ours. SoupServer's own stops for ever after one failed accept()
 * (SECURITY-DESIGN R-01) and queues ten connections; this one takes a breath of 100 ms
 * when descriptors run out, goes on after every other error, and queues 1,024. Several processes
 * may hold the same socket: one of them accepts, the others sleep on.
 */
#define SIGHEJ_TYPE_LISTENER (sighej_listener_get_type ())
G_DECLARE_FINAL_TYPE (SighejListener, sighej_listener, SIGHEJ, LISTENER, GObject)

#define SIGHEJ_LISTENER_BACKLOG 1024

/**
 * sighej_listener_new_for_text:
 * @text: "127.0.0.1:8080", "[::1]:8080", "localhost:8080" or "unix:/path"; port 0: any
 *
 * Binds and listens. A UNIX socket left behind by a dead program is replaced, a live one is not;
 * ours has mode 0660 and is removed again by sighej_listener_stop().
 *
 * Errors: SIGHEJ_ERROR_CONFIG (not an address), SIGHEJ_ERROR_UNAVAILABLE (in use, not permitted).
 */
SighejListener *sighej_listener_new_for_text (const char *text, GError **error);

/* The same text, only checked: whether it is an address, and a local one. Errors: CONFIG. */
gboolean sighej_listener_check_text (const char *text, gboolean *local, GError **error);

/* Takes a listening socket somebody else opened, as it is. @fd is closed in the end. */
SighejListener *sighej_listener_new_for_fd (int fd, GError **error);

/* Where it listens: "127.0.0.1:43211", "unix:/path". */
const char *sighej_listener_get_name (SighejListener *self);

/* The address it is bound to, to connect to it. (transfer full) */
GSocketAddress *sighej_listener_dup_address (SighejListener *self);

/* Loopback or UNIX: nobody off this machine reaches it. */
gboolean sighej_listener_is_local (SighejListener *self);

/* The descriptor, to hand it on to another process; stays the listener's. */
int sighej_listener_get_fd (SighejListener *self);

/* @socket: non-blocking; take a reference to keep it */
typedef void (*SighejListenerAccepted) (GSocket *socket, gpointer user_data);

/* Begins to accept. Errors: SIGHEJ_ERROR_UNAVAILABLE (no descriptor left). */
gboolean sighej_listener_start (SighejListener *self,
                                SighejClock *clock,
                                SighejListenerAccepted accepted,
                                gpointer user_data,
                                GError **error);

/*
 * Nobody new comes in; who is in the queue, or on the way into it, still does. For TCP sockets we
 * opened: one that was inherited goes on for others.
 */
void sighej_listener_refuse (SighejListener *self);

/* Refuses, accepts for 50 ms whoever is on the way, then stops: nobody is reset in the queue. */
void sighej_listener_finish (SighejListener *self);

/* FALSE: it has stopped. */
gboolean sighej_listener_is_open (SighejListener *self);

/* Accepts no more, and closes. Stopping twice does nothing. */
void sighej_listener_stop (SighejListener *self);

G_END_DECLS
