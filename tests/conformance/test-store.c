/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every store must do with sessions and sightings. */
#include "config.h"

#include <string.h>

#include "sighej-error.h"
#include "store-suite.h"

#define SECOND_US ((gint64) G_USEC_PER_SEC)
#define HOUR_US (3600 * SECOND_US)

static void
turn (Fixture *fixture, gint64 seconds)
{
  people_turn_us (fixture, seconds * SECOND_US);
}

/* Sessions */

static void
test_a_session_is_found (Fixture *fixture, gconstpointer data)
{
  Found found;

  ADD (fixture, .number = 1, .lifetime_s = 600, .interests = { 7, 8 });
  found = people_find_by_secret (fixture, 1);
  g_assert_cmpstr (found.id, ==, people_id (1));
  g_assert_cmpstr (found.first_token, ==, "token-1");
  g_assert_cmpuint (found.info.remaining_ms, ==, 600000);
  g_assert_cmpuint (found.info.newest_seq, ==, 0);
  g_assert_cmpuint (found.info.day, ==, PEOPLE_DAY);
  g_assert_cmpuint (found.info.n_interests, ==, 2);
  g_assert_cmpuint (found.info.categories, ==, 5);
  g_assert_cmpstr (people_find_by_token (fixture, "token-1").id, ==, people_id (1));
  g_assert_cmpint (people_find_by_secret (fixture, 2).answer.code, ==, SIGHEJ_ERROR_NOT_FOUND);
  g_assert_cmpint (
      people_find_by_token (fixture, "token-2").answer.code, ==, SIGHEJ_ERROR_NOT_FOUND);
}

static void
test_no_secret_is_found_by_nobody (Fixture *fixture, gconstpointer data)
{
  ADD (fixture, .number = 0, .interests = { 7 });
  g_assert_cmpint (people_find_by_secret (fixture, 0).answer.code, ==, SIGHEJ_ERROR_NOT_FOUND);
  g_assert_cmpstr (people_find_by_token (fixture, "token-0").id, ==, people_id (0));
}

static void
test_expiry_is_absolute (Fixture *fixture, gconstpointer data)
{
  ADD (fixture, .number = 1, .lifetime_s = 300, .interests = { 7 });
  people_attach (fixture, 1, 1);
  for (guint i = 0; i < 29; i++)
    {
      turn (fixture, 10);
      g_assert_cmpint (people_find_by_secret (fixture, 1).answer.code, ==, -1);
    }
  people_turn_us (fixture, 10 * SECOND_US - 1);
  g_assert_cmpint (people_find_by_secret (fixture, 1).answer.code, ==, -1);
  people_turn_us (fixture, 1);

  g_assert_cmpint (people_find_by_secret (fixture, 1).answer.code, ==, SIGHEJ_ERROR_NOT_FOUND);
  g_assert_cmpint (
      people_find_by_token (fixture, "token-1").answer.code, ==, SIGHEJ_ERROR_NOT_FOUND);
  g_assert_cmpint (people_sight (fixture, 1, 2).answer.code, ==, SIGHEJ_ERROR_NOT_FOUND);
  g_assert_cmpint (people_read_outbox (fixture, 1, 0).answer.code, ==, SIGHEJ_ERROR_NOT_FOUND);
  g_assert_cmpint (people_attach (fixture, 1, -1), ==, SIGHEJ_ERROR_NOT_FOUND);
  g_assert_cmpint (people_attach (fixture, 1, 1), ==, SIGHEJ_ERROR_NOT_FOUND);
  g_assert_cmpuint (people_count (fixture), ==, 0);
}

static void
test_the_wall_clock_does_not_matter (Fixture *fixture, gconstpointer data)
{
  static const gint64 jumps_us[] = { HOUR_US, -HOUR_US, 24 * HOUR_US, -48 * HOUR_US };

  for (guint i = 0; i < G_N_ELEMENTS (jumps_us); i++)
    {
      ADD (fixture, .number = i + 1, .lifetime_s = 600, .interests = { 7 });
      turn (fixture, 300);
      sighej_test_clock_jump_wall (fixture->clock, jumps_us[i]);
      turn (fixture, 299);
      g_assert_cmpint (people_find_by_secret (fixture, i + 1).answer.code, ==, -1);
      turn (fixture, 1);
      g_assert_cmpint (
          people_find_by_secret (fixture, i + 1).answer.code, ==, SIGHEJ_ERROR_NOT_FOUND);
    }
}

