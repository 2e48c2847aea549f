/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-test-clock"

#include "config.h"

#include "sighej-test-clock.h"

#include "sighej-wait-queue.h"

#define START_NOW_US G_GINT64_CONSTANT (1000000000)
#define START_WALL_US (G_GINT64_CONSTANT (1767261600) * G_USEC_PER_SEC) /* 2026-01-01T10:00:00Z */

struct _SighejTestClock
{
  GObject parent_instance;

  SighejWaitQueue *waits;
  gint64 now_us;
  gint64 wall_us;
};

static void sighej_test_clock_iface_init (SighejClockInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SighejTestClock,
                               sighej_test_clock,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SIGHEJ_TYPE_CLOCK,
                                                      sighej_test_clock_iface_init))

static void
sighej_test_clock_init (SighejTestClock *self)
{
  self->waits = sighej_wait_queue_new ();
  self->now_us = START_NOW_US;
  self->wall_us = START_WALL_US;
}

static void
sighej_test_clock_finalize (GObject *object)
{
  SighejTestClock *self = SIGHEJ_TEST_CLOCK (object);

  sighej_wait_queue_free (self->waits);

  G_OBJECT_CLASS (sighej_test_clock_parent_class)->finalize (object);
}

static void
sighej_test_clock_class_init (SighejTestClockClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sighej_test_clock_finalize;
}

static gint64
sighej_test_clock_now_us (SighejClock *clock)
{
  return SIGHEJ_TEST_CLOCK (clock)->now_us;
}

static gint64
sighej_test_clock_wall_us (SighejClock *clock)
{
  return SIGHEJ_TEST_CLOCK (clock)->wall_us;
}

static guint
sighej_test_clock_add (SighejClock *clock, gint64 at_us, GSourceFunc callback, gpointer user_data)
{
  SighejTestClock *self = SIGHEJ_TEST_CLOCK (clock);

  return sighej_wait_queue_add (self->waits, MAX (at_us, self->now_us), callback, user_data);
}

static void
sighej_test_clock_remove (SighejClock *clock, guint id)
{
  sighej_wait_queue_remove (SIGHEJ_TEST_CLOCK (clock)->waits, id);
}

static void
sighej_test_clock_iface_init (SighejClockInterface *iface)
{
  iface->now_us = sighej_test_clock_now_us;
  iface->wall_us = sighej_test_clock_wall_us;
  iface->add = sighej_test_clock_add;
  iface->remove = sighej_test_clock_remove;
}

SighejTestClock *
sighej_test_clock_new (void)
{
  return g_object_new (SIGHEJ_TYPE_TEST_CLOCK, NULL);
}

static void
turn_to (SighejTestClock *self, gint64 at_us)
{
  self->wall_us += at_us - self->now_us;
  self->now_us = at_us;
}

void
sighej_test_clock_advance (SighejTestClock *self, gint64 us)
{
  g_autoptr (SighejTestClock) held G_GNUC_UNUSED = g_object_ref (self);
  gint64 end_us = self->now_us + us;

  g_return_if_fail (us >= 0);

  for (;;)
    {
      gint64 first_us = sighej_wait_queue_first_us (self->waits);
      GSourceFunc callback;
      gpointer user_data;

      if (!sighej_wait_queue_pop_due (self->waits, end_us, &callback, &user_data))
        break;
      turn_to (self, MAX (first_us, self->now_us));
      callback (user_data);
    }
  turn_to (self, MAX (end_us, self->now_us));
}

void
sighej_test_clock_sleep (SighejTestClock *self, gint64 us)
{
  turn_to (self, self->now_us + us);
  sighej_test_clock_advance (self, 0);
}

void
sighej_test_clock_jump_wall (SighejTestClock *self, gint64 us)
{
  self->wall_us += us;
}

gint64
sighej_test_clock_next_us (SighejTestClock *self)
{
  gint64 first_us = sighej_wait_queue_first_us (self->waits);

  return first_us < 0 ? -1 : first_us - self->now_us;
}
