/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-sightings.h"

#include <string.h>

#include "sighej-test.h"

#define S(seconds) ((gint64) (seconds) *G_USEC_PER_SEC)
#define DWELL_S 20
#define NEAR_DBM (-62)
#define FAR_DBM (-90)

typedef struct
{
  SighejTestClock *clock;
  SighejSightings *sightings;
  GArray *reported; /* gint64: when, in seconds since the start */
  SighejToken last_reported;
  gint64 start_us;
  gboolean refuse;
  guint n_nearby_changes;
} Fixture;

static gboolean
on_report_due (SighejSightings *sightings, SighejToken *token, Fixture *fixture)
{
  gint64 at_s
      = (sighej_clock_now_us (SIGHEJ_CLOCK (fixture->clock)) - fixture->start_us) / G_USEC_PER_SEC;

  g_array_append_val (fixture->reported, at_s);
  fixture->last_reported = *token;
  return !fixture->refuse;
}

static void
on_nearby_changed (SighejSightings *sightings, Fixture *fixture)
{
  fixture->n_nearby_changes++;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->clock = sighej_test_clock_new ();
  fixture->start_us = sighej_clock_now_us (SIGHEJ_CLOCK (fixture->clock));
  fixture->reported = g_array_new (FALSE, FALSE, sizeof (gint64));
  fixture->sightings = sighej_sightings_new (SIGHEJ_CLOCK (fixture->clock), DWELL_S);
  g_signal_connect (fixture->sightings, "report-due", G_CALLBACK (on_report_due), fixture);
  g_signal_connect (fixture->sightings, "nearby-changed", G_CALLBACK (on_nearby_changed), fixture);
  sighej_sightings_set_reporting (fixture->sightings, TRUE);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  sighej_test_assert_finalized (fixture->sightings);
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
  sighej_test_assert_finalized (fixture->clock);
  g_array_unref (fixture->reported);
}

static SighejPayload
payload_of (guint number)
{
  SighejPayload payload = { .flags = SIGHEJ_PAYLOAD_OPEN, .tx_cal_dbm = -59 };

  memcpy (payload.token.bytes, &number, sizeof number);
  return payload;
}

static void
hear (Fixture *fixture, guint number, int rssi_dbm)
{
  SighejPayload payload = payload_of (number);

  sighej_sightings_hear (fixture->sightings, &payload, rssi_dbm);
}

/* Token @number every @period_s, for @for_s. */
static void
hear_for (Fixture *fixture, guint number, int rssi_dbm, guint period_s, guint for_s)
{
  for (guint s = 0; s < for_s; s += period_s)
    {
      hear (fixture, number, rssi_dbm);
      sighej_test_clock_advance (fixture->clock, S (period_s));
    }
}

static gint64
report_s (Fixture *fixture, guint i)
{
  g_assert_cmpuint (i, <, fixture->reported->len);
  return g_array_index (fixture->reported, gint64, i);
}

static void
test_reports_after_the_dwell_time (Fixture *fixture, gconstpointer data)
{
  SighejPayload payload = payload_of (1);

  hear_for (fixture, 1, NEAR_DBM, 1, 19);
  g_assert_cmpuint (fixture->reported->len, ==, 0);
  hear_for (fixture, 1, NEAR_DBM, 1, 5);
  g_assert_cmpuint (fixture->reported->len, ==, 1);
  g_assert_cmpint (report_s (fixture, 0), ==, DWELL_S);
  g_assert_true (sighej_token_equal (&fixture->last_reported, &payload.token));
}

static void
test_dwell_ends_without_a_packet (Fixture *fixture, gconstpointer data)
{
  hear_for (fixture, 1, NEAR_DBM, 1, 10);
  sighej_test_clock_advance (fixture->clock, S (12));
  g_assert_cmpuint (fixture->reported->len, ==, 1);
  g_assert_cmpint (report_s (fixture, 0), ==, DWELL_S);
}

