/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "sighej-wire.h"

#define SEED "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define KEY "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"
#define OPENING "00112233445566778899aabbccddeeff"
#define UUID "0f8fad5b-d9cb-469f-a165-70867728950e"
#define TOKEN "b4b57748198574854a05"
#define TOKEN_64 "0123456789ABCDEFabcdef_-0123456789ABCDEFabcdef_-0123456789ABCDEF"
#define NOON_US (G_GINT64_CONSTANT (1767268800) * G_USEC_PER_SEC) /* 2026-01-01T12:00:00Z */

typedef struct
{
  const char *text;
  int code;
} Bad;

/* ---- POST /session ---- */

static SighejWireSessionRequest *
read_request (const char *text)
{
  g_autoptr (GError) error = NULL;
  SighejWireSessionRequest *request
      = sighej_wire_session_request_read (text, strlen (text), &error);

  g_assert_no_error (error);
  return request;
}

static void
test_session_request_as_first_published (void)
{
  static const char *const interests[] = { "devops", "hardstyle", NULL };
  g_autoptr (SighejWireSessionRequest) request
      = read_request ("{\"ble_token\":\"" TOKEN "\",\"interests\":[\"devops\",\"hardstyle\"]}");
  g_autofree char *text = sighej_wire_session_request_write (request);

  g_assert_cmpstr (request->ble_token, ==, TOKEN);
  g_assert_cmpstrv (request->interests, interests);
  g_assert_false (request->has_seed);
  g_assert_false (request->has_public_key);
  g_assert_false (request->has_opening_id);
  g_assert_cmpuint (request->expires_in_s, ==, 0);
  g_assert_cmpstr (
      text, ==, "{\"ble_token\":\"" TOKEN "\",\"interests\":[\"devops\",\"hardstyle\"]}");
}

static void
test_session_request_with_everything (void)
{
  static const char text[] = "{\"ble_token\":\"" TOKEN_64 "\",\"interests\":[\"devops\"],"
                             "\"token_seed\":\"" SEED "\",\"public_key\":\"" KEY "\","
                             "\"opening_id\":\"" OPENING "\",\"expires_in\":7200}";
  g_autoptr (SighejWireSessionRequest) request = read_request (text);
  g_autofree char *again = sighej_wire_session_request_write (request);

  g_assert_true (request->has_seed);
  g_assert_cmpuint (request->token_seed[31], ==, 31);
  g_assert_true (request->has_public_key);
  g_assert_cmpuint (request->public_key[0], ==, 0x85);
  g_assert_true (request->has_opening_id);
  g_assert_cmpuint (request->opening_id[15], ==, 0xff);
  g_assert_cmpuint (request->expires_in_s, ==, 7200);
  g_assert_cmpstr (again, ==, text);
}

