/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>
#include <stdio.h>

G_BEGIN_DECLS

/*
 * What sighejctl prints, in one of three forms. A command makes a record: a dictionary (a{sv})
 * whose entries keep the order they were added in. As JSON it is one object with "schema":1, as
 * terse text the values of the asked-for fields with ":" between them. The human form is the
 * command's own: it prints sentences and tables, which the other two forms swallow.
 */

#define SIGHEJCTL_SCHEMA 1

typedef enum
{
  SIGHEJCTL_FORM_HUMAN,
  SIGHEJCTL_FORM_TERSE,
  SIGHEJCTL_FORM_JSON_SHORT,
  SIGHEJCTL_FORM_JSON_PRETTY,
} SighejctlForm;

typedef enum
{
  SIGHEJCTL_COLOUR_PLAIN,
  SIGHEJCTL_COLOUR_GREEN,
  SIGHEJCTL_COLOUR_YELLOW,
  SIGHEJCTL_COLOUR_RED,
  SIGHEJCTL_COLOUR_DIM,
} SighejctlColour;

/**
 * SighejctlOutput:
 * @file: where it goes
 * @form: see above
 * @coloured: whether the human form may use colours
 * @coloured_errors: whether stderr may
 * @fields: (nullable): fields of the terse form, in order; NULL: all of the record
 */
typedef struct
{
  FILE *file;
  SighejctlForm form;
  gboolean coloured;
  gboolean coloured_errors;
  char **fields;
} SighejctlOutput;

gboolean sighejctl_output_is_human (const SighejctlOutput *self);
gboolean sighejctl_output_is_json (const SighejctlOutput *self);

/* Prints one record; nothing in the human form. A floating @record is consumed. */
void sighejctl_output_record (const SighejctlOutput *self, GVariant *record);

/* The same, always on one line of its own and written out at once: for events. */
void sighejctl_output_event (const SighejctlOutput *self, GVariant *record);

/**
 * sighejctl_output_list:
 * @key: name of the list in the JSON object
 * @records: an aa{sv}; consumed when floating
 *
 * Prints many records: {"schema":1,"@key":[…]}, or one terse line each.
 */
void sighejctl_output_list (const SighejctlOutput *self, const char *key, GVariant *records);

/* The human form: nothing in the others. Control characters from afar become "?". */
void sighejctl_output_say (const SighejctlOutput *self, const char *format, ...)
    G_GNUC_PRINTF (2, 3);
void sighejctl_output_say_coloured (const SighejctlOutput *self,
                                    SighejctlColour colour,
                                    const char *format,
                                    ...) G_GNUC_PRINTF (3, 4);

/**
 * sighejctl_output_table:
 * @header: (nullable) (array zero-terminated=1): the first row
 * @rows: (element-type GStrv): as many cells each
 *
 * The human form: columns as wide as their widest cell, two spaces between.
 */
void
sighejctl_output_table (const SighejctlOutput *self, const char *const *header, GPtrArray *rows);

/* Whether @file takes colours: a terminal, neither NO_COLOR nor TERM=dumb. */
gboolean sighejctl_output_wants_colour (FILE *file);

/* One record as compact or pretty JSON, without a newline at the end. (transfer full) */
char *sighejctl_json_dup (GVariant *record, gboolean pretty);

/* @text with each control character but the line break turned into "?". (transfer full) */
char *sighejctl_printable (const char *text);

/* For making records: appends one entry; a floating @value is consumed. */
void sighejctl_record_add (GVariantBuilder *record, const char *key, GVariant *value);

G_END_DECLS
