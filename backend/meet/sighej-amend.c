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

static void
write_value (Amend *self, const SighejAmendment *amendment, guint64 version)
{
  g_autoptr (GBytes) value = amendment->value;
  g_autoptr (GBytes) sealed = NULL;

  if (value != NULL)
    sealed = sighej_vault_seal_record (self->vault, self->key, value);
  sighej_store_swap_record (self->store,
                            self->key,
                            version,
                            sealed,
                            amendment->lifetime_ms,
                            amendment->wake,
                            on_swapped,
                            self);
}

static void
decide (Amend *self, GBytes *plain, const SighejStoreRecord *record)
{
  SighejAmendment amendment = { .plain = plain, .now_ms = record->now_ms };
  g_autoptr (GError) error = NULL;

  switch (self->step (&amendment, self->user_data, &error))
    {
    case SIGHEJ_AMEND_WRITE:
      /* Deleting what is not there. */
      if (amendment.value == NULL && record->version == 0)
        finish (self, NULL);
      else
        write_value (self, &amendment, record->version);
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

static void
on_read (const SighejStoreRecord *record, const GError *error, gpointer user_data)
{
  Amend *self = user_data;
  g_autoptr (GBytes) plain = NULL;

  if (error != NULL)
    {
      finish (self, error);
      return;
    }
  if (record->value != NULL)
    plain = sighej_vault_unseal_record (self->vault, self->key, record->value);
  if (plain == NULL && record->value != NULL)
    fail (self, "the record was sealed with another key file");
  else
    decide (self, plain, record);
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
