/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-meeting"

#include "config.h"

#include "sighej-meeting.h"

#include <string.h>

#include "sighej-crypto.h"
#include "sighej-error.h"
#include "sighej-meeting-private.h"
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

/* ---- life ---- */

static void
forget_fix (SighejMeetingSide *side)
{
  side->has_fix = FALSE;
  sighej_wipe (&side->fix, sizeof side->fix);
}

static void
reset_side (SighejMeetingSide *side)
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

static void
reset_facts (SighejMeeting *self)
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
    reset_side (&self->sides[i]);
  reset_facts (self);
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

/* Since the first wave, and never before the last change. */
static guint32
to_own_time (const SighejMeeting *self, gint64 now_ms)
{
  return (guint32) CLAMP (now_ms - self->start_ms, self->newest_ms, SIGHEJ_MEETING_LAST_MS);
}

static guint32
get_end_ms (const SighejMeeting *self)
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

static gboolean
has_begun (const SighejMeeting *self)
{
  return self->phase != SIGHEJ_MEETING_WAVED || self->sides[0].waved || self->sides[1].waved;
}

static gboolean
is_over (const SighejMeeting *self, gint64 now_ms)
{
  return has_begun (self) && to_own_time (self, now_ms) >= get_end_ms (self);
}

/* ---- what is shown ---- */

static gboolean
is_long_away (const SighejMeetingSide *side, guint32 now_ms)
{
  return side->away_ms != SIGHEJ_MEETING_NEVER && now_ms - side->away_ms >= SIGHEJ_MEETING_AWAY_MS;
}

/* Who has been away long has to say yes again. */
static gboolean
still_shares (const SighejMeetingSide *side, guint32 now_ms)
{
  return side->shares && !is_long_away (side, now_ms);
}

static gboolean
are_sharing (const SighejMeeting *self, guint32 now_ms)
{
  return still_shares (&self->sides[0], now_ms) && still_shares (&self->sides[1], now_ms);
}

static gboolean
shows_fix (const SighejMeeting *self, const SighejMeetingSide *side, guint32 now_ms)
{
  return side->has_fix && are_sharing (self, now_ms)
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

static void
describe (const SighejMeeting *self, guint side, guint32 now_ms, SighejWireMeetState *out)
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
    .own_share = still_shares (own, now_ms) && peer->shares == still_shares (peer, now_ms),
    .sharing = are_sharing (self, now_ms),
    .expires_in_ms = get_end_ms (self) - now_ms,
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

  if (self->phase == SIGHEJ_MEETING_WAVED || is_over (self, now_ms))
    return FALSE;
  describe (self, side, to_own_time (self, now_ms), out);
  out->position.taken_us = 0;
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

/* Whether a person is shown the same; time and what the own side said go on without a word. */
static gboolean
looks_same (const SighejWireMeetState *a, const SighejWireMeetState *b)
{
  return a->state == b->state && a->spot == b->spot && a->own_here == b->own_here
         && a->peer_here == b->peer_here && a->confirmed == b->confirmed
         && a->own_share == b->own_share && a->sharing == b->sharing
         && a->peer_there == b->peer_there && a->has_peer_key == b->has_peer_key
         && a->has_peer_nonce == b->has_peer_nonce && same_position (a, b);
}

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

      reset_side (side);
      side->version = version;
      g_strlcpy (side->session, session, sizeof side->session);
    }
  reset_facts (self);
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
  g_set_error (error,
               SIGHEJ_ERROR,
               SIGHEJ_ERROR_RATE_LIMITED,
               "too many positions, try again in %u seconds",
               (SIGHEJ_MEETING_FIX_EVERY_MS - waited_ms + MS_PER_SECOND - 1) / MS_PER_SECOND);
  return FALSE;
}

static gboolean
act_position (Act *act, GError **error)
{
  const SighejPosition *last = act->own->has_fix ? &act->own->fix : NULL;

  if (!are_sharing (act->meeting, act->now_ms))
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
  act->own->has_fix = TRUE;
  act->own->fix_ms = act->now_ms;
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

      if (side->shares && !still_shares (side, now_ms))
        {
          say_no (side, &self->sides[!i]);
          swept = TRUE;
        }
      if (side->has_fix && now_ms - side->fix_ms > SIGHEJ_MEETING_FIX_MS)
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
    describe (self, i, now_ms, &views[i]);
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
      if (was_agreed && looks_same (&before[i], &after[i]))
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
  outcome->lifetime_ms = get_end_ms (self) - now_ms;
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
  if (is_over (self, now_ms))
    sighej_meeting_reset (self);
  if (!has_begun (self))
    self->start_ms = now_ms;
  phase = self->phase;
  doing.now_ms = to_own_time (self, now_ms);
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
  guint32 own_ms = to_own_time (self, now_ms);

  *outcome = (SighejMeetingOutcome){ 0 };
  if (self->phase != SIGHEJ_MEETING_AGREED || is_over (self, now_ms))
    return FALSE;
  note_views (self, self->newest_ms, before);
  outcome->changed = sweep (self, own_ms);
  finish (self, 0, self->phase, own_ms, before, outcome);
  return outcome->changed;
}

gint64
sighej_meeting_get_sweep_ms (const SighejMeeting *self, gint64 now_ms)
{
  guint32 own_ms = to_own_time (self, now_ms);
  gint64 due_ms = G_MAXINT64;

  for (guint i = 0; i < SIGHEJ_MEETING_SIDES; i++)
    {
      const SighejMeetingSide *side = &self->sides[i];

      if (side->has_fix)
        due_ms = MIN (due_ms, (gint64) side->fix_ms + SIGHEJ_MEETING_FIX_MS + 1);
      if (side->shares && side->away_ms != SIGHEJ_MEETING_NEVER)
        due_ms = MIN (due_ms, (gint64) side->away_ms + SIGHEJ_MEETING_AWAY_MS);
    }
  return due_ms == G_MAXINT64 ? -1 : MAX (due_ms - own_ms, 0);
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
  return self->phase == SIGHEJ_MEETING_AGREED && !is_over (self, now_ms);
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
