/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-express"

#include "config.h"

#include "sighej-express.h"

#include <string.h>

static const char *const request_lines[]
    = { "POST /match HTTP/1.1\r\n", "POST /api/v1/match HTTP/1.1\r\n" };

/* Reads past the request line. Returns: its bytes, 0 when it is another. */
static gsize
read_request_line (SighejExpress *self, const char *data, gsize n_head)
{
  for (gsize i = 0; i < G_N_ELEMENTS (request_lines); i++)
    {
      gsize n = strlen (request_lines[i]);

      if (n_head < n || memcmp (data, request_lines[i], n) != 0)
        continue;
      self->path = strlen ("POST ");
      self->path_end = (guint16) (n - strlen (" HTTP/1.1\r\n"));
      return n;
    }
  return 0;
}

static gboolean
is_blank (char c)
{
  return c == ' ' || c == '\t';
}

/* Of a line that was checked, which thus has a colon. */
static SighejExpressLine
split_line (const char *data, gsize from, gsize to)
{
  gsize colon = (gsize) ((const char *) memchr (data + from, ':', to - from) - data);
  gsize value = colon + 1;

  while (value < to && is_blank (data[value]))
    value++;
  while (to > value && is_blank (data[to - 1]))
    to--;
  return (SighejExpressLine){ (guint16) from, (guint16) colon, (guint16) value, (guint16) to };
}

static gboolean
text_is (const char *data, gsize from, gsize to, const char *text, gsize n)
{
  return to - from == n && g_ascii_strncasecmp (data + from, text, n) == 0;
}

int
sighej_express_find (const SighejExpress *self, const char *data, const char *name)
{
  gsize n = strlen (name);

  for (guint i = 0; i < self->n_lines; i++)
    if (text_is (data, self->lines[i].name, self->lines[i].name_end, name, n))
      return (int) i;
  return -1;
}

static gboolean
is_twice (const SighejExpress *self, const char *data, const SighejExpressLine *line)
{
  gsize n = (gsize) (line->name_end - line->name);

  for (guint i = 0; i < self->n_lines; i++)
    if (text_is (data, self->lines[i].name, self->lines[i].name_end, data + line->name, n))
      return TRUE;
  return FALSE;
}

static gboolean
is_ascii (const char *data, gsize n_bytes)
{
  for (gsize i = 0; i < n_bytes; i++)
    if ((guchar) data[i] >= 0x80)
      return FALSE;
  return TRUE;
}

static gboolean
read_lines (SighejExpress *self, const char *data, gsize from, gsize n_head)
{
  self->n_lines = 0;
  for (;;)
    {
      gsize end = (gsize) ((const char *) memchr (data + from, '\n', n_head - from) - data);
      SighejExpressLine line;

      if (end == from + 1)
        return TRUE;
      if (self->n_lines >= SIGHEJ_EXPRESS_LINES_MAX)
        return FALSE;
      line = split_line (data, from, end - 1);
      if (is_twice (self, data, &line))
        return FALSE;
      self->lines[self->n_lines++] = line;
      from = end + 1;
    }
}

static gboolean
has_value (const SighejExpress *self, const char *data, int i, const char *value)
{
  return text_is (data, self->lines[i].value, self->lines[i].value_end, value, strlen (value));
}

gboolean
sighej_express_read (SighejExpress *self, const char *data, gsize n_head, gsize n_body)
{
  gsize n_line
      = n_head + n_body <= SIGHEJ_EXPRESS_BYTES_MAX ? read_request_line (self, data, n_head) : 0;
  int connection, type;

  if (n_line == 0 || !is_ascii (data, n_head) || !read_lines (self, data, n_line, n_head))
    return FALSE;

  self->n_head = (guint16) n_head;
  self->n_body = (guint16) n_body;
  connection = sighej_express_find (self, data, "Connection");
  type = sighej_express_find (self, data, "Content-Type");
  return type >= 0 && has_value (self, data, type, "application/json")
         && (connection < 0 || has_value (self, data, connection, "keep-alive"))
         && sighej_express_find (self, data, "Expect") < 0
         && sighej_express_find (self, data, "Upgrade") < 0;
}
