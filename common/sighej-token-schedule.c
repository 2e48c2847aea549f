/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-token-schedule"

#include "config.h"

#include "sighej-token-schedule.h"

#include <string.h>

#include "sighej-crypto.h"

#define LABEL_CHARS 3 /* "dur", "key", "tok" */

struct _SighejTokenSchedule
{
  gatomicrefcount ref_count;
  guint8 token_key[SIGHEJ_SHA256_BYTES];
  guint8 public_key[SIGHEJ_PUBLIC_KEY_BYTES];
  guint n_epochs;
  SighejTokenEpoch epochs[SIGHEJ_EPOCHS_MAX];
};

G_STATIC_ASSERT (SIGHEJ_EPOCHS_MAX *SIGHEJ_EPOCH_SECONDS_MIN >= SIGHEJ_SESSION_SECONDS_MAX);

/* HMAC-SHA256 (key, label || u32be (i)), BLE 3. */
static void
derive (const guint8 key[SIGHEJ_SHA256_BYTES],
        const char *label,
        guint32 i,
        guint8 out[SIGHEJ_SHA256_BYTES])
{
  const guint32 i_be = GUINT32_TO_BE (i);
  guint8 text[LABEL_CHARS + sizeof i_be];

  memcpy (text, label, LABEL_CHARS);
  memcpy (text + LABEL_CHARS, &i_be, sizeof i_be);
  sighej_hmac_sha256 (key, SIGHEJ_SHA256_BYTES, text, sizeof text, out);
}

static guint
epoch_duration_s (const guint8 epoch_key[SIGHEJ_SHA256_BYTES], guint i)
{
  guint8 mac[SIGHEJ_SHA256_BYTES];
  guint number;

  derive (epoch_key, "dur", i, mac);
  number = (guint) mac[0] << 8 | mac[1];
  return SIGHEJ_EPOCH_SECONDS_MIN
         + number % (SIGHEJ_EPOCH_SECONDS_MAX - SIGHEJ_EPOCH_SECONDS_MIN + 1);
}

void
sighej_token_origin_derive (const SighejTokenOrigin *self, SighejToken *out)
{
  guint8 mac[SIGHEJ_SHA256_BYTES];
  guint8 text[LABEL_CHARS + SIGHEJ_SHA256_BYTES];

  memcpy (text, "tok", LABEL_CHARS);
  sighej_sha256 (self->public_key, sizeof self->public_key, text + LABEL_CHARS);
  sighej_hmac_sha256 (self->key, sizeof self->key, text, sizeof text, mac);
  memcpy (out->bytes, mac, SIGHEJ_TOKEN_BYTES);
}

static void
derive_token (SighejTokenSchedule *self, SighejTokenEpoch *epoch)
{
  SighejTokenOrigin origin;

  sighej_token_schedule_get_origin (self, epoch, &origin);
  sighej_token_origin_derive (&origin, &epoch->token);
  sighej_wipe (&origin, sizeof origin);
}

SighejTokenSchedule *
sighej_token_schedule_new (const guint8 seed[SIGHEJ_SEED_BYTES],
                           const guint8 *public_key,
                           guint session_s)
{
  SighejTokenSchedule *self;
  guint8 epoch_key[SIGHEJ_SHA256_BYTES];

  g_return_val_if_fail (session_s >= SIGHEJ_SESSION_SECONDS_MIN, NULL);
  g_return_val_if_fail (session_s <= SIGHEJ_SESSION_SECONDS_MAX, NULL);

  self = g_new0 (SighejTokenSchedule, 1);
  g_atomic_ref_count_init (&self->ref_count);
  sighej_hkdf_sha256 (
      seed, SIGHEJ_SEED_BYTES, "SigHej/1 token", self->token_key, sizeof self->token_key);
  sighej_hkdf_sha256 (seed, SIGHEJ_SEED_BYTES, "SigHej/1 epoch", epoch_key, sizeof epoch_key);
  if (public_key != NULL)
    memcpy (self->public_key, public_key, sizeof self->public_key);

  for (guint start_s = 0; start_s < session_s;)
    {
      guint i = self->n_epochs++;
      SighejTokenEpoch *epoch = &self->epochs[i];

      epoch->start_s = start_s;
      epoch->end_s = MIN (start_s + epoch_duration_s (epoch_key, i), session_s);
      derive_token (self, epoch);
      start_s = epoch->end_s;
    }

  sighej_wipe (epoch_key, sizeof epoch_key);
  return self;
}

SighejTokenSchedule *
sighej_token_schedule_ref (SighejTokenSchedule *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
sighej_token_schedule_unref (SighejTokenSchedule *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  sighej_wipe (self, sizeof *self);
  g_free (self);
}

guint
sighej_token_schedule_get_n_epochs (SighejTokenSchedule *self)
{
  return self->n_epochs;
}

const SighejTokenEpoch *
sighej_token_schedule_get_epoch (SighejTokenSchedule *self, guint i)
{
  g_return_val_if_fail (i < self->n_epochs, NULL);

  return &self->epochs[i];
}

const SighejTokenEpoch *
sighej_token_schedule_at (SighejTokenSchedule *self, guint at_s)
{
  for (guint i = 0; i < self->n_epochs; i++)
    if (at_s < self->epochs[i].end_s)
      return &self->epochs[i];
  return NULL;
}

void
sighej_token_schedule_get_key (SighejTokenSchedule *self, guint i, guint8 out[32])
{
  g_return_if_fail (i < self->n_epochs);

  derive (self->token_key, "key", i, out);
}

void
sighej_token_schedule_get_origin (SighejTokenSchedule *self,
                                  const SighejTokenEpoch *epoch,
                                  SighejTokenOrigin *out)
{
  sighej_token_schedule_get_key (self, (guint) (epoch - self->epochs), out->key);
  memcpy (out->public_key, self->public_key, sizeof out->public_key);
}
