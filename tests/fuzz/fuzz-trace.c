/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib.h>

#include <string.h>

#include "fuzz.h"
#include "sighej-trace.h"

/* What is taken is written again with the same ids, and read as the same. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  g_autofree char *header = n_bytes > 0 ? g_strndup ((const char *) data, n_bytes) : g_strdup ("");
  char text[SIGHEJ_TRACE_CHARS + 1];
  SighejTrace trace, again;

  if (!sighej_trace_parse (header, &trace))
    return 0;
  sighej_trace_format (&trace, text);
  g_assert_true (strncmp (header + 2, text + 2, SIGHEJ_TRACE_CHARS - 4) == 0);
  g_assert_true (sighej_trace_parse (text, &again));
  g_assert_cmpmem (again.trace_id, sizeof again.trace_id, trace.trace_id, sizeof trace.trace_id);
  g_assert_cmpmem (again.span_id, sizeof again.span_id, trace.span_id, sizeof trace.span_id);
  g_assert_cmpint (again.sampled, ==, trace.sampled);
  return 0;
}
