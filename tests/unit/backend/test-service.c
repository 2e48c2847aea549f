/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "service-fixture.h"
#include "sighej-error.h"

#define HOUR_US (3600 * SECOND_US)
#define NO_MATCH "{\"match\":false,\"shared_interests\":[],\"nudge_sent\":false}"

static void
assert_sight (Service *self, const Opened *who, const char *detected, const char *expected)
{
  g_autofree char *answer = service_sight (self, who, detected);

  g_assert_cmpstr (answer, ==, expected);
}

static void
assert_unauthorized (Service *self, const Opened *who)
{
  g_autofree char *answer = service_sight (self, who, "nobody");

  g_assert_cmpint (answer[0], ==, '!');
  g_assert_cmpint (atoi (answer + 1), ==, SIGHEJ_ERROR_UNAUTHORIZED);
}

static void
assert_stats (Service *self, const char *expected)
{
  g_autofree char *stats = service_stats (self);

  g_assert_cmpstr (stats, ==, expected);
}

static guint
count_lines (const char *text)
{
  guint n_lines = 0;

  for (; *text != '\0'; text++)
    n_lines += *text == '\n';
  return n_lines;
}

static guint
count_nudges (Service *self, const Opened *who)
{
  g_autofree char *text = service_read_outbox (self, who, 0);

  return count_lines (text);
}

/* Opening */

static void
test_open_gives_a_session (Service *self, gconstpointer data)
{
  Opened opened = service_open (self, "alice-1", "devops");

  g_assert_cmpint (opened.code, ==, -1);
  g_assert_true (g_uuid_string_is_valid (opened.id));
  g_assert_cmpuint (strlen (opened.secret), ==, 43); /* 32 bytes, base64url */
  g_assert_cmpint (
      opened.expires_at_us, ==, sighej_clock_wall_us (SIGHEJ_CLOCK (self->clock)) + 2 * HOUR_US);
  g_assert_cmpint (service_authenticate (self, opened.secret, NULL), ==, -1);
  g_assert_cmpint (service_find (self, "alice-1"), ==, -1);
}

static SighejWireSessionRequest *
seed_request (const char *first_token)
{
  SighejWireSessionRequest *request = service_request (first_token, "devops");

  /* Seed A of BLE 3. */
  for (guint8 i = 0; i < SIGHEJ_SEED_BYTES; i++)
    request->token_seed[i] = i;
  request->has_seed = TRUE;
  return request;
}

static void
test_a_seed_gives_all_its_tokens (Service *self, gconstpointer data)
{
  g_autoptr (SighejWireSessionRequest) request = seed_request ("b4b57748198574854a05");
  Opened alice = service_open_request (self, request, NULL);
  Opened bob = service_open (self, "bob", "devops");

  g_assert_cmpint (alice.code, ==, -1);
  sighej_service_attach (self->service, alice.id, 1);
  sighej_service_attach (self->service, bob.id, 1);
  sighej_test_clock_advance (self->clock, 3100 * SECOND_US); /* epoch 4 */
  assert_sight (self, &alice, "bob", NO_MATCH);
  assert_sight (self, &bob, "b4b57748198574854a05", NO_MATCH);
  assert_sight (self, &bob, "c0ea652a92f73ac7930e", NO_MATCH); /* over for 70 s */
  assert_sight (self, &bob, "f7d40dc62a85ce4e514a", NO_MATCH); /* not yet */
  assert_sight (self,
                &bob,
                "73b09605d70ba1482519",
                "{\"match\":true,\"shared_interests\":[\"devops\"],\"nudge_sent\":true}");
}

static void
test_a_seed_must_go_with_its_first_token (Service *self, gconstpointer data)
{
  g_autoptr (SighejWireSessionRequest) wrong = seed_request ("da2dbcdf1a09268f2cd5");
  g_autoptr (SighejWireSessionRequest) keyed = seed_request ("b4b57748198574854a05");

  keyed->has_public_key = TRUE;
  keyed->public_key[0] = 9;
  g_assert_cmpint (service_open_request (self, wrong, NULL).code, ==, SIGHEJ_ERROR_INVALID_REQUEST);
  g_assert_cmpint (service_open_request (self, keyed, NULL).code, ==, SIGHEJ_ERROR_INVALID_REQUEST);
  g_assert_cmpint (
      service_open (self, "no spaces", "devops").code, ==, SIGHEJ_ERROR_INVALID_REQUEST);
}

