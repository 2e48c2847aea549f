/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SIGHEJ_SIM_PACKET_BYTES:
 *
 * One packet of the simulated air is one UNIX datagram of exactly this size, sent to the socket
 * of every radio that listens. Version 1, numbers little endian:
 *
 *   offset size  field
 *        0    4  "SAIR"
 *        4    1  version, 1
 *        5    1  bytes of service data, 1 to 31
 *        6    1  signed: RSSI in dBm at 1 m from the sender, -100 to 20: how loud it really is,
 *                whatever its service data says
 *        7    1  zero
 *        8    4  signed: where the sender stands, x, millimetres, within ±10 km
 *       12    4  signed: y
 *       16    6  the sender's address: random, another with each advertisement
 *       22   31  service data, then zeros
 *       53    3  zero
 *       56   24  the sender's name in air.ini, 1 to 23 of [A-Za-z0-9_-], then zeros
 *
 * Whatever does not keep to this is no packet.
 */
#define SIGHEJ_SIM_PACKET_BYTES 80

#define SIGHEJ_SIM_DATA_BYTES_MAX 31
#define SIGHEJ_SIM_ADDRESS_BYTES 6
#define SIGHEJ_SIM_NAME_CHARS_MAX 23
#define SIGHEJ_SIM_POSITION_MM_MAX (10 * 1000 * 1000)
#define SIGHEJ_SIM_LOUDNESS_DBM_MIN (-100)
#define SIGHEJ_SIM_LOUDNESS_DBM_MAX 20

/**
 * SighejSimPacket:
 * @loudness_dbm: RSSI at 1 m
 */
typedef struct
{
  gint8 loudness_dbm;
  gint32 x_mm;
  gint32 y_mm;
  guint8 address[SIGHEJ_SIM_ADDRESS_BYTES];
  guint8 n_data;
  guint8 data[SIGHEJ_SIM_DATA_BYTES_MAX];
  char name[SIGHEJ_SIM_NAME_CHARS_MAX + 1];
} SighejSimPacket;

/* Is @name a radio's name? */
gboolean sighej_sim_name_is_valid (const char *name);

void sighej_sim_packet_encode (const SighejSimPacket *self, guint8 out[SIGHEJ_SIM_PACKET_BYTES]);

/* FALSE: not a packet; @out is untouched. */
gboolean sighej_sim_packet_decode (const guint8 *bytes, gsize n_bytes, SighejSimPacket *out);

G_END_DECLS
