/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejctl"

#include "config.h"

#include "sighejctl-output.h"

#include <json-glib/json-glib.h>
#include <string.h>
#include <unistd.h>

#define COLUMN_GAP 2

static const char *const colour_codes[] = {
  [SIGHEJCTL_COLOUR_PLAIN] = "",          [SIGHEJCTL_COLOUR_GREEN] = "\033[32m",
  [SIGHEJCTL_COLOUR_YELLOW] = "\033[33m", [SIGHEJCTL_COLOUR_RED] = "\033[31m",
  [SIGHEJCTL_COLOUR_DIM] = "\033[2m",
};

gboolean
sighejctl_output_is_human (const SighejctlOutput *self)
{
  return self->form == SIGHEJCTL_FORM_HUMAN;
}

gboolean
sighejctl_output_is_json (const SighejctlOutput *self)
{
  return self->form == SIGHEJCTL_FORM_JSON_SHORT || self->form == SIGHEJCTL_FORM_JSON_PRETTY;
}

gboolean
sighejctl_output_wants_colour (FILE *file)
{
  const char *no_color = g_getenv ("NO_COLOR");
  const char *term = g_getenv ("TERM");

  if (no_color != NULL && *no_color != '\0')
    return FALSE;
  if (term == NULL || g_str_equal (term, "dumb"))
    return FALSE;
  return isatty (fileno (file));
}

char *
sighejctl_printable (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *result = g_string_sized_new (strlen (valid));

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (c != '\n' && g_unichar_iscntrl (c))
        g_string_append_c (result, '?');
      else
        g_string_append_unichar (result, c);
    }
  return g_string_free (result, FALSE);
}

static void
write_coloured (const SighejctlOutput *self, SighejctlColour colour, const char *text)
{
  g_autofree char *printable = sighejctl_printable (text);
  gboolean coloured = self->coloured && colour != SIGHEJCTL_COLOUR_PLAIN;

  if (coloured)
    fputs (colour_codes[colour], self->file);
  fputs (printable, self->file);
  if (coloured)
    fputs ("\033[0m", self->file);
}

void
sighejctl_output_say (const SighejctlOutput *self, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  if (!sighejctl_output_is_human (self))
    return;
  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  write_coloured (self, SIGHEJCTL_COLOUR_PLAIN, text);
}

void
sighejctl_output_say_coloured (const SighejctlOutput *self,
                               SighejctlColour colour,
                               const char *format,
                               ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  if (!sighejctl_output_is_human (self))
    return;
  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  write_coloured (self, colour, text);
}

static void
widen (GArray *widths, const char *const *cells)
{
  for (guint i = 0; cells[i] != NULL; i++)
    {
      guint width = (guint) g_utf8_strlen (cells[i], -1);

      if (i >= widths->len)
        g_array_append_val (widths, width);
      else if (width > g_array_index (widths, guint, i))
        g_array_index (widths, guint, i) = width;
    }
}

static void
say_row (const SighejctlOutput *self,
         GArray *widths,
         const char *const *cells,
         SighejctlColour colour)
{
  for (guint i = 0; cells[i] != NULL; i++)
    {
      g_autofree char *cell = sighejctl_printable (cells[i]);
      guint width = (guint) g_utf8_strlen (cell, -1);
      guint padding = g_array_index (widths, guint, i) - width + COLUMN_GAP;

      sighejctl_output_say_coloured (
          self, colour, "%s%*s", cell, cells[i + 1] != NULL ? (int) padding : 0, "");
    }
  sighejctl_output_say (self, "\n");
}

void
sighejctl_output_table (const SighejctlOutput *self, const char *const *header, GPtrArray *rows)
{
  g_autoptr (GArray) widths = g_array_new (FALSE, FALSE, sizeof (guint));

  if (!sighejctl_output_is_human (self))
    return;
  if (header != NULL)
    widen (widths, header);
  for (guint i = 0; i < rows->len; i++)
    widen (widths, g_ptr_array_index (rows, i));

  if (header != NULL)
    say_row (self, widths, header, SIGHEJCTL_COLOUR_DIM);
  for (guint i = 0; i < rows->len; i++)
    say_row (self, widths, g_ptr_array_index (rows, i), SIGHEJCTL_COLOUR_PLAIN);
}

void
sighejctl_record_add (GVariantBuilder *record, const char *key, GVariant *value)
{
  g_variant_builder_add (record, "{sv}", key, value);
}

