/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-backoff.h"

#define FIRST_MS 500u
#define MOST_MS 60000u
#define N_RUNS 500

static void
test_doubles_up_to_the_cap (void)
{
  for (guint run = 0; run < N_RUNS; run++)
    {
      SighejBackoff backoff = SIGHEJ_BACKOFF_INIT (FIRST_MS, MOST_MS);
      guint top_ms = FIRST_MS;

      for (guint attempt = 0; attempt < 12; attempt++)
        {
          guint delay_ms = sighej_backoff_next_ms (&backoff);

          g_assert_cmpuint (delay_ms, >=, top_ms / 2);
          g_assert_cmpuint (delay_ms, <=, top_ms);
          top_ms = MIN (top_ms * 2, MOST_MS);
        }
    }
}

static void
test_spreads_over_the_upper_half (void)
{
  guint n_low = 0;

  for (guint run = 0; run < N_RUNS; run++)
    {
      SighejBackoff backoff = SIGHEJ_BACKOFF_INIT (FIRST_MS, MOST_MS);

      n_low += sighej_backoff_next_ms (&backoff) < FIRST_MS * 3 / 4;
    }
  /* Half of 500 with sigma 11: eight sigma on either side. */
  g_assert_cmpuint (n_low, >, 160);
  g_assert_cmpuint (n_low, <, 340);
}

static void
test_reset_starts_over (void)
{
  SighejBackoff backoff = SIGHEJ_BACKOFF_INIT (FIRST_MS, MOST_MS);

  for (guint i = 0; i < 6; i++)
    sighej_backoff_next_ms (&backoff);
  sighej_backoff_reset (&backoff);
  g_assert_cmpuint (sighej_backoff_next_ms (&backoff), <=, FIRST_MS);
}

static void
test_extremes (void)
{
  SighejBackoff nothing = SIGHEJ_BACKOFF_INIT (0, 0);
  SighejBackoff first_above_most = SIGHEJ_BACKOFF_INIT (1000, 10);
  SighejBackoff largest = SIGHEJ_BACKOFF_INIT (G_MAXUINT, G_MAXUINT);
  SighejBackoff patient = { 1, 1000, G_MAXUINT };

  g_assert_cmpuint (sighej_backoff_next_ms (&nothing), ==, 0);
  g_assert_cmpuint (sighej_backoff_next_ms (&first_above_most), <=, 10);
  g_assert_cmpuint (sighej_backoff_next_ms (&largest), >=, G_MAXUINT / 2);
  g_assert_cmpuint (sighej_backoff_next_ms (&patient), >=, 500);
  g_assert_cmpuint (patient.attempt, ==, G_MAXUINT);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/backoff/doubles-up-to-the-cap", test_doubles_up_to_the_cap);
  g_test_add_func ("/backoff/spreads-over-the-upper-half", test_spreads_over_the_upper_half);
  g_test_add_func ("/backoff/reset-starts-over", test_reset_starts_over);
  g_test_add_func ("/backoff/extremes", test_extremes);
  return g_test_run ();
}
