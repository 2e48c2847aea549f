/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SIGHEJ_REPORTS_COMMAND "reports"

/**
 * sighej_reports_command_run:
 * @argv: from "reports" on
 *
 * `sighej-backend reports …`: what operators read and decide about reports. It opens the database
 * of the configuration and the key file, as a program of its own beside the backend, which sees
 * what was decided within SIGHEJ_CASEBOOK_POLL_MS.
 *
 * Returns: the exit status
 */
int sighej_reports_command_run (int argc, char **argv);

G_END_DECLS
