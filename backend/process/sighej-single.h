/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-settings.h"

G_BEGIN_DECLS

/**
 * sighej_single_run:
 * @source: where @settings came from, to read them again on SIGHUP
 *
 * The program as one process that does everything itself.
 *
 * Returns: the exit status, after a sentence on stderr when it is not 0
 */
int sighej_single_run (SighejSettings *settings, const SighejSettingsSource *source);

G_END_DECLS
