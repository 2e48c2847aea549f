/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "sighej-crypto.h"
#include "sighej-token-schedule.h"

#define SESSION_SECONDS 7200
#define N_RANDOM_SEEDS 1000

typedef struct
{
  guint start_s;
  guint end_s;
  const char *token;
} Expected;

static void
fill_seed_a (guint8 seed[SIGHEJ_SEED_BYTES])
{
  for (guint8 i = 0; i < SIGHEJ_SEED_BYTES; i++)
    seed[i] = i;
}

static SighejTokenSchedule *
new_schedule_a (const guint8 *public_key, guint session_s)
{
  guint8 seed[SIGHEJ_SEED_BYTES];

  fill_seed_a (seed);
  return sighej_token_schedule_new (seed, public_key, session_s);
}

static SighejTokenSchedule *
new_schedule_b (void)
{
  guint8 seed[SIGHEJ_SEED_BYTES];

  memset (seed, 0xa5, sizeof seed);
  return sighej_token_schedule_new (seed, NULL, SESSION_SECONDS);
}

static void
assert_epoch (SighejTokenSchedule *schedule, guint i, const Expected *expected)
{
  const SighejTokenEpoch *epoch = sighej_token_schedule_get_epoch (schedule, i);
  char hex[SIGHEJ_TOKEN_HEX_CHARS + 1];

  sighej_token_to_hex (&epoch->token, hex);
  g_assert_cmpuint (epoch->start_s, ==, expected->start_s);
  g_assert_cmpuint (epoch->end_s, ==, expected->end_s);
  g_assert_cmpstr (hex, ==, expected->token);
}

static void
assert_token (SighejTokenSchedule *schedule, guint i, const char *expected)
{
  char hex[SIGHEJ_TOKEN_HEX_CHARS + 1];

  sighej_token_to_hex (&sighej_token_schedule_get_epoch (schedule, i)->token, hex);
  g_assert_cmpstr (hex, ==, expected);
}

static void
assert_hkdf (const guint8 *seed, const char *info, const char *expected)
{
  guint8 key[32];
  char hex[65];

  sighej_hkdf_sha256 (seed, SIGHEJ_SEED_BYTES, info, key, sizeof key);
  sighej_hex_encode (key, sizeof key, hex);
  g_assert_cmpstr (hex, ==, expected);
}

static void
test_keys_of_the_vectors (void)
{
  g_autoptr (SighejTokenSchedule) schedule = new_schedule_a (NULL, SESSION_SECONDS);
  guint8 seed[SIGHEJ_SEED_BYTES];
  guint8 key[32];
  char hex[65];

  fill_seed_a (seed);
  assert_hkdf (
      seed, "SigHej/1 token", "2b49a8b2b3c45d53113a7457a3e274d25b2343d495dadeeda3973bed7884e8b5");
  assert_hkdf (
      seed, "SigHej/1 epoch", "0c05743848daf7ec83776ef1ddcf14209c3f9d87a3eded6188ff85e275cc4903");
  memset (seed, 0xa5, sizeof seed);
  assert_hkdf (
      seed, "SigHej/1 token", "5c7bf15ad8e38f8a211b18220146012162ccbdfe8c4793cd260c5f505db4195d");
  assert_hkdf (
      seed, "SigHej/1 epoch", "a66efb8a0fa22c344bfd9ed22479ba62bc28e2f3362816144a52e33e7ae62c62");

  sighej_token_schedule_get_key (schedule, 0, key);
  sighej_hex_encode (key, sizeof key, hex);
  g_assert_cmpstr (hex, ==, "dd6a26c9f43cd221381ef8f7c514844ac8b81e1f5d3b2963679026589736e9c3");
}

