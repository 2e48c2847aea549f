/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-ledger-spooled"

#include "config.h"

#include "sighej-ledger-spooled.h"

#include "sighej-backoff.h"
#include "sighej-error.h"
#include "sighej-metrics.h"
#include "sighej-spool.h"

struct _SighejLedgerSpooled
{
  GObject parent_instance;

  SighejLedger *ledger;
  SighejClock *clock;
  SighejSpool *spool;  /* the pool's, while a call is there */
  GThreadPool *thread; /* one at a time, in order: every call of the spool waits for the disk */

  gboolean is_spooling;
  gboolean is_spool_broken;
  gboolean was_added;    /* since the last look */
  gboolean is_draining;  /* a drain is at work */
  GPtrArray *chunk;      /* (element-type SighejBatch) (nullable): what it brings */
  guint n_applied;       /* of these, so many are done */
  SighejBackoff backoff; /* between two drains */
  guint timer;           /* for the next drain */
};

static void sighej_ledger_spooled_iface_init (SighejLedgerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SighejLedgerSpooled,
                               sighej_ledger_spooled,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SIGHEJ_TYPE_LEDGER,
                                                      sighej_ledger_spooled_iface_init))

/* The spool's thread. A call's data is lent by the main thread, which waits for its answer. */

typedef struct
{
  gboolean (*work) (SighejLedgerSpooled *self, gconstpointer data, GError **error);
  SighejLedgerSpooled *self;
  gconstpointer data;
} Call;

static void
run_call (gpointer data, gpointer user_data)
{
  g_autoptr (GTask) task = data;
  const Call *call = g_task_get_task_data (task);
  GError *error = NULL;

  if (call->work (call->self, call->data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* @answered gets a reference in @user_data, so that the object outlives the call. The task has
 * none, as the thread may be the last to drop it. */
static void
call_spool (SighejLedgerSpooled *self,
            gboolean (*work) (SighejLedgerSpooled *self, gconstpointer data, GError **error),
            gconstpointer data,
            GAsyncReadyCallback answered,
            gpointer user_data)
{
  GTask *task = g_task_new (NULL, NULL, answered, user_data);
  Call call = { work, self, data };

  g_task_set_source_tag (task, call_spool);
  g_task_set_task_data (task, g_memdup2 (&call, sizeof call), g_free);
  g_thread_pool_push (self->thread, task, NULL);
}

static gboolean
work_add (SighejLedgerSpooled *self, gconstpointer batch, GError **error)
{
  return sighej_spool_add (self->spool, batch, error);
}

static gboolean
work_peek (SighejLedgerSpooled *self, gconstpointer data, GError **error)
{
  guint n_waiting;

  if (sighej_spool_count (self->spool, &n_waiting, NULL))
    sighej_metrics_set (SIGHEJ_METRIC_SPOOL_WAITING, 0, n_waiting);
  self->chunk = sighej_spool_peek (self->spool, SIGHEJ_LEDGER_SPOOLED_CHUNK, error);
  return self->chunk != NULL;
}

static gboolean
work_remove (SighejLedgerSpooled *self, gconstpointer data, GError **error)
{
  return sighej_spool_remove (self->spool, self->chunk, self->n_applied, error);
}

static gboolean
work_put_aside (SighejLedgerSpooled *self, gconstpointer id, GError **error)
{
  return sighej_spool_put_aside (self->spool, id, error);
}

static gboolean
work_take_back (SighejLedgerSpooled *self, gconstpointer data, GError **error)
{
  return sighej_spool_take_back (self->spool, error);
}

/* What people are told, once for each change. */

static void
tell_spooling (SighejLedgerSpooled *self, const char *why)
{
  if (!self->is_spooling)
    g_warning ("counters are kept in the spool: %s", why);
  self->is_spooling = TRUE;
}

static void
tell_direct (SighejLedgerSpooled *self)
{
  if (self->is_spooling)
    g_message ("the database has all counters of the spool");
  self->is_spooling = FALSE;
}

static void
tell_spool (SighejLedgerSpooled *self, const GError *error)
{
  if (error != NULL && !self->is_spool_broken)
    g_warning ("there is no spool for counters while the database is away: %s", error->message);
  if (error == NULL && self->is_spool_broken)
    g_message ("there is a spool for counters again");
  self->is_spool_broken = error != NULL;
}

/* Draining */

static void drain (SighejLedgerSpooled *self);

static gboolean
on_timer (gpointer user_data)
{
  SighejLedgerSpooled *self = user_data;

  self->timer = 0;
  drain (self);
  return G_SOURCE_REMOVE;
}

static void
arm (SighejLedgerSpooled *self, guint delay_ms)
{
  sighej_clock_clear (self->clock, &self->timer);
  self->timer = sighej_clock_add (self->clock, (gint64) delay_ms * 1000, on_timer, self);
}

static void
finish_drain (SighejLedgerSpooled *self, guint delay_ms)
{
  g_clear_pointer (&self->chunk, g_ptr_array_unref);
  self->is_draining = FALSE;
  arm (self, delay_ms);
}

static void
on_removed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejLedgerSpooled) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean all = self->n_applied == self->chunk->len;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    tell_spool (self, error);
  if (error == NULL)
    sighej_metrics_add (SIGHEJ_METRIC_SPOOL, SIGHEJ_SPOOL_DRAINED, self->n_applied);
  if (error == NULL && all)
    finish_drain (self, 0);
  else
    finish_drain (self, sighej_backoff_next_ms (&self->backoff));
}

/* However far it came. */
static void
remove_applied (SighejLedgerSpooled *self)
{
  if (self->n_applied == 0 && self->chunk->len > 0)
    finish_drain (self, sighej_backoff_next_ms (&self->backoff));
  else
    call_spool (self, work_remove, NULL, on_removed, g_object_ref (self));
}

static void apply_next (SighejLedgerSpooled *self);

static void
on_put_aside (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejLedgerSpooled) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      tell_spool (self, error);
      remove_applied (self);
      return;
    }

  sighej_metrics_add (SIGHEJ_METRIC_SPOOL, SIGHEJ_SPOOL_PUT_ASIDE, 1);
  g_ptr_array_remove_index (self->chunk, self->n_applied);
  apply_next (self);
}

