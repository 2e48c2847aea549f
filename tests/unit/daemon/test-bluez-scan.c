/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-bluez-pace.h"
#include "sighej-bluez-vigil.h"

#include "sighej-test.h"

#define MS(milliseconds) ((gint64) (milliseconds) *G_TIME_SPAN_MILLISECOND)
#define S(seconds) ((gint64) (seconds) *G_USEC_PER_SEC)
#define NOW S (1000)
#define RESTART MS (SIGHEJ_BLUEZ_PACE_RESTART_MS)
#define TOKEN S (SIGHEJ_BLUEZ_PACE_TOKEN_SECONDS)
#define TRUST S (SIGHEJ_BLUEZ_PACE_TRUST_SECONDS)
#define SILENCE S (SIGHEJ_BLUEZ_SILENCE_SECONDS)
#define LOST S (SIGHEJ_BLUEZ_VIGIL_UNDISCOVERING_SECONDS)
#define DOUBT S (SIGHEJ_BLUEZ_VIGIL_DOUBT_SECONDS)

static const guint8 anna[13] = { 0x11, 0x35, 0xc5, 1 };
static const guint8 bo[13] = { 0x11, 0x35, 0xc5, 2 };

static void
hear (SighejBluezPace *pace, const guint8 *data, gint64 now_us)
{
  sighej_bluez_pace_hear (pace, data, sizeof anna, now_us);
}

/* ---- pace ---- */

static void
test_pace_rests_where_nobody_is (void)
{
  SighejBluezPace pace = { 0 };

  sighej_bluez_pace_start (&pace, NOW);
  g_assert_cmpint (sighej_bluez_pace_get_due_us (&pace, NOW + RESTART), ==, 0);
  hear (&pace, anna, NOW + MS (10));
  g_assert_cmpint (sighej_bluez_pace_get_due_us (&pace, NOW + MS (10)), ==, NOW + RESTART);
  g_assert_cmpint (
      sighej_bluez_pace_get_due_us (&pace, NOW + MS (10) + TOKEN - 1), ==, NOW + RESTART);
  g_assert_cmpint (sighej_bluez_pace_get_due_us (&pace, NOW + MS (10) + TOKEN), ==, 0);
}

static void
test_pace_restarts_where_each_is_heard_once (void)
{
  SighejBluezPace pace = { 0 };
  gint64 now_us = NOW;

  for (guint i = 0; i < 10; i++)
    {
      sighej_bluez_pace_start (&pace, now_us);
      hear (&pace, anna, now_us + MS (100));
      hear (&pace, bo, now_us + MS (300));
      now_us = sighej_bluez_pace_get_due_us (&pace, now_us + MS (300));
      g_assert_true (sighej_bluez_pace_take_due (&pace, now_us));
    }
  g_assert_cmpint (now_us, ==, NOW + 10 * RESTART);
}

static void
test_pace_spares_restarts_where_all_is_heard (void)
{
  SighejBluezPace pace = { 0 };
  gint64 now_us;

  sighej_bluez_pace_start (&pace, NOW);
  for (now_us = NOW; now_us < NOW + S (20); now_us += MS (250))
    {
      hear (&pace, bo, now_us);
      hear (&pace, anna, now_us + MS (3));
      if (now_us >= sighej_bluez_pace_get_due_us (&pace, now_us))
        g_assert_false (sighej_bluez_pace_take_due (&pace, now_us));
    }

  /* Nothing repeats any more: soon it is restarted again. */
  for (; now_us < NOW + S (20) + TRUST; now_us += RESTART)
    g_assert_false (sighej_bluez_pace_take_due (&pace, now_us));
  g_assert_true (sighej_bluez_pace_take_due (&pace, now_us));
}

