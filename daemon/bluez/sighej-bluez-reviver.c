/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-bluez"

#include "config.h"

#include "sighej-bluez-reviver.h"

#include "sighej-backoff.h"
#include "sighej-bluez-adapters.h"
#include "sighej-crypto.h"

/* The bus waits 25 s for a service by default. */
#define START_TIMEOUT_MS 30000
#define RETRY_FIRST_MS 1000
#define RETRY_MOST_MS 15000
#define TRIES_MAX 10
#define US_PER_MS 1000

struct _SighejBluezReviver
{
  GObject parent;

  SighejClock *clock;
  GDBusConnection *bus;
  GCancellable *cancellable;

  gboolean left_on_air;
  SighejPayload left;
  SighejBackoff backoff;
  guint timer_id;
};

G_DEFINE_FINAL_TYPE (SighejBluezReviver, sighej_bluez_reviver, G_TYPE_OBJECT)

static void ask (SighejBluezReviver *self);

static void
forget_left (SighejBluezReviver *self)
{
  self->left_on_air = FALSE;
  sighej_wipe (&self->left, sizeof self->left);
}

static void
sighej_bluez_reviver_dispose (GObject *object)
{
  SighejBluezReviver *self = SIGHEJ_BLUEZ_REVIVER (object);

  g_cancellable_cancel (self->cancellable);
  if (self->clock != NULL)
    sighej_clock_clear (self->clock, &self->timer_id);
  g_clear_object (&self->clock);
  g_clear_object (&self->bus);

  G_OBJECT_CLASS (sighej_bluez_reviver_parent_class)->dispose (object);
}

static void
sighej_bluez_reviver_finalize (GObject *object)
{
  SighejBluezReviver *self = SIGHEJ_BLUEZ_REVIVER (object);

  forget_left (self);
  g_object_unref (self->cancellable);

  G_OBJECT_CLASS (sighej_bluez_reviver_parent_class)->finalize (object);
}

static void
sighej_bluez_reviver_class_init (SighejBluezReviverClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = sighej_bluez_reviver_dispose;
  object_class->finalize = sighej_bluez_reviver_finalize;
}

static void
sighej_bluez_reviver_init (SighejBluezReviver *self)
{
  self->cancellable = g_cancellable_new ();
  self->backoff = (SighejBackoff) SIGHEJ_BACKOFF_INIT (RETRY_FIRST_MS, RETRY_MOST_MS);
}

static void
asked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply G_GNUC_UNUSED
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (error != NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_message ("cannot start bluetoothd: %s", error->message);
}

static gboolean
on_retry_due (gpointer user_data)
{
  SighejBluezReviver *self = user_data;

  self->timer_id = 0;
  ask (self);

  return G_SOURCE_REMOVE;
}

static void
ask (SighejBluezReviver *self)
{
  gint64 delay_us = (gint64) sighej_backoff_next_ms (&self->backoff) * US_PER_MS;

  if (g_dbus_connection_is_closed (self->bus))
    return;

  g_dbus_connection_call (self->bus,
                          "org.freedesktop.DBus",
                          "/org/freedesktop/DBus",
                          "org.freedesktop.DBus",
                          "StartServiceByName",
                          g_variant_new ("(su)", SIGHEJ_BLUEZ_NAME, 0),
                          NULL,
                          G_DBUS_CALL_FLAGS_NONE,
                          START_TIMEOUT_MS,
                          self->cancellable,
                          asked,
                          NULL);
  if (self->backoff.attempt < TRIES_MAX)
    self->timer_id = sighej_clock_add (self->clock, delay_us, on_retry_due, self);
}

SighejBluezReviver *
sighej_bluez_reviver_new (SighejClock *clock, GDBusConnection *bus)
{
  SighejBluezReviver *self = g_object_new (SIGHEJ_TYPE_BLUEZ_REVIVER, NULL);

  self->clock = g_object_ref (clock);
  self->bus = g_object_ref (bus);

  return self;
}

void
sighej_bluez_reviver_begin (SighejBluezReviver *self, const SighejPayload *left)
{
  if (self->left_on_air)
    return;

  g_message ("bluetoothd ended while a token was on the air, which stays there until it runs "
             "again; asking for its start");
  self->left_on_air = TRUE;
  self->left = *left;
  sighej_backoff_reset (&self->backoff);
  ask (self);
}

void
sighej_bluez_reviver_end (SighejBluezReviver *self)
{
  if (!self->left_on_air)
    return;

  g_message ("bluetoothd runs again; nothing of before is on the air any more");
  forget_left (self);
  sighej_clock_clear (self->clock, &self->timer_id);
}

gboolean
sighej_bluez_reviver_get_left (SighejBluezReviver *self, SighejPayload *left)
{
  if (self->left_on_air && left != NULL)
    *left = self->left;

  return self->left_on_air;
}
