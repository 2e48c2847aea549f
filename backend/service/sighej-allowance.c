/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-allowance.h"

#include "sighej-error.h"
#include "sighej-metrics.h"

#define MINUTE_US (60 * (gint64) G_USEC_PER_SEC)
#define HOUR_US (60 * MINUTE_US)
#define ADDRESS_PERIOD_US (10 * MINUTE_US)
#define MESSAGES_BURST_SECONDS 10 /* a daemon that comes into a crowd has much to say at once */
#define ADDRESSES_MAX 65536       /* that may owe something at one time; see sighej-throttle.h */
#define REPORTERS_MAX 262144      /* more than the sessions of any store */
#define PRUNE_US MINUTE_US

struct _SighejAllowance
{
  SighejClock *clock;
  SighejAllowanceRules rules;
  SighejThrottle *sightings; /* by session */
  SighejThrottle *messages;  /* (nullable): by session */
  SighejThrottle *addresses; /* (nullable): by client address */
  guint prune_timer;
};

/* A rule that gives nothing back means that there is no limit. */
static void
use_rule (SighejThrottle **throttle, const SighejThrottleRule *rule)
{
  if (rule->n_per_period == 0)
    g_clear_pointer (throttle, sighej_throttle_free);
  else if (*throttle == NULL)
    *throttle = sighej_throttle_new (rule);
  else
    sighej_throttle_set_rule (*throttle, rule);
}

void
sighej_allowance_set_rules (SighejAllowance *self, const SighejAllowanceRules *rules)
{
  const SighejThrottleRule sightings = {
    .n_burst = rules->sightings_burst,
    .n_per_period = rules->sightings_per_minute,
    .period_us = MINUTE_US,
    .n_distinct = rules->distinct_tokens_per_hour,
    .distinct_us = HOUR_US,
    .n_keys = REPORTERS_MAX,
  };
  const SighejThrottleRule messages = {
    .n_burst = rules->messages_per_second * MESSAGES_BURST_SECONDS,
    .n_per_period = rules->messages_per_second,
    .period_us = G_USEC_PER_SEC,
    .n_keys = REPORTERS_MAX,
  };
  const SighejThrottleRule addresses = {
    .n_burst = rules->sessions_per_address,
    .n_per_period = rules->sessions_per_address,
    .period_us = ADDRESS_PERIOD_US,
    .n_keys = ADDRESSES_MAX,
  };

  self->rules = *rules;
  use_rule (&self->sightings, &sightings);
  use_rule (&self->messages, &messages);
  use_rule (&self->addresses, &addresses);
}

SighejAllowance *
sighej_allowance_new (SighejClock *clock, const SighejAllowanceRules *rules)
{
  SighejAllowance *self = g_new0 (SighejAllowance, 1);

  self->clock = g_object_ref (clock);
  sighej_allowance_set_rules (self, rules);
  return self;
}

void
sighej_allowance_free (SighejAllowance *self)
{
  sighej_clock_clear (self->clock, &self->prune_timer);
  sighej_throttle_free (self->sightings);
  g_clear_pointer (&self->messages, sighej_throttle_free);
  g_clear_pointer (&self->addresses, sighej_throttle_free);
  g_object_unref (self->clock);
  g_free (self);
}

static gboolean
on_prune (gpointer user_data)
{
  SighejAllowance *self = user_data;
  gint64 now_us = sighej_clock_now_us (self->clock);
  guint n_left = sighej_throttle_prune (self->sightings, now_us);

  if (self->messages != NULL)
    n_left += sighej_throttle_prune (self->messages, now_us);
  if (self->addresses != NULL)
    n_left += sighej_throttle_prune (self->addresses, now_us);
  self->prune_timer = 0;
  if (n_left > 0)
    self->prune_timer = sighej_clock_add (self->clock, PRUNE_US, on_prune, self);
  return G_SOURCE_REMOVE;
}

static gboolean
take (SighejAllowance *self,
      SighejThrottle *throttle,
      SighejMetricRule rule,
      SighejThrottlePlace *place,
      const char *key,
      const char *item,
      GError **error)
{
  guint retry_after_s;

  if (self->prune_timer == 0)
    self->prune_timer = sighej_clock_add (self->clock, PRUNE_US, on_prune, self);
  if (sighej_throttle_take_at (
          throttle, place, key, item, sighej_clock_now_us (self->clock), &retry_after_s))
    return TRUE;
  sighej_metrics_add (SIGHEJ_METRIC_RATE_LIMITED, rule, 1);
  g_propagate_error (error, sighej_error_new_rate_limited ("too many requests", retry_after_s));
  return FALSE;
}

gboolean
sighej_allowance_take_sighting (SighejAllowance *self,
                                SighejThrottlePlace *place,
                                const char *session_id,
                                const char *token,
                                GError **error)
{
  return take (self, self->sightings, SIGHEJ_RULE_SIGHTINGS, place, session_id, token, error);
}

gboolean
sighej_allowance_take_message (SighejAllowance *self,
                               SighejThrottlePlace *place,
                               const char *session_id,
                               GError **error)
{
  return self->messages == NULL
         || take (self, self->messages, SIGHEJ_RULE_MESSAGES, place, session_id, NULL, error);
}

gboolean
sighej_allowance_take_session (SighejAllowance *self, const char *address, GError **error)
{
  return address == NULL || self->addresses == NULL
         || take (self, self->addresses, SIGHEJ_RULE_SESSIONS, NULL, address, NULL, error);
}

static void
fill_quota (SighejAllowance *self,
            SighejThrottle *throttle,
            const char *key,
            const GError *error,
            SighejQuota *quota)
{
  SighejThrottleLeft left = sighej_throttle_peek (throttle, key, sighej_clock_now_us (self->clock));

  if (g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_RATE_LIMITED))
    left = (SighejThrottleLeft){ 0, sighej_error_get_retry_after_s (error) };
  quota->n_left = left.n_left;
  quota->full_s = left.full_s;
}

void
sighej_allowance_get_sighting_quota (SighejAllowance *self,
                                     const char *session_id,
                                     const GError *error,
                                     SighejQuota *quota)
{
  *quota = (SighejQuota){ .name = "sightings",
                          .n_per_period = self->rules.sightings_per_minute,
                          .period_s = MINUTE_US / G_USEC_PER_SEC };
  fill_quota (self, self->sightings, session_id, error, quota);
}

gboolean
sighej_allowance_get_session_quota (SighejAllowance *self,
                                    const char *address,
                                    const GError *error,
                                    SighejQuota *quota)
{
  if (address == NULL || self->addresses == NULL)
    return FALSE;
  *quota = (SighejQuota){ .name = "sessions",
                          .n_per_period = self->rules.sessions_per_address,
                          .period_s = ADDRESS_PERIOD_US / G_USEC_PER_SEC };
  fill_quota (self, self->addresses, address, error, quota);
  return TRUE;
}

void
sighej_allowance_forget (SighejAllowance *self, const char *session_id)
{
  sighej_throttle_forget (self->sightings, session_id);
  if (self->messages != NULL)
    sighej_throttle_forget (self->messages, session_id);
}
