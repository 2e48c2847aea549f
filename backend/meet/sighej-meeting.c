/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-meeting"

#include "config.h"

#include "sighej-meeting.h"

#include <string.h>

#include "sighej-crypto.h"
#include "sighej-error.h"
#include "sighej-meeting-facts.h"
#include "sighej-meeting-view.h"
#include "sighej-wire-member.h"

#define US_PER_MS 1000
#define MS_PER_SECOND 1000
#define MS_PER_MINUTE 60000

/* T-18 has three limits; the one between two fixes is the narrowest in any minute and any meet. */
G_STATIC_ASSERT (MS_PER_MINUTE / SIGHEJ_MEETING_FIX_EVERY_MS <= SIGHEJ_MEETING_FIXES_PER_MINUTE);
G_STATIC_ASSERT (SIGHEJ_MEETING_MEET_MS / SIGHEJ_MEETING_FIX_EVERY_MS + 1
                 <= SIGHEJ_MEETING_FIXES_MAX);

/* One act under way. */
typedef struct
{
  SighejMeeting *meeting;
  SighejMeetingSide *own, *peer;
  const SighejWireMeet *act;
  const char *session_id;
  guint32 now_ms; /* since the first wave */
  gint64 wall_us;
  SighejMeetingOutcome *outcome;
} Act;

/* ---- what is said to be wrong ---- */

static gboolean
refuse_unknown (GError **error)
{
  g_set_error_literal (
      error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_FOUND, "there is no such meet, or it has ended");
  return FALSE;
}

static gboolean
refuse_other_key (GError **error)
{
  g_set_error_literal (
      error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFLICT, "this side has given another key before");
  return FALSE;
}

gboolean
sighej_meeting_act_without_record (SighejMeetAct act, GError **error)
{
  if (act == SIGHEJ_MEET_WITHDRAW || act == SIGHEJ_MEET_BLOCK || act == SIGHEJ_MEET_THERE
      || act == SIGHEJ_MEET_AWAY)
    return TRUE;
  return refuse_unknown (error);
}

/* ---- acts before and after both agreed ---- */

static void
attach (Act *act)
{
  if (act->own->away_ms == SIGHEJ_MEETING_NEVER && g_str_equal (act->own->session, act->session_id))
    return;
  g_strlcpy (act->own->session, act->session_id, sizeof act->own->session);
  act->own->away_ms = SIGHEJ_MEETING_NEVER;
  act->outcome->changed = TRUE;
}

/* What this side gave stands for good: the other may have it already. */
static gboolean
keeps_to_key (const SighejMeetingSide *own, const SighejWireMeet *act)
{
  if (own->has_commit)
    return act->has_commit && memcmp (own->commit, act->commit, sizeof own->commit) == 0;
  return !act->has_commit && act->has_public_key
         && memcmp (own->key, act->public_key, sizeof own->key) == 0;
}

/* Who commits to a key shows it later: see act_reveal(). */
static void
take_key (SighejMeetingSide *own, const SighejWireMeet *act)
{
  own->has_commit = act->has_commit;
  own->has_key = !act->has_commit;
  own->has_nonce = !act->has_commit && act->has_nonce;
  if (own->has_commit)
    memcpy (own->commit, act->commit, sizeof own->commit);
  if (own->has_key)
    memcpy (own->key, act->public_key, sizeof own->key);
  if (own->has_nonce)
    memcpy (own->nonce, act->nonce, sizeof own->nonce);
}

static void
agree (Act *act)
{
  act->meeting->phase = SIGHEJ_MEETING_AGREED;
  act->meeting->agreed_ms = act->now_ms;
  act->outcome->needs_cue = TRUE;
}

static gboolean
act_wave (Act *act, GError **error)
{
  if (!act->act->has_public_key && !act->act->has_commit)
    return sighej_wire_refuse (error, "key", "is missing");
  if (act->own->waved && !keeps_to_key (act->own, act->act))
    return refuse_other_key (error);

  attach (act);
  if (act->own->waved)
    return TRUE;
  act->own->waved = TRUE;
  take_key (act->own, act->act);
  act->outcome->changed = TRUE;
  if (act->peer->waved)
    agree (act);
  return TRUE;
}

static gboolean
act_end (Act *act, GError **error)
{
  act->outcome->over = TRUE;
  return TRUE;
}

static gboolean
act_resume (Act *act, GError **error)
{
  attach (act);
  act->outcome->wake_own = act->meeting->phase == SIGHEJ_MEETING_AGREED;
  if (sighej_mailbox_ack (&act->peer->from_here, act->act->number))
    act->outcome->changed = TRUE;
  return TRUE;
}

static gboolean
act_there (Act *act, GError **error)
{
  attach (act);
  return TRUE;
}

