/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include <string.h>

#include "sighej-crypto.h"
#include "sighej-meets-private.h"
#include "sighej-phrase.h"

#define LINK_PREFIX "sighej:pair?c="
/* Digits of a code that are shown together. */
#define GROUP_CHARS 4

/* ---- a code of ours ---- */

void
sighej_meets_forget_code (SighejMeets *self)
{
  g_clear_pointer (&self->code_own, sighej_keypair_unref);
  sighej_wipe (self->code_nonce, sizeof self->code_nonce);
  self->code_until_us = 0;
}

static void
on_code (const SighejWireServerMessage *answer, const GError *error, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  SighejMeets *self = g_task_get_source_object (task);
  SighejWireCode *code;

  if (error != NULL)
    {
      g_task_return_error (task, g_error_copy (error));
      return;
    }
  if (answer->type != SIGHEJ_WIRE_CODE)
    {
      g_task_return_new_error (
          task, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_SUPPORTED, "this backend makes no pairing codes");
      return;
    }

  self->code_until_us = sighej_clock_now_us (self->clock)
                        + (gint64) answer->pair_code->expires_in_s * G_USEC_PER_SEC;
  code = g_memdup2 (answer->pair_code, sizeof *answer->pair_code);
  g_task_return_pointer (task, code, (GDestroyNotify) sighej_wire_code_free);
}

void
sighej_meets_create_code_async (SighejMeets *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  SighejKeypair *own = sighej_link_get_keypair (self->link);
  SighejWireCodeRequest request = { 0 };
  GError *error = NULL;

  g_task_set_source_tag (task, sighej_meets_create_code_async);
  sighej_meets_forget_code (self);
  if (own != NULL)
    {
      self->code_own = sighej_keypair_ref (own);
      sighej_random_bytes (self->code_nonce, sizeof self->code_nonce);
      sighej_phrase_commit (sighej_keypair_get_public (own), self->code_nonce, request.commit);
      if (sighej_link_meets_ask_code (self->line, &request, on_code, task, &error))
        return;
    }
  else
    {
      g_set_error_literal (
          &error, SIGHEJ_ERROR, SIGHEJ_ERROR_OFFLINE, "there is no connection to the backend now");
    }
  g_task_return_error (task, error);
  g_object_unref (task);
}

static void
on_code_again (const SighejWireServerMessage *answer, const GError *error, gpointer user_data)
{
  if (error != NULL)
    g_debug ("a pairing code is not watched any more: %s", error->message);
}

/* The same promise gets the same code, over whichever line: so who uses it is told to us. */
void
sighej_meets_watch_code (SighejMeets *self)
{
  SighejWireCodeRequest request = { 0 };

  if (self->code_own == NULL || sighej_clock_now_us (self->clock) > self->code_until_us)
    return;

  sighej_phrase_commit (
      sighej_keypair_get_public (self->code_own), self->code_nonce, request.commit);
  sighej_link_meets_ask_code (self->line, &request, on_code_again, NULL, NULL);
}

/* "482913075516" as "4829-1307-5516". */
static char *
group_digits (const char *digits)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; digits[i] != '\0'; i++)
    {
      if (i > 0 && i % GROUP_CHARS == 0)
        g_string_append_c (text, '-');
      g_string_append_c (text, digits[i]);
    }
  return g_string_free (text, FALSE);
}

gboolean
sighej_meets_create_code_finish (SighejMeets *self,
                                 GAsyncResult *result,
                                 char **code,
                                 char **link,
                                 guint64 *expires_s,
                                 GError **error)
{
  SighejWireCode *answer;

  g_assert (g_task_is_valid (result, self));

  answer = g_task_propagate_pointer (G_TASK (result), error);
  if (answer == NULL)
    return FALSE;

  *code = group_digits (answer->code);
  *link = g_strconcat (LINK_PREFIX, answer->code, NULL);
  *expires_s
      = (guint64) (sighej_clock_wall_us (self->clock) / G_USEC_PER_SEC) + answer->expires_in_s;
  sighej_wire_code_free (answer);
  return TRUE;
}

typedef struct
{
  SighejMeets *meets;
  guint64 number;
} Revealing;

static void
revealing_free (Revealing *asked)
{
  g_object_unref (asked->meets);
  g_free (asked);
}

static void
on_revealed (const SighejWireServerMessage *answer, const GError *error, gpointer user_data)
{
  Revealing *asked = user_data;
  SighejEncounter *encounter = sighej_meets_find_number (asked->meets, asked->number);

  if (encounter != NULL)
    encounter->revealed = error == NULL;
  revealing_free (asked);
}

