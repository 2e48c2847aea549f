/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "meets-fixture.h"

#include <string.h>

#include "sighej-crypto.h"

#define SESSION_SECONDS 7200
#define DWELL_SECONDS 20
#define NEAR_DBM (-50)
#define TX_CAL_DBM (-59)

typedef struct
{
  MeetsFixtureSide *side;
  SighejWireMeet *meet;
} Question;

static MeetsFixtureSide *
other_of (MeetsFixtureSide *side)
{
  return &side->fixture->side[1 - side->i];
}

/* ---- the backend ---- */

static gboolean
take_question (const char *text, gpointer user_data)
{
  MeetsFixtureSide *side = user_data;
  g_autoptr (GError) error = NULL;
  Question *question = g_new0 (Question, 1);

  question->side = side;
  question->meet = sighej_wire_meet_read (text, strlen (text), &error);
  g_assert_no_error (error);
  g_queue_push_tail (&side->fixture->questions, question);
  return TRUE;
}

static void
answer (MeetsFixtureSide *side, guint64 id, const GError *error)
{
  g_autoptr (SighejWireMeetResult) result = sighej_wire_meet_result_new (id, error);
  SighejWireServerMessage message = { .type = SIGHEJ_WIRE_MEET_RESULT, .result = result };

  if (side->online)
    sighej_link_meets_take (side->line, &message);
}

static void
describe (MeetsFixtureSide *side, SighejMeetState state)
{
  MeetsFixture *fixture = side->fixture;
  MeetsFixtureSide *other = other_of (side);
  SighejWireMeetState view = {
    .version = ++fixture->version,
    .state = state,
    .handle = 10 + side->i,
    .peer_handle = 10 + other->i,
    .cue = 501,
    .spot = MAX (side->spot, other->spot),
    .own_here = side->here,
    .peer_here = other->here,
    .confirmed = side->confirmed,
    .own_share = side->share,
    .peer_share = side->share && other->share,
    .sharing = side->share && other->share,
    .peer_there = other->online,
    .said = side->letters->len,
    .has_peer_key = TRUE,
    .has_peer_nonce = other->has_nonce,
  };
  SighejWireServerMessage message = { .type = SIGHEJ_WIRE_MEET, .meet = &view };
  gint64 left_us = fixture->until_us - sighej_clock_now_us (SIGHEJ_CLOCK (fixture->clock));

  g_strlcpy (view.nudge_id, MEETS_FIXTURE_ID, sizeof view.nudge_id);
  view.expires_in_ms = (guint) MAX (left_us / 1000, 0);
  memcpy (view.peer_key,
          fixture->swapped_key != NULL ? fixture->swapped_key : other->key,
          sizeof view.peer_key);
  memcpy (view.peer_nonce, other->nonce, sizeof view.peer_nonce);
  view.has_position = view.sharing && other->has_fix;
  view.position = other->fix;
  if (side->online)
    sighej_link_meets_take (side->line, &message);
}

static SighejMeetState
state_of (MeetsFixture *fixture)
{
  const MeetsFixtureSide *side = fixture->side;

  if (fixture->over)
    return SIGHEJ_MEET_STATE_ENDED;
  if (side[0].confirmed && side[1].confirmed)
    return SIGHEJ_MEET_STATE_MET;
  if (side[0].here && side[1].here)
    return SIGHEJ_MEET_STATE_HERE;
  return side[0].here || side[1].here || side[0].spot >= 0 || side[1].spot >= 0
             ? SIGHEJ_MEET_STATE_FINDING
             : SIGHEJ_MEET_STATE_AGREED;
}

static void
describe_to_both (MeetsFixture *fixture)
{
  SighejMeetState state = state_of (fixture);

  for (guint i = 0; i < 2; i++)
    describe (&fixture->side[i], state);
  fixture->over = fixture->over || state == SIGHEJ_MEET_STATE_MET;
}