/* @n_tags of them, the last one as given. */
static char *
make_avoiding (guint n_tags, const char *last)
{
  g_autoptr (GString) text
      = g_string_new ("{\"ble_token\":\"a\",\"interests\":[\"x\"],\"avoid\":[");

  for (guint i = 0; i + 1 < n_tags; i++)
    g_string_append_printf (text, "\"%032x\",", i);
  g_string_append_printf (text, "%s]}", last);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
test_session_request_with_avoid_tags (void)
{
  g_autofree char *text = make_avoiding (SIGHEJ_AVOID_TAGS, "\"" OPENING "\"");
  g_autoptr (SighejWireSessionRequest) request = read_request (text);
  g_autofree char *again = sighej_wire_session_request_write (request);

  g_assert_true (request->has_avoid);
  g_assert_cmpuint (request->avoid[62][15], ==, 62);
  g_assert_cmpuint (request->avoid[63][1], ==, 0x11);
  g_assert_cmpstr (again, ==, text);
}

static void
test_session_request_refuses_other_avoid_tags (void)
{
  static const struct
  {
    guint n_tags;
    const char *last;
  } bad[] = {
    { 1, "\"" OPENING "\"" },
    { SIGHEJ_AVOID_TAGS - 1, "\"" OPENING "\"" },
    { SIGHEJ_AVOID_TAGS + 1, "\"" OPENING "\"" },
    { SIGHEJ_AVOID_TAGS, "\"" OPENING "0\"" },
    { SIGHEJ_AVOID_TAGS, "\"00112233445566778899AABBCCDDEEFF\"" },
    { SIGHEJ_AVOID_TAGS, "null" },
    { SIGHEJ_AVOID_TAGS, "7" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *text = make_avoiding (bad[i].n_tags, bad[i].last);
      g_autoptr (GError) error = NULL;

      g_assert_null (sighej_wire_session_request_read (text, strlen (text), &error));
      g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_REQUEST);
    }
}

static void
test_session_request_ignores_the_unknown (void)
{
  g_autoptr (SighejWireSessionRequest) request
      = read_request ("{\"new\":{\"a\":[1]},\"ble_token\":\"a\",\"interests\":[\"x\"]}");

  g_assert_cmpstr (request->ble_token, ==, "a");
}

static void
test_session_request_trims_and_escapes (void)
{
  g_autoptr (SighejWireSessionRequest) request
      = read_request ("{\"ble_token\":\"a\",\"interests\":[\" \\u00a0\\u00e6bler \\t\","
                      "\"say \\\"hi\\\" \\\\o/\"]}");
  g_autofree char *text = sighej_wire_session_request_write (request);

  g_assert_cmpstr (request->interests[0],
                   ==,
                   "\xc3\xa6"
                   "bler");
  g_assert_cmpstr (text,
                   ==,
                   "{\"ble_token\":\"a\",\"interests\":[\"\xc3\xa6"
                   "bler\","
                   "\"say \\\"hi\\\" \\\\o/\"]}");
}

#define WITH(members) "{\"ble_token\":\"a\",\"interests\":[\"x\"]," members "}"
#define INTERESTS(list) "{\"ble_token\":\"a\",\"interests\":" list "}"

static const Bad bad_requests[] = {
  { "", SIGHEJ_ERROR_INVALID_REQUEST },
  { "[]", SIGHEJ_ERROR_INVALID_REQUEST },
  { "{}", SIGHEJ_ERROR_INVALID_REQUEST },
  { "{\"ble_token\":\"a\"}", SIGHEJ_ERROR_INVALID_REQUEST },
  { "{\"interests\":[\"x\"]}", SIGHEJ_ERROR_INVALID_REQUEST },
  { "{\"ble_token\":\"\",\"interests\":[\"x\"]}", SIGHEJ_ERROR_INVALID_REQUEST },
  { "{\"ble_token\":\"a b\",\"interests\":[\"x\"]}", SIGHEJ_ERROR_INVALID_REQUEST },
  { "{\"ble_token\":\"" TOKEN_64 "0\",\"interests\":[\"x\"]}", SIGHEJ_ERROR_INVALID_REQUEST },
  { "{\"ble_token\":1,\"interests\":[\"x\"]}", SIGHEJ_ERROR_INVALID_REQUEST },
  { "{\"ble_token\":null,\"interests\":[\"x\"]}", SIGHEJ_ERROR_INVALID_REQUEST },
  { "{\"ble_token\":\"\\u00e6\",\"interests\":[\"x\"]}", SIGHEJ_ERROR_INVALID_REQUEST },
  { INTERESTS ("\"x\""), SIGHEJ_ERROR_INVALID_REQUEST },
  { INTERESTS ("[1]"), SIGHEJ_ERROR_INVALID_REQUEST },
  { INTERESTS ("[null]"), SIGHEJ_ERROR_INVALID_REQUEST },
  { INTERESTS ("[]"), SIGHEJ_ERROR_INVALID_INTEREST },
  { INTERESTS ("[\"\"]"), SIGHEJ_ERROR_INVALID_INTEREST },
  { INTERESTS ("[\" \\u2003 \"]"), SIGHEJ_ERROR_INVALID_INTEREST },
  { INTERESTS ("[\"a\\nb\"]"), SIGHEJ_ERROR_INVALID_INTEREST },
  { INTERESTS ("[\"12345678901234567890123456789012345678901\"]"), SIGHEJ_ERROR_INVALID_INTEREST },
  { INTERESTS ("[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"10\",\"11\",\"12\","
               "\"13\",\"14\",\"15\",\"16\",\"17\",\"18\",\"19\",\"20\",\"21\"]"),
    SIGHEJ_ERROR_INVALID_INTEREST },
  { WITH ("\"token_seed\":\"00\""), SIGHEJ_ERROR_INVALID_REQUEST },
  { WITH ("\"token_seed\":\"" SEED "00\""), SIGHEJ_ERROR_INVALID_REQUEST },
  { WITH ("\"token_seed\":7"), SIGHEJ_ERROR_INVALID_REQUEST },
  { WITH ("\"public_key\":\"8520F0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a\""),
    SIGHEJ_ERROR_INVALID_REQUEST },
  { WITH ("\"opening_id\":null"), SIGHEJ_ERROR_INVALID_REQUEST },
  { WITH ("\"avoid\":[]"), SIGHEJ_ERROR_INVALID_REQUEST },
  { WITH ("\"avoid\":\"" OPENING "\""), SIGHEJ_ERROR_INVALID_REQUEST },
  { WITH ("\"avoid\":null"), SIGHEJ_ERROR_INVALID_REQUEST },
  { WITH ("\"expires_in\":299"), SIGHEJ_ERROR_INVALID_REQUEST },
  { WITH ("\"expires_in\":7201"), SIGHEJ_ERROR_INVALID_REQUEST },
  { WITH ("\"expires_in\":-600"), SIGHEJ_ERROR_INVALID_REQUEST },
  { WITH ("\"expires_in\":600.5"), SIGHEJ_ERROR_INVALID_REQUEST },
  { WITH ("\"expires_in\":\"600\""), SIGHEJ_ERROR_INVALID_REQUEST },
};

static void
test_session_request_refuses (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (bad_requests); i++)
    {
      g_autoptr (GError) error = NULL;
      const char *text = bad_requests[i].text;

      g_test_message ("%s", text);
      g_assert_null (sighej_wire_session_request_read (text, strlen (text), &error));
      g_assert_error (error, SIGHEJ_ERROR, bad_requests[i].code);
    }
}

