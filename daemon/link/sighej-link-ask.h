/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-link-session.h"
#include "sighej-link.h"

G_BEGIN_DECLS

/*
 * What is asked of the backend over HTTP in the name of a session there is already. The requests of
 * SighejLinkSession end in sighej_link_ask_finish(); those of SighejLink (sighej-link.h) are of its
 * live session.
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

/* ---- of sighej-link.c ---- */

/* (nullable) (transfer none): the session whose tokens count. */
SighejLinkSession *sighej_link_get_live (SighejLink *self);

G_END_DECLS
