/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-rotator.h"

#include <string.h>

#include "sighej-test.h"

#define S(seconds) ((gint64) (seconds) *G_USEC_PER_SEC)
#define EARLY_US S (SIGHEJ_ROTATOR_EARLY_SECONDS_MAX)
#define LATE_US S (SIGHEJ_ROTATOR_LATE_SECONDS_MAX)
#define N_DRAWS 400 /* all in nine tenths of their range: once in 10^18 */

/* A radio that only remembers what it was told last. */
#define TEST_TYPE_RADIO (test_radio_get_type ())
G_DECLARE_FINAL_TYPE (TestRadio, test_radio, TEST, RADIO, GObject)

struct _TestRadio
{
  GObject parent_instance;

  gboolean has_payload;
  SighejPayload payload;
  SighejInterval interval; /* last told, and of the payload */
  SighejInterval payload_interval;
  guint n_payloads;
  guint n_silences;
};

static void
test_radio_set_interval (SighejRadio *radio, SighejInterval interval)
{
  TEST_RADIO (radio)->interval = interval;
}

static void
test_radio_set_payload (SighejRadio *radio, const SighejPayload *payload)
{
  TestRadio *self = TEST_RADIO (radio);

  self->has_payload = payload != NULL;
  if (payload != NULL)
    {
      self->payload = *payload;
      self->payload_interval = self->interval;
      self->n_payloads++;
    }
  else
    self->n_silences++;
}

static void
test_radio_iface_init (SighejRadioInterface *iface)
{
  iface->set_interval = test_radio_set_interval;
  iface->set_payload = test_radio_set_payload;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TestRadio,
                               test_radio,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SIGHEJ_TYPE_RADIO, test_radio_iface_init))

static void
test_radio_init (TestRadio *self)
{
}

static void
test_radio_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  g_assert_not_reached ();
}

static void
test_radio_class_init (TestRadioClass *klass)
{
  G_OBJECT_CLASS (klass)->get_property = test_radio_get_property;
  sighej_radio_override_properties (G_OBJECT_CLASS (klass), 1);
}

typedef struct
{
  SighejTestClock *clock;
  TestRadio *radio;
  SighejRotator *rotator;
  SighejTokenSchedule *schedule;
  gint64 start_us;
  SighejToken told;
} Fixture;

