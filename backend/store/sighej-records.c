/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-records"

#include "config.h"

#include "sighej-records.h"

#include "sighej-error.h"
#include "sighej-expiry.h"
#include "sighej-keyed-hash.h"

/* A fleeting part. */
typedef struct
{
  SighejExpiryItem expiry; /* first: the queue hands it back */
  GBytes *value;           /* NULL: there is none */
} Part;

typedef struct
{
  SighejExpiryItem expiry; /* first, likewise */
  char key[SIGHEJ_STORE_RECORD_KEY_CHARS_MAX + 1];
  GBytes *value;
  guint64 version;
  Part parts[SIGHEJ_STORE_FLEETING_PARTS];
} Entry;

struct _SighejRecords
{
  GHashTable *entries; /* of Entry.key -> Entry, owned */
  SighejExpiry *expiry;
  SighejExpiry *fleeting; /* of Part */
  gsize n_bytes;
  guint64 newest; /* version */
  gint64 wall_ahead_us;
};

static gsize
size_of (GBytes *value)
{
  return value != NULL ? g_bytes_get_size (value) : 0;
}

static gsize
size_of_entry (const Entry *entry)
{
  gsize n_bytes = sizeof *entry + size_of (entry->value);

  for (guint i = 0; i < SIGHEJ_STORE_FLEETING_PARTS; i++)
    n_bytes += size_of (entry->parts[i].value);
  return n_bytes;
}

static gsize
size_of_swap (const SighejStoreSwap *swap)
{
  gsize n_bytes = sizeof (Entry) + size_of (swap->value);

  for (guint i = 0; i < SIGHEJ_STORE_FLEETING_PARTS; i++)
    n_bytes += size_of (swap->fleeting[i].value);
  return n_bytes;
}

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_bytes_unref (entry->value);
  for (guint i = 0; i < SIGHEJ_STORE_FLEETING_PARTS; i++)
    g_clear_pointer (&entry->parts[i].value, g_bytes_unref);
  sighej_wipe (entry, sizeof *entry);
  g_free (entry);
}

SighejRecords *
sighej_records_new (void)
{
  SighejRecords *self = g_new0 (SighejRecords, 1);

  self->entries = g_hash_table_new_full (sighej_keyed_str_hash, g_str_equal, NULL, entry_free);
  self->expiry = sighej_expiry_new ();
  self->fleeting = sighej_expiry_new ();
  return self;
}

void
sighej_records_free (SighejRecords *self)
{
  sighej_expiry_free (self->expiry);
  sighej_expiry_free (self->fleeting);
  g_hash_table_unref (self->entries);
  g_free (self);
}

static void
drop_part (SighejRecords *self, Part *part)
{
  self->n_bytes -= size_of (part->value);
  sighej_expiry_remove (self->fleeting, &part->expiry);
  g_clear_pointer (&part->value, g_bytes_unref);
}

static void
drop (SighejRecords *self, Entry *entry)
{
  for (guint i = 0; i < SIGHEJ_STORE_FLEETING_PARTS; i++)
    drop_part (self, &entry->parts[i]);
  self->n_bytes -= size_of_entry (entry);
  sighej_expiry_remove (self->expiry, &entry->expiry);
  g_hash_table_remove (self->entries, entry->key);
}

void
sighej_records_drop (SighejRecords *self, const char *key)
{
  Entry *entry = g_hash_table_lookup (self->entries, key);

  if (entry != NULL)
    drop (self, entry);
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
  if (entry == NULL)
    return;
  record->value = entry->value;
  record->version = entry->version;
  for (guint i = 0; i < SIGHEJ_STORE_FLEETING_PARTS; i++)
    record->fleeting[i] = entry->parts[i].value;
}

gboolean
sighej_records_has (SighejRecords *self, const char *key, gint64 now_us)
{
  const Entry *entry = g_hash_table_lookup (self->entries, key);

  return entry != NULL && entry->expiry.at_us > now_us;
}

static gboolean
has_room (SighejRecords *self, const Entry *entry, const SighejStoreSwap *swap, GError **error)
{
  guint n_entries = g_hash_table_size (self->entries) + (entry == NULL ? 1 : 0);
  gsize n_bytes = self->n_bytes - (entry != NULL ? size_of_entry (entry) : 0) + size_of_swap (swap);

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
  self->n_bytes += sizeof *entry;
  return entry;
}

static void
set_part (SighejRecords *self, Part *part, const SighejStoreFleeting *fleeting, gint64 now_us)
{
  gint64 until_us = fleeting->until_ms * 1000 - self->wall_ahead_us;

  drop_part (self, part);
  if (fleeting->value == NULL || until_us <= now_us)
    return;
  part->value = g_bytes_ref (fleeting->value);
  self->n_bytes += size_of (part->value);
  sighej_expiry_set (self->fleeting, &part->expiry, until_us);
}

static void
write_entry (SighejRecords *self, Entry *entry, const SighejStoreSwap *swap, gint64 now_us)
{
  self->n_bytes += size_of (swap->value) - size_of (entry->value);
  g_clear_pointer (&entry->value, g_bytes_unref);
  entry->value = g_bytes_ref (swap->value);
  sighej_expiry_set (self->expiry, &entry->expiry, now_us + (gint64) swap->lifetime_ms * 1000);
  for (guint i = 0; i < SIGHEJ_STORE_FLEETING_PARTS; i++)
    set_part (self, &entry->parts[i], &swap->fleeting[i], now_us);
}

gboolean
sighej_records_swap (SighejRecords *self,
                     const char *key,
                     const SighejStoreSwap *swap,
                     const SighejRecordsTime *time,
                     guint64 *new_version,
                     GError **error)
{
  gint64 told_us;
  Entry *entry;

  *new_version = 0;
  sighej_records_expire (self, time->now_us);
  entry = g_hash_table_lookup (self->entries, key);
  if ((entry != NULL ? entry->version : 0) != swap->version)
    return FALSE;
  if (swap->value == NULL)
    {
      if (entry != NULL)
        drop (self, entry);
      return TRUE;
    }
  if (!has_room (self, entry, swap, error))
    return FALSE;

  told_us = tell_time_us (self, time);
  if (entry == NULL)
    entry = add (self, key);
  write_entry (self, entry, swap, time->now_us);
  self->newest = MAX (self->newest + 1, (guint64) MAX (0, told_us));
  entry->version = *new_version = self->newest;
  return TRUE;
}

static gint64
get_next_us (SighejExpiry *expiry)
{
  const SighejExpiryItem *next = sighej_expiry_peek (expiry);

  return next != NULL ? next->at_us : G_MAXINT64;
}

void
sighej_records_expire (SighejRecords *self, gint64 now_us)
{
  while (get_next_us (self->expiry) <= now_us)
    drop (self, (Entry *) sighej_expiry_peek (self->expiry));
  while (get_next_us (self->fleeting) <= now_us)
    drop_part (self, (Part *) sighej_expiry_peek (self->fleeting));
}

gint64
sighej_records_next_us (SighejRecords *self)
{
  return MIN (get_next_us (self->expiry), get_next_us (self->fleeting));
}
