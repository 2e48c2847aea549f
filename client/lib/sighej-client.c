/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-client"

#include "config.h"

#include "sighej-client.h"

#include "sighej-names.h"

/* How long the bus may take to start the daemon, milliseconds. */
#define START_TIMEOUT_MS 25000

struct _SighejClient
{
  GObject parent_instance;

  GDBusConnection *connection;
  SighejDBusManager1 *manager;
  SighejDBusDiagnostics1 *diagnostics;
  GDBusObjectManager *objects;
  gboolean present;
};

G_DEFINE_FINAL_TYPE (SighejClient, sighej_client, G_TYPE_OBJECT)

enum
{
  PROP_PRESENT = 1,
  N_PROPERTIES
};

enum
{
  SIGNAL_CHANGED,
  SIGNAL_NUDGE_ADDED,
  SIGNAL_NUDGE_CHANGED,
  SIGNAL_NUDGE_REMOVED,
  SIGNAL_MEET_ADDED,
  SIGNAL_MEET_CHANGED,
  SIGNAL_MEET_REMOVED,
  SIGNAL_MESSAGE,
  SIGNAL_MESSAGE_MARKED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPERTIES];
static guint signals[N_SIGNALS];

static void
sighej_client_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_assert (id == PROP_PRESENT);
  g_value_set_boolean (value, SIGHEJ_CLIENT (object)->present);
}

static void
sighej_client_dispose (GObject *object)
{
  SighejClient *self = SIGHEJ_CLIENT (object);

  g_clear_object (&self->objects);
  g_clear_object (&self->diagnostics);
  g_clear_object (&self->manager);
  g_clear_object (&self->connection);
  G_OBJECT_CLASS (sighej_client_parent_class)->dispose (object);
}

static guint
add_signal (const char *name, guint n_types, GType second)
{
  GType types[] = { G_TYPE_UINT, second, G_TYPE_STRING };

  return g_signal_newv (name,
                        SIGHEJ_TYPE_CLIENT,
                        G_SIGNAL_RUN_LAST,
                        NULL,
                        NULL,
                        NULL,
                        NULL,
                        G_TYPE_NONE,
                        n_types,
                        types);
}

static void
sighej_client_class_init (SighejClientClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = sighej_client_dispose;
  object_class->get_property = sighej_client_get_property;
  properties[PROP_PRESENT] = g_param_spec_boolean (
      "present", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
  signals[SIGNAL_CHANGED] = add_signal ("changed", 0, G_TYPE_NONE);
  signals[SIGNAL_NUDGE_ADDED] = add_signal ("nudge-added", 2, SIGHEJ_DBUS_TYPE_NUDGE1);
  signals[SIGNAL_NUDGE_CHANGED] = add_signal ("nudge-changed", 2, SIGHEJ_DBUS_TYPE_NUDGE1);
  signals[SIGNAL_NUDGE_REMOVED] = add_signal ("nudge-removed", 1, G_TYPE_NONE);
  signals[SIGNAL_MEET_ADDED] = add_signal ("meet-added", 2, SIGHEJ_DBUS_TYPE_MEET1);
  signals[SIGNAL_MEET_CHANGED] = add_signal ("meet-changed", 2, SIGHEJ_DBUS_TYPE_MEET1);
  signals[SIGNAL_MEET_REMOVED] = add_signal ("meet-removed", 1, G_TYPE_NONE);
  signals[SIGNAL_MESSAGE] = add_signal ("message", 3, G_TYPE_UINT64);
  signals[SIGNAL_MESSAGE_MARKED] = add_signal ("message-marked", 3, G_TYPE_UINT64);
}

static void
sighej_client_init (SighejClient *self)
{
}

SighejClient *
sighej_client_new (GDBusConnection *connection)
{
  SighejClient *self;

  g_return_val_if_fail (G_IS_DBUS_CONNECTION (connection), NULL);

  self = g_object_new (SIGHEJ_TYPE_CLIENT, NULL);
  self->connection = g_object_ref (connection);
  return self;
}

/* The proxy and the object manager each follow the name; only both together are the daemon. */
static void
update_present (SighejClient *self)
{
  g_autofree char *manager_owner = g_dbus_proxy_get_name_owner (G_DBUS_PROXY (self->manager));
  g_autofree char *objects_owner
      = g_dbus_object_manager_client_get_name_owner (G_DBUS_OBJECT_MANAGER_CLIENT (self->objects));
  gboolean present = manager_owner != NULL && objects_owner != NULL;

  if (self->present == present)
    return;
  self->present = present;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PRESENT]);
}

