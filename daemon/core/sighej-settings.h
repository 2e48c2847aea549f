/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-config.h"

G_BEGIN_DECLS

/*
 * The daemon's settings (INTERFACES 4): the table of its keys, and the order of the files.
 * What the person chose at run time lies above the files and is not here: sighej-choices.h.
 */

/* The table; ends with a NULL group. */
extern const SighejConfigKey sighej_settings_keys[];

/**
 * sighej_settings_load:
 * @only_file: (nullable): the one file to read instead of all others; it must exist
 * @for_person: on the session bus; else for a kiosk
 *
 * Reads, later wins: the vendor's file, the machine's file and its drop-ins, the person's file
 * ($XDG_CONFIG_HOME/sighej/sighejd.conf). A kiosk has files of its own, kiosk.conf, and no person.
 * Errors: %SIGHEJ_ERROR_CONFIG, naming file, line and key.
 */
SighejConfig *sighej_settings_load (const char *only_file, gboolean for_person, GError **error);

/**
 * sighej_settings_take:
 * @config: in use; tells its readers
 * @fresh: read anew; gets what @config held until now
 *
 * Returns: (transfer full) (nullable): the keys that were changed and need a restart, with ", "
 *   between; they keep their values
 */
char *sighej_settings_take (SighejConfig *config, SighejConfig *fresh);

G_END_DECLS
