/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include <glib/gi18n.h>

#include "sighej-enum-types.h"
#include "sighej-model-private.h"
#include "sighej-names.h"

#define MANAGER_INTERFACE "org.sighej.Manager1"
#define NUDGE_INTERFACE "org.sighej.Nudge1"
#define MEET_INTERFACE "org.sighej.Meet1"
#define UNIT_NAME "sighejd.service"
/* How long the bus or systemd may take to start the daemon, milliseconds. */
#define START_TIMEOUT_MS 25000

/* ---- one call ---- */

/* Whatever it answers shows in the properties; only what failed is told. */
static void
called (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejModel) self = user_data;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  if (reply == NULL)
    sighej_model_tell_error (self, error);
}

static void
hinted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GVariant) reply = NULL;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  if (reply == NULL)
    g_debug ("a hint to the daemon failed");
  g_object_unref (user_data);
}

static void
call_then (SighejModel *self,
           const char *path,
           const char *interface,
           const char *method,
           GVariant *parameters,
           GDBusCallFlags flags,
           GAsyncReadyCallback callback)
{
  GDBusConnection *connection = sighej_model_get_connection (self);

  if (connection == NULL)
    {
      g_variant_unref (g_variant_ref_sink (parameters));
      sighej_model_say_error (self, _ ("there is no session bus"), NULL);
      return;
    }
  g_dbus_connection_call (connection,
                          SIGHEJ_BUS_NAME,
                          path,
                          interface,
                          method,
                          parameters,
                          NULL,
                          flags,
                          SIGHEJ_MODEL_CALL_TIMEOUT_MS,
                          sighej_model_get_cancellable (self),
                          callback,
                          g_object_ref (self));
}

/* The daemon is started for it when it is not there. */
static void
call_manager (SighejModel *self, const char *method, GVariant *parameters)
{
  call_then (self,
             SIGHEJ_ROOT_PATH,
             MANAGER_INTERFACE,
             method,
             parameters,
             G_DBUS_CALL_FLAGS_NONE,
             called);
}

static void
set_property (SighejModel *self, const char *name, GVariant *value)
{
  call_then (self,
             SIGHEJ_ROOT_PATH,
             "org.freedesktop.DBus.Properties",
             "Set",
             g_variant_new ("(ssv)", MANAGER_INTERFACE, name, value),
             G_DBUS_CALL_FLAGS_NONE,
             called);
}

/* A daemon that was not there has none of these. */
static void
call_nudge (SighejModel *self, guint id, const char *method, GVariant *parameters)
{
  g_autofree char *path = sighej_client_nudge_path (id);

  call_then (
      self, path, NUDGE_INTERFACE, method, parameters, G_DBUS_CALL_FLAGS_NO_AUTO_START, called);
}

static void
call_meet (SighejModel *self, guint id, const char *method, GVariant *parameters)
{
  g_autofree char *path = sighej_client_meet_path (id);

  call_then (
      self, path, MEET_INTERFACE, method, parameters, G_DBUS_CALL_FLAGS_NO_AUTO_START, called);
}

/* What the person did not ask for by itself: nothing is said when it fails. */
static void
hint_meet (SighejModel *self, guint id, const char *method, GVariant *parameters)
{
  g_autofree char *path = sighej_client_meet_path (id);

  call_then (
      self, path, MEET_INTERFACE, method, parameters, G_DBUS_CALL_FLAGS_NO_AUTO_START, hinted);
}

/* ---- the session ---- */

static void
opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejModel) self = user_data;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  if (reply == NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    sighej_model_opening_refused (self, error);
}

void
sighej_model_open (SighejModel *self, guint duration_s)
{
  g_return_if_fail (SIGHEJ_IS_MODEL (self));

  sighej_model_opening_asked (self);
  call_then (self,
             SIGHEJ_ROOT_PATH,
             MANAGER_INTERFACE,
             "Open",
             g_variant_new ("(u)", duration_s),
             G_DBUS_CALL_FLAGS_NONE,
             opened);
}

void
sighej_model_close (SighejModel *self)
{
  g_return_if_fail (SIGHEJ_IS_MODEL (self));

  sighej_model_closing_asked (self);
  if (!sighej_model_get_facts (self)->bus_lost)
    call_then (self,
               SIGHEJ_ROOT_PATH,
               MANAGER_INTERFACE,
               "Close",
               g_variant_new ("()"),
               G_DBUS_CALL_FLAGS_NO_AUTO_START,
               called);
}

void
sighej_model_pause (SighejModel *self, guint duration_s)
{
  g_return_if_fail (SIGHEJ_IS_MODEL (self));

  call_manager (self, "Pause", g_variant_new ("(u)", duration_s));
}

void
sighej_model_resume (SighejModel *self)
{
  g_return_if_fail (SIGHEJ_IS_MODEL (self));

  call_manager (self, "Resume", g_variant_new ("()"));
}

/* ---- settings ---- */

void
sighej_model_accept_notice (SighejModel *self)
{
  g_return_if_fail (SIGHEJ_IS_MODEL (self));

  set_property (self, "NoticeAccepted", g_variant_new_boolean (TRUE));
}

void
sighej_model_set_backend (SighejModel *self, const char *uri)
{
  g_return_if_fail (SIGHEJ_IS_MODEL (self));

  set_property (self, "BackendUri", g_variant_new_string (uri));
}

void
sighej_model_set_notify_nearby (SighejModel *self, gboolean notify)
{
  g_return_if_fail (SIGHEJ_IS_MODEL (self));

  set_property (self, "NotifyNearby", g_variant_new_boolean (notify));
}

