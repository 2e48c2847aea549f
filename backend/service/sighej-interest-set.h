/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-vocabulary.h"

G_BEGIN_DECLS

/**
 * SighejInterestSet:
 * @n: 1 to %SIGHEJ_INTERESTS_MAX
 * @labels: as the person wrote them, trimmed
 * @canonical: what is matched: the vocabulary's id, else the normalised text; all different
 * @categories: bit i: one of them is in category i of the vocabulary
 *
 * The interests of a request, made ready. Personal: wiped when freed, never kept.
 */
typedef struct
{
  guint n;
  GStrv labels;
  GStrv canonical;
  guint64 categories;
} SighejInterestSet;

/**
 * sighej_interest_set_new:
 * @texts: (array zero-terminated=1): as sent
 *
 * Two that mean the same are one; the words that came first stay.
 *
 * Errors: SIGHEJ_ERROR_INVALID_INTEREST, which says the number of the interest, never its text.
 */
SighejInterestSet *
sighej_interest_set_new (SighejVocabulary *vocabulary, const char *const *texts, GError **error);
void sighej_interest_set_free (SighejInterestSet *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejInterestSet, sighej_interest_set_free)

/* (transfer container): the ids of the categories in @bits, NULL at the end */
const char **sighej_interest_set_dup_categories (SighejVocabulary *vocabulary, guint64 bits);

/* Wipes and frees a list of personal words; NULL is fine. */
void sighej_interest_set_wipe_words (GStrv words);

G_END_DECLS
