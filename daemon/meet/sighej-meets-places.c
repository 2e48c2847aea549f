/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-crypto.h"
#include "sighej-meets-private.h"

#define FIX_EVERY_US ((gint64) SIGHEJ_ENCOUNTER_FIX_EVERY_SECONDS * G_USEC_PER_SEC)

/* ---- what there is to show ---- */

void
sighej_meets_show_positions (SighejMeets *self,
                             SighejEncounter *encounter,
                             const SighejWireMeetState *state)
{
  if (encounter->unshare_due)
    encounter->meet->sharing = SIGHEJ_MEET_SHARING_OFF;
  if (encounter->meet->sharing == SIGHEJ_MEET_SHARING_ON)
    sighej_encounter_take_peer_fix (encounter, state, sighej_clock_now_us (self->clock));
  else
    sighej_encounter_forget_fixes (encounter);
}

gboolean
sighej_meets_show_problem (SighejMeets *self, SighejMeet *meet)
{
  SighejMeetProblem problem
      = meet->sharing == SIGHEJ_MEET_SHARING_ON ? self->position_problem : SIGHEJ_MEET_PROBLEM_NONE;

  if (meet->trust == SIGHEJ_MEET_TRUST_BROKEN || meet->problem == problem)
    return FALSE;
  meet->problem = problem;
  return TRUE;
}

/* ---- where we are ---- */

void
sighej_meets_update_positions (SighejMeets *self)
{
  gboolean wanted = FALSE;

  for (guint i = 0; i < self->all->len; i++)
    {
      const SighejEncounter *encounter = g_ptr_array_index (self->all, i);

      wanted |= encounter->meet != NULL && encounter->meet->sharing == SIGHEJ_MEET_SHARING_ON;
    }
  if (wanted == self->position_wanted)
    return;

  self->position_wanted = wanted;
  g_signal_emit_by_name (self, "position-wanted", wanted);
}

static void
send_position (SighejMeets *self, SighejEncounter *encounter, const SighejPosition *position)
{
  SighejWireMeet message = { .act = SIGHEJ_MEET_POSITION, .position = *position };
  gint64 now_us = sighej_clock_now_us (self->clock);

  if (encounter->own_fix_sent_us == 0 || now_us - encounter->own_fix_sent_us >= FIX_EVERY_US)
    {
      encounter->own_fix_sent_us = now_us;
      self->n_positions += sighej_meets_tell (self, encounter, &message) ? 1 : 0;
    }
  sighej_wipe (&message.position, sizeof message.position);
}

void
sighej_meets_take_position (SighejMeets *self, const SighejPosition *position)
{
  for (guint i = 0; i < self->all->len; i++)
    {
      SighejEncounter *encounter = g_ptr_array_index (self->all, i);

      if (encounter->meet == NULL || encounter->meet->sharing != SIGHEJ_MEET_SHARING_ON)
        continue;
      encounter->has_own_fix = TRUE;
      encounter->own_fix = *position;
      send_position (self, encounter, position);
      if (sighej_encounter_show_places (encounter, sighej_clock_now_us (self->clock)))
        sighej_meets_changed (self, encounter);
    }
}

void
sighej_meets_set_position_problem (SighejMeets *self, SighejMeetProblem problem)
{
  self->position_problem = problem;
  for (guint i = 0; i < self->all->len; i++)
    {
      SighejEncounter *encounter = g_ptr_array_index (self->all, i);

      if (encounter->meet != NULL && sighej_meets_show_problem (self, encounter->meet))
        sighej_meets_changed (self, encounter);
    }
}
