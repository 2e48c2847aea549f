/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SighejHandoff:
 *
 * Descriptors that the parent hands on to its worker processes, by name: listening sockets, the
 * line to the parent, shared memory. The parent adds them once and keeps them open; each spawn
 * gives the new process copies and a variable with their names, and nothing else of ours is open
 * in it. The new process takes what it needs, by name, wherever it needs it.
 */
typedef struct _SighejHandoff SighejHandoff;

#define SIGHEJ_HANDOFF_MAX 64 /* descriptors */

SighejHandoff *sighej_handoff_new (void);
void sighej_handoff_free (SighejHandoff *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejHandoff, sighej_handoff_free)

/**
 * sighej_handoff_add:
 * @name: without colon; a name may be given several times ("public")
 * @fd: stays the caller's, and open for as long as processes may be spawned
 *
 * For every process spawned from now on; at most SIGHEJ_HANDOFF_MAX.
 */
void sighej_handoff_add (SighejHandoff *self, const char *name, int fd);

/**
 * sighej_handoff_spawn:
 * @argv: the program's path, then its arguments from the zeroth on
 * @own_name: name of one descriptor more, for this process alone
 * @own_fd: that descriptor; stays the caller's
 * @pid: (out): to be waited for by the caller
 *
 * The service manager's variables (LISTEN_*, NOTIFY_SOCKET, WATCHDOG_*) stay with the parent.
 *
 * Errors: G_SPAWN_ERROR.
 */
gboolean sighej_handoff_spawn (SighejHandoff *self,
                               const char *const *argv,
                               const char *own_name,
                               int own_fd,
                               GPid *pid,
                               GError **error);

/**
 * sighej_handoff_take:
 *
 * In the process that was spawned: the next descriptor of that name, close-on-exec and from now
 * on the caller's; -1 when there is none (left), as in a process nobody handed anything.
 */
int sighej_handoff_take (const char *name);

/* Forgets what the environment says: for a process that was not spawned so. */
void sighej_handoff_forget (void);

G_END_DECLS
