/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include <string.h>

#include "sighej-crypto.h"
#include "sighej-enum-types.h"
#include "sighej-handle.h"
#include "sighej-meets-private.h"

#define REPORTS_PATH "/api/v1/reports"
#define APPEALS_PATH "/api/v1/appeals"

/* ---- what awaits the backend's word ---- */

static GTask *
task_new (SighejMeets *self,
          gpointer tag,
          guint64 number,
          GAsyncReadyCallback callback,
          gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, tag);
  g_task_set_task_data (task, g_memdup2 (&number, sizeof number), g_free);
  return task;
}

static guint64
number_of (GTask *task)
{
  return *(guint64 *) g_task_get_task_data (task);
}

static void
on_acted (const SighejWireServerMessage *answer, const GError *error, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;

  if (error != NULL)
    g_task_return_error (task, g_error_copy (error));
  else
    g_task_return_boolean (task, TRUE);
}

/* Takes @task: answered by @answered, or at once when it cannot be asked. */
static gboolean
ask (SighejMeets *self,
     SighejEncounter *encounter,
     SighejWireMeet *message,
     SighejLinkMeetsAnswered answered,
     GTask *task)
{
  GError *error = NULL;

  g_strlcpy (message->nudge_id, encounter->nudge_id, sizeof message->nudge_id);
  if (sighej_link_meets_ask (self->line, message, answered, task, &error))
    return TRUE;

  g_task_return_error (task, error);
  g_object_unref (task);
  return FALSE;
}

static void
act (SighejMeets *self, SighejWireMeet *message, GTask *task)
{
  GError *error = NULL;
  SighejEncounter *encounter = sighej_meets_find_meet (self, number_of (task), &error);

  if (encounter != NULL)
    {
      ask (self, encounter, message, on_acted, task);
      return;
    }
  g_task_return_error (task, error);
  g_object_unref (task);
}

gboolean
sighej_meets_act_finish (SighejMeets *self, GAsyncResult *result, GError **error)
{
  g_assert (g_task_is_valid (result, self));

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* ---- of a nudge ---- */

static void
wave_done (SighejMeets *self, SighejEncounter *encounter)
{
  const SighejNudge *nudge = sighej_encounters_get (self->encounters, encounter->number);

  encounter->waved = TRUE;
  self->n_waves++;
  if (nudge != NULL && nudge->state == SIGHEJ_NUDGE_STATE_NEW)
    sighej_encounters_set_state (
        self->encounters, encounter->number, SIGHEJ_NUDGE_STATE_WAVED, NULL);
}

/* Nobody knows whether the backend has it; who is told that it failed must not be met. */
static void
wave_failed (SighejMeets *self, SighejEncounter *encounter, const GError *error)
{
  if (g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_OFFLINE) && !encounter->waved)
    sighej_farewells_say (self->farewells, encounter->nudge_id, SIGHEJ_MEET_WITHDRAW, NULL);
}

static void
on_waved (const SighejWireServerMessage *answer, const GError *error, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  SighejMeets *self = g_task_get_source_object (task);
  SighejEncounter *encounter = sighej_meets_find_number (self, number_of (task));

  if (encounter != NULL)
    {
      encounter->asking = FALSE;
      if (error == NULL)
        wave_done (self, encounter);
      else
        wave_failed (self, encounter, error);
    }

  if (error == NULL)
    g_task_return_boolean (task, TRUE);
  else if (g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_FOUND))
    g_task_return_new_error (task, SIGHEJ_ERROR, SIGHEJ_ERROR_EXPIRED, "that nudge is over");
  else
    g_task_return_error (task, g_error_copy (error));
}

static gboolean
check_may_wave (SighejMeets *self, SighejEncounter *encounter, GError **error)
{
  if (encounter == NULL)
    g_set_error_literal (error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_FOUND, "there is no such nudge");
  else if (encounter->ticket == NULL || encounter->own == NULL)
    g_set_error_literal (
        error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_SUPPORTED, "this backend does not take waves");
  else if (sighej_meets_get_n_live (self) >= SIGHEJ_MEETS_MAX)
    g_set_error_literal (error,
                         SIGHEJ_ERROR,
                         SIGHEJ_ERROR_RATE_LIMITED,
                         "too many meets at a time, try again in 60 s");
  else
    return TRUE;
  return FALSE;
}

