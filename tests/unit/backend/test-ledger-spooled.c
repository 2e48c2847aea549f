/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the spool in front of a ledger does when that is away; the rest is in
 * conformance/test-ledger.c. */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "sighej-error.h"
#include "sighej-ledger-spooled.h"
#include "sighej-spool.h"
#include "sighej-test.h"

#define DATE "2026-01-31"
#define NEXT_DATE "2026-02-01"
#define SECOND_US ((gint64) G_USEC_PER_SEC)

static guint n_warnings;

static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  if (level != G_LOG_LEVEL_WARNING)
    return g_log_writer_default (level, fields, n_fields, user_data);
  n_warnings++;
  return G_LOG_WRITER_HANDLED;
}

/* A ledger that is as the test wants it. */
typedef enum
{
  THERE,
  AWAY,
  SILENT,
} Mood;

#define FAKE_TYPE_LEDGER (fake_ledger_get_type ())
G_DECLARE_FINAL_TYPE (FakeLedger, fake_ledger, FAKE, LEDGER, GObject)

struct _FakeLedger
{
  GObject parent_instance;

  Mood mood;
  const char *refused;  /* (nullable): the id it refuses for its own sake */
  GHashTable *applied;  /* id -> itself */
  GHashTable *sessions; /* date -> guint64 */
  GString *order;       /* the ids as they came */
  GQueue waiting;       /* of GTask */
};

static void fake_ledger_iface_init (SighejLedgerInterface *iface);
G_DEFINE_FINAL_TYPE_WITH_CODE (FakeLedger,
                               fake_ledger,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SIGHEJ_TYPE_LEDGER, fake_ledger_iface_init))

static void
fake_ledger_init (FakeLedger *self)
{
  self->applied = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->sessions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->order = g_string_new (NULL);
  g_queue_init (&self->waiting);
}

static void
fake_ledger_finalize (GObject *object)
{
  FakeLedger *self = FAKE_LEDGER (object);

  g_hash_table_unref (self->applied);
  g_hash_table_unref (self->sessions);
  g_string_free (self->order, TRUE);
  G_OBJECT_CLASS (fake_ledger_parent_class)->finalize (object);
}

static void
fake_ledger_class_init (FakeLedgerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fake_ledger_finalize;
}

static void
take (FakeLedger *self, const SighejBatch *batch)
{
  guint64 *sessions = g_hash_table_lookup (self->sessions, batch->date);

  if (!g_hash_table_add (self->applied, g_strdup (batch->id)))
    return;
  g_string_append_printf (self->order, "%s ", batch->id);
  if (sessions == NULL)
    {
      sessions = g_new0 (guint64, 1);
      g_hash_table_insert (self->sessions, g_strdup (batch->date), sessions);
    }
  *sessions += batch->sessions;
}