static void
test_a_token_has_one_owner (Fixture *fixture, gconstpointer data)
{
  static const SighejStoreToken taken[] = { { "mine", 0, 600 }, { "token-1", 600, 1200 } };
  guint n_owners = 0;

  for (guint i = 1; i <= 1000; i++)
    {
      SighejStoreToken token = { "wanted", 0, 7200 };
      Person person = { .number = i, .tokens = &token, .n_tokens = 1, .interests = { 7 } };
      int code = people_add (fixture, &person);

      n_owners += code == -1;
      g_assert_true (code == -1 || code == SIGHEJ_ERROR_CONFLICT);
    }
  g_assert_cmpuint (n_owners, ==, 1);
  g_assert_cmpuint (people_count (fixture), ==, 1);

  people_end (fixture, 1);
  ADD (fixture, .number = 1, .interests = { 7 });
  g_assert_cmpint (
      people_add (fixture,
                  &(Person){ .number = 2, .tokens = taken, .n_tokens = 2, .interests = { 7 } }),
      ==,
      SIGHEJ_ERROR_CONFLICT);
  g_assert_cmpint (people_find_by_token (fixture, "mine").answer.code, ==, SIGHEJ_ERROR_NOT_FOUND);
  g_assert_cmpint (people_find_by_secret (fixture, 2).answer.code, ==, SIGHEJ_ERROR_NOT_FOUND);
}

static void
test_an_ended_static_token_is_not_used_again (Fixture *fixture, gconstpointer data)
{
  Person person = { .number = 1, .tombstone = TRUE, .lifetime_s = 600, .interests = { 7 } };

  g_assert_cmpint (people_add (fixture, &person), ==, -1);
  people_end (fixture, 1);
  g_assert_cmpint (people_add (fixture, &person), ==, SIGHEJ_ERROR_CONFLICT);
  turn (fixture, 24 * 3600 - 1);
  g_assert_cmpint (people_add (fixture, &person), ==, SIGHEJ_ERROR_CONFLICT);
  turn (fixture, 1);
  g_assert_cmpint (people_add (fixture, &person), ==, -1);

  turn (fixture, 601); /* expired this time, not ended */
  g_assert_cmpint (people_add (fixture, &person), ==, SIGHEJ_ERROR_CONFLICT);
}

static void
test_ending_twice_is_fine (Fixture *fixture, gconstpointer data)
{
  ADD (fixture, .number = 1, .interests = { 7 });
  g_assert_cmpint (people_end (fixture, 1), ==, -1);
  g_assert_cmpint (people_end (fixture, 1), ==, -1);
  g_assert_cmpuint (people_count (fixture), ==, 0);
  ADD (fixture, .number = 1, .interests = { 7 });
}

/* Tokens */

static const SighejStoreToken rolling[] = {
  { "first", -10, 660 },
  { "second", 590, 1260 },
  { "third", 1190, 1260 },
};

static gboolean
resolves (Fixture *fixture, const char *token)
{
  return people_sight_as (fixture, 1, token, "nobody", SIGHEJ_MATCH_MUTUAL).answer.code == -1;
}

static void
test_tokens_live_in_their_windows (Fixture *fixture, gconstpointer data)
{
  ADD (fixture,
       .number = 1,
       .tokens = rolling,
       .n_tokens = 3,
       .lifetime_s = 1200,
       .interests = { 7 });
  g_assert_true (resolves (fixture, "first"));
  g_assert_false (resolves (fixture, "second"));
  turn (fixture, 589);
  g_assert_false (resolves (fixture, "second"));
  turn (fixture, 1);
  g_assert_true (resolves (fixture, "first"));
  g_assert_true (resolves (fixture, "second"));
  turn (fixture, 69);
  g_assert_true (resolves (fixture, "first"));
  turn (fixture, 1);
  g_assert_false (resolves (fixture, "first"));
  turn (fixture, 539);
  g_assert_true (resolves (fixture, "third"));
  turn (fixture, 1);
  g_assert_false (resolves (fixture, "third")); /* the session is over */
}