static void
test_another_dwell_time_from_the_next_packet_on (Fixture *fixture, gconstpointer data)
{
  hear_for (fixture, 1, NEAR_DBM, 1, 10);
  sighej_sightings_set_dwell (fixture->sightings, 10);
  g_assert_cmpuint (fixture->reported->len, ==, 0);
  hear (fixture, 1, NEAR_DBM);
  g_assert_cmpuint (fixture->reported->len, ==, 1);
  g_assert_cmpint (report_s (fixture, 0), ==, 10);
}

static void
test_five_samples_in_a_minute_are_enough (Fixture *fixture, gconstpointer data)
{
  hear_for (fixture, 1, NEAR_DBM, 12, 60);
  g_assert_cmpuint (fixture->reported->len, ==, 1);
  g_assert_cmpint (report_s (fixture, 0), ==, 48);
}

static void
test_four_samples_are_not (Fixture *fixture, gconstpointer data)
{
  hear_for (fixture, 1, NEAR_DBM, 7, 28);
  sighej_test_clock_advance (fixture->clock, S (60));
  g_assert_cmpuint (fixture->reported->len, ==, 0);
}

/* A receiver that reads too little is put right from the next packet on. */
static void
test_adjustment_counts_at_once (Fixture *fixture, gconstpointer data)
{
  SighejPayload payload = payload_of (1);

  hear_for (fixture, 1, FAR_DBM, 1, 30);
  g_assert_cmpint (
      sighej_sightings_get_band (fixture->sightings, &payload.token), ==, SIGHEJ_BAND_AROUND);
  sighej_sightings_set_rx_adjust (fixture->sightings, NEAR_DBM - FAR_DBM);
  hear_for (fixture, 1, FAR_DBM, 1, 30);
  g_assert_cmpint (
      sighej_sightings_get_band (fixture->sightings, &payload.token), >=, SIGHEJ_BAND_NEAR);
}

static void
test_far_tokens_are_never_reported (Fixture *fixture, gconstpointer data)
{
  hear_for (fixture, 1, FAR_DBM, 1, 120);
  g_assert_cmpuint (fixture->reported->len, ==, 0);
  g_assert_cmpuint (sighej_sightings_get_nearby (fixture->sightings), ==, 1);
}

static void
test_unknown_strength_is_presence_only (Fixture *fixture, gconstpointer data)
{
  SighejPayload payload = payload_of (1);

  hear_for (fixture, 1, 127, 1, 60);
  hear_for (fixture, 1, 0, 1, 60);
  g_assert_cmpuint (fixture->reported->len, ==, 0);
  g_assert_cmpuint (sighej_sightings_get_nearby (fixture->sightings), ==, 1);
  g_assert_cmpint (
      sighej_sightings_get_band (fixture->sightings, &payload.token), ==, SIGHEJ_BAND_AROUND);
}

static void
test_repeats_four_times_then_after_five_minutes (Fixture *fixture, gconstpointer data)
{
  static const gint64 expected_s[] = { 20, 50, 80, 110, 140, 440, 470 };

  hear_for (fixture, 1, NEAR_DBM, 1, 480);
  g_assert_cmpuint (fixture->reported->len, ==, G_N_ELEMENTS (expected_s));
  for (guint i = 0; i < G_N_ELEMENTS (expected_s); i++)
    g_assert_cmpint (report_s (fixture, i), ==, expected_s[i]);
}

static void
test_answered_is_not_repeated (Fixture *fixture, gconstpointer data)
{
  SighejPayload payload = payload_of (1);

  hear_for (fixture, 1, NEAR_DBM, 1, 25);
  sighej_sightings_answer (fixture->sightings, &payload.token);
  hear_for (fixture, 1, NEAR_DBM, 1, 600);
  g_assert_cmpuint (fixture->reported->len, ==, 1);
}