/* 1,000 devices are told of once in 10 s, as the kernel's own pace would. */
static void
test_pace_slows_down_in_a_crowd (void)
{
  SighejBluezPace pace = { 0 };

  sighej_bluez_pace_start (&pace, NOW);
  hear (&pace, anna, NOW);
  for (guint i = 1; i <= 1000; i++)
    {
      sighej_bluez_pace_count (&pace);
      if (i == 100)
        g_assert_cmpint (sighej_bluez_pace_get_due_us (&pace, NOW), ==, NOW + RESTART);
    }
  g_assert_cmpint (sighej_bluez_pace_get_due_us (&pace, NOW), ==, NOW + S (10));
  sighej_bluez_pace_start (&pace, NOW + S (10));
  g_assert_cmpint (sighej_bluez_pace_get_due_us (&pace, NOW + S (10)), ==, NOW + S (10) + RESTART);
}

/* BlueZ may say two things of one packet. */
static void
test_pace_takes_no_echo_for_a_repeat (void)
{
  SighejBluezPace pace = { 0 };

  sighej_bluez_pace_start (&pace, NOW);
  hear (&pace, anna, NOW);
  hear (&pace, anna, NOW + MS (5));
  g_assert_true (sighej_bluez_pace_take_due (&pace, NOW + RESTART));
}

/* Two scans are not one. */
static void
test_pace_takes_no_new_scan_for_a_repeat (void)
{
  SighejBluezPace pace = { 0 };

  sighej_bluez_pace_start (&pace, NOW);
  hear (&pace, anna, NOW);
  sighej_bluez_pace_start (&pace, NOW + RESTART);
  hear (&pace, anna, NOW + RESTART + MS (100));
  g_assert_true (sighej_bluez_pace_take_due (&pace, NOW + 2 * RESTART));
}

static void
test_pace_lets_go_of_who_left (void)
{
  SighejBluezPace pace = { 0 };

  sighej_bluez_pace_start (&pace, NOW);
  hear (&pace, anna, NOW);
  hear (&pace, bo, NOW + TRUST);
  hear (&pace, bo, NOW + TRUST + MS (250));
  g_assert_false (sighej_bluez_pace_take_due (&pace, NOW + TRUST + RESTART));
}

static void
test_pace_bears_any_data (void)
{
  guint8 long_data[2 * SIGHEJ_BLUEZ_PACE_SAMPLE_BYTES_MAX] = { 0 };
  SighejBluezPace pace = { 0 };

  for (guint n = 0; n <= sizeof long_data; n++)
    {
      sighej_bluez_pace_start (&pace, NOW);
      sighej_bluez_pace_hear (&pace, n == 0 ? NULL : long_data, n, NOW);
      sighej_bluez_pace_hear (&pace, n == 0 ? NULL : long_data, n, NOW + MS (100));
    }
}

/* ---- silence ---- */

static void
test_silence_is_told_the_second_time (void)
{
  SighejBluezSilence silence = { 0 };

  sighej_bluez_silence_begin (&silence, NOW);
  g_assert_cmpint (sighej_bluez_silence_get_due_us (&silence, 0), ==, NOW + SILENCE);
  g_assert_false (sighej_bluez_silence_take (&silence, NOW + SILENCE));
  g_assert_false (sighej_bluez_silence_is_silent (&silence, NOW + SILENCE));
  sighej_bluez_silence_end (&silence, 0, NOW + SILENCE);
  sighej_bluez_silence_begin (&silence, NOW + SILENCE);
  g_assert_cmpint (sighej_bluez_silence_get_due_us (&silence, 0), ==, NOW + 2 * SILENCE);
  g_assert_true (sighej_bluez_silence_take (&silence, NOW + 2 * SILENCE));
  g_assert_true (sighej_bluez_silence_is_silent (&silence, NOW + 2 * SILENCE));

  /* Told once, it lasts until something is heard. */
  g_assert_false (sighej_bluez_silence_take (&silence, NOW + 3 * SILENCE));
  g_assert_true (sighej_bluez_silence_is_silent (&silence, NOW + 3 * SILENCE));
  g_assert_true (sighej_bluez_silence_forget (&silence));
  g_assert_false (sighej_bluez_silence_forget (&silence));
  g_assert_false (sighej_bluez_silence_is_silent (&silence, NOW + 3 * SILENCE));
}

