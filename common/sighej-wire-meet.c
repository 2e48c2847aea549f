/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-wire"

#include "config.h"

#include "sighej-wire-meet.h"

#include <math.h>
#include <string.h>

#include "sighej-crypto.h"
#include "sighej-enum-types.h"
#include "sighej-wire-member.h"
#include "sighej-wire.h"

#define EXPIRES_IN_MS_MAX 3600000
#define TAKEN_MS_MAX (G_GINT64_CONSTANT (4102444800000)) /* the year 2100 */
#define DECIMAL_MAX 1e6 /* far more than any degree or metre; seven decimals of it are exact */
#define MEET_BYTES 512  /* at first; it grows */

/* Those that travel; there and away never do. */
static const char *const act_words[] = {
  [SIGHEJ_MEET_WAVE] = "wave",       [SIGHEJ_MEET_WITHDRAW] = "withdraw",
  [SIGHEJ_MEET_RESUME] = "resume",   [SIGHEJ_MEET_SPOT] = "spot",
  [SIGHEJ_MEET_HERE] = "here",       [SIGHEJ_MEET_CLOSEST] = "closest",
  [SIGHEJ_MEET_CONFIRM] = "confirm", [SIGHEJ_MEET_END] = "end",
  [SIGHEJ_MEET_SHARE] = "share",     [SIGHEJ_MEET_POSITION] = "position",
  [SIGHEJ_MEET_SAY] = "say",         [SIGHEJ_MEET_ACK] = "ack",
  [SIGHEJ_MEET_BLOCK] = "block",     [SIGHEJ_MEET_REVEAL] = "reveal",
};

static const char *const kind_words[] = {
  [SIGHEJ_TALK_TEXT] = "text",
  [SIGHEJ_TALK_PART] = "part",
  [SIGHEJ_TALK_NOTE] = "note",
};

/* ---- members of these messages ---- */

static gboolean
need_hex (JsonObject *object, const char *member, guint8 *out, gsize n_bytes, GError **error)
{
  gboolean present;

  if (!sighej_wire_read_hex (object, member, out, n_bytes, &present, error))
    return FALSE;
  return present || sighej_wire_refuse (error, member, "is missing");
}

static gboolean
read_nudge_id (JsonObject *object, char out[SIGHEJ_NUDGE_ID_CHARS + 1], GError **error)
{
  guint8 id[SIGHEJ_NUDGE_ID_CHARS / 2];

  if (!need_hex (object, "nudge", id, sizeof id, error))
    return FALSE;
  sighej_hex_encode (id, sizeof id, out);
  return TRUE;
}

static gboolean
read_guint (JsonObject *object, const char *member, guint maximum, guint *out, GError **error)
{
  gint64 number;

  if (!sighej_wire_read_number (object, member, 0, maximum, &number, error))
    return FALSE;
  *out = (guint) number;
  return TRUE;
}

static gboolean
read_double (JsonObject *object, const char *member, double *out, GError **error)
{
  JsonNode *node = json_object_get_member (object, member);

  if (node == NULL)
    return sighej_wire_refuse (error, member, "is missing");
  if (!sighej_wire_holds (node, G_TYPE_DOUBLE) && !sighej_wire_holds (node, G_TYPE_INT64))
    return sighej_wire_refuse (error, member, "must be a number");
  *out = json_node_get_double (node);
  return fabs (*out) <= DECIMAL_MAX || sighej_wire_refuse (error, member, "is out of range");
}

static gboolean
read_place (JsonObject *object, SighejPosition *out, GError **error)
{
  return read_double (object, "lat", &out->latitude, error)
         && read_double (object, "lon", &out->longitude, error)
         && read_double (object, "accuracy", &out->accuracy_m, error);
}

