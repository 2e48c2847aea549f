/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every store must do with counters, and with claims of idempotency keys. */
#include "config.h"

#include <string.h>

#include "sighej-error.h"
#include "store-suite.h"

#define SECOND_US ((gint64) G_USEC_PER_SEC)

static void
turn (Fixture *fixture, gint64 seconds)
{
  people_turn_us (fixture, seconds * SECOND_US);
}

/* Counters */

static void
assert_batch (
    const SighejBatch *batch, const char *date, guint64 sessions, guint64 matches, guint64 pings)
{
  const guint64 *music = g_hash_table_lookup (batch->categories, "music");

  g_assert_cmpstr (batch->date, ==, date);
  g_assert_cmpuint (batch->sessions, ==, sessions);
  g_assert_cmpuint (batch->matches, ==, matches);
  g_assert_cmpuint (batch->pings, ==, pings);
  g_assert_cmpuint (music != NULL ? *music : 0, ==, sessions);
}

static void
test_what_happens_is_counted (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) none = people_take_counts (fixture);
  g_autoptr (GPtrArray) batches = NULL;

  g_assert_cmpuint (none->len, ==, 0);
  ADD (fixture, .number = 1, .interests = { 7 });
  ADD (fixture, .number = 2, .interests = { 7 });
  people_add (fixture, &(const Person){ .number = 2, .interests = { 7 } }); /* refused */
  g_assert_false (people_sight (fixture, 2, 1).sight.match);
  g_assert_true (people_sight (fixture, 1, 2).sight.fresh);
  people_sight (fixture, 1, 2);
  people_sight (fixture, 1, 3);
  people_sight (fixture, 3, 1); /* refused */
  batches = people_take_counts (fixture);
  g_assert_cmpuint (batches->len, ==, 1);
  assert_batch (batches->pdata[0], "2026-01-01", 2, 1, 4);
}

static void
test_a_batch_comes_until_it_is_dropped (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) first = NULL;
  g_autoptr (GPtrArray) second = NULL;
  g_autoptr (GPtrArray) third = NULL;
  g_autoptr (GPtrArray) last = NULL;

  ADD (fixture, .number = 1, .interests = { 7 });
  first = people_take_counts (fixture);
  people_sight (fixture, 1, 2);
  second = people_take_counts (fixture);
  g_assert_cmpuint (second->len, ==, 2);
  assert_batch (second->pdata[0], "2026-01-01", 1, 0, 0);
  assert_batch (second->pdata[1], "2026-01-01", 0, 0, 1);
  g_assert_cmpstr (
      ((SighejBatch *) first->pdata[0])->id, ==, ((SighejBatch *) second->pdata[0])->id);
  g_assert_cmpstr (
      ((SighejBatch *) first->pdata[0])->id, !=, ((SighejBatch *) second->pdata[1])->id);

  people_drop_counts (fixture, ((SighejBatch *) first->pdata[0])->id);
  people_drop_counts (fixture, ((SighejBatch *) first->pdata[0])->id);
  third = people_take_counts (fixture);
  g_assert_cmpuint (third->len, ==, 1);
  people_drop_counts (fixture, ((SighejBatch *) third->pdata[0])->id);
  last = people_take_counts (fixture);
  g_assert_cmpuint (last->len, ==, 0);
}

static void
test_a_batch_is_of_one_day (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) batches = NULL;

  turn (fixture, 14 * 3600 - 60); /* the test clock starts at 10:00 */
  ADD (fixture, .number = 1, .interests = { 7 });
  people_sight (fixture, 1, 2);
  turn (fixture, 60);
  people_sight (fixture, 1, 2);
  people_sight (fixture, 1, 2);
  batches = people_take_counts (fixture);
  g_assert_cmpuint (batches->len, ==, 2);
  assert_batch (batches->pdata[0], "2026-01-01", 1, 0, 1);
  assert_batch (batches->pdata[1], "2026-01-02", 0, 0, 2);
}

/* Idempotency */

static void
test_a_claim_is_done_once (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpint (people_claim (fixture, 0, 1, 10).state, ==, SIGHEJ_CLAIM_NEW);
  g_assert_cmpint (people_claim (fixture, 0, 1, 10).state, ==, SIGHEJ_CLAIM_RUNNING);
  g_assert_cmpint (people_claim (fixture, 0, 1, 11).state, ==, SIGHEJ_CLAIM_OTHER_BODY);
  g_assert_cmpint (people_claim (fixture, 0, 2, 10).state, ==, SIGHEJ_CLAIM_NEW);
  people_settle (fixture, 0, 1, 10, "answer", 0, 3600);
  g_assert_cmpint (people_claim (fixture, 0, 1, 10).state, ==, SIGHEJ_CLAIM_DONE);
  g_assert_cmpstr (people_claim (fixture, 0, 1, 10).text, ==, "answer");
  g_assert_cmpint (people_claim (fixture, 0, 1, 11).state, ==, SIGHEJ_CLAIM_OTHER_BODY);

  turn (fixture, 3599);
  g_assert_cmpint (people_claim (fixture, 0, 1, 10).state, ==, SIGHEJ_CLAIM_DONE);
  turn (fixture, 1);
  g_assert_cmpint (people_claim (fixture, 0, 1, 10).state, ==, SIGHEJ_CLAIM_NEW);
}

