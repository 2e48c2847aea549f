/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-bluez"

#include "config.h"

#include "sighej-bluez-request.h"

#include "sighej-bluez-adapters.h"

#define LIMIT_US ((gint64) SIGHEJ_BLUEZ_REQUEST_SECONDS * G_USEC_PER_SEC)

struct _SighejBluezRequest
{
  GObject parent;

  SighejClock *clock;
  GDBusConnection *bus;

  GCancellable *cancellable; /* of the call in flight; NULL: none is */
  SighejBluezTake take;
  gpointer user_data;
  guint limit_id;
};

G_DEFINE_FINAL_TYPE (SighejBluezRequest, sighej_bluez_request, G_TYPE_OBJECT)

static void
sighej_bluez_request_dispose (GObject *object)
{
  SighejBluezRequest *self = SIGHEJ_BLUEZ_REQUEST (object);

  sighej_bluez_request_forget (self);
  g_clear_object (&self->clock);
  g_clear_object (&self->bus);

  G_OBJECT_CLASS (sighej_bluez_request_parent_class)->dispose (object);
}

static void
sighej_bluez_request_class_init (SighejBluezRequestClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sighej_bluez_request_dispose;
}

static void
sighej_bluez_request_init (SighejBluezRequest *self)
{
}

SighejBluezRequest *
sighej_bluez_request_new (SighejClock *clock, GDBusConnection *bus)
{
  SighejBluezRequest *self = g_object_new (SIGHEJ_TYPE_BLUEZ_REQUEST, NULL);

  self->clock = g_object_ref (clock);
  self->bus = g_object_ref (bus);

  return self;
}

static void
finish (SighejBluezRequest *self, const GError *error)
{
  g_autoptr (SighejBluezRequest) keep G_GNUC_UNUSED = g_object_ref (self);

  sighej_clock_clear (self->clock, &self->limit_id);
  g_clear_object (&self->cancellable);
  self->take (self->user_data, error);
}

static gboolean
on_limit (gpointer user_data)
{
  SighejBluezRequest *self = user_data;
  g_autoptr (GError) error
      = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "bluetoothd does not answer");

  self->limit_id = 0;
  g_cancellable_cancel (self->cancellable);
  finish (self, error);

  return G_SOURCE_REMOVE;
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply G_GNUC_UNUSED
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  /* Then user_data may be gone. */
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    finish (user_data, error);
}

static void
begin (SighejBluezRequest *self,
       const char *path,
       const char *interface,
       const char *method,
       GVariant *parameters,
       GAsyncReadyCallback callback)
{
  g_dbus_connection_call (self->bus,
                          SIGHEJ_BLUEZ_NAME,
                          path,
                          interface,
                          method,
                          parameters,
                          NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START,
                          G_MAXINT, /* our own clock minds it */
                          callback != NULL ? self->cancellable : NULL,
                          callback,
                          callback != NULL ? self : NULL);
}

void
sighej_bluez_request_call (SighejBluezRequest *self,
                           const char *path,
                           const char *interface,
                           const char *method,
                           GVariant *parameters,
                           SighejBluezTake take,
                           gpointer user_data)
{
  g_return_if_fail (self->cancellable == NULL);

  self->cancellable = g_cancellable_new ();
  self->take = take;
  self->user_data = user_data;
  self->limit_id = sighej_clock_add (self->clock, LIMIT_US, on_limit, self);
  begin (self, path, interface, method, parameters, on_answer);
}

void
sighej_bluez_request_send (SighejBluezRequest *self,
                           const char *path,
                           const char *interface,
                           const char *method,
                           GVariant *parameters)
{
  begin (self, path, interface, method, parameters, NULL);
}

void
sighej_bluez_request_forget (SighejBluezRequest *self)
{
  if (self->cancellable == NULL)
    return;

  sighej_clock_clear (self->clock, &self->limit_id);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
}
