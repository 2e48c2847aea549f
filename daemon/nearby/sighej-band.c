/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-band.h"

/* BLE 7. What these were chosen by stands in the header. */
#define NOISE_DB2 30.0
#define DRIFT_DB2_PER_S 0.5
#define ERROR_MAX_DB 16.0
#define HERE_ENTER_DB 0.0
#define HERE_LEAVE_DB 4.0
#define HERE_LEAVE_US (5 * G_USEC_PER_SEC)
#define NEAR_ENTER_DB 9.0
#define NEAR_LEAVE_DB 13.0
#define NEAR_LEAVE_US (10 * G_USEC_PER_SEC)
/* Of the time beyond the limit of near, so much is taken back. */
#define BEYOND_DIVISOR 10

#define RSSI_UNKNOWN_DBM 127

gboolean
sighej_band_is_known (int rssi_dbm)
{
  return rssi_dbm != 0 && rssi_dbm != RSSI_UNKNOWN_DBM;
}

/* The longer ago the last sample, the less the level is worth and the more this one counts. */
static void
smooth (SighejBandFilter *self, double loss_db, gint64 now_us)
{
  double passed_s = (double) (now_us - self->sample_us) / G_USEC_PER_SEC;
  double weight;

  self->sample_us = now_us;
  if (self->n_samples++ == 0)
    {
      self->smoothed_db = loss_db;
      self->variance_db2 = NOISE_DB2;
      return;
    }

  self->variance_db2 += DRIFT_DB2_PER_S * passed_s;
  weight = self->variance_db2 / (self->variance_db2 + NOISE_DB2);
  self->variance_db2 *= 1 - weight;
  self->smoothed_db += weight * CLAMP (loss_db - self->smoothed_db, -ERROR_MAX_DB, ERROR_MAX_DB);
}

/* The time since the last sample belongs to the level it left. */
static void
count_within (SighejBandFilter *self, gint64 now_us)
{
  gint64 passed_us = now_us - self->sample_us;

  if (self->within)
    self->within_us += passed_us;
  else
    self->within_us = MAX (0, self->within_us - passed_us / BEYOND_DIVISOR);
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

  count_within (self, now_us);
  smooth (self, one_metre_dbm - (rssi_dbm + rx_adjust_db), now_us);
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
  self->within = self->smoothed_db <= NEAR_ENTER_DB;
  if (!self->near)
    self->within_us = 0;

  return sighej_band_filter_get (self);
}

SighejBand
sighej_band_filter_get (const SighejBandFilter *self)
{
  if (self->here)
    return SIGHEJ_BAND_HERE;

  return self->near ? SIGHEJ_BAND_NEAR : SIGHEJ_BAND_AROUND;
}

gint64
sighej_band_filter_dwells_at (const SighejBandFilter *self, gint64 dwell_us)
{
  return self->within ? self->sample_us + dwell_us - self->within_us : G_MAXINT64;
}
