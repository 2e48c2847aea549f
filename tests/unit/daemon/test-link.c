/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <gio/gio.h>

#include "scripted-backend.h"
#include "sighej-link.h"
#include "sighej-radio.h"
#include "sighej-test.h"

#define TIMEOUT_S 10
#define STEP_S 10

static const guint8 opening_a[16] = { 0xa1, 0xa2, 0xa3 };
static const guint8 opening_b[16] = { 0xb1 };
static const char *const jazz[] = { "jazz", NULL };
static const char *const tea[] = { "tea", "jazz", NULL };

typedef struct
{
  SighejTestClock *clock;
  ScriptedBackend *backend;
  SighejLink *link;

  guint n_session_changed;
  guint n_nudges;
  guint64 nudge_seq;
  guint n_results;
  guint n_matches;
  SighejToken result_token;
} Fixture;

static void
on_session_changed (SighejLink *link, gpointer user_data)
{
  ((Fixture *) user_data)->n_session_changed++;
}

static void
on_nudge (SighejLink *link,
          const char *id,
          guint64 seq,
          GStrv shared,
          const char *message,
          gpointer user_data)
{
  Fixture *fixture = user_data;

  g_assert_cmpstr (id, ==, "00112233445566778899aabbccddeeff");
  g_assert_cmpstr (shared[0], ==, "jazz");
  g_assert_cmpstr (message, ==, "Hello.");
  fixture->n_nudges++;
  fixture->nudge_seq = seq;
}

static void
on_result (SighejLink *link, SighejToken *detected, gboolean match, gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->n_results++;
  fixture->n_matches += match ? 1 : 0;
  fixture->result_token = *detected;
}

static void
make_link (Fixture *fixture, const char *ca_file)
{
  g_autoptr (GError) error = NULL;

  fixture->link = sighej_link_new (SIGHEJ_CLOCK (fixture->clock), TIMEOUT_S, ca_file, &error);
  g_assert_no_error (error);
  g_signal_connect (fixture->link, "session-changed", G_CALLBACK (on_session_changed), fixture);
  g_signal_connect (fixture->link, "nudge", G_CALLBACK (on_nudge), fixture);
  g_signal_connect (fixture->link, "sighting-result", G_CALLBACK (on_result), fixture);
  sighej_link_set_interests (fixture->link, jazz);
}

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  fixture->clock = sighej_test_clock_new ();
  fixture->backend = scripted_backend_new (FALSE);
  make_link (fixture, NULL);
  sighej_link_set_uri (fixture->link, fixture->backend->uri);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  sighej_test_assert_finalized (fixture->link);
  scripted_backend_free (fixture->backend);
  sighej_test_settle ();
  sighej_test_assert_finalized (fixture->clock);
}

static gint64
now_us (Fixture *fixture)
{
  return sighej_clock_now_us (SIGHEJ_CLOCK (fixture->clock));
}

static void
open_for (Fixture *fixture, gint64 seconds)
{
  sighej_link_open (fixture->link, opening_a, now_us (fixture) + seconds * G_USEC_PER_SEC);
}

static gboolean
is (Fixture *fixture, SighejBackendState state)
{
  return sighej_link_get_state (fixture->link) == state;
}

static gboolean
is_online (Fixture *fixture)
{
  return is (fixture, SIGHEJ_BACKEND_STATE_ONLINE);
}

static void
go_online (Fixture *fixture, gint64 seconds)
{
  open_for (fixture, seconds);
  WAIT_UNTIL (is_online (fixture));
}

/*
 * Lets time go by in steps small enough for pings to be answered in between. Not for attempts to
 * connect: those take turns of the main loop that cannot be told, and would run into their timeout.
 */
static void
pass (Fixture *fixture, guint seconds)
{
  for (guint gone = 0; gone < seconds; gone += STEP_S)
    {
      sighej_test_settle ();
      sighej_test_clock_advance (fixture->clock,
                                 (gint64) MIN (STEP_S, seconds - gone) * G_USEC_PER_SEC);
      sighej_test_settle ();
    }
}

static guint
n_posts (Fixture *fixture)
{
  return fixture->backend->requests->len;
}

static guint64
counter (Fixture *fixture, const char *name)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{st}"));
  g_autoptr (GVariant) counters = NULL;
  guint64 value = 0;

  sighej_link_count (fixture->link, &builder);
  counters = g_variant_ref_sink (g_variant_builder_end (&builder));
  g_assert_true (g_variant_lookup (counters, name, "t", &value));
  return value;
}

/* The level of one line of the doctor, "" when it is not there. */
static const char *
doctor (Fixture *fixture, const char *id)
{
  g_autoptr (GPtrArray) results
      = g_ptr_array_new_with_free_func ((GDestroyNotify) sighej_check_result_free);

  sighej_link_check (fixture->link, results);
  for (guint i = 0; i < results->len; i++)
    {
      SighejCheckResult *result = results->pdata[i];

      if (g_str_equal (result->id, id))
        return result->level;
    }
  return "";
}

/* ---- addresses ---- */

static void
test_check_uri (void)
{
  static const char *const good[] = { "https://sighej.example", "https://sighej.example:8443/base/",
                                      "https://[2001:db8::1]",  "http://localhost:8080",
                                      "http://127.1.2.3",       "http://[::1]:80/" };
  static const char *const bad[] = { "",
                                     "sighej.example",
                                     "http://sighej.example",
                                     "http://localhost.example",
                                     "https://",
                                     "https://user@sighej.example",
                                     "https://sighej.example/?x",
                                     "https://sighej.example/#x",
                                     "https://sighej.example:0",
                                     "https://sighej.example:70000",
                                     "ftp://sighej.example",
                                     "file:///etc/passwd" };
  g_autofree char *filler = g_strnfill (4096, 'a');
  g_autofree char *long_uri = g_strconcat ("https://sighej.example/", filler, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (sighej_link_check_uri (good[i], &error));
      g_assert_no_error (error);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (sighej_link_check_uri (bad[i], &error));
      g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG);
    }
  g_assert_false (sighej_link_check_uri (long_uri, NULL));
}

