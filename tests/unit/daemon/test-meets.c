/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "meets-fixture.h"
#include "sighej-encounter.h"

#define HERE_DBM (-45)

/* ---- waving ---- */

static void
test_both_wave_and_meet (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0], *bo = &fixture->side[1];
  const SighejMeet *meet;

  meets_fixture_nudge (fixture);
  meets_fixture_wave (anna);
  g_assert_cmpint (meets_fixture_get_nudge_state (anna), ==, SIGHEJ_NUDGE_STATE_WAVED);
  g_assert_cmpint (meets_fixture_get_nudge_state (bo), ==, SIGHEJ_NUDGE_STATE_NEW);
  g_assert_cmpuint (anna->n_added + bo->n_added, ==, 0);
  g_assert_null (meets_fixture_get_meet (anna));

  meets_fixture_wave (bo);
  meets_fixture_settle (fixture);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpuint (fixture->side[i].n_added, ==, 1);
      g_assert_cmpint (
          meets_fixture_get_nudge_state (&fixture->side[i]), ==, SIGHEJ_NUDGE_STATE_MUTUAL);
    }
  meet = sighej_meets_get_of_nudge (anna->meets, anna->number);
  g_assert_true (meet == meets_fixture_get_meet (anna));
  g_assert_cmpstr (meet->cue, ==, meets_fixture_get_meet (bo)->cue);
  g_assert_cmpstr (meet->own_handle, ==, meets_fixture_get_meet (bo)->peer_handle);
  g_assert_cmpstr (meet->peer_handle, !=, meet->own_handle);
  g_assert_cmpstr (meet->role, ==, "nudged");
  g_assert_cmpint (meet->state, ==, SIGHEJ_MEET_STATE_AGREED);
  g_assert_cmpint (meet->trust, ==, SIGHEJ_MEET_TRUST_VERIFIED);
  g_assert_cmpint (meet->band, ==, SIGHEJ_BAND_HERE);
  g_assert_true (meet->peer_there);
}

static void
test_waving_twice_is_waving_once (MeetsFixture *fixture, gconstpointer unused)
{
  meets_fixture_nudge (fixture);
  meets_fixture_wave (&fixture->side[0]);
  meets_fixture_wave (&fixture->side[0]);
  g_assert_cmpuint (meets_fixture_count (&fixture->side[0], SIGHEJ_MEET_WAVE), ==, 1);
}

static void
assert_wave_fails (MeetsFixtureSide *side, guint64 nudge, SighejError code)
{
  GAsyncResult *result = NULL;

  sighej_meets_wave_async (side->meets, nudge, meets_fixture_on_done, &result);
  meets_fixture_assert_done (side, &result, (int) code);
}

static void
test_a_wave_that_fails_says_why (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0];

  meets_fixture_nudge (fixture);
  assert_wave_fails (anna, anna->number + 7, SIGHEJ_ERROR_NOT_FOUND);
  fixture->refusal = SIGHEJ_ERROR_NOT_FOUND;
  assert_wave_fails (anna, anna->number, SIGHEJ_ERROR_EXPIRED);
  fixture->refusal = SIGHEJ_ERROR_RATE_LIMITED;
  assert_wave_fails (anna, anna->number, SIGHEJ_ERROR_RATE_LIMITED);
  meets_fixture_set_online (anna, FALSE);
  assert_wave_fails (anna, anna->number, SIGHEJ_ERROR_OFFLINE);
  g_assert_cmpint (meets_fixture_get_nudge_state (anna), ==, SIGHEJ_NUDGE_STATE_NEW);
}

/* Nobody knows whether the backend has it: who was told that it failed must not be met. */
static void
test_a_wave_without_an_answer_is_withdrawn (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0];
  GAsyncResult *result = NULL;

  meets_fixture_nudge (fixture);
  fixture->mute = TRUE;
  sighej_meets_wave_async (anna->meets, anna->number, meets_fixture_on_done, &result);
  meets_fixture_set_online (anna, FALSE);
  meets_fixture_assert_done (anna, &result, SIGHEJ_ERROR_OFFLINE);

  fixture->mute = FALSE;
  meets_fixture_set_online (anna, TRUE);
  meets_fixture_settle (fixture);
  g_assert_cmpuint (meets_fixture_count (anna, SIGHEJ_MEET_WITHDRAW), ==, 1);
  meets_fixture_wave (&fixture->side[1]);
  g_assert_cmpuint (anna->n_added + fixture->side[1].n_added, ==, 0);
}

