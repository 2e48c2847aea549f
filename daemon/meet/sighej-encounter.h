/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-clock.h"
#include "sighej-link.h"
#include "sighej-meet-talk.h"
#include "sighej-meet.h"
#include "sighej-position.h"

G_BEGIN_DECLS

/* Both radios find "here" by so many readings of the closest band ... */
#define SIGHEJ_ENCOUNTER_CLOSEST_READINGS 5
/* ... within this, seconds. */
#define SIGHEJ_ENCOUNTER_CLOSEST_SECONDS 12
/* How long a position of the other is shown after it was taken, seconds. */
#define SIGHEJ_ENCOUNTER_FIX_SECONDS 120
/* Between two positions of ours that are sent, seconds. */
#define SIGHEJ_ENCOUNTER_FIX_EVERY_SECONDS 3

/**
 * SighejEncounterHow:
 * @SIGHEJ_ENCOUNTER_NUDGED: the radios heard each other
 * @SIGHEJ_ENCOUNTER_CREATOR: by a pairing code of ours
 * @SIGHEJ_ENCOUNTER_JOINER: by one of theirs
 */
typedef enum
{
  SIGHEJ_ENCOUNTER_NUDGED,
  SIGHEJ_ENCOUNTER_CREATOR,
  SIGHEJ_ENCOUNTER_JOINER,
} SighejEncounterHow;

/**
 * SighejEncounter:
 * @meets: the SighejMeets it belongs to, which outlives it
 * @number: of the nudge, and of the meet it may become
 * @waved: the backend has our yes
 * @asking: it is being told
 * @resume_wait: when to try again to resume it
 * @unshare_due: no more positions, and the backend has not been told
 * @known: by the keys of the talk she may be avoided later
 * @version: of the view shown last
 * @until_us: when the meet is over by itself
 * @own_token: of ours, the one the other side knows of; none after a pairing code
 * @tokens: of the other, as its proof and its notes name them
 * @closest_us: when it was read in the closest band lately, newest first
 *
 * What is shared with one other person, from the nudge on: all that must be wiped when it is over.
 * A struct of SighejMeets; what is pure about it is here.
 */
typedef struct
{
  gpointer meets;
  guint64 number;
  SighejEncounterHow how;
  char nudge_id[SIGHEJ_NUDGE_ID_CHARS + 1];
  char *ticket;
  SighejKeypair *own;
  gboolean has_peer_key;
  guint8 peer_key[SIGHEJ_PEER_KEY_BYTES];
  guint8 proofs[SIGHEJ_TALK_PROOFS_MAX][SIGHEJ_TALK_PROOF_BYTES];
  guint n_proofs;

  /* Of a pairing code. */
  guint8 commit[SIGHEJ_COMMIT_BYTES];            /* JOINER: theirs */
  guint8 own_nonce[SIGHEJ_PHRASE_NONCE_BYTES];   /* CREATOR */
  guint8 own_secret[SIGHEJ_PHRASE_SECRET_BYTES]; /* JOINER: what his nonce promises */
  guint8 peer_nonce[SIGHEJ_PHRASE_NONCE_BYTES];
  gboolean has_peer_nonce;
  gboolean revealed;
  GTask *pair_task; /* JOINER: waits for the meet */

  gboolean waved;
  gboolean asking;
  guint resume_wait;
  gboolean unshare_due;
  gboolean known;

  SighejMeet *meet; /* NULL until both said yes */
  SighejMeetTalk *talk;
  guint64 version;
  gint64 until_us;

  SighejToken own_token;
  SighejToken tokens[SIGHEJ_TALK_PROOFS_MAX];
  guint n_tokens;
  gint64 closest_us[SIGHEJ_ENCOUNTER_CLOSEST_READINGS];

  gboolean has_own_fix;
  SighejPosition own_fix;
  gint64 own_fix_sent_us;
  gboolean has_peer_fix;
  SighejPosition peer_fix;
  gint64 peer_fix_us;
} SighejEncounter;

SighejEncounter *
sighej_encounter_new (guint64 number, SighejEncounterHow how, const char *nudge_id);

/* Wipes all. @clock: of its waits */
void sighej_encounter_free (SighejEncounter *self, SighejClock *clock);

/* What a nudge brought; one that comes again brings newer keys. */
void sighej_encounter_take_nudge (SighejEncounter *self, const SighejLinkNudge *nudge);

/* The word of SighejMeet's role. */
const char *sighej_encounter_get_role (const SighejEncounter *self);

/* @token is named by the other: the last ones named count. */
void sighej_encounter_follow_token (SighejEncounter *self, const SighejToken *token);
gboolean sighej_encounter_follows (const SighejEncounter *self, const SighejToken *token);

/* Read in the closest band at @now_us. Returns: TRUE with the fifth within 12 s; they count anew
 * then */
gboolean sighej_encounter_read_closest (SighejEncounter *self, gint64 now_us);

/* What the backend says of the other's position, if anything. */
void sighej_encounter_take_peer_fix (SighejEncounter *self,
                                     const SighejWireMeetState *state,
                                     gint64 now_us);

/* Forgets positions, ours and theirs. */
void sighej_encounter_forget_fixes (SighejEncounter *self);

/* Writes direction and distance into the meet. Returns: whether they are others now */
gboolean sighej_encounter_show_places (SighejEncounter *self, gint64 now_us);

G_END_DECLS
