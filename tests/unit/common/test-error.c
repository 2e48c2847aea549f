/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "sighej-error.h"

static void
test_table_is_complete (void)
{
  g_autoptr (GHashTable) problems = g_hash_table_new (g_str_hash, g_str_equal);

  for (int code = 0; code < SIGHEJ_N_ERRORS; code++)
    {
      const SighejErrorInfo *info = sighej_error_get_info ((SighejError) code);

      g_assert_true (g_str_has_prefix (info->dbus_name, SIGHEJ_ERROR_DBUS_PREFIX));
      g_assert_cmpint (info->exit_code, >, 0);
      g_assert_cmpuint (info->http_status, >=, 400);
      g_assert_cmpuint (info->http_status, <, 600);
      g_assert_false (g_str_has_suffix (info->title, "."));
      g_assert_true (g_hash_table_add (problems, (gpointer) info->problem));
    }
}

/* INTERFACES 2.3. */
static void
test_exit_codes (void)
{
  static const struct
  {
    const char *name;
    int exit_code;
  } cases[] = {
    { "BluetoothMissing", 6 },
    { "BluetoothOff", 6 },
    { "BluetoothBlocked", 6 },
    { "BluetoothUnsupported", 6 },
    { "BluetoothDenied", 6 },
    { "NotPermitted", 7 },
    { "Inhibited", 7 },
    { "Offline", 8 },
    { "Refused", 8 },
    { "RateLimited", 9 },
    { "NotFound", 10 },
    { "Expired", 10 },
    { "Gone", 10 },
    { "NotOpen", 1 },
    { "InvalidInterest", 1 },
    { "InvalidDuration", 1 },
    { "NotSupported", 1 },
    { "Failed", 1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strconcat (SIGHEJ_ERROR_DBUS_PREFIX, cases[i].name, NULL);
      SighejError code = sighej_error_from_dbus_name (name);

      g_assert_cmpstr (sighej_error_get_info (code)->dbus_name, ==, name);
      g_assert_cmpint (sighej_error_get_info (code)->exit_code, ==, cases[i].exit_code);
    }
  g_assert_cmpint (sighej_error_from_dbus_name ("org.example.Else"), ==, SIGHEJ_ERROR_FAILED);
  g_assert_cmpint (sighej_error_from_dbus_name (NULL), ==, SIGHEJ_ERROR_FAILED);
}

static void
test_bus_names_go_there_and_back (void)
{
  for (int code = 0; code <= SIGHEJ_ERROR_NOT_SUPPORTED; code++)
    {
      g_autoptr (GError) error = g_error_new_literal (SIGHEJ_ERROR, code, "why");
      g_autofree char *name = g_dbus_error_encode_gerror (error);
      g_autoptr (GError) remote = g_dbus_error_new_for_dbus_error (name, "why");

      g_assert_cmpstr (name, ==, sighej_error_get_info ((SighejError) code)->dbus_name);
      g_assert_error (remote, SIGHEJ_ERROR, code);
    }
}

static void
test_http_statuses (void)
{
  static const SighejError same_both_ways[] = {
    SIGHEJ_ERROR_INVALID_REQUEST, SIGHEJ_ERROR_UNAUTHORIZED,       SIGHEJ_ERROR_FORBIDDEN,
    SIGHEJ_ERROR_NOT_FOUND,       SIGHEJ_ERROR_METHOD_NOT_ALLOWED, SIGHEJ_ERROR_CONFLICT,
    SIGHEJ_ERROR_LENGTH_REQUIRED, SIGHEJ_ERROR_TOO_LARGE,          SIGHEJ_ERROR_UNSUPPORTED_MEDIA,
    SIGHEJ_ERROR_RATE_LIMITED,    SIGHEJ_ERROR_UNAVAILABLE,        SIGHEJ_ERROR_GONE,
  };

  for (gsize i = 0; i < G_N_ELEMENTS (same_both_ways); i++)
    {
      unsigned status = sighej_error_get_info (same_both_ways[i])->http_status;

      g_assert_cmpint (sighej_error_from_http_status (status), ==, same_both_ways[i]);
    }
  g_assert_cmpint (sighej_error_from_http_status (422), ==, SIGHEJ_ERROR_REFUSED);
  g_assert_cmpint (sighej_error_from_http_status (500), ==, SIGHEJ_ERROR_UNAVAILABLE);
  g_assert_cmpint (sighej_error_from_http_status (502), ==, SIGHEJ_ERROR_UNAVAILABLE);
  g_assert_cmpint (sighej_error_from_http_status (302), ==, SIGHEJ_ERROR_FAILED);
  g_assert_cmpint (sighej_error_from_http_status (0), ==, SIGHEJ_ERROR_FAILED);
}

static void
test_every_reason_is_explained (void)
{
  for (int reason = 0; reason <= SIGHEJ_REASON_POLICY; reason++)
    {
      g_autoptr (GError) error = sighej_error_new_for_reason ((SighejReason) reason);

      g_assert_true (error->domain == SIGHEJ_ERROR);
      g_assert_cmpuint (strlen (error->message), >, 10);
      g_assert_false (g_str_has_suffix (error->message, "."));
    }
}

static void
test_radio_reasons_exit_with_six (void)
{
  for (int reason = SIGHEJ_REASON_BLUETOOTH_OFF; reason <= SIGHEJ_REASON_PRIVACY_BLOCKED; reason++)
    {
      g_autoptr (GError) error = sighej_error_new_for_reason ((SighejReason) reason);

      g_assert_cmpint (sighej_error_get_info ((SighejError) error->code)->exit_code, ==, 6);
    }
}

static void
test_when_to_try_again_is_read_from_the_text (void)
{
  static const struct
  {
    int code;
    const char *message;
    unsigned expected;
  } cases[] = {
    { SIGHEJ_ERROR_RATE_LIMITED, "3 of 4, try again in 5, try again in 17 seconds", 17 },
    { SIGHEJ_ERROR_RATE_LIMITED, "too many, try again in 0 seconds", 1 },
    { SIGHEJ_ERROR_RATE_LIMITED, "x, try again in 99999999999999999999999 seconds", G_MAXINT },
    { SIGHEJ_ERROR_RATE_LIMITED, "all waves of this session are used", 0 },
    { SIGHEJ_ERROR_RATE_LIMITED, "too many, try again in 17 seconds or so", 0 },
    { SIGHEJ_ERROR_RATE_LIMITED, "", 0 },
    { SIGHEJ_ERROR_UNAVAILABLE, "too busy, try again in 17 seconds", 0 },
  };
  g_autoptr (GError) written = sighej_error_new_rate_limited ("too many requests", 42);

  g_assert_cmpstr (written->message, ==, "too many requests, try again in 42 seconds");
  g_assert_cmpuint (sighej_error_get_retry_after_s (written), ==, 42);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error
          = g_error_new_literal (SIGHEJ_ERROR, cases[i].code, cases[i].message);

      g_assert_cmpuint (sighej_error_get_retry_after_s (error), ==, cases[i].expected);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/error/table-is-complete", test_table_is_complete);
  g_test_add_func ("/error/exit-codes", test_exit_codes);
  g_test_add_func ("/error/bus-names-go-there-and-back", test_bus_names_go_there_and_back);
  g_test_add_func ("/error/http-statuses", test_http_statuses);
  g_test_add_func ("/error/every-reason-is-explained", test_every_reason_is_explained);
  g_test_add_func ("/error/radio-reasons-exit-with-six", test_radio_reasons_exit_with_six);
  g_test_add_func ("/error/when-to-try-again", test_when_to_try_again_is_read_from_the_text);
  return g_test_run ();
}
