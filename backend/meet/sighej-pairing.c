/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-meet"

#include "config.h"

#include "sighej-pairing.h"

#include <string.h>

#include "sighej-budget.h"
#include "sighej-code.h"
#include "sighej-error.h"
#include "sighej-meeting-edit.h"

#define GUESSES_KEY "guesses"

typedef struct
{
  SighejMeetings *meetings;
  SighejMeetingsWho who;
  char digits[SIGHEJ_WIRE_CODE_CHARS + 1];
  SighejCode code;
  guint8 commit[SIGHEJ_COMMIT_BYTES]; /* of who makes one */
  SighejWirePairRequest request;      /* of who joins */
  guint n_draws;
  guint left_ms;
  gboolean found;
  gboolean again; /* the same one joins once more */
  SighejPairingCreated created;
  SighejPairingPaired paired;
  gpointer user_data;
} Call;

static void draw (Call *call);

static Call *
call_new (SighejMeetings *meetings, const SighejMeetingsWho *who, gpointer user_data)
{
  Call *call = g_new0 (Call, 1);

  call->meetings = g_object_ref (meetings);
  call->who = *who;
  call->user_data = user_data;
  return call;
}

static void
call_free (Call *call)
{
  g_object_unref (call->meetings);
  sighej_wipe (call, sizeof *call);
  g_free (call);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Call, call_free)

/* ---- the record ---- */

/* Returns: whether there is one, and time left */
static gboolean
read_code (Call *call, const SighejAmendment *amendment)
{
  call->left_ms = sighej_code_read (&call->code, amendment);
  return call->left_ms > 0;
}

static void
amend_code (Call *call, SighejAmendStep step, SighejStoreDone done)
{
  sighej_code_amend (sighej_meetings_get_store (call->meetings),
                     sighej_meetings_get_vault (call->meetings),
                     call->digits,
                     step,
                     done,
                     call);
}

static void
take_try (Call *call, SighejStoreDone done)
{
  char key[SIGHEJ_STORE_RECORD_KEY_CHARS_MAX + 1] = "tries:";

  sighej_hex_encode (call->who.opening, sizeof call->who.opening, key + strlen (key));
  sighej_budget_take (sighej_meetings_get_store (call->meetings),
                      sighej_meetings_get_vault (call->meetings),
                      key,
                      SIGHEJ_PAIRING_TRIES_PER_MINUTE,
                      done,
                      call);
}

static gboolean
is_opening (const guint8 *one, const guint8 *other)
{
  return memcmp (one, other, SIGHEJ_STORE_OPENING_BYTES) == 0;
}

/* ---- making one ---- */

static void
finish_create (const GError *error, gpointer user_data)
{
  g_autoptr (Call) call = user_data;

  call->created (
      error == NULL ? call->digits : "", (call->left_ms + 999) / 1000, error, call->user_data);
}

static SighejAmendVerdict
make_code (SighejAmendment *amendment, gpointer user_data, GError **error)
{
  Call *call = user_data;
  SighejCode own = { .made_ms = amendment->now_ms };
  gboolean there = read_code (call, amendment);

  memcpy (own.opening, call->who.opening, sizeof own.opening);
  memcpy (own.commit, call->commit, sizeof own.commit);
  call->found = !there || is_opening (call->code.opening, call->who.opening);
  if (!call->found)
    return SIGHEJ_AMEND_KEEP;
  if (!there)
    {
      call->code = own;
      call->left_ms = SIGHEJ_CODE_SECONDS * 1000;
    }
  g_strlcpy (call->code.session_id, call->who.session_id, sizeof call->code.session_id);
  return sighej_code_put (&call->code, call->left_ms, amendment);
}

static void
on_made (const GError *error, gpointer user_data)
{
  Call *call = user_data;
  g_autoptr (GError) full = NULL;

  if (error != NULL || call->found)
    finish_create (error, call);
  else if (call->n_draws < SIGHEJ_CODE_DRAWS_MAX)
    draw (call);
  else
    {
      full = g_error_new_literal (
          SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE, "no code is free, try again");
      finish_create (full, call);
    }
}

static void
draw (Call *call)
{
  sighej_code_draw (sighej_meetings_get_vault (call->meetings),
                    call->who.opening,
                    call->commit,
                    ++call->n_draws,
                    call->digits);
  amend_code (call, make_code, on_made);
}

static void
on_may_create (const GError *error, gpointer user_data)
{
  Call *call = user_data;

  if (error == NULL)
    draw (call);
  else
    finish_create (error, call);
}

void
sighej_pairing_create (SighejMeetings *meetings,
                       const SighejMeetingsWho *who,
                       const guint8 commit[SIGHEJ_COMMIT_BYTES],
                       SighejPairingCreated created,
                       gpointer user_data)
{
  Call *call = call_new (meetings, who, user_data);

  call->created = created;
  memcpy (call->commit, commit, SIGHEJ_COMMIT_BYTES);
  take_try (call, on_may_create);
}

