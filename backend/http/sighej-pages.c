/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-pages"

#include "config.h"

#include "sighej-pages.h"

#include <string.h>

#include "sighej-backend-resources.h"

#define RESOURCES "/org/sighej/backend/pages/"
#define AGE_MARK "{minimum_age}"
#define N_PAGES (SIGHEJ_PAGE_TERMS + 1)
#define RANGES_MAX 32 /* of Accept-Language that are looked at */

static const char *const names[N_PAGES] = { "privacy", "terms" };
static const char *const languages[] = { "en", "da" };

struct _SighejPages
{
  GBytes *own[N_PAGES]; /* (nullable): the operator's */
  GBytes *built_in[N_PAGES][G_N_ELEMENTS (languages)];
};

static gboolean
refuse (GError **error, const char *file, const char *why)
{
  g_set_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG, "page file %s: %s", file, why);
  return FALSE;
}

static gboolean
load_own (GBytes **page, const char *file, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autofree char *text = NULL;
  gsize n;

  if (file[0] == '\0')
    return TRUE;
  if (!g_file_get_contents (file, &text, &n, &cause))
    return refuse (error, file, cause->message);
  if (n > SIGHEJ_PAGE_BYTES_MAX)
    return refuse (error, file, "it is larger than 256 KiB");
  if (!g_utf8_validate (text, (gssize) n, NULL))
    return refuse (error, file, "it is not UTF-8");
  *page = g_bytes_new_take (g_steal_pointer (&text), n);
  return TRUE;
}

/* The resources are part of the program: they are there. */
static GBytes *
load_built_in (const char *name, const char *language, guint minimum_age)
{
  g_autofree char *path = g_strconcat (RESOURCES, name, ".", language, ".html", NULL);
  g_autoptr (GBytes) raw = g_resource_lookup_data (
      sighej_backend_get_resource (), path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  g_autofree char *age = g_strdup_printf ("%u", minimum_age);
  GString *text;

  g_assert (raw != NULL);
  text = g_string_new_len (g_bytes_get_data (raw, NULL), (gssize) g_bytes_get_size (raw));
  g_string_replace (text, AGE_MARK, age, 0);
  return g_string_free_to_bytes (text);
}

SighejPages *
sighej_pages_new (const char *privacy_file,
                  const char *terms_file,
                  guint minimum_age,
                  GError **error)
{
  g_autoptr (SighejPages) self = g_new0 (SighejPages, 1);

  if (!load_own (&self->own[SIGHEJ_PAGE_PRIVACY], privacy_file, error)
      || !load_own (&self->own[SIGHEJ_PAGE_TERMS], terms_file, error))
    return NULL;
  for (gsize page = 0; page < N_PAGES; page++)
    for (gsize i = 0; i < G_N_ELEMENTS (languages); i++)
      self->built_in[page][i] = load_built_in (names[page], languages[i], minimum_age);
  return g_steal_pointer (&self);
}

void
sighej_pages_free (SighejPages *self)
{
  for (gsize page = 0; page < N_PAGES; page++)
    {
      g_clear_pointer (&self->own[page], g_bytes_unref);
      for (gsize i = 0; i < G_N_ELEMENTS (languages); i++)
        g_clear_pointer (&self->built_in[page][i], g_bytes_unref);
    }
  g_free (self);
}

/* "da", "da-DK" -> 1; "en…" -> 0; else -1. */
static int
find_language (const char *range)
{
  for (gsize i = 0; i < G_N_ELEMENTS (languages); i++)
    {
      gsize n = strlen (languages[i]);

      if (g_ascii_strncasecmp (range, languages[i], n) == 0
          && (range[n] == '\0' || range[n] == '-'))
        return (int) i;
    }
  return -1;
}

/* Cuts ";q=0.5" off @range and gives its value, 1 when there is none. */
static double
take_quality (char *range)
{
  char *parameter = strchr (range, ';');

  if (parameter == NULL)
    return 1;
  *parameter++ = '\0';
  g_strchomp (range);
  g_strchug (parameter);
  return g_str_has_prefix (parameter, "q=") ? g_ascii_strtod (parameter + 2, NULL) : 1;
}

static gsize
choose_language (const char *accept_language)
{
  g_auto (GStrv) ranges
      = g_strsplit (accept_language != NULL ? accept_language : "", ",", RANGES_MAX);
  double best_quality = 0;
  gsize best = 0;

  for (gsize i = 0; ranges[i] != NULL; i++)
    {
      double quality = take_quality (g_strstrip (ranges[i]));
      int found = find_language (ranges[i]);

      if (found >= 0 && quality > best_quality)
        {
          best = (gsize) found;
          best_quality = quality;
        }
    }
  return best;
}

const char *
sighej_pages_choose_language (const char *accept_language)
{
  return languages[choose_language (accept_language)];
}

GBytes *
sighej_pages_get (SighejPages *self,
                  SighejPage page,
                  const char *accept_language,
                  const char **language)
{
  gsize chosen = choose_language (accept_language);

  *language = NULL;
  if (self->own[page] != NULL)
    return self->own[page];
  *language = languages[chosen];
  return self->built_in[page][chosen];
}
