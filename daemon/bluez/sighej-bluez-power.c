/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-bluez"

#include "config.h"

#include "sighej-bluez-power.h"

#include "sighej-backoff.h"
#include "sighej-bluez-adapters.h"
#include "sighej-bluez-request.h"

#define CYCLE_US ((gint64) SIGHEJ_BLUEZ_POWER_CYCLE_SECONDS * G_USEC_PER_SEC)
#define US_PER_MS 1000
#define RETRY_FIRST_MS 1000
#define RETRY_MOST_MS 15000

#define PROPERTIES_INTERFACE "org.freedesktop.DBus.Properties"

struct _SighejBluezPower
{
  GObject parent;

  SighejClock *clock;
  SighejBluezRequest *request;

  gboolean allowed;
  SighejBluezPowerState state;
  char *adapter;
  gint64 cycled_us; /* 0: never */
  SighejBackoff backoff;
  guint timer_id;

  guint64 n_cycles;
};

G_DEFINE_FINAL_TYPE (SighejBluezPower, sighej_bluez_power, G_TYPE_OBJECT)

#define TO(state) (1u << SIGHEJ_BLUEZ_POWER_##state)

/* The drawing in the header. */
static const guint allowed_moves[SIGHEJ_BLUEZ_POWER_N_STATES] = {
  [SIGHEJ_BLUEZ_POWER_IDLE] = TO (SWITCHING_OFF),
  [SIGHEJ_BLUEZ_POWER_SWITCHING_OFF] = TO (SWITCHING_ON) | TO (IDLE),
  [SIGHEJ_BLUEZ_POWER_SWITCHING_ON] = TO (RETRYING) | TO (IDLE),
  [SIGHEJ_BLUEZ_POWER_RETRYING] = TO (SWITCHING_ON) | TO (IDLE),
};

static void begin_on (SighejBluezPower *self);

gboolean
sighej_bluez_power_may_move (SighejBluezPowerState from, SighejBluezPowerState to)
{
  g_return_val_if_fail ((guint) from < SIGHEJ_BLUEZ_POWER_N_STATES, FALSE);
  g_return_val_if_fail ((guint) to < SIGHEJ_BLUEZ_POWER_N_STATES, FALSE);

  return (allowed_moves[from] & (1u << to)) != 0;
}

static void
sighej_bluez_power_init (SighejBluezPower *self)
{
  self->backoff = (SighejBackoff) SIGHEJ_BACKOFF_INIT (RETRY_FIRST_MS, RETRY_MOST_MS);
}

static GVariant *
build_set_powered (gboolean powered)
{
  return g_variant_new (
      "(ssv)", SIGHEJ_BLUEZ_ADAPTER_INTERFACE, "Powered", g_variant_new_boolean (powered));
}

static void
call_set_powered (SighejBluezPower *self, gboolean powered, SighejBluezTake take)
{
  sighej_bluez_request_call (self->request,
                             self->adapter,
                             PROPERTIES_INTERFACE,
                             "Set",
                             build_set_powered (powered),
                             take,
                             self);
}

static void
sighej_bluez_power_dispose (GObject *object)
{
  SighejBluezPower *self = SIGHEJ_BLUEZ_POWER (object);

  /* Nobody else would switch it on again. */
  if (self->state != SIGHEJ_BLUEZ_POWER_IDLE)
    sighej_bluez_request_send (
        self->request, self->adapter, PROPERTIES_INTERFACE, "Set", build_set_powered (TRUE));
  self->state = SIGHEJ_BLUEZ_POWER_IDLE;
  if (self->clock != NULL)
    sighej_clock_clear (self->clock, &self->timer_id);
  g_clear_object (&self->request);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (sighej_bluez_power_parent_class)->dispose (object);
}

static void
sighej_bluez_power_finalize (GObject *object)
{
  SighejBluezPower *self = SIGHEJ_BLUEZ_POWER (object);

  g_free (self->adapter);

  G_OBJECT_CLASS (sighej_bluez_power_parent_class)->finalize (object);
}

