/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-idle.h"

#define IDLE_US ((gint64) SIGHEJ_IDLE_SECONDS * G_USEC_PER_SEC)

/* Shared with GDBus's thread, which sees each message first. */
typedef struct
{
  GMutex mutex;
  SighejClock *clock;
  gint64 last_us;
} Calls;

struct _SighejIdle
{
  GObject parent_instance;

  SighejCore *core;
  GDBusConnection *bus;
  Calls *calls;
  guint filter_id;
  guint wait_id;
};

G_DEFINE_FINAL_TYPE (SighejIdle, sighej_idle, G_TYPE_OBJECT)

enum
{
  IDLE,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
sighej_idle_init (SighejIdle *self)
{
  self->calls = g_atomic_rc_box_new0 (Calls);
  g_mutex_init (&self->calls->mutex);
}

static void
clear_calls (gpointer data)
{
  Calls *calls = data;

  g_clear_object (&calls->clock);
  g_mutex_clear (&calls->mutex);
}

static void
release_calls (gpointer calls)
{
  g_atomic_rc_box_release_full (calls, clear_calls);
}

static void
sighej_idle_dispose (GObject *object)
{
  SighejIdle *self = SIGHEJ_IDLE (object);

  if (self->core != NULL)
    sighej_clock_clear (sighej_core_get_clock (self->core), &self->wait_id);
  if (self->filter_id != 0)
    g_dbus_connection_remove_filter (self->bus, self->filter_id);
  self->filter_id = 0;
  g_clear_object (&self->bus);
  g_clear_object (&self->core);
  g_clear_pointer (&self->calls, release_calls);

  G_OBJECT_CLASS (sighej_idle_parent_class)->dispose (object);
}

static void
sighej_idle_class_init (SighejIdleClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sighej_idle_dispose;

  signals[IDLE] = g_signal_new (
      "idle", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

/* ---- calls ---- */

static void
note_call (Calls *calls)
{
  g_mutex_lock (&calls->mutex);
  calls->last_us = sighej_clock_now_us (calls->clock);
  g_mutex_unlock (&calls->mutex);
}

static GDBusMessage *
on_message (GDBusConnection *bus, GDBusMessage *message, gboolean incoming, gpointer user_data)
{
  if (incoming && g_dbus_message_get_message_type (message) == G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    note_call (user_data);
  return message;
}

static gint64
idle_at_us (SighejIdle *self)
{
  gint64 last_us;

  g_mutex_lock (&self->calls->mutex);
  last_us = self->calls->last_us;
  g_mutex_unlock (&self->calls->mutex);
  return last_us + IDLE_US;
}

/* ---- rest ---- */

static gboolean
is_resting (SighejIdle *self)
{
  SighejPresence *presence = sighej_core_get_presence (self->core);

  return sighej_presence_get_state (presence) == SIGHEJ_STATE_OFF
         && sighej_inhibitors_get_n (sighej_core_get_inhibitors (self->core)) == 0;
}

static gboolean
is_idle (SighejIdle *self)
{
  return is_resting (self)
         && idle_at_us (self) <= sighej_clock_now_us (sighej_core_get_clock (self->core));
}

static gboolean on_wait_over (gpointer user_data);

static void
wait_for_idle (SighejIdle *self)
{
  self->wait_id = sighej_clock_add_at (
      sighej_core_get_clock (self->core), idle_at_us (self), on_wait_over, self);
}

static gboolean
on_wait_over (gpointer user_data)
{
  SighejIdle *self = SIGHEJ_IDLE (user_data);

  self->wait_id = 0;
  if (is_idle (self))
    g_signal_emit (self, signals[IDLE], 0);
  else
    wait_for_idle (self);
  return G_SOURCE_REMOVE;
}

static void
consider (SighejIdle *self)
{
  if (!is_resting (self))
    sighej_clock_clear (sighej_core_get_clock (self->core), &self->wait_id);
  else if (self->wait_id == 0)
    {
      note_call (self->calls); /* the end of what kept us busy counts as one */
      wait_for_idle (self);
    }
}

SighejIdle *
sighej_idle_new (SighejCore *core, GDBusConnection *bus)
{
  SighejIdle *self = g_object_new (SIGHEJ_TYPE_IDLE, NULL);

  self->core = g_object_ref (core);
  self->bus = g_object_ref (bus);
  self->calls->clock = g_object_ref (sighej_core_get_clock (core));
  self->filter_id = g_dbus_connection_add_filter (
      bus, on_message, g_atomic_rc_box_acquire (self->calls), release_calls);
  g_signal_connect_object (
      sighej_core_get_presence (core), "changed", G_CALLBACK (consider), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      sighej_core_get_inhibitors (core), "changed", G_CALLBACK (consider), self, G_CONNECT_SWAPPED);
  consider (self);
  return self;
}

gboolean
sighej_idle_confirm (SighejIdle *self)
{
  if (is_idle (self))
    return TRUE;

  consider (self);
  return FALSE;
}
