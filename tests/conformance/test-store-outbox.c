/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every store must do with nudges: outboxes, and what a renewed session finds in its own. */
#include "config.h"

#include <string.h>

#include "sighej-error.h"
#include "store-suite.h"

static void
meet (Fixture *fixture, guint number, guint other)
{
  people_assert_no_match (people_sight (fixture, other, number));
  people_assert_fresh (people_sight (fixture, number, other), other, 1);
}

static void
test_ack_drops_what_was_read (Fixture *fixture, gconstpointer data)
{
  ADD (fixture, .number = 1, .interests = { 7 });
  for (guint i = 2; i <= 6; i++)
    {
      ADD (fixture, .number = i, .interests = { 7 });
      meet (fixture, 1, i);
    }
  g_assert_cmpuint (people_read_outbox (fixture, 1, 0).n_nudges, ==, 5);
  g_assert_cmpuint (people_read_outbox (fixture, 1, 3).n_nudges, ==, 2);
  g_assert_cmpuint (people_read_outbox (fixture, 1, 3).nudges[0].seq, ==, 4);
  g_assert_cmpuint (people_read_outbox (fixture, 1, 0).n_nudges, ==, 5); /* reading drops nothing */
  g_assert_cmpuint (people_find_by_secret (fixture, 1).info.n_waiting, ==, 5);

  g_assert_cmpint (people_ack (fixture, 1, 2), ==, -1);
  g_assert_cmpuint (people_read_outbox (fixture, 1, 0).n_nudges, ==, 3);
  g_assert_cmpuint (people_find_by_secret (fixture, 1).info.n_waiting, ==, 3);
  g_assert_cmpuint (people_find_by_token (fixture, "token-1").info.n_waiting, ==, 3);
  g_assert_cmpint (people_ack (fixture, 1, 1), ==, -1);
  g_assert_cmpuint (people_read_outbox (fixture, 1, 0).nudges[0].seq, ==, 3);
  g_assert_cmpint (people_ack (fixture, 1, 1000), ==, -1);
  g_assert_cmpuint (people_read_outbox (fixture, 1, 0).n_nudges, ==, 0);
  g_assert_cmpuint (people_read_outbox (fixture, 1, 0).newest_seq, ==, 5);
  g_assert_cmpuint (people_find_by_secret (fixture, 1).info.n_waiting, ==, 0);
  g_assert_cmpint (people_ack (fixture, 99, 1), ==, SIGHEJ_ERROR_NOT_FOUND);
}

static void
test_a_full_outbox_nudges_nobody (Fixture *fixture, gconstpointer data)
{
  guint last = SIGHEJ_STORE_OUTBOX_MAX + 2;

  ADD (fixture, .number = 1, .interests = { 7 });
  for (guint i = 2; i <= last; i++)
    {
      ADD (fixture, .number = i, .interests = { 7 });
      if (i < last)
        meet (fixture, 1, i);
    }
  people_sight (fixture, last, 1);
  people_assert_no_match (people_sight (fixture, 1, last));
  people_assert_no_match (people_sight (fixture, last, 1));
  g_assert_cmpuint (people_read_outbox (fixture, last, 0).n_nudges, ==, 0);
  g_assert_cmpuint (people_read_outbox (fixture, 1, 0).n_nudges, ==, SIGHEJ_STORE_OUTBOX_MAX);

  people_ack (fixture, 1, 1);
  people_assert_fresh (people_sight (fixture, last, 1), 1, 1);
  g_assert_cmpuint (people_read_outbox (fixture, last, 0).n_nudges, ==, 1);
}

