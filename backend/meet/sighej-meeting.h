/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-mailbox.h"
#include "sighej-wire-meet.h"

G_BEGIN_DECLS

/**
 * SighejMeeting:
 *
 * The whole life of one encounter, what two openings that were nudged share, as a pure state
 * machine: no clock, no store, no I/O. Who serves an act reads the record, lets the machine act,
 * and swaps the record; a conflict begins again. So no rule of a meet stands anywhere else, and
 * two waves that cross on two instances make one meet.
 *
 *                    wave                 wave of the other
 *    (no record) ───────────▸ waved ─────────────────────────▸ agreed
 *         ▴                     │ withdraw, block                │ a spot is named, one is here
 *         │                     │ 10 min after that wave         ▾
 *         ├─────────────────────┘                             finding ◂─╴ here, too late
 *         │                                                      │ here of both within 60 s,
 *         │                                                      │ closest of both within 12 s
 *         │    end, withdraw, block of either                    ▾
 *         ├────────── from agreed, finding and here ──────────  here
 *         │           20 min after they agreed, never later      │
 *         │                                                      │ confirm of both (also from
 *         │  1.5 s                                               ▾ agreed and finding)
 *         └───────────────────────────────────────────────────  met: a stub, all else is wiped
 *
 * An act of a side that has not waved is judged as if there were no record, so nothing that side
 * does or is told depends on a wave of the other. What one side alone did (a wave, a confirm, a yes
 * to precise position, being closest) is in no description of the other, wakes nobody, and does
 * not move the version the other sees.
 *
 * Times are the store's clock. A clock that steps back stands still here until it has caught up, so
 * no interval ever becomes shorter than it was.
 *
 * At the end the record is deleted whole, both mailboxes and both positions with it; the memory
 * of a meeting is wiped when it is freed. Positions are no part of the record's value: the last one
 * of each side is kept beside it, in a part that is gone by itself when it is too old.
 */

#define SIGHEJ_MEETING_OPENING_BYTES 16
#define SIGHEJ_MEETING_SIDES 2
#define SIGHEJ_MEETING_WAVE_MS                                                                     \
  (10 * 60 * 1000) /* a wave without an answer, from the first one on */
#define SIGHEJ_MEETING_MEET_MS (20 * 60 * 1000) /* from the second wave on */
#define SIGHEJ_MEETING_MET_MS 1500              /* the stub that tells both that they met */
#define SIGHEJ_MEETING_HERE_MS (60 * 1000)      /* between the two, this still counts */
#define SIGHEJ_MEETING_CLOSEST_MS (12 * 1000)   /* likewise */
#define SIGHEJ_MEETING_FIX_MS (120 * 1000)      /* a position of this age is still shown */
#define SIGHEJ_MEETING_AWAY_MS (120 * 1000)     /* away as long as this ends the sharing */
#define SIGHEJ_MEETING_FIX_EVERY_MS (3 * 1000)  /* between two of one side */
#define SIGHEJ_MEETING_FIXES_PER_MINUTE 60      /* T-18: implied by the line above */
#define SIGHEJ_MEETING_FIXES_MAX 2000           /* in one meet: likewise */

typedef struct _SighejMeeting SighejMeeting;

/**
 * SighejMeetingOutcome:
 * @changed: write the record anew
 * @over: delete it instead
 * @wake_own: the socket of the side that acted has something to read; set also without @changed
 *   after a resume
 * @wake_peer: likewise the other's: sighej_meeting_get_session()
 * @needs_cue: both have agreed just now: call sighej_meeting_set_words() before writing
 * @lifetime_ms: of the record from now on, unless it is over
 */
typedef struct
{
  gboolean changed;
  gboolean over;
  gboolean wake_own;
  gboolean wake_peer;
  gboolean needs_cue;
  guint lifetime_ms;
} SighejMeetingOutcome;

/* Nobody has waved yet. Side 0 is the one with the smaller tag; the two differ. */
SighejMeeting *sighej_meeting_new (const guint8 opening_a[SIGHEJ_MEETING_OPENING_BYTES],
                                   const guint8 opening_b[SIGHEJ_MEETING_OPENING_BYTES]);
void sighej_meeting_free (SighejMeeting *self); /* wipes; NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejMeeting, sighej_meeting_free)

/*
 * The record's value before it is sealed. A meeting in which nobody waved has none. The bytes are
 * wiped when the last reference goes. Reading is strict: NULL for all that writing would not give.
 */
GBytes *sighej_meeting_write (const SighejMeeting *self);
SighejMeeting *sighej_meeting_read (GBytes *plain);

