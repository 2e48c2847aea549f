/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-clock.h"
#include "sighej-wire.h"

G_BEGIN_DECLS

/* Questions that may wait for their answer at a time ... */
#define SIGHEJ_LINK_MEETS_PENDING_MAX 256
/* ... and how long each does, seconds. */
#define SIGHEJ_LINK_MEETS_ANSWER_SECONDS 10

/**
 * SighejLinkMeets:
 *
 * What is said to the backend about meets, and what it says (docs/protocol.md, "Meets"): gives each
 * question an id and its answer to who asked. Knows no session: SighejLink sets the line to speak
 * through and puts in what came, over whichever session.
 *
 * Life of a question: asked -> sent at once, or refused at once -> answered; or the line went
 * or 10 s went by: SIGHEJ_ERROR_OFFLINE. Nobody knows then whether the backend has heard it. When
 * one line takes over from another (a session is renewed), what waits is asked again: whatever is
 * asked twice counts once (docs/protocol.md, "Meets").
 *
 * Signals:
 *  "online" (): there is a line, another one than before, or one that is late with an answer:
 *    encounters are to be resumed
 *  "meet" (SighejWireMeetState *), "talk" (SighejWireTalk *): valid during the emission
 *  "paired" (SighejWirePaired *): somebody used a code of ours; valid during the emission
 */
#define SIGHEJ_TYPE_LINK_MEETS (sighej_link_meets_get_type ())
G_DECLARE_FINAL_TYPE (SighejLinkMeets, sighej_link_meets, SIGHEJ, LINK_MEETS, GObject)

SighejLinkMeets *sighej_link_meets_new (SighejClock *clock);

/* Returns: FALSE: it could not be sent. */
typedef gboolean (*SighejLinkMeetsSend) (const char *text, gpointer user_data);

/* @send: (nullable): there is none now: what waits for an answer fails. */
void
sighej_link_meets_set_line (SighejLinkMeets *self, SighejLinkMeetsSend send, gpointer user_data);

gboolean sighej_link_meets_get_online (SighejLinkMeets *self);

/* A message came, one of meets. */
void sighej_link_meets_take (SighejLinkMeets *self, const SighejWireServerMessage *message);

/**
 * SighejLinkMeetsAnswered:
 * @answer: (nullable): valid during the call; a MEET_RESULT that is ok, CODE or PAIR
 * @error: (nullable): what the backend answered instead, as SIGHEJ_ERROR, or
 *   SIGHEJ_ERROR_OFFLINE
 *
 * Called once for each question, never before the asking returned.
 */
typedef void (*SighejLinkMeetsAnswered) (const SighejWireServerMessage *answer,
                                         const GError *error,
                                         gpointer user_data);

/**
 * sighej_link_meets_ask:
 * @message: its id is set here
 *
 * Returns: FALSE with SIGHEJ_ERROR_OFFLINE (no line) or SIGHEJ_ERROR_RATE_LIMITED (too many
 *   questions wait); @answered is not called then
 */
gboolean sighej_link_meets_ask (SighejLinkMeets *self,
                                SighejWireMeet *message,
                                SighejLinkMeetsAnswered answered,
                                gpointer user_data,
                                GError **error);

/* The same for a pairing code of ours, answered by CODE ... */
gboolean sighej_link_meets_ask_code (SighejLinkMeets *self,
                                     SighejWireCodeRequest *request,
                                     SighejLinkMeetsAnswered answered,
                                     gpointer user_data,
                                     GError **error);

/* ... and for theirs, answered by PAIR. */
gboolean sighej_link_meets_ask_pair (SighejLinkMeets *self,
                                     SighejWirePairRequest *request,
                                     SighejLinkMeetsAnswered answered,
                                     gpointer user_data,
                                     GError **error);

/* Adds to an a{st}: "link.meet-questions", "link.meet-unanswered", "link.meet-states" … */
void sighej_link_meets_count (SighejLinkMeets *self, GVariantBuilder *counters);

G_END_DECLS
