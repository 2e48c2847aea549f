/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-settings.h"
#include "sighej-sockets.h"

G_BEGIN_DECLS

/**
 * sighej_exposure_check:
 * @kind: what is served there
 * @is_local: nobody off this machine reaches it
 * @name: the address, for the error
 *
 * Whether the settings allow to listen there: nothing plain off this machine without AllowPlain,
 * no operators' listener off it without a token, AuthMode=legacy on loopback only.
 *
 * Errors: SIGHEJ_ERROR_CONFIG.
 */
gboolean sighej_exposure_check (const SighejSettings *settings,
                                SighejSocketKind kind,
                                gboolean is_local,
                                const char *name,
                                GError **error);

/* The same for every address the settings name. Errors: SIGHEJ_ERROR_CONFIG. */
gboolean sighej_exposure_check_settings (const SighejSettings *settings, GError **error);

G_END_DECLS
