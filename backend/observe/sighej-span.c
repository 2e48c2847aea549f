/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-span.h"

#include <string.h>

struct _SighejSpan
{
  const char *name;
  SighejSpanKind kind;
  SighejTrace trace;
  guint8 parent_id[SIGHEJ_SPAN_ID_BYTES];
  gboolean has_parent;
  gint64 begun_us; /* wall time, and how long it took on a clock that never jumps */
  gint64 begun_at_us;
  gint64 lasted_us;
  gboolean failed;
  SighejSpanAttribute attributes[SIGHEJ_SPAN_ATTRIBUTES_MAX];
  guint n_attributes;
};

/* As there is one log for a process. */
static SighejSpanSink span_sink;
static gpointer span_sink_data;
static guint span_percent;
static SighejSpan *span_current;

void
sighej_span_set_sink (SighejSpanSink sink, gpointer user_data, guint percent)
{
  span_sink = sink;
  span_sink_data = user_data;
  span_percent = percent;
}

gboolean
sighej_span_draw_sampled (void)
{
  return span_sink != NULL && (guint) g_random_int_range (0, 100) < span_percent;
}

SighejSpan *
sighej_span_new (const char *name,
                 SighejSpanKind kind,
                 const SighejTrace *trace,
                 const guint8 *parent_id)
{
  SighejSpan *self;

  if (span_sink == NULL || !trace->sampled)
    return NULL;
  self = g_rc_box_new0 (SighejSpan);
  self->name = name;
  self->kind = kind;
  self->trace = *trace;
  self->has_parent = parent_id != NULL;
  if (parent_id != NULL)
    memcpy (self->parent_id, parent_id, sizeof self->parent_id);
  self->begun_us = g_get_real_time ();
  self->begun_at_us = g_get_monotonic_time ();
  return self;
}

SighejSpan *
sighej_span_new_child (const char *name, SighejSpanKind kind)
{
  SighejTrace trace;

  if (span_current == NULL)
    return NULL;
  sighej_trace_draw_child (&span_current->trace, &trace);
  return sighej_span_new (name, kind, &trace, span_current->trace.span_id);
}

SighejSpan *
sighej_span_new_root (const char *name, SighejSpanKind kind)
{
  SighejTrace trace;

  if (!sighej_span_draw_sampled ())
    return NULL;
  sighej_trace_draw (&trace);
  trace.sampled = TRUE;
  return sighej_span_new (name, kind, &trace, NULL);
}

SighejSpan *
sighej_span_new_here (const char *name, SighejSpanKind kind)
{
  return span_current != NULL ? sighej_span_new_child (name, kind)
                              : sighej_span_new_root (name, kind);
}

SighejSpan *
sighej_span_ref (SighejSpan *self)
{
  return self != NULL ? g_rc_box_acquire (self) : NULL;
}

void
sighej_span_unref (SighejSpan *self)
{
  if (self != NULL)
    g_rc_box_release (self);
}

static void
add_attribute (SighejSpan *self, SighejSpanAttribute attribute)
{
  if (self != NULL && self->n_attributes < SIGHEJ_SPAN_ATTRIBUTES_MAX)
    self->attributes[self->n_attributes++] = attribute;
}

void
sighej_span_set_text (SighejSpan *self, const char *key, const char *text)
{
  add_attribute (self, (SighejSpanAttribute){ key, text, 0 });
}

void
sighej_span_set_number (SighejSpan *self, const char *key, gint64 number)
{
  add_attribute (self, (SighejSpanAttribute){ key, NULL, number });
}

void
sighej_span_end (SighejSpan *self, gboolean failed)
{
  if (self == NULL)
    return;
  self->lasted_us = g_get_monotonic_time () - self->begun_at_us;
  self->failed = failed;
  if (span_sink != NULL)
    span_sink (self, span_sink_data);
}

/* ---- the current one ---- */

SighejSpan *
sighej_span_get_current (void)
{
  return span_current;
}

SighejSpan *
sighej_span_enter (SighejSpan *self)
{
  SighejSpan *before = span_current;

  span_current = self;
  return before;
}

void
sighej_span_leave (SighejSpan *before)
{
  span_current = before;
}

/* ---- for who writes them down ---- */

const char *
sighej_span_get_name (const SighejSpan *self)
{
  return self->name;
}

SighejSpanKind
sighej_span_get_kind (const SighejSpan *self)
{
  return self->kind;
}

const SighejTrace *
sighej_span_get_trace (const SighejSpan *self)
{
  return &self->trace;
}

const guint8 *
sighej_span_get_parent_id (const SighejSpan *self)
{
  return self->has_parent ? self->parent_id : NULL;
}

void
sighej_span_get_times (const SighejSpan *self, gint64 *begun_us, gint64 *ended_us)
{
  *begun_us = self->begun_us;
  *ended_us = self->begun_us + self->lasted_us;
}

gboolean
sighej_span_has_failed (const SighejSpan *self)
{
  return self->failed;
}

const SighejSpanAttribute *
sighej_span_get_attributes (const SighejSpan *self, guint *n)
{
  *n = self->n_attributes;
  return self->attributes;
}
