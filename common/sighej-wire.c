/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-wire"

#include "config.h"

#include "sighej-wire.h"

#include <string.h>

#include "sighej-crypto.h"
#include "sighej-wire-member.h"

#define LABEL_CHARS_MAX 80 /* a vocabulary's label may be longer than what people may type */
#define CLIENT_WORD_CHARS_MAX 16
#define SENTENCE_BYTES 256  /* at first; it grows */
#define ESCAPED_BYTES_MAX 6 /* of one byte, "\u001f" */

/* ---- what several messages share ---- */

gboolean
sighej_wire_is_token (const char *text)
{
  gsize length = 0;

  while (g_ascii_isalnum (text[length]) || text[length] == '_' || text[length] == '-')
    if (++length > SIGHEJ_WIRE_TOKEN_CHARS_MAX)
      return FALSE;
  return length > 0 && text[length] == '\0';
}

static gboolean
read_token (JsonObject *object,
            const char *member,
            char out[SIGHEJ_WIRE_TOKEN_CHARS_MAX + 1],
            GError **error)
{
  const char *text;

  if (!sighej_wire_read_string (object, member, &text, error))
    return FALSE;
  if (!sighej_wire_is_token (text))
    return sighej_wire_refuse (error, member, "must be 1 to 64 of A-Z a-z 0-9 _ -");
  g_strlcpy (out, text, SIGHEJ_WIRE_TOKEN_CHARS_MAX + 1);
  return TRUE;
}

/* The labels a server discloses: @minimum to 5. */
static gboolean
dup_labels (JsonObject *object, const char *member, guint minimum, GStrv *out, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  JsonArray *array;
  guint length;

  if (!sighej_wire_get_array (object, member, &array, error))
    return FALSE;
  length = json_array_get_length (array);
  if (length < minimum || length > SIGHEJ_WIRE_SHARED_MAX)
    return sighej_wire_refuse (error, member, "has too few or too many entries");

  for (guint i = 0; i < length; i++)
    {
      JsonNode *node = json_array_get_element (array, i);

      if (!sighej_wire_holds (node, G_TYPE_STRING)
          || !sighej_wire_is_plain_text (json_node_get_string (node), LABEL_CHARS_MAX))
        return sighej_wire_refuse (error, member, "must list strings of 1 to 80 characters");
      g_strv_builder_add (builder, json_node_get_string (node));
    }
  *out = g_strv_builder_end (builder);
  return TRUE;
}

static char *
finish (GString *out)
{
  g_string_append_c (out, '}');
  return g_string_free (out, FALSE);
}

/* ---- the hot messages: the same rules, read straight off the scanner ---- */

static const SighejJsonMember *
take_member (const SighejJsonMembers *members,
             const char *name,
             SighejJsonKind kind,
             const char *rule,
             GError **error)
{
  const SighejJsonMember *member = sighej_json_find (members, name);

  if (member == NULL)
    sighej_wire_refuse (error, name, "is missing");
  else if (member->kind != kind)
    sighej_wire_refuse (error, name, rule);
  else
    return member;
  return NULL;
}

static gboolean
take_token (const SighejJsonMembers *members,
            const char *name,
            char out[SIGHEJ_WIRE_TOKEN_CHARS_MAX + 1],
            GError **error)
{
  const SighejJsonMember *member
      = take_member (members, name, SIGHEJ_JSON_STRING, "must be a string", error);

  if (member == NULL)
    return FALSE;
  if (!sighej_json_copy_text (member, out, SIGHEJ_WIRE_TOKEN_CHARS_MAX + 1)
      || !sighej_wire_is_token (out))
    return sighej_wire_refuse (error, name, "must be 1 to 64 of A-Z a-z 0-9 _ -");
  return TRUE;
}

static gboolean
take_sequence (const SighejJsonMembers *members, const char *name, guint64 *out, GError **error)
{
  const SighejJsonMember *member
      = take_member (members, name, SIGHEJ_JSON_INTEGER, "must be a whole number", error);
  gint64 number;

  if (member == NULL)
    return FALSE;
  /* What follows the digits ends the number: the scanner has seen to it. */
  number = g_ascii_strtoll (member->value, NULL, 10);
  if (number < 0 || number > SIGHEJ_WIRE_NUMBER_MAX)
    return sighej_wire_refuse (error, name, "is out of range");
  *out = (guint64) number;
  return TRUE;
}