static void
test_expires_in_is_at_most_the_operators (Service *self, gconstpointer data)
{
  g_autoptr (SighejWireSessionRequest) request = service_request ("alice", "devops");
  SighejServiceLimits limits = service_limits;
  gint64 now_us = sighej_clock_wall_us (SIGHEJ_CLOCK (self->clock));

  request->expires_in_s = 300;
  g_assert_cmpint (
      service_open_request (self, request, NULL).expires_at_us - now_us, ==, 300 * SECOND_US);

  limits.session_ttl_s = 600;
  service_set_limits (self, &limits);
  g_strlcpy (request->ble_token, "bob", sizeof request->ble_token);
  request->expires_in_s = 7200;
  g_assert_cmpint (
      service_open_request (self, request, NULL).expires_at_us - now_us, ==, 600 * SECOND_US);
}

static void
test_interests_stay_in_their_owners_words (Service *self, gconstpointer data)
{
  Opened opened = service_open (
      self, "alice", "  Brætspil ,boardgames,\xe2\x80\x83underwater welding,UNDERWATER  Welding");
  g_autofree char *json = NULL;
  g_autofree char *expected = g_strdup_printf (
      "{\"session_id\":\"%s\",\"state\":\"active\",\"expires_at\":\"2026-01-01T12:00:00Z\","
      "\"interests\":[\"Brætspil\",\"underwater welding\"],\"categories\":[\"games\",\"other\"],"
      "\"nudges\":0,\"nudges_waiting\":0,\"has_public_key\":false}",
      opened.id);

  g_assert_cmpint (service_authenticate (self, opened.secret, &json), ==, -1);
  g_assert_cmpstr (json, ==, expected);
}

