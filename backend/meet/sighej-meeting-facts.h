/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-meeting.h"
#include "sighej-wire.h"

G_BEGIN_DECLS

/*
 * The facts of a meeting: what its record holds. The machine (sighej-meeting.c) changes them, the
 * views (sighej-meeting-view.h) show them, the codec writes them down; for those three alone.
 * Times are milliseconds since the first wave, or SIGHEJ_MEETING_NEVER.
 */

#define SIGHEJ_MEETING_NEVER G_MAXUINT32
/* The last moment anything can happen in a meeting. */
#define SIGHEJ_MEETING_LAST_MS (SIGHEJ_MEETING_WAVE_MS + SIGHEJ_MEETING_MEET_MS)

typedef enum
{
  SIGHEJ_MEETING_WAVED,  /* one side waved, or none yet */
  SIGHEJ_MEETING_AGREED, /* both did */
  SIGHEJ_MEETING_MET,    /* the stub: openings and versions, all else is zero */
} SighejMeetingPhase;

typedef struct
{
  guint8 opening[SIGHEJ_MEETING_OPENING_BYTES];
  gboolean waved;
  char session[SIGHEJ_UUID_CHARS + 1]; /* that last spoke; "": none */
  gboolean has_key, has_commit, has_nonce;
  guint8 key[SIGHEJ_PEER_KEY_BYTES];
  guint8 commit[SIGHEJ_COMMIT_BYTES];
  guint8 nonce[SIGHEJ_PHRASE_NONCE_BYTES];
  guint32 away_ms; /* since when its socket is gone; NEVER: it is there */
  guint32 version; /* of what this side sees; 0 until both waved */
  guint32 here_ms, closest_ms;
  gboolean confirmed;
  gboolean shares;
  gboolean has_fix;   /* one was shown; only while both share */
  gboolean knows_fix; /* and what it was: no byte of the record has that */
  SighejPosition fix;
  gint64 fix_until_ms;     /* then the store lets it go: its own clock, since 1970 */
  guint32 fix_ms;          /* when a fix last came; stays when the fix is wiped */
  SighejMailbox from_here; /* what this side says */
} SighejMeetingSide;

struct _SighejMeeting
{
  SighejMeetingPhase phase;
  gint64 start_ms;   /* of the first wave, since 1970 */
  guint32 newest_ms; /* of the last change */
  guint32 agreed_ms; /* in MET: when they met */
  gboolean here;     /* the state was reached; it stays */
  int spot;          /* -1: none */
  guint handles[SIGHEJ_MEETING_SIDES];
  guint cue;
  SighejMeetingSide sides[SIGHEJ_MEETING_SIDES];
};

/* Back to a meeting in which nobody waved; the openings stay. */
void sighej_meeting_reset (SighejMeeting *self);
/* The same for one side, and for what belongs to neither. */
void sighej_meeting_reset_side (SighejMeetingSide *side);
void sighej_meeting_reset_facts (SighejMeeting *self);

/* Milliseconds since the first wave, and never before the last change. @now_ms: since 1970 */
guint32 sighej_meeting_to_own_ms (const SighejMeeting *self, gint64 now_ms);
/* When its phase is over, in the same. */
guint32 sighej_meeting_get_end_ms (const SighejMeeting *self);
/* Whether anybody has waved. */
gboolean sighej_meeting_has_begun (const SighejMeeting *self);
/* @now_ms: since 1970 */
gboolean sighej_meeting_is_over (const SighejMeeting *self, gint64 now_ms);

G_END_DECLS
