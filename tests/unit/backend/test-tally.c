/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "sighej-counts.h"
#include "sighej-error.h"
#include "sighej-tally.h"
#include "sighej-test.h"

#define SECOND_US ((gint64) G_USEC_PER_SEC)
#define TO_MIDNIGHT_US (14 * 3600 * SECOND_US) /* the test clock starts at 10:00 */

/* A ledger that answers when it is told to, and remembers what it was sent. */
#define FAKE_TYPE_LEDGER (fake_ledger_get_type ())
G_DECLARE_FINAL_TYPE (FakeLedger, fake_ledger, FAKE, LEDGER, GObject)

typedef struct
{
  char id[37];
  char date[11];
  guint64 sessions;
  guint64 matches;
  guint64 pings;
  guint64 music;
} Sent;

struct _FakeLedger
{
  GObject parent_instance;

  GArray *sent;   /* of Sent: each try */
  GQueue waiting; /* of GTask */
};

static void fake_ledger_iface_init (SighejLedgerInterface *iface);
G_DEFINE_FINAL_TYPE_WITH_CODE (FakeLedger,
                               fake_ledger,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SIGHEJ_TYPE_LEDGER, fake_ledger_iface_init))

static void
fake_ledger_init (FakeLedger *self)
{
  self->sent = g_array_new (FALSE, FALSE, sizeof (Sent));
  g_queue_init (&self->waiting);
}

static void
fake_ledger_finalize (GObject *object)
{
  g_array_unref (FAKE_LEDGER (object)->sent);
  G_OBJECT_CLASS (fake_ledger_parent_class)->finalize (object);
}

static void
fake_ledger_class_init (FakeLedgerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fake_ledger_finalize;
}

static void
fake_ledger_apply_async (SighejLedger *ledger,
                         const SighejBatch *batch,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  FakeLedger *self = FAKE_LEDGER (ledger);
  const guint64 *music = g_hash_table_lookup (batch->categories, "music");
  Sent sent = { .sessions = batch->sessions,
                .matches = batch->matches,
                .pings = batch->pings,
                .music = music != NULL ? *music : 0 };

  g_strlcpy (sent.id, batch->id, sizeof sent.id);
  g_strlcpy (sent.date, batch->date, sizeof sent.date);
  g_array_append_val (self->sent, sent);
  g_queue_push_tail (&self->waiting, g_task_new (ledger, cancellable, callback, user_data));
}

static gboolean
fake_ledger_apply_finish (SighejLedger *ledger, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
fake_ledger_iface_init (SighejLedgerInterface *iface)
{
  iface->apply_async = fake_ledger_apply_async;
  iface->apply_finish = fake_ledger_apply_finish;
}

/* A store that only counts, and may be away. */
#define FAKE_TYPE_STORE (fake_store_get_type ())
G_DECLARE_FINAL_TYPE (FakeStore, fake_store, FAKE, STORE, GObject)

struct _FakeStore
{
  GObject parent_instance;

  SighejCounts *counts;
  gboolean is_away;
};

static void fake_store_iface_init (SighejStoreInterface *iface);
G_DEFINE_FINAL_TYPE_WITH_CODE (FakeStore,
                               fake_store,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SIGHEJ_TYPE_STORE, fake_store_iface_init))

static void
fake_store_init (FakeStore *self)
{
  self->counts = sighej_counts_new ();
}

static void
fake_store_finalize (GObject *object)
{
  sighej_counts_free (FAKE_STORE (object)->counts);
  G_OBJECT_CLASS (fake_store_parent_class)->finalize (object);
}

static void
fake_store_class_init (FakeStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fake_store_finalize;
}

static void
fake_store_take_counts (SighejStore *store, SighejStoreCounts counts, gpointer user_data)
{
  FakeStore *self = FAKE_STORE (store);
  g_autoptr (GError) error = NULL;
  const SighejBatch *const *batches;
  guint n_batches = 0;

  if (self->is_away)
    {
      error = g_error_new (SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE, "away");
      counts (NULL, 0, error, user_data);
      return;
    }
  batches = sighej_counts_close (self->counts, &n_batches);
  counts (batches, n_batches, NULL, user_data);
}

static void
fake_store_drop_counts (SighejStore *store,
                        const char *batch_id,
                        SighejStoreDone done,
                        gpointer user_data)
{
  sighej_counts_drop (FAKE_STORE (store)->counts, batch_id);
  done (NULL, user_data);
}

