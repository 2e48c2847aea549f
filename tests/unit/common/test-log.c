/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-test-log"

#include "config.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sighej-crypto.h"
#include "sighej-log.h"

/* The writer is installed once for a process, so what it writes is seen from outside. */
static void
in_subprocess (const char *level, void (*body) (void))
{
  sighej_log_init ("prog", level);
  body ();
}

static void
log_all (void)
{
  g_debug ("at debug");
  g_info ("at info");
  g_message ("at message");
}

static void
test_level_decides (void)
{
  if (g_test_subprocess ())
    {
      in_subprocess ("message", log_all);
      return;
    }

  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("prog: at message\n");
}

static void
test_level_changes_while_running (void)
{
  if (g_test_subprocess ())
    {
      sighej_log_init ("prog", "error");
      log_all ();
      g_assert_true (sighej_log_set_level ("info"));
      g_assert_false (sighej_log_set_level ("loud"));
      log_all ();
      return;
    }

  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("prog: at info\nprog: at message\n");
}

static void
test_debug_shows_the_time (void)
{
  if (g_test_subprocess ())
    {
      in_subprocess ("debug", log_all);
      return;
    }

  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_stderr ("??:??:??.?????? prog: at debug\n*prog: at info\n*");
}

static void
log_warning (void)
{
  g_warning ("look out");
}

static void
test_warning_carries_its_word (void)
{
  if (g_test_subprocess ())
    {
      g_log_set_always_fatal (G_LOG_FATAL_MASK);
      in_subprocess ("info", log_warning);
      return;
    }

  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("prog: warning: look out\n");
}

static void
test_fatal_warnings_stay_fatal (void)
{
  if (g_test_subprocess ())
    {
      g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_WARNING);
      sighej_log_init ("prog", "info");
      g_warning ("look out");
      return;
    }

  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("prog: warning: look out\n*");
}

static void
log_two_lines (void)
{
  sighej_log_field (G_LOG_LEVEL_MESSAGE, SIGHEJ_LOG_STATE, "open", "one\nprog: %s", "two");
}

static void
test_message_stays_on_its_line (void)
{
  if (g_test_subprocess ())
    {
      in_subprocess ("info", log_two_lines);
      return;
    }

  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_stderr ("prog: one prog: two\n");
}

static void
test_redacted_ids (void)
{
  g_autofree char *first = g_strdup (sighej_log_redact ("b4b57748198574854a05"));
  const char *again = sighej_log_redact ("b4b57748198574854a05");
  const char *other = sighej_log_redact ("b4b57748198574854a06");

  g_assert_cmpuint (strlen (first), ==, 8);
  g_assert_cmpstr (first, ==, again);
  g_assert_cmpstr (again, !=, other);
  g_assert_false (g_str_has_prefix ("b4b57748198574854a05", first));
}

static void
test_ids_read_the_same_with_one_key (void)
{
  g_autofree char *here = g_strdup (sighej_log_redact ("b4b57748198574854a05"));
  int fd = sighej_log_share_key ();
  guint8 other[SIGHEJ_KEY_BYTES] = { 1 };
  int other_fd = memfd_create ("other", MFD_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  g_assert_false (sighej_log_take_key (other_fd)); /* empty */
  g_assert_cmpstr (sighej_log_redact ("b4b57748198574854a05"), ==, here);
  g_assert_cmpint (write (other_fd, other, sizeof other), ==, sizeof other);
  g_assert_true (sighej_log_take_key (other_fd));
  g_assert_cmpstr (sighej_log_redact ("b4b57748198574854a05"), !=, here);
  g_assert_true (sighej_log_take_key (fd));
  g_assert_cmpstr (sighej_log_redact ("b4b57748198574854a05"), ==, here);
  g_assert_false (sighej_log_take_key (-1));
  close (other_fd);
  close (fd);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/log/level-decides", test_level_decides);
  g_test_add_func ("/log/level-changes-while-running", test_level_changes_while_running);
  g_test_add_func ("/log/debug-shows-the-time", test_debug_shows_the_time);
  g_test_add_func ("/log/warning-carries-its-word", test_warning_carries_its_word);
  g_test_add_func ("/log/fatal-warnings-stay-fatal", test_fatal_warnings_stay_fatal);
  g_test_add_func ("/log/message-stays-on-its-line", test_message_stays_on_its_line);
  g_test_add_func ("/log/redacted-ids", test_redacted_ids);
  g_test_add_func ("/log/ids-read-the-same-with-one-key", test_ids_read_the_same_with_one_key);
  return g_test_run ();
}
