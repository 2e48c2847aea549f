/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-band.h"

#include <string.h>

/* BLE 7. */
#define SMOOTHING 0.3
#define HERE_ENTER_DB 0.0
#define HERE_LEAVE_DB 4.0
#define HERE_LEAVE_US (5 * G_USEC_PER_SEC)
#define NEAR_ENTER_DB 8.0
#define NEAR_LEAVE_DB 13.0
#define NEAR_LEAVE_US (10 * G_USEC_PER_SEC)

#define RSSI_UNKNOWN_DBM 127

gboolean
sighej_band_is_known (int rssi_dbm)
{
  return rssi_dbm != 0 && rssi_dbm != RSSI_UNKNOWN_DBM;
}

static double
median (const SighejBandFilter *self)
{
  guint n = MIN (self->n_samples, SIGHEJ_BAND_MEDIAN_SAMPLES);
  gint16 sorted[SIGHEJ_BAND_MEDIAN_SAMPLES] = { 0 };

  for (guint i = 0; i < n; i++)
    {
      guint j = i;

      for (; j > 0 && sorted[j - 1] > self->recent_db[i]; j--)
        sorted[j] = sorted[j - 1];
      sorted[j] = self->recent_db[i];
    }

  return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2.0;
}

/* One band's hysteresis: in at @enter_db, out after @leave_us without a sample up to @leave_db. */
static void
update_membership (gboolean *inside,
                   gint64 *beyond_us,
                   double loss_db,
                   double enter_db,
                   double leave_db,
                   gint64 leave_us,
                   gint64 now_us)
{
  if (loss_db <= enter_db)
    *inside = TRUE;

  if (!*inside || loss_db <= leave_db)
    *beyond_us = 0;
  else if (*beyond_us == 0)
    *beyond_us = now_us;
  else if (now_us - *beyond_us >= leave_us)
    {
      *inside = FALSE;
      *beyond_us = 0;
    }
}

SighejBand
sighej_band_filter_add (
    SighejBandFilter *self, int rssi_dbm, int tx_cal_dbm, int rx_adjust_db, gint64 now_us)
{
  int one_metre_dbm = CLAMP (tx_cal_dbm, SIGHEJ_BAND_TX_CAL_MIN_DBM, SIGHEJ_BAND_TX_CAL_MAX_DBM);
  gboolean was_near = self->near;
  double loss_db;

  self->recent_db[self->n_samples % SIGHEJ_BAND_MEDIAN_SAMPLES]
      = (gint16) (one_metre_dbm - (rssi_dbm + rx_adjust_db));
  self->n_samples++;
  loss_db = median (self);
  if (self->n_samples == 1)
    self->smoothed_db = loss_db;
  else
    self->smoothed_db += SMOOTHING * (loss_db - self->smoothed_db);

  update_membership (&self->near,
                     &self->beyond_near_us,
                     self->smoothed_db,
                     NEAR_ENTER_DB,
                     NEAR_LEAVE_DB,
                     NEAR_LEAVE_US,
                     now_us);
  update_membership (&self->here,
                     &self->beyond_here_us,
                     self->smoothed_db,
                     HERE_ENTER_DB,
                     HERE_LEAVE_DB,
                     HERE_LEAVE_US,
                     now_us);
  if (self->near && !was_near)
    self->near_since_us = now_us;

  return sighej_band_filter_get (self);
}

SighejBand
sighej_band_filter_get (const SighejBandFilter *self)
{
  if (self->here)
    return SIGHEJ_BAND_HERE;

  return self->near ? SIGHEJ_BAND_NEAR : SIGHEJ_BAND_AROUND;
}
