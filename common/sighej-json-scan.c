/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-json-scan"

#include "config.h"

#include <math.h>
#include <string.h>

#include "sighej-json.h"

#define INTEGER_MAX G_GUINT64_CONSTANT (9007199254740992) /* 2^53 */
#define INTEGER_DIGITS_MAX 16
#define NUMBER_CHARS_MAX 64

/* A key as it stands in the text, between its quotes. */
typedef struct
{
  gsize start;
  gsize end;
} Key;

typedef struct
{
  gboolean is_object;
  guint first_key; /* of this object, among the live keys */
} Frame;

typedef struct
{
  const char *data;
  gsize n_bytes;
  gsize at;
  const char *problem; /* what is wrong at @at, NULL while all is well */

  Frame frames[SIGHEJ_JSON_DEPTH_MAX];
  guint depth;
  Key live_keys[SIGHEJ_JSON_KEYS_MAX]; /* of the objects that are open now */
  guint n_live_keys;
  guint n_keys;     /* of the document so far */
  guint n_elements; /* of the document so far */
  int root;         /* first character of the document's value */

  SighejJsonMembers *members; /* (nullable): where the outermost ones are noted */
} Scan;

static gboolean
fail (Scan *scan, const char *problem)
{
  scan->problem = problem;
  return FALSE;
}

/* Only the counters matter at first: the arrays are a kilobyte. */
static void
start (Scan *scan, const char *data, gsize n_bytes, SighejJsonMembers *members)
{
  scan->data = data;
  scan->n_bytes = n_bytes;
  scan->at = 0;
  scan->problem = NULL;
  scan->root = -1;
  scan->depth = 0;
  scan->n_live_keys = scan->n_keys = scan->n_elements = 0;
  scan->members = members;
}

/* The next byte, -1 at the end. */
static int
peek (const Scan *scan)
{
  return scan->at < scan->n_bytes ? (guchar) scan->data[scan->at] : -1;
}

static gboolean
take (Scan *scan, char wanted)
{
  if (peek (scan) != wanted)
    return FALSE;
  scan->at++;
  return TRUE;
}

static void
skip_space (Scan *scan)
{
  int c = peek (scan);

  while (c == ' ' || c == '\t' || c == '\n' || c == '\r')
    {
      scan->at++;
      c = peek (scan);
    }
}

static gboolean
skip_digits (Scan *scan)
{
  gsize start = scan->at;

  while (peek (scan) >= '0' && peek (scan) <= '9')
    scan->at++;
  return scan->at > start;
}

/* ---- strings ---- */

/* Four hex digits after "\u"; the text may end first. */
static gboolean
take_unit (Scan *scan, gunichar *unit)
{
  *unit = 0;
  for (int i = 0; i < 4; i++)
    {
      int c = peek (scan);

      if (c < 0 || !g_ascii_isxdigit ((char) c))
        return fail (scan, "\\u needs four hex digits");
      *unit = *unit << 4 | (gunichar) g_ascii_xdigit_value ((char) c);
      scan->at++;
    }
  return TRUE;
}

static gboolean
take_unicode_escape (Scan *scan)
{
  gunichar unit;

  if (!take_unit (scan, &unit))
    return FALSE;
  if (unit == 0)
    return fail (scan, "\\u0000 is not taken");
  if (unit >= 0xdc00 && unit <= 0xdfff)
    return fail (scan, "a low surrogate stands alone");
  if (unit < 0xd800 || unit > 0xdbff)
    return TRUE;

  if (!take (scan, '\\') || !take (scan, 'u'))
    return fail (scan, "a high surrogate stands alone");
  if (!take_unit (scan, &unit))
    return FALSE;
  if (unit < 0xdc00 || unit > 0xdfff)
    return fail (scan, "a high surrogate stands alone");
  return TRUE;
}

static gboolean
scan_escape (Scan *scan)
{
  int c = peek (scan);

  if (c == 'u')
    {
      scan->at++;
      return take_unicode_escape (scan);
    }
  if (c <= 0 || strchr ("\"\\/bfnrt", c) == NULL)
    return fail (scan, "no such escape");
  scan->at++;
  return TRUE;
}