/**
 * sighej_meeting_write_fix:
 * @until_ms: (out): on the store's clock: when it is too old; writing it again does not move that,
 *   nor does a clock that stands still here
 *
 * The last position of a side, to be kept beside the record until then and no longer.
 *
 * Returns: (nullable): NULL: there is none
 */
GBytes *sighej_meeting_write_fix (const SighejMeeting *self, guint side, gint64 *until_ms);
/*
 * Gives a meeting that was read what was kept beside it; without, that side's position is gone.
 * Returns: FALSE for all that writing would not give with this record
 */
gboolean sighej_meeting_read_fix (SighejMeeting *self, guint side, GBytes *plain);

/* Returns: 0 or 1; -1 when the opening is of neither */
int sighej_meeting_side_of (const SighejMeeting *self,
                            const guint8 opening[SIGHEJ_MEETING_OPENING_BYTES]);

/**
 * sighej_meeting_act:
 * @side: who acts, 0 or 1
 * @act: its form is as the wire's reader leaves it; ticket and ids are not looked at. A wave
 *   has a key, or the commit of the creator of a pairing code; the joiner's has a nonce too
 * @session_id: of the socket it came by: it speaks for its side from a wave, resume or there on;
 *   away counts only from the one that does
 * @now_ms: the store's clock as read with the record, since 1970
 * @outcome: (out): zero when the act is refused; the meeting is not to be written then
 *
 * One act of one side. Errors: %SIGHEJ_ERROR_NOT_FOUND (no wave of this side, not agreed, over: all
 * alike), %SIGHEJ_ERROR_RATE_LIMITED (the text ends in the seconds to wait),
 * %SIGHEJ_ERROR_CONFLICT (a gap before n; another key than before),
 * %SIGHEJ_ERROR_NOT_PERMITTED (a position when not both share) and
 * %SIGHEJ_ERROR_INVALID_REQUEST naming the member.
 */
gboolean sighej_meeting_act (SighejMeeting *self,
                             guint side,
                             const SighejWireMeet *act,
                             const char *session_id,
                             gint64 now_ms,
                             SighejMeetingOutcome *outcome,
                             GError **error);

/*
 * What any act but a wave meets when there is no record, which is also what a side meets that has
 * not waved: withdraw, block, there and away are done, the rest is %SIGHEJ_ERROR_NOT_FOUND.
 */
gboolean sighej_meeting_act_without_record (SighejMeetAct act, GError **error);

/**
 * sighej_meeting_sweep:
 * @outcome: (out): as after an act of side 0
 *
 * Wipes what became too old: positions, and the sharing when a side has been away. Every act does
 * that too; for who only looks at the record.
 *
 * Returns: whether the record is to be written anew
 */
gboolean sighej_meeting_sweep (SighejMeeting *self, gint64 now_ms, SighejMeetingOutcome *outcome);

/* Handles of side 0 and 1, and the cue of both: numbers of sighej-handle. */
void sighej_meeting_set_words (SighejMeeting *self, guint handle_a, guint handle_b, guint cue);

/**
 * sighej_meeting_describe:
 * @out: (out): all but the nudge's id. Its version grows with each change this side can see, and
 *   with no other. peer_share says no more than sharing
 *
 * The whole view of one side.
 *
 * Returns: FALSE, and @out untouched, before both have waved and when the time is over
 */
gboolean sighej_meeting_describe (const SighejMeeting *self,
                                  guint side,
                                  gint64 now_ms,
                                  SighejWireMeetState *out);

/* Letters to @side with n > @after that it has not acknowledged. */
guint sighej_meeting_n_talk_after (const SighejMeeting *self, guint side, guint64 after);
/* The @i-th of them, oldest first. @out: (out): all but the nudge's id; the body is a reference. */
void sighej_meeting_get_talk (
    const SighejMeeting *self, guint side, guint64 after, guint i, SighejWireTalk *out);

/* Whether it waved; also TRUE once both have met. */
gboolean sighej_meeting_has_waved (const SighejMeeting *self, guint side);
/* Both have waved, and it is not over. */
gboolean sighej_meeting_is_agreed (const SighejMeeting *self, gint64 now_ms);
/* The session that last spoke for a side. (nullable) */
const char *sighej_meeting_get_session (const SighejMeeting *self, guint side);
const guint8 *sighej_meeting_get_opening (const SighejMeeting *self, guint side);
/* SIGHEJ_COMMIT_BYTES, of who made a pairing code. (nullable) */
const guint8 *sighej_meeting_get_commit (const SighejMeeting *self, guint side);

G_END_DECLS