static void
test_reported_again_after_gone (Fixture *fixture, gconstpointer data)
{
  SighejPayload payload = payload_of (1);

  hear_for (fixture, 1, NEAR_DBM, 1, 25);
  sighej_sightings_answer (fixture->sightings, &payload.token);
  sighej_test_clock_advance (fixture->clock, S (40));
  g_assert_cmpint (
      sighej_sightings_get_band (fixture->sightings, &payload.token), ==, SIGHEJ_BAND_GONE);
  hear_for (fixture, 1, NEAR_DBM, 1, 19);
  g_assert_cmpuint (fixture->reported->len, ==, 1);
  hear_for (fixture, 1, NEAR_DBM, 1, 5);
  g_assert_cmpuint (fixture->reported->len, ==, 2);
}

static void
test_new_token_starts_its_own_dwell (Fixture *fixture, gconstpointer data)
{
  hear_for (fixture, 1, NEAR_DBM, 1, 25);
  hear_for (fixture, 2, NEAR_DBM, 1, 19);
  g_assert_cmpuint (fixture->reported->len, ==, 1);
  hear_for (fixture, 2, NEAR_DBM, 1, 3);
  g_assert_cmpuint (fixture->reported->len, ==, 2);
}

static void
test_leaving_near_restarts_the_dwell (Fixture *fixture, gconstpointer data)
{
  hear_for (fixture, 1, NEAR_DBM, 1, 15);
  hear_for (fixture, 1, FAR_DBM, 1, 30);
  g_assert_cmpuint (fixture->reported->len, <=, 1);
  g_array_set_size (fixture->reported, 0);
  hear_for (fixture, 1, FAR_DBM, 1, 20);
  g_assert_cmpuint (fixture->reported->len, ==, 0);
}

static void
test_offline_keeps_reports_due (Fixture *fixture, gconstpointer data)
{
  sighej_sightings_set_reporting (fixture->sightings, FALSE);
  hear_for (fixture, 1, NEAR_DBM, 1, 100);
  g_assert_cmpuint (fixture->reported->len, ==, 0);
  sighej_sightings_set_reporting (fixture->sightings, TRUE);
  g_assert_cmpuint (fixture->reported->len, ==, 1);
}

static void
test_refused_report_is_due_again_soon (Fixture *fixture, gconstpointer data)
{
  fixture->refuse = TRUE;
  hear_for (fixture, 1, NEAR_DBM, 1, 24);
  g_assert_cmpuint (fixture->reported->len, ==, 1);
  fixture->refuse = FALSE;
  hear_for (fixture, 1, NEAR_DBM, 1, 7);
  g_assert_cmpuint (fixture->reported->len, ==, 2);
  g_assert_cmpint (report_s (fixture, 1), ==, 25);
  g_assert_cmpint (sighej_sightings_get_closest (fixture->sightings), ==, SIGHEJ_BAND_NEAR);
}

static void
test_new_session_reports_anew (Fixture *fixture, gconstpointer data)
{
  hear_for (fixture, 1, NEAR_DBM, 1, 25);
  sighej_sightings_report_anew (fixture->sightings);
  g_assert_cmpuint (fixture->reported->len, ==, 2);
}

static void
test_many_reports_are_spread (Fixture *fixture, gconstpointer data)
{
  for (guint s = 0; s < 25; s++)
    {
      for (guint number = 0; number < 200; number++)
        hear (fixture, number, NEAR_DBM);
      sighej_test_clock_advance (fixture->clock, S (1));
    }
  g_assert_cmpuint (fixture->reported->len, >=, SIGHEJ_SIGHTINGS_REPORTS_BURST);
  g_assert_cmpuint (fixture->reported->len, <=, SIGHEJ_SIGHTINGS_REPORTS_BURST + 10);

  for (guint s = 0; s < 60; s++)
    {
      for (guint number = 0; number < 200; number++)
        hear (fixture, number, NEAR_DBM);
      sighej_test_clock_advance (fixture->clock, S (1));
    }
  g_assert_cmpuint (fixture->reported->len,
                    <=,
                    SIGHEJ_SIGHTINGS_REPORTS_BURST + SIGHEJ_SIGHTINGS_REPORTS_PER_MINUTE + 10);
  g_assert_cmpuint (fixture->reported->len, >=, SIGHEJ_SIGHTINGS_REPORTS_PER_MINUTE);
}

