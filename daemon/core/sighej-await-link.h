/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-clock.h"
#include "sighej-link.h"
#include "sighej-presence.h"

G_BEGIN_DECLS

/* So long the backend may take to be reached. */
#define SIGHEJ_AWAIT_LINK_SECONDS_MAX 10

/**
 * sighej_await_link_async:
 * @presence: whether a session is wanted at all
 *
 * Waits until @link is online. Errors: what keeps presence from wanting a session or the link from
 * the backend; SIGHEJ_ERROR_OFFLINE after %SIGHEJ_AWAIT_LINK_SECONDS_MAX.
 */
void sighej_await_link_async (SighejClock *clock,
                              SighejPresence *presence,
                              SighejLink *link,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean sighej_await_link_finish (SighejLink *link, GAsyncResult *result, GError **error);

G_END_DECLS
