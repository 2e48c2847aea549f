/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <libsoup/soup.h>
#include <string.h>

#include "sighej-idempotency.h"
#include "sighej-soup-carrier.h"
#include "sighej-store-memory.h"
#include "sighej-test.h"
#include "slow-store.h"

#define MS ((gint64) G_TIME_SPAN_MILLISECOND)
#define SECOND_US ((gint64) G_USEC_PER_SEC)
#define KEY "8e03978e-40d5-43e8-bc93-6894a57f9324"

/* Two processes on one store: requests to /one and /two are the same to it. */
typedef struct
{
  SighejTestClock *clock;
  SlowStore *store;
  SighejIdempotency *one;
  SighejIdempotency *two;
  SoupServer *server;
  SoupSession *session;
  gboolean hold;
  guint n_requests;
  guint n_done;
  GPtrArray *held; /* of SighejExchange, handled and not answered */
} Fixture;

static Fixture *current; /* what the handler of a route is not told */

/* One request of a client. */
typedef struct
{
  SoupMessage *message;
  GBytes *body; /* (nullable): NULL until it is answered */
} Ask;

static void
ask_free (Ask *ask)
{
  g_object_unref (ask->message);
  g_clear_pointer (&ask->body, g_bytes_unref);
  g_free (ask);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Ask, ask_free)

/* ---- the server ---- */

static void
answer (SighejExchange *exchange)
{
  sighej_exchange_answer_json (
      exchange, SOUP_STATUS_CREATED, g_strdup_printf ("{\"n\":%u}", current->n_done));
}

static void
handle (SighejExchange *exchange, SighejParts *parts)
{
  current->n_done++;
  if (current->hold)
    g_ptr_array_add (current->held, sighej_exchange_ref (exchange));
  else
    answer (exchange);
}

static void
on_request (SoupServer *server,
            SoupServerMessage *message,
            const char *path,
            GHashTable *query,
            gpointer user_data)
{
  Fixture *self = user_data;
  g_autoptr (SighejExchange) exchange
      = sighej_exchange_new (sighej_soup_carrier_new (message), NULL);

  self->n_requests++;
  sighej_idempotency_run (g_str_equal (path, "/one") ? self->one : self->two,
                          exchange,
                          "/session",
                          FALSE,
                          handle,
                          NULL);
  sighej_exchange_wait (exchange);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autofree char *folder = sighej_test_dup_dir ();
  g_autofree char *key = g_build_filename (folder, "backend.key", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (SighejVault) vault = sighej_vault_new_from_file (key, TRUE, &error);
  g_autoptr (SighejStore) memory = NULL;

  g_assert_no_error (error);
  current = self;
  self->clock = sighej_test_clock_new ();
  memory = sighej_store_memory_new (SIGHEJ_CLOCK (self->clock));
  self->store = slow_store_new (memory);
  self->one
      = sighej_idempotency_new (SIGHEJ_STORE (self->store), vault, SIGHEJ_CLOCK (self->clock));
  self->two
      = sighej_idempotency_new (SIGHEJ_STORE (self->store), vault, SIGHEJ_CLOCK (self->clock));
  self->held = g_ptr_array_new_with_free_func ((GDestroyNotify) sighej_exchange_unref);
  self->server = soup_server_new (NULL, NULL);
  soup_server_add_handler (self->server, NULL, on_request, self, NULL);
  soup_server_listen_local (self->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_assert_no_error (error);
  self->session
      = soup_session_new_with_options ("max-conns-per-host", 20, "proxy-resolver", NULL, NULL);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  soup_session_abort (self->session);
  soup_server_disconnect (self->server);
  sighej_test_settle ();
  g_clear_object (&self->session);
  g_clear_object (&self->server);
  g_ptr_array_unref (self->held);
  sighej_idempotency_unref (self->one);
  sighej_idempotency_unref (self->two);
  sighej_test_settle ();
  sighej_test_assert_finalized (self->store);
  sighej_test_assert_finalized (self->clock);
}

/* ---- the client ---- */

static void
on_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Ask *ask = user_data;
  g_autoptr (GError) error = NULL;

  ask->body = soup_session_send_and_read_finish (SOUP_SESSION (source), result, &error);
  g_assert_no_error (error);
}

/* Sends it and waits until the server has it. */
static Ask *
send_request (Fixture *self, const char *path, const char *body)
{
  g_autoslist (GUri) uris = soup_server_get_uris (self->server);
  g_autoptr (GUri) uri = g_uri_parse_relative (uris->data, path, SOUP_HTTP_URI_FLAGS, NULL);
  g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));
  guint n_before = self->n_requests;
  Ask *ask = g_new0 (Ask, 1);

  ask->message = soup_message_new_from_uri ("POST", uri);
  soup_message_set_request_body_from_bytes (ask->message, "application/json", bytes);
  soup_message_headers_replace (
      soup_message_get_request_headers (ask->message), "Idempotency-Key", KEY);
  soup_session_send_and_read_async (
      self->session, ask->message, G_PRIORITY_DEFAULT, NULL, on_answered, ask);
  WAIT_UNTIL (self->n_requests > n_before);
  return ask;
}

