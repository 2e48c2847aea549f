/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What goes wrong between the link and its backend; the rest is in test-link.c. */
#include "config.h"

#include <gio/gio.h>

#include "link-fixture.h"

static const char *const tea[] = { "tea", "jazz", NULL };

/* ---- losing and finding again ---- */

static void
test_reconnects (LinkFixture *fixture, gconstpointer unused)
{
  link_fixture_go_online (fixture, 3600);
  scripted_backend_nudge (fixture->backend, 1);
  scripted_backend_nudge (fixture->backend, 2);
  WAIT_UNTIL (fixture->n_nudges == 2);
  sighej_link_ack (fixture->link, fixture->nudge_seq);
  WAIT_UNTIL (scripted_backend_count (fixture->backend, SIGHEJ_WIRE_ACK) > 0);

  scripted_backend_close (fixture->backend, SOUP_WEBSOCKET_CLOSE_GOING_AWAY);
  WAIT_UNTIL (link_fixture_is_in (fixture, SIGHEJ_BACKEND_STATE_CONNECTING));
  g_assert_nonnull (sighej_link_get_schedule (fixture->link));
  g_assert_cmpuint (fixture->backend->handshakes->len, ==, 1);
  g_assert_cmpstr (link_fixture_ask_doctor (fixture, "backend.websocket"), ==, "warning");
  sighej_test_clock_advance (fixture->clock, G_USEC_PER_SEC);
  WAIT_UNTIL (link_fixture_is_online (fixture));

  g_assert_cmpuint (link_fixture_get_n_posts (fixture), ==, 1);
  g_assert_cmpuint (fixture->n_session_changed, ==, 1);
  WAIT_UNTIL (scripted_backend_count (fixture->backend, SIGHEJ_WIRE_RESUME) == 2);
  g_assert_cmpuint (scripted_backend_last (fixture->backend, SIGHEJ_WIRE_RESUME)->number, ==, 2);
  g_assert_cmpuint (link_fixture_get_counter (fixture, "link.reconnects"), ==, 1);
}

/* Who asks does not wait for the backoff; nor is there anything to try when all is well. */
static void
test_tries_now (LinkFixture *fixture, gconstpointer unused)
{
  link_fixture_go_online (fixture, 3600);
  sighej_link_try_now (fixture->link);
  g_assert_true (link_fixture_is_online (fixture));

  scripted_backend_close (fixture->backend, SOUP_WEBSOCKET_CLOSE_GOING_AWAY);
  WAIT_UNTIL (link_fixture_is_in (fixture, SIGHEJ_BACKEND_STATE_CONNECTING));
  sighej_link_try_now (fixture->link);
  WAIT_UNTIL (link_fixture_is_online (fixture));
  g_assert_cmpuint (link_fixture_get_counter (fixture, "link.reconnects"), ==, 1);
}