static void
sighej_bluez_power_class_init (SighejBluezPowerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = sighej_bluez_power_dispose;
  object_class->finalize = sighej_bluez_power_finalize;
}

static void
set_state (SighejBluezPower *self, SighejBluezPowerState next)
{
  static const char *const words[] = { "idle", "switching-off", "switching-on", "retrying" };

  g_assert (sighej_bluez_power_may_move (self->state, next));

  g_debug ("power: %s -> %s (%s)", words[self->state], words[next], self->adapter);
  sighej_clock_clear (self->clock, &self->timer_id);
  self->state = next;
}

static gboolean
on_timer (gpointer user_data)
{
  SighejBluezPower *self = user_data;

  self->timer_id = 0;
  begin_on (self);

  return G_SOURCE_REMOVE;
}

static void
switched_on (gpointer user_data, const GError *error)
{
  SighejBluezPower *self = user_data;

  if (error == NULL || self->backoff.attempt >= SIGHEJ_BLUEZ_POWER_TRIES_MAX)
    {
      if (error != NULL)
        g_message ("the adapter stays off, it cannot be switched on again: %s", error->message);
      set_state (self, SIGHEJ_BLUEZ_POWER_IDLE);
      return;
    }

  g_message ("cannot switch the adapter on again yet: %s", error->message);
  set_state (self, SIGHEJ_BLUEZ_POWER_RETRYING);
  self->timer_id = sighej_clock_add (
      self->clock, (gint64) sighej_backoff_next_ms (&self->backoff) * US_PER_MS, on_timer, self);
}

static void
begin_on (SighejBluezPower *self)
{
  set_state (self, SIGHEJ_BLUEZ_POWER_SWITCHING_ON);
  call_set_powered (self, TRUE, switched_on);
}

static void
switched_off (gpointer user_data, const GError *error)
{
  SighejBluezPower *self = user_data;

  /* Refused or not answered, it may be off all the same. */
  if (error != NULL)
    g_message ("cannot switch the adapter off: %s", error->message);
  begin_on (self);
}

static gboolean
is_too_soon (SighejBluezPower *self)
{
  return self->cycled_us != 0 && sighej_clock_now_us (self->clock) - self->cycled_us < CYCLE_US;
}

SighejBluezPower *
sighej_bluez_power_new (SighejClock *clock, GDBusConnection *bus)
{
  SighejBluezPower *self = g_object_new (SIGHEJ_TYPE_BLUEZ_POWER, NULL);

  self->clock = g_object_ref (clock);
  self->request = sighej_bluez_request_new (clock, bus);

  return self;
}

void
sighej_bluez_power_set_allowed (SighejBluezPower *self, gboolean allowed)
{
  self->allowed = allowed;
}

void
sighej_bluez_power_cycle (SighejBluezPower *self, const char *adapter)
{
  if (!self->allowed || self->state != SIGHEJ_BLUEZ_POWER_IDLE || is_too_soon (self))
    return;

  g_message ("the adapter is switched off and on again, as ManagePower allows");
  g_free (self->adapter);
  self->adapter = g_strdup (adapter);
  self->cycled_us = sighej_clock_now_us (self->clock);
  self->n_cycles++;
  sighej_backoff_reset (&self->backoff);
  set_state (self, SIGHEJ_BLUEZ_POWER_SWITCHING_OFF);
  call_set_powered (self, FALSE, switched_off);
}

void
sighej_bluez_power_forget (SighejBluezPower *self)
{
  sighej_bluez_request_forget (self->request);
  if (self->state != SIGHEJ_BLUEZ_POWER_IDLE)
    set_state (self, SIGHEJ_BLUEZ_POWER_IDLE);
}

SighejBluezPowerState
sighej_bluez_power_get_state (SighejBluezPower *self)
{
  return self->state;
}

void
sighej_bluez_power_count (SighejBluezPower *self, GVariantBuilder *counters)
{
  g_variant_builder_add (counters, "{st}", "radio.power-cycles", self->n_cycles);
}
