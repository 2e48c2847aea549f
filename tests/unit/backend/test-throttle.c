/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-throttle.h"

#define SECOND_US ((gint64) G_USEC_PER_SEC)
#define START_US (1000 * SECOND_US)

/* The limits of a session (SECURITY-DESIGN 3), with few keys. */
static const SighejThrottleRule reports = {
  .n_burst = 60,
  .n_per_period = 120,
  .period_us = 60 * SECOND_US,
  .n_distinct = 2000,
  .distinct_us = 3600 * SECOND_US,
  .n_keys = 8,
};

static guint
take_until_refused (SighejThrottle *throttle, const char *key, gint64 now_us)
{
  guint retry_after_s;
  guint n_taken = 0;

  while (sighej_throttle_take (throttle, key, NULL, now_us, &retry_after_s))
    n_taken++;
  return n_taken;
}

static void
test_refuses_at_the_exact_count (void)
{
  g_autoptr (SighejThrottle) throttle = sighej_throttle_new (&reports);

  g_assert_cmpuint (take_until_refused (throttle, "a", START_US), ==, 60);
  g_assert_cmpuint (take_until_refused (throttle, "b", START_US), ==, 60);
}

static void
test_gives_back_as_time_passes (void)
{
  g_autoptr (SighejThrottle) throttle = sighej_throttle_new (&reports);

  take_until_refused (throttle, "a", START_US);
  g_assert_cmpuint (take_until_refused (throttle, "a", START_US + SECOND_US / 2 - 1), ==, 0);
  g_assert_cmpuint (take_until_refused (throttle, "a", START_US + SECOND_US / 2), ==, 1);
  g_assert_cmpuint (take_until_refused (throttle, "a", START_US + 5 * SECOND_US), ==, 9);
  g_assert_cmpuint (take_until_refused (throttle, "a", START_US + 3600 * SECOND_US), ==, 60);
}

static void
test_says_when_to_try_again (void)
{
  const SighejThrottleRule slow
      = { .n_burst = 2, .n_per_period = 1, .period_us = 10 * SECOND_US, .n_keys = 1 };
  g_autoptr (SighejThrottle) throttle = sighej_throttle_new (&slow);
  guint retry_after_s = 0;

  take_until_refused (throttle, "a", START_US);
  g_assert_false (sighej_throttle_take (throttle, "a", NULL, START_US, &retry_after_s));
  g_assert_cmpuint (retry_after_s, ==, 10);
  g_assert_false (
      sighej_throttle_take (throttle, "a", NULL, START_US + 10 * SECOND_US - 1, &retry_after_s));
  g_assert_cmpuint (retry_after_s, ==, 1);
  g_assert_true (
      sighej_throttle_take (throttle, "a", NULL, START_US + 10 * SECOND_US, &retry_after_s));
}

static void
test_says_what_is_left (void)
{
  g_autoptr (SighejThrottle) throttle = sighej_throttle_new (&reports);
  SighejThrottleLeft left = sighej_throttle_peek (throttle, "a", START_US);
  guint retry_after_s;

  g_assert_cmpuint (left.n_left, ==, 60);
  g_assert_cmpuint (left.full_s, ==, 0);
  for (guint n_left = 60; n_left-- > 0;)
    {
      g_assert_true (sighej_throttle_take (throttle, "a", NULL, START_US, &retry_after_s));
      left = sighej_throttle_peek (throttle, "a", START_US);
      g_assert_cmpuint (left.n_left, ==, n_left);
      g_assert_cmpuint (left.full_s, ==, (60 - n_left + 1) / 2);
    }
  g_assert_false (sighej_throttle_take (throttle, "a", NULL, START_US, &retry_after_s));
  left = sighej_throttle_peek (throttle, "a", START_US + SECOND_US - 1);
  g_assert_cmpuint (left.n_left, ==, 1);
  left = sighej_throttle_peek (throttle, "a", START_US + SECOND_US);
  g_assert_cmpuint (left.n_left, ==, 2);
  g_assert_cmpuint (left.full_s, ==, 29);
  left = sighej_throttle_peek (throttle, "b", START_US);
  g_assert_cmpuint (left.n_left, ==, 60);
}

/* One every half second, as the rate allows; each names a new item. */
static guint
name_until_refused (SighejThrottle *throttle, gint64 *now_us, guint first, guint *retry_after_s)
{
  for (guint i = first;; i++)
    {
      g_autofree char *item = g_strdup_printf ("token-%u", i);

      *now_us += SECOND_US / 2;
      if (!sighej_throttle_take (throttle, "a", item, *now_us, retry_after_s))
        return i - first;
    }
}

