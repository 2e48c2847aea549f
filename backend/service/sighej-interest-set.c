/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-interest-set"

#include "config.h"

#include "sighej-interest-set.h"

#include "sighej-crypto.h"

#define CATEGORY_BITS 64

void
sighej_interest_set_wipe_words (GStrv words)
{
  for (guint i = 0; words != NULL && words[i] != NULL; i++)
    sighej_wipe_free_string (words[i]);
  g_free (words);
}

void
sighej_interest_set_free (SighejInterestSet *self)
{
  sighej_interest_set_wipe_words (self->labels);
  sighej_interest_set_wipe_words (self->canonical);
  g_free (self);
}

/* g_strstrip() knows only the white space of ASCII. */
static char *
dup_trimmed (const char *text)
{
  const char *end = text + strlen (text);

  while (*text != '\0' && g_unichar_isspace (g_utf8_get_char (text)))
    text = g_utf8_next_char (text);
  while (end > text && g_unichar_isspace (g_utf8_get_char (g_utf8_prev_char (end))))
    end = g_utf8_prev_char (end);
  return g_strndup (text, (gsize) (end - text));
}

static guint64
category_bit (SighejVocabulary *vocabulary, const char *canonical)
{
  const char *category = sighej_vocabulary_get_category (vocabulary, canonical);
  guint n_categories = MIN (sighej_vocabulary_get_n_categories (vocabulary), CATEGORY_BITS);

  for (guint i = 0; i < n_categories; i++)
    if (g_str_equal (sighej_vocabulary_get_nth_category (vocabulary, i), category))
      return G_GUINT64_CONSTANT (1) << i;
  return 0;
}

static gboolean
take (SighejInterestSet *self, SighejVocabulary *vocabulary, const char *text, GError **error)
{
  char *canonical = sighej_vocabulary_resolve (vocabulary, text, error);

  if (canonical == NULL)
    return FALSE;
  if (g_strv_contains ((const char *const *) self->canonical, canonical))
    {
      sighej_wipe_free_string (canonical);
      return TRUE;
    }

  self->categories |= category_bit (vocabulary, canonical);
  self->canonical[self->n] = canonical;
  self->labels[self->n] = dup_trimmed (text);
  self->n++;
  return TRUE;
}

SighejInterestSet *
sighej_interest_set_new (SighejVocabulary *vocabulary, const char *const *texts, GError **error)
{
  g_autoptr (SighejInterestSet) self = g_new0 (SighejInterestSet, 1);
  guint n_texts = g_strv_length ((GStrv) texts);

  if (n_texts < 1 || n_texts > SIGHEJ_INTERESTS_MAX)
    {
      g_set_error (error,
                   SIGHEJ_ERROR,
                   SIGHEJ_ERROR_INVALID_INTEREST,
                   "give 1 to %d interests",
                   SIGHEJ_INTERESTS_MAX);
      return NULL;
    }

  self->labels = g_new0 (char *, n_texts + 1);
  self->canonical = g_new0 (char *, n_texts + 1);
  for (guint i = 0; i < n_texts; i++)
    if (!take (self, vocabulary, texts[i], error))
      {
        g_prefix_error (error, "interest %u: ", i + 1);
        return NULL;
      }
  return g_steal_pointer (&self);
}

const char **
sighej_interest_set_dup_categories (SighejVocabulary *vocabulary, guint64 bits)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();

  for (guint i = 0; i < CATEGORY_BITS; i++)
    if ((bits >> i & 1) != 0 && i < sighej_vocabulary_get_n_categories (vocabulary))
      g_ptr_array_add (ids, (gpointer) sighej_vocabulary_get_nth_category (vocabulary, i));
  g_ptr_array_add (ids, NULL);
  return (const char **) g_ptr_array_steal (ids, NULL);
}
