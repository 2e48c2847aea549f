/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>
#include <sys/socket.h>

#include "hub-fixture.h"
#include "sighej-peer.h"
#include "sighej-test.h"

/* Who a socket is, how long it lives, and how it ends. */

#define MS_US ((gint64) 1000)
#define TICK_US (SIGHEJ_WHEEL_TICK_MS * MS_US)
#define CROWD 1000

static void
on_done (const GError *error, gpointer user_data)
{
  g_assert_no_error (error);
}

/* ---- proving ---- */

static void
test_secret_in_the_handshake (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) client = NULL;
  g_autoptr (SighejWireServerMessage) snapshot = NULL;

  hub_fixture_open (fixture, &anna);
  client = hub_fixture_connect (fixture, anna.token, anna.secret, SIGHEJ_HUB_RELIABLE);
  snapshot = ws_client_expect (client, SIGHEJ_WIRE_SNAPSHOT);
  g_assert_cmpstr (snapshot->state, ==, "active");
  g_assert_cmpuint (snapshot->seq, ==, 0);
  g_assert_cmpint (snapshot->expires_at_us,
                   ==,
                   sighej_clock_wall_us (SIGHEJ_CLOCK (fixture->clock)) + 7200 * SECOND_US);
  ws_client_expect_nothing (client);
}

static void
test_secret_in_the_first_message (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) client = NULL;

  hub_fixture_open (fixture, &anna);
  client = hub_fixture_connect (fixture, anna.token, NULL, SIGHEJ_HUB_RELIABLE);
  ws_client_expect_nothing (client);
  hub_fixture_advance (fixture, SIGHEJ_PEER_AUTH_MS * MS_US - TICK_US);
  ws_client_text (client, "{\"type\":\"auth\",\"secret\":\"%s\"}", anna.secret);
  ws_client_skip (client, SIGHEJ_WIRE_SNAPSHOT);
  ws_client_text (client, "{\"type\":\"auth\",\"secret\":\"%s\"}", anna.secret);
  ws_client_expect_error (client, "invalid_request");
  hub_fixture_advance (fixture, 2 * TICK_US);
  ws_client_expect_nothing (client);
}

static void
test_messages_behind_the_secret (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) client = NULL;

  hub_fixture_open (fixture, &anna);
  slow_store_hold (fixture->store);
  client = hub_fixture_connect (fixture, anna.token, NULL, SIGHEJ_HUB_RELIABLE);
  ws_client_text (client, "{\"type\":\"auth\",\"secret\":\"%s\"}", anna.secret);
  ws_client_text (client, "{\"type\":\"ping\"}");
  ws_client_expect_nothing (client);
  slow_store_release (fixture->store);
  ws_client_skip (client, SIGHEJ_WIRE_SNAPSHOT);
  ws_client_skip (client, SIGHEJ_WIRE_PONG);
}

/* One byte at a time: also the message that proves it. */
static void
test_secret_in_crumbs (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) client = NULL;
  g_autoptr (GByteArray) frame = g_byte_array_new ();
  g_autofree char *text = NULL;

  hub_fixture_open (fixture, &anna);
  client = hub_fixture_connect (fixture, anna.token, NULL, SIGHEJ_HUB_RELIABLE);
  text = g_strdup_printf ("{\"type\":\"auth\",\"secret\":\"%s\"}", anna.secret);
  g_assert_cmpuint (strlen (text), <, 126);
  g_byte_array_append (frame, (const guint8[]){ 0x81, 0x80 | (guint8) strlen (text) }, 2);
  g_byte_array_append (frame, (const guint8[]){ 0, 0, 0, 0 }, 4);
  g_byte_array_append (frame, (const guint8 *) text, (guint) strlen (text));
  for (guint i = 0; i < frame->len; i++)
    {
      g_assert_true (ws_client_send_raw (client, frame->data + i, 1));
      sighej_test_settle ();
    }
  ws_client_skip (client, SIGHEJ_WIRE_SNAPSHOT);
  ws_client_text (client, "{\"type\":\"ping\"}");
  ws_client_skip (client, SIGHEJ_WIRE_PONG);
}

