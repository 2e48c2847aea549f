/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-token.h"

static void
test_hex_there_and_back (void)
{
  char hex[SIGHEJ_TOKEN_HEX_CHARS + 1];
  SighejToken token;

  g_assert_true (sighej_token_from_hex ("b4b57748198574854a05", &token));
  g_assert_cmpuint (token.bytes[0], ==, 0xb4);
  sighej_token_to_hex (&token, hex);
  g_assert_cmpstr (hex, ==, "b4b57748198574854a05");
}

static void
test_refuses_other_text (void)
{
  static const char *const bad[] = {
    "",
    "b4b57748198574854a0",
    "b4b57748198574854a055",
    "B4B57748198574854A05",
    "g4b57748198574854a05",
    " b4b57748198574854a0",
  };
  SighejToken token = { { 1 } };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (sighej_token_from_hex (bad[i], &token));
  g_assert_cmpuint (token.bytes[0], ==, 1);
}

static void
test_equality_looks_at_every_byte (void)
{
  SighejToken a = { { 0 } };

  for (gsize i = 0; i < SIGHEJ_TOKEN_BYTES; i++)
    {
      SighejToken b = { { 0 } };

      g_assert_true (sighej_token_equal (&a, &b));
      b.bytes[i] = 1;
      g_assert_false (sighej_token_equal (&a, &b));
      g_assert_cmpuint (sighej_token_hash (&a), !=, sighej_token_hash (&b));
    }
}

static void
test_redacted_shows_four_digits (void)
{
  SighejToken token;
  char text[8];

  g_assert_true (sighej_token_from_hex ("b4b57748198574854a05", &token));
  sighej_token_redact (&token, text);
  g_assert_cmpstr (text, ==, "b4b5\xe2\x80\xa6");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/token/hex-there-and-back", test_hex_there_and_back);
  g_test_add_func ("/token/refuses-other-text", test_refuses_other_text);
  g_test_add_func ("/token/equality-looks-at-every-byte", test_equality_looks_at_every_byte);
  g_test_add_func ("/token/redacted-shows-four-digits", test_redacted_shows_four_digits);
  return g_test_run ();
}
