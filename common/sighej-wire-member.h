/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-json.h"

G_BEGIN_DECLS

/*
 * The members of a message, one at a time; only sighej-wire.c and
 * sighej-wire-meet.c use this. What reads gives FALSE
 * and %SIGHEJ_ERROR_INVALID_REQUEST naming the member when it is missing, of another type or
 * out of range, and leaves its output undefined then.
 */

#define SIGHEJ_WIRE_NUMBER_MAX (G_GINT64_CONSTANT (9007199254740991)) /* 2^53 - 1 */

/* Sets '"@member" @rule' as the error. Returns: FALSE */
gboolean sighej_wire_refuse (GError **error, const char *member, const char *rule);

/* Whether @node (nullable) is a value of @type. */
gboolean sighej_wire_holds (JsonNode *node, GType type);

/* 1 to @chars_max characters, none of them a control. */
gboolean sighej_wire_is_plain_text (const char *text, glong chars_max);

/* @out: (out) (transfer none): lives as long as @object */
gboolean
sighej_wire_read_string (JsonObject *object, const char *member, const char **out, GError **error);
gboolean sighej_wire_read_number (JsonObject *object,
                                  const char *member,
                                  gint64 minimum,
                                  gint64 maximum,
                                  gint64 *out,
                                  GError **error);
/* 0 to 2^53 - 1. */
gboolean
sighej_wire_read_sequence (JsonObject *object, const char *member, guint64 *out, GError **error);
gboolean
sighej_wire_read_boolean (JsonObject *object, const char *member, gboolean *out, GError **error);

/* An optional member of exactly 2 * @n_bytes lower-case hex digits; @present says if it is there.
 */
gboolean sighej_wire_read_hex (JsonObject *object,
                               const char *member,
                               guint8 *out,
                               gsize n_bytes,
                               gboolean *present,
                               GError **error);

/* A short word of a-z _ -; lives as long as @object. */
gboolean
sighej_wire_read_word (JsonObject *object, const char *member, const char **out, GError **error);

/* Where @word is among @words, -1: nowhere */
int sighej_wire_find_word (const char *const *words, gsize n_words, const char *word);

/* Whole seconds of a UTC time with "Z", from 1970 on, as microseconds. */
gboolean
sighej_wire_read_time (JsonObject *object, const char *member, gint64 *out_us, GError **error);

/* A text for people, 1 to 1000 characters, (transfer full). */
gboolean
sighej_wire_dup_sentence (JsonObject *object, const char *member, char **out, GError **error);

/* @out: (out) (transfer none) */
gboolean
sighej_wire_get_array (JsonObject *object, const char *member, JsonArray **out, GError **error);

/* Overwrites the text of a member, if it is there. */
void sighej_wire_wipe (JsonObject *object, const char *member);

/*
 * Each appends '"@name":value', after a comma unless @out ends in "{". Names are ours and hold
 * nothing to escape; texts are UTF-8.
 */
void sighej_wire_append_text (GString *out, const char *name, const char *text);
/* @value: JSON, as it is */
void sighej_wire_append_raw (GString *out, const char *name, const char *value);
void sighej_wire_append_number (GString *out, const char *name, guint64 number);
void sighej_wire_append_boolean (GString *out, const char *name, gboolean value);
/* @list: (nullable) (array zero-terminated): NULL writes [] */
void sighej_wire_append_list (GString *out, const char *name, const char *const *list);
void sighej_wire_append_hex (GString *out, const char *name, const guint8 *data, gsize n_bytes);
void sighej_wire_append_time (GString *out, const char *name, gint64 time_us);

G_END_DECLS
