/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SighejControlKind:
 * @SIGHEJ_CONTROL_SETTINGS: to a worker: what to run with, from now on; first of all messages
 * @SIGHEJ_CONTROL_DRAIN: to a worker: finish and end
 * @SIGHEJ_CONTROL_READY: from a worker: it serves
 * @SIGHEJ_CONTROL_BEAT: from a worker, once a second from its main loop; the text is how many
 *   sockets it holds
 * @SIGHEJ_CONTROL_RELOADED: from a worker: it took the new settings, or said why not
 */
typedef enum
{
  SIGHEJ_CONTROL_SETTINGS = 'S',
  SIGHEJ_CONTROL_DRAIN = 'D',
  SIGHEJ_CONTROL_READY = 'R',
  SIGHEJ_CONTROL_BEAT = 'B',
  SIGHEJ_CONTROL_RELOADED = 'L',
} SighejControlKind;

/**
 * SighejControl:
 *
 * One end of the line between the parent and a worker: whole messages on a socket pair, never
 * waiting. When the other end is gone, however it went, "closed" is called: so a worker outlives
 * its parent only for as long as it needs to drain.
 */
typedef struct _SighejControl SighejControl;

#define SIGHEJ_CONTROL_NAME "control"         /* of the descriptor, in sighej-handoff */
#define SIGHEJ_CONTROL_BYTES_MAX (128 * 1024) /* of a text */

/* @text: (nullable): without its kind; lent */
typedef void (*SighejControlReceived) (SighejControlKind kind,
                                       const char *text,
                                       gpointer user_data);
typedef void (*SighejControlClosed) (gpointer user_data);

/* Two connected ends, close-on-exec. Errors: G_IO_ERROR (no descriptor left). */
gboolean sighej_control_make_pair (int ends[2], GError **error);

/* @fd: (transfer full). Callbacks come from the main context; either may free it. */
SighejControl *sighej_control_new (int fd,
                                   SighejControlReceived received,
                                   SighejControlClosed closed,
                                   gpointer user_data);
void sighej_control_free (SighejControl *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejControl, sighej_control_free)

/**
 * sighej_control_send:
 * @text: (nullable): at most SIGHEJ_CONTROL_BYTES_MAX
 *
 * Returns: FALSE when the other end is gone, or has not read for so long that nothing fits
 */
gboolean sighej_control_send (SighejControl *self, SighejControlKind kind, const char *text);

/**
 * sighej_control_read_settings:
 * @fd: an end nobody else reads; stays the caller's
 *
 * Waits for the first message, which the parent wrote before it started us.
 *
 * Returns: (transfer full) (nullable): the text; NULL when the other end is gone
 */
char *sighej_control_read_settings (int fd);

G_END_DECLS