static void
test_nearby_lasts_ninety_seconds (Fixture *fixture, gconstpointer data)
{
  hear (fixture, 1, FAR_DBM);
  hear (fixture, 2, 127);
  g_assert_cmpuint (sighej_sightings_get_nearby (fixture->sightings), ==, 2);
  sighej_test_clock_advance (fixture->clock, S (89));
  g_assert_cmpuint (sighej_sightings_get_nearby (fixture->sightings), ==, 2);
  sighej_test_clock_advance (fixture->clock, S (2));
  g_assert_cmpuint (sighej_sightings_get_nearby (fixture->sightings), ==, 0);
  g_assert_cmpuint (sighej_sightings_get_n_tokens (fixture->sightings), ==, 0);
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
}

static void
test_kiosk_is_nobody_nearby (Fixture *fixture, gconstpointer data)
{
  SighejPayload payload = payload_of (1);

  payload.flags = SIGHEJ_PAYLOAD_KIOSK;
  for (guint s = 0; s < 2 * DWELL_S; s++)
    {
      sighej_sightings_hear (fixture->sightings, &payload, NEAR_DBM);
      sighej_test_clock_advance (fixture->clock, S (1));
    }
  g_assert_cmpuint (sighej_sightings_get_nearby (fixture->sightings), ==, 0);
  g_assert_cmpuint (sighej_sightings_get_n_tokens (fixture->sightings), ==, 1);
  g_assert_cmpuint (fixture->reported->len, ==, 0);
}

static void
test_gone_follows_the_interval (Fixture *fixture, gconstpointer data)
{
  SighejPayload slow = payload_of (1);
  SighejPayload fast = payload_of (2);

  hear_for (fixture, 1, NEAR_DBM, 10, 60);
  hear (fixture, 1, NEAR_DBM);
  hear (fixture, 2, NEAR_DBM);
  sighej_test_clock_advance (fixture->clock, S (31));
  g_assert_cmpint (
      sighej_sightings_get_band (fixture->sightings, &fast.token), ==, SIGHEJ_BAND_GONE);
  g_assert_cmpint (
      sighej_sightings_get_band (fixture->sightings, &slow.token), ==, SIGHEJ_BAND_NEAR);
  sighej_test_clock_advance (fixture->clock, S (90));
  g_assert_cmpint (
      sighej_sightings_get_band (fixture->sightings, &slow.token), ==, SIGHEJ_BAND_GONE);
}

static SighejBand
band_of (Fixture *fixture, guint number)
{
  SighejPayload payload = payload_of (number);

  return sighej_sightings_get_band (fixture->sightings, &payload.token);
}

/* Listens for @on_s and then not for @off_s. */
static void
listen_and_pause (Fixture *fixture, guint on_s, guint off_s)
{
  sighej_sightings_set_listening (fixture->sightings, TRUE);
  sighej_test_clock_advance (fixture->clock, S (on_s));
  sighej_sightings_set_listening (fixture->sightings, FALSE);
  sighej_test_clock_advance (fixture->clock, S (off_s));
}

static void
test_nobody_is_gone_in_a_pause (Fixture *fixture, gconstpointer data)
{
  hear_for (fixture, 1, NEAR_DBM, 1, 10);
  sighej_sightings_set_listening (fixture->sightings, FALSE);
  sighej_test_clock_advance (fixture->clock, S (100));
  g_assert_cmpint (band_of (fixture, 1), ==, SIGHEJ_BAND_NEAR);

  /* One packet after it goes on where it ended. */
  sighej_sightings_set_listening (fixture->sightings, TRUE);
  hear (fixture, 1, NEAR_DBM);
  g_assert_cmpint (band_of (fixture, 1), ==, SIGHEJ_BAND_NEAR);
  sighej_test_clock_advance (fixture->clock, S (29));
  g_assert_cmpint (band_of (fixture, 1), ==, SIGHEJ_BAND_NEAR);
  sighej_test_clock_advance (fixture->clock, S (2));
  g_assert_cmpint (band_of (fixture, 1), ==, SIGHEJ_BAND_GONE);
}

