/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-trace.h"

#include <string.h>

#include "sighej-crypto.h"

#define VERSION_FORBIDDEN 0xff
#define FLAG_SAMPLED 0x01

#define TRACE_ID_AT 3 /* behind "00-" */
#define SPAN_ID_AT (TRACE_ID_AT + 2 * SIGHEJ_TRACE_ID_BYTES + 1)
#define FLAGS_AT (SPAN_ID_AT + 2 * SIGHEJ_SPAN_ID_BYTES + 1)

static gboolean
read_hex (const char *text, guint8 *out, gsize n_bytes)
{
  for (gsize i = 0; i < n_bytes; i++)
    {
      int high = g_ascii_xdigit_value (text[2 * i]);
      int low = g_ascii_xdigit_value (text[2 * i + 1]);

      if (high < 0 || low < 0 || g_ascii_isupper (text[2 * i]) || g_ascii_isupper (text[2 * i + 1]))
        return FALSE;
      out[i] = (guint8) (high << 4 | low);
    }
  return TRUE;
}

static gboolean
is_zero (const guint8 *bytes, gsize n_bytes)
{
  for (gsize i = 0; i < n_bytes; i++)
    if (bytes[i] != 0)
      return FALSE;
  return TRUE;
}

/* Later versions may have more behind another dash; 00 has nothing more. */
static gboolean
has_shape (const char *header, gsize n)
{
  if (n < SIGHEJ_TRACE_CHARS || header[TRACE_ID_AT - 1] != '-' || header[SPAN_ID_AT - 1] != '-'
      || header[FLAGS_AT - 1] != '-')
    return FALSE;
  if (strncmp (header, "00", 2) == 0)
    return n == SIGHEJ_TRACE_CHARS;
  return n == SIGHEJ_TRACE_CHARS || header[SIGHEJ_TRACE_CHARS] == '-';
}

gboolean
sighej_trace_parse (const char *header, SighejTrace *trace)
{
  guint8 version, flags;

  if (!has_shape (header, strlen (header)) || !read_hex (header, &version, 1)
      || version == VERSION_FORBIDDEN
      || !read_hex (header + TRACE_ID_AT, trace->trace_id, SIGHEJ_TRACE_ID_BYTES)
      || !read_hex (header + SPAN_ID_AT, trace->span_id, SIGHEJ_SPAN_ID_BYTES)
      || !read_hex (header + FLAGS_AT, &flags, 1))
    return FALSE;
  trace->sampled = (flags & FLAG_SAMPLED) != 0;
  return !is_zero (trace->trace_id, SIGHEJ_TRACE_ID_BYTES)
         && !is_zero (trace->span_id, SIGHEJ_SPAN_ID_BYTES);
}

void
sighej_trace_format (const SighejTrace *trace, char out[SIGHEJ_TRACE_CHARS + 1])
{
  char trace_id[2 * SIGHEJ_TRACE_ID_BYTES + 1];
  char span_id[2 * SIGHEJ_SPAN_ID_BYTES + 1];

  sighej_hex_encode (trace->trace_id, SIGHEJ_TRACE_ID_BYTES, trace_id);
  sighej_hex_encode (trace->span_id, SIGHEJ_SPAN_ID_BYTES, span_id);
  g_snprintf (
      out, SIGHEJ_TRACE_CHARS + 1, "00-%s-%s-0%d", trace_id, span_id, trace->sampled ? 1 : 0);
}

static void
draw (guint8 *id, gsize n_bytes)
{
  do
    sighej_random_bytes (id, n_bytes);
  while (is_zero (id, n_bytes));
}

void
sighej_trace_draw (SighejTrace *trace)
{
  draw (trace->trace_id, SIGHEJ_TRACE_ID_BYTES);
  draw (trace->span_id, SIGHEJ_SPAN_ID_BYTES);
  trace->sampled = FALSE;
}

void
sighej_trace_draw_child (const SighejTrace *parent, SighejTrace *trace)
{
  *trace = *parent;
  draw (trace->span_id, SIGHEJ_SPAN_ID_BYTES);
}

void
sighej_trace_get_id (const SighejTrace *trace, char out[2 * SIGHEJ_TRACE_ID_BYTES + 1])
{
  sighej_hex_encode (trace->trace_id, SIGHEJ_TRACE_ID_BYTES, out);
}
