/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-backoff.h"
#include "sighej-clock.h"
#include "sighej-enums.h"
#include "sighej-link-http.h"

G_BEGIN_DECLS

/* Waited after a no that asking again will not turn into a yes, seconds. */
#define SIGHEJ_LINK_REFUSED_SECONDS 300
/* Waited when a backend limits us and does not say for how long, seconds. */
#define SIGHEJ_LINK_RATE_LIMIT_SECONDS 30
/* New seeds drawn in a row for a token that is taken. */
#define SIGHEJ_LINK_TAKEN_TRIES_MAX 3

/**
 * SighejLinkRetry:
 * @wait: runs while nothing may be tried, else 0
 * @trouble: (nullable): what went wrong last, until something worked
 *
 * When SighejLink tries again, and what that time is called. A value inside it; at most one wait.
 *
 *   offline, TLS, no upgrade, session gone: jittered backoff, 1 s to 60 s
 *   refused: 300 s      rate limited: as told, or 30 s      token taken: at once, three times
 */
typedef struct
{
  SighejClock *clock;
  GSourceFunc due;
  gpointer user_data;

  SighejBackoff backoff;
  guint wait;
  guint n_taken;
  gboolean failing;
  SighejLinkFailure *trouble;
  guint64 n_failures;
} SighejLinkRetry;

/* @due is called when it is time to try again; it must call sighej_link_retry_is_due() first. */
void sighej_link_retry_init (SighejLinkRetry *self,
                             SighejClock *clock,
                             GSourceFunc due,
                             gpointer user_data);

/* The wait is over: a refusal or a limit is no more until the next one. */
void sighej_link_retry_is_due (SighejLinkRetry *self);

/* Forgets everything that went wrong and waits for nothing: something new was asked for. */
void sighej_link_retry_start_over (SighejLinkRetry *self);

/* It worked. The backoff stays until sighej_link_retry_calm_down(): it may not last. */
void sighej_link_retry_worked (SighejLinkRetry *self);

/* Things were well for a while: the next backoff is a short one. */
void sighej_link_retry_calm_down (SighejLinkRetry *self);

/* An attempt failed, or (@was_online) a socket that worked was lost: starts the wait. */
void sighej_link_retry_failed (SighejLinkRetry *self,
                               const SighejLinkFailure *failure,
                               gboolean was_online);

/* NONE, BACKEND_OFFLINE, BACKEND_REFUSED or RATE_LIMITED. */
SighejReason sighej_link_retry_get_reason (const SighejLinkRetry *self);

G_END_DECLS