gboolean
sighej_wire_dup_ticket (JsonObject *object, char **out, GError **error)
{
  const char *text;
  gsize length;

  if (!sighej_wire_read_string (object, "ticket", &text, error))
    return FALSE;
  length = strspn (text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
  if (length == 0 || length > SIGHEJ_WIRE_TICKET_CHARS_MAX || text[length] != '\0')
    return sighej_wire_refuse (error, "ticket", "must be 1 to 256 of A-Z a-z 0-9 _ -");
  *out = g_strdup (text);
  return TRUE;
}

static gboolean
read_kind (JsonObject *object, SighejTalkKind *out, GError **error)
{
  const char *word;
  int kind;

  if (!sighej_wire_read_word (object, "kind", &word, error))
    return FALSE;
  kind = sighej_wire_find_word (kind_words, G_N_ELEMENTS (kind_words), word);
  if (kind < 0)
    return sighej_wire_refuse (error, "kind", "is none of text, part, note");
  *out = (SighejTalkKind) kind;
  return TRUE;
}

static gboolean
dup_body (JsonObject *object, GBytes **out, GError **error)
{
  const char *text;

  if (!sighej_wire_read_string (object, "body", &text, error))
    return FALSE;
  *out = sighej_base64url_decode (text, SIGHEJ_WIRE_TALK_BYTES_MAX);
  return *out != NULL || sighej_wire_refuse (error, "body", "must be base64url of 1 to 2100 bytes");
}

static gboolean
read_code (JsonObject *object, char out[SIGHEJ_WIRE_CODE_CHARS + 1], GError **error)
{
  const char *text;

  if (!sighej_wire_read_string (object, "code", &text, error))
    return FALSE;
  if (strlen (text) != SIGHEJ_WIRE_CODE_CHARS
      || strspn (text, "0123456789") != SIGHEJ_WIRE_CODE_CHARS)
    return sighej_wire_refuse (error, "code", "must be 12 digits");
  g_strlcpy (out, text, SIGHEJ_WIRE_CODE_CHARS + 1);
  return TRUE;
}

static void
append_decimal (GString *out, const char *name, const char *format, double value)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE];

  sighej_wire_append_raw (out, name, g_ascii_formatd (digits, sizeof digits, format, value));
}

/* Seven decimals are a centimetre. */
static void
append_place (GString *out, const SighejPosition *position)
{
  append_decimal (out, "lat", "%.7f", position->latitude);
  append_decimal (out, "lon", "%.7f", position->longitude);
  append_decimal (out, "accuracy", "%.1f", position->accuracy_m);
}

static void
append_body (GString *out, GBytes *body)
{
  gsize n_bytes;
  const guint8 *data = g_bytes_get_data (body, &n_bytes);
  g_autofree char *text = sighej_base64url_encode (data, n_bytes);

  sighej_wire_append_text (out, "body", text);
}

static GString *
begin (const char *type)
{
  GString *out = g_string_sized_new (MEET_BYTES);

  g_string_append_c (out, '{');
  sighej_wire_append_text (out, "type", type);
  return out;
}

static char *
finish (GString *out)
{
  g_string_append_c (out, '}');
  return g_string_free (out, FALSE);
}

/* Returns: (transfer full): an object whose "type" is @type */
static JsonNode *
parse (const char *data, gsize n_bytes, const char *type, GError **error)
{
  g_autoptr (JsonNode) root = NULL;
  const char *word;

  if (n_bytes > SIGHEJ_WIRE_MESSAGE_BYTES_MAX)
    {
      g_set_error_literal (
          error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_REQUEST, "a message is at most 4096 bytes");
      return NULL;
    }
  root = sighej_json_parse_object (data, n_bytes, error);
  if (root == NULL || !sighej_wire_read_word (json_node_get_object (root), "type", &word, error))
    return NULL;
  if (strcmp (word, type) == 0)
    return g_steal_pointer (&root);
  sighej_wire_refuse (error, "type", "is another");
  return NULL;
}

/* ---- meet, client to server ---- */

static gboolean
fill_wave (SighejWireMeet *self, JsonObject *object, GError **error)
{
  self->has_public_key = TRUE;
  return sighej_wire_dup_ticket (object, &self->ticket, error)
         && need_hex (object, "key", self->public_key, sizeof self->public_key, error)
         && sighej_wire_read_hex (
             object, "commit", self->commit, sizeof self->commit, &self->has_commit, error);
}

