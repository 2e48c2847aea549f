/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "sighej-json.h"

#define LIST(text) text, sizeof text - 1

typedef struct
{
  const char *text;
  gsize n_bytes;
} Text;

/* What RFC 8259 allows. */
static const Text good[] = {
  { LIST ("{}") },
  { LIST (" \t\r\n{ } \n") },
  { LIST ("[]") },
  { LIST ("null") },
  { LIST ("true") },
  { LIST ("\"\"") },
  { LIST ("0") },
  { LIST ("-0") },
  { LIST ("-1.5e+10") },
  { LIST ("9007199254740992") },
  { LIST ("-9007199254740992") },
  { LIST ("1e308") },
  { LIST ("1e-400") },
  { LIST ("{\"a\":{\"a\":1},\"b\":[{\"a\":2},{\"a\":3}]}") },
  { LIST ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\ud83d\\ude00\"") },
  { LIST ("\"\xc3\xa6\xc3\xb8\xc3\xa5 \xf0\x9f\x98\x80 \x7f\"") },
  { LIST ("[[[[[[[[]]]]]]]]") },
  { LIST ("[1,2,[3,[4]],{\"x\":null}]") },
};

/* What it forbids, what json-glib would take all the same, and what our caps refuse. */
static const Text bad[] = {
  { LIST ("") },
  { LIST (" ") },
  { LIST ("{") },
  { LIST ("}") },
  { LIST ("[") },
  { LIST ("[1") },
  { LIST ("[1,") },
  { LIST ("[1,]") },
  { LIST ("[,1]") },
  { LIST ("[1 2]") },
  { LIST ("[1}") },
  { LIST ("{\"a\":1]") },
  { LIST ("{\"a\":1,}") },
  { LIST ("{\"a\"}") },
  { LIST ("{\"a\":}") },
  { LIST ("{\"a\" 1}") },
  { LIST ("{a:1}") },
  { LIST ("{1:1}") },
  { LIST ("{'a':1}") },
  { LIST ("{,}") },
  { LIST ("/* c */ {}") },
  { LIST ("// c\n{}") },
  { LIST ("{} // c") },
  { LIST ("# c\n{}") },
  { LIST ("var x = {}") },
  { LIST ("{};") },
  { LIST ("{}{}") },
  { LIST ("{} {}") },
  { LIST ("{}x") },
  { LIST ("{}\0") },
  { LIST ("\xef\xbb\xbf{}") },
  { LIST ("\v{}") },
  { LIST ("\xc2\xa0{}") },
  { LIST ("0x10") },
  { LIST ("010") },
  { LIST ("00") },
  { LIST ("-") },
  { LIST ("-a") },
  { LIST ("+1") },
  { LIST (".5") },
  { LIST ("1.") },
  { LIST ("1.e5") },
  { LIST ("1e") },
  { LIST ("1e+") },
  { LIST ("1e+-5") },
  { LIST ("1e999") },
  { LIST ("-1e999") },
  { LIST ("NaN") },
  { LIST ("Infinity") },
  { LIST ("-Infinity") },
  { LIST ("99999999999999999999999999") },
  { LIST ("9007199254740993") },
  { LIST ("-9007199254740993") },
  { LIST ("18446744073709551617") },
  { LIST ("True") },
  { LIST ("nul") },
  { LIST ("nulll") },
  { LIST ("undefined") },
  { LIST ("\"") },
  { LIST ("\"a") },
  { LIST ("\"\\\"") },
  { LIST ("\"\\") },
  { LIST ("\"\\x41\"") },
  { LIST ("\"\\u12\"") },
  { LIST ("\"\\u12g4\"") },
  { LIST ("\"\\u") },
  { LIST ("\"x\\u0000y\"") },
  { LIST ("\"x\0y\"") },
  { LIST ("\"a\nb\"") },
  { LIST ("\"a\tb\"") },
  { LIST ("\"\x1f\"") },
  { LIST ("\"\\ud83d\"") },
  { LIST ("\"\\ud83d\\u0041\"") },
  { LIST ("\"\\ud83dx\"") },
  { LIST ("\"\\ude00\"") },
  { LIST ("\"\\ude00\\ud83d\"") },
  { LIST ("\"\xff\"") },
  { LIST ("\"\xc3\"") },
  { LIST ("\"\xc0\x80\"") },
  { LIST ("\"\xed\xa0\x80\"") },
  { LIST ("\"\xf4\x90\x80\x80\"") },
  { LIST ("{\"a\":1,\"a\":2}") },
  { LIST ("{\"a\":1,\"\\u0061\":2}") },
  { LIST ("{\"\\n\":1,\"\\u000a\":2}") },
  { LIST ("{\"/\":1,\"\\/\":2}") },
  { LIST ("{\"\xc3\xa9\":1,\"\\u00e9\":2}") },
  { LIST ("{\"\xf0\x9f\x98\x80\":1,\"\\ud83d\\ude00\":2}") },
  { LIST ("{\"x\":{\"a\":1},\"b\":0,\"x\":2}") },
  { LIST ("[[[[[[[[[]]]]]]]]]") },
  { LIST ("{\"a\":[[[[[[[[]]]]]]]]}") },
};

