/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-wire"

#include "config.h"

#include "sighej-wire-member.h"

#include <string.h>

#include "sighej-crypto.h"

#define SENTENCE_CHARS_MAX 1000
#define WORD_CHARS_MAX 32 /* "active", "rate_limited" */
#define TIME_CHARS_MAX 40

/* ---- reading: one member at a time, checked ---- */

gboolean
sighej_wire_refuse (GError **error, const char *member, const char *rule)
{
  g_set_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_REQUEST, "\"%s\" %s", member, rule);
  return FALSE;
}

gboolean
sighej_wire_holds (JsonNode *node, GType type)
{
  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == type;
}

gboolean
sighej_wire_read_string (JsonObject *object, const char *member, const char **out, GError **error)
{
  JsonNode *node = json_object_get_member (object, member);

  if (node == NULL)
    return sighej_wire_refuse (error, member, "is missing");
  if (!sighej_wire_holds (node, G_TYPE_STRING))
    return sighej_wire_refuse (error, member, "must be a string");
  *out = json_node_get_string (node);
  return TRUE;
}

gboolean
sighej_wire_read_number (JsonObject *object,
                         const char *member,
                         gint64 minimum,
                         gint64 maximum,
                         gint64 *out,
                         GError **error)
{
  JsonNode *node = json_object_get_member (object, member);

  if (node == NULL)
    return sighej_wire_refuse (error, member, "is missing");
  if (!sighej_wire_holds (node, G_TYPE_INT64))
    return sighej_wire_refuse (error, member, "must be a whole number");
  *out = json_node_get_int (node);
  if (*out < minimum || *out > maximum)
    return sighej_wire_refuse (error, member, "is out of range");
  return TRUE;
}

gboolean
sighej_wire_read_sequence (JsonObject *object, const char *member, guint64 *out, GError **error)
{
  gint64 number;

  if (!sighej_wire_read_number (object, member, 0, SIGHEJ_WIRE_NUMBER_MAX, &number, error))
    return FALSE;
  *out = (guint64) number;
  return TRUE;
}

gboolean
sighej_wire_read_boolean (JsonObject *object, const char *member, gboolean *out, GError **error)
{
  JsonNode *node = json_object_get_member (object, member);

  if (node == NULL)
    return sighej_wire_refuse (error, member, "is missing");
  if (!sighej_wire_holds (node, G_TYPE_BOOLEAN))
    return sighej_wire_refuse (error, member, "must be true or false");
  *out = json_node_get_boolean (node);
  return TRUE;
}

/* An optional member of exactly 2 * @n_bytes lower-case hex digits. */
gboolean
sighej_wire_read_hex (JsonObject *object,
                      const char *member,
                      guint8 *out,
                      gsize n_bytes,
                      gboolean *present,
                      GError **error)
{
  g_autofree char *rule = NULL;
  const char *text;

  *present = FALSE;
  if (!json_object_has_member (object, member))
    return TRUE;
  if (!sighej_wire_read_string (object, member, &text, error))
    return FALSE;
  if (sighej_hex_decode (text, out, n_bytes))
    {
      *present = TRUE;
      return TRUE;
    }
  rule = g_strdup_printf ("must be %" G_GSIZE_FORMAT " lower-case hex digits", 2 * n_bytes);
  return sighej_wire_refuse (error, member, rule);
}

/* A short word of our own vocabulary; which one is the caller's matter, words may be added. */
gboolean
sighej_wire_read_word (JsonObject *object, const char *member, const char **out, GError **error)
{
  gsize length;

  if (!sighej_wire_read_string (object, member, out, error))
    return FALSE;
  length = strspn (*out, "abcdefghijklmnopqrstuvwxyz_-");
  if (length == 0 || length > WORD_CHARS_MAX || (*out)[length] != '\0')
    return sighej_wire_refuse (error, member, "must be a word of a-z _ -");
  return TRUE;
}

int
sighej_wire_find_word (const char *const *words, gsize n_words, const char *word)
{
  for (gsize i = 0; i < n_words; i++)
    if (strcmp (words[i], word) == 0)
      return (int) i;
  return -1;
}

gboolean
sighej_wire_is_plain_text (const char *text, glong chars_max)
{
  glong n_chars = 0;

  for (; *text != '\0'; text = g_utf8_next_char (text))
    if (++n_chars > chars_max || g_unichar_iscntrl (g_utf8_get_char (text)))
      return FALSE;
  return n_chars > 0;
}

gboolean
sighej_wire_dup_sentence (JsonObject *object, const char *member, char **out, GError **error)
{
  const char *text;

  if (!sighej_wire_read_string (object, member, &text, error))
    return FALSE;
  if (!sighej_wire_is_plain_text (text, SENTENCE_CHARS_MAX))
    return sighej_wire_refuse (error, member, "must be 1 to 1000 characters");
  *out = g_strdup (text);
  return TRUE;
}

