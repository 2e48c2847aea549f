/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-meeting.h"

G_BEGIN_DECLS

/*
 * One encounter as a store keeps it: bytes with a lifetime, read before and written after each act,
 * by whoever serves it. What was refused or changed nothing is not written, and must not have
 * to be.
 */

#define MEETING_START_MS G_GINT64_CONSTANT (1795226400000)
#define MEETING_DONE (-1) /* not refused */

typedef struct
{
  GBytes *record;                      /* (nullable): there is none */
  gint64 gone_ms;                      /* when its lifetime is over */
  GBytes *fixes[SIGHEJ_MEETING_SIDES]; /* each (nullable): beside the record */
  gint64 fixes_gone_ms[SIGHEJ_MEETING_SIDES];
  gint64 now_ms;
  const char *sessions[SIGHEJ_MEETING_SIDES];
  SighejMeetingOutcome outcome; /* of the last act */
  guint retry_s;                /* of the last act, when it was rate limited */
} Encounter;

void encounter_init (Encounter *self);
void encounter_clear (Encounter *self);

/* Returns: MEETING_DONE, or the code it was refused with */
int encounter_act (Encounter *self, guint side, const SighejWireMeet *act);
#define ACT(self, side, ...) encounter_act (self, side, &(SighejWireMeet){ .act = __VA_ARGS__ })

/* A wave with the key of that side. */
int encounter_wave (Encounter *self, guint side);
/* Both wave; the words drawn are 10 and 20, and 30 for both. */
void encounter_agree (Encounter *self);
int encounter_say (Encounter *self, guint side, guint64 n, SighejTalkKind kind, const char *body);
int encounter_show (Encounter *self, guint side, double latitude, double longitude);

/* (nullable) (transfer full): when it is there and not too old */
SighejMeeting *encounter_read (const Encounter *self);
gboolean encounter_describe (const Encounter *self, guint side, SighejWireMeetState *out);
/* What a side is shown; something is. */
SighejWireMeetState encounter_look (const Encounter *self, guint side);
gboolean encounter_sweep (Encounter *self);
/* Both say yes to precise position. */
void encounter_share (Encounter *self);
/* Whether these bytes are anywhere in the record, or in what is kept beside it now. */
gboolean encounter_holds_in_record (const Encounter *self, const void *bytes, gsize n_bytes);
gboolean encounter_holds (const Encounter *self, const void *bytes, gsize n_bytes);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Encounter, encounter_clear)

/* A fresh encounter that is cleared at the end of the scope. */
#define ENCOUNTER(name)                                                                            \
  g_auto (Encounter) name;                                                                         \
  encounter_init (&name)

#define assert_done(code) g_assert_cmpint (code, ==, MEETING_DONE)
#define assert_refused(code, error) g_assert_cmpint (code, ==, SIGHEJ_ERROR_##error)
#define assert_wakes(self, own, peer)                                                              \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_assert_cmpint ((self)->outcome.wake_own, ==, own);                                           \
    g_assert_cmpint ((self)->outcome.wake_peer, ==, peer);                                         \
  }                                                                                                \
  G_STMT_END

G_END_DECLS
