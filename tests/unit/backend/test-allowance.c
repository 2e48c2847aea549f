/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-allowance.h"
#include "sighej-error.h"
#include "sighej-metrics.h"
#include "sighej-test-clock.h"

#define SECOND_US ((gint64) G_USEC_PER_SEC)
#define MINUTE_US (60 * SECOND_US)

typedef struct
{
  SighejTestClock *clock;
  SighejAllowance *allowance;
} Fixture;

/* Few enough to count. */
static const SighejAllowanceRules rules = {
  .sightings_per_minute = 6,
  .sightings_burst = 3,
  .distinct_tokens_per_hour = 5,
  .messages_per_second = 1,
  .sessions_per_address = 4,
};

static void
set_up (Fixture *fixture, gconstpointer data)
{
  sighej_metrics_reset ();
  fixture->clock = sighej_test_clock_new ();
  fixture->allowance = sighej_allowance_new (SIGHEJ_CLOCK (fixture->clock), &rules);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  sighej_allowance_free (fixture->allowance);
  g_object_unref (fixture->clock);
}

static guint
count_sightings (Fixture *fixture, const char *session_id, guint n)
{
  guint n_taken = 0;

  for (guint i = 0; i < n; i++)
    if (sighej_allowance_take_sighting (fixture->allowance, NULL, session_id, "token", NULL))
      n_taken++;
  return n_taken;
}

static guint
count_messages (Fixture *fixture, const char *session_id, guint n)
{
  SighejThrottlePlace place = { 0 };
  guint n_taken = 0;

  for (guint i = 0; i < n; i++)
    if (sighej_allowance_take_message (fixture->allowance, &place, session_id, NULL))
      n_taken++;
  return n_taken;
}

static guint
count_sessions (Fixture *fixture, const char *address, guint n)
{
  guint n_taken = 0;

  for (guint i = 0; i < n; i++)
    if (sighej_allowance_take_session (fixture->allowance, address, NULL))
      n_taken++;
  return n_taken;
}

/* ---- what is allowed ---- */

static void
test_each_limit_is_its_own (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpuint (count_sightings (fixture, "alice", 10), ==, 3);
  g_assert_cmpuint (count_messages (fixture, "alice", 20), ==, 10);
  g_assert_cmpuint (count_sessions (fixture, "192.0.2.7", 10), ==, 4);
  g_assert_cmpuint (count_sightings (fixture, "bob", 10), ==, 3);
}

static void
test_different_tokens_are_limited (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *token = g_strdup_printf ("token-%u", i);

      sighej_test_clock_advance (fixture->clock, MINUTE_US);
      g_assert_true (
          sighej_allowance_take_sighting (fixture->allowance, NULL, "alice", token, NULL));
    }
  g_assert_false (
      sighej_allowance_take_sighting (fixture->allowance, NULL, "alice", "token-5", NULL));
}

static void
test_no_messages_limit (Fixture *fixture, gconstpointer data)
{
  SighejAllowanceRules none = rules;

  none.messages_per_second = 0;
  g_assert_cmpuint (count_messages (fixture, "alice", 20), ==, 10);
  sighej_allowance_set_rules (fixture->allowance, &none);
  g_assert_cmpuint (count_messages (fixture, "alice", 1000), ==, 1000);
}

static void
test_no_address_no_limit (Fixture *fixture, gconstpointer data)
{
  SighejQuota quota;

  g_assert_cmpuint (count_sessions (fixture, NULL, 100), ==, 100);
  g_assert_false (sighej_allowance_get_session_quota (fixture->allowance, NULL, NULL, &quota));
}

/* A new limit counts from now on; what is owed stays owed. */
static void
test_new_rules_forgive_nothing (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpuint (count_sightings (fixture, "alice", 10), ==, 3);
  sighej_allowance_set_rules (fixture->allowance, &rules);
  g_assert_cmpuint (count_sightings (fixture, "alice", 10), ==, 0);
}