static void
on_drained (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejLedgerSpooled) self = user_data;
  g_autoptr (GError) error = NULL;
  const SighejBatch *batch = self->chunk->pdata[self->n_applied];

  if (sighej_ledger_apply_finish (SIGHEJ_LEDGER (source), result, &error))
    {
      self->n_applied++;
      sighej_backoff_reset (&self->backoff);
      apply_next (self);
    }
  else if (g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_REQUEST))
    {
      g_warning (
          "counters of %s stay in the spool until the next start: %s", batch->date, error->message);
      call_spool (self, work_put_aside, batch->id, on_put_aside, g_object_ref (self));
    }
  else
    {
      g_debug ("the spool waits: %s", error->message);
      remove_applied (self);
    }
}

static void
apply_next (SighejLedgerSpooled *self)
{
  if (self->n_applied == self->chunk->len)
    remove_applied (self);
  else
    sighej_ledger_apply_async (
        self->ledger, self->chunk->pdata[self->n_applied], NULL, on_drained, g_object_ref (self));
}

static void
on_peeked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejLedgerSpooled) self = user_data;
  g_autoptr (GError) error = NULL;

  g_task_propagate_boolean (G_TASK (result), &error);
  if (error != NULL)
    {
      tell_spool (self, error);
      self->is_spooling = FALSE;
      finish_drain (self, sighej_backoff_next_ms (&self->backoff));
    }
  else if (self->chunk->len > 0)
    {
      tell_spooling (self, "there are some from before");
      self->n_applied = 0;
      apply_next (self);
    }
  else if (self->was_added)
    {
      finish_drain (self, 0);
    }
  else
    {
      tell_spool (self, NULL);
      tell_direct (self);
      finish_drain (self, SIGHEJ_LEDGER_SPOOLED_LOOK_SECONDS * 1000);
    }
}