static void
test_nudge_comes_again (LinkFixture *fixture, gconstpointer unused)
{
  guint64 seq;

  link_fixture_go_online (fixture, 3600);
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
test_nudges_over_renewal (LinkFixture *fixture, gconstpointer unused)
{
  guint64 first_seq;

  link_fixture_go_online (fixture, 3600);
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
test_silence (LinkFixture *fixture, gconstpointer unused)
{
  link_fixture_go_online (fixture, 3600);
  link_fixture_pass (fixture, 200);
  g_assert_cmpuint (fixture->backend->n_pings, ==, 11);
  g_assert_cmpuint (fixture->backend->handshakes->len, ==, 1);

  fixture->backend->silent = TRUE;
  link_fixture_pass (fixture, 40);
  g_assert_true (link_fixture_is_online (fixture));
  sighej_test_clock_advance (fixture->clock, 5 * G_USEC_PER_SEC);
  g_assert_false (link_fixture_is_online (fixture));

  fixture->backend->silent = FALSE;
  sighej_test_clock_advance (fixture->clock, G_USEC_PER_SEC);
  WAIT_UNTIL (link_fixture_is_online (fixture));
  g_assert_cmpuint (link_fixture_get_n_posts (fixture), ==, 1);
}

static void
test_gone (LinkFixture *fixture, gconstpointer user_data)
{
  link_fixture_go_online (fixture, 3600);
  scripted_backend_close (fixture->backend, (gushort) GPOINTER_TO_UINT (user_data));
  WAIT_UNTIL (!link_fixture_is_online (fixture));
  g_assert_null (sighej_link_get_schedule (fixture->link));
  g_assert_cmpint (sighej_link_get_reason (fixture->link), ==, SIGHEJ_REASON_NONE);

  sighej_test_clock_advance (fixture->clock, G_USEC_PER_SEC);
  WAIT_UNTIL (link_fixture_is_online (fixture));
  g_assert_cmpuint (link_fixture_get_n_posts (fixture), ==, 2);
  g_assert_cmpmem (
      scripted_backend_request (fixture->backend, 1)->opening_id, 16, link_fixture_opening, 16);
}

static void
test_told_expired (LinkFixture *fixture, gconstpointer unused)
{
  link_fixture_go_online (fixture, 3600);
  scripted_backend_say (fixture->backend, "{\"type\":\"session\",\"state\":\"expired\"}");
  WAIT_UNTIL (!link_fixture_is_online (fixture));
  sighej_test_clock_advance (fixture->clock, G_USEC_PER_SEC);
  WAIT_UNTIL (link_fixture_is_online (fixture));
  g_assert_cmpuint (link_fixture_get_n_posts (fixture), ==, 2);
}

static void
test_session_unknown_on_return (LinkFixture *fixture, gconstpointer unused)
{
  link_fixture_go_online (fixture, 3600);
  scripted_backend_close (fixture->backend, SOUP_WEBSOCKET_CLOSE_GOING_AWAY);
  WAIT_UNTIL (!link_fixture_is_online (fixture));
  fixture->backend->ws_status = SOUP_STATUS_NOT_FOUND;
  sighej_test_clock_advance (fixture->clock, G_USEC_PER_SEC);
  WAIT_UNTIL (sighej_link_get_schedule (fixture->link) == NULL);

  fixture->backend->ws_status = 0;
  link_fixture_pass (fixture, 5);
  WAIT_UNTIL (link_fixture_is_online (fixture));
  g_assert_cmpuint (link_fixture_get_n_posts (fixture), ==, 2);
}

/* A backend that takes every session and throws it out at once must not be hammered. */
static void
test_revolving_door (LinkFixture *fixture, gconstpointer unused)
{
  link_fixture_open_for (fixture, 7200);
  for (guint i = 0; i < 12; i++)
    {
      WAIT_UNTIL (link_fixture_is_online (fixture));
      scripted_backend_close (fixture->backend, SIGHEJ_WIRE_CLOSE_NO_SESSION);
      WAIT_UNTIL (!link_fixture_is_online (fixture));
      if (i >= 7)
        g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), >=, 30 * G_USEC_PER_SEC);
      sighej_test_clock_advance (fixture->clock, sighej_test_clock_next_us (fixture->clock));
    }
}

static void
test_unreachable (LinkFixture *fixture, gconstpointer unused)
{
  gint64 top_us = G_USEC_PER_SEC;

  scripted_backend_go_away (fixture->backend);
  link_fixture_open_for (fixture, 3600);
  for (guint i = 0; i < 9; i++)
    {
      gint64 wait_us;

      WAIT_UNTIL (link_fixture_is_in (fixture, SIGHEJ_BACKEND_STATE_OFFLINE));
      WAIT_UNTIL (link_fixture_get_counter (fixture, "link.failures") == i + 1);
      g_assert_cmpint (sighej_link_get_reason (fixture->link), ==, SIGHEJ_REASON_BACKEND_OFFLINE);
      wait_us = sighej_test_clock_next_us (fixture->clock);
      g_assert_cmpint (wait_us, >=, top_us / 2);
      g_assert_cmpint (wait_us, <=, top_us);
      top_us = MIN (top_us * 2, 60 * G_USEC_PER_SEC);
      sighej_test_clock_advance (fixture->clock, wait_us);
    }
  g_assert_cmpstr (link_fixture_ask_doctor (fixture, "backend.session"), ==, "error");
}