static gboolean
fill_reveal (SighejWireMeet *self, JsonObject *object, GError **error)
{
  self->has_public_key = self->has_nonce = TRUE;
  return need_hex (object, "key", self->public_key, sizeof self->public_key, error)
         && need_hex (object, "nonce", self->nonce, sizeof self->nonce, error);
}

static gboolean
fill_position (SighejWireMeet *self, JsonObject *object, GError **error)
{
  gint64 taken_ms;

  if (!read_place (object, &self->position, error)
      || !sighej_wire_read_number (object, "taken", 0, TAKEN_MS_MAX, &taken_ms, error))
    return FALSE;
  self->position.taken_us = taken_ms * 1000;
  return TRUE;
}

static gboolean
fill_act (SighejWireMeet *self, JsonObject *object, GError **error)
{
  switch (self->act)
    {
    case SIGHEJ_MEET_WAVE:
      return fill_wave (self, object, error);
    case SIGHEJ_MEET_RESUME:
      return sighej_wire_dup_ticket (object, &self->ticket, error)
             && sighej_wire_read_sequence (object, "after", &self->number, error);
    case SIGHEJ_MEET_SPOT:
      return read_guint (object, "spot", SIGHEJ_WIRE_SPOTS - 1, &self->spot, error);
    case SIGHEJ_MEET_SHARE:
      return sighej_wire_read_boolean (object, "on", &self->on, error);
    case SIGHEJ_MEET_POSITION:
      return fill_position (self, object, error);
    case SIGHEJ_MEET_SAY:
      return sighej_wire_read_sequence (object, "n", &self->number, error)
             && read_kind (object, &self->kind, error) && dup_body (object, &self->body, error);
    case SIGHEJ_MEET_ACK:
      return sighej_wire_read_sequence (object, "n", &self->number, error);
    case SIGHEJ_MEET_BLOCK:
      return sighej_wire_dup_ticket (object, &self->ticket, error);
    case SIGHEJ_MEET_REVEAL:
      return fill_reveal (self, object, error);
    case SIGHEJ_MEET_WITHDRAW:
    case SIGHEJ_MEET_HERE:
    case SIGHEJ_MEET_CLOSEST:
    case SIGHEJ_MEET_CONFIRM:
    case SIGHEJ_MEET_END:
      return TRUE;
    case SIGHEJ_MEET_THERE:
    case SIGHEJ_MEET_AWAY:
    default:
      g_return_val_if_reached (FALSE);
    }
}

static gboolean
fill_meet (SighejWireMeet *self, JsonObject *object, GError **error)
{
  const char *word;
  int act;

  if (!sighej_wire_read_sequence (object, "id", &self->id, error)
      || !read_nudge_id (object, self->nudge_id, error)
      || !sighej_wire_read_word (object, "act", &word, error))
    return FALSE;
  act = sighej_wire_find_word (act_words, G_N_ELEMENTS (act_words), word);
  if (act < 0)
    return sighej_wire_refuse (error, "act", "is none this version knows");
  self->act = (SighejMeetAct) act;
  return fill_act (self, object, error);
}

SighejWireMeet *
sighej_wire_meet_read (const char *data, gsize n_bytes, GError **error)
{
  g_autoptr (JsonNode) root = parse (data, n_bytes, "meet", error);
  g_autoptr (SighejWireMeet) self = NULL;

  if (root == NULL)
    return NULL;
  self = g_new0 (SighejWireMeet, 1);
  if (!fill_meet (self, json_node_get_object (root), error))
    return NULL;
  return g_steal_pointer (&self);
}

static void
append_say (GString *out, const SighejWireMeet *self)
{
  sighej_wire_append_number (out, "n", self->number);
  sighej_wire_append_text (out, "kind", kind_words[self->kind]);
  append_body (out, self->body);
}

static void
append_keys (GString *out, const SighejWireMeet *self)
{
  if (self->has_public_key)
    sighej_wire_append_hex (out, "key", self->public_key, sizeof self->public_key);
  if (self->act == SIGHEJ_MEET_WAVE && self->has_commit)
    sighej_wire_append_hex (out, "commit", self->commit, sizeof self->commit);
  if (self->act == SIGHEJ_MEET_REVEAL)
    sighej_wire_append_hex (out, "nonce", self->nonce, sizeof self->nonce);
}

