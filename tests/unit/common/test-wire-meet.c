/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "sighej-crypto.h"
#include "sighej-wire.h"

#define NUDGE "00112233445566778899aabbccddeeff"
#define KEY "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"
#define COMMIT "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define NONCE "ffeeddccbbaa99887766554433221100"
#define ASK(act) "{\"type\":\"meet\",\"id\":7,\"nudge\":\"" NUDGE "\",\"act\":" act "}"
#define STATE                                                                                      \
  "\"handle\":12,\"peer_handle\":77,\"cue\":501,\"spot\":2,\"own_here\":false,"                    \
  "\"peer_here\":true,\"confirmed\":false,\"own_share\":true,\"peer_share\":false,"                \
  "\"sharing\":false,\"peer_there\":true,"
#define MEET(state, members)                                                                       \
  "{\"type\":\"meet\",\"nudge\":\"" NUDGE "\",\"version\":9,\"state\":\"" state "\"" members "}"
#define PLACE "\"lat\":55.6760968,\"lon\":-12.5683371,\"accuracy\":4.5"

/* ---- what a daemon asks ---- */

/* Every act as it is on the wire, to the byte. */
static const char *const acts[] = {
  ASK ("\"wave\",\"ticket\":\"t-_9\",\"key\":\"" KEY "\""),
  ASK ("\"wave\",\"ticket\":\"t\",\"key\":\"" KEY "\",\"commit\":\"" COMMIT "\""),
  ASK ("\"withdraw\""),
  ASK ("\"resume\",\"ticket\":\"t\",\"after\":41"),
  ASK ("\"spot\",\"spot\":7"),
  ASK ("\"here\""),
  ASK ("\"closest\""),
  ASK ("\"confirm\""),
  ASK ("\"end\""),
  ASK ("\"share\",\"on\":true"),
  ASK ("\"position\"," PLACE ",\"taken\":1767268800123"),
  ASK ("\"say\",\"n\":5,\"kind\":\"part\",\"body\":\"AAEC_w\""),
  ASK ("\"ack\",\"n\":9007199254740991"),
  ASK ("\"block\",\"ticket\":\"t\""),
  ASK ("\"reveal\",\"key\":\"" KEY "\",\"nonce\":\"" NONCE "\""),
};

static void
test_acts_come_back_to_the_byte (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (acts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (SighejWireMeet) meet = sighej_wire_meet_read (acts[i], strlen (acts[i]), &error);
      g_autofree char *again = NULL;

      g_assert_no_error (error);
      again = sighej_wire_meet_write (meet);
      g_assert_cmpstr (again, ==, acts[i]);
      g_assert_cmpuint (meet->id, ==, 7);
      g_assert_cmpstr (meet->nudge_id, ==, NUDGE);
    }
}

static void
test_acts_mean_what_they_say (void)
{
  g_autoptr (SighejWireMeet) say = sighej_wire_meet_read (acts[11], strlen (acts[11]), NULL);
  g_autoptr (SighejWireMeet) place = sighej_wire_meet_read (acts[10], strlen (acts[10]), NULL);
  g_autoptr (SighejWireMeet) wave = sighej_wire_meet_read (acts[1], strlen (acts[1]), NULL);

  g_assert_cmpint (say->act, ==, SIGHEJ_MEET_SAY);
  g_assert_cmpuint (say->number, ==, 5);
  g_assert_cmpint (say->kind, ==, SIGHEJ_TALK_PART);
  g_assert_cmpmem (g_bytes_get_data (say->body, NULL), 4, "\x00\x01\x02\xff", 4);
  g_assert_cmpfloat (place->position.longitude, ==, -12.5683371);
  g_assert_cmpint (place->position.taken_us, ==, G_GINT64_CONSTANT (1767268800123000));
  g_assert_true (wave->has_public_key);
  g_assert_true (wave->has_commit);
  g_assert_cmpuint (wave->commit[31], ==, 31);
}

