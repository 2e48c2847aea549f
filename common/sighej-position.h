/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SighejPosition:
 * @latitude: degrees, -90 to 90
 * @longitude: degrees, -180 to 180
 * @accuracy_m: radius of the 95 % circle
 * @taken_us: wall clock, microseconds since 1970, UTC
 */
typedef struct
{
  double latitude;
  double longitude;
  double accuracy_m;
  gint64 taken_us;
} SighejPosition;

G_END_DECLS
