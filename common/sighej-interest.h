/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-error.h"

G_BEGIN_DECLS

/*
 * What a person wants to talk about, as they wrote it, made comparable (DESIGN 3, "Interests").
 * Daemon and backend both do this, and doing it twice changes nothing, so they always agree.
 * The vocabulary goes one step further and joins synonyms: see sighej-vocabulary.h.
 */

#define SIGHEJ_INTEREST_CHARS_MAX 40 /* Unicode characters, as written and as normalised */
#define SIGHEJ_INTERESTS_MAX 20      /* in one list */

/**
 * sighej_interest_normalise:
 * @text: what somebody wrote; any bytes ending in NUL
 * @error: return location
 *
 * NFKC, case-folded, white space trimmed and squeezed to one space, variation selectors
 * dropped (they choose how a sign is drawn, not which sign it is).
 *
 * Fails with %SIGHEJ_ERROR_INVALID_INTEREST when @text is not UTF-8, is longer than
 * %SIGHEJ_INTEREST_CHARS_MAX before or after, is empty after, starts with a combining mark, or
 * holds a control, format, private-use, unassigned or invisible character or a line break.
 * The message never repeats @text.
 *
 * Returns: (transfer full): the normalised text, 1 to 40 characters; idempotent
 */
char *sighej_interest_normalise (const char *text, GError **error);

/**
 * sighej_interest_list_check:
 * @texts: (array zero-terminated=1): 1 to %SIGHEJ_INTERESTS_MAX interests as written
 * @error: return location
 *
 * Normalises each and merges those that become equal; the first keeps its place.
 *
 * Fails with %SIGHEJ_ERROR_INVALID_INTEREST: none, too many (counted before the merge), or one
 * of them refused; the message says which, by its number from 1.
 *
 * Returns: (transfer full): 1 to %SIGHEJ_INTERESTS_MAX different normalised interests
 */
char **sighej_interest_list_check (const char *const *texts, GError **error);

G_END_DECLS
