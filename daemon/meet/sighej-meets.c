/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include <string.h>

#include "sighej-crypto.h"
#include "sighej-meets-private.h"

/* How often bands, positions and ends are looked at while there is a meet. */
#define TICK_US ((gint64) 2 * G_USEC_PER_SEC)

G_DEFINE_FINAL_TYPE (SighejMeets, sighej_meets, G_TYPE_OBJECT)

enum
{
  ADDED,
  CHANGED,
  REMOVED,
  MESSAGE,
  MARKED,
  LEFT,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
forget_own_token (SighejMeets *self)
{
  sighej_wipe (&self->own_token, sizeof self->own_token);
  sighej_wipe (&self->own_origin, sizeof self->own_origin);
}

static void
sighej_meets_init (SighejMeets *self)
{
  self->all = g_ptr_array_new ();
  self->heard = sighej_heard_new ();
  self->language = g_strdup ("en");
}

static void
sighej_meets_dispose (GObject *object)
{
  SighejMeets *self = SIGHEJ_MEETS (object);

  while (self->all->len > 0)
    sighej_meets_forget (self, g_ptr_array_index (self->all, 0));
  sighej_meets_forget_code (self);
  if (self->clock != NULL)
    sighej_clock_clear (self->clock, &self->tick_wait);
  g_clear_object (&self->farewells);
  g_clear_object (&self->complaints);
  g_clear_pointer (&self->past, sighej_past_free);
  g_clear_object (&self->avoid);
  g_clear_object (&self->sightings);
  g_clear_object (&self->encounters);
  g_clear_object (&self->line);
  g_clear_object (&self->link);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (sighej_meets_parent_class)->dispose (object);
}

static void
sighej_meets_finalize (GObject *object)
{
  SighejMeets *self = SIGHEJ_MEETS (object);

  forget_own_token (self);
  g_ptr_array_unref (self->all);
  sighej_heard_free (self->heard);
  g_free (self->language);

  G_OBJECT_CLASS (sighej_meets_parent_class)->finalize (object);
}

static void
sighej_meets_class_init (SighejMeetsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);
  static const char *const names[] = { "added", "changed", "removed" };
  static const char *const of_messages[] = { "message", "marked" };

