/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-meets.h"
#include "sighej-test.h"
#include "sighej-token-schedule.h"

/*
 * Two machines that were nudged with each other, and a backend between them that keeps the
 * contract of docs/protocol.md, "Meets", as far as a daemon can see it; a test may make it a bad
 * one. Everything is said when meets_fixture_settle() is called.
 */

#define MEETS_FIXTURE_ID "00112233445566778899aabbccddeeff"
#define MEETS_FIXTURE_MEET_SECONDS (20 * 60)

typedef struct _MeetsFixture MeetsFixture;

typedef struct
{
  MeetsFixture *fixture;
  guint i;

  SighejLink *link;
  SighejLinkMeets *line;
  SighejEncounters *encounters;
  SighejSightings *sightings;
  SighejAvoid *avoid;
  SighejMeets *meets;
  SighejKeypair *own;
  SighejTokenSchedule *schedule;
  guint epoch;    /* whose token it sends */
  guint64 number; /* of the nudge */

  /* What its SighejMeets said. */
  guint n_added;
  guint n_changed;
  guint n_removed;
  guint n_messages;
  gboolean position_wanted;
  SighejMeetState last_state;
  SighejMeetTrust last_trust;
  SighejMeetProblem last_problem;
  char *last_text;

  /* What the backend knows of this side. */
  gboolean online;
  gboolean waved;
  gboolean here;
  gboolean confirmed;
  gboolean share;
  int spot;
  guint8 key[SIGHEJ_PEER_KEY_BYTES];
  gboolean has_nonce;
  guint8 nonce[SIGHEJ_PHRASE_NONCE_BYTES];
  gboolean has_fix;
  SighejPosition fix;
  GPtrArray *letters; /* SighejWireTalk* of this side */
  guint64 acked_n;    /* letters of the other that this side has */
  guint pushed_n;
  GPtrArray *asked; /* SighejWireMeet*: all that was asked, in order */
} MeetsFixtureSide;

struct _MeetsFixture
{
  SighejTestClock *clock;
  MeetsFixtureSide side[2];
  GQueue questions; /* of Question */
  guint64 version;
  gboolean agreed;
  gboolean over;
  gint64 until_us;

  /* What makes it a bad backend, or a busy one. */
  gboolean mute;       /* answers nothing */
  guint8 *swapped_key; /* (nullable): gives this instead of either key */
  SighejError refusal; /* answers everything with that, but FAILED: nothing */
  guint8 swapped_commit[32];
};

void meets_fixture_set_up (MeetsFixture *fixture, gconstpointer unused);
void meets_fixture_tear_down (MeetsFixture *fixture, gconstpointer unused);

/* Lets the backend answer and tell until nobody has anything to say. */
void meets_fixture_settle (MeetsFixture *fixture);
/* The same, and time goes by in steps of a second. */
void meets_fixture_pass (MeetsFixture *fixture, guint seconds);

void meets_fixture_set_online (MeetsFixtureSide *side, gboolean online);
/* Both are nudged with each other, and each has heard the other. */
void meets_fixture_nudge (MeetsFixture *fixture);
/* ... but Bo renews his session before he hears of it: Anna was told the key of the one before. */
void meets_fixture_nudge_apart (MeetsFixture *fixture);
/* ... and both wave, and have proved their keys. */
void meets_fixture_agree (MeetsFixture *fixture);
void meets_fixture_wave (MeetsFixtureSide *side);
/* @side sends the token of the next epoch from now on. */
void meets_fixture_rotate (MeetsFixtureSide *side);
/* ... of another session, with keys of its own. */
void meets_fixture_renew (MeetsFixtureSide *side);
/* The radio of @side hears the other once more. */
void meets_fixture_hear (MeetsFixtureSide *side, int rssi_dbm);
/* What @side asked of that kind. */
guint meets_fixture_count (MeetsFixtureSide *side, SighejMeetAct act);
/* The backend hands a letter of @from to the other side. */
void meets_fixture_push (MeetsFixtureSide *from, const SighejWireTalk *letter);

SighejNudgeState meets_fixture_get_nudge_state (MeetsFixtureSide *side);
/* (nullable) */
const SighejMeet *meets_fixture_get_meet (MeetsFixtureSide *side);
guint64 meets_fixture_say (MeetsFixtureSide *side, const char *text);
const SighejMeetMessage *meets_fixture_get_message (MeetsFixtureSide *side, guint64 n);

/* A callback that keeps the result, and what it says: FALSE with @error of @code. */
void meets_fixture_on_done (GObject *source, GAsyncResult *result, gpointer user_data);
void
meets_fixture_assert_done (MeetsFixtureSide *side, GAsyncResult **result, int code_or_minus_one);