static void
test_counts_different_items_only (void)
{
  g_autoptr (SighejThrottle) throttle = sighej_throttle_new (&reports);
  gint64 now_us = START_US;
  guint retry_after_s = 0;

  g_assert_cmpuint (name_until_refused (throttle, &now_us, 0, &retry_after_s), ==, 2000);
  /* The window began with the first of them, half a second in. */
  g_assert_cmpuint (retry_after_s, ==, 3600 - 1000);
  for (guint i = 0; i < 2000; i += 400)
    {
      g_autofree char *item = g_strdup_printf ("token-%u", i);

      now_us += SECOND_US;
      g_assert_true (sighej_throttle_take (throttle, "a", item, now_us, &retry_after_s));
    }

  now_us = START_US + 3601 * SECOND_US;
  g_assert_cmpuint (name_until_refused (throttle, &now_us, 5000, &retry_after_s), ==, 2000);
}

static void
test_strangers_cannot_push_a_key_out (void)
{
  g_autoptr (SighejThrottle) throttle = sighej_throttle_new (&reports);
  guint retry_after_s;

  take_until_refused (throttle, "limited", START_US);
  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *key = g_strdup_printf ("stranger-%u", i);

      sighej_throttle_take (throttle, key, NULL, START_US, &retry_after_s);
    }
  g_assert_false (sighej_throttle_take (throttle, "limited", NULL, START_US, &retry_after_s));
}

static void
test_strangers_share_what_is_left (void)
{
  g_autoptr (SighejThrottle) throttle = sighej_throttle_new (&reports);
  guint retry_after_s;
  guint n_allowed = 0;

  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *key = g_strdup_printf ("stranger-%u", i);

      n_allowed += (guint) sighej_throttle_take (throttle, key, NULL, START_US, &retry_after_s);
    }
  g_assert_cmpuint (n_allowed, ==, 8 + 60);
}

static void
test_forgets_who_owes_nothing (void)
{
  g_autoptr (SighejThrottle) throttle = sighej_throttle_new (&reports);
  guint retry_after_s;

  sighej_throttle_take (throttle, "bucket", NULL, START_US, &retry_after_s);
  sighej_throttle_take (throttle, "window", "token", START_US, &retry_after_s);
  g_assert_cmpuint (sighej_throttle_prune (throttle, START_US), ==, 2);
  g_assert_cmpuint (sighej_throttle_prune (throttle, START_US + SECOND_US), ==, 1);
  g_assert_cmpuint (sighej_throttle_prune (throttle, START_US + 3600 * SECOND_US), ==, 0);

  take_until_refused (throttle, "ended", START_US + 4000 * SECOND_US);
  sighej_throttle_forget (throttle, "ended");
  g_assert_cmpuint (sighej_throttle_prune (throttle, START_US + 4000 * SECOND_US), ==, 0);
}

static void
test_a_place_leads_to_its_key_only (void)
{
  const SighejThrottleRule rule
      = { .n_burst = 2, .n_per_period = 1, .period_us = SECOND_US, .n_keys = 10 };
  SighejThrottlePlace a = { 0 }, b = { 0 };
  SighejThrottle *throttle = sighej_throttle_new (&rule);
  guint retry_after_s;

  g_assert_true (sighej_throttle_take_at (throttle, &a, "a", NULL, START_US, &retry_after_s));
  g_assert_true (sighej_throttle_take_at (throttle, &a, "a", NULL, START_US, &retry_after_s));
  g_assert_false (sighej_throttle_take_at (throttle, &a, "a", NULL, START_US, &retry_after_s));
  /* The same bucket with and without, and nobody else's. */
  g_assert_false (sighej_throttle_take (throttle, "a", NULL, START_US, &retry_after_s));
  g_assert_true (sighej_throttle_take_at (throttle, &b, "b", NULL, START_US, &retry_after_s));

  sighej_throttle_forget (throttle, "a");
  g_assert_true (sighej_throttle_take_at (throttle, &a, "a", NULL, START_US, &retry_after_s));
  g_assert_true (sighej_throttle_take_at (throttle, &b, "b", NULL, START_US, &retry_after_s));
  g_assert_false (sighej_throttle_take_at (throttle, &b, "b", NULL, START_US, &retry_after_s));

  /* One throttle is gone, and another one may lie where it lay. */
  sighej_throttle_free (throttle);
  throttle = sighej_throttle_new (&rule);
  g_assert_true (sighej_throttle_take_at (throttle, &b, "b", NULL, START_US, &retry_after_s));
  sighej_throttle_free (throttle);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/throttle/refuses-at-the-exact-count", test_refuses_at_the_exact_count);
  g_test_add_func ("/throttle/gives-back-as-time-passes", test_gives_back_as_time_passes);
  g_test_add_func ("/throttle/says-when-to-try-again", test_says_when_to_try_again);
  g_test_add_func ("/throttle/says-what-is-left", test_says_what_is_left);
  g_test_add_func ("/throttle/counts-different-items-only", test_counts_different_items_only);
  g_test_add_func ("/throttle/strangers-cannot-push-a-key-out",
                   test_strangers_cannot_push_a_key_out);
  g_test_add_func ("/throttle/strangers-share-what-is-left", test_strangers_share_what_is_left);
  g_test_add_func ("/throttle/forgets-who-owes-nothing", test_forgets_who_owes_nothing);
  g_test_add_func ("/throttle/a-place-leads-to-its-key-only", test_a_place_leads_to_its_key_only);
  return g_test_run ();
}
