/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * sighej_backend_uri_find_fault:
 * @uri: what somebody wrote
 *
 * The address of a matching backend: https with a host; http only for loopback (localhost,
 * 127.0.0.0/8, ::1); a path is allowed, no user, query or fragment; at most 2,048 bytes.
 *
 * Returns: (transfer none) (nullable): why it cannot be one, an English clause that clients
 *   translate; NULL when it can
 */
const char *sighej_backend_uri_find_fault (const char *uri);

G_END_DECLS
