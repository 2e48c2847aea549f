/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-adjustments.h"

#include <string.h>

#include "sighej-band.h"
#include "sighej-crypto.h"
#include "sighej-payload.h"
#include "sighej-state-file.h"

#define FILE_NAME "adjustments"
#define MACHINE_GROUP "Machine"
#define MACHINE_KEY "Key"
#define ADAPTER_GROUP_PREFIX "Adapter "
#define ID_INFO "SigHej/1 adapter"

/* Enough that no two of a machine's adapters ever share it. */
#define NAME_BYTES 8
#define NAME_CHARS (2 * NAME_BYTES)

#define MEASURED_WORD "measured"
#define SET_WORD "set"

typedef struct
{
  char name[NAME_CHARS + 1];
  SighejAdjustment adjustments[SIGHEJ_N_ADJUSTMENT_KINDS];
} Entry;

static const struct
{
  const char *word;
  const char *value_key;
  const char *origin_key;
  const char *since_key;
} keys[] = {
  [SIGHEJ_ADJUSTMENT_TRANSMIT]
  = { "transmit", "TxCalibration", "TxCalibrationOrigin", "TxCalibrationSince" },
  [SIGHEJ_ADJUSTMENT_RECEIVE]
  = { "receive", "ReceiveAdjustment", "ReceiveAdjustmentOrigin", "ReceiveAdjustmentSince" },
};
G_STATIC_ASSERT (G_N_ELEMENTS (keys) == SIGHEJ_N_ADJUSTMENT_KINDS);

struct _SighejAdjustments
{
  GObject parent_instance;

  char *path;
  gboolean has_key; /* drawn when something is first kept */
  guint8 key[SIGHEJ_KEY_BYTES];
  GArray *entries; /* Entry, adjusted longest ago first */
};

G_DEFINE_FINAL_TYPE (SighejAdjustments, sighej_adjustments, G_TYPE_OBJECT)

static GArray *
new_entries (void)
{
  return g_array_new (FALSE, TRUE, sizeof (Entry));
}

static void
sighej_adjustments_init (SighejAdjustments *self)
{
  self->entries = new_entries ();
}

static void
sighej_adjustments_finalize (GObject *object)
{
  SighejAdjustments *self = SIGHEJ_ADJUSTMENTS (object);

  sighej_wipe (self->key, sizeof self->key);
  g_array_unref (self->entries);
  g_free (self->path);

  G_OBJECT_CLASS (sighej_adjustments_parent_class)->finalize (object);
}

static void
sighej_adjustments_class_init (SighejAdjustmentsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sighej_adjustments_finalize;
}

/* ---- names of adapters ---- */

static void
name_adapter (SighejAdjustments *self, const char *adapter_id, char name[NAME_CHARS + 1])
{
  g_autofree char *text = g_strconcat (ID_INFO, adapter_id, NULL);
  guint8 hash[SIGHEJ_SHA256_BYTES];

  sighej_hmac_sha256 (self->key, sizeof self->key, (const guint8 *) text, strlen (text), hash);
  sighej_hex_encode (hash, NAME_BYTES, name);
}

static Entry *
find (GArray *entries, const char *name)
{
  for (guint i = 0; i < entries->len; i++)
    {
      Entry *entry = &g_array_index (entries, Entry, i);

      if (g_str_equal (entry->name, name))
        return entry;
    }

  return NULL;
}

/* ---- reading ---- */

static gboolean
refuse (GError **error, const char *what)
{
  g_set_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_FAILED, "%s is not acceptable", what);
  return FALSE;
}

static gboolean
read_key (SighejAdjustments *self, GKeyFile *file, GError **error)
{
  g_autofree char *hex = g_key_file_get_string (file, MACHINE_GROUP, MACHINE_KEY, error);
  gboolean is_key = hex != NULL && sighej_hex_decode (hex, self->key, sizeof self->key);

  if (hex == NULL)
    return FALSE;

  sighej_wipe (hex, strlen (hex));
  self->has_key = is_key;
  return is_key || refuse (error, MACHINE_KEY);
}

