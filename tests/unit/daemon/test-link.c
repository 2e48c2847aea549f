/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <gio/gio.h>

#include "link-fixture.h"

static const guint8 opening_b[16] = { 0xb1 };
static const char *const tea[] = { "tea", "jazz", NULL };

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

  g_assert_null (
      sighej_link_new (SIGHEJ_CLOCK (clock), LINK_FIXTURE_TIMEOUT_S, "/nowhere/ca.pem", &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG);
}

/* ---- opening and closing ---- */

static void
test_opens (LinkFixture *fixture, gconstpointer unused)
{
  const SighejWireSessionRequest *request;
  g_autoptr (SighejTokenSchedule) schedule = NULL;
  g_autofree char *handshake = NULL;
  SighejToken token;

  g_assert_cmpint (sighej_link_get_state (fixture->link), ==, SIGHEJ_BACKEND_STATE_OFFLINE);
  g_assert_null (sighej_link_get_schedule (fixture->link));
  link_fixture_open_for (fixture, 3600);
  g_assert_cmpint (sighej_link_get_state (fixture->link), ==, SIGHEJ_BACKEND_STATE_CONNECTING);
  WAIT_UNTIL (link_fixture_is_online (fixture));

  g_assert_cmpuint (link_fixture_get_n_posts (fixture), ==, 1);
  request = scripted_backend_request (fixture->backend, 0);
  g_assert_cmpuint (request->expires_in_s, ==, 3600);
  g_assert_true (request->has_seed);
  g_assert_true (request->has_opening_id);
  g_assert_true (request->has_public_key);
  g_assert_cmpmem (request->opening_id, 16, link_fixture_opening, 16);
  g_assert_true (g_strv_equal ((const char *const *) request->interests, link_fixture_jazz));

  schedule = sighej_token_schedule_new (request->token_seed, request->public_key, 3600);
  token = sighej_token_schedule_at (schedule, 0)->token;
  g_assert_nonnull (sighej_link_get_schedule (fixture->link));
  g_assert_true (sighej_token_equal (
      &token, &sighej_token_schedule_at (sighej_link_get_schedule (fixture->link), 0)->token));
  g_assert_cmpint (sighej_link_get_accepted_us (fixture->link), ==, link_fixture_now_us (fixture));
  g_assert_cmpuint (fixture->n_session_changed, ==, 1);

  handshake = g_strdup_printf ("/ws/%s|Bearer secret-1|sighej.v1", request->ble_token);
  g_assert_cmpstr (fixture->backend->handshakes->pdata[0], ==, handshake);
  g_assert_cmpstr (fixture->backend->user_agent, ==, "sighejd/" SIGHEJ_VERSION);
  g_assert_cmpuint (scripted_backend_last (fixture->backend, SIGHEJ_WIRE_RESUME)->number, ==, 0);
  g_assert_cmpstr (link_fixture_ask_doctor (fixture, "backend.session"), ==, "ok");
  g_assert_cmpstr (link_fixture_ask_doctor (fixture, "backend.websocket"), ==, "ok");
  g_assert_cmpstr (link_fixture_ask_doctor (fixture, "backend.tls"), ==, "ok");
}

static void
test_session_lengths (LinkFixture *fixture, gconstpointer unused)
{
  link_fixture_go_online (fixture, 24 * 3600);
  g_assert_cmpuint (scripted_backend_request (fixture->backend, 0)->expires_in_s, ==, 7200);

  sighej_link_open (fixture->link, opening_b, link_fixture_now_us (fixture) + 20 * G_USEC_PER_SEC);
  WAIT_UNTIL (link_fixture_get_n_posts (fixture) == 2 && link_fixture_is_online (fixture));
  g_assert_cmpuint (scripted_backend_request (fixture->backend, 1)->expires_in_s, ==, 300);
  g_assert_cmpmem (scripted_backend_request (fixture->backend, 1)->opening_id, 16, opening_b, 16);
}

