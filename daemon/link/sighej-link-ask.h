/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <libsoup/soup.h>

#include "sighej-clock.h"

G_BEGIN_DECLS

/*
 * What is asked of the backend over HTTP in the name of a session there is already: the requests of
 * SighejLinkSession are asked and end here.
 */

/**
 * sighej_link_ask_async:
 * @asker: (type GObject): who is told
 *
 * Sends @message. Any status below 300 is a success; others fail as SIGHEJ_ERROR with the problem's
 * meaning, what did not come through with SIGHEJ_ERROR_OFFLINE.
 */
void sighej_link_ask_async (gpointer asker,
                            SoupSession *soup,
                            SoupMessage *message,
                            SighejClock *clock,
                            guint timeout_s,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);

/* Returns: (transfer full) (nullable): the answer's body, wiped when freed; NULL with @error */
GBytes *sighej_link_ask_finish (gpointer asker, GAsyncResult *result, GError **error);

G_END_DECLS
