/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * The bookkeeping of a list of interests that a person changes one by one: what a change makes of
 * it, or why it cannot be. Lists are as the daemon keeps them: identifiers of the vocabulary or
 * free text, 1 to SIGHEJ_INTERESTS_MAX of them (sighej-interest.h).
 */

/**
 * SighejChipsProblem:
 * @SIGHEJ_CHIPS_FINE: it can be done
 * @SIGHEJ_CHIPS_EMPTY: nothing but white space
 * @SIGHEJ_CHIPS_TOO_LONG: more than SIGHEJ_INTEREST_CHARS_MAX characters
 * @SIGHEJ_CHIPS_NO_TEXT: a character that is not for reading
 * @SIGHEJ_CHIPS_ALREADY: it is there, perhaps by another word
 * @SIGHEJ_CHIPS_FULL: SIGHEJ_INTERESTS_MAX are there
 * @SIGHEJ_CHIPS_LAST: it is the only one
 */
typedef enum
{
  SIGHEJ_CHIPS_FINE,
  SIGHEJ_CHIPS_EMPTY,
  SIGHEJ_CHIPS_TOO_LONG,
  SIGHEJ_CHIPS_NO_TEXT,
  SIGHEJ_CHIPS_ALREADY,
  SIGHEJ_CHIPS_FULL,
  SIGHEJ_CHIPS_LAST,
} SighejChipsProblem;

/**
 * sighej_chips_check:
 * @interests: those there are
 * @text: one more, as somebody wrote it
 *
 * Returns: why sighej_chips_insert() would refuse
 */
SighejChipsProblem sighej_chips_check (const char *const *interests, const char *text);

/**
 * sighej_chips_insert:
 * @interests: those there are
 * @text: one more, as somebody wrote it
 * @position: how many go before it; beyond the end means there
 * @problem: (out): why not; FINE
 *
 * A word of the vocabulary, or of its synonyms, becomes its identifier; free text is stripped.
 *
 * Returns: (transfer full) (nullable): the new list; NULL when @problem says so
 */
char **sighej_chips_insert (const char *const *interests,
                            const char *text,
                            guint position,
                            SighejChipsProblem *problem);

/**
 * sighej_chips_remove:
 * @interests: those there are
 * @position: of the one to leave out; below their number
 * @problem: (out): why not; FINE
 *
 * Returns: (transfer full) (nullable): the new list; NULL when @problem says so
 */
char **
sighej_chips_remove (const char *const *interests, guint position, SighejChipsProblem *problem);

/* What to read for one: its label in @language ("da"; NULL: English), or the text. (transfer full)
 */
char *sighej_chips_dup_label (const char *interest, const char *language);

/* A sentence in the person's language; "" for FINE. */
const char *sighej_chips_problem_to_sentence (SighejChipsProblem problem);

G_END_DECLS