static void
fake_ledger_apply_async (SighejLedger *ledger,
                         const SighejBatch *batch,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  FakeLedger *self = FAKE_LEDGER (ledger);
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  if (self->mood == SILENT)
    {
      g_task_set_task_data (task, sighej_batch_copy (batch), (GDestroyNotify) sighej_batch_free);
      g_queue_push_tail (&self->waiting, g_steal_pointer (&task));
    }
  else if (self->mood == AWAY)
    g_task_return_new_error (task, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE, "away");
  else if (g_strcmp0 (batch->id, self->refused) == 0)
    g_task_return_new_error (task, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_REQUEST, "no");
  else
    {
      take (self, batch);
      g_task_return_boolean (task, TRUE);
    }
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

/* What was silent says at last: done (though it may be too late), or not. */
static void
speak (FakeLedger *self, gboolean done)
{
  GTask *task;

  while ((task = g_queue_pop_head (&self->waiting)) != NULL)
    {
      if (done)
        take (self, g_task_get_task_data (task));
      if (done)
        g_task_return_boolean (task, TRUE);
      else
        g_task_return_new_error (task, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE, "gone");
      g_object_unref (task);
    }
}

typedef struct
{
  char *folder;
  SighejTestClock *clock;
  FakeLedger *fake;
  SighejLedger *ledger;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  n_warnings = 0;
  fixture->folder = sighej_test_dup_dir ();
  fixture->clock = sighej_test_clock_new ();
  fixture->fake = g_object_new (FAKE_TYPE_LEDGER, NULL);
  fixture->ledger = sighej_ledger_spooled_new (
      SIGHEJ_LEDGER (fixture->fake), fixture->folder, SIGHEJ_CLOCK (fixture->clock));
  WAIT_UNTIL (sighej_test_clock_next_us (fixture->clock) >= 0); /* it has looked */
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  speak (fixture->fake, FALSE);
  sighej_test_assert_finalized (fixture->ledger);
  sighej_test_assert_finalized (fixture->fake);
  sighej_test_assert_finalized (fixture->clock);
  g_free (fixture->folder);
}

static void
reopen (Fixture *fixture)
{
  sighej_test_assert_finalized (fixture->ledger);
  fixture->ledger = sighej_ledger_spooled_new (
      SIGHEJ_LEDGER (fixture->fake), fixture->folder, SIGHEJ_CLOCK (fixture->clock));
}

static void
on_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static void
begin (Fixture *fixture, const char *id, const char *date, GAsyncResult **result)
{
  SighejBatch batch = { .sessions = 1 };

  g_strlcpy (batch.id, id, sizeof batch.id);
  g_strlcpy (batch.date, date, sizeof batch.date);
  sighej_ledger_apply_async (fixture->ledger, &batch, NULL, on_result, result);
}

static gboolean
apply_on (Fixture *fixture, const char *id, const char *date)
{
  g_autoptr (GAsyncResult) result = NULL;

  begin (fixture, id, date, &result);
  WAIT_UNTIL (result != NULL);
  return sighej_ledger_apply_finish (fixture->ledger, result, NULL);
}

static gboolean
apply (Fixture *fixture, const char *id)
{
  return apply_on (fixture, id, DATE);
}

static gboolean
is_spooling (Fixture *fixture)
{
  return sighej_ledger_spooled_is_spooling (SIGHEJ_LEDGER_SPOOLED (fixture->ledger));
}

/* Turns the clock until the spool is empty. */
static void
drain (Fixture *fixture)
{
  while (is_spooling (fixture))
    {
      WAIT_UNTIL (!is_spooling (fixture) || sighej_test_clock_next_us (fixture->clock) >= 0);
      if (is_spooling (fixture))
        sighej_test_clock_advance (fixture->clock, sighej_test_clock_next_us (fixture->clock));
    }
}

static guint64
sessions_of (Fixture *fixture, const char *date)
{
  const guint64 *sessions = g_hash_table_lookup (fixture->fake->sessions, date);

  return sessions != NULL ? *sessions : 0;
}

static guint
count_spooled (Fixture *fixture)
{
  g_autoptr (SighejSpool) spool = sighej_spool_new (fixture->folder, SIGHEJ_SPOOL_BATCHES_MAX);
  g_autoptr (GError) error = NULL;
  guint n = 0;

  sighej_spool_count (spool, &n, &error);
  g_assert_no_error (error);
  return n;
}

static void
test_a_good_day_leaves_no_trace (Fixture *fixture, gconstpointer data)
{
  g_assert_true (apply (fixture, "one") && apply (fixture, "two"));
  g_assert_cmpuint (sessions_of (fixture, DATE), ==, 2);
  g_assert_cmpuint (count_spooled (fixture), ==, 0);
  g_assert_false (is_spooling (fixture));
  g_assert_cmpuint (n_warnings, ==, 0);
}

static void
test_keeps_what_comes_while_it_is_away (Fixture *fixture, gconstpointer data)
{
  fixture->fake->mood = AWAY;
  g_assert_true (apply (fixture, "one") && apply (fixture, "two") && apply (fixture, "three"));
  g_assert_true (is_spooling (fixture));
  g_assert_cmpuint (count_spooled (fixture), ==, 3);
  g_assert_cmpuint (n_warnings, ==, 1);

  fixture->fake->mood = THERE;
  drain (fixture);
  g_assert_cmpstr (fixture->fake->order->str, ==, "one two three ");
  g_assert_cmpuint (count_spooled (fixture), ==, 0);
  g_assert_true (apply (fixture, "four"));
  g_assert_cmpuint (sessions_of (fixture, DATE), ==, 4);
}

/* An hour of one batch a second, more than a chunk of them, and tries with a growing pause. */
static void
test_away_for_an_hour (Fixture *fixture, gconstpointer data)
{
  const guint n = 600;

  fixture->fake->mood = AWAY;
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *id = g_strdup_printf ("batch-%u", i);

      g_assert_true (apply_on (fixture, id, i < n / 2 ? DATE : NEXT_DATE));
      if (i % 60 == 0)
        sighej_test_clock_advance (fixture->clock, 360 * SECOND_US);
    }
  g_assert_cmpuint (count_spooled (fixture), ==, n);
  fixture->fake->mood = THERE;
  drain (fixture);
  g_assert_cmpuint (sessions_of (fixture, DATE), ==, n / 2);
  g_assert_cmpuint (sessions_of (fixture, NEXT_DATE), ==, n / 2);
  g_assert_cmpuint (count_spooled (fixture), ==, 0);
  g_assert_cmpuint (n_warnings, ==, 1);
}

static void
test_waits_two_seconds_for_a_silent_one (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;

  fixture->fake->mood = SILENT;
  begin (fixture, "one", DATE, &result);
  sighej_test_clock_advance (fixture->clock, 2 * SECOND_US - 1);
  sighej_test_settle ();
  g_assert_null (result);
  sighej_test_clock_advance (fixture->clock, 1);
  WAIT_UNTIL (result != NULL);
  g_assert_true (sighej_ledger_apply_finish (fixture->ledger, result, NULL));
  g_clear_object (&result);
  g_assert_cmpuint (count_spooled (fixture), ==, 1);

  /* It had been done after all: the id makes the second time harmless. */
  speak (fixture->fake, TRUE);
  fixture->fake->mood = THERE;
  drain (fixture);
  g_assert_cmpuint (sessions_of (fixture, DATE), ==, 1);
}