static WsClient *
connect_with_early_bytes (HubFixture *fixture, const Person *person, guint n_pings)
{
  static const guint8 ping[] = { 0x89, 0x82, 0, 0, 0, 0, 'h', 'i' };
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GBytes) early = NULL;
  int fds[2];

  for (guint i = 0; i < n_pings; i++)
    g_byte_array_append (bytes, ping, sizeof ping);
  early = g_byte_array_free_to_bytes (g_steal_pointer (&bytes));
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), ==, 0);
  sighej_hub_adopt (
      fixture->hub, fds[0], early, person->token, person->secret, SIGHEJ_HUB_RELIABLE);
  return ws_client_new (fds[1]);
}

static void
test_bytes_behind_the_handshake (HubFixture *fixture, gconstpointer data)
{
  static const guint n_pings[] = { 1, 1500 };
  g_autofree WsFrame *frame = g_new (WsFrame, 1);
  Person anna = { 0 };

  hub_fixture_open (fixture, &anna);
  for (gsize i = 0; i < G_N_ELEMENTS (n_pings); i++)
    {
      g_autoptr (WsClient) client = connect_with_early_bytes (fixture, &anna, n_pings[i]);

      ws_client_skip (client, SIGHEJ_WIRE_SNAPSHOT);
      for (guint n = 0; n < n_pings[i]; n++)
        {
          g_assert_true (ws_client_next (client, frame));
          g_assert_cmpuint (frame->opcode, ==, 0xa);
          g_assert_cmpstr (frame->payload, ==, "hi");
        }
      ws_client_expect_nothing (client);
    }
}

static void
test_too_much_behind_the_handshake (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) client = NULL;

  hub_fixture_open (fixture, &anna);
  client = connect_with_early_bytes (fixture, &anna, 4000);
  ws_client_expect_close (client, 1009);
}

static void
test_says_nothing_within_five_seconds (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) client = NULL;

  hub_fixture_open (fixture, &anna);
  client = hub_fixture_connect (fixture, anna.token, NULL, SIGHEJ_HUB_RELIABLE);
  hub_fixture_nudge (fixture, &anna);
  hub_fixture_advance (fixture, SIGHEJ_PEER_AUTH_MS * MS_US - TICK_US);
  ws_client_expect_nothing (client);
  hub_fixture_advance (fixture, TICK_US);
  ws_client_expect_close (client, SIGHEJ_WIRE_CLOSE_UNAUTHORIZED);
}

static void
test_wrong_secrets (HubFixture *fixture, gconstpointer data)
{
  static const char *const first_messages[] = { "{\"type\":\"ping\"}",
                                                "{\"type\":\"auth\",\"secret\":\"wrong\"}",
                                                "{\"type\":\"auth\"}",
                                                "{\"type\":\"resume\",\"after\":0}",
                                                "hello" };
  Person anna = { 0 }, bob = { 0 };

  hub_fixture_open (fixture, &anna);
  hub_fixture_open (fixture, &bob);
  for (gsize i = 0; i < G_N_ELEMENTS (first_messages); i++)
    {
      g_autoptr (WsClient) client
          = hub_fixture_connect (fixture, anna.token, NULL, SIGHEJ_HUB_RELIABLE);

      ws_client_text (client, "%s", first_messages[i]);
      ws_client_expect_close (client, SIGHEJ_WIRE_CLOSE_UNAUTHORIZED);
    }
  for (gsize i = 0; i < 3; i++)
    {
      const char *secrets[] = { "", "wrong", bob.secret };
      g_autoptr (WsClient) client
          = hub_fixture_connect (fixture, anna.token, secrets[i], SIGHEJ_HUB_RELIABLE);

      hub_fixture_nudge (fixture, &anna);
      ws_client_expect_close (client, SIGHEJ_WIRE_CLOSE_UNAUTHORIZED);
    }
  g_assert_cmpuint (sighej_hub_get_n_sockets (fixture->hub), ==, 0);
}

static void
test_wrong_token (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) client = NULL;

  hub_fixture_open (fixture, &anna);
  client = hub_fixture_connect (fixture, "somebody-else", anna.secret, SIGHEJ_HUB_RELIABLE);
  ws_client_expect_close (client, SIGHEJ_WIRE_CLOSE_UNAUTHORIZED);
}

static void
test_store_is_away (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) client = NULL;

  hub_fixture_open (fixture, &anna);
  slow_store_break (fixture->store);
  client = hub_fixture_connect (fixture, anna.token, anna.secret, SIGHEJ_HUB_RELIABLE);
  ws_client_expect_close (client, 1013);
}