static void
test_dup_host (void)
{
  g_autofree char *name = sighej_link_dup_host ("https://SigHej.Example:8443/x");
  g_autofree char *address = sighej_link_dup_host ("http://[::1]:80/");

  g_assert_cmpstr (name, ==, "sighej.example");
  g_assert_cmpstr (address, ==, "::1");
}

static void
test_unreadable_authorities (void)
{
  g_autoptr (SighejTestClock) clock = sighej_test_clock_new ();
  g_autoptr (GError) error = NULL;

  g_assert_null (sighej_link_new (SIGHEJ_CLOCK (clock), TIMEOUT_S, "/nowhere/ca.pem", &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG);
}

/* ---- opening and closing ---- */

static void
test_opens (Fixture *fixture, gconstpointer unused)
{
  const SighejWireSessionRequest *request;
  g_autoptr (SighejTokenSchedule) schedule = NULL;
  g_autofree char *handshake = NULL;
  SighejToken token;

  g_assert_cmpint (sighej_link_get_state (fixture->link), ==, SIGHEJ_BACKEND_STATE_OFFLINE);
  g_assert_null (sighej_link_get_schedule (fixture->link));
  open_for (fixture, 3600);
  g_assert_cmpint (sighej_link_get_state (fixture->link), ==, SIGHEJ_BACKEND_STATE_CONNECTING);
  WAIT_UNTIL (is_online (fixture));

  g_assert_cmpuint (n_posts (fixture), ==, 1);
  request = scripted_backend_request (fixture->backend, 0);
  g_assert_cmpuint (request->expires_in_s, ==, 3600);
  g_assert_true (request->has_seed);
  g_assert_true (request->has_opening_id);
  g_assert_false (request->has_public_key);
  g_assert_cmpmem (request->opening_id, 16, opening_a, 16);
  g_assert_true (g_strv_equal ((const char *const *) request->interests, jazz));

  schedule = sighej_token_schedule_new (request->token_seed, NULL, 3600);
  token = sighej_token_schedule_at (schedule, 0)->token;
  g_assert_nonnull (sighej_link_get_schedule (fixture->link));
  g_assert_true (sighej_token_equal (
      &token, &sighej_token_schedule_at (sighej_link_get_schedule (fixture->link), 0)->token));
  g_assert_cmpint (sighej_link_get_accepted_us (fixture->link), ==, now_us (fixture));
  g_assert_cmpuint (fixture->n_session_changed, ==, 1);

  handshake = g_strdup_printf ("/ws/%s|Bearer secret-1|sighej.v1", request->ble_token);
  g_assert_cmpstr (fixture->backend->handshakes->pdata[0], ==, handshake);
  g_assert_cmpstr (fixture->backend->user_agent, ==, "sighejd/" SIGHEJ_VERSION);
  g_assert_cmpuint (scripted_backend_last (fixture->backend, SIGHEJ_WIRE_RESUME)->number, ==, 0);
  g_assert_cmpstr (doctor (fixture, "backend.session"), ==, "ok");
  g_assert_cmpstr (doctor (fixture, "backend.websocket"), ==, "ok");
  g_assert_cmpstr (doctor (fixture, "backend.tls"), ==, "ok");
}

static void
test_session_lengths (Fixture *fixture, gconstpointer unused)
{
  go_online (fixture, 24 * 3600);
  g_assert_cmpuint (scripted_backend_request (fixture->backend, 0)->expires_in_s, ==, 7200);

  sighej_link_open (fixture->link, opening_b, now_us (fixture) + 20 * G_USEC_PER_SEC);
  WAIT_UNTIL (n_posts (fixture) == 2 && is_online (fixture));
  g_assert_cmpuint (scripted_backend_request (fixture->backend, 1)->expires_in_s, ==, 300);
  g_assert_cmpmem (scripted_backend_request (fixture->backend, 1)->opening_id, 16, opening_b, 16);
}

static void
test_unset (Fixture *fixture, gconstpointer unused)
{
  sighej_link_set_uri (fixture->link, "");
  g_assert_cmpint (sighej_link_get_reason (fixture->link), ==, SIGHEJ_REASON_BACKEND_UNSET);
  open_for (fixture, 600);
  g_assert_cmpint (sighej_link_get_state (fixture->link), ==, SIGHEJ_BACKEND_STATE_OFFLINE);
  g_assert_cmpint (sighej_link_get_reason (fixture->link), ==, SIGHEJ_REASON_BACKEND_UNSET);
  g_assert_cmpstr (doctor (fixture, "backend.session"), ==, "error");

  sighej_link_set_uri (fixture->link, fixture->backend->uri);
  WAIT_UNTIL (is_online (fixture));
  g_assert_cmpint (sighej_link_get_reason (fixture->link), ==, SIGHEJ_REASON_NONE);
}

static void
test_closes (Fixture *fixture, gconstpointer unused)
{
  go_online (fixture, 600);
  g_assert_false (sighej_link_get_ended (fixture->link));

  sighej_link_close (fixture->link);
  g_assert_null (sighej_link_get_schedule (fixture->link));
  g_assert_cmpint (sighej_link_get_state (fixture->link), ==, SIGHEJ_BACKEND_STATE_OFFLINE);
  g_assert_false (sighej_link_get_ended (fixture->link));
  WAIT_UNTIL (sighej_link_get_ended (fixture->link));

  g_assert_cmpuint (fixture->backend->deleted->len, ==, 1);
  g_assert_cmpstr (fixture->backend->deleted->pdata[0], ==, "Bearer secret-1");
  WAIT_UNTIL (fixture->backend->sockets->len == 0);
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
  g_assert_cmpuint (fixture->n_session_changed, ==, 2);
}

static void
test_close_gives_up (Fixture *fixture, gconstpointer unused)
{
  go_online (fixture, 600);
  fixture->backend->delete_status = 0;
  sighej_link_close (fixture->link);
  WAIT_UNTIL (fixture->backend->deleted->len == 1);
  sighej_test_clock_advance (fixture->clock, 4 * G_USEC_PER_SEC);
  sighej_test_settle ();
  g_assert_false (sighej_link_get_ended (fixture->link));

  sighej_test_clock_advance (fixture->clock, G_USEC_PER_SEC);
  WAIT_UNTIL (sighej_link_get_ended (fixture->link));
}

static void
test_close_while_registering (Fixture *fixture, gconstpointer unused)
{
  open_for (fixture, 600);
  sighej_link_close (fixture->link);
  g_assert_false (sighej_link_get_ended (fixture->link));
  WAIT_UNTIL (sighej_link_get_ended (fixture->link));

  g_assert_cmpuint (n_posts (fixture), ==, 1);
  g_assert_cmpuint (fixture->backend->deleted->len, ==, 1);
  g_assert_cmpuint (fixture->backend->handshakes->len, ==, 0);
}

static void
test_reopen_at_once (Fixture *fixture, gconstpointer unused)
{
  go_online (fixture, 600);
  sighej_link_close (fixture->link);
  sighej_link_open (fixture->link, opening_b, now_us (fixture) + 600 * G_USEC_PER_SEC);
  WAIT_UNTIL (is_online (fixture) && fixture->backend->deleted->len == 1);
  g_assert_cmpuint (n_posts (fixture), ==, 2);
  g_assert_cmpstr (fixture->backend->deleted->pdata[0], ==, "Bearer secret-1");
}

static void
test_without_secret (Fixture *fixture, gconstpointer unused)
{
  fixture->backend->no_secret = TRUE;
  go_online (fixture, 600);
  sighej_link_close (fixture->link);
  sighej_test_clock_advance (fixture->clock, 0);
  WAIT_UNTIL (sighej_link_get_ended (fixture->link));
  g_assert_cmpuint (fixture->backend->deleted->len, ==, 0);
}

static void
test_dropped_while_busy (Fixture *fixture, gconstpointer unused)
{
  /* Each turn drops the link one step further on its way; tear_down() drops the last. */
  for (guint n_turns = 0; n_turns < 40; n_turns++)
    {
      open_for (fixture, 600);
      for (guint i = 0; i < n_turns; i++)
        g_main_context_iteration (NULL, FALSE);
      sighej_test_assert_finalized (fixture->link);
      make_link (fixture, NULL);
      sighej_link_set_uri (fixture->link, fixture->backend->uri);
    }
}

static void
test_new_address (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (ScriptedBackend) other = scripted_backend_new (FALSE);

  go_online (fixture, 600);
  sighej_link_set_uri (fixture->link, other->uri);
  g_assert_null (sighej_link_get_schedule (fixture->link));
  WAIT_UNTIL (is_online (fixture) && fixture->backend->deleted->len == 1);
  g_assert_cmpuint (other->requests->len, ==, 1);
  g_assert_cmpmem (scripted_backend_request (other, 0)->opening_id, 16, opening_a, 16);

  sighej_link_close (fixture->link);
  WAIT_UNTIL (sighej_link_get_ended (fixture->link));
  g_assert_cmpuint (other->deleted->len, ==, 1);
}

/* ---- renewal ---- */

static void
test_renews (Fixture *fixture, gconstpointer unused)
{
  const SighejWireSessionRequest *first;
  const SighejWireSessionRequest *second;

  fixture->backend->session_s = 300;
  go_online (fixture, 3600);
  pass (fixture, 239);
  g_assert_cmpuint (n_posts (fixture), ==, 1);

  pass (fixture, 1);
  WAIT_UNTIL (fixture->backend->deleted->len == 1);
  g_assert_true (is_online (fixture));
  g_assert_cmpuint (n_posts (fixture), ==, 2);
  g_assert_cmpuint (fixture->backend->handshakes->len, ==, 2);
  g_assert_cmpstr (fixture->backend->deleted->pdata[0], ==, "Bearer secret-1");
  g_assert_cmpuint (fixture->n_session_changed, ==, 2);

  first = scripted_backend_request (fixture->backend, 0);
  second = scripted_backend_request (fixture->backend, 1);
  g_assert_cmpmem (second->opening_id, 16, opening_a, 16);
  g_assert_cmpint (memcmp (first->token_seed, second->token_seed, SIGHEJ_SEED_BYTES), !=, 0);
  g_assert_cmpuint (second->expires_in_s, ==, 3600 - 240);
  g_assert_cmpint (sighej_link_get_accepted_us (fixture->link), ==, now_us (fixture));
  g_assert_cmpuint (counter (fixture, "link.renewals"), ==, 1);
}

static void
test_renewal_keeps_the_old_one (Fixture *fixture, gconstpointer unused)
{
  fixture->backend->session_s = 300;
  go_online (fixture, 3600);
  fixture->backend->post_status = SOUP_STATUS_SERVICE_UNAVAILABLE;
  pass (fixture, 240);
  WAIT_UNTIL (counter (fixture, "link.failures") == 1);
  sighej_test_clock_advance (fixture->clock, G_USEC_PER_SEC);
  WAIT_UNTIL (counter (fixture, "link.failures") == 2);
  g_assert_true (is_online (fixture));
  g_assert_cmpuint (n_posts (fixture), ==, 3);

  pass (fixture, 59);
  g_assert_null (sighej_link_get_schedule (fixture->link));
  g_assert_cmpint (sighej_link_get_state (fixture->link), ==, SIGHEJ_BACKEND_STATE_OFFLINE);
  g_assert_cmpint (sighej_link_get_reason (fixture->link), ==, SIGHEJ_REASON_BACKEND_OFFLINE);
}

static void
test_last_session_is_not_renewed (Fixture *fixture, gconstpointer unused)
{
  go_online (fixture, 300);
  pass (fixture, 290);
  g_assert_cmpuint (n_posts (fixture), ==, 1);
  pass (fixture, 60);
  g_assert_cmpuint (n_posts (fixture), ==, 1);
  g_assert_cmpint (sighej_link_get_state (fixture->link), ==, SIGHEJ_BACKEND_STATE_OFFLINE);

  open_for (fixture, 600);
  WAIT_UNTIL (is_online (fixture));
  g_assert_cmpuint (n_posts (fixture), ==, 2);
}

static void
test_extension_renews (Fixture *fixture, gconstpointer unused)
{
  go_online (fixture, 300);
  pass (fixture, 260);
  open_for (fixture, 1200);
  WAIT_UNTIL (n_posts (fixture) == 2 && fixture->backend->deleted->len == 1);
  g_assert_true (is_online (fixture));
}

static void
test_new_interests (Fixture *fixture, gconstpointer unused)
{
  go_online (fixture, 3600);
  sighej_link_set_interests (fixture->link, jazz);
  sighej_test_settle ();
  g_assert_cmpuint (n_posts (fixture), ==, 1);

  sighej_link_set_interests (fixture->link, tea);
  g_assert_true (is_online (fixture));
  WAIT_UNTIL (fixture->backend->deleted->len == 1);
  g_assert_true (is_online (fixture));
  g_assert_cmpuint (n_posts (fixture), ==, 2);
  g_assert_true (g_strv_equal (
      (const char *const *) scripted_backend_request (fixture->backend, 1)->interests, tea));
  g_assert_cmpmem (scripted_backend_request (fixture->backend, 1)->opening_id, 16, opening_a, 16);

  fixture->backend->post_status = SOUP_STATUS_BAD_REQUEST;
  sighej_link_set_interests (fixture->link, jazz);
  WAIT_UNTIL (is (fixture, SIGHEJ_BACKEND_STATE_REFUSED));
  g_assert_null (sighej_link_get_schedule (fixture->link));
  WAIT_UNTIL (fixture->backend->deleted->len == 2);

  fixture->backend->post_status = SOUP_STATUS_CREATED;
  sighej_link_set_interests (fixture->link, NULL);
  sighej_test_settle ();
  g_assert_cmpint (sighej_link_get_state (fixture->link), ==, SIGHEJ_BACKEND_STATE_OFFLINE);
  sighej_link_set_interests (fixture->link, tea);
  WAIT_UNTIL (is_online (fixture));
}

/* ---- losing and finding again ---- */

static void
test_reconnects (Fixture *fixture, gconstpointer unused)
{
  go_online (fixture, 3600);
  scripted_backend_nudge (fixture->backend, 1);
  scripted_backend_nudge (fixture->backend, 2);
  WAIT_UNTIL (fixture->n_nudges == 2);
  sighej_link_ack (fixture->link, fixture->nudge_seq);
  WAIT_UNTIL (scripted_backend_count (fixture->backend, SIGHEJ_WIRE_ACK) > 0);

  scripted_backend_close (fixture->backend, SOUP_WEBSOCKET_CLOSE_GOING_AWAY);
  WAIT_UNTIL (is (fixture, SIGHEJ_BACKEND_STATE_CONNECTING));
  g_assert_nonnull (sighej_link_get_schedule (fixture->link));
  g_assert_cmpuint (fixture->backend->handshakes->len, ==, 1);
  g_assert_cmpstr (doctor (fixture, "backend.websocket"), ==, "warning");
  sighej_test_clock_advance (fixture->clock, G_USEC_PER_SEC);
  WAIT_UNTIL (is_online (fixture));

  g_assert_cmpuint (n_posts (fixture), ==, 1);
  g_assert_cmpuint (fixture->n_session_changed, ==, 1);
  WAIT_UNTIL (scripted_backend_count (fixture->backend, SIGHEJ_WIRE_RESUME) == 2);
  g_assert_cmpuint (scripted_backend_last (fixture->backend, SIGHEJ_WIRE_RESUME)->number, ==, 2);
  g_assert_cmpuint (counter (fixture, "link.reconnects"), ==, 1);
}

static void
test_nudge_comes_again (Fixture *fixture, gconstpointer unused)
{
  guint64 seq;

  go_online (fixture, 3600);
  scripted_backend_nudge (fixture->backend, 7);
  WAIT_UNTIL (fixture->n_nudges == 1);
  seq = fixture->nudge_seq;
  scripted_backend_nudge (fixture->backend, 7);
  WAIT_UNTIL (fixture->n_nudges == 2);
  g_assert_cmpuint (fixture->nudge_seq, ==, seq);

  sighej_link_ack (fixture->link, seq);
  WAIT_UNTIL (scripted_backend_last (fixture->backend, SIGHEJ_WIRE_ACK) != NULL);
  g_assert_cmpuint (scripted_backend_last (fixture->backend, SIGHEJ_WIRE_ACK)->number, ==, 7);
}

/* Outbox numbers start over with each session; what the link hands out does not. */
static void
test_nudges_over_renewal (Fixture *fixture, gconstpointer unused)
{
  guint64 first_seq;

  go_online (fixture, 3600);
  scripted_backend_nudge (fixture->backend, 9);
  WAIT_UNTIL (fixture->n_nudges == 1);
  first_seq = fixture->nudge_seq;

  sighej_link_set_interests (fixture->link, tea);
  WAIT_UNTIL (fixture->backend->deleted->len == 1);
  WAIT_UNTIL (fixture->backend->sockets->len == 1);
  scripted_backend_nudge (fixture->backend, 1);
  WAIT_UNTIL (fixture->n_nudges == 2);
  g_assert_cmpuint (fixture->nudge_seq, >, first_seq);
  sighej_link_ack (fixture->link, fixture->nudge_seq);
  WAIT_UNTIL (scripted_backend_last (fixture->backend, SIGHEJ_WIRE_ACK) != NULL);
  g_assert_cmpuint (scripted_backend_last (fixture->backend, SIGHEJ_WIRE_ACK)->number, ==, 1);
}

static void
test_silence (Fixture *fixture, gconstpointer unused)
{
  go_online (fixture, 3600);
  pass (fixture, 200);
  g_assert_cmpuint (fixture->backend->n_pings, ==, 11);
  g_assert_cmpuint (fixture->backend->handshakes->len, ==, 1);

  fixture->backend->silent = TRUE;
  pass (fixture, 40);
  g_assert_true (is_online (fixture));
  sighej_test_clock_advance (fixture->clock, 5 * G_USEC_PER_SEC);
  g_assert_false (is_online (fixture));

  fixture->backend->silent = FALSE;
  sighej_test_clock_advance (fixture->clock, G_USEC_PER_SEC);
  WAIT_UNTIL (is_online (fixture));
  g_assert_cmpuint (n_posts (fixture), ==, 1);
}

static void
test_gone (Fixture *fixture, gconstpointer user_data)
{
  go_online (fixture, 3600);
  scripted_backend_close (fixture->backend, (gushort) GPOINTER_TO_UINT (user_data));
  WAIT_UNTIL (!is_online (fixture));
  g_assert_null (sighej_link_get_schedule (fixture->link));
  g_assert_cmpint (sighej_link_get_reason (fixture->link), ==, SIGHEJ_REASON_NONE);

  sighej_test_clock_advance (fixture->clock, G_USEC_PER_SEC);
  WAIT_UNTIL (is_online (fixture));
  g_assert_cmpuint (n_posts (fixture), ==, 2);
  g_assert_cmpmem (scripted_backend_request (fixture->backend, 1)->opening_id, 16, opening_a, 16);
}

static void
test_told_expired (Fixture *fixture, gconstpointer unused)
{
  go_online (fixture, 3600);
  scripted_backend_say (fixture->backend, "{\"type\":\"session\",\"state\":\"expired\"}");
  WAIT_UNTIL (!is_online (fixture));
  sighej_test_clock_advance (fixture->clock, G_USEC_PER_SEC);
  WAIT_UNTIL (is_online (fixture));
  g_assert_cmpuint (n_posts (fixture), ==, 2);
}

static void
test_session_unknown_on_return (Fixture *fixture, gconstpointer unused)
{
  go_online (fixture, 3600);
  scripted_backend_close (fixture->backend, SOUP_WEBSOCKET_CLOSE_GOING_AWAY);
  WAIT_UNTIL (!is_online (fixture));
  fixture->backend->ws_status = SOUP_STATUS_NOT_FOUND;
  sighej_test_clock_advance (fixture->clock, G_USEC_PER_SEC);
  WAIT_UNTIL (sighej_link_get_schedule (fixture->link) == NULL);

  fixture->backend->ws_status = 0;
  pass (fixture, 5);
  WAIT_UNTIL (is_online (fixture));
  g_assert_cmpuint (n_posts (fixture), ==, 2);
}

/* A backend that takes every session and throws it out at once must not be hammered. */
static void
test_revolving_door (Fixture *fixture, gconstpointer unused)
{
  open_for (fixture, 7200);
  for (guint i = 0; i < 12; i++)
    {
      WAIT_UNTIL (is_online (fixture));
      scripted_backend_close (fixture->backend, SIGHEJ_WIRE_CLOSE_NO_SESSION);
      WAIT_UNTIL (!is_online (fixture));
      if (i >= 7)
        g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), >=, 30 * G_USEC_PER_SEC);
      sighej_test_clock_advance (fixture->clock, sighej_test_clock_next_us (fixture->clock));
    }
}

