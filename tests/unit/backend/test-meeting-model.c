/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "meeting-fixture.h"
#include "meeting-model.h"
#include "sighej-error.h"

/*
 * Two people do what comes to their minds, on a clock that steps as it likes, and the machine is
 * held against the model after each act. A run is known by its number: SIGHEJ_MEETING_RUN=n does
 * that one alone, and says what is done.
 */

#define RUNS 50000
#define RUNS_SANITIZED 8000 /* several times as slow */
#define ACTS_MAX 45
#define TALK_ACTS_MAX 150
#define TALK_EVERY 50
#define SESSIONS 3
#define RUN_VARIABLE "SIGHEJ_MEETING_RUN"

#if defined __has_feature
#  if __has_feature(address_sanitizer)
#    define IS_SANITIZED TRUE
#  endif
#elif defined __SANITIZE_ADDRESS__
#  define IS_SANITIZED TRUE
#endif
#ifndef IS_SANITIZED
#  define IS_SANITIZED FALSE
#endif

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Model, model_clear)

static const char *const sessions[2][SESSIONS] = { { "a0", "a1", "a2" }, { "b0", "b1", "b2" } };
static char where[80]; /* for who must know which run failed */
static gboolean is_loud;
static gboolean is_talkative;

static void
on_abort (int signal_number)
{
  if (write (STDERR_FILENO, where, strlen (where)) < 0)
    _exit (1);
}

static guint
get_n_runs (void)
{
  return IS_SANITIZED ? RUNS_SANITIZED : RUNS;
}

static guint
pick (GRand *rand, guint n)
{
  return (guint) g_rand_int_range (rand, 0, (gint32) n);
}

/* ---- what people do ---- */

static SighejMeetAct
pick_act (GRand *rand)
{
  static const SighejMeetAct often[] = {
    SIGHEJ_MEET_WAVE,     SIGHEJ_MEET_WAVE,     SIGHEJ_MEET_RESUME,   SIGHEJ_MEET_SPOT,
    SIGHEJ_MEET_HERE,     SIGHEJ_MEET_HERE,     SIGHEJ_MEET_CLOSEST,  SIGHEJ_MEET_CLOSEST,
    SIGHEJ_MEET_SHARE,    SIGHEJ_MEET_SHARE,    SIGHEJ_MEET_SHARE,    SIGHEJ_MEET_POSITION,
    SIGHEJ_MEET_POSITION, SIGHEJ_MEET_POSITION, SIGHEJ_MEET_POSITION, SIGHEJ_MEET_SAY,
    SIGHEJ_MEET_SAY,      SIGHEJ_MEET_SAY,      SIGHEJ_MEET_SAY,      SIGHEJ_MEET_SAY,
    SIGHEJ_MEET_SAY,      SIGHEJ_MEET_SAY,      SIGHEJ_MEET_ACK,      SIGHEJ_MEET_THERE,
    SIGHEJ_MEET_AWAY,
  };
  static const SighejMeetAct seldom[]
      = { SIGHEJ_MEET_WITHDRAW, SIGHEJ_MEET_END,     SIGHEJ_MEET_BLOCK, SIGHEJ_MEET_CONFIRM,
          SIGHEJ_MEET_CONFIRM,  SIGHEJ_MEET_CONFIRM, SIGHEJ_MEET_REVEAL };

  return pick (rand, 16) == 0 ? seldom[pick (rand, G_N_ELEMENTS (seldom))]
                              : often[pick (rand, G_N_ELEMENTS (often))];
}

/* Where the limits are, and beside them. */
static gint64
pick_step_ms (GRand *rand)
{
  static const gint64 boundaries_ms[]
      = { 1499,  1500,  2999,   3000,   3001,   9999,   10000,  11999,  12000,  12001,  59999,
          60000, 60001, 119999, 120000, 120001, 480000, 599999, 600000, 600001, 1200000 };

  switch (pick (rand, is_talkative ? 36 : 12))
    {
    case 0:
    case 1:
      return boundaries_ms[pick (rand, 16)];
    case 2:
      return boundaries_ms[pick (rand, G_N_ELEMENTS (boundaries_ms))];
    case 3:
      return -(gint64) pick (rand, 100000);
    case 4:
    case 5:
    case 6:
      return 0;
    default:
      return pick (rand, is_talkative ? 500 : 4000);
    }
}

