/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-rotator.h"

struct _SighejRotator
{
  GObject parent_instance;

  SighejClock *clock;
  SighejRadio *radio;
  guint8 realm;
  int tx_cal_dbm;

  SighejTokenSchedule *schedule; /* NULL: stopped */
  gint64 accepted_us;
  guint epoch_wait_id;
  guint64 n_tokens;
};

G_DEFINE_FINAL_TYPE (SighejRotator, sighej_rotator, G_TYPE_OBJECT)

static void
sighej_rotator_init (SighejRotator *self)
{
  self->tx_cal_dbm = SIGHEJ_TX_CAL_DEFAULT_DBM;
}

static void
sighej_rotator_dispose (GObject *object)
{
  SighejRotator *self = SIGHEJ_ROTATOR (object);

  if (self->clock != NULL)
    sighej_clock_clear (self->clock, &self->epoch_wait_id);
  g_clear_pointer (&self->schedule, sighej_token_schedule_unref);
  g_clear_object (&self->radio);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (sighej_rotator_parent_class)->dispose (object);
}

static void
sighej_rotator_class_init (SighejRotatorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sighej_rotator_dispose;
}

static gboolean on_epoch_over (gpointer user_data);

static void
set_payload (SighejRotator *self, const SighejTokenEpoch *epoch)
{
  SighejPayload payload = {
    .flags = SIGHEJ_PAYLOAD_OPEN,
    .realm = self->realm,
    .tx_cal_dbm = (gint8) self->tx_cal_dbm,
    .token = epoch->token,
  };

  self->n_tokens++;
  sighej_radio_set_payload (self->radio, &payload);
}

static void
set_epoch (SighejRotator *self)
{
  gint64 age_us = sighej_clock_now_us (self->clock) - self->accepted_us;
  guint age_s = (guint) (MAX (age_us, 0) / G_USEC_PER_SEC);
  const SighejTokenEpoch *epoch = sighej_token_schedule_at (self->schedule, age_s);

  sighej_clock_clear (self->clock, &self->epoch_wait_id);
  if (epoch == NULL)
    {
      sighej_rotator_stop (self);
      return;
    }

  self->epoch_wait_id = sighej_clock_add_at (
      self->clock, self->accepted_us + (gint64) epoch->end_s * G_USEC_PER_SEC, on_epoch_over, self);
  set_payload (self, epoch);
}

static gboolean
on_epoch_over (gpointer user_data)
{
  SighejRotator *self = SIGHEJ_ROTATOR (user_data);

  self->epoch_wait_id = 0;
  g_debug ("the token's epoch is over");
  set_epoch (self);
  return G_SOURCE_REMOVE;
}

SighejRotator *
sighej_rotator_new (SighejClock *clock, SighejRadio *radio)
{
  SighejRotator *self = g_object_new (SIGHEJ_TYPE_ROTATOR, NULL);

  self->clock = g_object_ref (clock);
  self->radio = g_object_ref (radio);
  return self;
}

void
sighej_rotator_set_realm (SighejRotator *self, guint8 realm)
{
  self->realm = realm;
}

void
sighej_rotator_set_tx_cal (SighejRotator *self, int tx_cal_dbm)
{
  self->tx_cal_dbm = tx_cal_dbm;
}

void
sighej_rotator_start (SighejRotator *self, SighejTokenSchedule *schedule, gint64 accepted_us)
{
  g_return_if_fail (schedule != NULL);

  if (self->schedule == schedule && self->accepted_us == accepted_us)
    return;

  sighej_token_schedule_ref (schedule);
  g_clear_pointer (&self->schedule, sighej_token_schedule_unref);
  self->schedule = schedule;
  self->accepted_us = accepted_us;
  set_epoch (self);
}

void
sighej_rotator_stop (SighejRotator *self)
{
  sighej_clock_clear (self->clock, &self->epoch_wait_id);
  g_clear_pointer (&self->schedule, sighej_token_schedule_unref);
  sighej_radio_set_payload (self->radio, NULL);
}

gboolean
sighej_rotator_get_rotating (SighejRotator *self)
{
  return self->schedule != NULL;
}

guint64
sighej_rotator_get_n_tokens (SighejRotator *self)
{
  return self->n_tokens;
}
