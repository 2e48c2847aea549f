/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

#include "sighej-enums.h"

G_BEGIN_DECLS

/* The median is taken over so many samples. */
#define SIGHEJ_BAND_MEDIAN_SAMPLES 5

/* What a forged tx_cal can win is bounded by clamping it to what senders use (BLE 7, 8). */
#define SIGHEJ_BAND_TX_CAL_MIN_DBM (-71)
#define SIGHEJ_BAND_TX_CAL_MAX_DBM (-50)

/**
 * SighejBandFilter:
 * @recent_db: path loss of the last samples, a ring
 * @n_samples: samples of known strength since the filter was initialised
 * @smoothed_db: exponential mean of the medians of @recent_db
 * @near: within the `near` band, or closer
 * @here: within the `here` band
 * @near_since_us: when @near became true
 * @beyond_near_us: since when the loss has been too large for @near; 0: it is not
 * @beyond_here_us: the same for @here
 *
 * From signal strength to a band, for one token (BLE 7). A value without a clock: all zero bytes
 * is a token never heard. Strength is path loss over that at one metre, so 0 dB is one metre
 * and more is farther away. `here` lies inside `near`, so each band keeps its own hysteresis:
 *
 *   here    entered at <= 0 dB, left after 5 s beyond 4 dB
 *   near    entered at <= 8 dB, left after 10 s beyond 13 dB
 *   around  otherwise
 */
typedef struct
{
  gint16 recent_db[SIGHEJ_BAND_MEDIAN_SAMPLES];
  guint n_samples;
  double smoothed_db;
  gboolean near;
  gboolean here;
  gint64 near_since_us;
  gint64 beyond_near_us;
  gint64 beyond_here_us;
} SighejBandFilter;

/* Whether a radio's @rssi_dbm says anything: 127 and 0 mean that it does not know. */
gboolean sighej_band_is_known (int rssi_dbm);

/**
 * sighej_band_filter_add:
 * @rssi_dbm: a known signal strength, dBm
 * @tx_cal_dbm: what the sender claims is heard at one metre, dBm; clamped to -71 to -50
 * @rx_adjust_db: what this receiver reads too little, dB
 * @now_us: microseconds on a clock that never jumps, never less than at the call before
 *
 * Takes a sample. Returns: the band, never %SIGHEJ_BAND_GONE
 */
SighejBand sighej_band_filter_add (
    SighejBandFilter *self, int rssi_dbm, int tx_cal_dbm, int rx_adjust_db, gint64 now_us);

/* The band as of the last sample: %SIGHEJ_BAND_AROUND without any. */
SighejBand sighej_band_filter_get (const SighejBandFilter *self);

G_END_DECLS