static void
test_the_first_token_names_the_session_for_life (Fixture *fixture, gconstpointer data)
{
  ADD (fixture,
       .number = 1,
       .tokens = rolling,
       .n_tokens = 3,
       .lifetime_s = 1200,
       .interests = { 7 });
  g_assert_cmpint (
      people_find_by_token (fixture, "second").answer.code, ==, SIGHEJ_ERROR_NOT_FOUND);
  turn (fixture, 1199);
  g_assert_cmpstr (people_find_by_token (fixture, "first").id, ==, people_id (1));
  g_assert_cmpstr (people_find_by_token (fixture, "second").first_token, ==, "first");
  turn (fixture, 1);
  g_assert_cmpint (people_find_by_token (fixture, "first").answer.code, ==, SIGHEJ_ERROR_NOT_FOUND);
}

/* Sightings */

static void
test_both_are_nudged_when_both_have_seen (Fixture *fixture, gconstpointer data)
{
  guint8 opening[SIGHEJ_STORE_OPENING_BYTES];
  Outbox one, two;

  people_opening (1, opening);
  ADD (fixture, .number = 1, .interests = { 5, 6, 7 });
  ADD (fixture, .number = 2, .interests = { 7, 9, 6 });
  people_attach (fixture, 1, 1);
  people_assert_no_match (people_sight (fixture, 1, 2));
  g_assert_cmpuint (people_read_outbox (fixture, 1, 0).n_nudges, ==, 0);
  people_assert_fresh (people_sight (fixture, 2, 1), 1, 0x5);

  one = people_read_outbox (fixture, 1, 0);
  two = people_read_outbox (fixture, 2, 0);
  g_assert_cmpuint (one.n_nudges, ==, 1);
  g_assert_cmpuint (two.n_nudges, ==, 1);
  g_assert_cmpmem (one.nudges[0].peer_opening, 16, two.opening, 16);
  g_assert_cmpmem (two.nudges[0].peer_opening, 16, one.opening, 16);
  g_assert_cmpmem (one.opening, 16, opening, 16);
  g_assert_cmphex (one.nudges[0].shared_mask, ==, 0x6);
  g_assert_cmphex (two.nudges[0].shared_mask, ==, 0x5);
  g_assert_cmpuint (one.nudges[0].seq, ==, 1);
  g_assert_cmpuint (one.newest_seq, ==, 1);
}

static void
test_tells_whether_the_peer_has_a_socket (Fixture *fixture, gconstpointer data)
{
  ADD (fixture, .number = 1, .interests = { 7 });
  ADD (fixture, .number = 2, .interests = { 7 });
  ADD (fixture, .number = 3, .interests = { 7 });
  people_attach (fixture, 1, 1);
  people_sight (fixture, 1, 2);
  g_assert_true (people_sight (fixture, 2, 1).sight.peer_attached);
  g_assert_false (people_sight (fixture, 1, 2).sight.peer_attached);
  people_sight (fixture, 3, 2);
  g_assert_false (people_sight (fixture, 2, 3).sight.peer_attached);
}

static void
test_a_sighting_waits_two_minutes (Fixture *fixture, gconstpointer data)
{
  ADD (fixture, .number = 1, .interests = { 7 });
  ADD (fixture, .number = 2, .interests = { 7 });
  ADD (fixture, .number = 3, .interests = { 7 });
  for (guint i = 1; i <= 3; i++)
    people_attach (fixture, i, 1);
  people_sight (fixture, 1, 2);
  people_sight (fixture, 1, 3);
  people_turn_us (fixture, 120 * SECOND_US - 1);
  people_assert_fresh (people_sight (fixture, 2, 1), 1, 1);
  people_turn_us (fixture, 1);
  people_assert_no_match (people_sight (fixture, 3, 1));
  people_assert_fresh (people_sight (fixture, 1, 3), 3, 1);
}

