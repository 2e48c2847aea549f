/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-enums.h"

G_BEGIN_DECLS

/* Messages a log keeps; as many as the daemon does. */
#define SIGHEJ_TALK_LOG_MESSAGES_MAX 1000

/**
 * SighejTalkMessage:
 *
 * One message of a talk. Nothing of it changes but its mark.
 *
 * Properties:
 *  "mark": how far it came, SighejMeetMark; never goes back
 */
#define SIGHEJ_TYPE_TALK_MESSAGE (sighej_talk_message_get_type ())
G_DECLARE_FINAL_TYPE (SighejTalkMessage, sighej_talk_message, SIGHEJ, TALK_MESSAGE, GObject)

guint64 sighej_talk_message_get_number (SighejTalkMessage *self);
gboolean sighej_talk_message_is_own (SighejTalkMessage *self);
/* When it was written or came, seconds since 1970. */
guint64 sighej_talk_message_get_time_s (SighejTalkMessage *self);
const char *sighej_talk_message_get_text (SighejTalkMessage *self);
SighejMeetMark sighej_talk_message_get_mark (SighejTalkMessage *self);

/**
 * SighejTalkLog:
 *
 * The messages of one meet as a GListModel of SighejTalkMessage, by their number. It is filled from
 * the answers of Meet1.GetMessages, whatever part of the talk they hold and however often, and from
 * MessageMarked. Of more than %SIGHEJ_TALK_LOG_MESSAGES_MAX the oldest go. Pure.
 */
#define SIGHEJ_TYPE_TALK_LOG (sighej_talk_log_get_type ())
G_DECLARE_FINAL_TYPE (SighejTalkLog, sighej_talk_log, SIGHEJ, TALK_LOG, GObject)

SighejTalkLog *sighej_talk_log_new (void);

/**
 * sighej_talk_log_take:
 * @messages: a(tbtss) as GetMessages answers, in order
 *
 * Adds those that are newer than all it has; of those it has only the mark is looked at. Marks that
 * are none of SighejMeetMark count as waiting.
 *
 * Returns: how many were added
 */
guint sighej_talk_log_take (SighejTalkLog *self, GVariant *messages);

/* Returns: whether a message of that number is there */
gboolean sighej_talk_log_mark (SighejTalkLog *self, guint64 number, SighejMeetMark mark);

/* Number of the newest message; 0: none. */
guint64 sighej_talk_log_get_last (SighejTalkLog *self);

/* (transfer none) (nullable): what the other side said last */
SighejTalkMessage *sighej_talk_log_get_newest_theirs (SighejTalkLog *self);

/* The meet is over: forgets all of them. */
void sighej_talk_log_clear (SighejTalkLog *self);

G_END_DECLS