static void
fill_position (GRand *rand, gint64 now_ms, SighejPosition *position)
{
  static const double latitudes[] = { 55, 55, 55.0001, 55.0002, 57, 95 };
  static const gint64 taken_ms[] = { 0, 0, 0, 0, -1000, 299999, 300000, 300001 };

  *position = (SighejPosition){ latitudes[pick (rand, G_N_ELEMENTS (latitudes))],
                                12,
                                10,
                                (now_ms + taken_ms[pick (rand, 8)]) * 1000 };
}

/* The next number, or one near it. */
static guint64
pick_number (GRand *rand, guint64 said, gboolean next)
{
  return next && pick (rand, 8) > 0 ? said + 1 : pick (rand, (guint) said + 3);
}

static guint64
get_said (const Encounter *it, guint side)
{
  SighejWireMeetState state;

  return encounter_describe (it, side, &state) ? state.said : 0;
}

/* In some runs they cannot stop talking, up to all limits. */
static void
chatter (GRand *rand, const Encounter *it, guint side, SighejWireMeet *act)
{
  static const SighejTalkKind kinds[] = {
    SIGHEJ_TALK_TEXT, SIGHEJ_TALK_PART, SIGHEJ_TALK_NOTE, SIGHEJ_TALK_NOTE, SIGHEJ_TALK_NOTE
  };

  if (!is_talkative || pick (rand, 16) == 0)
    return;
  act->act = get_said (it, 0) + get_said (it, 1) > 0 || pick (rand, 4) == 0 ? SIGHEJ_MEET_SAY
                                                                            : SIGHEJ_MEET_WAVE;
  act->number = get_said (it, side) + 1;
  act->kind = kinds[pick (rand, G_N_ELEMENTS (kinds))];
}

static void
fill_act (GRand *rand, const Encounter *it, guint side, SighejWireMeet *act)
{
  gsize n_body = pick (rand, 20) == 0 ? SIGHEJ_WIRE_TALK_BYTES_MAX + pick (rand, 2) : 5;
  g_autofree char *body = g_strnfill (n_body, 'x');

  *act = (SighejWireMeet){ .act = pick_act (rand), .spot = pick (rand, 9) };
  act->on = pick (rand, 4) > 0;
  act->has_public_key = TRUE;
  act->public_key[0] = (guint8) (pick (rand, 20) == 0 ? 9 : side + 1);
  act->has_nonce = act->act == SIGHEJ_MEET_REVEAL;
  act->kind = (SighejTalkKind) (pick (rand, 3));
  act->number = act->act == SIGHEJ_MEET_SAY ? pick_number (rand, get_said (it, side), TRUE)
                                            : pick_number (rand, get_said (it, !side), FALSE);
  act->body = g_bytes_new (body, n_body);
  fill_position (rand, it->now_ms, &act->position);
  chatter (rand, it, side, act);
}

/* A new socket speaks for its side from its first words on; an old one may still go. */
static void
pick_session (GRand *rand, Encounter *it, guint side, SighejMeetAct act, const char **used)
{
  gboolean begins
      = act == SIGHEJ_MEET_WAVE || act == SIGHEJ_MEET_RESUME || act == SIGHEJ_MEET_THERE;

  if (pick (rand, 6) == 0 && (begins || act == SIGHEJ_MEET_AWAY))
    it->sessions[side] = sessions[side][pick (rand, SESSIONS)];
  *used = it->sessions[side];
}

/* ---- held against the model ---- */

static void
assert_same_place (const SighejWireMeetState *a, const SighejWireMeetState *b)
{
  g_assert_cmpint (a->own_share, ==, b->own_share);
  g_assert_cmpint (a->peer_share, ==, b->peer_share);
  g_assert_cmpint (a->sharing, ==, b->sharing);
  g_assert_cmpint (a->has_position, ==, b->has_position);
  g_assert_cmpfloat (a->position.latitude, ==, b->position.latitude);
  g_assert_cmpfloat (a->position.longitude, ==, b->position.longitude);
  g_assert_cmpint (a->position.taken_us, ==, 0);
  g_assert_cmpuint (a->position_age_ms, ==, b->position_age_ms);
}

