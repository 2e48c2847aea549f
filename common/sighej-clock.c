/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-clock"

#include "config.h"

#include "sighej-clock.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <glib-unix.h>

#include "sighej-wait-queue.h"

#define NEVER_US (-1)
#define NS_PER_US 1000

G_DEFINE_INTERFACE (SighejClock, sighej_clock, G_TYPE_OBJECT)

static void
sighej_clock_default_init (SighejClockInterface *iface)
{
}

gint64
sighej_clock_now_us (SighejClock *self)
{
  return SIGHEJ_CLOCK_GET_IFACE (self)->now_us (self);
}

gint64
sighej_clock_wall_us (SighejClock *self)
{
  return SIGHEJ_CLOCK_GET_IFACE (self)->wall_us (self);
}

guint
sighej_clock_add (SighejClock *self, gint64 delay_us, GSourceFunc callback, gpointer user_data)
{
  g_return_val_if_fail (delay_us >= 0, 0);

  return sighej_clock_add_at (self, sighej_clock_now_us (self) + delay_us, callback, user_data);
}

guint
sighej_clock_add_at (SighejClock *self, gint64 at_us, GSourceFunc callback, gpointer user_data)
{
  g_return_val_if_fail (callback != NULL, 0);

  return SIGHEJ_CLOCK_GET_IFACE (self)->add (self, at_us, callback, user_data);
}

void
sighej_clock_remove (SighejClock *self, guint id)
{
  SIGHEJ_CLOCK_GET_IFACE (self)->remove (self, id);
}

void
sighej_clock_clear (SighejClock *self, guint *id)
{
  guint pending = *id;

  if (pending == 0)
    return;

  *id = 0;
  sighej_clock_remove (self, pending);
}

/* ---- the system's clock: all waits in one timerfd ---- */

#define SIGHEJ_TYPE_SYSTEM_CLOCK (sighej_system_clock_get_type ())
G_DECLARE_FINAL_TYPE (SighejSystemClock, sighej_system_clock, SIGHEJ, SYSTEM_CLOCK, GObject)

typedef struct
{
  GSource source;
  SighejSystemClock *clock; /* not owned: the clock destroys the source */
  int fd;                   /* owned */
  gpointer fd_tag;
} TimerSource;

struct _SighejSystemClock
{
  GObject parent_instance;

  SighejWaitQueue *waits;
  TimerSource *timer;
  gint64 armed_us; /* what the timerfd waits for, NEVER_US when it is disarmed */
  gboolean dispatching;
};

static void sighej_system_clock_iface_init (SighejClockInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SighejSystemClock,
                               sighej_system_clock,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SIGHEJ_TYPE_CLOCK,
                                                      sighej_system_clock_iface_init))

static gint64
read_clock_us (clockid_t which)
{
  struct timespec now;

  if (clock_gettime (which, &now) != 0)
    g_error ("cannot read a clock: %s", g_strerror (errno));
  return (gint64) now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / NS_PER_US;
}

/* Sets the timerfd to the earliest wait, or to never; costs a system call only when that moved. */
static void
arm (SighejSystemClock *self)
{
  gint64 first_us = sighej_wait_queue_first_us (self->waits);
  struct itimerspec when = { 0 };

  if (self->dispatching || first_us == self->armed_us)
    return;

  if (first_us != NEVER_US)
    {
      when.it_value.tv_sec = first_us / G_USEC_PER_SEC;
      when.it_value.tv_nsec = first_us % G_USEC_PER_SEC * NS_PER_US;
    }
  if (timerfd_settime (self->timer->fd, TFD_TIMER_ABSTIME, &when, NULL) != 0)
    g_error ("cannot set a timer: %s", g_strerror (errno));
  self->armed_us = first_us;
}

static gboolean
timer_source_check (GSource *source)
{
  TimerSource *timer = (TimerSource *) source;

  return g_source_query_unix_fd (source, timer->fd_tag) != 0;
}

