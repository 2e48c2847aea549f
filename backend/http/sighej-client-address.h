/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-error.h"

G_BEGIN_DECLS

/*
 * Whose request it is, as far as limits per address care (SECURITY-DESIGN 3). Behind a proxy the
 * socket's other end says nothing; X-Forwarded-For says it, but only a proxy the operator trusts
 * may be believed, and only the hop it added itself. Pure.
 */

/**
 * SighejTrust:
 *
 * The proxies of TrustedProxies: addresses, networks ("10.0.0.0/8"), and "unix" for whoever
 * connects to a UNIX socket.
 */
typedef struct _SighejTrust SighejTrust;

/* Errors: SIGHEJ_ERROR_CONFIG, naming the item. */
SighejTrust *sighej_trust_new (const char *const *items, GError **error);
void sighej_trust_free (SighejTrust *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejTrust, sighej_trust_free)

gboolean sighej_trust_is_empty (SighejTrust *self);

/* Whether @peer, a socket's other end, is one of them. */
gboolean sighej_trust_covers (SighejTrust *self, GSocketAddress *peer);

/**
 * sighej_client_address:
 * @peer: the socket's other end
 * @forwarded_for: (nullable): the X-Forwarded-For header, all of it
 *
 * Returns: (transfer full) (nullable): IPv4 in full, IPv6 as its /64; NULL when it is unknown
 */
char *sighej_client_address (SighejTrust *trust, GSocketAddress *peer, const char *forwarded_for);

G_END_DECLS