static void
test_a_pause_of_two_minutes_knows_nobody (Fixture *fixture, gconstpointer data)
{
  hear (fixture, 1, NEAR_DBM);
  sighej_sightings_set_listening (fixture->sightings, FALSE);
  g_assert_true (sighej_sightings_get_live (fixture->sightings));
  sighej_test_clock_advance (fixture->clock, S (119));
  g_assert_cmpint (band_of (fixture, 1), ==, SIGHEJ_BAND_NEAR);
  sighej_test_clock_advance (fixture->clock, S (2));
  g_assert_cmpint (band_of (fixture, 1), ==, SIGHEJ_BAND_GONE);
  g_assert_false (sighej_sightings_get_live (fixture->sightings));
}

static void
test_gone_on_a_battery (Fixture *fixture, gconstpointer data)
{
  hear (fixture, 1, NEAR_DBM);
  listen_and_pause (fixture, 0, 20);
  listen_and_pause (fixture, 10, 20);
  sighej_sightings_set_listening (fixture->sightings, TRUE);
  sighej_test_clock_advance (fixture->clock, S (9));
  g_assert_cmpint (band_of (fixture, 1), ==, SIGHEJ_BAND_NEAR);
  sighej_test_clock_advance (fixture->clock, S (2));
  g_assert_cmpint (band_of (fixture, 1), ==, SIGHEJ_BAND_GONE);
}

static void
test_gone_only_after_ten_seconds_of_listening (Fixture *fixture, gconstpointer data)
{
  hear (fixture, 1, NEAR_DBM);
  listen_and_pause (fixture, 3, 57);
  sighej_sightings_set_listening (fixture->sightings, TRUE);
  sighej_test_clock_advance (fixture->clock, S (6));
  g_assert_cmpint (band_of (fixture, 1), ==, SIGHEJ_BAND_NEAR);
  sighej_test_clock_advance (fixture->clock, S (2));
  g_assert_cmpint (band_of (fixture, 1), ==, SIGHEJ_BAND_GONE);
}

static void
test_a_pause_is_no_interval (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 6; i++)
    {
      hear_for (fixture, 1, NEAR_DBM, 1, 3);
      listen_and_pause (fixture, 0, 50);
      sighej_sightings_set_listening (fixture->sightings, TRUE);
    }
  hear_for (fixture, 1, NEAR_DBM, 1, 3);
  sighej_test_clock_advance (fixture->clock, S (30));
  g_assert_cmpint (band_of (fixture, 1), ==, SIGHEJ_BAND_GONE);
}

static void
on_live_changed (SighejSightings *sightings, guint *n_changes)
{
  (*n_changes)++;
}

static void
test_live_is_told_once (Fixture *fixture, gconstpointer data)
{
  guint n_changes = 0;

  g_signal_connect (fixture->sightings, "live-changed", G_CALLBACK (on_live_changed), &n_changes);
  g_assert_false (sighej_sightings_get_live (fixture->sightings));
  hear (fixture, 1, FAR_DBM);
  hear (fixture, 2, FAR_DBM);
  g_assert_true (sighej_sightings_get_live (fixture->sightings));
  g_assert_cmpuint (n_changes, ==, 1);
  sighej_test_clock_advance (fixture->clock, S (31));
  g_assert_false (sighej_sightings_get_live (fixture->sightings));
  g_assert_cmpuint (n_changes, ==, 2);
  hear (fixture, 1, FAR_DBM);
  sighej_sightings_wipe (fixture->sightings);
  g_assert_false (sighej_sightings_get_live (fixture->sightings));
  g_assert_cmpuint (n_changes, ==, 4);
}