void
sighej_meets_wave_async (SighejMeets *self,
                         guint64 nudge,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GTask *task = task_new (self, sighej_meets_wave_async, nudge, callback, user_data);
  SighejEncounter *encounter = sighej_meets_find_number (self, nudge);
  SighejWireMeet message = { .act = SIGHEJ_MEET_WAVE };
  GError *error = NULL;

  if (encounter != NULL && encounter->waved)
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }
  if (!check_may_wave (self, encounter, &error))
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }

  sighej_farewells_take_back (self->farewells, encounter->nudge_id);
  message.ticket = encounter->ticket;
  message.has_public_key = TRUE;
  memcpy (
      message.public_key, sighej_keypair_get_public (encounter->own), sizeof message.public_key);
  if (ask (self, encounter, &message, on_waved, task))
    encounter->asking = TRUE;
}

static gboolean
check_is_nudge (SighejMeets *self, guint64 nudge, GError **error)
{
  if (sighej_encounters_get (self->encounters, nudge) != NULL)
    return TRUE;

  g_set_error_literal (error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_FOUND, "there is no such nudge");
  return FALSE;
}

gboolean
sighej_meets_not_now (SighejMeets *self, guint64 nudge, GError **error)
{
  if (sighej_meets_get (self, nudge) != NULL)
    {
      g_set_error_literal (
          error, SIGHEJ_ERROR, SIGHEJ_ERROR_FAILED, "it has become a meet; end that instead");
      return FALSE;
    }

  return sighej_encounters_dismiss (self->encounters, nudge, error);
}

/* One whose machine gave no key is blocked as long as both are open, which the backend sees to. */
static gboolean
avoid (SighejMeets *self, const char *nudge_id, SighejAvoidWhy why, GError **error)
{
  g_autoptr (GError) local_error = NULL;

  if (sighej_avoid_set_why (self->avoid, nudge_id, why, &local_error)
      || g_error_matches (local_error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_FOUND))
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

gboolean
sighej_meets_block_nudge (SighejMeets *self, guint64 nudge, GError **error)
{
  SighejEncounter *encounter = sighej_meets_find_number (self, nudge);
  gboolean kept = TRUE;

  if (!check_is_nudge (self, nudge, error))
    return FALSE;
  if (encounter != NULL && encounter->meet != NULL)
    return sighej_meets_block_meet (self, nudge, error);

  if (encounter != NULL)
    {
      kept = avoid (self, encounter->nudge_id, SIGHEJ_AVOID_BLOCKED, error);
      if (encounter->ticket != NULL)
        sighej_farewells_say (
            self->farewells, encounter->nudge_id, SIGHEJ_MEET_BLOCK, encounter->ticket);
      sighej_meets_forget (self, encounter);
    }
  sighej_encounters_dismiss (self->encounters, nudge, NULL);
  return kept;
}

/* ---- of a meet ---- */

void
sighej_meets_propose_spot_async (SighejMeets *self,
                                 guint64 meet,
                                 const char *spot,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  GTask *task = task_new (self, sighej_meets_propose_spot_async, meet, callback, user_data);
  SighejWireMeet message = { .act = SIGHEJ_MEET_SPOT };
  int number = sighej_spot_from_text (spot);

  if (number < 0)
    {
      g_task_return_new_error (task,
                               SIGHEJ_ERROR,
                               SIGHEJ_ERROR_INVALID_REQUEST,
                               "there is no such spot; choose one of the list");
      g_object_unref (task);
      return;
    }
  message.spot = (guint) number;
  act (self, &message, task);
}

void
sighej_meets_here_async (SighejMeets *self,
                         guint64 meet,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  SighejWireMeet message = { .act = SIGHEJ_MEET_HERE };

  act (self, &message, task_new (self, sighej_meets_here_async, meet, callback, user_data));
}

void
sighej_meets_confirm_async (SighejMeets *self,
                            guint64 meet,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  SighejWireMeet message = { .act = SIGHEJ_MEET_CONFIRM };

  act (self, &message, task_new (self, sighej_meets_confirm_async, meet, callback, user_data));
}

/* No counts at once, whether the backend hears it now or later. */
static void
stop_sharing (SighejMeets *self, SighejEncounter *encounter)
{
  encounter->meet->sharing = SIGHEJ_MEET_SHARING_OFF;
  encounter->unshare_due = TRUE;
  sighej_encounter_forget_fixes (encounter);
  sighej_encounter_show_places (encounter, sighej_clock_now_us (self->clock));
  sighej_meets_changed (self, encounter);
  sighej_meets_update_positions (self);
}

static void
on_share_answered (const SighejWireServerMessage *answer, const GError *error, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  SighejMeets *self = g_task_get_source_object (task);
  SighejEncounter *encounter = sighej_meets_find_number (self, number_of (task));

  if (encounter != NULL && error == NULL)
    encounter->unshare_due = FALSE;
  if (error != NULL && !g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_OFFLINE))
    g_task_return_error (task, g_error_copy (error));
  else
    g_task_return_boolean (task, TRUE);
}

