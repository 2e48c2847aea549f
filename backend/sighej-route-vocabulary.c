/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-route-vocabulary"

#include "config.h"

#include <string.h>

#include "sighej-routes.h"

/* RFC 9110 section 13.1.2: a list of tags, weak ones compare as strong; or "*". */
static gboolean
header_holds_tag (const char *header, const char *tag)
{
  g_auto (GStrv) items = g_strsplit (header, ",", -1);

  for (gsize i = 0; items[i] != NULL; i++)
    {
      const char *item = g_strstrip (items[i]);

      if (g_str_has_prefix (item, "W/"))
        item += strlen ("W/");
      if (strcmp (item, tag) == 0 || strcmp (item, "*") == 0)
        return TRUE;
    }
  return FALSE;
}

void
sighej_route_vocabulary (SighejExchange *exchange, SighejParts *parts)
{
  const char *known = sighej_exchange_get_header (exchange, "If-None-Match");
  g_autofree char *tag
      = g_strdup_printf ("\"%s\"", sighej_vocabulary_get_version (parts->vocabulary));

  sighej_exchange_set_header (exchange, "ETag", tag);
  sighej_exchange_set_header (exchange, "Cache-Control", "no-cache");
  if (known != NULL && header_holds_tag (known, tag))
    sighej_exchange_answer_empty (exchange, SOUP_STATUS_NOT_MODIFIED);
  else
    sighej_exchange_answer_bytes (exchange,
                                  SOUP_STATUS_OK,
                                  "application/json",
                                  sighej_vocabulary_get_json (parts->vocabulary));
}