void
meets_fixture_push (MeetsFixtureSide *from, const SighejWireTalk *letter)
{
  MeetsFixtureSide *to = other_of (from);
  SighejWireServerMessage message = { .type = SIGHEJ_WIRE_TALK, .talk = (SighejWireTalk *) letter };

  if (to->online)
    sighej_link_meets_take (to->line, &message);
}

static void
push_letters (MeetsFixtureSide *from)
{
  while (other_of (from)->online && from->pushed_n < from->letters->len)
    meets_fixture_push (from, g_ptr_array_index (from->letters, from->pushed_n++));
}

static GError *
keep_letter (MeetsFixtureSide *side, const SighejWireMeet *meet)
{
  SighejWireTalk *letter;

  if (meet->number > side->letters->len + 1)
    return g_error_new_literal (SIGHEJ_ERROR, SIGHEJ_ERROR_CONFLICT, "a gap");
  if (meet->number <= side->letters->len)
    return NULL;

  letter = g_new0 (SighejWireTalk, 1);
  g_strlcpy (letter->nudge_id, meet->nudge_id, sizeof letter->nudge_id);
  letter->n = meet->number;
  letter->kind = meet->kind;
  letter->body = g_bytes_ref (meet->body);
  g_ptr_array_add (side->letters, letter);
  return NULL;
}

static void
agree (MeetsFixture *fixture)
{
  if (fixture->agreed || !fixture->side[0].waved || !fixture->side[1].waved)
    return;

  fixture->agreed = TRUE;
  fixture->until_us = sighej_clock_now_us (SIGHEJ_CLOCK (fixture->clock))
                      + (gint64) MEETS_FIXTURE_MEET_SECONDS * G_USEC_PER_SEC;
}

static void
take_wave (MeetsFixtureSide *side, const SighejWireMeet *meet)
{
  g_assert_true (meet->has_public_key);
  side->waved = TRUE;
  memcpy (side->key, meet->public_key, sizeof side->key);
  agree (side->fixture);
}

static GError *
do_act (MeetsFixtureSide *side, const SighejWireMeet *meet)
{
  MeetsFixture *fixture = side->fixture;
  gboolean without = meet->act == SIGHEJ_MEET_WAVE || meet->act == SIGHEJ_MEET_WITHDRAW
                     || meet->act == SIGHEJ_MEET_BLOCK;

  if (fixture->refusal != SIGHEJ_ERROR_FAILED)
    return g_error_new_literal (SIGHEJ_ERROR, fixture->refusal, "no");
  if (!without && (!side->waved || fixture->over))
    return g_error_new_literal (SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_FOUND, "there is no such meet");

  switch (meet->act)
    {
    case SIGHEJ_MEET_WAVE:
      take_wave (side, meet);
      break;
    case SIGHEJ_MEET_SPOT:
      side->spot = (int) meet->spot;
      break;
    case SIGHEJ_MEET_HERE:
    case SIGHEJ_MEET_CLOSEST:
      side->here = TRUE;
      break;
    case SIGHEJ_MEET_CONFIRM:
      side->confirmed = TRUE;
      break;
    case SIGHEJ_MEET_SHARE:
      side->share = meet->on;
      break;
    case SIGHEJ_MEET_POSITION:
      side->has_fix = TRUE;
      side->fix = meet->position;
      break;
    case SIGHEJ_MEET_SAY:
      return keep_letter (side, meet);
    case SIGHEJ_MEET_ACK:
      side->acked_n = MAX (side->acked_n, meet->number);
      break;
    case SIGHEJ_MEET_RESUME:
      other_of (side)->pushed_n = (guint) meet->number;
      break;
    case SIGHEJ_MEET_REVEAL:
      side->has_nonce = TRUE;
      memcpy (side->key, meet->public_key, sizeof side->key);
      memcpy (side->nonce, meet->nonce, sizeof side->nonce);
      break;
    case SIGHEJ_MEET_WITHDRAW:
    case SIGHEJ_MEET_END:
    case SIGHEJ_MEET_BLOCK:
      side->waved = FALSE;
      fixture->over = fixture->agreed;
      break;
    case SIGHEJ_MEET_THERE:
    case SIGHEJ_MEET_AWAY:
    default:
      g_assert_not_reached ();
    }
  return NULL;
}