static void
on_properties_changed (SighejClient *self)
{
  g_autofree char *owner = g_dbus_proxy_get_name_owner (G_DBUS_PROXY (self->manager));

  if (self->present && owner != NULL)
    g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

/* Emits what is said of nudges and meets alike, with their number and the proxy. */
static void
tell_object (SighejClient *self, GDBusObject *object, guint nudge_signal, guint meet_signal)
{
  const char *path = g_dbus_object_get_object_path (object);
  g_autoptr (SighejDBusNudge1) nudge = sighej_dbus_object_get_nudge1 (SIGHEJ_DBUS_OBJECT (object));
  g_autoptr (SighejDBusMeet1) meet = sighej_dbus_object_get_meet1 (SIGHEJ_DBUS_OBJECT (object));
  guint nudge_id = sighej_client_nudge_id (path);
  guint meet_id = sighej_client_meet_id (path);

  if (nudge_id != 0 && nudge != NULL)
    g_signal_emit (self, signals[nudge_signal], 0, nudge_id, nudge);
  else if (meet_id != 0 && meet != NULL)
    g_signal_emit (self, signals[meet_signal], 0, meet_id, meet);
}

static void
on_object_added (SighejClient *self, GDBusObject *object)
{
  tell_object (self, object, SIGNAL_NUDGE_ADDED, SIGNAL_MEET_ADDED);
}

static void
on_object_changed (SighejClient *self, GDBusObject *object)
{
  tell_object (self, object, SIGNAL_NUDGE_CHANGED, SIGNAL_MEET_CHANGED);
}

static void
on_object_removed (SighejClient *self, GDBusObject *object)
{
  guint nudge_id = sighej_client_nudge_id (g_dbus_object_get_object_path (object));
  guint meet_id = sighej_client_meet_id (g_dbus_object_get_object_path (object));

  if (nudge_id != 0)
    g_signal_emit (self, signals[SIGNAL_NUDGE_REMOVED], 0, nudge_id);
  else if (meet_id != 0)
    g_signal_emit (self, signals[SIGNAL_MEET_REMOVED], 0, meet_id);
}

static void
on_object_signal (SighejClient *self,
                  GDBusObject *object,
                  GDBusProxy *proxy,
                  const char *sender,
                  const char *signal,
                  GVariant *values)
{
  guint id = sighej_client_meet_id (g_dbus_object_get_object_path (object));
  gboolean came = g_str_equal (signal, "MessageReceived");
  const char *text;
  guint64 number;

  if (id == 0 || (!came && !g_str_equal (signal, "MessageMarked"))
      || !g_variant_is_of_type (values, G_VARIANT_TYPE ("(ts)")))
    return;

  g_variant_get (values, "(t&s)", &number, &text);
  g_signal_emit (self, signals[came ? SIGNAL_MESSAGE : SIGNAL_MESSAGE_MARKED], 0, id, number, text);
}

static void
follow_objects (SighejClient *self)
{
  static const struct
  {
    const char *signal;
    GCallback callback;
  } followed[] = {
    { "notify::name-owner", G_CALLBACK (update_present) },
    { "object-added", G_CALLBACK (on_object_added) },
    { "object-removed", G_CALLBACK (on_object_removed) },
    { "interface-proxy-properties-changed", G_CALLBACK (on_object_changed) },
    { "interface-proxy-signal", G_CALLBACK (on_object_signal) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (followed); i++)
    g_signal_connect_object (
        self->objects, followed[i].signal, followed[i].callback, self, G_CONNECT_SWAPPED);
}

static void
follow (SighejClient *self)
{
  g_signal_connect_object (
      self->manager, "notify::g-name-owner", G_CALLBACK (update_present), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->manager,
                           "g-properties-changed",
                           G_CALLBACK (on_properties_changed),
                           self,
                           G_CONNECT_SWAPPED);
  follow_objects (self);
  update_present (self);
}

static void
objects_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  SighejClient *self = g_task_get_source_object (task);
  GError *error = NULL;

  self->objects = sighej_dbus_object_manager_client_new_finish (result, &error);
  if (self->objects == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  follow (self);
  g_task_return_boolean (task, TRUE);
}

static void
diagnostics_made (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  SighejClient *self = g_task_get_source_object (task);
  GCancellable *cancellable = g_task_get_cancellable (task);
  GError *error = NULL;

  self->diagnostics = sighej_dbus_diagnostics1_proxy_new_finish (result, &error);
  if (self->diagnostics == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  sighej_dbus_object_manager_client_new (self->connection,
                                         G_DBUS_OBJECT_MANAGER_CLIENT_FLAGS_DO_NOT_AUTO_START,
                                         SIGHEJ_BUS_NAME,
                                         SIGHEJ_ROOT_PATH,
                                         cancellable,
                                         objects_read,
                                         g_steal_pointer (&task));
}

static void
manager_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  SighejClient *self = g_task_get_source_object (task);
  GCancellable *cancellable = g_task_get_cancellable (task);
  GError *error = NULL;

  self->manager = sighej_dbus_manager1_proxy_new_finish (result, &error);
  if (self->manager == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  sighej_dbus_diagnostics1_proxy_new (self->connection,
                                      G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES
                                          | G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START_AT_CONSTRUCTION,
                                      SIGHEJ_BUS_NAME,
                                      SIGHEJ_ROOT_PATH,
                                      cancellable,
                                      diagnostics_made,
                                      g_steal_pointer (&task));
}

static void
read_manager (GTask *task)
{
  SighejClient *self = g_task_get_source_object (task);

  sighej_dbus_manager1_proxy_new (self->connection,
                                  G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START_AT_CONSTRUCTION,
                                  SIGHEJ_BUS_NAME,
                                  SIGHEJ_ROOT_PATH,
                                  g_task_get_cancellable (task),
                                  manager_read,
                                  task);
}

static void
daemon_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  if (reply == NULL && !g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN))
    {
      g_dbus_error_strip_remote_error (error);
      g_prefix_error (&error, "cannot start the daemon: ");
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  read_manager (g_steal_pointer (&task));
}

void
sighej_client_connect_async (SighejClient *self,
                             gboolean start_daemon,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = NULL;

  g_return_if_fail (SIGHEJ_IS_CLIENT (self));
  g_return_if_fail (self->manager == NULL);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, sighej_client_connect_async);
  if (!start_daemon)
    {
      read_manager (g_steal_pointer (&task));
      return;
    }
  g_dbus_connection_call (self->connection,
                          "org.freedesktop.DBus",
                          "/org/freedesktop/DBus",
                          "org.freedesktop.DBus",
                          "StartServiceByName",
                          g_variant_new ("(su)", SIGHEJ_BUS_NAME, 0u),
                          G_VARIANT_TYPE ("(u)"),
                          G_DBUS_CALL_FLAGS_NONE,
                          START_TIMEOUT_MS,
                          cancellable,
                          daemon_started,
                          g_steal_pointer (&task));
}

gboolean
sighej_client_connect_finish (SighejClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

gboolean
sighej_client_get_present (SighejClient *self)
{
  g_return_val_if_fail (SIGHEJ_IS_CLIENT (self), FALSE);

  return self->present;
}

GDBusConnection *
sighej_client_get_connection (SighejClient *self)
{
  g_return_val_if_fail (SIGHEJ_IS_CLIENT (self), NULL);

  return self->connection;
}

SighejDBusManager1 *
sighej_client_get_manager (SighejClient *self)
{
  g_return_val_if_fail (SIGHEJ_IS_CLIENT (self), NULL);

  return self->manager;
}

SighejDBusDiagnostics1 *
sighej_client_get_diagnostics (SighejClient *self)
{
  g_return_val_if_fail (SIGHEJ_IS_CLIENT (self), NULL);

  return self->diagnostics;
}

static SighejDBusObject *
dup_object (SighejClient *self, const char *path)
{
  GDBusObject *object
      = self->objects != NULL ? g_dbus_object_manager_get_object (self->objects, path) : NULL;

  return object != NULL ? SIGHEJ_DBUS_OBJECT (object) : NULL;
}

SighejDBusNudge1 *
sighej_client_dup_nudge (SighejClient *self, guint id)
{
  g_autofree char *path = sighej_client_nudge_path (id);
  g_autoptr (SighejDBusObject) object = NULL;

  g_return_val_if_fail (SIGHEJ_IS_CLIENT (self), NULL);

  object = dup_object (self, path);
  return object != NULL ? sighej_dbus_object_get_nudge1 (object) : NULL;
}

SighejDBusMeet1 *
sighej_client_dup_meet (SighejClient *self, guint id)
{
  g_autofree char *path = sighej_client_meet_path (id);
  g_autoptr (SighejDBusObject) object = NULL;

  g_return_val_if_fail (SIGHEJ_IS_CLIENT (self), NULL);

  object = dup_object (self, path);
  return object != NULL ? sighej_dbus_object_get_meet1 (object) : NULL;
}

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  guint first = *(const guint *) a;
  guint second = *(const guint *) b;

  return (first > second) - (first < second);
}

/* The numbers of those objects whose path has one, ascending. */
static GArray *
dup_ids (SighejClient *self, guint (*id_of) (const char *path))
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autolist (GDBusObject) objects = NULL;

  if (self->objects != NULL)
    objects = g_dbus_object_manager_get_objects (self->objects);
  for (GList *l = objects; l != NULL; l = l->next)
    {
      guint id = id_of (g_dbus_object_get_object_path (l->data));

      if (id != 0)
        g_array_append_val (ids, id);
    }
  g_array_sort (ids, compare_ids);
  return g_steal_pointer (&ids);
}