/* ---- POST /session ---- */

static gboolean
refuse_interests (GError **error, const char *rule)
{
  g_set_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_INTEREST, "\"interests\" %s", rule);
  return FALSE;
}

/* Without the space around it, which counts for nothing. */
static char *
dup_trimmed (const char *text)
{
  const char *end;

  while (*text != '\0' && g_unichar_isspace (g_utf8_get_char (text)))
    text = g_utf8_next_char (text);
  end = text + strlen (text);
  while (end > text && g_unichar_isspace (g_utf8_get_char (g_utf8_prev_char (end))))
    end = g_utf8_prev_char (end);
  return g_strndup (text, (gsize) (end - text));
}

static gboolean
dup_interests (JsonObject *object, GStrv *out, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  JsonArray *array;
  guint length;

  if (!sighej_wire_get_array (object, "interests", &array, error))
    return FALSE;
  length = json_array_get_length (array);
  if (length < 1 || length > SIGHEJ_WIRE_INTERESTS_MAX)
    return refuse_interests (error, "must have 1 to 20 entries");

  for (guint i = 0; i < length; i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      g_autofree char *interest = NULL;

      if (!sighej_wire_holds (node, G_TYPE_STRING))
        return sighej_wire_refuse (error, "interests", "must list strings");
      interest = dup_trimmed (json_node_get_string (node));
      if (!sighej_wire_is_plain_text (interest, SIGHEJ_WIRE_INTEREST_CHARS_MAX))
        return refuse_interests (error, "must be 1 to 40 characters each");
      g_strv_builder_add (builder, interest);
    }
  *out = g_strv_builder_end (builder);
  return TRUE;
}

/* Exactly %SIGHEJ_AVOID_TAGS, so that their number tells nothing. */
static gboolean
read_avoid (SighejWireSessionRequest *self, JsonObject *object, GError **error)
{
  JsonArray *array;

  if (!json_object_has_member (object, "avoid"))
    return TRUE;
  if (!sighej_wire_get_array (object, "avoid", &array, error))
    return FALSE;
  if (json_array_get_length (array) != SIGHEJ_AVOID_TAGS)
    return sighej_wire_refuse (error, "avoid", "must have 64 entries");

  for (guint i = 0; i < SIGHEJ_AVOID_TAGS; i++)
    {
      JsonNode *node = json_array_get_element (array, i);

      if (!sighej_wire_holds (node, G_TYPE_STRING)
          || !sighej_hex_decode (
              json_node_get_string (node), self->avoid[i], SIGHEJ_AVOID_TAG_BYTES))
        return sighej_wire_refuse (error, "avoid", "must list 32 lower-case hex digits each");
    }
  self->has_avoid = TRUE;
  return TRUE;
}

static gboolean
fill_session_request (SighejWireSessionRequest *self, JsonObject *object, GError **error)
{
  gint64 expires_in_s = 0;

  if (!read_token (object, "ble_token", self->ble_token, error)
      || !dup_interests (object, &self->interests, error)
      || !sighej_wire_read_hex (
          object, "token_seed", self->token_seed, SIGHEJ_SEED_BYTES, &self->has_seed, error)
      || !sighej_wire_read_hex (object,
                                "public_key",
                                self->public_key,
                                SIGHEJ_PUBLIC_KEY_BYTES,
                                &self->has_public_key,
                                error)
      || !sighej_wire_read_hex (object,
                                "opening_id",
                                self->opening_id,
                                SIGHEJ_OPENING_ID_BYTES,
                                &self->has_opening_id,
                                error)
      || !read_avoid (self, object, error))
    return FALSE;

  if (json_object_has_member (object, "expires_in")
      && !sighej_wire_read_number (object,
                                   "expires_in",
                                   SIGHEJ_SESSION_SECONDS_MIN,
                                   SIGHEJ_SESSION_SECONDS_MAX,
                                   &expires_in_s,
                                   error))
    return FALSE;
  self->expires_in_s = (guint) expires_in_s;
  return TRUE;
}

