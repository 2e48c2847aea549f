/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-clock.h"
#include "sighej-gate.h"

G_BEGIN_DECLS

/**
 * sighej_linger:
 * @socket: (transfer full): what was to be said has been sent
 * @ticket: (transfer full) (nullable): given back when the socket is closed
 *
 * Closes a connection that may still be sending. A plain close() would answer the unread bytes
 * with a reset, and the reset takes the answer away before the client reads it. So: say that we
 * are done, throw away what still comes, close when the client has seen it, after 1 s, or after
 * 256 KiB (SECURITY-DESIGN R-04).
 */
void sighej_linger (GSocket *socket, SighejTicket *ticket, SighejClock *clock);

G_END_DECLS
