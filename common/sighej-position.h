/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-enums.h"

G_BEGIN_DECLS

/*
 * A place somebody chose to show to the one she is meeting (SECURITY-DESIGN T-18). Pure: no clock,
 * no GeoClue. A coordinate is a secret: it reaches no log, no file and no error text.
 */

#define SIGHEJ_POSITION_ACCURACY_M_MIN 0.1
#define SIGHEJ_POSITION_ACCURACY_M_MAX 100.0
#define SIGHEJ_POSITION_SKEW_SECONDS_MAX 300
#define SIGHEJ_POSITION_KMH_MAX 300.0

/* Upper ends of the bands of distance, metres, each still inside its band. */
#define SIGHEJ_DISTANCE_BESIDE_M 15.0
#define SIGHEJ_DISTANCE_NEAR_M 50.0
#define SIGHEJ_DISTANCE_IN_SIGHT_M 200.0
#define SIGHEJ_DISTANCE_WALK_M 1000.0

/**
 * SighejPosition:
 * @latitude: degrees, north is positive
 * @longitude: degrees, east is positive
 * @accuracy_m: radius within which the person is, metres
 * @taken_us: when it was taken, microseconds since 1970
 *
 * One fix (WGS 84). A value; sighej_wipe() it when it is no longer needed.
 */
typedef struct
{
  double latitude;
  double longitude;
  double accuracy_m;
  gint64 taken_us;
} SighejPosition;

/**
 * sighej_position_check:
 * @last: (nullable): the fix accepted before this one, also one before a reconnect
 * @now_us: wall clock of who checks, microseconds since 1970
 *
 * Latitude within ±90, longitude within ±180, accuracy 0.1 to 100 m, taken within ±5 min of
 * @now_us, not before @last, and no farther from it than 300 km/h carry. All ends included.
 * Nothing is kept: who accepts the fix keeps it as the next @last.
 *
 * Fails with %SIGHEJ_ERROR_INVALID_REQUEST; the text begins with the member that is wrong:
 * `lat`, `lon`, `accuracy`, `taken` or `speed`. No coordinate is in it.
 */
gboolean sighej_position_check (const SighejPosition *self,
                                const SighejPosition *last,
                                gint64 now_us,
                                GError **error);

/* Metres along the ground (sphere of 6,371,008.8 m; errs by 0.6 % at most). */
double sighej_position_distance_m (const SighejPosition *from, const SighejPosition *to);

/* Which way @to lies from @from: each of the eight directions is 45 degrees wide. */
SighejDirection sighej_position_direction (const SighejPosition *from, const SighejPosition *to);

/* The band of a distance in metres; never more than that is shown to anybody. */
SighejDistance sighej_distance_from_metres (double distance_m);

/**
 * sighej_position_describe:
 * @direction: (out): meaningless, and %SIGHEJ_DIRECTION_NONE, when the two are closer to each other
 *   than both fixes are sure of
 *
 * What one person is shown of the other.
 */
void sighej_position_describe (const SighejPosition *from,
                               const SighejPosition *to,
                               SighejDirection *direction,
                               SighejDistance *distance);

G_END_DECLS
