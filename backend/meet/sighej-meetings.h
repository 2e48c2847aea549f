/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-clock.h"
#include "sighej-meeting.h"
#include "sighej-store.h"
#include "sighej-vault.h"

G_BEGIN_DECLS

/**
 * SighejMeetings:
 *
 * What people who were nudged do with each other, for whoever holds their sockets. Nothing is kept
 * here: every call reads the record of the encounter, lets SighejMeeting judge, and swaps it, so
 * any process may serve any side. The life of a wave: act() -> the ticket of the nudge is checked
 * -> the session's waves are counted -> the record is swapped -> the store emits "outbox" for the
 * sessions whose view changed, where their sockets are -> who holds these calls look() and sends.
 *
 * Callbacks as in sighej-store.h: once, in the main context, possibly before the call returns.
 */
#define SIGHEJ_TYPE_MEETINGS (sighej_meetings_get_type ())
G_DECLARE_FINAL_TYPE (SighejMeetings, sighej_meetings, SIGHEJ, MEETINGS, GObject)

#define SIGHEJ_MEETINGS_WAVES_MAX 10 /* different encounters a session may wave in */
/* How long after its nudge a ticket is taken: as long as the pair stays "already nudged". */
#define SIGHEJ_MEETINGS_TICKET_SECONDS SIGHEJ_STORE_PAIR_SECONDS
#define SIGHEJ_MEETINGS_LETTERS_MAX 8 /* one look shows at most so many */

SighejMeetings *sighej_meetings_new (SighejStore *store, SighejVault *vault, SighejClock *clock);

SighejStore *sighej_meetings_get_store (SighejMeetings *self);
SighejVault *sighej_meetings_get_vault (SighejMeetings *self);
SighejClock *sighej_meetings_get_clock (SighejMeetings *self);

/**
 * SighejMeetingsWho:
 * @session_id: of the socket it came by
 * @opening: the session's
 * @remaining_ms: of the session; what counts its waves lives as long
 */
typedef struct
{
  char session_id[SIGHEJ_UUID_CHARS + 1];
  guint8 opening[SIGHEJ_STORE_OPENING_BYTES];
  guint remaining_ms;
} SighejMeetingsWho;

/**
 * sighej_meetings_act:
 * @act: (transfer full)
 *
 * Errors: those of sighej_meeting_act(); NOT_FOUND when the ticket is none for this encounter and
 * opening; RATE_LIMITED, without a number, when all waves of the session are used and the other
 * has not waved; UNAVAILABLE.
 */
void sighej_meetings_act (SighejMeetings *self,
                          const SighejMeetingsWho *who,
                          SighejWireMeet *act,
                          SighejStoreDone done,
                          gpointer user_data);

/**
 * SighejMeetingsView:
 * @speaks: FALSE: another session speaks for this side now, so this one has nothing to say; the
 *   rest is unset then
 * @state: (nullable): ENDED when it is over or never was; NULL: not both have waved
 * @letters: those after the number asked for, at most %SIGHEJ_MEETINGS_LETTERS_MAX
 */
typedef struct
{
  gboolean speaks;
  const SighejWireMeetState *state;
  const SighejWireTalk *letters;
  guint n_letters;
} SighejMeetingsView;
/* @view: lent for the call */
typedef void (*SighejMeetingsSeen) (const SighejMeetingsView *view,
                                    const GError *error,
                                    gpointer user_data);
/**
 * sighej_meetings_look:
 * @after: letters up to this number are not shown
 * @poll: nothing tells that there is something new: what only time or a dead process changed is
 *   looked for as well. That this side is there is written down anew, and the other's being there
 *   is checked with the store; what that finds comes with a later "outbox"
 *
 * What one side may see now. Errors: UNAVAILABLE.
 */
void sighej_meetings_look (SighejMeetings *self,
                           const SighejMeetingsWho *who,
                           const char *nudge_id,
                           guint64 after,
                           gboolean poll,
                           SighejMeetingsSeen seen,
                           gpointer user_data);

/* The last socket of @who that had to do with the encounter is gone, unless the store knows
 * another one of that session. */
void
sighej_meetings_leave (SighejMeetings *self, const SighejMeetingsWho *who, const char *nudge_id);

G_END_DECLS
