/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-crypto.h"
#include "sighej-payload.h"

#define SERVICE_DATA_AT (2 + SIGHEJ_UUID_BYTES)
#define REALM 0x35

typedef struct
{
  const char *token;
  guint8 realm_of_example;
  SighejPayloadFlags flags;
  gint8 tx_cal_dbm;
  const char *ad;
} Vector;

/* BLE 2 and 3. */
static const Vector vectors[] = {
  { "b4b57748198574854a05",
    REALM,
    SIGHEJ_PAYLOAD_OPEN,
    -59,
    "1e214a4548474953849e694c0e5bd2c1f7a31135c5b4b57748198574854a05" },
  { "b595a65733e10dad510c",
    REALM,
    SIGHEJ_PAYLOAD_KIOSK,
    -65,
    "1e214a4548474953849e694c0e5bd2c1f7a31235bfb595a65733e10dad510c" },
};

static SighejPayload
vector_payload (const Vector *vector)
{
  SighejPayload payload = { vector->flags, vector->realm_of_example, vector->tx_cal_dbm };

  g_assert_true (sighej_token_from_hex (vector->token, &payload.token));
  return payload;
}

static void
test_realms (void)
{
  g_assert_cmphex (sighej_payload_realm ("sighej.example"), ==, 0x35);
  g_assert_cmphex (sighej_payload_realm ("localhost"), ==, 0x92);
  g_assert_cmphex (sighej_payload_realm ("SigHej.Example"), ==, 0x35);
}

static void
test_whole_ad_structures (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (vectors); i++)
    {
      SighejPayload payload = vector_payload (&vectors[i]);
      guint8 ad[SIGHEJ_AD_BYTES];
      char hex[2 * SIGHEJ_AD_BYTES + 1];
      SighejPayload decoded;

      sighej_payload_encode_ad (&payload, ad);
      sighej_hex_encode (ad, sizeof ad, hex);
      g_assert_cmpstr (hex, ==, vectors[i].ad);

      g_assert_cmpint (
          sighej_payload_decode (ad + SERVICE_DATA_AT, SIGHEJ_PAYLOAD_BYTES, REALM, &decoded),
          ==,
          SIGHEJ_PAYLOAD_ACCEPTED);
      g_assert_cmpint (decoded.flags, ==, payload.flags);
      g_assert_cmpint (decoded.tx_cal_dbm, ==, payload.tx_cal_dbm);
      g_assert_true (sighej_token_equal (&decoded.token, &payload.token));
    }
}

static void
test_sender_rounds_calibration (void)
{
  static const struct
  {
    gint8 asked;
    gint8 sent;
  } cases[] = {
    { -128, -71 }, { -71, -71 }, { -70, -71 }, { -69, -68 }, { -60, -59 }, { -58, -59 },
    { -57, -56 },  { -51, -50 }, { -50, -50 }, { -20, -50 }, { 127, -50 },
  };
  SighejPayload payload = vector_payload (&vectors[0]);
  guint8 out[SIGHEJ_PAYLOAD_BYTES];

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      payload.tx_cal_dbm = cases[i].asked;
      sighej_payload_encode (&payload, out);
      g_assert_cmpint ((gint8) out[2], ==, cases[i].sent);
    }
}

static SighejPayloadVerdict
decode_with (gsize at, guint8 byte, gsize n_bytes)
{
  SighejPayload payload = vector_payload (&vectors[0]);
  SighejPayload out;
  guint8 data[SIGHEJ_PAYLOAD_BYTES + 1] = { 0 };

  sighej_payload_encode (&payload, data);
  data[at] = byte;
  return sighej_payload_decode (data, n_bytes, REALM, &out);
}

