/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * W3C Trace Context, level 1: the header `traceparent`. Pure.
 */

#define SIGHEJ_TRACE_ID_BYTES 16
#define SIGHEJ_SPAN_ID_BYTES 8
#define SIGHEJ_TRACE_CHARS 55 /* "00-", 32 digits, "-", 16 digits, "-01" */

/**
 * SighejTrace:
 *
 * Where in which trace something happens. Neither id is all zero.
 */
typedef struct
{
  guint8 trace_id[SIGHEJ_TRACE_ID_BYTES];
  guint8 span_id[SIGHEJ_SPAN_ID_BYTES];
  gboolean sampled;
} SighejTrace;

/**
 * sighej_trace_parse:
 * @header: the value; hex digits in lower case, as the standard has it
 *
 * Reads version 00, and of later versions what 00 knew. Of the flags only "sampled" is taken.
 *
 * Returns: FALSE when it is malformed; @trace is undefined then
 */
gboolean sighej_trace_parse (const char *header, SighejTrace *trace);

void sighej_trace_format (const SighejTrace *trace, char out[SIGHEJ_TRACE_CHARS + 1]);

/* A new trace, not sampled. */
void sighej_trace_draw (SighejTrace *trace);

/* A new span of the trace of @parent. */
void sighej_trace_draw_child (const SighejTrace *parent, SighejTrace *trace);

/* The trace id as 32 hex digits. */
void sighej_trace_get_id (const SighejTrace *trace, char out[2 * SIGHEJ_TRACE_ID_BYTES + 1]);

G_END_DECLS
