/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-meet"

#include "config.h"

#include "sighej-meeting-edit.h"

#include <string.h>

#include "sighej-amend.h"
#include "sighej-code.h"
#include "sighej-cue.h"
#include "sighej-error.h"
#include "sighej-handle.h"
#include "sighej-metrics.h"

#define NO_CUE (-1)

typedef struct
{
  SighejStore *store;
  SighejVault *vault;
  char nudge_id[SIGHEJ_NUDGE_ID_CHARS + 1];
  gboolean begins;
  gboolean mends;
  guint8 openings[SIGHEJ_MEETING_SIDES][SIGHEJ_MEETING_OPENING_BYTES];
  SighejMeetingEditor editor;
  SighejStoreDone done;
  gpointer user_data;

  int drawn_cue; /* reserved for this encounter by this edit, or NO_CUE */

  /* of the last try */
  gboolean lacks_cue;
  gboolean agreed;
  gboolean met;
  int cue;      /* of the meet that was found, or NO_CUE */
  int lost_cue; /* of a meet that is over now, or NO_CUE */
  gboolean came_of_code;
  gboolean lost_code; /* the meet that came of it is over now */
  guint8 code_opening[SIGHEJ_MEETING_OPENING_BYTES];
  guint8 code_commit[SIGHEJ_COMMIT_BYTES];
  char sessions[SIGHEJ_MEETING_SIDES][SIGHEJ_UUID_CHARS + 1];
} Edit;

static void begin (Edit *self);

static void
edit_free (Edit *self)
{
  g_object_unref (self->store);
  g_object_unref (self->vault);
  sighej_wipe (self, sizeof *self);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Edit, edit_free)

/* ---- one try ---- */

/* Side 0 begins it or side 1: the same. */
static SighejMeeting *
open_meeting (Edit *self, const SighejAmendment *amendment, GError **error)
{
  g_autoptr (SighejMeeting) meeting = NULL;
  gboolean is_whole;

  if (amendment->plain == NULL)
    return self->begins ? sighej_meeting_new (self->openings[0], self->openings[1]) : NULL;
  meeting = sighej_meeting_read (amendment->plain);
  is_whole = meeting != NULL;
  for (guint side = 0; is_whole && side < SIGHEJ_MEETING_SIDES; side++)
    if (amendment->plain_fleeting[side] != NULL)
      is_whole = sighej_meeting_read_fix (meeting, side, amendment->plain_fleeting[side]);
  if (is_whole)
    return g_steal_pointer (&meeting);
  g_set_error_literal (
      error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE, "the record of the meet is broken");
  return NULL;
}

/* Each side's last position fleets. */
static void
write_meeting (const SighejMeeting *meeting, SighejAmendment *amendment)
{
  G_STATIC_ASSERT (SIGHEJ_MEETING_SIDES <= SIGHEJ_STORE_FLEETING_PARTS);

  amendment->value = sighej_meeting_write (meeting);
  for (guint side = 0; side < SIGHEJ_MEETING_SIDES; side++)
    {
      SighejStoreFleeting *part = &amendment->fleeting[side];

      part->value = sighej_meeting_write_fix (meeting, side, &part->until_ms);
    }
}

static void
note_sessions (Edit *self, SighejMeeting *meeting)
{
  for (guint side = 0; side < SIGHEJ_MEETING_SIDES; side++)
    {
      const char *session_id = sighej_meeting_get_session (meeting, side);

      if (session_id != NULL)
        g_strlcpy (self->sessions[side], session_id, sizeof self->sessions[side]);
    }
}

/* Who commits made a code. */
static void
note_code (Edit *self, const SighejMeeting *meeting)
{
  for (guint side = 0; side < SIGHEJ_MEETING_SIDES; side++)
    {
      const guint8 *commit = sighej_meeting_get_commit (meeting, side);

      if (commit == NULL)
        continue;
      self->came_of_code = TRUE;
      memcpy (self->code_opening,
              sighej_meeting_get_opening (meeting, side),
              sizeof self->code_opening);
      memcpy (self->code_commit, commit, sizeof self->code_commit);
    }
}

static int
get_cue (SighejMeeting *meeting, gint64 now_ms, gboolean *met)
{
  SighejWireMeetState view;

  *met = FALSE;
  if (!sighej_meeting_describe (meeting, 0, now_ms, &view))
    return NO_CUE;
  *met = view.state == SIGHEJ_MEET_STATE_MET;
  return (int) view.cue;
}

static void
draw_words (Edit *self, SighejMeeting *meeting)
{
  guint one = sighej_cue_random (SIGHEJ_HANDLES);
  guint other = (one + 1 + sighej_cue_random (SIGHEJ_HANDLES - 1)) % SIGHEJ_HANDLES;

  sighej_meeting_set_words (meeting, one, other, (guint) self->drawn_cue);
}

static void
wake (Edit *self, const gboolean wakes[], SighejAmendment *amendment)
{
  guint n = 0;

  for (guint side = 0; side < SIGHEJ_MEETING_SIDES; side++)
    if (wakes[side] && self->sessions[side][0] != '\0')
      amendment->wake[n++] = self->sessions[side];
}

static void
forget_try (Edit *self)
{
  self->lacks_cue = self->agreed = self->met = FALSE;
  self->came_of_code = self->lost_code = FALSE;
  self->cue = self->lost_cue = NO_CUE;
  memset (self->sessions, 0, sizeof self->sessions);
}

