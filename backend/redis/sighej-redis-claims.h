/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-redis.h"
#include "sighej-store.h"

G_BEGIN_DECLS

/*
 * The Redis store's answers to repeated requests: what claim.lua and settle.lua are asked and
 * answer. As sighej_store_claim() and sighej_store_settle().
 */

void sighej_redis_claims_take (SighejRedis *commands,
                               const SighejStoreClaim *claim,
                               SighejStoreClaimed claimed,
                               gpointer user_data);

void sighej_redis_claims_settle (SighejRedis *commands,
                                 const SighejStoreClaim *claim,
                                 GBytes *sealed_answer,  /* (nullable) */
                                 const char *session_id, /* (nullable) */
                                 guint lifetime_s,
                                 SighejStoreDone done,
                                 gpointer user_data);

/* What a caller is called in the keys of Redis: the hash of the session's secret as hex, or "" of
 * nobody, whose hash is zeros. */
void sighej_redis_claims_write_caller (const guint8 secret_hash[SIGHEJ_SHA256_BYTES],
                                       char out[2 * SIGHEJ_SHA256_BYTES + 1]);

G_END_DECLS