GArray *
sighej_client_dup_nudge_ids (SighejClient *self)
{
  g_return_val_if_fail (SIGHEJ_IS_CLIENT (self), NULL);

  return dup_ids (self, sighej_client_nudge_id);
}

GArray *
sighej_client_dup_meet_ids (SighejClient *self)
{
  g_return_val_if_fail (SIGHEJ_IS_CLIENT (self), NULL);

  return dup_ids (self, sighej_client_meet_id);
}

char *
sighej_client_nudge_path (guint id)
{
  return g_strdup_printf (SIGHEJ_NUDGE_PATH_PREFIX "%u", id);
}

char *
sighej_client_meet_path (guint id)
{
  return g_strdup_printf (SIGHEJ_MEET_PATH_PREFIX "%u", id);
}

static guint
id_after (const char *path, const char *prefix)
{
  guint64 id;

  if (!g_str_has_prefix (path, prefix)
      || !g_ascii_string_to_unsigned (path + strlen (prefix), 10, 1, G_MAXUINT, &id, NULL))
    return 0;
  return (guint) id;
}

guint
sighej_client_nudge_id (const char *path)
{
  return id_after (path, SIGHEJ_NUDGE_PATH_PREFIX);
}

guint
sighej_client_meet_id (const char *path)
{
  return id_after (path, SIGHEJ_MEET_PATH_PREFIX);
}