static void
test_closest_is_of_reported_tokens (Fixture *fixture, gconstpointer data)
{
  hear_for (fixture, 1, -40, 1, 10);
  g_assert_cmpint (sighej_sightings_get_closest (fixture->sightings), ==, SIGHEJ_BAND_GONE);
  hear_for (fixture, 1, -40, 1, 15);
  g_assert_cmpint (sighej_sightings_get_closest (fixture->sightings), ==, SIGHEJ_BAND_HERE);
  sighej_test_clock_advance (fixture->clock, S (40));
  g_assert_cmpint (sighej_sightings_get_closest (fixture->sightings), ==, SIGHEJ_BAND_GONE);
}

static void
test_own_tokens_never_count (Fixture *fixture, gconstpointer data)
{
  static const guint8 seed[SIGHEJ_SEED_BYTES] = { 1 };
  g_autoptr (SighejTokenSchedule) first = sighej_token_schedule_new (seed, NULL, 7200);
  g_autoptr (SighejTokenSchedule) second
      = sighej_token_schedule_new ((const guint8 *) "another seed of thirty-two bytes", NULL, 7200);
  SighejPayload payload = payload_of (0);

  /* Heard before we knew, from this session and from the one before it. */
  payload.token = sighej_token_schedule_get_epoch (first, 3)->token;
  sighej_sightings_hear (fixture->sightings, &payload, NEAR_DBM);
  g_assert_cmpuint (sighej_sightings_get_nearby (fixture->sightings), ==, 1);
  sighej_sightings_set_own (fixture->sightings, first);
  g_assert_cmpuint (sighej_sightings_get_nearby (fixture->sightings), ==, 0);

  sighej_sightings_hear (fixture->sightings, &payload, NEAR_DBM);
  sighej_sightings_set_own (fixture->sightings, second);
  sighej_sightings_hear (fixture->sightings, &payload, NEAR_DBM);
  payload.token = sighej_token_schedule_get_epoch (second, 0)->token;
  sighej_sightings_hear (fixture->sightings, &payload, NEAR_DBM);
  g_assert_cmpuint (sighej_sightings_get_n_tokens (fixture->sightings), ==, 0);
}

static guint64
count_of (SighejSightings *sightings, const char *name)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{st}"));
  g_autoptr (GVariant) counters = NULL;
  guint64 value = 0;

  sighej_sightings_count (sightings, &builder);
  counters = g_variant_ref_sink (g_variant_builder_end (&builder));
  g_assert_true (g_variant_lookup (counters, name, "t", &value));
  return value;
}

static void
test_flood_evicts_the_oldest (Fixture *fixture, gconstpointer data)
{
  SighejPayload kept = payload_of (G_MAXUINT);

  hear (fixture, G_MAXUINT, NEAR_DBM);
  for (guint i = 0; i < SIGHEJ_SIGHTINGS_TOKENS_MAX - 1; i++)
    hear (fixture, i, FAR_DBM);
  hear (fixture, G_MAXUINT, NEAR_DBM);
  hear (fixture, SIGHEJ_SIGHTINGS_TOKENS_MAX, FAR_DBM);
  hear (fixture, SIGHEJ_SIGHTINGS_TOKENS_MAX + 1, FAR_DBM);

  g_assert_cmpuint (
      sighej_sightings_get_n_tokens (fixture->sightings), ==, SIGHEJ_SIGHTINGS_TOKENS_MAX);
  g_assert_cmpuint (
      sighej_sightings_get_nearby (fixture->sightings), ==, SIGHEJ_SIGHTINGS_TOKENS_MAX);
  g_assert_cmpuint (count_of (fixture->sightings, "sightings.evicted"), ==, 2);
  g_assert_cmpint (
      sighej_sightings_get_band (fixture->sightings, &kept.token), ==, SIGHEJ_BAND_NEAR);
}