static void
append_act (GString *out, const SighejWireMeet *self)
{
  switch (self->act)
    {
    case SIGHEJ_MEET_WAVE:
    case SIGHEJ_MEET_REVEAL:
      append_keys (out, self);
      break;
    case SIGHEJ_MEET_RESUME:
      sighej_wire_append_number (out, "after", self->number);
      break;
    case SIGHEJ_MEET_SPOT:
      sighej_wire_append_number (out, "spot", self->spot);
      break;
    case SIGHEJ_MEET_SHARE:
      sighej_wire_append_boolean (out, "on", self->on);
      break;
    case SIGHEJ_MEET_POSITION:
      append_place (out, &self->position);
      sighej_wire_append_number (out, "taken", (guint64) MAX (self->position.taken_us / 1000, 0));
      break;
    case SIGHEJ_MEET_SAY:
      append_say (out, self);
      break;
    case SIGHEJ_MEET_ACK:
      sighej_wire_append_number (out, "n", self->number);
      break;
    case SIGHEJ_MEET_WITHDRAW:
    case SIGHEJ_MEET_HERE:
    case SIGHEJ_MEET_CLOSEST:
    case SIGHEJ_MEET_CONFIRM:
    case SIGHEJ_MEET_END:
    case SIGHEJ_MEET_BLOCK:
    case SIGHEJ_MEET_THERE:
    case SIGHEJ_MEET_AWAY:
    default:
      break;
    }
}

char *
sighej_wire_meet_write (const SighejWireMeet *self)
{
  GString *out;

  g_return_val_if_fail (self->act < G_N_ELEMENTS (act_words), NULL);

  out = begin ("meet");
  sighej_wire_append_number (out, "id", self->id);
  sighej_wire_append_text (out, "nudge", self->nudge_id);
  sighej_wire_append_text (out, "act", act_words[self->act]);
  if (self->ticket != NULL)
    sighej_wire_append_text (out, "ticket", self->ticket);
  append_act (out, self);
  return finish (out);
}

void
sighej_wire_meet_free (SighejWireMeet *self)
{
  sighej_wipe_free_string (self->ticket);
  g_clear_pointer (&self->body, g_bytes_unref);
  sighej_wipe (self, sizeof *self);
  g_free (self);
}

/* ---- pairing codes, client to server ---- */

gboolean
sighej_wire_code_request_read (const char *data,
                               gsize n_bytes,
                               SighejWireCodeRequest *out,
                               GError **error)
{
  g_autoptr (JsonNode) root = parse (data, n_bytes, "code", error);
  JsonObject *object;

  if (root == NULL)
    return FALSE;
  object = json_node_get_object (root);
  return sighej_wire_read_sequence (object, "id", &out->id, error)
         && need_hex (object, "commit", out->commit, sizeof out->commit, error);
}

char *
sighej_wire_code_request_write (const SighejWireCodeRequest *self)
{
  GString *out = begin ("code");

  sighej_wire_append_number (out, "id", self->id);
  sighej_wire_append_hex (out, "commit", self->commit, sizeof self->commit);
  return finish (out);
}

gboolean
sighej_wire_pair_request_read (const char *data,
                               gsize n_bytes,
                               SighejWirePairRequest *out,
                               GError **error)
{
  g_autoptr (JsonNode) root = parse (data, n_bytes, "pair", error);
  JsonObject *object;
  gboolean good;

  if (root == NULL)
    return FALSE;
  object = json_node_get_object (root);
  good = sighej_wire_read_sequence (object, "id", &out->id, error)
         && read_code (object, out->code, error)
         && need_hex (object, "key", out->public_key, sizeof out->public_key, error)
         && need_hex (object, "nonce", out->nonce, sizeof out->nonce, error);
  sighej_wire_wipe (object, "code");
  return good;
}

char *
sighej_wire_pair_request_write (const SighejWirePairRequest *self)
{
  GString *out = begin ("pair");

  sighej_wire_append_number (out, "id", self->id);
  sighej_wire_append_text (out, "code", self->code);
  sighej_wire_append_hex (out, "key", self->public_key, sizeof self->public_key);
  sighej_wire_append_hex (out, "nonce", self->nonce, sizeof self->nonce);
  return finish (out);
}