static gboolean
timer_source_dispatch (GSource *source, GSourceFunc unused, gpointer user_data)
{
  TimerSource *timer = (TimerSource *) source;
  /* A callback may drop the last reference; the source itself is held by the main context. */
  g_autoptr (SighejSystemClock) self = g_object_ref (timer->clock);
  gint64 now_us = read_clock_us (CLOCK_BOOTTIME);
  guint64 n_expirations;
  GSourceFunc callback;
  gpointer data;

  /* EAGAIN: a callback of another source moved the timer after the poll. */
  if (read (timer->fd, &n_expirations, sizeof n_expirations) < 0 && errno != EAGAIN)
    g_error ("cannot read a timer: %s", g_strerror (errno));

  self->dispatching = TRUE;
  while (sighej_wait_queue_pop_due (self->waits, now_us, &callback, &data))
    callback (data);
  self->dispatching = FALSE;

  self->armed_us = NEVER_US;
  arm (self);
  return G_SOURCE_CONTINUE;
}

static void
timer_source_finalize (GSource *source)
{
  TimerSource *timer = (TimerSource *) source;

  close (timer->fd);
}

static GSourceFuncs timer_source_funcs = {
  .check = timer_source_check,
  .dispatch = timer_source_dispatch,
  .finalize = timer_source_finalize,
};

static void
sighej_system_clock_init (SighejSystemClock *self)
{
  GSource *source = g_source_new (&timer_source_funcs, sizeof (TimerSource));

  self->waits = sighej_wait_queue_new ();
  self->armed_us = NEVER_US;
  self->timer = (TimerSource *) source;
  self->timer->clock = self;
  self->timer->fd = timerfd_create (CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
  if (self->timer->fd < 0)
    g_error ("cannot make a timer: %s", g_strerror (errno));
  self->timer->fd_tag = g_source_add_unix_fd (source, self->timer->fd, G_IO_IN);

  g_source_set_static_name (source, "sighej-clock");
  g_source_attach (source, g_main_context_get_thread_default ());
}

static void
sighej_system_clock_finalize (GObject *object)
{
  SighejSystemClock *self = SIGHEJ_SYSTEM_CLOCK (object);

  g_source_destroy (&self->timer->source);
  g_source_unref (&self->timer->source);
  sighej_wait_queue_free (self->waits);

  G_OBJECT_CLASS (sighej_system_clock_parent_class)->finalize (object);
}

static void
sighej_system_clock_class_init (SighejSystemClockClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sighej_system_clock_finalize;
}

static gint64
sighej_system_clock_now_us (SighejClock *clock)
{
  return read_clock_us (CLOCK_BOOTTIME);
}

static gint64
sighej_system_clock_wall_us (SighejClock *clock)
{
  return read_clock_us (CLOCK_REALTIME);
}

static guint
sighej_system_clock_add (SighejClock *clock, gint64 at_us, GSourceFunc callback, gpointer user_data)
{
  SighejSystemClock *self = SIGHEJ_SYSTEM_CLOCK (clock);
  guint id;

  /* Never in the past: a callback that re-adds itself must not keep one dispatch going. */
  at_us = MAX (at_us, read_clock_us (CLOCK_BOOTTIME) + 1);
  id = sighej_wait_queue_add (self->waits, at_us, callback, user_data);
  arm (self);
  return id;
}

static void
sighej_system_clock_remove (SighejClock *clock, guint id)
{
  SighejSystemClock *self = SIGHEJ_SYSTEM_CLOCK (clock);

  sighej_wait_queue_remove (self->waits, id);
  arm (self);
}

static void
sighej_system_clock_iface_init (SighejClockInterface *iface)
{
  iface->now_us = sighej_system_clock_now_us;
  iface->wall_us = sighej_system_clock_wall_us;
  iface->add = sighej_system_clock_add;
  iface->remove = sighej_system_clock_remove;
}

SighejClock *
sighej_clock_new_system (void)
{
  return g_object_new (SIGHEJ_TYPE_SYSTEM_CLOCK, NULL);
}
