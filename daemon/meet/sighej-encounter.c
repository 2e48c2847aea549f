/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-encounter.h"

#include <string.h>

#include "sighej-crypto.h"
#include "sighej-enum-types.h"

#define CLOSEST_US ((gint64) SIGHEJ_ENCOUNTER_CLOSEST_SECONDS * G_USEC_PER_SEC)
#define FIX_US ((gint64) SIGHEJ_ENCOUNTER_FIX_SECONDS * G_USEC_PER_SEC)

SighejEncounter *
sighej_encounter_new (guint64 number, SighejEncounterHow how, const char *nudge_id)
{
  SighejEncounter *self = g_new0 (SighejEncounter, 1);

  self->number = number;
  self->how = how;
  g_strlcpy (self->nudge_id, nudge_id, sizeof self->nudge_id);
  return self;
}

void
sighej_encounter_free (SighejEncounter *self, SighejClock *clock)
{
  if (self == NULL)
    return;

  g_assert (self->pair_task == NULL);
  sighej_clock_clear (clock, &self->resume_wait);
  if (self->talk != NULL)
    sighej_meet_talk_end (self->talk);
  g_clear_object (&self->talk);
  g_clear_pointer (&self->meet, sighej_meet_free);
  g_clear_pointer (&self->own, sighej_keypair_unref);
  g_clear_pointer (&self->ticket, sighej_wipe_free_string);
  sighej_wipe (self, sizeof *self);
  g_free (self);
}

void
sighej_encounter_take_nudge (SighejEncounter *self, const SighejLinkNudge *nudge)
{
  g_clear_pointer (&self->ticket, sighej_wipe_free_string);
  self->ticket = g_strdup (nudge->ticket);
  g_clear_pointer (&self->own, sighej_keypair_unref);
  self->own = nudge->own != NULL ? sighej_keypair_ref (nudge->own) : NULL;
  self->has_peer_key = nudge->peer_key != NULL;
  if (nudge->peer_key != NULL)
    memcpy (self->peer_key, nudge->peer_key, sizeof self->peer_key);
  memcpy (self->proofs, nudge->proofs, sizeof self->proofs);
  self->n_proofs = nudge->n_proofs;
}

const char *
sighej_encounter_get_role (const SighejEncounter *self)
{
  switch (self->how)
    {
    case SIGHEJ_ENCOUNTER_CREATOR:
      return "creator";
    case SIGHEJ_ENCOUNTER_JOINER:
      return "joiner";
    case SIGHEJ_ENCOUNTER_NUDGED:
    default:
      return "nudged";
    }
}

/* ---- what the radio hears of them ---- */

gboolean
sighej_encounter_follows (const SighejEncounter *self, const SighejToken *token)
{
  for (guint i = 0; i < self->n_tokens; i++)
    if (sighej_token_equal (&self->tokens[i], token))
      return TRUE;
  return FALSE;
}

void
sighej_encounter_follow_token (SighejEncounter *self, const SighejToken *token)
{
  if (sighej_encounter_follows (self, token))
    return;

  if (self->n_tokens == SIGHEJ_TALK_PROOFS_MAX)
    memmove (&self->tokens[0], &self->tokens[1], --self->n_tokens * sizeof self->tokens[0]);
  self->tokens[self->n_tokens++] = *token;
}

gboolean
sighej_encounter_read_closest (SighejEncounter *self, gint64 now_us)
{
  gint64 oldest_us;

  memmove (&self->closest_us[1],
           &self->closest_us[0],
           (SIGHEJ_ENCOUNTER_CLOSEST_READINGS - 1) * sizeof self->closest_us[0]);
  self->closest_us[0] = now_us;
  oldest_us = self->closest_us[SIGHEJ_ENCOUNTER_CLOSEST_READINGS - 1];
  if (oldest_us == 0 || now_us - oldest_us > CLOSEST_US)
    return FALSE;

  memset (self->closest_us, 0, sizeof self->closest_us);
  return TRUE;
}

/* ---- where they are ---- */

void
sighej_encounter_forget_fixes (SighejEncounter *self)
{
  self->has_own_fix = self->has_peer_fix = FALSE;
  sighej_wipe (&self->own_fix, sizeof self->own_fix);
  sighej_wipe (&self->peer_fix, sizeof self->peer_fix);
}

void
sighej_encounter_take_peer_fix (SighejEncounter *self,
                                const SighejWireMeetState *state,
                                gint64 now_us)
{
  self->has_peer_fix = state->has_position;
  if (!state->has_position)
    {
      sighej_wipe (&self->peer_fix, sizeof self->peer_fix);
      return;
    }
  self->peer_fix = state->position;
  self->peer_fix_us = now_us - (gint64) state->position_age_ms * 1000;
}

static gboolean
show_place (const SighejPosition *from,
            const SighejPosition *to,
            const char **direction_word,
            const char **distance_word)
{
  const char *was_direction = *direction_word;
  const char *was_distance = *distance_word;
  SighejDirection direction;
  SighejDistance distance;

  *direction_word = *distance_word = "";
  if (from != NULL && to != NULL)
    {
      sighej_position_describe (from, to, &direction, &distance);
      *distance_word = sighej_enum_to_nick (SIGHEJ_TYPE_DISTANCE, (int) distance);
      if (direction != SIGHEJ_DIRECTION_NONE)
        *direction_word = sighej_enum_to_nick (SIGHEJ_TYPE_DIRECTION, (int) direction);
    }
  return !g_str_equal (was_direction, *direction_word)
         || !g_str_equal (was_distance, *distance_word);
}

gboolean
sighej_encounter_show_places (SighejEncounter *self, gint64 now_us)
{
  const SighejPosition *own = self->has_own_fix ? &self->own_fix : NULL;
  const SighejPosition *peer = NULL;
  gboolean changed;

  if (self->has_peer_fix && now_us - self->peer_fix_us > FIX_US)
    {
      self->has_peer_fix = FALSE;
      sighej_wipe (&self->peer_fix, sizeof self->peer_fix);
    }
  if (self->has_peer_fix)
    peer = &self->peer_fix;

  changed = show_place (own, peer, &self->meet->peer_direction, &self->meet->peer_distance);
  changed |= show_place (peer, own, &self->meet->own_direction, &self->meet->own_distance);
  return changed;
}
