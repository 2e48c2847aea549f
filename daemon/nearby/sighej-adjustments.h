/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-error.h"

G_BEGIN_DECLS

/* So many adapters are remembered; beyond that the one adjusted longest ago is forgotten. */
#define SIGHEJ_ADJUSTMENTS_ADAPTERS_MAX 16

/* What a receiver may read too little, or too much, dB. */
#define SIGHEJ_RX_ADJUST_DB_MAX 30

/**
 * SighejAdjustmentKind:
 * @SIGHEJ_ADJUSTMENT_TRANSMIT: what a reference receiver reads of this adapter at one metre, dBm:
 *   one of -71, -68 … -50, sent in every payload
 * @SIGHEJ_ADJUSTMENT_RECEIVE: what this adapter's receiver reads too little, dB: -30 to 30
 */
typedef enum
{
  SIGHEJ_ADJUSTMENT_TRANSMIT,
  SIGHEJ_ADJUSTMENT_RECEIVE,
} SighejAdjustmentKind;
#define SIGHEJ_N_ADJUSTMENT_KINDS (SIGHEJ_ADJUSTMENT_RECEIVE + 1)

/**
 * SighejAdjustment:
 * @value: dBm or dB
 * @measured: by a calibration here; FALSE: somebody said so
 * @since_s: when, seconds since 1970; 0: there is none
 */
typedef struct
{
  int value;
  gboolean measured;
  gint64 since_s;
} SighejAdjustment;

/**
 * SighejAdjustments:
 *
 * How far off each adapter's radio is (BLE 7), kept for the next time in the file `adjustments`
 * of the state folder: a key file that nobody else may read. An adapter stands in it under a
 * keyed hash of its id, with a random key of this file's own, so that no address is ever on the
 * disk; who has the file and a certain address can still find out whether they belong together.
 * A file that cannot be understood is put aside as `….bad` with a warning and counts as absent.
 *
 * An adapter's id is that of sighej_radio_dup_adapter_id().
 */
#define SIGHEJ_TYPE_ADJUSTMENTS (sighej_adjustments_get_type ())
G_DECLARE_FINAL_TYPE (SighejAdjustments, sighej_adjustments, SIGHEJ, ADJUSTMENTS, GObject)

/* @folder: made (0700) when something is first kept. Reads what is there. */
SighejAdjustments *sighej_adjustments_new (const char *folder);

/* FALSE: nothing is kept, and @out is all zero. */
gboolean sighej_adjustments_get (SighejAdjustments *self,
                                 const char *adapter_id,
                                 SighejAdjustmentKind kind,
                                 SighejAdjustment *out);

/* Whether @value is one that may be kept; a transmit value is rounded when kept. */
gboolean sighej_adjustment_is_valid (SighejAdjustmentKind kind, int value);

/* Keeps a valid value. Errors: %SIGHEJ_ERROR_FAILED (the disk), and nothing has changed. */
gboolean sighej_adjustments_keep (SighejAdjustments *self,
                                  const char *adapter_id,
                                  SighejAdjustmentKind kind,
                                  const SighejAdjustment *adjustment,
                                  GError **error);

/* Forgets both kinds. Errors: %SIGHEJ_ERROR_FAILED (the disk), and nothing has changed. */
gboolean
sighej_adjustments_forget (SighejAdjustments *self, const char *adapter_id, GError **error);

/* Every adapter's, without its name, as a(sibx): kind ("transmit", "receive"), value, measured,
 * since. (transfer floating) */
GVariant *sighej_adjustments_to_variant (SighejAdjustments *self);

/* Forgets every adapter, and this file's own key. Errors: %SIGHEJ_ERROR_FAILED (the disk); it is
 * forgotten while the program runs all the same. */
gboolean sighej_adjustments_forget_all (SighejAdjustments *self, GError **error);

G_END_DECLS