static void
on_token (SighejRotator *rotator, const SighejTokenOrigin *origin, Fixture *fixture)
{
  sighej_token_origin_derive (origin, &fixture->told);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  guint8 seed[SIGHEJ_SEED_BYTES];

  /* Seed A of BLE 3: epoch 0 ends at 733, epoch 1 at 1600. */
  for (guint i = 0; i < sizeof seed; i++)
    seed[i] = (guint8) i;
  fixture->schedule = sighej_token_schedule_new (seed, NULL, 7200);
  fixture->clock = sighej_test_clock_new ();
  fixture->start_us = sighej_clock_now_us (SIGHEJ_CLOCK (fixture->clock));
  fixture->radio = g_object_new (TEST_TYPE_RADIO, NULL);
  fixture->rotator = sighej_rotator_new (
      SIGHEJ_CLOCK (fixture->clock), SIGHEJ_RADIO (fixture->radio), SIGHEJ_PAYLOAD_OPEN);
  g_signal_connect (fixture->rotator, "token", G_CALLBACK (on_token), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  sighej_test_assert_finalized (fixture->rotator);
  sighej_test_assert_finalized (fixture->radio);
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
  sighej_test_assert_finalized (fixture->clock);
  sighej_token_schedule_unref (fixture->schedule);
}

static void
assert_token (Fixture *fixture, const char *expected)
{
  char hex[SIGHEJ_TOKEN_HEX_CHARS + 1];

  g_assert_true (fixture->radio->has_payload);
  sighej_token_to_hex (&fixture->radio->payload.token, hex);
  g_assert_cmpstr (hex, ==, expected);
  g_assert_true (sighej_token_equal (&fixture->radio->payload.token, &fixture->told));
}

static void
test_sets_the_whole_payload (Fixture *fixture, gconstpointer data)
{
  sighej_rotator_set_realm (fixture->rotator, 0x35);
  sighej_rotator_set_tx_cal (fixture->rotator, -65);
  sighej_rotator_start (fixture->rotator, fixture->schedule, fixture->start_us);

  assert_token (fixture, "b4b57748198574854a05");
  g_assert_cmpint (fixture->radio->payload.flags, ==, SIGHEJ_PAYLOAD_OPEN);
  g_assert_cmpint (fixture->radio->payload.realm, ==, 0x35);
  g_assert_cmpint (fixture->radio->payload.tx_cal_dbm, ==, -65);
  g_assert_true (sighej_rotator_get_rotating (fixture->rotator));
}

static void
test_a_crowd_is_for_the_next_token (Fixture *fixture, gconstpointer data)
{
  sighej_rotator_start (fixture->rotator, fixture->schedule, fixture->start_us);
  g_assert_cmpuint (fixture->radio->payload_interval.max_ms, ==, 300);
  sighej_rotator_set_visible (fixture->rotator, SIGHEJ_INTERVAL_PEOPLE_MAX + 1);
  sighej_test_clock_advance (fixture->clock, S (733) - EARLY_US - 1);
  g_assert_cmpuint (fixture->radio->interval.max_ms, ==, 300);
  g_assert_cmpuint (fixture->radio->n_payloads, ==, 1);

  sighej_test_clock_advance (fixture->clock, EARLY_US + LATE_US + 1);
  g_assert_cmpuint (fixture->radio->n_payloads, ==, 2);
  g_assert_cmpuint (fixture->radio->payload_interval.min_ms, ==, 1000);
  g_assert_cmpuint (fixture->radio->payload_interval.max_ms, ==, 1100);
}

/* Two who see the same send alike, whatever they saw before. */
static void
test_the_interval_remembers_nothing (void)
{
  static const guint visible[] = { 0, 100, 101, 5000, 101, 100, 0 };
  static const guint expected_ms[] = { 250, 250, 1000, 1000, 1000, 250, 250 };

  for (guint i = 0; i < G_N_ELEMENTS (visible); i++)
    g_assert_cmpuint (sighej_interval_among (visible[i]).min_ms, ==, expected_ms[i]);
}

static void
test_changes_around_the_end_of_each_epoch (Fixture *fixture, gconstpointer data)
{
  sighej_rotator_start (fixture->rotator, fixture->schedule, fixture->start_us);
  sighej_test_clock_advance (fixture->clock, S (733) - EARLY_US - 1);
  assert_token (fixture, "b4b57748198574854a05");
  sighej_test_clock_advance (fixture->clock, EARLY_US + 1);
  g_assert_false (fixture->radio->has_payload);
  sighej_test_clock_advance (fixture->clock, LATE_US);
  assert_token (fixture, "da2dbcdf1a09268f2cd5");
  sighej_test_clock_advance (fixture->clock, S (1600 - 733) - LATE_US - EARLY_US - 1);
  assert_token (fixture, "da2dbcdf1a09268f2cd5");
  sighej_test_clock_advance (fixture->clock, EARLY_US + LATE_US + 1);
  assert_token (fixture, "5849252c6a22372476be");
  g_assert_cmpuint (fixture->radio->n_payloads, ==, 3);
}

/* The draws of one kind come near both ends of their range, and never leave it. */
static void
assert_spread (const gint64 *drawn_us, gint64 most_us)
{
  gint64 least = G_MAXINT64;
  gint64 most = G_MININT64;

  for (guint i = 0; i < N_DRAWS; i++)
    {
      least = MIN (least, drawn_us[i]);
      most = MAX (most, drawn_us[i]);
    }
  g_assert_cmpint (least, >, 0);
  g_assert_cmpint (least, <, most_us / 10);
  g_assert_cmpint (most, <=, most_us);
  g_assert_cmpint (most, >, most_us - most_us / 10);
}

static void
test_the_silence_is_any_length (Fixture *fixture, gconstpointer data)
{
  SighejClock *clock = SIGHEJ_CLOCK (fixture->clock);
  gint64 early_us[N_DRAWS];
  gint64 late_us[N_DRAWS];

  for (guint i = 0; i < N_DRAWS; i++)
    {
      gint64 over_us = sighej_clock_now_us (clock) + S (733);

      sighej_rotator_start (fixture->rotator, fixture->schedule, over_us - S (733));
      sighej_test_clock_advance (fixture->clock, sighej_test_clock_next_us (fixture->clock));
      g_assert_false (fixture->radio->has_payload);
      early_us[i] = over_us - sighej_clock_now_us (clock);
      sighej_test_clock_advance (fixture->clock, sighej_test_clock_next_us (fixture->clock));
      g_assert_true (fixture->radio->has_payload);
      late_us[i] = sighej_clock_now_us (clock) - over_us;
      sighej_rotator_stop (fixture->rotator);
    }
  assert_spread (early_us, EARLY_US);
  assert_spread (late_us, LATE_US);
}

static void
test_slept_through_the_change (Fixture *fixture, gconstpointer data)
{
  sighej_rotator_start (fixture->rotator, fixture->schedule, fixture->start_us);
  sighej_test_clock_sleep (fixture->clock, S (1000));
  assert_token (fixture, "da2dbcdf1a09268f2cd5");
  g_assert_cmpuint (fixture->radio->n_silences, ==, 0);
}

static void
test_counts_from_the_acceptance (Fixture *fixture, gconstpointer data)
{
  sighej_rotator_start (fixture->rotator, fixture->schedule, fixture->start_us - S (6000));
  assert_token (fixture, "41e5335ab76c52fb1dbb");
}

static void
test_silent_when_the_session_is_over (Fixture *fixture, gconstpointer data)
{
  sighej_rotator_start (fixture->rotator, fixture->schedule, fixture->start_us);
  sighej_test_clock_advance (fixture->clock, S (7200) - EARLY_US - 1);
  g_assert_true (fixture->radio->has_payload);
  sighej_test_clock_advance (fixture->clock, EARLY_US + 1);
  g_assert_false (fixture->radio->has_payload);
  sighej_test_clock_advance (fixture->clock, LATE_US);
  g_assert_false (fixture->radio->has_payload);
  g_assert_cmpuint (
      fixture->radio->n_payloads, ==, sighej_token_schedule_get_n_epochs (fixture->schedule));
  g_assert_false (sighej_rotator_get_rotating (fixture->rotator));
}

static SighejTokenSchedule *
make_seed_b_schedule (void)
{
  guint8 seed[SIGHEJ_SEED_BYTES];

  memset (seed, 0xa5, sizeof seed);
  return sighej_token_schedule_new (seed, NULL, 7200);
}

static void
test_renewal_changes_over (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SighejTokenSchedule) renewed = make_seed_b_schedule ();

  sighej_rotator_start (fixture->rotator, fixture->schedule, fixture->start_us);
  sighej_test_clock_advance (fixture->clock, S (100));
  sighej_rotator_start (fixture->rotator, renewed, fixture->start_us + S (100));
  g_assert_cmpuint (fixture->radio->n_silences, ==, 0);
  sighej_test_clock_advance (fixture->clock, EARLY_US + LATE_US);
  assert_token (fixture, "35fe953d1eaea9056e88");
  g_assert_cmpuint (fixture->radio->n_silences, ==, 1);

  /* The old schedule's instant passes unnoticed. */
  sighej_test_clock_advance (fixture->clock, S (700));
  assert_token (fixture, "35fe953d1eaea9056e88");
  g_assert_cmpuint (sighej_rotator_get_n_tokens (fixture->rotator), ==, 2);
}