/* ---- trying again, and starting the daemon ---- */

void
sighej_model_retry (SighejModel *self)
{
  const SighejScreenFacts *facts;

  g_return_if_fail (SIGHEJ_IS_MODEL (self));

  facts = sighej_model_get_facts (self);
  if (facts->bus_lost)
    sighej_model_find_bus (self);
  else if (!facts->present && !facts->activatable)
    sighej_model_start_daemon (self);
  else if (sighej_model_is_on (self) && *sighej_model_get_backend_uri (self) != '\0')
    /* Setting the backend anew makes the daemon try it at once. */
    sighej_model_set_backend (self, sighej_model_get_backend_uri (self));
  else
    sighej_model_open (self, sighej_model_get_duration_s (self));
}

static void
unit_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejModel) self = user_data;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (reply == NULL)
    sighej_model_say_error (self,
                            _ ("SigHej's service could not be started"),
                            _ ("Run sighejd in a terminal; it says what is wrong."));
  sighej_model_daemon_started (self);
}

static void
start_unit (SighejModel *self)
{
  g_dbus_connection_call (sighej_model_get_connection (self),
                          "org.freedesktop.systemd1",
                          "/org/freedesktop/systemd1",
                          "org.freedesktop.systemd1.Manager",
                          "StartUnit",
                          g_variant_new ("(ss)", UNIT_NAME, "replace"),
                          G_VARIANT_TYPE ("(o)"),
                          G_DBUS_CALL_FLAGS_NO_AUTO_START,
                          START_TIMEOUT_MS,
                          sighej_model_get_cancellable (self),
                          unit_started,
                          g_object_ref (self));
}

static void
daemon_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejModel) self = user_data;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (reply == NULL && sighej_model_get_connection (self) != NULL)
    start_unit (self);
  else
    sighej_model_daemon_started (self);
}

void
sighej_model_start_daemon (SighejModel *self)
{
  GDBusConnection *connection;

  g_return_if_fail (SIGHEJ_IS_MODEL (self));

  connection = sighej_model_get_connection (self);
  if (connection == NULL)
    return;
  g_dbus_connection_call (connection,
                          "org.freedesktop.DBus",
                          "/org/freedesktop/DBus",
                          "org.freedesktop.DBus",
                          "StartServiceByName",
                          g_variant_new ("(su)", SIGHEJ_BUS_NAME, 0),
                          G_VARIANT_TYPE ("(u)"),
                          G_DBUS_CALL_FLAGS_NONE,
                          START_TIMEOUT_MS,
                          sighej_model_get_cancellable (self),
                          daemon_started,
                          g_object_ref (self));
}

/* ---- nudges ---- */

void
sighej_model_wave (SighejModel *self, guint nudge)
{
  g_return_if_fail (SIGHEJ_IS_MODEL (self));

  call_nudge (self, nudge, "Wave", g_variant_new ("()"));
}

void
sighej_model_not_now (SighejModel *self, guint nudge)
{
  g_return_if_fail (SIGHEJ_IS_MODEL (self));

  call_nudge (self, nudge, "NotNow", g_variant_new ("()"));
}

void
sighej_model_block_nudge (SighejModel *self, guint nudge)
{
  g_return_if_fail (SIGHEJ_IS_MODEL (self));

  call_nudge (self, nudge, "Block", g_variant_new ("()"));
}

/* ---- meets ---- */

void
sighej_model_propose_spot (SighejModel *self, guint meet, const char *spot)
{
  g_return_if_fail (SIGHEJ_IS_MODEL (self));

  call_meet (self, meet, "ProposeSpot", g_variant_new ("(s)", spot));
}

void
sighej_model_im_here (SighejModel *self, guint meet)
{
  g_return_if_fail (SIGHEJ_IS_MODEL (self));

  call_meet (self, meet, "ImHere", g_variant_new ("()"));
}

void
sighej_model_confirm_met (SighejModel *self, guint meet)
{
  g_return_if_fail (SIGHEJ_IS_MODEL (self));

  call_meet (self, meet, "ConfirmMet", g_variant_new ("()"));
}

void
sighej_model_end_meet (SighejModel *self, guint meet)
{
  g_return_if_fail (SIGHEJ_IS_MODEL (self));

  call_meet (self, meet, "End", g_variant_new ("(s)", ""));
}

void
sighej_model_block_meet (SighejModel *self, guint meet)
{
  g_return_if_fail (SIGHEJ_IS_MODEL (self));

  call_meet (self, meet, "Block", g_variant_new ("()"));
}

void
sighej_model_avoid_meet (SighejModel *self, guint meet, gboolean avoid)
{
  g_autofree char *path = sighej_client_meet_path (meet);

  g_return_if_fail (SIGHEJ_IS_MODEL (self));

  call_manager (self, "AvoidMeet", g_variant_new ("(ob)", path, avoid));
}

void
sighej_model_share_position (SighejModel *self, guint meet, gboolean share)
{
  g_return_if_fail (SIGHEJ_IS_MODEL (self));

  call_meet (self, meet, "SharePosition", g_variant_new ("(b)", share));
}

void
sighej_model_mark_read (SighejModel *self, guint meet, guint64 number)
{
  g_return_if_fail (SIGHEJ_IS_MODEL (self));

  hint_meet (self, meet, "MarkRead", g_variant_new ("(t)", number));
}

void
sighej_model_set_typing (SighejModel *self, guint meet, gboolean typing)
{
  g_return_if_fail (SIGHEJ_IS_MODEL (self));

  hint_meet (self, meet, "SetTyping", g_variant_new ("(b)", typing));
}
