/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-peer"

#include "config.h"

#include "sighej-peer-meets.h"

#include <string.h>

#include "sighej-pairing.h"

typedef struct
{
  char nudge_id[SIGHEJ_NUDGE_ID_CHARS + 1];
  gboolean looking;    /* the record is being read */
  gboolean look_again; /* and has changed meanwhile */
  gboolean poll;       /* the next look is a poll */
  guint64 version;     /* of the view that was sent; 0: none yet */
  guint64 sent;        /* letters sent up to this one */
  guint64 acked;       /* and acknowledged */
} Encounter;

/* A message that waits for its turn. */
typedef struct
{
  SighejWireClientType type;
  guint64 id;
  char *data;
  gsize n_data;
} Waiting;

/* Of the act that is under way. */
typedef struct
{
  SighejMeetAct act;
  guint64 id;
  guint64 number;
  char nudge_id[SIGHEJ_NUDGE_ID_CHARS + 1];
  gint64 due_us; /* not answered before; 0: when it is done */
} Current;

struct _SighejPeerMeets
{
  SighejPeer *peer;
  SighejMeetings *meetings;
  guint8 opening[SIGHEJ_STORE_OPENING_BYTES];
  GPtrArray *encounters; /* of Encounter, owned */
  GQueue waiting;
  gboolean busy;     /* one act is under way */
  gboolean has_left; /* the socket is gone, or the session over */
  Current current;
  guint answer_timer;   /* what it came to waits until the answer is due */
  GError *answer_error; /* (nullable): what it came to */
  gint64 poll_us;       /* 0: there is nothing to poll for */

  /* the code this socket's client made, until somebody joined or it is over */
  char code[SIGHEJ_WIRE_CODE_CHARS + 1];
  gboolean seeing_code;
};

static void serve_next (SighejPeerMeets *self);
static void look (SighejPeerMeets *self, Encounter *encounter, gboolean poll);

static void
waiting_free (Waiting *waiting)
{
  sighej_wipe (waiting->data, waiting->n_data);
  g_free (waiting->data);
  g_free (waiting);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Waiting, waiting_free)

static void
forget_waiting (SighejPeerMeets *self)
{
  g_queue_clear_full (&self->waiting, (GDestroyNotify) waiting_free);
}

SighejPeerMeets *
sighej_peer_meets_new (SighejPeer *peer,
                       SighejMeetings *meetings,
                       const guint8 opening[SIGHEJ_STORE_OPENING_BYTES])
{
  SighejPeerMeets *self = g_new0 (SighejPeerMeets, 1);

  self->peer = peer;
  self->meetings = g_object_ref (meetings);
  memcpy (self->opening, opening, sizeof self->opening);
  self->encounters = g_ptr_array_new_with_free_func (g_free);
  g_queue_init (&self->waiting);
  return self;
}

void
sighej_peer_meets_free (SighejPeerMeets *self)
{
  forget_waiting (self);
  g_ptr_array_unref (self->encounters);
  g_object_unref (self->meetings);
  sighej_wipe (self, sizeof *self);
  g_free (self);
}

static SighejMeetingsWho
get_who (SighejPeerMeets *self)
{
  SighejMeetingsWho who = { .remaining_ms = sighej_peer_get_remaining_ms (self->peer) };

  g_strlcpy (who.session_id, sighej_peer_get_session_id (self->peer), sizeof who.session_id);
  memcpy (who.opening, self->opening, sizeof who.opening);
  return who;
}

/* ---- the encounters ---- */

static Encounter *
find (SighejPeerMeets *self, const char *nudge_id)
{
  for (guint i = 0; i < self->encounters->len; i++)
    {
      Encounter *encounter = self->encounters->pdata[i];

      if (strcmp (encounter->nudge_id, nudge_id) == 0)
        return encounter;
    }
  return NULL;
}

static void
poll_while_needed (SighejPeerMeets *self)
{
  if (self->encounters->len == 0 && self->code[0] == '\0')
    self->poll_us = 0;
  else if (self->poll_us == 0)
    self->poll_us = sighej_clock_now_us (sighej_meetings_get_clock (self->meetings))
                    + SIGHEJ_PEER_MEETS_POLL_MS * G_TIME_SPAN_MILLISECOND;
  sighej_peer_rearm (self->peer);
}

