/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory store's records: their bounds, and the time they are told in. What they do besides is
 * in tests/conformance. */
#include "config.h"

#include "sighej-error.h"
#include "sighej-records.h"

#define KEY "meet:1"
#define DAY_MS (24u * 3600 * 1000)

static const SighejRecordsTime start = { 1000000, G_GINT64_CONSTANT (1767261600000000) };

static guint64
put (SighejRecords *records, const char *key, guint64 version, GBytes *value)
{
  const SighejStoreSwap swap = { .version = version, .value = value, .lifetime_ms = DAY_MS };
  g_autoptr (GError) error = NULL;
  guint64 new_version;

  g_assert_true (sighej_records_swap (records, key, &swap, &start, &new_version, &error));
  g_assert_no_error (error);
  return new_version;
}

static void
assert_full (SighejRecords *records, GBytes *value)
{
  const SighejStoreSwap swap = { .value = value, .lifetime_ms = DAY_MS };
  g_autoptr (GError) error = NULL;
  guint64 version;

  g_assert_false (sighej_records_swap (records, "one-more", &swap, &start, &version, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE);
  g_assert_cmpuint (version, ==, 0);
  g_assert_false (sighej_records_has (records, "one-more", start.now_us));
}

static void
test_there_are_only_so_many (void)
{
  g_autoptr (SighejRecords) records = sighej_records_new ();
  g_autoptr (GBytes) value = g_bytes_new_static ("", 0);
  guint64 first = put (records, "meet:0", 0, value);

  for (guint i = 1; i < SIGHEJ_RECORDS_MAX; i++)
    {
      char key[32];

      g_snprintf (key, sizeof key, "meet:%u", i);
      put (records, key, 0, value);
    }
  assert_full (records, value);
  first = put (records, "meet:0", first, value); /* what is there may change */
  put (records, "meet:0", first, NULL);
  put (records, "one-more", 0, value);
}

static void
test_they_hold_only_so_much (void)
{
  g_autoptr (SighejRecords) records = sighej_records_new ();
  g_autofree char *bytes = g_malloc0 (SIGHEJ_STORE_RECORD_BYTES_MAX);
  g_autoptr (GBytes) large = g_bytes_new_static (bytes, SIGHEJ_STORE_RECORD_BYTES_MAX);
  g_autoptr (GBytes) small = g_bytes_new_static (bytes, 1);
  guint n = SIGHEJ_RECORDS_BYTES_MAX / (SIGHEJ_STORE_RECORD_BYTES_MAX + 128); /* what keeps it */
  guint64 last = 0;
  char key[32];

  for (guint i = 0; i < n; i++)
    {
      g_snprintf (key, sizeof key, "meet:%u", i);
      last = put (records, key, 0, large);
    }
  assert_full (records, large);
  last = put (records, key, last, small); /* what it gave up is free again */
  put (records, "one-more", 0, large);
  put (records, key, last, NULL);
}

static void
test_what_is_over_is_dropped (void)
{
  g_autoptr (SighejRecords) records = sighej_records_new ();
  g_autoptr (GBytes) value = g_bytes_new_static ("value", 5);
  gint64 over_us = start.now_us + DAY_MS * G_GINT64_CONSTANT (1000);

  g_assert_cmpint (sighej_records_next_us (records), ==, G_MAXINT64);
  put (records, KEY, 0, value);
  g_assert_cmpint (sighej_records_next_us (records), ==, over_us);
  sighej_records_expire (records, over_us - 1);
  g_assert_true (sighej_records_has (records, KEY, over_us - 1));
  g_assert_false (sighej_records_has (records, KEY, over_us));
  sighej_records_expire (records, over_us);
  g_assert_cmpint (sighej_records_next_us (records), ==, G_MAXINT64);
}

/* However many there are, what goes first is known, and its room is free again. */
static void
test_a_part_that_is_over_is_dropped (void)
{
  g_autoptr (SighejRecords) records = sighej_records_new ();
  g_autofree char *bytes = g_malloc0 (SIGHEJ_STORE_RECORD_BYTES_MAX);
  g_autoptr (GBytes) large = g_bytes_new_static (bytes, SIGHEJ_STORE_RECORD_BYTES_MAX);
  g_autoptr (GBytes) part = g_bytes_new_static (bytes, SIGHEJ_STORE_FLEETING_BYTES_MAX);
  SighejStoreSwap swap
      = { .value = large,
          .lifetime_ms = DAY_MS,
          .fleeting = { { part, start.wall_us / 1000 + 2 }, { part, start.wall_us / 1000 + 1 } } };
  SighejStoreRecord record;
  guint64 version;

  g_assert_true (sighej_records_swap (records, KEY, &swap, &start, &version, NULL));
  g_assert_cmpint (sighej_records_next_us (records), ==, start.now_us + 1000);
  sighej_records_expire (records, start.now_us + 1000);
  g_assert_cmpint (sighej_records_next_us (records), ==, start.now_us + 2000);
  sighej_records_read (records, KEY, &start, &record);
  g_assert_true (record.fleeting[0] == part);
  g_assert_null (record.fleeting[1]);
  sighej_records_expire (records, start.now_us + 2000);
  g_assert_cmpint (
      sighej_records_next_us (records), ==, start.now_us + DAY_MS * G_GINT64_CONSTANT (1000));
  sighej_records_drop (records, KEY);
  sighej_records_drop (records, KEY);
  g_assert_cmpint (sighej_records_next_us (records), ==, G_MAXINT64);
}

static gint64
tell_ms (SighejRecords *records, gint64 now_us, gint64 wall_us)
{
  const SighejRecordsTime time = { now_us, wall_us };
  SighejStoreRecord record;

  sighej_records_read (records, "nobody", &time, &record);
  return record.now_ms;
}

static void
test_a_step_of_the_wall_clock_waits_for_the_last_record (void)
{
  g_autoptr (SighejRecords) records = sighej_records_new ();
  g_autoptr (GBytes) value = g_bytes_new_static ("value", 5);
  const gint64 hour_us = 3600 * (gint64) G_USEC_PER_SEC;
  guint64 version;

  g_assert_cmpint (tell_ms (records, 5, start.wall_us), ==, start.wall_us / 1000);
  version = put (records, KEY, 0, value);
  g_assert_cmpint (tell_ms (records, start.now_us + 7000, start.wall_us - hour_us),
                   ==,
                   start.wall_us / 1000 + 7);
  put (records, KEY, version, NULL);
  g_assert_cmpint (tell_ms (records, start.now_us, start.wall_us - hour_us),
                   ==,
                   (start.wall_us - hour_us) / 1000);
  g_assert_cmpuint (put (records, KEY, 0, value), >, version);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/records/there-are-only-so-many", test_there_are_only_so_many);
  g_test_add_func ("/records/they-hold-only-so-much", test_they_hold_only_so_much);
  g_test_add_func ("/records/what-is-over-is-dropped", test_what_is_over_is_dropped);
  g_test_add_func ("/records/a-part-that-is-over-is-dropped", test_a_part_that_is_over_is_dropped);
  g_test_add_func ("/records/a-step-of-the-wall-clock-waits-for-the-last-record",
                   test_a_step_of_the_wall_clock_waits_for_the_last_record);
  return g_test_run ();
}