SighejWireSessionRequest *
sighej_wire_session_request_read (const char *data, gsize n_bytes, GError **error)
{
  g_autoptr (JsonNode) root = sighej_json_parse_object (data, n_bytes, error);
  g_autoptr (SighejWireSessionRequest) self = NULL;
  JsonObject *object;
  gboolean good;

  if (root == NULL)
    return NULL;

  object = json_node_get_object (root);
  self = g_new0 (SighejWireSessionRequest, 1);
  good = fill_session_request (self, object, error);
  sighej_wire_wipe (object, "token_seed");
  return good ? g_steal_pointer (&self) : NULL;
}

/* Room for everything, so that the string never moves and leaves a seed behind. */
static gsize
session_request_bytes_max (const SighejWireSessionRequest *self)
{
  gsize n_bytes = 512 + SIGHEJ_AVOID_TAGS * (2 * SIGHEJ_AVOID_TAG_BYTES + strlen (",\"\""));

  for (gsize i = 0; self->interests != NULL && self->interests[i] != NULL; i++)
    n_bytes += ESCAPED_BYTES_MAX * strlen (self->interests[i]) + strlen (",\"\"");
  return n_bytes;
}

static void
append_avoid (GString *out, const SighejWireSessionRequest *self)
{
  char hex[2 * SIGHEJ_AVOID_TAG_BYTES + 1];

  g_string_append (out, ",\"avoid\":[");
  for (guint i = 0; i < SIGHEJ_AVOID_TAGS; i++)
    {
      sighej_hex_encode (self->avoid[i], SIGHEJ_AVOID_TAG_BYTES, hex);
      g_string_append_printf (out, i > 0 ? ",\"%s\"" : "\"%s\"", hex);
    }
  g_string_append_c (out, ']');
}

char *
sighej_wire_session_request_write (const SighejWireSessionRequest *self)
{
  GString *out = g_string_sized_new (session_request_bytes_max (self));

  g_string_append_c (out, '{');
  sighej_wire_append_text (out, "ble_token", self->ble_token);
  sighej_wire_append_list (out, "interests", (const char *const *) self->interests);
  if (self->has_seed)
    sighej_wire_append_hex (out, "token_seed", self->token_seed, SIGHEJ_SEED_BYTES);
  if (self->has_public_key)
    sighej_wire_append_hex (out, "public_key", self->public_key, SIGHEJ_PUBLIC_KEY_BYTES);
  if (self->has_opening_id)
    sighej_wire_append_hex (out, "opening_id", self->opening_id, SIGHEJ_OPENING_ID_BYTES);
  if (self->has_avoid)
    append_avoid (out, self);
  if (self->expires_in_s != 0)
    sighej_wire_append_number (out, "expires_in", self->expires_in_s);
  return finish (out);
}

void
sighej_wire_session_request_free (SighejWireSessionRequest *self)
{
  for (gsize i = 0; self->interests != NULL && self->interests[i] != NULL; i++)
    sighej_wipe (self->interests[i], strlen (self->interests[i]));
  g_strfreev (self->interests);
  sighej_wipe (self, sizeof *self);
  g_free (self);
}

static gboolean
fill_session_answer (SighejWireSessionAnswer *self, JsonObject *object, GError **error)
{
  char secret[SIGHEJ_WIRE_TOKEN_CHARS_MAX + 1];
  const char *session_id;

  if (!sighej_wire_read_string (object, "session_id", &session_id, error))
    return FALSE;
  if (!g_uuid_string_is_valid (session_id))
    return sighej_wire_refuse (error, "session_id", "must be a UUID");
  g_strlcpy (self->session_id, session_id, sizeof self->session_id);

  if (!sighej_wire_read_time (object, "expires_at", &self->expires_at_us, error))
    return FALSE;
  if (!json_object_has_member (object, "session_secret"))
    return TRUE;
  if (!read_token (object, "session_secret", secret, error))
    return FALSE;
  self->session_secret = g_strdup (secret);
  sighej_wipe (secret, sizeof secret);
  return TRUE;
}