static void
test_unreachable (Fixture *fixture, gconstpointer unused)
{
  gint64 top_us = G_USEC_PER_SEC;

  scripted_backend_go_away (fixture->backend);
  open_for (fixture, 3600);
  for (guint i = 0; i < 9; i++)
    {
      gint64 wait_us;

      WAIT_UNTIL (is (fixture, SIGHEJ_BACKEND_STATE_OFFLINE));
      WAIT_UNTIL (counter (fixture, "link.failures") == i + 1);
      g_assert_cmpint (sighej_link_get_reason (fixture->link), ==, SIGHEJ_REASON_BACKEND_OFFLINE);
      wait_us = sighej_test_clock_next_us (fixture->clock);
      g_assert_cmpint (wait_us, >=, top_us / 2);
      g_assert_cmpint (wait_us, <=, top_us);
      top_us = MIN (top_us * 2, 60 * G_USEC_PER_SEC);
      sighej_test_clock_advance (fixture->clock, wait_us);
    }
  g_assert_cmpstr (doctor (fixture, "backend.session"), ==, "error");
}

static void
test_never_answers (Fixture *fixture, gconstpointer unused)
{
  fixture->backend->post_status = 0;
  open_for (fixture, 3600);
  WAIT_UNTIL (n_posts (fixture) == 1);
  g_assert_cmpint (sighej_link_get_state (fixture->link), ==, SIGHEJ_BACKEND_STATE_CONNECTING);
  sighej_test_clock_advance (fixture->clock, TIMEOUT_S * G_USEC_PER_SEC);
  WAIT_UNTIL (is (fixture, SIGHEJ_BACKEND_STATE_OFFLINE));

  fixture->backend->post_status = SOUP_STATUS_CREATED;
  sighej_test_clock_advance (fixture->clock, G_USEC_PER_SEC);
  WAIT_UNTIL (is_online (fixture));
  g_assert_cmpuint (n_posts (fixture), ==, 2);
  g_assert_cmpint (memcmp (scripted_backend_request (fixture->backend, 0)->token_seed,
                           scripted_backend_request (fixture->backend, 1)->token_seed,
                           SIGHEJ_SEED_BYTES),
                   !=,
                   0);
}