void
sighej_meets_reveal (SighejMeets *self, SighejEncounter *encounter)
{
  SighejWireMeet message = { .act = SIGHEJ_MEET_REVEAL };
  Revealing *asked = g_new0 (Revealing, 1);

  asked->meets = g_object_ref (self);
  asked->number = encounter->number;
  g_strlcpy (message.nudge_id, encounter->nudge_id, sizeof message.nudge_id);
  message.has_public_key = TRUE;
  memcpy (
      message.public_key, sighej_keypair_get_public (encounter->own), sizeof message.public_key);
  message.has_nonce = TRUE;
  memcpy (message.nonce, encounter->own_nonce, sizeof message.nonce);
  if (!sighej_link_meets_ask (self->line, &message, on_revealed, asked, NULL))
    revealing_free (asked);
}

/* Only the first who used it: a second would be no surprise of the person's. */
void
sighej_meets_on_paired (SighejMeets *self, const SighejWirePaired *paired)
{
  SighejEncounter *encounter = sighej_meets_find_id (self, paired->nudge_id);

  if (encounter != NULL || self->code_own == NULL
      || sighej_clock_now_us (self->clock) > self->code_until_us
      || sighej_meets_get_n_live (self) >= SIGHEJ_MEETS_MAX)
    return;

  encounter = sighej_meets_add_encounter (self,
                                          sighej_encounters_draw_number (self->encounters),
                                          SIGHEJ_ENCOUNTER_CREATOR,
                                          paired->nudge_id);
  encounter->ticket = g_strdup (paired->ticket);
  encounter->own = g_steal_pointer (&self->code_own);
  memcpy (encounter->own_nonce, self->code_nonce, sizeof encounter->own_nonce);
  sighej_meets_forget_code (self);
  encounter->has_peer_key = encounter->has_peer_nonce = TRUE;
  memcpy (encounter->peer_key, paired->peer_key, sizeof encounter->peer_key);
  memcpy (encounter->peer_nonce, paired->peer_nonce, sizeof encounter->peer_nonce);
  encounter->waved = TRUE;
  sighej_meets_resume (self, encounter);
}

/* ---- a code of theirs ---- */

void
sighej_meets_answer_pair (SighejEncounter *encounter, GError *error)
{
  g_autoptr (GTask) task = g_steal_pointer (&encounter->pair_task);
  g_autoptr (GError) owned = error;

  if (task == NULL)
    return;
  if (owned != NULL)
    g_task_return_error (task, g_steal_pointer (&owned));
  else
    g_task_return_pointer (task, g_memdup2 (&encounter->number, sizeof encounter->number), g_free);
}

typedef struct
{
  SighejKeypair *own;
  guint8 secret[SIGHEJ_PHRASE_SECRET_BYTES];
} Joining;

static void
joining_free (gpointer data)
{
  Joining *joining = data;

  g_clear_pointer (&joining->own, sighej_keypair_unref);
  sighej_wipe (joining, sizeof *joining);
  g_free (joining);
}

static SighejEncounter *
join (SighejMeets *self, const SighejWirePaired *paired, Joining *joining)
{
  SighejEncounter *encounter
      = sighej_meets_add_encounter (self,
                                    sighej_encounters_draw_number (self->encounters),
                                    SIGHEJ_ENCOUNTER_JOINER,
                                    paired->nudge_id);

  encounter->ticket = g_strdup (paired->ticket);
  encounter->own = g_steal_pointer (&joining->own);
  memcpy (encounter->own_secret, joining->secret, sizeof encounter->own_secret);
  memcpy (encounter->commit, paired->commit, sizeof encounter->commit);
  encounter->waved = TRUE;
  return encounter;
}

static void
on_joined (const SighejWireServerMessage *answer, const GError *error, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  SighejMeets *self = g_task_get_source_object (task);
  SighejEncounter *encounter;

  if (error != NULL || answer->type != SIGHEJ_WIRE_PAIR)
    {
      g_task_return_error (task,
                           error != NULL
                               ? g_error_copy (error)
                               : g_error_new_literal (SIGHEJ_ERROR,
                                                      SIGHEJ_ERROR_NOT_SUPPORTED,
                                                      "this backend knows no pairing codes"));
      return;
    }

  encounter = sighej_meets_find_id (self, answer->paired->nudge_id);
  if (encounter == NULL)
    encounter = join (self, answer->paired, g_task_get_task_data (task));
  sighej_meets_answer_pair (encounter,
                            g_error_new_literal (SIGHEJ_ERROR,
                                                 SIGHEJ_ERROR_RATE_LIMITED,
                                                 "that code was used again, wait for that"));
  encounter->pair_task = g_steal_pointer (&task);
  if (encounter->meet != NULL)
    sighej_meets_answer_pair (encounter, NULL);
  else
    sighej_meets_resume (self, encounter);
}

