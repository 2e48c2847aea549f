/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-error.h"

G_BEGIN_DECLS

/**
 * SighejAdmin:
 *
 * Who is an operator: whoever knows the token in the credential `admin-token`, or in the file
 * AdminTokenFile (SECURITY-DESIGN T-10). Without a token everybody is, which the backend allows
 * on loopback and UNIX sockets only. The token is kept as its SHA-256.
 */
typedef struct _SighejAdmin SighejAdmin;

/**
 * sighej_admin_new:
 * @file: (nullable): AdminTokenFile; "" counts as none. The credential goes before it
 *
 * The token is 16 to 256 characters without space; white space around it is dropped.
 *
 * Errors: SIGHEJ_ERROR_CONFIG (unreadable, too short, readable by others).
 */
SighejAdmin *sighej_admin_new (const char *file, GError **error);
void sighej_admin_free (SighejAdmin *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejAdmin, sighej_admin_free)

gboolean sighej_admin_has_token (SighejAdmin *self);

/* @bearer: (nullable): what was sent as `Authorization: Bearer`, without that word */
gboolean sighej_admin_check (SighejAdmin *self, const char *bearer);

G_END_DECLS