static void
test_never_answers (LinkFixture *fixture, gconstpointer unused)
{
  fixture->backend->post_status = 0;
  link_fixture_open_for (fixture, 3600);
  WAIT_UNTIL (link_fixture_get_n_posts (fixture) == 1);
  g_assert_cmpint (sighej_link_get_state (fixture->link), ==, SIGHEJ_BACKEND_STATE_CONNECTING);
  sighej_test_clock_advance (fixture->clock, LINK_FIXTURE_TIMEOUT_S * G_USEC_PER_SEC);
  WAIT_UNTIL (link_fixture_is_in (fixture, SIGHEJ_BACKEND_STATE_OFFLINE));

  fixture->backend->post_status = SOUP_STATUS_CREATED;
  sighej_test_clock_advance (fixture->clock, G_USEC_PER_SEC);
  WAIT_UNTIL (link_fixture_is_online (fixture));
  g_assert_cmpuint (link_fixture_get_n_posts (fixture), ==, 2);
  g_assert_cmpint (memcmp (scripted_backend_request (fixture->backend, 0)->token_seed,
                           scripted_backend_request (fixture->backend, 1)->token_seed,
                           SIGHEJ_SEED_BYTES),
                   !=,
                   0);
}

static void
test_another_timeout_for_the_next_session (LinkFixture *fixture, gconstpointer unused)
{
  fixture->backend->post_status = 0;
  sighej_link_set_connect_timeout (fixture->link, 2 * LINK_FIXTURE_TIMEOUT_S);
  link_fixture_open_for (fixture, 3600);
  WAIT_UNTIL (link_fixture_get_n_posts (fixture) == 1);
  sighej_test_clock_advance (fixture->clock, LINK_FIXTURE_TIMEOUT_S * G_USEC_PER_SEC);
  sighej_test_settle ();
  g_assert_cmpint (sighej_link_get_state (fixture->link), ==, SIGHEJ_BACKEND_STATE_CONNECTING);
  sighej_test_clock_advance (fixture->clock, LINK_FIXTURE_TIMEOUT_S * G_USEC_PER_SEC);
  WAIT_UNTIL (link_fixture_is_in (fixture, SIGHEJ_BACKEND_STATE_OFFLINE));
}

static void
test_mute_socket (LinkFixture *fixture, gconstpointer unused)
{
  fixture->backend->silent = TRUE;
  link_fixture_open_for (fixture, 3600);
  WAIT_UNTIL (fixture->backend->n_pings == 1);
  g_assert_false (link_fixture_is_online (fixture));
  sighej_test_clock_advance (fixture->clock, LINK_FIXTURE_TIMEOUT_S * G_USEC_PER_SEC);
  WAIT_UNTIL (link_fixture_is_in (fixture, SIGHEJ_BACKEND_STATE_OFFLINE));
  g_assert_cmpstr (link_fixture_ask_doctor (fixture, "backend.websocket"), ==, "error");
}

static void
test_upgrade_refused (LinkFixture *fixture, gconstpointer unused)
{
  fixture->backend->ws_status = SOUP_STATUS_BAD_REQUEST;
  link_fixture_open_for (fixture, 3600);
  WAIT_UNTIL (link_fixture_is_in (fixture, SIGHEJ_BACKEND_STATE_OFFLINE));
  g_assert_cmpstr (link_fixture_ask_doctor (fixture, "backend.websocket"), ==, "error");

  fixture->backend->ws_status = 0;
  sighej_test_clock_advance (fixture->clock, G_USEC_PER_SEC);
  WAIT_UNTIL (link_fixture_is_online (fixture));
  g_assert_cmpuint (link_fixture_get_n_posts (fixture), ==, 1);
}

/* ---- a backend that says no ---- */

static void
test_refused (LinkFixture *fixture, gconstpointer user_data)
{
  fixture->backend->post_status = GPOINTER_TO_UINT (user_data);
  link_fixture_open_for (fixture, 3600);
  WAIT_UNTIL (link_fixture_is_in (fixture, SIGHEJ_BACKEND_STATE_REFUSED));
  g_assert_cmpint (sighej_link_get_reason (fixture->link), ==, SIGHEJ_REASON_BACKEND_REFUSED);
  link_fixture_pass (fixture, 299);
  g_assert_cmpuint (link_fixture_get_n_posts (fixture), ==, 1);

  fixture->backend->post_status = SOUP_STATUS_CREATED;
  link_fixture_pass (fixture, 1);
  WAIT_UNTIL (link_fixture_is_online (fixture));
}