static void
test_a_claim_that_failed_is_free (Fixture *fixture, gconstpointer data)
{
  people_claim (fixture, 0, 1, 10);
  people_settle (fixture, 0, 1, 10, NULL, 0, 0);
  g_assert_cmpint (people_claim (fixture, 0, 1, 11).state, ==, SIGHEJ_CLAIM_NEW);
}

static void
test_a_claim_nobody_settles_lapses (Fixture *fixture, gconstpointer data)
{
  people_claim (fixture, 0, 1, 10);
  turn (fixture, SIGHEJ_STORE_CLAIM_SECONDS - 1);
  g_assert_cmpint (people_claim (fixture, 0, 1, 10).state, ==, SIGHEJ_CLAIM_RUNNING);
  turn (fixture, 1);
  g_assert_cmpint (people_claim (fixture, 0, 1, 11).state, ==, SIGHEJ_CLAIM_NEW);
  people_settle (fixture, 0, 1, 10, "late", 0, 3600); /* another does it now */
  g_assert_cmpint (people_claim (fixture, 0, 1, 11).state, ==, SIGHEJ_CLAIM_RUNNING);
}

static void
test_claims_end_with_their_session (Fixture *fixture, gconstpointer data)
{
  ADD (fixture, .number = 1, .interests = { 7 });
  ADD (fixture, .number = 2, .lifetime_s = 300, .interests = { 7 });
  people_claim (fixture, 1, 1, 10);
  people_settle (fixture, 1, 1, 10, "answer", 0, 3600);
  people_claim (fixture, 2, 1, 10);
  people_settle (fixture, 2, 1, 10, "other", 0, 3600);
  people_claim (fixture, 0, 1, 10);
  people_settle (fixture, 0, 1, 10, "made", 1, 3600);
  g_assert_cmpstr (people_claim (fixture, 1, 1, 10).text, ==, "answer");
  g_assert_cmpstr (people_claim (fixture, 2, 1, 10).text, ==, "other");
  g_assert_cmpstr (people_claim (fixture, 0, 1, 10).text, ==, "made");

  people_end (fixture, 1);
  g_assert_cmpint (people_claim (fixture, 1, 1, 10).state, ==, SIGHEJ_CLAIM_NEW);
  g_assert_cmpint (people_claim (fixture, 0, 1, 10).state, ==, SIGHEJ_CLAIM_NEW);
  g_assert_cmpstr (people_claim (fixture, 2, 1, 10).text, ==, "other");
  turn (fixture, 300);
  g_assert_cmpint (people_claim (fixture, 2, 1, 10).state, ==, SIGHEJ_CLAIM_NEW);
}

static void
test_a_claim_settled_after_the_end_is_not_kept (Fixture *fixture, gconstpointer data)
{
  ADD (fixture, .number = 1, .interests = { 7 });
  people_claim (fixture, 1, 1, 10);
  people_end (fixture, 1);
  people_settle (fixture, 1, 1, 10, "answer", 0, 3600);
  people_settle (fixture, 0, 1, 10, "made", 1, 3600);
  g_assert_cmpint (people_claim (fixture, 1, 1, 10).state, ==, SIGHEJ_CLAIM_NEW);
  g_assert_cmpint (people_claim (fixture, 0, 1, 10).state, ==, SIGHEJ_CLAIM_NEW);
}

static void
test_a_caller_keeps_so_many_claims (Fixture *fixture, gconstpointer data)
{
  ADD (fixture, .number = 1, .interests = { 7 });
  for (guint i = 1; i <= SIGHEJ_STORE_CLAIMS_MAX + 1; i++)
    {
      people_turn_us (fixture, 1);
      people_claim (fixture, 1, i, 10);
      people_settle (fixture, 1, i, 10, "answer", 0, 3600);
    }
  g_assert_cmpint (people_claim (fixture, 1, 2, 10).state, ==, SIGHEJ_CLAIM_DONE);
  g_assert_cmpint (
      people_claim (fixture, 1, SIGHEJ_STORE_CLAIMS_MAX + 1, 10).state, ==, SIGHEJ_CLAIM_DONE);
  g_assert_cmpint (people_claim (fixture, 1, 1, 10).state, ==, SIGHEJ_CLAIM_NEW);
}

static void
on_pinged (const GError *error, gpointer user_data)
{
  g_assert_no_error (error);
  *(gboolean *) user_data = TRUE;
}

static void
test_is_there (Fixture *fixture, gconstpointer data)
{
  gboolean is_there = FALSE;

  sighej_store_ping (fixture->store, on_pinged, &is_there);
  WAIT_UNTIL (is_there);
}

static const StoreScript script[] = {
  { "what-happens-is-counted", test_what_happens_is_counted },
  { "a-batch-comes-until-it-is-dropped", test_a_batch_comes_until_it_is_dropped },
  { "a-batch-is-of-one-day", test_a_batch_is_of_one_day },
  { "a-claim-is-done-once", test_a_claim_is_done_once },
  { "a-claim-that-failed-is-free", test_a_claim_that_failed_is_free },
  { "a-claim-nobody-settles-lapses", test_a_claim_nobody_settles_lapses },
  { "claims-end-with-their-session", test_claims_end_with_their_session },
  { "a-claim-settled-after-the-end-is-not-kept", test_a_claim_settled_after_the_end_is_not_kept },
  { "a-caller-keeps-so-many-claims", test_a_caller_keeps_so_many_claims },
  { "is-there", test_is_there },
};

int
main (int argc, char **argv)
{
  return store_suite_run (argc, argv, script, G_N_ELEMENTS (script));
}