static void
test_wakes_seldom_with_many_tokens (Fixture *fixture, gconstpointer data)
{
  guint n_waits = 0;

  for (guint tick = 0; tick < 60 * 10; tick++)
    {
      for (guint number = 0; number < 20; number++)
        hear (fixture, (tick % 10) * 20 + number, FAR_DBM);
      n_waits += sighej_test_clock_next_us (fixture->clock) <= S (1) / 10;
      sighej_test_clock_advance (fixture->clock, S (1) / 10);
    }
  g_assert_cmpuint (n_waits, <=, 3);
}

static void
test_wipe_forgets_all (Fixture *fixture, gconstpointer data)
{
  hear_for (fixture, 1, NEAR_DBM, 1, 25);
  sighej_sightings_wipe (fixture->sightings);
  g_assert_cmpuint (sighej_sightings_get_n_tokens (fixture->sightings), ==, 0);
  g_assert_cmpuint (sighej_sightings_get_nearby (fixture->sightings), ==, 0);
  g_assert_cmpint (sighej_sightings_get_closest (fixture->sightings), ==, SIGHEJ_BAND_GONE);
  g_assert_cmpuint (fixture->n_nearby_changes, ==, 2);
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
}

#define ADD(path, function)                                                                        \
  g_test_add ("/sightings/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("reports-after-the-dwell-time", test_reports_after_the_dwell_time);
  ADD ("dwell-ends-without-a-packet", test_dwell_ends_without_a_packet);
  ADD ("another-dwell-time-from-the-next-packet-on",
       test_another_dwell_time_from_the_next_packet_on);
  ADD ("five-samples-in-a-minute-are-enough", test_five_samples_in_a_minute_are_enough);
  ADD ("four-samples-are-not", test_four_samples_are_not);
  ADD ("adjustment-counts-at-once", test_adjustment_counts_at_once);
  ADD ("far-tokens-are-never-reported", test_far_tokens_are_never_reported);
  ADD ("unknown-strength-is-presence-only", test_unknown_strength_is_presence_only);
  ADD ("repeats-four-times-then-after-five-minutes",
       test_repeats_four_times_then_after_five_minutes);
  ADD ("answered-is-not-repeated", test_answered_is_not_repeated);
  ADD ("reported-again-after-gone", test_reported_again_after_gone);
  ADD ("new-token-starts-its-own-dwell", test_new_token_starts_its_own_dwell);
  ADD ("leaving-near-restarts-the-dwell", test_leaving_near_restarts_the_dwell);
  ADD ("offline-keeps-reports-due", test_offline_keeps_reports_due);
  ADD ("refused-report-is-due-again-soon", test_refused_report_is_due_again_soon);
  ADD ("new-session-reports-anew", test_new_session_reports_anew);
  ADD ("many-reports-are-spread", test_many_reports_are_spread);
  ADD ("nearby-lasts-ninety-seconds", test_nearby_lasts_ninety_seconds);
  ADD ("kiosk-is-nobody-nearby", test_kiosk_is_nobody_nearby);
  ADD ("gone-follows-the-interval", test_gone_follows_the_interval);
  ADD ("nobody-is-gone-in-a-pause", test_nobody_is_gone_in_a_pause);
  ADD ("a-pause-of-two-minutes-knows-nobody", test_a_pause_of_two_minutes_knows_nobody);
  ADD ("gone-on-a-battery", test_gone_on_a_battery);
  ADD ("gone-only-after-ten-seconds-of-listening", test_gone_only_after_ten_seconds_of_listening);
  ADD ("a-pause-is-no-interval", test_a_pause_is_no_interval);
  ADD ("live-is-told-once", test_live_is_told_once);
  ADD ("closest-is-of-reported-tokens", test_closest_is_of_reported_tokens);
  ADD ("own-tokens-never-count", test_own_tokens_never_count);
  ADD ("flood-evicts-the-oldest", test_flood_evicts_the_oldest);
  ADD ("wakes-seldom-with-many-tokens", test_wakes_seldom_with_many_tokens);
  ADD ("wipe-forgets-all", test_wipe_forgets_all);

  return g_test_run ();
}