static void
test_not_now_after_a_wave_withdraws_it (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0], *bo = &fixture->side[1];
  g_autoptr (GError) error = NULL;

  meets_fixture_nudge (fixture);
  meets_fixture_wave (anna);
  g_assert_true (sighej_meets_not_now (anna->meets, anna->number, &error));
  meets_fixture_settle (fixture);
  g_assert_cmpuint (meets_fixture_count (anna, SIGHEJ_MEET_WITHDRAW), ==, 1);

  meets_fixture_wave (bo);
  g_assert_cmpuint (anna->n_added + bo->n_added, ==, 0);
  g_assert_false (sighej_meets_not_now (anna->meets, anna->number, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_FOUND);
}

static void
test_not_now_without_a_wave_says_nothing (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0];

  meets_fixture_nudge (fixture);
  g_assert_true (sighej_meets_not_now (anna->meets, anna->number, NULL));
  meets_fixture_settle (fixture);
  g_assert_cmpuint (anna->asked->len, ==, 0);
}

static void
test_an_expired_wave_is_withdrawn (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0];

  meets_fixture_nudge (fixture);
  meets_fixture_wave (anna);
  meets_fixture_pass (fixture, SIGHEJ_NUDGE_SECONDS - 1);
  g_assert_cmpuint (meets_fixture_count (anna, SIGHEJ_MEET_WITHDRAW), ==, 0);
  meets_fixture_pass (fixture, 1);
  g_assert_cmpuint (meets_fixture_count (anna, SIGHEJ_MEET_WITHDRAW), ==, 1);
  g_assert_cmpint (meets_fixture_get_nudge_state (anna), ==, SIGHEJ_NUDGE_STATE_GONE);
}

static void
test_a_wave_outlives_a_reconnect_and_a_lost_store (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0], *bo = &fixture->side[1];

  meets_fixture_nudge (fixture);
  meets_fixture_wave (anna);
  meets_fixture_set_online (anna, FALSE);
  anna->waved = FALSE; /* the backend has lost its memory */
  meets_fixture_set_online (anna, TRUE);
  meets_fixture_settle (fixture);
  g_assert_true (anna->waved);
  meets_fixture_wave (bo);
  meets_fixture_settle (fixture);
  g_assert_cmpuint (anna->n_added, ==, 1);
}

static void
test_what_nobody_waved_at_is_not_taken (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0];

  meets_fixture_nudge (fixture);
  anna->waved = TRUE; /* says the backend */
  memcpy (anna->key, sighej_keypair_get_public (anna->own), sizeof anna->key);
  meets_fixture_wave (&fixture->side[1]);
  g_assert_cmpuint (fixture->side[1].n_added, ==, 1);
  g_assert_cmpuint (anna->n_added, ==, 0);
}

/* ---- finding each other ---- */

static void
test_spot_here_confirm_met (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0], *bo = &fixture->side[1];
  GAsyncResult *result = NULL;

  meets_fixture_agree (fixture);
  sighej_meets_set_language (bo->meets, "da");
  sighej_meets_propose_spot_async (
      anna->meets, anna->number, "Window", meets_fixture_on_done, &result);
  meets_fixture_assert_done (anna, &result, -1);
  g_assert_cmpstr (meets_fixture_get_meet (anna)->spot, ==, "window");
  g_assert_cmpstr (meets_fixture_get_meet (bo)->spot, ==, "vinduet");
  g_assert_cmpint (meets_fixture_get_meet (bo)->state, ==, SIGHEJ_MEET_STATE_FINDING);
  g_assert_cmpstr (meets_fixture_get_meet (anna)->cue, !=, meets_fixture_get_meet (bo)->cue);

  sighej_meets_propose_spot_async (
      anna->meets, anna->number, "the moon", meets_fixture_on_done, &result);
  meets_fixture_assert_done (anna, &result, SIGHEJ_ERROR_INVALID_REQUEST);

  sighej_meets_here_async (anna->meets, anna->number, meets_fixture_on_done, &result);
  meets_fixture_assert_done (anna, &result, -1);
  g_assert_true (meets_fixture_get_meet (bo)->peer_here);
  sighej_meets_here_async (bo->meets, bo->number, meets_fixture_on_done, &result);
  meets_fixture_assert_done (bo, &result, -1);
  g_assert_cmpint (meets_fixture_get_meet (anna)->state, ==, SIGHEJ_MEET_STATE_HERE);

  sighej_meets_confirm_async (anna->meets, anna->number, meets_fixture_on_done, &result);
  meets_fixture_assert_done (anna, &result, -1);
  g_assert_true (meets_fixture_get_meet (anna)->confirmed);
  sighej_meets_confirm_async (bo->meets, bo->number, meets_fixture_on_done, &result);
  meets_fixture_assert_done (bo, &result, -1);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpint (fixture->side[i].last_state, ==, SIGHEJ_MEET_STATE_MET);
      g_assert_cmpuint (fixture->side[i].n_removed, ==, 1);
      g_assert_null (meets_fixture_get_meet (&fixture->side[i]));
      g_assert_cmpint (
          meets_fixture_get_nudge_state (&fixture->side[i]), ==, SIGHEJ_NUDGE_STATE_GONE);
    }
}