static void
test_legacy_token_is_enough (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) client = NULL;
  g_autoptr (WsClient) stranger = NULL;

  hub_fixture_open (fixture, &anna);
  client = hub_fixture_connect (fixture, anna.token, NULL, SIGHEJ_HUB_LEGACY);
  ws_client_expect_nothing (client);
  ws_client_text (client, "hello?");
  ws_client_expect_nothing (client);
  hub_fixture_nudge (fixture, &anna);
  ws_client_expect_nudge (client, 1);
  ws_client_expect_nothing (client);
  stranger = hub_fixture_connect (fixture, "nobody", NULL, SIGHEJ_HUB_LEGACY);
  ws_client_expect_close (stranger, SIGHEJ_WIRE_CLOSE_UNAUTHORIZED);
}

/* ---- how long ---- */

static void
answer_pings (HubFixture *fixture, WsClient *client, gint64 us)
{
  g_autofree WsFrame *frame = g_new (WsFrame, 1);

  for (; us > 0; us -= 5 * SECOND_US)
    {
      hub_fixture_advance (fixture, MIN (us, 5 * SECOND_US));
      while (ws_client_next (client, frame))
        {
          g_assert_cmpuint (frame->opcode, ==, 0x9);
          ws_client_send (client, 0x8a, frame->payload, frame->n_payload);
        }
      sighej_test_settle ();
    }
}

static void
test_expires_on_time (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) client = NULL;
  g_autoptr (SighejWireServerMessage) message = NULL;

  hub_fixture_open (fixture, &anna);
  hub_fixture_advance (fixture, 10 * SECOND_US);
  client = hub_fixture_connect_person (fixture, &anna);
  answer_pings (fixture, client, 7190 * SECOND_US - TICK_US);
  ws_client_expect_nothing (client);
  hub_fixture_advance (fixture, TICK_US);
  message = ws_client_expect (client, SIGHEJ_WIRE_SESSION);
  g_assert_cmpstr (message->state, ==, "expired");
  ws_client_expect_close (client, SIGHEJ_WIRE_CLOSE_EXPIRED);
}

static void
test_wall_clock_jumps_change_nothing (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) client = NULL;

  hub_fixture_open (fixture, &anna);
  client = hub_fixture_connect_person (fixture, &anna);
  sighej_test_clock_jump_wall (fixture->clock, 3600 * SECOND_US);
  answer_pings (fixture, client, 3600 * SECOND_US);
  sighej_test_clock_jump_wall (fixture->clock, -2 * 3600 * SECOND_US);
  answer_pings (fixture, client, 3600 * SECOND_US - TICK_US);
  ws_client_expect_nothing (client);
  hub_fixture_advance (fixture, TICK_US);
  ws_client_skip (client, SIGHEJ_WIRE_SESSION);
  ws_client_expect_close (client, SIGHEJ_WIRE_CLOSE_EXPIRED);
}

static void
test_delete_ends_its_sockets (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) first = NULL;
  g_autoptr (WsClient) second = NULL;
  g_autoptr (SighejWireServerMessage) message = NULL;

  hub_fixture_open (fixture, &anna);
  first = hub_fixture_connect_person (fixture, &anna);
  second = hub_fixture_connect_person (fixture, &anna);
  sighej_service_end_session (fixture->service, anna.id, on_done, NULL);
  message = ws_client_expect (first, SIGHEJ_WIRE_SESSION);
  g_assert_cmpstr (message->state, ==, "ended");
  ws_client_expect_close (first, 1000);
  ws_client_skip (second, SIGHEJ_WIRE_SESSION);
  ws_client_expect_close (second, 1000);
}

/* A session that ended while its socket was proving itself. */
static void
test_delete_overtakes_proof (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) client = NULL;

  hub_fixture_open (fixture, &anna);
  slow_store_hold (fixture->store);
  client = hub_fixture_connect (fixture, anna.token, anna.secret, SIGHEJ_HUB_RELIABLE);
  slow_store_answer (fixture->store); /* proved; now the outbox is read */
  sighej_service_end_session (fixture->service, anna.id, on_done, NULL);
  slow_store_release (fixture->store);
  ws_client_skip (client, SIGHEJ_WIRE_SNAPSHOT);
  ws_client_skip (client, SIGHEJ_WIRE_SESSION);
  ws_client_expect_close (client, 1000);
}