static void
assert_same_state (const SighejWireMeetState *a, const SighejWireMeetState *b)
{
  g_assert_cmpuint (a->version, ==, b->version);
  g_assert_cmpint (a->state, ==, b->state);
  g_assert_cmpint (a->spot, ==, b->spot);
  g_assert_cmpint (a->own_here, ==, b->own_here);
  g_assert_cmpint (a->peer_here, ==, b->peer_here);
  g_assert_cmpint (a->confirmed, ==, b->confirmed);
  g_assert_cmpint (a->peer_there, ==, b->peer_there);
  g_assert_cmpuint (a->expires_in_ms, ==, b->expires_in_ms);
  g_assert_cmpuint (a->said, ==, b->said);
  g_assert_cmpint (a->has_peer_key, ==, b->has_peer_key);
  g_assert_cmpmem (a->peer_key, sizeof a->peer_key, b->peer_key, sizeof b->peer_key);
  assert_same_place (a, b);
}

static void
assert_same_view (const Encounter *it, const Model *model, guint side)
{
  SighejWireMeetState seen, expected;
  gboolean shown = encounter_describe (it, side, &seen);

  g_assert_cmpint (shown, ==, model_describe (model, side, it->now_ms, &expected));
  if (shown)
    assert_same_state (&seen, &expected);
}

static void
assert_same_letters (const Encounter *it, const Model *model, guint side)
{
  g_autoptr (SighejMeeting) meeting = encounter_read (it);
  guint64 first;
  guint n_expected;

  if (meeting == NULL || model->met)
    return;
  n_expected = model_letters (model, side, &first);
  g_assert_cmpuint (sighej_meeting_n_talk_after (meeting, side, 0), ==, n_expected);
  for (guint i = 0; i < n_expected; i++)
    {
      SighejWireTalk letter;

      sighej_meeting_get_talk (meeting, side, 0, i, &letter);
      g_assert_cmpuint (letter.n, ==, first + i);
      g_bytes_unref (letter.body);
    }
}

static void
assert_same_outcome (const SighejMeetingOutcome *a, const SighejMeetingOutcome *b)
{
  g_assert_cmpint (a->changed, ==, b->changed);
  g_assert_cmpint (a->over, ==, b->over);
  g_assert_cmpint (a->wake_own, ==, b->wake_own);
  g_assert_cmpint (a->wake_peer, ==, b->wake_peer);
  g_assert_cmpint (a->needs_cue, ==, b->needs_cue);
  if (a->changed)
    g_assert_cmpuint (a->lifetime_ms, ==, b->lifetime_ms);
}

static void
tell (const Encounter *it, guint side, const SighejWireMeet *act, int code)
{
  g_autofree char *word = g_strdup_printf ("%d", code);

  if (is_loud)
    g_test_message ("%" G_GINT64_FORMAT " %s act %d number %d kind %d on %d: %s",
                    it->now_ms - MEETING_START_MS,
                    it->sessions[side],
                    (int) act->act,
                    (int) act->number,
                    (int) act->kind,
                    act->on,
                    word);
}

static void
step (GRand *rand, Encounter *it, Model *model)
{
  guint side = is_talkative ? pick (rand, 8) == 0 : pick (rand, 2);
  const char *current = it->sessions[side];
  const char *used;
  SighejWireMeet act;
  ModelAnswer expected;
  int code;

  it->now_ms += pick_step_ms (rand);
  fill_act (rand, it, side, &act);
  pick_session (rand, it, side, act.act, &used);
  expected = model_act (model, side, &act, used, it->now_ms);
  code = encounter_act (it, side, &act);
  tell (it, side, &act, code);
  g_assert_cmpint (code, ==, expected.code);
  assert_same_outcome (&it->outcome, &expected.outcome);
  for (guint i = 0; i < 2; i++)
    {
      assert_same_view (it, model, i);
      assert_same_letters (it, model, i);
    }
  if (act.act == SIGHEJ_MEET_AWAY || code != MEETING_DONE)
    it->sessions[side] = current;
  g_bytes_unref (act.body);
}

static void
run (guint number)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (number);
  g_auto (Encounter) it;
  g_auto (Model) model;
  guint n_acts = 3 + pick (rand, number % TALK_EVERY == 0 ? TALK_ACTS_MAX : ACTS_MAX);

  is_talkative = number % TALK_EVERY == 0;
  encounter_init (&it);
  it.sessions[0] = sessions[0][0];
  it.sessions[1] = sessions[1][0];
  model_init (&model);
  for (guint i = 0; i < n_acts; i++)
    step (rand, &it, &model);
}

