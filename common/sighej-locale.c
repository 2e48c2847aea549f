/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-locale.h"

#include <libintl.h>

#include "sighej-names.h"

/* The person's, when the program's own is another; kept as long as the program runs. */
static locale_t apart;

void
sighej_locale_init (void)
{
  const char *folder = g_getenv (SIGHEJ_ENV_LOCALE_DIR);

  setlocale (LC_ALL, "");
  bindtextdomain (SIGHEJ_GETTEXT_DOMAIN,
                  folder != NULL && *folder != '\0' ? folder : SIGHEJ_LOCALE_DIR);
  bind_textdomain_codeset (SIGHEJ_GETTEXT_DOMAIN, "UTF-8");
  textdomain (SIGHEJ_GETTEXT_DOMAIN);
}

void
sighej_locale_init_apart (void)
{
  sighej_locale_init ();
  apart = newlocale (LC_ALL_MASK, "", (locale_t) 0);
  setlocale (LC_MESSAGES, "C");
}

SighejLocaleScope
sighej_locale_enter (void)
{
  SighejLocaleScope scope = { (locale_t) 0 };

  if (apart != (locale_t) 0)
    scope.before = uselocale (apart);
  return scope;
}

void
sighej_locale_leave (SighejLocaleScope *scope)
{
  if (scope->before != (locale_t) 0)
    uselocale (scope->before);
}
