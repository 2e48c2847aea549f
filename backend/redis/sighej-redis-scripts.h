/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-redis.h"
#include "sighej-store.h"

G_BEGIN_DECLS

#define SIGHEJ_REDIS_WORKER_SECONDS 15      /* silent for longer, a worker has no sockets */
#define SIGHEJ_REDIS_WORKER_KEY_SECONDS 300 /* when it was heard last, for longer than matters */
#define SIGHEJ_REDIS_WAKE_SECONDS 15        /* a worker that does not ask for it in this is gone */
#define SIGHEJ_REDIS_SESSION_SECONDS_MAX 7200        /* no session is older */
#define SIGHEJ_REDIS_COUNTS_SECONDS (30 * 24 * 3600) /* counters wait so long for a ledger */
#define SIGHEJ_REDIS_NUDGED_CHARS 19 /* until (16), who was told (2), a full stop; then both */
#define SIGHEJ_REDIS_BOTH_CHARS 16   /* of the SHA-1 of two handles, as hex */
#define SIGHEJ_REDIS_RECORD_VERSION_SECONDS (30 * 24 * 3600) /* as long as any record */
#define SIGHEJ_REDIS_BATCHES_MAX 64                          /* handed out at once */

/*
 * The scripts of backend/redis, each one whole decision: what a script reads and writes is
 * written in it, and the keys are in docs/protocol.md. Time is Redis' own, in microseconds;
 * whatever ends is compared with it, and the keys' own expiry only gives the memory back.
 */
typedef enum
{
  SIGHEJ_REDIS_ACK,
  SIGHEJ_REDIS_ADD,
  SIGHEJ_REDIS_ATTACH,
  SIGHEJ_REDIS_ATTACHED,
  SIGHEJ_REDIS_BEAT,
  SIGHEJ_REDIS_CLAIM,
  SIGHEJ_REDIS_COUNT,
  SIGHEJ_REDIS_DROP,
  SIGHEJ_REDIS_END,
  SIGHEJ_REDIS_FIND,
  SIGHEJ_REDIS_REATTACH,
  SIGHEJ_REDIS_RECORD_READ,
  SIGHEJ_REDIS_RECORD_SWAP,
  SIGHEJ_REDIS_SETTLE,
  SIGHEJ_REDIS_SIGHT,
  SIGHEJ_REDIS_TAKE,
  SIGHEJ_REDIS_N_SCRIPTS,
} SighejRedisScriptName;

/* Ready to run, its constants filled in. */
SighejRedisScript *sighej_redis_scripts_get (SighejRedisScriptName name);

G_END_DECLS
