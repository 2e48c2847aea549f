/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-link"

#include "config.h"

#include "sighej-link-retry.h"

#define BACKOFF_FIRST_MS 1000
#define BACKOFF_MOST_MS (60 * 1000)
#define MS_PER_S 1000u
#define US_PER_MS 1000
/* Lost sessions replaced in a row before that counts as being offline. */
#define QUIET_TRIES_MAX 2

void
sighej_link_retry_init (SighejLinkRetry *self,
                        SighejClock *clock,
                        GSourceFunc due,
                        gpointer user_data)
{
  *self = (SighejLinkRetry){
    .clock = clock,
    .due = due,
    .user_data = user_data,
    .backoff = SIGHEJ_BACKOFF_INIT (BACKOFF_FIRST_MS, BACKOFF_MOST_MS),
  };
}

void
sighej_link_retry_worked (SighejLinkRetry *self)
{
  self->failing = FALSE;
  self->n_taken = 0;
  g_clear_pointer (&self->trouble, sighej_link_failure_free);
}

void
sighej_link_retry_calm_down (SighejLinkRetry *self)
{
  sighej_backoff_reset (&self->backoff);
}

void
sighej_link_retry_start_over (SighejLinkRetry *self)
{
  sighej_clock_clear (self->clock, &self->wait);
  sighej_link_retry_worked (self);
  sighej_link_retry_calm_down (self);
}

void
sighej_link_retry_is_due (SighejLinkRetry *self)
{
  self->wait = 0;
}

static void
wait_ms (SighejLinkRetry *self, guint delay_ms)
{
  sighej_clock_clear (self->clock, &self->wait);
  self->wait
      = sighej_clock_add (self->clock, (gint64) delay_ms * US_PER_MS, self->due, self->user_data);
}

static void
wait_refused (SighejLinkRetry *self)
{
  self->n_taken = 0;
  self->trouble->kind = SIGHEJ_LINK_FAILURE_REFUSED;
  g_message ("the backend refuses: %s; trying again in %d s",
             self->trouble->text,
             SIGHEJ_LINK_REFUSED_SECONDS);
  wait_ms (self, SIGHEJ_LINK_REFUSED_SECONDS * MS_PER_S);
}

static void
wait_limited (SighejLinkRetry *self)
{
  guint wait_s = self->trouble->retry_after_s;

  if (wait_s == 0)
    wait_s = SIGHEJ_LINK_RATE_LIMIT_SECONDS;
  /* A second of spread: those who were sent away together must not come back together. */
  wait_ms (self, wait_s * MS_PER_S + (guint) g_random_int_range (0, MS_PER_S));
}

static void
wait_offline (SighejLinkRetry *self, gboolean was_online)
{
  guint delay_ms = sighej_backoff_next_ms (&self->backoff);
  gboolean gone = self->trouble->kind == SIGHEJ_LINK_FAILURE_GONE;

  /* What mends itself in a second, as when a backend was restarted, is not called offline yet. */
  if (!was_online && !(gone && self->backoff.attempt <= QUIET_TRIES_MAX))
    self->failing = TRUE;
  wait_ms (self, MAX (delay_ms, self->trouble->retry_after_s * MS_PER_S));
}

void
sighej_link_retry_failed (SighejLinkRetry *self,
                          const SighejLinkFailure *failure,
                          gboolean was_online)
{
  self->n_failures++;
  g_clear_pointer (&self->trouble, sighej_link_failure_free);
  self->trouble = sighej_link_failure_copy (failure);

  switch (failure->kind)
    {
    case SIGHEJ_LINK_FAILURE_REFUSED:
      wait_refused (self);
      break;
    case SIGHEJ_LINK_FAILURE_RATE_LIMITED:
      wait_limited (self);
      break;
    case SIGHEJ_LINK_FAILURE_TAKEN:
      if (++self->n_taken < SIGHEJ_LINK_TAKEN_TRIES_MAX)
        wait_ms (self, 0);
      else
        wait_refused (self);
      break;
    case SIGHEJ_LINK_FAILURE_OFFLINE:
    case SIGHEJ_LINK_FAILURE_TLS:
    case SIGHEJ_LINK_FAILURE_NO_UPGRADE:
    case SIGHEJ_LINK_FAILURE_GONE:
    default:
      wait_offline (self, was_online);
      break;
    }
}

SighejReason
sighej_link_retry_get_reason (const SighejLinkRetry *self)
{
  gboolean waiting = self->wait != 0 && self->trouble != NULL;

  if (waiting && self->trouble->kind == SIGHEJ_LINK_FAILURE_REFUSED)
    return SIGHEJ_REASON_BACKEND_REFUSED;
  if (waiting && self->trouble->kind == SIGHEJ_LINK_FAILURE_RATE_LIMITED)
    return SIGHEJ_REASON_RATE_LIMITED;
  return self->failing ? SIGHEJ_REASON_BACKEND_OFFLINE : SIGHEJ_REASON_NONE;
}