/* Nearly all of a string is neither its end, nor an escape, nor a control character. */
static void
skip_plain (Scan *scan)
{
  const char *c = scan->data + scan->at;
  const char *end = scan->data + scan->n_bytes;

  while (c < end && (guchar) *c >= 0x20 && *c != '"' && *c != '\\')
    c++;
  scan->at = (gsize) (c - scan->data);
}

/* @key (nullable) gets the span between the quotes. UTF-8 was checked before. */
static gboolean
scan_string (Scan *scan, Key *key)
{
  gsize start;

  if (!take (scan, '"'))
    return fail (scan, "expected a string");
  start = scan->at;

  for (;;)
    {
      int c;

      skip_plain (scan);
      c = peek (scan);
      if (c < 0)
        return fail (scan, "a string has no end");
      if (c < 0x20)
        return fail (scan, "a control character in a string");
      scan->at++;
      if (c == '"')
        break;
      if (c == '\\' && !scan_escape (scan))
        return FALSE;
    }

  if (key != NULL)
    {
      key->start = start;
      key->end = scan->at - 1;
    }
  return TRUE;
}

static gunichar
decode_unit (const char *digits)
{
  gunichar unit = 0;

  for (int i = 0; i < 4; i++)
    unit = unit << 4 | (gunichar) g_ascii_xdigit_value (digits[i]);
  return unit;
}

/* One character of a string that has been scanned, escapes undone. */
static gunichar
next_character (const char **text)
{
  static const char escapes[] = "bfnrt";
  static const char meanings[] = "\b\f\n\r\t";
  const char *c = *text;
  const char *escape;
  gunichar unit;

  if (*c != '\\')
    {
      *text = g_utf8_next_char (c);
      return g_utf8_get_char (c);
    }

  *text = c + 2;
  if (c[1] != 'u')
    {
      escape = strchr (escapes, c[1]);
      return (gunichar) (escape != NULL ? meanings[escape - escapes] : c[1]);
    }

  *text = c + 6;
  unit = decode_unit (c + 2);
  if (unit < 0xd800 || unit > 0xdbff)
    return unit;
  *text = c + 12;
  return 0x10000 + ((unit - 0xd800) << 10) + (decode_unit (c + 8) - 0xdc00);
}

static gboolean
keys_equal (const Scan *scan, const Key *a, const Key *b)
{
  const char *text_a = scan->data + a->start;
  const char *text_b = scan->data + b->start;
  const char *end_a = scan->data + a->end;
  const char *end_b = scan->data + b->end;

  while (text_a < end_a && text_b < end_b)
    if (next_character (&text_a) != next_character (&text_b))
      return FALSE;
  return text_a == end_a && text_b == end_b;
}

/* ---- the outermost members, for who asks ---- */

static gboolean
is_noted (const Scan *scan)
{
  return scan->members != NULL && scan->depth == 1 && scan->frames[0].is_object;
}

/* There are never more of them than keys. */
static void
note_name (Scan *scan, const Key *key)
{
  SighejJsonMember *member;

  if (!is_noted (scan))
    return;
  member = &scan->members->items[scan->members->n_items++];
  member->name = scan->data + key->start;
  member->n_name = key->end - key->start;
  member->kind = SIGHEJ_JSON_OTHER;
}

static void
note_value (Scan *scan, SighejJsonKind kind, gsize start, gsize end)
{
  SighejJsonMember *member;

  if (!is_noted (scan))
    return;
  member = &scan->members->items[scan->members->n_items - 1];
  member->kind = kind;
  member->value = scan->data + start;
  member->n_value = end - start;
}

/* ---- numbers and words ---- */

static gboolean
check_integer (Scan *scan, const char *digits)
{
  if (strlen (digits) > INTEGER_DIGITS_MAX || g_ascii_strtoull (digits, NULL, 10) > INTEGER_MAX)
    return fail (scan, "an integer outside 2^53");
  return TRUE;
}

static gboolean
check_number (Scan *scan, gsize start, gboolean is_integer)
{
  char text[NUMBER_CHARS_MAX + 1];
  gsize length = scan->at - start;

  if (length > NUMBER_CHARS_MAX)
    return fail (scan, "a number with too many digits");
  memcpy (text, scan->data + start, length);
  text[length] = '\0';

  if (is_integer)
    return check_integer (scan, text[0] == '-' ? text + 1 : text);
  if (!isfinite (g_ascii_strtod (text, NULL)))
    return fail (scan, "a number too large for a double");
  return TRUE;
}

