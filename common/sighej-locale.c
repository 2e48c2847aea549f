/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-locale.h"

#include <libintl.h>
#include <locale.h>

#include "sighej-names.h"

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
