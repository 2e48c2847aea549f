/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-trace.h"

G_BEGIN_DECLS

/**
 * SighejSpan:
 *
 * Something that takes time, in a trace that is sampled. Where nothing is sampled, which is the
 * rule, there are no spans: every function takes and gives NULL, and costs a comparison.
 *
 * There is one loop that does one thing at a time, so there is one current span: who starts
 * something enters its span, what is begun meanwhile becomes its child, and a callback that comes
 * later enters it again. Names and attributes are static words and numbers, never anything from
 * a request (SECURITY-DESIGN T-15).
 */
typedef struct _SighejSpan SighejSpan;

#define SIGHEJ_SPAN_ATTRIBUTES_MAX 4

typedef enum
{
  SIGHEJ_SPAN_INTERNAL = 1,
  SIGHEJ_SPAN_SERVER = 2,
  SIGHEJ_SPAN_CLIENT = 3,
} SighejSpanKind;

/* One attribute: @text or, when that is NULL, @number. */
typedef struct
{
  const char *key;
  const char *text;
  gint64 number;
} SighejSpanAttribute;

/* ---- where they go ---- */

/* @span: ended; take a reference to keep it */
typedef void (*SighejSpanSink) (SighejSpan *span, gpointer user_data);
/**
 * sighej_span_set_sink:
 * @sink: (nullable): NULL: nothing is sampled
 * @percent: of new traces are sampled, 0 to 100
 */
void sighej_span_set_sink (SighejSpanSink sink, gpointer user_data, guint percent);

/* Decides by lot whether a new trace is sampled. Always FALSE without a sink. */
gboolean sighej_span_draw_sampled (void);

/* ---- life ---- */

/**
 * sighej_span_new:
 * @name: static
 * @trace: its own place; NULL comes back unless it is sampled
 * @parent_id: (nullable) (array fixed-size=8): the caller's span in another program
 */
SighejSpan *sighej_span_new (const char *name,
                             SighejSpanKind kind,
                             const SighejTrace *trace,
                             const guint8 *parent_id);

/* A child of the current span; without one NULL. */
SighejSpan *sighej_span_new_child (const char *name, SighejSpanKind kind);

/* The first span of a new trace, when the lot falls on it. */
SighejSpan *sighej_span_new_root (const char *name, SighejSpanKind kind);

/* A child of the current span, or without one the first of a new trace. */
SighejSpan *sighej_span_new_here (const char *name, SighejSpanKind kind);

SighejSpan *sighej_span_ref (SighejSpan *self);
void sighej_span_unref (SighejSpan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejSpan, sighej_span_unref)

/* @key, @text: static. What does not fit any more is dropped. */
void sighej_span_set_text (SighejSpan *self, const char *key, const char *text);
void sighej_span_set_number (SighejSpan *self, const char *key, gint64 number);

/* It is over; once. */
void sighej_span_end (SighejSpan *self, gboolean failed);

/* ---- the current one ---- */

SighejSpan *sighej_span_get_current (void);
/* Makes @self (nullable) current. Returns: what was, for sighej_span_leave(). */
SighejSpan *sighej_span_enter (SighejSpan *self);
void sighej_span_leave (SighejSpan *before);

/* ---- for who writes them down ---- */

const char *sighej_span_get_name (const SighejSpan *self);
SighejSpanKind sighej_span_get_kind (const SighejSpan *self);
const SighejTrace *sighej_span_get_trace (const SighejSpan *self);
const guint8 *sighej_span_get_parent_id (const SighejSpan *self); /* (nullable) */
/* Microseconds since 1970. */
void sighej_span_get_times (const SighejSpan *self, gint64 *begun_us, gint64 *ended_us);
gboolean sighej_span_has_failed (const SighejSpan *self);
const SighejSpanAttribute *sighej_span_get_attributes (const SighejSpan *self, guint *n);

G_END_DECLS
