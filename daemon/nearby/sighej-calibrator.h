/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-adjustments.h"
#include "sighej-config.h"
#include "sighej-radio.h"

G_BEGIN_DECLS

/* How long one measures, seconds; 0 stands for the default. */
#define SIGHEJ_CALIBRATE_SECONDS_MIN 10
#define SIGHEJ_CALIBRATE_SECONDS_MAX 300
#define SIGHEJ_CALIBRATE_SECONDS_DEFAULT 60
/* With too few samples by then it goes on, at most so many times as long and never beyond MAX. */
#define SIGHEJ_CALIBRATE_STRETCH 3
/* So long an adapter may take to be known. */
#define SIGHEJ_CALIBRATOR_ADAPTER_SECONDS 5

/**
 * SighejCalibrator:
 *
 * How far off the adapter in use is, and how that is found out (BLE 7). For each kind of
 * SighejAdjustmentKind the value in use is, in this order: what was measured or set for this very
 * adapter, the setting (TxCalibration, ReceiveAdjustment), the setting's default.
 *
 * A measurement listens to another machine at one metre, which must be open too: seen if you see.
 *
 *          measure                     the time is over, 50 samples
 *   IDLE -------------> MEASURING ------------------------------------> IDLE: the result
 *                        |   |    with too few samples: at the limit
 *                        |   +----------------------------------------> IDLE: what is wrong
 *                        | cancelled, no longer open, another adapter
 *                        +--------------------------------------------> IDLE: that
 *
 * TRANSMIT measures how loud the other machine is and keeps nothing: the value belongs there.
 * RECEIVE trusts what the other machine says of itself, and keeps how far this one is off.
 *
 * Signals:
 *  "adjusted" (): a value in use may be another one
 *  "progress" (): sighej_calibrator_get_progress() answers something else
 */
#define SIGHEJ_TYPE_CALIBRATOR (sighej_calibrator_get_type ())
G_DECLARE_FINAL_TYPE (SighejCalibrator, sighej_calibrator, SIGHEJ, CALIBRATOR, GObject)

/**
 * SighejAdjustmentInUse:
 * @value: dBm or dB
 * @origin: "default", "configured", "set" or "measured"
 * @since_s: since when it is set or measured, seconds since 1970; else 0
 */
typedef struct
{
  int value;
  const char *origin;
  gint64 since_s;
} SighejAdjustmentInUse;

/**
 * SighejMeasurement:
 * @value: what to use from now on: here for RECEIVE, at the other machine for TRANSMIT
 * @median_dbm: what was read
 * @n_samples: how often
 * @spread_db: between the weakest and the strongest tenth
 * @seconds: how long it took
 */
typedef struct
{
  int value;
  int median_dbm;
  guint n_samples;
  guint spread_db;
  guint seconds;
} SighejMeasurement;

SighejCalibrator *sighej_calibrator_new (SighejClock *clock,
                                         SighejConfig *config,
                                         SighejAdjustments *adjustments,
                                         SighejRadio *radio);

/**
 * sighej_calibrator_await_adapter_async:
 *
 * Waits until the adapter in use is known: just after the start it is not, and then the values in
 * use are those of no adapter.
 *
 * Errors: %SIGHEJ_ERROR_BLUETOOTH_MISSING after %SIGHEJ_CALIBRATOR_ADAPTER_SECONDS.
 */
void sighej_calibrator_await_adapter_async (SighejCalibrator *self,
                                            GAsyncReadyCallback callback,
                                            gpointer user_data);
gboolean sighej_calibrator_await_adapter_finish (SighejCalibrator *self,
                                                 GAsyncResult *result,
                                                 GError **error);

void sighej_calibrator_get (SighejCalibrator *self,
                            SighejAdjustmentKind kind,
                            SighejAdjustmentInUse *in_use);

/**
 * sighej_calibrator_set:
 *
 * Keeps @value for the adapter in use.
 *
 * Errors: %SIGHEJ_ERROR_INVALID_REQUEST (not valid), %SIGHEJ_ERROR_BLUETOOTH_MISSING (no
 * adapter), %SIGHEJ_ERROR_FAILED (the disk); nothing has changed then.
 */
gboolean sighej_calibrator_set (SighejCalibrator *self,
                                SighejAdjustmentKind kind,
                                int value,
                                GError **error);

/* Back to the settings for the adapter in use. Errors: as sighej_calibrator_set(). */
gboolean sighej_calibrator_reset (SighejCalibrator *self, GError **error);

/* Forgets every adapter. Errors: %SIGHEJ_ERROR_FAILED (the disk). */
gboolean sighej_calibrator_forget_all (SighejCalibrator *self, GError **error);

/* What is kept of every adapter: sighej_adjustments_to_variant(). */
GVariant *sighej_calibrator_to_variant (SighejCalibrator *self);

/* ---- facts ---- */

/* FALSE ends a measurement. */
void sighej_calibrator_set_open (SighejCalibrator *self, gboolean open);

/* A packet of another machine, as the receiver's rules let it through. */
void sighej_calibrator_hear (SighejCalibrator *self, const SighejPayload *payload, int rssi_dbm);

/* ---- measuring ---- */

/**
 * sighej_calibrator_measure_async:
 * @seconds: %SIGHEJ_CALIBRATE_SECONDS_MIN to _MAX, 0 for the default
 *
 * Fails with %SIGHEJ_ERROR_NOT_OPEN (also when it is closed meanwhile),
 * %SIGHEJ_ERROR_INVALID_DURATION, %SIGHEJ_ERROR_UNAVAILABLE (one is running),
 * %SIGHEJ_ERROR_BLUETOOTH_MISSING, %SIGHEJ_ERROR_FAILED (what sighej_calibration_judge() says,
 * the disk, another adapter), %G_IO_ERROR_CANCELLED.
 */
void sighej_calibrator_measure_async (SighejCalibrator *self,
                                      SighejAdjustmentKind kind,
                                      guint seconds,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
gboolean sighej_calibrator_measure_finish (SighejCalibrator *self,
                                           GAsyncResult *result,
                                           SighejMeasurement *measurement,
                                           GError **error);

/* Ends a measurement with %G_IO_ERROR_CANCELLED. */
void sighej_calibrator_cancel (SighejCalibrator *self);

gboolean sighej_calibrator_is_measuring (SighejCalibrator *self);

/* Seconds gone by and at most allowed, and samples so far; all 0 when nothing is measured. */
void sighej_calibrator_get_progress (SighejCalibrator *self,
                                     guint *elapsed_s,
                                     guint *limit_s,
                                     guint *n_samples);

/* Appends its line of `doctor`, when there is an adapter. */
void sighej_calibrator_check (SighejCalibrator *self, GPtrArray *results);

G_END_DECLS
