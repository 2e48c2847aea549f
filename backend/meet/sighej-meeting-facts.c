/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-meeting-facts.h"

#include <string.h>

#include "sighej-crypto.h"

/* ---- life ---- */

void
sighej_meeting_reset_side (SighejMeetingSide *side)
{
  SighejMeetingSide fresh = { .away_ms = SIGHEJ_MEETING_NEVER,
                              .here_ms = SIGHEJ_MEETING_NEVER,
                              .closest_ms = SIGHEJ_MEETING_NEVER,
                              .fix_ms = SIGHEJ_MEETING_NEVER };

  memcpy (fresh.opening, side->opening, sizeof fresh.opening);
  sighej_mailbox_clear (&side->from_here);
  sighej_wipe (side, sizeof *side);
  *side = fresh;
}

void
sighej_meeting_reset_facts (SighejMeeting *self)
{
  self->phase = SIGHEJ_MEETING_WAVED;
  self->start_ms = 0;
  self->newest_ms = self->agreed_ms = 0;
  self->here = FALSE;
  self->spot = -1;
  self->handles[0] = self->handles[1] = self->cue = 0;
}

void
sighej_meeting_reset (SighejMeeting *self)
{
  for (guint i = 0; i < SIGHEJ_MEETING_SIDES; i++)
    sighej_meeting_reset_side (&self->sides[i]);
  sighej_meeting_reset_facts (self);
}

SighejMeeting *
sighej_meeting_new (const guint8 opening_a[SIGHEJ_MEETING_OPENING_BYTES],
                    const guint8 opening_b[SIGHEJ_MEETING_OPENING_BYTES])
{
  SighejMeeting *self;
  int order = memcmp (opening_a, opening_b, SIGHEJ_MEETING_OPENING_BYTES);

  g_return_val_if_fail (order != 0, NULL);

  self = g_new0 (SighejMeeting, 1);
  memcpy (self->sides[order > 0].opening, opening_a, SIGHEJ_MEETING_OPENING_BYTES);
  memcpy (self->sides[order < 0].opening, opening_b, SIGHEJ_MEETING_OPENING_BYTES);
  sighej_meeting_reset (self);
  return self;
}

void
sighej_meeting_free (SighejMeeting *self)
{
  if (self == NULL)
    return;
  sighej_meeting_reset (self);
  sighej_wipe (self, sizeof *self);
  g_free (self);
}

/* ---- time ---- */

guint32
sighej_meeting_to_own_ms (const SighejMeeting *self, gint64 now_ms)
{
  return (guint32) CLAMP (now_ms - self->start_ms, self->newest_ms, SIGHEJ_MEETING_LAST_MS);
}

guint32
sighej_meeting_get_end_ms (const SighejMeeting *self)
{
  switch (self->phase)
    {
    case SIGHEJ_MEETING_WAVED:
      return SIGHEJ_MEETING_WAVE_MS;
    case SIGHEJ_MEETING_AGREED:
      return self->agreed_ms + SIGHEJ_MEETING_MEET_MS;
    case SIGHEJ_MEETING_MET:
      return self->agreed_ms + SIGHEJ_MEETING_MET_MS;
    default:
      g_return_val_if_reached (0);
    }
}

gboolean
sighej_meeting_has_begun (const SighejMeeting *self)
{
  return self->phase != SIGHEJ_MEETING_WAVED || self->sides[0].waved || self->sides[1].waved;
}

gboolean
sighej_meeting_is_over (const SighejMeeting *self, gint64 now_ms)
{
  return sighej_meeting_has_begun (self)
         && sighej_meeting_to_own_ms (self, now_ms) >= sighej_meeting_get_end_ms (self);
}

/* ---- what the rest is asked ---- */

int
sighej_meeting_side_of (const SighejMeeting *self,
                        const guint8 opening[SIGHEJ_MEETING_OPENING_BYTES])
{
  for (guint i = 0; i < SIGHEJ_MEETING_SIDES; i++)
    if (memcmp (self->sides[i].opening, opening, SIGHEJ_MEETING_OPENING_BYTES) == 0)
      return (int) i;
  return -1;
}

void
sighej_meeting_set_words (SighejMeeting *self, guint handle_a, guint handle_b, guint cue)
{
  g_return_if_fail (MAX (MAX (handle_a, handle_b), cue) <= SIGHEJ_WIRE_WORDS_MAX);

  self->handles[0] = handle_a;
  self->handles[1] = handle_b;
  self->cue = cue;
}

guint
sighej_meeting_n_talk_after (const SighejMeeting *self, guint side, guint64 after)
{
  g_return_val_if_fail (side < SIGHEJ_MEETING_SIDES, 0);

  return sighej_mailbox_n_after (&self->sides[!side].from_here, after);
}

void
sighej_meeting_get_talk (
    const SighejMeeting *self, guint side, guint64 after, guint i, SighejWireTalk *out)
{
  const SighejLetter *letter;

  g_return_if_fail (side < SIGHEJ_MEETING_SIDES);

  *out = (SighejWireTalk){ 0 };
  letter = sighej_mailbox_get_after (&self->sides[!side].from_here, after, i, &out->n);
  out->kind = letter->kind;
  out->body = g_bytes_ref (letter->body);
}

gboolean
sighej_meeting_has_waved (const SighejMeeting *self, guint side)
{
  g_return_val_if_fail (side < SIGHEJ_MEETING_SIDES, FALSE);

  return self->phase != SIGHEJ_MEETING_WAVED || self->sides[side].waved;
}

gboolean
sighej_meeting_is_agreed (const SighejMeeting *self, gint64 now_ms)
{
  return self->phase == SIGHEJ_MEETING_AGREED && !sighej_meeting_is_over (self, now_ms);
}

const char *
sighej_meeting_get_session (const SighejMeeting *self, guint side)
{
  g_return_val_if_fail (side < SIGHEJ_MEETING_SIDES, NULL);

  return *self->sides[side].session != '\0' ? self->sides[side].session : NULL;
}

const guint8 *
sighej_meeting_get_opening (const SighejMeeting *self, guint side)
{
  g_return_val_if_fail (side < SIGHEJ_MEETING_SIDES, NULL);

  return self->sides[side].opening;
}

const guint8 *
sighej_meeting_get_commit (const SighejMeeting *self, guint side)
{
  g_return_val_if_fail (side < SIGHEJ_MEETING_SIDES, NULL);

  return self->sides[side].has_commit ? self->sides[side].commit : NULL;
}
