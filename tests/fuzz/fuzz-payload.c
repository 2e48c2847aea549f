/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "sighej-payload.h"

#define REALM 0x35
#define TX_CAL_AT 2

/* What is taken is written back as it came, but for the calibration a sender rounds. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  guint8 again[SIGHEJ_PAYLOAD_BYTES];
  SighejPayload payload;
  SighejPayloadVerdict verdict = sighej_payload_decode (data, n_bytes, REALM, &payload);

  g_assert_nonnull (sighej_payload_verdict_to_word (verdict));
  if (verdict != SIGHEJ_PAYLOAD_ACCEPTED)
    return 0;

  sighej_payload_encode (&payload, again);
  again[TX_CAL_AT] = data[TX_CAL_AT];
  g_assert_cmpmem (again, sizeof again, data, n_bytes);
  return 0;
}
