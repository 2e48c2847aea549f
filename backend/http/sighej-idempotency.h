/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-clock.h"
#include "sighej-exchange.h"
#include "sighej-store.h"
#include "sighej-vault.h"

G_BEGIN_DECLS

#define SIGHEJ_IDEMPOTENCY_POLL_MS 100      /* for an answer another process is making */
#define SIGHEJ_IDEMPOTENCY_WAIT_MS 5000     /* for it, or for our own */
#define SIGHEJ_IDEMPOTENCY_WAITING_MAX 1024 /* requests that wait at one time */

typedef struct _SighejParts SighejParts;
typedef void (*SighejRouteHandler) (SighejExchange *exchange, SighejParts *parts);

/**
 * SighejIdempotency:
 *
 * Stands between the table of routes and a POST that carries an Idempotency-Key (DESIGN 3
 * "Idempotency"), so that a client which lost the answer asks again and gets the same:
 *
 *     ASKING --new--> RUNNING --answer--> KEEPING --> answered
 *       |  ^            (2xx kept, sealed; all else forgotten)
 *       |  |--done----> answered with what was kept, as 200
 *       |  |--other---> 422
 *       running
 *       v  | the first is settled here, or 100 ms
 *     WAITING --5 s--> 503
 *
 * The store remembers; this object knows only who waits in this process. Keys belong to a caller
 * and a route, and are kept as an HMAC of both.
 */
typedef struct _SighejIdempotency SighejIdempotency;

SighejIdempotency *
sighej_idempotency_new (SighejStore *store, SighejVault *vault, SighejClock *clock);
void sighej_idempotency_unref (SighejIdempotency *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejIdempotency, sighej_idempotency_unref)

/* The request's Idempotency-Key, in lower case and without quotes. (transfer full) (nullable):
 * there is none, or it is no UUID */
char *sighej_idempotency_dup_key (SighejExchange *exchange);

/**
 * sighej_idempotency_run:
 * @route: the route's name, the same under each prefix
 * @by_secret: the caller is who its bearer says; FALSE: on this route everybody is nobody
 * @handle: does it, once, and answers @exchange
 *
 * Without an Idempotency-Key, or without the bearer the caller is known by, this is @handle.
 * Answers 400 when the key is no UUID (bare, or in the quotes of a structured field) and 503
 * when the store is away: nothing was done then.
 */
void sighej_idempotency_run (SighejIdempotency *self,
                             SighejExchange *exchange,
                             const char *route,
                             gboolean by_secret,
                             SighejRouteHandler handle,
                             SighejParts *parts);

G_END_DECLS
