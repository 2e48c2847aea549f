/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-chips.h"

#include <glib/gi18n.h>

#include "sighej-vocabulary.h"

/* The id two spellings of one interest have in common; NULL: it is none. (transfer full) */
static char *
dup_id (const char *text)
{
  return sighej_vocabulary_resolve (sighej_vocabulary_get_default (), text, NULL);
}

static SighejChipsProblem
check_text (const char *text)
{
  g_autofree char *stripped = g_strstrip (g_strdup (text));
  g_autofree char *id = NULL;

  if (*stripped == '\0')
    return SIGHEJ_CHIPS_EMPTY;
  if (g_utf8_validate (stripped, -1, NULL)
      && g_utf8_strlen (stripped, -1) > SIGHEJ_INTEREST_CHARS_MAX)
    return SIGHEJ_CHIPS_TOO_LONG;
  id = dup_id (stripped);
  return id != NULL ? SIGHEJ_CHIPS_FINE : SIGHEJ_CHIPS_NO_TEXT;
}

static gboolean
contains (const char *const *interests, const char *text)
{
  g_autofree char *wanted = dup_id (text);

  for (guint i = 0; interests[i] != NULL; i++)
    {
      g_autofree char *id = dup_id (interests[i]);

      if (g_strcmp0 (id, wanted) == 0)
        return TRUE;
    }
  return FALSE;
}

SighejChipsProblem
sighej_chips_check (const char *const *interests, const char *text)
{
  SighejChipsProblem problem = check_text (text);

  if (problem != SIGHEJ_CHIPS_FINE)
    return problem;
  if (contains (interests, text))
    return SIGHEJ_CHIPS_ALREADY;
  return g_strv_length ((char **) interests) >= SIGHEJ_INTERESTS_MAX ? SIGHEJ_CHIPS_FULL
                                                                     : SIGHEJ_CHIPS_FINE;
}

/* What is sent to the daemon: an id where there is one, else what was written. */
static char *
dup_kept (const char *text)
{
  g_autofree char *id = dup_id (text);

  if (sighej_vocabulary_get_label (sighej_vocabulary_get_default (), id, NULL) != id)
    return g_steal_pointer (&id);
  return g_strstrip (g_strdup (text));
}

char **
sighej_chips_insert (const char *const *interests,
                     const char *text,
                     guint position,
                     SighejChipsProblem *problem)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new ();

  *problem = sighej_chips_check (interests, text);
  if (*problem != SIGHEJ_CHIPS_FINE)
    return NULL;

  for (guint i = 0; interests[i] != NULL; i++)
    g_ptr_array_add (all, g_strdup (interests[i]));
  g_ptr_array_insert (all, (int) MIN (position, all->len), dup_kept (text));
  g_ptr_array_add (all, NULL);
  return (char **) g_ptr_array_steal (all, NULL);
}

char **
sighej_chips_remove (const char *const *interests, guint position, SighejChipsProblem *problem)
{
  g_autoptr (GStrvBuilder) rest = g_strv_builder_new ();

  *problem = interests[0] == NULL || interests[1] == NULL ? SIGHEJ_CHIPS_LAST : SIGHEJ_CHIPS_FINE;
  if (*problem != SIGHEJ_CHIPS_FINE)
    return NULL;

  for (guint i = 0; interests[i] != NULL; i++)
    if (i != position)
      g_strv_builder_add (rest, interests[i]);
  return g_strv_builder_end (rest);
}

char *
sighej_chips_dup_label (const char *interest, const char *language)
{
  g_autofree char *id = dup_id (interest);
  const char *label;

  if (id == NULL)
    return g_strdup (interest);

  label = sighej_vocabulary_get_label (sighej_vocabulary_get_default (), id, language);
  /* Free text reads as it was written, not as it is compared. */
  return g_strdup (label == id ? interest : label);
}

const char *
sighej_chips_problem_to_sentence (SighejChipsProblem problem)
{
  switch (problem)
    {
    case SIGHEJ_CHIPS_EMPTY:
      return _ ("Write a word or two first.");
    case SIGHEJ_CHIPS_TOO_LONG:
      return _ ("An interest has at most 40 characters. Say it shorter.");
    case SIGHEJ_CHIPS_NO_TEXT:
      return _ ("There is a character in it that nobody can read.");
    case SIGHEJ_CHIPS_ALREADY:
      return _ ("That one is on your list already.");
    case SIGHEJ_CHIPS_FULL:
      return _ ("You have 20 interests, and that is as many as there can be. Remove one first.");
    case SIGHEJ_CHIPS_LAST:
      return _ ("One interest has to stay. Add another one first.");
    case SIGHEJ_CHIPS_FINE:
    default:
      return "";
    }
}