static Encounter *
keep (SighejPeerMeets *self, const char *nudge_id)
{
  Encounter *encounter = find (self, nudge_id);

  if (encounter != NULL)
    return encounter;
  encounter = g_new0 (Encounter, 1);
  g_strlcpy (encounter->nudge_id, nudge_id, sizeof encounter->nudge_id);
  g_ptr_array_add (self->encounters, encounter);
  poll_while_needed (self);
  return encounter;
}

static void
drop (SighejPeerMeets *self, const char *nudge_id)
{
  Encounter *encounter = find (self, nudge_id);

  if (encounter == NULL)
    return;
  g_ptr_array_remove_fast (self->encounters, encounter);
  poll_while_needed (self);
}

/* ---- what is sent ---- */

static void
send_result (SighejPeerMeets *self, guint64 id, const GError *error)
{
  g_autoptr (SighejWireMeetResult) result = sighej_wire_meet_result_new (id, error);
  SighejWireServerMessage message = { .type = SIGHEJ_WIRE_MEET_RESULT, .result = result };

  if (error != NULL)
    result->retry_after_s = sighej_error_get_retry_after_s (error);
  sighej_peer_send (self->peer, &message);
}

static void
send_view (SighejPeerMeets *self, Encounter *encounter, const SighejWireMeetState *state)
{
  SighejWireServerMessage message
      = { .type = SIGHEJ_WIRE_MEET, .meet = (SighejWireMeetState *) state };

  if (state->state != SIGHEJ_MEET_STATE_ENDED && state->version == encounter->version)
    return;
  encounter->version = state->version;
  sighej_peer_send (self->peer, &message);
}

/* No more than the client is known to take in: the rest comes when it acknowledges. */
static void
send_letters (SighejPeerMeets *self, Encounter *encounter, const SighejMeetingsView *view)
{
  for (guint i = 0; i < view->n_letters; i++)
    {
      SighejWireServerMessage message
          = { .type = SIGHEJ_WIRE_TALK, .talk = (SighejWireTalk *) &view->letters[i] };

      if (view->letters[i].n > encounter->acked + SIGHEJ_PEER_MEETS_LETTERS_MAX)
        return;
      encounter->sent = view->letters[i].n;
      sighej_peer_send (self->peer, &message);
    }
}

/* ---- looking ---- */

typedef struct
{
  SighejPeerMeets *self; /* as long as the peer */
  guint64 after;
  char nudge_id[SIGHEJ_NUDGE_ID_CHARS + 1];
} Look;

static void
take_view (SighejPeerMeets *self,
           Encounter *encounter,
           guint64 after,
           const SighejMeetingsView *view)
{
  gboolean is_over = view->state != NULL && view->state->state == SIGHEJ_MEET_STATE_ENDED;

  if (view->speaks && view->state != NULL)
    send_view (self, encounter, view->state);
  if (!view->speaks || is_over)
    drop (self, encounter->nudge_id);
  else if (encounter->sent == after)
    send_letters (self, encounter, view);
  else /* a resume came meanwhile: these are the letters of another question */
    encounter->look_again = TRUE;
}

static void
on_seen (const SighejMeetingsView *view, const GError *error, gpointer user_data)
{
  g_autofree Look *look_call = user_data;
  SighejPeerMeets *self = look_call->self;
  Encounter *encounter = find (self, look_call->nudge_id);

  if (encounter != NULL)
    encounter->looking = FALSE;
  /* What the store could not say is asked again by the poll. */
  if (encounter != NULL && error == NULL && sighej_peer_is_open (self->peer))
    take_view (self, encounter, look_call->after, view);
  encounter = find (self, look_call->nudge_id);
  if (encounter != NULL && encounter->look_again)
    look (self, encounter, FALSE);
  sighej_peer_unref (self->peer);
}

