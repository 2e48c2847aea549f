/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-token.h"

G_BEGIN_DECLS

#define SIGHEJ_SEED_BYTES 32
#define SIGHEJ_PUBLIC_KEY_BYTES 32
#define SIGHEJ_EPOCH_SECONDS_MIN 600
#define SIGHEJ_EPOCH_SECONDS_MAX 900
#define SIGHEJ_SESSION_SECONDS_MIN 300
#define SIGHEJ_SESSION_SECONDS_MAX 7200
#define SIGHEJ_EPOCHS_MAX 12 /* 7200 / 600 */

/* A token is taken from this long before its epoch ... */
#define SIGHEJ_TOKEN_EARLY_SECONDS 10
/* ... until this long after it (BLE 3). */
#define SIGHEJ_TOKEN_GRACE_SECONDS 60

/**
 * SighejTokenEpoch:
 * @start_s: first second of the epoch, since the backend accepted the session
 * @end_s: first second after it
 * @token: what is on the air then
 */
typedef struct
{
  guint start_s;
  guint end_s;
  SighejToken token;
} SighejTokenEpoch;

/**
 * SighejTokenOrigin:
 * @key: key(i) of its epoch; tells nothing about other epochs
 * @public_key: of the session
 *
 * What a token is made of: whoever has this need not be told the token, and cannot be told
 * another's.
 */
typedef struct
{
  guint8 key[32];
  guint8 public_key[SIGHEJ_PUBLIC_KEY_BYTES];
} SighejTokenOrigin;

void sighej_token_origin_derive (const SighejTokenOrigin *self, SighejToken *out);

/**
 * SighejTokenSchedule:
 *
 * All tokens of one session, derived from its seed exactly as BLE 3 says. Pure: it knows no
 * clock; seconds are since the backend accepted POST /session. The seed itself is not kept.
 */
typedef struct _SighejTokenSchedule SighejTokenSchedule;

/**
 * sighej_token_schedule_new:
 * @seed: 32 secret bytes; the caller wipes its own copy
 * @public_key: (nullable): the session's X25519 public key; NULL means 32 zero bytes
 * @session_s: length of the session, %SIGHEJ_SESSION_SECONDS_MIN to %SIGHEJ_SESSION_SECONDS_MAX
 */
SighejTokenSchedule *sighej_token_schedule_new (const guint8 seed[SIGHEJ_SEED_BYTES],
                                                const guint8 *public_key,
                                                guint session_s);
SighejTokenSchedule *sighej_token_schedule_ref (SighejTokenSchedule *self);
void sighej_token_schedule_unref (SighejTokenSchedule *self); /* wipes */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejTokenSchedule, sighej_token_schedule_unref)

guint sighej_token_schedule_get_n_epochs (SighejTokenSchedule *self);
const SighejTokenEpoch *sighej_token_schedule_get_epoch (SighejTokenSchedule *self, guint i);

/* Returns: (nullable): the epoch that covers second @at_s, NULL once the session is over. */
const SighejTokenEpoch *sighej_token_schedule_at (SighejTokenSchedule *self, guint at_s);

/*
 * The 32 secret bytes key(@i), for the test vectors and for proving a token to a peer one met;
 * tells nothing about other epochs.
 */
void sighej_token_schedule_get_key (SighejTokenSchedule *self, guint i, guint8 out[32]);

/* @epoch: one of this schedule's; the caller wipes @out */
void sighej_token_schedule_get_origin (SighejTokenSchedule *self,
                                       const SighejTokenEpoch *epoch,
                                       SighejTokenOrigin *out);

G_END_DECLS
