/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <locale.h>
#include <stdlib.h>

#include "sighejctl-output.h"

/* What was printed into a file in memory. */
typedef struct
{
  SighejctlOutput output;
  char *text;
  gsize length;
} Fixture;

static void
fixture_begin (Fixture *fixture, SighejctlForm form, const char *fields)
{
  fixture->output.file = open_memstream (&fixture->text, &fixture->length);
  fixture->output.form = form;
  fixture->output.coloured = FALSE;
  fixture->output.fields = fields != NULL ? g_strsplit (fields, ",", -1) : NULL;
}

static void
fixture_end (Fixture *fixture, const char *expected)
{
  fclose (fixture->output.file);
  g_assert_cmpstr (fixture->text, ==, expected);
  free (fixture->text);
  g_strfreev (fixture->output.fields);
}

static GVariant *
new_record (void)
{
  const char *const shared[] = { "a,b", "c:d", NULL };
  GVariantBuilder record;

  g_variant_builder_init (&record, G_VARIANT_TYPE_VARDICT);
  sighejctl_record_add (&record, "state", g_variant_new_string ("open \"æ\"\n:\\"));
  sighejctl_record_add (&record, "open_until", g_variant_new_uint64 (1795226400));
  sighejctl_record_add (&record, "used", g_variant_new_boolean (TRUE));
  sighejctl_record_add (&record, "shared", g_variant_new_strv (shared, -1));
  return g_variant_builder_end (&record);
}

static void
test_json_keeps_the_order (void)
{
  Fixture fixture;

  fixture_begin (&fixture, SIGHEJCTL_FORM_JSON_SHORT, NULL);
  sighejctl_output_record (&fixture.output, new_record ());
  fixture_end (&fixture,
               "{\"schema\":1,\"state\":\"open \\\"æ\\\"\\n:\\\\\",\"open_until\":1795226400,"
               "\"used\":true,\"shared\":[\"a,b\",\"c:d\"]}\n");
}

static void
test_json_pretty_is_indented (void)
{
  GVariantBuilder record;
  Fixture fixture;

  g_variant_builder_init (&record, G_VARIANT_TYPE_VARDICT);
  sighejctl_record_add (&record, "open", g_variant_new_boolean (FALSE));
  fixture_begin (&fixture, SIGHEJCTL_FORM_JSON_PRETTY, NULL);
  sighejctl_output_record (&fixture.output, g_variant_builder_end (&record));
  fixture_end (&fixture, "{\n  \"schema\" : 1,\n  \"open\" : false\n}\n");
}

static void
test_event_is_one_line_even_when_pretty (void)
{
  GVariantBuilder record;
  Fixture fixture;

  g_variant_builder_init (&record, G_VARIANT_TYPE_VARDICT);
  sighejctl_record_add (&record, "event", g_variant_new_string ("nearby"));
  fixture_begin (&fixture, SIGHEJCTL_FORM_JSON_PRETTY, NULL);
  sighejctl_output_event (&fixture.output, g_variant_builder_end (&record));
  fixture_end (&fixture, "{\"schema\":1,\"event\":\"nearby\"}\n");
}

static void
test_terse_escapes (void)
{
  Fixture fixture;

  fixture_begin (&fixture, SIGHEJCTL_FORM_TERSE, NULL);
  sighejctl_output_record (&fixture.output, new_record ());
  fixture_end (&fixture, "open \"æ\"\\n\\:\\\\:1795226400:true:a\\,b,c\\:d\n");
}

static void
test_terse_fields_choose_and_order (void)
{
  Fixture fixture;

  fixture_begin (&fixture, SIGHEJCTL_FORM_TERSE, "used,missing,open_until");
  sighejctl_output_record (&fixture.output, new_record ());
  fixture_end (&fixture, "true::1795226400\n");
}

static GVariant *
new_list (guint n_records)
{
  GVariantBuilder records;

  g_variant_builder_init (&records, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < n_records; i++)
    {
      GVariantBuilder record;

      g_variant_builder_init (&record, G_VARIANT_TYPE_VARDICT);
      sighejctl_record_add (&record, "id", g_variant_new_uint32 (i + 1));
      g_variant_builder_add_value (&records, g_variant_builder_end (&record));
    }
  return g_variant_builder_end (&records);
}

