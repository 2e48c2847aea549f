/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * A word as people find it, not as they spell it: no accents, no apostrophes, æ, ø, å as ae, oe,
 * aa, and hyphens, dashes and underscores as spaces. The functions below step over separators, so
 * "board games", "board-games" and "boardgames" are one word. Only for looking up, never shown.
 */

/* @normal: from sighej_interest_normalise(). Returns: (transfer full): may hold only separators */
char *sighej_loose_word_dup (const char *normal);

/* Space and hyphen: the one a loose word has, and the one an id has in its place. */
gboolean sighej_loose_word_is_separator (char c);

/**
 * sighej_loose_word_starts_with:
 * @word: a loose word, the rest of one, or an id
 * @beginning: likewise
 * @rest: (out): what @word goes on with after @beginning, its separators skipped
 *
 * Returns: whether @word starts with @beginning; every word starts with an empty one
 */
gboolean sighej_loose_word_starts_with (const char *word, const char *beginning, const char **rest);

/* For hash tables whose keys are loose words; an id may be looked up as it is. */
guint sighej_loose_word_hash (gconstpointer word);
gboolean sighej_loose_word_equal (gconstpointer a, gconstpointer b);

G_END_DECLS
