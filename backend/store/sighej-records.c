/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-records"

#include "config.h"

#include "sighej-records.h"

#include "sighej-error.h"
#include "sighej-expiry.h"
#include "sighej-keyed-hash.h"

typedef struct
{
  SighejExpiryItem expiry; /* first: the queue hands it back */
  char key[SIGHEJ_STORE_RECORD_KEY_CHARS_MAX + 1];
  GBytes *value;
  guint64 version;
} Entry;

struct _SighejRecords
{
  GHashTable *entries; /* of Entry.key -> Entry, owned */
  SighejExpiry *expiry;
  gsize n_bytes;
  guint64 newest; /* version */
  gint64 wall_ahead_us;
};

static gsize
size_of (GBytes *value)
{
  return sizeof (Entry) + g_bytes_get_size (value);
}

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_bytes_unref (entry->value);
  sighej_wipe (entry, sizeof *entry);
  g_free (entry);
}

SighejRecords *
sighej_records_new (void)
{
  SighejRecords *self = g_new0 (SighejRecords, 1);

  self->entries = g_hash_table_new_full (sighej_keyed_str_hash, g_str_equal, NULL, entry_free);
  self->expiry = sighej_expiry_new ();
  return self;
}

void
sighej_records_free (SighejRecords *self)
{
  sighej_expiry_free (self->expiry);
  g_hash_table_unref (self->entries);
  g_free (self);
}

static void
drop (SighejRecords *self, Entry *entry)
{
  self->n_bytes -= size_of (entry->value);
  sighej_expiry_remove (self->expiry, &entry->expiry);
  g_hash_table_remove (self->entries, entry->key);
}

/* Microseconds since 1970 that never jump while there are records. */
static gint64
tell_time_us (SighejRecords *self, const SighejRecordsTime *time)
{
  if (g_hash_table_size (self->entries) == 0)
    self->wall_ahead_us = time->wall_us - time->now_us;
  return time->now_us + self->wall_ahead_us;
}

void
sighej_records_read (SighejRecords *self,
                     const char *key,
                     const SighejRecordsTime *time,
                     SighejStoreRecord *record)
{
  const Entry *entry;

  sighej_records_expire (self, time->now_us);
  entry = g_hash_table_lookup (self->entries, key);
  *record = (SighejStoreRecord){ .now_ms = tell_time_us (self, time) / 1000 };
  if (entry != NULL)
    {
      record->value = entry->value;
      record->version = entry->version;
    }
}

gboolean
sighej_records_has (SighejRecords *self, const char *key, gint64 now_us)
{
  const Entry *entry = g_hash_table_lookup (self->entries, key);

  return entry != NULL && entry->expiry.at_us > now_us;
}

static gboolean
has_room (SighejRecords *self, const Entry *entry, GBytes *value, GError **error)
{
  guint n_entries = g_hash_table_size (self->entries) + (entry == NULL ? 1 : 0);
  gsize n_bytes = self->n_bytes - (entry != NULL ? size_of (entry->value) : 0) + size_of (value);

  if (n_entries <= SIGHEJ_RECORDS_MAX && n_bytes <= SIGHEJ_RECORDS_BYTES_MAX)
    return TRUE;
  g_set_error_literal (error,
                       SIGHEJ_ERROR,
                       SIGHEJ_ERROR_UNAVAILABLE,
                       "there are too many encounters, try again later");
  return FALSE;
}

static Entry *
add (SighejRecords *self, const char *key)
{
  Entry *entry = g_new0 (Entry, 1);

  g_strlcpy (entry->key, key, sizeof entry->key);
  g_hash_table_insert (self->entries, entry->key, entry);
  return entry;
}

static void
set_value (SighejRecords *self, Entry *entry, GBytes *value)
{
  if (entry->value != NULL)
    {
      self->n_bytes -= size_of (entry->value);
      g_bytes_unref (entry->value);
    }
  entry->value = g_bytes_ref (value);
  self->n_bytes += size_of (value);
}

gboolean
sighej_records_swap (SighejRecords *self,
                     const char *key,
                     guint64 version,
                     GBytes *value,
                     guint lifetime_ms,
                     const SighejRecordsTime *time,
                     guint64 *new_version,
                     GError **error)
{
  gint64 told_us;
  Entry *entry;

  *new_version = 0;
  sighej_records_expire (self, time->now_us);
  entry = g_hash_table_lookup (self->entries, key);
  if ((entry != NULL ? entry->version : 0) != version)
    return FALSE;
  if (value == NULL)
    {
      if (entry != NULL)
        drop (self, entry);
      return TRUE;
    }
  if (!has_room (self, entry, value, error))
    return FALSE;

  told_us = tell_time_us (self, time);
  if (entry == NULL)
    entry = add (self, key);
  set_value (self, entry, value);
  self->newest = MAX (self->newest + 1, (guint64) MAX (0, told_us));
  entry->version = *new_version = self->newest;
  sighej_expiry_set (self->expiry, &entry->expiry, time->now_us + (gint64) lifetime_ms * 1000);
  return TRUE;
}

void
sighej_records_expire (SighejRecords *self, gint64 now_us)
{
  while (sighej_records_next_us (self) <= now_us)
    drop (self, (Entry *) sighej_expiry_peek (self->expiry));
}

gint64
sighej_records_next_us (SighejRecords *self)
{
  const SighejExpiryItem *next = sighej_expiry_peek (self->expiry);

  return next != NULL ? next->at_us : G_MAXINT64;
}
