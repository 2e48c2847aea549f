/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Whether the desktop starts SigHej when the person logs in: a desktop entry of our name in
 * $XDG_CONFIG_HOME/autostart. One that is there and says Hidden, or that GNOME has switched off,
 * counts as none. Never inside a sandbox: there the file would be nobody's.
 */

/* Whether it is on; reads the file. */
gboolean sighej_autostart_get (void);

/**
 * sighej_autostart_set:
 * @on: whether it shall start
 * @program: what starts it, such as "sighej"
 * @error: return location
 *
 * Writes the file, whole, or removes it. Errors: those of GFileError.
 */
gboolean sighej_autostart_set (gboolean on, const char *program, GError **error);

G_END_DECLS