SighejWireSessionAnswer *
sighej_wire_session_answer_read (const char *data, gsize n_bytes, GError **error)
{
  g_autoptr (JsonNode) root = sighej_json_parse_object (data, n_bytes, error);
  g_autoptr (SighejWireSessionAnswer) self = NULL;
  JsonObject *object;
  gboolean good;

  if (root == NULL)
    return NULL;

  object = json_node_get_object (root);
  self = g_new0 (SighejWireSessionAnswer, 1);
  good = fill_session_answer (self, object, error);
  sighej_wire_wipe (object, "session_secret");
  return good ? g_steal_pointer (&self) : NULL;
}

char *
sighej_wire_session_answer_write (const SighejWireSessionAnswer *self)
{
  GString *out = g_string_sized_new (256);

  g_string_append_c (out, '{');
  sighej_wire_append_text (out, "session_id", self->session_id);
  sighej_wire_append_time (out, "expires_at", self->expires_at_us);
  if (self->session_secret != NULL)
    sighej_wire_append_text (out, "session_secret", self->session_secret);
  return finish (out);
}

void
sighej_wire_session_answer_free (SighejWireSessionAnswer *self)
{
  sighej_wipe_free_string (self->session_secret);
  sighej_wipe (self, sizeof *self);
  g_free (self);
}

/* ---- POST /match ---- */

gboolean
sighej_wire_match_request_read (const char *data,
                                gsize n_bytes,
                                SighejWireMatchRequest *out,
                                GError **error)
{
  SighejJsonMembers members;

  return sighej_json_scan_members (data, n_bytes, &members, error)
         && take_token (&members, "own_token", out->own_token, error)
         && take_token (&members, "detected_token", out->detected_token, error);
}

/*
 * Every reason for not matching must look the same to the byte (SECURITY-DESIGN T-03), so
 * without a match nothing else of what the caller passes is shown.
 */
static void
append_match (GString *out, gboolean match, const char *const *shared, gboolean nudge_sent)
{
  sighej_wire_append_boolean (out, "match", match);
  sighej_wire_append_list (out, "shared_interests", match ? shared : NULL);
  sighej_wire_append_boolean (out, "nudge_sent", match && nudge_sent);
}

char *
sighej_wire_match_answer_write (gboolean match, const char *const *shared, gboolean nudge_sent)
{
  GString *out = g_string_new ("{");

  append_match (out, match, shared, nudge_sent);
  return finish (out);
}

/* ---- WebSocket, client to server ---- */

static const char *const client_words[] = {
  [SIGHEJ_WIRE_AUTH] = "auth",     [SIGHEJ_WIRE_SIGHTING] = "sighting",
  [SIGHEJ_WIRE_ACK] = "ack",       [SIGHEJ_WIRE_RESUME] = "resume",
  [SIGHEJ_WIRE_PING] = "ping",     [SIGHEJ_WIRE_ASK_MEET] = "meet",
  [SIGHEJ_WIRE_ASK_CODE] = "code", [SIGHEJ_WIRE_ASK_PAIR] = "pair",
};

/* Returns: a SighejWireClientType, -1 with @error set */
static int
take_client_type (const SighejJsonMembers *members, GError **error)
{
  const SighejJsonMember *member
      = take_member (members, "type", SIGHEJ_JSON_STRING, "must be a string", error);
  char word[CLIENT_WORD_CHARS_MAX + 1];
  int type = -1;

  if (member == NULL)
    return -1;
  if (sighej_json_copy_text (member, word, sizeof word))
    type = sighej_wire_find_word (client_words, G_N_ELEMENTS (client_words), word);
  if (type < 0)
    sighej_wire_refuse (error, "type", "is none this version knows");
  return type;
}

static gboolean
fill_client_message (SighejWireClientMessage *out, const SighejJsonMembers *members, GError **error)
{
  switch (out->type)
    {
    case SIGHEJ_WIRE_AUTH:
      return take_token (members, "secret", out->secret, error);
    case SIGHEJ_WIRE_SIGHTING:
      return take_sequence (members, "id", &out->number, error)
             && take_token (members, "detected_token", out->detected_token, error);
    case SIGHEJ_WIRE_ACK:
      return take_sequence (members, "seq", &out->number, error);
    case SIGHEJ_WIRE_RESUME:
      return take_sequence (members, "after", &out->number, error);
    case SIGHEJ_WIRE_ASK_MEET:
    case SIGHEJ_WIRE_ASK_CODE:
    case SIGHEJ_WIRE_ASK_PAIR:
      return take_sequence (members, "id", &out->number, error);
    case SIGHEJ_WIRE_PING:
      return TRUE;
    default:
      g_return_val_if_reached (FALSE);
    }
}