static void
fake_store_iface_init (SighejStoreInterface *iface)
{
  iface->take_counts = fake_store_take_counts;
  iface->drop_counts = fake_store_drop_counts;
}

typedef struct
{
  SighejTestClock *clock;
  FakeStore *store;
  FakeLedger *ledger;
  SighejTally *tally;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->clock = sighej_test_clock_new ();
  fixture->ledger = g_object_new (FAKE_TYPE_LEDGER, NULL);
  fixture->store = g_object_new (FAKE_TYPE_STORE, NULL);
  fixture->tally = sighej_tally_new (SIGHEJ_STORE (fixture->store),
                                     SIGHEJ_LEDGER (fixture->ledger),
                                     SIGHEJ_CLOCK (fixture->clock));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  sighej_test_assert_finalized (fixture->tally);
  sighej_test_assert_finalized (fixture->store);
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
  sighej_test_assert_finalized (fixture->ledger);
  sighej_test_assert_finalized (fixture->clock);
}

static gint64
wall_us (Fixture *fixture)
{
  return sighej_clock_wall_us (SIGHEJ_CLOCK (fixture->clock));
}

static void
count_ping (Fixture *fixture)
{
  sighej_counts_add_ping (fixture->store->counts, wall_us (fixture));
  sighej_tally_note (fixture->tally);
}

static void
count_match (Fixture *fixture)
{
  sighej_counts_add_match (fixture->store->counts, wall_us (fixture));
  sighej_tally_note (fixture->tally);
}

static void
count_session (Fixture *fixture)
{
  static const char *const categories[] = { "music", "tech", NULL };

  sighej_counts_add_session (fixture->store->counts, wall_us (fixture), categories);
  sighej_tally_note (fixture->tally);
}

static const Sent *
sent (Fixture *fixture, guint i)
{
  g_assert_cmpuint (i, <, fixture->ledger->sent->len);
  return &g_array_index (fixture->ledger->sent, Sent, i);
}

static void
answer (Fixture *fixture, gboolean applied)
{
  g_autoptr (GTask) task = g_queue_pop_head (&fixture->ledger->waiting);

  g_assert_nonnull (task);
  if (applied)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE, "away");
  sighej_test_settle ();
}

/* The one warning these tests expect; everything else takes its usual way and is fatal. */
static guint n_warnings;

static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  g_autofree char *line = g_log_writer_format_fields (level, fields, n_fields, FALSE);

  if (strstr (line, "counters are not written and wait in the store: away") == NULL)
    return g_log_writer_default (level, fields, n_fields, user_data);
  n_warnings++;
  return G_LOG_WRITER_HANDLED;
}

/* An outage is worth one warning, however long it is. */
static void
answer_no (Fixture *fixture, gboolean first)
{
  n_warnings = 0;
  answer (fixture, FALSE);
  g_assert_cmpuint (n_warnings, ==, first ? 1 : 0);
}

static void
test_idle_does_nothing (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
  count_ping (fixture);
  sighej_test_clock_advance (fixture->clock, SECOND_US);
  answer (fixture, TRUE);
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
}

static void
test_writes_once_a_second (Fixture *fixture, gconstpointer data)
{
  count_session (fixture);
  count_session (fixture);
  count_match (fixture);
  for (guint i = 0; i < 5; i++)
    count_ping (fixture);
  sighej_test_clock_advance (fixture->clock, SECOND_US - 1);
  g_assert_cmpuint (fixture->ledger->sent->len, ==, 0);
  sighej_test_clock_advance (fixture->clock, 1);

  g_assert_cmpuint (fixture->ledger->sent->len, ==, 1);
  g_assert_cmpstr (sent (fixture, 0)->date, ==, "2026-01-01");
  g_assert_cmpuint (sent (fixture, 0)->sessions, ==, 2);
  g_assert_cmpuint (sent (fixture, 0)->matches, ==, 1);
  g_assert_cmpuint (sent (fixture, 0)->pings, ==, 5);
  g_assert_cmpuint (sent (fixture, 0)->music, ==, 2);
  answer (fixture, TRUE);
}