static void
test_mute_socket (Fixture *fixture, gconstpointer unused)
{
  fixture->backend->silent = TRUE;
  open_for (fixture, 3600);
  WAIT_UNTIL (fixture->backend->n_pings == 1);
  g_assert_false (is_online (fixture));
  sighej_test_clock_advance (fixture->clock, TIMEOUT_S * G_USEC_PER_SEC);
  WAIT_UNTIL (is (fixture, SIGHEJ_BACKEND_STATE_OFFLINE));
  g_assert_cmpstr (doctor (fixture, "backend.websocket"), ==, "error");
}

static void
test_upgrade_refused (Fixture *fixture, gconstpointer unused)
{
  fixture->backend->ws_status = SOUP_STATUS_BAD_REQUEST;
  open_for (fixture, 3600);
  WAIT_UNTIL (is (fixture, SIGHEJ_BACKEND_STATE_OFFLINE));
  g_assert_cmpstr (doctor (fixture, "backend.websocket"), ==, "error");

  fixture->backend->ws_status = 0;
  sighej_test_clock_advance (fixture->clock, G_USEC_PER_SEC);
  WAIT_UNTIL (is_online (fixture));
  g_assert_cmpuint (n_posts (fixture), ==, 1);
}

/* ---- a backend that says no ---- */