static void
expect (Ask *ask, guint status, const char *body)
{
  WAIT_UNTIL (ask->body != NULL);
  g_assert_cmpuint (soup_message_get_status (ask->message), ==, status);
  if (body != NULL)
    g_assert_cmpmem (
        g_bytes_get_data (ask->body, NULL), g_bytes_get_size (ask->body), body, strlen (body));
}

static void
answer_held (Fixture *self, gboolean well)
{
  g_autoptr (SighejExchange) exchange = g_ptr_array_steal_index (self->held, 0);

  if (well)
    answer (exchange);
  else
    sighej_exchange_refuse (exchange, SIGHEJ_ERROR_CONFLICT, "it is taken");
}

/* ---- tests ---- */

static void
test_does_it_once (Fixture *self, gconstpointer unused)
{
  g_autoptr (Ask) first = send_request (self, "/one", "{}");
  g_autoptr (Ask) again = NULL;
  g_autoptr (Ask) other = NULL;

  expect (first, 201, "{\"n\":1}");
  again = send_request (self, "/two", "{}");
  expect (again, 200, "{\"n\":1}");
  other = send_request (self, "/one", "{ }");
  expect (other, 422, NULL);
  g_assert_cmpuint (self->n_done, ==, 1);
}

static void
test_forgets_after_an_hour (Fixture *self, gconstpointer unused)
{
  g_autoptr (Ask) first = send_request (self, "/one", "{}");
  g_autoptr (Ask) late = NULL;
  g_autoptr (Ask) too_late = NULL;

  expect (first, 201, NULL);
  sighej_test_clock_advance (self->clock, 3600 * SECOND_US - MS);
  late = send_request (self, "/one", "{}");
  expect (late, 200, "{\"n\":1}");
  sighej_test_clock_advance (self->clock, MS);
  too_late = send_request (self, "/one", "{}");
  expect (too_late, 201, "{\"n\":2}");
}

/* The clock stands still: nobody polls for what is made in this process. */
static void
test_wakes_who_waits_here (Fixture *self, gconstpointer unused)
{
  g_autoptr (Ask) first = NULL;
  g_autoptr (Ask) second = NULL;
  g_autoptr (Ask) third = NULL;

  self->hold = TRUE;
  first = send_request (self, "/one", "{}");
  second = send_request (self, "/one", "{}");
  third = send_request (self, "/one", "{}");
  sighej_test_settle ();
  g_assert_null (second->body);
  answer_held (self, TRUE);
  expect (first, 201, "{\"n\":1}");
  expect (second, 200, "{\"n\":1}");
  expect (third, 200, "{\"n\":1}");
  g_assert_cmpuint (self->n_done, ==, 1);
}