static void
serve (Question *question)
{
  MeetsFixtureSide *side = question->side;
  MeetsFixture *fixture = side->fixture;
  SighejMeetAct act = question->meet->act;
  gboolean was_over = fixture->over;
  g_autoptr (GError) error = do_act (side, question->meet);

  g_ptr_array_add (side->asked, question->meet);
  answer (side, question->meet->id, error);
  if (error == NULL && fixture->agreed && !was_over && act != SIGHEJ_MEET_SAY
      && act != SIGHEJ_MEET_ACK)
    describe_to_both (fixture);
  for (guint i = 0; i < 2 && fixture->agreed; i++)
    push_letters (&fixture->side[i]);
  g_free (question);
}

void
meets_fixture_settle (MeetsFixture *fixture)
{
  Question *question;

  while (!fixture->mute && (question = g_queue_pop_head (&fixture->questions)) != NULL)
    serve (question);
  sighej_test_settle ();
}

void
meets_fixture_pass (MeetsFixture *fixture, guint seconds)
{
  for (guint i = 0; i < seconds; i++)
    {
      sighej_test_clock_advance (fixture->clock, G_USEC_PER_SEC);
      meets_fixture_settle (fixture);
    }
}

/* ---- the machines ---- */

static void
on_added (SighejMeets *meets, const SighejMeet *meet, MeetsFixtureSide *side)
{
  side->n_added++;
}

static void
on_changed (SighejMeets *meets, const SighejMeet *meet, MeetsFixtureSide *side)
{
  side->n_changed++;
  side->last_state = meet->state;
  side->last_trust = meet->trust;
  side->last_problem = meet->problem;
}

static void
on_removed (SighejMeets *meets, const SighejMeet *meet, MeetsFixtureSide *side)
{
  side->n_removed++;
}

static void
on_message (SighejMeets *meets,
            const SighejMeet *meet,
            const SighejMeetMessage *message,
            MeetsFixtureSide *side)
{
  side->n_messages++;
  g_assert_false (message->own);
  g_free (side->last_text);
  side->last_text = g_strdup (message->text);
}

static void
on_position_wanted (SighejMeets *meets, gboolean wanted, MeetsFixtureSide *side)
{
  side->position_wanted = wanted;
}

void
meets_fixture_set_online (MeetsFixtureSide *side, gboolean online)
{
  side->online = online;
  sighej_link_meets_set_line (side->line, online ? take_question : NULL, side);
}

static void
make_machine (MeetsFixtureSide *side)
{
  SighejClock *clock = SIGHEJ_CLOCK (side->fixture->clock);
  g_autofree char *folder = sighej_test_dup_dir ();

  side->link = sighej_link_new (clock, 10, NULL, NULL);
  side->line = sighej_link_get_meets (side->link);
  side->encounters = sighej_encounters_new (clock, SIGHEJ_NUDGES_PER_HOUR_MAX);
  side->sightings = sighej_sightings_new (clock, DWELL_SECONDS);
  side->avoid = sighej_avoid_new (clock, folder);
  side->meets
      = sighej_meets_new (clock, side->link, side->encounters, side->sightings, side->avoid);
  g_signal_connect (side->meets, "added", G_CALLBACK (on_added), side);
  g_signal_connect (side->meets, "changed", G_CALLBACK (on_changed), side);
  g_signal_connect (side->meets, "removed", G_CALLBACK (on_removed), side);
  g_signal_connect (side->meets, "message", G_CALLBACK (on_message), side);
  g_signal_connect (side->meets, "position-wanted", G_CALLBACK (on_position_wanted), side);
}

static void
letter_free (gpointer data)
{
  sighej_wire_talk_free (data);
}

static void
asked_free (gpointer data)
{
  sighej_wire_meet_free (data);
}