static void
test_refused (Fixture *fixture, gconstpointer user_data)
{
  fixture->backend->post_status = GPOINTER_TO_UINT (user_data);
  open_for (fixture, 3600);
  WAIT_UNTIL (is (fixture, SIGHEJ_BACKEND_STATE_REFUSED));
  g_assert_cmpint (sighej_link_get_reason (fixture->link), ==, SIGHEJ_REASON_BACKEND_REFUSED);
  pass (fixture, 299);
  g_assert_cmpuint (n_posts (fixture), ==, 1);

  fixture->backend->post_status = SOUP_STATUS_CREATED;
  pass (fixture, 1);
  WAIT_UNTIL (is_online (fixture));
}

static void
test_refused_handshake (Fixture *fixture, gconstpointer unused)
{
  fixture->backend->ws_status = SOUP_STATUS_FORBIDDEN;
  open_for (fixture, 3600);
  WAIT_UNTIL (is (fixture, SIGHEJ_BACKEND_STATE_REFUSED));
  sighej_link_close (fixture->link);
  WAIT_UNTIL (sighej_link_get_ended (fixture->link));
  g_assert_cmpuint (fixture->backend->deleted->len, ==, 1);
  g_assert_cmpint (sighej_link_get_reason (fixture->link), ==, SIGHEJ_REASON_NONE);
}

