/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-enums.h"

G_BEGIN_DECLS

/**
 * SighejMeetMessage:
 * @n: 1 and up, over the messages of both sides, in the order they came here
 * @own: ours
 * @time_s: when it was written or came, seconds since 1970
 * @text: 1 to 1,000 characters, no control characters but line breaks
 */
typedef struct
{
  guint64 n;
  gboolean own;
  guint64 time_s;
  char *text;
  SighejMeetMark mark;
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
 * @problem: one sentence for the person when @trust is BROKEN, else ""
 * @peer_direction: where the other is while both share, "n", "ne" … "nw"; "": unknown
 * @peer_distance: how far, a band: "within-10m", "within-25m", "within-50m", "within-100m",
 *   "within-250m", "far"; "": unknown
 * @own_direction: where the other sees us, of the same words
 * @own_distance: how far
 * @avoid: the two are not to be nudged again for 30 days, by our choice ("already met")
 * @messages: (element-type SighejMeetMessage), by their @n; at most %SIGHEJ_MEET_MESSAGES_MAX, of
 *   more the oldest are gone
 *
 * All there is to show of one meet. Words of handle, cue and spots are in the person's language.
 * Read-only to all but SighejMeets, which owns it.
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
  const char *problem;
  SighejMeetSharing sharing;
  const char *peer_direction;
  const char *peer_distance;
  const char *own_direction;
  const char *own_distance;
  gboolean avoid;
  GPtrArray *messages;
} SighejMeet;

/* Messages kept of one meet; 20 a minute of each side for 20 minutes, and then some. */
#define SIGHEJ_MEET_MESSAGES_MAX 1000
/* Characters of one message. */
#define SIGHEJ_MEET_MESSAGE_CHARS_MAX 1000

G_END_DECLS