/* ---- meet_result ---- */

SighejWireMeetResult *
sighej_wire_meet_result_new (guint64 id, const GError *error)
{
  SighejWireMeetResult *self = g_new0 (SighejWireMeetResult, 1);
  SighejError code = SIGHEJ_ERROR_FAILED;

  self->id = id;
  self->ok = error == NULL;
  if (self->ok)
    return self;
  if (error->domain == SIGHEJ_ERROR)
    code = (SighejError) error->code;
  self->code = g_strdelimit (g_strdup (sighej_error_get_info (code)->problem), "-", '_');
  self->message = g_strdup (error->message);
  return self;
}

GError *
sighej_wire_meet_result_to_error (const SighejWireMeetResult *self)
{
  g_return_val_if_fail (!self->ok, NULL);

  for (int code = 0; code < SIGHEJ_N_ERRORS; code++)
    {
      g_autofree char *word
          = g_strdelimit (g_strdup (sighej_error_get_info ((SighejError) code)->problem), "-", '_');

      if (strcmp (word, self->code) == 0)
        return g_error_new_literal (SIGHEJ_ERROR, code, self->message);
    }
  return g_error_new_literal (SIGHEJ_ERROR, SIGHEJ_ERROR_FAILED, self->message);
}

static gboolean
fill_failure (SighejWireMeetResult *self, JsonObject *object, GError **error)
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

SighejWireMeetResult *
sighej_wire_meet_result_take (JsonObject *object, GError **error)
{
  g_autoptr (SighejWireMeetResult) self = g_new0 (SighejWireMeetResult, 1);

  if (!sighej_wire_read_sequence (object, "id", &self->id, error)
      || !sighej_wire_read_boolean (object, "ok", &self->ok, error)
      || (!self->ok && !fill_failure (self, object, error)))
    return NULL;
  return g_steal_pointer (&self);
}

void
sighej_wire_meet_result_append (const SighejWireMeetResult *self, GString *out)
{
  sighej_wire_append_number (out, "id", self->id);
  sighej_wire_append_boolean (out, "ok", self->ok);
  if (self->ok)
    return;
  sighej_wire_append_text (out, "code", self->code);
  sighej_wire_append_text (out, "message", self->message);
  if (self->retry_after_s > 0)
    sighej_wire_append_number (
        out, "retry_after", MIN (self->retry_after_s, SIGHEJ_WIRE_RETRY_SECONDS_MAX));
}

void
sighej_wire_meet_result_free (SighejWireMeetResult *self)
{
  g_free (self->code);
  g_free (self->message);
  g_free (self);
}

/* ---- meet, server to client ---- */

static gboolean
read_state_word (JsonObject *object, SighejMeetState *out, GError **error)
{
  const char *word;
  int state;

  if (!sighej_wire_read_word (object, "state", &word, error))
    return FALSE;
  if (!sighej_enum_from_nick (SIGHEJ_TYPE_MEET_STATE, word, &state)
      || state == SIGHEJ_MEET_STATE_EXPIRED)
    return sighej_wire_refuse (error, "state", "is none this version knows");
  *out = (SighejMeetState) state;
  return TRUE;
}

static gboolean
fill_flags (SighejWireMeetState *self, JsonObject *object, GError **error)
{
  return sighej_wire_read_boolean (object, "own_here", &self->own_here, error)
         && sighej_wire_read_boolean (object, "peer_here", &self->peer_here, error)
         && sighej_wire_read_boolean (object, "confirmed", &self->confirmed, error)
         && sighej_wire_read_boolean (object, "own_share", &self->own_share, error)
         && sighej_wire_read_boolean (object, "peer_share", &self->peer_share, error)
         && sighej_wire_read_boolean (object, "sharing", &self->sharing, error)
         && sighej_wire_read_boolean (object, "peer_there", &self->peer_there, error);
}

