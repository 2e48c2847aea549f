/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-json"

#include "config.h"

#include "sighej-json.h"

JsonNode *
sighej_json_parse_object (const char *data, gsize n_bytes, GError **error)
{
  g_autoptr (JsonParser) parser = NULL;
  g_autoptr (JsonNode) root = NULL;

  if (!sighej_json_scan (data, n_bytes, error))
    return NULL;

  parser = json_parser_new ();
  if (!json_parser_load_from_data (parser, data, (gssize) n_bytes, NULL))
    {
      g_set_error_literal (
          error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_REQUEST, "not acceptable JSON");
      return NULL;
    }

  root = json_parser_steal_root (parser);
  if (!JSON_NODE_HOLDS_OBJECT (root))
    {
      g_set_error_literal (
          error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_REQUEST, "the JSON document must be an object");
      return NULL;
    }
  return g_steal_pointer (&root);
}

char *
sighej_json_to_string (JsonNode *node)
{
  return json_to_string (node, FALSE);
}
