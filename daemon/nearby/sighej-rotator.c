/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-rotator.h"

#include "sighej-crypto.h"

struct _SighejRotator
{
  GObject parent_instance;

  SighejClock *clock;
  SighejRadio *radio;
  SighejPayloadFlags flags;
  guint8 realm;
  int tx_cal_dbm;
  guint n_visible;

  SighejTokenSchedule *schedule; /* NULL: stopped */
  gint64 accepted_us;
  gboolean silent;
  gint64 next_us; /* when the next token is due, after the silence */
  guint wait_id;
  guint64 n_tokens;
};

enum
{
  TOKEN,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

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
    sighej_clock_clear (self->clock, &self->wait_id);
  g_clear_pointer (&self->schedule, sighej_token_schedule_unref);
  g_clear_object (&self->radio);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (sighej_rotator_parent_class)->dispose (object);
}

static void
sighej_rotator_class_init (SighejRotatorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sighej_rotator_dispose;

  signals[TOKEN] = g_signal_new ("token",
                                 G_TYPE_FROM_CLASS (klass),
                                 G_SIGNAL_RUN_LAST,
                                 0,
                                 NULL,
                                 NULL,
                                 NULL,
                                 G_TYPE_NONE,
                                 1,
                                 G_TYPE_POINTER);
}

static gboolean on_token_over (gpointer user_data);
static gboolean on_token_due (gpointer user_data);

/* Uniform over whole seconds, never 0: then the instant tells nothing of the second's fraction. */
static gint64
draw_us (guint seconds)
{
  guint64 random;

  sighej_random_bytes ((guint8 *) &random, sizeof random);
  return 1 + (gint64) (random % ((guint64) seconds * G_USEC_PER_SEC));
}

static void
wait_until (SighejRotator *self, gint64 at_us, GSourceFunc callback)
{
  sighej_clock_clear (self->clock, &self->wait_id);
  self->wait_id = sighej_clock_add_at (self->clock, at_us, callback, self);
}

static void
tell_token (SighejRotator *self, const SighejTokenEpoch *epoch)
{
  SighejTokenOrigin origin;

  sighej_token_schedule_get_origin (self->schedule, epoch, &origin);
  g_signal_emit (self, signals[TOKEN], 0, &origin);
  sighej_wipe (&origin, sizeof origin);
}

static void
set_payload (SighejRotator *self, const SighejTokenEpoch *epoch)
{
  SighejPayload payload = {
    .flags = self->flags,
    .realm = self->realm,
    .tx_cal_dbm = (gint8) self->tx_cal_dbm,
    .token = epoch->token,
  };

  self->silent = FALSE;
  self->n_tokens++;
  sighej_radio_set_interval (self->radio, sighej_interval_among (self->n_visible));
  sighej_radio_set_payload (self->radio, &payload);
  tell_token (self, epoch);
}

static void
be_silent (SighejRotator *self)
{
  self->silent = TRUE;
  wait_until (self, self->next_us, on_token_due);
  sighej_radio_set_payload (self->radio, NULL);
}

static void
set_epoch (SighejRotator *self)
{
  gint64 now_us = sighej_clock_now_us (self->clock);
  guint age_s = (guint) (MAX (now_us - self->accepted_us, 0) / G_USEC_PER_SEC);
  const SighejTokenEpoch *epoch = sighej_token_schedule_at (self->schedule, age_s);
  gint64 over_us;

  if (epoch == NULL)
    {
      sighej_rotator_stop (self);
      return;
    }

  over_us = self->accepted_us + (gint64) epoch->end_s * G_USEC_PER_SEC;
  self->next_us = over_us + draw_us (SIGHEJ_ROTATOR_LATE_SECONDS_MAX);
  over_us -= draw_us (SIGHEJ_ROTATOR_EARLY_SECONDS_MAX);
  if (now_us >= over_us)
    {
      be_silent (self);
      return;
    }

  wait_until (self, over_us, on_token_over);
  set_payload (self, epoch);
}

static gboolean
on_token_over (gpointer user_data)
{
  SighejRotator *self = SIGHEJ_ROTATOR (user_data);

  self->wait_id = 0;
  g_debug ("the token's time is over");
  /* After a sleep the next one may be due already. */
  if (sighej_clock_now_us (self->clock) < self->next_us)
    be_silent (self);
  else
    set_epoch (self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_token_due (gpointer user_data)
{
  SighejRotator *self = SIGHEJ_ROTATOR (user_data);

  self->wait_id = 0;
  set_epoch (self);
  return G_SOURCE_REMOVE;
}

/* The old session's token goes, and the new one's comes, at instants that neither session tells. */
static void
change_over (SighejRotator *self)
{
  gint64 over_us = sighej_clock_now_us (self->clock);

  if (!self->silent)
    over_us += draw_us (SIGHEJ_ROTATOR_EARLY_SECONDS_MAX);
  self->next_us = over_us + draw_us (SIGHEJ_ROTATOR_LATE_SECONDS_MAX);
  if (self->silent)
    wait_until (self, self->next_us, on_token_due);
  else
    wait_until (self, over_us, on_token_over);
}

SighejRotator *
sighej_rotator_new (SighejClock *clock, SighejRadio *radio, SighejPayloadFlags flags)
{
  SighejRotator *self = g_object_new (SIGHEJ_TYPE_ROTATOR, NULL);

  self->clock = g_object_ref (clock);
  self->radio = g_object_ref (radio);
  self->flags = flags;
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
sighej_rotator_set_visible (SighejRotator *self, guint n_visible)
{
  self->n_visible = n_visible;
}

void
sighej_rotator_start (SighejRotator *self, SighejTokenSchedule *schedule, gint64 accepted_us)
{
  gboolean running = self->schedule != NULL;

  g_return_if_fail (schedule != NULL);

  if (self->schedule == schedule && self->accepted_us == accepted_us)
    return;

  sighej_token_schedule_ref (schedule);
  g_clear_pointer (&self->schedule, sighej_token_schedule_unref);
  self->schedule = schedule;
  self->accepted_us = accepted_us;
  if (running)
    change_over (self);
  else
    set_epoch (self);
}

void
sighej_rotator_stop (SighejRotator *self)
{
  sighej_clock_clear (self->clock, &self->wait_id);
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