static void
test_no_answer_is_an_answer_after_ten_seconds (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0];
  GAsyncResult *result = NULL;

  meets_fixture_agree (fixture);
  fixture->mute = TRUE;
  sighej_meets_here_async (anna->meets, anna->number, meets_fixture_on_done, &result);
  meets_fixture_pass (fixture, SIGHEJ_LINK_MEETS_ANSWER_SECONDS - 1);
  g_assert_null (result);
  meets_fixture_pass (fixture, 1);
  meets_fixture_assert_done (anna, &result, SIGHEJ_ERROR_OFFLINE);
}

static void
test_a_backend_that_stalls_loses_no_message (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0], *bo = &fixture->side[1];
  guint64 n;

  meets_fixture_agree (fixture);
  fixture->mute = TRUE; /* and the line stays */
  n = meets_fixture_say (anna, "I have the red scarf");
  meets_fixture_pass (fixture, 2 * SIGHEJ_LINK_MEETS_ANSWER_SECONDS);
  g_assert_cmpuint (meets_fixture_get_meet (bo)->messages->len, ==, 0);
  fixture->mute = FALSE;
  meets_fixture_pass (fixture, SIGHEJ_LINK_MEETS_ANSWER_SECONDS);
  g_assert_cmpstr (meets_fixture_get_message (bo, n)->text, ==, "I have the red scarf");
  g_assert_cmpint (meets_fixture_get_message (anna, n)->mark, ==, SIGHEJ_MEET_MARK_DELIVERED);
}

static void
test_five_readings_of_the_closest_band_are_told (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0];

  meets_fixture_agree (fixture);
  for (guint i = 0; i < SIGHEJ_ENCOUNTER_CLOSEST_READINGS - 1; i++)
    {
      meets_fixture_hear (anna, HERE_DBM);
      meets_fixture_pass (fixture, 1);
    }
  g_assert_cmpint (meets_fixture_get_meet (anna)->band, ==, SIGHEJ_BAND_HERE);
  g_assert_cmpuint (meets_fixture_count (anna, SIGHEJ_MEET_CLOSEST), ==, 0);
  meets_fixture_hear (anna, 127);
  g_assert_cmpuint (meets_fixture_count (anna, SIGHEJ_MEET_CLOSEST), ==, 0);
  meets_fixture_hear (anna, HERE_DBM);
  meets_fixture_settle (fixture);
  g_assert_cmpuint (meets_fixture_count (anna, SIGHEJ_MEET_CLOSEST), ==, 1);
}

static void
test_slow_readings_are_not_told (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0];

  meets_fixture_agree (fixture);
  for (guint i = 0; i < 2 * SIGHEJ_ENCOUNTER_CLOSEST_READINGS; i++)
    {
      meets_fixture_hear (anna, HERE_DBM);
      meets_fixture_pass (fixture, 4);
    }
  g_assert_cmpuint (meets_fixture_count (anna, SIGHEJ_MEET_CLOSEST), ==, 0);
}

static void
test_who_is_not_heard_any_more_is_gone (MeetsFixture *fixture, gconstpointer unused)
{
  meets_fixture_agree (fixture);
  meets_fixture_pass (fixture, 130);
  g_assert_cmpint (meets_fixture_get_meet (&fixture->side[0])->band, ==, SIGHEJ_BAND_GONE);
}

/* @change: what becomes of the token Bo sends */
static void
assert_still_here (MeetsFixture *fixture, void (*change) (MeetsFixtureSide *side))
{
  MeetsFixtureSide *anna = &fixture->side[0], *bo = &fixture->side[1];

  meets_fixture_agree (fixture);
  change (bo);
  for (guint i = 0; i < 3; i++)
    {
      meets_fixture_pass (fixture, 40);
      meets_fixture_hear (anna, HERE_DBM);
    }
  g_assert_cmpint (meets_fixture_get_meet (anna)->band, ==, SIGHEJ_BAND_HERE);
  g_assert_cmpint (meets_fixture_get_meet (bo)->band, ==, SIGHEJ_BAND_GONE);
}

static void
test_the_next_token_is_the_same_person (MeetsFixture *fixture, gconstpointer unused)
{
  assert_still_here (fixture, meets_fixture_rotate);
}

