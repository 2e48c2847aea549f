/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-bluez"

#include "config.h"

#include "sighej-bluez-mgmt.h"

#include <string.h>

#define READ_INFORMATION 0x0004
#define EVENT_COMMAND_COMPLETE 0x0001
#define EVENT_COMMAND_STATUS 0x0002
#define EVENT_INDEX_ADDED 0x0004
#define EVENT_INDEX_REMOVED 0x0005
#define EVENT_NEW_SETTINGS 0x0006
#define STATUS_SUCCESS 0

typedef struct __attribute__ ((packed))
{
  guint16 code;
  guint16 index;
  guint16 n_bytes; /* that follow */
} Header;
G_STATIC_ASSERT (sizeof (Header) == SIGHEJ_BLUEZ_MGMT_REQUEST_BYTES);

/* Command Complete goes on with the answer; Command Status ends here. */
typedef struct __attribute__ ((packed))
{
  guint16 code;
  guint8 status;
} Answer;

/* The beginning of the answer to Read Information; class and names follow. */
typedef struct __attribute__ ((packed))
{
  guint8 address[6];
  guint8 version;
  guint16 manufacturer;
  guint32 supported_settings;
  guint32 current_settings;
} Information;

static void
read_answer (SighejBluezMgmtPacket *packet, const guint8 *body, gsize n_bytes)
{
  Information information;
  Answer answer;

  if (n_bytes < sizeof answer)
    return;
  memcpy (&answer, body, sizeof answer);
  if (GUINT16_FROM_LE (answer.code) != READ_INFORMATION)
    return;
  if (answer.status != STATUS_SUCCESS)
    {
      packet->kind = SIGHEJ_BLUEZ_MGMT_REFUSED;
      return;
    }
  if (n_bytes < sizeof answer + sizeof information)
    return;

  memcpy (&information, body + sizeof answer, sizeof information);
  packet->kind = SIGHEJ_BLUEZ_MGMT_SETTINGS;
  packet->settings = GUINT32_FROM_LE (information.current_settings);
}

static void
read_new_settings (SighejBluezMgmtPacket *packet, const guint8 *body, gsize n_bytes)
{
  guint32 settings;

  if (n_bytes < sizeof settings)
    return;
  memcpy (&settings, body, sizeof settings);
  packet->kind = SIGHEJ_BLUEZ_MGMT_SETTINGS;
  packet->settings = GUINT32_FROM_LE (settings);
}

SighejBluezMgmtPacket
sighej_bluez_mgmt_parse (const guint8 *bytes, gsize n_bytes)
{
  SighejBluezMgmtPacket packet = { .kind = SIGHEJ_BLUEZ_MGMT_IGNORED };
  Header header;

  if (n_bytes < sizeof header)
    return packet;
  memcpy (&header, bytes, sizeof header);
  if (GUINT16_FROM_LE (header.n_bytes) != n_bytes - sizeof header)
    return packet;

  packet.index = GUINT16_FROM_LE (header.index);
  switch (GUINT16_FROM_LE (header.code))
    {
    case EVENT_COMMAND_COMPLETE:
    case EVENT_COMMAND_STATUS:
      read_answer (&packet, bytes + sizeof header, n_bytes - sizeof header);
      break;
    case EVENT_INDEX_ADDED:
      packet.kind = SIGHEJ_BLUEZ_MGMT_ADDED;
      break;
    case EVENT_INDEX_REMOVED:
      packet.kind = SIGHEJ_BLUEZ_MGMT_REMOVED;
      break;
    case EVENT_NEW_SETTINGS:
      read_new_settings (&packet, bytes + sizeof header, n_bytes - sizeof header);
      break;
    default:
      break;
    }

  return packet;
}

void
sighej_bluez_mgmt_write_question (guint16 index, guint8 request[SIGHEJ_BLUEZ_MGMT_REQUEST_BYTES])
{
  Header header = {
    .code = GUINT16_TO_LE (READ_INFORMATION),
    .index = GUINT16_TO_LE (index),
  };

  memcpy (request, &header, sizeof header);
}
