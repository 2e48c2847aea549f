/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-export-manager.h"

#include <gio/gunixfdlist.h>

#include "sighej-enum-types.h"
#include "sighej-export.h"
#include "sighej-names.h"
#include "sighej-vocabulary.h"

struct _SighejExportManager
{
  SighejDBusManager1Skeleton parent_instance;

  SighejCore *core;
  SighejWarden *warden; /* NULL: the bus belongs to one person */
};

static void manager_iface_init (SighejDBusManager1Iface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SighejExportManager,
                               sighej_export_manager,
                               SIGHEJ_DBUS_TYPE_MANAGER1_SKELETON,
                               G_IMPLEMENT_INTERFACE (SIGHEJ_DBUS_TYPE_MANAGER1,
                                                      manager_iface_init))

static void
sighej_export_manager_init (SighejExportManager *self)
{
}

static void
sighej_export_manager_dispose (GObject *object)
{
  SighejExportManager *self = SIGHEJ_EXPORT_MANAGER (object);

  g_clear_object (&self->core);
  g_clear_object (&self->warden);

  G_OBJECT_CLASS (sighej_export_manager_parent_class)->dispose (object);
}

/* ---- properties that clients may write ---- */

typedef gboolean (*WriteProperty) (SighejCore *core, GVariant *value, GError **error);

static gboolean
write_language (SighejCore *core, GVariant *value, GError **error)
{
  return sighej_preferences_set_language (
      sighej_core_get_preferences (core), g_variant_get_string (value, NULL), error);
}

static gboolean
write_backend_uri (SighejCore *core, GVariant *value, GError **error)
{
  return sighej_core_set_backend_uri (core, g_variant_get_string (value, NULL), error);
}

static gboolean
write_adapter (SighejCore *core, GVariant *value, GError **error)
{
  return sighej_core_set_adapter (core, g_variant_get_string (value, NULL), error);
}

static gboolean
write_quiet_hours (SighejCore *core, GVariant *value, GError **error)
{
  g_autofree const char **ranges = g_variant_get_strv (value, NULL);

  return sighej_preferences_set_quiet_hours (sighej_core_get_preferences (core), ranges, error);
}

static gboolean
write_notice_accepted (SighejCore *core, GVariant *value, GError **error)
{
  return sighej_preferences_set_notice_accepted (
      sighej_core_get_preferences (core), g_variant_get_boolean (value), error);
}

static gboolean
write_pause_on_lock (SighejCore *core, GVariant *value, GError **error)
{
  return sighej_preferences_set_pause_on_lock (
      sighej_core_get_preferences (core), g_variant_get_boolean (value), error);
}

static gboolean
write_notify_nearby (SighejCore *core, GVariant *value, GError **error)
{
  return sighej_preferences_set_notify_nearby (
      sighej_core_get_preferences (core), g_variant_get_boolean (value), error);
}

static const struct
{
  const char *name;
  WriteProperty write;
} writable[] = {
  { "Language", write_language },
  { "BackendUri", write_backend_uri },
  { "Adapter", write_adapter },
  { "QuietHours", write_quiet_hours },
  { "NoticeAccepted", write_notice_accepted },
  { "PauseOnLock", write_pause_on_lock },
  { "NotifyNearby", write_notify_nearby },
};

static gboolean
write_property (SighejCore *core, const char *name, GVariant *value, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (writable); i++)
    if (g_str_equal (name, writable[i].name))
      return writable[i].write (core, value, error);

  g_set_error (
      error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_REQUEST, "the property %s cannot be written", name);
  return FALSE;
}

static void
set_property (SighejExportManager *self, GDBusMethodInvocation *invocation)
{
  g_autoptr (GVariant) value = NULL;
  GError *error = NULL;
  const char *name;

  g_variant_get (
      g_dbus_method_invocation_get_parameters (invocation), "(&s&sv)", NULL, &name, &value);
  if (write_property (self->core, name, value, &error))
    g_dbus_method_invocation_return_value (invocation, NULL);
  else
    sighej_export_return_error (invocation, error);
}

/* ---- the way of a call: by the warden, if there is one ---- */

static void
run_call (gpointer object, GDBusMethodInvocation *invocation)
{
  if (g_dbus_method_invocation_get_property_info (invocation) != NULL)
    set_property (object, invocation);
  else
    sighej_export_call (
        G_DBUS_INTERFACE_SKELETON_CLASS (sighej_export_manager_parent_class), object, invocation);
}

