/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "hub-fixture.h"
#include "sighej-delivery.h"
#include "sighej-peer.h"
#include "sighej-test.h"

/* Nudges on their way to a client: none is lost, and none is new twice. */

#define MS_US ((gint64) 1000)
#define ROUNDS 200

static void
sight (WsClient *client, guint id, const char *token)
{
  ws_client_text (client, "{\"type\":\"sighting\",\"id\":%u,\"detected_token\":\"%s\"}", id, token);
}

static void
expect_result (WsClient *client, guint id, gboolean match)
{
  g_autoptr (SighejWireServerMessage) result
      = ws_client_expect (client, SIGHEJ_WIRE_SIGHTING_RESULT);

  g_assert_cmpuint (result->seq, ==, id);
  g_assert_cmpint (result->match, ==, match);
  g_assert_cmpint (result->nudge_sent, ==, match);
  g_assert_cmpuint (g_strv_length (result->shared_interests), ==, match ? 1 : 0);
}

static void
test_second_sighting_nudges_both (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 }, bob = { 0 };
  g_autoptr (WsClient) a = NULL;
  g_autoptr (WsClient) b = NULL;
  g_autoptr (SighejWireServerMessage) to_anna = NULL;
  g_autoptr (SighejWireServerMessage) to_bob = NULL;

  hub_fixture_open (fixture, &anna);
  hub_fixture_open (fixture, &bob);
  a = hub_fixture_connect_person (fixture, &anna);
  b = hub_fixture_connect_person (fixture, &bob);
  sight (a, 7, bob.token);
  expect_result (a, 7, FALSE);
  ws_client_expect_nothing (b);

  sight (b, 8, anna.token);
  to_bob = ws_client_expect (b, SIGHEJ_WIRE_NUDGE);
  expect_result (b, 8, TRUE);
  to_anna = ws_client_expect (a, SIGHEJ_WIRE_NUDGE);
  ws_client_expect_nothing (a);
  g_assert_cmpstr (to_anna->nudge_id, ==, to_bob->nudge_id);
  g_assert_cmpstr (to_anna->shared_interests[0], ==, "devops");
  g_assert_cmpstr (to_anna->message, ==, "Someone nearby shares your interest in devops.");

  /* heard again: known already, and no second nudge */
  sight (a, 9, bob.token);
  expect_result (a, 9, TRUE);
  ws_client_expect_nothing (a);
  ws_client_expect_nothing (b);
}

static void
test_unknown_token (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) client = NULL;

  hub_fixture_open (fixture, &anna);
  client = hub_fixture_connect_person (fixture, &anna);
  sight (client, 1, "nobody");
  expect_result (client, 1, FALSE);
  sight (client, 2, anna.token);
  expect_result (client, 2, FALSE);
}

static void
test_acks_empty_the_outbox (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) client = NULL;

  hub_fixture_open (fixture, &anna);
  client = hub_fixture_connect_person (fixture, &anna);
  for (guint i = 1; i <= 3; i++)
    {
      hub_fixture_nudge (fixture, &anna);
      ws_client_expect_nudge (client, i);
    }
  g_assert_cmpuint (hub_fixture_count_outbox (fixture, &anna), ==, 3);
  ws_client_text (client, "{\"type\":\"ack\",\"seq\":2}");
  ws_client_expect_nothing (client);
  g_assert_cmpuint (hub_fixture_count_outbox (fixture, &anna), ==, 1);
  /* what was never given out, and what is known already, change nothing */
  ws_client_text (client, "{\"type\":\"ack\",\"seq\":4}");
  ws_client_text (client, "{\"type\":\"ack\",\"seq\":1}");
  ws_client_expect_nothing (client);
  g_assert_cmpuint (hub_fixture_count_outbox (fixture, &anna), ==, 1);
  ws_client_text (client, "{\"type\":\"ack\",\"seq\":3}");
  ws_client_expect_nothing (client);
  g_assert_cmpuint (hub_fixture_count_outbox (fixture, &anna), ==, 0);
}

