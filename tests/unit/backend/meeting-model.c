/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "meeting-model.h"

#include <string.h>

#include "meeting-fixture.h"
#include "sighej-error.h"

#define MINUTE_MS 60000
#define KM_PER_DEGREE 111.195

static const ModelEvent *
event_at (const Model *self, guint i)
{
  return &g_array_index (self->log, ModelEvent, i);
}

void
model_init (Model *self)
{
  *self = (Model){ .log = g_array_new (FALSE, FALSE, sizeof (ModelEvent)) };
}

void
model_clear (Model *self)
{
  g_clear_pointer (&self->log, g_array_unref);
}

static void
forget (Model *self)
{
  g_array_set_size (self->log, 0);
  self->met = FALSE;
  self->versions[0] = self->versions[1] = 0;
}

static gint64
later (const Model *self, gint64 now_ms)
{
  gint64 newest_ms = self->log->len > 0 ? event_at (self, self->log->len - 1)->at_ms : now_ms;

  return MAX (MAX (now_ms, newest_ms), self->met ? self->met_ms : 0);
}

/* The newest event of this kind by @side; NULL: none. */
static const ModelEvent *
last (const Model *self, guint side, SighejMeetAct act)
{
  for (guint i = self->log->len; i-- > 0;)
    if (event_at (self, i)->side == side && event_at (self, i)->act.act == act)
      return event_at (self, i);
  return NULL;
}

/* The wave that counts is the first. */
static const ModelEvent *
wave_of (const Model *self, guint side)
{
  for (guint i = 0; i < self->log->len; i++)
    if (event_at (self, i)->side == side && event_at (self, i)->act.act == SIGHEJ_MEET_WAVE)
      return event_at (self, i);
  return NULL;
}

static gboolean
is_agreed (const Model *self)
{
  return wave_of (self, 0) != NULL && wave_of (self, 1) != NULL;
}

static gint64
end_of (const Model *self)
{
  if (self->met)
    return self->met_ms + 1500;
  if (!is_agreed (self))
    return event_at (self, 0)->at_ms + 10 * MINUTE_MS;
  return MAX (wave_of (self, 0)->at_ms, wave_of (self, 1)->at_ms) + 20 * MINUTE_MS;
}

/* Any two of both sides, close enough to each other. */
static gboolean
coincide (const Model *self, SighejMeetAct act, gint64 within_ms)
{
  for (guint i = 0; i < self->log->len; i++)
    for (guint j = i + 1; j < self->log->len; j++)
      if (event_at (self, i)->act.act == act && event_at (self, j)->act.act == act
          && event_at (self, i)->side != event_at (self, j)->side
          && event_at (self, j)->at_ms - event_at (self, i)->at_ms <= within_ms)
        return TRUE;
  return FALSE;
}

static gboolean
is_here (const Model *self)
{
  return coincide (self, SIGHEJ_MEET_HERE, 60000) || coincide (self, SIGHEJ_MEET_CLOSEST, 12000);
}

/* Who said so last stands; the other, if not there with her, was too early. */
static gboolean
says_here (const Model *self, guint side)
{
  const ModelEvent *own = last (self, side, SIGHEJ_MEET_HERE);
  const ModelEvent *other = last (self, !side, SIGHEJ_MEET_HERE);

  return is_here (self) || (own != NULL && (other == NULL || other < own));
}

static int
named_spot (const Model *self)
{
  for (guint i = self->log->len; i-- > 0;)
    if (event_at (self, i)->act.act == SIGHEJ_MEET_SPOT)
      return (int) event_at (self, i)->act.spot;
  return -1;
}

/* ---- who is there, who shares ---- */

typedef struct
{
  const char *session;
  gint64 away_ms; /* -1: there */
  gboolean yes;
  const ModelEvent *fix;
} Person;

static void
say_no (Person people[], guint side)
{
  if (!people[side].yes)
    return;
  for (guint i = 0; i < 2; i++)
    {
      people[i].yes = FALSE;
      people[i].fix = NULL;
    }
}

