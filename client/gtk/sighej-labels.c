/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-labels.h"

#include "sighej-vocabulary.h"

char **
sighej_dup_interest_labels (const char *const *interests)
{
  SighejVocabulary *vocabulary = sighej_vocabulary_get_default ();
  g_autoptr (GStrvBuilder) labels = g_strv_builder_new ();
  const char *language = g_get_language_names ()[0];

  for (guint i = 0; interests != NULL && interests[i] != NULL; i++)
    g_strv_builder_add (labels, sighej_vocabulary_get_label (vocabulary, interests[i], language));
  return g_strv_builder_end (labels);
}