static void
test_taken (Fixture *fixture, gconstpointer unused)
{
  fixture->backend->post_status = SOUP_STATUS_CONFLICT;
  open_for (fixture, 3600);
  for (guint i = 1; i <= 3; i++)
    {
      WAIT_UNTIL (counter (fixture, "link.failures") == i);
      sighej_test_clock_advance (fixture->clock, 0);
    }
  g_assert_cmpint (sighej_link_get_state (fixture->link), ==, SIGHEJ_BACKEND_STATE_REFUSED);
  g_assert_cmpuint (n_posts (fixture), ==, 3);
  g_assert_cmpstr (scripted_backend_request (fixture->backend, 0)->ble_token,
                   !=,
                   scripted_backend_request (fixture->backend, 1)->ble_token);
}

static void
test_rate_limited (Fixture *fixture, gconstpointer unused)
{
  fixture->backend->post_status = 429;
  fixture->backend->retry_after_s = "42";
  open_for (fixture, 3600);
  WAIT_UNTIL (sighej_link_get_reason (fixture->link) == SIGHEJ_REASON_RATE_LIMITED);
  g_assert_cmpint (sighej_link_get_state (fixture->link), ==, SIGHEJ_BACKEND_STATE_OFFLINE);
  fixture->backend->post_status = SOUP_STATUS_CREATED;
  pass (fixture, 41);
  g_assert_cmpuint (n_posts (fixture), ==, 1);
  pass (fixture, 2);
  WAIT_UNTIL (is_online (fixture));
}

static void
test_endless_retry_after (Fixture *fixture, gconstpointer unused)
{
  fixture->backend->post_status = 429;
  fixture->backend->retry_after_s = "4000000000";
  open_for (fixture, 7200);
  WAIT_UNTIL (sighej_link_get_reason (fixture->link) == SIGHEJ_REASON_RATE_LIMITED);
  g_assert_cmpint (
      sighej_test_clock_next_us (fixture->clock), <=, G_GINT64_CONSTANT (3601) * G_USEC_PER_SEC);
}