static void
test_resume_sends_the_rest (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) client = NULL;
  g_autoptr (SighejWireServerMessage) snapshot = NULL;

  hub_fixture_open (fixture, &anna);
  for (guint i = 0; i < 3; i++)
    hub_fixture_nudge (fixture, &anna);
  client = hub_fixture_connect (fixture, anna.token, anna.secret, SIGHEJ_HUB_RELIABLE);
  snapshot = ws_client_expect (client, SIGHEJ_WIRE_SNAPSHOT);
  g_assert_cmpuint (snapshot->seq, ==, 3);
  ws_client_expect_nothing (client);
  ws_client_text (client, "{\"type\":\"resume\",\"after\":1}");
  ws_client_expect_nudge (client, 2);
  ws_client_expect_nudge (client, 3);
  ws_client_expect_nothing (client);
  g_assert_cmpuint (hub_fixture_count_outbox (fixture, &anna), ==, 2);
  /* asked again, in the middle of it: sent again */
  ws_client_text (client, "{\"type\":\"resume\",\"after\":2}");
  ws_client_expect_nudge (client, 3);
  ws_client_expect_nothing (client);
}

static void
test_without_resume_all_after_a_second (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) client = NULL;

  hub_fixture_open (fixture, &anna);
  hub_fixture_nudge (fixture, &anna);
  client = hub_fixture_connect_person (fixture, &anna);
  hub_fixture_advance (fixture, SIGHEJ_PEER_SYNC_MS * MS_US - 250 * MS_US);
  ws_client_expect_nothing (client);
  hub_fixture_advance (fixture, 250 * MS_US);
  ws_client_expect_nudge (client, 1);
}

/* Of another life of the session, or invented. */
static void
test_resume_behind_the_end (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) client = NULL;

  hub_fixture_open (fixture, &anna);
  hub_fixture_nudge (fixture, &anna);
  client = hub_fixture_connect_person (fixture, &anna);
  ws_client_text (client, "{\"type\":\"resume\",\"after\":17}");
  ws_client_expect_nudge (client, 1);
}

/* Many nudges in the life of a session; a client that comes back without a word about them. */
static void
test_comes_back_after_many (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) before = NULL;
  g_autoptr (WsClient) silent = NULL;
  g_autoptr (WsClient) confused = NULL;
  guint n = SIGHEJ_DELIVERY_UNACKED_MAX + 8;

  hub_fixture_open (fixture, &anna);
  before = hub_fixture_connect_person (fixture, &anna);
  for (guint i = 1; i <= n; i++)
    {
      hub_fixture_nudge (fixture, &anna);
      ws_client_expect_nudge (before, i);
      ws_client_text (before, "{\"type\":\"ack\",\"seq\":%u}", i);
    }
  ws_client_expect_nothing (before);
  g_clear_pointer (&before, ws_client_free);
  hub_fixture_nudge (fixture, &anna);

  silent = hub_fixture_connect_person (fixture, &anna);
  hub_fixture_advance (fixture, SIGHEJ_PEER_SYNC_MS * MS_US);
  ws_client_expect_nudge (silent, n + 1);
  g_clear_pointer (&silent, ws_client_free);

  confused = hub_fixture_connect_person (fixture, &anna);
  ws_client_text (confused, "{\"type\":\"resume\",\"after\":100000}");
  ws_client_expect_nudge (confused, n + 1);
}

static void
test_a_socket_lost_at_any_time (HubFixture *fixture, gconstpointer data)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (2);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (WsClient) client = NULL;
  g_autofree WsFrame *frame = g_new (WsFrame, 1);
  Person anna = { 0 };
  guint64 last = 0;

  hub_fixture_open (fixture, &anna);
  for (guint i = 0; i < ROUNDS || g_hash_table_size (seen) < ROUNDS; i++)
    {
      if (i < ROUNDS)
        hub_fixture_nudge (fixture, &anna);
      if (client == NULL)
        {
          client = hub_fixture_connect (fixture, anna.token, anna.secret, SIGHEJ_HUB_RELIABLE);
          ws_client_text (client, "{\"type\":\"resume\",\"after\":%" G_GUINT64_FORMAT "}", last);
        }
      while (g_rand_int_range (random, 0, 8) > 0 && ws_client_next (client, frame))
        {
          g_autoptr (SighejWireServerMessage) message
              = sighej_wire_server_message_read (frame->payload, frame->n_payload, NULL);

          if (message == NULL || message->type != SIGHEJ_WIRE_NUDGE)
            continue;
          g_hash_table_add (seen, g_strdup (message->nudge_id));
          last = MAX (last, message->seq);
          /* the client that dies between showing and acknowledging */
          if (g_rand_int_range (random, 0, 3) > 0)
            ws_client_text (client, "{\"type\":\"ack\",\"seq\":%" G_GUINT64_FORMAT "}", last);
        }
      if (g_rand_int_range (random, 0, 3) == 0 || client->over)
        g_clear_pointer (&client, ws_client_free);
      sighej_test_settle ();
      g_assert_cmpuint (i, <, 20 * ROUNDS);
    }
  g_assert_cmpuint (g_hash_table_size (seen), ==, ROUNDS);
}

