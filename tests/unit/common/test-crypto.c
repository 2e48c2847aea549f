/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "sighej-crypto.h"

static void
assert_hex (const guint8 *data, gsize n_bytes, const char *expected)
{
  g_autofree char *hex = g_malloc (2 * n_bytes + 1);

  sighej_hex_encode (data, n_bytes, hex);
  g_assert_cmpstr (hex, ==, expected);
}

/* FIPS 180-2, RFC 4231 case 1. */
static void
test_digest_vectors (void)
{
  guint8 key[20];
  guint8 out[SIGHEJ_SHA256_BYTES];

  sighej_sha256 ((const guint8 *) "abc", 3, out);
  assert_hex (out, sizeof out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");

  memset (key, 0x0b, sizeof key);
  sighej_hmac_sha256 (key, sizeof key, (const guint8 *) "Hi There", 8, out);
  assert_hex (out, sizeof out, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
}

/* RFC 5869 case 3: no salt, no info. */
static void
test_hkdf_without_salt (void)
{
  guint8 ikm[22];
  guint8 out[42];

  memset (ikm, 0x0b, sizeof ikm);
  sighej_hkdf_sha256 (ikm, sizeof ikm, "", out, sizeof out);
  assert_hex (out,
              sizeof out,
              "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
              "9d201395faa4b61a96c8");
}

static GBytes *
unseal (SighejSealer *sealer, GBytes *sealed, const char *associated)
{
  gsize n_sealed;
  const guint8 *data = g_bytes_get_data (sealed, &n_sealed);

  return sighej_unseal (sealer, data, n_sealed, (const guint8 *) associated, strlen (associated));
}

static void
test_seal_opens_with_all_the_same (void)
{
  static const guint8 key[SIGHEJ_KEY_BYTES] = { 1 };
  static const guint8 other_key[SIGHEJ_KEY_BYTES] = { 2 };
  g_autoptr (SighejSealer) sealer = sighej_sealer_new (key);
  g_autoptr (SighejSealer) other = sighej_sealer_new (other_key);
  g_autoptr (GBytes) sealed
      = sighej_seal (sealer, (const guint8 *) "hello", 5, (const guint8 *) "day", 3);
  g_autoptr (GBytes) plain = unseal (sealer, sealed, "day");

  g_assert_cmpuint (g_bytes_get_size (sealed), ==, 5 + SIGHEJ_SEAL_OVERHEAD_BYTES);
  g_assert_cmpmem (g_bytes_get_data (plain, NULL), g_bytes_get_size (plain), "hello", 5);
  g_assert_null (unseal (other, sealed, "day"));
  g_assert_null (unseal (sealer, sealed, "eve"));
}

static void
test_seal_breaks_with_any_bit (void)
{
  static const guint8 key[SIGHEJ_KEY_BYTES] = { 1 };
  g_autoptr (SighejSealer) sealer = sighej_sealer_new (key);
  g_autoptr (GBytes) sealed = sighej_seal (sealer, (const guint8 *) "hi", 2, NULL, 0);
  gsize n_bytes = g_bytes_get_size (sealed);

  for (gsize bit = 0; bit < n_bytes * 8; bit++)
    {
      g_autofree guint8 *copy = g_memdup2 (g_bytes_get_data (sealed, NULL), n_bytes);

      copy[bit / 8] ^= (guint8) (1 << bit % 8);
      g_assert_null (sighej_unseal (sealer, copy, n_bytes, NULL, 0));
    }
  for (gsize length = 0; length < n_bytes; length++)
    g_assert_null (sighej_unseal (sealer, g_bytes_get_data (sealed, NULL), length, NULL, 0));
}

static void
test_seals_nothing_and_never_twice_alike (void)
{
  static const guint8 key[SIGHEJ_KEY_BYTES] = { 1 };
  g_autoptr (SighejSealer) sealer = sighej_sealer_new (key);
  g_autoptr (GBytes) first = sighej_seal (sealer, NULL, 0, NULL, 0);
  g_autoptr (GBytes) second = sighej_seal (sealer, NULL, 0, NULL, 0);
  g_autoptr (GBytes) plain = unseal (sealer, first, "");

  g_assert_nonnull (plain);
  g_assert_cmpuint (g_bytes_get_size (plain), ==, 0);
  g_assert_false (g_bytes_equal (first, second));
}

static void
test_hex_is_strict (void)
{
  guint8 out[2] = { 9, 9 };

  g_assert_false (sighej_hex_decode ("00f", out, 2));
  g_assert_false (sighej_hex_decode ("00ff0", out, 2));
  g_assert_false (sighej_hex_decode ("00FF", out, 2));
  g_assert_false (sighej_hex_decode ("0x01", out, 2));
  g_assert_false (sighej_hex_decode ("", out, 2));
  g_assert_cmpuint (out[0], ==, 9);
  g_assert_true (sighej_hex_decode ("00ff", out, 2));
  g_assert_cmpuint (out[1], ==, 0xff);
}

static void
test_random_text_is_base64url (void)
{
  for (gsize n_bytes = 1; n_bytes < 40; n_bytes++)
    {
      g_autofree char *text = sighej_random_base64url (n_bytes);
      g_autofree char *again = sighej_random_base64url (n_bytes + 16);

      g_assert_cmpuint (strlen (text), ==, (n_bytes * 4 + 2) / 3);
      for (const char *c = text; *c != '\0'; c++)
        g_assert_true (g_ascii_isalnum (*c) || *c == '-' || *c == '_');
      g_assert_cmpstr (text, !=, again);
    }
}

static void
test_equality (void)
{
  g_assert_true (sighej_equal_constant_time ("abcd", "abcd", 4));
  g_assert_false (sighej_equal_constant_time ("abcd", "abce", 4));
  g_assert_true (sighej_equal_constant_time ("abcd", "abce", 3));
}

static void
test_wipe_overwrites (void)
{
  guint8 secret[8] = "secret!";

  sighej_wipe (secret, sizeof secret);
  for (gsize i = 0; i < sizeof secret; i++)
    g_assert_cmpuint (secret[i], ==, 0);
  sighej_wipe (NULL, 0);
  sighej_wipe_free_string (NULL);
  sighej_wipe_free_string (g_strdup ("secret"));
}

static void
test_nudge_id_has_no_order (void)
{
  static const guint8 key[SIGHEJ_KEY_BYTES] = { 5 };
  static const guint8 a[16] = { 1 };
  static const guint8 b[16] = { 1, 1 };
  static const guint8 c[16] = { 2 };
  g_autoptr (SighejMac) keyed = sighej_mac_new (key, sizeof key);
  guint8 text[5 + 32];
  guint8 mac[SIGHEJ_SHA256_BYTES];
  char ab[33];
  char ba[33];
  char ac[33];

  sighej_nudge_id (keyed, a, b, ab);
  sighej_nudge_id (keyed, b, a, ba);
  sighej_nudge_id (keyed, a, c, ac);
  g_assert_cmpstr (ab, ==, ba);
  g_assert_cmpstr (ab, !=, ac);

  memcpy (text, "nudge", 5);
  memcpy (text + 5, a, 16);
  memcpy (text + 21, b, 16);
  sighej_hmac_sha256 (key, sizeof key, text, sizeof text, mac);
  assert_hex (mac, 16, ab);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/crypto/digest-vectors", test_digest_vectors);
  g_test_add_func ("/crypto/hkdf-without-salt", test_hkdf_without_salt);
  g_test_add_func ("/crypto/seal-opens-with-all-the-same", test_seal_opens_with_all_the_same);
  g_test_add_func ("/crypto/seal-breaks-with-any-bit", test_seal_breaks_with_any_bit);
  g_test_add_func ("/crypto/seals-nothing-and-never-twice-alike",
                   test_seals_nothing_and_never_twice_alike);
  g_test_add_func ("/crypto/hex-is-strict", test_hex_is_strict);
  g_test_add_func ("/crypto/random-text-is-base64url", test_random_text_is_base64url);
  g_test_add_func ("/crypto/equality", test_equality);
  g_test_add_func ("/crypto/wipe-overwrites", test_wipe_overwrites);
  g_test_add_func ("/crypto/nudge-id-has-no-order", test_nudge_id_has_no_order);
  return g_test_run ();
}
