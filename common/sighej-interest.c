/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-interest"

#include "config.h"

#include "sighej-interest.h"

/* An interest ends up on somebody else's screen: nothing in it may be invisible, steer the
 * direction of the text, break the line or drive a terminal. */
#define REFUSED_TYPES                                                                              \
  ((1u << G_UNICODE_CONTROL) | (1u << G_UNICODE_FORMAT) | (1u << G_UNICODE_UNASSIGNED)             \
   | (1u << G_UNICODE_PRIVATE_USE) | (1u << G_UNICODE_SURROGATE)                                   \
   | (1u << G_UNICODE_LINE_SEPARATOR) | (1u << G_UNICODE_PARAGRAPH_SEPARATOR))

/* Letters and marks by their type, but drawn as nothing. */
static const gunichar invisible[] = {
  0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0,
};

static gboolean
is_variation_selector (gunichar c)
{
  return (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xE0100 && c <= 0xE01EF)
         || (c >= 0x180B && c <= 0x180D) || c == 0x180F;
}

static gboolean
is_refused (gunichar c)
{
  if ((1u << g_unichar_type (c)) & REFUSED_TYPES)
    return TRUE;

  for (gsize i = 0; i < G_N_ELEMENTS (invisible); i++)
    {
      if (c == invisible[i])
        return TRUE;
    }
  return FALSE;
}

static gboolean
check_length (const char *text, GError **error)
{
  glong n_chars = g_utf8_strlen (text, -1);

  if (n_chars == 0)
    {
      g_set_error_literal (error,
                           SIGHEJ_ERROR,
                           SIGHEJ_ERROR_INVALID_INTEREST,
                           "an interest has at least one character");
      return FALSE;
    }
  if (n_chars > SIGHEJ_INTEREST_CHARS_MAX)
    {
      g_set_error (error,
                   SIGHEJ_ERROR,
                   SIGHEJ_ERROR_INVALID_INTEREST,
                   "an interest has at most %d characters",
                   SIGHEJ_INTEREST_CHARS_MAX);
      return FALSE;
    }
  return TRUE;
}

/* The allowed characters of @text without variation selectors; NULL when one is refused. The
 * selectors go first: left out later, they could leave characters that NFKC joins. */
static char *
dup_allowed (const char *text, GError **error)
{
  g_autoptr (GString) allowed = g_string_new (NULL);

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (is_variation_selector (c))
        continue;
      if (is_refused (c))
        {
          g_set_error_literal (error,
                               SIGHEJ_ERROR,
                               SIGHEJ_ERROR_INVALID_INTEREST,
                               "an interest holds no control, invisible or unknown characters");
          return NULL;
        }
      g_string_append_unichar (allowed, c);
    }
  return g_string_free (g_steal_pointer (&allowed), FALSE);
}

/* NFKC and case folding disturb each other; after two rounds both hold (Unicode, section 3.13,
 * definition D146), which a test checks for every character there is. */
static char *
dup_folded (const char *text)
{
  g_autofree char *composed = g_utf8_normalize (text, -1, G_NORMALIZE_ALL_COMPOSE);

  /* The text is UTF-8, so nothing but memory can be wanting: an end as GLib's own (F-13). */
  g_assert (composed != NULL);
  for (int round = 0; round < 2; round++)
    {
      g_autofree char *folded = g_utf8_casefold (composed, -1);

      g_free (composed);
      composed = g_utf8_normalize (folded, -1, G_NORMALIZE_ALL_COMPOSE);
      g_assert (composed != NULL);
    }
  return g_steal_pointer (&composed);
}

static char *
dup_squeezed (const char *text)
{
  g_autoptr (GString) squeezed = g_string_new (NULL);
  gboolean space_wanted = FALSE;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (g_unichar_isspace (c))
        {
          space_wanted = squeezed->len > 0;
          continue;
        }
      if (space_wanted)
        g_string_append_c (squeezed, ' ');
      space_wanted = FALSE;
      g_string_append_unichar (squeezed, c);
    }
  return g_string_free (g_steal_pointer (&squeezed), FALSE);
}

char *
sighej_interest_normalise (const char *text, GError **error)
{
  g_autofree char *allowed = NULL;
  g_autofree char *folded = NULL;
  g_autofree char *squeezed = NULL;

  g_return_val_if_fail (text != NULL, NULL);

  if (!g_utf8_validate (text, -1, NULL))
    {
      g_set_error_literal (
          error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_INTEREST, "an interest is written in UTF-8");
      return NULL;
    }
  if (!check_length (text, error))
    return NULL;

  allowed = dup_allowed (text, error);
  if (allowed == NULL)
    return NULL;

  folded = dup_folded (allowed);
  squeezed = dup_squeezed (folded);
  if (!check_length (squeezed, error))
    return NULL;

  /* It would sit on whatever stands before it on the screen. */
  if (g_unichar_ismark (g_utf8_get_char (squeezed)))
    {
      g_set_error_literal (error,
                           SIGHEJ_ERROR,
                           SIGHEJ_ERROR_INVALID_INTEREST,
                           "an interest does not start with a combining mark");
      return NULL;
    }
  return g_steal_pointer (&squeezed);
}

char **
sighej_interest_list_check (const char *const *texts, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (g_free);
  guint n_texts;

  g_return_val_if_fail (texts != NULL, NULL);

  n_texts = g_strv_length ((char **) texts);
  if (n_texts == 0 || n_texts > SIGHEJ_INTERESTS_MAX)
    {
      g_set_error (error,
                   SIGHEJ_ERROR,
                   SIGHEJ_ERROR_INVALID_INTEREST,
                   "choose 1 to %d interests, not %u",
                   SIGHEJ_INTERESTS_MAX,
                   n_texts);
      return NULL;
    }

  for (guint i = 0; i < n_texts; i++)
    {
      g_autofree char *interest = sighej_interest_normalise (texts[i], error);

      if (interest == NULL)
        {
          g_prefix_error (error, "interest %u: ", i + 1);
          return NULL;
        }
      if (!g_ptr_array_find_with_equal_func (list, interest, g_str_equal, NULL))
        g_ptr_array_add (list, g_steal_pointer (&interest));
    }

  g_ptr_array_add (list, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&list), FALSE);
}
