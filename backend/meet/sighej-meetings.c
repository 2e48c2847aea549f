/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-meet"

#include "config.h"

#include "sighej-meetings.h"

#include <string.h>

#include "sighej-amend.h"
#include "sighej-error.h"
#include "sighej-meeting-edit.h"
#include "sighej-pack.h"

#define WAVE_BYTES 4
#define WAVES_BYTES (SIGHEJ_MEETINGS_WAVES_MAX * WAVE_BYTES)
#define CLOCKS_MS (5 * 60 * 1000) /* how far the wall clocks of two processes may be apart */

struct _SighejMeetings
{
  GObject parent_instance;

  SighejStore *store;
  SighejVault *vault;
  SighejClock *clock;
};

G_DEFINE_FINAL_TYPE (SighejMeetings, sighej_meetings, G_TYPE_OBJECT)

static void
sighej_meetings_init (SighejMeetings *self)
{
}

static void
sighej_meetings_finalize (GObject *object)
{
  SighejMeetings *self = SIGHEJ_MEETINGS (object);

  g_object_unref (self->store);
  g_object_unref (self->vault);
  g_object_unref (self->clock);

  G_OBJECT_CLASS (sighej_meetings_parent_class)->finalize (object);
}

static void
sighej_meetings_class_init (SighejMeetingsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sighej_meetings_finalize;
}

SighejMeetings *
sighej_meetings_new (SighejStore *store, SighejVault *vault, SighejClock *clock)
{
  SighejMeetings *self = g_object_new (SIGHEJ_TYPE_MEETINGS, NULL);

  self->store = g_object_ref (store);
  self->vault = g_object_ref (vault);
  self->clock = g_object_ref (clock);
  return self;
}

SighejStore *
sighej_meetings_get_store (SighejMeetings *self)
{
  return self->store;
}

SighejVault *
sighej_meetings_get_vault (SighejMeetings *self)
{
  return self->vault;
}

SighejClock *
sighej_meetings_get_clock (SighejMeetings *self)
{
  return self->clock;
}

/* ---- an act ---- */

typedef struct
{
  SighejMeetings *self;
  SighejMeetingsWho who;
  SighejWireMeet *act;
  SighejStoreDone done;
  gpointer user_data;
  guint8 openings[SIGHEJ_MEETING_SIDES][SIGHEJ_MEETING_OPENING_BYTES]; /* of a wave: own, peer */
  gboolean only_answer; /* all waves are used: only the other's wave may be answered */
} ActCall;

static void
act_call_free (ActCall *call)
{
  g_object_unref (call->self);
  sighej_wire_meet_free (call->act);
  g_free (call);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ActCall, act_call_free)

static void
finish_act (const GError *error, gpointer user_data)
{
  g_autoptr (ActCall) call = user_data;

  call->done (error, call->user_data);
}

static gboolean
may_wave (const ActCall *call, SighejMeeting *meeting, guint side, GError **error)
{
  if (call->act->act != SIGHEJ_MEET_WAVE || !call->only_answer
      || sighej_meeting_has_waved (meeting, !side))
    return TRUE;
  g_set_error_literal (error,
                       SIGHEJ_ERROR,
                       SIGHEJ_ERROR_RATE_LIMITED,
                       "all waves of this session are used; you can still answer one");
  return FALSE;
}

static gboolean
edit_act (SighejMeeting *meeting,
          gint64 now_ms,
          SighejMeetingChange *change,
          gpointer user_data,
          GError **error)
{
  ActCall *call = user_data;
  SighejMeetingOutcome outcome;
  int side = meeting == NULL ? -1 : sighej_meeting_side_of (meeting, call->who.opening);

  if (side < 0)
    return sighej_meeting_act_without_record (call->act->act, error);
  if (!may_wave (call, meeting, (guint) side, error)
      || !sighej_meeting_act (
          meeting, (guint) side, call->act, call->who.session_id, now_ms, &outcome, error))
    return FALSE;
  sighej_meeting_change_add (change, (guint) side, &outcome);
  return TRUE;
}

static void
run_act (ActCall *call)
{
  gboolean is_wave = call->act->act == SIGHEJ_MEET_WAVE;
  const SighejMeetingEdit edit = {
    .store = call->self->store,
    .vault = call->self->vault,
    .nudge_id = call->act->nudge_id,
    .openings = is_wave ? call->openings : NULL,
  };

  sighej_meeting_edit (&edit, edit_act, finish_act, call);
}

