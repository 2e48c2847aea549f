/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-error.h"
#include "sighejctl-failure.h"

static void
test_message_falls_into_sentence_and_step (void)
{
  g_autoptr (GError) error
      = g_error_new (SIGHEJ_ERROR, SIGHEJ_ERROR_BLUETOOTH_OFF, "it is off; turn it on; really");
  g_autofree char *sentence = sighejctl_failure_sentence (error);
  g_autofree char *hint = sighejctl_failure_hint (error);

  g_assert_cmpstr (sentence, ==, "it is off");
  g_assert_cmpstr (hint, ==, "turn it on; really");
}

static void
test_kind_of_error_has_a_step (void)
{
  g_autoptr (GError) error = g_error_new (SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_OPEN, "not open");
  g_autofree char *sentence = sighejctl_failure_sentence (error);
  g_autofree char *hint = sighejctl_failure_hint (error);

  g_assert_cmpstr (sentence, ==, "not open");
  g_assert_cmpstr (hint, !=, "");
}

static void
test_foreign_errors_become_ours (void)
{
  const struct
  {
    GQuark domain;
    int code;
    int exit_code;
  } cases[] = {
    { G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN, 5 },
    { G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY, 5 },
    { G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED, 7 },
    { G_DBUS_ERROR, G_DBUS_ERROR_INVALID_ARGS, 1 },
    { G_IO_ERROR, G_IO_ERROR_TIMED_OUT, 4 },
    { G_IO_ERROR, G_IO_ERROR_CLOSED, 5 },
    { G_IO_ERROR, G_IO_ERROR_DBUS_ERROR, 1 },
    { G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION, 2 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = g_error_new (cases[i].domain, cases[i].code, "something");

      sighejctl_failure_adopt (&error);
      g_assert_cmpint (sighejctl_failure_exit_code (error), ==, cases[i].exit_code);
      g_assert_true (g_str_has_prefix (sighejctl_failure_name (error), SIGHEJ_ERROR_DBUS_PREFIX));
    }
}

static void
test_remote_prefix_is_not_shown (void)
{
  g_autoptr (GError) error = NULL;

  sighej_error_quark ();
  error = g_dbus_error_new_for_dbus_error ("org.sighej.Error.RateLimited", "again in 40 s");
  sighejctl_failure_adopt (&error);
  g_assert_cmpstr (error->message, ==, "again in 40 s");
  g_assert_cmpint (sighejctl_failure_exit_code (error), ==, 9);
  g_assert_cmpstr (sighejctl_failure_name (error), ==, "org.sighej.Error.RateLimited");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/failure/message-falls-into-sentence-and-step",
                   test_message_falls_into_sentence_and_step);
  g_test_add_func ("/failure/kind-of-error-has-a-step", test_kind_of_error_has_a_step);
  g_test_add_func ("/failure/foreign-errors-become-ours", test_foreign_errors_become_ours);
  g_test_add_func ("/failure/remote-prefix-is-not-shown", test_remote_prefix_is_not_shown);
  return g_test_run ();
}