static void
test_a_rotation_between_the_reports_does_not_matter (Fixture *fixture, gconstpointer data)
{
  ADD (fixture,
       .number = 1,
       .tokens = rolling,
       .n_tokens = 3,
       .lifetime_s = 1200,
       .interests = { 7 });
  ADD (fixture, .number = 2, .interests = { 7 });
  people_attach (fixture, 1, 1);
  people_attach (fixture, 2, 1);
  turn (fixture, 600);
  people_assert_no_match (people_sight_token (fixture, 2, "first", SIGHEJ_MATCH_MUTUAL));
  people_assert_no_match (people_sight_token (fixture, 2, "second", SIGHEJ_MATCH_MUTUAL));
  turn (fixture, 100);
  people_assert_fresh (people_sight (fixture, 1, 2), 2, 1);
}

static void
test_all_other_answers_are_alike (Fixture *fixture, gconstpointer data)
{
  ADD (fixture, .number = 1, .interests = { 7 });
  ADD (fixture, .number = 2, .interests = { 7 });
  ADD (fixture, .number = 3, .interests = { 8 });
  ADD (fixture, .number = 4, .opening = 1, .interests = { 7 });
  ADD (fixture, .number = 5, .interests = { 7 });
  ADD (fixture, .number = 6, .lifetime_s = 300, .interests = { 7 });
  ADD (fixture, .number = 7, .day = PEOPLE_DAY + 2, .interests = { 7 });
  for (guint i = 1; i <= 7; i++)
    people_attach (fixture, i, 1);
  people_sight (fixture, 5, 1);
  people_end (fixture, 5);
  turn (fixture, 299);
  people_sight (fixture, 6, 1);
  turn (fixture, 1);
  for (guint i = 1; i <= 7; i++)
    if (i != 1 && i != 2)
      people_sight (fixture, i, 1);

  people_assert_no_match (people_sight_token (fixture, 1, "nobody", SIGHEJ_MATCH_MUTUAL));
  people_assert_no_match (people_sight (fixture, 1, 1)); /* oneself */
  people_assert_no_match (people_sight (fixture, 1, 2)); /* has not seen us */
  people_assert_no_match (people_sight (fixture, 1, 3)); /* shares nothing */
  people_assert_no_match (people_sight (fixture, 1, 4)); /* our own other session */
  people_assert_no_match (people_sight (fixture, 1, 5)); /* ended */
  people_assert_no_match (people_sight (fixture, 1, 6)); /* expired */
  people_assert_no_match (people_sight (fixture, 1, 7)); /* no common day */
  g_assert_cmpuint (people_read_outbox (fixture, 1, 0).n_nudges, ==, 0);
}

static void
test_who_lost_the_socket_cannot_be_matched (Fixture *fixture, gconstpointer data)
{
  ADD (fixture, .number = 1, .interests = { 7 });
  ADD (fixture, .number = 2, .interests = { 7 });
  people_attach (fixture, 1, 1);
  people_attach (fixture, 2, 1);
  people_attach (fixture, 2, 1);
  people_attach (fixture, 2, -1);
  turn (fixture, 300);
  people_attach (fixture, 2, -1);
  turn (fixture, 119);
  people_sight (fixture, 2, 1);
  turn (fixture, 1);
  people_assert_no_match (people_sight (fixture, 1, 2));
  people_assert_no_match (people_sight (fixture, 2, 1));
  people_attach (fixture, 2, 1);
  people_assert_no_match (people_sight (fixture, 2, 1));
  people_assert_fresh (people_sight (fixture, 1, 2), 2, 1);
}

static void
test_own_token_must_be_ones_own (Fixture *fixture, gconstpointer data)
{
  ADD (fixture, .number = 1, .interests = { 7 });
  ADD (fixture, .number = 2, .interests = { 7 });
  g_assert_true (resolves (fixture, "token-1"));
  g_assert_false (resolves (fixture, "token-2"));
  g_assert_false (resolves (fixture, "nobody"));
}