static void
test_a_bad_interest_is_named_by_number_only (Service *self, gconstpointer data)
{
  Opened opened = service_open (self, "alice", "devops,secret\nwish,chess");

  g_assert_cmpint (opened.code, ==, SIGHEJ_ERROR_INVALID_INTEREST);
  g_assert_nonnull (strstr (opened.problem, "interest 2"));
  g_assert_null (strstr (opened.problem, "secret"));
  g_assert_cmpint (service_open (self, "alice", "").code, ==, SIGHEJ_ERROR_INVALID_INTEREST);
  g_assert_cmpint (
      service_open (self, "alice", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21").code,
      ==,
      SIGHEJ_ERROR_INVALID_INTEREST);
}

/* T-07 */
static void
test_a_token_has_one_owner (Service *self, gconstpointer data)
{
  guint n_owners = 0;
  Opened owner;

  for (guint i = 0; i < 1000; i++)
    {
      Opened opened = service_open (self, "wanted", "devops");

      g_assert_true (opened.code == -1 || opened.code == SIGHEJ_ERROR_CONFLICT);
      n_owners += opened.code == -1;
      if (opened.code == -1)
        owner = opened;
    }
  g_assert_cmpuint (n_owners, ==, 1);

  g_assert_cmpint (service_end (self, owner.id), ==, -1);
  g_assert_cmpint (service_open (self, "wanted", "devops").code, ==, SIGHEJ_ERROR_CONFLICT);
}

/* Proving who one is (T-01) */

static void
test_only_the_secret_proves (Service *self, gconstpointer data)
{
  Opened alice = service_open (self, "alice", "devops");
  Opened bob = service_open (self, "bob", "devops");
  static const char *const wrong[] = {
    "",
    "alice",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_cmpint (service_authenticate (self, wrong[i], NULL), ==, SIGHEJ_ERROR_UNAUTHORIZED);
  g_assert_cmpint (service_authenticate (self, alice.id, NULL), ==, SIGHEJ_ERROR_UNAUTHORIZED);

  service_end (self, bob.id);
  g_assert_cmpint (service_authenticate (self, bob.secret, NULL), ==, SIGHEJ_ERROR_UNAUTHORIZED);
  sighej_test_clock_advance (self->clock, 2 * HOUR_US);
  g_assert_cmpint (service_authenticate (self, alice.secret, NULL), ==, SIGHEJ_ERROR_UNAUTHORIZED);
}

static void
test_the_path_takes_the_first_token_only (Service *self, gconstpointer data)
{
  g_autoptr (SighejWireSessionRequest) request = seed_request ("b4b57748198574854a05");

  service_open_request (self, request, NULL);
  sighej_test_clock_advance (self->clock, 1000 * SECOND_US);
  g_assert_cmpint (service_find (self, "b4b57748198574854a05"), ==, -1);
  g_assert_cmpint (service_find (self, "da2dbcdf1a09268f2cd5"), ==, SIGHEJ_ERROR_NOT_FOUND);
  g_assert_cmpint (service_find (self, "nobody"), ==, SIGHEJ_ERROR_NOT_FOUND);
}

/* N-3 */
static void
test_expiry_survives_a_jump_of_the_clock (Service *self, gconstpointer data)
{
  static const gint64 jumps_us[] = { HOUR_US, -HOUR_US };

  for (guint i = 0; i < G_N_ELEMENTS (jumps_us); i++)
    {
      Opened opened = service_open (self, i == 0 ? "alice" : "bob", "devops");

      sighej_test_clock_advance (self->clock, HOUR_US);
      sighej_test_clock_jump_wall (self->clock, jumps_us[i]);
      sighej_test_clock_advance (self->clock, HOUR_US - SECOND_US);
      assert_sight (self, &opened, "nobody", NO_MATCH);
      sighej_test_clock_advance (self->clock, SECOND_US);
      assert_unauthorized (self, &opened);
    }
}

/* Meeting */

static void
test_both_are_told_in_their_own_words (Service *self, gconstpointer data)
{
  Opened alice = service_open (self, "alice", "Brætspil,DevOps,chess");
  Opened bob = service_open (self, "bob", "jazz,devops,board games");
  g_autofree char *to_alice = NULL;
  g_autofree char *to_bob = NULL;

  sighej_service_attach (self->service, alice.id, 1);
  assert_sight (self, &alice, "bob", NO_MATCH);
  g_assert_cmpuint (self->woken->len, ==, 0);
  assert_sight (
      self,
      &bob,
      "alice",
      "{\"match\":true,\"shared_interests\":[\"devops\",\"board games\"],\"nudge_sent\":true}");
  g_assert_cmpuint (self->woken->len, ==, 2);
  g_assert_true (g_ptr_array_find_with_equal_func (self->woken, alice.id, g_str_equal, NULL));
  g_assert_true (g_ptr_array_find_with_equal_func (self->woken, bob.id, g_str_equal, NULL));

  to_alice = service_read_outbox (self, &alice, 0);
  to_bob = service_read_outbox (self, &bob, 0);
  g_assert_nonnull (strstr (to_alice, "\"seq\":1,"));
  g_assert_nonnull (strstr (to_alice, "[\"Brætspil\",\"DevOps\"]"));
  g_assert_nonnull (
      strstr (to_alice, "Someone nearby shares your interest in Brætspil and DevOps."));
  g_assert_nonnull (
      strstr (to_bob, "Someone nearby shares your interest in devops and board games."));
  sighej_service_ack (self->service, alice.id, 1);
  g_assert_cmpuint (count_nudges (self, &alice), ==, 0);
  g_assert_cmpuint (count_nudges (self, &bob), ==, 1);
}

static void
test_nudge_sent_means_the_peer_listens (Service *self, gconstpointer data)
{
  Opened alice = service_open (self, "alice", "devops");
  Opened bob = service_open (self, "bob", "devops");

  assert_sight (self, &alice, "bob", NO_MATCH);
  assert_sight (self,
                &bob,
                "alice",
                "{\"match\":true,\"shared_interests\":[\"devops\"],\"nudge_sent\":false}");
  sighej_service_attach (self->service, alice.id, 1);
  assert_sight (self,
                &bob,
                "alice",
                "{\"match\":true,\"shared_interests\":[\"devops\"],\"nudge_sent\":true}");
  g_assert_cmpuint (count_nudges (self, &bob), ==, 1);
}

/* T-03 */
static void
test_all_refusals_are_the_same_bytes (Service *self, gconstpointer data)
{
  g_autoptr (SighejWireSessionRequest) own_other = service_request ("own-other", "devops");
  g_autoptr (SighejWireSessionRequest) request = service_request ("alice", "devops");
  g_autoptr (SighejWireSessionRequest) brief = service_request ("expired", "devops");
  Opened alice, ended;

  own_other->has_opening_id = request->has_opening_id = TRUE;
  brief->expires_in_s = 300;
  service_open_request (self, brief, NULL);
  ended = service_open (self, "ended", "devops");
  service_end (self, ended.id);
  sighej_test_clock_advance (self->clock, 300 * SECOND_US);
  alice = service_open_request (self, request, NULL);
  service_open_request (self, own_other, NULL);
  service_open (self, "not-yet", "devops");
  service_open (self, "other-words", "chess");

  assert_sight (self, &alice, "unknown", NO_MATCH);
  assert_sight (self, &alice, "expired", NO_MATCH);
  assert_sight (self, &alice, "ended", NO_MATCH);
  assert_sight (self, &alice, "alice", NO_MATCH);
  assert_sight (self, &alice, "own-other", NO_MATCH);
  assert_sight (self, &alice, "not-yet", NO_MATCH);
  assert_sight (self, &alice, "other-words", NO_MATCH);
}

static void
test_the_same_two_are_nudged_once_an_opening (Service *self, gconstpointer data)
{
  g_autoptr (SighejWireSessionRequest) renewed = service_request ("alice-2", "devops");
  g_autoptr (SighejWireSessionRequest) request = service_request ("alice", "devops");
  Opened alice, bob, again;

  request->has_opening_id = renewed->has_opening_id = TRUE;
  alice = service_open_request (self, request, NULL);
  bob = service_open (self, "bob", "devops");
  g_free (service_sight (self, &alice, "bob"));
  g_free (service_sight (self, &bob, "alice"));
  sighej_service_ack (self->service, alice.id, 1);
  sighej_service_ack (self->service, bob.id, 1);

  again = service_open_request (self, renewed, NULL);
  service_end (self, alice.id);
  g_free (service_sight (self, &again, "bob"));
  g_free (service_sight (self, &bob, "alice-2"));
  g_assert_cmpuint (count_nudges (self, &again), ==, 0);
  g_assert_cmpuint (count_nudges (self, &bob), ==, 0);
  assert_stats (self,
                "{\"total_sessions_today\":3,\"total_matches_today\":1,\"total_pings_today\":4,"
                "\"top_interest_categories\":[],\"active_sessions_now\":2}");
}

static void
test_midnight_does_not_part_two_people (Service *self, gconstpointer data)
{
  Opened alice, bob, carol;

  sighej_test_clock_advance (self->clock, 14 * HOUR_US - 30 * SECOND_US);
  alice = service_open (self, "alice", "underwater welding");
  sighej_test_clock_advance (self->clock, 60 * SECOND_US);
  bob = service_open (self, "bob", "Underwater Welding");
  carol = service_open (self, "carol", "underwater welding");
  g_free (service_sight (self, &alice, "bob"));
  assert_sight (
      self,
      &bob,
      "alice",
      "{\"match\":true,\"shared_interests\":[\"Underwater Welding\"],\"nudge_sent\":false}");
  g_free (service_sight (self, &carol, "bob"));
  g_free (service_sight (self, &bob, "carol"));
  g_assert_cmpuint (count_nudges (self, &bob), ==, 2);
  assert_stats (self,
                "{\"total_sessions_today\":2,\"total_matches_today\":2,\"total_pings_today\":4,"
                "\"top_interest_categories\":[],\"active_sessions_now\":3}");
}

static void
test_delete_ends_it (Service *self, gconstpointer data)
{
  Opened alice = service_open (self, "alice", "devops");
  g_autofree char *outbox = NULL;

  g_assert_cmpint (service_end (self, alice.id), ==, -1);
  g_assert_cmpuint (self->ended->len, ==, 1);
  g_assert_cmpstr (self->ended->pdata[0], ==, alice.id);
  assert_unauthorized (self, &alice);
  outbox = service_read_outbox (self, &alice, 0);
  g_assert_cmpstr (outbox, ==, "!");
  sighej_service_attach (self->service, alice.id, -1); /* a socket that ends later */
  sighej_service_ack (self->service, alice.id, 1);
}

/* Limits */

static guint
sight_until_refused (Service *self, const Opened *who, const char *detected)
{
  for (guint n_sighted = 0;; n_sighted++)
    {
      g_autofree char *answer = service_sight (self, who, detected);

      if (answer[0] == '!')
        {
          g_assert_cmpint (atoi (answer + 1), ==, SIGHEJ_ERROR_RATE_LIMITED);
          return n_sighted;
        }
    }
}

static void
test_a_limit_does_not_depend_on_the_outcome (Service *self, gconstpointer data)
{
  static const struct
  {
    const char *own;
    const char *detected;
  } cases[] = {
    { "alice-1", "unknown" }, { "alice-2", "alice-2" },     { "alice-3", "silent" },
    { "alice-4", "chess" },   { "alice-5", "has-seen-us" },
  };
  Opened peer = service_open (self, "has-seen-us", "devops");

  service_open (self, "silent", "devops");
  service_open (self, "chess", "chess");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Opened alice = service_open (self, cases[i].own, "devops");

      g_free (service_sight (self, &peer, cases[i].own));
      g_assert_cmpuint (sight_until_refused (self, &alice, cases[i].detected), ==, 60);
      sighej_test_clock_advance (self->clock, SECOND_US);
      g_assert_cmpuint (sight_until_refused (self, &alice, cases[i].detected), ==, 2);
    }
}

static void
test_an_address_opens_so_many_sessions (Service *self, gconstpointer data)
{
  Opened refused;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 600; i++)
    {
      g_autofree char *token = g_strdup_printf ("token-%u", i);
      /* Refused for another reason costs the same. */
      g_autoptr (SighejWireSessionRequest) request
          = service_request (token, i % 2 == 0 ? "devops" : "");

      g_assert_cmpint (
          service_open_request (self, request, "192.0.2.7").code, !=, SIGHEJ_ERROR_RATE_LIMITED);
    }
  {
    g_autoptr (SighejWireSessionRequest) request = service_request ("one-more", "devops");

    refused = service_open_request (self, request, "192.0.2.7");
    g_assert_cmpint (refused.code, ==, SIGHEJ_ERROR_RATE_LIMITED);
    error = g_error_new_literal (SIGHEJ_ERROR, refused.code, refused.problem);
    g_assert_cmpuint (sighej_error_get_retry_after_s (error), ==, 1);
    g_assert_cmpint (service_open_request (self, request, "192.0.2.8").code, ==, -1);
    g_strlcpy (request->ble_token, "unknown-address", sizeof request->ble_token);
    g_assert_cmpint (service_open_request (self, request, NULL).code, ==, -1);
  }
}