static void
test_a_renewed_session_is_told_what_it_missed (Fixture *fixture, gconstpointer data)
{
  Sighted again;

  ADD (fixture, .number = 1, .interests = { 7 });
  ADD (fixture, .number = 2, .interests = { 7 });
  meet (fixture, 1, 2);
  people_ack (fixture, 2, 1);
  ADD (fixture, .number = 11, .opening = 1, .interests = { 5, 7 });
  people_end (fixture, 1); /* its nudge was never acknowledged */

  again = people_sight (fixture, 11, 2);
  g_assert_true (again.sight.match);
  g_assert_false (again.sight.fresh);
  g_assert_true (again.sight.wake);
  g_assert_cmpuint (people_read_outbox (fixture, 11, 0).n_nudges, ==, 1);
  g_assert_cmphex (people_read_outbox (fixture, 11, 0).nudges[0].shared_mask, ==, 0x2);
  g_assert_cmpuint (people_read_outbox (fixture, 2, 0).n_nudges, ==, 1);
  g_assert_cmpuint (people_read_outbox (fixture, 2, 1).n_nudges, ==, 1); /* anew */
  g_assert_false (people_sight (fixture, 11, 2).sight.wake);
}

/* One misses it after the other, each time with the other told: in the end both have been told of
 * the same two sessions, and nobody is told any more. */
static void
test_both_are_told_of_the_same_two_sessions (Fixture *fixture, gconstpointer data)
{
  ADD (fixture, .number = 1, .interests = { 7 });
  ADD (fixture, .number = 2, .interests = { 7 });
  meet (fixture, 1, 2);
  people_ack (fixture, 2, 1);
  ADD (fixture, .number = 11, .opening = 1, .interests = { 7 });
  people_end (fixture, 1);
  g_assert_true (people_sight (fixture, 11, 2).sight.wake);
  people_ack (fixture, 11, 1);
  ADD (fixture, .number = 12, .opening = 2, .interests = { 7 });
  people_end (fixture, 2); /* what was told anew was never acknowledged */

  g_assert_true (people_sight (fixture, 11, 12).sight.wake);
  g_assert_cmpuint (people_read_outbox (fixture, 11, 1).n_nudges, ==, 1);
  g_assert_cmpuint (people_read_outbox (fixture, 12, 0).n_nudges, ==, 1);
  people_ack (fixture, 11, 2);
  people_ack (fixture, 12, 1);
  ADD (fixture, .number = 22, .opening = 2, .interests = { 7 });
  g_assert_false (people_sight (fixture, 11, 22).sight.wake);
  g_assert_false (people_sight (fixture, 22, 11).sight.wake);
}

/* A late acknowledgement of what has been told anew is none of the new one. */
static void
test_what_is_told_anew_takes_the_old_place (Fixture *fixture, gconstpointer data)
{
  ADD (fixture, .number = 1, .interests = { 7 });
  ADD (fixture, .number = 2, .interests = { 7 });
  meet (fixture, 1, 2);
  ADD (fixture, .number = 11, .opening = 1, .interests = { 7 });
  people_end (fixture, 1);

  g_assert_true (people_sight (fixture, 2, 11).sight.wake);
  g_assert_cmpuint (people_read_outbox (fixture, 2, 0).n_nudges, ==, 1);
  g_assert_cmpuint (people_read_outbox (fixture, 2, 0).nudges[0].seq, ==, 2);
  people_ack (fixture, 2, 1);
  g_assert_cmpuint (people_read_outbox (fixture, 2, 0).n_nudges, ==, 1);
}

static void
test_a_renewed_session_is_not_told_twice (Fixture *fixture, gconstpointer data)
{
  Sighted again;

  ADD (fixture, .number = 1, .interests = { 7 });
  ADD (fixture, .number = 2, .interests = { 7 });
  meet (fixture, 1, 2);
  people_ack (fixture, 1, 1);
  people_ack (fixture, 2, 1);
  ADD (fixture, .number = 11, .opening = 1, .interests = { 7 });
  people_end (fixture, 1);

  again = people_sight (fixture, 2, 11);
  g_assert_true (again.sight.match);
  g_assert_false (again.sight.wake);
  g_assert_cmpuint (people_read_outbox (fixture, 11, 0).n_nudges, ==, 0);
}

