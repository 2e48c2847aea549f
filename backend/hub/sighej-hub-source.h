/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SighejHubSource:
 *
 * One epoll descriptor as one GSource, so that GLib polls a single descriptor however many
 * sockets there are (GLib's own poll walks every one of them: DESIGN 5).
 */

/* @events: EPOLLIN, EPOLLOUT, EPOLLHUP … ; @watched: as given to add. */
typedef void (*SighejHubSourceFunc) (gpointer watched, guint32 events, gpointer user_data);

/* Called after each batch of events and before the loop waits: the only times at which something
 * watched may be freed. */
typedef void (*SighejHubSourceDone) (gpointer user_data);

/**
 * sighej_hub_source_new:
 *
 * Returns: (transfer full): attached to the thread-default main context; destroy and unref it
 */
GSource *
sighej_hub_source_new (SighejHubSourceFunc ready, SighejHubSourceDone done, gpointer user_data);

/* FALSE with errno set. Level-triggered unless @events hold EPOLLET. */
gboolean sighej_hub_source_add (GSource *source, int fd, guint32 events, gpointer watched);
void sighej_hub_source_modify (GSource *source, int fd, guint32 events, gpointer watched);
/* Before the descriptor is closed. */
void sighej_hub_source_remove (GSource *source, int fd);

G_END_DECLS
