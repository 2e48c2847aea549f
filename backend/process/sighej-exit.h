/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdlib.h>

#include "sighej-error.h"

G_BEGIN_DECLS

/* How the program ends, beside EXIT_SUCCESS and EXIT_FAILURE. */
#define SIGHEJ_EXIT_USAGE 2
#define SIGHEJ_EXIT_NOT_FOUND 3 /* of "reports": there is no such report */
#define SIGHEJ_EXIT_FAULTY 4    /* of "reports verify": somebody changed what is never changed */
#define SIGHEJ_EXIT_CONFIG 78   /* sysexits.h; the unit does not restart on it */

/* Says on stderr what was wrong. Returns: the exit status for it. */
static inline int
sighej_exit_fail (const GError *error)
{
  g_printerr ("sighej-backend: %s\n", error->message);
  return g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG) ? SIGHEJ_EXIT_CONFIG
                                                                    : EXIT_FAILURE;
}

G_END_DECLS