static void
test_a_renewed_session_is_the_same_person (MeetsFixture *fixture, gconstpointer unused)
{
  assert_still_here (fixture, meets_fixture_renew);
}

/* The proof of the nudge is older than the token that is on the air when both have waved. */
static void
test_a_token_of_before_the_meet_is_told (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0], *bo = &fixture->side[1];

  meets_fixture_nudge (fixture);
  meets_fixture_rotate (bo);
  meets_fixture_hear (anna, HERE_DBM);
  meets_fixture_wave (anna);
  meets_fixture_wave (bo);
  meets_fixture_settle (fixture);
  meets_fixture_pass (fixture, 100);
  meets_fixture_hear (anna, HERE_DBM);
  g_assert_cmpint (meets_fixture_get_meet (anna)->band, ==, SIGHEJ_BAND_HERE);
}

/* ---- the end ---- */

static void
test_either_ends_it_for_both (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0], *bo = &fixture->side[1];

  meets_fixture_agree (fixture);
  g_assert_true (sighej_meets_end (anna->meets, anna->number, NULL));
  g_assert_cmpuint (anna->n_removed, ==, 1);
  meets_fixture_settle (fixture);
  g_assert_cmpuint (bo->n_removed, ==, 1);
  g_assert_cmpint (bo->last_state, ==, SIGHEJ_MEET_STATE_ENDED);
  g_assert_false (sighej_meets_end (anna->meets, anna->number, NULL));
}

static void
test_an_end_without_a_connection_is_told_later (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0], *bo = &fixture->side[1];

  meets_fixture_agree (fixture);
  meets_fixture_set_online (anna, FALSE);
  g_assert_true (sighej_meets_end (anna->meets, anna->number, NULL));
  meets_fixture_settle (fixture);
  g_assert_cmpuint (bo->n_removed, ==, 0);
  meets_fixture_set_online (anna, TRUE);
  meets_fixture_settle (fixture);
  g_assert_cmpuint (bo->n_removed, ==, 1);
}

static void
test_its_time_is_over (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0];

  meets_fixture_agree (fixture);
  meets_fixture_set_online (anna, FALSE);
  meets_fixture_pass (fixture, MEETS_FIXTURE_MEET_SECONDS - 5);
  g_assert_cmpuint (anna->n_removed, ==, 0);
  meets_fixture_pass (fixture, 10);
  g_assert_cmpuint (anna->n_removed, ==, 1);
  g_assert_cmpint (anna->last_state, ==, SIGHEJ_MEET_STATE_EXPIRED);
}

static void
test_found_gone_after_a_reconnect (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0], *bo = &fixture->side[1];

  meets_fixture_agree (fixture);
  meets_fixture_set_online (anna, FALSE);
  sighej_meets_end (bo->meets, bo->number, NULL);
  meets_fixture_settle (fixture);
  g_assert_cmpuint (anna->n_removed, ==, 0);
  meets_fixture_set_online (anna, TRUE);
  meets_fixture_settle (fixture);
  g_assert_cmpuint (anna->n_removed, ==, 1);
  g_assert_cmpint (anna->last_state, ==, SIGHEJ_MEET_STATE_ENDED);
}

static void
test_closing_ends_all (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0], *bo = &fixture->side[1];

  meets_fixture_agree (fixture);
  sighej_meets_close (anna->meets);
  g_assert_cmpuint (sighej_meets_get_n_live (anna->meets), ==, 0);
  meets_fixture_settle (fixture);
  g_assert_cmpuint (bo->n_removed, ==, 1);
}

static void
test_closing_withdraws_waves_and_keeps_nudges (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0], *bo = &fixture->side[1];

  meets_fixture_nudge (fixture);
  meets_fixture_wave (anna);
  sighej_meets_close (anna->meets);
  sighej_meets_close (bo->meets);
  meets_fixture_settle (fixture);
  g_assert_cmpuint (meets_fixture_count (anna, SIGHEJ_MEET_WITHDRAW), ==, 1);
  g_assert_cmpint (meets_fixture_get_nudge_state (anna), ==, SIGHEJ_NUDGE_STATE_GONE);
  g_assert_cmpint (meets_fixture_get_nudge_state (bo), ==, SIGHEJ_NUDGE_STATE_NEW);
  meets_fixture_wave (bo);
}

