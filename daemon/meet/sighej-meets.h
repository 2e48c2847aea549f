/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-avoid.h"
#include "sighej-encounters.h"
#include "sighej-link.h"
#include "sighej-meet.h"
#include "sighej-position.h"
#include "sighej-sightings.h"
#include "sighej-wire-report.h"

G_BEGIN_DECLS

/* What the backend has to be told when an opening ends may take so long before that goes on. */
#define SIGHEJ_MEETS_LEAVE_SECONDS 1
/* Meets that live at once; a wave beyond that is refused. */
#define SIGHEJ_MEETS_MAX 16
/* A report with more is refused. */
#define SIGHEJ_MEETS_REPORT_MESSAGES_MAX SIGHEJ_REPORT_ATTACHED_MAX

/**
 * SighejMeets:
 *
 * From a nudge to "we met": the waves of this opening, the meets they became, the talk in them, and
 * the way out. Knows nothing of D-Bus.
 *
 *   nudge new --wave--> waved --both said yes--> mutual, and a meet "added"
 *   nudge waved --not now--> withdrawn: gone, and nobody is ever told
 *   meet: agreed -> finding -> here -> met; ended or expired from anywhere -> "changed", with
 *     that last state -> "removed", and everything about it is wiped but what SighejPast keeps
 *
 * What needs the backend's word is a pair of …_async() and …_finish(); they fail with
 * SIGHEJ_ERROR_OFFLINE when there is no connection or no answer within
 * %SIGHEJ_LINK_MEETS_ANSWER_SECONDS, with SIGHEJ_ERROR_RATE_LIMITED (the text holds the seconds),
 * SIGHEJ_ERROR_NOT_FOUND (no such number here, or the encounter is gone), SIGHEJ_ERROR_NOT_OPEN,
 * and what is said beside each. The others answer at once; what they have to tell the backend is
 * told, again after each reconnect until it is answered.
 *
 * Signals:
 *  "added" (SighejMeet *), "changed" (SighejMeet *)
 *  "removed" (SighejMeet *): freed when the signal is over
 *  "message" (SighejMeet *, SighejMeetMessage *): one of the other side came
 *  "marked" (SighejMeet *, SighejMeetMessage *): one of ours was said, or came further
 *  "left" (): sighej_meets_get_leaving() has become FALSE
 *  "position-wanted" (gboolean): in some meet both want to show where they are, so ours is asked
 * for (sighej_meets_take_position()); or in none any more
 */
#define SIGHEJ_TYPE_MEETS (sighej_meets_get_type ())
G_DECLARE_FINAL_TYPE (SighejMeets, sighej_meets, SIGHEJ, MEETS, GObject)

SighejMeets *sighej_meets_new (SighejClock *clock,
                               SighejLink *link,
                               SighejEncounters *encounters,
                               SighejSightings *sightings,
                               SighejAvoid *avoid);

guint sighej_meets_get_n_live (SighejMeets *self);

/* Meet @i, oldest first. */
const SighejMeet *sighej_meets_get_nth (SighejMeets *self, guint i);

/* (nullable): the meet of this number. */
const SighejMeet *sighej_meets_get (SighejMeets *self, guint64 number);

/* (nullable): the meet that came from this nudge: Nudge1.Meet. */
const SighejMeet *sighej_meets_get_of_nudge (SighejMeets *self, guint64 nudge);

/* ---- of a nudge; @nudge is its number ---- */

/* Waving twice succeeds. Done tells nothing about the other side. Errors: SIGHEJ_ERROR_EXPIRED. */
void sighej_meets_wave_async (SighejMeets *self,
                              guint64 nudge,
                              GAsyncReadyCallback callback,
                              gpointer user_data);

/* Puts it away; a wave of before is withdrawn. Errors: SIGHEJ_ERROR_NOT_FOUND. */
gboolean sighej_meets_not_now (SighejMeets *self, guint64 nudge, GError **error);