gboolean
sighej_wire_client_message_read (const char *data,
                                 gsize n_bytes,
                                 SighejWireClientMessage *out,
                                 GError **error)
{
  SighejJsonMembers members;
  int type;

  if (!sighej_json_scan_members (data, n_bytes, &members, error))
    return FALSE;
  type = take_client_type (&members, error);
  if (type < 0)
    return FALSE;

  memset (out, 0, sizeof *out);
  out->type = (SighejWireClientType) type;
  return fill_client_message (out, &members, error);
}

char *
sighej_wire_client_message_write (const SighejWireClientMessage *self)
{
  GString *out;

  g_return_val_if_fail (self->type <= SIGHEJ_WIRE_PING, NULL);

  out = g_string_sized_new (192);
  g_string_append_c (out, '{');
  sighej_wire_append_text (out, "type", client_words[self->type]);
  switch (self->type)
    {
    case SIGHEJ_WIRE_AUTH:
      sighej_wire_append_text (out, "secret", self->secret);
      break;
    case SIGHEJ_WIRE_SIGHTING:
      sighej_wire_append_number (out, "id", self->number);
      sighej_wire_append_text (out, "detected_token", self->detected_token);
      break;
    case SIGHEJ_WIRE_ACK:
      sighej_wire_append_number (out, "seq", self->number);
      break;
    case SIGHEJ_WIRE_RESUME:
      sighej_wire_append_number (out, "after", self->number);
      break;
    case SIGHEJ_WIRE_PING:
    case SIGHEJ_WIRE_ASK_MEET:
    case SIGHEJ_WIRE_ASK_CODE:
    case SIGHEJ_WIRE_ASK_PAIR:
    default:
      break;
    }
  return finish (out);
}

/* ---- WebSocket, server to client ---- */

static const char *const server_words[] = {
  [SIGHEJ_WIRE_NUDGE] = "nudge",
  [SIGHEJ_WIRE_SNAPSHOT] = "snapshot",
  [SIGHEJ_WIRE_SESSION] = "session",
  [SIGHEJ_WIRE_SIGHTING_RESULT] = "sighting_result",
  [SIGHEJ_WIRE_ERROR] = "error",
  [SIGHEJ_WIRE_PONG] = "pong",
  [SIGHEJ_WIRE_MEET_RESULT] = "meet_result",
  [SIGHEJ_WIRE_MEET] = "meet",
  [SIGHEJ_WIRE_TALK] = "talk",
  [SIGHEJ_WIRE_CODE] = "code",
  [SIGHEJ_WIRE_PAIR] = "pair",
  [SIGHEJ_WIRE_PAIRED] = "paired",
};

/* What a nudge brings for a meet; a backend that knows nothing of meets sends neither. */
static gboolean
fill_meet_members (SighejWireServerMessage *self, JsonObject *object, GError **error)
{
  if (json_object_has_member (object, "ticket")
      && !sighej_wire_dup_ticket (object, &self->ticket, error))
    return FALSE;
  return sighej_wire_read_hex (
      object, "peer_key", self->peer_key, sizeof self->peer_key, &self->has_peer_key, error);
}

static gboolean
fill_nudge (SighejWireServerMessage *self, JsonObject *object, GError **error)
{
  guint8 id[SIGHEJ_OPENING_ID_BYTES];
  gboolean present;

  if (!sighej_wire_read_hex (object, "id", id, sizeof id, &present, error))
    return FALSE;
  if (!present)
    return sighej_wire_refuse (error, "id", "is missing");
  sighej_hex_encode (id, sizeof id, self->nudge_id);

  return fill_meet_members (self, object, error)
         && sighej_wire_read_sequence (object, "seq", &self->seq, error)
         && dup_labels (object, "shared_interests", 1, &self->shared_interests, error)
         && sighej_wire_dup_sentence (object, "message", &self->message, error);
}