static void
test_the_session_that_was_detected_gets_the_nudge (Fixture *fixture, gconstpointer data)
{
  ADD (fixture, .number = 1, .interests = { 7 });
  ADD (fixture, .number = 2, .interests = { 7 });
  ADD (fixture, .number = 12, .opening = 2, .interests = { 7 });
  people_sight (fixture, 1, 2);
  people_assert_no_match (people_sight (fixture, 12, 1)); /* the pair is one of sessions */
  people_assert_fresh (people_sight (fixture, 1, 12), 12, 1);
  g_assert_cmpuint (people_read_outbox (fixture, 2, 0).n_nudges, ==, 0);
  g_assert_cmpuint (people_read_outbox (fixture, 12, 0).n_nudges, ==, 1);
}

/* What the hub does: it reads both outboxes while it is told of the match. */

typedef struct
{
  Fixture *fixture;
  guint n_answers;
  guint n_nudges[2];
  guint8 peer_opening[2][SIGHEJ_STORE_OPENING_BYTES];
} Reading;

static void
on_read (const SighejStoreNudge *nudges,
         guint n_nudges,
         const SighejStoreInfo *info,
         const GError *error,
         gpointer user_data)
{
  Reading *reading = user_data;
  guint side = strcmp (info->id, people_id (1)) == 0 ? 0 : 1;

  g_assert_no_error (error);
  g_assert_cmpuint (info->n_interests, ==, side + 1);
  g_assert_cmpmem (g_bytes_get_data (info->sealed_labels, NULL), 6, "sealed", 6);
  reading->n_answers++;
  reading->n_nudges[side] = n_nudges;
  memcpy (reading->peer_opening[side],
          nudges[n_nudges - 1].peer_opening,
          sizeof reading->peer_opening[side]);
}

static void
on_sighted_read (const SighejStoreSight *sight, const GError *error, gpointer user_data)
{
  Reading *reading = user_data;

  g_assert_no_error (error);
  g_assert_true (sight->fresh);
  sighej_store_read_outbox (reading->fixture->store, people_id (1), 0, on_read, reading);
  sighej_store_read_outbox (reading->fixture->store, people_id (2), 1, on_read, reading);
}

static void
test_outboxes_are_read_when_a_match_is_told (Fixture *fixture, gconstpointer data)
{
  Reading reading = { .fixture = fixture };
  guint8 opening[SIGHEJ_STORE_OPENING_BYTES];

  ADD (fixture, .number = 1, .interests = { 7 });
  ADD (fixture, .number = 2, .interests = { 7, 8 });
  ADD (fixture, .number = 3, .interests = { 7 });
  people_attach (fixture, 1, 1);
  people_attach (fixture, 2, 1);
  meet (fixture, 2, 3);
  people_sight (fixture, 1, 2);
  sighej_store_sight (fixture->store,
                      &(const SighejStoreReport){ .session_id = people_id (2),
                                                  .detected_token = "token-1",
                                                  .n_per_minute = 1 },
                      on_sighted_read,
                      &reading);
  WAIT_UNTIL (reading.n_answers == 2);
  g_assert_cmpuint (reading.n_nudges[0], ==, 1);
  g_assert_cmpuint (reading.n_nudges[1], ==, 1);
  people_opening (2, opening);
  g_assert_cmpmem (reading.peer_opening[0], 16, opening, 16);
  people_opening (1, opening);
  g_assert_cmpmem (reading.peer_opening[1], 16, opening, 16);
}

static const StoreScript script[] = {
  { "ack-drops-what-was-read", test_ack_drops_what_was_read },
  { "a-full-outbox-nudges-nobody", test_a_full_outbox_nudges_nobody },
  { "a-renewed-session-is-told-what-it-missed", test_a_renewed_session_is_told_what_it_missed },
  { "both-are-told-of-the-same-two-sessions", test_both_are_told_of_the_same_two_sessions },
  { "what-is-told-anew-takes-the-old-place", test_what_is_told_anew_takes_the_old_place },
  { "a-renewed-session-is-not-told-twice", test_a_renewed_session_is_not_told_twice },
  { "the-session-that-was-detected-gets-the-nudge",
    test_the_session_that_was_detected_gets_the_nudge },
  { "outboxes-are-read-when-a-match-is-told", test_outboxes_are_read_when_a_match_is_told },
};

int
main (int argc, char **argv)
{
  return store_suite_run (argc, argv, script, G_N_ELEMENTS (script));
}
