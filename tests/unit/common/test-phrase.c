/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "sighej-crypto.h"
#include "sighej-phrase.h"

typedef struct
{
  guint8 key[SIGHEJ_PEER_KEY_BYTES];
  guint8 nonce[SIGHEJ_PHRASE_NONCE_BYTES];   /* as creator */
  guint8 secret[SIGHEJ_PHRASE_SECRET_BYTES]; /* as joiner */
} Side;

static Side
draw_side (void)
{
  Side side;

  sighej_random_bytes (side.key, sizeof side.key);
  sighej_random_bytes (side.nonce, sizeof side.nonce);
  sighej_random_bytes (side.secret, sizeof side.secret);
  return side;
}

static void
compute (const Side *creator, const Side *joiner, guint8 out[SIGHEJ_PHRASE_WORDS])
{
  sighej_phrase_compute (creator->key, creator->nonce, joiner->key, joiner->secret, out);
}

/* The vectors of docs/protocol.md, "Talk". */
static void
test_vectors (void)
{
  Side creator;
  Side joiner;
  guint8 commit[SIGHEJ_COMMIT_BYTES];
  guint8 promise[SIGHEJ_PHRASE_NONCE_BYTES];
  char hex[2 * SIGHEJ_COMMIT_BYTES + 1];
  guint8 phrase[SIGHEJ_PHRASE_WORDS];
  g_autofree char *english = NULL;
  g_autofree char *danish = NULL;

  sighej_hex_decode (
      "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a", creator.key, 32);
  sighej_hex_decode ("000102030405060708090a0b0c0d0e0f", creator.nonce, 16);
  sighej_hex_decode (
      "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f", joiner.key, 32);
  sighej_hex_decode (
      "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f", joiner.secret, 32);

  sighej_phrase_commit (creator.key, creator.nonce, commit);
  sighej_hex_encode (commit, sizeof commit, hex);
  g_assert_cmpstr (hex, ==, "d269ccb8abaf4161003dc7effaa2c08c45c59650b4f9e16327a76511448a31ae");
  sighej_phrase_promise (joiner.key, joiner.secret, promise);
  sighej_hex_encode (promise, sizeof promise, hex);
  g_assert_cmpstr (hex, ==, "c238c33c74bb4e1b570fdccdf625f305");
  compute (&creator, &joiner, phrase);
  english = sighej_phrase_to_text (phrase, "en");
  danish = sighej_phrase_to_text (phrase, "da");
  g_assert_cmpstr (english, ==, "chess camera medicine opera");
  g_assert_cmpstr (danish, ==, "skak kamera medicin opera");
}

static void
test_commit_opens_with_nothing_else (void)
{
  Side creator = draw_side ();
  guint8 commit[SIGHEJ_COMMIT_BYTES];

  sighej_phrase_commit (creator.key, creator.nonce, commit);
  g_assert_true (sighej_phrase_opens (commit, creator.key, creator.nonce));
  for (guint bit = 0; bit < 8 * (sizeof creator.key + sizeof creator.nonce); bit++)
    {
      Side other = creator;

      ((guint8 *) &other)[bit / 8] ^= (guint8) (1 << bit % 8);
      g_assert_false (sighej_phrase_opens (commit, other.key, other.nonce));
    }
}

static void
test_promise_is_kept_by_nothing_else (void)
{
  Side joiner = draw_side ();
  guint8 promise[SIGHEJ_PHRASE_NONCE_BYTES];

  sighej_phrase_promise (joiner.key, joiner.secret, promise);
  g_assert_true (sighej_phrase_keeps (promise, joiner.key, joiner.secret));
  for (guint bit = 0; bit < 8 * SIGHEJ_PHRASE_SECRET_BYTES; bit++)
    {
      Side other = joiner;

      other.secret[bit / 8] ^= (guint8) (1 << bit % 8);
      g_assert_false (sighej_phrase_keeps (promise, joiner.key, other.secret));
      other = joiner;
      other.key[bit / 8] ^= (guint8) (1 << bit % 8);
      g_assert_false (sighej_phrase_keeps (promise, other.key, joiner.secret));
    }
}

/*
 * Who stands in between has a key of its own on each side, so both see other words, but for one
 * time in 2^32: 100,000 tries find none.
 */
