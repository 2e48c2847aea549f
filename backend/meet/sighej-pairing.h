/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-meetings.h"

G_BEGIN_DECLS

/*
 * Two people whose Bluetooth fails meet by a code that one of them reads out. The code is a record
 * "code:<keyed hash of the digits>" with its creator, what she committed to, and the one who
 * joined; it makes an encounter in which both have waved. What guessing costs is in
 * docs/protocol.md, "Pairing codes".
 */

#define SIGHEJ_PAIRING_TRIES_PER_MINUTE 10    /* of one opening: codes made and joined */
#define SIGHEJ_PAIRING_GUESSES_PER_MINUTE 100 /* of all: codes that there are not */

/* @code: digits; "" with an error */
typedef void (*SighejPairingCreated) (const char *code,
                                      guint expires_in_s,
                                      const GError *error,
                                      gpointer user_data);
/**
 * sighej_pairing_create:
 *
 * The same opening and commit get the same code while it lives, so that a lost answer or socket
 * costs nothing; the session that asked last is told who joined.
 *
 * Errors: RATE_LIMITED, UNAVAILABLE.
 */
void sighej_pairing_create (SighejMeetings *meetings,
                            const SighejMeetingsWho *who,
                            const guint8 commit[SIGHEJ_COMMIT_BYTES],
                            SighejPairingCreated created,
                            gpointer user_data);

/* @paired: (nullable): lent; NULL with an error, or when nobody joined yet */
typedef void (*SighejPairingPaired) (const SighejWirePaired *paired,
                                     const GError *error,
                                     gpointer user_data);
/**
 * sighej_pairing_join:
 *
 * Errors: NOT_FOUND (no such code, of the caller, used by another, over: all alike),
 * RATE_LIMITED, UNAVAILABLE.
 */
void sighej_pairing_join (SighejMeetings *meetings,
                          const SighejMeetingsWho *who,
                          const SighejWirePairRequest *request,
                          SighejPairingPaired paired,
                          gpointer user_data);

/* For the creator: who joined. Errors: NOT_FOUND (the code is over), UNAVAILABLE. */
void sighej_pairing_look (SighejMeetings *meetings,
                          const SighejMeetingsWho *who,
                          const char *code,
                          SighejPairingPaired paired,
                          gpointer user_data);

G_END_DECLS