static void
method_call (GDBusConnection *connection,
             const char *sender,
             const char *path,
             const char *interface,
             const char *method,
             GVariant *parameters,
             GDBusMethodInvocation *invocation,
             gpointer user_data)
{
  SighejExportManager *self = SIGHEJ_EXPORT_MANAGER (user_data);

  if (self->warden == NULL)
    run_call (self, invocation);
  else
    sighej_warden_admit (self->warden, invocation, run_call, self);
}

/* Without a setter what is written comes as a call: the generated one takes whatever is written. */
static GDBusInterfaceVTable *
sighej_export_manager_get_vtable (GDBusInterfaceSkeleton *skeleton)
{
  static GDBusInterfaceVTable vtable;

  vtable = *G_DBUS_INTERFACE_SKELETON_CLASS (sighej_export_manager_parent_class)
                ->get_vtable (skeleton);
  vtable.method_call = method_call;
  vtable.set_property = NULL;
  return &vtable;
}

static void
sighej_export_manager_class_init (SighejExportManagerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sighej_export_manager_dispose;
  G_DBUS_INTERFACE_SKELETON_CLASS (klass)->get_vtable = sighej_export_manager_get_vtable;
}

/* ---- methods ---- */

static gboolean
handle_open (SighejDBusManager1 *manager, GDBusMethodInvocation *invocation, guint seconds)
{
  SighejCore *core = SIGHEJ_EXPORT_MANAGER (manager)->core;
  GError *error = NULL;

  if (!sighej_core_open (core, seconds, &error))
    sighej_export_return_error (invocation, error);
  else
    sighej_dbus_manager1_complete_open (
        manager, invocation, sighej_presence_get_open_until_s (sighej_core_get_presence (core)));

  return TRUE;
}

typedef struct
{
  SighejDBusManager1 *manager;
  GDBusMethodInvocation *invocation;
} Call;

static Call *
call_new (SighejDBusManager1 *manager, GDBusMethodInvocation *invocation)
{
  Call *call = g_new0 (Call, 1);

  call->manager = g_object_ref (manager);
  call->invocation = invocation;
  return call;
}

static void
on_closed_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Call *call = user_data;
  g_autoptr (SighejDBusManager1) manager = call->manager;

  sighej_core_close_finish (SIGHEJ_CORE (source), result);
  sighej_dbus_manager1_complete_close (manager, call->invocation);
}

static gboolean
handle_close (SighejDBusManager1 *manager, GDBusMethodInvocation *invocation)
{
  sighej_core_close_async (
      SIGHEJ_EXPORT_MANAGER (manager)->core, on_closed_answer, call_new (manager, invocation));
  return TRUE;
}

static gboolean
handle_pause (SighejDBusManager1 *manager, GDBusMethodInvocation *invocation, guint seconds)
{
  SighejPresence *presence = sighej_core_get_presence (SIGHEJ_EXPORT_MANAGER (manager)->core);
  GError *error = NULL;

  if (!sighej_presence_pause (presence, seconds, &error))
    sighej_export_return_error (invocation, error);
  else
    sighej_dbus_manager1_complete_pause (
        manager, invocation, sighej_presence_get_paused_until_s (presence));

  return TRUE;
}

static gboolean
handle_resume (SighejDBusManager1 *manager, GDBusMethodInvocation *invocation)
{
  GError *error = NULL;

  if (!sighej_core_resume (SIGHEJ_EXPORT_MANAGER (manager)->core, &error))
    sighej_export_return_error (invocation, error);
  else
    sighej_dbus_manager1_complete_resume (manager, invocation);

  return TRUE;
}

static gboolean
handle_extend (SighejDBusManager1 *manager, GDBusMethodInvocation *invocation, guint seconds)
{
  SighejPresence *presence = sighej_core_get_presence (SIGHEJ_EXPORT_MANAGER (manager)->core);
  GError *error = NULL;

  if (!sighej_presence_extend (presence, seconds, &error))
    sighej_export_return_error (invocation, error);
  else
    sighej_dbus_manager1_complete_extend (
        manager, invocation, sighej_presence_get_open_until_s (presence));

  return TRUE;
}