static void
test_what_comes_meanwhile_is_the_next_batch (Fixture *fixture, gconstpointer data)
{
  count_ping (fixture);
  sighej_test_clock_advance (fixture->clock, SECOND_US);
  count_ping (fixture);
  count_ping (fixture);
  sighej_test_clock_advance (fixture->clock, 10 * SECOND_US);
  g_assert_cmpuint (fixture->ledger->sent->len, ==, 1);

  answer (fixture, TRUE);
  sighej_test_clock_advance (fixture->clock, SECOND_US);
  g_assert_cmpuint (sent (fixture, 1)->pings, ==, 2);
  g_assert_cmpstr (sent (fixture, 1)->id, !=, sent (fixture, 0)->id);
  answer (fixture, TRUE);
}

static void
test_tries_the_same_batch_again (Fixture *fixture, gconstpointer data)
{
  count_ping (fixture);
  sighej_test_clock_advance (fixture->clock, SECOND_US);
  for (guint i = 0; i < 10; i++)
    {
      answer_no (fixture, i == 0);
      count_match (fixture);
      sighej_test_clock_advance (fixture->clock, SIGHEJ_TALLY_RETRY_MS_MAX * 1000);
      g_assert_cmpuint (fixture->ledger->sent->len, ==, i + 2);
      g_assert_cmpstr (sent (fixture, i + 1)->id, ==, sent (fixture, 0)->id);
      g_assert_cmpuint (sent (fixture, i + 1)->pings, ==, 1);
      g_assert_cmpuint (sent (fixture, i + 1)->matches, ==, 0);
    }

  answer (fixture, TRUE);
  sighej_test_clock_advance (fixture->clock, SECOND_US);
  g_assert_cmpuint (sent (fixture, 11)->matches, ==, 10);
  answer (fixture, TRUE);
}

static void
test_each_day_gets_its_own (Fixture *fixture, gconstpointer data)
{
  sighej_test_clock_advance (fixture->clock, TO_MIDNIGHT_US - 1);
  count_ping (fixture);
  sighej_test_clock_advance (fixture->clock, 1);
  count_match (fixture);
  sighej_test_clock_advance (fixture->clock, SECOND_US);
  answer (fixture, TRUE);
  sighej_test_clock_advance (fixture->clock, SECOND_US);
  answer (fixture, TRUE);

  g_assert_cmpstr (sent (fixture, 0)->date, ==, "2026-01-01");
  g_assert_cmpuint (sent (fixture, 0)->pings, ==, 1);
  g_assert_cmpuint (sent (fixture, 0)->matches, ==, 0);
  g_assert_cmpstr (sent (fixture, 1)->date, ==, "2026-01-02");
  g_assert_cmpuint (sent (fixture, 1)->matches, ==, 1);
}

static void
test_a_clock_set_back_loses_nothing (Fixture *fixture, gconstpointer data)
{
  count_ping (fixture);
  sighej_test_clock_jump_wall (fixture->clock, -24 * 3600 * SECOND_US);
  count_ping (fixture);
  sighej_test_clock_jump_wall (fixture->clock, 24 * 3600 * SECOND_US);
  count_ping (fixture);
  sighej_test_clock_advance (fixture->clock, SECOND_US);
  answer (fixture, TRUE);
  sighej_test_clock_advance (fixture->clock, SECOND_US);
  answer (fixture, TRUE);

  g_assert_cmpuint (sent (fixture, 0)->pings, ==, 2);
  g_assert_cmpstr (sent (fixture, 1)->date, ==, "2025-12-31");
  g_assert_cmpuint (sent (fixture, 1)->pings, ==, 1);
}

typedef struct
{
  guint n_done;
  guint n_failed;
} Flushes;

static void
on_flushed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Flushes *flushes = user_data;

  if (sighej_tally_flush_finish (SIGHEJ_TALLY (source), result, NULL))
    flushes->n_done++;
  else
    flushes->n_failed++;
}

static void
test_flush_waits_for_what_was_counted (Fixture *fixture, gconstpointer data)
{
  Flushes flushes = { 0 };

  sighej_tally_flush_async (fixture->tally, on_flushed, &flushes);
  sighej_test_settle ();
  g_assert_cmpuint (flushes.n_done, ==, 1);

  count_ping (fixture);
  sighej_test_clock_advance (fixture->clock, SECOND_US);
  count_ping (fixture);
  sighej_tally_flush_async (fixture->tally, on_flushed, &flushes);
  answer (fixture, TRUE);
  g_assert_cmpuint (flushes.n_done, ==, 1);
  count_ping (fixture); /* after it was asked: not waited for */
  answer (fixture, TRUE);
  g_assert_cmpuint (flushes.n_done, ==, 2);

  sighej_test_clock_advance (fixture->clock, SECOND_US);
  answer (fixture, TRUE);
  g_assert_cmpuint (fixture->ledger->sent->len, ==, 3);
}

