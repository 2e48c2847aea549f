/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "meeting-fixture.h"

#include <string.h>

#include "sighej-error.h"

static const guint8 openings[SIGHEJ_MEETING_SIDES][SIGHEJ_MEETING_OPENING_BYTES] = { "a", "b" };

void
encounter_init (Encounter *self)
{
  *self = (Encounter){ .now_ms = MEETING_START_MS, .sessions = { "session-a", "session-b" } };
}

void
encounter_clear (Encounter *self)
{
  g_clear_pointer (&self->record, g_bytes_unref);
  for (guint side = 0; side < SIGHEJ_MEETING_SIDES; side++)
    g_clear_pointer (&self->fixes[side], g_bytes_unref);
}

static gboolean
has_fix (const Encounter *self, guint side)
{
  return self->fixes[side] != NULL && self->now_ms < self->fixes_gone_ms[side];
}

SighejMeeting *
encounter_read (const Encounter *self)
{
  SighejMeeting *meeting;

  if (self->record == NULL || self->now_ms >= self->gone_ms)
    return NULL;
  meeting = sighej_meeting_read (self->record);
  g_assert_nonnull (meeting);
  for (guint side = 0; side < SIGHEJ_MEETING_SIDES; side++)
    if (has_fix (self, side))
      g_assert_true (sighej_meeting_read_fix (meeting, side, self->fixes[side]));
  return meeting;
}

static void
write_fixes (Encounter *self, const SighejMeeting *meeting)
{
  for (guint side = 0; side < SIGHEJ_MEETING_SIDES; side++)
    {
      self->fixes[side] = sighej_meeting_write_fix (meeting, side, &self->fixes_gone_ms[side]);
    }
}

static void
store (Encounter *self, SighejMeeting *meeting)
{
  if (self->outcome.over)
    {
      encounter_clear (self);
      return;
    }
  if (self->outcome.needs_cue)
    sighej_meeting_set_words (meeting, 10, 20, 30);
  if (self->outcome.changed)
    {
      encounter_clear (self);
      self->record = sighej_meeting_write (meeting);
      write_fixes (self, meeting);
      g_assert_cmpuint (self->outcome.lifetime_ms, >, 0);
      self->gone_ms = self->now_ms + self->outcome.lifetime_ms;
    }
  else
    {
      g_autoptr (GBytes) same = sighej_meeting_write (meeting);

      g_assert_true (g_bytes_equal (same, self->record));
    }
}

static int
code_of (Encounter *self, const GError *error)
{
  const char *digits = strpbrk (error->message, "0123456789");

  g_assert_true (error->domain == SIGHEJ_ERROR);
  self->retry_s = 0;
  if (error->code == SIGHEJ_ERROR_RATE_LIMITED)
    self->retry_s = (guint) g_ascii_strtoull (digits, NULL, 10);
  return error->code;
}

int
encounter_act (Encounter *self, guint side, const SighejWireMeet *act)
{
  g_autoptr (SighejMeeting) meeting = encounter_read (self);
  g_autoptr (GError) error = NULL;

  self->outcome = (SighejMeetingOutcome){ 0 };
  if (meeting == NULL)
    encounter_clear (self);
  if (meeting == NULL && act->act != SIGHEJ_MEET_WAVE)
    return sighej_meeting_act_without_record (act->act, &error) ? MEETING_DONE
                                                                : code_of (self, error);
  if (meeting == NULL)
    meeting = sighej_meeting_new (openings[1], openings[0]);
  if (!sighej_meeting_act (
          meeting, side, act, self->sessions[side], self->now_ms, &self->outcome, &error))
    {
      g_assert_false (self->outcome.changed || self->outcome.over);
      g_assert_false (self->outcome.wake_own || self->outcome.wake_peer);
      return code_of (self, error);
    }
  g_assert_no_error (error);
  store (self, meeting);
  return MEETING_DONE;
}

int
encounter_wave (Encounter *self, guint side)
{
  SighejWireMeet act = { .act = SIGHEJ_MEET_WAVE, .has_public_key = TRUE };

  memset (act.public_key, (int) side + 1, sizeof act.public_key);
  return encounter_act (self, side, &act);
}

void
encounter_agree (Encounter *self)
{
  g_assert_cmpint (encounter_wave (self, 0), ==, MEETING_DONE);
  g_assert_cmpint (encounter_wave (self, 1), ==, MEETING_DONE);
  g_assert_true (self->outcome.needs_cue);
}

int
encounter_say (Encounter *self, guint side, guint64 n, SighejTalkKind kind, const char *body)
{
  g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));

  return ACT (self, side, SIGHEJ_MEET_SAY, .number = n, .kind = kind, .body = bytes);
}

int
encounter_show (Encounter *self, guint side, double latitude, double longitude)
{
  return ACT (self,
              side,
              SIGHEJ_MEET_POSITION,
              .position = { latitude, longitude, 10, self->now_ms * 1000 });
}

gboolean
encounter_describe (const Encounter *self, guint side, SighejWireMeetState *out)
{
  g_autoptr (SighejMeeting) meeting = encounter_read (self);

  return meeting != NULL && sighej_meeting_describe (meeting, side, self->now_ms, out);
}

SighejWireMeetState
encounter_look (const Encounter *self, guint side)
{
  SighejWireMeetState state;

  g_assert_true (encounter_describe (self, side, &state));
  return state;
}

gboolean
encounter_sweep (Encounter *self)
{
  g_autoptr (SighejMeeting) meeting = encounter_read (self);

  g_assert_nonnull (meeting);
  if (!sighej_meeting_sweep (meeting, self->now_ms, &self->outcome))
    return FALSE;
  store (self, meeting);
  return TRUE;
}

void
encounter_share (Encounter *self)
{
  for (guint side = 0; side < SIGHEJ_MEETING_SIDES; side++)
    assert_done (ACT (self, side, SIGHEJ_MEET_SHARE, .on = TRUE));
}

static gboolean
holds (GBytes *data, const void *bytes, gsize n_bytes)
{
  gsize n_data;
  const void *start = g_bytes_get_data (data, &n_data);

  return memmem (start, n_data, bytes, n_bytes) != NULL;
}

gboolean
encounter_holds_in_record (const Encounter *self, const void *bytes, gsize n_bytes)
{
  return holds (self->record, bytes, n_bytes);
}

gboolean
encounter_holds (const Encounter *self, const void *bytes, gsize n_bytes)
{
  for (guint side = 0; side < SIGHEJ_MEETING_SIDES; side++)
    if (has_fix (self, side) && holds (self->fixes[side], bytes, n_bytes))
      return TRUE;
  return encounter_holds_in_record (self, bytes, n_bytes);
}