static gboolean
scan_number (Scan *scan)
{
  gsize start = scan->at;
  gboolean is_integer = TRUE;

  take (scan, '-');
  if (!take (scan, '0') && !skip_digits (scan))
    return fail (scan, "expected a digit");
  if (take (scan, '.'))
    {
      is_integer = FALSE;
      if (!skip_digits (scan))
        return fail (scan, "expected a digit after the point");
    }
  if (take (scan, 'e') || take (scan, 'E'))
    {
      is_integer = FALSE;
      if (!take (scan, '+'))
        take (scan, '-');
      if (!skip_digits (scan))
        return fail (scan, "expected a digit in the exponent");
    }
  if (is_integer)
    note_value (scan, SIGHEJ_JSON_INTEGER, start, scan->at);
  return check_number (scan, start, is_integer);
}

static gboolean
scan_word (Scan *scan)
{
  static const char *const words[] = { "true", "false", "null" };

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    {
      gsize length = strlen (words[i]);

      if (scan->n_bytes - scan->at >= length
          && memcmp (scan->data + scan->at, words[i], length) == 0)
        {
          scan->at += length;
          return TRUE;
        }
    }
  return fail (scan, "expected a value");
}

/* ---- objects and arrays, without recursion ---- */

static gboolean
open_frame (Scan *scan, gboolean is_object)
{
  if (scan->depth == SIGHEJ_JSON_DEPTH_MAX)
    return fail (scan, "nested too deep");

  scan->frames[scan->depth].is_object = is_object;
  scan->frames[scan->depth].first_key = scan->n_live_keys;
  scan->depth++;
  scan->at++;
  skip_space (scan);
  return TRUE;
}

static void
close_frame (Scan *scan)
{
  scan->depth--;
  scan->n_live_keys = scan->frames[scan->depth].first_key;
}

static gboolean
begin_member (Scan *scan)
{
  const Frame *frame = &scan->frames[scan->depth - 1];
  Key key;

  if (scan->n_keys == SIGHEJ_JSON_KEYS_MAX)
    return fail (scan, "too many members");
  if (!scan_string (scan, &key))
    return FALSE;
  for (guint i = frame->first_key; i < scan->n_live_keys; i++)
    if (keys_equal (scan, &scan->live_keys[i], &key))
      return fail (scan, "a member stands twice");
  scan->live_keys[scan->n_live_keys++] = key;
  scan->n_keys++;
  note_name (scan, &key);

  skip_space (scan);
  if (!take (scan, ':'))
    return fail (scan, "expected a colon");
  return TRUE;
}

static gboolean
begin_element (Scan *scan)
{
  if (scan->n_elements == SIGHEJ_JSON_ELEMENTS_MAX)
    return fail (scan, "too many elements");
  scan->n_elements++;
  return TRUE;
}

/* Called where a member or element may begin: reads up to where its value stands. */
static gboolean
begin_item (Scan *scan)
{
  return scan->frames[scan->depth - 1].is_object ? begin_member (scan) : begin_element (scan);
}

static gboolean
scan_text (Scan *scan)
{
  Key text;

  if (!scan_string (scan, &text))
    return FALSE;
  note_value (scan, SIGHEJ_JSON_STRING, text.start, text.end);
  return TRUE;
}

/*
 * Reads a value, or the opening of one. @complete: nothing of it is left to read; FALSE means
 * its first item's value comes next.
 */
static gboolean
scan_value (Scan *scan, gboolean *complete)
{
  int c;

  skip_space (scan);
  c = peek (scan);
  *complete = TRUE;

  if (c == '"')
    return scan_text (scan);
  if (c == '-' || (c >= '0' && c <= '9'))
    return scan_number (scan);
  if (c != '{' && c != '[')
    return scan_word (scan);

  if (!open_frame (scan, c == '{'))
    return FALSE;
  if (take (scan, c == '{' ? '}' : ']'))
    {
      close_frame (scan);
      return TRUE;
    }
  *complete = FALSE;
  return begin_item (scan);
}