static void
test_a_block_ends_it_and_is_kept (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0], *bo = &fixture->side[1];

  meets_fixture_agree (fixture);
  g_assert_true (sighej_meets_block_meet (anna->meets, anna->number, NULL));
  meets_fixture_settle (fixture);
  g_assert_cmpuint (meets_fixture_count (anna, SIGHEJ_MEET_BLOCK), ==, 1);
  g_assert_cmpint (sighej_avoid_get_why (anna->avoid, MEETS_FIXTURE_ID), ==, SIGHEJ_AVOID_BLOCKED);
  g_assert_cmpint (bo->last_state, ==, SIGHEJ_MEET_STATE_ENDED);
  g_assert_cmpint (sighej_avoid_get_why (bo->avoid, MEETS_FIXTURE_ID), ==, SIGHEJ_AVOID_NOT);
}

static void
test_a_nudge_is_blocked_before_any_wave (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0];

  meets_fixture_nudge (fixture);
  g_assert_true (sighej_meets_block_nudge (anna->meets, anna->number, NULL));
  meets_fixture_settle (fixture);
  g_assert_cmpuint (meets_fixture_count (anna, SIGHEJ_MEET_BLOCK), ==, 1);
  g_assert_cmpuint (meets_fixture_count (anna, SIGHEJ_MEET_WITHDRAW), ==, 0);
  g_assert_cmpint (sighej_avoid_get_why (anna->avoid, MEETS_FIXTURE_ID), ==, SIGHEJ_AVOID_BLOCKED);
  g_assert_cmpint (meets_fixture_get_nudge_state (anna), ==, SIGHEJ_NUDGE_STATE_GONE);
}

static void
test_already_met_may_be_taken_back (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0];

  meets_fixture_agree (fixture);
  g_assert_true (sighej_meets_avoid_in_future (anna->meets, anna->number, TRUE, NULL));
  g_assert_true (meets_fixture_get_meet (anna)->avoid);
  g_assert_cmpint (sighej_avoid_get_why (anna->avoid, MEETS_FIXTURE_ID), ==, SIGHEJ_AVOID_MET);
  g_assert_true (sighej_meets_avoid_in_future (anna->meets, anna->number, FALSE, NULL));
  g_assert_cmpint (sighej_avoid_get_why (anna->avoid, MEETS_FIXTURE_ID), ==, SIGHEJ_AVOID_NOT);
}

/* ---- the talk ---- */

static void
test_what_is_said_is_heard_and_marked (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0], *bo = &fixture->side[1];
  guint64 n;

  meets_fixture_agree (fixture);
  n = meets_fixture_say (anna, "I have the red scarf");
  g_assert_cmpint (meets_fixture_get_message (anna, n)->mark, ==, SIGHEJ_MEET_MARK_WAITING);
  meets_fixture_settle (fixture);
  g_assert_cmpstr (bo->last_text, ==, "I have the red scarf");
  g_assert_cmpuint (bo->n_messages, ==, 1);
  g_assert_cmpuint (meets_fixture_get_meet (bo)->n_unread, ==, 1);
  g_assert_cmpint (meets_fixture_get_message (anna, n)->mark, ==, SIGHEJ_MEET_MARK_DELIVERED);

  g_assert_true (sighej_meets_mark_read (bo->meets, bo->number, 1, NULL));
  g_assert_cmpuint (meets_fixture_get_meet (bo)->n_unread, ==, 0);
  meets_fixture_settle (fixture);
  g_assert_cmpint (meets_fixture_get_message (anna, n)->mark, ==, SIGHEJ_MEET_MARK_SEEN);
  g_assert_cmpuint (bo->acked_n, ==, anna->letters->len);
}

static void
test_a_text_that_is_none_is_rejected (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0];
  g_autofree char *long_text = g_strnfill (SIGHEJ_MEET_MESSAGE_CHARS_MAX + 1, 'x');
  const char *const texts[] = { "", "a\tb", long_text };

  meets_fixture_agree (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_cmpuint (sighej_meets_send (anna->meets, anna->number, texts[i], &error), ==, 0);
      g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_TEXT_REJECTED);
    }
}

static void
test_typing_is_shown_and_forgotten (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0], *bo = &fixture->side[1];

  meets_fixture_agree (fixture);
  g_assert_true (sighej_meets_set_typing (anna->meets, anna->number, TRUE, NULL));
  meets_fixture_settle (fixture);
  g_assert_true (meets_fixture_get_meet (bo)->peer_typing);
  meets_fixture_pass (fixture, SIGHEJ_TALK_TYPING_SECONDS - 1);
  g_assert_true (meets_fixture_get_meet (bo)->peer_typing);
  meets_fixture_pass (fixture, 1);
  g_assert_false (meets_fixture_get_meet (bo)->peer_typing);
}

