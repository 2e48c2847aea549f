/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "fuzz.h"
#include "sighej-meeting.h"

#define SESSION "00000000-5e1f-4000-8000-000000000000"
#define NOW_MS G_GINT64_CONSTANT (1795226400000)

static void
read_talk (const SighejMeeting *meeting, guint side)
{
  guint n_letters = sighej_meeting_n_talk_after (meeting, side, 0);

  for (guint i = 0; i < n_letters; i++)
    {
      SighejWireTalk letter;

      sighej_meeting_get_talk (meeting, side, 0, i, &letter);
      g_assert_cmpuint (g_bytes_get_size (letter.body), >, 0);
      g_bytes_unref (letter.body);
    }
}

/* Each act on what was read: done or refused, and what comes out can be read again. */
static void
act_once (GBytes *record, SighejMeetAct kind, gint64 now_ms)
{
  g_autoptr (SighejMeeting) meeting = sighej_meeting_read (record);
  g_autoptr (SighejMeeting) again = NULL;
  g_autoptr (GBytes) body = g_bytes_new_static ("x", 1);
  g_autoptr (GBytes) written = NULL;
  SighejMeetingOutcome outcome;
  SighejWireMeet act = { .act = kind, .number = 1, .on = TRUE, .has_public_key = TRUE };

  act.body = body;
  act.position = (SighejPosition){ 55, 12, 10, now_ms * 1000 };
  if (!sighej_meeting_act (meeting, 0, &act, SESSION, now_ms, &outcome, NULL) || outcome.over)
    return;
  if (!outcome.changed)
    return;
  written = sighej_meeting_write (meeting);
  again = sighej_meeting_read (written);
  g_assert_nonnull (again);
}

/* What is read as a record is written as it was, and bears every act. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  static const gint64 times_ms[] = { 0, NOW_MS, NOW_MS + 60000, 2 * NOW_MS };
  g_autoptr (GBytes) record = g_bytes_new (data, n_bytes);
  g_autoptr (SighejMeeting) meeting = sighej_meeting_read (record);
  g_autoptr (GBytes) again = NULL;
  SighejWireMeetState state;

  if (meeting == NULL)
    return 0;
  again = sighej_meeting_write (meeting);
  g_assert_true (g_bytes_equal (again, record));
  for (guint i = 0; i < G_N_ELEMENTS (times_ms); i++)
    {
      for (guint side = 0; side < SIGHEJ_MEETING_SIDES; side++)
        sighej_meeting_describe (meeting, side, times_ms[i], &state);
      for (int kind = SIGHEJ_MEET_WAVE; kind <= SIGHEJ_MEET_AWAY; kind++)
        act_once (record, (SighejMeetAct) kind, times_ms[i]);
    }
  for (guint side = 0; side < SIGHEJ_MEETING_SIDES; side++)
    read_talk (meeting, side);
  return 0;
}