static void
pass_time (Person people[], gint64 now_ms, gint64 wall_ms)
{
  for (guint i = 0; i < 2; i++)
    {
      if (people[i].away_ms >= 0 && now_ms - people[i].away_ms >= 120000)
        say_no (people, i);
      if (people[i].fix != NULL
          && (now_ms - people[i].fix->at_ms > 120000 || wall_ms - people[i].fix->wall_ms > 120000))
        people[i].fix = NULL;
    }
}

static void
pass_event (Person people[], const ModelEvent *event)
{
  Person *person = &people[event->side];

  /* Who does something is there. */
  if (event->session_id != NULL && event->act.act != SIGHEJ_MEET_AWAY
      && g_strcmp0 (person->session, event->session_id) == 0)
    person->away_ms = -1;
  switch ((int) event->act.act)
    {
    case SIGHEJ_MEET_WAVE:
    case SIGHEJ_MEET_RESUME:
    case SIGHEJ_MEET_THERE:
      person->session = event->session_id;
      person->away_ms = -1;
      break;
    case SIGHEJ_MEET_AWAY:
      if (g_strcmp0 (person->session, event->session_id) == 0 && person->away_ms < 0)
        person->away_ms = event->at_ms;
      break;
    case SIGHEJ_MEET_SHARE:
      if (event->act.on)
        person->yes = TRUE;
      else
        say_no (people, event->side);
      break;
    case SIGHEJ_MEET_POSITION:
      person->fix = event;
      break;
    default:
      break;
    }
}

static void
replay (const Model *self, gint64 now_ms, gint64 wall_ms, Person people[])
{
  memset (people, 0, 2 * sizeof *people);
  people[0].away_ms = people[1].away_ms = -1;
  for (guint i = 0; i < self->log->len; i++)
    {
      pass_time (people, event_at (self, i)->at_ms, event_at (self, i)->wall_ms);
      pass_event (people, event_at (self, i));
    }
  pass_time (people, now_ms, wall_ms);
}

/* ---- talk ---- */

static guint64
said_by (const Model *self, guint side)
{
  guint64 said = 0;

  for (guint i = 0; i < self->log->len; i++)
    said += event_at (self, i)->side == side && event_at (self, i)->act.act == SIGHEJ_MEET_SAY
            && event_at (self, i)->act.number > said;
  return said;
}

/* How far @side has acknowledged what the other said. */
static guint64
acked_by (const Model *self, guint side)
{
  guint64 said = 0, acked = 0;

  for (guint i = 0; i < self->log->len; i++)
    {
      const ModelEvent *event = event_at (self, i);

      if (event->side != side && event->act.act == SIGHEJ_MEET_SAY)
        said = MAX (said, event->act.number);
      if (event->side == side
          && (event->act.act == SIGHEJ_MEET_ACK || event->act.act == SIGHEJ_MEET_RESUME))
        acked = MAX (acked, MIN (said, event->act.number));
    }
  return acked;
}

guint
model_letters (const Model *self, guint side, guint64 *first)
{
  *first = acked_by (self, side) + 1;
  return (guint) (said_by (self, !side) - acked_by (self, side));
}

/* Said of one kind less than @within_ms ago. */
static guint
count_said (const Model *self, guint side, SighejTalkKind kind, gint64 now_ms, gint64 within_ms)
{
  guint n_said = 0;

  for (guint i = 0; i < self->log->len; i++)
    n_said += event_at (self, i)->side == side && event_at (self, i)->act.act == SIGHEJ_MEET_SAY
              && event_at (self, i)->act.kind == kind
              && now_ms - event_at (self, i)->at_ms < within_ms;
  return n_said;
}