static gboolean
fill_state (SighejWireServerMessage *self, JsonObject *object, GError **error)
{
  const char *word;

  if (!sighej_wire_read_word (object, "state", &word, error))
    return FALSE;
  self->state = g_strdup (word);
  return TRUE;
}

static gboolean
fill_sighting_result (SighejWireServerMessage *self, JsonObject *object, GError **error)
{
  return sighej_wire_read_sequence (object, "id", &self->seq, error)
         && sighej_wire_read_boolean (object, "match", &self->match, error)
         && dup_labels (object, "shared_interests", 0, &self->shared_interests, error)
         && sighej_wire_read_boolean (object, "nudge_sent", &self->nudge_sent, error);
}

static gboolean
fill_error (SighejWireServerMessage *self, JsonObject *object, GError **error)
{
  const char *word;
  gint64 retry_after_s = 0;

  if (!sighej_wire_read_word (object, "code", &word, error))
    return FALSE;
  self->code = g_strdup (word);
  if (json_object_has_member (object, "retry_after")
      && !sighej_wire_read_number (
          object, "retry_after", 1, SIGHEJ_WIRE_RETRY_SECONDS_MAX, &retry_after_s, error))
    return FALSE;
  self->retry_after_s = (guint) retry_after_s;
  return sighej_wire_dup_sentence (object, "message", &self->message, error);
}

static gboolean
fill_server_message (SighejWireServerMessage *self, JsonObject *object, GError **error)
{
  switch (self->type)
    {
    case SIGHEJ_WIRE_NUDGE:
      return fill_nudge (self, object, error);
    case SIGHEJ_WIRE_SNAPSHOT:
      return fill_state (self, object, error)
             && sighej_wire_read_time (object, "expires_at", &self->expires_at_us, error)
             && sighej_wire_read_sequence (object, "seq", &self->seq, error);
    case SIGHEJ_WIRE_SESSION:
      return fill_state (self, object, error);
    case SIGHEJ_WIRE_SIGHTING_RESULT:
      return fill_sighting_result (self, object, error);
    case SIGHEJ_WIRE_ERROR:
      return fill_error (self, object, error);
    case SIGHEJ_WIRE_PONG:
      return TRUE;
    case SIGHEJ_WIRE_MEET_RESULT:
      return (self->result = sighej_wire_meet_result_take (object, error)) != NULL;
    case SIGHEJ_WIRE_MEET:
      return (self->meet = sighej_wire_meet_state_take (object, error)) != NULL;
    case SIGHEJ_WIRE_TALK:
      return (self->talk = sighej_wire_talk_take (object, error)) != NULL;
    case SIGHEJ_WIRE_CODE:
      return (self->pair_code = sighej_wire_code_take (object, error)) != NULL;
    case SIGHEJ_WIRE_PAIR:
    case SIGHEJ_WIRE_PAIRED:
      return (self->paired
              = sighej_wire_paired_take (object, self->type == SIGHEJ_WIRE_PAIRED, error))
             != NULL;
    default:
      g_return_val_if_reached (FALSE);
    }
}

SighejWireServerMessage *
sighej_wire_server_message_read (const char *data, gsize n_bytes, GError **error)
{
  g_autoptr (JsonNode) root = sighej_json_parse_object (data, n_bytes, error);
  g_autoptr (SighejWireServerMessage) self = NULL;
  JsonObject *object;
  const char *word;
  int type;

  if (root == NULL)
    return NULL;

  object = json_node_get_object (root);
  if (!sighej_wire_read_word (object, "type", &word, error))
    return NULL;
  type = sighej_wire_find_word (server_words, G_N_ELEMENTS (server_words), word);
  if (type < 0)
    {
      g_set_error_literal (
          error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_SUPPORTED, "\"type\" is none this version knows");
      return NULL;
    }

  self = g_new0 (SighejWireServerMessage, 1);
  self->type = (SighejWireServerType) type;
  if (!fill_server_message (self, object, error))
    return NULL;
  return g_steal_pointer (&self);
}