static gboolean
fill_peer_position (SighejWireMeetState *self, JsonObject *object, GError **error)
{
  JsonNode *node = json_object_get_member (object, "position");
  JsonObject *position;

  self->has_position = node != NULL;
  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return sighej_wire_refuse (error, "position", "must be an object");
  position = json_node_get_object (node);
  return read_place (position, &self->position, error)
         && read_guint (position, "age_ms", EXPIRES_IN_MS_MAX, &self->position_age_ms, error);
}

static gboolean
fill_peer_keys (SighejWireMeetState *self, JsonObject *object, GError **error)
{
  return sighej_wire_read_hex (
             object, "peer_key", self->peer_key, sizeof self->peer_key, &self->has_peer_key, error)
         && sighej_wire_read_hex (object,
                                  "peer_nonce",
                                  self->peer_nonce,
                                  sizeof self->peer_nonce,
                                  &self->has_peer_nonce,
                                  error);
}

static gboolean
fill_meet_state (SighejWireMeetState *self, JsonObject *object, GError **error)
{
  guint spot;

  if (!read_guint (object, "handle", SIGHEJ_WIRE_WORDS_MAX, &self->handle, error)
      || !read_guint (object, "peer_handle", SIGHEJ_WIRE_WORDS_MAX, &self->peer_handle, error)
      || !read_guint (object, "cue", SIGHEJ_WIRE_WORDS_MAX, &self->cue, error)
      || !fill_flags (self, object, error)
      || !read_guint (object, "expires_in_ms", EXPIRES_IN_MS_MAX, &self->expires_in_ms, error)
      || !sighej_wire_read_sequence (object, "said", &self->said, error)
      || !fill_peer_position (self, object, error) || !fill_peer_keys (self, object, error))
    return FALSE;
  if (!json_object_has_member (object, "spot"))
    return TRUE;
  if (!read_guint (object, "spot", SIGHEJ_WIRE_SPOTS - 1, &spot, error))
    return FALSE;
  self->spot = (int) spot;
  return TRUE;
}

SighejWireMeetState *
sighej_wire_meet_state_take (JsonObject *object, GError **error)
{
  g_autoptr (SighejWireMeetState) self = g_new0 (SighejWireMeetState, 1);

  self->spot = -1;
  if (!read_nudge_id (object, self->nudge_id, error)
      || !sighej_wire_read_sequence (object, "version", &self->version, error)
      || !read_state_word (object, &self->state, error)
      || (self->state != SIGHEJ_MEET_STATE_ENDED && !fill_meet_state (self, object, error)))
    return NULL;
  return g_steal_pointer (&self);
}

static void
append_flags (const SighejWireMeetState *self, GString *out)
{
  sighej_wire_append_boolean (out, "own_here", self->own_here);
  sighej_wire_append_boolean (out, "peer_here", self->peer_here);
  sighej_wire_append_boolean (out, "confirmed", self->confirmed);
  sighej_wire_append_boolean (out, "own_share", self->own_share);
  sighej_wire_append_boolean (out, "peer_share", self->peer_share);
  sighej_wire_append_boolean (out, "sharing", self->sharing);
  sighej_wire_append_boolean (out, "peer_there", self->peer_there);
}

static void
append_peer_position (const SighejWireMeetState *self, GString *out)
{
  sighej_wire_append_raw (out, "position", "{");
  append_place (out, &self->position);
  sighej_wire_append_number (out, "age_ms", self->position_age_ms);
  g_string_append_c (out, '}');
}

void
sighej_wire_meet_state_append (const SighejWireMeetState *self, GString *out)
{
  sighej_wire_append_text (out, "nudge", self->nudge_id);
  sighej_wire_append_number (out, "version", self->version);
  sighej_wire_append_text (
      out, "state", sighej_enum_to_nick (SIGHEJ_TYPE_MEET_STATE, (int) self->state));
  if (self->state == SIGHEJ_MEET_STATE_ENDED)
    return;
  sighej_wire_append_number (out, "handle", self->handle);
  sighej_wire_append_number (out, "peer_handle", self->peer_handle);
  sighej_wire_append_number (out, "cue", self->cue);
  if (self->spot >= 0)
    sighej_wire_append_number (out, "spot", (guint64) self->spot);
  append_flags (self, out);
  if (self->has_position)
    append_peer_position (self, out);
  sighej_wire_append_number (out, "expires_in_ms", self->expires_in_ms);
  if (self->has_peer_key)
    sighej_wire_append_hex (out, "peer_key", self->peer_key, sizeof self->peer_key);
  if (self->has_peer_nonce)
    sighej_wire_append_hex (out, "peer_nonce", self->peer_nonce, sizeof self->peer_nonce);
  sighej_wire_append_number (out, "said", self->said);
}

