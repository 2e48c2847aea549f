/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-interest.h"

G_BEGIN_DECLS

/*
 * The words people meet by. Somebody writes "Brætspil", somebody else "boardgames"; both resolve
 * to the id "board-games", are matched by it, and each reads the label of their own language.
 * What is in no line of the vocabulary stays what it was: its normalised text is its id and its
 * label, and its category is "other".
 *
 * Two words are one when they differ only in case, accents, spaces, hyphens, underscores or
 * apostrophes, or write æ, ø, å as ae, oe, aa.
 */

#define SIGHEJ_TYPE_VOCABULARY (sighej_vocabulary_get_type ())
G_DECLARE_FINAL_TYPE (SighejVocabulary, sighej_vocabulary, SIGHEJ, VOCABULARY, GObject)

#define SIGHEJ_VOCABULARY_CATEGORY_OTHER "other"
#define SIGHEJ_VOCABULARY_BYTES_MAX (1024 * 1024) /* of each of the two files */
#define SIGHEJ_VOCABULARY_HITS_MAX 50             /* answers of one search */

/**
 * SighejVocabularyHit:
 * @id: what to pass to SetInterests
 * @label: in the language of the search
 * @category: id of the category
 *
 * One answer of a search. The strings belong to the vocabulary and live as long as it does.
 */
typedef struct
{
  const char *id;
  const char *label;
  const char *category;
} SighejVocabularyHit;

/**
 * sighej_vocabulary_new_from_bytes:
 * @interests: text of an interests.tsv; its header explains the columns
 * @categories: text of a categories.tsv
 * @error: return location
 *
 * Fails with %SIGHEJ_ERROR_CONFIG, naming file, line and column (both from 1; a column is what
 * stands between two tabs): not UTF-8, too large, a column missing or one too many, an id
 * malformed or used twice, an unknown category, a label or synonym that is no valid interest,
 * a word that leads to two interests, no category "other".
 *
 * Returns: (transfer full): an immutable vocabulary
 */
SighejVocabulary *
sighej_vocabulary_new_from_bytes (GBytes *interests, GBytes *categories, GError **error);

/**
 * sighej_vocabulary_get_default:
 *
 * The vocabulary built into the program, read on the first call. Any thread.
 *
 * Returns: (transfer none): lives until the program ends
 */
SighejVocabulary *sighej_vocabulary_get_default (void);

/**
 * sighej_vocabulary_resolve:
 * @text: an interest as somebody wrote it
 * @error: return location
 *
 * Fails like sighej_interest_normalise().
 *
 * Returns: (transfer full): the id of the interest @text is a word for, else the normalised
 *   @text; resolving the answer again gives the same
 */
char *sighej_vocabulary_resolve (SighejVocabulary *self, const char *text, GError **error);

/**
 * sighej_vocabulary_resolve_list:
 * @texts: (array zero-terminated=1): 1 to %SIGHEJ_INTERESTS_MAX interests as written
 * @error: return location
 *
 * Fails like sighej_interest_list_check().
 *
 * Returns: (transfer full): their ids in the order of @texts, synonyms of each other merged
 */
char **
sighej_vocabulary_resolve_list (SighejVocabulary *self, const char *const *texts, GError **error);

/* Returns: (transfer none): the category's id; "other" when @id is no id of the vocabulary. */
const char *sighej_vocabulary_get_category (SighejVocabulary *self, const char *id);

/* How many categories there are, and their ids (transfer none) in the order of the file. */
guint sighej_vocabulary_get_n_categories (SighejVocabulary *self);
const char *sighej_vocabulary_get_nth_category (SighejVocabulary *self, guint i);

/**
 * sighej_vocabulary_get_label:
 * @id: an id, or any resolved text
 * @language: (nullable): "da" or a locale such as "da_DK.UTF-8"; all else reads English
 *
 * Returns: (transfer none): the label, or @id itself when it is no id of the vocabulary
 */
const char *
sighej_vocabulary_get_label (SighejVocabulary *self, const char *id, const char *language);

/**
 * sighej_vocabulary_get_category_label:
 * @category: the id of a category
 * @language: (nullable): as for sighej_vocabulary_get_label()
 *
 * Returns: (transfer none): the label, or @category itself when there is none of this id
 */
const char *sighej_vocabulary_get_category_label (SighejVocabulary *self,
                                                  const char *category,
                                                  const char *language);

/**
 * sighej_vocabulary_search:
 * @query: what was typed so far; blank (or nothing but hyphens) lists by label
 * @language: (nullable): language of the labels, as for sighej_vocabulary_get_label()
 * @limit: 1 to %SIGHEJ_VOCABULARY_HITS_MAX; 0 and more than that mean that
 * @error: return location
 *
 * Looks in ids, the labels of all languages and synonyms. Best first: the whole word, its
 * beginning, the beginning of a word in it, anywhere in it; among equals the label that is
 * shown goes before other words for it, then by label.
 *
 * Fails like sighej_interest_normalise(), for a @query that could be no interest.
 *
 * Returns: (transfer full) (element-type SighejVocabularyHit): possibly empty
 */
GArray *sighej_vocabulary_search (
    SighejVocabulary *self, const char *query, const char *language, guint limit, GError **error);

/**
 * sighej_vocabulary_get_json:
 *
 * The whole vocabulary for `GET /api/v1/vocabulary`, built on the first call:
 * `{"version":…,"categories":[{"id","en","da"}],"interests":[{"id","category","en","da",
 * "synonyms":[…]}]}`. The version is 16 hex digits that change whenever the vocabulary does.
 *
 * Returns: (transfer none): UTF-8, no NUL at the end
 */
GBytes *sighej_vocabulary_get_json (SighejVocabulary *self);

/* Returns: (transfer none): the version above, good for an ETag. */
const char *sighej_vocabulary_get_version (SighejVocabulary *self);

G_END_DECLS