static void
test_seed_a (void)
{
  static const Expected expected[] = {
    { 0, 733, "b4b57748198574854a05" },     { 733, 1600, "da2dbcdf1a09268f2cd5" },
    { 1600, 2343, "5849252c6a22372476be" }, { 2343, 3030, "c0ea652a92f73ac7930e" },
    { 3030, 3678, "73b09605d70ba1482519" }, { 3678, 4399, "f7d40dc62a85ce4e514a" },
    { 4399, 5219, "58276e202fb226acc440" }, { 5219, 5970, "9b6750af70b960f9aca1" },
    { 5970, 6692, "41e5335ab76c52fb1dbb" }, { 6692, 7200, "06a8e76a0ae193fedcd6" },
  };
  g_autoptr (SighejTokenSchedule) schedule = new_schedule_a (NULL, SESSION_SECONDS);

  g_assert_cmpuint (sighej_token_schedule_get_n_epochs (schedule), ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    assert_epoch (schedule, i, &expected[i]);
}

static void
test_seed_a_with_public_key (void)
{
  guint8 public_key[SIGHEJ_PUBLIC_KEY_BYTES];
  g_autoptr (SighejTokenSchedule) plain = new_schedule_a (NULL, SESSION_SECONDS);
  g_autoptr (SighejTokenSchedule) keyed = NULL;

  g_assert_true (
      sighej_hex_decode ("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
                         public_key,
                         sizeof public_key));
  keyed = new_schedule_a (public_key, SESSION_SECONDS);
  assert_token (keyed, 0, "ee48621bbada2827a525");
  assert_token (keyed, 5, "984bcbe1f2cdd988e655");
  assert_token (keyed, 9, "5690f2eb913d3e9e2884");

  for (guint i = 0; i < sighej_token_schedule_get_n_epochs (plain); i++)
    {
      guint8 key_plain[32];
      guint8 key_keyed[32];

      sighej_token_schedule_get_key (plain, i, key_plain);
      sighej_token_schedule_get_key (keyed, i, key_keyed);
      g_assert_cmpmem (key_plain, sizeof key_plain, key_keyed, sizeof key_keyed);
      g_assert_cmpuint (sighej_token_schedule_get_epoch (plain, i)->end_s,
                        ==,
                        sighej_token_schedule_get_epoch (keyed, i)->end_s);
    }
}

static void
test_seed_b (void)
{
  static const Expected first = { 0, 826, "35fe953d1eaea9056e88" };
  static const Expected fourth = { 2255, 3006, "b595a65733e10dad510c" };
  static const Expected last = { 6709, 7200, "5a03404481b7688639e2" };
  g_autoptr (SighejTokenSchedule) schedule = new_schedule_b ();

  g_assert_cmpuint (sighej_token_schedule_get_n_epochs (schedule), ==, 10);
  assert_epoch (schedule, 0, &first);
  assert_epoch (schedule, 3, &fourth);
  assert_epoch (schedule, 9, &last);
}

static void
test_finds_the_epoch_of_a_second (void)
{
  g_autoptr (SighejTokenSchedule) schedule = new_schedule_a (NULL, SESSION_SECONDS);

  g_assert_true (sighej_token_schedule_at (schedule, 0)
                 == sighej_token_schedule_get_epoch (schedule, 0));
  g_assert_true (sighej_token_schedule_at (schedule, 732)
                 == sighej_token_schedule_get_epoch (schedule, 0));
  g_assert_true (sighej_token_schedule_at (schedule, 733)
                 == sighej_token_schedule_get_epoch (schedule, 1));
  g_assert_true (sighej_token_schedule_at (schedule, 7199)
                 == sighej_token_schedule_get_epoch (schedule, 9));
  g_assert_null (sighej_token_schedule_at (schedule, 7200));
  g_assert_null (sighej_token_schedule_at (schedule, G_MAXUINT));
}

static void
test_short_session_is_clipped (void)
{
  static const Expected only = { 0, 300, "b4b57748198574854a05" };
  static const Expected second = { 733, 734, "da2dbcdf1a09268f2cd5" };
  g_autoptr (SighejTokenSchedule) shortest = new_schedule_a (NULL, 300);
  g_autoptr (SighejTokenSchedule) just_over = new_schedule_a (NULL, 734);

  g_assert_cmpuint (sighej_token_schedule_get_n_epochs (shortest), ==, 1);
  assert_epoch (shortest, 0, &only);
  g_assert_cmpuint (sighej_token_schedule_get_n_epochs (just_over), ==, 2);
  assert_epoch (just_over, 1, &second);
}

static void
check_epochs_fill_the_session (SighejTokenSchedule *schedule)
{
  guint n_epochs = sighej_token_schedule_get_n_epochs (schedule);
  guint end_s = 0;

  g_assert_cmpuint (n_epochs, >=, 8);
  g_assert_cmpuint (n_epochs, <=, SIGHEJ_EPOCHS_MAX);
  for (guint i = 0; i < n_epochs; i++)
    {
      const SighejTokenEpoch *epoch = sighej_token_schedule_get_epoch (schedule, i);
      guint duration_s = epoch->end_s - epoch->start_s;

      g_assert_cmpuint (epoch->start_s, ==, end_s);
      g_assert_cmpuint (duration_s, <=, SIGHEJ_EPOCH_SECONDS_MAX);
      if (i + 1 < n_epochs)
        g_assert_cmpuint (duration_s, >=, SIGHEJ_EPOCH_SECONDS_MIN);
      else
        g_assert_cmpuint (duration_s, >, 0);
      end_s = epoch->end_s;
    }
  g_assert_cmpuint (end_s, ==, SESSION_SECONDS);
}

static void
test_any_seed_fills_the_session (void)
{
  for (guint i = 0; i < N_RANDOM_SEEDS; i++)
    {
      g_autoptr (SighejTokenSchedule) schedule = NULL;
      guint8 seed[SIGHEJ_SEED_BYTES];

      for (gsize j = 0; j < sizeof seed; j++)
        seed[j] = (guint8) g_test_rand_int_range (0, 256);
      schedule = sighej_token_schedule_new (seed, NULL, SESSION_SECONDS);
      check_epochs_fill_the_session (schedule);
    }
}

static void
test_tokens_of_a_session_differ (void)
{
  g_autoptr (SighejTokenSchedule) schedule = new_schedule_a (NULL, SESSION_SECONDS);
  g_autoptr (GHashTable) seen = g_hash_table_new (sighej_token_hash, sighej_token_equal_func);

  for (guint i = 0; i < sighej_token_schedule_get_n_epochs (schedule); i++)
    g_assert_true (
        g_hash_table_add (seen, (gpointer) &sighej_token_schedule_get_epoch (schedule, i)->token));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/token-schedule/keys-of-the-vectors", test_keys_of_the_vectors);
  g_test_add_func ("/token-schedule/seed-a", test_seed_a);
  g_test_add_func ("/token-schedule/seed-a-with-public-key", test_seed_a_with_public_key);
  g_test_add_func ("/token-schedule/seed-b", test_seed_b);
  g_test_add_func ("/token-schedule/finds-the-epoch-of-a-second", test_finds_the_epoch_of_a_second);
  g_test_add_func ("/token-schedule/short-session-is-clipped", test_short_session_is_clipped);
  g_test_add_func ("/token-schedule/any-seed-fills-the-session", test_any_seed_fills_the_session);
  g_test_add_func ("/token-schedule/tokens-of-a-session-differ", test_tokens_of_a_session_differ);
  return g_test_run ();
}
