/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>
#include <locale.h>

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

/**
 * sighej_locale_init_apart:
 *
 * The same for a program that programs talk to: what libraries say goes into errors and records
 * that are the same in every locale, so everything is English but inside a SighejLocaleScope.
 */
void sighej_locale_init_apart (void);

/**
 * SighejLocaleScope:
 * @before: the locale of the thread before it; NULL when there is nothing to go back to
 *
 * As long as it is there, texts are in the person's language:
 *
 *   g_auto (SighejLocaleScope) scope G_GNUC_UNUSED = sighej_locale_enter ();
 *
 * It changes nothing after sighej_locale_init(), and may be inside another one.
 */
typedef struct
{
  locale_t before;
} SighejLocaleScope;

SighejLocaleScope sighej_locale_enter (void);
void sighej_locale_leave (SighejLocaleScope *scope);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SighejLocaleScope, sighej_locale_leave)

G_END_DECLS
