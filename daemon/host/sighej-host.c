/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-host"

#include "config.h"

#include "sighej-host.h"

#include "sighej-check-result.h"
#include "sighej-host-login1.h"
#include "sighej-host-power.h"
#include "sighej-host-sleep.h"

struct _SighejHost
{
  GObject parent_instance;

  SighejHostSleep *sleep;
  SighejHostLogin1 *login1; /* NULL: no bus */
  SighejHostPower *power;   /* NULL: no bus */
};

G_DEFINE_FINAL_TYPE (SighejHost, sighej_host, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
sighej_host_init (SighejHost *self)
{
}

static void
sighej_host_dispose (GObject *object)
{
  SighejHost *self = SIGHEJ_HOST (object);

  g_clear_object (&self->login1);
  g_clear_object (&self->power);
  g_clear_object (&self->sleep);

  G_OBJECT_CLASS (sighej_host_parent_class)->dispose (object);
}

static void
sighej_host_class_init (SighejHostClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sighej_host_dispose;

  signals[CHANGED] = g_signal_new (
      "changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
tell (SighejHost *self)
{
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
on_suspending_changed (SighejHost *self)
{
  g_info ("the machine %s", sighej_host_get_suspending (self) ? "is about to sleep" : "is awake");
  tell (self);
}

static void
on_locked_changed (SighejHost *self)
{
  g_info ("the screen is %s", sighej_host_get_locked (self) ? "locked" : "not locked");
  tell (self);
}

SighejHost *
sighej_host_new (SighejClock *clock, GDBusConnection *system_bus)
{
  SighejHost *self = g_object_new (SIGHEJ_TYPE_HOST, NULL);

  self->sleep = sighej_host_sleep_new (clock);
  g_signal_connect_object (
      self->sleep, "changed", G_CALLBACK (on_suspending_changed), self, G_CONNECT_SWAPPED);
  if (system_bus == NULL)
    return self;

  self->login1 = sighej_host_login1_new (system_bus, self->sleep);
  self->power = sighej_host_power_new (system_bus);
  g_signal_connect_object (
      self->login1, "locked", G_CALLBACK (on_locked_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->power, "changed", G_CALLBACK (tell), self, G_CONNECT_SWAPPED);
  return self;
}

void
sighej_host_set_open (SighejHost *self, gboolean open)
{
  if (open && self->power != NULL)
    sighej_host_power_start (self->power);
  sighej_host_sleep_set_open (self->sleep, open);
}

void
sighej_host_set_silent (SighejHost *self, gboolean silent)
{
  sighej_host_sleep_set_silent (self->sleep, silent);
}

void
sighej_host_see_person (SighejHost *self)
{
  if (self->login1 != NULL)
    sighej_host_login1_see_person (self->login1);
}

gboolean
sighej_host_get_suspending (SighejHost *self)
{
  return sighej_host_sleep_get_suspending (self->sleep);
}

gboolean
sighej_host_get_locked (SighejHost *self)
{
  return self->login1 != NULL && sighej_host_login1_get_locked (self->login1);
}

gboolean
sighej_host_get_on_battery (SighejHost *self)
{
  return self->power != NULL && sighej_host_power_get_on_battery (self->power);
}

/* ---- doctor ---- */

static void
check_sleep (SighejHost *self, GPtrArray *results)
{
  switch (sighej_host_sleep_get_state (self->sleep))
    {
    case SIGHEJ_HOST_SLEEP_ABSENT:
      sighej_check_results_add (results,
                                "presence.sleep",
                                "warning",
                                "no login manager tells when this machine sleeps or is locked",
                                "close before you suspend, or run systemd-logind or elogind");
      break;
    case SIGHEJ_HOST_SLEEP_WITHOUT:
      sighej_check_results_add (results,
                                "presence.sleep",
                                "warning",
                                "the machine may sleep while a token is still on the air",
                                "allow this user org.freedesktop.login1.inhibit-delay-sleep");
      break;
    case SIGHEJ_HOST_SLEEP_IDLE:
    case SIGHEJ_HOST_SLEEP_ASKING:
    case SIGHEJ_HOST_SLEEP_HELD:
    case SIGHEJ_HOST_SLEEP_FALLING:
    case SIGHEJ_HOST_SLEEP_ASLEEP:
    case SIGHEJ_HOST_SLEEP_LOST:
    default:
      sighej_check_results_add (
          results, "presence.sleep", "ok", "off the air before this machine sleeps", "");
      break;
    }
}

void
sighej_host_check (SighejHost *self, GPtrArray *results)
{
  if (self->login1 == NULL)
    return;

  check_sleep (self, results);
  if (sighej_host_login1_get_lock_unconfirmed (self->login1))
    sighej_check_results_add (
        results,
        "presence.lock",
        "warning",
        "a screen lock was asked for, and no screen locker says what came of it",
        "when you are back: sighejctl resume");
  else if (sighej_host_get_locked (self))
    sighej_check_results_add (
        results, "presence.lock", "ok", "the screen is locked", "unlock it to go on");
}
