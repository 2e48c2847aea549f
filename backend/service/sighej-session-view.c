/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-session-view"

#include "config.h"

#include "sighej-session-view.h"

#include "sighej-interest-set.h"
#include "sighej-json.h"
#include "sighej-labels.h"

static void
add_words (JsonBuilder *builder, const char *member, const char *const *words)
{
  json_builder_set_member_name (builder, member);
  json_builder_begin_array (builder);
  for (guint i = 0; words[i] != NULL; i++)
    json_builder_add_string_value (builder, words[i]);
  json_builder_end_array (builder);
}

static char *
finish_object (JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = NULL;

  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return sighej_json_to_string (root);
}

char *
sighej_session_view_write (const SighejStoreInfo *info,
                           SighejVault *vault,
                           SighejVocabulary *vocabulary,
                           gint64 wall_us)
{
  static const char *const none[] = { NULL };
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autofree const char **categories
      = sighej_interest_set_dup_categories (vocabulary, info->categories);
  gint64 expires_at_us = wall_us + info->remaining_ms * G_GINT64_CONSTANT (1000);
  g_autoptr (GDateTime) expires_at = g_date_time_new_from_unix_utc (expires_at_us / G_USEC_PER_SEC);
  g_autofree char *expires_at_text = g_date_time_format_iso8601 (expires_at);
  char **labels = sighej_labels_unseal (vault, info, NULL);

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "session_id");
  json_builder_add_string_value (builder, info->id);
  json_builder_set_member_name (builder, "state");
  json_builder_add_string_value (builder, "active");
  json_builder_set_member_name (builder, "expires_at");
  json_builder_add_string_value (builder, expires_at_text);
  add_words (builder, "interests", labels != NULL ? (const char *const *) labels : none);
  add_words (builder, "categories", categories);
  json_builder_set_member_name (builder, "nudges");
  json_builder_add_int_value (builder, (gint64) info->newest_seq);
  json_builder_set_member_name (builder, "nudges_waiting");
  json_builder_add_int_value (builder, info->n_waiting);
  json_builder_set_member_name (builder, "has_public_key");
  json_builder_add_boolean_value (builder, info->public_key != NULL);
  sighej_labels_wipe (labels);
  return finish_object (builder);
}
