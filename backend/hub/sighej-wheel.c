/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-wheel"

#include "config.h"

#include "sighej-wheel.h"

#define TICK_US ((gint64) SIGHEJ_WHEEL_TICK_MS * 1000)

struct _SighejWheel
{
  SighejClock *clock;
  SighejWheelFunc expired;
  gpointer user_data;

  SighejWheelTimer slots[SIGHEJ_WHEEL_SLOTS]; /* list heads */
  gint64 done_tick;                           /* all slots up to this tick have been served */
  guint n_timers;
  gboolean serving;
  guint wait;       /* clock id, 0: none */
  gint64 wait_tick; /* tick it is for */
};

static void arm (SighejWheel *self);

static gint64
now_tick (SighejWheel *self)
{
  return sighej_clock_now_us (self->clock) / TICK_US;
}

static void
unlink_timer (SighejWheel *self, SighejWheelTimer *timer)
{
  timer->previous->next = timer->next;
  timer->next->previous = timer->previous;
  timer->next = timer->previous = NULL;
  self->n_timers--;
}

static void
serve_slot (SighejWheel *self, SighejWheelTimer *slot)
{
  SighejWheelTimer due;

  if (slot->next == slot)
    return;
  /* Move the list out of the slot: a callback may set a timer into this very slot again. */
  due = *slot;
  due.next->previous = &due;
  due.previous->next = &due;
  slot->next = slot->previous = slot;
  while (due.next != &due)
    {
      SighejWheelTimer *timer = due.next;

      unlink_timer (self, timer);
      self->expired (timer, self->user_data);
    }
}

static gboolean
on_tick (gpointer user_data)
{
  SighejWheel *self = user_data;
  gint64 now = now_tick (self);
  /* After a long sleep every slot is due once, not once per round. */
  gint64 first = MAX (self->done_tick + 1, now - SIGHEJ_WHEEL_SLOTS + 1);

  self->wait = 0;
  self->serving = TRUE;
  for (gint64 tick = first; tick <= now; tick++)
    {
      self->done_tick = tick;
      serve_slot (self, &self->slots[tick % SIGHEJ_WHEEL_SLOTS]);
    }
  self->serving = FALSE;
  arm (self);
  return G_SOURCE_REMOVE;
}

static void
wait_for (SighejWheel *self, gint64 tick)
{
  if (self->wait != 0 && self->wait_tick <= tick)
    return;
  sighej_clock_clear (self->clock, &self->wait);
  self->wait_tick = tick;
  self->wait = sighej_clock_add_at (self->clock, tick * TICK_US, on_tick, self);
}

static void
arm (SighejWheel *self)
{
  if (self->n_timers == 0)
    return;
  for (gint64 tick = self->done_tick + 1; tick <= self->done_tick + SIGHEJ_WHEEL_SLOTS; tick++)
    {
      SighejWheelTimer *slot = &self->slots[tick % SIGHEJ_WHEEL_SLOTS];

      if (slot->next != slot)
        {
          wait_for (self, tick);
          return;
        }
    }
}

SighejWheel *
sighej_wheel_new (SighejClock *clock, SighejWheelFunc expired, gpointer user_data)
{
  SighejWheel *self = g_new0 (SighejWheel, 1);

  self->clock = g_object_ref (clock);
  self->expired = expired;
  self->user_data = user_data;
  for (guint i = 0; i < SIGHEJ_WHEEL_SLOTS; i++)
    self->slots[i].next = self->slots[i].previous = &self->slots[i];
  self->done_tick = now_tick (self);
  return self;
}

void
sighej_wheel_free (SighejWheel *self)
{
  g_assert (self->n_timers == 0);
  sighej_clock_clear (self->clock, &self->wait);
  g_object_unref (self->clock);
  g_free (self);
}

/* Up to the tick that is waited for every slot is empty: they count as served when they are past,
 * so that the horizon is measured from now. */
static void
catch_up (SighejWheel *self)
{
  gint64 now = now_tick (self);

  if (self->serving)
    return;
  if (self->n_timers == 0)
    self->done_tick = now;
  else
    self->done_tick = MAX (self->done_tick, MIN (now, self->wait_tick - 1));
}

void
sighej_wheel_set (SighejWheel *self, SighejWheelTimer *timer, guint64 delay_ms)
{
  gint64 due_us
      = sighej_clock_now_us (self->clock) + (gint64) MIN (delay_ms, SIGHEJ_WHEEL_HORIZON_MS) * 1000;
  gint64 tick = (due_us + TICK_US - 1) / TICK_US;
  SighejWheelTimer *slot;

  sighej_wheel_clear (self, timer);
  catch_up (self);
  tick = CLAMP (tick, self->done_tick + 1, self->done_tick + SIGHEJ_WHEEL_SLOTS - 1);
  slot = &self->slots[tick % SIGHEJ_WHEEL_SLOTS];
  timer->next = slot;
  timer->previous = slot->previous;
  slot->previous->next = timer;
  slot->previous = timer;
  self->n_timers++;
  wait_for (self, tick);
}

void
sighej_wheel_clear (SighejWheel *self, SighejWheelTimer *timer)
{
  if (timer->next != NULL)
    unlink_timer (self, timer);
}