static void
test_session_request_takes_the_limits (void)
{
  g_autoptr (GString) text = g_string_new ("{\"ble_token\":\"a\",\"interests\":[");
  g_autoptr (SighejWireSessionRequest) request = NULL;

  for (int i = 0; i < SIGHEJ_WIRE_INTERESTS_MAX; i++)
    {
      g_string_append (text, i > 0 ? ",\"" : "\"");
      for (int j = 0; j < SIGHEJ_WIRE_INTEREST_CHARS_MAX; j++)
        g_string_append (text, "\xf0\x9f\x98\x80");
      g_string_append_c (text, '"');
    }
  g_string_append (text, "],\"expires_in\":300}");
  request = read_request (text->str);
  g_assert_cmpuint (g_strv_length (request->interests), ==, SIGHEJ_WIRE_INTERESTS_MAX);
  g_assert_cmpuint (request->expires_in_s, ==, 300);
}

static void
test_session_answer_there_and_back (void)
{
  static const char text[] = "{\"session_id\":\"" UUID "\",\"expires_at\":\"2026-01-01T12:00:00Z\","
                             "\"session_secret\":\"c2VjcmV0\"}";
  g_autoptr (GError) error = NULL;
  g_autoptr (SighejWireSessionAnswer) answer
      = sighej_wire_session_answer_read (text, strlen (text), &error);
  g_autofree char *again = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (answer->session_id, ==, UUID);
  g_assert_cmpint (answer->expires_at_us, ==, NOON_US);
  g_assert_cmpstr (answer->session_secret, ==, "c2VjcmV0");
  again = sighej_wire_session_answer_write (answer);
  g_assert_cmpstr (again, ==, text);
}

static void
test_session_answer_without_secret (void)
{
  SighejWireSessionAnswer answer = { UUID, NOON_US + 999999, NULL };
  g_autofree char *text = sighej_wire_session_answer_write (&answer);
  g_autoptr (SighejWireSessionAnswer) again
      = sighej_wire_session_answer_read (text, strlen (text), NULL);

  g_assert_cmpstr (
      text, ==, "{\"session_id\":\"" UUID "\",\"expires_at\":\"2026-01-01T12:00:00Z\"}");
  g_assert_null (again->session_secret);
  g_assert_cmpint (again->expires_at_us, ==, NOON_US);
}

