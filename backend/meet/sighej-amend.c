/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-meet"

#include "config.h"

#include "sighej-amend.h"

#include "sighej-error.h"

typedef struct
{
  SighejStore *store;
  SighejVault *vault;
  char key[SIGHEJ_STORE_RECORD_KEY_CHARS_MAX + 1];
  SighejAmendStep step;
  SighejStoreDone done;
  gpointer user_data;
  guint n_tries;
} Amend;

static void amend_free (Amend *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Amend, amend_free)

static void try_again (Amend *self);

static void
amend_free (Amend *self)
{
  g_object_unref (self->store);
  g_object_unref (self->vault);
  g_free (self);
}

static void
finish (Amend *amend, const GError *error)
{
  g_autoptr (Amend) self = amend;

  self->done (error, self->user_data);
}

static void
fail (Amend *self, const char *message)
{
  g_autoptr (GError) error = g_error_new_literal (SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE, message);

  finish (self, error);
}

static void
on_swapped (gboolean swapped, guint64 version, const GError *error, gpointer user_data)
{
  Amend *self = user_data;

  if (error != NULL || swapped)
    finish (self, error);
  else if (self->n_tries < SIGHEJ_AMEND_TRIES_MAX)
    try_again (self);
  else
    fail (self, "too many changes at once, try again");
}

/* What a fleeting part is sealed as: not to be taken for another. */
static char *
dup_part_name (const Amend *self, guint part)
{
  return g_strdup_printf ("%s %u", self->key, part);
}

static void
clear_values (GBytes *value, SighejStoreFleeting fleeting[])
{
  g_clear_pointer (&value, g_bytes_unref);
  for (guint i = 0; i < SIGHEJ_STORE_FLEETING_PARTS; i++)
    g_clear_pointer (&fleeting[i].value, g_bytes_unref);
}

static void
write_value (Amend *self, SighejAmendment *amendment, guint64 version)
{
  SighejStoreSwap swap
      = { .version = version, .lifetime_ms = amendment->lifetime_ms, .wake = amendment->wake };

  if (amendment->value != NULL)
    swap.value = sighej_vault_seal_record (self->vault, self->key, amendment->value);
  for (guint i = 0; i < SIGHEJ_STORE_FLEETING_PARTS; i++)
    {
      const SighejStoreFleeting *part = &amendment->fleeting[i];
      g_autofree char *name = part->value != NULL ? dup_part_name (self, i) : NULL;

      if (name == NULL)
        continue;
      swap.fleeting[i].value = sighej_vault_seal_record (self->vault, name, part->value);
      swap.fleeting[i].until_ms = part->until_ms;
    }
  clear_values (amendment->value, amendment->fleeting);
  sighej_store_swap_record (self->store, self->key, &swap, on_swapped, self);
  clear_values (swap.value, swap.fleeting);
}

static void
decide (Amend *self, SighejAmendment *amendment, guint64 version)
{
  g_autoptr (GError) error = NULL;

  switch (self->step (amendment, self->user_data, &error))
    {
    case SIGHEJ_AMEND_WRITE:
      /* Deleting what is not there. */
      if (amendment->value == NULL && version == 0)
        finish (self, NULL);
      else
        write_value (self, amendment, version);
      break;
    case SIGHEJ_AMEND_FAIL:
      finish (self, error);
      break;
    case SIGHEJ_AMEND_KEEP:
    default:
      finish (self, NULL);
      break;
    }
}

/* Returns: FALSE when a seal is broken */
static gboolean
open_values (Amend *self, const SighejStoreRecord *record, SighejAmendment *amendment)
{
  if (record->value != NULL)
    amendment->plain = sighej_vault_unseal_record (self->vault, self->key, record->value);
  if (record->value != NULL && amendment->plain == NULL)
    return FALSE;
  for (guint i = 0; i < SIGHEJ_STORE_FLEETING_PARTS; i++)
    {
      g_autofree char *name = record->fleeting[i] != NULL ? dup_part_name (self, i) : NULL;

      if (name == NULL)
        continue;
      amendment->plain_fleeting[i]
          = sighej_vault_unseal_record (self->vault, name, record->fleeting[i]);
      if (amendment->plain_fleeting[i] == NULL)
        return FALSE;
    }
  return TRUE;
}

static void
on_read (const SighejStoreRecord *record, const GError *error, gpointer user_data)
{
  Amend *self = user_data;
  SighejAmendment amendment = { 0 };

  if (error != NULL)
    {
      finish (self, error);
      return;
    }
  amendment.now_ms = record->now_ms;
  if (open_values (self, record, &amendment))
    decide (self, &amendment, record->version);
  else
    fail (self, "the record was sealed with another key file");
  g_clear_pointer (&amendment.plain, g_bytes_unref);
  for (guint i = 0; i < SIGHEJ_STORE_FLEETING_PARTS; i++)
    g_clear_pointer (&amendment.plain_fleeting[i], g_bytes_unref);
}

static void
try_again (Amend *self)
{
  self->n_tries++;
  sighej_store_read_record (self->store, self->key, on_read, self);
}

void
sighej_amend (SighejStore *store,
              SighejVault *vault,
              const char *key,
              SighejAmendStep step,
              SighejStoreDone done,
              gpointer user_data)
{
  Amend *self = g_new0 (Amend, 1);

  self->store = g_object_ref (store);
  self->vault = g_object_ref (vault);
  g_strlcpy (self->key, key, sizeof self->key);
  self->step = step;
  self->done = done;
  self->user_data = user_data;
  try_again (self);
}