static void
test_a_pair_is_nudged_once (Fixture *fixture, gconstpointer data)
{
  ADD (fixture, .number = 1, .interests = { 7 });
  ADD (fixture, .number = 2, .interests = { 7 });
  people_attach (fixture, 1, 1);
  people_attach (fixture, 2, 1);
  people_sight (fixture, 1, 2);
  people_sight (fixture, 2, 1);
  for (guint i = 0; i < 20; i++)
    {
      Sighted again = people_sight (fixture, 1 + i % 2, 2 - i % 2);

      g_assert_true (again.sight.match);
      g_assert_false (again.sight.fresh);
      g_assert_false (again.sight.wake);
      g_assert_cmphex (again.sight.own_mask, ==, 1);
      turn (fixture, 60);
    }
  g_assert_cmpuint (people_read_outbox (fixture, 1, 0).n_nudges, ==, 1);
  g_assert_cmpuint (people_read_outbox (fixture, 2, 0).n_nudges, ==, 1);
}

static void
test_one_sided_needs_one_report (Fixture *fixture, gconstpointer data)
{
  Sighted again;

  ADD (fixture, .number = 1, .interests = { 7 });
  ADD (fixture, .number = 2, .interests = { 7 });
  people_assert_fresh (people_sight_token (fixture, 1, "token-2", SIGHEJ_MATCH_ONE_SIDED), 2, 1);
  again = people_sight_token (fixture, 2, "token-1", SIGHEJ_MATCH_ONE_SIDED);
  g_assert_true (again.sight.match);
  g_assert_false (again.sight.fresh);
  g_assert_cmpuint (people_read_outbox (fixture, 2, 0).n_nudges, ==, 1);
}

static void
test_legacy_counts_every_match (Fixture *fixture, gconstpointer data)
{
  ADD (fixture, .number = 1, .interests = { 7 });
  ADD (fixture, .number = 2, .interests = { 7 });
  turn (fixture, 300); /* no socket ever: it does not matter here */
  for (guint i = 0; i < 100; i++)
    people_assert_fresh (people_sight_token (fixture, 1, "token-2", SIGHEJ_MATCH_LEGACY), 2, 1);
  g_assert_cmpuint (people_read_outbox (fixture, 2, 0).n_nudges, ==, 1);
  g_assert_cmpuint (people_read_outbox (fixture, 2, 0).nudges[0].seq, ==, 100);
}

/*
 * T-04: in any order and with any gaps, a pair is told exactly when the later of two reports
 * comes within 120 s of the other side's last one, and never before.
 */
static void
test_nothing_is_revealed_one_sidedly (Fixture *fixture, gconstpointer data)
{
  for (guint round = 0; round < 400; round++)
    {
      guint number[2] = { 2 * round + 1, 2 * round + 2 };
      gint64 last_s[2] = { -1000, -1000 };
      gboolean told = FALSE;
      gint64 now_s = 0;

      for (guint i = 0; i < 2; i++)
        {
          ADD (fixture, .number = number[i], .interests = { 7 });
          people_attach (fixture, number[i], 1);
        }
      for (guint step = 0; step < 12; step++)
        {
          guint who = (guint) g_test_rand_int_range (0, 2);
          gint64 gap_s = g_test_rand_int_range (0, 3) == 0 ? g_test_rand_int_range (100, 140)
                                                           : g_test_rand_int_range (0, 60);
          Sighted sighted;

          turn (fixture, gap_s);
          now_s += gap_s;
          sighted = people_sight (fixture, number[who], number[1 - who]);
          last_s[who] = now_s;
          if (!told && now_s - last_s[1 - who] < 120)
            {
              people_assert_fresh (sighted, number[1 - who], 1);
              told = TRUE;
            }
          else if (told)
            {
              g_assert_true (sighted.sight.match);
              g_assert_false (sighted.sight.fresh);
            }
          else
            {
              people_assert_no_match (sighted);
            }
          for (guint i = 0; i < 2; i++)
            g_assert_cmpuint (
                people_read_outbox (fixture, number[i], 0).n_nudges, ==, told ? 1 : 0);
        }
      people_end (fixture, number[0]);
      people_end (fixture, number[1]);
    }
}

static void
test_midnight_between_two_sessions (Fixture *fixture, gconstpointer data)
{
  ADD (fixture, .number = 1, .day = PEOPLE_DAY, .interests = { 6, 7 });
  ADD (fixture, .number = 2, .day = PEOPLE_DAY + 1, .interests = { 7, 6 });
  people_sight (fixture, 1, 2);
  people_assert_fresh (people_sight (fixture, 2, 1), 1, 0x3);
}

