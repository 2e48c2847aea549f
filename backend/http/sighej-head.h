/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-problem.h"

G_BEGIN_DECLS

/*
 * The head of an HTTP/1 request as it comes off the wire, judged before libsoup sees it
 * (SECURITY-DESIGN R-05): libsoup takes lengths, line ends and doubled headers that make two
 * readers disagree about where a request ends. Pure.
 */

/**
 * SighejHeadLimits:
 * @header_bytes_max: the whole head
 * @header_lines_max: header lines, without the request line
 * @url_bytes_max: the request target
 * @body_bytes_max: Content-Length, at most 999,999
 */
typedef struct
{
  guint header_bytes_max;
  guint header_lines_max;
  guint url_bytes_max;
  guint body_bytes_max;
} SighejHeadLimits;

/**
 * sighej_head_find_end:
 * @data: what came so far
 * @searched: (inout): bytes looked at before; start with 0, keep it between calls
 * @end: (out): offset behind the empty line, 0 when it has not come yet
 *
 * Returns: FALSE when a line does not end in CR LF
 */
gboolean sighej_head_find_end (const char *data, gsize n_bytes, gsize *searched, gsize *end);

/**
 * sighej_head_check:
 * @data: a whole head with its empty line
 * @body_bytes: (out): bytes of the body that follows
 * @problem: (out): why it is refused
 *
 * Refuses what is not HTTP/1.0 or 1.1 in its strict form; Content-Length more than once, not
 * `[0-9]{1,6}` or beside Transfer-Encoding; any Transfer-Encoding (411); Host not exactly once;
 * other methods than GET, HEAD, POST, DELETE, OPTIONS (405); a POST without Content-Length (411);
 * everything beyond @limits (413, 414, 431).
 */
gboolean sighej_head_check (const char *data,
                            gsize n_bytes,
                            const SighejHeadLimits *limits,
                            gsize *body_bytes,
                            SighejProblem *problem);

/* The problem of a head that is malformed, or too long. */
extern const SighejProblem sighej_head_malformed;
extern const SighejProblem sighej_head_too_long;

G_END_DECLS