static gboolean
read_adjustment (GKeyFile *file,
                 const char *group,
                 SighejAdjustmentKind kind,
                 SighejAdjustment *adjustment,
                 GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *origin = NULL;

  if (!g_key_file_has_key (file, group, keys[kind].value_key, NULL))
    return TRUE;

  adjustment->value = g_key_file_get_integer (file, group, keys[kind].value_key, &local);
  if (local != NULL || !sighej_adjustment_is_valid (kind, adjustment->value))
    return refuse (error, keys[kind].value_key);

  adjustment->since_s = g_key_file_get_int64 (file, group, keys[kind].since_key, &local);
  if (local != NULL || adjustment->since_s <= 0)
    return refuse (error, keys[kind].since_key);

  origin = g_key_file_get_string (file, group, keys[kind].origin_key, NULL);
  adjustment->measured = g_strcmp0 (origin, MEASURED_WORD) == 0;
  return TRUE;
}

static gboolean
read_entry (SighejAdjustments *self, GKeyFile *file, const char *group, GError **error)
{
  const char *name = group + strlen (ADAPTER_GROUP_PREFIX);
  guint8 bytes[NAME_BYTES];
  Entry entry = { 0 };

  if (!sighej_hex_decode (name, bytes, sizeof bytes))
    return refuse (error, group);

  g_strlcpy (entry.name, name, sizeof entry.name);
  for (guint kind = 0; kind < SIGHEJ_N_ADJUSTMENT_KINDS; kind++)
    if (!read_adjustment (
            file, group, (SighejAdjustmentKind) kind, &entry.adjustments[kind], error))
      return FALSE;

  g_array_append_val (self->entries, entry);
  return TRUE;
}

static gboolean
read_entries (SighejAdjustments *self, GKeyFile *file, GError **error)
{
  g_auto (GStrv) groups = g_key_file_get_groups (file, NULL);

  for (guint i = 0; groups[i] != NULL; i++)
    if (g_str_has_prefix (groups[i], ADAPTER_GROUP_PREFIX)
        && !read_entry (self, file, groups[i], error))
      return FALSE;

  return self->entries->len <= SIGHEJ_ADJUSTMENTS_ADAPTERS_MAX
         || refuse (error, "the number of adapters");
}

static gboolean
load (SighejAdjustments *self, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *text = sighej_state_file_read (self->path, error);

  if (text == NULL)
    return *error == NULL;

  return g_key_file_load_from_data (file, text, (gsize) -1, G_KEY_FILE_NONE, error)
         && read_key (self, file, error) && read_entries (self, file, error);
}

/* ---- writing ---- */

static void
write_adjustment (GKeyFile *file,
                  const char *group,
                  SighejAdjustmentKind kind,
                  const SighejAdjustment *adjustment)
{
  if (adjustment->since_s == 0)
    return;

  g_key_file_set_integer (file, group, keys[kind].value_key, adjustment->value);
  g_key_file_set_string (
      file, group, keys[kind].origin_key, adjustment->measured ? MEASURED_WORD : SET_WORD);
  g_key_file_set_int64 (file, group, keys[kind].since_key, adjustment->since_s);
}

/* On the disk first, whole, before it counts. @entries is consumed. */
static gboolean
replace_entries (SighejAdjustments *self, GArray *entries, GError **error)
{
  g_autoptr (GArray) kept = entries;
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *text = NULL;
  char key[2 * SIGHEJ_KEY_BYTES + 1];
  gboolean is_written;

  sighej_hex_encode (self->key, sizeof self->key, key);
  g_key_file_set_string (file, MACHINE_GROUP, MACHINE_KEY, key);
  sighej_wipe (key, sizeof key);
  for (guint i = 0; i < kept->len; i++)
    {
      const Entry *entry = &g_array_index (kept, Entry, i);
      g_autofree char *group = g_strconcat (ADAPTER_GROUP_PREFIX, entry->name, NULL);

      for (guint kind = 0; kind < SIGHEJ_N_ADJUSTMENT_KINDS; kind++)
        write_adjustment (file, group, (SighejAdjustmentKind) kind, &entry->adjustments[kind]);
    }

  text = g_key_file_to_data (file, NULL, NULL);
  is_written = sighej_state_file_write (self->path, text, error);
  sighej_wipe (text, strlen (text));
  if (is_written)
    {
      g_array_unref (self->entries);
      self->entries = g_steal_pointer (&kept);
    }
  return is_written;
}