/* ---- a backend that talks nonsense ---- */

static void
test_nonsense (Fixture *fixture, gconstpointer user_data)
{
  g_autofree char *large = g_strnfill (20 * 1024, ' ');

  fixture->backend->post_body = user_data != NULL ? user_data : large;
  open_for (fixture, 3600);
  WAIT_UNTIL (is (fixture, SIGHEJ_BACKEND_STATE_OFFLINE));
  g_assert_cmpint (sighej_link_get_reason (fixture->link), ==, SIGHEJ_REASON_BACKEND_OFFLINE);
  g_assert_cmpuint (n_posts (fixture), ==, 1);

  fixture->backend->post_body = NULL;
  sighej_test_clock_advance (fixture->clock, G_USEC_PER_SEC);
  WAIT_UNTIL (is_online (fixture));
}

static void
test_already_expired (Fixture *fixture, gconstpointer user_data)
{
  fixture->backend->session_s = GPOINTER_TO_INT (user_data);
  open_for (fixture, 3600);
  WAIT_UNTIL (is (fixture, SIGHEJ_BACKEND_STATE_REFUSED));
  g_assert_cmpuint (n_posts (fixture), ==, 1);
}

static void
test_nonsense_on_the_socket (Fixture *fixture, gconstpointer unused)
{
  go_online (fixture, 3600);
  scripted_backend_say (fixture->backend, "[[[[[[[[[[[[");
  scripted_backend_say (fixture->backend, "{\"type\":\"nudge\"}");
  scripted_backend_say (fixture->backend, "{\"type\":\"weather\"}");
  scripted_backend_say (fixture->backend, "{\"type\":\"error\",\"code\":\"x\",\"message\":\"y\"}");
  soup_websocket_connection_send_binary (scripted_backend_socket (fixture->backend), "xx", 2);
  scripted_backend_nudge (fixture->backend, 1);
  WAIT_UNTIL (fixture->n_nudges == 1);
  g_assert_true (is_online (fixture));
  g_assert_cmpuint (counter (fixture, "link.bad-messages"), ==, 4);
}

static void
test_large_message (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *large = g_strnfill (SIGHEJ_WIRE_MESSAGE_BYTES_MAX + 1, 'x');

  go_online (fixture, 3600);
  scripted_backend_say (fixture->backend, large);
  WAIT_UNTIL (!is_online (fixture));
  sighej_test_clock_advance (fixture->clock, G_USEC_PER_SEC);
  WAIT_UNTIL (is_online (fixture));
}

/* ---- sightings ---- */

static void
test_reports (Fixture *fixture, gconstpointer unused)
{
  SighejToken token = { { 1, 2, 3 } };
  char hex[SIGHEJ_TOKEN_HEX_CHARS + 1];
  const SighejWireClientMessage *message;
  g_autofree char *answer = NULL;

  g_assert_false (sighej_link_report (fixture->link, &token));
  go_online (fixture, 3600);
  g_assert_true (sighej_link_report (fixture->link, &token));
  WAIT_UNTIL (scripted_backend_count (fixture->backend, SIGHEJ_WIRE_SIGHTING) == 1);
  message = scripted_backend_last (fixture->backend, SIGHEJ_WIRE_SIGHTING);
  sighej_token_to_hex (&token, hex);
  g_assert_cmpstr (message->detected_token, ==, hex);

  answer = g_strdup_printf ("{\"type\":\"sighting_result\",\"id\":%" G_GUINT64_FORMAT
                            ",\"match\":true,\"shared_interests\":[\"jazz\"],\"nudge_sent\":true}",
                            message->number);
  scripted_backend_say (fixture->backend, answer);
  WAIT_UNTIL (fixture->n_results == 1);
  g_assert_cmpuint (fixture->n_matches, ==, 1);
  g_assert_true (sighej_token_equal (&fixture->result_token, &token));

  scripted_backend_say (fixture->backend, answer);
  scripted_backend_nudge (fixture->backend, 1);
  WAIT_UNTIL (fixture->n_nudges == 1);
  g_assert_cmpuint (fixture->n_results, ==, 1);
}

static void
test_report_limit (Fixture *fixture, gconstpointer unused)
{
  SighejToken token = { { 0 } };

  go_online (fixture, 3600);
  for (guint i = 0; i < 256; i++)
    {
      token.bytes[0] = (guint8) i;
      g_assert_true (sighej_link_report (fixture->link, &token));
    }
  g_assert_false (sighej_link_report (fixture->link, &token));
  WAIT_UNTIL (scripted_backend_count (fixture->backend, SIGHEJ_WIRE_SIGHTING) == 256);

  pass (fixture, 10);
  g_assert_true (sighej_link_report (fixture->link, &token));
  g_assert_cmpuint (counter (fixture, "link.sightings-unanswered"), ==, 256);
  scripted_backend_say (fixture->backend,
                        "{\"type\":\"sighting_result\",\"id\":1,\"match\":false,"
                        "\"shared_interests\":[],\"nudge_sent\":false}");
  scripted_backend_nudge (fixture->backend, 1);
  WAIT_UNTIL (fixture->n_nudges == 1);
  g_assert_cmpuint (fixture->n_results, ==, 0);
}

/* ---- TLS ---- */

