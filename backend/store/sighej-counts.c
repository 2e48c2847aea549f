/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-counts"

#include "config.h"

#include "sighej-counts.h"

#define DAY_US (G_GINT64_CONSTANT (86400) * G_USEC_PER_SEC)

struct _SighejCounts
{
  GPtrArray *open;   /* of SighejBatch, one a day */
  GPtrArray *closed; /* of SighejBatch */

  gint64 today; /* day number of the newest one counted in, so that most counts look nothing up */
  SighejBatch *today_batch; /* (nullable): in open */
};

static void
batch_free (gpointer batch)
{
  sighej_batch_free (batch);
}

SighejCounts *
sighej_counts_new (void)
{
  SighejCounts *self = g_new0 (SighejCounts, 1);

  self->open = g_ptr_array_new_with_free_func (batch_free);
  self->closed = g_ptr_array_new_with_free_func (batch_free);
  return self;
}

void
sighej_counts_free (SighejCounts *self)
{
  g_ptr_array_unref (self->open);
  g_ptr_array_unref (self->closed);
  g_free (self);
}

static SighejBatch *
add_day (SighejCounts *self, const char *date)
{
  SighejBatch *batch = sighej_batch_new (NULL, date);

  if (self->open->len >= SIGHEJ_COUNTS_DAYS_MAX)
    {
      g_warning ("the ledger has been away for %d days: the oldest counters are dropped",
                 SIGHEJ_COUNTS_DAYS_MAX);
      g_ptr_array_remove_index (self->open, 0);
    }
  g_ptr_array_add (self->open, batch);
  return batch;
}

static SighejBatch *
find_day (SighejCounts *self, const char *date)
{
  for (guint i = self->open->len; i > 0; i--)
    {
      SighejBatch *batch = self->open->pdata[i - 1];

      if (g_str_equal (batch->date, date))
        return batch;
    }
  return add_day (self, date);
}

/* A clock that was set back may name a day that is not the newest. */
static SighejBatch *
at_day (SighejCounts *self, gint64 wall_us)
{
  char date[SIGHEJ_BATCH_DATE_CHARS + 1];

  if (self->today_batch == NULL || self->today != wall_us / DAY_US)
    {
      sighej_batch_date (wall_us, date);
      self->today_batch = find_day (self, date);
      self->today = wall_us / DAY_US;
    }
  return self->today_batch;
}

void
sighej_counts_add_session (SighejCounts *self, gint64 wall_us, const char *const *categories)
{
  SighejBatch *batch = at_day (self, wall_us);

  batch->sessions++;
  for (guint i = 0; categories != NULL && categories[i] != NULL; i++)
    sighej_batch_add_category (batch, categories[i], 1);
}

void
sighej_counts_add_match (SighejCounts *self, gint64 wall_us)
{
  at_day (self, wall_us)->matches++;
}

void
sighej_counts_add_ping (SighejCounts *self, gint64 wall_us)
{
  at_day (self, wall_us)->pings++;
}

const SighejBatch *const *
sighej_counts_close (SighejCounts *self, guint *n_batches)
{
  if (self->closed->len + self->open->len <= SIGHEJ_COUNTS_BATCHES_MAX)
    {
      g_ptr_array_extend_and_steal (self->closed, self->open);
      self->open = g_ptr_array_new_with_free_func (batch_free);
      self->today_batch = NULL;
    }
  *n_batches = self->closed->len;
  return (const SighejBatch *const *) self->closed->pdata;
}

void
sighej_counts_drop (SighejCounts *self, const char *batch_id)
{
  for (guint i = 0; i < self->closed->len; i++)
    if (g_str_equal (((const SighejBatch *) self->closed->pdata[i])->id, batch_id))
      {
        g_ptr_array_remove_index (self->closed, i);
        return;
      }
}