void
sighej_meets_share_position_async (SighejMeets *self,
                                   guint64 meet,
                                   gboolean share,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  GTask *task = task_new (self, sighej_meets_share_position_async, meet, callback, user_data);
  SighejEncounter *encounter = sighej_meets_find_meet (self, meet, NULL);
  SighejWireMeet message = { .act = SIGHEJ_MEET_SHARE, .on = share };

  if (share || encounter == NULL)
    {
      if (encounter != NULL)
        encounter->unshare_due = FALSE;
      act (self, &message, task);
      return;
    }

  stop_sharing (self, encounter);
  if (sighej_link_meets_get_online (self->line))
    {
      ask (self, encounter, &message, on_share_answered, task);
      return;
    }
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

gboolean
sighej_meets_end (SighejMeets *self, guint64 meet, GError **error)
{
  SighejEncounter *encounter = sighej_meets_find_meet (self, meet, error);

  if (encounter == NULL)
    return FALSE;

  sighej_meets_end_meet (self, encounter, SIGHEJ_MEET_STATE_ENDED, SIGHEJ_MEET_END);
  return TRUE;
}

gboolean
sighej_meets_block_meet (SighejMeets *self, guint64 meet, GError **error)
{
  SighejEncounter *encounter = sighej_meets_find_meet (self, meet, error);
  gboolean kept;

  if (encounter == NULL)
    return FALSE;

  kept = avoid (self, encounter->nudge_id, SIGHEJ_AVOID_BLOCKED, error);
  sighej_meets_end_meet (self, encounter, SIGHEJ_MEET_STATE_ENDED, SIGHEJ_MEET_BLOCK);
  return kept;
}

gboolean
sighej_meets_avoid_in_future (SighejMeets *self, guint64 meet, gboolean on, GError **error)
{
  SighejAvoidWhy why = on ? SIGHEJ_AVOID_MET : SIGHEJ_AVOID_NOT;
  const char *past = sighej_past_get_nudge_id (self->past, meet);
  SighejEncounter *encounter;

  /* Whoever was blocked stays so. */
  if (past != NULL && sighej_avoid_get_why (self->avoid, past) == SIGHEJ_AVOID_BLOCKED)
    return TRUE;
  if (past != NULL)
    return avoid (self, past, why, error);
  encounter = sighej_meets_find_meet (self, meet, error);
  if (encounter == NULL)
    return FALSE;
  if (!avoid (self, encounter->nudge_id, why, error))
    return FALSE;

  encounter->meet->avoid = on;
  sighej_meets_changed (self, encounter);
  return TRUE;
}

/* ---- the talk ---- */

/* @text is valid UTF-8, as all is that comes by D-Bus. */
static void
reject_text (const char *text, GError **error)
{
  glong n_chars = g_utf8_strlen (text, -1);

  if (n_chars == 0)
    g_set_error_literal (
        error, SIGHEJ_ERROR, SIGHEJ_ERROR_TEXT_REJECTED, "an empty message says nothing");
  else if (n_chars > SIGHEJ_MEET_MESSAGE_CHARS_MAX)
    g_set_error (error,
                 SIGHEJ_ERROR,
                 SIGHEJ_ERROR_TEXT_REJECTED,
                 "the message has %ld characters; say it in several of at most %d",
                 n_chars,
                 SIGHEJ_MEET_MESSAGE_CHARS_MAX);
  else
    g_set_error_literal (error,
                         SIGHEJ_ERROR,
                         SIGHEJ_ERROR_TEXT_REJECTED,
                         "the message has control characters; only line breaks are taken");
}

guint64
sighej_meets_send (SighejMeets *self, guint64 meet, const char *text, GError **error)
{
  SighejEncounter *encounter = sighej_meets_find_meet (self, meet, error);
  const SighejMeetMessage *message = NULL;

  if (encounter == NULL)
    return 0;
  if (!sighej_talk_is_text (text))
    reject_text (text, error);
  else if (encounter->talk == NULL)
    g_set_error_literal (error,
                         SIGHEJ_ERROR,
                         SIGHEJ_ERROR_NOT_PERMITTED,
                         "the other side's key is not known yet, try again in a moment");
  else
    message = sighej_meet_talk_say (encounter->talk, text, error);
  if (message == NULL)
    return 0;

  sighej_meets_changed (self, encounter);
  return encounter->meet->last_n;
}

gboolean
sighej_meets_mark_read (SighejMeets *self, guint64 meet, guint64 n, GError **error)
{
  SighejEncounter *encounter = sighej_meets_find_meet (self, meet, error);
  guint64 letter;

  if (encounter == NULL)
    return FALSE;

  letter = sighej_meet_read (encounter->meet, n);
  if (letter != 0)
    {
      if (encounter->talk != NULL)
        sighej_meet_talk_mark_seen (encounter->talk, letter);
      sighej_meets_changed (self, encounter);
    }
  return TRUE;
}

gboolean
sighej_meets_set_typing (SighejMeets *self, guint64 meet, gboolean typing, GError **error)
{
  SighejEncounter *encounter = sighej_meets_find_meet (self, meet, error);

  if (encounter == NULL)
    return FALSE;
  if (encounter->talk != NULL)
    sighej_meet_talk_set_typing (encounter->talk, typing);
  return TRUE;
}

/* ---- reports ---- */

static const char *
find_text (const SighejMeet *meet, guint64 n)
{
  for (guint i = 0; meet != NULL && i < meet->messages->len; i++)
    {
      const SighejMeetMessage *message = g_ptr_array_index (meet->messages, i);

      if (message->n == n)
        return message->text;
    }
  return NULL;
}

static gboolean
attach (SighejWireReport *report,
        const SighejMeet *meet,
        const guint64 *messages,
        guint n_messages,
        GError **error)
{
  report->attached = g_new0 (char *, MIN (n_messages, SIGHEJ_MEETS_REPORT_MESSAGES_MAX) + 1);
  for (guint i = 0; i < n_messages; i++)
    {
      const char *text = find_text (meet, messages[i]);

      if (i == SIGHEJ_MEETS_REPORT_MESSAGES_MAX || text == NULL)
        {
          g_set_error (error,
                       SIGHEJ_ERROR,
                       text == NULL ? SIGHEJ_ERROR_NOT_FOUND : SIGHEJ_ERROR_INVALID_REQUEST,
                       text == NULL
                           ? "there is no such message; 'sighejctl messages' shows the numbers"
                           : "at most %d messages can be attached",
                       SIGHEJ_MEETS_REPORT_MESSAGES_MAX);
          return FALSE;
        }
      report->attached[i] = g_strdup (text);
    }
  return TRUE;
}

/* (transfer full) (nullable): NULL with @error. @past: (nullable): ticket of a meet that is over,
 * of which there is nothing but that */
static SighejWireReport *
make_report (const SighejEncounter *encounter,
             const char *past,
             const char *reason,
             const char *text,
             const guint64 *messages,
             guint n_messages,
             GError **error)
{
  g_autoptr (SighejWireReport) report = g_new0 (SighejWireReport, 1);
  const char *ticket = encounter != NULL ? encounter->ticket : past;
  int value;

  if (encounter == NULL && past == NULL)
    g_set_error_literal (error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_FOUND, "there is nobody to report");
  else if (ticket == NULL)
    g_set_error_literal (
        error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_SUPPORTED, "this backend takes no reports");
  else if (!sighej_enum_from_nick (SIGHEJ_TYPE_REPORT_REASON, reason, &value))
    g_set_error_literal (
        error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_REQUEST, "there is no such reason");
  else if (text != NULL && *text != '\0' && !sighej_talk_is_text (text))
    g_set_error (error,
                 SIGHEJ_ERROR,
                 SIGHEJ_ERROR_TEXT_REJECTED,
                 "a report has at most %d characters and no control characters but line breaks",
                 SIGHEJ_REPORT_TEXT_CHARS_MAX);
  else if (attach (report, encounter != NULL ? encounter->meet : NULL, messages, n_messages, error))
    {
      report->ticket = g_strdup (ticket);
      report->reason = (SighejReportReason) value;
      report->text = text != NULL && *text != '\0' ? g_strdup (text) : NULL;
      return g_steal_pointer (&report);
    }
  return NULL;
}

static void
reported (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (sighej_complaints_send_finish (SIGHEJ_COMPLAINTS (source), result, &error))
    g_task_return_pointer (task, g_strdup (""), g_free);
  else
    g_task_return_error (task, error);
}

/* @json: (transfer full): wiped when it is not needed any more */
static void
complain (SighejMeets *self,
          const char *path,
          char *json,
          GAsyncReadyCallback callback,
          gpointer user_data)
{
  g_autoptr (GBytes) body = g_bytes_new_with_free_func (
      json, strlen (json), (GDestroyNotify) sighej_wipe_free_string, json);

  sighej_complaints_send_async (self->complaints, path, body, callback, user_data);
}

void
sighej_meets_report_async (SighejMeets *self,
                           guint64 nudge,
                           guint64 meet,
                           const char *reason,
                           const char *text,
                           const guint64 *messages,
                           guint n_messages,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  guint64 number = nudge != 0 ? nudge : meet;
  g_autoptr (GTask) task = task_new (self, sighej_meets_report_async, number, callback, user_data);
  g_autoptr (SighejWireReport) report = NULL;
  GError *error = NULL;

  report = make_report (sighej_meets_find_number (self, number),
                        sighej_past_get_ticket (self->past, number),
                        reason,
                        text,
                        messages,
                        n_messages,
                        &error);
  if (report == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  complain (
      self, REPORTS_PATH, sighej_wire_report_write (report), reported, g_steal_pointer (&task));
}

char *
sighej_meets_report_finish (SighejMeets *self, GAsyncResult *result, GError **error)
{
  g_assert (g_task_is_valid (result, self));

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* ---- appeals ---- */

static void
appealed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (sighej_complaints_send_finish (SIGHEJ_COMPLAINTS (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
sighej_meets_appeal_async (SighejMeets *self,
                           const char *text,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, sighej_meets_appeal_async);
  if (sighej_talk_is_text (text))
    complain (
        self, APPEALS_PATH, sighej_wire_appeal_write (text), appealed, g_steal_pointer (&task));
  else
    g_task_return_new_error (
        task,
        SIGHEJ_ERROR,
        SIGHEJ_ERROR_TEXT_REJECTED,
        "an appeal has 1 to %d characters and no control characters but line breaks",
        SIGHEJ_REPORT_TEXT_CHARS_MAX);
}

gboolean
sighej_meets_appeal_finish (SighejMeets *self, GAsyncResult *result, GError **error)
{
  g_assert (g_task_is_valid (result, self));

  return g_task_propagate_boolean (G_TASK (result), error);
}