/* What came while the outbox was being read is read too. */
static void
test_nudge_while_pulling (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) client = NULL;

  hub_fixture_open (fixture, &anna);
  hub_fixture_nudge (fixture, &anna);
  client = hub_fixture_connect_person (fixture, &anna);
  slow_store_hold (fixture->store);
  ws_client_text (client, "{\"type\":\"resume\",\"after\":0}");
  ws_client_expect_nothing (client);
  slow_store_answer (fixture->store); /* an ack of 0 is none: this is the outbox */
  ws_client_expect_nudge (client, 1);
  slow_store_release (fixture->store);
  hub_fixture_nudge (fixture, &anna);
  ws_client_expect_nudge (client, 2);
  ws_client_expect_nothing (client);
}

static void
ignore_sight (const SighejServiceSight *sight, const GError *error, gpointer user_data)
{
  g_assert_no_error (error);
}

/* A resume that overtakes an answer of the store must not be undone by it. */
static void
test_resume_while_pulling (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 }, bob = { 0 };
  g_autoptr (WsClient) client = NULL;

  hub_fixture_open (fixture, &anna);
  hub_fixture_open (fixture, &bob);
  client = hub_fixture_connect_person (fixture, &anna);
  for (guint i = 1; i <= 3; i++)
    {
      hub_fixture_nudge (fixture, &anna);
      ws_client_expect_nudge (client, i);
    }

  sighej_service_sight (fixture->service, bob.id, NULL, anna.token, ignore_sight, NULL);
  slow_store_hold (fixture->store);
  sighej_service_sight (fixture->service, anna.id, NULL, bob.token, ignore_sight, NULL);
  slow_store_answer (fixture->store); /* decided; now the outbox is read behind 3 */
  g_assert_cmpuint (slow_store_get_n_waiting (fixture->store), >, 0);
  ws_client_text (client, "{\"type\":\"resume\",\"after\":1}");
  ws_client_expect_nothing (client);
  slow_store_release (fixture->store);
  for (guint i = 2; i <= 4; i++)
    ws_client_expect_nudge (client, i);
  ws_client_expect_nothing (client);
}

static void
test_only_the_newest_socket_is_told (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) first = NULL;
  g_autoptr (WsClient) second = NULL;

  hub_fixture_open (fixture, &anna);
  first = hub_fixture_connect_person (fixture, &anna);
  second = hub_fixture_connect_person (fixture, &anna);
  hub_fixture_nudge (fixture, &anna);
  ws_client_expect_nothing (first);
  ws_client_expect_nudge (second, 1);
}

/* The newest goes before it has acknowledged: the one that is left is told. */
static void
test_older_socket_takes_over (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) first = NULL;
  g_autoptr (WsClient) second = NULL;

  hub_fixture_open (fixture, &anna);
  first = hub_fixture_connect_person (fixture, &anna);
  second = hub_fixture_connect_person (fixture, &anna);
  hub_fixture_nudge (fixture, &anna);
  ws_client_expect_nudge (second, 1);
  g_clear_pointer (&second, ws_client_free);
  ws_client_expect_nudge (first, 1);
  ws_client_expect_nothing (first);
}

static void
expect_ping (HubFixture *fixture, WsClient *client)
{
  g_autofree WsFrame *ping = g_new (WsFrame, 1);

  hub_fixture_advance (fixture, SIGHEJ_PEER_PING_MS * MS_US);
  g_assert_true (ws_client_next (client, ping));
  g_assert_cmpuint (ping->opcode, ==, 0x9);
}

/* A million sockets that have nothing to hear must not ask every 20 s. */
static void
test_a_ping_asks_nothing (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) client = NULL;

  hub_fixture_open (fixture, &anna);
  client = hub_fixture_connect_person (fixture, &anna);
  slow_store_hold (fixture->store);
  expect_ping (fixture, client);
  g_assert_cmpuint (slow_store_get_n_waiting (fixture->store), ==, 0);
  slow_store_release (fixture->store);
}

static void
test_what_could_not_be_read_comes_later (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) client = NULL;

  hub_fixture_open (fixture, &anna);
  client = hub_fixture_connect_person (fixture, &anna);
  hub_fixture_nudge (fixture, &anna);
  ws_client_expect_nudge (client, 1);
  slow_store_break (fixture->store);
  ws_client_text (client, "{\"type\":\"resume\",\"after\":0}");
  ws_client_expect_nothing (client);
  hub_fixture_advance (fixture, SIGHEJ_DELIVERY_RETRY_MS * MS_US); /* in vain */
  ws_client_expect_nothing (client);
  slow_store_mend (fixture->store);
  hub_fixture_advance (fixture, 2 * SIGHEJ_DELIVERY_RETRY_MS * MS_US - 250 * MS_US);
  ws_client_expect_nothing (client);
  hub_fixture_advance (fixture, 250 * MS_US);
  ws_client_expect_nudge (client, 1);
  ws_client_expect_nothing (client);
}

