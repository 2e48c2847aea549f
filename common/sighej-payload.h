/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-token.h"

G_BEGIN_DECLS

#define SIGHEJ_PAYLOAD_BYTES 13 /* service data */
#define SIGHEJ_AD_BYTES 31      /* the whole AD structure on air */
#define SIGHEJ_UUID_BYTES 16

#define SIGHEJ_TX_CAL_DEFAULT_DBM (-59)

/* The service UUID as on air: little endian (BLE 2). */
extern const guint8 sighej_payload_uuid_on_air[SIGHEJ_UUID_BYTES];

typedef enum
{
  SIGHEJ_PAYLOAD_OPEN = 1 << 0,
  SIGHEJ_PAYLOAD_KIOSK = 1 << 1,
} SighejPayloadFlags;

/**
 * SighejPayload:
 * @tx_cal_dbm: RSSI a reference receiver reads at 1 m, dBm. Senders: one of -71 -68 … -50;
 *   receivers take -100 to -20
 */
typedef struct
{
  SighejPayloadFlags flags;
  guint8 realm;
  gint8 tx_cal_dbm;
  SighejToken token;
} SighejPayload;

/* Why a payload was not taken; each is counted. ACCEPTED is no drop. */
typedef enum
{
  SIGHEJ_PAYLOAD_ACCEPTED,
  SIGHEJ_PAYLOAD_BAD_LENGTH,
  SIGHEJ_PAYLOAD_BAD_VERSION,
  SIGHEJ_PAYLOAD_BAD_RESERVED,
  SIGHEJ_PAYLOAD_BAD_FLAGS,
  SIGHEJ_PAYLOAD_BAD_TX_CAL,
  SIGHEJ_PAYLOAD_OTHER_REALM,
} SighejPayloadVerdict;
#define SIGHEJ_PAYLOAD_N_VERDICTS (SIGHEJ_PAYLOAD_OTHER_REALM + 1)

/* The word of a verdict for logs and counters: "bad-length" … */
const char *sighej_payload_verdict_to_word (SighejPayloadVerdict verdict);

/* The value nearest to @tx_cal_dbm that a sender may use: -71, -68 … -50. */
int sighej_payload_round_tx_cal (int tx_cal_dbm);

/* Writes the service data. tx_cal_dbm is rounded to the nearest value a sender may use. */
void sighej_payload_encode (const SighejPayload *self, guint8 out[SIGHEJ_PAYLOAD_BYTES]);

/* Writes the AD structure: length, type 0x21, UUID, service data. */
void sighej_payload_encode_ad (const SighejPayload *self, guint8 out[SIGHEJ_AD_BYTES]);

/**
 * sighej_payload_decode:
 * @realm: the realm byte to take; others are dropped
 * @out: (out): filled only on ACCEPTED
 *
 * The receiver's rules of BLE 2.
 */
SighejPayloadVerdict
sighej_payload_decode (const guint8 *data, gsize n_bytes, guint8 realm, SighejPayload *out);

/*
 * The realm byte of a backend: SHA-256 ("SigHej/1 realm" || lower-case host). @host has no port;
 * a literal IPv6 address stands without brackets.
 */
guint8 sighej_payload_realm (const char *host);

G_END_DECLS
