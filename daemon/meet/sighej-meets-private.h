/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-avoid.h"
#include "sighej-complaints.h"
#include "sighej-encounter.h"
#include "sighej-farewells.h"
#include "sighej-heard.h"
#include "sighej-meets.h"
#include "sighej-past.h"

G_BEGIN_DECLS

/*
 * What the files of SighejMeets share: sighej-meets.c keeps the encounters and follows what the
 * backend and the radio say of them, sighej-meets-acts.c does what the person asks for,
 * sighej-meets-resume.c goes on with all over another line, sighej-meets-places.c shows each where
 * the other is, sighej-meets-code.c pairs by code.
 */

struct _SighejMeets
{
  GObject parent_instance;

  SighejClock *clock;
  SighejLink *link;
  SighejLinkMeets *line;
  SighejEncounters *encounters;
  SighejSightings *sightings;
  SighejAvoid *avoid;
  char *language;

  GPtrArray *all; /* SighejEncounter*, oldest first */
  SighejFarewells *farewells;
  SighejComplaints *complaints;
  SighejPast *past;
  SighejHeard *heard;
  SighejToken own_token;        /* on the air now, or lately ... */
  SighejTokenOrigin own_origin; /* ... and what it is made of */
  guint tick_wait;
  gboolean position_wanted;
  SighejMeetProblem position_problem;

  /* The pairing code of ours that may still be used. */
  SighejKeypair *code_own; /* NULL: there is none */
  guint8 code_nonce[SIGHEJ_PHRASE_NONCE_BYTES];
  gint64 code_until_us;

  guint64 n_waves;
  guint64 n_begun;
  guint64 n_met;
  guint64 n_ended;
  guint64 n_broken;
  guint64 n_resumed;
  guint64 n_positions;
};

/* ---- encounters, (nullable) ---- */

SighejEncounter *sighej_meets_find_id (SighejMeets *self, const char *nudge_id);
/* Of a nudge or a meet. */
SighejEncounter *sighej_meets_find_number (SighejMeets *self, guint64 number);
/* One that is a meet; else NULL with SIGHEJ_ERROR_NOT_FOUND. */
SighejEncounter *sighej_meets_find_meet (SighejMeets *self, guint64 number, GError **error);

/* (transfer none): a new one in the list. */
SighejEncounter *sighej_meets_add_encounter (SighejMeets *self,
                                             guint64 number,
                                             SighejEncounterHow how,
                                             const char *nudge_id);

/* It is over and was no meet: wiped. */
void sighej_meets_forget (SighejMeets *self, SighejEncounter *encounter);

/* The meet is over: told, its nudge put away, wiped. @farewell: END or BLOCK is told to the
 * backend; -1: it knows. */
void sighej_meets_end_meet (SighejMeets *self,
                            SighejEncounter *encounter,
                            SighejMeetState state,
                            int farewell);

/* How a meet ended of which the backend says no more: by itself, if its time may just be over by
 * either clock. */
SighejMeetState sighej_meets_judge_end (SighejMeets *self, const SighejEncounter *encounter);

void sighej_meets_changed (SighejMeets *self, SighejEncounter *encounter);

/* The key of the other is known: begins the talk, once. */
void sighej_meets_begin_talk (SighejMeets *self, SighejEncounter *encounter);

/* Trust is broken: told, and ended. */
void sighej_meets_break (SighejMeets *self, SighejEncounter *encounter, SighejMeetProblem problem);

/* ---- of sighej-meets-resume.c ---- */

/* Asks the backend to go on with it over the line there is. */
void sighej_meets_resume (SighejMeets *self, SighejEncounter *encounter);

/* Tells the backend what its next view shows anyway. FALSE: there is no line for it. */
gboolean sighej_meets_tell (SighejMeets *self, SighejEncounter *encounter, SighejWireMeet *message);

/* ---- of sighej-meets-places.c ---- */

/* Whether anybody is shown where we are may have changed. */
void sighej_meets_update_positions (SighejMeets *self);

/* What @state says of the other's position. */
void sighej_meets_show_positions (SighejMeets *self,
                                  SighejEncounter *encounter,
                                  const SighejWireMeetState *state);

/* Why ours cannot be shown. Returns: whether the person is told something else now. */
gboolean sighej_meets_show_problem (SighejMeets *self, SighejMeet *meet);

/* ---- of sighej-meets-code.c ---- */

/* There is another line: asks it to tell us who uses our code. */
void sighej_meets_watch_code (SighejMeets *self);

/* Somebody used our code. */
void sighej_meets_on_paired (SighejMeets *self, const SighejWirePaired *paired);

/* What the creator has to show, over the line there is. */
void sighej_meets_reveal (SighejMeets *self, SighejEncounter *encounter);

/* Paired by code: FALSE: nothing to begin a talk with yet, or it was broken and is gone. */
gboolean sighej_meets_open_phrase (SighejMeets *self, SighejEncounter *encounter);
/* Keeps by which keys the other may be avoided later, once: those of the talk, known to both. */
void sighej_meets_know_person (SighejMeets *self, SighejEncounter *encounter);
/* CREATOR: once the joiner's proof is there; else nothing. */
void sighej_meets_show_creator_phrase (SighejMeets *self, SighejEncounter *encounter);

/* Answers who waits for the meet of a code; @error: (nullable) (transfer full). */
void sighej_meets_answer_pair (SighejEncounter *encounter, GError *error);

/* Our code counts no more. */
void sighej_meets_forget_code (SighejMeets *self);

G_END_DECLS
