/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-wire-meet.h"

G_BEGIN_DECLS

/**
 * SighejMeetMessage:
 * @n: 1 and up, over the messages of both sides, in the order they came here
 * @own: ours
 * @time_s: when it was written or came, seconds since 1970
 * @text: 1 to 1,000 characters, no control characters but line breaks
 * @mark: how far it came
 * @letter: its number in the talk, in its direction; marks name it
 * @mark_is_news: ours, and nobody was told of @mark yet
 */
typedef struct
{
  guint64 n;
  gboolean own;
  guint64 time_s;
  char *text;
  SighejMeetMark mark;
  guint64 letter;
  gboolean mark_is_news;
} SighejMeetMessage;

/**
 * SighejMeet:
 * @number: local, never used again while the program runs; says nothing about anybody
 * @nudge: number of the nudge it came from; 0: paired by code, or that nudge is gone
 * @role: how it came about: "nudged", "creator" (our pairing code) or "joiner" (theirs)
 * @peer_handle: what the other is called here, as "Blue Heron"
 * @own_handle: what we are called there
 * @cue: what both screens show, to be recognised by; drawn for this meet
 * @spot: where to meet, a word of @spots; "": none named
 * @spots: what may be named, (array zero-terminated); of the program, not freed
 * @band: how near the other is, by our own radio
 * @expires_s: when it is over by itself, seconds since 1970
 * @n_unread: messages of the other not marked read
 * @peer_typing: the other is writing
 * @peer_here: the other says "I am here"
 * @own_here: we do
 * @confirmed: we said "we met"
 * @peer_there: the other's machine is connected
 * @phrase: four words to compare, "" unless @trust is PHRASE
 * @problem: why @trust is BROKEN, or why we have no position to show though both share
 * @peer_direction: where the other is while both share, "n", "ne" ... "nw"; "": unknown
 * @peer_distance: how far, a band: "beside", "near", "in-sight", "walk", "far"; "": unknown
 * @own_direction: where the other sees us, in the same words
 * @own_distance: how far
 * @avoid: the two are not to be nudged again for 30 days, by our choice ("already met")
 * @messages: (element-type SighejMeetMessage), by their @n; at most %SIGHEJ_MEET_MESSAGES_MAX, of
 *   more the oldest are gone
 *
 * @handle_number: of @own_handle, in sighej-handle; so the next two
 * @spot_number: of @spot; -1: none
 * @last_n: of the newest message
 *
 * All there is to show of one meet. Words of handle, cue and spots are in the person's language.
 * Read-only to all but SighejMeets, which owns it. Pure.
 *
 *              ┌───────────────────────────────┐ what the backend says: finding again when
 *              ▾                               │ "I am here" came too late
 *   agreed ─▸ finding ─▸ here ─▸ met       finding ◂─ here
 *      └─────────┴────────┴─▸ ended (by either, or found gone), expired (its time is over)
 */
typedef struct
{
  guint64 number;
  guint64 nudge;
  SighejMeetState state;
  const char *role;
  char *peer_handle;
  char *own_handle;
  char *cue;
  char *spot;
  const char *const *spots;
  SighejBand band;
  guint64 expires_s;
  guint n_unread;
  gboolean peer_typing;
  gboolean peer_here;
  gboolean own_here;
  gboolean confirmed;
  gboolean peer_there;
  SighejMeetTrust trust;
  char *phrase;
  SighejMeetProblem problem;
  SighejMeetSharing sharing;
  const char *peer_direction;
  const char *peer_distance;
  const char *own_direction;
  const char *own_distance;
  gboolean avoid;
  GPtrArray *messages;
  guint handle_number;
  guint peer_handle_number;
  guint cue_number;
  int spot_number;
  guint64 last_n;
} SighejMeet;

/* Messages kept of one meet; 20 a minute of each side for 20 minutes, and then some. */
#define SIGHEJ_MEET_MESSAGES_MAX 1000
/* Characters of one message. */
#define SIGHEJ_MEET_MESSAGE_CHARS_MAX 1000

/* Nothing is known of it but these. @role and @language are not copied. */
SighejMeet *sighej_meet_new (guint64 number, guint64 nudge, const char *role, const char *language);
void sighej_meet_free (SighejMeet *self); /* wipes */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejMeet, sighej_meet_free)

/* Met, ended or expired: it only waits to be removed. */
gboolean sighej_meet_is_over (const SighejMeet *self);

/**
 * sighej_meet_show:
 * @wall_us: now, microseconds since 1970
 *
 * Takes over what the backend says. Returns: whether anything looks different now; never when it is
 * over
 */
gboolean sighej_meet_show (SighejMeet *self,
                           const SighejWireMeetState *state,
                           const char *language,
                           gint64 wall_us);

/* @state: one of the last three. FALSE: it is over already. */
gboolean sighej_meet_end (SighejMeet *self, SighejMeetState state);

/* The words are wanted in another language. */
void sighej_meet_set_language (SighejMeet *self, const char *language);

/* Copies @text. Returns: (transfer none): the new message */
const SighejMeetMessage *sighej_meet_add_message (
    SighejMeet *self, gboolean own, guint64 letter, const char *text, gint64 wall_us);

/* Those of ours with letters up to @letter came as far as @mark. Returns: whether one of them had
 * not. */
gboolean sighej_meet_mark (SighejMeet *self, guint64 letter, SighejMeetMark mark);

/* The person has seen theirs up to number @n. Returns: the newest letter of those that were new, 0
 * when none was. */
guint64 sighej_meet_read (SighejMeet *self, guint64 n);

/* Sets a string of it. Returns: whether it is another. */
gboolean sighej_meet_set_text (char **member, const char *text);

G_END_DECLS
