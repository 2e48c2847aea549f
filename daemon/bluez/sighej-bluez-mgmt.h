/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * The kernel's management protocol (BlueZ doc/mgmt-api.txt), as far as the guard reads it: one
 * question, and five kinds of packets. Pure functions over bytes; integers on the wire are little
 * endian. libbluetooth has no header for it.
 */

/* Bits of an adapter's current settings. */
#define SIGHEJ_BLUEZ_SETTING_POWERED 0x0001u
#define SIGHEJ_BLUEZ_SETTING_CONNECTABLE 0x0002u
#define SIGHEJ_BLUEZ_SETTING_DISCOVERABLE 0x0008u
#define SIGHEJ_BLUEZ_SETTING_BREDR 0x0080u
#define SIGHEJ_BLUEZ_SETTING_LE 0x0200u
#define SIGHEJ_BLUEZ_SETTING_PRIVACY 0x2000u
#define SIGHEJ_BLUEZ_SETTING_STATIC_ADDRESS 0x8000u

#define SIGHEJ_BLUEZ_MGMT_REQUEST_BYTES 6

/* No packet we read is longer; a longer one arrives cut off and is ignored. */
#define SIGHEJ_BLUEZ_MGMT_PACKET_BYTES_MAX 1024

/**
 * SighejBluezMgmtKind:
 * @SIGHEJ_BLUEZ_MGMT_IGNORED: malformed, or nothing the guard reads
 * @SIGHEJ_BLUEZ_MGMT_SETTINGS: what the settings of the adapter are now, asked for or not
 * @SIGHEJ_BLUEZ_MGMT_REFUSED: the kernel does not tell this adapter's settings
 * @SIGHEJ_BLUEZ_MGMT_ADDED: an adapter came
 * @SIGHEJ_BLUEZ_MGMT_REMOVED: an adapter went; its number may be given to another
 */
typedef enum
{
  SIGHEJ_BLUEZ_MGMT_IGNORED,
  SIGHEJ_BLUEZ_MGMT_SETTINGS,
  SIGHEJ_BLUEZ_MGMT_REFUSED,
  SIGHEJ_BLUEZ_MGMT_ADDED,
  SIGHEJ_BLUEZ_MGMT_REMOVED,
} SighejBluezMgmtKind;

/**
 * SighejBluezMgmtPacket:
 * @kind: what it says
 * @index: of which adapter ("hci0" is 0)
 * @settings: SIGHEJ_BLUEZ_SETTING_* and others, with %SIGHEJ_BLUEZ_MGMT_SETTINGS; else 0
 */
typedef struct
{
  SighejBluezMgmtKind kind;
  guint16 index;
  guint32 settings;
} SighejBluezMgmtPacket;

/**
 * sighej_bluez_mgmt_parse:
 * @bytes: one packet from the socket
 * @n_bytes: its length, 0 and more
 *
 * Returns: what it says
 */
SighejBluezMgmtPacket sighej_bluez_mgmt_parse (const guint8 *bytes, gsize n_bytes);

/* Writes the question for the settings of adapter @index. */
void sighej_bluez_mgmt_write_question (guint16 index,
                                       guint8 request[SIGHEJ_BLUEZ_MGMT_REQUEST_BYTES]);

G_END_DECLS
