/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-loose-word"

#include "config.h"

#include "sighej-loose-word.h"

/* What stands for @c; NULL: @c itself. */
static const char *
loose_character (gunichar c)
{
  switch (c)
    {
    case 0x00E6: /* æ */
      return "ae";
    case 0x00F8: /* ø */
      return "oe";
    case 0x00E5: /* å */
      return "aa";
    case '\'':
    case 0x2019: /* right single quotation mark */
      return "";
    case '_':
      return " ";
    default:
      return g_unichar_type (c) == G_UNICODE_DASH_PUNCTUATION ? " " : NULL;
    }
}

/* The marks of Latin, Greek and Cyrillic; those of other scripts make another letter. */
static gboolean
is_accent (gunichar c)
{
  return c >= 0x0300 && c <= 0x036F;
}

char *
sighej_loose_word_dup (const char *normal)
{
  g_autoptr (GString) plain = g_string_new (NULL);
  g_autoptr (GString) loose = g_string_new (NULL);
  g_autofree char *apart = NULL;

  for (const char *p = normal; *p != '\0'; p = g_utf8_next_char (p))
    {
      const char *other = loose_character (g_utf8_get_char (p));

      if (other != NULL)
        g_string_append (plain, other);
      else
        g_string_append_unichar (plain, g_utf8_get_char (p));
    }

  /* letter and accent apart, the accent left out */
  apart = g_utf8_normalize (plain->str, plain->len, G_NORMALIZE_DEFAULT);
  for (const char *p = apart; *p != '\0'; p = g_utf8_next_char (p))
    {
      if (!is_accent (g_utf8_get_char (p)))
        g_string_append_unichar (loose, g_utf8_get_char (p));
    }
  return g_string_free (g_steal_pointer (&loose), FALSE);
}

gboolean
sighej_loose_word_is_separator (char c)
{
  return c == ' ' || c == '-';
}

gboolean
sighej_loose_word_starts_with (const char *word, const char *beginning, const char **rest)
{
  for (;;)
    {
      while (sighej_loose_word_is_separator (*word))
        word++;
      while (sighej_loose_word_is_separator (*beginning))
        beginning++;
      if (*beginning == '\0')
        {
          *rest = word;
          return TRUE;
        }
      if (*word != *beginning)
        return FALSE;
      word++;
      beginning++;
    }
}

guint
sighej_loose_word_hash (gconstpointer word)
{
  guint32 hash = 5381;

  for (const char *p = word; *p != '\0'; p++)
    {
      if (!sighej_loose_word_is_separator (*p))
        hash = hash * 33 + (guchar) *p;
    }
  return hash;
}

gboolean
sighej_loose_word_equal (gconstpointer a, gconstpointer b)
{
  const char *rest;

  return sighej_loose_word_starts_with (a, b, &rest) && *rest == '\0';
}