void
sighej_wire_meet_state_free (SighejWireMeetState *self)
{
  sighej_wipe (self, sizeof *self);
  g_free (self);
}

/* ---- talk ---- */

SighejWireTalk *
sighej_wire_talk_take (JsonObject *object, GError **error)
{
  g_autoptr (SighejWireTalk) self = g_new0 (SighejWireTalk, 1);

  if (!read_nudge_id (object, self->nudge_id, error)
      || !sighej_wire_read_sequence (object, "n", &self->n, error)
      || !read_kind (object, &self->kind, error) || !dup_body (object, &self->body, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
sighej_wire_talk_append (const SighejWireTalk *self, GString *out)
{
  sighej_wire_append_text (out, "nudge", self->nudge_id);
  sighej_wire_append_number (out, "n", self->n);
  sighej_wire_append_text (out, "kind", kind_words[self->kind]);
  append_body (out, self->body);
}

void
sighej_wire_talk_free (SighejWireTalk *self)
{
  g_clear_pointer (&self->body, g_bytes_unref);
  g_free (self);
}

/* ---- pairing codes, server to client ---- */

SighejWireCode *
sighej_wire_code_take (JsonObject *object, GError **error)
{
  g_autoptr (SighejWireCode) self = g_new0 (SighejWireCode, 1);

  if (!sighej_wire_read_sequence (object, "id", &self->id, error)
      || !read_code (object, self->code, error)
      || !read_guint (
          object, "expires_in", SIGHEJ_WIRE_CODE_SECONDS_MAX, &self->expires_in_s, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
sighej_wire_code_append (const SighejWireCode *self, GString *out)
{
  sighej_wire_append_number (out, "id", self->id);
  sighej_wire_append_text (out, "code", self->code);
  sighej_wire_append_number (out, "expires_in", self->expires_in_s);
}

void
sighej_wire_code_free (SighejWireCode *self)
{
  sighej_wipe (self, sizeof *self);
  g_free (self);
}

SighejWirePaired *
sighej_wire_paired_take (JsonObject *object, gboolean to_creator, GError **error)
{
  g_autoptr (SighejWirePaired) self = g_new0 (SighejWirePaired, 1);
  gboolean good;

  good = read_nudge_id (object, self->nudge_id, error)
         && sighej_wire_dup_ticket (object, &self->ticket, error);
  if (good && to_creator)
    good = need_hex (object, "peer_key", self->peer_key, sizeof self->peer_key, error)
           && need_hex (object, "peer_nonce", self->peer_nonce, sizeof self->peer_nonce, error);
  else if (good)
    good = sighej_wire_read_sequence (object, "id", &self->id, error)
           && need_hex (object, "commit", self->commit, sizeof self->commit, error);
  return good ? g_steal_pointer (&self) : NULL;
}

void
sighej_wire_paired_append (const SighejWirePaired *self, gboolean to_creator, GString *out)
{
  if (!to_creator)
    sighej_wire_append_number (out, "id", self->id);
  sighej_wire_append_text (out, "nudge", self->nudge_id);
  sighej_wire_append_text (out, "ticket", self->ticket);
  if (to_creator)
    {
      sighej_wire_append_hex (out, "peer_key", self->peer_key, sizeof self->peer_key);
      sighej_wire_append_hex (out, "peer_nonce", self->peer_nonce, sizeof self->peer_nonce);
      return;
    }
  sighej_wire_append_hex (out, "commit", self->commit, sizeof self->commit);
}

void
sighej_wire_paired_free (SighejWirePaired *self)
{
  sighej_wipe_free_string (self->ticket);
  sighej_wipe (self, sizeof *self);
  g_free (self);
}