static void
look (SighejPeerMeets *self, Encounter *encounter, gboolean poll)
{
  SighejMeetingsWho who = get_who (self);
  Look *look_call;

  encounter->look_again = encounter->looking;
  encounter->poll |= poll;
  if (encounter->looking || !sighej_peer_is_open (self->peer))
    return;
  poll = encounter->poll;
  encounter->looking = TRUE;
  encounter->poll = FALSE;
  look_call = g_new (Look, 1);
  look_call->self = self;
  look_call->after = encounter->sent;
  g_strlcpy (look_call->nudge_id, encounter->nudge_id, sizeof look_call->nudge_id);
  sighej_peer_ref (self->peer);
  sighej_meetings_look (
      self->meetings, &who, look_call->nudge_id, look_call->after, poll, on_seen, look_call);
}

static void
on_code_seen (const SighejWirePaired *paired, const GError *error, gpointer user_data)
{
  SighejPeerMeets *self = user_data;
  SighejWireServerMessage message
      = { .type = SIGHEJ_WIRE_PAIRED, .paired = (SighejWirePaired *) paired };

  self->seeing_code = FALSE;
  if (paired != NULL)
    sighej_peer_send (self->peer, &message);
  if (paired != NULL || g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_FOUND))
    {
      sighej_wipe (self->code, sizeof self->code);
      poll_while_needed (self);
    }
  sighej_peer_unref (self->peer);
}

static void
look_at_code (SighejPeerMeets *self)
{
  SighejMeetingsWho who = get_who (self);

  if (self->code[0] == '\0' || self->seeing_code)
    return;
  self->seeing_code = TRUE;
  sighej_peer_ref (self->peer);
  sighej_pairing_look (self->meetings, &who, self->code, on_code_seen, self);
}

/* An encounter may go while the others are looked at. */
static void
look_at_all (SighejPeerMeets *self, gboolean poll)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < self->encounters->len; i++)
    g_ptr_array_add (ids, g_strdup (((Encounter *) self->encounters->pdata[i])->nudge_id));
  for (guint i = 0; i < ids->len; i++)
    {
      Encounter *encounter = find (self, ids->pdata[i]);

      if (encounter != NULL)
        look (self, encounter, poll);
    }
  look_at_code (self);
}

void
sighej_peer_meets_look (SighejPeerMeets *self)
{
  look_at_all (self, FALSE);
}

gint64
sighej_peer_meets_get_poll_us (SighejPeerMeets *self)
{
  return self->poll_us == 0 ? G_MAXINT64 : self->poll_us;
}

void
sighej_peer_meets_poll (SighejPeerMeets *self, gint64 now_us)
{
  self->poll_us = now_us + SIGHEJ_PEER_MEETS_POLL_MS * G_TIME_SPAN_MILLISECOND;
  look_at_all (self, TRUE);
}

/* ---- acts ---- */

static void
finish_one (SighejPeerMeets *self)
{
  self->busy = FALSE;
  serve_next (self);
  sighej_peer_unref (self->peer);
}

static void
begin_again (SighejPeerMeets *self, const Current *current)
{
  Encounter *encounter = keep (self, current->nudge_id);

  if (current->act == SIGHEJ_MEET_RESUME)
    {
      encounter->version = 0;
      encounter->sent = encounter->acked = current->number;
    }
  look (self, encounter, FALSE);
}

static void
note_ack (SighejPeerMeets *self, const Current *current)
{
  Encounter *encounter = find (self, current->nudge_id);

  if (encounter == NULL)
    return;
  encounter->acked = MAX (encounter->acked, MIN (current->number, encounter->sent));
  look (self, encounter, FALSE);
}

/* A view goes out only behind the answer to what brought it. */
static void
note_done (SighejPeerMeets *self, const Current *current)
{
  Encounter *encounter = find (self, current->nudge_id);

  if (current->act == SIGHEJ_MEET_WAVE || current->act == SIGHEJ_MEET_RESUME)
    begin_again (self, current);
  else if (current->act == SIGHEJ_MEET_ACK)
    note_ack (self, current);
  else if ((current->act == SIGHEJ_MEET_WITHDRAW || current->act == SIGHEJ_MEET_BLOCK)
           && encounter != NULL && encounter->version == 0)
    drop (self, current->nudge_id);
}

