/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-tally"

#include "config.h"

#include "sighej-tally.h"

#include "sighej-backoff.h"
#include "sighej-metrics.h"
#include "sighej-span.h"

#define UNWRITTEN "counters are not written and wait in the store: %s"

struct _SighejTally
{
  GObject parent_instance;

  SighejStore *store;
  SighejLedger *ledger;
  SighejClock *clock;

  GQueue held;      /* of SighejBatch: taken and not known to be in the ledger */
  SighejSpan *span; /* (nullable): the write under way */
  gint64 begun_us;  /* the write under way */
  gboolean is_busy; /* a call of the store or the ledger is under way */
  gboolean is_dirty;
  guint64 serial; /* of the last taking, so that a flush knows what it waits for */
  GQueue flushes; /* of GTask, whose data is the serial they wait for */

  SighejBackoff backoff;
  guint timer;
};

G_DEFINE_FINAL_TYPE (SighejTally, sighej_tally, G_TYPE_OBJECT)

static void
batch_free (gpointer batch)
{
  sighej_batch_free (batch);
}

static void
sighej_tally_init (SighejTally *self)
{
  g_queue_init (&self->held);
  g_queue_init (&self->flushes);
  self->backoff
      = (SighejBackoff) SIGHEJ_BACKOFF_INIT (SIGHEJ_TALLY_FLUSH_MS, SIGHEJ_TALLY_RETRY_MS_MAX);
}

static void
sighej_tally_finalize (GObject *object)
{
  SighejTally *self = SIGHEJ_TALLY (object);

  sighej_clock_clear (self->clock, &self->timer);
  g_queue_clear_full (&self->held, batch_free);
  sighej_span_unref (self->span);
  g_object_unref (self->store);
  g_object_unref (self->ledger);
  g_object_unref (self->clock);

  G_OBJECT_CLASS (sighej_tally_parent_class)->finalize (object);
}

static void
sighej_tally_class_init (SighejTallyClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sighej_tally_finalize;
}

SighejTally *
sighej_tally_new (SighejStore *store, SighejLedger *ledger, SighejClock *clock)
{
  SighejTally *self = g_object_new (SIGHEJ_TYPE_TALLY, NULL);

  self->store = g_object_ref (store);
  self->ledger = g_object_ref (ledger);
  self->clock = g_object_ref (clock);
  g_signal_connect_object (
      store, "counts", G_CALLBACK (sighej_tally_note), self, G_CONNECT_SWAPPED);
  return self;
}

/* Carrying */

static void run (SighejTally *self);

static gboolean
on_timer (gpointer user_data)
{
  SighejTally *self = user_data;

  self->timer = 0;
  run (self);
  return G_SOURCE_REMOVE;
}

static void
arm (SighejTally *self, guint delay_ms)
{
  if (self->timer == 0)
    self->timer = sighej_clock_add (self->clock, (gint64) delay_ms * 1000, on_timer, self);
}

void
sighej_tally_note (SighejTally *self)
{
  if (self->is_dirty)
    return;
  self->is_dirty = TRUE;
  if (!self->is_busy)
    arm (self, SIGHEJ_TALLY_FLUSH_MS);
}

static void
finish_flushes (SighejTally *self)
{
  while (self->flushes.head != NULL
         && *(const guint64 *) g_task_get_task_data (self->flushes.head->data) <= self->serial)
    {
      g_autoptr (GTask) task = g_queue_pop_head (&self->flushes);

      g_task_return_boolean (task, TRUE);
    }
}

/* @level: the store's own connection says when it is away; the ledger has nobody but us. */
static void
fail (SighejTally *self, GLogLevelFlags level, const GError *error)
{
  if (self->backoff.attempt == 0 && level == G_LOG_LEVEL_WARNING)
    g_warning (UNWRITTEN, error->message);
  else if (self->backoff.attempt == 0)
    g_message (UNWRITTEN, error->message);
  self->is_busy = FALSE;
  self->is_dirty = TRUE;
  while (self->flushes.head != NULL)
    {
      g_autoptr (GTask) task = g_queue_pop_head (&self->flushes);

      g_task_return_error (task, g_error_copy (error));
    }
  arm (self, sighej_backoff_next_ms (&self->backoff));
}

