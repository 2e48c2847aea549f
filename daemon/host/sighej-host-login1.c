/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-host"

#include "config.h"

#include "sighej-host-login1.h"

#include <gio/gunixfdlist.h>

#define NAME "org.freedesktop.login1"
#define PATH "/org/freedesktop/login1"
#define MANAGER "org.freedesktop.login1.Manager"
#define SESSION "org.freedesktop.login1.Session"
#define PROPERTIES "org.freedesktop.DBus.Properties"
#define CALL_TIMEOUT_MS 10000

struct _SighejHostLogin1
{
  GObject parent_instance;

  GDBusConnection *bus;
  SighejHostSleep *sleep;
  guint watch_id;
  guint manager_signals_id;

  GCancellable *life;   /* of the login manager; NULL: there is none */
  GCancellable *asking; /* for the delay lock */

  char *session; /* NULL: none */
  guint session_signals_id;
  guint session_properties_id;
  gboolean finding;    /* the session is being asked for */
  gboolean find_again; /* sessions came or went meanwhile */
  SighejHostLock lock;
  gboolean told_locked;
};

G_DEFINE_FINAL_TYPE (SighejHostLogin1, sighej_host_login1, G_TYPE_OBJECT)

enum
{
  LOCKED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
sighej_host_login1_init (SighejHostLogin1 *self)
{
}

static void
cancel (GCancellable **cancellable)
{
  if (*cancellable != NULL)
    g_cancellable_cancel (*cancellable);
  g_clear_object (cancellable);
}

static void
unsubscribe (SighejHostLogin1 *self, guint *id)
{
  if (*id != 0)
    g_dbus_connection_signal_unsubscribe (self->bus, *id);
  *id = 0;
}

static void
unsubscribe_session (SighejHostLogin1 *self)
{
  unsubscribe (self, &self->session_signals_id);
  unsubscribe (self, &self->session_properties_id);
}

static void
leave_session (SighejHostLogin1 *self)
{
  unsubscribe_session (self);
  g_clear_pointer (&self->session, g_free);
  sighej_host_lock_start_over (&self->lock);
}

static void
leave_manager (SighejHostLogin1 *self)
{
  cancel (&self->asking);
  cancel (&self->life);
  unsubscribe (self, &self->manager_signals_id);
  unsubscribe_session (self);
  sighej_host_lock_lose_word (&self->lock);
  self->finding = FALSE;
  self->find_again = FALSE;
}

static void
sighej_host_login1_dispose (GObject *object)
{
  SighejHostLogin1 *self = SIGHEJ_HOST_LOGIN1 (object);

  g_clear_handle_id (&self->watch_id, g_bus_unwatch_name);
  if (self->bus != NULL)
    {
      leave_manager (self);
      leave_session (self);
    }
  g_clear_object (&self->sleep);
  g_clear_object (&self->bus);

  G_OBJECT_CLASS (sighej_host_login1_parent_class)->dispose (object);
}

static void
sighej_host_login1_class_init (SighejHostLogin1Class *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sighej_host_login1_dispose;

  signals[LOCKED] = g_signal_new (
      "locked", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
call (SighejHostLogin1 *self,
      const char *path,
      const char *interface,
      const char *method,
      GVariant *parameters,
      const char *reply_type,
      GAsyncReadyCallback callback)
{
  g_dbus_connection_call (self->bus,
                          NAME,
                          path,
                          interface,
                          method,
                          parameters,
                          G_VARIANT_TYPE (reply_type),
                          G_DBUS_CALL_FLAGS_NO_AUTO_START,
                          CALL_TIMEOUT_MS,
                          self->life,
                          callback,
                          self);
}

/* NULL: an error, or (@self_is_gone) cancelled, and then the caller must not touch its object. */
static GVariant *
finish_call (GObject *source, GAsyncResult *result, gboolean *self_is_gone)
{
  g_autoptr (GError) error = NULL;
  GVariant *reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  *self_is_gone = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  if (error != NULL && !*self_is_gone)
    g_debug ("login manager: %s", error->message);
  return reply;
}

/* ---- the session, and whether it is locked ---- */

static void
tell_locked (SighejHostLogin1 *self)
{
  gboolean locked = sighej_host_lock_is_locked (&self->lock);

  if (locked == self->told_locked)
    return;

  self->told_locked = locked;
  g_signal_emit (self, signals[LOCKED], 0);
}

static void
on_session_signal (GDBusConnection *bus,
                   const char *sender,
                   const char *path,
                   const char *interface,
                   const char *signal,
                   GVariant *parameters,
                   gpointer user_data)
{
  SighejHostLogin1 *self = SIGHEJ_HOST_LOGIN1 (user_data);

  if (g_strcmp0 (signal, "Lock") == 0)
    sighej_host_lock_ask (&self->lock, TRUE);
  else if (g_strcmp0 (signal, "Unlock") == 0)
    sighej_host_lock_ask (&self->lock, FALSE);
  tell_locked (self);
}

static void
on_session_properties (GDBusConnection *bus,
                       const char *sender,
                       const char *path,
                       const char *interface,
                       const char *signal,
                       GVariant *parameters,
                       gpointer user_data)
{
  SighejHostLogin1 *self = SIGHEJ_HOST_LOGIN1 (user_data);
  g_autoptr (GVariant) changed = NULL;
  gboolean hint;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sa{sv}as)")))
    return;

  changed = g_variant_get_child_value (parameters, 1);
  if (!g_variant_lookup (changed, "LockedHint", "b", &hint))
    return;

  sighej_host_lock_set_hint (&self->lock, hint);
  tell_locked (self);
}

static gboolean
get_boolean (GVariant *reply)
{
  g_autoptr (GVariant) value = NULL;

  g_variant_get (reply, "(v)", &value);
  return g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN) && g_variant_get_boolean (value);
}

static void find_session (SighejHostLogin1 *self);

static void
end_finding (SighejHostLogin1 *self)
{
  self->finding = FALSE;
  if (self->find_again)
    find_session (self);
}

static void
on_hint (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SighejHostLogin1 *self = user_data;
  gboolean is_gone;
  g_autoptr (GVariant) reply = finish_call (source, result, &is_gone);

  if (is_gone)
    return;

  if (reply != NULL && get_boolean (reply))
    sighej_host_lock_set_hint (&self->lock, TRUE);
  tell_locked (self);
  end_finding (self);
}

static void
follow_session (SighejHostLogin1 *self, const char *path)
{
  if (g_strcmp0 (path, self->session) != 0)
    leave_session (self);
  if (self->session == NULL)
    self->session = g_strdup (path);
  self->session_signals_id = g_dbus_connection_signal_subscribe (self->bus,
                                                                 NAME,
                                                                 SESSION,
                                                                 NULL,
                                                                 path,
                                                                 NULL,
                                                                 G_DBUS_SIGNAL_FLAGS_NONE,
                                                                 on_session_signal,
                                                                 self,
                                                                 NULL);
  self->session_properties_id = g_dbus_connection_signal_subscribe (self->bus,
                                                                    NAME,
                                                                    PROPERTIES,
                                                                    "PropertiesChanged",
                                                                    path,
                                                                    SESSION,
                                                                    G_DBUS_SIGNAL_FLAGS_NONE,
                                                                    on_session_properties,
                                                                    self,
                                                                    NULL);
  call (
      self, path, PROPERTIES, "Get", g_variant_new ("(ss)", SESSION, "LockedHint"), "(v)", on_hint);
}

static void
on_session (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SighejHostLogin1 *self = user_data;
  gboolean is_gone;
  g_autoptr (GVariant) reply = finish_call (source, result, &is_gone);
  const char *path = NULL;

  if (is_gone)
    return;

  if (reply != NULL)
    g_variant_get (reply, "(&o)", &path);
  if (path != NULL && (self->session_signals_id == 0 || g_strcmp0 (path, self->session) != 0))
    {
      follow_session (self, path);
      return;
    }

  if (path == NULL)
    leave_session (self);
  tell_locked (self);
  end_finding (self);
}

static void
find_session (SighejHostLogin1 *self)
{
  self->find_again = self->finding;
  if (self->finding)
    return;

  self->finding = TRUE;
  call (self, PATH, MANAGER, "GetSession", g_variant_new ("(s)", "auto"), "(o)", on_session);
}

/* ---- sleep ---- */

static void
on_lock_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SighejHostLogin1 *self = user_data;
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_with_unix_fd_list_finish (
      G_DBUS_CONNECTION (source), &fds, result, &error);
  int index = -1;
  int fd = -1;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  g_clear_object (&self->asking);
  if (reply != NULL)
    g_variant_get (reply, "(h)", &index);
  if (fds != NULL && index >= 0 && index < g_unix_fd_list_get_length (fds))
    fd = g_unix_fd_list_get (fds, index, &error);
  if (fd >= 0)
    {
      sighej_host_sleep_take_lock (self->sleep, fd);
      return;
    }
  if (error != NULL)
    g_dbus_error_strip_remote_error (error);
  sighej_host_sleep_refuse (self->sleep, error == NULL ? "no descriptor came" : error->message);
}