static GVariant *
hits_to_variant (GArray *hits)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(sss)"));
  for (guint i = 0; i < hits->len; i++)
    {
      SighejVocabularyHit *hit = &g_array_index (hits, SighejVocabularyHit, i);

      g_variant_builder_add (&builder, "(sss)", hit->id, hit->label, hit->category);
    }
  return g_variant_builder_end (&builder);
}

static gboolean
handle_search_interests (SighejDBusManager1 *manager,
                         GDBusMethodInvocation *invocation,
                         const char *query,
                         guint limit)
{
  SighejCore *core = SIGHEJ_EXPORT_MANAGER (manager)->core;
  const char *language = sighej_preferences_get_language (sighej_core_get_preferences (core));
  g_autoptr (GArray) hits = NULL;
  GError *error = NULL;

  if (limit < 1 || limit > SIGHEJ_VOCABULARY_HITS_MAX)
    g_set_error (&error,
                 SIGHEJ_ERROR,
                 SIGHEJ_ERROR_INVALID_REQUEST,
                 "the limit must be between 1 and %d",
                 SIGHEJ_VOCABULARY_HITS_MAX);
  else
    hits = sighej_vocabulary_search (
        sighej_vocabulary_get_default (), query, language, limit, &error);

  if (hits == NULL)
    sighej_export_return_error (invocation, error);
  else
    sighej_dbus_manager1_complete_search_interests (manager, invocation, hits_to_variant (hits));

  return TRUE;
}

static gboolean
handle_inhibit (SighejDBusManager1 *manager,
                GDBusMethodInvocation *invocation,
                GUnixFDList *sent_fds,
                const char *who,
                const char *why)
{
  SighejInhibitors *inhibitors = sighej_core_get_inhibitors (SIGHEJ_EXPORT_MANAGER (manager)->core);
  g_autoptr (GUnixFDList) fds = NULL;
  GError *error = NULL;
  int fd = sighej_inhibitors_add (inhibitors, who, why, &error);

  if (fd < 0)
    {
      sighej_export_return_error (invocation, error);
      return TRUE;
    }

  fds = g_unix_fd_list_new_from_array (&fd, 1);
  sighej_dbus_manager1_complete_inhibit (manager, invocation, fds, g_variant_new_handle (0));
  return TRUE;
}

static void
on_wiped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Call *call = user_data;
  g_autoptr (SighejDBusManager1) manager = call->manager;
  GError *error = NULL;

  if (sighej_core_wipe_finish (SIGHEJ_CORE (source), result, &error))
    sighej_dbus_manager1_complete_wipe (manager, call->invocation);
  else
    sighej_export_return_error (call->invocation, error);
}

static gboolean
handle_wipe (SighejDBusManager1 *manager, GDBusMethodInvocation *invocation)
{
  sighej_core_wipe_async (
      SIGHEJ_EXPORT_MANAGER (manager)->core, on_wiped, call_new (manager, invocation));
  return TRUE;
}

static void
manager_iface_init (SighejDBusManager1Iface *iface)
{
  iface->handle_wipe = handle_wipe;
  iface->handle_open = handle_open;
  iface->handle_close = handle_close;
  iface->handle_pause = handle_pause;
  iface->handle_resume = handle_resume;
  iface->handle_extend = handle_extend;
  iface->handle_search_interests = handle_search_interests;
  iface->handle_inhibit = handle_inhibit;
}

/* ---- the parts, shown as properties; the skeleton announces only what differs ---- */

static void
show_presence (SighejExportManager *self)
{
  SighejDBusManager1 *manager = SIGHEJ_DBUS_MANAGER1 (self);
  SighejPresence *presence = sighej_core_get_presence (self->core);

  sighej_dbus_manager1_set_state (
      manager, sighej_enum_to_nick (SIGHEJ_TYPE_STATE, (int) sighej_presence_get_state (presence)));
  sighej_dbus_manager1_set_reason (manager,
                                   sighej_reason_to_word (sighej_presence_get_reason (presence)));
  sighej_dbus_manager1_set_open_since (manager, sighej_presence_get_open_since_s (presence));
  sighej_dbus_manager1_set_open_until (manager, sighej_presence_get_open_until_s (presence));
  sighej_dbus_manager1_set_paused_until (manager, sighej_presence_get_paused_until_s (presence));
  sighej_dbus_manager1_set_quiet_hours (manager, sighej_presence_get_quiet_hours (presence));
  sighej_dbus_manager1_set_rotating (manager, sighej_core_get_rotating (self->core));
}

