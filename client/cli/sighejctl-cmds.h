/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighejctl-context.h"

G_BEGIN_DECLS

/*
 * The commands. Each answers its exit status, or -1 with @error set. When one runs, the number
 * of arguments is within the bounds of its entry in the table, its options are among those it
 * takes, and the client is connected as far as it needs.
 */

int sighejctl_cmd_adapter (Sighejctl *self, GError **error);
int sighejctl_cmd_appeal (Sighejctl *self, GError **error);
int sighejctl_cmd_backend (Sighejctl *self, GError **error);
int sighejctl_cmd_block (Sighejctl *self, GError **error);
int sighejctl_cmd_calibrate (Sighejctl *self, GError **error);
int sighejctl_cmd_close (Sighejctl *self, GError **error);
int sighejctl_cmd_code (Sighejctl *self, GError **error);
int sighejctl_cmd_doctor (Sighejctl *self, GError **error);
int sighejctl_cmd_end (Sighejctl *self, GError **error);
int sighejctl_cmd_export (Sighejctl *self, GError **error);
int sighejctl_cmd_extend (Sighejctl *self, GError **error);
int sighejctl_cmd_help (Sighejctl *self, GError **error);
int sighejctl_cmd_here (Sighejctl *self, GError **error);
int sighejctl_cmd_inhibit (Sighejctl *self, GError **error);
int sighejctl_cmd_interests (Sighejctl *self, GError **error);
int sighejctl_cmd_is_open (Sighejctl *self, GError **error);
int sighejctl_cmd_meets (Sighejctl *self, GError **error);
int sighejctl_cmd_messages (Sighejctl *self, GError **error);
int sighejctl_cmd_met (Sighejctl *self, GError **error);
int sighejctl_cmd_not_now (Sighejctl *self, GError **error);
int sighejctl_cmd_nudges (Sighejctl *self, GError **error);
int sighejctl_cmd_open (Sighejctl *self, GError **error);
int sighejctl_cmd_pause (Sighejctl *self, GError **error);
int sighejctl_cmd_position (Sighejctl *self, GError **error);
int sighejctl_cmd_report (Sighejctl *self, GError **error);
int sighejctl_cmd_resume (Sighejctl *self, GError **error);
int sighejctl_cmd_say (Sighejctl *self, GError **error);
int sighejctl_cmd_spot (Sighejctl *self, GError **error);
int sighejctl_cmd_status (Sighejctl *self, GError **error);
int sighejctl_cmd_toggle (Sighejctl *self, GError **error);
int sighejctl_cmd_version (Sighejctl *self, GError **error);
int sighejctl_cmd_wait (Sighejctl *self, GError **error);
int sighejctl_cmd_watch (Sighejctl *self, GError **error);
int sighejctl_cmd_wave (Sighejctl *self, GError **error);
int sighejctl_cmd_wipe (Sighejctl *self, GError **error);

G_END_DECLS