/* FALSE: @text is no code. */
static gboolean
read_code (const char *text, char out[SIGHEJ_WIRE_CODE_CHARS + 1])
{
  guint n = 0;

  if (g_str_has_prefix (text, LINK_PREFIX))
    text += strlen (LINK_PREFIX);
  for (; *text != '\0'; text++)
    {
      if (*text == '-' || *text == ' ')
        continue;
      if (!g_ascii_isdigit (*text) || n == SIGHEJ_WIRE_CODE_CHARS)
        return FALSE;
      out[n++] = *text;
    }
  out[n] = '\0';
  return n == SIGHEJ_WIRE_CODE_CHARS;
}

void
sighej_meets_pair_by_code_async (SighejMeets *self,
                                 const char *code,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  SighejKeypair *own = sighej_link_get_keypair (self->link);
  Joining *joining = g_new0 (Joining, 1);
  SighejWirePairRequest request = { 0 };
  GError *error = NULL;

  g_task_set_source_tag (task, sighej_meets_pair_by_code_async);
  g_task_set_task_data (task, joining, joining_free);
  if (!read_code (code, request.code))
    g_set_error (&error,
                 SIGHEJ_ERROR,
                 SIGHEJ_ERROR_INVALID_REQUEST,
                 "a pairing code has %d digits; it is written like 4829-1307-5516",
                 SIGHEJ_WIRE_CODE_CHARS);
  else if (own == NULL)
    g_set_error_literal (
        &error, SIGHEJ_ERROR, SIGHEJ_ERROR_OFFLINE, "there is no connection to the backend now");
  else
    {
      joining->own = sighej_keypair_ref (own);
      sighej_random_bytes (joining->secret, sizeof joining->secret);
      memcpy (request.public_key, sighej_keypair_get_public (own), sizeof request.public_key);
      sighej_phrase_promise (request.public_key, joining->secret, request.nonce);
      if (sighej_link_meets_ask_pair (self->line, &request, on_joined, task, &error))
        return;
    }
  g_task_return_error (task, error);
  g_object_unref (task);
}

guint64
sighej_meets_pair_by_code_finish (SighejMeets *self, GAsyncResult *result, GError **error)
{
  g_autofree guint64 *number = NULL;

  g_assert (g_task_is_valid (result, self));

  number = g_task_propagate_pointer (G_TASK (result), error);
  return number != NULL ? *number : 0;
}

/* ---- the phrase ---- */

static void
show_phrase (SighejMeets *self,
             SighejEncounter *encounter,
             const guint8 phrase[SIGHEJ_PHRASE_WORDS])
{
  char *text = sighej_phrase_to_text (phrase, self->language);

  sighej_meet_set_text (&encounter->meet->phrase, text);
  sighej_wipe_free_string (text);
}

/* Theirs is opened: what is ours they learn only now. */
static void
show_joiner_phrase (SighejMeets *self, SighejEncounter *encounter)
{
  guint8 phrase[SIGHEJ_PHRASE_WORDS];

  sighej_phrase_compute (encounter->peer_key,
                         encounter->peer_nonce,
                         sighej_keypair_get_public (encounter->own),
                         encounter->own_secret,
                         phrase);
  show_phrase (self, encounter, phrase);
}

void
sighej_meets_show_creator_phrase (SighejMeets *self, SighejEncounter *encounter)
{
  const guint8 *secret = sighej_meet_talk_get_joiner_secret (encounter->talk);
  guint8 phrase[SIGHEJ_PHRASE_WORDS];

  if (secret == NULL || *encounter->meet->phrase != '\0')
    return;

  sighej_phrase_compute (sighej_keypair_get_public (encounter->own),
                         encounter->own_nonce,
                         encounter->peer_key,
                         secret,
                         phrase);
  show_phrase (self, encounter, phrase);
}

gboolean
sighej_meets_open_phrase (SighejMeets *self, SighejEncounter *encounter)
{
  if (!encounter->has_peer_nonce)
    return FALSE;
  if (encounter->how == SIGHEJ_ENCOUNTER_JOINER
      && !sighej_phrase_opens (encounter->commit, encounter->peer_key, encounter->peer_nonce))
    {
      sighej_meets_break (self, encounter, SIGHEJ_MEET_PROBLEM_KEY_CHANGED);
      return FALSE;
    }

  if (encounter->how == SIGHEJ_ENCOUNTER_JOINER)
    show_joiner_phrase (self, encounter);
  sighej_meets_know_person (self, encounter);
  return TRUE;
}
