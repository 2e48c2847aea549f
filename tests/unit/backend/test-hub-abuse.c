/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <sys/socket.h>

#include <string.h>

#include "hub-fixture.h"
#include "sighej-peer-sightings.h"
#include "sighej-test.h"

/* Clients that break RFC 6455 or our bounds (SECURITY-DESIGN ). */

#define MS_US ((gint64) 1000)

static WsClient *
connect_anna (HubFixture *fixture)
{
  Person anna = { 0 };

  hub_fixture_open (fixture, &anna);
  return hub_fixture_connect_person (fixture, &anna);
}

static void
assert_forgotten (HubFixture *fixture)
{
  hub_fixture_advance (fixture, SIGHEJ_PEER_DRAIN_MS * MS_US);
  g_assert_cmpuint (sighej_hub_get_n_sockets (fixture->hub), ==, 0);
}

static void
test_violations (HubFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *what;
    guint8 first;
    const char *payload;
    guint code;
  } cases[] = {
    { "binary", 0x82, "{\"type\":\"ping\"}", 1003 },
    { "not UTF-8", 0x81, "{\"type\":\"\xc3\x28\"}", 1007 },
    { "reserved bit of permessage-deflate", 0xc1, "x", 1002 },
    { "unknown opcode", 0x83, "x", 1002 },
    { "unknown control opcode", 0x8b, "x", 1002 },
    { "fragmented ping", 0x09, "x", 1002 },
    { "continuation of nothing", 0x80, "x", 1002 },
    { "close with half a code", 0x88, "\x03", 1002 },
    { "close with a code of nobody", 0x88, "\x07\xd0", 1002 },
    { "close with a reason that is not UTF-8", 0x88, "\x03\xe8\xff", 1007 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (WsClient) client = connect_anna (fixture);

      g_test_message ("%s", cases[i].what);
      ws_client_send (client, cases[i].first, cases[i].payload, strlen (cases[i].payload));
      ws_client_expect_close (client, cases[i].code);
    }
  assert_forgotten (fixture);
}

static void
test_unmasked (HubFixture *fixture, gconstpointer data)
{
  static const guint8 unmasked[] = { 0x81, 0x02, '{', '}' };
  g_autoptr (WsClient) client = connect_anna (fixture);

  ws_client_send_raw (client, unmasked, sizeof unmasked);
  ws_client_expect_close (client, 1002);
}

static void
test_violation_before_the_proof (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) client = NULL;

  hub_fixture_open (fixture, &anna);
  client = hub_fixture_connect (fixture, anna.token, NULL, SIGHEJ_HUB_RELIABLE);
  ws_client_send (client, 0x82, "x", 1);
  ws_client_expect_close (client, 1003);
}

static void
test_message_of_any_size (HubFixture *fixture, gconstpointer data)
{
  g_autoptr (WsClient) client = connect_anna (fixture);
  g_autofree char *most = g_strnfill (4097, ' ');

  memcpy (most, "{\"type\":\"ping\"}", strlen ("{\"type\":\"ping\"}"));
  ws_client_send (client, 0x81, most, 4096);
  ws_client_skip (client, SIGHEJ_WIRE_PONG);
  ws_client_send (client, 0x81, most, 4097);
  ws_client_expect_close (client, 1009);
}

/* The header alone says that it is too long: not a byte of it is waited for. */
static void
test_promise_of_too_much (HubFixture *fixture, gconstpointer data)
{
  static const guint8 header[] = { 0x81, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4 };
  g_autoptr (WsClient) client = connect_anna (fixture);

  ws_client_send_raw (client, header, sizeof header);
  ws_client_expect_close (client, 1009);
}

