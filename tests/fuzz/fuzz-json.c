/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "sighej-json.h"

#define TEXT_BYTES 4096

static void
check_member (const SighejJsonMember *member, JsonNode *node)
{
  char text[TEXT_BYTES];

  switch (member->kind)
    {
    case SIGHEJ_JSON_STRING:
      g_assert_true (JSON_NODE_HOLDS_VALUE (node));
      if (sighej_json_copy_text (member, text, sizeof text))
        g_assert_cmpstr (text, ==, json_node_get_string (node));
      break;
    case SIGHEJ_JSON_INTEGER:
      g_assert_cmpint (json_node_get_value_type (node), ==, G_TYPE_INT64);
      g_assert_cmpint (g_ascii_strtoll (member->value, NULL, 10), ==, json_node_get_int (node));
      break;
    case SIGHEJ_JSON_OTHER:
    default:
      g_assert_false (JSON_NODE_HOLDS_VALUE (node)
                      && (json_node_get_value_type (node) == G_TYPE_STRING
                          || json_node_get_value_type (node) == G_TYPE_INT64));
      break;
    }
}

/* The same members with the same meaning, read without a tree and with one. */
static void
check_members (const char *data, gsize n_bytes, JsonObject *object)
{
  g_autoptr (GList) names = json_object_get_members (object);
  SighejJsonMembers members;

  g_assert_true (sighej_json_scan_members (data, n_bytes, &members, NULL));
  g_assert_cmpuint (members.n_items, ==, json_object_get_size (object));
  for (GList *name = names; name != NULL; name = name->next)
    {
      const SighejJsonMember *member = sighej_json_find (&members, name->data);

      if (!g_str_is_ascii (name->data))
        continue;
      g_assert_nonnull (member);
      check_member (member, json_object_get_member (object, name->data));
    }
}

/* What the scanner lets through, json-glib must take, and both must understand it alike. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonParser) parser = NULL;
  JsonNode *root;

  if (!sighej_json_scan ((const char *) data, n_bytes, &error))
    {
      g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_REQUEST);
      return 0;
    }

  parser = json_parser_new ();
  json_parser_load_from_data (parser, (const char *) data, (gssize) n_bytes, &error);
  g_assert_no_error (error);
  root = json_parser_get_root (parser);
  if (root != NULL && JSON_NODE_HOLDS_OBJECT (root))
    check_members ((const char *) data, n_bytes, json_node_get_object (root));
  return 0;
}