static void
test_session_answer_refuses (void)
{
  static const char *const bad[] = {
    "{}",
    "{\"session_id\":\"x\",\"expires_at\":\"2026-01-01T12:00:00Z\"}",
    "{\"session_id\":\"" UUID "\"}",
    "{\"session_id\":\"" UUID "\",\"expires_at\":\"2026-01-01T12:00:00\"}",
    "{\"session_id\":\"" UUID "\",\"expires_at\":\"2026-01-01T12:00:00+01:00\"}",
    "{\"session_id\":\"" UUID "\",\"expires_at\":\"soon Z\"}",
    "{\"session_id\":\"" UUID "\",\"expires_at\":1767268800}",
    "{\"session_id\":\"" UUID "\",\"expires_at\":\"0001-01-01T12:00:00Z\"}",
    "{\"session_id\":\"" UUID "\",\"expires_at\":\"2026-01-01T12:00:00Z\",\"session_secret\":\"\"}",
    "{\"session_id\":\"" UUID "\",\"expires_at\":\"2026-01-01T12:00:00Z\","
    "\"session_secret\":\"a b\"}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (sighej_wire_session_answer_read (bad[i], strlen (bad[i]), &error));
      g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_REQUEST);
    }
}

/* ---- POST /match ---- */

static void
test_match_request (void)
{
  static const char good[] = "{\"own_token\":\"a\",\"detected_token\":\"b\"}";
  static const char *const bad[] = {
    "{\"own_token\":\"a\"}",
    "{\"detected_token\":\"b\"}",
    "{\"own_token\":\"a\",\"detected_token\":\"b/c\"}",
    "{\"own_token\":[],\"detected_token\":\"b\"}",
  };
  SighejWireMatchRequest request;

  g_assert_true (sighej_wire_match_request_read (good, strlen (good), &request, NULL));
  g_assert_cmpstr (request.own_token, ==, "a");
  g_assert_cmpstr (request.detected_token, ==, "b");
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (sighej_wire_match_request_read (bad[i], strlen (bad[i]), &request, &error));
      g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_REQUEST);
    }
}

static void
test_match_answers (void)
{
  static const char *const shared[] = { "devops", "hardstyle", NULL };
  static const char no_match[] = "{\"match\":false,\"shared_interests\":[],\"nudge_sent\":false}";
  g_autofree char *match = sighej_wire_match_answer_write (TRUE, shared, TRUE);
  g_autofree char *none = sighej_wire_match_answer_write (FALSE, NULL, FALSE);
  g_autofree char *none_whatever = sighej_wire_match_answer_write (FALSE, shared, TRUE);

  g_assert_cmpstr (match,
                   ==,
                   "{\"match\":true,\"shared_interests\":[\"devops\",\"hardstyle\"],"
                   "\"nudge_sent\":true}");
  g_assert_cmpstr (none, ==, no_match);
  g_assert_cmpstr (none_whatever, ==, no_match);
}

/* ---- WebSocket ---- */

static void
test_client_messages_there_and_back (void)
{
  static const struct
  {
    const char *text;
    SighejWireClientType type;
    guint64 number;
  } cases[] = {
    { "{\"type\":\"auth\",\"secret\":\"c2VjcmV0\"}", SIGHEJ_WIRE_AUTH, 0 },
    { "{\"type\":\"sighting\",\"id\":3,\"detected_token\":\"" TOKEN "\"}",
      SIGHEJ_WIRE_SIGHTING,
      3 },
    { "{\"type\":\"ack\",\"seq\":7}", SIGHEJ_WIRE_ACK, 7 },
    { "{\"type\":\"resume\",\"after\":9007199254740991}",
      SIGHEJ_WIRE_RESUME,
      G_GUINT64_CONSTANT (9007199254740991) },
    { "{\"type\":\"ping\"}", SIGHEJ_WIRE_PING, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      SighejWireClientMessage message;
      g_autofree char *again = NULL;

      sighej_wire_client_message_read (cases[i].text, strlen (cases[i].text), &message, &error);
      g_assert_no_error (error);
      g_assert_cmpint (message.type, ==, cases[i].type);
      g_assert_cmpuint (message.number, ==, cases[i].number);
      again = sighej_wire_client_message_write (&message);
      g_assert_cmpstr (again, ==, cases[i].text);
    }
}

static void
test_client_messages_refused (void)
{
  static const char *const bad[] = {
    "{}",
    "{\"type\":1}",
    "{\"type\":\"nudge\"}",
    "{\"type\":\"Ping\"}",
    "{\"type\":\"auth\"}",
    "{\"type\":\"auth\",\"secret\":\"\"}",
    "{\"type\":\"auth\",\"secret\":\"" TOKEN_64 "x\"}",
    "{\"type\":\"sighting\",\"id\":3}",
    "{\"type\":\"sighting\",\"id\":-3,\"detected_token\":\"a\"}",
    "{\"type\":\"sighting\",\"detected_token\":\"a\"}",
    "{\"type\":\"ack\",\"seq\":1.5}",
    "{\"type\":\"ack\",\"seq\":9007199254740992}",
    "{\"type\":\"resume\",\"after\":\"6\"}",
    "{\"type\":\"resume\"}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      SighejWireClientMessage message;

      g_assert_false (sighej_wire_client_message_read (bad[i], strlen (bad[i]), &message, &error));
      g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_REQUEST);
    }
}