/* ---- what both are told ---- */

static void
finish_paired (Call *call, const SighejWirePaired *paired, const GError *error)
{
  call->paired (paired, error, call->user_data);
  call_free (call);
}

/* One of its own: the two may have been nudged too, and what came of that goes on beside it. */
static void
name_nudge (Call *call, char out[SIGHEJ_NUDGE_ID_CHARS + 1])
{
  char text[4 * SIGHEJ_STORE_OPENING_BYTES + SIGHEJ_WIRE_CODE_CHARS + 1];
  guint8 tag[SIGHEJ_SHA256_BYTES];

  sighej_hex_encode (call->code.opening, SIGHEJ_STORE_OPENING_BYTES, text);
  sighej_hex_encode (
      call->code.joiner, SIGHEJ_STORE_OPENING_BYTES, text + 2 * SIGHEJ_STORE_OPENING_BYTES);
  memcpy (text + 4 * SIGHEJ_STORE_OPENING_BYTES, call->digits, sizeof call->digits);
  sighej_vault_tag_request (sighej_meetings_get_vault (call->meetings), "paired", text, tag);
  sighej_hex_encode (tag, SIGHEJ_NUDGE_ID_CHARS / 2, out);
  sighej_wipe (text, sizeof text);
}

/* @own: of the one who is told. */
static void
tell (Call *call, const guint8 *own, const guint8 *peer)
{
  SighejVault *vault = sighej_meetings_get_vault (call->meetings);
  SighejNudgeTicket ticket
      = { .made_ms = sighej_clock_wall_us (sighej_meetings_get_clock (call->meetings)) / 1000 };
  SighejWirePaired paired = { .id = call->request.id };
  g_autofree char *text = NULL;

  name_nudge (call, ticket.nudge_id);
  memcpy (ticket.own, own, sizeof ticket.own);
  memcpy (ticket.peer, peer, sizeof ticket.peer);
  text = sighej_vault_seal_ticket (vault, &ticket);
  g_strlcpy (paired.nudge_id, ticket.nudge_id, sizeof paired.nudge_id);
  paired.ticket = text;
  memcpy (paired.commit, call->code.commit, sizeof paired.commit);
  memcpy (paired.peer_key, call->code.key, sizeof paired.peer_key);
  memcpy (paired.peer_nonce, call->code.nonce, sizeof paired.peer_nonce);
  finish_paired (call, &paired, NULL);
}

static void
refuse (Call *call)
{
  g_autoptr (GError) error = g_error_new_literal (
      SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_FOUND, "there is no such code, or it was used");

  finish_paired (call, NULL, error);
}

/* ---- joining ---- */

static SighejAmendVerdict
join_code (SighejAmendment *amendment, gpointer user_data, GError **error)
{
  Call *call = user_data;
  gboolean there = read_code (call, amendment);

  call->again = there && call->code.joined && is_opening (call->code.joiner, call->who.opening);
  call->found
      = call->again
        || (there && !call->code.joined && !is_opening (call->code.opening, call->who.opening));
  if (!call->found || call->again)
    return SIGHEJ_AMEND_KEEP;
  call->code.joined = TRUE;
  memcpy (call->code.joiner, call->who.opening, sizeof call->code.joiner);
  memcpy (call->code.key, call->request.public_key, sizeof call->code.key);
  memcpy (call->code.nonce, call->request.nonce, sizeof call->code.nonce);
  return sighej_code_put (&call->code, call->left_ms, amendment);
}

static gboolean
wave (SighejMeeting *meeting,
      const guint8 *opening,
      const char *session_id,
      const SighejWireMeet *act,
      gint64 now_ms,
      SighejMeetingChange *change,
      GError **error)
{
  SighejMeetingOutcome outcome;
  guint side = (guint) sighej_meeting_side_of (meeting, opening);

  if (!sighej_meeting_act (meeting, side, act, session_id, now_ms, &outcome, error))
    return FALSE;
  sighej_meeting_change_add (change, side, &outcome);
  return TRUE;
}

