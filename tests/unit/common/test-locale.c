/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "sighej-bulletin.h"
#include "sighej-error.h"
#include "sighej-locale.h"

/* Last of the tests of sighej-locale.h in one process: what it sets lasts. */
static void
test_apart (void)
{
  static const char *const shared[] = { "board-games", NULL };
  g_autoptr (GError) error = sighej_error_new_for_reason (SIGHEJ_REASON_LOCKED);
  g_autoptr (SighejBulletin) bulletin = NULL;

  g_assert_cmpstr (_ ("Time is up"), ==, "Tiden er gået");
  sighej_locale_init_apart ();
  g_assert_cmpstr (_ ("Time is up"), ==, "Time is up");
  g_assert_cmpstr (error->message, ==, "the screen is locked; unlock it to go on");
  g_assert_cmpstr (g_strerror (ENOENT), ==, "No such file or directory");

  bulletin = sighej_bulletin_new_nudge (1, shared, FALSE);
  g_assert_cmpstr (bulletin->title, ==, "En i nærheden kan også lide Brætspil");
  g_assert_cmpstr (bulletin->buttons[0].label, ==, "Vink");
  g_assert_cmpstr (_ ("Time is up"), ==, "Time is up");

  {
    g_auto (SighejLocaleScope) outer G_GNUC_UNUSED = sighej_locale_enter ();

    {
      g_auto (SighejLocaleScope) inner G_GNUC_UNUSED = sighej_locale_enter ();

      g_assert_cmpstr (_ ("Time is up"), ==, "Tiden er gået");
    }
    g_assert_cmpstr (_ ("Time is up"), ==, "Tiden er gået");
  }
  g_assert_cmpstr (_ ("Time is up"), ==, "Time is up");
}

/* For whoever is spoken to by people alone, a scope is nothing. */
static void
test_together (void)
{
  g_auto (SighejLocaleScope) scope G_GNUC_UNUSED = sighej_locale_enter ();

  g_assert_cmpstr (_ ("Time is up"), ==, "Tiden er gået");
}

int
main (int argc, char **argv)
{
  g_setenv ("LC_ALL", "C.UTF-8", TRUE);
  g_setenv ("LANGUAGE", "da", TRUE);
  sighej_locale_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/locale/for-people-everything", test_together);
  g_test_add_func ("/locale/for-programs-english-but-in-a-scope", test_apart);
  return g_test_run ();
}