/* An older socket of this side may go when a newer one has spoken already. */
static gboolean
act_away (Act *act, GError **error)
{
  if (act->own->away_ms != SIGHEJ_MEETING_NEVER
      || !g_str_equal (act->own->session, act->session_id))
    return TRUE;
  act->own->away_ms = act->now_ms;
  act->outcome->changed = TRUE;
  return TRUE;
}

/* ---- acts once both agreed: finding each other ---- */

static gboolean
act_spot (Act *act, GError **error)
{
  if (act->act->spot >= SIGHEJ_WIRE_SPOTS)
    return sighej_wire_refuse (error, "spot", "must be a number of the table of spots");
  act->outcome->changed |= act->meeting->spot != (int) act->act->spot;
  act->meeting->spot = (int) act->act->spot;
  return TRUE;
}

static gboolean
act_here (Act *act, GError **error)
{
  if (act->meeting->here)
    return TRUE;
  act->own->here_ms = act->now_ms;
  act->outcome->changed = TRUE;
  if (act->peer->here_ms == SIGHEJ_MEETING_NEVER)
    return TRUE;
  if (act->now_ms - act->peer->here_ms <= SIGHEJ_MEETING_HERE_MS)
    act->meeting->here = TRUE;
  else
    act->peer->here_ms = SIGHEJ_MEETING_NEVER; /* too long ago: it is the other's turn to say so */
  return TRUE;
}

static gboolean
act_closest (Act *act, GError **error)
{
  if (act->meeting->here)
    return TRUE;
  act->own->closest_ms = act->now_ms;
  act->outcome->changed = TRUE;
  act->meeting->here = act->peer->closest_ms != SIGHEJ_MEETING_NEVER
                       && act->now_ms - act->peer->closest_ms <= SIGHEJ_MEETING_CLOSEST_MS;
  return TRUE;
}

/* The sessions stay in memory, so that both can be woken; no byte of the record has them. */
static void
become_met (Act *act)
{
  SighejMeeting *self = act->meeting;
  gint64 start_ms = self->start_ms;

  for (guint i = 0; i < SIGHEJ_MEETING_SIDES; i++)
    {
      SighejMeetingSide *side = &self->sides[i];
      guint32 version = side->version;
      g_autofree char *session = g_strdup (side->session);

      sighej_meeting_reset_side (side);
      side->version = version;
      g_strlcpy (side->session, session, sizeof side->session);
    }
  sighej_meeting_reset_facts (self);
  self->phase = SIGHEJ_MEETING_MET;
  self->start_ms = start_ms;
  self->agreed_ms = act->now_ms;
}

static gboolean
act_confirm (Act *act, GError **error)
{
  act->outcome->changed |= !act->own->confirmed;
  act->own->confirmed = TRUE;
  if (act->peer->confirmed)
    become_met (act);
  return TRUE;
}

/* ---- acts once both agreed: precise position ---- */

static void
forget_fix (SighejMeetingSide *side)
{
  side->has_fix = side->knows_fix = FALSE;
  side->fix_until_ms = 0;
  sighej_wipe (&side->fix, sizeof side->fix);
}

/* Who takes back what both said yes to does it for both: each has to say yes again. */
static void
say_no (SighejMeetingSide *own, SighejMeetingSide *peer)
{
  own->shares = peer->shares = FALSE;
  forget_fix (own);
  forget_fix (peer);
}

static gboolean
act_share (Act *act, GError **error)
{
  act->outcome->changed |= act->own->shares != act->act->on;
  if (act->act->on)
    act->own->shares = TRUE;
  else if (act->own->shares)
    say_no (act->own, act->peer);
  return TRUE;
}

static gboolean
check_pace (const Act *act, GError **error)
{
  guint32 waited_ms = act->now_ms - act->own->fix_ms;

  if (act->own->fix_ms == SIGHEJ_MEETING_NEVER || waited_ms >= SIGHEJ_MEETING_FIX_EVERY_MS)
    return TRUE;
  g_propagate_error (
      error,
      sighej_error_new_rate_limited ("too many positions",
                                     (SIGHEJ_MEETING_FIX_EVERY_MS - waited_ms + MS_PER_SECOND - 1)
                                         / MS_PER_SECOND));
  return FALSE;
}

