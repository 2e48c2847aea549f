/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-settings.h"

G_BEGIN_DECLS

/* Takes other settings into use, exchanging them with those in use. Errors: CONFIG. */
typedef gboolean (*SighejReloadTake) (SighejSettings *fresh, gpointer user_data, GError **error);

/**
 * sighej_reload:
 *
 * What SIGHUP does in the process the service manager knows: says that it reloads, reads the
 * configuration again and has it taken. If anything is wrong the old settings stay, and one line
 * says why; another names the keys that were changed and need a restart.
 *
 * The caller tells the service manager when it is ready again, with sighej_reload_done().
 *
 * Returns: whether the settings were taken
 */
gboolean sighej_reload (const SighejSettings *settings,
                        const SighejSettingsSource *source,
                        SighejReloadTake take,
                        gpointer user_data);
void sighej_reload_done (void);

G_END_DECLS