static void
test_third_socket_displaces_the_oldest (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) first = NULL;
  g_autoptr (WsClient) second = NULL;
  g_autoptr (WsClient) third = NULL;

  hub_fixture_open (fixture, &anna);
  first = hub_fixture_connect_person (fixture, &anna);
  second = hub_fixture_connect_person (fixture, &anna);
  ws_client_expect_nothing (first);
  third = hub_fixture_connect_person (fixture, &anna);
  ws_client_expect_close (first, SIGHEJ_WIRE_CLOSE_DISPLACED);
  ws_client_expect_nothing (second);
  ws_client_expect_nothing (third);
  g_assert_cmpuint (sighej_hub_get_n_sockets (fixture->hub), ==, 2);
}

static void
test_pings_and_drops_the_silent (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) client = NULL;
  g_autofree WsFrame *frame = g_new (WsFrame, 1);

  hub_fixture_open (fixture, &anna);
  client = hub_fixture_connect_person (fixture, &anna);
  for (guint i = 0; i < 3; i++)
    {
      hub_fixture_advance (fixture, SIGHEJ_PEER_PING_MS * MS_US - TICK_US);
      ws_client_expect_nothing (client);
      hub_fixture_advance (fixture, TICK_US);
      g_assert_true (ws_client_next (client, frame));
      g_assert_cmpuint (frame->opcode, ==, 0x9);
      ws_client_send (client, 0x8a, frame->payload, frame->n_payload);
      sighej_test_settle ();
    }
  /* from now on silent: two more pings, then nothing of it is left */
  hub_fixture_advance (fixture, SIGHEJ_PEER_SILENCE_MS * MS_US - TICK_US);
  g_assert_cmpuint (sighej_hub_get_n_sockets (fixture->hub), ==, 1);
  hub_fixture_advance (fixture, TICK_US);
  g_assert_cmpuint (sighej_hub_get_n_sockets (fixture->hub), ==, 0);
  g_assert_true (ws_client_next (client, frame));
  g_assert_true (ws_client_next (client, frame));
  ws_client_expect_dropped (client);
}

static guint
count_pinged (WsClient **clients, guint n_clients)
{
  guint n_pinged = 0;

  for (guint i = 0; i < n_clients; i++)
    {
      g_autofree WsFrame *frame = g_new (WsFrame, 1);

      if (!ws_client_next (clients[i], frame))
        continue;
      g_assert_cmpuint (frame->opcode, ==, 0x9);
      n_pinged++;
    }
  return n_pinged;
}

static void
test_pings_a_crowd_by_and_by (HubFixture *fixture, gconstpointer data)
{
  enum
  {
    N = 2 * SIGHEJ_PEER_PINGS_PER_TICK_MIN + 1
  };
  Person people[N] = { 0 };
  WsClient *clients[N];

  for (guint i = 0; i < N; i++)
    {
      hub_fixture_open (fixture, &people[i]);
      clients[i] = hub_fixture_connect_person (fixture, &people[i]);
    }
  hub_fixture_advance (fixture, SIGHEJ_PEER_PING_MS * MS_US);
  g_assert_cmpuint (count_pinged (clients, N), ==, SIGHEJ_PEER_PINGS_PER_TICK_MIN);
  hub_fixture_advance (fixture, TICK_US);
  g_assert_cmpuint (count_pinged (clients, N), ==, SIGHEJ_PEER_PINGS_PER_TICK_MIN);
  hub_fixture_advance (fixture, TICK_US);
  g_assert_cmpuint (count_pinged (clients, N), ==, 1);
  for (guint i = 0; i < N; i++)
    ws_client_free (clients[i]);
}

static void
test_client_closes (HubFixture *fixture, gconstpointer data)
{
  static const guint8 going_away[] = { 0x03, 0xe9, 'b', 'y', 'e' };
  Person anna = { 0 };
  g_autoptr (WsClient) client = NULL;
  g_autoptr (WsClient) bare = NULL;

  hub_fixture_open (fixture, &anna);
  client = hub_fixture_connect_person (fixture, &anna);
  bare = hub_fixture_connect_person (fixture, &anna);
  ws_client_send (client, 0x88, going_away, sizeof going_away);
  ws_client_expect_close (client, 1001);
  ws_client_send (bare, 0x88, NULL, 0);
  ws_client_expect_close (bare, 1000);
  g_assert_cmpuint (sighej_hub_get_n_sockets (fixture->hub), ==, 0);
}