static void
append_nudge (GString *out, const SighejWireServerMessage *self)
{
  sighej_wire_append_text (out, "id", self->nudge_id);
  sighej_wire_append_number (out, "seq", self->seq);
  sighej_wire_append_list (out, "shared_interests", (const char *const *) self->shared_interests);
  sighej_wire_append_text (out, "message", self->message);
  if (self->ticket != NULL)
    sighej_wire_append_text (out, "ticket", self->ticket);
  if (self->has_peer_key)
    sighej_wire_append_hex (out, "peer_key", self->peer_key, sizeof self->peer_key);
}

static void
append_server_members (GString *out, const SighejWireServerMessage *self)
{
  switch (self->type)
    {
    case SIGHEJ_WIRE_NUDGE:
      append_nudge (out, self);
      break;
    case SIGHEJ_WIRE_SNAPSHOT:
      sighej_wire_append_text (out, "state", self->state);
      sighej_wire_append_time (out, "expires_at", self->expires_at_us);
      sighej_wire_append_number (out, "seq", self->seq);
      break;
    case SIGHEJ_WIRE_SESSION:
      sighej_wire_append_text (out, "state", self->state);
      break;
    case SIGHEJ_WIRE_SIGHTING_RESULT:
      sighej_wire_append_number (out, "id", self->seq);
      append_match (
          out, self->match, (const char *const *) self->shared_interests, self->nudge_sent);
      break;
    case SIGHEJ_WIRE_ERROR:
      sighej_wire_append_text (out, "code", self->code);
      sighej_wire_append_text (out, "message", self->message);
      if (self->retry_after_s > 0)
        sighej_wire_append_number (
            out, "retry_after", MIN (self->retry_after_s, SIGHEJ_WIRE_RETRY_SECONDS_MAX));
      break;
    case SIGHEJ_WIRE_MEET_RESULT:
      sighej_wire_meet_result_append (self->result, out);
      break;
    case SIGHEJ_WIRE_MEET:
      sighej_wire_meet_state_append (self->meet, out);
      break;
    case SIGHEJ_WIRE_TALK:
      sighej_wire_talk_append (self->talk, out);
      break;
    case SIGHEJ_WIRE_CODE:
      sighej_wire_code_append (self->pair_code, out);
      break;
    case SIGHEJ_WIRE_PAIR:
    case SIGHEJ_WIRE_PAIRED:
      sighej_wire_paired_append (self->paired, self->type == SIGHEJ_WIRE_PAIRED, out);
      break;
    case SIGHEJ_WIRE_PONG:
    default:
      break;
    }
}

void
sighej_wire_server_message_append (const SighejWireServerMessage *self, GString *out)
{
  g_string_append_c (out, '{');
  sighej_wire_append_text (out, "type", server_words[self->type]);
  append_server_members (out, self);
  g_string_append_c (out, '}');
}

char *
sighej_wire_server_message_write (const SighejWireServerMessage *self)
{
  GString *out = g_string_sized_new (256);

  sighej_wire_server_message_append (self, out);
  return g_string_free (out, FALSE);
}

void
sighej_wire_server_message_free (SighejWireServerMessage *self)
{
  g_strfreev (self->shared_interests);
  g_free (self->message);
  g_free (self->state);
  g_free (self->code);
  sighej_wipe_free_string (self->ticket);
  g_clear_pointer (&self->result, sighej_wire_meet_result_free);
  g_clear_pointer (&self->meet, sighej_wire_meet_state_free);
  g_clear_pointer (&self->talk, sighej_wire_talk_free);
  g_clear_pointer (&self->pair_code, sighej_wire_code_free);
  g_clear_pointer (&self->paired, sighej_wire_paired_free);
  g_free (self);
}

char *
sighej_wire_nudge_sentence (const char *const *shared)
{
  GString *out = g_string_sized_new (SENTENCE_BYTES);

  g_string_append (out, "Someone nearby shares your interest in ");
  for (gsize i = 0; shared[i] != NULL; i++)
    {
      if (i > 0)
        g_string_append (out, shared[i + 1] == NULL ? " and " : ", ");
      g_string_append (out, shared[i]);
    }
  g_string_append_c (out, '.');
  return g_string_free (out, FALSE);
}