static gboolean
scan_exactly (const char *text, gsize n_bytes, GError **error)
{
  /* A copy of just that size, so that the sanitizer sees a byte too many. */
  g_autofree char *copy = g_memdup2 (text, n_bytes);

  return sighej_json_scan (copy, n_bytes, error);
}

static void
test_takes_what_the_rfc_allows (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonParser) parser = json_parser_new ();

      scan_exactly (good[i].text, good[i].n_bytes, &error);
      g_assert_no_error (error);
      json_parser_load_from_data (parser, good[i].text, (gssize) good[i].n_bytes, &error);
      g_assert_no_error (error);
    }
}

static void
test_refuses_everything_else (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      if (scan_exactly (bad[i].text, bad[i].n_bytes, &error))
        g_error ("took number %" G_GSIZE_FORMAT ": %s", i, bad[i].text);
      g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_REQUEST);
      g_assert_false (sighej_json_scan (bad[i].text, bad[i].n_bytes, NULL));
    }
}

static void
test_error_names_the_byte (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (sighej_json_scan (LIST ("{\"a\": tru}"), &error));
  g_assert_cmpstr (error->message, ==, "not acceptable JSON at byte 6: expected a value");
}

/* Every start of a document is no document. */
static void
test_refuses_every_cut (void)
{
  static const char text[] = "{\"a\":[1,-2.5e3,true,null,\"x\\u00e9\\ud83d\\ude00\"],\"b\":{}}";

  g_assert_true (scan_exactly (LIST (text), NULL));
  for (gsize length = 0; length < sizeof text - 1; length++)
    g_assert_false (scan_exactly (text, length, NULL));
}

static char *
repeat (const char *before, const char *unit, guint n_times, const char *after)
{
  GString *text = g_string_new (before);

  for (guint i = 0; i < n_times; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? "," : "", unit);
  g_string_append (text, after);
  return g_string_free (text, FALSE);
}

static char *
members (guint n_members)
{
  GString *text = g_string_new ("{");

  for (guint i = 0; i < n_members; i++)
    g_string_append_printf (text, "%s\"k%u\":0", i > 0 ? "," : "", i);
  g_string_append_c (text, '}');
  return g_string_free (text, FALSE);
}

static void
test_caps_hold_at_the_exact_count (void)
{
  g_autofree char *most_elements = repeat ("[", "0", SIGHEJ_JSON_ELEMENTS_MAX, "]");
  g_autofree char *more_elements = repeat ("[", "0", SIGHEJ_JSON_ELEMENTS_MAX + 1, "]");
  g_autofree char *most_objects = repeat ("[", "{\"a\":0}", SIGHEJ_JSON_KEYS_MAX, "]");
  g_autofree char *more_objects = repeat ("[", "{\"a\":0}", SIGHEJ_JSON_KEYS_MAX + 1, "]");
  g_autofree char *most_members = members (SIGHEJ_JSON_KEYS_MAX);
  g_autofree char *more_members = members (SIGHEJ_JSON_KEYS_MAX + 1);

  g_assert_true (scan_exactly (most_elements, strlen (most_elements), NULL));
  g_assert_false (scan_exactly (more_elements, strlen (more_elements), NULL));
  g_assert_true (scan_exactly (most_objects, strlen (most_objects), NULL));
  g_assert_false (scan_exactly (more_objects, strlen (more_objects), NULL));
  g_assert_true (scan_exactly (most_members, strlen (most_members), NULL));
  g_assert_false (scan_exactly (more_members, strlen (more_members), NULL));
}

/* this many ended json-glib. */
static void
test_deep_nesting_costs_nothing (void)
{
  g_autofree char *text = g_strnfill (100000, '[');

  g_assert_false (sighej_json_scan (text, 100000, NULL));
}