/* ---- the first contract: no acks ---- */

static void
test_without_acks_written_is_delivered (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) client = NULL;
  g_autoptr (WsClient) again = NULL;

  hub_fixture_open (fixture, &anna);
  hub_fixture_nudge (fixture, &anna);
  client = hub_fixture_connect (fixture, anna.token, anna.secret, SIGHEJ_HUB_NONE);
  ws_client_skip (client, SIGHEJ_WIRE_SNAPSHOT);
  ws_client_expect_nudge (client, 1);
  g_assert_cmpuint (hub_fixture_count_outbox (fixture, &anna), ==, 0);
  for (guint i = 2; i <= 2 * SIGHEJ_DELIVERY_UNACKED_MAX; i++)
    {
      hub_fixture_nudge (fixture, &anna);
      ws_client_expect_nudge (client, i);
    }
  g_assert_cmpuint (hub_fixture_count_outbox (fixture, &anna), ==, 0);

  again = hub_fixture_connect (fixture, anna.token, anna.secret, SIGHEJ_HUB_NONE);
  ws_client_skip (again, SIGHEJ_WIRE_SNAPSHOT);
  ws_client_expect_nothing (again);
}

/* ---- clients that do not keep up ---- */

static void
test_does_not_acknowledge (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) client = NULL;
  g_autoptr (WsClient) again = NULL;

  hub_fixture_open (fixture, &anna);
  client = hub_fixture_connect_person (fixture, &anna);
  for (guint i = 1; i <= SIGHEJ_DELIVERY_UNACKED_MAX; i++)
    {
      hub_fixture_nudge (fixture, &anna);
      ws_client_expect_nudge (client, i);
    }
  ws_client_expect_nothing (client);
  hub_fixture_nudge (fixture, &anna);
  ws_client_expect_close (client, SIGHEJ_WIRE_CLOSE_SLOW);
  g_assert_cmpuint (hub_fixture_count_outbox (fixture, &anna), ==, SIGHEJ_DELIVERY_UNACKED_MAX + 1);

  again = hub_fixture_connect_person (fixture, &anna);
  ws_client_text (again, "{\"type\":\"resume\",\"after\":%u}", SIGHEJ_DELIVERY_UNACKED_MAX);
  ws_client_expect_nudge (again, SIGHEJ_DELIVERY_UNACKED_MAX + 1);
  g_assert_cmpuint (hub_fixture_count_outbox (fixture, &anna), ==, 1);
}

/* More waits than may be sent: what was sent before the close must arrive, or nobody gets on. */
static void
test_backlog (HubFixture *fixture, gconstpointer data)
{
  const guint n_waiting = SIGHEJ_DELIVERY_UNACKED_MAX + 8;
  Person anna = { 0 };
  g_autoptr (WsClient) client = NULL;
  g_autoptr (WsClient) again = NULL;

  hub_fixture_open (fixture, &anna);
  for (guint i = 1; i <= n_waiting; i++)
    hub_fixture_nudge (fixture, &anna);
  client = hub_fixture_connect_person (fixture, &anna);
  ws_client_text (client, "{\"type\":\"resume\",\"after\":0}");
  for (guint i = 1; i <= SIGHEJ_DELIVERY_UNACKED_MAX; i++)
    ws_client_expect_nudge (client, i);
  ws_client_expect_close (client, SIGHEJ_WIRE_CLOSE_SLOW);

  again = hub_fixture_connect_person (fixture, &anna);
  ws_client_text (again, "{\"type\":\"resume\",\"after\":%u}", SIGHEJ_DELIVERY_UNACKED_MAX);
  for (guint i = SIGHEJ_DELIVERY_UNACKED_MAX + 1; i <= n_waiting; i++)
    ws_client_expect_nudge (again, i);
}

/* Asks and asks without reading an answer, but not so much as to be refused for that. */
static void
ask (WsClient *client, guint n)
{
  for (guint i = 0; i < n; i++)
    sight (client, i, "nobody");
  sighej_test_settle ();
}

