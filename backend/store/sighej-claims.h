/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-store.h"

G_BEGIN_DECLS

#define SIGHEJ_CLAIMS_NOBODY_MAX 65536 /* of those without a caller; then the oldest makes room */

/**
 * SighejClaims:
 *
 * The memory store's half of Idempotency-Key (DESIGN 3): who is doing what, and the sealed answer
 * once it is done.
 *
 *   (none) --take--> running --settle with an answer--> done
 *   running --settle without, 15 s, end of the caller--> (none)
 *   done --its lifetime, end of the caller or of the session it made--> (none)
 *
 * Of each caller at most %SIGHEJ_STORE_CLAIMS_MAX are kept; the oldest makes room. Pure; the
 * caller brings the time.
 */
typedef struct _SighejClaims SighejClaims;

SighejClaims *sighej_claims_new (void);
void sighej_claims_free (SighejClaims *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejClaims, sighej_claims_free)

/* @answer: (out) (nullable) (transfer full): with SIGHEJ_CLAIM_DONE */
SighejClaimState sighej_claims_take (SighejClaims *self,
                                     const SighejStoreClaim *claim,
                                     gint64 now_us,
                                     GBytes **answer);

/* As sighej_store_settle(). */
void sighej_claims_settle (SighejClaims *self,
                           const SighejStoreClaim *claim,
                           GBytes *answer,
                           const char *session_id,
                           gint64 now_us,
                           gint64 until_us);

void sighej_claims_forget_caller (SighejClaims *self, const guint8 caller[SIGHEJ_SHA256_BYTES]);
void sighej_claims_forget_session (SighejClaims *self, const char *session_id);

/* Drops what is over at @now_us. */
void sighej_claims_expire (SighejClaims *self, gint64 now_us);

/* When the next one is over; G_MAXINT64: there is none. */
gint64 sighej_claims_next_us (SighejClaims *self);

G_END_DECLS