static void
test_does_what_the_model_says (void)
{
  const char *only = g_getenv (RUN_VARIABLE);
  guint first = only != NULL ? (guint) g_ascii_strtoull (only, NULL, 10) : 0;

  is_loud = only != NULL;
  for (guint number = first; number < (only != NULL ? first + 1 : get_n_runs ()); number++)
    {
      g_snprintf (where, sizeof where, "# " RUN_VARIABLE "=%u\n", number);
      run (number);
    }
}

/* ---- what one side alone does ---- */

/* Nothing of this is to be seen by the other, unless that one did the same. */
static void
do_secretly (GRand *rand, Encounter *it, guint side, gboolean agreed)
{
  static const SighejMeetAct secrets[]
      = { SIGHEJ_MEET_CONFIRM, SIGHEJ_MEET_CLOSEST, SIGHEJ_MEET_SHARE,
          SIGHEJ_MEET_WAVE,    SIGHEJ_MEET_RESUME,  SIGHEJ_MEET_THERE };
  guint i = pick (rand, G_N_ELEMENTS (secrets));

  if (!agreed || secrets[i] == SIGHEJ_MEET_WAVE)
    encounter_wave (it, side);
  else
    ACT (it, side, secrets[i], .on = pick (rand, 3) > 0);
  g_assert_false (it->outcome.wake_peer);
}

/* What this side may do without asking for what the other did. */
static void
fill_public (GRand *rand, const Encounter *it, guint side, SighejWireMeet *act)
{
  gboolean asks;

  do
    {
      fill_act (rand, it, side, act);
      asks = act->act == SIGHEJ_MEET_WAVE || act->act == SIGHEJ_MEET_CONFIRM
             || act->act == SIGHEJ_MEET_CLOSEST || (act->act == SIGHEJ_MEET_SHARE && act->on)
             || act->act == SIGHEJ_MEET_AWAY;
      if (asks)
        g_bytes_unref (act->body);
    }
  while (asks);
}

static void
assert_twins_look_alike (const Encounter *with, const Encounter *without, guint side)
{
  SighejWireMeetState a = { 0 }, b = { 0 };

  g_assert_cmpint (encounter_describe (with, side, &a), ==, encounter_describe (without, side, &b));
  assert_same_state (&a, &b);
  g_assert_cmpuint (a.handle, ==, b.handle);
  g_assert_cmpuint (a.cue, ==, b.cue);
}

static void
twin_step (GRand *rand, Encounter *with, Encounter *without, guint side, gboolean agreed)
{
  SighejWireMeet act;
  int code;

  with->now_ms += pick (rand, 9000);
  without->now_ms = with->now_ms;
  if (pick (rand, 2) == 0)
    do_secretly (rand, with, !side, agreed);
  fill_public (rand, with, side, &act);
  code = encounter_act (with, side, &act);
  g_assert_cmpint (encounter_act (without, side, &act), ==, code);
  g_assert_cmpint (with->outcome.wake_own, ==, without->outcome.wake_own);
  assert_twins_look_alike (with, without, side);
  g_bytes_unref (act.body);
}

/* Twins of one life: in one of them the other side does in secret what is hers alone. */
static void
run_twins (guint number, gboolean agreed)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (number);
  g_auto (Encounter) with;
  g_auto (Encounter) without;
  guint side = pick (rand, 2);
  guint n_acts = pick (rand, 20);

  encounter_init (&with);
  encounter_init (&without);
  if (agreed)
    {
      encounter_agree (&with);
      encounter_agree (&without);
    }
  for (guint i = 0; i < n_acts; i++)
    twin_step (rand, &with, &without, side, agreed);
}

static void
test_nobody_sees_what_one_side_alone_did (void)
{
  is_talkative = FALSE;
  for (guint number = 0; number < get_n_runs () / 10; number++)
    {
      g_snprintf (where, sizeof where, "# twins %u\n", number);
      run_twins (number, FALSE);
      run_twins (number, TRUE);
    }
}

int
main (int argc, char *argv[])
{
  signal (SIGABRT, on_abort);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/meeting-model/does-what-the-model-says", test_does_what_the_model_says);
  g_test_add_func ("/meeting-model/nobody-sees-what-one-side-alone-did",
                   test_nobody_sees_what_one_side_alone_did);
  return g_test_run ();
}
