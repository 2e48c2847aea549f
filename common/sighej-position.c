/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-position"

#include "config.h"

#include "sighej-position.h"

#include <math.h>

#include "sighej-error.h"

#define EARTH_RADIUS_M 6371008.8
#define DIRECTIONS 8
#define DEGREES_PER_DIRECTION (360.0 / DIRECTIONS)
#define MPS_PER_KMH (1.0 / 3.6)
/* What rounding may add to a distance: a step of exactly 300 km/h is still one. */
#define ROUNDING_M 0.001

static double
radians (double degrees)
{
  return degrees * G_PI / 180.0;
}

double
sighej_position_distance_m (const SighejPosition *from, const SighejPosition *to)
{
  double south_north = sin (radians (to->latitude - from->latitude) / 2);
  double west_east = sin (radians (to->longitude - from->longitude) / 2);
  double haversine
      = south_north * south_north
        + cos (radians (from->latitude)) * cos (radians (to->latitude)) * west_east * west_east;

  return 2 * EARTH_RADIUS_M * asin (sqrt (MIN (haversine, 1.0)));
}

/* Not a number is outside of everything. */
static gboolean
check_range (double value, double least, double most, const char *text, GError **error)
{
  if (value >= least && value <= most)
    return TRUE;

  g_set_error_literal (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_REQUEST, text);
  return FALSE;
}

static gboolean
check_step (const SighejPosition *self, const SighejPosition *last, GError **error)
{
  double elapsed_s = (double) (self->taken_us - last->taken_us) / G_USEC_PER_SEC;
  double reach_m = SIGHEJ_POSITION_KMH_MAX * MPS_PER_KMH * elapsed_s + ROUNDING_M;

  if (elapsed_s < 0)
    {
      g_set_error_literal (
          error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_REQUEST, "taken is before the last position");
      return FALSE;
    }
  if (sighej_position_distance_m (last, self) > reach_m)
    {
      g_set_error_literal (error,
                           SIGHEJ_ERROR,
                           SIGHEJ_ERROR_INVALID_REQUEST,
                           "speed since the last position is above 300 km/h");
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_time (const SighejPosition *self, gint64 now_us, GError **error)
{
  const gint64 skew_us = SIGHEJ_POSITION_SKEW_SECONDS_MAX * G_USEC_PER_SEC;

  if (self->taken_us >= now_us - skew_us && self->taken_us <= now_us + skew_us)
    return TRUE;

  g_set_error_literal (error,
                       SIGHEJ_ERROR,
                       SIGHEJ_ERROR_INVALID_REQUEST,
                       "taken is more than 5 minutes off the backend's clock");
  return FALSE;
}

gboolean
sighej_position_check (const SighejPosition *self,
                       const SighejPosition *last,
                       gint64 now_us,
                       GError **error)
{
  return check_range (self->latitude, -90, 90, "lat is not between -90 and 90", error)
         && check_range (self->longitude, -180, 180, "lon is not between -180 and 180", error)
         && check_range (self->accuracy_m,
                         SIGHEJ_POSITION_ACCURACY_M_MIN,
                         SIGHEJ_POSITION_ACCURACY_M_MAX,
                         "accuracy is not between 0.1 and 100 m",
                         error)
         && check_time (self, now_us, error) && (last == NULL || check_step (self, last, error));
}

SighejDirection
sighej_position_direction (const SighejPosition *from, const SighejPosition *to)
{
  double apart = radians (to->longitude - from->longitude);
  double east = sin (apart) * cos (radians (to->latitude));
  double north = cos (radians (from->latitude)) * sin (radians (to->latitude))
                 - sin (radians (from->latitude)) * cos (radians (to->latitude)) * cos (apart);
  double degrees = atan2 (east, north) * 180.0 / G_PI;
  int eighth = (int) floor (degrees / DEGREES_PER_DIRECTION + 0.5);

  return SIGHEJ_DIRECTION_N + (eighth + DIRECTIONS) % DIRECTIONS;
}

SighejDistance
sighej_distance_from_metres (double distance_m)
{
  if (distance_m <= SIGHEJ_DISTANCE_BESIDE_M)
    return SIGHEJ_DISTANCE_BESIDE;
  if (distance_m <= SIGHEJ_DISTANCE_NEAR_M)
    return SIGHEJ_DISTANCE_NEAR;
  if (distance_m <= SIGHEJ_DISTANCE_IN_SIGHT_M)
    return SIGHEJ_DISTANCE_IN_SIGHT;
  if (distance_m <= SIGHEJ_DISTANCE_WALK_M)
    return SIGHEJ_DISTANCE_WALK;
  return SIGHEJ_DISTANCE_FAR;
}

void
sighej_position_describe (const SighejPosition *from,
                          const SighejPosition *to,
                          SighejDirection *direction,
                          SighejDistance *distance)
{
  double distance_m = sighej_position_distance_m (from, to);

  *distance = sighej_distance_from_metres (distance_m);
  *direction = distance_m < from->accuracy_m + to->accuracy_m
                   ? SIGHEJ_DIRECTION_NONE
                   : sighej_position_direction (from, to);
}
