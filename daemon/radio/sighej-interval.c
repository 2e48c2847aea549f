/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-interval.h"

SighejInterval
sighej_interval_among (guint n_visible)
{
  return n_visible > SIGHEJ_INTERVAL_PEOPLE_MAX ? (SighejInterval){ 1000, 1100 }
                                                : (SighejInterval){ 250, 300 };
}