static void
test_idle_service_sleeps (Service *self, gconstpointer data)
{
  Opened alice = service_open (self, "alice", "devops");
  g_autofree char *stats = NULL;

  g_free (service_sight (self, &alice, "nobody"));
  stats = service_stats (self);
  sighej_test_clock_advance (self->clock, 27 * HOUR_US);
  g_assert_cmpint (sighej_test_clock_next_us (self->clock), ==, -1);
}

/* Statistics */

static void
test_stats_are_exact_and_coarse (Service *self, gconstpointer data)
{
  for (guint i = 0; i < 6; i++)
    {
      g_autofree char *token = g_strdup_printf ("token-%u", i);

      service_open (self, token, i < 4 ? "devops,linux,jazz" : i < 5 ? "devops,jazz" : "jazz");
    }
  assert_stats (self,
                "{\"total_sessions_today\":6,\"total_matches_today\":0,\"total_pings_today\":0,"
                "\"top_interest_categories\":[\"music\",\"tech\"],\"active_sessions_now\":6}");
  service_open (self, "chess", "chess,underwater welding");
  assert_stats (self,
                "{\"total_sessions_today\":7,\"total_matches_today\":0,\"total_pings_today\":0,"
                "\"top_interest_categories\":[\"music\",\"tech\"],\"active_sessions_now\":7}");
}