static void
drain (SighejLedgerSpooled *self)
{
  if (self->is_draining)
    return;
  self->is_draining = TRUE;
  self->was_added = FALSE;
  sighej_clock_clear (self->clock, &self->timer);
  call_spool (self, work_peek, NULL, on_peeked, g_object_ref (self));
}

static void
on_taken_back (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejLedgerSpooled) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    tell_spool (self, error);
  drain (self);
}

/* Applying: by the database, by the spool, and the last one that still may. */

typedef struct
{
  GTask *task; /* (nullable): NULL once it is answered */
  SighejBatch *batch;
  guint timer;
  gboolean is_sent; /* to the database, at some time */
  gboolean is_in_flight;
  gboolean is_spool_asked;
  gboolean is_spool_full; /* or whatever its trouble is */
} Apply;

static void
apply_clear (gpointer data)
{
  Apply *apply = data;

  g_clear_object (&apply->task);
  sighej_batch_free (apply->batch);
}

static void
apply_unref (Apply *apply)
{
  g_rc_box_release_full (apply, apply_clear);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Apply, apply_unref)

/* With an error, or TRUE. */
static void
answer (Apply *apply, GError *error)
{
  g_autoptr (GTask) task = g_steal_pointer (&apply->task);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void send_direct (SighejLedgerSpooled *self, Apply *apply);

static void
on_added (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Apply) apply = user_data;
  g_autoptr (GError) error = NULL;
  SighejLedgerSpooled *self;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    sighej_metrics_add (SIGHEJ_METRIC_SPOOL, SIGHEJ_SPOOL_ADDED, 1);
  if (apply->task == NULL)
    return; /* the database was quicker after all */

  self = g_task_get_source_object (apply->task);
  tell_spool (self, error);
  apply->is_spool_full = error != NULL;
  if (error == NULL)
    answer (apply, NULL);
  else if (!apply->is_sent)
    send_direct (self, apply);
  else if (!apply->is_in_flight)
    answer (apply, g_steal_pointer (&error));
}

static void
send_spool (SighejLedgerSpooled *self, Apply *apply)
{
  apply->is_spool_asked = TRUE;
  self->was_added = TRUE;
  if (!self->is_draining && self->timer == 0)
    arm (self, sighej_backoff_next_ms (&self->backoff));
  call_spool (self, work_add, apply->batch, on_added, g_rc_box_acquire (apply));
}

static void
go_spooling (SighejLedgerSpooled *self, Apply *apply, const char *why)
{
  if (!self->is_spooling)
    sighej_clock_clear (self->clock, &self->timer); /* a look: sooner than that */
  tell_spooling (self, why);
  send_spool (self, apply);
}

static gboolean
on_wait_over (gpointer user_data)
{
  Apply *apply = user_data;

  apply->timer = 0;
  go_spooling (g_task_get_source_object (apply->task), apply, "the database does not answer");
  return G_SOURCE_REMOVE;
}

static void
on_sent (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Apply) apply = user_data;
  g_autoptr (GError) error = NULL;
  SighejLedgerSpooled *self;

  apply->is_in_flight = FALSE;
  sighej_ledger_apply_finish (SIGHEJ_LEDGER (source), result, &error);
  if (apply->task == NULL)
    return; /* the spool has it */

  self = g_task_get_source_object (apply->task);
  sighej_clock_clear (self->clock, &apply->timer);
  if (error == NULL)
    answer (apply, NULL);
  else if (!apply->is_spool_asked)
    go_spooling (self, apply, error->message);
  else if (apply->is_spool_full)
    answer (apply, g_steal_pointer (&error));
}

static void
send_direct (SighejLedgerSpooled *self, Apply *apply)
{
  apply->is_sent = TRUE;
  apply->is_in_flight = TRUE;
  if (!apply->is_spool_asked)
    apply->timer
        = sighej_clock_add (self->clock, SIGHEJ_LEDGER_SPOOLED_WAIT_MS * 1000, on_wait_over, apply);
  sighej_ledger_apply_async (self->ledger, apply->batch, NULL, on_sent, g_rc_box_acquire (apply));
}