void
meets_fixture_set_up (MeetsFixture *fixture, gconstpointer unused)
{
  fixture->clock = sighej_test_clock_new ();
  for (guint i = 0; i < 2; i++)
    {
      MeetsFixtureSide *side = &fixture->side[i];
      guint8 seed[SIGHEJ_SEED_BYTES];

      side->fixture = fixture;
      side->i = i;
      side->spot = -1;
      side->letters = g_ptr_array_new_with_free_func (letter_free);
      side->asked = g_ptr_array_new_with_free_func (asked_free);
      side->own = sighej_keypair_new ();
      sighej_random_bytes (seed, sizeof seed);
      side->schedule = sighej_token_schedule_new (
          seed, sighej_keypair_get_public (side->own), SESSION_SECONDS);
      make_machine (side);
      meets_fixture_set_online (side, TRUE);
    }
}

void
meets_fixture_tear_down (MeetsFixture *fixture, gconstpointer unused)
{
  Question *question;

  for (guint i = 0; i < 2; i++)
    {
      MeetsFixtureSide *side = &fixture->side[i];

      meets_fixture_set_online (side, FALSE);
      sighej_test_settle ();
      sighej_test_assert_finalized (side->meets);
      g_object_unref (side->avoid);
      g_object_unref (side->sightings);
      g_object_unref (side->encounters);
      sighej_test_assert_finalized (side->link);
      sighej_token_schedule_unref (side->schedule);
      sighej_keypair_unref (side->own);
      g_ptr_array_unref (side->letters);
      g_ptr_array_unref (side->asked);
      g_free (side->last_text);
    }
  while ((question = g_queue_pop_head (&fixture->questions)) != NULL)
    {
      sighej_wire_meet_free (question->meet);
      g_free (question);
    }
  sighej_test_assert_finalized (fixture->clock);
}

/* ---- what happens to them ---- */

static const SighejTokenEpoch *
get_epoch (MeetsFixtureSide *side)
{
  return sighej_token_schedule_get_epoch (side->schedule, side->epoch);
}

static void
take_epoch (MeetsFixtureSide *side, guint epoch)
{
  SighejTokenOrigin origin;

  side->epoch = epoch;
  sighej_token_schedule_get_origin (side->schedule, get_epoch (side), &origin);
  sighej_meets_set_own_token (side->meets, &origin);
}

void
meets_fixture_rotate (MeetsFixtureSide *side)
{
  take_epoch (side, side->epoch + 1);
}

static void
take_session (MeetsFixtureSide *side, SighejKeypair *keys)
{
  guint8 seed[SIGHEJ_SEED_BYTES];

  sighej_random_bytes (seed, sizeof seed);
  sighej_token_schedule_unref (side->schedule);
  side->schedule = sighej_token_schedule_new (
      seed, sighej_keypair_get_public (keys), SIGHEJ_SESSION_SECONDS_MAX);
  take_epoch (side, 0);
}

void
meets_fixture_renew (MeetsFixtureSide *side)
{
  g_autoptr (SighejKeypair) keys = sighej_keypair_new ();

  take_session (side, keys);
}

void
meets_fixture_hear (MeetsFixtureSide *side, int rssi_dbm)
{
  SighejPayload payload = { .flags = SIGHEJ_PAYLOAD_OPEN, .tx_cal_dbm = TX_CAL_DBM };

  payload.token = get_epoch (other_of (side))->token;
  sighej_sightings_hear (side->sightings, &payload, rssi_dbm);
  sighej_meets_hear (side->meets, &payload.token, rssi_dbm);
}

static void
nudge_one (MeetsFixtureSide *side)
{
  static const char *const shared[] = { "jazz", NULL };
  SighejLinkNudge nudge = {
    .id = MEETS_FIXTURE_ID,
    .seq = 1,
    .shared_interests = shared,
    .message = "Hello.",
    .ticket = side->i == 0 ? "dGlja2V0IGE" : "dGlja2V0IGI",
    .peer_key = sighej_keypair_get_public (other_of (side)->own),
    .own = side->own,
    .n_proofs = 1,
  };
  g_autoptr (GError) error = NULL;

  sighej_token_schedule_get_key (side->schedule, 0, nudge.proofs[0]);
  g_assert_true (
      sighej_encounters_take (side->encounters, nudge.id, shared, "Hello.", SIGHEJ_BAND_NEAR));
  side->number = sighej_encounters_get_last_number (side->encounters);
  sighej_meets_take_nudge (side->meets, side->number, &nudge);
  sighej_avoid_add (side->avoid, nudge.id, side->own, nudge.peer_key, &error);
  g_assert_no_error (error);
}