static gsize
count_bytes (const Model *self, guint side)
{
  guint64 acked = acked_by (self, !side);
  gsize n_bytes = 0;

  for (guint i = 0; i < self->log->len; i++)
    if (event_at (self, i)->side == side && event_at (self, i)->act.act == SIGHEJ_MEET_SAY
        && event_at (self, i)->act.number > acked)
      n_bytes += event_at (self, i)->n_body;
  return n_bytes;
}

static gboolean
is_in_message (const Model *self, guint side)
{
  for (guint i = self->log->len; i-- > 0;)
    if (event_at (self, i)->side == side && event_at (self, i)->act.act == SIGHEJ_MEET_SAY
        && event_at (self, i)->act.kind != SIGHEJ_TALK_NOTE)
      return event_at (self, i)->act.kind == SIGHEJ_TALK_PART;
  return FALSE;
}

static int
judge_say (const Model *self, guint side, const SighejWireMeet *act, gint64 now_ms)
{
  guint64 said = said_by (self, side), first;
  gsize n_body = g_bytes_get_size (act->body);

  if (act->number == 0)
    return SIGHEJ_ERROR_INVALID_REQUEST;
  if (act->number > said + 1)
    return SIGHEJ_ERROR_CONFLICT;
  if (act->number <= said)
    return MEETING_DONE;
  if (n_body > 2100 || (act->kind == SIGHEJ_TALK_PART && is_in_message (self, side)))
    return SIGHEJ_ERROR_INVALID_REQUEST;
  if (model_letters (self, !side, &first) >= 64 || count_bytes (self, side) + n_body > 122880)
    return SIGHEJ_ERROR_RATE_LIMITED;
  if (act->kind == SIGHEJ_TALK_TEXT
      && (count_said (self, side, SIGHEJ_TALK_TEXT, now_ms, 10000) >= 8
          || count_said (self, side, SIGHEJ_TALK_TEXT, now_ms, MINUTE_MS) >= 20))
    return SIGHEJ_ERROR_RATE_LIMITED;
  if (act->kind == SIGHEJ_TALK_NOTE
      && count_said (self, side, SIGHEJ_TALK_NOTE, now_ms, MINUTE_MS) >= 60)
    return SIGHEJ_ERROR_RATE_LIMITED;
  return MEETING_DONE;
}

/* ---- what is right ---- */

/* Tests walk along a meridian, far from the limit of speed on either side of it. */
static gboolean
is_too_fast (const SighejPosition *from, const SighejPosition *to)
{
  double hours = (double) (to->taken_us - from->taken_us) / 3.6e9;
  double km = ABS (to->latitude - from->latitude) * KM_PER_DEGREE;

  return hours < 0 || km > 300 * hours;
}

static int
judge_position (
    const Model *self, guint side, const SighejPosition *position, gint64 wall_ms, gint64 now_ms)
{
  const ModelEvent *before = last (self, side, SIGHEJ_MEET_POSITION);
  Person people[2];

  replay (self, now_ms, wall_ms, people);
  if (!people[0].yes || !people[1].yes)
    return SIGHEJ_ERROR_NOT_PERMITTED;
  if (before != NULL && now_ms - before->at_ms < 3000)
    return SIGHEJ_ERROR_RATE_LIMITED;
  if (position->latitude > 90 || ABS (position->taken_us - wall_ms * 1000) > 300 * G_USEC_PER_SEC)
    return SIGHEJ_ERROR_INVALID_REQUEST;
  if (people[side].fix != NULL && is_too_fast (&people[side].fix->act.position, position))
    return SIGHEJ_ERROR_INVALID_REQUEST;
  return MEETING_DONE;
}

static int
judge_without_record (SighejMeetAct act)
{
  static const gboolean done[SIGHEJ_MEET_AWAY + 1] = { [SIGHEJ_MEET_WITHDRAW] = TRUE,
                                                       [SIGHEJ_MEET_BLOCK] = TRUE,
                                                       [SIGHEJ_MEET_THERE] = TRUE,
                                                       [SIGHEJ_MEET_AWAY] = TRUE };

  return done[act] ? MEETING_DONE : SIGHEJ_ERROR_NOT_FOUND;
}