static void
test_asks_for_what_another_process_makes (Fixture *self, gconstpointer unused)
{
  g_autoptr (Ask) first = NULL;
  g_autoptr (Ask) second = NULL;

  self->hold = TRUE;
  first = send_request (self, "/one", "{}");
  second = send_request (self, "/two", "{}");
  sighej_test_clock_advance (self->clock, 250 * MS);
  answer_held (self, TRUE);
  expect (first, 201, "{\"n\":1}");
  g_assert_null (second->body);
  sighej_test_clock_advance (self->clock, SIGHEJ_IDEMPOTENCY_POLL_MS * MS);
  expect (second, 200, "{\"n\":1}");
}

static void
test_gives_up_after_five_seconds (Fixture *self, gconstpointer unused)
{
  g_autoptr (Ask) first = NULL;
  g_autoptr (Ask) second = NULL;

  self->hold = TRUE;
  first = send_request (self, "/one", "{}");
  second = send_request (self, "/two", "{}");
  sighej_test_clock_advance (self->clock, SIGHEJ_IDEMPOTENCY_WAIT_MS * MS - MS);
  sighej_test_settle ();
  g_assert_null (second->body);
  sighej_test_clock_advance (self->clock, MS);
  expect (second, 503, NULL);
  g_assert_nonnull (soup_message_headers_get_one (
      soup_message_get_response_headers (second->message), "Retry-After"));
  answer_held (self, TRUE);
  expect (first, 201, NULL);
}

static void
test_a_dead_process_holds_its_key_for_15_seconds (Fixture *self, gconstpointer unused)
{
  g_autoptr (Ask) first = NULL;
  g_autoptr (Ask) second = NULL;

  self->hold = TRUE;
  first = send_request (self, "/one", "{}");
  sighej_test_clock_advance (self->clock, SIGHEJ_STORE_CLAIM_SECONDS * SECOND_US - MS);
  self->hold = FALSE;
  second = send_request (self, "/two", "{}");
  sighej_test_settle ();
  g_assert_null (second->body);
  sighej_test_clock_advance (self->clock, SIGHEJ_IDEMPOTENCY_POLL_MS * MS);
  expect (second, 201, "{\"n\":2}");
  answer_held (self, TRUE);
  expect (first, 201, NULL);
}

static void
test_a_refusal_lets_the_next_one_try (Fixture *self, gconstpointer unused)
{
  g_autoptr (Ask) first = NULL;
  g_autoptr (Ask) second = NULL;

  self->hold = TRUE;
  first = send_request (self, "/one", "{}");
  second = send_request (self, "/one", "{}");
  answer_held (self, FALSE);
  expect (first, 409, NULL);
  WAIT_UNTIL (self->n_done == 2);
  answer_held (self, TRUE);
  expect (second, 201, "{\"n\":2}");
}

static void
test_nothing_is_done_without_a_store (Fixture *self, gconstpointer unused)
{
  g_autoptr (Ask) first = NULL;

  slow_store_break (self->store);
  first = send_request (self, "/one", "{}");
  expect (first, 503, NULL);
  g_assert_cmpuint (self->n_done, ==, 0);
}

static void
test_what_was_done_is_answered_all_the_same (Fixture *self, gconstpointer unused)
{
  g_autoptr (Ask) first = NULL;

  self->hold = TRUE;
  first = send_request (self, "/one", "{}");
  slow_store_break (self->store);
  answer_held (self, TRUE);
  expect (first, 201, "{\"n\":1}");
}

#define ADD(path, function)                                                                        \
  g_test_add ("/idempotency/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("does-it-once", test_does_it_once);
  ADD ("forgets-after-an-hour", test_forgets_after_an_hour);
  ADD ("wakes-who-waits-here", test_wakes_who_waits_here);
  ADD ("asks-for-what-another-process-makes", test_asks_for_what_another_process_makes);
  ADD ("gives-up-after-five-seconds", test_gives_up_after_five_seconds);
  ADD ("a-dead-process-holds-its-key-for-15-seconds",
       test_a_dead_process_holds_its_key_for_15_seconds);
  ADD ("a-refusal-lets-the-next-one-try", test_a_refusal_lets_the_next_one_try);
  ADD ("nothing-is-done-without-a-store", test_nothing_is_done_without_a_store);
  ADD ("what-was-done-is-answered-all-the-same", test_what_was_done_is_answered_all_the_same);
  return g_test_run ();
}