/* Who does not answer our close frame is not waited for. */
static void
test_close_is_not_answered (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) client = NULL;

  hub_fixture_open (fixture, &anna);
  client = hub_fixture_connect_person (fixture, &anna);
  sighej_service_end_session (fixture->service, anna.id, on_done, NULL);
  hub_fixture_advance (fixture, SIGHEJ_PEER_DRAIN_MS * MS_US - TICK_US);
  g_assert_cmpuint (sighej_hub_get_n_sockets (fixture->hub), ==, 1);
  hub_fixture_advance (fixture, TICK_US);
  g_assert_cmpuint (sighej_hub_get_n_sockets (fixture->hub), ==, 0);
}

/* ---- the end of the hub ---- */

static void
on_drained (SighejHub *hub, guint *n_drained)
{
  (*n_drained)++;
}

static void
test_drains (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 }, bob = { 0 };
  g_autoptr (WsClient) proved = NULL;
  g_autoptr (WsClient) unproved = NULL;
  guint n_drained = 0;

  hub_fixture_open (fixture, &anna);
  hub_fixture_open (fixture, &bob);
  proved = hub_fixture_connect_person (fixture, &anna);
  unproved = hub_fixture_connect (fixture, bob.token, NULL, SIGHEJ_HUB_RELIABLE);
  g_signal_connect (fixture->hub, "drained", G_CALLBACK (on_drained), &n_drained);
  hub_fixture_nudge (fixture, &anna);
  sighej_hub_drain (fixture->hub);
  g_assert_cmpuint (n_drained, ==, 0);
  ws_client_expect_nudge (proved, 1);
  ws_client_expect_close (proved, 1012);
  g_assert_cmpuint (n_drained, ==, 0);
  ws_client_expect_close (unproved, 1012);
  sighej_test_settle ();
  g_assert_cmpuint (n_drained, ==, 1);
}

static void
test_drains_when_empty_and_when_deaf (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) client = NULL;
  guint n_drained = 0;

  hub_fixture_open (fixture, &anna);
  g_signal_connect (fixture->hub, "drained", G_CALLBACK (on_drained), &n_drained);
  sighej_hub_drain (fixture->hub);
  sighej_test_settle ();
  g_assert_cmpuint (n_drained, ==, 1);
  client = hub_fixture_connect (fixture, anna.token, anna.secret, SIGHEJ_HUB_RELIABLE);
  sighej_test_settle ();
  g_assert_cmpuint (n_drained, ==, 1);
  hub_fixture_advance (fixture, SIGHEJ_PEER_DRAIN_MS * MS_US);
  g_assert_cmpuint (n_drained, ==, 2);
}

/* A socket that comes while the hub drains hears its close and nothing behind it. */
static void
test_comes_while_draining (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 }, bob = { 0 };
  g_autoptr (WsClient) early = NULL;
  g_autoptr (WsClient) late = NULL;

  hub_fixture_open (fixture, &anna);
  hub_fixture_open (fixture, &bob);
  early = hub_fixture_connect_person (fixture, &anna);
  sighej_hub_drain (fixture->hub);
  late = hub_fixture_connect (fixture, bob.token, bob.secret, SIGHEJ_HUB_RELIABLE);
  ws_client_expect_close (late, 1012);
  ws_client_expect_close (early, 1012);
}

/* Its handshake was under way when the last of the others had gone: it must not stay to the end. */
static void
test_comes_when_all_have_gone (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 }, bob = { 0 };
  g_autoptr (WsClient) early = NULL;
  g_autoptr (WsClient) late = NULL;

  hub_fixture_open (fixture, &anna);
  hub_fixture_open (fixture, &bob);
  early = hub_fixture_connect_person (fixture, &anna);
  sighej_hub_drain (fixture->hub);
  ws_client_expect_close (early, 1012);
  g_clear_pointer (&early, ws_client_free);
  sighej_test_settle ();
  g_assert_cmpuint (sighej_hub_get_n_sockets (fixture->hub), ==, 0);
  late = hub_fixture_connect (fixture, bob.token, bob.secret, SIGHEJ_HUB_RELIABLE);
  ws_client_expect_close (late, 1012);
}

