/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-own-data.h"

#include <string.h>

#include "sighej-crypto.h"
#include "sighej-enum-types.h"
#include "sighej-json.h"

/* ---- members ---- */

static void
add_text (JsonObject *object, const char *name, const char *text)
{
  json_object_set_string_member (object, name, text != NULL ? text : "");
}

static void
add_number (JsonObject *object, const char *name, guint64 number)
{
  json_object_set_int_member (object, name, (gint64) number);
}

static void
add_word (JsonObject *object, const char *name, GType type, int value)
{
  add_text (object, name, sighej_enum_to_nick (type, value));
}

static void
add_words (JsonObject *object, const char *name, const char *const *words)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; words != NULL && words[i] != NULL; i++)
    json_array_add_string_element (array, words[i]);
  json_object_set_array_member (object, name, array);
}

/* "OpenUntil" -> "open_until" */
static char *
dup_member_name (const char *property)
{
  GString *name = g_string_new (NULL);

  for (const char *p = property; *p != '\0'; p++)
    {
      if (g_ascii_isupper (*p) && name->len > 0)
        g_string_append_c (name, '_');
      g_string_append_c (name, g_ascii_tolower (*p));
    }
  return g_string_free (name, FALSE);
}

static JsonObject *
from_properties (GVariant *properties)
{
  JsonObject *object = json_object_new ();
  GVariantIter iter;
  const char *property;
  GVariant *value;

  g_variant_iter_init (&iter, properties);
  while (g_variant_iter_loop (&iter, "{&sv}", &property, &value))
    {
      g_autofree char *name = dup_member_name (property);

      if (g_str_equal (property, "Interests")) /* has a place of its own */
        continue;
      json_object_set_member (object, name, json_gvariant_serialize (value));
    }
  return object;
}

/* ---- what is kept on the disk ---- */

static JsonArray *
write_calibration (SighejCore *core)
{
  g_autoptr (GVariant) kept
      = g_variant_ref_sink (sighej_calibrator_to_variant (sighej_core_get_calibrator (core)));
  JsonArray *array = json_array_new ();

  for (gsize i = 0; i < g_variant_n_children (kept); i++)
    {
      JsonObject *object = json_object_new ();
      const char *kind;
      int value;
      gboolean measured;
      gint64 since_s;

      g_variant_get_child (kept, i, "(&sibx)", &kind, &value, &measured, &since_s);
      add_text (object, "kind", kind);
      json_object_set_int_member (object, "value", value);
      add_text (object, "origin", measured ? "measured" : "set");
      json_object_set_int_member (object, "since", since_s);
      json_array_add_object_element (array, object);
    }
  return array;
}

static JsonObject *
write_avoid (SighejPerson *person)
{
  JsonObject *object = json_object_new ();
  guint n_people;
  guint n_blocked;
  guint n_met;

  sighej_avoid_tell (sighej_person_get_avoid (person), &n_people, &n_blocked, &n_met);
  add_number (object, "days", SIGHEJ_AVOID_DAYS);
  add_number (object, "people", n_people);
  add_number (object, "blocked", n_blocked);
  add_number (object, "met", n_met);
  return object;
}

/* ---- what is in memory ---- */

static JsonObject *
write_nudge (const SighejNudge *nudge)
{
  JsonObject *object = json_object_new ();

  add_number (object, "id", nudge->number);
  add_word (object, "state", SIGHEJ_TYPE_NUDGE_STATE, (int) nudge->state);
  add_word (object, "band", SIGHEJ_TYPE_BAND, (int) nudge->band);
  add_words (object, "shared", (const char *const *) nudge->shared_interests);
  add_text (object, "message", nudge->message);
  add_number (object, "created", nudge->created_s);
  add_number (object, "expires", nudge->expires_s);
  return object;
}

static JsonObject *
write_message (const SighejMeetMessage *message)
{
  JsonObject *object = json_object_new ();

  add_number (object, "n", message->n);
  json_object_set_boolean_member (object, "own", message->own);
  add_number (object, "time", message->time_s);
  if (message->own)
    add_word (object, "mark", SIGHEJ_TYPE_MEET_MARK, (int) message->mark);
  add_text (object, "text", message->text);
  return object;
}

/* @bytes_left: (inout): of SIGHEJ_OWN_DATA_MESSAGES_BYTES_MAX */
static void
add_messages (JsonObject *object, const SighejMeet *meet, gsize *bytes_left)
{
  JsonArray *array = json_array_new ();
  guint n_left_out = 0;

  for (guint i = 0; i < meet->messages->len; i++)
    {
      const SighejMeetMessage *message = g_ptr_array_index (meet->messages, i);
      gsize n_bytes = strlen (message->text);

      if (n_bytes > *bytes_left)
        {
          n_left_out++;
          continue;
        }
      *bytes_left -= n_bytes;
      json_array_add_object_element (array, write_message (message));
    }
  json_object_set_array_member (object, "messages", array);
  add_number (object, "messages_left_out", n_left_out);
}