static void
test_refused_handshake (LinkFixture *fixture, gconstpointer unused)
{
  fixture->backend->ws_status = SOUP_STATUS_FORBIDDEN;
  link_fixture_open_for (fixture, 3600);
  WAIT_UNTIL (link_fixture_is_in (fixture, SIGHEJ_BACKEND_STATE_REFUSED));
  sighej_link_close (fixture->link);
  WAIT_UNTIL (sighej_link_get_ended (fixture->link));
  g_assert_cmpuint (fixture->backend->deleted->len, ==, 1);
  g_assert_cmpint (sighej_link_get_reason (fixture->link), ==, SIGHEJ_REASON_NONE);
}

static void
test_taken (LinkFixture *fixture, gconstpointer unused)
{
  fixture->backend->post_status = SOUP_STATUS_CONFLICT;
  link_fixture_open_for (fixture, 3600);
  for (guint i = 1; i <= 3; i++)
    {
      WAIT_UNTIL (link_fixture_get_counter (fixture, "link.failures") == i);
      sighej_test_clock_advance (fixture->clock, 0);
    }
  g_assert_cmpint (sighej_link_get_state (fixture->link), ==, SIGHEJ_BACKEND_STATE_REFUSED);
  g_assert_cmpuint (link_fixture_get_n_posts (fixture), ==, 3);
  g_assert_cmpstr (scripted_backend_request (fixture->backend, 0)->ble_token,
                   !=,
                   scripted_backend_request (fixture->backend, 1)->ble_token);
}

static void
test_rate_limited (LinkFixture *fixture, gconstpointer unused)
{
  fixture->backend->post_status = 429;
  fixture->backend->retry_after_s = "42";
  link_fixture_open_for (fixture, 3600);
  WAIT_UNTIL (sighej_link_get_reason (fixture->link) == SIGHEJ_REASON_RATE_LIMITED);
  g_assert_cmpint (sighej_link_get_state (fixture->link), ==, SIGHEJ_BACKEND_STATE_OFFLINE);
  fixture->backend->post_status = SOUP_STATUS_CREATED;
  link_fixture_pass (fixture, 41);
  g_assert_cmpuint (link_fixture_get_n_posts (fixture), ==, 1);
  link_fixture_pass (fixture, 2);
  WAIT_UNTIL (link_fixture_is_online (fixture));
}

static void
test_endless_retry_after (LinkFixture *fixture, gconstpointer unused)
{
  fixture->backend->post_status = 429;
  fixture->backend->retry_after_s = "4000000000";
  link_fixture_open_for (fixture, 7200);
  WAIT_UNTIL (sighej_link_get_reason (fixture->link) == SIGHEJ_REASON_RATE_LIMITED);
  g_assert_cmpint (
      sighej_test_clock_next_us (fixture->clock), <=, G_GINT64_CONSTANT (3601) * G_USEC_PER_SEC);
}

/* ---- a backend that talks nonsense ---- */

static void
test_nonsense (LinkFixture *fixture, gconstpointer user_data)
{
  g_autofree char *large = g_strnfill (20 * 1024, ' ');

  fixture->backend->post_body = user_data != NULL ? user_data : large;
  link_fixture_open_for (fixture, 3600);
  WAIT_UNTIL (link_fixture_is_in (fixture, SIGHEJ_BACKEND_STATE_OFFLINE));
  g_assert_cmpint (sighej_link_get_reason (fixture->link), ==, SIGHEJ_REASON_BACKEND_OFFLINE);
  g_assert_cmpuint (link_fixture_get_n_posts (fixture), ==, 1);

  fixture->backend->post_body = NULL;
  sighej_test_clock_advance (fixture->clock, G_USEC_PER_SEC);
  WAIT_UNTIL (link_fixture_is_online (fixture));
}

static void
test_already_expired (LinkFixture *fixture, gconstpointer user_data)
{
  fixture->backend->session_s = GPOINTER_TO_INT (user_data);
  link_fixture_open_for (fixture, 3600);
  WAIT_UNTIL (link_fixture_is_in (fixture, SIGHEJ_BACKEND_STATE_REFUSED));
  g_assert_cmpuint (link_fixture_get_n_posts (fixture), ==, 1);
}

static void
test_nonsense_on_the_socket (LinkFixture *fixture, gconstpointer unused)
{
  link_fixture_go_online (fixture, 3600);
  scripted_backend_say (fixture->backend, "[[[[[[[[[[[[");
  scripted_backend_say (fixture->backend, "{\"type\":\"nudge\"}");
  scripted_backend_say (fixture->backend, "{\"type\":\"weather\"}");
  scripted_backend_say (fixture->backend, "{\"type\":\"error\",\"code\":\"x\",\"message\":\"y\"}");
  soup_websocket_connection_send_binary (scripted_backend_socket (fixture->backend), "xx", 2);
  scripted_backend_nudge (fixture->backend, 1);
  WAIT_UNTIL (fixture->n_nudges == 1);
  g_assert_true (link_fixture_is_online (fixture));
  g_assert_cmpuint (link_fixture_get_counter (fixture, "link.bad-messages"), ==, 4);
}

