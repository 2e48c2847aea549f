/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-tally"

#include "config.h"

#include "sighej-tally.h"

#include "sighej-backoff.h"

/* What was counted on one day and not sent yet. */
typedef struct
{
  guint64 serial; /* grows with every object made, so that a flush knows what it waits for */
  SighejLedgerBatch batch;
} Day;

struct _SighejTally
{
  GObject parent_instance;

  SighejLedger *ledger;
  SighejClock *clock;

  GQueue days;  /* of Day; batches are sent in this order */
  Day *sending; /* (nullable): sent, and kept until the ledger says yes */
  gboolean is_in_flight;
  guint64 last_serial;
  GQueue flushes; /* of GTask, whose data is the serial they wait for */

  SighejBackoff backoff;
  guint timer;
};

G_DEFINE_FINAL_TYPE (SighejTally, sighej_tally, G_TYPE_OBJECT)

static void
day_free (gpointer data)
{
  Day *day = data;

  g_hash_table_unref (day->batch.categories);
  g_free (day);
}

static void
sighej_tally_init (SighejTally *self)
{
  g_queue_init (&self->days);
  g_queue_init (&self->flushes);
  self->backoff
      = (SighejBackoff) SIGHEJ_BACKOFF_INIT (SIGHEJ_TALLY_FLUSH_MS, SIGHEJ_TALLY_RETRY_MS_MAX);
}

static void
sighej_tally_finalize (GObject *object)
{
  SighejTally *self = SIGHEJ_TALLY (object);

  sighej_clock_clear (self->clock, &self->timer);
  g_queue_clear_full (&self->days, day_free);
  g_clear_pointer (&self->sending, day_free);
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
sighej_tally_new (SighejLedger *ledger, SighejClock *clock)
{
  SighejTally *self = g_object_new (SIGHEJ_TYPE_TALLY, NULL);

  self->ledger = g_object_ref (ledger);
  self->clock = g_object_ref (clock);
  return self;
}

/* Sending */

static void send_next (SighejTally *self);

static gboolean
on_timer (gpointer user_data)
{
  SighejTally *self = user_data;

  self->timer = 0;
  send_next (self);
  return G_SOURCE_REMOVE;
}

static void
arm (SighejTally *self, guint delay_ms)
{
  if (self->timer == 0)
    self->timer = sighej_clock_add (self->clock, (gint64) delay_ms * 1000, on_timer, self);
}

static void
finish_flushes (SighejTally *self, guint64 serial)
{
  while (self->flushes.head != NULL
         && *(const guint64 *) g_task_get_task_data (self->flushes.head->data) <= serial)
    {
      g_autoptr (GTask) task = g_queue_pop_head (&self->flushes);

      g_task_return_boolean (task, TRUE);
    }
}

static void
fail_flushes (SighejTally *self, const GError *error)
{
  while (self->flushes.head != NULL)
    {
      g_autoptr (GTask) task = g_queue_pop_head (&self->flushes);

      g_task_return_error (task, g_error_copy (error));
    }
}

static void
take_applied (SighejTally *self)
{
  guint64 serial = self->sending->serial;

  g_clear_pointer (&self->sending, day_free);
  sighej_backoff_reset (&self->backoff);
  finish_flushes (self, serial);
  if (self->flushes.length > 0)
    send_next (self);
  else if (self->days.length > 0)
    arm (self, SIGHEJ_TALLY_FLUSH_MS);
}

static void
on_applied (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejTally) self = user_data;
  g_autoptr (GError) error = NULL;

  self->is_in_flight = FALSE;
  if (sighej_ledger_apply_finish (SIGHEJ_LEDGER (source), result, &error))
    {
      take_applied (self);
      return;
    }

  if (self->backoff.attempt == 0)
    g_warning ("counters are not written and wait in memory: %s", error->message);
  fail_flushes (self, error);
  arm (self, sighej_backoff_next_ms (&self->backoff));
}

static void
send_next (SighejTally *self)
{
  if (self->is_in_flight)
    return;
  if (self->sending == NULL)
    self->sending = g_queue_pop_head (&self->days);
  if (self->sending == NULL)
    return;

  self->is_in_flight = TRUE;
  sighej_ledger_apply_async (
      self->ledger, &self->sending->batch, NULL, on_applied, g_object_ref (self));
}

void
sighej_tally_flush_async (SighejTally *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  guint64 serial = 0;

  g_task_set_source_tag (task, sighej_tally_flush_async);
  if (self->sending != NULL)
    serial = self->sending->serial;
  if (self->days.tail != NULL)
    serial = ((const Day *) self->days.tail->data)->serial;
  if (serial == 0)
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }

  g_task_set_task_data (task, g_memdup2 (&serial, sizeof serial), g_free);
  g_queue_push_tail (&self->flushes, task);
  sighej_clock_clear (self->clock, &self->timer);
  send_next (self);
}

gboolean
sighej_tally_flush_finish (SighejTally *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Counting */

void
sighej_tally_date (gint64 wall_us, char out[11])
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (wall_us / G_USEC_PER_SEC);
  g_autofree char *date = g_date_time_format (time, "%Y-%m-%d");

  g_strlcpy (out, date, 11);
}

static Day *
add_day (SighejTally *self, const char *date)
{
  Day *day = g_new0 (Day, 1);
  g_autofree char *id = g_uuid_string_random ();

  if (self->days.length >= SIGHEJ_TALLY_DAYS_MAX)
    {
      g_warning ("the ledger has been away for %d days: the oldest counters are dropped",
                 SIGHEJ_TALLY_DAYS_MAX);
      day_free (g_queue_pop_head (&self->days));
    }

  day->serial = ++self->last_serial;
  g_strlcpy (day->batch.id, id, sizeof day->batch.id);
  g_strlcpy (day->batch.date, date, sizeof day->batch.date);
  day->batch.categories = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_queue_push_tail (&self->days, day);
  return day;
}

/* The day it is now. A clock that was set back may name one that is not the newest. */
static SighejLedgerBatch *
count_today (SighejTally *self)
{
  char date[11];

  sighej_tally_date (sighej_clock_wall_us (self->clock), date);
  if (!self->is_in_flight && self->sending == NULL)
    arm (self, SIGHEJ_TALLY_FLUSH_MS);
  for (GList *node = self->days.tail; node != NULL; node = node->prev)
    {
      Day *day = node->data;

      if (g_str_equal (day->batch.date, date))
        return &day->batch;
    }
  return &add_day (self, date)->batch;
}

void
sighej_tally_count_session (SighejTally *self, const char *const *categories)
{
  SighejLedgerBatch *today = count_today (self);

  today->sessions++;
  for (guint i = 0; categories[i] != NULL; i++)
    {
      guint64 *count = g_hash_table_lookup (today->categories, categories[i]);

      if (count == NULL)
        {
          count = g_new0 (guint64, 1);
          g_hash_table_insert (today->categories, g_strdup (categories[i]), count);
        }
      (*count)++;
    }
}

void
sighej_tally_count_match (SighejTally *self)
{
  count_today (self)->matches++;
}

void
sighej_tally_count_ping (SighejTally *self)
{
  count_today (self)->pings++;
}
