/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Two people who meet know no names. The backend draws numbers for them: a handle each, and a
 * cue both look for ("Blue Heron"). A number has the same meaning in every language; the words are
 * each person's own. So is a spot: a place where people find each other.
 *
 * A language is a tag or a locale ("da", "da-DK", "da_DK.UTF-8"); other than Danish is English.
 */

#define SIGHEJ_HANDLE_ADJECTIVES 48
#define SIGHEJ_HANDLE_ANIMALS 48
#define SIGHEJ_HANDLES (SIGHEJ_HANDLE_ADJECTIVES * SIGHEJ_HANDLE_ANIMALS)
#define SIGHEJ_SPOTS 8

/* "Blue Heron", "Blå Hejre": no two numbers have the same. @handle below SIGHEJ_HANDLES.
 * Returns: (transfer full) (nullable): NULL for a number this version does not know */
char *sighej_handle_to_text (guint handle, const char *language);

/* All of them, by their numbers. Returns: (array zero-terminated) (transfer none): for good */
const char *const *sighej_spots_get (const char *language);
/* "coffee machine", "kaffemaskinen". (nullable): NULL when @spot is none of them */
const char *sighej_spot_to_text (int spot, const char *language);

/* Either language, upper or lower case. Returns: the spot, -1 when it is none */
int sighej_spot_from_text (const char *text);

G_END_DECLS