static void
sighej_ledger_spooled_apply_async (SighejLedger *ledger,
                                   const SighejBatch *batch,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  SighejLedgerSpooled *self = SIGHEJ_LEDGER_SPOOLED (ledger);
  g_autoptr (Apply) apply = g_rc_box_new0 (Apply);

  apply->task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (apply->task, sighej_ledger_spooled_apply_async);
  apply->batch = sighej_batch_copy (batch);
  if (self->is_spooling)
    send_spool (self, apply);
  else
    send_direct (self, apply);
}

static gboolean
sighej_ledger_spooled_apply_finish (SighejLedger *ledger, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Reading */

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  SighejLedgerDay *day = sighej_ledger_read_finish (SIGHEJ_LEDGER (source), result, &error);

  if (day == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, day, (GDestroyNotify) sighej_ledger_day_free);
}

static void
sighej_ledger_spooled_read_async (SighejLedger *ledger,
                                  const char *date,
                                  guint64 minimum,
                                  guint n_categories,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  GTask *task = g_task_new (ledger, cancellable, callback, user_data);

  g_task_set_source_tag (task, sighej_ledger_spooled_read_async);
  sighej_ledger_read_async (SIGHEJ_LEDGER_SPOOLED (ledger)->ledger,
                            date,
                            minimum,
                            n_categories,
                            cancellable,
                            on_read,
                            task);
}

static SighejLedgerDay *
sighej_ledger_spooled_read_finish (SighejLedger *ledger, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Life */

static void
sighej_ledger_spooled_init (SighejLedgerSpooled *self)
{
  self->backoff = (SighejBackoff) SIGHEJ_BACKOFF_INIT (SIGHEJ_LEDGER_SPOOLED_RETRY_MS_MIN,
                                                       SIGHEJ_LEDGER_SPOOLED_RETRY_MS_MAX);
  self->thread = g_thread_pool_new (run_call, NULL, 1, FALSE, NULL);
}

/* Every call and every apply holds a reference, so that none is under way. */
static void
sighej_ledger_spooled_finalize (GObject *object)
{
  SighejLedgerSpooled *self = SIGHEJ_LEDGER_SPOOLED (object);

  sighej_clock_clear (self->clock, &self->timer);
  g_thread_pool_free (self->thread, FALSE, TRUE);
  sighej_spool_free (self->spool);
  g_object_unref (self->ledger);
  g_object_unref (self->clock);

  G_OBJECT_CLASS (sighej_ledger_spooled_parent_class)->finalize (object);
}

static void
sighej_ledger_spooled_class_init (SighejLedgerSpooledClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sighej_ledger_spooled_finalize;
}

SighejLedger *
sighej_ledger_spooled_new (SighejLedger *ledger, const char *folder, SighejClock *clock)
{
  SighejLedgerSpooled *self = g_object_new (SIGHEJ_TYPE_LEDGER_SPOOLED, NULL);

  self->ledger = g_object_ref (ledger);
  self->clock = g_object_ref (clock);
  self->spool = sighej_spool_new (folder, SIGHEJ_SPOOL_BATCHES_MAX);
  call_spool (self, work_take_back, NULL, on_taken_back, g_object_ref (self));
  return SIGHEJ_LEDGER (self);
}

gboolean
sighej_ledger_spooled_is_spooling (SighejLedgerSpooled *self)
{
  return self->is_spooling;
}

static void
sighej_ledger_spooled_iface_init (SighejLedgerInterface *iface)
{
  iface->apply_async = sighej_ledger_spooled_apply_async;
  iface->apply_finish = sighej_ledger_spooled_apply_finish;
  iface->read_async = sighej_ledger_spooled_read_async;
  iface->read_finish = sighej_ledger_spooled_read_finish;
}
