/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-link-retry.h"
#include "sighej-test.h"

typedef struct
{
  SighejTestClock *clock;
  SighejLinkRetry retry;
  guint n_due;
} Fixture;

static gboolean
on_due (gpointer user_data)
{
  Fixture *fixture = user_data;

  sighej_link_retry_is_due (&fixture->retry);
  fixture->n_due++;
  return G_SOURCE_REMOVE;
}

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  fixture->clock = sighej_test_clock_new ();
  sighej_link_retry_init (&fixture->retry, SIGHEJ_CLOCK (fixture->clock), on_due, fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  sighej_link_retry_start_over (&fixture->retry);
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
  sighej_test_assert_finalized (fixture->clock);
}

static void
fail (Fixture *fixture, SighejLinkFailureKind kind, guint retry_after_s, gboolean was_online)
{
  g_autoptr (SighejLinkFailure) failure = sighej_link_failure_new (kind, "it did not work");

  failure->retry_after_s = retry_after_s;
  sighej_link_retry_failed (&fixture->retry, failure, was_online);
}

static gint64
wait_ms (Fixture *fixture)
{
  return sighej_test_clock_next_us (fixture->clock) / 1000;
}

static void
run_wait (Fixture *fixture)
{
  sighej_test_clock_advance (fixture->clock, sighej_test_clock_next_us (fixture->clock));
}

static void
test_offline (Fixture *fixture, gconstpointer unused)
{
  g_assert_cmpint (sighej_link_retry_get_reason (&fixture->retry), ==, SIGHEJ_REASON_NONE);
  for (guint i = 0; i < 10; i++)
    {
      gint64 top_ms = MIN (1000 << i, 60000);

      fail (fixture, SIGHEJ_LINK_FAILURE_OFFLINE, 0, FALSE);
      g_assert_cmpint (wait_ms (fixture), >=, top_ms / 2);
      g_assert_cmpint (wait_ms (fixture), <=, top_ms);
      run_wait (fixture);
    }
  g_assert_cmpuint (fixture->n_due, ==, 10);
  g_assert_cmpint (
      sighej_link_retry_get_reason (&fixture->retry), ==, SIGHEJ_REASON_BACKEND_OFFLINE);

  sighej_link_retry_worked (&fixture->retry);
  g_assert_cmpint (sighej_link_retry_get_reason (&fixture->retry), ==, SIGHEJ_REASON_NONE);
  fail (fixture, SIGHEJ_LINK_FAILURE_OFFLINE, 0, TRUE);
  g_assert_cmpint (wait_ms (fixture), >=, 30000);
  sighej_link_retry_calm_down (&fixture->retry);
  run_wait (fixture);
  fail (fixture, SIGHEJ_LINK_FAILURE_OFFLINE, 0, TRUE);
  g_assert_cmpint (wait_ms (fixture), <=, 1000);
}

static void
test_mere_loss (Fixture *fixture, gconstpointer unused)
{
  fail (fixture, SIGHEJ_LINK_FAILURE_OFFLINE, 0, TRUE);
  g_assert_cmpint (sighej_link_retry_get_reason (&fixture->retry), ==, SIGHEJ_REASON_NONE);
  run_wait (fixture);
  fail (fixture, SIGHEJ_LINK_FAILURE_GONE, 0, FALSE);
  g_assert_cmpint (sighej_link_retry_get_reason (&fixture->retry), ==, SIGHEJ_REASON_NONE);
  run_wait (fixture);
  fail (fixture, SIGHEJ_LINK_FAILURE_GONE, 0, FALSE);
  g_assert_cmpint (
      sighej_link_retry_get_reason (&fixture->retry), ==, SIGHEJ_REASON_BACKEND_OFFLINE);
}

static void
test_busy_backend_is_given_its_time (Fixture *fixture, gconstpointer unused)
{
  fail (fixture, SIGHEJ_LINK_FAILURE_OFFLINE, 120, FALSE);
  g_assert_cmpint (wait_ms (fixture), ==, 120 * 1000);
}

static void
test_refused (Fixture *fixture, gconstpointer unused)
{
  fail (fixture, SIGHEJ_LINK_FAILURE_REFUSED, 0, FALSE);
  g_assert_cmpint (
      sighej_link_retry_get_reason (&fixture->retry), ==, SIGHEJ_REASON_BACKEND_REFUSED);
  g_assert_cmpint (wait_ms (fixture), ==, 300 * 1000);
  run_wait (fixture);
  g_assert_cmpint (sighej_link_retry_get_reason (&fixture->retry), ==, SIGHEJ_REASON_NONE);
}

static void
test_limited (Fixture *fixture, gconstpointer unused)
{
  fail (fixture, SIGHEJ_LINK_FAILURE_RATE_LIMITED, 0, FALSE);
  g_assert_cmpint (sighej_link_retry_get_reason (&fixture->retry), ==, SIGHEJ_REASON_RATE_LIMITED);
  g_assert_cmpint (wait_ms (fixture), >=, 30 * 1000);
  g_assert_cmpint (wait_ms (fixture), <=, 31 * 1000);
  run_wait (fixture);
  fail (fixture, SIGHEJ_LINK_FAILURE_RATE_LIMITED, 7, FALSE);
  g_assert_cmpint (wait_ms (fixture), >=, 7 * 1000);
  g_assert_cmpint (wait_ms (fixture), <=, 8 * 1000);
}

static void
test_taken (Fixture *fixture, gconstpointer unused)
{
  for (guint round = 0; round < 2; round++)
    {
      fail (fixture, SIGHEJ_LINK_FAILURE_TAKEN, 0, FALSE);
      g_assert_cmpint (wait_ms (fixture), ==, 0);
      fail (fixture, SIGHEJ_LINK_FAILURE_TAKEN, 0, FALSE);
      g_assert_cmpint (wait_ms (fixture), ==, 0);
      fail (fixture, SIGHEJ_LINK_FAILURE_TAKEN, 0, FALSE);
      g_assert_cmpint (wait_ms (fixture), ==, 300 * 1000);
    }
  g_assert_cmpuint (fixture->retry.n_failures, ==, 6);
}

static void
test_starts_over (Fixture *fixture, gconstpointer unused)
{
  fail (fixture, SIGHEJ_LINK_FAILURE_REFUSED, 0, FALSE);
  sighej_link_retry_start_over (&fixture->retry);
  g_assert_cmpint (wait_ms (fixture), <=, 0);
  g_assert_null (fixture->retry.trouble);
  g_assert_cmpuint (fixture->retry.wait, ==, 0);
}

#define ADD(path, function)                                                                        \
  g_test_add ("/link-retry/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("offline-backs-off-to-a-minute", test_offline);
  ADD ("a-mere-loss-is-not-offline", test_mere_loss);
  ADD ("a-busy-backend-is-given-its-time", test_busy_backend_is_given_its_time);
  ADD ("refused-waits-300-s", test_refused);
  ADD ("limited-waits-as-told-and-a-little", test_limited);
  ADD ("taken-tries-three-seeds", test_taken);
  ADD ("starts-over", test_starts_over);

  return g_test_run ();
}