static const char *const bad_acts[] = {
  "",
  "{}",
  "{\"type\":\"meat\",\"id\":7,\"nudge\":\"" NUDGE "\",\"act\":\"end\"}",
  "{\"type\":\"meet\",\"nudge\":\"" NUDGE "\",\"act\":\"end\"}",
  "{\"type\":\"meet\",\"id\":-1,\"nudge\":\"" NUDGE "\",\"act\":\"end\"}",
  "{\"type\":\"meet\",\"id\":9007199254740992,\"nudge\":\"" NUDGE "\",\"act\":\"end\"}",
  "{\"type\":\"meet\",\"id\":7,\"act\":\"end\"}",
  "{\"type\":\"meet\",\"id\":7,\"nudge\":\"00\",\"act\":\"end\"}",
  "{\"type\":\"meet\",\"id\":7,\"nudge\":\"00112233445566778899AABBCCDDEEFF\",\"act\":\"end\"}",
  ASK ("\"there\""),
  ASK ("\"away\""),
  ASK ("\"\""),
  ASK ("7"),
  ASK ("\"wave\",\"key\":\"" KEY "\""),
  ASK ("\"wave\",\"ticket\":\"t\""),
  ASK ("\"wave\",\"ticket\":\"\",\"key\":\"" KEY "\""),
  ASK ("\"wave\",\"ticket\":\"a b\",\"key\":\"" KEY "\""),
  ASK ("\"wave\",\"ticket\":\"t\",\"key\":\"00\""),
  ASK ("\"wave\",\"ticket\":\"t\",\"key\":\"" KEY "\",\"commit\":7"),
  ASK ("\"resume\",\"ticket\":\"t\""),
  ASK ("\"resume\",\"after\":1"),
  ASK ("\"spot\""),
  ASK ("\"spot\",\"spot\":8"),
  ASK ("\"spot\",\"spot\":-1"),
  ASK ("\"spot\",\"spot\":1.5"),
  ASK ("\"share\",\"on\":1"),
  ASK ("\"position\",\"lat\":1,\"lon\":2,\"accuracy\":3"),
  ASK ("\"position\",\"lat\":\"1\",\"lon\":2,\"accuracy\":3,\"taken\":4"),
  ASK ("\"position\",\"lat\":1,\"lon\":null,\"accuracy\":3,\"taken\":4"),
  ASK ("\"position\",\"lat\":1e7,\"lon\":2,\"accuracy\":3,\"taken\":4"),
  ASK ("\"position\",\"lat\":1e999,\"lon\":2,\"accuracy\":3,\"taken\":4"),
  ASK ("\"position\",\"lat\":1,\"lon\":2,\"accuracy\":3,\"taken\":-4"),
  ASK ("\"say\",\"n\":1,\"kind\":\"text\""),
  ASK ("\"say\",\"n\":1,\"kind\":\"text\",\"body\":\"\""),
  ASK ("\"say\",\"n\":1,\"kind\":\"text\",\"body\":\"A\""),
  ASK ("\"say\",\"n\":1,\"kind\":\"text\",\"body\":\"AB\""),
  ASK ("\"say\",\"n\":1,\"kind\":\"text\",\"body\":\"AA==\""),
  ASK ("\"say\",\"n\":1,\"kind\":\"text\",\"body\":\"A+/A\""),
  ASK ("\"say\",\"n\":1,\"kind\":\"text\",\"body\":\"A A A\""),
  ASK ("\"say\",\"n\":1,\"kind\":\"shout\",\"body\":\"AA\""),
  ASK ("\"say\",\"kind\":\"text\",\"body\":\"AA\""),
  ASK ("\"ack\""),
  ASK ("\"block\""),
  ASK ("\"reveal\",\"key\":\"" KEY "\""),
  ASK ("\"reveal\",\"nonce\":\"" NONCE "\""),
};

static void
test_acts_are_strict (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (bad_acts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", bad_acts[i]);
      g_assert_null (sighej_wire_meet_read (bad_acts[i], strlen (bad_acts[i]), &error));
      g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_REQUEST);
    }
}

static SighejWireMeet *
say (gsize n_bytes)
{
  SighejWireMeet *meet = g_new0 (SighejWireMeet, 1);

  g_strlcpy (meet->nudge_id, NUDGE, sizeof meet->nudge_id);
  meet->id = G_GUINT64_CONSTANT (9007199254740991);
  meet->act = SIGHEJ_MEET_SAY;
  meet->number = meet->id;
  meet->body = g_bytes_new_take (g_malloc0 (n_bytes), n_bytes);
  return meet;
}

