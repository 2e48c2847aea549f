/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <math.h>

#include "sighej-error.h"
#include "sighej-position.h"

#define NOW_US (G_GINT64_CONSTANT (1795226400) * G_USEC_PER_SEC)
#define SECONDS(n) ((gint64) ((n) *G_USEC_PER_SEC))
/* Degrees of latitude in a metre, on the sphere the module uses. */
#define DEGREES_PER_M (180.0 / (G_PI * 6371008.8))

static void
assert_check (const SighejPosition *position, const SighejPosition *last, const char *wrong)
{
  g_autoptr (GError) error = NULL;
  gboolean good = sighej_position_check (position, last, NOW_US, &error);

  if (wrong == NULL)
    {
      g_assert_no_error (error);
      g_assert_true (good);
      return;
    }
  g_assert_false (good);
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_REQUEST);
  g_assert_true (g_str_has_prefix (error->message, wrong));
}

/* SECURITY-DESIGN T-18: each end of each range, the last that is in and the first that is not. */
static void
test_boundaries (void)
{
  static const struct
  {
    SighejPosition position;
    const char *wrong;
  } rows[] = {
    { { 55.7, 12.6, 10, NOW_US }, NULL },
    { { 90, 12.6, 10, NOW_US }, NULL },
    { { -90, 12.6, 10, NOW_US }, NULL },
    { { 90.000001, 12.6, 10, NOW_US }, "lat " },
    { { -90.000001, 12.6, 10, NOW_US }, "lat " },
    { { NAN, 12.6, 10, NOW_US }, "lat " },
    { { INFINITY, 12.6, 10, NOW_US }, "lat " },
    { { 55.7, 180, 10, NOW_US }, NULL },
    { { 55.7, -180, 10, NOW_US }, NULL },
    { { 55.7, 180.000001, 10, NOW_US }, "lon " },
    { { 55.7, -180.000001, 10, NOW_US }, "lon " },
    { { 55.7, NAN, 10, NOW_US }, "lon " },
    { { 55.7, -INFINITY, 10, NOW_US }, "lon " },
    { { 55.7, 12.6, 0.1, NOW_US }, NULL },
    { { 55.7, 12.6, 100, NOW_US }, NULL },
    { { 55.7, 12.6, 0.0999, NOW_US }, "accuracy " },
    { { 55.7, 12.6, 100.001, NOW_US }, "accuracy " },
    { { 55.7, 12.6, 0, NOW_US }, "accuracy " },
    { { 55.7, 12.6, -1, NOW_US }, "accuracy " },
    { { 55.7, 12.6, NAN, NOW_US }, "accuracy " },
    { { 55.7, 12.6, 10, NOW_US - SECONDS (300) }, NULL },
    { { 55.7, 12.6, 10, NOW_US + SECONDS (300) }, NULL },
    { { 55.7, 12.6, 10, NOW_US - SECONDS (300) - 1 }, "taken " },
    { { 55.7, 12.6, 10, NOW_US + SECONDS (300) + 1 }, "taken " },
    { { 55.7, 12.6, 10, G_MININT64 }, "taken " },
    { { 55.7, 12.6, 10, G_MAXINT64 }, "taken " },
    { { 0, 0, 10, 0 }, "taken " },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    assert_check (&rows[i].position, NULL, rows[i].wrong);
}

/* 300 km/h are 83.33 m/s: 250 m in 3 s. */
static void
test_speed (void)
{
  static const struct
  {
    double metres;
    double seconds;
    const char *wrong;
  } rows[] = {
    { 0, 0, NULL },        { 0.5, 0, "speed " },   { 0, 3, NULL },       { 250, 3, NULL },
    { 249, 3, NULL },      { 250.1, 3, "speed " }, { 4999.9, 60, NULL }, { 5000.1, 60, "speed " },
    { 0, -1, "taken " },   { 100, -3, "taken " },  { 83.3, 1, NULL },    { 84, 1, "speed " },
    { 2e7, 60, "speed " },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      SighejPosition last = { 0, 12.6, 5, NOW_US - SECONDS (60) };
      SighejPosition next = last;

      next.latitude = MIN (rows[i].metres * DEGREES_PER_M, 90);
      next.taken_us += SECONDS (rows[i].seconds);
      assert_check (&next, &last, rows[i].wrong);
    }
}

static void
test_distance (void)
{
  static const SighejPosition copenhagen = { 55.6761, 12.5683, 5, 0 };
  static const SighejPosition aarhus = { 56.1629, 10.2039, 5, 0 };
  static const SighejPosition pole = { 90, 0, 5, 0 };
  static const SighejPosition other_pole = { -90, 77, 5, 0 };
  static const SighejPosition east_of_the_line = { 0, -179.9999, 5, 0 };
  static const SighejPosition west_of_the_line = { 0, 179.9999, 5, 0 };

  g_assert_cmpfloat_with_epsilon (sighej_position_distance_m (&copenhagen, &aarhus), 157000, 1000);
  g_assert_cmpfloat (sighej_position_distance_m (&aarhus, &aarhus), ==, 0);
  g_assert_cmpfloat_with_epsilon (
      sighej_position_distance_m (&pole, &other_pole), G_PI * 6371008.8, 1);
  g_assert_cmpfloat_with_epsilon (
      sighej_position_distance_m (&east_of_the_line, &west_of_the_line), 22.24, 0.01);
}

/* Every degree of the compass, at several latitudes: the word it should have. */
static void
test_eight_directions (void)
{
  static const double latitudes[] = { -60, 0, 55.7, 80 };

  for (gsize i = 0; i < G_N_ELEMENTS (latitudes); i++)
    for (int degrees = 0; degrees < 360; degrees++)
      {
        SighejPosition from = { latitudes[i], 12.6, 5, 0 };
        SighejPosition to = from;
        double angle = degrees * G_PI / 180;

        to.latitude += 200 * cos (angle) * DEGREES_PER_M;
        to.longitude += 200 * sin (angle) * DEGREES_PER_M / cos (from.latitude * G_PI / 180);
        /* Not the borders: 22.5, 67.5 … lie between whole degrees. */
        g_assert_cmpint (sighej_position_direction (&from, &to),
                         ==,
                         SIGHEJ_DIRECTION_N + (int) (((double) degrees + 22.5) / 45) % 8);
      }
}

static void
test_direction_over_the_date_line (void)
{
  static const SighejPosition east = { 0, -179.9999, 5, 0 };
  static const SighejPosition west = { 0, 179.9999, 5, 0 };

  g_assert_cmpint (sighej_position_direction (&west, &east), ==, SIGHEJ_DIRECTION_E);
  g_assert_cmpint (sighej_position_direction (&east, &west), ==, SIGHEJ_DIRECTION_W);
}

static void
test_bands (void)
{
  static const struct
  {
    double metres;
    SighejDistance band;
  } rows[] = {
    { 0, SIGHEJ_DISTANCE_BESIDE },       { 15, SIGHEJ_DISTANCE_BESIDE },
    { 15.01, SIGHEJ_DISTANCE_NEAR },     { 50, SIGHEJ_DISTANCE_NEAR },
    { 50.01, SIGHEJ_DISTANCE_IN_SIGHT }, { 200, SIGHEJ_DISTANCE_IN_SIGHT },
    { 200.01, SIGHEJ_DISTANCE_WALK },    { 1000, SIGHEJ_DISTANCE_WALK },
    { 1000.01, SIGHEJ_DISTANCE_FAR },    { 2e7, SIGHEJ_DISTANCE_FAR },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpint (sighej_distance_from_metres (rows[i].metres), ==, rows[i].band);
}

/* Two fixes of 20 m that are 30 m apart may be anywhere around each other. */
static void
test_no_direction_within_the_accuracy (void)
{
  SighejPosition from = { 55.7, 12.6, 20, NOW_US };
  SighejPosition to = from;
  SighejDirection direction;
  SighejDistance distance;

  to.latitude += 30 * DEGREES_PER_M;
  sighej_position_describe (&from, &to, &direction, &distance);
  g_assert_cmpint (direction, ==, SIGHEJ_DIRECTION_NONE);
  g_assert_cmpint (distance, ==, SIGHEJ_DISTANCE_NEAR);

  to.accuracy_m = 5;
  sighej_position_describe (&from, &to, &direction, &distance);
  g_assert_cmpint (direction, ==, SIGHEJ_DIRECTION_N);
  sighej_position_describe (&to, &from, &direction, &distance);
  g_assert_cmpint (direction, ==, SIGHEJ_DIRECTION_S);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/position/boundaries", test_boundaries);
  g_test_add_func ("/position/speed", test_speed);
  g_test_add_func ("/position/distance", test_distance);
  g_test_add_func ("/position/eight-directions", test_eight_directions);
  g_test_add_func ("/position/direction-over-the-date-line", test_direction_over_the_date_line);
  g_test_add_func ("/position/bands", test_bands);
  g_test_add_func ("/position/no-direction-within-the-accuracy",
                   test_no_direction_within_the_accuracy);
  return g_test_run ();
}