/* ---- the ticket ---- */

static gboolean
needs_ticket (SighejMeetAct act)
{
  return act == SIGHEJ_MEET_WAVE || act == SIGHEJ_MEET_RESUME || act == SIGHEJ_MEET_BLOCK;
}

static gboolean
check_ticket (ActCall *call)
{
  SighejNudgeTicket ticket;
  gint64 age_ms;

  if (!sighej_vault_unseal_ticket (call->self->vault, call->act->ticket, &ticket))
    return FALSE;
  age_ms = sighej_clock_wall_us (call->self->clock) / 1000 - ticket.made_ms;
  memcpy (call->openings[0], ticket.own, sizeof ticket.own);
  memcpy (call->openings[1], ticket.peer, sizeof ticket.peer);
  return strcmp (ticket.nudge_id, call->act->nudge_id) == 0
         && memcmp (ticket.own, call->who.opening, sizeof ticket.own) == 0
         && memcmp (ticket.own, ticket.peer, sizeof ticket.own) != 0 && age_ms >= -CLOCKS_MS
         && age_ms <= SIGHEJ_MEETINGS_TICKET_SECONDS * G_GINT64_CONSTANT (1000);
}

/* ---- the waves of a session ----
 *
 * Which they were is kept only as far as it takes to count each once: so many bytes of a hash under
 * a key of that session, which names no encounter and is the same at no two. As long for one wave
 * as for ten.
 */

static void
hash_wave (const ActCall *call, guint8 out[WAVE_BYTES])
{
  g_autofree char *route = g_strconcat ("wave ", call->who.session_id, NULL);
  guint8 tag[SIGHEJ_SHA256_BYTES];

  sighej_vault_tag_request (call->self->vault, route, call->act->nudge_id, tag);
  memcpy (out, tag, WAVE_BYTES);
}

static guint
read_waves (GBytes *plain, guint8 waves[WAVES_BYTES])
{
  SighejUnpack in = { 0 };
  guint n_waves;

  memset (waves, 0, WAVES_BYTES);
  if (plain == NULL)
    return 0;
  in.data = g_bytes_get_data (plain, &in.n_bytes);
  n_waves = (guint) sighej_unpack_uint_max (&in, 1, SIGHEJ_MEETINGS_WAVES_MAX);
  sighej_unpack_bytes (&in, waves, WAVES_BYTES);
  return sighej_unpack_is_done (&in) ? n_waves : SIGHEJ_MEETINGS_WAVES_MAX;
}

static SighejAmendVerdict
count_wave (SighejAmendment *amendment, gpointer user_data, GError **error)
{
  ActCall *call = user_data;
  guint8 waves[WAVES_BYTES];
  guint8 wave[WAVE_BYTES];
  guint n_waves = read_waves (amendment->plain, waves);
  g_autoptr (GByteArray) out = NULL;

  hash_wave (call, wave);
  call->only_answer = FALSE;
  for (guint i = 0; i < n_waves; i++)
    if (memcmp (waves + i * WAVE_BYTES, wave, WAVE_BYTES) == 0)
      return SIGHEJ_AMEND_KEEP;
  call->only_answer = n_waves == SIGHEJ_MEETINGS_WAVES_MAX;
  if (call->only_answer)
    return SIGHEJ_AMEND_KEEP;

  memcpy (waves + n_waves * WAVE_BYTES, wave, WAVE_BYTES);
  out = g_byte_array_sized_new (1 + WAVES_BYTES);
  sighej_pack_uint (out, n_waves + 1, 1);
  sighej_pack_bytes (out, waves, sizeof waves);
  amendment->value = g_byte_array_free_to_bytes (g_steal_pointer (&out));
  amendment->lifetime_ms = call->who.remaining_ms;
  return SIGHEJ_AMEND_WRITE;
}

static void
on_wave_counted (const GError *error, gpointer user_data)
{
  ActCall *call = user_data;

  if (error == NULL)
    run_act (call);
  else
    finish_act (error, call);
}

static void
run_wave (ActCall *call)
{
  char key[SIGHEJ_STORE_RECORD_KEY_CHARS_MAX + 1];

  g_snprintf (key, sizeof key, SIGHEJ_STORE_WAVES_PREFIX "%s", call->who.session_id);
  sighej_amend (call->self->store, call->self->vault, key, count_wave, on_wave_counted, call);
}