static void
test_flush_fails_and_keeps (Fixture *fixture, gconstpointer data)
{
  Flushes flushes = { 0 };

  count_ping (fixture);
  sighej_tally_flush_async (fixture->tally, on_flushed, &flushes);
  answer_no (fixture, TRUE);
  g_assert_cmpuint (flushes.n_failed, ==, 1);

  sighej_tally_flush_async (fixture->tally, on_flushed, &flushes);
  answer (fixture, TRUE);
  g_assert_cmpuint (flushes.n_done, ==, 1);
  g_assert_cmpstr (sent (fixture, 1)->id, ==, sent (fixture, 0)->id);
}

static void
assert_store_is_empty (Fixture *fixture)
{
  guint n_batches;

  sighej_counts_close (fixture->store->counts, &n_batches);
  g_assert_cmpuint (n_batches, ==, 0);
}

/* N-5: whoever dies after the ledger has it leaves it in the store, and the id tells. */
static void
test_drops_only_what_is_written (Fixture *fixture, gconstpointer data)
{
  const SighejBatch *const *batches;
  guint n_batches;

  count_ping (fixture);
  sighej_test_clock_advance (fixture->clock, SECOND_US);
  batches = sighej_counts_close (fixture->store->counts, &n_batches);
  g_assert_cmpuint (n_batches, ==, 1);
  g_assert_cmpstr (batches[0]->id, ==, sent (fixture, 0)->id);
  answer (fixture, TRUE);
  assert_store_is_empty (fixture);
}

static void
test_a_store_that_is_away_is_asked_again (Fixture *fixture, gconstpointer data)
{
  Flushes flushes = { 0 };

  n_warnings = 0;
  fixture->store->is_away = TRUE;
  count_ping (fixture);
  sighej_test_clock_advance (fixture->clock, SECOND_US);
  g_assert_cmpuint (n_warnings, ==, 1);
  sighej_tally_flush_async (fixture->tally, on_flushed, &flushes);
  sighej_test_settle ();
  g_assert_cmpuint (flushes.n_failed, ==, 1);
  g_assert_cmpuint (fixture->ledger->sent->len, ==, 0);

  fixture->store->is_away = FALSE;
  sighej_test_clock_advance (fixture->clock, SIGHEJ_TALLY_RETRY_MS_MAX * 1000);
  g_assert_cmpuint (sent (fixture, 0)->pings, ==, 1);
  answer (fixture, TRUE);
}

/* What a process that died had counted. */
static void
test_the_store_says_when_others_left_something (Fixture *fixture, gconstpointer data)
{
  sighej_counts_add_ping (fixture->store->counts, wall_us (fixture));
  sighej_test_clock_advance (fixture->clock, 10 * SECOND_US);
  g_assert_cmpuint (fixture->ledger->sent->len, ==, 0);
  g_signal_emit_by_name (fixture->store, "counts");
  sighej_test_clock_advance (fixture->clock, SECOND_US);
  g_assert_cmpuint (sent (fixture, 0)->pings, ==, 1);
  answer (fixture, TRUE);
  assert_store_is_empty (fixture);
}

#define ADD(name, test) g_test_add (name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (write_log, NULL, NULL);
  ADD ("/tally/idle-does-nothing", test_idle_does_nothing);
  ADD ("/tally/writes-once-a-second", test_writes_once_a_second);
  ADD ("/tally/what-comes-meanwhile-is-the-next-batch",
       test_what_comes_meanwhile_is_the_next_batch);
  ADD ("/tally/tries-the-same-batch-again", test_tries_the_same_batch_again);
  ADD ("/tally/each-day-gets-its-own", test_each_day_gets_its_own);
  ADD ("/tally/a-clock-set-back-loses-nothing", test_a_clock_set_back_loses_nothing);
  ADD ("/tally/flush-waits-for-what-was-counted", test_flush_waits_for_what_was_counted);
  ADD ("/tally/flush-fails-and-keeps", test_flush_fails_and_keeps);
  ADD ("/tally/drops-only-what-is-written", test_drops_only_what_is_written);
  ADD ("/tally/a-store-that-is-away-is-asked-again", test_a_store_that_is_away_is_asked_again);
  ADD ("/tally/the-store-says-when-others-left-something",
       test_the_store_says_when_others_left_something);
  return g_test_run ();
}