/* Both said yes: one by reading the code out, the other by typing it in. */
static gboolean
edit_pair (SighejMeeting *meeting,
           gint64 now_ms,
           SighejMeetingChange *change,
           gpointer user_data,
           GError **error)
{
  Call *call = user_data;
  const SighejCode *code = &call->code;
  SighejWireMeet creator = { .act = SIGHEJ_MEET_WAVE, .has_commit = TRUE };
  SighejWireMeet joiner = { .act = SIGHEJ_MEET_WAVE, .has_public_key = TRUE, .has_nonce = TRUE };

  memcpy (creator.commit, code->commit, sizeof creator.commit);
  memcpy (joiner.public_key, code->key, sizeof joiner.public_key);
  memcpy (joiner.nonce, code->nonce, sizeof joiner.nonce);
  if (!wave (meeting, code->opening, code->session_id, &creator, now_ms, change, error)
      || !wave (meeting, code->joiner, call->who.session_id, &joiner, now_ms, change, error))
    return FALSE;
  /* She does not know of it yet. */
  change->wakes[sighej_meeting_side_of (meeting, code->opening)] = TRUE;
  return TRUE;
}

/* What is over is not begun again by the same code. */
static gboolean
edit_again (SighejMeeting *meeting,
            gint64 now_ms,
            SighejMeetingChange *change,
            gpointer user_data,
            GError **error)
{
  if (meeting != NULL && sighej_meeting_is_agreed (meeting, now_ms))
    return TRUE;
  g_set_error_literal (
      error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_FOUND, "there is no such code, or it was used");
  return FALSE;
}

static void
on_joined (const GError *error, gpointer user_data)
{
  Call *call = user_data;

  if (error != NULL)
    finish_paired (call, NULL, error);
  else
    tell (call, call->code.joiner, call->code.opening);
}

static void
make_meeting (Call *call)
{
  guint8 openings[SIGHEJ_MEETING_SIDES][SIGHEJ_MEETING_OPENING_BYTES];
  char nudge_id[SIGHEJ_NUDGE_ID_CHARS + 1];
  const SighejMeetingEdit edit = {
    .store = sighej_meetings_get_store (call->meetings),
    .vault = sighej_meetings_get_vault (call->meetings),
    .nudge_id = nudge_id,
    .openings = call->again ? NULL : openings,
  };

  name_nudge (call, nudge_id);
  memcpy (openings[0], call->code.opening, sizeof openings[0]);
  memcpy (openings[1], call->code.joiner, sizeof openings[1]);
  sighej_meeting_edit (&edit, call->again ? edit_again : edit_pair, on_joined, call);
}

static void
on_code_joined (const GError *error, gpointer user_data)
{
  Call *call = user_data;

  if (error != NULL)
    {
      finish_paired (call, NULL, error);
      return;
    }
  if (!call->found)
    {
      refuse (call);
      return;
    }
  sighej_budget_give_back (sighej_meetings_get_store (call->meetings),
                           sighej_meetings_get_vault (call->meetings),
                           GUESSES_KEY);
  make_meeting (call);
}

static void
on_may_guess (const GError *error, gpointer user_data)
{
  Call *call = user_data;

  if (error == NULL)
    amend_code (call, join_code, on_code_joined);
  else
    finish_paired (call, NULL, error);
}

/* Charged before anything is looked up, and given back when it was no guess: so no two guesses at
 * the same time slip through. */
static void
on_may_join (const GError *error, gpointer user_data)
{
  Call *call = user_data;

  if (error == NULL)
    sighej_budget_take (sighej_meetings_get_store (call->meetings),
                        sighej_meetings_get_vault (call->meetings),
                        GUESSES_KEY,
                        SIGHEJ_PAIRING_GUESSES_PER_MINUTE,
                        on_may_guess,
                        call);
  else
    finish_paired (call, NULL, error);
}

void
sighej_pairing_join (SighejMeetings *meetings,
                     const SighejMeetingsWho *who,
                     const SighejWirePairRequest *request,
                     SighejPairingPaired paired,
                     gpointer user_data)
{
  Call *call = call_new (meetings, who, user_data);

  call->request = *request;
  call->paired = paired;
  g_strlcpy (call->digits, request->code, sizeof call->digits);
  take_try (call, on_may_join);
}

/* ---- has anybody joined? ---- */

static SighejAmendVerdict
see_code (SighejAmendment *amendment, gpointer user_data, GError **error)
{
  Call *call = user_data;

  call->found = read_code (call, amendment) && is_opening (call->code.opening, call->who.opening);
  return SIGHEJ_AMEND_KEEP;
}

static void
on_code_seen (const GError *error, gpointer user_data)
{
  Call *call = user_data;

  if (error != NULL)
    finish_paired (call, NULL, error);
  else if (!call->found)
    refuse (call);
  else if (call->code.joined)
    tell (call, call->code.opening, call->code.joiner);
  else
    finish_paired (call, NULL, NULL);
}

void
sighej_pairing_look (SighejMeetings *meetings,
                     const SighejMeetingsWho *who,
                     const char *code,
                     SighejPairingPaired paired,
                     gpointer user_data)
{
  Call *call = call_new (meetings, who, user_data);

  call->paired = paired;
  g_strlcpy (call->digits, code, sizeof call->digits);
  amend_code (call, see_code, on_code_seen);
}