static void
test_nothing_is_lost_or_doubled_by_reconnects (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0], *bo = &fixture->side[1];

  meets_fixture_agree (fixture);
  for (guint i = 0; i < 24; i++)
    {
      g_autofree char *text = g_strdup_printf ("number %u", i);

      fixture->mute = i % 3 == 1;
      meets_fixture_say (anna, text);
      meets_fixture_say (bo, text);
      meets_fixture_settle (fixture);
      if (i % 4 == 2)
        meets_fixture_set_online (i % 8 == 2 ? anna : bo, FALSE);
      meets_fixture_pass (fixture, 4);
      fixture->mute = FALSE;
      meets_fixture_set_online (anna, TRUE);
      meets_fixture_set_online (bo, TRUE);
      meets_fixture_pass (fixture, 4);
    }
  for (guint side = 0; side < 2; side++)
    {
      const SighejMeet *meet = meets_fixture_get_meet (&fixture->side[side]);
      guint next[2] = { 0, 0 };

      g_assert_cmpuint (fixture->side[side].n_messages, ==, 24);
      g_assert_cmpuint (meet->messages->len, ==, 48);
      for (guint i = 0; i < meet->messages->len; i++)
        {
          const SighejMeetMessage *message = g_ptr_array_index (meet->messages, i);
          g_autofree char *text = g_strdup_printf ("number %u", next[message->own ? 1 : 0]++);

          g_assert_cmpstr (message->text, ==, text);
          g_assert_cmpint (message->mark, >=, SIGHEJ_MEET_MARK_DELIVERED);
        }
    }
}

static void
test_a_busy_backend_is_asked_again (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0], *bo = &fixture->side[1];

  meets_fixture_agree (fixture);
  fixture->refusal = SIGHEJ_ERROR_RATE_LIMITED;
  meets_fixture_say (anna, "one");
  meets_fixture_say (anna, "two");
  meets_fixture_pass (fixture, 3);
  g_assert_cmpuint (bo->n_messages, ==, 0);
  fixture->refusal = SIGHEJ_ERROR_FAILED;
  meets_fixture_pass (fixture, 2);
  g_assert_cmpuint (bo->n_messages, ==, 2);
  g_assert_cmpstr (bo->last_text, ==, "two");
}

/* ---- a bad backend ---- */

static void
assert_broken (MeetsFixtureSide *side)
{
  g_assert_cmpint (side->last_trust, ==, SIGHEJ_MEET_TRUST_BROKEN);
  g_assert_cmpint (side->last_state, ==, SIGHEJ_MEET_STATE_ENDED);
  g_assert_cmpint (side->last_problem, !=, SIGHEJ_MEET_PROBLEM_NONE);
  g_assert_cmpuint (side->n_removed, ==, 1);
  g_assert_cmpuint (side->n_messages, ==, 0);
}

/* Its own key for both, and talks with each: what it sends is well made. */
static void
test_a_swapped_key_breaks_the_trust (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0];
  g_autoptr (SighejKeypair) middle = sighej_keypair_new ();
  g_autoptr (SighejTalk) talk = NULL;
  const guint8 proofs[1][SIGHEJ_TALK_PROOF_BYTES] = { { 7 } };
  SighejWireTalk letter = { .nudge_id = MEETS_FIXTURE_ID };
  const SighejTalkLetter *first;

  fixture->swapped_key = (guint8 *) sighej_keypair_get_public (middle);
  meets_fixture_nudge (fixture);
  meets_fixture_wave (anna);
  anna->pushed_n = fixture->side[1].pushed_n = G_MAXUINT; /* passes nothing on */
  meets_fixture_wave (&fixture->side[1]);
  talk = sighej_talk_new (
      MEETS_FIXTURE_ID, middle, sighej_keypair_get_public (anna->own), proofs, 1, NULL, NULL);
  first = sighej_talk_get_outgoing (talk, 0);
  letter.n = first->n;
  letter.kind = first->kind;
  letter.body = first->body;
  meets_fixture_push (&fixture->side[1], &letter);
  assert_broken (anna);
  meets_fixture_settle (fixture);
  g_assert_cmpuint (meets_fixture_count (anna, SIGHEJ_MEET_END), ==, 1);
}

static void
test_a_changed_letter_breaks_the_trust (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0], *bo = &fixture->side[1];
  g_autoptr (GBytes) body = g_bytes_new_static ("not of this talk, not at all", 28);
  SighejWireTalk letter = { .nudge_id = MEETS_FIXTURE_ID, .kind = SIGHEJ_TALK_TEXT, .body = body };

  meets_fixture_agree (fixture);
  letter.n = anna->letters->len + 1;
  meets_fixture_push (anna, &letter);
  assert_broken (bo);
}