static int
judge_wave (const Model *self, guint side, const SighejWireMeet *act)
{
  const ModelEvent *first = wave_of (self, side);

  return first == NULL || first->act.public_key[0] == act->public_key[0] ? MEETING_DONE
                                                                         : SIGHEJ_ERROR_CONFLICT;
}

static int
judge_stub (SighejMeetAct act)
{
  return act == SIGHEJ_MEET_RESUME || act == SIGHEJ_MEET_CONFIRM || act == SIGHEJ_MEET_END
             ? MEETING_DONE
             : judge_without_record (act);
}

static int
judge (const Model *self, guint side, const SighejWireMeet *act, gint64 wall_ms, gint64 now_ms)
{
  gboolean early = act->act == SIGHEJ_MEET_WITHDRAW || act->act == SIGHEJ_MEET_RESUME
                   || act->act == SIGHEJ_MEET_BLOCK || act->act >= SIGHEJ_MEET_THERE;

  if (self->met)
    return judge_stub (act->act);
  if (act->act == SIGHEJ_MEET_WAVE)
    return judge_wave (self, side, act);
  if (wave_of (self, side) == NULL)
    return judge_without_record (act->act);
  if (!early && !is_agreed (self))
    return SIGHEJ_ERROR_NOT_FOUND;
  if (act->act == SIGHEJ_MEET_SPOT && act->spot > 7)
    return SIGHEJ_ERROR_INVALID_REQUEST;
  if (act->act == SIGHEJ_MEET_REVEAL)
    return SIGHEJ_ERROR_INVALID_REQUEST; /* nobody commits here */
  if (act->act == SIGHEJ_MEET_POSITION)
    return judge_position (self, side, &act->position, wall_ms, now_ms);
  if (act->act == SIGHEJ_MEET_SAY)
    return judge_say (self, side, act, now_ms);
  return MEETING_DONE;
}

/* ---- what is seen ---- */

static void
describe_place (
    const Model *self, guint side, gint64 now_ms, gint64 wall_ms, SighejWireMeetState *out)
{
  Person people[2];

  replay (self, now_ms, wall_ms, people);
  out->own_share = people[side].yes;
  out->sharing = out->peer_share = people[0].yes && people[1].yes;
  out->peer_there = people[!side].away_ms < 0;
  out->has_position = out->sharing && people[!side].fix != NULL;
  if (!out->has_position)
    return;
  out->position = people[!side].fix->act.position;
  out->position_age_ms = (guint) (now_ms - people[!side].fix->at_ms);
}

static SighejMeetState
state_of (const Model *self)
{
  if (self->met)
    return SIGHEJ_MEET_STATE_MET;
  if (is_here (self))
    return SIGHEJ_MEET_STATE_HERE;
  if (named_spot (self) >= 0 || says_here (self, 0) || says_here (self, 1))
    return SIGHEJ_MEET_STATE_FINDING;
  return SIGHEJ_MEET_STATE_AGREED;
}

/* With the time at which a position was taken, which nobody is told. */
static void
describe (const Model *self, guint side, gint64 now_ms, gint64 wall_ms, SighejWireMeetState *out)
{
  *out = (SighejWireMeetState){ .version = self->versions[side],
                                .state = state_of (self),
                                .spot = named_spot (self),
                                .own_here = says_here (self, side),
                                .peer_here = says_here (self, !side),
                                .confirmed
                                = self->met || last (self, side, SIGHEJ_MEET_CONFIRM) != NULL,
                                .peer_there = TRUE,
                                .expires_in_ms = (guint) (end_of (self) - now_ms),
                                .said = said_by (self, side) };
  if (self->met)
    return;
  out->has_peer_key = TRUE;
  out->peer_key[0] = wave_of (self, !side)->act.public_key[0];
  describe_place (self, side, now_ms, wall_ms, out);
}