static void
finish (SighejTally *self)
{
  self->is_busy = FALSE;
  sighej_backoff_reset (&self->backoff);
  finish_flushes (self);
  if (self->flushes.length > 0)
    run (self);
  else if (self->is_dirty)
    arm (self, SIGHEJ_TALLY_FLUSH_MS);
}

static void apply_next (SighejTally *self);

/* Were it not dropped, it would come again with the same id. */
static void
on_dropped (const GError *error, gpointer user_data)
{
  g_autoptr (SighejTally) self = user_data;

  if (error != NULL)
    g_info ("a batch of counters stays in the store for now: %s", error->message);
  apply_next (self);
}

static void
count_write (SighejTally *self, gboolean written)
{
  sighej_span_end (self->span, !written);
  g_clear_pointer (&self->span, sighej_span_unref);
  sighej_metrics_observe (
      SIGHEJ_METRIC_LEDGER_WRITE_DURATION, 0, (guint64) (g_get_monotonic_time () - self->begun_us));
  sighej_metrics_add (
      SIGHEJ_METRIC_LEDGER_BATCHES, written ? SIGHEJ_BATCH_WRITTEN : SIGHEJ_BATCH_FAILED, 1);
  sighej_metrics_set (SIGHEJ_METRIC_LEDGER_WAITING, 0, self->held.length - written);
}

static void
on_applied (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejTally) self = user_data;
  g_autoptr (SighejBatch) batch = NULL;
  g_autoptr (GError) error = NULL;
  gboolean written = sighej_ledger_apply_finish (SIGHEJ_LEDGER (source), result, &error);

  count_write (self, written);
  if (!written)
    {
      fail (self, G_LOG_LEVEL_WARNING, error);
      return;
    }

  batch = g_queue_pop_head (&self->held);
  sighej_store_drop_counts (self->store, batch->id, on_dropped, g_object_ref (self));
}

static void
apply_next (SighejTally *self)
{
  if (self->held.length == 0)
    {
      finish (self);
      return;
    }
  self->begun_us = g_get_monotonic_time ();
  self->span = sighej_span_new_root ("ledger write", SIGHEJ_SPAN_CLIENT);
  sighej_ledger_apply_async (
      self->ledger, self->held.head->data, NULL, on_applied, g_object_ref (self));
}

static void
on_taken (const SighejBatch *const *batches,
          guint n_batches,
          const GError *error,
          gpointer user_data)
{
  g_autoptr (SighejTally) self = user_data;

  if (error != NULL)
    {
      fail (self, G_LOG_LEVEL_MESSAGE, error);
      return;
    }

  for (guint i = 0; i < n_batches; i++)
    g_queue_push_tail (&self->held, sighej_batch_copy (batches[i]));
  apply_next (self);
}

/* Nothing new is taken before the old is written: the store counts on in few days, not batches. */
static void
run (SighejTally *self)
{
  if (self->is_busy)
    return;

  self->is_busy = TRUE;
  sighej_clock_clear (self->clock, &self->timer);
  if (self->held.length > 0)
    {
      apply_next (self);
      return;
    }
  self->is_dirty = FALSE;
  self->serial++;
  sighej_store_take_counts (self->store, on_taken, g_object_ref (self));
}

void
sighej_tally_flush_async (SighejTally *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  guint64 serial = self->serial + 1;

  g_task_set_source_tag (task, sighej_tally_flush_async);
  g_task_set_task_data (task, g_memdup2 (&serial, sizeof serial), g_free);
  g_queue_push_tail (&self->flushes, task);
  run (self);
}

gboolean
sighej_tally_flush_finish (SighejTally *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
