/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-batch"

#include "config.h"

#include "sighej-batch.h"

SighejBatch *
sighej_batch_new (const char *id, const char *date)
{
  SighejBatch *self = g_new0 (SighejBatch, 1);
  g_autofree char *drawn = id == NULL ? g_uuid_string_random () : NULL;

  g_strlcpy (self->id, id != NULL ? id : drawn, sizeof self->id);
  g_strlcpy (self->date, date, sizeof self->date);
  self->categories = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

SighejBatch *
sighej_batch_copy (const SighejBatch *self)
{
  SighejBatch *copy = sighej_batch_new (self->id, self->date);
  GHashTableIter iter;
  gpointer category, n;

  copy->sessions = self->sessions;
  copy->matches = self->matches;
  copy->pings = self->pings;
  if (self->categories == NULL)
    return copy;
  g_hash_table_iter_init (&iter, self->categories);
  while (g_hash_table_iter_next (&iter, &category, &n))
    sighej_batch_add_category (copy, category, *(const guint64 *) n);
  return copy;
}

void
sighej_batch_free (SighejBatch *self)
{
  g_clear_pointer (&self->categories, g_hash_table_unref);
  g_free (self);
}

void
sighej_batch_add_category (SighejBatch *self, const char *category, guint64 n)
{
  guint64 *count = g_hash_table_lookup (self->categories, category);

  if (count == NULL)
    {
      count = g_new0 (guint64, 1);
      g_hash_table_insert (self->categories, g_strdup (category), count);
    }
  *count += n;
}

void
sighej_batch_date (gint64 wall_us, char out[SIGHEJ_BATCH_DATE_CHARS + 1])
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (wall_us / G_USEC_PER_SEC);
  g_autofree char *date = g_date_time_format (time, "%Y-%m-%d");

  g_strlcpy (out, date, SIGHEJ_BATCH_DATE_CHARS + 1);
}
