/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "fuzz.h"
#include "sighej-error.h"
#include "sighej-redis-url.h"

static void
check_bounds (const SighejRedisUrl *url)
{
  g_assert_cmpuint (url->n_places, >=, 1);
  g_assert_cmpuint (url->n_places, <=, SIGHEJ_REDIS_PLACES_MAX);
  g_assert_cmpuint (url->database, <=, SIGHEJ_REDIS_DATABASE_MAX);
  for (guint i = 0; i < url->n_places; i++)
    g_assert_true ((url->places[i].path != NULL) != (url->places[i].host != NULL));
  g_assert_true (url->user == NULL || url->password != NULL);
}

/* An error, or a URL whose shown form reads as the same but for the password. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  g_autofree char *text = g_strndup ((const char *) data, n_bytes);
  g_autoptr (GError) error = NULL;
  g_autoptr (SighejRedisUrl) url = sighej_redis_url_parse (text, &error);
  g_autoptr (SighejRedisUrl) again = NULL;
  g_autofree char *shown = NULL;
  g_autofree char *shown_again = NULL;

  if (url == NULL)
    {
      g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }
  check_bounds (url);
  shown = sighej_redis_url_to_text (url);
  again = sighej_redis_url_parse (shown, NULL);
  g_assert_nonnull (again);
  shown_again = sighej_redis_url_to_text (again);
  g_assert_cmpstr (shown_again, ==, shown);
  g_assert_cmpstr (again->password, ==, url->password != NULL ? "***" : NULL);
  return 0;
}
