/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-health.h"

#include "sighej-error.h"
#include "sighej-metrics.h"
#include "sighej-test.h"

#define MS ((gint64) G_TIME_SPAN_MILLISECOND)

/* A store and a ledger in one that answer when they are told to. */
#define MUTE_TYPE_PARTS (mute_parts_get_type ())
G_DECLARE_FINAL_TYPE (MuteParts, mute_parts, MUTE, PARTS, GObject)

struct _MuteParts
{
  GObject parent_instance;

  SighejStoreDone ping; /* (nullable): waits */
  gpointer ping_data;
  GTask *read; /* (nullable): waits */
  guint n_pings;
  guint n_reads;
};

static void mute_parts_init_store (SighejStoreInterface *iface);
static void mute_parts_init_ledger (SighejLedgerInterface *iface);
G_DEFINE_FINAL_TYPE_WITH_CODE (MuteParts,
                               mute_parts,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SIGHEJ_TYPE_STORE, mute_parts_init_store)
                                   G_IMPLEMENT_INTERFACE (SIGHEJ_TYPE_LEDGER,
                                                          mute_parts_init_ledger))

static void
mute_parts_init (MuteParts *self)
{
}

static void
mute_parts_class_init (MutePartsClass *klass)
{
}

static void
mute_ping (SighejStore *store, SighejStoreDone done, gpointer user_data)
{
  MuteParts *self = MUTE_PARTS (store);

  g_assert_null (self->ping); /* never asked a second time before it answered */
  self->ping = done;
  self->ping_data = user_data;
  self->n_pings++;
}

static void
mute_count (SighejStore *store, SighejStoreCounted counted, gpointer user_data)
{
  counted (42, NULL, user_data);
}

static void
mute_read_async (SighejLedger *ledger,
                 const char *date,
                 guint64 minimum,
                 guint n_categories,
                 GCancellable *cancellable,
                 GAsyncReadyCallback callback,
                 gpointer user_data)
{
  MuteParts *self = MUTE_PARTS (ledger);

  g_assert_null (self->read);
  self->read = g_task_new (ledger, cancellable, callback, user_data);
  self->n_reads++;
}

static SighejLedgerDay *
mute_read_finish (SighejLedger *ledger, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
mute_parts_init_store (SighejStoreInterface *iface)
{
  iface->ping = mute_ping;
  iface->count = mute_count;
}

static void
mute_parts_init_ledger (SighejLedgerInterface *iface)
{
  iface->read_async = mute_read_async;
  iface->read_finish = mute_read_finish;
}

static void
answer_ping (MuteParts *self, gboolean good)
{
  g_autoptr (GError) error = g_error_new (SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE, "away");
  SighejStoreDone done = self->ping;

  self->ping = NULL;
  done (good ? NULL : error, self->ping_data);
}

static void
answer_read (MuteParts *self, gboolean good)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->read);

  if (good)
    g_task_return_pointer (task, g_new0 (SighejLedgerDay, 1), NULL);
  else
    g_task_return_new_error (task, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE, "away");
  sighej_test_settle ();
}

typedef struct
{
  SighejTestClock *clock;
  MuteParts *parts;
  SighejHealth *health;
  guint n_told;
  SighejHealthState state;
} Fixture;

static void
on_told (const SighejHealthState *state, gpointer user_data)
{
  Fixture *fixture = user_data;

  fixture->n_told++;
  fixture->state = *state;
}

static void
ask (Fixture *fixture)
{
  sighej_health_ask (fixture->health, on_told, fixture);
}

static void
advance (Fixture *fixture, gint64 ms)
{
  sighej_test_clock_advance (fixture->clock, ms * MS);
}

/* The first look, which it takes by itself, is still open. */
static void
set_up (Fixture *fixture, gconstpointer data)
{
  sighej_metrics_reset ();
  fixture->clock = sighej_test_clock_new ();
  fixture->parts = g_object_new (MUTE_TYPE_PARTS, NULL);
  fixture->health = sighej_health_new (
      SIGHEJ_STORE (fixture->parts), SIGHEJ_LEDGER (fixture->parts), SIGHEJ_CLOCK (fixture->clock));
  advance (fixture, 0);
  g_assert_cmpuint (fixture->parts->n_pings, ==, 1);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  if (fixture->parts->ping != NULL)
    answer_ping (fixture->parts, TRUE);
  if (fixture->parts->read != NULL)
    answer_read (fixture->parts, TRUE);
  sighej_test_assert_finalized (fixture->health);
  sighej_test_assert_finalized (fixture->parts);
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
  g_object_unref (fixture->clock);
}

