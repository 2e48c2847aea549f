/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "sighej-crypto.h"
#include "sighej-keypair.h"

/* RFC 7748 section 6.1. */
#define ALICE_SECRET "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"
#define ALICE_PUBLIC "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"
#define BOB_SECRET "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"
#define BOB_PUBLIC "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"
#define SHARED "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"

static void
from_hex (const char *hex, guint8 out[SIGHEJ_KEYPAIR_BYTES])
{
  g_assert_true (sighej_hex_decode (hex, out, SIGHEJ_KEYPAIR_BYTES));
}

static SighejKeypair *
keypair_from_hex (const char *hex)
{
  guint8 secret[SIGHEJ_KEYPAIR_BYTES];

  from_hex (hex, secret);
  return sighej_keypair_new_from_secret (secret);
}

static void
assert_hex (const guint8 bytes[SIGHEJ_KEYPAIR_BYTES], const char *expected)
{
  char hex[2 * SIGHEJ_KEYPAIR_BYTES + 1];

  sighej_hex_encode (bytes, SIGHEJ_KEYPAIR_BYTES, hex);
  g_assert_cmpstr (hex, ==, expected);
}

static void
test_public_halves (void)
{
  g_autoptr (SighejKeypair) alice = keypair_from_hex (ALICE_SECRET);
  g_autoptr (SighejKeypair) bob = keypair_from_hex (BOB_SECRET);
  g_autoptr (SighejKeypair) again = sighej_keypair_ref (alice);

  assert_hex (sighej_keypair_get_public (again), ALICE_PUBLIC);
  assert_hex (sighej_keypair_get_public (bob), BOB_PUBLIC);
}

static void
test_secret_is_hkdf_of_what_both_share (void)
{
  g_autoptr (SighejKeypair) alice = keypair_from_hex (ALICE_SECRET);
  guint8 bob[SIGHEJ_KEYPAIR_BYTES];
  guint8 shared[SIGHEJ_KEYPAIR_BYTES];
  guint8 expected[SIGHEJ_KEYPAIR_BYTES];
  guint8 secret[SIGHEJ_KEYPAIR_BYTES];

  from_hex (BOB_PUBLIC, bob);
  from_hex (SHARED, shared);
  sighej_hkdf_sha256 (shared, sizeof shared, SIGHEJ_KEYPAIR_AVOID_INFO, expected, sizeof expected);
  g_assert_true (sighej_keypair_derive_secret (alice, bob, SIGHEJ_KEYPAIR_AVOID_INFO, secret));
  g_assert_cmpmem (secret, sizeof secret, expected, sizeof expected);

  g_assert_true (sighej_keypair_derive_secret (alice, bob, "another use", secret));
  g_assert_false (memcmp (secret, expected, sizeof expected) == 0);
}

static void
test_both_sides_derive_the_same (void)
{
  for (guint i = 0; i < 50; i++)
    {
      g_autoptr (SighejKeypair) one = sighej_keypair_new ();
      g_autoptr (SighejKeypair) two = sighej_keypair_new ();
      const guint8 *public_one = sighej_keypair_get_public (one);
      const guint8 *public_two = sighej_keypair_get_public (two);
      guint8 keys[6][SIGHEJ_KEYPAIR_BYTES];

      g_assert_true (sighej_keypair_derive_directions (one, public_two, keys[0], keys[1]));
      g_assert_true (sighej_keypair_derive_directions (two, public_one, keys[2], keys[3]));
      g_assert_cmpmem (keys[0], sizeof keys[0], keys[3], sizeof keys[3]);
      g_assert_cmpmem (keys[1], sizeof keys[1], keys[2], sizeof keys[2]);
      g_assert_false (memcmp (keys[0], keys[1], sizeof keys[0]) == 0);

      g_assert_true (sighej_keypair_derive_secret (one, public_two, "x", keys[4]));
      g_assert_true (sighej_keypair_derive_secret (two, public_one, "x", keys[5]));
      g_assert_cmpmem (keys[4], sizeof keys[4], keys[5], sizeof keys[5]);
    }
}

/* Points of low order give a secret everybody knows; our own key would talk to ourselves. */
static void
test_refuses_keys_that_share_nothing (void)
{
  static const char *const low_orders[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  };
  static const guint8 zero[SIGHEJ_KEYPAIR_BYTES] = { 0 };
  g_autoptr (SighejKeypair) alice = keypair_from_hex (ALICE_SECRET);
  guint8 receive[SIGHEJ_KEYPAIR_BYTES];
  guint8 transmit[SIGHEJ_KEYPAIR_BYTES];

  for (gsize i = 0; i < G_N_ELEMENTS (low_orders); i++)
    {
      guint8 peer[SIGHEJ_KEYPAIR_BYTES];

      from_hex (low_orders[i], peer);
      memset (receive, 1, sizeof receive);
      memset (transmit, 1, sizeof transmit);
      g_assert_false (sighej_keypair_derive_directions (alice, peer, receive, transmit));
      g_assert_cmpmem (receive, sizeof receive, zero, sizeof zero);
      g_assert_cmpmem (transmit, sizeof transmit, zero, sizeof zero);
      memset (receive, 1, sizeof receive);
      g_assert_false (sighej_keypair_derive_secret (alice, peer, "x", receive));
      g_assert_cmpmem (receive, sizeof receive, zero, sizeof zero);
    }
  g_assert_false (sighej_keypair_derive_directions (
      alice, sighej_keypair_get_public (alice), receive, transmit));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/keypair/public-halves", test_public_halves);
  g_test_add_func ("/keypair/secret-is-hkdf-of-what-both-share",
                   test_secret_is_hkdf_of_what_both_share);
  g_test_add_func ("/keypair/both-sides-derive-the-same", test_both_sides_derive_the_same);
  g_test_add_func ("/keypair/refuses-keys-that-share-nothing",
                   test_refuses_keys_that_share_nothing);
  return g_test_run ();
}
