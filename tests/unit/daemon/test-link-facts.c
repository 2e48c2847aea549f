/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-link-facts.h"
#include "sighej-test.h"

#define URI "https://sighej.example"

typedef struct
{
  SighejTestClock *clock;
  SighejLinkRetry retry;
} Fixture;

static gboolean
on_due (gpointer user_data)
{
  sighej_link_retry_is_due (user_data);
  return G_SOURCE_REMOVE;
}

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  fixture->clock = sighej_test_clock_new ();
  sighej_link_retry_init (&fixture->retry, SIGHEJ_CLOCK (fixture->clock), on_due, &fixture->retry);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  sighej_link_retry_start_over (&fixture->retry);
  sighej_test_assert_finalized (fixture->clock);
}

static void
assert_told (const SighejLinkFacts *facts, SighejBackendState state, SighejReason reason)
{
  g_assert_cmpint (sighej_link_facts_to_state (facts), ==, state);
  g_assert_cmpint (sighej_link_facts_to_reason (facts), ==, reason);
}

static void
test_without_trouble (Fixture *fixture, gconstpointer unused)
{
  SighejLinkFacts facts = { .retry = &fixture->retry };

  assert_told (&facts, SIGHEJ_BACKEND_STATE_OFFLINE, SIGHEJ_REASON_BACKEND_UNSET);
  facts.uri = URI;
  assert_told (&facts, SIGHEJ_BACKEND_STATE_OFFLINE, SIGHEJ_REASON_NONE);
  facts.wanted = TRUE;
  assert_told (&facts, SIGHEJ_BACKEND_STATE_OFFLINE, SIGHEJ_REASON_NONE);
  facts.working = TRUE;
  assert_told (&facts, SIGHEJ_BACKEND_STATE_CONNECTING, SIGHEJ_REASON_NONE);
  facts.accepted = facts.online = TRUE;
  assert_told (&facts, SIGHEJ_BACKEND_STATE_ONLINE, SIGHEJ_REASON_NONE);
}

/* Whoever has a session that works is online, whatever becomes of the one that is to follow it. */
static void
test_with_trouble (Fixture *fixture, gconstpointer unused)
{
  static const struct
  {
    SighejLinkFailureKind kind;
    SighejBackendState state;
    SighejReason reason;
  } cases[] = {
    { SIGHEJ_LINK_FAILURE_OFFLINE, SIGHEJ_BACKEND_STATE_OFFLINE, SIGHEJ_REASON_BACKEND_OFFLINE },
    { SIGHEJ_LINK_FAILURE_REFUSED, SIGHEJ_BACKEND_STATE_REFUSED, SIGHEJ_REASON_BACKEND_REFUSED },
    { SIGHEJ_LINK_FAILURE_RATE_LIMITED, SIGHEJ_BACKEND_STATE_OFFLINE, SIGHEJ_REASON_RATE_LIMITED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (SighejLinkFailure) failure
          = sighej_link_failure_new (cases[i].kind, "it did not work");
      SighejLinkFacts facts
          = { .uri = URI, .wanted = TRUE, .working = TRUE, .retry = &fixture->retry };

      sighej_link_retry_start_over (&fixture->retry);
      sighej_link_retry_failed (&fixture->retry, failure, FALSE);
      assert_told (&facts, cases[i].state, cases[i].reason);
      facts.accepted = facts.online = TRUE;
      assert_told (&facts, SIGHEJ_BACKEND_STATE_ONLINE, SIGHEJ_REASON_NONE);
      facts.wanted = FALSE;
      assert_told (&facts, SIGHEJ_BACKEND_STATE_OFFLINE, SIGHEJ_REASON_NONE);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add (
      "/link-facts/without-trouble", Fixture, NULL, set_up, test_without_trouble, tear_down);
  g_test_add ("/link-facts/with-trouble", Fixture, NULL, set_up, test_with_trouble, tear_down);

  return g_test_run ();
}