static void
test_fragments (HubFixture *fixture, gconstpointer data)
{
  g_autoptr (WsClient) client = connect_anna (fixture);
  g_autofree WsFrame *frame = g_new (WsFrame, 1);

  ws_client_send (client, 0x01, "{\"type\":", 8);
  ws_client_send (client, 0x89, "between", 7);
  ws_client_send (client, 0x00, "\"ping", 5);
  g_assert_true (ws_client_next (client, frame));
  g_assert_cmpuint (frame->opcode, ==, 0xa);
  g_assert_cmpstr (frame->payload, ==, "between");
  ws_client_expect_nothing (client);
  ws_client_send (client, 0x80, "\"}", 2);
  ws_client_skip (client, SIGHEJ_WIRE_PONG);
}

/* Sends the frame again and again: the server soon has had enough, and does not read on. */
static void
flood (WsClient *client, guint8 first, const void *payload, gsize n_payload)
{
  gsize n_taken = 0;

  while (ws_client_send (client, first, payload, n_payload))
    {
      n_taken += 6 + n_payload;
      g_assert_cmpuint (n_taken, <, 1024 * 1024);
    }
}

static void
expect_last_word (WsClient *client, guint code)
{
  g_autofree WsFrame *frame = g_new (WsFrame, 1);

  do
    g_assert_true (ws_client_next (client, frame));
  while (frame->opcode != 0x8);
  g_assert_cmpuint ((guint8) frame->payload[0] * 256u + (guint8) frame->payload[1], ==, code);
  g_assert_false (ws_client_next (client, frame));
}

static void
test_flood_of_fragments (HubFixture *fixture, gconstpointer data)
{
  g_autoptr (WsClient) client = connect_anna (fixture);
  g_autoptr (WsClient) empty = connect_anna (fixture);

  ws_client_send (client, 0x01, "x", 1);
  flood (client, 0x00, "0123456789", 10);
  expect_last_word (client, 1009);
  ws_client_send (empty, 0x01, NULL, 0);
  flood (empty, 0x00, NULL, 0);
  expect_last_word (empty, 1009);
  assert_forgotten (fixture);
}

static void
test_flood_of_pings (HubFixture *fixture, gconstpointer data)
{
  g_autoptr (WsClient) client = connect_anna (fixture);

  flood (client, 0x89, "0123456789", 10);
  expect_last_word (client, 1009);
  assert_forgotten (fixture);
}

static void
test_flood_of_messages (HubFixture *fixture, gconstpointer data)
{
  g_autoptr (WsClient) client = connect_anna (fixture);
  g_autofree char *spaces = g_strnfill (4000, ' ');

  memcpy (spaces, "{\"type\":\"ack\",\"seq\":0}", strlen ("{\"type\":\"ack\",\"seq\":0}"));
  flood (client, 0x81, spaces, 4000);
  expect_last_word (client, 1008);
  assert_forgotten (fixture);
}

static void
on_done (const GError *error, gpointer user_data)
{
  g_assert_no_error (error);
}

/* The close is ours, and the client does not care. */
static void
test_flood_behind_a_polite_close (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) client = NULL;

  hub_fixture_open (fixture, &anna);
  client = hub_fixture_connect_person (fixture, &anna);
  sighej_service_end_session (fixture->service, anna.id, on_done, NULL);
  flood (client, 0x81, "{\"type\":\"ping\"}", strlen ("{\"type\":\"ping\"}"));
  expect_last_word (client, 1000);
  g_assert_cmpuint (sighej_hub_get_n_sockets (fixture->hub), ==, 0);
}

/* The same bytes in peace are welcome. */
static void
test_much_in_a_long_time (HubFixture *fixture, gconstpointer data)
{
  g_autoptr (WsClient) client = connect_anna (fixture);
  g_autofree char *spaces = g_strnfill (4000, ' ');

  memcpy (spaces, "{\"type\":\"ping\"}", strlen ("{\"type\":\"ping\"}"));
  for (guint i = 0; i < 60; i++)
    {
      ws_client_send (client, 0x81, spaces, 4000);
      ws_client_skip (client, SIGHEJ_WIRE_PONG);
      sighej_test_clock_advance (fixture->clock, 1000 * MS_US);
      if (i % 20 == 19)
        {
          g_autofree WsFrame *frame = g_new (WsFrame, 1);

          g_assert_true (ws_client_next (client, frame));
          g_assert_cmpuint (frame->opcode, ==, 0x9);
        }
    }
}

