/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-crypto"

#include "config.h"

#include "sighej-crypto.h"

#include <string.h>

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#define NONCE_BYTES 12
#define TAG_BYTES 16
#define HKDF_OUT_BYTES_MAX (255 * SIGHEJ_SHA256_BYTES)
#define OPENING_BYTES 16

G_STATIC_ASSERT (NONCE_BYTES + TAG_BYTES == SIGHEJ_SEAL_OVERHEAD_BYTES);

/* A primitive that fails leaves nothing safe to do: the library or the kernel is broken. */
static void
must_succeed (int result, const char *what)
{
  if (result < 0)
    g_error ("%s failed: %s", what, gnutls_strerror (result));
}

void
sighej_random_bytes (guint8 *out, gsize n_bytes)
{
  must_succeed (gnutls_rnd (GNUTLS_RND_KEY, out, n_bytes), "drawing random bytes");
}

void
sighej_sha256 (const guint8 *data, gsize n_bytes, guint8 out[SIGHEJ_SHA256_BYTES])
{
  must_succeed (gnutls_hash_fast (GNUTLS_DIG_SHA256, data, n_bytes, out), "SHA-256");
}

void
sighej_hmac_sha256 (const guint8 *key,
                    gsize n_key,
                    const guint8 *data,
                    gsize n_data,
                    guint8 out[SIGHEJ_SHA256_BYTES])
{
  must_succeed (gnutls_hmac_fast (GNUTLS_MAC_SHA256, key, n_key, data, n_data, out),
                "HMAC-SHA-256");
}

void
sighej_hkdf_sha256 (const guint8 *ikm, gsize n_ikm, const char *info, guint8 *out, gsize n_out)
{
  guint8 prk[SIGHEJ_SHA256_BYTES];
  const gnutls_datum_t ikm_datum = { (unsigned char *) ikm, (unsigned int) n_ikm };
  const gnutls_datum_t salt_datum = { NULL, 0 };
  const gnutls_datum_t prk_datum = { prk, sizeof prk };
  const gnutls_datum_t info_datum = { (unsigned char *) info, (unsigned int) strlen (info) };

  g_return_if_fail (n_out <= HKDF_OUT_BYTES_MAX);

  must_succeed (gnutls_hkdf_extract (GNUTLS_MAC_SHA256, &ikm_datum, &salt_datum, prk),
                "HKDF extract");
  must_succeed (gnutls_hkdf_expand (GNUTLS_MAC_SHA256, &prk_datum, &info_datum, out, n_out),
                "HKDF expand");
  sighej_wipe (prk, sizeof prk);
}

gboolean
sighej_equal_constant_time (const void *a, const void *b, gsize n_bytes)
{
  return gnutls_memcmp (a, b, n_bytes) == 0;
}

void
sighej_wipe (void *data, gsize n_bytes)
{
  if (n_bytes > 0)
    gnutls_memset (data, 0, n_bytes);
}

void
sighej_wipe_free_string (char *secret)
{
  if (secret == NULL)
    return;

  sighej_wipe (secret, strlen (secret));
  g_free (secret);
}

struct _SighejMac
{
  gnutls_hmac_hd_t handle;
};

SighejMac *
sighej_mac_new (const guint8 *key, gsize n_key)
{
  SighejMac *self = g_new0 (SighejMac, 1);

  must_succeed (gnutls_hmac_init (&self->handle, GNUTLS_MAC_SHA256, key, n_key),
                "setting up HMAC-SHA-256");
  return self;
}

void
sighej_mac_free (SighejMac *self)
{
  gnutls_hmac_deinit (self->handle, NULL);
  g_free (self);
}

void
sighej_mac_compute (SighejMac *self,
                    const guint8 *data,
                    gsize n_data,
                    guint8 out[SIGHEJ_SHA256_BYTES])
{
  must_succeed (gnutls_hmac (self->handle, data, n_data), "HMAC-SHA-256");
  /* This also begins anew. */
  gnutls_hmac_output (self->handle, out);
}

struct _SighejSealer
{
  gnutls_aead_cipher_hd_t handle;
};

SighejSealer *
sighej_sealer_new (const guint8 key[SIGHEJ_KEY_BYTES])
{
  const gnutls_datum_t key_datum = { (unsigned char *) key, SIGHEJ_KEY_BYTES };
  SighejSealer *self = g_new0 (SighejSealer, 1);

  must_succeed (gnutls_aead_cipher_init (&self->handle, GNUTLS_CIPHER_AES_256_GCM, &key_datum),
                "setting up AES-256-GCM");
  return self;
}

void
sighej_sealer_free (SighejSealer *self)
{
  gnutls_aead_cipher_deinit (self->handle);
  g_free (self);
}

GBytes *
sighej_seal (SighejSealer *sealer,
             const guint8 *plain,
             gsize n_plain,
             const guint8 *associated,
             gsize n_associated)
{
  gsize n_sealed = n_plain + TAG_BYTES;
  guint8 *out = g_malloc (NONCE_BYTES + n_sealed);

  must_succeed (gnutls_rnd (GNUTLS_RND_NONCE, out, NONCE_BYTES), "drawing a nonce");
  must_succeed (gnutls_aead_cipher_encrypt (sealer->handle,
                                            out,
                                            NONCE_BYTES,
                                            associated,
                                            n_associated,
                                            TAG_BYTES,
                                            plain,
                                            n_plain,
                                            out + NONCE_BYTES,
                                            &n_sealed),
                "sealing");
  return g_bytes_new_take (out, NONCE_BYTES + n_sealed);
}