static void
on_ask (SighejHostLogin1 *self)
{
  /* The answer to an earlier question is for nobody. */
  cancel (&self->asking);
  self->asking = g_cancellable_new ();
  g_dbus_connection_call_with_unix_fd_list (
      self->bus,
      NAME,
      PATH,
      MANAGER,
      "Inhibit",
      g_variant_new ("(ssss)", "sleep", "SigHej", "To be silent before the machine is", "delay"),
      G_VARIANT_TYPE ("(h)"),
      G_DBUS_CALL_FLAGS_NO_AUTO_START,
      CALL_TIMEOUT_MS,
      NULL,
      self->asking,
      on_lock_answer,
      self);
}

static void
on_preparing (GObject *source, GAsyncResult *result, gpointer user_data)
{
  SighejHostLogin1 *self = user_data;
  gboolean is_gone;
  g_autoptr (GVariant) reply = finish_call (source, result, &is_gone);

  if (!is_gone)
    sighej_host_sleep_appear (self->sleep, reply != NULL && get_boolean (reply));
}

static void
on_manager_signal (GDBusConnection *bus,
                   const char *sender,
                   const char *path,
                   const char *interface,
                   const char *signal,
                   GVariant *parameters,
                   gpointer user_data)
{
  SighejHostLogin1 *self = SIGHEJ_HOST_LOGIN1 (user_data);
  gboolean about_to_sleep;

  if (g_str_has_prefix (signal, "Session"))
    {
      find_session (self);
      return;
    }
  if (g_strcmp0 (signal, "PrepareForSleep") != 0
      || !g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(b)")))
    return;

  g_variant_get (parameters, "(b)", &about_to_sleep);
  sighej_host_sleep_prepare (self->sleep, about_to_sleep);
}

/* ---- the login manager comes and goes ---- */

static void
on_appeared (GDBusConnection *bus, const char *name, const char *owner, gpointer user_data)
{
  SighejHostLogin1 *self = SIGHEJ_HOST_LOGIN1 (user_data);

  leave_manager (self);
  self->life = g_cancellable_new ();
  self->manager_signals_id = g_dbus_connection_signal_subscribe (self->bus,
                                                                 NAME,
                                                                 MANAGER,
                                                                 NULL,
                                                                 PATH,
                                                                 NULL,
                                                                 G_DBUS_SIGNAL_FLAGS_NONE,
                                                                 on_manager_signal,
                                                                 self,
                                                                 NULL);
  call (self,
        PATH,
        PROPERTIES,
        "Get",
        g_variant_new ("(ss)", MANAGER, "PreparingForSleep"),
        "(v)",
        on_preparing);
  find_session (self);
}

static void
on_vanished (GDBusConnection *bus, const char *name, gpointer user_data)
{
  SighejHostLogin1 *self = SIGHEJ_HOST_LOGIN1 (user_data);

  leave_manager (self);
  sighej_host_sleep_vanish (self->sleep);
  tell_locked (self);
}

SighejHostLogin1 *
sighej_host_login1_new (GDBusConnection *bus, SighejHostSleep *sleep)
{
  SighejHostLogin1 *self = g_object_new (SIGHEJ_TYPE_HOST_LOGIN1, NULL);

  self->bus = g_object_ref (bus);
  self->sleep = g_object_ref (sleep);
  g_signal_connect_object (sleep, "ask", G_CALLBACK (on_ask), self, G_CONNECT_SWAPPED);
  self->watch_id = g_bus_watch_name_on_connection (
      bus, NAME, G_BUS_NAME_WATCHER_FLAGS_NONE, on_appeared, on_vanished, self, NULL);
  return self;
}

void
sighej_host_login1_see_person (SighejHostLogin1 *self)
{
  sighej_host_lock_see_person (&self->lock);
  tell_locked (self);
}

gboolean
sighej_host_login1_get_locked (SighejHostLogin1 *self)
{
  return self->told_locked;
}

gboolean
sighej_host_login1_get_lock_unconfirmed (SighejHostLogin1 *self)
{
  return self->lock.asked;
}