static void
show_radio (SighejExportManager *self)
{
  SighejDBusManager1 *manager = SIGHEJ_DBUS_MANAGER1 (self);
  SighejRadio *radio = sighej_core_get_radio (self->core);
  SighejBluetooth bluetooth = sighej_reason_to_bluetooth (sighej_radio_get_trouble (radio));
  g_autofree char *adapter = sighej_radio_dup_adapter (radio);
  g_auto (GStrv) adapters = sighej_radio_dup_adapters (radio);

  sighej_dbus_manager1_set_bluetooth (manager,
                                      sighej_enum_to_nick (SIGHEJ_TYPE_BLUETOOTH, (int) bluetooth));
  sighej_dbus_manager1_set_privacy (
      manager, sighej_enum_to_nick (SIGHEJ_TYPE_PRIVACY, (int) sighej_radio_get_privacy (radio)));
  sighej_dbus_manager1_set_adapter (manager, adapter);
  sighej_dbus_manager1_set_adapters (manager, (const char *const *) adapters);
}

static void
show_preferences (SighejExportManager *self)
{
  SighejDBusManager1 *manager = SIGHEJ_DBUS_MANAGER1 (self);
  SighejPreferences *preferences = sighej_core_get_preferences (self->core);

  sighej_dbus_manager1_set_interests (manager, sighej_preferences_get_interests (preferences));
  sighej_dbus_manager1_set_language (manager, sighej_preferences_get_language (preferences));
  sighej_dbus_manager1_set_backend_uri (manager, sighej_preferences_get_backend_uri (preferences));
  sighej_dbus_manager1_set_notice_accepted (manager,
                                            sighej_preferences_get_notice_accepted (preferences));
  sighej_dbus_manager1_set_pause_on_lock (manager,
                                          sighej_preferences_get_pause_on_lock (preferences));
  sighej_dbus_manager1_set_notify_nearby (manager,
                                          sighej_preferences_get_notify_nearby (preferences));
}

static void
show_inhibitors (SighejExportManager *self)
{
  SighejInhibitors *inhibitors = sighej_core_get_inhibitors (self->core);

  sighej_dbus_manager1_set_inhibitors (SIGHEJ_DBUS_MANAGER1 (self),
                                       sighej_inhibitors_to_variant (inhibitors));
}

static void
on_closed (SighejPresence *presence, SighejReason reason, SighejExportManager *self)
{
  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (self));
  sighej_dbus_manager1_emit_closed (SIGHEJ_DBUS_MANAGER1 (self), sighej_reason_to_word (reason));
}

static void
follow (SighejExportManager *self, gpointer part, const char *signal, GCallback show)
{
  g_signal_connect_object (part, signal, show, self, G_CONNECT_SWAPPED);
}

SighejExportManager *
sighej_export_manager_new (SighejCore *core, SighejWarden *warden)
{
  SighejExportManager *self = g_object_new (SIGHEJ_TYPE_EXPORT_MANAGER, NULL);
  SighejDBusManager1 *manager = SIGHEJ_DBUS_MANAGER1 (self);
  SighejPresence *presence = sighej_core_get_presence (core);

  self->core = g_object_ref (core);
  g_set_object (&self->warden, warden);
  sighej_dbus_manager1_set_version (manager, SIGHEJ_VERSION);
  sighej_dbus_manager1_set_api_version (manager, SIGHEJ_API_VERSION);
  sighej_dbus_manager1_set_radio (manager, sighej_radio_get_kind (sighej_core_get_radio (core)));
  sighej_dbus_manager1_set_backend (
      manager, sighej_enum_to_nick (SIGHEJ_TYPE_BACKEND_STATE, SIGHEJ_BACKEND_STATE_OFFLINE));
  show_presence (self);
  show_radio (self);
  show_preferences (self);
  show_inhibitors (self);

  follow (self, presence, "changed", G_CALLBACK (show_presence));
  follow (self, sighej_core_get_radio (core), "notify", G_CALLBACK (show_radio));
  follow (self, sighej_core_get_preferences (core), "changed", G_CALLBACK (show_preferences));
  follow (self, sighej_core_get_inhibitors (core), "changed", G_CALLBACK (show_inhibitors));
  g_signal_connect_object (presence, "closed", G_CALLBACK (on_closed), self, G_CONNECT_DEFAULT);
  return self;
}