static const char *const server_messages[] = {
  "{\"type\":\"nudge\",\"id\":\"" OPENING "\",\"seq\":7,\"shared_interests\":[\"devops\","
  "\"hardstyle\"],\"message\":\"Someone nearby shares your interest in devops and hardstyle.\"}",
  "{\"type\":\"snapshot\",\"state\":\"active\",\"expires_at\":\"2026-01-01T12:00:00Z\",\"seq\":4}",
  "{\"type\":\"session\",\"state\":\"expired\"}",
  "{\"type\":\"sighting_result\",\"id\":3,\"match\":false,\"shared_interests\":[],"
  "\"nudge_sent\":false}",
  "{\"type\":\"sighting_result\",\"id\":4,\"match\":true,\"shared_interests\":[\"a \\\"b\\\"\"],"
  "\"nudge_sent\":true}",
  "{\"type\":\"error\",\"code\":\"unavailable\",\"message\":\"too many sightings wait\"}",
  "{\"type\":\"error\",\"code\":\"rate_limited\",\"message\":\"try again in 3 seconds\","
  "\"retry_after\":3}",
  "{\"type\":\"pong\"}",
};

static void
test_server_messages_there_and_back (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (server_messages); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (SighejWireServerMessage) message = sighej_wire_server_message_read (
          server_messages[i], strlen (server_messages[i]), &error);
      g_autofree char *again = NULL;

      g_assert_no_error (error);
      again = sighej_wire_server_message_write (message);
      g_assert_cmpstr (again, ==, server_messages[i]);
    }
}

static void
test_server_messages_refused (void)
{
  static const Bad bad[] = {
    { "{}", SIGHEJ_ERROR_INVALID_REQUEST },
    { "{\"type\":\"wave\"}", SIGHEJ_ERROR_NOT_SUPPORTED },
    { "{\"type\":\"session\"}", SIGHEJ_ERROR_INVALID_REQUEST },
    { "{\"type\":\"session\",\"state\":\"EXPIRED\"}", SIGHEJ_ERROR_INVALID_REQUEST },
    { "{\"type\":\"nudge\",\"seq\":7,\"shared_interests\":[\"a\"],\"message\":\"m\"}",
      SIGHEJ_ERROR_INVALID_REQUEST },
    { "{\"type\":\"nudge\",\"id\":\"00\",\"seq\":7,\"shared_interests\":[\"a\"],\"message\":\"m\"}",
      SIGHEJ_ERROR_INVALID_REQUEST },
    { "{\"type\":\"nudge\",\"id\":\"" OPENING "\",\"seq\":7,\"shared_interests\":[],"
      "\"message\":\"m\"}",
      SIGHEJ_ERROR_INVALID_REQUEST },
    { "{\"type\":\"nudge\",\"id\":\"" OPENING "\",\"seq\":7,\"shared_interests\":[\"1\",\"2\","
      "\"3\",\"4\",\"5\",\"6\"],\"message\":\"m\"}",
      SIGHEJ_ERROR_INVALID_REQUEST },
    { "{\"type\":\"nudge\",\"id\":\"" OPENING "\",\"seq\":7,\"shared_interests\":[\"a\\u0007\"],"
      "\"message\":\"m\"}",
      SIGHEJ_ERROR_INVALID_REQUEST },
    { "{\"type\":\"sighting_result\",\"id\":3,\"match\":0,\"shared_interests\":[],"
      "\"nudge_sent\":false}",
      SIGHEJ_ERROR_INVALID_REQUEST },
    { "{\"type\":\"error\",\"code\":\"x\",\"message\":\"\"}", SIGHEJ_ERROR_INVALID_REQUEST },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", bad[i].text);
      g_assert_null (sighej_wire_server_message_read (bad[i].text, strlen (bad[i].text), &error));
      g_assert_error (error, SIGHEJ_ERROR, bad[i].code);
    }
}

