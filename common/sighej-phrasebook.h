/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * The texts the daemon writes in English, in errors and for the doctor, as clients know them again:
 * a D-Bus error has a name of its own only where a program has to tell it from others. A text with
 * figures or names in it is known by what stands between them. A check in tests/checks holds every
 * line to the source of the daemon.
 */

/**
 * sighej_phrasebook_translate:
 * @english: as the daemon wrote it
 *
 * Returns: (transfer full): the same in the language of the locale; @english itself when it is not
 *   known or that language is English
 */
char *sighej_phrasebook_translate (const char *english);

G_END_DECLS