/* ---- what other processes did ---- */

static void
test_displaced_elsewhere (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) first = NULL;
  g_autoptr (WsClient) second = NULL;

  hub_fixture_open (fixture, &anna);
  first = hub_fixture_connect_person (fixture, &anna);
  second = hub_fixture_connect_person (fixture, &anna);
  sighej_store_emit (SIGHEJ_STORE (fixture->store), "displaced", anna.id);
  ws_client_expect_close (first, 4409);
  ws_client_expect_close (second, 4409);
}

static void
test_ended_or_lost_elsewhere (HubFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *signal_name;
    const char *state;
    guint close_code;
  } cases[] = { { "ended", "ended", 1000 }, { "gone", "expired", 4410 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Person anna = { 0 };
      g_autoptr (WsClient) client = NULL;
      g_autoptr (SighejWireServerMessage) message = NULL;

      hub_fixture_open (fixture, &anna);
      client = hub_fixture_connect_person (fixture, &anna);
      sighej_store_emit (SIGHEJ_STORE (fixture->store), cases[i].signal_name, anna.id);
      message = ws_client_expect (client, SIGHEJ_WIRE_SESSION);
      g_assert_cmpstr (message->state, ==, cases[i].state);
      ws_client_expect_close (client, cases[i].close_code);
      sighej_store_emit (SIGHEJ_STORE (fixture->store), cases[i].signal_name, anna.id);
    }
}

static void
test_nudged_elsewhere (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) client = NULL;

  hub_fixture_open (fixture, &anna);
  client = hub_fixture_connect_person (fixture, &anna);
  g_signal_handlers_block_matched (
      fixture->service, G_SIGNAL_MATCH_DATA, 0, 0, NULL, NULL, fixture->hub);
  hub_fixture_nudge (fixture, &anna); /* as if at another process: nobody here is told */
  g_signal_handlers_unblock_matched (
      fixture->service, G_SIGNAL_MATCH_DATA, 0, 0, NULL, NULL, fixture->hub);
  ws_client_expect_nothing (client);
  sighej_store_emit (SIGHEJ_STORE (fixture->store), "outbox", anna.id);
  ws_client_expect_nudge (client, 1);
}

/* ---- answers that come too late ---- */

static void
test_gone_while_an_answer_is_pending (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 }, bob = { 0 };
  WsClient *proving, *sighting, *pulling;

  hub_fixture_open (fixture, &anna);
  hub_fixture_open (fixture, &bob);
  sighting = hub_fixture_connect_person (fixture, &anna);
  hub_fixture_nudge (fixture, &bob);
  pulling = hub_fixture_connect_person (fixture, &bob);
  slow_store_hold (fixture->store);
  ws_client_text (sighting, "{\"type\":\"sighting\",\"id\":1,\"detected_token\":\"x\"}");
  ws_client_text (pulling, "{\"type\":\"resume\",\"after\":0}");
  proving = hub_fixture_connect (fixture, anna.token, anna.secret, SIGHEJ_HUB_RELIABLE);
  sighej_test_settle ();
  g_assert_cmpuint (slow_store_get_n_waiting (fixture->store), ==, 3);
  ws_client_free (proving);
  ws_client_free (sighting);
  ws_client_free (pulling);
  sighej_test_settle ();
  g_assert_cmpuint (sighej_hub_get_n_sockets (fixture->hub), ==, 0);
  slow_store_release (fixture->store);
  g_assert_cmpuint (hub_fixture_count_outbox (fixture, &bob), ==, 1);
}

static void
test_hub_gone_while_answers_are_pending (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) client = NULL;

  hub_fixture_open (fixture, &anna);
  client = hub_fixture_connect_person (fixture, &anna);
  slow_store_hold (fixture->store);
  ws_client_text (client, "{\"type\":\"sighting\",\"id\":1,\"detected_token\":\"x\"}");
  sighej_test_settle ();
  sighej_test_assert_finalized (g_steal_pointer (&fixture->hub));
  slow_store_release (fixture->store);
  ws_client_expect_dropped (client);
}

/* ---- many ---- */