static void
test_lists (void)
{
  Fixture fixture;

  fixture_begin (&fixture, SIGHEJCTL_FORM_JSON_SHORT, NULL);
  sighejctl_output_list (&fixture.output, "nudges", new_list (2));
  fixture_end (&fixture, "{\"schema\":1,\"nudges\":[{\"id\":1},{\"id\":2}]}\n");

  fixture_begin (&fixture, SIGHEJCTL_FORM_JSON_SHORT, NULL);
  sighejctl_output_list (&fixture.output, "nudges", new_list (0));
  fixture_end (&fixture, "{\"schema\":1,\"nudges\":[]}\n");

  fixture_begin (&fixture, SIGHEJCTL_FORM_TERSE, NULL);
  sighejctl_output_list (&fixture.output, "nudges", new_list (2));
  fixture_end (&fixture, "1\n2\n");
}

static void
test_each_form_swallows_the_others (void)
{
  Fixture fixture;

  fixture_begin (&fixture, SIGHEJCTL_FORM_HUMAN, NULL);
  sighejctl_output_record (&fixture.output, new_record ());
  sighejctl_output_list (&fixture.output, "nudges", new_list (2));
  fixture_end (&fixture, "");

  fixture_begin (&fixture, SIGHEJCTL_FORM_TERSE, NULL);
  sighejctl_output_say (&fixture.output, "words\n");
  sighejctl_output_say_coloured (&fixture.output, SIGHEJCTL_COLOUR_RED, "words\n");
  fixture_end (&fixture, "");
}

static void
test_terminal_codes_from_afar_are_harmless (void)
{
  Fixture fixture;

  fixture_begin (&fixture, SIGHEJCTL_FORM_HUMAN, NULL);
  sighejctl_output_say (&fixture.output,
                        "%s\n",
                        "a\033[2Jb\rc\xc2\x9b"
                        "d\177é");
  fixture_end (&fixture, "a?[2Jb?c?d?é\n");
}

static void
test_colours_surround_the_word (void)
{
  Fixture fixture;

  fixture_begin (&fixture, SIGHEJCTL_FORM_HUMAN, NULL);
  fixture.output.coloured = TRUE;
  sighejctl_output_say_coloured (&fixture.output, SIGHEJCTL_COLOUR_GREEN, "ok");
  sighejctl_output_say_coloured (&fixture.output, SIGHEJCTL_COLOUR_PLAIN, "!");
  fixture_end (&fixture, "\033[32mok\033[0m!");
}

static void
test_table_aligns_by_characters (void)
{
  const char *const header[] = { "ID", "SHARED", "STATE", NULL };
  const char *first[] = { "1", "brætspil", "new", NULL };
  const char *second[] = { "10", "jazz", "new", NULL };
  g_autoptr (GPtrArray) rows = g_ptr_array_new ();
  Fixture fixture;

  g_ptr_array_add (rows, first);
  g_ptr_array_add (rows, second);
  fixture_begin (&fixture, SIGHEJCTL_FORM_HUMAN, NULL);
  sighejctl_output_table (&fixture.output, header, rows);
  fixture_end (&fixture,
               "ID  SHARED    STATE\n"
               "1   brætspil  new\n"
               "10  jazz      new\n");
}

static void
test_colour_wants_a_terminal (void)
{
  FILE *file = tmpfile ();

  g_assert_nonnull (file);
  g_assert_false (sighejctl_output_wants_colour (file));
  fclose (file);
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/output/json-keeps-the-order", test_json_keeps_the_order);
  g_test_add_func ("/output/json-pretty-is-indented", test_json_pretty_is_indented);
  g_test_add_func ("/output/event-is-one-line-even-when-pretty",
                   test_event_is_one_line_even_when_pretty);
  g_test_add_func ("/output/terse-escapes", test_terse_escapes);
  g_test_add_func ("/output/terse-fields-choose-and-order", test_terse_fields_choose_and_order);
  g_test_add_func ("/output/lists", test_lists);
  g_test_add_func ("/output/each-form-swallows-the-others", test_each_form_swallows_the_others);
  g_test_add_func ("/output/terminal-codes-from-afar-are-harmless",
                   test_terminal_codes_from_afar_are_harmless);
  g_test_add_func ("/output/colours-surround-the-word", test_colours_surround_the_word);
  g_test_add_func ("/output/table-aligns-by-characters", test_table_aligns_by_characters);
  g_test_add_func ("/output/colour-wants-a-terminal", test_colour_wants_a_terminal);
  return g_test_run ();
}
