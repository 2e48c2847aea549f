/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "sighej-crypto.h"
#include "sighej-error.h"
#include "sighej-wire-report.h"

#define TICKET "Zm9v_-09AZ"
#define LEAST "{\"ticket\":\"" TICKET "\",\"reason\":\"spam\"}"
#define MOST                                                                                       \
  "{\"ticket\":\"" TICKET "\",\"reason\":\"harassment\",\"text\":\"two\\u000alines\","             \
  "\"attached\":[\"he said \\\"æ\\\"\",\"and this\"]}"

static void
test_a_report_goes_through (void)
{
  static const char *const texts[] = { LEAST, MOST };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (SighejWireReport) report
          = sighej_wire_report_read (texts[i], strlen (texts[i]), &error);
      g_autofree char *again = NULL;

      g_assert_no_error (error);
      again = sighej_wire_report_write (report);
      g_assert_cmpstr (again, ==, texts[i]);
    }
}

static void
test_every_reason_has_its_word (void)
{
  static const char *const words[]
      = { "spam", "harassment", "fake", "underage", "danger", "other" };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      SighejWireReport report = { .ticket = (char *) TICKET, .reason = (SighejReportReason) i };
      g_autofree char *text = sighej_wire_report_write (&report);
      g_autofree char *expected
          = g_strdup_printf ("{\"ticket\":\"" TICKET "\",\"reason\":\"%s\"}", words[i]);

      g_assert_cmpstr (text, ==, expected);
    }
}

static void
assert_refused (const char *text, const char *member)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (sighej_wire_report_read (text, strlen (text), &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_REQUEST);
  g_assert_nonnull (strstr (error->message, member));
}

static void
test_what_is_not_as_the_contract_says_is_refused (void)
{
  static const char *const bad[][2] = {
    { "{\"reason\":\"spam\"}", "\"ticket\"" },
    { "{\"ticket\":\"\",\"reason\":\"spam\"}", "\"ticket\"" },
    { "{\"ticket\":\"a b\",\"reason\":\"spam\"}", "\"ticket\"" },
    { "{\"ticket\":7,\"reason\":\"spam\"}", "\"ticket\"" },
    { "{\"ticket\":\"a\"}", "\"reason\"" },
    { "{\"ticket\":\"a\",\"reason\":\"dull\"}", "\"reason\"" },
    { "{\"ticket\":\"a\",\"reason\":\"spam\",\"text\":\"\"}", "\"text\"" },
    { "{\"ticket\":\"a\",\"reason\":\"spam\",\"text\":\"a\\tb\"}", "\"text\"" },
    { "{\"ticket\":\"a\",\"reason\":\"spam\",\"text\":null}", "\"text\"" },
    { "{\"ticket\":\"a\",\"reason\":\"spam\",\"attached\":\"x\"}", "\"attached\"" },
    { "{\"ticket\":\"a\",\"reason\":\"spam\",\"attached\":[1]}", "\"attached\"" },
    { "{\"ticket\":\"a\",\"reason\":\"spam\",\"attached\":[\"\"]}", "\"attached\"" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    assert_refused (bad[i][0], bad[i][1]);
}

/* (transfer full): @n_attached messages of @n_chars characters, and a text of as many */
static char *
dup_long (guint n_attached, guint n_chars)
{
  g_autofree char *message = g_strnfill (n_chars, 'x');
  g_autoptr (GPtrArray) attached = g_ptr_array_new ();
  SighejWireReport report = { (char *) TICKET, SIGHEJ_REPORT_REASON_OTHER, message, NULL };
  char *text;

  for (guint i = 0; i < n_attached; i++)
    g_ptr_array_add (attached, message);
  g_ptr_array_add (attached, NULL);
  report.attached = (GStrv) attached->pdata;
  text = sighej_wire_report_write (&report);
  return text;
}

static void
test_bounds_hold_at_the_exact_count (void)
{
  g_autofree char *most = dup_long (SIGHEJ_REPORT_ATTACHED_MAX, SIGHEJ_REPORT_TEXT_CHARS_MAX);
  g_autofree char *many = dup_long (SIGHEJ_REPORT_ATTACHED_MAX + 1, 1);
  g_autofree char *large = dup_long (1, SIGHEJ_REPORT_TEXT_CHARS_MAX + 1);
  g_autoptr (SighejWireReport) report = sighej_wire_report_read (most, strlen (most), NULL);

  g_assert_nonnull (report);
  g_assert_cmpuint (g_strv_length (report->attached), ==, SIGHEJ_REPORT_ATTACHED_MAX);
  assert_refused (many, "\"attached\"");
  assert_refused (large, "\"text\"");
}

static void
test_an_appeal_goes_through (void)
{
  static const char text[] = "{\"text\":\"it was not me\"}";
  char *appeal = sighej_wire_appeal_read (text, strlen (text), NULL);
  g_autofree char *again = sighej_wire_appeal_write (appeal);
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (appeal, ==, "it was not me");
  g_assert_cmpstr (again, ==, text);
  sighej_wipe_free_string (appeal);
  g_assert_null (sighej_wire_appeal_read ("{}", 2, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_REQUEST);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire-report/goes-through", test_a_report_goes_through);
  g_test_add_func ("/wire-report/every-reason-has-its-word", test_every_reason_has_its_word);
  g_test_add_func ("/wire-report/refusals", test_what_is_not_as_the_contract_says_is_refused);
  g_test_add_func ("/wire-report/bounds", test_bounds_hold_at_the_exact_count);
  g_test_add_func ("/wire-report/appeal", test_an_appeal_goes_through);
  return g_test_run ();
}
