/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-sim-packet.h"

#include <string.h>

#define MAGIC "SAIR"
#define VERSION 1

enum
{
  AT_MAGIC = 0,
  AT_VERSION = 4,
  AT_N_DATA = 5,
  AT_LOUDNESS = 6,
  AT_ZERO_A = 7,
  AT_X = 8,
  AT_Y = 12,
  AT_ADDRESS = 16,
  AT_DATA = 22,
  AT_ZERO_B = 53,
  AT_NAME = 56,
};
G_STATIC_ASSERT (AT_DATA + SIGHEJ_SIM_DATA_BYTES_MAX == AT_ZERO_B);
G_STATIC_ASSERT (AT_NAME + SIGHEJ_SIM_NAME_CHARS_MAX + 1 == SIGHEJ_SIM_PACKET_BYTES);

gboolean
sighej_sim_name_is_valid (const char *name)
{
  gsize n_chars = 0;

  for (; name[n_chars] != '\0'; n_chars++)
    {
      if (n_chars == SIGHEJ_SIM_NAME_CHARS_MAX
          || (!g_ascii_isalnum (name[n_chars]) && strchr ("_-", name[n_chars]) == NULL))
        return FALSE;
    }
  return n_chars > 0;
}

static void
put_i32 (guint8 *at, gint32 value)
{
  guint32 little = GUINT32_TO_LE ((guint32) value);

  memcpy (at, &little, sizeof little);
}

static gint32
get_i32 (const guint8 *at)
{
  guint32 little;

  memcpy (&little, at, sizeof little);
  return (gint32) GUINT32_FROM_LE (little);
}

void
sighej_sim_packet_encode (const SighejSimPacket *self, guint8 out[SIGHEJ_SIM_PACKET_BYTES])
{
  memset (out, 0, SIGHEJ_SIM_PACKET_BYTES);
  memcpy (out + AT_MAGIC, MAGIC, strlen (MAGIC));
  out[AT_VERSION] = VERSION;
  out[AT_N_DATA] = self->n_data;
  out[AT_LOUDNESS] = (guint8) self->loudness_dbm;
  put_i32 (out + AT_X, self->x_mm);
  put_i32 (out + AT_Y, self->y_mm);
  memcpy (out + AT_ADDRESS, self->address, SIGHEJ_SIM_ADDRESS_BYTES);
  memcpy (out + AT_DATA, self->data, MIN (self->n_data, SIGHEJ_SIM_DATA_BYTES_MAX));
  memcpy (out + AT_NAME, self->name, strnlen (self->name, SIGHEJ_SIM_NAME_CHARS_MAX));
}

static gboolean
is_zero (const guint8 *from, const guint8 *to)
{
  while (from < to && *from == 0)
    from++;
  return from == to;
}

static gboolean
is_position (gint32 mm)
{
  return mm >= -SIGHEJ_SIM_POSITION_MM_MAX && mm <= SIGHEJ_SIM_POSITION_MM_MAX;
}

static gboolean
is_framed (const guint8 *bytes)
{
  guint n_data = bytes[AT_N_DATA];

  return memcmp (bytes + AT_MAGIC, MAGIC, strlen (MAGIC)) == 0 && bytes[AT_VERSION] == VERSION
         && bytes[AT_ZERO_A] == 0 && n_data >= 1 && n_data <= SIGHEJ_SIM_DATA_BYTES_MAX
         && is_zero (bytes + AT_DATA + n_data, bytes + AT_NAME);
}

static gboolean
is_named (const guint8 *bytes)
{
  const guint8 *end = memchr (bytes + AT_NAME, 0, SIGHEJ_SIM_NAME_CHARS_MAX + 1);

  return end != NULL && sighej_sim_name_is_valid ((const char *) bytes + AT_NAME)
         && is_zero (end, bytes + SIGHEJ_SIM_PACKET_BYTES);
}

gboolean
sighej_sim_packet_decode (const guint8 *bytes, gsize n_bytes, SighejSimPacket *out)
{
  gint32 x_mm;
  gint32 y_mm;
  gint8 loudness_dbm;

  if (n_bytes != SIGHEJ_SIM_PACKET_BYTES || !is_framed (bytes) || !is_named (bytes))
    return FALSE;

  x_mm = get_i32 (bytes + AT_X);
  y_mm = get_i32 (bytes + AT_Y);
  loudness_dbm = (gint8) bytes[AT_LOUDNESS];
  if (!is_position (x_mm) || !is_position (y_mm) || loudness_dbm < SIGHEJ_SIM_LOUDNESS_DBM_MIN
      || loudness_dbm > SIGHEJ_SIM_LOUDNESS_DBM_MAX)
    return FALSE;

  *out = (SighejSimPacket){
    .loudness_dbm = loudness_dbm, .x_mm = x_mm, .y_mm = y_mm, .n_data = bytes[AT_N_DATA]
  };
  memcpy (out->address, bytes + AT_ADDRESS, SIGHEJ_SIM_ADDRESS_BYTES);
  memcpy (out->data, bytes + AT_DATA, SIGHEJ_SIM_DATA_BYTES_MAX);
  memcpy (out->name, bytes + AT_NAME, SIGHEJ_SIM_NAME_CHARS_MAX + 1);
  return TRUE;
}
