/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "sighej-error.h"

G_BEGIN_DECLS

/*
 * JSON from outside. json-glib recurses without bound and takes what RFC 8259 forbids
 * (SECURITY-DESIGN ), so a strict scanner looks first and only what it lets through
 * reaches the parser.
 */

#define SIGHEJ_JSON_DEPTH_MAX 8
#define SIGHEJ_JSON_KEYS_MAX 64      /* members of all objects of a document together */
#define SIGHEJ_JSON_ELEMENTS_MAX 256 /* elements of all arrays together */

/**
 * sighej_json_scan:
 * @data: bytes, need not end in NUL
 *
 * A strict RFC 8259 tokenizer: refuses comments, trailing bytes, duplicate keys, control
 * characters, "\u0000", lone surrogates, non-UTF-8, numbers outside a double or (as integers)
 * outside 2^53, and everything beyond the caps above. Uses no recursion and a bounded stack.
 *
 * Returns: TRUE when json-glib may parse it; else %SIGHEJ_ERROR_INVALID_REQUEST with the offset
 */
gboolean sighej_json_scan (const char *data, gsize n_bytes, GError **error);

/*
 * What the hot messages are read with: flat objects, seen as the scanner sees them, without a
 * tree and without memory. The spans point into the text, escapes and all.
 */
typedef enum
{
  SIGHEJ_JSON_STRING,  /* value: between its quotes */
  SIGHEJ_JSON_INTEGER, /* value: its digits, perhaps after a minus */
  SIGHEJ_JSON_OTHER,   /* value: unset */
} SighejJsonKind;

typedef struct
{
  const char *name;
  gsize n_name;
  const char *value;
  gsize n_value;
  SighejJsonKind kind;
} SighejJsonMember;

typedef struct
{
  SighejJsonMember items[SIGHEJ_JSON_KEYS_MAX];
  guint n_items;
} SighejJsonMembers;

/* Judges like sighej_json_scan(), and notes the members of the object; what is no object is
 * refused. @members: (out): lives as long as @data */
gboolean sighej_json_scan_members (const char *data,
                                   gsize n_bytes,
                                   SighejJsonMembers *members,
                                   GError **error);

/* @name: ASCII. Escapes in the text count for what they mean. Returns: (nullable) */
const SighejJsonMember *sighej_json_find (const SighejJsonMembers *members, const char *name);

/* A string's text, escapes undone, with a NUL. Returns: FALSE when it does not fit into @n_out */
gboolean sighej_json_copy_text (const SighejJsonMember *member, char *out, gsize n_out);

/* Scans, parses. Returns: (transfer full): an object's node, or %SIGHEJ_ERROR_INVALID_REQUEST. */
JsonNode *sighej_json_parse_object (const char *data, gsize n_bytes, GError **error);

/*
 * Compact text, (transfer full). Not for trees with fractions: json-glib writes 2e98 as
 * "2e+98.0", which is no JSON.
 */
char *sighej_json_to_string (JsonNode *node);

G_END_DECLS
