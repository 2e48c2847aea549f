/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-token.h"

#include <string.h>

#include "sighej-crypto.h"

#define REDACTED_DIGITS 4

void
sighej_token_to_hex (const SighejToken *self, char out[SIGHEJ_TOKEN_HEX_CHARS + 1])
{
  sighej_hex_encode (self->bytes, SIGHEJ_TOKEN_BYTES, out);
}

gboolean
sighej_token_from_hex (const char *hex, SighejToken *out)
{
  return sighej_hex_decode (hex, out->bytes, SIGHEJ_TOKEN_BYTES);
}

gboolean
sighej_token_equal (const SighejToken *a, const SighejToken *b)
{
  return sighej_equal_constant_time (a->bytes, b->bytes, SIGHEJ_TOKEN_BYTES);
}

/*
 * Honest tokens are uniformly random, so four bytes of them would do; but anybody can put any
 * bytes on the air, so all ten are mixed (FNV-1a).
 */
guint
sighej_token_hash (gconstpointer token)
{
  const SighejToken *self = token;
  guint32 hash = 2166136261u;

  for (gsize i = 0; i < SIGHEJ_TOKEN_BYTES; i++)
    hash = (hash ^ self->bytes[i]) * 16777619u;
  return hash;
}

gboolean
sighej_token_equal_func (gconstpointer a, gconstpointer b)
{
  return sighej_token_equal (a, b);
}

void
sighej_token_redact (const SighejToken *self, char out[8])
{
  static const char ellipsis[] = "\xe2\x80\xa6";

  sighej_hex_encode (self->bytes, REDACTED_DIGITS / 2, out);
  memcpy (out + REDACTED_DIGITS, ellipsis, sizeof ellipsis);
}