static void
test_tls (void)
{
  Fixture fixture = { .clock = sighej_test_clock_new (), .backend = scripted_backend_new (TRUE) };

  make_link (&fixture, NULL);
  sighej_link_set_uri (fixture.link, fixture.backend->uri);
  open_for (&fixture, 600);
  WAIT_UNTIL (is (&fixture, SIGHEJ_BACKEND_STATE_OFFLINE));
  g_assert_cmpstr (doctor (&fixture, "backend.tls"), ==, "error");
  g_assert_cmpuint (n_posts (&fixture), ==, 0);
  sighej_test_assert_finalized (fixture.link);

  make_link (&fixture, fixture.backend->certificate_file);
  sighej_link_set_uri (fixture.link, fixture.backend->uri);
  go_online (&fixture, 600);
  g_assert_cmpstr (doctor (&fixture, "backend.tls"), ==, "ok");
  scripted_backend_nudge (fixture.backend, 1);
  WAIT_UNTIL (fixture.n_nudges == 1);
  tear_down (&fixture, NULL);
}

#define ADD(path, user_data, function)                                                             \
  g_test_add ("/link/" path, Fixture, user_data, set_up, function, tear_down)

static void
add_answers (void)
{
  static const guint refusals[] = { 301, 302, 400, 401, 403, 404, 413, 415, 426 };
  static const char *const nonsense[][2] = {
    { "empty", "" },
    { "portal", "<html>Please log in</html>" },
    { "array", "[]" },
    { "cut-off", "{\"session_id\":\"" },
    { "no-id", "{\"expires_at\":\"2030-01-01T00:00:00Z\"}" },
    { "wrong-type", "{\"session_id\":7,\"expires_at\":7}" },
    { "too-large", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autofree char *path = g_strdup_printf ("/link/refused/%u", refusals[i]);

      g_test_add (path, Fixture, GUINT_TO_POINTER (refusals[i]), set_up, test_refused, tear_down);
    }
  for (guint i = 0; i < G_N_ELEMENTS (nonsense); i++)
    {
      g_autofree char *path = g_strconcat ("/link/nonsense/", nonsense[i][0], NULL);

      g_test_add (path, Fixture, nonsense[i][1], set_up, test_nonsense, tear_down);
    }
  ADD ("expired-answer-is-refused", GINT_TO_POINTER (-60), test_already_expired);
  ADD ("too-short-answer-is-refused", GINT_TO_POINTER (120), test_already_expired);
}

static void
add_stories (void)
{
  ADD ("opens-session-and-socket", NULL, test_opens);
  ADD ("asks-for-what-is-left-within-limits", NULL, test_session_lengths);
  ADD ("says-when-no-backend-is-set", NULL, test_unset);
  ADD ("close-deletes-and-leaves-no-wait", NULL, test_closes);
  ADD ("close-gives-up-after-5-s", NULL, test_close_gives_up);
  ADD ("close-while-registering-deletes-too", NULL, test_close_while_registering);
  ADD ("reopens-while-the-old-one-ends", NULL, test_reopen_at_once);
  ADD ("does-without-credential", NULL, test_without_secret);
  ADD ("can-be-dropped-at-any-time", NULL, test_dropped_while_busy);
  ADD ("new-address-ends-the-old-session", NULL, test_new_address);
  ADD ("renews-before-it-ends-the-old", NULL, test_renews);
  ADD ("keeps-the-old-while-renewal-fails", NULL, test_renewal_keeps_the_old_one);
  ADD ("does-not-renew-past-the-opening", NULL, test_last_session_is_not_renewed);
  ADD ("renews-when-extended", NULL, test_extension_renews);
  ADD ("new-interests-make-a-new-session", NULL, test_new_interests);
  ADD ("reconnects-and-resumes", NULL, test_reconnects);
  ADD ("repeated-nudge-keeps-its-number", NULL, test_nudge_comes_again);
  ADD ("nudges-count-on-over-renewal", NULL, test_nudges_over_renewal);
  ADD ("notices-a-silent-backend", NULL, test_silence);
  ADD ("replaces-a-gone-session/4401", GUINT_TO_POINTER (4401), test_gone);
  ADD ("replaces-a-gone-session/4404", GUINT_TO_POINTER (4404), test_gone);
  ADD ("replaces-a-gone-session/4410", GUINT_TO_POINTER (4410), test_gone);
  ADD ("replaces-a-session-told-expired", NULL, test_told_expired);
  ADD ("replaces-a-session-unknown-on-return", NULL, test_session_unknown_on_return);
  ADD ("backs-off-from-a-revolving-door", NULL, test_revolving_door);
  ADD ("backs-off-when-unreachable", NULL, test_unreachable);
  ADD ("tries-again-with-a-new-seed", NULL, test_never_answers);
  ADD ("wants-proof-that-the-socket-works", NULL, test_mute_socket);
  ADD ("tells-a-proxy-from-a-dead-backend", NULL, test_upgrade_refused);
  ADD ("refused-handshake", NULL, test_refused_handshake);
  ADD ("draws-three-seeds-for-a-taken-token", NULL, test_taken);
  ADD ("waits-as-long-as-told", NULL, test_rate_limited);
  ADD ("but-not-for-ever", NULL, test_endless_retry_after);
  ADD ("ignores-nonsense-on-the-socket", NULL, test_nonsense_on_the_socket);
  ADD ("drops-a-socket-with-a-large-message", NULL, test_large_message);
  ADD ("reports-sightings", NULL, test_reports);
  ADD ("bounds-waiting-reports", NULL, test_report_limit);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/link/check-uri", test_check_uri);
  g_test_add_func ("/link/dup-host", test_dup_host);
  g_test_add_func ("/link/unreadable-authorities", test_unreadable_authorities);
  g_test_add_func ("/link/trusts-only-whom-it-is-told-to", test_tls);
  add_stories ();
  add_answers ();

  return g_test_run ();
}
