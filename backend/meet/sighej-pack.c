/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-pack"

#include "config.h"

#include "sighej-pack.h"

#include <string.h>

#define BITS_PER_BYTE 8

void
sighej_pack_uint (GByteArray *out, guint64 value, guint n_bytes)
{
  guint8 bytes[sizeof value];

  g_return_if_fail (n_bytes >= 1 && n_bytes <= sizeof value);

  for (guint i = n_bytes; i-- > 0; value >>= BITS_PER_BYTE)
    bytes[i] = (guint8) value;
  g_byte_array_append (out, bytes, n_bytes);
}

void
sighej_pack_bytes (GByteArray *out, const void *data, gsize n_bytes)
{
  g_byte_array_append (out, data, (guint) n_bytes);
}

void
sighej_unpack_bytes (SighejUnpack *self, void *out, gsize n_bytes)
{
  sighej_unpack_require (self, n_bytes <= self->n_bytes);
  if (self->broken)
    {
      memset (out, 0, n_bytes);
      return;
    }

  memcpy (out, self->data, n_bytes);
  self->data += n_bytes;
  self->n_bytes -= n_bytes;
}

guint64
sighej_unpack_uint (SighejUnpack *self, guint n_bytes)
{
  guint8 bytes[sizeof (guint64)];
  guint64 value = 0;

  g_return_val_if_fail (n_bytes >= 1 && n_bytes <= sizeof value, 0);

  sighej_unpack_bytes (self, bytes, n_bytes);
  for (guint i = 0; i < n_bytes; i++)
    value = value << BITS_PER_BYTE | bytes[i];
  return value;
}

guint64
sighej_unpack_uint_max (SighejUnpack *self, guint n_bytes, guint64 max)
{
  guint64 value = sighej_unpack_uint (self, n_bytes);

  sighej_unpack_require (self, value <= max);
  return self->broken ? 0 : value;
}

void
sighej_unpack_require (SighejUnpack *self, gboolean holds)
{
  self->broken |= !holds;
}

gboolean
sighej_unpack_is_done (const SighejUnpack *self)
{
  return !self->broken && self->n_bytes == 0;
}