/* After a value: closes what ends here. @more: another value comes next. */
static gboolean
scan_after_value (Scan *scan, gboolean *more)
{
  *more = FALSE;
  while (scan->depth > 0)
    {
      gboolean is_object = scan->frames[scan->depth - 1].is_object;

      skip_space (scan);
      if (take (scan, ','))
        {
          skip_space (scan);
          *more = TRUE;
          return begin_item (scan);
        }
      if (!take (scan, is_object ? '}' : ']'))
        return fail (scan, is_object ? "expected a comma or }" : "expected a comma or ]");
      close_frame (scan);
    }
  return TRUE;
}

static gboolean
scan_document (Scan *scan)
{
  gboolean complete;
  gboolean more = TRUE;

  skip_space (scan);
  scan->root = peek (scan);
  while (more)
    {
      if (!scan_value (scan, &complete))
        return FALSE;
      if (complete && !scan_after_value (scan, &more))
        return FALSE;
    }

  skip_space (scan);
  if (scan->at < scan->n_bytes)
    return fail (scan, "something follows the document");
  return TRUE;
}

static gboolean
scan_all (Scan *scan, GError **error)
{
  const char *end;

  if (!g_utf8_validate_len (scan->data, scan->n_bytes, &end))
    {
      scan->at = (gsize) (end - scan->data);
      scan->problem = "not UTF-8";
    }
  else if (scan_document (scan))
    {
      return TRUE;
    }

  g_set_error (error,
               SIGHEJ_ERROR,
               SIGHEJ_ERROR_INVALID_REQUEST,
               "not acceptable JSON at byte %" G_GSIZE_FORMAT ": %s",
               scan->at,
               scan->problem);
  return FALSE;
}

gboolean
sighej_json_scan (const char *data, gsize n_bytes, GError **error)
{
  Scan scan;

  start (&scan, data, n_bytes, NULL);
  return scan_all (&scan, error);
}

gboolean
sighej_json_scan_members (const char *data,
                          gsize n_bytes,
                          SighejJsonMembers *members,
                          GError **error)
{
  Scan scan;

  members->n_items = 0;
  start (&scan, data, n_bytes, members);
  if (!scan_all (&scan, error))
    return FALSE;
  if (scan.root == '{')
    return TRUE;
  g_set_error_literal (
      error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_REQUEST, "the JSON document must be an object");
  return FALSE;
}

static gboolean
is_named (const SighejJsonMember *member, const char *name, gsize n_name)
{
  const char *text = member->name;
  const char *end = text + member->n_name;
  const char *wanted = name;

  if (memchr (text, '\\', member->n_name) == NULL)
    return member->n_name == n_name && memcmp (text, name, n_name) == 0;
  while (text < end && *wanted != '\0')
    if (next_character (&text) != (guchar) *wanted++)
      return FALSE;
  return text == end && *wanted == '\0';
}

const SighejJsonMember *
sighej_json_find (const SighejJsonMembers *members, const char *name)
{
  gsize n_name = strlen (name);

  for (guint i = 0; i < members->n_items; i++)
    if (is_named (&members->items[i], name, n_name))
      return &members->items[i];
  return NULL;
}

static gboolean
copy_escaped (const SighejJsonMember *member, char *out, gsize n_out)
{
  const char *text = member->value;
  const char *end = text + member->n_value;
  gsize length = 0;

  while (text < end)
    {
      char character[6];
      int n_bytes = g_unichar_to_utf8 (next_character (&text), character);

      if (length + (gsize) n_bytes >= n_out)
        return FALSE;
      memcpy (out + length, character, (gsize) n_bytes);
      length += (gsize) n_bytes;
    }
  out[length] = '\0';
  return TRUE;
}

gboolean
sighej_json_copy_text (const SighejJsonMember *member, char *out, gsize n_out)
{
  if (memchr (member->value, '\\', member->n_value) != NULL)
    return copy_escaped (member, out, n_out);
  if (member->n_value >= n_out)
    return FALSE;
  memcpy (out, member->value, member->n_value);
  out[member->n_value] = '\0';
  return TRUE;
}