/* The first contract */

static void
test_legacy_has_no_secret_and_upserts (Service *self, gconstpointer data)
{
  Opened first = service_open (self, "alice", "devops");
  Opened second = service_open (self, "alice", "chess");

  g_assert_cmpint (first.code, ==, -1);
  g_assert_cmpint (second.code, ==, -1);
  g_assert_cmpstr (second.secret, ==, "");
  g_assert_cmpuint (self->ended->len, ==, 1);
  g_assert_cmpstr (self->ended->pdata[0], ==, first.id);
  g_assert_cmpint (service_find (self, "alice"), ==, -1);
  service_end (self, second.id);
  g_assert_cmpint (service_open (self, "alice", "devops").code, ==, -1);
}

static void
test_legacy_matches_one_sidedly (Service *self, gconstpointer data)
{
  Opened alice = service_open (self, "alice", "devops,hardstyle");
  Opened bob = service_open (self, "bob", "hardstyle,devops");

  sighej_test_clock_advance (self->clock, 600 * SECOND_US);
  assert_sight (
      self,
      &alice,
      "bob",
      "{\"match\":true,\"shared_interests\":[\"devops\",\"hardstyle\"],\"nudge_sent\":false}");
  sighej_service_attach (self->service, bob.id, 1);
  for (guint i = 0; i < 2; i++)
    assert_sight (
        self,
        &alice,
        "bob",
        "{\"match\":true,\"shared_interests\":[\"devops\",\"hardstyle\"],\"nudge_sent\":true}");
  g_assert_cmpuint (self->woken->len, ==, 6);
  g_assert_cmpuint (count_nudges (self, &bob), ==, 1);
  assert_stats (self,
                "{\"total_sessions_today\":2,\"total_matches_today\":3,\"total_pings_today\":3,"
                "\"top_interest_categories\":[],\"active_sessions_now\":2}");
}