/* A copy without the adapter of @name, which is put into @taken (all zero if it was not there). */
static GArray *
copy_without (SighejAdjustments *self, const char *name, Entry *taken)
{
  GArray *copy = new_entries ();

  *taken = (Entry){ 0 };
  for (guint i = 0; i < self->entries->len; i++)
    {
      const Entry *entry = &g_array_index (self->entries, Entry, i);

      if (g_str_equal (entry->name, name))
        *taken = *entry;
      else
        g_array_append_val (copy, *entry);
    }

  return copy;
}

/* ---- public ---- */

SighejAdjustments *
sighej_adjustments_new (const char *folder)
{
  SighejAdjustments *self = g_object_new (SIGHEJ_TYPE_ADJUSTMENTS, NULL);
  g_autoptr (GError) error = NULL;

  self->path = g_build_filename (folder, FILE_NAME, NULL);
  if (!load (self, &error))
    {
      g_array_set_size (self->entries, 0);
      self->has_key = FALSE;
      sighej_state_file_put_aside (self->path, error);
    }
  return self;
}

gboolean
sighej_adjustments_get (SighejAdjustments *self,
                        const char *adapter_id,
                        SighejAdjustmentKind kind,
                        SighejAdjustment *out)
{
  char name[NAME_CHARS + 1];
  const Entry *entry;

  *out = (SighejAdjustment){ 0 };
  if (!self->has_key)
    return FALSE;

  name_adapter (self, adapter_id, name);
  entry = find (self->entries, name);
  if (entry != NULL)
    *out = entry->adjustments[kind];
  return out->since_s != 0;
}

gboolean
sighej_adjustment_is_valid (SighejAdjustmentKind kind, int value)
{
  if (kind == SIGHEJ_ADJUSTMENT_TRANSMIT)
    return value >= SIGHEJ_BAND_TX_CAL_MIN_DBM && value <= SIGHEJ_BAND_TX_CAL_MAX_DBM;

  return value >= -SIGHEJ_RX_ADJUST_DB_MAX && value <= SIGHEJ_RX_ADJUST_DB_MAX;
}

gboolean
sighej_adjustments_keep (SighejAdjustments *self,
                         const char *adapter_id,
                         SighejAdjustmentKind kind,
                         const SighejAdjustment *adjustment,
                         GError **error)
{
  char name[NAME_CHARS + 1];
  GArray *entries;
  Entry entry;

  g_return_val_if_fail (sighej_adjustment_is_valid (kind, adjustment->value), FALSE);
  g_return_val_if_fail (adjustment->since_s > 0, FALSE);

  if (!self->has_key)
    sighej_random_bytes (self->key, sizeof self->key);
  self->has_key = TRUE;

  name_adapter (self, adapter_id, name);
  entries = copy_without (self, name, &entry);
  g_strlcpy (entry.name, name, sizeof entry.name);
  entry.adjustments[kind] = *adjustment;
  if (kind == SIGHEJ_ADJUSTMENT_TRANSMIT)
    entry.adjustments[kind].value = sighej_payload_round_tx_cal (adjustment->value);
  g_array_append_val (entries, entry);
  if (entries->len > SIGHEJ_ADJUSTMENTS_ADAPTERS_MAX)
    g_array_remove_index (entries, 0);

  return replace_entries (self, entries, error);
}

gboolean
sighej_adjustments_forget (SighejAdjustments *self, const char *adapter_id, GError **error)
{
  char name[NAME_CHARS + 1];
  Entry forgotten;

  if (!self->has_key)
    return TRUE;

  name_adapter (self, adapter_id, name);
  if (find (self->entries, name) == NULL)
    return TRUE;

  return replace_entries (self, copy_without (self, name, &forgotten), error);
}

GVariant *
sighej_adjustments_to_variant (SighejAdjustments *self)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(sibx)"));
  for (guint i = 0; i < self->entries->len; i++)
    for (guint kind = 0; kind < SIGHEJ_N_ADJUSTMENT_KINDS; kind++)
      {
        const SighejAdjustment *one = &g_array_index (self->entries, Entry, i).adjustments[kind];

        if (one->since_s != 0)
          g_variant_builder_add (
              &builder, "(sibx)", keys[kind].word, one->value, one->measured, one->since_s);
      }
  return g_variant_builder_end (&builder);
}

gboolean
sighej_adjustments_forget_all (SighejAdjustments *self, GError **error)
{
  g_array_set_size (self->entries, 0);
  sighej_wipe (self->key, sizeof self->key);
  self->has_key = FALSE;
  return sighej_state_file_delete (self->path, error);
}