static void
test_delete_forgets_the_sightings (Fixture *fixture, gconstpointer data)
{
  ADD (fixture, .number = 1, .interests = { 7 });
  ADD (fixture, .number = 2, .interests = { 7 });
  people_sight (fixture, 1, 2);
  people_end (fixture, 1);
  ADD (fixture, .number = 1, .interests = { 7 });
  people_assert_no_match (people_sight (fixture, 2, 1));
}

/* A callback may do anything, also end the very session it is told about. */
static void
on_ended (const GError *error, gpointer user_data)
{
  g_assert_no_error (error);
}

static void
end (Fixture *fixture, guint number)
{
  sighej_store_end_session (fixture->store, people_id (number), on_ended, NULL);
}

static void
on_found_end (const SighejStoreInfo *info, const GError *error, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_assert_no_error (error);
  end (fixture, 1);
  g_assert_cmpstr (info->id, ==, people_id (1));
  g_assert_cmpstr (info->first_token, ==, "token-1");
}

static void
on_sighted_end (const SighejStoreSight *sighted, const GError *error, gpointer user_data)
{
  Fixture *fixture = user_data;

  g_assert_no_error (error);
  end (fixture, 1);
  end (fixture, 2);
  g_assert_cmpstr (sighted->peer_id, ==, people_id (2));
  g_assert_cmpstr (sighted->own->id, ==, people_id (1));
  g_assert_cmpstr (sighted->own->first_token, ==, "token-1");
}

static void
test_a_callback_may_end_the_session (Fixture *fixture, gconstpointer data)
{
  const SighejStoreReport report = {
    .session_id = people_id (1),
    .detected_token = "token-2",
    .policy = SIGHEJ_MATCH_ONE_SIDED,
    .n_per_minute = 1,
  };

  ADD (fixture, .number = 1, .interests = { 7 });
  sighej_store_find_by_token (fixture->store, "token-1", on_found_end, fixture);
  WAIT_UNTIL (people_count (fixture) == 0);

  ADD (fixture, .number = 1, .interests = { 7 });
  ADD (fixture, .number = 2, .interests = { 7 });
  sighej_store_sight (fixture->store, &report, on_sighted_end, fixture);
  WAIT_UNTIL (people_count (fixture) == 0);
}

/* T-17, N-6: people come, go and expire in any order, also in the very instant of an act. */

typedef struct
{
  guint number;
  gint64 expires_us; /* 0: nobody is here */
} Slot;

static gboolean
is_alive (Fixture *fixture, const Slot *slot)
{
  return slot->expires_us > sighej_clock_now_us (SIGHEJ_CLOCK (fixture->clock));
}

static void
come (Fixture *fixture, Slot *slot, guint number)
{
  guint lifetime_s = (guint) g_test_rand_int_range (300, 400);

  if (is_alive (fixture, slot))
    return;
  slot->number = number;
  slot->expires_us = sighej_clock_now_us (SIGHEJ_CLOCK (fixture->clock)) + lifetime_s * SECOND_US;
  ADD (fixture, .number = number, .lifetime_s = lifetime_s, .interests = { 7 });
  people_attach (fixture, number, 1);
}

static void
go (Fixture *fixture, Slot *slot)
{
  people_end (fixture, slot->number);
  slot->expires_us = 0;
}

/* To the last microsecond of somebody, to the instant after it, or on by a little. */
static void
pass (Fixture *fixture, const Slot *slot)
{
  gint64 left_us = slot->expires_us - sighej_clock_now_us (SIGHEJ_CLOCK (fixture->clock));

  if (left_us > 0 && g_test_rand_int_range (0, 10) == 0)
    people_turn_us (fixture, left_us - g_test_rand_int_range (0, 2));
  else
    people_turn_us (fixture, g_test_rand_int_range (0, 5 * G_USEC_PER_SEC));
}

