/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The gettext domain of every client, and of the daemon where it speaks to people itself. */
#define SIGHEJ_GETTEXT_DOMAIN "sighej"

/**
 * sighej_locale_init:
 *
 * To be called first in main (): takes the locale of the environment and finds the translations, in
 * the folder $SIGHEJ_LOCALE_DIR names, else where they are installed. An unknown locale counts as
 * C. A .c file with texts for people includes <glib/gi18n.h>, and config.h before it.
 */
void sighej_locale_init (void);

G_END_DECLS
