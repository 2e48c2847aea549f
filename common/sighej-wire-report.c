/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-wire"

#include "config.h"

#include "sighej-wire-report.h"

#include <string.h>

#include "sighej-crypto.h"
#include "sighej-enum-types.h"
#include "sighej-wire-meet.h"
#include "sighej-wire-member.h"

#define TEXT_RULE "must be 1 to 1000 characters, with no controls but line breaks"

/* What a person wrote, in lines. */
static gboolean
is_prose (const char *text)
{
  glong n_chars = 0;

  for (; *text != '\0'; text = g_utf8_next_char (text))
    if (++n_chars > SIGHEJ_REPORT_TEXT_CHARS_MAX
        || (*text != '\n' && g_unichar_iscntrl (g_utf8_get_char (text))))
      return FALSE;
  return n_chars > 0;
}

static gboolean
dup_prose (JsonObject *object, const char *member, char **out, GError **error)
{
  const char *text;

  if (!sighej_wire_read_string (object, member, &text, error))
    return FALSE;
  if (!is_prose (text))
    return sighej_wire_refuse (error, member, TEXT_RULE);
  *out = g_strdup (text);
  return TRUE;
}

static gboolean
read_reason (JsonObject *object, SighejReportReason *out, GError **error)
{
  const char *word;
  int value;

  if (!sighej_wire_read_word (object, "reason", &word, error))
    return FALSE;
  if (!sighej_enum_from_nick (SIGHEJ_TYPE_REPORT_REASON, word, &value))
    return sighej_wire_refuse (
        error, "reason", "is none of spam, harassment, fake, underage, danger, other");
  *out = (SighejReportReason) value;
  return TRUE;
}

static gboolean
dup_attached (JsonObject *object, GStrv *out, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  JsonArray *array;
  guint length;

  if (!sighej_wire_get_array (object, "attached", &array, error))
    return FALSE;
  length = json_array_get_length (array);
  if (length > SIGHEJ_REPORT_ATTACHED_MAX)
    return sighej_wire_refuse (error, "attached", "must have at most 20 entries");

  for (guint i = 0; i < length; i++)
    {
      JsonNode *node = json_array_get_element (array, i);

      if (!sighej_wire_holds (node, G_TYPE_STRING) || !is_prose (json_node_get_string (node)))
        return sighej_wire_refuse (error, "attached", "must list texts of 1 to 1000 characters");
      g_strv_builder_add (builder, json_node_get_string (node));
    }
  *out = g_strv_builder_end (builder);
  return TRUE;
}

/* json-glib frees its strings as they are. */
static void
wipe_object (JsonObject *object)
{
  JsonNode *node = json_object_get_member (object, "attached");

  sighej_wire_wipe (object, "ticket");
  sighej_wire_wipe (object, "text");
  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return;
  for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
    {
      JsonNode *element = json_array_get_element (json_node_get_array (node), i);

      if (sighej_wire_holds (element, G_TYPE_STRING))
        {
          char *text = (char *) json_node_get_string (element);

          sighej_wipe (text, strlen (text));
        }
    }
}

static gboolean
fill_report (SighejWireReport *self, JsonObject *object, GError **error)
{
  return sighej_wire_dup_ticket (object, &self->ticket, error)
         && read_reason (object, &self->reason, error)
         && (!json_object_has_member (object, "text")
             || dup_prose (object, "text", &self->text, error))
         && (!json_object_has_member (object, "attached")
             || dup_attached (object, &self->attached, error));
}

SighejWireReport *
sighej_wire_report_read (const char *data, gsize n_bytes, GError **error)
{
  g_autoptr (JsonNode) root = sighej_json_parse_object (data, n_bytes, error);
  g_autoptr (SighejWireReport) self = NULL;
  gboolean good;

  if (root == NULL)
    return NULL;

  self = g_new0 (SighejWireReport, 1);
  good = fill_report (self, json_node_get_object (root), error);
  wipe_object (json_node_get_object (root));
  return good ? g_steal_pointer (&self) : NULL;
}

char *
sighej_wire_report_write (const SighejWireReport *self)
{
  GString *out = g_string_new ("{");

  sighej_wire_append_text (out, "ticket", self->ticket);
  sighej_wire_append_text (
      out, "reason", sighej_enum_to_nick (SIGHEJ_TYPE_REPORT_REASON, (int) self->reason));
  if (self->text != NULL)
    sighej_wire_append_text (out, "text", self->text);
  if (self->attached != NULL)
    sighej_wire_append_list (out, "attached", (const char *const *) self->attached);
  g_string_append_c (out, '}');
  return g_string_free (out, FALSE);
}

void
sighej_wire_report_free (SighejWireReport *self)
{
  sighej_wipe_free_string (self->ticket);
  sighej_wipe_free_string (self->text);
  for (gsize i = 0; self->attached != NULL && self->attached[i] != NULL; i++)
    sighej_wipe_free_string (self->attached[i]);
  g_free (self->attached);
  g_free (self);
}

char *
sighej_wire_appeal_read (const char *data, gsize n_bytes, GError **error)
{
  g_autoptr (JsonNode) root = sighej_json_parse_object (data, n_bytes, error);
  char *text = NULL;

  if (root == NULL)
    return NULL;
  dup_prose (json_node_get_object (root), "text", &text, error);
  wipe_object (json_node_get_object (root));
  return text;
}

char *
sighej_wire_appeal_write (const char *text)
{
  GString *out = g_string_new ("{");

  sighej_wire_append_text (out, "text", text);
  g_string_append_c (out, '}');
  return g_string_free (out, FALSE);
}
