/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * The page behind a problem's `type` (RFC 9457 section 3.1.1): what it means and what to do next,
 * for whoever writes a client and looks it up. There is one for each problem of the table in
 * sighej-error.c, and for those of a request's head that never reached the server.
 */

/**
 * sighej_problem_page_new:
 * @type: last segment of the type URI, as in SighejProblem
 *
 * Returns: (transfer full) (nullable): an HTML document in English, UTF-8; NULL when there is no
 *   such type
 */
GBytes *sighej_problem_page_new (const char *type);

/* The type of page @i, NULL behind the last. */
const char *sighej_problem_page_get_type_name (guint i);

G_END_DECLS