gboolean
model_describe (const Model *self, guint side, gint64 now_ms, SighejWireMeetState *out)
{
  if (now_ms >= self->gone_ms || (!self->met && !is_agreed (self)))
    return FALSE;
  describe (self, side, later (self, now_ms), now_ms, out);
  out->position.taken_us = 0;
  return TRUE;
}

static gboolean
is_news (const SighejWireMeetState *old, const SighejWireMeetState *new)
{
  SighejWireMeetState a = *old, b = *new;

  a.version = b.version = 0;
  a.expires_in_ms = b.expires_in_ms = 0;
  a.position_age_ms = b.position_age_ms = 0;
  a.said = b.said = 0;
  return memcmp (&a, &b, sizeof a) != 0;
}

/* ---- what it comes to ---- */

/* Whether it says what was said already. */
static gboolean
is_in_vain (const Model *self, guint side, const SighejWireMeet *act, const Person people[])
{
  switch ((int) act->act)
    {
    case SIGHEJ_MEET_WAVE:
      return wave_of (self, side) != NULL;
    case SIGHEJ_MEET_THERE:
      return TRUE;
    case SIGHEJ_MEET_SPOT:
      return named_spot (self) == (int) act->spot;
    case SIGHEJ_MEET_HERE:
    case SIGHEJ_MEET_CLOSEST:
      return is_here (self);
    case SIGHEJ_MEET_CONFIRM:
      return last (self, side, SIGHEJ_MEET_CONFIRM) != NULL;
    case SIGHEJ_MEET_SHARE:
      return people[side].yes == act->on;
    case SIGHEJ_MEET_SAY:
      return act->number <= said_by (self, side);
    case SIGHEJ_MEET_RESUME:
    case SIGHEJ_MEET_ACK:
      return MIN (act->number, said_by (self, !side)) <= acked_by (self, side);
    default:
      return FALSE;
    }
}

/* A socket speaks for its side from this on. */
static gboolean
begins (SighejMeetAct act)
{
  return act == SIGHEJ_MEET_WAVE || act == SIGHEJ_MEET_THERE || act == SIGHEJ_MEET_RESUME;
}

/* Whether it shows that this side is there, or gone, and that was not known. */
static gboolean
moves (const Person *person, SighejMeetAct act, const char *session_id)
{
  gboolean same = g_strcmp0 (person->session, session_id) == 0;

  if (act == SIGHEJ_MEET_AWAY)
    return same && person->away_ms < 0;
  if (begins (act))
    return !same || person->away_ms >= 0;
  return same && person->away_ms >= 0;
}

/* Something got too old since it was last written. */
static gboolean
has_aged (const Model *self, gint64 now_ms, gint64 wall_ms)
{
  const ModelEvent *newest;
  Person then[2], now[2];

  if (self->log->len == 0 || self->met)
    return FALSE;
  newest = event_at (self, self->log->len - 1);
  replay (self, newest->at_ms, newest->wall_ms, then);
  replay (self, now_ms, wall_ms, now);
  for (guint i = 0; i < 2; i++)
    if (then[i].yes != now[i].yes || then[i].fix != now[i].fix)
      return TRUE;
  return FALSE;
}

static void
append (Model *self,
        guint side,
        const SighejWireMeet *act,
        const char *session_id,
        gint64 now_ms,
        gint64 wall_ms)
{
  ModelEvent event = { now_ms, wall_ms, side, session_id, *act, 0 };

  event.n_body = act->body != NULL ? g_bytes_get_size (act->body) : 0;
  event.act.body = NULL;
  g_array_append_val (self->log, event);
}

/* In its place, when only its coming counts. */
static const SighejWireMeet nothing = { .act = SIGHEJ_MEET_ACK };

static gboolean
ends (SighejMeetAct act)
{
  return act == SIGHEJ_MEET_END || act == SIGHEJ_MEET_WITHDRAW || act == SIGHEJ_MEET_BLOCK;
}