/* Puts it away, and the two are not matched again for 30 days. Errors: SIGHEJ_ERROR_NOT_FOUND. */
gboolean sighej_meets_block_nudge (SighejMeets *self, guint64 nudge, GError **error);

/* ---- of a meet; @meet is its number ---- */

/* @spot: a word of its spots. Errors: SIGHEJ_ERROR_INVALID_REQUEST (no such word). */
void sighej_meets_propose_spot_async (SighejMeets *self,
                                      guint64 meet,
                                      const char *spot,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);

void sighej_meets_here_async (SighejMeets *self,
                              guint64 meet,
                              GAsyncReadyCallback callback,
                              gpointer user_data);

void sighej_meets_confirm_async (SighejMeets *self,
                                 guint64 meet,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);

/**
 * sighej_meets_share_position_async:
 *
 * Says whether the other may see where we are, and takes part in that: only while both do.
 */
void sighej_meets_share_position_async (SighejMeets *self,
                                        guint64 meet,
                                        gboolean share,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);

/* The end of each of these above. */
gboolean sighej_meets_act_finish (SighejMeets *self, GAsyncResult *result, GError **error);

/* Ends it for both, at once here. Errors: SIGHEJ_ERROR_NOT_FOUND. */
gboolean sighej_meets_end (SighejMeets *self, guint64 meet, GError **error);

/* Ends it, and the two are not matched again for 30 days. Errors: SIGHEJ_ERROR_NOT_FOUND. */
gboolean sighej_meets_block_meet (SighejMeets *self, guint64 meet, GError **error);

/* "Already met": not nudged again for 30 days; may be taken back. Also of a meet that is over, for
 * %SIGHEJ_PAST_SECONDS. Errors: SIGHEJ_ERROR_NOT_FOUND. */
gboolean
sighej_meets_avoid_in_future (SighejMeets *self, guint64 meet, gboolean on, GError **error);

/**
 * sighej_meets_send:
 * @text: 1 to 1,000 characters, no control characters but line breaks
 *
 * Says something. It waits here while there is no connection.
 *
 * Errors: SIGHEJ_ERROR_NOT_FOUND, SIGHEJ_ERROR_TEXT_REJECTED, SIGHEJ_ERROR_RATE_LIMITED (8 in 10 s,
 * 20 a minute), SIGHEJ_ERROR_NOT_PERMITTED (the other side's key is not the one heard here).
 *
 * Returns: its number, 1 and up; 0 with @error
 */
guint64 sighej_meets_send (SighejMeets *self, guint64 meet, const char *text, GError **error);

/* The person has seen the other's messages up to @n. Errors: SIGHEJ_ERROR_NOT_FOUND. */
gboolean sighej_meets_mark_read (SighejMeets *self, guint64 meet, guint64 n, GError **error);

/* Whether the person is writing. Errors: SIGHEJ_ERROR_NOT_FOUND. */
gboolean sighej_meets_set_typing (SighejMeets *self, guint64 meet, gboolean typing, GError **error);

/* ---- reports ---- */

/**
 * sighej_meets_report_async:
 * @nudge: number of the nudge, or 0
 * @meet: number of the meet, or 0; exactly one of the two
 * @reason: a word of the API's reasons
 * @text: (nullable): in the person's own words, at most 1,000 characters
 * @messages: (array length=n_messages) (nullable): numbers of messages to attach, each ours or
 *   theirs
 *
 * Reports the other side to those who run the backend, and is done when it is written there.
 * Nobody else is told. A meet that is over can be reported for %SIGHEJ_PAST_SECONDS; its messages
 * are wiped and cannot be attached.
 *
 * Errors: SIGHEJ_ERROR_INVALID_REQUEST (no such reason or message), SIGHEJ_ERROR_TEXT_REJECTED,
 * SIGHEJ_ERROR_OFFLINE (it is kept and sent again, see SighejComplaints), SIGHEJ_ERROR_NOT_OPEN,
 * SIGHEJ_ERROR_RATE_LIMITED.
 */