static void
test_a_swapped_key_shows (void)
{
  Side creator = draw_side ();
  Side joiner = draw_side ();
  Side between = draw_side ();
  guint n_differing_words = 0;

  for (guint i = 0; i < 100000; i++)
    {
      guint8 at_creator[SIGHEJ_PHRASE_WORDS];
      guint8 at_joiner[SIGHEJ_PHRASE_WORDS];

      sighej_random_bytes (creator.nonce, sizeof creator.nonce);
      compute (&creator, &between, at_creator);
      compute (&between, &joiner, at_joiner);
      g_assert_false (memcmp (at_creator, at_joiner, sizeof at_creator) == 0);
      for (guint word = 0; word < SIGHEJ_PHRASE_WORDS; word++)
        n_differing_words += at_creator[word] != at_joiner[word];
    }
  /* 255 of 256 differ; more than a hundred standard deviations below would be no hash. */
  g_assert_cmpuint (n_differing_words, >, 394000);
}

static void
test_who_is_who_matters (void)
{
  Side one = draw_side ();
  Side two = draw_side ();
  guint8 phrase[SIGHEJ_PHRASE_WORDS];
  guint8 again[SIGHEJ_PHRASE_WORDS];

  /* One byte of four may well be the same by chance, all four not in this test's lifetime. */
  compute (&one, &two, phrase);
  compute (&one, &two, again);
  g_assert_cmpmem (phrase, sizeof phrase, again, sizeof again);
  compute (&two, &one, again);
  g_assert_false (memcmp (phrase, again, sizeof phrase) == 0);
}

static guint
distance (const char *a, const char *b)
{
  g_autofree gunichar *left = g_utf8_to_ucs4_fast (a, -1, NULL);
  g_autofree gunichar *right = g_utf8_to_ucs4_fast (b, -1, NULL);
  guint costs[32];
  guint n_right = 0;

  for (; right[n_right] != 0; n_right++)
    costs[n_right] = n_right;
  costs[n_right] = n_right;
  for (guint i = 0; left[i] != 0; i++)
    {
      guint diagonal = costs[0]++;

      for (guint j = 0; j < n_right; j++)
        {
          guint least = MIN (MIN (costs[j], costs[j + 1]) + 1, diagonal + (left[i] != right[j]));

          diagonal = costs[j + 1];
          costs[j + 1] = least;
        }
    }
  return costs[n_right];
}

static void
assert_told_apart (const char *word, const char *other)
{
  g_autofree char *start = g_utf8_substring (word, 0, MIN (4, g_utf8_strlen (word, -1)));
  g_autofree char *other_start = g_utf8_substring (other, 0, MIN (4, g_utf8_strlen (other, -1)));

  g_assert_cmpstr (start, !=, other_start);
  g_assert_cmpuint (distance (word, other), >=, 2);
}

static void
test_words_are_easily_told_apart (void)
{
  static const char *const languages[] = { "en", "da" };

  g_assert_cmpuint (distance ("kitten", "sitting"), ==, 3);
  for (guint l = 0; l < G_N_ELEMENTS (languages); l++)
    for (guint i = 0; i < SIGHEJ_PHRASE_VOCABULARY; i++)
      {
        const char *word = sighej_phrase_get_word ((guint8) i, languages[l]);

        g_assert_cmpint (g_utf8_strlen (word, -1), >=, 3);
        g_assert_cmpint (g_utf8_strlen (word, -1), <=, 10);
        for (const char *c = word; *c != '\0'; c = g_utf8_next_char (c))
          g_assert_true (g_unichar_islower (g_utf8_get_char (c)));
        for (guint j = 0; j < i; j++)
          assert_told_apart (word, sighej_phrase_get_word ((guint8) j, languages[l]));
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/phrase/vectors", test_vectors);
  g_test_add_func ("/phrase/commit-opens-with-nothing-else", test_commit_opens_with_nothing_else);
  g_test_add_func ("/phrase/promise-is-kept-by-nothing-else", test_promise_is_kept_by_nothing_else);
  g_test_add_func ("/phrase/a-swapped-key-shows", test_a_swapped_key_shows);
  g_test_add_func ("/phrase/who-is-who-matters", test_who_is_who_matters);
  g_test_add_func ("/phrase/words-are-easily-told-apart", test_words_are_easily_told_apart);
  return g_test_run ();
}
