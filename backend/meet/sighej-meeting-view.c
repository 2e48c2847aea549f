/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-meeting-view.h"

#include <string.h>

static gboolean
is_long_away (const SighejMeetingSide *side, guint32 now_ms)
{
  return side->away_ms != SIGHEJ_MEETING_NEVER && now_ms - side->away_ms >= SIGHEJ_MEETING_AWAY_MS;
}

gboolean
sighej_meeting_still_shares (const SighejMeetingSide *side, guint32 now_ms)
{
  return side->shares && !is_long_away (side, now_ms);
}

gboolean
sighej_meeting_are_sharing (const SighejMeeting *self, guint32 now_ms)
{
  return sighej_meeting_still_shares (&self->sides[0], now_ms)
         && sighej_meeting_still_shares (&self->sides[1], now_ms);
}

static gboolean
shows_fix (const SighejMeeting *self, const SighejMeetingSide *side, guint32 now_ms)
{
  return side->has_fix && sighej_meeting_are_sharing (self, now_ms)
         && now_ms - side->fix_ms <= SIGHEJ_MEETING_FIX_MS;
}

static gboolean
is_here (const SighejMeeting *self, const SighejMeetingSide *side)
{
  return self->here || side->here_ms != SIGHEJ_MEETING_NEVER;
}

static SighejMeetState
get_state (const SighejMeeting *self)
{
  if (self->phase == SIGHEJ_MEETING_MET)
    return SIGHEJ_MEET_STATE_MET;
  if (self->here)
    return SIGHEJ_MEET_STATE_HERE;
  if (self->spot >= 0 || is_here (self, &self->sides[0]) || is_here (self, &self->sides[1]))
    return SIGHEJ_MEET_STATE_FINDING;
  return SIGHEJ_MEET_STATE_AGREED;
}

static void
describe_peer (const SighejMeeting *self,
               const SighejMeetingSide *peer,
               guint32 now_ms,
               SighejWireMeetState *out)
{
  out->peer_here = is_here (self, peer);
  out->peer_there = peer->away_ms == SIGHEJ_MEETING_NEVER;
  out->has_peer_key = peer->has_key;
  memcpy (out->peer_key, peer->key, sizeof out->peer_key);
  out->has_peer_nonce = peer->has_nonce;
  memcpy (out->peer_nonce, peer->nonce, sizeof out->peer_nonce);
  out->has_position = shows_fix (self, peer, now_ms);
  if (!out->has_position)
    return;
  out->position = peer->fix;
  out->position_age_ms = now_ms - peer->fix_ms;
}

void
sighej_meeting_view (const SighejMeeting *self,
                     guint side,
                     guint32 now_ms,
                     SighejWireMeetState *out)
{
  const SighejMeetingSide *own = &self->sides[side];
  const SighejMeetingSide *peer = &self->sides[!side];

  *out = (SighejWireMeetState){
    .version = own->version,
    .state = get_state (self),
    .handle = self->handles[side],
    .peer_handle = self->handles[!side],
    .cue = self->cue,
    .spot = self->spot,
    .own_here = is_here (self, own),
    .confirmed = own->confirmed || self->phase == SIGHEJ_MEETING_MET,
    /* What both had said yes to is over for both. */
    .own_share = sighej_meeting_still_shares (own, now_ms)
                 && peer->shares == sighej_meeting_still_shares (peer, now_ms),
    .sharing = sighej_meeting_are_sharing (self, now_ms),
    .expires_in_ms = sighej_meeting_get_end_ms (self) - now_ms,
    .said = own->from_here.said,
  };
  out->peer_share = out->sharing;
  describe_peer (self, peer, now_ms, out);
}

gboolean
sighej_meeting_describe (const SighejMeeting *self,
                         guint side,
                         gint64 now_ms,
                         SighejWireMeetState *out)
{
  g_return_val_if_fail (side < SIGHEJ_MEETING_SIDES, FALSE);

  if (self->phase == SIGHEJ_MEETING_WAVED || sighej_meeting_is_over (self, now_ms))
    return FALSE;
  sighej_meeting_view (self, side, sighej_meeting_to_own_ms (self, now_ms), out);
  out->position.taken_us = 0;
  if (!self->sides[!side].knows_fix)
    {
      out->has_position = FALSE;
      out->position_age_ms = 0;
    }
  return TRUE;
}

static gboolean
same_position (const SighejWireMeetState *a, const SighejWireMeetState *b)
{
  if (a->has_position != b->has_position)
    return FALSE;
  return !a->has_position
         || (a->position.latitude == b->position.latitude
             && a->position.longitude == b->position.longitude
             && a->position.accuracy_m == b->position.accuracy_m
             && a->position.taken_us == b->position.taken_us);
}

gboolean
sighej_meeting_looks_same (const SighejWireMeetState *a, const SighejWireMeetState *b)
{
  return a->state == b->state && a->spot == b->spot && a->own_here == b->own_here
         && a->peer_here == b->peer_here && a->confirmed == b->confirmed
         && a->own_share == b->own_share && a->sharing == b->sharing
         && a->peer_there == b->peer_there && a->has_peer_key == b->has_peer_key
         && a->has_peer_nonce == b->has_peer_nonce && same_position (a, b);
}