static void
test_large_message (LinkFixture *fixture, gconstpointer unused)
{
  g_autofree char *large = g_strnfill (SIGHEJ_WIRE_MESSAGE_BYTES_MAX + 1, 'x');

  link_fixture_go_online (fixture, 3600);
  scripted_backend_say (fixture->backend, large);
  WAIT_UNTIL (!link_fixture_is_online (fixture));
  sighej_test_clock_advance (fixture->clock, G_USEC_PER_SEC);
  WAIT_UNTIL (link_fixture_is_online (fixture));
}

/* ---- TLS ---- */

static void
test_tls (void)
{
  LinkFixture fixture
      = { .clock = sighej_test_clock_new (), .backend = scripted_backend_new (TRUE) };

  link_fixture_make_link (&fixture, NULL);
  sighej_link_set_uri (fixture.link, fixture.backend->uri);
  link_fixture_open_for (&fixture, 600);
  WAIT_UNTIL (link_fixture_is_in (&fixture, SIGHEJ_BACKEND_STATE_OFFLINE));
  g_assert_cmpstr (link_fixture_ask_doctor (&fixture, "backend.tls"), ==, "error");
  g_assert_cmpuint (link_fixture_get_n_posts (&fixture), ==, 0);
  sighej_test_assert_finalized (fixture.link);

  link_fixture_make_link (&fixture, fixture.backend->certificate_file);
  sighej_link_set_uri (fixture.link, fixture.backend->uri);
  link_fixture_go_online (&fixture, 600);
  g_assert_cmpstr (link_fixture_ask_doctor (&fixture, "backend.tls"), ==, "ok");
  scripted_backend_nudge (fixture.backend, 1);
  WAIT_UNTIL (fixture.n_nudges == 1);
  link_fixture_tear_down (&fixture, NULL);
}

#define ADD(path, user_data, function)                                                             \
  g_test_add ("/link/" path,                                                                       \
              LinkFixture,                                                                         \
              user_data,                                                                           \
              link_fixture_set_up,                                                                 \
              function,                                                                            \
              link_fixture_tear_down)

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

      g_test_add (path,
                  LinkFixture,
                  GUINT_TO_POINTER (refusals[i]),
                  link_fixture_set_up,
                  test_refused,
                  link_fixture_tear_down);
    }
  for (guint i = 0; i < G_N_ELEMENTS (nonsense); i++)
    {
      g_autofree char *path = g_strconcat ("/link/nonsense/", nonsense[i][0], NULL);

      g_test_add (path,
                  LinkFixture,
                  nonsense[i][1],
                  link_fixture_set_up,
                  test_nonsense,
                  link_fixture_tear_down);
    }
  ADD ("tries-now-when-asked", NULL, test_tries_now);
  ADD ("expired-answer-is-refused", GINT_TO_POINTER (-60), test_already_expired);
  ADD ("too-short-answer-is-refused", GINT_TO_POINTER (120), test_already_expired);
}

static void
add_stories (void)
{
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
  ADD ("takes-another-timeout-with-the-next-session",
       NULL,
       test_another_timeout_for_the_next_session);
  ADD ("wants-proof-that-the-socket-works", NULL, test_mute_socket);
  ADD ("tells-a-proxy-from-a-dead-backend", NULL, test_upgrade_refused);
  ADD ("refused-handshake", NULL, test_refused_handshake);
  ADD ("draws-three-seeds-for-a-taken-token", NULL, test_taken);
  ADD ("waits-as-long-as-told", NULL, test_rate_limited);
  ADD ("but-not-for-ever", NULL, test_endless_retry_after);
  ADD ("ignores-nonsense-on-the-socket", NULL, test_nonsense_on_the_socket);
  ADD ("drops-a-socket-with-a-large-message", NULL, test_large_message);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/link/trusts-only-whom-it-is-told-to", test_tls);
  add_stories ();
  add_answers ();

  return g_test_run ();
}
