/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-enums.h"

G_BEGIN_DECLS

/*
 * What the words of the API mean to a person: one sentence, clause or word each, in the language of
 * the locale, shared by all clients. A `const char *` is static. A clause begins in lower case and
 * has no full stop; a sentence has both. The English of a reason's clause is the daemon's own
 * (sighej_error_new_for_reason()), so that the two never tell different stories.
 */

/* ---- clauses and single words ---- */

/* "the backend is not reachable"; never NULL or empty */
const char *sighej_words_reason (SighejReason reason);
/* "unlock it to go on"; "" when no step is known */
const char *sighej_words_reason_step (SighejReason reason);
/* The same step for who has a window and no terminal, as a sentence: "Unlock the screen to go on."
 */
const char *sighej_words_reason_advice (SighejReason reason);
/* "your address changes with each token" */
const char *sighej_words_privacy (SighejPrivacy privacy);
/* "sent", "seen" */
const char *sighej_words_mark (SighejMeetMark mark);

/**
 * sighej_words_of:
 * @type: of a band, a nudge's or a meet's state, Bluetooth, the backend, privacy, a mark or a
 *   report's reason
 * @nick: (nullable): the word of the API
 *
 * Returns: the word for people; @nick itself when it is none of @type, "" for NULL
 */
const char *sighej_words_of (GType type, const char *nick);

/* ---- sentences ---- */

/* "The other side's key cannot be used."; NULL for NONE */
const char *sighej_words_problem (SighejMeetProblem problem);
/* "Nobody but the two of you can read the talk."; for PHRASE the sentence before the phrase */
const char *sighej_words_trust (SighejMeetTrust trust);
/* "Nobody is shown where you are." */
const char *sighej_words_sharing (SighejMeetSharing sharing);
/* "They are in sight, to the north-east." (transfer full) */
char *sighej_words_dup_place (SighejDirection direction, SighejDistance distance);
/* "Look for “Blue Heron” at the window table."; @spot: (nullable): "" and NULL: none (transfer
 * full) */
char *sighej_words_dup_look_for (const char *cue, const char *spot);
/* "2 people near are open"; "No one near yet" for 0 (transfer full) */
char *sighej_words_dup_nearby (guint n_near);
/* "Someone near also likes devops and jazz"; @shared: labels, may be empty (transfer full) */
char *sighej_words_dup_nudge (const char *const *shared);

/**
 * sighej_words_dup_state:
 * @open_until: Unix seconds; 0: none, as a kiosk has. So is @paused_until
 * @who: (nullable): the program that asks for silence, when @reason is inhibited
 * @why: (nullable): what it says it does so for
 *
 * Returns: (transfer full): "Open to talk until 14:00.", "Paused: the screen is locked. Nobody sees
 *   you.", …
 */
char *sighej_words_dup_state (SighejState state,
                              SighejReason reason,
                              guint64 open_until,
                              guint64 paused_until,
                              const char *who,
                              const char *why);

/* ---- figures and lists; all (transfer full) ---- */

/* "1 h 12 min"; below a minute in seconds */
char *sighej_words_dup_duration (guint64 seconds);
/* "1 h 12 min left" */
char *sighej_words_dup_left (guint64 seconds);
/* "14:00", local; "?" when it is no time */
char *sighej_words_dup_clock (guint64 unix_seconds);
/* "devops, jazz and chess" */
char *sighej_words_dup_list (const char *const *words);
/* The text in the quotes of the language; straight ones where the locale has no UTF-8 */
char *sighej_words_dup_quoted (const char *text);

/* ---- errors ---- */

/**
 * sighej_words_dup_error:
 * @error: one of the daemon (SIGHEJ_ERROR, as it came over the bus), of the bus, or any other
 *
 * Returns: (transfer full): what failed, as a clause in the person's language where its text is
 *   known, else as the daemon wrote it
 */
char *sighej_words_dup_error (const GError *error);

/* A text of the daemon, such as the doctor's, as far as it is known. (transfer full) */
char *sighej_words_dup_translated (const char *text);

/* The next step behind the "; " of such a text. (transfer full) (nullable): none is known */
char *sighej_words_dup_error_step (const GError *error);

G_END_DECLS