static void
test_parses_objects_only (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = sighej_json_parse_object (LIST ("{\"a\":[1,\"\\u00e9\"]}"), &error);
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  text = sighej_json_to_string (node);
  g_assert_cmpstr (text, ==, "{\"a\":[1,\"\xc3\xa9\"]}");

  g_assert_null (sighej_json_parse_object (LIST ("[]"), &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_REQUEST);
  g_clear_error (&error);
  g_assert_null (sighej_json_parse_object (LIST ("{} x"), &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_REQUEST);
}

static void
assert_text (const SighejJsonMembers *found, const char *name, const char *text)
{
  const SighejJsonMember *member = sighej_json_find (found, name);
  char copy[16];

  g_assert_nonnull (member);
  g_assert_cmpint (member->kind, ==, SIGHEJ_JSON_STRING);
  g_assert_true (sighej_json_copy_text (member, copy, sizeof copy));
  g_assert_cmpstr (copy, ==, text);
}

static void
test_notes_the_outermost_members (void)
{
  static const char text[]
      = "{ \"a\" : \"x\\n\\u00e9\\ud83d\\ude00\", \"b\\u0062\":-12,\"c\":{\"a\":1},"
        "\"d\":[\"a\"],\"e\":1.0,\"f\":null,\"\":\"\"}";
  SighejJsonMembers found;

  g_assert_true (sighej_json_scan_members (LIST (text), &found, NULL));
  g_assert_cmpuint (found.n_items, ==, 7);
  assert_text (&found, "a", "x\n\xc3\xa9\xf0\x9f\x98\x80");
  assert_text (&found, "", "");
  g_assert_cmpint (sighej_json_find (&found, "bb")->kind, ==, SIGHEJ_JSON_INTEGER);
  g_assert_cmpuint (sighej_json_find (&found, "bb")->n_value, ==, 3);
  for (const char *name = "c\0d\0e\0f\0"; *name != '\0'; name += 2)
    g_assert_cmpint (sighej_json_find (&found, name)->kind, ==, SIGHEJ_JSON_OTHER);
  g_assert_null (sighej_json_find (&found, "b"));
  g_assert_null (sighej_json_find (&found, "bbb"));
}

static void
test_notes_objects_only (void)
{
  g_autofree char *most = members (SIGHEJ_JSON_KEYS_MAX);
  SighejJsonMembers found;

  g_assert_true (sighej_json_scan_members (most, strlen (most), &found, NULL));
  g_assert_cmpuint (found.n_items, ==, SIGHEJ_JSON_KEYS_MAX);
  g_assert_true (sighej_json_scan_members (LIST (" {}"), &found, NULL));
  g_assert_cmpuint (found.n_items, ==, 0);
  g_assert_false (sighej_json_scan_members (LIST ("[{\"a\":1}]"), &found, NULL));
  g_assert_false (sighej_json_scan_members (LIST ("\"a\""), &found, NULL));
  g_assert_false (sighej_json_scan_members (LIST ("{\"a\":1"), &found, NULL));
}

static void
test_copies_only_what_fits (void)
{
  SighejJsonMembers found;
  char out[4];

  g_assert_true (sighej_json_scan_members (LIST ("{\"a\":\"123\",\"b\":\"1234\"}"), &found, NULL));
  g_assert_true (sighej_json_copy_text (sighej_json_find (&found, "a"), out, sizeof out));
  g_assert_cmpstr (out, ==, "123");
  g_assert_false (sighej_json_copy_text (sighej_json_find (&found, "b"), out, sizeof out));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/takes-what-the-rfc-allows", test_takes_what_the_rfc_allows);
  g_test_add_func ("/json/refuses-everything-else", test_refuses_everything_else);
  g_test_add_func ("/json/error-names-the-byte", test_error_names_the_byte);
  g_test_add_func ("/json/refuses-every-cut", test_refuses_every_cut);
  g_test_add_func ("/json/caps-hold-at-the-exact-count", test_caps_hold_at_the_exact_count);
  g_test_add_func ("/json/deep-nesting-costs-nothing", test_deep_nesting_costs_nothing);
  g_test_add_func ("/json/parses-objects-only", test_parses_objects_only);
  g_test_add_func ("/json/notes-the-outermost-members", test_notes_the_outermost_members);
  g_test_add_func ("/json/notes-objects-only", test_notes_objects_only);
  g_test_add_func ("/json/copies-only-what-fits", test_copies_only_what_fits);
  return g_test_run ();
}