static void
test_a_withheld_letter_breaks_the_trust (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0], *bo = &fixture->side[1];
  g_autoptr (GBytes) body = g_bytes_new_static ("something", 9);
  SighejWireTalk letter = { .nudge_id = MEETS_FIXTURE_ID, .kind = SIGHEJ_TALK_TEXT, .body = body };

  meets_fixture_agree (fixture);
  letter.n = anna->letters->len + 2;
  meets_fixture_push (anna, &letter);
  g_assert_cmpuint (bo->n_removed, ==, 0); /* perhaps it was lost: it is asked for */
  meets_fixture_settle (fixture);
  g_assert_cmpuint (meets_fixture_count (bo, SIGHEJ_MEET_RESUME), ==, 1);
  meets_fixture_push (anna, &letter);
  assert_broken (bo);
}

static void
test_a_repeated_letter_is_dropped (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0], *bo = &fixture->side[1];

  meets_fixture_agree (fixture);
  meets_fixture_say (anna, "once");
  meets_fixture_settle (fixture);
  for (guint i = 0; i < anna->letters->len; i++)
    meets_fixture_push (anna, g_ptr_array_index (anna->letters, i));
  meets_fixture_settle (fixture);
  g_assert_cmpuint (bo->n_messages, ==, 1);
  g_assert_cmpuint (bo->n_removed, ==, 0);
}

/* ---- positions ---- */

static void
share (MeetsFixtureSide *side, gboolean on)
{
  GAsyncResult *result = NULL;

  sighej_meets_share_position_async (side->meets, side->number, on, meets_fixture_on_done, &result);
  meets_fixture_assert_done (side, &result, -1);
}

static void
move_to (MeetsFixtureSide *side, double latitude, double longitude)
{
  SighejPosition position = { .latitude = latitude, .longitude = longitude, .accuracy_m = 5 };

  position.taken_us = sighej_clock_wall_us (SIGHEJ_CLOCK (side->fixture->clock));
  sighej_meets_take_position (side->meets, &position);
  meets_fixture_settle (side->fixture);
}

static void
test_places_are_shown_while_both_share (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0], *bo = &fixture->side[1];

  meets_fixture_agree (fixture);
  move_to (anna, 55.6761, 12.5683);
  share (anna, TRUE);
  g_assert_cmpint (meets_fixture_get_meet (anna)->sharing, ==, SIGHEJ_MEET_SHARING_ASKED);
  g_assert_cmpint (meets_fixture_get_meet (bo)->sharing, ==, SIGHEJ_MEET_SHARING_OFF);
  g_assert_false (anna->position_wanted);
  move_to (anna, 55.6761, 12.5683);
  g_assert_cmpuint (meets_fixture_count (anna, SIGHEJ_MEET_POSITION), ==, 0);

  share (bo, TRUE);
  g_assert_true (anna->position_wanted && bo->position_wanted);
  move_to (anna, 55.6761, 12.5683);
  move_to (bo, 55.6770, 12.5683); /* 100 m to the north */
  g_assert_cmpstr (meets_fixture_get_meet (anna)->peer_direction, ==, "n");
  g_assert_cmpstr (meets_fixture_get_meet (anna)->peer_distance, ==, "in-sight");
  g_assert_cmpstr (meets_fixture_get_meet (anna)->own_direction, ==, "s");
  g_assert_cmpstr (meets_fixture_get_meet (bo)->peer_direction, ==, "s");

  share (bo, FALSE);
  g_assert_false (anna->position_wanted || bo->position_wanted);
  g_assert_cmpstr (meets_fixture_get_meet (anna)->peer_distance, ==, "");
  g_assert_cmpstr (meets_fixture_get_meet (bo)->peer_distance, ==, "");
}

static void
test_one_position_in_three_seconds (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0];

  meets_fixture_agree (fixture);
  share (anna, TRUE);
  share (&fixture->side[1], TRUE);
  for (guint i = 0; i < 9; i++)
    {
      move_to (anna, 55.6761, 12.5683);
      meets_fixture_pass (fixture, 1);
    }
  g_assert_cmpuint (meets_fixture_count (anna, SIGHEJ_MEET_POSITION), ==, 3);
}

static void
test_no_counts_at_once_and_is_told_later (MeetsFixture *fixture, gconstpointer unused)
{
  MeetsFixtureSide *anna = &fixture->side[0];

  meets_fixture_agree (fixture);
  share (anna, TRUE);
  share (&fixture->side[1], TRUE);
  meets_fixture_set_online (anna, FALSE);
  share (anna, FALSE);
  g_assert_false (anna->position_wanted);
  g_assert_true (anna->share);
  meets_fixture_set_online (anna, TRUE);
  meets_fixture_settle (fixture);
  g_assert_false (anna->share);
  g_assert_false (anna->position_wanted);
  g_assert_cmpint (meets_fixture_get_meet (anna)->sharing, ==, SIGHEJ_MEET_SHARING_OFF);
}

