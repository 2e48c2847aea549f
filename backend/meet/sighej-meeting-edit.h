/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-meeting.h"
#include "sighej-store.h"
#include "sighej-vault.h"

G_BEGIN_DECLS

/*
 * One change of the record of one encounter, "meet:<nudge id>": read, let the machine act, draw
 * what has to be drawn, swap, wake whom it concerns, and count what both know. Deleted when it is
 * over, and its cue let go.
 */

/* What all acts of one edit come to; zero at first. */
typedef struct
{
  gboolean changed;
  gboolean over;
  gboolean needs_cue;
  gboolean wakes[SIGHEJ_MEETING_SIDES];
  guint lifetime_ms;
} SighejMeetingChange;

/* Adds what an act of @side came to. */
void sighej_meeting_change_add (SighejMeetingChange *self,
                                guint side,
                                const SighejMeetingOutcome *outcome);

/**
 * SighejMeetingEditor:
 * @meeting: (nullable): NULL: there is none
 * @now_ms: the store's clock
 * @change: (out): zero at first
 *
 * May be called several times for one edit. Returns: FALSE with @error set: nothing is changed
 */
typedef gboolean (*SighejMeetingEditor) (SighejMeeting *meeting,
                                         gint64 now_ms,
                                         SighejMeetingChange *change,
                                         gpointer user_data,
                                         GError **error);

/**
 * SighejMeetingEdit:
 * @openings: (nullable): of both sides: the encounter begins when there is no record; lent
 * @mends: whether a cue that is still taken is let go when there is no record. Not for an act of
 *   who may never have waved: what it costs must not tell whether the other has
 */
typedef struct
{
  SighejStore *store;
  SighejVault *vault;
  const char *nudge_id;
  const guint8 (*openings)[SIGHEJ_MEETING_OPENING_BYTES];
  gboolean mends;
} SighejMeetingEdit;

/* Errors: of @editor, and UNAVAILABLE. */
void sighej_meeting_edit (const SighejMeetingEdit *edit,
                          SighejMeetingEditor editor,
                          SighejStoreDone done,
                          gpointer user_data);

G_END_DECLS