static gboolean
act_position (Act *act, GError **error)
{
  const SighejPosition *last = act->own->has_fix ? &act->own->fix : NULL;

  if (!sighej_meeting_are_sharing (act->meeting, act->now_ms))
    {
      g_set_error_literal (error,
                           SIGHEJ_ERROR,
                           SIGHEJ_ERROR_NOT_PERMITTED,
                           "a position is shown only when both sides said yes");
      return FALSE;
    }
  if (!check_pace (act, error)
      || !sighej_position_check (&act->act->position, last, act->wall_us, error))
    return FALSE;
  act->own->fix = act->act->position;
  act->own->has_fix = act->own->knows_fix = TRUE;
  act->own->fix_ms = act->now_ms;
  act->own->fix_until_ms
      = act->wall_us / US_PER_MS + SIGHEJ_MEETING_FIX_MS + 1; /* not shown then */
  act->outcome->changed = TRUE;
  return TRUE;
}

/* ---- acts once both agreed: talk ---- */

static gboolean
act_say (Act *act, GError **error)
{
  gboolean taken;

  if (!sighej_mailbox_say (&act->own->from_here,
                           act->act->number,
                           act->act->kind,
                           act->act->body,
                           act->now_ms,
                           &taken,
                           error))
    return FALSE;
  act->outcome->changed |= taken;
  act->outcome->wake_peer |= taken;
  return TRUE;
}

static gboolean
act_ack (Act *act, GError **error)
{
  if (sighej_mailbox_ack (&act->peer->from_here, act->act->number))
    act->outcome->changed = TRUE;
  return TRUE;
}

/* Only who committed has something to reveal, and it is revealed once. */
static gboolean
act_reveal (Act *act, GError **error)
{
  SighejMeetingSide *own = act->own;

  if (!own->has_commit)
    return sighej_wire_refuse (error, "act", "needs a commit in the wave");
  if (!act->act->has_public_key || !act->act->has_nonce)
    return sighej_wire_refuse (error, act->act->has_public_key ? "nonce" : "key", "is missing");
  if (own->has_nonce)
    return (memcmp (own->key, act->act->public_key, sizeof own->key) == 0
            && memcmp (own->nonce, act->act->nonce, sizeof own->nonce) == 0)
           || refuse_other_key (error);

  memcpy (own->key, act->act->public_key, sizeof own->key);
  memcpy (own->nonce, act->act->nonce, sizeof own->nonce);
  own->has_key = own->has_nonce = TRUE;
  act->outcome->changed = TRUE;
  return TRUE;
}

/* ---- the table ---- */

static const struct
{
  gboolean (*run) (Act *act, GError **error);
  gboolean needs_both; /* else one wave is enough */
} acts[] = {
  [SIGHEJ_MEET_WAVE] = { act_wave, FALSE },      [SIGHEJ_MEET_WITHDRAW] = { act_end, FALSE },
  [SIGHEJ_MEET_RESUME] = { act_resume, FALSE },  [SIGHEJ_MEET_SPOT] = { act_spot, TRUE },
  [SIGHEJ_MEET_HERE] = { act_here, TRUE },       [SIGHEJ_MEET_CLOSEST] = { act_closest, TRUE },
  [SIGHEJ_MEET_CONFIRM] = { act_confirm, TRUE }, [SIGHEJ_MEET_END] = { act_end, TRUE },
  [SIGHEJ_MEET_SHARE] = { act_share, TRUE },     [SIGHEJ_MEET_POSITION] = { act_position, TRUE },
  [SIGHEJ_MEET_SAY] = { act_say, TRUE },         [SIGHEJ_MEET_ACK] = { act_ack, TRUE },
  [SIGHEJ_MEET_BLOCK] = { act_end, FALSE },      [SIGHEJ_MEET_REVEAL] = { act_reveal, TRUE },
  [SIGHEJ_MEET_THERE] = { act_there, FALSE },    [SIGHEJ_MEET_AWAY] = { act_away, FALSE },
};
G_STATIC_ASSERT (G_N_ELEMENTS (acts) == SIGHEJ_MEET_AWAY + 1);

/* What somebody may repeat whose answer was lost; the stub goes by itself. */
static gboolean
act_on_stub (const Act *act, GError **error)
{
  SighejMeetAct kind = act->act->act;

  act->outcome->wake_own = kind == SIGHEJ_MEET_RESUME;
  return kind == SIGHEJ_MEET_RESUME || kind == SIGHEJ_MEET_CONFIRM || kind == SIGHEJ_MEET_END
         || sighej_meeting_act_without_record (kind, error);
}

static gboolean
run_act (Act *act, GError **error)
{
  if (act->meeting->phase == SIGHEJ_MEETING_MET)
    return act_on_stub (act, error);
  if (act->act->act != SIGHEJ_MEET_WAVE && !act->own->waved)
    return sighej_meeting_act_without_record (act->act->act, error);
  if (acts[act->act->act].needs_both && act->meeting->phase != SIGHEJ_MEETING_AGREED)
    return refuse_unknown (error);
  /* Who does something is there. */
  if (act->act->act != SIGHEJ_MEET_AWAY && g_str_equal (act->own->session, act->session_id))
    attach (act);
  return acts[act->act->act].run (act, error);
}