static void
test_all_who_ask_share_one_look (Fixture *fixture, gconstpointer data)
{
  ask (fixture);
  ask (fixture);
  g_assert_cmpuint (fixture->n_told, ==, 0);
  answer_ping (fixture->parts, TRUE);
  g_assert_cmpuint (fixture->n_told, ==, 0);
  answer_read (fixture->parts, TRUE);
  g_assert_cmpuint (fixture->n_told, ==, 2);
  g_assert_true (fixture->state.store_up && fixture->state.ledger_up);
  g_assert_cmpuint (sighej_metrics_get (SIGHEJ_METRIC_STORE_UP, 0, 0), ==, 1);
  g_assert_cmpuint (sighej_metrics_get (SIGHEJ_METRIC_SESSIONS, 0, 0), ==, 42);

  /* A thousand probes in a second are one look. */
  for (guint i = 0; i < 1000; i++)
    ask (fixture);
  advance (fixture, SIGHEJ_HEALTH_FRESH_MS - 1);
  ask (fixture);
  g_assert_cmpuint (fixture->n_told, ==, 1003);
  g_assert_cmpuint (fixture->parts->n_pings, ==, 1);
  advance (fixture, 1);
  ask (fixture);
  g_assert_cmpuint (fixture->parts->n_pings, ==, 2);
}

static void
test_who_is_late_is_away (Fixture *fixture, gconstpointer data)
{
  ask (fixture);
  answer_read (fixture->parts, TRUE);
  advance (fixture, SIGHEJ_HEALTH_STORE_MS - 1);
  g_assert_cmpuint (fixture->n_told, ==, 0);
  advance (fixture, 1);
  g_assert_cmpuint (fixture->n_told, ==, 1);
  g_assert_false (fixture->state.store_up);
  g_assert_true (fixture->state.ledger_up);
  g_assert_cmpuint (sighej_metrics_get (SIGHEJ_METRIC_STORE_UP, 0, 0), ==, 0);

  /* It is not asked again while it owes an answer; when that comes, it is there. */
  advance (fixture, SIGHEJ_HEALTH_FRESH_MS);
  g_assert_cmpuint (fixture->parts->n_pings, ==, 1);
  g_assert_cmpuint (fixture->parts->n_reads, ==, 2);
  ask (fixture);
  answer_read (fixture->parts, TRUE);
  answer_ping (fixture->parts, TRUE);
  g_assert_cmpuint (fixture->n_told, ==, 2);
  g_assert_true (fixture->state.store_up);
}

static void
test_the_ledger_has_300_ms (Fixture *fixture, gconstpointer data)
{
  ask (fixture);
  answer_ping (fixture->parts, TRUE);
  advance (fixture, SIGHEJ_HEALTH_LEDGER_MS);
  g_assert_cmpuint (fixture->n_told, ==, 1);
  g_assert_true (fixture->state.store_up);
  g_assert_false (fixture->state.ledger_up);
  g_assert_cmpuint (sighej_metrics_get (SIGHEJ_METRIC_LEDGER_UP, 0, 0), ==, 0);
}

static void
test_a_no_is_a_no (Fixture *fixture, gconstpointer data)
{
  ask (fixture);
  answer_ping (fixture->parts, FALSE);
  answer_read (fixture->parts, FALSE);
  g_assert_cmpuint (fixture->n_told, ==, 1);
  g_assert_false (fixture->state.store_up || fixture->state.ledger_up);
}

/* Every 10 s, and every second while something is away. */
static void
test_looks_by_itself (Fixture *fixture, gconstpointer data)
{
  answer_ping (fixture->parts, TRUE);
  answer_read (fixture->parts, FALSE);
  advance (fixture, SIGHEJ_HEALTH_FRESH_MS);
  g_assert_cmpuint (fixture->parts->n_reads, ==, 2);
  answer_ping (fixture->parts, TRUE);
  answer_read (fixture->parts, TRUE);
  advance (fixture, SIGHEJ_HEALTH_PERIOD_MS - 1);
  g_assert_cmpuint (fixture->parts->n_reads, ==, 2);
  advance (fixture, 1);
  g_assert_cmpuint (fixture->parts->n_reads, ==, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, function) g_test_add ("/health/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("all-who-ask-share-one-look", test_all_who_ask_share_one_look);
  ADD ("who-is-late-is-away", test_who_is_late_is_away);
  ADD ("the-ledger-has-300-ms", test_the_ledger_has_300_ms);
  ADD ("a-no-is-a-no", test_a_no_is_a_no);
  ADD ("looks-by-itself", test_looks_by_itself);
#undef ADD
  return g_test_run ();
}
