/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-settings.h"

G_BEGIN_DECLS

/**
 * sighej_parent_run:
 * @settings: checked, for more than one worker
 * @source: where they came from, to read them again on SIGHUP
 *
 * The program as the parent of its workers: holds the listening sockets, speaks with the service
 * manager, and serves nobody itself. SIGTERM and SIGINT: the workers finish, it ends after them.
 *
 * Returns: the exit status
 */
int sighej_parent_run (SighejSettings *settings, const SighejSettingsSource *source);

G_END_DECLS