void
sighej_meetings_act (SighejMeetings *self,
                     const SighejMeetingsWho *who,
                     SighejWireMeet *act,
                     SighejStoreDone done,
                     gpointer user_data)
{
  ActCall *call = g_new0 (ActCall, 1);
  g_autoptr (GError) error = NULL;

  call->self = g_object_ref (self);
  call->who = *who;
  call->act = act;
  call->done = done;
  call->user_data = user_data;
  if (needs_ticket (act->act) && !check_ticket (call))
    {
      error = g_error_new_literal (SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_FOUND, "there is no such meet");
      finish_act (error, call);
    }
  else if (act->act == SIGHEJ_MEET_WAVE)
    run_wave (call);
  else
    run_act (call);
}

/* ---- what happens to a side without its doing ---- */

typedef struct
{
  SighejMeetings *self;
  SighejMeetingsWho who;
  char nudge_id[SIGHEJ_NUDGE_ID_CHARS + 1];
} AwayCall;

static void
away_call_free (AwayCall *call)
{
  g_object_unref (call->self);
  g_free (call);
}

static gboolean
edit_away (SighejMeeting *meeting,
           gint64 now_ms,
           SighejMeetingChange *change,
           gpointer user_data,
           GError **error)
{
  const SighejWireMeet away = { .act = SIGHEJ_MEET_AWAY };
  AwayCall *call = user_data;
  SighejMeetingOutcome outcome;
  int side = meeting == NULL ? -1 : sighej_meeting_side_of (meeting, call->who.opening);

  if (side < 0)
    return TRUE;
  if (!sighej_meeting_act (
          meeting, (guint) side, &away, call->who.session_id, now_ms, &outcome, error))
    return FALSE;
  sighej_meeting_change_add (change, (guint) side, &outcome);
  return TRUE;
}

/* Who looks next finds it, if this did not work. */
static void
on_away (const GError *error, gpointer user_data)
{
  if (error != NULL)
    g_info ("that somebody left is not noted: %s", error->message);
  away_call_free (user_data);
}

static void
on_attached (gboolean attached, const GError *error, gpointer user_data)
{
  AwayCall *call = user_data;
  const SighejMeetingEdit edit = {
    .store = call->self->store,
    .vault = call->self->vault,
    .nudge_id = call->nudge_id,
  };

  if (error != NULL || attached)
    on_away (error, call);
  else
    sighej_meeting_edit (&edit, edit_away, on_away, call);
}

/* A session that changed sockets, or processes, is not away. */
static void
check_attached (SighejMeetings *self,
                const char *session_id,
                const guint8 opening[SIGHEJ_STORE_OPENING_BYTES],
                const char *nudge_id)
{
  AwayCall *call = g_new0 (AwayCall, 1);

  call->self = g_object_ref (self);
  g_strlcpy (call->who.session_id, session_id, sizeof call->who.session_id);
  memcpy (call->who.opening, opening, sizeof call->who.opening);
  g_strlcpy (call->nudge_id, nudge_id, sizeof call->nudge_id);
  sighej_store_is_attached (self->store, call->who.session_id, on_attached, call);
}

void
sighej_meetings_leave (SighejMeetings *self, const SighejMeetingsWho *who, const char *nudge_id)
{
  check_attached (self, who->session_id, who->opening, nudge_id);
}

/* ---- a look ---- */

typedef struct
{
  SighejMeetings *self;
  SighejMeetingsWho who;
  char nudge_id[SIGHEJ_NUDGE_ID_CHARS + 1];
  guint64 after;
  gboolean poll;
  SighejMeetingsSeen seen;
  gpointer user_data;

  /* of the last try */
  SighejMeetingsView view;
  SighejWireMeetState state;
  SighejWireTalk letters[SIGHEJ_MEETINGS_LETTERS_MAX];
  guint8 peer_opening[SIGHEJ_STORE_OPENING_BYTES];
  char peer_session[SIGHEJ_UUID_CHARS + 1];
} LookCall;

static void
forget_view (LookCall *call)
{
  for (guint i = 0; i < call->view.n_letters; i++)
    g_bytes_unref (call->letters[i].body);
  call->view = (SighejMeetingsView){ .speaks = TRUE, .letters = call->letters };
  call->peer_session[0] = '\0';
}

static void
look_call_free (LookCall *call)
{
  forget_view (call);
  g_object_unref (call->self);
  sighej_wipe (call, sizeof *call);
  g_free (call);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LookCall, look_call_free)

