/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-keyed-hash"

#include "config.h"

#include "sighej-keyed-hash.h"

#include <string.h>

#include "sighej-crypto.h"

#define WORD_BYTES 8

typedef struct
{
  guint64 v[4];
} State;

static inline guint64
rotate_left (guint64 value, guint bits)
{
  return value << bits | value >> (64 - bits);
}

static inline guint64
read_word (const guint8 *bytes)
{
  guint64 word;

  memcpy (&word, bytes, sizeof word);
  return GUINT64_FROM_LE (word);
}

static inline void
mix (State *state, guint n_rounds)
{
  guint64 *v = state->v;

  for (guint i = 0; i < n_rounds; i++)
    {
      v[0] += v[1];
      v[1] = rotate_left (v[1], 13) ^ v[0];
      v[0] = rotate_left (v[0], 32);
      v[2] += v[3];
      v[3] = rotate_left (v[3], 16) ^ v[2];
      v[0] += v[3];
      v[3] = rotate_left (v[3], 21) ^ v[0];
      v[2] += v[1];
      v[1] = rotate_left (v[1], 17) ^ v[2];
      v[2] = rotate_left (v[2], 32);
    }
}

static inline void
take_word (State *state, guint64 word)
{
  state->v[3] ^= word;
  mix (state, 2);
  state->v[0] ^= word;
}

guint64
sighej_siphash (const guint8 key[SIGHEJ_SIPHASH_KEY_BYTES], const void *data, gsize n_bytes)
{
  const guint8 *bytes = data;
  guint64 k0 = read_word (key);
  guint64 k1 = read_word (key + WORD_BYTES);
  State state = { { k0 ^ G_GUINT64_CONSTANT (0x736f6d6570736575),
                    k1 ^ G_GUINT64_CONSTANT (0x646f72616e646f6d),
                    k0 ^ G_GUINT64_CONSTANT (0x6c7967656e657261),
                    k1 ^ G_GUINT64_CONSTANT (0x7465646279746573) } };
  guint64 last = (guint64) n_bytes << 56;
  gsize n_left = n_bytes;

  for (; n_left >= WORD_BYTES; n_left -= WORD_BYTES, bytes += WORD_BYTES)
    take_word (&state, read_word (bytes));
  for (gsize i = 0; i < n_left; i++)
    last |= (guint64) bytes[i] << (8 * i);
  take_word (&state, last);

  state.v[2] ^= 0xff;
  mix (&state, 4);
  return state.v[0] ^ state.v[1] ^ state.v[2] ^ state.v[3];
}

static const guint8 *
get_process_key (void)
{
  static guint8 key[SIGHEJ_SIPHASH_KEY_BYTES];
  static gsize drawn;

  if (g_once_init_enter (&drawn))
    {
      sighej_random_bytes (key, sizeof key);
      g_once_init_leave (&drawn, 1);
    }
  return key;
}

guint64
sighej_keyed_hash (const void *data, gsize n_bytes)
{
  return sighej_siphash (get_process_key (), data, n_bytes);
}

guint
sighej_keyed_str_hash (gconstpointer text)
{
  return (guint) sighej_keyed_hash (text, strlen (text));
}