GBytes *
sighej_unseal (SighejSealer *sealer,
               const guint8 *sealed,
               gsize n_sealed,
               const guint8 *associated,
               gsize n_associated)
{
  g_autofree guint8 *plain = NULL;
  gsize n_plain;
  int result;

  if (n_sealed < SIGHEJ_SEAL_OVERHEAD_BYTES)
    return NULL;

  n_plain = n_sealed - SIGHEJ_SEAL_OVERHEAD_BYTES;
  /* One byte of slack, so that sealing nothing still gives GnuTLS a buffer. */
  plain = g_malloc0 (n_plain + 1);
  result = gnutls_aead_cipher_decrypt (sealer->handle,
                                       sealed,
                                       NONCE_BYTES,
                                       associated,
                                       n_associated,
                                       TAG_BYTES,
                                       sealed + NONCE_BYTES,
                                       n_sealed - NONCE_BYTES,
                                       plain,
                                       &n_plain);
  if (result < 0)
    {
      sighej_wipe (plain, n_sealed - SIGHEJ_SEAL_OVERHEAD_BYTES);
      return NULL;
    }

  return g_bytes_new_take (g_steal_pointer (&plain), n_plain);
}

void
sighej_hex_encode (const guint8 *data, gsize n_bytes, char *out)
{
  static const char digits[] = "0123456789abcdef";

  for (gsize i = 0; i < n_bytes; i++)
    {
      out[2 * i] = digits[data[i] >> 4];
      out[2 * i + 1] = digits[data[i] & 0xf];
    }
  out[2 * n_bytes] = '\0';
}

static int
lower_hex_value (char digit)
{
  if (digit >= '0' && digit <= '9')
    return digit - '0';
  if (digit >= 'a' && digit <= 'f')
    return digit - 'a' + 10;
  return -1;
}

gboolean
sighej_hex_decode (const char *hex, guint8 *out, gsize n_bytes)
{
  gsize n_digits = 0;

  while (n_digits < 2 * n_bytes && lower_hex_value (hex[n_digits]) >= 0)
    n_digits++;
  if (n_digits != 2 * n_bytes || hex[n_digits] != '\0')
    return FALSE;

  for (gsize i = 0; i < n_bytes; i++)
    out[i] = (guint8) (lower_hex_value (hex[2 * i]) << 4 | lower_hex_value (hex[2 * i + 1]));
  return TRUE;
}

char *
sighej_base64url_encode (const guint8 *data, gsize n_bytes)
{
  char *text = g_base64_encode (data, n_bytes);

  g_strdelimit (text, "+", '-');
  g_strdelimit (text, "/", '_');
  text[strcspn (text, "=")] = '\0';
  return text;
}

/* What does not come out again as it went in is another spelling of the same bytes. */
GBytes *
sighej_base64url_decode (const char *text, gsize bytes_max)
{
  gsize length = strlen (text);
  g_autofree char *padded = NULL;
  g_autofree char *again = NULL;
  guchar *data;
  gsize n_bytes;

  if (length == 0 || length > (4 * bytes_max + 2) / 3)
    return NULL;
  padded = g_strconcat (text, &"==="[3 - (4 - length % 4) % 4], NULL);
  g_strdelimit (padded, "-", '+');
  g_strdelimit (padded, "_", '/');
  data = g_base64_decode (padded, &n_bytes);
  again = sighej_base64url_encode (data, n_bytes);
  if (n_bytes > 0 && n_bytes <= bytes_max && strcmp (again, text) == 0)
    return g_bytes_new_take (data, n_bytes);
  g_free (data);
  return NULL;
}

char *
sighej_random_base64url (gsize n_bytes)
{
  g_autofree guint8 *bytes = g_malloc (n_bytes);
  char *text;

  sighej_random_bytes (bytes, n_bytes);
  text = sighej_base64url_encode (bytes, n_bytes);
  sighej_wipe (bytes, n_bytes);
  return text;
}

void
sighej_nudge_id (SighejMac *mac,
                 const guint8 opening_a[16],
                 const guint8 opening_b[16],
                 char out[33])
{
  static const char label[] = "nudge";
  gboolean a_first = memcmp (opening_a, opening_b, OPENING_BYTES) <= 0;
  guint8 text[sizeof label - 1 + 2 * OPENING_BYTES];
  guint8 full[SIGHEJ_SHA256_BYTES];

  memcpy (text, label, sizeof label - 1);
  memcpy (text + sizeof label - 1, a_first ? opening_a : opening_b, OPENING_BYTES);
  memcpy (text + sizeof label - 1 + OPENING_BYTES, a_first ? opening_b : opening_a, OPENING_BYTES);
  sighej_mac_compute (mac, text, sizeof text, full);
  sighej_hex_encode (full, 16, out);
}
