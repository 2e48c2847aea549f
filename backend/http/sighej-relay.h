/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-clock.h"

G_BEGIN_DECLS

#define SIGHEJ_RELAY_BUFFER_BYTES 4096 /* each way */
#define SIGHEJ_RELAY_WRITE_MS 10000    /* until the other side takes a buffer */
#define SIGHEJ_RELAY_CLOSE_MS 1000     /* until the outer side has said goodbye */

/* Called once, when both sides are closed. */
typedef void (*SighejRelayEnded) (gpointer user_data);

/**
 * sighej_relay_start:
 * @outer: (transfer full): towards the client
 * @inner: (transfer full): non-blocking, towards us
 * @ended: what to call in the end
 *
 * Carries bytes both ways until one side is done, a buffer a way and no more.
 *
 *   CARRYING   both ways                        -> HALF (the client ends its side), ENDING, BROKEN
 *   HALF       only what we still say           -> ENDING, BROKEN
 *   ENDING     we are done: the outer side is closed in good order, 1 s  -> ended
 *   BROKEN     an error, or a write of 10 s: both are closed at once     -> ended
 */
void sighej_relay_start (GIOStream *outer,
                         GSocket *inner,
                         SighejClock *clock,
                         SighejRelayEnded ended,
                         gpointer user_data);

G_END_DECLS