gboolean
sighej_wire_read_time (JsonObject *object, const char *member, gint64 *out_us, GError **error)
{
  g_autoptr (GDateTime) time = NULL;
  const char *text;

  if (!sighej_wire_read_string (object, member, &text, error))
    return FALSE;
  if (strlen (text) <= TIME_CHARS_MAX && g_str_has_suffix (text, "Z"))
    time = g_date_time_new_from_iso8601 (text, NULL);
  if (time == NULL || g_date_time_to_unix (time) < 0)
    return sighej_wire_refuse (error, member, "must be a time such as 2026-01-01T12:00:00Z");
  *out_us = g_date_time_to_unix (time) * G_USEC_PER_SEC;
  return TRUE;
}

gboolean
sighej_wire_get_array (JsonObject *object, const char *member, JsonArray **out, GError **error)
{
  JsonNode *node = json_object_get_member (object, member);

  if (node == NULL)
    return sighej_wire_refuse (error, member, "is missing");
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return sighej_wire_refuse (error, member, "must be a list");
  *out = json_node_get_array (node);
  return TRUE;
}

/* json-glib frees its strings as they are; a secret among them is overwritten first. */
void
sighej_wire_wipe (JsonObject *object, const char *member)
{
  JsonNode *node = json_object_get_member (object, member);

  if (sighej_wire_holds (node, G_TYPE_STRING))
    {
      char *text = (char *) json_node_get_string (node);

      sighej_wipe (text, strlen (text));
    }
}

/* ---- writing: compact JSON straight into a string ---- */

/*
 * Sighting results and nudges are written at the rate of a whole hall, so no tree is built for
 * them. @text is UTF-8.
 */
static void
append_bytes (GString *out, const char *text, gsize n_bytes)
{
  if (out->len + n_bytes >= out->allocated_len)
    {
      g_string_append_len (out, text, (gssize) n_bytes);
      return;
    }
  memcpy (out->str + out->len, text, n_bytes);
  out->len += n_bytes;
  out->str[out->len] = '\0';
}

static gboolean
is_plain (guchar c)
{
  return c >= 0x20 && c != '"' && c != '\\';
}

static void
append_escaped (GString *out, guchar c)
{
  if (c < 0x20)
    {
      g_string_append_printf (out, "\\u%04x", (guint) c);
      return;
    }
  g_string_append_c (out, '\\');
  g_string_append_c (out, (char) c);
}

static void
append_string (GString *out, const char *text)
{
  g_string_append_c (out, '"');
  while (*text != '\0')
    {
      const char *end = text;

      while (is_plain ((guchar) *end))
        end++;
      append_bytes (out, text, (gsize) (end - text));
      if (*end != '\0')
        append_escaped (out, (guchar) *end++);
      text = end;
    }
  g_string_append_c (out, '"');
}

/* Members other than the first bring their comma; names are ours and need no escapes. */
static void
append_name (GString *out, const char *name)
{
  if (out->str[out->len - 1] != '{')
    g_string_append_c (out, ',');
  g_string_append_c (out, '"');
  append_bytes (out, name, strlen (name));
  append_bytes (out, "\":", 2);
}

void
sighej_wire_append_text (GString *out, const char *name, const char *text)
{
  append_name (out, name);
  append_string (out, text);
}

void
sighej_wire_append_raw (GString *out, const char *name, const char *value)
{
  append_name (out, name);
  append_bytes (out, value, strlen (value));
}

void
sighej_wire_append_number (GString *out, const char *name, guint64 number)
{
  char digits[20];
  gsize at = sizeof digits;

  append_name (out, name);
  do
    digits[--at] = (char) ('0' + number % 10);
  while ((number /= 10) > 0);
  append_bytes (out, digits + at, sizeof digits - at);
}

void
sighej_wire_append_boolean (GString *out, const char *name, gboolean value)
{
  append_name (out, name);
  append_bytes (out, value ? "true" : "false", value ? 4 : 5);
}

void
sighej_wire_append_list (GString *out, const char *name, const char *const *list)
{
  append_name (out, name);
  g_string_append_c (out, '[');
  for (gsize i = 0; list != NULL && list[i] != NULL; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      append_string (out, list[i]);
    }
  g_string_append_c (out, ']');
}

/* Straight into place, so that no copy of a secret is left behind. */
void
sighej_wire_append_hex (GString *out, const char *name, const guint8 *data, gsize n_bytes)
{
  gsize start;

  append_name (out, name);
  g_string_append_c (out, '"');
  start = out->len;
  g_string_set_size (out, start + 2 * n_bytes);
  sighej_hex_encode (data, n_bytes, out->str + start);
  g_string_append_c (out, '"');
}

void
sighej_wire_append_time (GString *out, const char *name, gint64 time_us)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (time_us / G_USEC_PER_SEC);
  g_autofree char *text
      = time != NULL ? g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ") : g_strdup ("");

  sighej_wire_append_text (out, name, text);
}