static void
test_silence_counts_from_the_last_packet (void)
{
  SighejBluezSilence silence = { 0 };

  sighej_bluez_silence_begin (&silence, NOW);
  g_assert_cmpint (
      sighej_bluez_silence_get_due_us (&silence, NOW + S (5)), ==, NOW + S (5) + SILENCE);
}

/* 10 s in every 60: it takes nine turns to fill 90 s. */
static void
test_silence_counts_the_turns_of_a_plan (void)
{
  SighejBluezSilence silence = { 0 };
  gint64 now_us = NOW;
  gint64 due_us = 0;

  for (guint turn = 0; turn < 9; turn++)
    {
      sighej_bluez_silence_begin (&silence, now_us);
      due_us = sighej_bluez_silence_get_due_us (&silence, 0);
      g_assert_true (turn == 8 || due_us > now_us + S (10));
      sighej_bluez_silence_end (&silence, 0, now_us + S (10));
      now_us += S (60);
    }
  g_assert_cmpint (due_us, ==, now_us - S (50));
}

static void
test_silence_ends_with_a_long_pause (void)
{
  SighejBluezSilence silence = { 0 };
  gint64 closed_us = NOW + 2 * SILENCE;
  gint64 opened_us = closed_us + S (3600);

  sighej_bluez_silence_begin (&silence, NOW);
  sighej_bluez_silence_take (&silence, NOW + SILENCE);
  g_assert_true (sighej_bluez_silence_take (&silence, closed_us));
  sighej_bluez_silence_end (&silence, 0, closed_us);
  g_assert_true (sighej_bluez_silence_is_silent (&silence, closed_us + S (50)));
  g_assert_false (sighej_bluez_silence_is_silent (&silence, opened_us));
  sighej_bluez_silence_begin (&silence, opened_us);
  g_assert_false (sighej_bluez_silence_is_silent (&silence, opened_us));
  g_assert_cmpint (sighej_bluez_silence_get_due_us (&silence, 0), ==, opened_us + SILENCE);
}

/* ---- vigil ---- */

static void
assert_found (const SighejBluezVigil *vigil,
              gint64 alive_us,
              gint64 due_us,
              SighejBluezVigilFinding finding)
{
  g_assert_cmpint (sighej_bluez_vigil_get_due_us (vigil, alive_us), ==, due_us);
  g_assert_cmpint (
      sighej_bluez_vigil_judge (vigil, alive_us, due_us - 1), ==, SIGHEJ_BLUEZ_VIGIL_FINE);
  g_assert_cmpint (sighej_bluez_vigil_judge (vigil, alive_us, due_us), ==, finding);
}

static void
test_vigil_waits_for_bluez_to_discover (void)
{
  SighejBluezVigil vigil = { 0 };

  sighej_bluez_vigil_begin (&vigil, NOW);
  g_assert_false (sighej_bluez_vigil_is_sound (&vigil));
  assert_found (&vigil, 0, NOW + LOST, SIGHEJ_BLUEZ_VIGIL_LOST);
  sighej_bluez_vigil_set_discovering (&vigil, TRUE, NOW + S (1));
  g_assert_true (sighej_bluez_vigil_is_sound (&vigil));
  assert_found (&vigil, 0, NOW + SILENCE, SIGHEJ_BLUEZ_VIGIL_SILENT);

  /* Said again, it counts from the first time. */
  sighej_bluez_vigil_set_discovering (&vigil, FALSE, NOW + S (50));
  sighej_bluez_vigil_set_discovering (&vigil, FALSE, NOW + S (51));
  assert_found (&vigil, 0, NOW + S (50) + LOST, SIGHEJ_BLUEZ_VIGIL_LOST);
}