static void
test_a_whole_body_fits_and_a_byte_more_does_not (void)
{
  g_autoptr (SighejWireMeet) whole = say (SIGHEJ_WIRE_TALK_BYTES_MAX);
  g_autoptr (SighejWireMeet) more = say (SIGHEJ_WIRE_TALK_BYTES_MAX + 1);
  g_autofree char *text = sighej_wire_meet_write (whole);
  g_autofree char *longer = sighej_wire_meet_write (more);
  g_autoptr (SighejWireMeet) again = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (strlen (text), <, SIGHEJ_WIRE_MESSAGE_BYTES_MAX);
  again = sighej_wire_meet_read (text, strlen (text), &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (again->body, whole->body));
  g_assert_null (sighej_wire_meet_read (longer, strlen (longer), &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_REQUEST);
}

static void
test_messages_have_an_end (void)
{
  g_autofree char *filler = g_strnfill (SIGHEJ_WIRE_MESSAGE_BYTES_MAX, 'x');
  g_autofree char *text = g_strconcat ("{\"type\":\"meet\",\"id\":1,\"nudge\":\"" NUDGE
                                       "\",\"act\":\"end\",\"new\":\"",
                                       filler,
                                       "\"}",
                                       NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (sighej_wire_meet_read (text, strlen (text), &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_REQUEST);
}

/* The hub reads the id first, so that it can answer whatever is wrong with the rest. */
static void
test_the_id_is_read_apart (void)
{
  static const char text[] = "{\"type\":\"meet\",\"id\":7,\"act\":false}";
  SighejWireClientMessage message;
  g_autoptr (GError) error = NULL;

  g_assert_true (sighej_wire_client_message_read (text, strlen (text), &message, &error));
  g_assert_no_error (error);
  g_assert_cmpint (message.type, ==, SIGHEJ_WIRE_ASK_MEET);
  g_assert_cmpuint (message.number, ==, 7);
}

/* ---- pairing codes ---- */

static void
test_code_requests (void)
{
  static const char code[] = "{\"type\":\"code\",\"id\":3,\"commit\":\"" COMMIT "\"}";
  static const char pair[] = "{\"type\":\"pair\",\"id\":4,\"code\":\"001234567890\","
                             "\"key\":\"" KEY "\",\"nonce\":\"" NONCE "\"}";
  static const char *const bad_pairs[] = {
    "{\"type\":\"pair\",\"id\":4,\"key\":\"" KEY "\",\"nonce\":\"" NONCE "\"}",
    "{\"type\":\"pair\",\"id\":4,\"code\":\"12345678901\",\"key\":\"" KEY "\",\"nonce\":\"" NONCE
    "\"}",
    "{\"type\":\"pair\",\"id\":4,\"code\":\"12345678901x\",\"key\":\"" KEY "\",\"nonce\":\"" NONCE
    "\"}",
    "{\"type\":\"pair\",\"id\":4,\"code\":\"123456789012\",\"key\":\"" KEY "\"}",
    "{\"type\":\"pair\",\"code\":\"123456789012\",\"key\":\"" KEY "\",\"nonce\":\"" NONCE "\"}",
  };
  SighejWireCodeRequest code_request;
  SighejWirePairRequest pair_request;
  g_autofree char *code_again = NULL;
  g_autofree char *pair_again = NULL;

  g_assert_true (sighej_wire_code_request_read (code, strlen (code), &code_request, NULL));
  code_again = sighej_wire_code_request_write (&code_request);
  g_assert_cmpstr (code_again, ==, code);
  g_assert_true (sighej_wire_pair_request_read (pair, strlen (pair), &pair_request, NULL));
  pair_again = sighej_wire_pair_request_write (&pair_request);
  g_assert_cmpstr (pair_again, ==, pair);
  g_assert_false (sighej_wire_code_request_read (pair, strlen (pair), &code_request, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (bad_pairs); i++)
    g_assert_false (
        sighej_wire_pair_request_read (bad_pairs[i], strlen (bad_pairs[i]), &pair_request, NULL));
}

/* ---- what a backend says ---- */

static const char *const answers[] = {
  "{\"type\":\"meet_result\",\"id\":7,\"ok\":true}",
  "{\"type\":\"meet_result\",\"id\":7,\"ok\":false,\"code\":\"conflict\",\"message\":\"no\"}",
  "{\"type\":\"meet_result\",\"id\":7,\"ok\":false,\"code\":\"rate_limited\",\"message\":\"no\","
  "\"retry_after\":9}",
  MEET ("ended", ""),
  MEET ("agreed", "," STATE "\"expires_in_ms\":1200000,\"said\":4"),
  MEET ("met",
        "," STATE "\"position\":{" PLACE ",\"age_ms\":1500},\"expires_in_ms\":0,"
        "\"peer_key\":\"" KEY "\",\"peer_nonce\":\"" NONCE "\",\"said\":0"),
  "{\"type\":\"talk\",\"nudge\":\"" NUDGE "\",\"n\":5,\"kind\":\"note\",\"body\":\"AAEC_w\"}",
  "{\"type\":\"code\",\"id\":3,\"code\":\"001234567890\",\"expires_in\":300}",
  "{\"type\":\"pair\",\"id\":4,\"nudge\":\"" NUDGE "\",\"ticket\":\"t\",\"commit\":\"" COMMIT "\"}",
  "{\"type\":\"paired\",\"nudge\":\"" NUDGE "\",\"ticket\":\"t\",\"peer_key\":\"" KEY
  "\",\"peer_nonce\":\"" NONCE "\"}",
  "{\"type\":\"nudge\",\"id\":\"" NUDGE "\",\"seq\":1,\"shared_interests\":[\"devops\"],"
  "\"message\":\"hi\",\"ticket\":\"t\",\"peer_key\":\"" KEY "\"}",
};

static void
test_answers_come_back_to_the_byte (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (SighejWireServerMessage) message
          = sighej_wire_server_message_read (answers[i], strlen (answers[i]), &error);
      g_autofree char *again = NULL;

      g_assert_no_error (error);
      again = sighej_wire_server_message_write (message);
      g_assert_cmpstr (again, ==, answers[i]);
    }
}

static void
test_a_view_means_what_it_says (void)
{
  g_autoptr (SighejWireServerMessage) message
      = sighej_wire_server_message_read (answers[5], strlen (answers[5]), NULL);
  g_autoptr (SighejWireServerMessage) ended
      = sighej_wire_server_message_read (answers[3], strlen (answers[3]), NULL);
  const SighejWireMeetState *meet = message->meet;

  g_assert_cmpint (meet->state, ==, SIGHEJ_MEET_STATE_MET);
  g_assert_cmpuint (meet->version, ==, 9);
  g_assert_cmpuint (meet->cue, ==, 501);
  g_assert_cmpint (meet->spot, ==, 2);
  g_assert_true (meet->peer_here);
  g_assert_false (meet->own_here);
  g_assert_true (meet->has_position);
  g_assert_cmpfloat (meet->position.latitude, ==, 55.6760968);
  g_assert_cmpuint (meet->position_age_ms, ==, 1500);
  g_assert_true (meet->has_peer_nonce);
  g_assert_cmpint (ended->meet->state, ==, SIGHEJ_MEET_STATE_ENDED);
  g_assert_cmpint (ended->meet->spot, ==, -1);
}

static const char *const bad_answers[] = {
  "{\"type\":\"meet_result\",\"id\":7}",
  "{\"type\":\"meet_result\",\"ok\":true}",
  "{\"type\":\"meet_result\",\"id\":7,\"ok\":false,\"code\":\"conflict\"}",
  "{\"type\":\"meet_result\",\"id\":7,\"ok\":false,\"message\":\"no\"}",
  "{\"type\":\"meet_result\",\"id\":7,\"ok\":false,\"code\":\"a\",\"message\":\"b\","
  "\"retry_after\":0}",
  MEET ("agreed", ""),
  MEET ("expired", ""),
  MEET ("waved", ""),
  MEET ("agreed", "," STATE "\"said\":4"),
  MEET ("agreed", "," STATE "\"expires_in_ms\":1200000"),
  MEET ("agreed", "," STATE "\"expires_in_ms\":1200000,\"said\":4,\"position\":7"),
  MEET ("agreed", "," STATE "\"expires_in_ms\":1200000,\"said\":4,\"position\":{" PLACE "}"),
  MEET ("agreed", "," STATE "\"expires_in_ms\":1200000,\"said\":4,\"peer_key\":\"00\""),
  "{\"type\":\"meet\",\"nudge\":\"" NUDGE "\",\"state\":\"ended\"}",
  "{\"type\":\"talk\",\"nudge\":\"" NUDGE "\",\"n\":5,\"kind\":\"note\"}",
  "{\"type\":\"code\",\"id\":3,\"code\":\"1\",\"expires_in\":300}",
  "{\"type\":\"code\",\"id\":3,\"code\":\"001234567890\",\"expires_in\":3601}",
  "{\"type\":\"pair\",\"id\":4,\"nudge\":\"" NUDGE "\",\"ticket\":\"t\"}",
  "{\"type\":\"pair\",\"nudge\":\"" NUDGE "\",\"ticket\":\"t\",\"commit\":\"" COMMIT "\"}",
  "{\"type\":\"paired\",\"nudge\":\"" NUDGE "\",\"ticket\":\"t\",\"peer_key\":\"" KEY "\"}",
};

static void
test_answers_are_strict (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (bad_answers); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", bad_answers[i]);
      g_assert_null (
          sighej_wire_server_message_read (bad_answers[i], strlen (bad_answers[i]), &error));
      g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_REQUEST);
    }
}

static void
test_errors_survive_the_way (void)
{
  for (int code = 0; code < SIGHEJ_N_ERRORS; code++)
    {
      g_autoptr (GError) error = g_error_new_literal (SIGHEJ_ERROR, code, "why");
      g_autoptr (SighejWireMeetResult) result = sighej_wire_meet_result_new (3, error);
      g_autoptr (GError) again = sighej_wire_meet_result_to_error (result);

      g_assert_cmpuint (result->id, ==, 3);
      g_assert_error (again, SIGHEJ_ERROR, code);
      g_assert_cmpstr (again->message, ==, "why");
    }
}

static void
test_an_unknown_code_is_a_failure (void)
{
  SighejWireMeetResult result = { .code = (char *) "of_tomorrow", .message = (char *) "why" };
  g_autoptr (GError) error = sighej_wire_meet_result_to_error (&result);

  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_FAILED);
}

