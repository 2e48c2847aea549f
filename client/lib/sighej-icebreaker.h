/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Questions for each category of the vocabulary. */
#define SIGHEJ_ICEBREAKERS_EACH 3

/**
 * sighej_icebreaker_pick:
 * @cue: the meet's cue as a number (sighej_cue_from_text()); -1 when it is not known
 * @categories: (array zero-terminated) (nullable): what the two share, as Nudge1.Categories has it,
 *   in any order; unknown ones and none at all are asked as "other"
 *
 * A short question to begin a talk with, about something both like. The same for both sides of a
 * meet, as both know the same cue and the same categories. Pure.
 *
 * Returns: (transfer none): the English question, to be passed through gettext
 */
const char *sighej_icebreaker_pick (int cue, const char *const *categories);

/* All questions of a category, (array length=SIGHEJ_ICEBREAKERS_EACH); NULL when there is none of
 * that name. */
const char *const *sighej_icebreaker_get_all (const char *category);

G_END_DECLS