static void
test_renewal_in_the_silence (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SighejTokenSchedule) renewed = make_seed_b_schedule ();

  sighej_rotator_start (fixture->rotator, fixture->schedule, fixture->start_us);
  sighej_test_clock_advance (fixture->clock, S (733));
  g_assert_false (fixture->radio->has_payload);
  sighej_rotator_start (fixture->rotator, renewed, fixture->start_us + S (733));
  g_assert_false (fixture->radio->has_payload);
  sighej_test_clock_advance (fixture->clock, LATE_US);
  assert_token (fixture, "35fe953d1eaea9056e88");
  g_assert_cmpuint (sighej_rotator_get_n_tokens (fixture->rotator), ==, 2);
}

static void
test_starting_again_changes_nothing (Fixture *fixture, gconstpointer data)
{
  sighej_rotator_start (fixture->rotator, fixture->schedule, fixture->start_us);
  sighej_rotator_start (fixture->rotator, fixture->schedule, fixture->start_us);
  g_assert_cmpuint (fixture->radio->n_payloads, ==, 1);
}

static void
test_stop_takes_it_off_the_air (Fixture *fixture, gconstpointer data)
{
  sighej_rotator_start (fixture->rotator, fixture->schedule, fixture->start_us);
  sighej_rotator_stop (fixture->rotator);
  g_assert_false (fixture->radio->has_payload);
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
  sighej_test_clock_advance (fixture->clock, S (1000));
  g_assert_false (fixture->radio->has_payload);

  sighej_rotator_start (fixture->rotator, fixture->schedule, fixture->start_us);
  assert_token (fixture, "da2dbcdf1a09268f2cd5");
}

#define ADD(path, function)                                                                        \
  g_test_add ("/rotator/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("sets-the-whole-payload", test_sets_the_whole_payload);
  ADD ("changes-around-the-end-of-each-epoch", test_changes_around_the_end_of_each_epoch);
  ADD ("a-crowd-is-for-the-next-token", test_a_crowd_is_for_the_next_token);
  g_test_add_func ("/rotator/the-interval-remembers-nothing", test_the_interval_remembers_nothing);
  ADD ("the-silence-is-any-length", test_the_silence_is_any_length);
  ADD ("slept-through-the-change", test_slept_through_the_change);
  ADD ("counts-from-the-acceptance", test_counts_from_the_acceptance);
  ADD ("silent-when-the-session-is-over", test_silent_when_the_session_is_over);
  ADD ("renewal-changes-over", test_renewal_changes_over);
  ADD ("renewal-in-the-silence", test_renewal_in_the_silence);
  ADD ("starting-again-changes-nothing", test_starting_again_changes_nothing);
  ADD ("stop-takes-it-off-the-air", test_stop_takes_it_off_the_air);

  return g_test_run ();
}