static void
test_a_late_no_changes_nothing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;

  fixture->fake->mood = SILENT;
  begin (fixture, "one", DATE, &result);
  sighej_test_clock_advance (fixture->clock, 2 * SECOND_US);
  WAIT_UNTIL (result != NULL);
  g_clear_object (&result);
  speak (fixture->fake, FALSE);
  fixture->fake->mood = THERE;
  drain (fixture);
  g_assert_cmpuint (sessions_of (fixture, DATE), ==, 1);
}

static void
test_brings_what_a_dead_process_left (Fixture *fixture, gconstpointer data)
{
  fixture->fake->mood = AWAY;
  g_assert_true (apply (fixture, "one"));
  fixture->fake->mood = THERE;
  reopen (fixture);
  WAIT_UNTIL (sessions_of (fixture, DATE) == 1);
  drain (fixture);
  WAIT_UNTIL (count_spooled (fixture) == 0);
}

/* A worker that is not started again, on this machine. */
static void
test_looks_for_what_others_left (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SighejSpool) other = sighej_spool_new (fixture->folder, SIGHEJ_SPOOL_BATCHES_MAX);
  g_autoptr (SighejBatch) batch = sighej_batch_new ("left", DATE);

  batch->sessions = 1;
  g_assert_true (sighej_spool_add (other, batch, NULL));
  sighej_test_clock_advance (fixture->clock, 60 * SECOND_US);
  WAIT_UNTIL (sessions_of (fixture, DATE) == 1);
  drain (fixture);
}

static void
test_a_refused_batch_holds_up_nobody (Fixture *fixture, gconstpointer data)
{
  fixture->fake->refused = "bad";
  g_assert_true (apply (fixture, "one") && apply (fixture, "bad") && apply (fixture, "two"));
  drain (fixture);
  g_assert_cmpstr (fixture->fake->order->str, ==, "one two ");
  g_assert_cmpuint (count_spooled (fixture), ==, 1);

  fixture->fake->refused = NULL;
  reopen (fixture);
  WAIT_UNTIL (sessions_of (fixture, DATE) == 3);
  drain (fixture);
}

/* F-11 */
static void
test_without_a_spool_it_goes_on (Fixture *fixture, gconstpointer data)
{
  g_autofree char *away = g_strconcat (fixture->folder, ".away", NULL);

  g_assert_cmpint (g_rename (fixture->folder, away), ==, 0);
  g_assert_true (apply (fixture, "one"));
  fixture->fake->mood = AWAY;
  g_assert_false (apply (fixture, "two"));
  fixture->fake->mood = THERE;
  g_assert_true (apply (fixture, "two"));
  g_assert_cmpuint (sessions_of (fixture, DATE), ==, 2);

  g_assert_cmpint (g_rename (away, fixture->folder), ==, 0);
  fixture->fake->mood = AWAY;
  g_assert_true (apply (fixture, "three"));
  fixture->fake->mood = THERE;
  drain (fixture);
  g_assert_cmpuint (sessions_of (fixture, DATE), ==, 3);
}

static void
test_days_stay_their_own_whatever_the_clock (Fixture *fixture, gconstpointer data)
{
  fixture->fake->mood = AWAY;
  g_assert_true (apply_on (fixture, "one", DATE));
  sighej_test_clock_jump_wall (fixture->clock, 24 * 3600 * SECOND_US);
  g_assert_true (apply_on (fixture, "two", NEXT_DATE));
  sighej_test_clock_jump_wall (fixture->clock, -48 * 3600 * SECOND_US);
  g_assert_true (apply_on (fixture, "three", DATE));
  fixture->fake->mood = THERE;
  drain (fixture);
  g_assert_cmpuint (sessions_of (fixture, DATE), ==, 2);
  g_assert_cmpuint (sessions_of (fixture, NEXT_DATE), ==, 1);
}

static const struct
{
  const char *name;
  void (*run) (Fixture *fixture, gconstpointer data);
} script[] = {
  { "a-good-day-leaves-no-trace", test_a_good_day_leaves_no_trace },
  { "keeps-what-comes-while-it-is-away", test_keeps_what_comes_while_it_is_away },
  { "away-for-an-hour", test_away_for_an_hour },
  { "waits-two-seconds-for-a-silent-one", test_waits_two_seconds_for_a_silent_one },
  { "a-late-no-changes-nothing", test_a_late_no_changes_nothing },
  { "brings-what-a-dead-process-left", test_brings_what_a_dead_process_left },
  { "looks-for-what-others-left", test_looks_for_what_others_left },
  { "a-refused-batch-holds-up-nobody", test_a_refused_batch_holds_up_nobody },
  { "without-a-spool-it-goes-on", test_without_a_spool_it_goes_on },
  { "days-stay-their-own-whatever-the-clock", test_days_stay_their_own_whatever_the_clock },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (write_log, NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (script); i++)
    {
      g_autofree char *name = g_strdup_printf ("/ledger-spooled/%s", script[i].name);

      g_test_add (name, Fixture, NULL, set_up, script[i].run, tear_down);
    }
  return g_test_run ();
}