static void
become_met (Model *self, gint64 now_ms)
{
  g_array_set_size (self->log, 0);
  self->met = TRUE;
  self->met_ms = now_ms;
}

/* Writes what was done, and wakes who sees something new. */
static void
carry_out (Model *self,
           guint side,
           const SighejWireMeet *act,
           const char *session_id,
           gint64 now_ms,
           gint64 wall_ms,
           ModelAnswer *answer)
{
  gboolean was_agreed = is_agreed (self);
  gint64 then_ms = later (self, G_MININT64);
  gint64 then_wall_ms = self->log->len > 0 ? event_at (self, self->log->len - 1)->wall_ms : wall_ms;
  SighejWireMeetState before[2], after;

  for (guint i = 0; was_agreed && i < 2; i++)
    describe (self, i, then_ms, then_wall_ms, &before[i]);
  append (self, side, act, session_id, now_ms, wall_ms);
  answer->outcome.changed = TRUE;
  answer->outcome.needs_cue = !was_agreed && is_agreed (self);
  if (last (self, 0, SIGHEJ_MEET_CONFIRM) != NULL && last (self, 1, SIGHEJ_MEET_CONFIRM) != NULL)
    become_met (self, now_ms);
  for (guint i = 0; (self->met || is_agreed (self)) && i < 2; i++)
    {
      describe (self, i, now_ms, wall_ms, &after);
      if (was_agreed && !is_news (&before[i], &after))
        continue;
      self->versions[i]++;
      *(i == side ? &answer->outcome.wake_own : &answer->outcome.wake_peer) = TRUE;
    }
  answer->outcome.wake_peer |= act->act == SIGHEJ_MEET_SAY;
}

static void
do_act (Model *self,
        guint side,
        const SighejWireMeet *act,
        const char *session_id,
        gint64 now_ms,
        gint64 wall_ms,
        ModelAnswer *answer)
{
  gboolean goes = act->act == SIGHEJ_MEET_AWAY;
  Person people[2];
  gboolean in_vain, moved;

  replay (self, now_ms, wall_ms, people);
  moved = moves (&people[side], act->act, session_id);
  in_vain = goes ? !moved : is_in_vain (self, side, act, people);
  if (in_vain && !moved && !has_aged (self, now_ms, wall_ms))
    return;
  if (in_vain && !begins (act->act))
    act = &nothing;
  carry_out (self, side, act, goes && !moved ? NULL : session_id, now_ms, wall_ms, answer);
}

static void
end (Model *self, ModelAnswer *answer)
{
  answer->outcome.changed = answer->outcome.over = TRUE;
  answer->outcome.wake_own = answer->outcome.wake_peer = is_agreed (self);
  forget (self);
}

ModelAnswer
model_act (
    Model *self, guint side, const SighejWireMeet *act, const char *session_id, gint64 wall_ms)
{
  ModelAnswer answer = { 0 };
  gint64 now_ms;

  if (wall_ms >= self->gone_ms)
    forget (self);
  now_ms = later (self, wall_ms);
  answer.code = judge (self, side, act, wall_ms, now_ms);
  if (answer.code != MEETING_DONE)
    return answer;
  if (!self->met && act->act != SIGHEJ_MEET_WAVE && wave_of (self, side) == NULL)
    return answer; /* as if there were no record */
  if (!self->met && ends (act->act))
    {
      end (self, &answer);
      return answer;
    }
  if (!self->met)
    do_act (self, side, act, session_id, now_ms, wall_ms, &answer);
  answer.outcome.wake_own |= act->act == SIGHEJ_MEET_RESUME && (self->met || is_agreed (self));
  answer.outcome.lifetime_ms = (guint) (end_of (self) - now_ms);
  if (answer.outcome.changed)
    self->gone_ms = wall_ms + answer.outcome.lifetime_ms;
  return answer;
}