/* The socket closed before it was answered: the other side is to know that nobody is there. */
static void
note_unheard (SighejPeerMeets *self, const Current *current)
{
  SighejMeetingsWho who = get_who (self);

  if (current->act != SIGHEJ_MEET_WAVE && current->act != SIGHEJ_MEET_RESUME)
    return;
  if (self->has_left)
    sighej_meetings_leave (self->meetings, &who, current->nudge_id);
  else
    keep (self, current->nudge_id);
}

static void
answer (SighejPeerMeets *self, const GError *error)
{
  Current current = self->current;

  send_result (self, current.id, error);
  if (error == NULL && sighej_peer_is_open (self->peer))
    note_done (self, &current);
  else if (error == NULL)
    note_unheard (self, &current);
  finish_one (self);
}

static gboolean
on_answer_due (gpointer user_data)
{
  SighejPeerMeets *self = user_data;
  g_autoptr (GError) error = g_steal_pointer (&self->answer_error);

  self->answer_timer = 0;
  answer (self, error);
  return G_SOURCE_REMOVE;
}

static void
on_acted (const GError *error, gpointer user_data)
{
  SighejPeerMeets *self = user_data;
  SighejClock *clock = sighej_meetings_get_clock (self->meetings);

  if (!sighej_peer_is_open (self->peer) || sighej_clock_now_us (clock) >= self->current.due_us)
    {
      answer (self, error);
      return;
    }
  self->answer_error = error != NULL ? g_error_copy (error) : NULL;
  self->answer_timer = sighej_clock_add_at (clock, self->current.due_us, on_answer_due, self);
}

static gint64
get_due_us (SighejPeerMeets *self, const char *nudge_id)
{
  const Encounter *encounter = find (self, nudge_id);

  if (encounter != NULL && encounter->version != 0)
    return 0;
  return sighej_clock_now_us (sighej_meetings_get_clock (self->meetings))
         + SIGHEJ_PEER_MEETS_ANSWER_MS * G_TIME_SPAN_MILLISECOND;
}

static gboolean
has_room (SighejPeerMeets *self, const SighejWireMeet *act, GError **error)
{
  if ((act->act != SIGHEJ_MEET_WAVE && act->act != SIGHEJ_MEET_RESUME)
      || self->encounters->len < SIGHEJ_PEER_MEETS_MAX || find (self, act->nudge_id) != NULL)
    return TRUE;
  g_set_error_literal (
      error, SIGHEJ_ERROR, SIGHEJ_ERROR_RATE_LIMITED, "too many meets at once on this socket");
  return FALSE;
}

static gboolean
serve_meet (SighejPeerMeets *self, const Waiting *waiting, GError **error)
{
  SighejMeetingsWho who = get_who (self);
  g_autoptr (SighejWireMeet) act = sighej_wire_meet_read (waiting->data, waiting->n_data, error);

  if (act == NULL || !has_room (self, act, error))
    return FALSE;
  self->current
      = (Current){ act->act, act->id, act->number, .due_us = get_due_us (self, act->nudge_id) };
  g_strlcpy (self->current.nudge_id, act->nudge_id, sizeof self->current.nudge_id);
  sighej_meetings_act (self->meetings, &who, g_steal_pointer (&act), on_acted, self);
  return TRUE;
}

void
sighej_peer_meets_leave (SighejPeerMeets *self)
{
  SighejMeetingsWho who = get_who (self);

  self->has_left = TRUE;
  forget_waiting (self);
  for (guint i = 0; i < self->encounters->len; i++)
    sighej_meetings_leave (
        self->meetings, &who, ((Encounter *) self->encounters->pdata[i])->nudge_id);
  g_ptr_array_set_size (self->encounters, 0);
  if (self->answer_timer == 0)
    return;
  sighej_clock_clear (sighej_meetings_get_clock (self->meetings), &self->answer_timer);
  on_answer_due (self);
}

/* ---- pairing codes ---- */