static JsonObject *
write_meet (const SighejMeet *meet, gsize *bytes_left)
{
  JsonObject *object = json_object_new ();

  add_number (object, "id", meet->number);
  add_word (object, "state", SIGHEJ_TYPE_MEET_STATE, (int) meet->state);
  add_text (object, "role", meet->role);
  add_text (object, "handle", meet->own_handle);
  add_text (object, "peer_handle", meet->peer_handle);
  add_text (object, "cue", meet->cue);
  add_text (object, "spot", meet->spot);
  add_word (object, "band", SIGHEJ_TYPE_BAND, (int) meet->band);
  add_number (object, "expires", meet->expires_s);
  json_object_set_boolean_member (object, "here", meet->own_here);
  json_object_set_boolean_member (object, "peer_here", meet->peer_here);
  json_object_set_boolean_member (object, "confirmed", meet->confirmed);
  json_object_set_boolean_member (object, "not_again", meet->avoid);
  add_word (object, "trust", SIGHEJ_TYPE_MEET_TRUST, (int) meet->trust);
  add_text (object, "phrase", meet->phrase);
  add_word (object, "sharing", SIGHEJ_TYPE_MEET_SHARING, (int) meet->sharing);
  add_text (object, "peer_direction", meet->peer_direction);
  add_text (object, "peer_distance", meet->peer_distance);
  add_text (object, "own_direction", meet->own_direction);
  add_text (object, "own_distance", meet->own_distance);
  add_messages (object, meet, bytes_left);
  return object;
}

static JsonArray *
write_nudges (SighejPerson *person)
{
  SighejEncounters *encounters = sighej_person_get_encounters (person);
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < sighej_encounters_get_n_live (encounters); i++)
    json_array_add_object_element (array, write_nudge (sighej_encounters_get_nth (encounters, i)));
  return array;
}

static JsonArray *
write_meets (SighejPerson *person)
{
  SighejMeets *meets = sighej_person_get_meets (person);
  JsonArray *array = json_array_new ();
  gsize bytes_left = SIGHEJ_OWN_DATA_MESSAGES_BYTES_MAX;

  for (guint i = 0; i < sighej_meets_get_n_live (meets); i++)
    json_array_add_object_element (array,
                                   write_meet (sighej_meets_get_nth (meets, i), &bytes_left));
  return array;
}

static JsonObject *
write_counts (SighejCore *core)
{
  JsonObject *object = json_object_new ();
  g_autoptr (GVariant) counts = NULL;
  GVariantBuilder builder;
  GVariantIter iter;
  const char *name;
  guint64 count;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{st}"));
  sighej_core_count (core, &builder);
  counts = g_variant_ref_sink (g_variant_builder_end (&builder));
  g_variant_iter_init (&iter, counts);
  while (g_variant_iter_next (&iter, "{&st}", &name, &count))
    add_number (object, name, count);
  return object;
}

/* ---- what the backend holds ---- */

static JsonObject *
write_backend (const SighejOwnData *self)
{
  JsonObject *object = json_object_new ();
  g_autoptr (GError) error = NULL;
  JsonNode *session = NULL;
  const GError *problem = self->problem;
  gsize n_bytes;
  const char *data;

  if (self->backend != NULL)
    {
      data = g_bytes_get_data (self->backend, &n_bytes);
      session = sighej_json_parse_object (data, n_bytes, &error);
      problem = error;
    }
  json_object_set_boolean_member (object, "answered", session != NULL);
  add_text (object, "problem", problem != NULL ? problem->message : "");
  if (session != NULL)
    json_object_set_member (object, "session", session);
  else
    json_object_set_null_member (object, "session");
  return object;
}

/* ---- all of it ---- */

static void
wipe_text (gpointer text)
{
  sighej_wipe_free_string (text);
}

static GBytes *
to_bytes (JsonNode *root)
{
  char *compact = sighej_json_to_string (root);
  gsize n_bytes = strlen (compact);
  char *line = g_malloc (n_bytes + 2);

  memcpy (line, compact, n_bytes);
  memcpy (line + n_bytes, "\n", 2);
  sighej_wipe_free_string (compact);
  return g_bytes_new_with_free_func (line, n_bytes + 1, wipe_text, line);
}

GBytes *
sighej_own_data_write (const SighejOwnData *self)
{
  SighejCore *core = SIGHEJ_CORE (self->person);
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "schema", SIGHEJ_OWN_DATA_SCHEMA);
  add_number (object,
              "made_at",
              (guint64) (sighej_clock_wall_us (sighej_core_get_clock (core)) / G_USEC_PER_SEC));
  add_text (object, "daemon", SIGHEJ_VERSION);
  add_words (
      object, "interests", sighej_preferences_get_interests (sighej_core_get_preferences (core)));
  json_object_set_object_member (object, "settings", from_properties (self->settings));
  json_object_set_array_member (object, "calibration", write_calibration (core));
  json_object_set_object_member (object, "avoid", write_avoid (self->person));
  json_object_set_object_member (object, "opening", from_properties (self->opening));
  json_object_set_array_member (object, "nudges", write_nudges (self->person));
  json_object_set_array_member (object, "meets", write_meets (self->person));
  json_object_set_object_member (object, "counts", write_counts (core));
  json_object_set_object_member (object, "backend", write_backend (self));
  json_node_take_object (root, object);
  return to_bytes (root);
}
