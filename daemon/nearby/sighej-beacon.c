/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-beacon.h"

#include "sighej-crypto.h"

#define TERM_US ((gint64) SIGHEJ_SESSION_SECONDS_MAX * G_USEC_PER_SEC)

struct _SighejBeacon
{
  GObject parent_instance;

  SighejClock *clock;
  SighejTokenSchedule *schedule; /* NULL: ended */
  gint64 begin_us;
  guint wait_id;
};

G_DEFINE_FINAL_TYPE (SighejBeacon, sighej_beacon, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
sighej_beacon_init (SighejBeacon *self)
{
}

static void
sighej_beacon_dispose (GObject *object)
{
  SighejBeacon *self = SIGHEJ_BEACON (object);

  if (self->clock != NULL)
    sighej_clock_clear (self->clock, &self->wait_id);
  g_clear_pointer (&self->schedule, sighej_token_schedule_unref);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (sighej_beacon_parent_class)->dispose (object);
}

static void
sighej_beacon_class_init (SighejBeaconClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sighej_beacon_dispose;

  signals[CHANGED] = g_signal_new (
      "changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

SighejBeacon *
sighej_beacon_new (SighejClock *clock)
{
  SighejBeacon *self = g_object_new (SIGHEJ_TYPE_BEACON, NULL);

  self->clock = g_object_ref (clock);
  return self;
}

static gboolean on_term_over (gpointer user_data);

static void
draw_schedule (SighejBeacon *self)
{
  guint8 seed[SIGHEJ_SEED_BYTES];

  sighej_random_bytes (seed, sizeof seed);
  g_clear_pointer (&self->schedule, sighej_token_schedule_unref);
  self->schedule = sighej_token_schedule_new (seed, NULL, SIGHEJ_SESSION_SECONDS_MAX);
  sighej_wipe (seed, sizeof seed);
  self->begin_us = sighej_clock_now_us (self->clock);
  self->wait_id = sighej_clock_add (self->clock, TERM_US, on_term_over, self);
  g_signal_emit (self, signals[CHANGED], 0);
}

static gboolean
on_term_over (gpointer user_data)
{
  SighejBeacon *self = SIGHEJ_BEACON (user_data);

  self->wait_id = 0;
  draw_schedule (self);
  return G_SOURCE_REMOVE;
}

void
sighej_beacon_begin (SighejBeacon *self)
{
  if (self->schedule == NULL)
    draw_schedule (self);
}

void
sighej_beacon_end (SighejBeacon *self)
{
  if (self->schedule == NULL)
    return;

  sighej_clock_clear (self->clock, &self->wait_id);
  g_clear_pointer (&self->schedule, sighej_token_schedule_unref);
  g_signal_emit (self, signals[CHANGED], 0);
}

SighejTokenSchedule *
sighej_beacon_get_schedule (SighejBeacon *self)
{
  return self->schedule;
}

gint64
sighej_beacon_get_begin_us (SighejBeacon *self)
{
  return self->begin_us;
}