static void
test_vigil_doubts_until_anything_is_heard (void)
{
  SighejBluezVigil vigil = { .discovering = TRUE };

  sighej_bluez_vigil_set_doubted (&vigil, TRUE);
  sighej_bluez_vigil_begin (&vigil, NOW);
  g_assert_false (sighej_bluez_vigil_is_sound (&vigil));
  assert_found (&vigil, 0, NOW + DOUBT, SIGHEJ_BLUEZ_VIGIL_IN_DOUBT);
  g_assert_false (sighej_bluez_vigil_hear (&vigil));
  g_assert_true (sighej_bluez_vigil_is_sound (&vigil));
  assert_found (&vigil, NOW + S (5), NOW + S (5) + SILENCE, SIGHEJ_BLUEZ_VIGIL_SILENT);

  sighej_bluez_vigil_set_doubted (&vigil, TRUE);
  sighej_bluez_vigil_forget (&vigil);
  g_assert_true (sighej_bluez_vigil_is_sound (&vigil));
}

static void
test_vigil_tells_the_end_of_a_silence (void)
{
  SighejBluezVigil vigil = { .discovering = TRUE };
  gint64 now_us = NOW;

  for (guint i = 0; i < SIGHEJ_BLUEZ_SILENCES_UNTIL_TOLD; i++)
    {
      sighej_bluez_vigil_begin (&vigil, now_us);
      now_us += SILENCE;
      sighej_bluez_silence_take (&vigil.silence, now_us);
      sighej_bluez_vigil_end (&vigil, 0, now_us);
    }
  g_assert_true (sighej_bluez_silence_is_silent (&vigil.silence, now_us));
  g_assert_true (sighej_bluez_vigil_hear (&vigil));
  g_assert_false (sighej_bluez_vigil_hear (&vigil));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bluez-pace/rests-where-nobody-is", test_pace_rests_where_nobody_is);
  g_test_add_func ("/bluez-pace/restarts-where-each-is-heard-once",
                   test_pace_restarts_where_each_is_heard_once);
  g_test_add_func ("/bluez-pace/spares-restarts-where-all-is-heard",
                   test_pace_spares_restarts_where_all_is_heard);
  g_test_add_func ("/bluez-pace/slows-down-in-a-crowd", test_pace_slows_down_in_a_crowd);
  g_test_add_func ("/bluez-pace/no-echo-is-a-repeat", test_pace_takes_no_echo_for_a_repeat);
  g_test_add_func ("/bluez-pace/no-new-scan-is-a-repeat", test_pace_takes_no_new_scan_for_a_repeat);
  g_test_add_func ("/bluez-pace/lets-go-of-who-left", test_pace_lets_go_of_who_left);
  g_test_add_func ("/bluez-pace/bears-any-data", test_pace_bears_any_data);
  g_test_add_func ("/bluez-silence/told-the-second-time", test_silence_is_told_the_second_time);
  g_test_add_func ("/bluez-silence/counts-from-the-last-packet",
                   test_silence_counts_from_the_last_packet);
  g_test_add_func ("/bluez-silence/counts-the-turns-of-a-plan",
                   test_silence_counts_the_turns_of_a_plan);
  g_test_add_func ("/bluez-silence/ends-with-a-long-pause", test_silence_ends_with_a_long_pause);
  g_test_add_func ("/bluez-vigil/waits-for-bluez-to-discover",
                   test_vigil_waits_for_bluez_to_discover);
  g_test_add_func ("/bluez-vigil/doubts-until-anything-is-heard",
                   test_vigil_doubts_until_anything_is_heard);
  g_test_add_func ("/bluez-vigil/tells-the-end-of-a-silence",
                   test_vigil_tells_the_end_of_a_silence);

  return g_test_run ();
}
