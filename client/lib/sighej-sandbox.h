/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * The client in a sandbox (flatpak/org.sighej.SigHej.yml): it may show a window and talk to
 * %SIGHEJ_BUS_NAME, and asks portals for the rest. Source: flatpak-run(1).
 */

/* Whether this is the desktop client inside its own Flatpak. */
gboolean sighej_sandbox_is_inside (void);

/*
 * Takes %SIGHEJ_SANDBOXED_NAME on @connection, when inside. Called before %SIGHEJ_CLIENT_NAME is
 * taken, so that nobody sees a client of which it would not know.
 */
void sighej_sandbox_tell (GDBusConnection *connection);

G_END_DECLS
