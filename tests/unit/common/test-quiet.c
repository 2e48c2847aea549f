/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-quiet.h"

#define N_ALERTS (SIGHEJ_ALERT_OPEN + 1)
#define SECOND_US G_USEC_PER_SEC

/* The table of the header, row by row; the columns are its facts, one at a time. */
typedef struct
{
  SighejQuietVerdict quiet_hours;
  SighejQuietVerdict dnd;
  SighejQuietVerdict watched;
  SighejQuietVerdict locked;
} Row;

#define NONE SIGHEJ_QUIET_NONE
#define PLAIN SIGHEJ_QUIET_PLAIN
#define FULL SIGHEJ_QUIET_FULL

static const Row rows[N_ALERTS] = {
  [SIGHEJ_ALERT_NUDGE] = { NONE, NONE, NONE, PLAIN },
  [SIGHEJ_ALERT_MEET] = { NONE, NONE, NONE, PLAIN },
  [SIGHEJ_ALERT_MESSAGE] = { NONE, NONE, NONE, PLAIN },
  [SIGHEJ_ALERT_NEARBY] = { NONE, NONE, NONE, NONE },
  [SIGHEJ_ALERT_EXPIRED] = { NONE, NONE, NONE, FULL },
  [SIGHEJ_ALERT_FAILURE] = { FULL, FULL, NONE, FULL },
  [SIGHEJ_ALERT_OPEN] = { FULL, FULL, FULL, FULL },
};

static SighejQuietVerdict
judge (guint alert, SighejQuietFacts facts)
{
  return sighej_quiet_judge ((SighejAlert) alert, &facts);
}

static void
test_table (void)
{
  for (guint i = 0; i < N_ALERTS; i++)
    {
      g_assert_cmpint (judge (i, (SighejQuietFacts){ 0 }), ==, FULL);
      g_assert_cmpint (
          judge (i, (SighejQuietFacts){ .quiet_hours = TRUE }), ==, rows[i].quiet_hours);
      g_assert_cmpint (judge (i, (SighejQuietFacts){ .dnd = TRUE }), ==, rows[i].dnd);
      g_assert_cmpint (judge (i, (SighejQuietFacts){ .watched = TRUE }), ==, rows[i].watched);
      g_assert_cmpint (judge (i, (SighejQuietFacts){ .locked = TRUE }), ==, rows[i].locked);
    }
}

static void
test_told_once (void)
{
  for (guint i = 0; i < N_ALERTS; i++)
    for (guint facts = 0; facts < 16; facts++)
      g_assert_cmpint (judge (i,
                              (SighejQuietFacts){
                                  .quiet_hours = facts & 1,
                                  .dnd = facts & 2,
                                  .locked = facts & 4,
                                  .watched = facts & 8,
                                  .told = TRUE,
                              }),
                       ==,
                       NONE);
}

/* However many facts come together: none of them lets through what another one holds back. */
static void
test_facts_add_up (void)
{
  for (guint i = 0; i < N_ALERTS; i++)
    {
      g_assert_cmpint (
          judge (i, (SighejQuietFacts){ .locked = TRUE, .dnd = TRUE }), ==, rows[i].dnd);
      g_assert_cmpint (judge (i, (SighejQuietFacts){ .locked = TRUE, .quiet_hours = TRUE }),
                       ==,
                       rows[i].quiet_hours);
      /* A window behind a locked screen is looked at by nobody. */
      g_assert_cmpint (
          judge (i, (SighejQuietFacts){ .locked = TRUE, .watched = TRUE }), ==, rows[i].locked);
    }
}

static void
test_nearby_is_coalesced (void)
{
  SighejNearbyPace pace = { 0 };
  gint64 start_us = 5 * SECOND_US;
  gint64 next_us = start_us + SIGHEJ_NEARBY_TOLD_SECONDS * SECOND_US;
  gint64 again_us = 1;

  g_assert_false (sighej_nearby_pace_step (&pace, 0, TRUE, start_us, &again_us));
  g_assert_cmpint (again_us, ==, 0);
  g_assert_true (sighej_nearby_pace_step (&pace, 1, TRUE, start_us, &again_us));

  /* As many are no news; more are, when the time has come. */
  g_assert_false (sighej_nearby_pace_step (&pace, 1, TRUE, next_us, &again_us));
  g_assert_cmpint (again_us, ==, 0);
  g_assert_false (sighej_nearby_pace_step (&pace, 3, TRUE, start_us + 1, &again_us));
  g_assert_cmpint (again_us, ==, next_us);
  g_assert_false (sighej_nearby_pace_step (&pace, 3, TRUE, next_us - 1, &again_us));
  g_assert_true (sighej_nearby_pace_step (&pace, 3, TRUE, next_us, &again_us));
  g_assert_cmpint (again_us, ==, 0);
}

static void
test_nearby_after_nobody_was_left (void)
{
  SighejNearbyPace pace = { 0 };
  gint64 next_us = SIGHEJ_NEARBY_TOLD_SECONDS * SECOND_US;
  gint64 again_us;

  g_assert_true (sighej_nearby_pace_step (&pace, 2, TRUE, 0, &again_us));
  g_assert_false (sighej_nearby_pace_step (&pace, 1, TRUE, next_us, &again_us));
  g_assert_false (sighej_nearby_pace_step (&pace, 0, TRUE, 1, &again_us));
  g_assert_false (sighej_nearby_pace_step (&pace, 1, TRUE, 2, &again_us));
  g_assert_cmpint (again_us, ==, next_us);
  g_assert_true (sighej_nearby_pace_step (&pace, 1, TRUE, next_us, &again_us));
}

static void
test_nearby_held_back (void)
{
  SighejNearbyPace pace = { 0 };
  gint64 again_us;

  g_assert_false (sighej_nearby_pace_step (&pace, 2, FALSE, 0, &again_us));
  g_assert_cmpint (again_us, ==, 0);
  /* What was held back was not told, so it is news as soon as it may be. */
  g_assert_true (sighej_nearby_pace_step (&pace, 2, TRUE, 1, &again_us));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/quiet/table", test_table);
  g_test_add_func ("/quiet/told-once", test_told_once);
  g_test_add_func ("/quiet/facts-add-up", test_facts_add_up);
  g_test_add_func ("/quiet/nearby-is-coalesced", test_nearby_is_coalesced);
  g_test_add_func ("/quiet/nearby-after-nobody-was-left", test_nearby_after_nobody_was_left);
  g_test_add_func ("/quiet/nearby-held-back", test_nearby_held_back);

  return g_test_run ();
}
