/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * A GSource that is ready while a connection waits on a listening socket that several processes
 * share. It watches through an epoll descriptor of its own with EPOLLEXCLUSIVE, so that not
 * every process wakes for one connection. Its callback is a GSourceFunc whose TRUE means that
 * something was accepted; the source stays either way.
 *
 * The kernel wakes the first in the queue first, which gives most connections to one process
 * (measured with four: 154, 35, 7 and 4 of 200); who accepted therefore goes to the queue's end
 * (72, 50, 41 and 37). That is a tendency: on a busy machine whoever runs first accepts.
 */

/**
 * sighej_accept_source_new:
 * @fd: the listening socket, non-blocking; must stay open until the source is destroyed
 *
 * Returns: (transfer full) (nullable): a source that is not attached; NULL with errno set when no
 *   descriptor is left
 */
GSource *sighej_accept_source_new (int fd);

/* Stops and starts to watch, without needing a descriptor for it (SECURITY-DESIGN F-12).
 * Returns: FALSE when the kernel cannot watch now. */
gboolean sighej_accept_source_set_armed (GSource *source, gboolean armed);

G_END_DECLS