static void
assert_told_alike (Fixture *fixture, const Slot *one, const Slot *two)
{
  Outbox outbox[] = { people_read_outbox (fixture, one->number, 0),
                      people_read_outbox (fixture, two->number, 0) };

  for (guint i = 0; i < 2; i++)
    g_assert_cmpuint (outbox[i].n_nudges, >, 0);
  g_assert_cmpmem (
      outbox[0].nudges[outbox[0].n_nudges - 1].peer_opening, 16, outbox[1].opening, 16);
  g_assert_cmpmem (
      outbox[1].nudges[outbox[1].n_nudges - 1].peer_opening, 16, outbox[0].opening, 16);
  people_ack (fixture, one->number, G_MAXINT64);
  people_ack (fixture, two->number, G_MAXINT64);
}

static void
look (Fixture *fixture, const Slot *slot, const Slot *other)
{
  Sighted sighted = people_sight (fixture, slot->number, other->number);

  if (!is_alive (fixture, slot))
    g_assert_cmpint (sighted.answer.code, ==, SIGHEJ_ERROR_NOT_FOUND);
  else if (slot == other || !is_alive (fixture, other))
    people_assert_no_match (sighted);
  else if (sighted.sight.fresh)
    assert_told_alike (fixture, slot, other);
  else
    g_assert_false (sighted.sight.wake);
}

static void
test_any_order_of_acts_is_safe (Fixture *fixture, gconstpointer data)
{
  Slot slots[6] = { 0 };

  for (guint step = 1; step <= fixture->n_acts; step++)
    {
      Slot *slot = &slots[g_test_rand_int_range (0, G_N_ELEMENTS (slots))];
      Slot *other = &slots[g_test_rand_int_range (0, G_N_ELEMENTS (slots))];
      int act = g_test_rand_int_range (0, 100);

      if (act < 10)
        come (fixture, slot, step);
      else if (act < 12)
        go (fixture, slot);
      else if (act < 20)
        pass (fixture, slot);
      else
        look (fixture, slot, other);
    }
}

static const StoreScript script[] = {
  { "a-session-is-found", test_a_session_is_found },
  { "no-secret-is-found-by-nobody", test_no_secret_is_found_by_nobody },
  { "expiry-is-absolute", test_expiry_is_absolute },
  { "the-wall-clock-does-not-matter", test_the_wall_clock_does_not_matter },
  { "a-token-has-one-owner", test_a_token_has_one_owner },
  { "an-ended-static-token-is-not-used-again", test_an_ended_static_token_is_not_used_again },
  { "ending-twice-is-fine", test_ending_twice_is_fine },
  { "tokens-live-in-their-windows", test_tokens_live_in_their_windows },
  { "the-first-token-names-the-session-for-life", test_the_first_token_names_the_session_for_life },
  { "both-are-nudged-when-both-have-seen", test_both_are_nudged_when_both_have_seen },
  { "tells-whether-the-peer-has-a-socket", test_tells_whether_the_peer_has_a_socket },
  { "a-sighting-waits-two-minutes", test_a_sighting_waits_two_minutes },
  { "a-rotation-between-the-reports-does-not-matter",
    test_a_rotation_between_the_reports_does_not_matter },
  { "all-other-answers-are-alike", test_all_other_answers_are_alike },
  { "who-lost-the-socket-cannot-be-matched", test_who_lost_the_socket_cannot_be_matched },
  { "own-token-must-be-ones-own", test_own_token_must_be_ones_own },
  { "a-pair-is-nudged-once", test_a_pair_is_nudged_once },
  { "one-sided-needs-one-report", test_one_sided_needs_one_report },
  { "legacy-counts-every-match", test_legacy_counts_every_match },
  { "nothing-is-revealed-one-sidedly", test_nothing_is_revealed_one_sidedly },
  { "midnight-between-two-sessions", test_midnight_between_two_sessions },
  { "delete-forgets-the-sightings", test_delete_forgets_the_sightings },
  { "a-callback-may-end-the-session", test_a_callback_may_end_the_session },
  { "any-order-of-acts-is-safe", test_any_order_of_acts_is_safe },
};

int
main (int argc, char **argv)
{
  return store_suite_run (argc, argv, script, G_N_ELEMENTS (script));
}