  object_class->dispose = sighej_meets_dispose;
  object_class->finalize = sighej_meets_finalize;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    signals[ADDED + i] = g_signal_new (
        names[i], type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  for (guint i = 0; i < G_N_ELEMENTS (of_messages); i++)
    signals[MESSAGE + i] = g_signal_new (of_messages[i],
                                         type,
                                         G_SIGNAL_RUN_LAST,
                                         0,
                                         NULL,
                                         NULL,
                                         NULL,
                                         G_TYPE_NONE,
                                         2,
                                         G_TYPE_POINTER,
                                         G_TYPE_POINTER);
  g_signal_new ("position-wanted",
                type,
                G_SIGNAL_RUN_LAST,
                0,
                NULL,
                NULL,
                NULL,
                G_TYPE_NONE,
                1,
                G_TYPE_BOOLEAN);
  signals[LEFT]
      = g_signal_new ("left", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

/* ---- the list ---- */

SighejEncounter *
sighej_meets_find_id (SighejMeets *self, const char *nudge_id)
{
  for (guint i = 0; i < self->all->len; i++)
    {
      SighejEncounter *encounter = g_ptr_array_index (self->all, i);

      if (g_str_equal (encounter->nudge_id, nudge_id))
        return encounter;
    }
  return NULL;
}

SighejEncounter *
sighej_meets_find_number (SighejMeets *self, guint64 number)
{
  for (guint i = 0; i < self->all->len; i++)
    {
      SighejEncounter *encounter = g_ptr_array_index (self->all, i);

      if (encounter->number == number)
        return encounter;
    }
  return NULL;
}

SighejEncounter *
sighej_meets_find_meet (SighejMeets *self, guint64 number, GError **error)
{
  SighejEncounter *encounter = sighej_meets_find_number (self, number);

  if (encounter != NULL && encounter->meet != NULL)
    return encounter;

  g_set_error_literal (error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_FOUND, "there is no such meet");
  return NULL;
}

SighejEncounter *
sighej_meets_add_encounter (SighejMeets *self,
                            guint64 number,
                            SighejEncounterHow how,
                            const char *nudge_id)
{
  SighejEncounter *encounter = sighej_encounter_new (number, how, nudge_id);

  encounter->meets = self;
  g_ptr_array_add (self->all, encounter);
  return encounter;
}

void
sighej_meets_forget (SighejMeets *self, SighejEncounter *encounter)
{
  g_ptr_array_remove (self->all, encounter);
  sighej_meets_answer_pair (encounter,
                            g_error_new_literal (SIGHEJ_ERROR,
                                                 SIGHEJ_ERROR_NOT_FOUND,
                                                 "that code leads to nobody any more"));
  sighej_encounter_free (encounter, self->clock);
}

static void
tell_marks (SighejMeets *self, SighejMeet *meet)
{
  for (guint i = 0; i < meet->messages->len; i++)
    {
      SighejMeetMessage *message = g_ptr_array_index (meet->messages, i);

      if (!message->mark_is_news)
        continue;
      message->mark_is_news = FALSE;
      g_signal_emit (self, signals[MARKED], 0, meet, message);
    }
}

void
sighej_meets_changed (SighejMeets *self, SighejEncounter *encounter)
{
  tell_marks (self, encounter->meet);
  g_signal_emit (self, signals[CHANGED], 0, encounter->meet);
}

/* ---- the end ---- */

static const char *
counted_as (SighejMeets *self, SighejMeetState state)
{
  if (state == SIGHEJ_MEET_STATE_MET)
    self->n_met++;
  else
    self->n_ended++;
  return state == SIGHEJ_MEET_STATE_MET ? "met" : "over";
}

void
sighej_meets_end_meet (SighejMeets *self,
                       SighejEncounter *encounter,
                       SighejMeetState state,
                       int farewell)
{
  guint64 number = encounter->number;

  g_ptr_array_remove (self->all, encounter);
  if (farewell >= 0)
    sighej_farewells_say (self->farewells,
                          encounter->nudge_id,
                          encounter->ticket != NULL ? (SighejMeetAct) farewell : SIGHEJ_MEET_END,
                          encounter->ticket);
  sighej_past_add (self->past, number, encounter->nudge_id, encounter->ticket);
  if (encounter->talk != NULL)
    sighej_meet_talk_end (encounter->talk);
  sighej_meet_end (encounter->meet, state);
  g_info ("a meet is %s", counted_as (self, state));
  g_signal_emit (self, signals[CHANGED], 0, encounter->meet);
  g_signal_emit (self, signals[REMOVED], 0, encounter->meet);
  sighej_meets_answer_pair (
      encounter,
      g_error_new_literal (SIGHEJ_ERROR, SIGHEJ_ERROR_GONE, "the other side is gone already"));
  sighej_encounter_free (encounter, self->clock);
  sighej_encounters_dismiss (self->encounters, number, NULL);
  sighej_meets_update_positions (self);
}

void
sighej_meets_break (SighejMeets *self, SighejEncounter *encounter, SighejMeetProblem problem)
{
  g_message ("a meet is ended: %s", sighej_meet_problem_to_word (problem));
  self->n_broken++;
  encounter->meet->trust = SIGHEJ_MEET_TRUST_BROKEN;
  encounter->meet->problem = problem;
  sighej_meets_end_meet (self, encounter, SIGHEJ_MEET_STATE_ENDED, SIGHEJ_MEET_END);
}

static void
on_nudge_removed (SighejEncounters *encounters, const SighejNudge *nudge, SighejMeets *self)
{
  SighejEncounter *encounter = sighej_meets_find_number (self, nudge->number);

  if (encounter == NULL || encounter->meet != NULL)
    return;

  /* Nobody waits for an answer any more, so none may come. */
  if (encounter->waved || encounter->asking)
    sighej_farewells_say (self->farewells, encounter->nudge_id, SIGHEJ_MEET_WITHDRAW, NULL);
  sighej_meets_forget (self, encounter);
}

/* ---- the talk ---- */

static gboolean
show_band (SighejMeets *self, SighejEncounter *encounter)
{
  SighejBand was = encounter->meet->band;

  encounter->meet->band = SIGHEJ_BAND_GONE;
  for (guint i = 0; i < encounter->n_tokens; i++)
    encounter->meet->band = MAX (
        encounter->meet->band, sighej_sightings_get_band (self->sightings, &encounter->tokens[i]));
  return was != encounter->meet->band;
}

static gboolean
was_heard (const SighejToken *token, gpointer user_data)
{
  SighejEncounter *encounter = user_data;
  SighejMeets *self = encounter->meets;

  sighej_encounter_follow_token (encounter, token);
  return sighej_heard_has (self->heard, token, sighej_clock_now_us (self->clock));
}

/* The keys of the nudge may be of different sessions at the two sides: one may have renewed hers
 * between them. */
void
sighej_meets_know_person (SighejMeets *self, SighejEncounter *encounter)
{
  g_autoptr (GError) error = NULL;

  if (encounter->known)
    return;

  encounter->known = TRUE;
  if (!sighej_avoid_add (
          self->avoid, encounter->nudge_id, encounter->own, encounter->peer_key, &error))
    g_warning ("this person cannot be avoided later: %s", error->message);
}

static void
on_talk_told (SighejMeetTalkTold told, const SighejMeetMessage *message, gpointer user_data)
{
  SighejEncounter *encounter = user_data;
  SighejMeets *self = encounter->meets;

  switch (told)
    {
    case SIGHEJ_MEET_TALK_MESSAGE:
      g_signal_emit (self, signals[MESSAGE], 0, encounter->meet, message);
      sighej_meets_changed (self, encounter);
      break;
    case SIGHEJ_MEET_TALK_BROKEN:
      sighej_meets_break (self, encounter, encounter->meet->problem);
      break;
    case SIGHEJ_MEET_TALK_TOKEN:
      sighej_encounter_follow_token (encounter, sighej_meet_talk_get_peer_token (encounter->talk));
      show_band (self, encounter);
      sighej_meets_changed (self, encounter);
      break;
    case SIGHEJ_MEET_TALK_ASTRAY:
      sighej_meets_resume (self, encounter);
      break;
    case SIGHEJ_MEET_TALK_CHANGED:
    default:
      /* With the proof it is known whose tokens those were. */
      show_band (self, encounter);
      if (encounter->meet->trust == SIGHEJ_MEET_TRUST_VERIFIED)
        sighej_meets_know_person (self, encounter);
      if (encounter->how == SIGHEJ_ENCOUNTER_CREATOR)
        sighej_meets_show_creator_phrase (self, encounter);
      sighej_meets_changed (self, encounter);
      break;
    }
}

static SighejTalk *
make_talk (SighejEncounter *encounter)
{
  if (encounter->how == SIGHEJ_ENCOUNTER_CREATOR)
    return sighej_talk_new_creator (
        encounter->nudge_id, encounter->own, encounter->peer_key, encounter->peer_nonce);
  if (encounter->how == SIGHEJ_ENCOUNTER_JOINER)
    return sighej_talk_new_joiner (
        encounter->nudge_id, encounter->own, encounter->peer_key, encounter->own_secret);
  return sighej_talk_new (encounter->nudge_id,
                          encounter->own,
                          encounter->peer_key,
                          (const guint8 (*)[SIGHEJ_TALK_PROOF_BYTES]) encounter->proofs,
                          encounter->n_proofs,
                          was_heard,
                          encounter);
}

/* Unless the proof tells it, or has told it. */
static void
tell_own_token (SighejMeets *self, SighejEncounter *encounter)
{
  if (encounter->talk == NULL || sighej_token_equal (&encounter->own_token, &self->own_token))
    return;

  encounter->own_token = self->own_token;
  sighej_meet_talk_set_token (encounter->talk, &self->own_origin);
}

void
sighej_meets_begin_talk (SighejMeets *self, SighejEncounter *encounter)
{
  SighejTalk *talk;

  if (encounter->talk != NULL || !encounter->has_peer_key)
    return;
  if (encounter->how == SIGHEJ_ENCOUNTER_NUDGED ? encounter->n_proofs == 0
                                                : !sighej_meets_open_phrase (self, encounter))
    return;

  talk = make_talk (encounter);
  sighej_wipe (encounter->proofs, sizeof encounter->proofs);
  if (talk == NULL)
    {
      sighej_meets_break (self, encounter, SIGHEJ_MEET_PROBLEM_KEY_UNUSABLE);
      return;
    }
  encounter->talk = sighej_meet_talk_new (
      self->clock, self->line, encounter->nudge_id, talk, encounter->meet, on_talk_told, encounter);
  tell_own_token (self, encounter);
  sighej_meet_talk_flow (encounter->talk);
  sighej_meets_changed (self, encounter);
}

/* ---- nudges ---- */

void
sighej_meets_take_nudge (SighejMeets *self, guint64 number, const SighejLinkNudge *nudge)
{
  SighejEncounter *encounter = sighej_meets_find_id (self, nudge->id);

  if (encounter == NULL && sighej_encounters_get (self->encounters, number) == NULL)
    return;
  if (encounter == NULL)
    encounter = sighej_meets_add_encounter (self, number, SIGHEJ_ENCOUNTER_NUDGED, nudge->id);
  if (encounter->waved || encounter->asking)
    return;
  sighej_encounter_take_nudge (encounter, nudge);
  encounter->own_token = self->own_token;
}

/* ---- what the backend says ---- */

static gboolean on_tick (gpointer user_data);

static void
begin_meet (SighejMeets *self, SighejEncounter *encounter)
{
  gboolean nudged = encounter->how == SIGHEJ_ENCOUNTER_NUDGED;

  encounter->waved = TRUE;
  encounter->meet = sighej_meet_new (encounter->number,
                                     nudged ? encounter->number : 0,
                                     sighej_encounter_get_role (encounter),
                                     self->language);
  encounter->meet->avoid
      = sighej_avoid_get_why (self->avoid, encounter->nudge_id) == SIGHEJ_AVOID_MET;
  self->n_begun++;
  if (self->tick_wait == 0)
    self->tick_wait = sighej_clock_add (self->clock, TICK_US, on_tick, self);
  g_info ("a meet begins");
}

/* The creator of a code has shown her own for what she was given then: that stands. */
static void
take_keys (SighejEncounter *encounter, const SighejWireMeetState *state)
{
  if (encounter->talk != NULL || encounter->how == SIGHEJ_ENCOUNTER_CREATOR)
    return;
  if (state->has_peer_key)
    {
      encounter->has_peer_key = TRUE;
      memcpy (encounter->peer_key, state->peer_key, sizeof encounter->peer_key);
    }
  if (state->has_peer_nonce)
    {
      encounter->has_peer_nonce = TRUE;
      memcpy (encounter->peer_nonce, state->peer_nonce, sizeof encounter->peer_nonce);
    }
}

static void
show_state (SighejMeets *self, SighejEncounter *encounter, const SighejWireMeetState *state)
{
  gboolean begins = encounter->meet == NULL;
  gboolean changed;

  if (begins)
    begin_meet (self, encounter);
  encounter->version = state->version;
  encounter->until_us = sighej_clock_now_us (self->clock) + (gint64) state->expires_in_ms * 1000;
  changed = sighej_meet_show (
      encounter->meet, state, self->language, sighej_clock_wall_us (self->clock));
  sighej_meets_show_positions (self, encounter, state);
  changed |= sighej_encounter_show_places (encounter, sighej_clock_now_us (self->clock));
  changed |= sighej_meets_show_problem (self, encounter->meet);
  take_keys (encounter, state);

  if (begins)
    {
      g_signal_emit (self, signals[ADDED], 0, encounter->meet);
      sighej_encounters_set_state (
          self->encounters, encounter->number, SIGHEJ_NUDGE_STATE_MUTUAL, NULL);
      sighej_meets_answer_pair (encounter, NULL);
    }
  else if (changed)
    sighej_meets_changed (self, encounter);
  sighej_meets_update_positions (self);
  sighej_meets_begin_talk (self, encounter);
}

SighejMeetState
sighej_meets_judge_end (SighejMeets *self, const SighejEncounter *encounter)
{
  return sighej_clock_now_us (self->clock) + TICK_US >= encounter->until_us
             ? SIGHEJ_MEET_STATE_EXPIRED
             : SIGHEJ_MEET_STATE_ENDED;
}

static void
on_meet (SighejLinkMeets *line, const SighejWireMeetState *state, SighejMeets *self)
{
  SighejEncounter *encounter = sighej_meets_find_id (self, state->nudge_id);
  gboolean over = state->state >= SIGHEJ_MEET_STATE_MET;

  if (encounter == NULL || (!encounter->waved && !encounter->asking))
    return;

  if (over && encounter->meet != NULL)
    sighej_meets_end_meet (self,
                           encounter,
                           state->state == SIGHEJ_MEET_STATE_MET
                               ? SIGHEJ_MEET_STATE_MET
                               : sighej_meets_judge_end (self, encounter),
                           -1);
  else if (!over && state->version >= encounter->version)
    show_state (self, encounter, state);
}

static void
on_letter (SighejLinkMeets *line, const SighejWireTalk *letter, SighejMeets *self)
{
  SighejEncounter *encounter = sighej_meets_find_id (self, letter->nudge_id);

  if (encounter != NULL && encounter->talk != NULL)
    sighej_meet_talk_take (encounter->talk, letter);
}

static void
on_paired (SighejLinkMeets *line, const SighejWirePaired *paired, SighejMeets *self)
{
  sighej_meets_on_paired (self, paired);
}

static void
on_told (SighejMeets *self)
{
  g_signal_emit (self, signals[LEFT], 0);
}

/* ---- another line ---- */

static void
on_online (SighejMeets *self)
{
  for (guint i = 0; i < self->all->len; i++)
    {
      SighejEncounter *encounter = g_ptr_array_index (self->all, i);

      if (encounter->waved)
        sighej_meets_resume (self, encounter);
    }
  sighej_meets_watch_code (self);
}

/* ---- what the radio hears ---- */

static void
hear_of (SighejMeets *self, SighejEncounter *encounter, int rssi_dbm)
{
  SighejWireMeet closest = { .act = SIGHEJ_MEET_CLOSEST };

  if (show_band (self, encounter))
    sighej_meets_changed (self, encounter);
  if (encounter->meet->band == SIGHEJ_BAND_HERE && sighej_band_is_known (rssi_dbm)
      && encounter->meet->state < SIGHEJ_MEET_STATE_HERE
      && sighej_encounter_read_closest (encounter, sighej_clock_now_us (self->clock)))
    sighej_meets_tell (self, encounter, &closest);
}

void
sighej_meets_hear (SighejMeets *self, const SighejToken *token, int rssi_dbm)
{
  sighej_heard_add (self->heard, token, sighej_clock_now_us (self->clock));
  for (guint i = 0; i < self->all->len; i++)
    {
      SighejEncounter *encounter = g_ptr_array_index (self->all, i);

      if (encounter->meet != NULL && encounter->meet->trust != SIGHEJ_MEET_TRUST_BROKEN
          && sighej_encounter_follows (encounter, token))
        hear_of (self, encounter, rssi_dbm);
    }
}

void
sighej_meets_set_own_token (SighejMeets *self, const SighejTokenOrigin *origin)
{
  self->own_origin = *origin;
  sighej_token_origin_derive (origin, &self->own_token);
  for (guint i = 0; i < self->all->len; i++)
    tell_own_token (self, g_ptr_array_index (self->all, i));
}

/* ---- what time does ---- */

/* FALSE: it is over. */
static gboolean
look_after (SighejMeets *self, SighejEncounter *encounter)
{
  gint64 now_us = sighej_clock_now_us (self->clock);
  gboolean changed;

  if (now_us >= encounter->until_us)
    {
      sighej_meets_end_meet (self, encounter, SIGHEJ_MEET_STATE_EXPIRED, -1);
      return FALSE;
    }

  changed = show_band (self, encounter);
  changed |= sighej_encounter_show_places (encounter, now_us);
  if (changed)
    sighej_meets_changed (self, encounter);
  return TRUE;
}

static gboolean
on_tick (gpointer user_data)
{
  SighejMeets *self = user_data;

  self->tick_wait = 0;
  for (guint i = 0; i < self->all->len;)
    {
      SighejEncounter *encounter = g_ptr_array_index (self->all, i);

      if (encounter->meet == NULL || look_after (self, encounter))
        i++;
    }
  if (sighej_meets_get_n_live (self) > 0)
    self->tick_wait = sighej_clock_add (self->clock, TICK_US, on_tick, self);
  return G_SOURCE_REMOVE;
}

/* ---- public ---- */

SighejMeets *
sighej_meets_new (SighejClock *clock,
                  SighejLink *link,
                  SighejEncounters *encounters,
                  SighejSightings *sightings,
                  SighejAvoid *avoid)
{
  SighejMeets *self = g_object_new (SIGHEJ_TYPE_MEETS, NULL);

  self->clock = g_object_ref (clock);
  self->link = g_object_ref (link);
  self->line = g_object_ref (sighej_link_get_meets (link));
  self->encounters = g_object_ref (encounters);
  self->sightings = g_object_ref (sightings);
  self->avoid = g_object_ref (avoid);
  self->farewells = sighej_farewells_new (clock, self->line);
  self->complaints = sighej_complaints_new (clock, link);
  self->past = sighej_past_new (clock);
  g_signal_connect_object (
      encounters, "removed", G_CALLBACK (on_nudge_removed), self, G_CONNECT_DEFAULT);
  g_signal_connect_object (self->farewells, "told", G_CALLBACK (on_told), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->line, "online", G_CALLBACK (on_online), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->line, "meet", G_CALLBACK (on_meet), self, G_CONNECT_DEFAULT);
  g_signal_connect_object (self->line, "talk", G_CALLBACK (on_letter), self, G_CONNECT_DEFAULT);
  g_signal_connect_object (self->line, "paired", G_CALLBACK (on_paired), self, G_CONNECT_DEFAULT);
  return self;
}

guint
sighej_meets_get_n_live (SighejMeets *self)
{
  guint n = 0;

  for (guint i = 0; i < self->all->len; i++)
    n += ((SighejEncounter *) g_ptr_array_index (self->all, i))->meet != NULL ? 1 : 0;
  return n;
}

const SighejMeet *
sighej_meets_get_nth (SighejMeets *self, guint i)
{
  for (guint j = 0; j < self->all->len; j++)
    {
      const SighejEncounter *encounter = g_ptr_array_index (self->all, j);

      if (encounter->meet != NULL && i-- == 0)
        return encounter->meet;
    }
  g_return_val_if_reached (NULL);
}

const SighejMeet *
sighej_meets_get (SighejMeets *self, guint64 number)
{
  const SighejEncounter *encounter = sighej_meets_find_number (self, number);

  return encounter != NULL ? encounter->meet : NULL;
}

const SighejMeet *
sighej_meets_get_of_nudge (SighejMeets *self, guint64 nudge)
{
  const SighejMeet *meet = sighej_meets_get (self, nudge);

  return meet != NULL && meet->nudge == nudge ? meet : NULL;
}

static gboolean
close_one (SighejMeets *self, SighejEncounter *encounter)
{
  if (encounter->meet != NULL)
    sighej_meets_end_meet (self, encounter, SIGHEJ_MEET_STATE_ENDED, SIGHEJ_MEET_END);
  else if (encounter->how != SIGHEJ_ENCOUNTER_NUDGED)
    sighej_meets_forget (self, encounter);
  else if (encounter->waved || encounter->asking)
    /* Which withdraws it. */
    return sighej_encounters_dismiss (self->encounters, encounter->number, NULL);
  else
    return FALSE;
  return TRUE;
}

void
sighej_meets_close (SighejMeets *self)
{
  for (guint i = 0; i < self->all->len;)
    if (!close_one (self, g_ptr_array_index (self->all, i)))
      i++;
  sighej_meets_forget_code (self);
  sighej_heard_wipe (self->heard);
  forget_own_token (self);
}

void
sighej_meets_forget_complaints (SighejMeets *self)
{
  sighej_complaints_clear (self->complaints);
  sighej_past_clear (self->past);
}

gboolean
sighej_meets_get_leaving (SighejMeets *self)
{
  return sighej_farewells_get_telling (self->farewells);
}

void
sighej_meets_set_language (SighejMeets *self, const char *language)
{
  if (g_str_equal (self->language, language))
    return;

  g_free (self->language);
  self->language = g_strdup (language);
  for (guint i = 0; i < self->all->len; i++)
    {
      SighejEncounter *encounter = g_ptr_array_index (self->all, i);

      if (encounter->meet == NULL)
        continue;
      sighej_meet_set_language (encounter->meet, language);
      sighej_meets_changed (self, encounter);
    }
}

void
sighej_meets_count (SighejMeets *self, GVariantBuilder *counters)
{
  g_variant_builder_add (counters, "{st}", "meets.waves", self->n_waves);
  g_variant_builder_add (counters, "{st}", "meets.begun", self->n_begun);
  g_variant_builder_add (counters, "{st}", "meets.met", self->n_met);
  g_variant_builder_add (counters, "{st}", "meets.ended", self->n_ended);
  g_variant_builder_add (counters, "{st}", "meets.broken", self->n_broken);
  g_variant_builder_add (counters, "{st}", "meets.resumed", self->n_resumed);
  g_variant_builder_add (counters, "{st}", "meets.positions", self->n_positions);
  sighej_complaints_count (self->complaints, counters);
}
