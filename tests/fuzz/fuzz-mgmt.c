/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib.h>

#include "fuzz.h"
#include "sighej-bluez-mgmt.h"

/* Bytes of the header, and how long a packet with settings is at least. */
#define HEADER_BYTES 6
#define SETTINGS_PACKET_BYTES_MIN (HEADER_BYTES + 4)

/* What is read is there: settings stand literally in the packet, and everything else has none. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  SighejBluezMgmtPacket packet = sighej_bluez_mgmt_parse (data, n_bytes);
  gboolean found = FALSE;

  if (packet.kind != SIGHEJ_BLUEZ_MGMT_IGNORED)
    {
      g_assert_cmpuint (n_bytes, >=, HEADER_BYTES);
      g_assert_cmpuint (packet.index, ==, data[2] | data[3] << 8);
      g_assert_cmpuint (n_bytes - HEADER_BYTES, ==, data[4] | data[5] << 8);
    }
  if (packet.kind != SIGHEJ_BLUEZ_MGMT_SETTINGS)
    {
      g_assert_cmpuint (packet.settings, ==, 0);
      return 0;
    }

  g_assert_cmpuint (n_bytes, >=, SETTINGS_PACKET_BYTES_MIN);
  for (size_t at = HEADER_BYTES; at + 4 <= n_bytes; at++)
    found |= packet.settings
             == (data[at] | (guint32) data[at + 1] << 8 | (guint32) data[at + 2] << 16
                 | (guint32) data[at + 3] << 24);
  g_assert_true (found);
  return 0;
}