static void
test_an_ended_session_owes_nothing (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpuint (count_sightings (fixture, "alice", 10), ==, 3);
  g_assert_cmpuint (count_messages (fixture, "alice", 20), ==, 10);
  sighej_allowance_forget (fixture->allowance, "alice");
  g_assert_cmpuint (count_sightings (fixture, "alice", 10), ==, 3);
  g_assert_cmpuint (count_messages (fixture, "alice", 20), ==, 10);
}

/* ---- what is said about it ---- */

static void
test_a_refusal_says_when_and_is_counted (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  count_sightings (fixture, "alice", 3);
  g_assert_false (
      sighej_allowance_take_sighting (fixture->allowance, NULL, "alice", "token", &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_RATE_LIMITED);
  g_assert_cmpstr (error->message, ==, "too many requests, try again in 10 seconds");
  g_assert_cmpuint (sighej_error_get_retry_after_s (error), ==, 10);
  g_assert_cmpuint (
      sighej_metrics_get (SIGHEJ_METRIC_RATE_LIMITED, SIGHEJ_RULE_SIGHTINGS, 0), ==, 1);
  g_assert_cmpuint (
      sighej_metrics_get (SIGHEJ_METRIC_RATE_LIMITED, SIGHEJ_RULE_SESSIONS, 0), ==, 0);
}

static void
test_quotas_say_what_is_left (Fixture *fixture, gconstpointer data)
{
  SighejQuota quota;

  count_sightings (fixture, "alice", 1);
  sighej_allowance_get_sighting_quota (fixture->allowance, "alice", NULL, &quota);
  g_assert_cmpstr (quota.name, ==, "sightings");
  g_assert_cmpuint (quota.n_per_period, ==, 6);
  g_assert_cmpuint (quota.period_s, ==, 60);
  g_assert_cmpuint (quota.n_left, ==, 2);
  g_assert_cmpuint (quota.full_s, ==, 10);

  count_sessions (fixture, "192.0.2.7", 4);
  g_assert_true (
      sighej_allowance_get_session_quota (fixture->allowance, "192.0.2.7", NULL, &quota));
  g_assert_cmpstr (quota.name, ==, "sessions");
  g_assert_cmpuint (quota.n_per_period, ==, 4);
  g_assert_cmpuint (quota.period_s, ==, 600);
  g_assert_cmpuint (quota.n_left, ==, 0);
}

/* The store behind it, which others share, may have refused what was left here. */
static void
test_a_refusal_leaves_nothing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = sighej_error_new_rate_limited ("too many requests", 7);
  SighejQuota quota;

  sighej_allowance_get_sighting_quota (fixture->allowance, "alice", error, &quota);
  g_assert_cmpuint (quota.n_left, ==, 0);
  g_assert_cmpuint (quota.full_s, ==, 7);
}

/* ---- time ---- */

static void
test_sleeps_once_nobody_owes (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
  count_messages (fixture, "alice", 10);
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), !=, -1);
  sighej_test_clock_advance (fixture->clock, 2 * MINUTE_US);
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
}

#define ADD(name, test) g_test_add ("/allowance/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("each-limit-is-its-own", test_each_limit_is_its_own);
  ADD ("different-tokens-are-limited", test_different_tokens_are_limited);
  ADD ("no-messages-limit", test_no_messages_limit);
  ADD ("no-address-no-limit", test_no_address_no_limit);
  ADD ("new-rules-forgive-nothing", test_new_rules_forgive_nothing);
  ADD ("an-ended-session-owes-nothing", test_an_ended_session_owes_nothing);
  ADD ("a-refusal-says-when-and-is-counted", test_a_refusal_says_when_and_is_counted);
  ADD ("quotas-say-what-is-left", test_quotas_say_what_is_left);
  ADD ("a-refusal-leaves-nothing", test_a_refusal_leaves_nothing);
  ADD ("sleeps-once-nobody-owes", test_sleeps_once_nobody_owes);
  return g_test_run ();
}