/* Turns the clock instant by instant. */
static guint
count_wake_ups (HubFixture *fixture, gint64 us)
{
  guint n_wake_ups = 0;
  gint64 next_us;

  while ((next_us = sighej_test_clock_next_us (fixture->clock)) >= 0 && next_us <= us)
    {
      sighej_test_clock_advance (fixture->clock, next_us);
      us -= next_us;
      n_wake_ups++;
    }
  sighej_test_clock_advance (fixture->clock, us);
  return n_wake_ups;
}

static void
test_a_thousand_cost_no_wake_ups (HubFixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) clients = g_ptr_array_new_with_free_func ((GDestroyNotify) ws_client_free);
  guint n_one = 0;

  for (guint i = 0; i < CROWD; i++)
    {
      Person person = { 0 };

      hub_fixture_open (fixture, &person);
      g_ptr_array_add (clients, hub_fixture_connect_person (fixture, &person));
      if (i == 0)
        n_one = count_wake_ups (fixture, 20 * SECOND_US);
      else
        hub_fixture_advance (fixture, 10 * MS_US);
    }
  g_assert_cmpuint (sighej_hub_get_n_sockets (fixture->hub), ==, CROWD);
  /* At most one for each tick, however many sockets; the first socket alone has one ping. */
  g_assert_cmpuint (count_wake_ups (fixture, 20 * SECOND_US), <=, n_one + 20 * SECOND_US / TICK_US);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) hub_test_add ("/hub/" path, SIGHEJ_AUTH_BEARER, function)
  ADD ("takes-the-secret-of-the-handshake", test_secret_in_the_handshake);
  ADD ("takes-the-secret-of-the-first-message", test_secret_in_the_first_message);
  ADD ("keeps-what-comes-behind-the-secret", test_messages_behind_the_secret);
  ADD ("takes-the-secret-byte-by-byte", test_secret_in_crumbs);
  ADD ("takes-bytes-behind-the-handshake", test_bytes_behind_the_handshake);
  ADD ("takes-not-too-many-bytes-behind-the-handshake", test_too_much_behind_the_handshake);
  ADD ("waits-five-seconds-for-the-secret", test_says_nothing_within_five_seconds);
  ADD ("refuses-wrong-secrets-without-a-word", test_wrong_secrets);
  ADD ("refuses-another-sessions-path", test_wrong_token);
  ADD ("says-try-again-when-the-store-is-away", test_store_is_away);
  hub_test_add ("/hub/legacy-takes-the-token-and-says-nudges-only",
                SIGHEJ_AUTH_LEGACY,
                test_legacy_token_is_enough);
  ADD ("expires-on-time", test_expires_on_time);
  ADD ("expires-by-no-wall-clock", test_wall_clock_jumps_change_nothing);
  ADD ("says-ended-when-deleted", test_delete_ends_its_sockets);
  ADD ("says-ended-when-deleted-while-proving", test_delete_overtakes_proof);
  ADD ("third-socket-displaces-the-oldest", test_third_socket_displaces_the_oldest);
  ADD ("pings-and-drops-the-silent", test_pings_and_drops_the_silent);
  ADD ("pings-a-crowd-by-and-by", test_pings_a_crowd_by_and_by);
  ADD ("answers-a-close", test_client_closes);
  ADD ("waits-five-seconds-for-the-answer-to-a-close", test_close_is_not_answered);
  ADD ("drains", test_drains);
  ADD ("drains-when-empty-and-when-unanswered", test_drains_when_empty_and_when_deaf);
  ADD ("says-nothing-behind-a-close", test_comes_while_draining);
  ADD ("closes-who-comes-when-all-have-gone", test_comes_when_all_have_gone);
  ADD ("closes-what-was-displaced-elsewhere", test_displaced_elsewhere);
  ADD ("says-ended-or-expired-for-what-is-gone-elsewhere", test_ended_or_lost_elsewhere);
  ADD ("sends-what-was-nudged-elsewhere", test_nudged_elsewhere);
  ADD ("outlives-a-peer-whose-answer-is-pending", test_gone_while_an_answer_is_pending);
  ADD ("dies-while-answers-are-pending", test_hub_gone_while_answers_are_pending);
  ADD ("a-thousand-sockets-cost-no-wake-ups", test_a_thousand_cost_no_wake_ups);
#undef ADD
  return g_test_run ();
}