static SighejAmendVerdict
write_outcome (Edit *self,
               SighejAmendment *amendment,
               SighejMeeting *meeting,
               const SighejMeetingChange *change)
{
  if (change->needs_cue && self->drawn_cue == NO_CUE)
    {
      self->lacks_cue = TRUE;
      return SIGHEJ_AMEND_KEEP;
    }
  if (change->needs_cue)
    draw_words (self, meeting);
  self->agreed = change->needs_cue;
  /* Of a wave that nobody answered nothing is to be seen, not even a socket that looks. */
  if (change->over || self->met || sighej_meeting_is_agreed (meeting, amendment->now_ms))
    wake (self, change->wakes, amendment);
  if (!change->over)
    write_meeting (meeting, amendment);
  amendment->lifetime_ms = change->lifetime_ms;
  return SIGHEJ_AMEND_WRITE;
}

static SighejAmendVerdict
step (SighejAmendment *amendment, gpointer user_data, GError **error)
{
  Edit *self = user_data;
  g_autoptr (SighejMeeting) meeting = open_meeting (self, amendment, error);
  SighejMeetingChange change = { 0 };
  gboolean had_met = FALSE;

  forget_try (self);
  if (meeting == NULL && amendment->plain != NULL)
    return SIGHEJ_AMEND_FAIL;
  if (meeting != NULL)
    {
      note_sessions (self, meeting);
      note_code (self, meeting);
      self->cue = get_cue (meeting, amendment->now_ms, &had_met);
    }
  else if (self->mends) /* whoever ended it may not have lived, or had Redis, to let it go */
    self->lost_cue = (int) sighej_cue_get_first (self->vault, self->nudge_id);
  if (!self->editor (meeting, amendment->now_ms, &change, self->user_data, error))
    return SIGHEJ_AMEND_FAIL;
  if (meeting == NULL || (!change.changed && !change.over))
    return SIGHEJ_AMEND_KEEP;

  note_sessions (self, meeting);
  get_cue (meeting, amendment->now_ms, &self->met);
  self->met = self->met && !had_met;
  if (change.over || self->met)
    {
      self->lost_cue = self->cue;
      self->lost_code = self->came_of_code;
    }
  return write_outcome (self, amendment, meeting, &change);
}

/* ---- what follows ---- */

static void
count (Edit *self)
{
  if (self->agreed)
    sighej_metrics_add (SIGHEJ_METRIC_MEETS, 0, 1);
  if (self->met)
    sighej_metrics_add (SIGHEJ_METRIC_MET, 0, 1);
}

static void
release (Edit *self, int cue)
{
  if (cue != NO_CUE)
    sighej_cue_release (self->store, self->vault, self->nudge_id, (guint) cue);
}

static void
finish (Edit *edit, const GError *error)
{
  g_autoptr (Edit) self = edit;

  if (error == NULL)
    count (self);
  /* Else nobody knows what was written: who tries again draws the same, or it lapses. */
  if (!g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE))
    {
      if (!self->agreed && self->drawn_cue != self->cue)
        release (self, self->drawn_cue);
      release (self, self->lost_cue);
      if (self->lost_code)
        sighej_code_forget (self->store, self->vault, self->code_opening, self->code_commit);
    }
  self->done (error, self->user_data);
}

static void
on_drawn (guint cue, const GError *error, gpointer user_data)
{
  Edit *self = user_data;

  if (error != NULL)
    {
      finish (self, error);
      return;
    }
  self->drawn_cue = (int) cue;
  begin (self);
}

static void
on_amended (const GError *error, gpointer user_data)
{
  Edit *self = user_data;

  if (error == NULL && self->lacks_cue)
    sighej_cue_draw (
        self->store, self->vault, self->nudge_id, SIGHEJ_MEETING_MEET_MS, on_drawn, self);
  else
    finish (self, error);
}

static void
begin (Edit *self)
{
  char key[SIGHEJ_STORE_RECORD_KEY_CHARS_MAX + 1];

  g_snprintf (key, sizeof key, "meet:%s", self->nudge_id);
  sighej_amend (self->store, self->vault, key, step, on_amended, self);
}

void
sighej_meeting_change_add (SighejMeetingChange *self,
                           guint side,
                           const SighejMeetingOutcome *outcome)
{
  self->changed |= outcome->changed;
  self->over |= outcome->over;
  self->needs_cue |= outcome->needs_cue;
  self->wakes[side] |= outcome->wake_own;
  self->wakes[!side] |= outcome->wake_peer;
  self->lifetime_ms = outcome->lifetime_ms;
}

void
sighej_meeting_edit (const SighejMeetingEdit *edit,
                     SighejMeetingEditor editor,
                     SighejStoreDone done,
                     gpointer user_data)
{
  Edit *self = g_new0 (Edit, 1);

  self->store = g_object_ref (edit->store);
  self->vault = g_object_ref (edit->vault);
  g_strlcpy (self->nudge_id, edit->nudge_id, sizeof self->nudge_id);
  self->begins = edit->openings != NULL;
  self->mends = edit->mends;
  if (self->begins)
    memcpy (self->openings, edit->openings, sizeof self->openings);
  self->editor = editor;
  self->done = done;
  self->user_data = user_data;
  self->drawn_cue = NO_CUE;
  begin (self);
}