/* ---- around each act ---- */

static gboolean
sweep (SighejMeeting *self, guint32 now_ms)
{
  gboolean swept = FALSE;

  for (guint i = 0; i < SIGHEJ_MEETING_SIDES; i++)
    {
      SighejMeetingSide *side = &self->sides[i];

      if (side->shares && !sighej_meeting_still_shares (side, now_ms))
        {
          say_no (side, &self->sides[!i]);
          swept = TRUE;
        }
      if (side->has_fix && (!side->knows_fix || now_ms - side->fix_ms > SIGHEJ_MEETING_FIX_MS))
        {
          forget_fix (side);
          swept = TRUE;
        }
    }
  return swept;
}

/* What each side was shown when the record was written last. */
static void
note_views (const SighejMeeting *self, guint32 now_ms, SighejWireMeetState views[])
{
  for (guint i = 0; i < SIGHEJ_MEETING_SIDES; i++)
    sighej_meeting_view (self, i, now_ms, &views[i]);
}

/* Bumps the versions of those who see something new. */
static void
tell (SighejMeeting *self,
      guint side,
      gboolean was_agreed,
      const SighejWireMeetState before[],
      SighejMeetingOutcome *outcome)
{
  SighejWireMeetState after[SIGHEJ_MEETING_SIDES];

  note_views (self, self->newest_ms, after);
  for (guint i = 0; i < SIGHEJ_MEETING_SIDES; i++)
    {
      if (was_agreed && sighej_meeting_looks_same (&before[i], &after[i]))
        continue;
      self->sides[i].version++;
      *(i == side ? &outcome->wake_own : &outcome->wake_peer) = TRUE;
    }
}

/* The end is seen by both, when there was something to see. */
static void
finish (SighejMeeting *self,
        guint side,
        SighejMeetingPhase phase,
        guint32 now_ms,
        const SighejWireMeetState before[],
        SighejMeetingOutcome *outcome)
{
  if (outcome->over)
    {
      outcome->changed = TRUE;
      outcome->wake_own = outcome->wake_peer = phase != SIGHEJ_MEETING_WAVED;
      return;
    }
  if (outcome->changed)
    {
      self->newest_ms = now_ms;
      if (self->phase != SIGHEJ_MEETING_WAVED)
        tell (self, side, phase != SIGHEJ_MEETING_WAVED, before, outcome);
    }
  outcome->lifetime_ms = sighej_meeting_get_end_ms (self) - now_ms;
}

gboolean
sighej_meeting_act (SighejMeeting *self,
                    guint side,
                    const SighejWireMeet *act,
                    const char *session_id,
                    gint64 now_ms,
                    SighejMeetingOutcome *outcome,
                    GError **error)
{
  SighejWireMeetState before[SIGHEJ_MEETING_SIDES];
  Act doing = { self,
                &self->sides[side],
                &self->sides[!side],
                act,
                session_id,
                .wall_us = now_ms * US_PER_MS,
                .outcome = outcome };
  SighejMeetingPhase phase;

  g_return_val_if_fail (side < SIGHEJ_MEETING_SIDES, FALSE);
  g_return_val_if_fail ((guint) act->act < G_N_ELEMENTS (acts), FALSE);

  *outcome = (SighejMeetingOutcome){ 0 };
  if (sighej_meeting_is_over (self, now_ms))
    sighej_meeting_reset (self);
  if (!sighej_meeting_has_begun (self))
    self->start_ms = now_ms;
  phase = self->phase;
  doing.now_ms = sighej_meeting_to_own_ms (self, now_ms);
  note_views (self, self->newest_ms, before);
  outcome->changed = sweep (self, doing.now_ms);
  if (!run_act (&doing, error))
    {
      *outcome = (SighejMeetingOutcome){ 0 };
      return FALSE;
    }
  finish (self, side, phase, doing.now_ms, before, outcome);
  return TRUE;
}

gboolean
sighej_meeting_sweep (SighejMeeting *self, gint64 now_ms, SighejMeetingOutcome *outcome)
{
  SighejWireMeetState before[SIGHEJ_MEETING_SIDES];
  guint32 own_ms = sighej_meeting_to_own_ms (self, now_ms);

  *outcome = (SighejMeetingOutcome){ 0 };
  if (self->phase != SIGHEJ_MEETING_AGREED || sighej_meeting_is_over (self, now_ms))
    return FALSE;
  note_views (self, self->newest_ms, before);
  outcome->changed = sweep (self, own_ms);
  finish (self, 0, self->phase, own_ms, before, outcome);
  return outcome->changed;
}