static void
test_receiver_says_why_it_drops (void)
{
  g_assert_cmpint (decode_with (0, 0x11, 12), ==, SIGHEJ_PAYLOAD_BAD_LENGTH);
  g_assert_cmpint (decode_with (0, 0x11, 14), ==, SIGHEJ_PAYLOAD_BAD_LENGTH);
  g_assert_cmpint (decode_with (0, 0x11, 0), ==, SIGHEJ_PAYLOAD_BAD_LENGTH);
  g_assert_cmpint (decode_with (0, 0x21, 13), ==, SIGHEJ_PAYLOAD_BAD_VERSION);
  g_assert_cmpint (decode_with (0, 0x01, 13), ==, SIGHEJ_PAYLOAD_BAD_VERSION);
  g_assert_cmpint (decode_with (0, 0x15, 13), ==, SIGHEJ_PAYLOAD_BAD_RESERVED);
  g_assert_cmpint (decode_with (0, 0x19, 13), ==, SIGHEJ_PAYLOAD_BAD_RESERVED);
  g_assert_cmpint (decode_with (0, 0x10, 13), ==, SIGHEJ_PAYLOAD_BAD_FLAGS);
  g_assert_cmpint (decode_with (0, 0x13, 13), ==, SIGHEJ_PAYLOAD_ACCEPTED);
  g_assert_cmpint (decode_with (1, 0x36, 13), ==, SIGHEJ_PAYLOAD_OTHER_REALM);
  g_assert_cmpint (decode_with (2, (guint8) -101, 13), ==, SIGHEJ_PAYLOAD_BAD_TX_CAL);
  g_assert_cmpint (decode_with (2, (guint8) -100, 13), ==, SIGHEJ_PAYLOAD_ACCEPTED);
  g_assert_cmpint (decode_with (2, (guint8) -20, 13), ==, SIGHEJ_PAYLOAD_ACCEPTED);
  g_assert_cmpint (decode_with (2, (guint8) -19, 13), ==, SIGHEJ_PAYLOAD_BAD_TX_CAL);
  g_assert_cmpint (decode_with (2, 127, 13), ==, SIGHEJ_PAYLOAD_BAD_TX_CAL);
}

/* What the rules of BLE 2 say of the first three bytes, written a second time. */
static gboolean
rules_accept (const guint8 *data)
{
  gboolean header_good = data[0] == 0x11 || data[0] == 0x12 || data[0] == 0x13;
  gint8 tx_cal_dbm = (gint8) data[2];

  return header_good && data[1] == REALM && tx_cal_dbm >= -100 && tx_cal_dbm <= -20;
}

static void
test_every_single_byte_corruption (void)
{
  guint n_dropped = 0;

  for (gsize at = 0; at < SIGHEJ_PAYLOAD_BYTES; at++)
    {
      for (guint byte = 0; byte <= G_MAXUINT8; byte++)
        {
          SighejPayload payload = vector_payload (&vectors[0]);
          guint8 data[SIGHEJ_PAYLOAD_BYTES];
          SighejPayload out;
          gboolean accepted;

          sighej_payload_encode (&payload, data);
          data[at] = (guint8) byte;
          accepted
              = sighej_payload_decode (data, sizeof data, REALM, &out) == SIGHEJ_PAYLOAD_ACCEPTED;
          g_assert_cmpint (accepted, ==, rules_accept (data));
          n_dropped += !accepted;
          if (accepted)
            g_assert_cmpmem (out.token.bytes, SIGHEJ_TOKEN_BYTES, data + 3, SIGHEJ_TOKEN_BYTES);
        }
    }
  g_assert_cmpuint (n_dropped, ==, (256 - 3) + (256 - 1) + (256 - 81));
}

static void
test_dropped_leaves_the_output_alone (void)
{
  SighejPayload out = { .realm = 7 };
  guint8 data[SIGHEJ_PAYLOAD_BYTES] = { 0 };

  g_assert_cmpint (
      sighej_payload_decode (data, sizeof data, REALM, &out), !=, SIGHEJ_PAYLOAD_ACCEPTED);
  g_assert_cmpuint (out.realm, ==, 7);
}

static void
test_every_verdict_has_its_word (void)
{
  g_autoptr (GHashTable) words = g_hash_table_new (g_str_hash, g_str_equal);

  for (int verdict = 0; verdict < SIGHEJ_PAYLOAD_N_VERDICTS; verdict++)
    {
      const char *word = sighej_payload_verdict_to_word ((SighejPayloadVerdict) verdict);

      g_assert_nonnull (word);
      g_assert_true (g_hash_table_add (words, (gpointer) word));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/payload/realms", test_realms);
  g_test_add_func ("/payload/whole-ad-structures", test_whole_ad_structures);
  g_test_add_func ("/payload/sender-rounds-calibration", test_sender_rounds_calibration);
  g_test_add_func ("/payload/receiver-says-why-it-drops", test_receiver_says_why_it_drops);
  g_test_add_func ("/payload/every-single-byte-corruption", test_every_single_byte_corruption);
  g_test_add_func ("/payload/dropped-leaves-the-output-alone",
                   test_dropped_leaves_the_output_alone);
  g_test_add_func ("/payload/every-verdict-has-its-word", test_every_verdict_has_its_word);
  return g_test_run ();
}