/* Returns: the bytes that came before the close frame, which says 4008. */
static gsize
read_until_closed (WsClient *client)
{
  g_autofree WsFrame *frame = g_new (WsFrame, 1);
  gsize n_bytes = 0;

  while (ws_client_next (client, frame) && frame->opcode == 0x1)
    n_bytes += frame->n_payload;
  g_assert_cmpuint (frame->opcode, ==, 0x8);
  g_assert_cmpuint (
      (guint8) frame->payload[0] * 256u + (guint8) frame->payload[1], ==, SIGHEJ_WIRE_CLOSE_SLOW);
  return n_bytes;
}

static void
test_does_not_read (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) client = NULL;

  hub_fixture_open (fixture, &anna);
  client = hub_fixture_connect_narrow (fixture, &anna, SIGHEJ_HUB_RELIABLE);
  hub_fixture_nudge (fixture, &anna);
  ask (client, 1000);
  /* What was begun is ended, then it is told why; the queue of 64 KiB is not sent any more. */
  g_assert_cmpuint (read_until_closed (client), <, SIGHEJ_PEER_QUEUE_BYTES_MAX / 4);
  g_assert_cmpuint (hub_fixture_count_outbox (fixture, &anna), ==, 1);
}

/* Without acks: what a slow reader was not given is not taken for delivered. */
static void
test_does_not_read_without_acks (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) client = NULL;
  g_autoptr (WsClient) again = NULL;

  hub_fixture_open (fixture, &anna);
  client = hub_fixture_connect_narrow (fixture, &anna, SIGHEJ_HUB_NONE);
  /* the socket is full before the nudge comes, and overflows behind it */
  ask (client, 200);
  hub_fixture_nudge (fixture, &anna);
  ask (client, 800);
  read_until_closed (client);
  g_assert_cmpuint (hub_fixture_count_outbox (fixture, &anna), ==, 1);

  again = hub_fixture_connect (fixture, anna.token, anna.secret, SIGHEJ_HUB_NONE);
  ws_client_skip (again, SIGHEJ_WIRE_SNAPSHOT);
  ws_client_expect_nudge (again, 1);
}

/* A reader that is slow, but reads, gets everything whole and in order. */
static void
test_reads_slowly (HubFixture *fixture, gconstpointer data)
{
  Person anna = { 0 };
  g_autoptr (WsClient) client = NULL;

  hub_fixture_open (fixture, &anna);
  client = hub_fixture_connect_narrow (fixture, &anna, SIGHEJ_HUB_NONE);
  ask (client, 200);
  hub_fixture_nudge (fixture, &anna);
  ws_client_skip (client, SIGHEJ_WIRE_SNAPSHOT);
  for (guint i = 0; i < 200; i++)
    expect_result (client, i, FALSE);
  ws_client_expect_nudge (client, 1);
  g_assert_cmpuint (hub_fixture_count_outbox (fixture, &anna), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, function) hub_test_add ("/hub/outbox/" path, SIGHEJ_AUTH_BEARER, function)
  ADD ("second-sighting-nudges-both", test_second_sighting_nudges_both);
  ADD ("unknown-and-own-tokens-match-nobody", test_unknown_token);
  ADD ("acks-empty-it", test_acks_empty_the_outbox);
  ADD ("resume-sends-the-rest", test_resume_sends_the_rest);
  ADD ("without-resume-all-after-a-second", test_without_resume_all_after_a_second);
  ADD ("resume-behind-the-end-is-from-the-start", test_resume_behind_the_end);
  ADD ("comes-back-after-many", test_comes_back_after_many);
  ADD ("nothing-lost-whenever-a-socket-is", test_a_socket_lost_at_any_time);
  ADD ("nudge-while-it-is-read", test_nudge_while_pulling);
  ADD ("resume-while-it-is-read", test_resume_while_pulling);
  ADD ("only-the-newest-socket-is-told", test_only_the_newest_socket_is_told);
  ADD ("older-socket-takes-over", test_older_socket_takes_over);
  ADD ("a-ping-asks-nothing", test_a_ping_asks_nothing);
  ADD ("what-could-not-be-read-comes-later", test_what_could_not_be_read_comes_later);
  ADD ("without-acks-written-is-delivered", test_without_acks_written_is_delivered);
  ADD ("closes-who-does-not-acknowledge", test_does_not_acknowledge);
  ADD ("a-backlog-arrives-in-turns", test_backlog);
  ADD ("closes-who-does-not-read", test_does_not_read);
  ADD ("keeps-what-was-not-read-without-acks", test_does_not_read_without_acks);
  ADD ("serves-who-reads-slowly", test_reads_slowly);
#undef ADD
  return g_test_run ();
}
