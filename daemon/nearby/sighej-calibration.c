/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-calibration.h"

#include <math.h>

#include "sighej-band.h"
#include "sighej-crypto.h"

#define RSSI_DBM_MIN (-127)
#define RSSI_DBM_MAX 20
#define N_LEVELS (RSSI_DBM_MAX - RSSI_DBM_MIN + 1)

/* With fewer a token is too uncertain to be the strongest, or to be in its way. */
#define SAMPLES_TO_COUNT 5
#define STALE_US ((gint64) SIGHEJ_CALIBRATION_STALE_SECONDS * G_USEC_PER_SEC)

typedef struct
{
  SighejToken token;
  int tx_cal_dbm;
  gint64 heard_us;
  guint n_samples;
  guint32 levels[N_LEVELS]; /* how often each strength was read, weakest first */
} Heard;

struct _SighejCalibration
{
  Heard heard[SIGHEJ_CALIBRATION_TOKENS_MAX];
  guint n_heard;
  gint64 latest_us;
};

SighejCalibration *
sighej_calibration_new (void)
{
  return g_new0 (SighejCalibration, 1);
}

void
sighej_calibration_free (SighejCalibration *self)
{
  sighej_wipe (self, sizeof *self);
  g_free (self);
}

/* ---- what was read of one token ---- */

/* The sample of rank @rank, 0 being the weakest. */
static int
level_at (const Heard *heard, guint rank)
{
  guint n_below = 0;
  guint i = 0;

  while (n_below + heard->levels[i] <= rank)
    n_below += heard->levels[i++];

  return RSSI_DBM_MIN + (int) i;
}

static double
median_dbm (const Heard *heard)
{
  return (level_at (heard, (heard->n_samples - 1) / 2) + level_at (heard, heard->n_samples / 2))
         / 2.0;
}

static guint
spread_db (const Heard *heard)
{
  guint tenth = heard->n_samples / 10;

  return (guint) (level_at (heard, heard->n_samples - 1 - tenth) - level_at (heard, tenth));
}

/* ---- who is the strongest ---- */

/* Compared with the latest packet, not with now: after a silence of all nobody is stale. */
static gboolean
is_stale (const SighejCalibration *self, const Heard *heard)
{
  return self->latest_us - heard->heard_us > STALE_US;
}

static gboolean
counts (const SighejCalibration *self, const Heard *heard)
{
  return heard->n_samples >= SAMPLES_TO_COUNT && !is_stale (self, heard);
}

static const Heard *
find_strongest (const SighejCalibration *self)
{
  const Heard *strongest = NULL;

  for (guint i = 0; i < self->n_heard; i++)
    {
      const Heard *heard = &self->heard[i];

      if (counts (self, heard)
          && (strongest == NULL || median_dbm (heard) > median_dbm (strongest)))
        strongest = heard;
    }

  return strongest;
}

static gboolean
has_rival (const SighejCalibration *self, const Heard *strongest)
{
  double least_dbm = median_dbm (strongest) - SIGHEJ_CALIBRATION_MARGIN_DB;

  for (guint i = 0; i < self->n_heard; i++)
    {
      const Heard *heard = &self->heard[i];

      if (heard != strongest && counts (self, heard) && median_dbm (heard) > least_dbm)
        return TRUE;
    }

  return FALSE;
}

/* ---- hearing ---- */

static Heard *
find_token (SighejCalibration *self, const SighejToken *token)
{
  for (guint i = 0; i < self->n_heard; i++)
    if (sighej_token_equal (&self->heard[i].token, token))
      return &self->heard[i];

  return NULL;
}

/* NULL: everybody known is as strong as @rssi_dbm. */
static Heard *
find_room (SighejCalibration *self, int rssi_dbm)
{
  Heard *weakest = &self->heard[0];

  if (self->n_heard < SIGHEJ_CALIBRATION_TOKENS_MAX)
    return &self->heard[self->n_heard++];

  for (guint i = 1; i < self->n_heard; i++)
    if (median_dbm (&self->heard[i]) < median_dbm (weakest))
      weakest = &self->heard[i];

  return median_dbm (weakest) < rssi_dbm ? weakest : NULL;
}

void
sighej_calibration_hear (SighejCalibration *self,
                         const SighejPayload *payload,
                         int rssi_dbm,
                         gint64 now_us)
{
  Heard *heard = find_token (self, &payload->token);

  if (!sighej_band_is_known (rssi_dbm))
    return;

  if (heard == NULL)
    {
      heard = find_room (self, rssi_dbm);
      if (heard == NULL)
        return;
      *heard = (Heard){ .token = payload->token };
    }

  heard->tx_cal_dbm = payload->tx_cal_dbm;
  heard->heard_us = now_us;
  heard->n_samples++;
  heard->levels[CLAMP (rssi_dbm, RSSI_DBM_MIN, RSSI_DBM_MAX) - RSSI_DBM_MIN]++;
  self->latest_us = now_us;
}

guint
sighej_calibration_get_n_samples (const SighejCalibration *self)
{
  const Heard *strongest = find_strongest (self);

  return strongest == NULL ? 0 : strongest->n_samples;
}

/* ---- judging ---- */

static gboolean
check (const SighejCalibration *self, const Heard *strongest, GError **error)
{
  if (strongest == NULL)
    g_set_error_literal (error,
                         SIGHEJ_ERROR,
                         SIGHEJ_ERROR_FAILED,
                         "no other machine was heard; put one that is open with the same backend "
                         "1 m away, then try again");
  else if (strongest->n_samples < SIGHEJ_CALIBRATION_SAMPLES_MIN)
    g_set_error (error,
                 SIGHEJ_ERROR,
                 SIGHEJ_ERROR_FAILED,
                 "only %u samples of the other machine came, %u are needed; try again for longer, "
                 "or start bluetoothd with --experimental, which hears far more",
                 strongest->n_samples,
                 SIGHEJ_CALIBRATION_SAMPLES_MIN);
  else if (has_rival (self, strongest))
    g_set_error_literal (error,
                         SIGHEJ_ERROR,
                         SIGHEJ_ERROR_FAILED,
                         "more than one machine is heard as strongly; move all others at least 3 m "
                         "away or close them, then try again");
  else if (spread_db (strongest) > SIGHEJ_CALIBRATION_SPREAD_DB_MAX)
    g_set_error (error,
                 SIGHEJ_ERROR,
                 SIGHEJ_ERROR_FAILED,
                 "the strength varied by %u dB, at most %d are fine; keep both machines at 1 m "
                 "with nothing between them, then try again",
                 spread_db (strongest),
                 SIGHEJ_CALIBRATION_SPREAD_DB_MAX);
  else
    return TRUE;

  return FALSE;
}

gboolean
sighej_calibration_judge (const SighejCalibration *self,
                          SighejCalibrationResult *result,
                          GError **error)
{
  const Heard *strongest = find_strongest (self);

  if (!check (self, strongest, error))
    return FALSE;

  *result = (SighejCalibrationResult){
    .n_samples = strongest->n_samples,
    .median_dbm = (int) lrint (median_dbm (strongest)),
    .spread_db = spread_db (strongest),
    .tx_cal_dbm
    = CLAMP (strongest->tx_cal_dbm, SIGHEJ_BAND_TX_CAL_MIN_DBM, SIGHEJ_BAND_TX_CAL_MAX_DBM),
  };
  return TRUE;
}