void sighej_meets_report_async (SighejMeets *self,
                                guint64 nudge,
                                guint64 meet,
                                const char *reason,
                                const char *text,
                                const guint64 *messages,
                                guint n_messages,
                                GAsyncReadyCallback callback,
                                gpointer user_data);

/* Returns: (transfer full) (nullable): the report's reference for the person, may be "". */
char *sighej_meets_report_finish (SighejMeets *self, GAsyncResult *result, GError **error);

/**
 * sighej_meets_appeal_async:
 * @text: 1 to 1,000 characters, no control characters but line breaks
 *
 * Says to those who run the backend that a report about us is wrong. Whether there is one nobody
 * here can know, so it may be said at any time. Errors: as of a report.
 */
void sighej_meets_appeal_async (SighejMeets *self,
                                const char *text,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
gboolean sighej_meets_appeal_finish (SighejMeets *self, GAsyncResult *result, GError **error);

/* ---- pairing by code ---- */

/* A code for somebody whose Bluetooth fails; works once, for 300 s. */
void sighej_meets_create_code_async (SighejMeets *self,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);

/**
 * sighej_meets_create_code_finish:
 * @code: (out): digits, as "4829-1307-5516"
 * @link: (out): "sighej:pair?c=482913075516"
 * @expires_s: (out): seconds since 1970
 */
gboolean sighej_meets_create_code_finish (SighejMeets *self,
                                          GAsyncResult *result,
                                          char **code,
                                          char **link,
                                          guint64 *expires_s,
                                          GError **error);

/* @code: digits with or without "-" and spaces, or the link. Errors: SIGHEJ_ERROR_NOT_FOUND. */
void sighej_meets_pair_by_code_async (SighejMeets *self,
                                      const char *code,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);

/* Returns: the meet's number; 0 with @error. */
guint64 sighej_meets_pair_by_code_finish (SighejMeets *self, GAsyncResult *result, GError **error);

/* ---- for the core ---- */

/**
 * sighej_meets_take_nudge:
 * @number: of the nudge in SighejEncounters; 0: it was taken before
 *
 * A nudge came, perhaps again: what it brought is kept for a wave.
 */
void sighej_meets_take_nudge (SighejMeets *self, guint64 number, const SighejLinkNudge *nudge);

/* Our radio heard @token; SighejSightings knows it already. */
void sighej_meets_hear (SighejMeets *self, const SighejToken *token, int rssi_dbm);

/* Our machine sends the token of @origin now: those we meet are told, so that their radios can go
 * on reading how near we are. */
void sighej_meets_set_own_token (SighejMeets *self, const SighejTokenOrigin *origin);

/* Where we are. Nothing is kept of it unless in some meet both share. */
void sighej_meets_take_position (SighejMeets *self, const SighejPosition *position);

/* Why there is no position of ours when there should be. */
void sighej_meets_set_position_problem (SighejMeets *self, SighejMeetProblem problem);

/* The opening is over, or paused: every meet ends, everything of it is wiped. */
void sighej_meets_close (SighejMeets *self);

/* The opening is over, and not only paused, or another backend was chosen: reports and appeals that
 * were not taken are wiped. */
void sighej_meets_forget_complaints (SighejMeets *self);

/* Whether the backend is just being told of ends; "left" says when it is not any more. */
gboolean sighej_meets_get_leaving (SighejMeets *self);

/* Language of handles, cue and spots from now on: "en" or "da". */
void sighej_meets_set_language (SighejMeets *self, const char *language);

/* Adds to an a{st}: "meets.begun", "meets.met", "meets.ended" …, and those of SighejComplaints. */
void sighej_meets_count (SighejMeets *self, GVariantBuilder *counters);

G_END_DECLS
