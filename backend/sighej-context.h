/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * The main context of whoever serves requests. Not GLib's default one: that is signalled by a
 * system call for every source that is attached, also from the thread that runs it, and the next
 * wait ends at once; libsoup attaches eight sources a request.
 */

/* Makes a context this thread's default until it ends. Returns: (transfer full) */
GMainContext *sighej_context_push (void);

/* g_unix_signal_add() knows the default context only. */
void sighej_context_watch_signal (GMainContext *context,
                                  int signal_number,
                                  GSourceFunc callback,
                                  gpointer user_data);

G_END_DECLS