static void
test_unset (LinkFixture *fixture, gconstpointer unused)
{
  sighej_link_set_uri (fixture->link, "");
  g_assert_cmpint (sighej_link_get_reason (fixture->link), ==, SIGHEJ_REASON_BACKEND_UNSET);
  link_fixture_open_for (fixture, 600);
  g_assert_cmpint (sighej_link_get_state (fixture->link), ==, SIGHEJ_BACKEND_STATE_OFFLINE);
  g_assert_cmpint (sighej_link_get_reason (fixture->link), ==, SIGHEJ_REASON_BACKEND_UNSET);
  g_assert_cmpstr (link_fixture_ask_doctor (fixture, "backend.session"), ==, "error");

  sighej_link_set_uri (fixture->link, fixture->backend->uri);
  WAIT_UNTIL (link_fixture_is_online (fixture));
  g_assert_cmpint (sighej_link_get_reason (fixture->link), ==, SIGHEJ_REASON_NONE);
}

static void
test_closes (LinkFixture *fixture, gconstpointer unused)
{
  link_fixture_go_online (fixture, 600);
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
test_close_gives_up (LinkFixture *fixture, gconstpointer unused)
{
  link_fixture_go_online (fixture, 600);
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
test_close_while_registering (LinkFixture *fixture, gconstpointer unused)
{
  link_fixture_open_for (fixture, 600);
  sighej_link_close (fixture->link);
  g_assert_false (sighej_link_get_ended (fixture->link));
  WAIT_UNTIL (sighej_link_get_ended (fixture->link));

  g_assert_cmpuint (link_fixture_get_n_posts (fixture), ==, 1);
  g_assert_cmpuint (fixture->backend->deleted->len, ==, 1);
  g_assert_cmpuint (fixture->backend->handshakes->len, ==, 0);
}

static void
test_reopen_at_once (LinkFixture *fixture, gconstpointer unused)
{
  link_fixture_go_online (fixture, 600);
  sighej_link_close (fixture->link);
  sighej_link_open (fixture->link, opening_b, link_fixture_now_us (fixture) + 600 * G_USEC_PER_SEC);
  WAIT_UNTIL (link_fixture_is_online (fixture) && fixture->backend->deleted->len == 1);
  g_assert_cmpuint (link_fixture_get_n_posts (fixture), ==, 2);
  g_assert_cmpstr (fixture->backend->deleted->pdata[0], ==, "Bearer secret-1");
}

static void
test_without_secret (LinkFixture *fixture, gconstpointer unused)
{
  fixture->backend->no_secret = TRUE;
  link_fixture_go_online (fixture, 600);
  sighej_link_close (fixture->link);
  sighej_test_clock_advance (fixture->clock, 0);
  WAIT_UNTIL (sighej_link_get_ended (fixture->link));
  g_assert_cmpuint (fixture->backend->deleted->len, ==, 0);
}

static void
test_dropped_while_busy (LinkFixture *fixture, gconstpointer unused)
{
  /* Each turn drops the link one step further on its way; tear_down() drops the last. */
  for (guint n_turns = 0; n_turns < 40; n_turns++)
    {
      link_fixture_open_for (fixture, 600);
      for (guint i = 0; i < n_turns; i++)
        g_main_context_iteration (NULL, FALSE);
      sighej_test_assert_finalized (fixture->link);
      link_fixture_make_link (fixture, NULL);
      sighej_link_set_uri (fixture->link, fixture->backend->uri);
    }
}

static void
test_new_address (LinkFixture *fixture, gconstpointer unused)
{
  g_autoptr (ScriptedBackend) other = scripted_backend_new (FALSE);

  link_fixture_go_online (fixture, 600);
  sighej_link_set_uri (fixture->link, other->uri);
  g_assert_null (sighej_link_get_schedule (fixture->link));
  WAIT_UNTIL (link_fixture_is_online (fixture) && fixture->backend->deleted->len == 1);
  g_assert_cmpuint (other->requests->len, ==, 1);
  g_assert_cmpmem (scripted_backend_request (other, 0)->opening_id, 16, link_fixture_opening, 16);

  sighej_link_close (fixture->link);
  WAIT_UNTIL (sighej_link_get_ended (fixture->link));
  g_assert_cmpuint (other->deleted->len, ==, 1);
}

/* ---- renewal ---- */

static void
test_renews (LinkFixture *fixture, gconstpointer unused)
{
  const SighejWireSessionRequest *first;
  const SighejWireSessionRequest *second;

  fixture->backend->session_s = 300;
  link_fixture_go_online (fixture, 3600);
  link_fixture_pass (fixture, 239);
  g_assert_cmpuint (link_fixture_get_n_posts (fixture), ==, 1);

  link_fixture_pass (fixture, 1);
  WAIT_UNTIL (fixture->backend->deleted->len == 1);
  g_assert_true (link_fixture_is_online (fixture));
  g_assert_cmpuint (link_fixture_get_n_posts (fixture), ==, 2);
  g_assert_cmpuint (fixture->backend->handshakes->len, ==, 2);
  g_assert_cmpstr (fixture->backend->deleted->pdata[0], ==, "Bearer secret-1");
  g_assert_cmpuint (fixture->n_session_changed, ==, 2);

  first = scripted_backend_request (fixture->backend, 0);
  second = scripted_backend_request (fixture->backend, 1);
  g_assert_cmpmem (second->opening_id, 16, link_fixture_opening, 16);
  g_assert_cmpint (memcmp (first->token_seed, second->token_seed, SIGHEJ_SEED_BYTES), !=, 0);
  g_assert_cmpuint (second->expires_in_s, ==, 3600 - 240);
  g_assert_cmpint (sighej_link_get_accepted_us (fixture->link), ==, link_fixture_now_us (fixture));
  g_assert_cmpuint (link_fixture_get_counter (fixture, "link.renewals"), ==, 1);
}

static void
test_renewal_keeps_the_old_one (LinkFixture *fixture, gconstpointer unused)
{
  fixture->backend->session_s = 300;
  link_fixture_go_online (fixture, 3600);
  fixture->backend->post_status = SOUP_STATUS_SERVICE_UNAVAILABLE;
  link_fixture_pass (fixture, 240);
  WAIT_UNTIL (link_fixture_get_counter (fixture, "link.failures") == 1);
  sighej_test_clock_advance (fixture->clock, G_USEC_PER_SEC);
  WAIT_UNTIL (link_fixture_get_counter (fixture, "link.failures") == 2);
  g_assert_true (link_fixture_is_online (fixture));
  g_assert_cmpuint (link_fixture_get_n_posts (fixture), ==, 3);

  link_fixture_pass (fixture, 59);
  g_assert_null (sighej_link_get_schedule (fixture->link));
  g_assert_cmpint (sighej_link_get_state (fixture->link), ==, SIGHEJ_BACKEND_STATE_OFFLINE);
  g_assert_cmpint (sighej_link_get_reason (fixture->link), ==, SIGHEJ_REASON_BACKEND_OFFLINE);
}

static void
test_last_session_is_not_renewed (LinkFixture *fixture, gconstpointer unused)
{
  link_fixture_go_online (fixture, 300);
  link_fixture_pass (fixture, 290);
  g_assert_cmpuint (link_fixture_get_n_posts (fixture), ==, 1);
  link_fixture_pass (fixture, 60);
  g_assert_cmpuint (link_fixture_get_n_posts (fixture), ==, 1);
  g_assert_cmpint (sighej_link_get_state (fixture->link), ==, SIGHEJ_BACKEND_STATE_OFFLINE);

  link_fixture_open_for (fixture, 600);
  WAIT_UNTIL (link_fixture_is_online (fixture));
  g_assert_cmpuint (link_fixture_get_n_posts (fixture), ==, 2);
}

static void
test_extension_renews (LinkFixture *fixture, gconstpointer unused)
{
  link_fixture_go_online (fixture, 300);
  link_fixture_pass (fixture, 260);
  link_fixture_open_for (fixture, 1200);
  WAIT_UNTIL (link_fixture_get_n_posts (fixture) == 2 && fixture->backend->deleted->len == 1);
  g_assert_true (link_fixture_is_online (fixture));
}

static void
test_new_interests (LinkFixture *fixture, gconstpointer unused)
{
  link_fixture_go_online (fixture, 3600);
  sighej_link_set_interests (fixture->link, link_fixture_jazz);
  sighej_test_settle ();
  g_assert_cmpuint (link_fixture_get_n_posts (fixture), ==, 1);

  sighej_link_set_interests (fixture->link, tea);
  g_assert_true (link_fixture_is_online (fixture));
  WAIT_UNTIL (fixture->backend->deleted->len == 1);
  g_assert_true (link_fixture_is_online (fixture));
  g_assert_cmpuint (link_fixture_get_n_posts (fixture), ==, 2);
  g_assert_true (g_strv_equal (
      (const char *const *) scripted_backend_request (fixture->backend, 1)->interests, tea));
  g_assert_cmpmem (
      scripted_backend_request (fixture->backend, 1)->opening_id, 16, link_fixture_opening, 16);

  fixture->backend->post_status = SOUP_STATUS_BAD_REQUEST;
  sighej_link_set_interests (fixture->link, link_fixture_jazz);
  WAIT_UNTIL (link_fixture_is_in (fixture, SIGHEJ_BACKEND_STATE_REFUSED));
  g_assert_null (sighej_link_get_schedule (fixture->link));
  WAIT_UNTIL (fixture->backend->deleted->len == 2);

  fixture->backend->post_status = SOUP_STATUS_CREATED;
  sighej_link_set_interests (fixture->link, NULL);
  sighej_test_settle ();
  g_assert_cmpint (sighej_link_get_state (fixture->link), ==, SIGHEJ_BACKEND_STATE_OFFLINE);
  sighej_link_set_interests (fixture->link, tea);
  WAIT_UNTIL (link_fixture_is_online (fixture));
}

/* ---- sightings ---- */

static void
test_reports (LinkFixture *fixture, gconstpointer unused)
{
  SighejToken token = { { 1, 2, 3 } };
  char hex[SIGHEJ_TOKEN_HEX_CHARS + 1];
  const SighejWireClientMessage *message;
  g_autofree char *answer = NULL;

  g_assert_false (sighej_link_report (fixture->link, &token));
  link_fixture_go_online (fixture, 3600);
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
test_report_limit (LinkFixture *fixture, gconstpointer unused)
{
  SighejToken token = { { 0 } };

  link_fixture_go_online (fixture, 3600);
  for (guint i = 0; i < 256; i++)
    {
      token.bytes[0] = (guint8) i;
      g_assert_true (sighej_link_report (fixture->link, &token));
    }
  g_assert_false (sighej_link_report (fixture->link, &token));
  WAIT_UNTIL (scripted_backend_count (fixture->backend, SIGHEJ_WIRE_SIGHTING) == 256);

  link_fixture_pass (fixture, 10);
  g_assert_true (sighej_link_report (fixture->link, &token));
  g_assert_cmpuint (link_fixture_get_counter (fixture, "link.sightings-unanswered"), ==, 256);
  scripted_backend_say (fixture->backend,
                        "{\"type\":\"sighting_result\",\"id\":1,\"match\":false,"
                        "\"shared_interests\":[],\"nudge_sent\":false}");
  scripted_backend_nudge (fixture->backend, 1);
  WAIT_UNTIL (fixture->n_nudges == 1);
  g_assert_cmpuint (fixture->n_results, ==, 0);
}

#define ADD(path, user_data, function)                                                             \
  g_test_add ("/link/" path,                                                                       \
              LinkFixture,                                                                         \
              user_data,                                                                           \
              link_fixture_set_up,                                                                 \
              function,                                                                            \
              link_fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/link/check-uri", test_check_uri);
  g_test_add_func ("/link/dup-host", test_dup_host);
  g_test_add_func ("/link/unreadable-authorities", test_unreadable_authorities);
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
  ADD ("reports-sightings", NULL, test_reports);
  ADD ("bounds-waiting-reports", NULL, test_report_limit);

  return g_test_run ();
}
