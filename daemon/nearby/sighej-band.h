/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

#include "sighej-enums.h"

G_BEGIN_DECLS

/* What a forged tx_cal can win is bounded by clamping it to what senders use (BLE 7, 8). */
#define SIGHEJ_BAND_TX_CAL_MIN_DBM (-71)
#define SIGHEJ_BAND_TX_CAL_MAX_DBM (-50)

/**
 * SighejBandFilter:
 * @n_samples: samples of known strength since the filter was initialised
 * @sample_us: when the last of them came
 * @smoothed_db: the level: path loss beyond that at one metre
 * @variance_db2: how far from the truth the level may be, squared
 * @near: within the `near` band, or closer
 * @here: within the `here` band
 * @within: the level is within the limit of `near`
 * @within_us: for how long it has been, until @sample_us; see below
 * @beyond_near_us: since when the loss has been too large for @near; 0: it is not
 * @beyond_here_us: the same for @here
 *
 * From signal strength to a band, for one token (BLE 7). A value without a clock: all zero bytes
 * is a token never heard. Strength is path loss over that at one metre, so 0 dB is one metre
 * and more is farther away. Each sample, Δt after the one before, moves the level s:
 *
 *   v = v + 0.5 dB² · Δt / 1 s     what people move meanwhile
 *   w = v / (v + 30 dB²)           30 dB²: the error of one reading, 5.5 dB
 *   s = s + w · (L - s), v = (1 - w) · v      L - s is held within 16 dB; first s = L, v = 30 dB²
 *
 * So the level averages 4 to 12 s, whether packets come four times a second or each 2.5 s, and
 * follows faster where they are rare. `here` lies inside `near`; each keeps its own hysteresis:
 *
 *   around ──s <= 9 dB──▸ near ──s <= 0 dB──▸ here
 *   around ◂──s > 13 dB for 10 s── near ◂──s > 4 dB for 5 s── here
 *
 * What is decided by nearness goes by sighej_band_filter_dwells_at(): the time at 9 dB or less,
 * less a tenth of the time at more, since near was entered. Turning round does not start it anew.
 *
 * Chosen by tests/bench/bench-proximity: the largest share of people reported at 1 and 2 m less
 * that at 5 m (Youden's J), and a limit at which without calibration not more than 6 in 100
 * people at 5 m are reported.
 */
typedef struct
{
  guint n_samples;
  gint64 sample_us;
  double smoothed_db;
  double variance_db2;
  gboolean near;
  gboolean here;
  gboolean within;
  gint64 within_us;
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

/**
 * sighej_band_filter_dwells_at:
 * @dwell_us: how long near is to be
 *
 * When, without another sample, the token will have been near for @dwell_us, on the clock of
 * sighej_band_filter_add(); an instant gone by if it has. %G_MAXINT64: not, its level is beyond
 * the limit now.
 */
gint64 sighej_band_filter_dwells_at (const SighejBandFilter *self, gint64 dwell_us);

/* The band as of the last sample: %SIGHEJ_BAND_AROUND without any. */
SighejBand sighej_band_filter_get (const SighejBandFilter *self);

G_END_DECLS