/* What we write of any text, we read as the same text. */
static void
test_strings_survive_writing (void)
{
  GString *text = g_string_new (NULL);
  g_autofree char *expected = NULL;
  char *shared[2] = { NULL };
  SighejWireServerMessage message = { SIGHEJ_WIRE_SIGHTING_RESULT, .match = TRUE };
  g_autofree char *json = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonArray *array;

  for (gunichar c = 1; c < 0x180; c++)
    g_string_append_unichar (text, c);
  g_string_append_unichar (text, 0x1f600);
  expected = g_string_free (text, FALSE);
  shared[0] = expected;
  message.shared_interests = shared;

  json = sighej_wire_server_message_write (&message);
  node = sighej_json_parse_object (json, strlen (json), NULL);
  g_assert_nonnull (node);
  array = json_object_get_array_member (json_node_get_object (node), "shared_interests");
  g_assert_cmpstr (json_array_get_string_element (array, 0), ==, expected);
}

static void
test_nudge_sentences (void)
{
  static const struct
  {
    const char *shared[4];
    const char *sentence;
  } cases[] = {
    { { "devops" }, "Someone nearby shares your interest in devops." },
    { { "devops", "hardstyle" }, "Someone nearby shares your interest in devops and hardstyle." },
    { { "a", "b", "c" }, "Someone nearby shares your interest in a, b and c." },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *sentence = sighej_wire_nudge_sentence (cases[i].shared);

      g_assert_cmpstr (sentence, ==, cases[i].sentence);
    }
}

static void
test_token_syntax (void)
{
  g_assert_true (sighej_wire_is_token ("a"));
  g_assert_true (sighej_wire_is_token (TOKEN_64));
  g_assert_false (sighej_wire_is_token (""));
  g_assert_false (sighej_wire_is_token (TOKEN_64 "a"));
  g_assert_false (sighej_wire_is_token ("a.b"));
  g_assert_false (sighej_wire_is_token ("a\n"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/token-syntax", test_token_syntax);
  g_test_add_func ("/wire/session-request/as-first-published",
                   test_session_request_as_first_published);
  g_test_add_func ("/wire/session-request/with-everything", test_session_request_with_everything);
  g_test_add_func ("/wire/session-request/with-avoid-tags", test_session_request_with_avoid_tags);
  g_test_add_func ("/wire/session-request/refuses-other-avoid-tags",
                   test_session_request_refuses_other_avoid_tags);
  g_test_add_func ("/wire/session-request/ignores-the-unknown",
                   test_session_request_ignores_the_unknown);
  g_test_add_func ("/wire/session-request/trims-and-escapes",
                   test_session_request_trims_and_escapes);
  g_test_add_func ("/wire/session-request/refuses", test_session_request_refuses);
  g_test_add_func ("/wire/session-request/takes-the-limits", test_session_request_takes_the_limits);
  g_test_add_func ("/wire/session-answer/there-and-back", test_session_answer_there_and_back);
  g_test_add_func ("/wire/session-answer/without-secret", test_session_answer_without_secret);
  g_test_add_func ("/wire/session-answer/refuses", test_session_answer_refuses);
  g_test_add_func ("/wire/match/request", test_match_request);
  g_test_add_func ("/wire/match/answers", test_match_answers);
  g_test_add_func ("/wire/client/there-and-back", test_client_messages_there_and_back);
  g_test_add_func ("/wire/client/refused", test_client_messages_refused);
  g_test_add_func ("/wire/server/there-and-back", test_server_messages_there_and_back);
  g_test_add_func ("/wire/server/refused", test_server_messages_refused);
  g_test_add_func ("/wire/strings-survive-writing", test_strings_survive_writing);
  g_test_add_func ("/wire/nudge-sentences", test_nudge_sentences);
  return g_test_run ();
}