int
main (int argc, char *argv[])
{
  static const struct
  {
    const char *path;
    void (*test) (MeetsFixture *fixture, gconstpointer unused);
  } tests[] = {
    { "/meets/both-wave-and-meet", test_both_wave_and_meet },
    { "/meets/waving-twice-is-waving-once", test_waving_twice_is_waving_once },
    { "/meets/a-wave-that-fails-says-why", test_a_wave_that_fails_says_why },
    { "/meets/a-wave-without-an-answer-is-withdrawn", test_a_wave_without_an_answer_is_withdrawn },
    { "/meets/not-now-after-a-wave-withdraws-it", test_not_now_after_a_wave_withdraws_it },
    { "/meets/not-now-without-a-wave-says-nothing", test_not_now_without_a_wave_says_nothing },
    { "/meets/an-expired-wave-is-withdrawn", test_an_expired_wave_is_withdrawn },
    { "/meets/a-wave-outlives-a-reconnect", test_a_wave_outlives_a_reconnect_and_a_lost_store },
    { "/meets/what-nobody-waved-at-is-not-taken", test_what_nobody_waved_at_is_not_taken },
    { "/meets/spot-here-confirm-met", test_spot_here_confirm_met },
    { "/meets/no-answer-is-an-answer", test_no_answer_is_an_answer_after_ten_seconds },
    { "/meets/a-backend-that-stalls-loses-no-message",
      test_a_backend_that_stalls_loses_no_message },
    { "/meets/five-closest-readings-are-told", test_five_readings_of_the_closest_band_are_told },
    { "/meets/slow-readings-are-not-told", test_slow_readings_are_not_told },
    { "/meets/who-is-not-heard-is-gone", test_who_is_not_heard_any_more_is_gone },
    { "/meets/the-next-token-is-the-same-person", test_the_next_token_is_the_same_person },
    { "/meets/a-renewed-session-is-the-same-person", test_a_renewed_session_is_the_same_person },
    { "/meets/a-token-of-before-the-meet-is-told", test_a_token_of_before_the_meet_is_told },
    { "/meets/either-ends-it-for-both", test_either_ends_it_for_both },
    { "/meets/an-end-is-told-later", test_an_end_without_a_connection_is_told_later },
    { "/meets/its-time-is-over", test_its_time_is_over },
    { "/meets/found-gone-after-a-reconnect", test_found_gone_after_a_reconnect },
    { "/meets/closing-ends-all", test_closing_ends_all },
    { "/meets/closing-withdraws-waves", test_closing_withdraws_waves_and_keeps_nudges },
    { "/meets/a-block-ends-it-and-is-kept", test_a_block_ends_it_and_is_kept },
    { "/meets/a-nudge-is-blocked", test_a_nudge_is_blocked_before_any_wave },
    { "/meets/already-met-may-be-taken-back", test_already_met_may_be_taken_back },
    { "/meets/said-heard-and-marked", test_what_is_said_is_heard_and_marked },
    { "/meets/a-text-that-is-none-is-rejected", test_a_text_that_is_none_is_rejected },
    { "/meets/typing-is-shown-and-forgotten", test_typing_is_shown_and_forgotten },
    { "/meets/nothing-lost-or-doubled", test_nothing_is_lost_or_doubled_by_reconnects },
    { "/meets/a-busy-backend-is-asked-again", test_a_busy_backend_is_asked_again },
    { "/meets/a-swapped-key-breaks-the-trust", test_a_swapped_key_breaks_the_trust },
    { "/meets/a-changed-letter-breaks-the-trust", test_a_changed_letter_breaks_the_trust },
    { "/meets/a-withheld-letter-breaks-the-trust", test_a_withheld_letter_breaks_the_trust },
    { "/meets/a-repeated-letter-is-dropped", test_a_repeated_letter_is_dropped },
    { "/meets/places-while-both-share", test_places_are_shown_while_both_share },
    { "/meets/one-position-in-three-seconds", test_one_position_in_three_seconds },
    { "/meets/no-counts-at-once", test_no_counts_at_once_and_is_told_later },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path,
                MeetsFixture,
                NULL,
                meets_fixture_set_up,
                tests[i].test,
                meets_fixture_tear_down);
  return g_test_run ();
}
