/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-meeting-facts.h"

G_BEGIN_DECLS

/*
 * What each side is shown of the facts. Pure; times are milliseconds since the first wave, see
 * sighej_meeting_to_own_ms().
 */

/* Whether a side said yes to precise position and still means it: who has been away long has to say
 * yes again. */
gboolean sighej_meeting_still_shares (const SighejMeetingSide *side, guint32 now_ms);
gboolean sighej_meeting_are_sharing (const SighejMeeting *self, guint32 now_ms);

/* As sighej_meeting_describe(), whatever the phase, and with the time the position was taken. */
void sighej_meeting_view (const SighejMeeting *self,
                          guint side,
                          guint32 now_ms,
                          SighejWireMeetState *out);

/* Whether a person is shown the same; time and what the own side said go on without a word. */
gboolean sighej_meeting_looks_same (const SighejWireMeetState *a, const SighejWireMeetState *b);

G_END_DECLS