static void
on_code_created (const char *code, guint expires_in_s, const GError *error, gpointer user_data)
{
  SighejPeerMeets *self = user_data;
  SighejWireCode made = { .id = self->current.id, .expires_in_s = expires_in_s };
  SighejWireServerMessage message = { .type = SIGHEJ_WIRE_CODE, .pair_code = &made };

  if (error != NULL)
    send_result (self, self->current.id, error);
  else
    {
      g_strlcpy (made.code, code, sizeof made.code);
      g_strlcpy (self->code, code, sizeof self->code);
      sighej_peer_send (self->peer, &message);
      poll_while_needed (self);
      look_at_code (self);
    }
  sighej_wipe (&made, sizeof made);
  finish_one (self);
}

static gboolean
serve_code (SighejPeerMeets *self, const Waiting *waiting, GError **error)
{
  SighejMeetingsWho who = get_who (self);
  SighejWireCodeRequest request;

  if (!sighej_wire_code_request_read (waiting->data, waiting->n_data, &request, error))
    return FALSE;
  self->current = (Current){ .id = request.id };
  sighej_pairing_create (self->meetings, &who, request.commit, on_code_created, self);
  return TRUE;
}

static void
on_joined (const SighejWirePaired *paired, const GError *error, gpointer user_data)
{
  SighejPeerMeets *self = user_data;
  SighejWireServerMessage message
      = { .type = SIGHEJ_WIRE_PAIR, .paired = (SighejWirePaired *) paired };

  if (error != NULL)
    send_result (self, self->current.id, error);
  else
    {
      sighej_peer_send (self->peer, &message);
      if (sighej_peer_is_open (self->peer))
        look (self, keep (self, paired->nudge_id), FALSE);
    }
  finish_one (self);
}

static gboolean
serve_pair (SighejPeerMeets *self, const Waiting *waiting, GError **error)
{
  SighejMeetingsWho who = get_who (self);
  SighejWirePairRequest request;

  if (!sighej_wire_pair_request_read (waiting->data, waiting->n_data, &request, error))
    return FALSE;
  if (self->encounters->len >= SIGHEJ_PEER_MEETS_MAX)
    {
      g_set_error_literal (
          error, SIGHEJ_ERROR, SIGHEJ_ERROR_RATE_LIMITED, "too many meets at once on this socket");
      return FALSE;
    }
  self->current = (Current){ .id = request.id };
  sighej_pairing_join (self->meetings, &who, &request, on_joined, self);
  sighej_wipe (&request, sizeof request);
  return TRUE;
}

/* ---- one after the other ---- */

/* Returns: whether it is under way; else @error says what is wrong with it */
static gboolean
serve (SighejPeerMeets *self, const Waiting *waiting, GError **error)
{
  if (waiting->type == SIGHEJ_WIRE_ASK_MEET)
    return serve_meet (self, waiting, error);
  if (waiting->type == SIGHEJ_WIRE_ASK_CODE)
    return serve_code (self, waiting, error);
  return serve_pair (self, waiting, error);
}

static void
serve_next (SighejPeerMeets *self)
{
  while (!self->busy && sighej_peer_is_open (self->peer) && !g_queue_is_empty (&self->waiting))
    {
      g_autoptr (Waiting) waiting = g_queue_pop_head (&self->waiting);
      g_autoptr (GError) error = NULL;

      self->busy = TRUE;
      sighej_peer_ref (self->peer);
      if (serve (self, waiting, &error))
        continue;
      self->busy = FALSE;
      send_result (self, waiting->id, error);
      sighej_peer_unref (self->peer);
    }
}

void
sighej_peer_meets_take (
    SighejPeerMeets *self, SighejWireClientType type, guint64 id, const char *data, gsize n_data)
{
  g_autoptr (GError) error = NULL;
  Waiting *waiting;

  if (self->waiting.length >= SIGHEJ_PEER_MEETS_WAITING_MAX)
    {
      error = g_error_new_literal (
          SIGHEJ_ERROR, SIGHEJ_ERROR_RATE_LIMITED, "too many messages wait for their answer");
      send_result (self, id, error);
      return;
    }
  waiting = g_new (Waiting, 1);
  *waiting = (Waiting){ type, id, g_memdup2 (data, n_data), n_data };
  g_queue_push_tail (&self->waiting, waiting);
  serve_next (self);
}
