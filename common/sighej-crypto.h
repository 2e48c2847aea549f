/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * The few primitives SigHej uses, by GnuTLS. Nothing here is cryptography of our own.
 * A primitive of GnuTLS failing means a broken library: these functions abort then.
 */

#define SIGHEJ_SHA256_BYTES 32
#define SIGHEJ_KEY_BYTES 32
#define SIGHEJ_SEAL_OVERHEAD_BYTES (12 + 16) /* nonce and tag */

void sighej_random_bytes (guint8 *out, gsize n_bytes);
void sighej_sha256 (const guint8 *data, gsize n_bytes, guint8 out[SIGHEJ_SHA256_BYTES]);
void sighej_hmac_sha256 (const guint8 *key,
                         gsize n_key,
                         const guint8 *data,
                         gsize n_data,
                         guint8 out[SIGHEJ_SHA256_BYTES]);

/* RFC 5869 with an empty salt; @n_out at most 255 * 32. */
void
sighej_hkdf_sha256 (const guint8 *ikm, gsize n_ikm, const char *info, guint8 *out, gsize n_out);

/* Compares in a time that depends on @n_bytes only. */
gboolean sighej_equal_constant_time (const void *a, const void *b, gsize n_bytes);

/* Overwrites; never optimised away. */
void sighej_wipe (void *data, gsize n_bytes);

/* Wipes and frees a NUL-terminated string or a block; NULL is fine. */
void sighej_wipe_free_string (char *secret);

/* HMAC-SHA-256 with a key that is used often: set up once. For one thread. */
typedef struct _SighejMac SighejMac;
SighejMac *sighej_mac_new (const guint8 *key, gsize n_key);
void sighej_mac_free (SighejMac *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejMac, sighej_mac_free)
void sighej_mac_compute (SighejMac *self,
                         const guint8 *data,
                         gsize n_data,
                         guint8 out[SIGHEJ_SHA256_BYTES]);

/* A key for sealing, set up once. For one thread. */
typedef struct _SighejSealer SighejSealer;
SighejSealer *sighej_sealer_new (const guint8 key[SIGHEJ_KEY_BYTES]);
void sighej_sealer_free (SighejSealer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejSealer, sighej_sealer_free)

/**
 * sighej_seal:
 * @associated: (nullable): bytes that are authenticated but not hidden
 *
 * AEAD (AES-256-GCM, random 96-bit nonce in front).
 *
 * Returns: (transfer full): @n_plain + %SIGHEJ_SEAL_OVERHEAD_BYTES bytes
 */
GBytes *sighej_seal (SighejSealer *sealer,
                     const guint8 *plain,
                     gsize n_plain,
                     const guint8 *associated,
                     gsize n_associated);

/* Returns: (transfer full) (nullable): the plain bytes, NULL when the seal is broken. */
GBytes *sighej_unseal (SighejSealer *sealer,
                       const guint8 *sealed,
                       gsize n_sealed,
                       const guint8 *associated,
                       gsize n_associated);

/* Lower-case hex. @out has room for 2 * n + 1 characters. */
void sighej_hex_encode (const guint8 *data, gsize n_bytes, char *out);

/* Exactly 2 * n lower-case (upper-case is refused) hex digits, then NUL. FALSE: not so, @out
 * untouched. */
gboolean sighej_hex_decode (const char *hex, guint8 *out, gsize n_bytes);

/* base64url without padding (RFC 4648 section 5). Returns: (transfer full) */
char *sighej_base64url_encode (const guint8 *data, gsize n_bytes);

/* Only what sighej_base64url_encode() writes, of at most @bytes_max bytes and not empty.
 * Returns: (transfer full) (nullable): NULL: it is not so */
GBytes *sighej_base64url_decode (const char *text, gsize bytes_max);

/* base64url without padding (RFC 4648 section 5) of @n_bytes of fresh randomness. */
char *sighej_random_base64url (gsize n_bytes);

/**
 * sighej_nudge_id:
 * @mac: keyed with the backend's nudge key
 * @opening_a: 16 bytes, either order gives the same id
 *
 * The id of the one nudge two openings can get (DESIGN 3, "Once per pair"): the first 16 bytes of
 * HMAC-SHA-256 (key, "nudge" || smaller || larger), as 32 hex digits.
 */
void sighej_nudge_id (SighejMac *mac,
                      const guint8 opening_a[16],
                      const guint8 opening_b[16],
                      char out[33]);

G_END_DECLS