/* ---- base64url ---- */

static void
test_base64url_has_one_spelling (void)
{
  guint8 data[70];

  sighej_random_bytes (data, sizeof data);
  for (gsize n = 1; n <= sizeof data; n++)
    {
      g_autofree char *text = sighej_base64url_encode (data, n);
      g_autoptr (GBytes) again = sighej_base64url_decode (text, n);
      g_autofree char *padded = g_strconcat (text, "=", NULL);

      g_assert_nonnull (again);
      g_assert_cmpmem (g_bytes_get_data (again, NULL), g_bytes_get_size (again), data, n);
      g_assert_null (sighej_base64url_decode (text, n - 1));
      g_assert_null (sighej_base64url_decode (padded, sizeof data));
    }
  g_assert_null (sighej_base64url_decode ("", 10));
  g_assert_null (sighej_base64url_decode ("A", 10));
  g_assert_null (sighej_base64url_decode ("AB", 10));
  g_assert_null (sighej_base64url_decode ("A\nA", 10));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire-meet/acts-come-back-to-the-byte", test_acts_come_back_to_the_byte);
  g_test_add_func ("/wire-meet/acts-mean-what-they-say", test_acts_mean_what_they_say);
  g_test_add_func ("/wire-meet/acts-are-strict", test_acts_are_strict);
  g_test_add_func ("/wire-meet/a-whole-body-fits-and-a-byte-more-does-not",
                   test_a_whole_body_fits_and_a_byte_more_does_not);
  g_test_add_func ("/wire-meet/messages-have-an-end", test_messages_have_an_end);
  g_test_add_func ("/wire-meet/the-id-is-read-apart", test_the_id_is_read_apart);
  g_test_add_func ("/wire-meet/code-requests", test_code_requests);
  g_test_add_func ("/wire-meet/answers-come-back-to-the-byte", test_answers_come_back_to_the_byte);
  g_test_add_func ("/wire-meet/a-view-means-what-it-says", test_a_view_means_what_it_says);
  g_test_add_func ("/wire-meet/answers-are-strict", test_answers_are_strict);
  g_test_add_func ("/wire-meet/errors-survive-the-way", test_errors_survive_the_way);
  g_test_add_func ("/wire-meet/an-unknown-code-is-a-failure", test_an_unknown_code_is_a_failure);
  g_test_add_func ("/wire-meet/base64url-has-one-spelling", test_base64url_has_one_spelling);
  return g_test_run ();
}
