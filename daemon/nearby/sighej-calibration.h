/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-error.h"
#include "sighej-payload.h"

G_BEGIN_DECLS

/* A median of fewer says little (BLE 7). */
#define SIGHEJ_CALIBRATION_SAMPLES_MIN 50
/* The other machine must be so much stronger than any third one, dB: 1 m against 1.7 m. */
#define SIGHEJ_CALIBRATION_MARGIN_DB 6
/* Between the weakest tenth and the strongest; beyond it somebody moved or stood in between. */
#define SIGHEJ_CALIBRATION_SPREAD_DB_MAX 20
/* So many tokens are told apart; the weakest gives way to a stronger one. */
#define SIGHEJ_CALIBRATION_TOKENS_MAX 32
/* A token not heard for so long while others are is no longer in the room, or was changed. */
#define SIGHEJ_CALIBRATION_STALE_SECONDS 10

/**
 * SighejCalibration:
 *
 * What is read of the strongest machine around, for a calibration (BLE 7). Packets are put in,
 * a median comes out, or what is wrong with the measurement. It knows no clock and no radio.
 *
 * Every token stands for itself: when the other machine changes its token, the samples of the
 * new one count from the first, because nothing here joins a token to the next.
 */
typedef struct _SighejCalibration SighejCalibration;

/**
 * SighejCalibrationResult:
 * @n_samples: of the one token
 * @median_dbm: of these samples
 * @spread_db: between their weakest and their strongest tenth
 * @tx_cal_dbm: what that machine says a reference receiver reads at one metre, clamped (BLE 7)
 */
typedef struct
{
  guint n_samples;
  int median_dbm;
  guint spread_db;
  int tx_cal_dbm;
} SighejCalibrationResult;

SighejCalibration *sighej_calibration_new (void);
/* Wipes what was heard. */
void sighej_calibration_free (SighejCalibration *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejCalibration, sighej_calibration_free)

/* @rssi_dbm: as heard; an unknown one is not counted. @now_us: never less than before */
void sighej_calibration_hear (SighejCalibration *self,
                              const SighejPayload *payload,
                              int rssi_dbm,
                              gint64 now_us);

/* Samples of the token that is strongest now, 0 when none is heard. */
guint sighej_calibration_get_n_samples (const SighejCalibration *self);

/* Errors: %SIGHEJ_ERROR_FAILED: nobody heard, too few samples, two as strong, too much spread. */
gboolean sighej_calibration_judge (const SighejCalibration *self,
                                   SighejCalibrationResult *result,
                                   GError **error);

G_END_DECLS