void
meets_fixture_nudge (MeetsFixture *fixture)
{
  for (guint i = 0; i < 2; i++)
    {
      meets_fixture_hear (&fixture->side[i], NEAR_DBM);
      nudge_one (&fixture->side[i]);
    }
}

void
meets_fixture_nudge_apart (MeetsFixture *fixture)
{
  MeetsFixtureSide *anna = &fixture->side[0], *bo = &fixture->side[1];

  nudge_one (anna);
  sighej_keypair_unref (bo->own);
  bo->own = sighej_keypair_new ();
  take_session (bo, bo->own);
  for (guint i = 0; i < 2; i++)
    meets_fixture_hear (&fixture->side[i], NEAR_DBM);
  nudge_one (bo);
}

void
meets_fixture_on_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **kept = user_data;

  g_assert_null (*kept);
  *kept = g_object_ref (result);
}

void
meets_fixture_assert_done (MeetsFixtureSide *side, GAsyncResult **result, int code_or_minus_one)
{
  g_autoptr (GError) error = NULL;
  gboolean done;

  meets_fixture_settle (side->fixture);
  WAIT_UNTIL (*result != NULL);
  done = sighej_meets_act_finish (side->meets, *result, &error);
  if (code_or_minus_one < 0)
    g_assert_no_error (error);
  else
    g_assert_error (error, SIGHEJ_ERROR, code_or_minus_one);
  g_assert_true (done == (code_or_minus_one < 0));
  g_clear_object (result);
}

void
meets_fixture_wave (MeetsFixtureSide *side)
{
  GAsyncResult *result = NULL;

  sighej_meets_wave_async (side->meets, side->number, meets_fixture_on_done, &result);
  meets_fixture_assert_done (side, &result, -1);
}

void
meets_fixture_agree (MeetsFixture *fixture)
{
  meets_fixture_nudge (fixture);
  for (guint i = 0; i < 2; i++)
    meets_fixture_wave (&fixture->side[i]);
  meets_fixture_settle (fixture);
  for (guint i = 0; i < 2; i++)
    g_assert_cmpint (
        meets_fixture_get_meet (&fixture->side[i])->trust, ==, SIGHEJ_MEET_TRUST_VERIFIED);
}

/* ---- what is ---- */

guint
meets_fixture_count (MeetsFixtureSide *side, SighejMeetAct act)
{
  guint n = 0;

  for (guint i = 0; i < side->asked->len; i++)
    n += ((SighejWireMeet *) g_ptr_array_index (side->asked, i))->act == act ? 1 : 0;
  return n;
}

SighejNudgeState
meets_fixture_get_nudge_state (MeetsFixtureSide *side)
{
  const SighejNudge *nudge = sighej_encounters_get (side->encounters, side->number);

  return nudge != NULL ? nudge->state : SIGHEJ_NUDGE_STATE_GONE;
}

const SighejMeet *
meets_fixture_get_meet (MeetsFixtureSide *side)
{
  return sighej_meets_get (side->meets, side->number);
}

guint64
meets_fixture_say (MeetsFixtureSide *side, const char *text)
{
  g_autoptr (GError) error = NULL;
  guint64 n = sighej_meets_send (side->meets, side->number, text, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (n, >, 0);
  return n;
}

const SighejMeetMessage *
meets_fixture_get_message (MeetsFixtureSide *side, guint64 n)
{
  const SighejMeet *meet = meets_fixture_get_meet (side);

  g_assert_cmpuint (n, <=, meet->messages->len);
  return g_ptr_array_index (meet->messages, n - 1);
}
