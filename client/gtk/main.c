/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-application.h"
#include "sighej-locale.h"

int
main (int argc, char **argv)
{
  g_autoptr (SighejApplication) application = NULL;

  sighej_locale_init ();
  application = sighej_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