char *
sighejctl_json_dup (GVariant *record, gboolean pretty)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  JsonObject *object = json_object_new ();
  GVariantIter iter;
  const char *key;
  GVariant *value;

  json_object_set_int_member (object, "schema", SIGHEJCTL_SCHEMA);
  g_variant_iter_init (&iter, record);
  while (g_variant_iter_loop (&iter, "{&sv}", &key, &value))
    json_object_set_member (object, key, json_gvariant_serialize (value));

  json_node_take_object (root, object);
  json_generator_set_root (generator, root);
  json_generator_set_pretty (generator, pretty);
  return json_generator_to_data (generator, NULL);
}

static void
write_json (const SighejctlOutput *self, GVariant *record, gboolean pretty)
{
  g_autofree char *text = sighejctl_json_dup (record, pretty);

  fprintf (self->file, "%s\n", text);
}

/* "\" before each of @separators, and before "\"; a line break becomes "\n". */
static void
append_escaped (GString *result, const char *text, const char *separators)
{
  for (; *text != '\0'; text++)
    {
      if (*text == '\n')
        {
          g_string_append (result, "\\n");
          continue;
        }
      if (*text == '\\' || strchr (separators, *text) != NULL)
        g_string_append_c (result, '\\');
      g_string_append_c (result, *text);
    }
}

/* Lists have "," between their items, so that is escaped in them too. */
static void
append_terse_items (GString *line, GVariant *list)
{
  for (gsize i = 0; i < g_variant_n_children (list); i++)
    {
      g_autoptr (GVariant) item = g_variant_get_child_value (list, i);
      g_autofree char *number = NULL;

      if (i > 0)
        g_string_append_c (line, ',');
      if (g_variant_is_of_type (item, G_VARIANT_TYPE_STRING))
        append_escaped (line, g_variant_get_string (item, NULL), ":,");
      else
        g_string_append (line, number = g_variant_print (item, FALSE));
    }
}

static void
append_terse_value (GString *line, GVariant *value)
{
  g_autofree char *number = NULL;

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    append_escaped (line, g_variant_get_string (value, NULL), ":");
  else if (g_variant_is_container (value))
    append_terse_items (line, value);
  else
    g_string_append (line, number = g_variant_print (value, FALSE));
}

static void
write_terse (const SighejctlOutput *self, GVariant *record)
{
  g_autoptr (GString) line = g_string_new (NULL);
  gsize n_fields
      = self->fields != NULL ? g_strv_length (self->fields) : g_variant_n_children (record);

  for (gsize i = 0; i < n_fields; i++)
    {
      g_autoptr (GVariant) value = NULL;

      if (self->fields != NULL)
        value = g_variant_lookup_value (record, self->fields[i], NULL);
      else
        g_variant_get_child (record, i, "{&sv}", NULL, &value);
      if (i > 0)
        g_string_append_c (line, ':');
      if (value != NULL)
        append_terse_value (line, value);
    }
  fprintf (self->file, "%s\n", line->str);
}

void
sighejctl_output_record (const SighejctlOutput *self, GVariant *record)
{
  g_autoptr (GVariant) kept = g_variant_ref_sink (record);

  if (sighejctl_output_is_json (self))
    write_json (self, kept, self->form == SIGHEJCTL_FORM_JSON_PRETTY);
  else if (self->form == SIGHEJCTL_FORM_TERSE)
    write_terse (self, kept);
}

void
sighejctl_output_event (const SighejctlOutput *self, GVariant *record)
{
  g_autoptr (GVariant) kept = g_variant_ref_sink (record);

  if (sighejctl_output_is_json (self))
    write_json (self, kept, FALSE);
  else if (self->form == SIGHEJCTL_FORM_TERSE)
    write_terse (self, kept);
  fflush (self->file);
}

void
sighejctl_output_list (const SighejctlOutput *self, const char *key, GVariant *records)
{
  g_autoptr (GVariant) kept = g_variant_ref_sink (records);

  if (sighejctl_output_is_json (self))
    {
      GVariantBuilder whole;

      g_variant_builder_init (&whole, G_VARIANT_TYPE_VARDICT);
      sighejctl_record_add (&whole, key, kept);
      sighejctl_output_record (self, g_variant_builder_end (&whole));
      return;
    }
  if (self->form != SIGHEJCTL_FORM_TERSE)
    return;
  for (gsize i = 0; i < g_variant_n_children (kept); i++)
    {
      g_autoptr (GVariant) record = g_variant_get_child_value (kept, i);

      write_terse (self, record);
    }
}
