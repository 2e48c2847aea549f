/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-payload.h"

#include <string.h>

#include "sighej-crypto.h"

#define VERSION 1
#define RESERVED_BITS 0x0c
#define FLAG_BITS (SIGHEJ_PAYLOAD_OPEN | SIGHEJ_PAYLOAD_KIOSK)

/* Receivers take this range, senders only the steps of BLE 2: three bits identify nobody. */
#define TX_CAL_MIN_DBM (-100)
#define TX_CAL_MAX_DBM (-20)
#define TX_CAL_SENDER_MIN_DBM (-71)
#define TX_CAL_SENDER_MAX_DBM (-50)
#define TX_CAL_STEP_DB 3

#define AD_TYPE_SERVICE_DATA_128 0x21

G_STATIC_ASSERT (2 + SIGHEJ_UUID_BYTES + SIGHEJ_PAYLOAD_BYTES == SIGHEJ_AD_BYTES);
G_STATIC_ASSERT (3 + SIGHEJ_TOKEN_BYTES == SIGHEJ_PAYLOAD_BYTES);

const guint8 sighej_payload_uuid_on_air[SIGHEJ_UUID_BYTES] = {
  0x4a, 0x45, 0x48, 0x47, 0x49, 0x53, 0x84, 0x9e, 0x69, 0x4c, 0x0e, 0x5b, 0xd2, 0xc1, 0xf7, 0xa3,
};

const char *
sighej_payload_verdict_to_word (SighejPayloadVerdict verdict)
{
  static const char *const words[SIGHEJ_PAYLOAD_N_VERDICTS] = {
    [SIGHEJ_PAYLOAD_ACCEPTED] = "accepted",       [SIGHEJ_PAYLOAD_BAD_LENGTH] = "bad-length",
    [SIGHEJ_PAYLOAD_BAD_VERSION] = "bad-version", [SIGHEJ_PAYLOAD_BAD_RESERVED] = "bad-reserved",
    [SIGHEJ_PAYLOAD_BAD_FLAGS] = "bad-flags",     [SIGHEJ_PAYLOAD_BAD_TX_CAL] = "bad-tx-cal",
    [SIGHEJ_PAYLOAD_OTHER_REALM] = "other-realm",
  };

  g_return_val_if_fail ((guint) verdict < SIGHEJ_PAYLOAD_N_VERDICTS, NULL);

  return words[verdict];
}

int
sighej_payload_round_tx_cal (int tx_cal_dbm)
{
  int clamped = CLAMP (tx_cal_dbm, TX_CAL_SENDER_MIN_DBM, TX_CAL_SENDER_MAX_DBM);
  int steps = (clamped - TX_CAL_SENDER_MIN_DBM + TX_CAL_STEP_DB / 2) / TX_CAL_STEP_DB;

  return TX_CAL_SENDER_MIN_DBM + steps * TX_CAL_STEP_DB;
}

void
sighej_payload_encode (const SighejPayload *self, guint8 out[SIGHEJ_PAYLOAD_BYTES])
{
  out[0] = (guint8) (VERSION << 4 | (self->flags & FLAG_BITS));
  out[1] = self->realm;
  out[2] = (guint8) sighej_payload_round_tx_cal (self->tx_cal_dbm);
  memcpy (out + 3, self->token.bytes, SIGHEJ_TOKEN_BYTES);
}

void
sighej_payload_encode_ad (const SighejPayload *self, guint8 out[SIGHEJ_AD_BYTES])
{
  out[0] = SIGHEJ_AD_BYTES - 1;
  out[1] = AD_TYPE_SERVICE_DATA_128;
  memcpy (out + 2, sighej_payload_uuid_on_air, SIGHEJ_UUID_BYTES);
  sighej_payload_encode (self, out + 2 + SIGHEJ_UUID_BYTES);
}

SighejPayloadVerdict
sighej_payload_decode (const guint8 *data, gsize n_bytes, guint8 realm, SighejPayload *out)
{
  gint8 tx_cal_dbm;

  if (n_bytes != SIGHEJ_PAYLOAD_BYTES)
    return SIGHEJ_PAYLOAD_BAD_LENGTH;
  if (data[0] >> 4 != VERSION)
    return SIGHEJ_PAYLOAD_BAD_VERSION;
  if ((data[0] & RESERVED_BITS) != 0)
    return SIGHEJ_PAYLOAD_BAD_RESERVED;
  if ((data[0] & FLAG_BITS) == 0)
    return SIGHEJ_PAYLOAD_BAD_FLAGS;
  tx_cal_dbm = (gint8) data[2];
  if (tx_cal_dbm < TX_CAL_MIN_DBM || tx_cal_dbm > TX_CAL_MAX_DBM)
    return SIGHEJ_PAYLOAD_BAD_TX_CAL;
  if (data[1] != realm)
    return SIGHEJ_PAYLOAD_OTHER_REALM;

  out->flags = data[0] & FLAG_BITS;
  out->realm = realm;
  out->tx_cal_dbm = tx_cal_dbm;
  memcpy (out->token.bytes, data + 3, SIGHEJ_TOKEN_BYTES);
  return SIGHEJ_PAYLOAD_ACCEPTED;
}

guint8
sighej_payload_realm (const char *host)
{
  g_autofree char *lower = g_ascii_strdown (host, -1);
  g_autofree char *text = g_strconcat ("SigHej/1 realm", lower, NULL);
  guint8 digest[SIGHEJ_SHA256_BYTES];

  sighej_sha256 ((const guint8 *) text, strlen (text), digest);
  return digest[0];
}