/* Who floods on behind our last word is not read for long. */
static void
test_flood_behind_the_close (HubFixture *fixture, gconstpointer data)
{
  g_autoptr (WsClient) client = connect_anna (fixture);
  static const guint8 rubbish[4096];
  gsize n_taken = 0;

  ws_client_send (client, 0x82, "x", 1);
  sighej_test_settle ();
  while (n_taken < 16 * 1024 * 1024 && ws_client_send_raw (client, rubbish, sizeof rubbish))
    n_taken += sizeof rubbish;
  g_assert_cmpuint (n_taken, <, 1024 * 1024);
  assert_forgotten (fixture);
}

static void
test_wrong_messages_are_answered (HubFixture *fixture, gconstpointer data)
{
  static const char *const messages[]
      = { "",
          "null",
          "[]",
          "{}",
          "{\"type\":3}",
          "{\"type\":\"dance\"}",
          "{\"type\":\"ack\"}",
          "{\"type\":\"ack\",\"seq\":-1}",
          "{\"type\":\"ack\",\"seq\":1e99}",
          "{\"type\":\"ack\",\"seq\":\"1\"}",
          "{\"type\":\"sighting\",\"id\":1}",
          "{\"type\":\"sighting\",\"id\":1,\"detected_token\":\"\"}",
          "{\"type\":\"sighting\",\"id\":1,\"detected_token\":\"a b\"}",
          "{\"type\":\"resume\",\"after\":null}",
          "{\"type\":\"ping\"} {\"type\":\"ping\"}",
          "{\"type\":\"ping\",\"type\":\"ping\"}" };
  g_autoptr (WsClient) client = connect_anna (fixture);

  for (gsize i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      g_test_message ("%s", messages[i]);
      ws_client_text (client, "%s", messages[i]);
      ws_client_expect_error (client, "invalid_request");
    }
  ws_client_text (client, "{\"type\":\"ping\"}");
  ws_client_skip (client, SIGHEJ_WIRE_PONG);
}

static void
test_deep_json (HubFixture *fixture, gconstpointer data)
{
  g_autoptr (WsClient) client = connect_anna (fixture);
  g_autofree char *brackets = g_strnfill (4000, '[');

  ws_client_text (client, "%s", brackets);
  ws_client_expect_error (client, "invalid_request");
  ws_client_text (client, "{\"type\":\"ping\"}");
  ws_client_skip (client, SIGHEJ_WIRE_PONG);
}

static void
test_pings (HubFixture *fixture, gconstpointer data)
{
  g_autoptr (WsClient) client = connect_anna (fixture);
  g_autofree WsFrame *frame = g_new (WsFrame, 1);
  g_autofree char *most = g_strnfill (125, 'p');

  ws_client_send (client, 0x89, most, 125);
  g_assert_true (ws_client_next (client, frame));
  g_assert_cmpuint (frame->opcode, ==, 0xa);
  g_assert_cmpstr (frame->payload, ==, most);
  /* a pong that nobody asked for */
  ws_client_send (client, 0x8a, "x", 1);
  ws_client_expect_nothing (client);
}

/* Ten messages a second, a hundred at once; the socket stays, and time heals it. */
static void
test_too_many_messages (HubFixture *fixture, gconstpointer data)
{
  g_autoptr (WsClient) client = connect_anna (fixture);

  for (guint i = 0; i < 50; i++)
    {
      ws_client_text (client, "{\"type\":\"ping\"}");
      ws_client_skip (client, SIGHEJ_WIRE_PONG);
      ws_client_text (client, "nonsense");
      ws_client_expect_error (client, "invalid_request");
    }
  ws_client_text (client, "{\"type\":\"ping\"}");
  ws_client_expect_error (client, "rate_limited");
  hub_fixture_advance (fixture, 1000 * MS_US);
  for (guint i = 0; i < 10; i++)
    {
      ws_client_text (client, "{\"type\":\"ping\"}");
      ws_client_skip (client, SIGHEJ_WIRE_PONG);
    }
  ws_client_text (client, "{\"type\":\"ping\"}");
  ws_client_expect_error (client, "rate_limited");
}

