/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-clock.h"
#include "sighej-link-meets.h"
#include "sighej-meet.h"
#include "sighej-talk.h"

G_BEGIN_DECLS

/* Letters on their way to the backend at a time. */
#define SIGHEJ_MEET_TALK_WINDOW_LETTERS 8

/**
 * SighejMeetTalkTold:
 * @SIGHEJ_MEET_TALK_CHANGED: the meet looks different
 * @SIGHEJ_MEET_TALK_MESSAGE: a message came, and the meet looks different
 * @SIGHEJ_MEET_TALK_TOKEN: the other sends another token: sighej_meet_talk_get_peer_token()
 * @SIGHEJ_MEET_TALK_BROKEN: trust is broken: nothing more goes in or out
 * @SIGHEJ_MEET_TALK_ASTRAY: the backend and we do not agree on what came: resume
 */
typedef enum
{
  SIGHEJ_MEET_TALK_CHANGED,
  SIGHEJ_MEET_TALK_MESSAGE,
  SIGHEJ_MEET_TALK_TOKEN,
  SIGHEJ_MEET_TALK_BROKEN,
  SIGHEJ_MEET_TALK_ASTRAY,
} SighejMeetTalkTold;

/**
 * SighejMeetTalk:
 *
 * Carries the letters of one talk between SighejTalk, which makes and opens them, and the backend,
 * which keeps them in order until they are acknowledged; and writes what came of it into the meet.
 *
 *   apart --sighej_meet_talk_flow()--> flowing: letters go, at most
 *     %SIGHEJ_MEET_TALK_WINDOW_LETTERS at a time, from the first the backend has not confirmed
 *   flowing --sighej_meet_talk_stop(), no answer, astray--> apart: all is kept
 *   flowing --too fast for the backend--> waits as long as it says, then from the first again
 */
#define SIGHEJ_TYPE_MEET_TALK (sighej_meet_talk_get_type ())
G_DECLARE_FINAL_TYPE (SighejMeetTalk, sighej_meet_talk, SIGHEJ, MEET_TALK, GObject)

/* @message: (nullable): MESSAGE. The receiver may free the meet and drop this talk. */
typedef void (*SighejMeetTalkTell) (SighejMeetTalkTold told,
                                    const SighejMeetMessage *message,
                                    gpointer user_data);

/**
 * sighej_meet_talk_new:
 * @talk: (transfer full)
 * @meet: outlives the talk, or sighej_meet_talk_end() is called
 */
SighejMeetTalk *sighej_meet_talk_new (SighejClock *clock,
                                      SighejLinkMeets *line,
                                      const char *nudge_id,
                                      SighejTalk *talk,
                                      SighejMeet *meet,
                                      SighejMeetTalkTell tell,
                                      gpointer user_data);

/* Over: wipes keys and letters. Nothing is told any more. */
void sighej_meet_talk_end (SighejMeetTalk *self);

/* The backend has resumed the encounter over the line there is. */
void sighej_meet_talk_flow (SighejMeetTalk *self);
void sighej_meet_talk_stop (SighejMeetTalk *self);

/* A letter of the other side came. */
void sighej_meet_talk_take (SighejMeetTalk *self, const SighejWireTalk *letter);

/* Where to resume: the newest letter taken. */
guint64 sighej_meet_talk_get_taken (SighejMeetTalk *self);

/* (transfer none) (nullable): as sighej_talk_get_joiner_secret() */
const guint8 *sighej_meet_talk_get_joiner_secret (SighejMeetTalk *self);

/* As sighej_talk_say(). Returns: (transfer none) (nullable): the new message of the meet */
const SighejMeetMessage *
sighej_meet_talk_say (SighejMeetTalk *self, const char *text, GError **error);

/* The person has seen their letters up to @letter. */
void sighej_meet_talk_mark_seen (SighejMeetTalk *self, guint64 letter);
void sighej_meet_talk_set_typing (SighejMeetTalk *self, gboolean typing);

/* Our machine sends the token of @origin now. */
void sighej_meet_talk_set_token (SighejMeetTalk *self, const SighejTokenOrigin *origin);

/* (transfer none): the one the other told of last. */
const SighejToken *sighej_meet_talk_get_peer_token (SighejMeetTalk *self);

G_END_DECLS
