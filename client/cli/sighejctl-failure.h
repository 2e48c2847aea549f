/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighejctl-output.h"

G_BEGIN_DECLS

/*
 * How sighejctl fails. A GError's message is "what is wrong; the next step": what stands after
 * the first "; " is shown on a line of its own. Without it the step that goes with the kind of
 * error is shown.
 */

#define SIGHEJCTL_EXIT_DONE 0
#define SIGHEJCTL_EXIT_FAILED 1
#define SIGHEJCTL_EXIT_USAGE 2
#define SIGHEJCTL_EXIT_NO 3
#define SIGHEJCTL_EXIT_TIMED_OUT 4
#define SIGHEJCTL_EXIT_UNREACHABLE 5

#define SIGHEJCTL_ERROR (sighejctl_error_quark ())

/**
 * SighejctlError:
 *
 * What goes wrong on this side of the bus; all else is SIGHEJ_ERROR.
 */
typedef enum
{
  SIGHEJCTL_ERROR_USAGE,
  SIGHEJCTL_ERROR_TIMED_OUT,
  SIGHEJCTL_ERROR_UNREACHABLE,
} SighejctlError;

GQuark sighejctl_error_quark (void);

/* Turns what GIO and the bus say into ours: unreachable, timed out, not permitted. */
void sighejctl_failure_adopt (GError **error);

/* INTERFACES 3.1; @error is one of ours. */
int sighejctl_failure_exit_code (const GError *error);

/* "org.sighej.Error.NotOpen"; for those of this side too ("…Usage"). */
const char *sighejctl_failure_name (const GError *error);

/* What is wrong, without the next step. (transfer full) */
char *sighejctl_failure_sentence (const GError *error);

/* The next step, "" when none is known. (transfer full) */
char *sighejctl_failure_hint (const GError *error);

/* Tells it on stderr, and with JSON on stdout too. */
void sighejctl_failure_report (const GError *error, const SighejctlOutput *output);

G_END_DECLS