#define ADD(name, data, test)                                                                      \
  g_test_add ("/service/" name, Service, data, service_set_up, test, service_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("open-gives-a-session", NULL, test_open_gives_a_session);
  ADD ("a-seed-gives-all-its-tokens", NULL, test_a_seed_gives_all_its_tokens);
  ADD ("a-seed-must-go-with-its-first-token", NULL, test_a_seed_must_go_with_its_first_token);
  ADD ("expires-in-is-at-most-the-operators", NULL, test_expires_in_is_at_most_the_operators);
  ADD ("interests-stay-in-their-owners-words", NULL, test_interests_stay_in_their_owners_words);
  ADD ("a-bad-interest-is-named-by-number-only", NULL, test_a_bad_interest_is_named_by_number_only);
  ADD ("a-token-has-one-owner", NULL, test_a_token_has_one_owner);
  ADD ("only-the-secret-proves", NULL, test_only_the_secret_proves);
  ADD ("the-path-takes-the-first-token-only", NULL, test_the_path_takes_the_first_token_only);
  ADD ("expiry-survives-a-jump-of-the-clock", NULL, test_expiry_survives_a_jump_of_the_clock);
  ADD ("both-are-told-in-their-own-words", NULL, test_both_are_told_in_their_own_words);
  ADD ("nudge-sent-means-the-peer-listens", NULL, test_nudge_sent_means_the_peer_listens);
  ADD ("all-refusals-are-the-same-bytes", NULL, test_all_refusals_are_the_same_bytes);
  ADD ("the-same-two-are-nudged-once-an-opening",
       NULL,
       test_the_same_two_are_nudged_once_an_opening);
  ADD ("midnight-does-not-part-two-people", NULL, test_midnight_does_not_part_two_people);
  ADD ("delete-ends-it", NULL, test_delete_ends_it);
  ADD ("a-limit-does-not-depend-on-the-outcome", NULL, test_a_limit_does_not_depend_on_the_outcome);
  ADD ("an-address-opens-so-many-sessions", NULL, test_an_address_opens_so_many_sessions);
  ADD ("idle-service-sleeps", NULL, test_idle_service_sleeps);
  ADD ("stats-are-exact-and-coarse", NULL, test_stats_are_exact_and_coarse);
  ADD ("legacy-has-no-secret-and-upserts", "legacy", test_legacy_has_no_secret_and_upserts);
  ADD ("legacy-matches-one-sidedly", "legacy", test_legacy_matches_one_sidedly);
  return g_test_run ();
}