/* More sightings than the store answers: refused one by one, and the rest still works. */
static void
test_too_many_pending (HubFixture *fixture, gconstpointer data)
{
  g_autoptr (WsClient) client = connect_anna (fixture);

  slow_store_hold (fixture->store);
  for (guint i = 0; i < SIGHEJ_PEER_SIGHTINGS_MAX; i++)
    ws_client_text (client, "{\"type\":\"sighting\",\"id\":%u,\"detected_token\":\"x\"}", i);
  ws_client_expect_nothing (client);
  ws_client_text (client, "{\"type\":\"sighting\",\"id\":999,\"detected_token\":\"x\"}");
  ws_client_expect_error (client, "unavailable");
  slow_store_release (fixture->store);
  for (guint i = 0; i < SIGHEJ_PEER_SIGHTINGS_MAX; i++)
    ws_client_skip (client, SIGHEJ_WIRE_SIGHTING_RESULT);
}

/* What the kernel still held would reset the connection, and the close frame might be lost. */
static void
test_an_end_behind_unanswered_messages_is_clean (HubFixture *fixture, gconstpointer data)
{
  static const guint8 answer[] = { 0x88, 0x02, 0x03, 0xe8 };
  g_autoptr (WsClient) client = connect_anna (fixture);
  guint8 buffer[64];

  for (guint i = 0; i < 3; i++)
    {
      ws_client_text (client, "{\"type\":\"ack\",\"seq\":0}");
      ws_client_expect_nothing (client);
    }
  ws_client_send (client, 0x88, "\x03\xe8", 2);
  sighej_test_settle ();
  g_assert_cmpmem (
      buffer, (gsize) recv (client->fd, buffer, sizeof buffer, 0), answer, sizeof answer);
  g_assert_cmpint (recv (client->fd, buffer, sizeof buffer, 0), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) hub_test_add ("/hub/abuse/" path, SIGHEJ_AUTH_BEARER, function)
  ADD ("violations-are-closed-with-their-code", test_violations);
  ADD ("unmasked-frames-are-refused", test_unmasked);
  ADD ("violations-before-the-proof", test_violation_before_the_proof);
  ADD ("messages-have-4096-bytes-at-most", test_message_of_any_size);
  ADD ("too-much-is-refused-from-its-header", test_promise_of_too_much);
  ADD ("fragments-are-joined", test_fragments);
  ADD ("flood-of-fragments", test_flood_of_fragments);
  ADD ("flood-of-pings", test_flood_of_pings);
  ADD ("flood-of-messages", test_flood_of_messages);
  ADD ("flood-behind-a-polite-close", test_flood_behind_a_polite_close);
  ADD ("much-in-a-long-time-is-welcome", test_much_in_a_long_time);
  ADD ("flood-behind-the-close", test_flood_behind_the_close);
  ADD ("wrong-messages-are-answered-and-the-socket-stays", test_wrong_messages_are_answered);
  ADD ("deep-json-is-answered-and-the-socket-stays", test_deep_json);
  ADD ("answers-pings", test_pings);
  ADD ("an-end-behind-unanswered-messages-is-clean",
       test_an_end_behind_unanswered_messages_is_clean);
  hub_test_add ("/hub/abuse/bounds-the-messages-a-second",
                SIGHEJ_AUTH_BEARER | HUB_FIXTURE_LIMITED,
                test_too_many_messages);
  ADD ("bounds-the-sightings-that-wait", test_too_many_pending);
#undef ADD
  return g_test_run ();
}