static void
see_end (LookCall *call)
{
  call->state = (SighejWireMeetState){ .state = SIGHEJ_MEET_STATE_ENDED, .spot = -1 };
  call->view.state = &call->state;
}

static void
see_letters (LookCall *call, SighejMeeting *meeting, guint side)
{
  guint n = sighej_meeting_n_talk_after (meeting, side, call->after);

  call->view.n_letters = MIN (n, SIGHEJ_MEETINGS_LETTERS_MAX);
  for (guint i = 0; i < call->view.n_letters; i++)
    {
      sighej_meeting_get_talk (meeting, side, call->after, i, &call->letters[i]);
      g_strlcpy (call->letters[i].nudge_id, call->nudge_id, sizeof call->letters[i].nudge_id);
    }
}

static void
see (LookCall *call, SighejMeeting *meeting, guint side, gint64 now_ms)
{
  const char *peer_session = sighej_meeting_get_session (meeting, !side);

  if (!sighej_meeting_describe (meeting, side, now_ms, &call->state))
    return;
  call->view.state = &call->state;
  see_letters (call, meeting, side);
  if (peer_session == NULL || !call->state.peer_there)
    return;
  g_strlcpy (call->peer_session, peer_session, sizeof call->peer_session);
  memcpy (
      call->peer_opening, sighej_meeting_get_opening (meeting, !side), sizeof call->peer_opening);
}

/* What a lost message or a dead process left wrong, and what became too old. */
static void
mend (
    LookCall *call, SighejMeeting *meeting, guint side, gint64 now_ms, SighejMeetingChange *change)
{
  const SighejWireMeet there = { .act = SIGHEJ_MEET_THERE };
  SighejMeetingOutcome outcome;

  /* Nobody is there any more once they have met. */
  if (call->poll
      && sighej_meeting_act (meeting, side, &there, call->who.session_id, now_ms, &outcome, NULL))
    sighej_meeting_change_add (change, side, &outcome);
  else if (!call->poll && sighej_meeting_sweep (meeting, now_ms, &outcome))
    sighej_meeting_change_add (change, 0, &outcome);
}

/* Of those who met nothing is known any more but that. */
static gboolean
speaks (SighejMeeting *meeting, guint side, const char *session_id)
{
  const char *speaker = sighej_meeting_get_session (meeting, side);

  return speaker == NULL || strcmp (speaker, session_id) == 0;
}

static gboolean
edit_look (SighejMeeting *meeting,
           gint64 now_ms,
           SighejMeetingChange *change,
           gpointer user_data,
           GError **error)
{
  LookCall *call = user_data;
  int side = meeting == NULL ? -1 : sighej_meeting_side_of (meeting, call->who.opening);

  forget_view (call);
  if (side < 0 || !sighej_meeting_has_waved (meeting, (guint) side))
    {
      see_end (call);
      return TRUE;
    }
  call->view.speaks = speaks (meeting, (guint) side, call->who.session_id);
  if (!call->view.speaks)
    return TRUE;
  mend (call, meeting, (guint) side, now_ms, change);
  see (call, meeting, (guint) side, now_ms);
  return TRUE;
}

static void
on_looked (const GError *error, gpointer user_data)
{
  g_autoptr (LookCall) call = user_data;

  g_strlcpy (call->state.nudge_id, call->nudge_id, sizeof call->state.nudge_id);
  call->seen (error == NULL ? &call->view : NULL, error, call->user_data);
  if (error == NULL && call->poll && call->peer_session[0] != '\0')
    check_attached (call->self, call->peer_session, call->peer_opening, call->nudge_id);
}

void
sighej_meetings_look (SighejMeetings *self,
                      const SighejMeetingsWho *who,
                      const char *nudge_id,
                      guint64 after,
                      gboolean poll,
                      SighejMeetingsSeen seen,
                      gpointer user_data)
{
  LookCall *call = g_new0 (LookCall, 1);
  const SighejMeetingEdit edit
      = { .store = self->store, .vault = self->vault, .nudge_id = call->nudge_id, .mends = TRUE };

  call->self = g_object_ref (self);
  call->who = *who;
  g_strlcpy (call->nudge_id, nudge_id, sizeof call->nudge_id);
  call->after = after;
  call->poll = poll;
  call->seen = seen;
  call->user_data = user_data;
  sighej_meeting_edit (&edit, edit_look, on_looked, call);
}
