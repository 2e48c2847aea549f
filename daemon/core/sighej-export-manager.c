/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-export-manager.h"

#include <gio/gunixfdlist.h>

#include "sighej-enum-types.h"
#include "sighej-export-meet.h"
#include "sighej-export-nudge.h"
#include "sighej-export-report.h"
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
  if (!sighej_preferences_set_backend_uri (
          sighej_core_get_preferences (core), g_variant_get_string (value, NULL), error))
    return FALSE;

  /* Another one begins at once anyway; the same one is asked for again. */
  sighej_link_try_now (sighej_core_get_link (core));
  return TRUE;
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
} CloseData;

static void
on_closed_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree CloseData *data = user_data;
  g_autoptr (SighejDBusManager1) manager = data->manager;

  sighej_core_close_finish (SIGHEJ_CORE (source), result);
  sighej_dbus_manager1_complete_close (manager, data->invocation);
}

static gboolean
handle_close (SighejDBusManager1 *manager, GDBusMethodInvocation *invocation)
{
  CloseData *data = g_new0 (CloseData, 1);

  data->manager = g_object_ref (manager);
  data->invocation = invocation;
  sighej_core_close_async (SIGHEJ_EXPORT_MANAGER (manager)->core, on_closed_answer, data);
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

static gboolean
handle_set_interests (SighejDBusManager1 *manager,
                      GDBusMethodInvocation *invocation,
                      const char *const *interests)
{
  SighejCore *core = SIGHEJ_EXPORT_MANAGER (manager)->core;
  GError *error = NULL;

  if (!sighej_preferences_set_interests (sighej_core_get_preferences (core), interests, &error))
    sighej_export_return_error (invocation, error);
  else
    sighej_dbus_manager1_complete_set_interests (manager, invocation);

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
handle_list_nudges (SighejDBusManager1 *manager, GDBusMethodInvocation *invocation)
{
  SighejEncounters *encounters = sighej_core_get_encounters (SIGHEJ_EXPORT_MANAGER (manager)->core);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(ossast)"));
  for (guint i = 0; i < sighej_encounters_get_n_live (encounters); i++)
    {
      const SighejNudge *nudge = sighej_encounters_get_nth (encounters, i);
      g_autofree char *path = sighej_export_nudge_dup_path (nudge);

      g_variant_builder_add (&builder,
                             "(oss^ast)",
                             path,
                             sighej_enum_to_nick (SIGHEJ_TYPE_NUDGE_STATE, (int) nudge->state),
                             sighej_enum_to_nick (SIGHEJ_TYPE_BAND, (int) nudge->band),
                             nudge->shared_interests,
                             nudge->expires_s);
    }
  sighej_dbus_manager1_complete_list_nudges (manager, invocation, g_variant_builder_end (&builder));
  return TRUE;
}

static gboolean
handle_list_meets (SighejDBusManager1 *manager, GDBusMethodInvocation *invocation)
{
  SighejMeets *meets = sighej_core_get_meets (SIGHEJ_EXPORT_MANAGER (manager)->core);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(osst)"));
  for (guint i = 0; i < sighej_meets_get_n_live (meets); i++)
    {
      const SighejMeet *meet = sighej_meets_get_nth (meets, i);
      g_autofree char *path = sighej_export_meet_dup_path (meet->number);

      g_variant_builder_add (&builder,
                             "(osst)",
                             path,
                             sighej_enum_to_nick (SIGHEJ_TYPE_MEET_STATE, (int) meet->state),
                             meet->cue,
                             meet->expires_s);
    }
  sighej_dbus_manager1_complete_list_meets (manager, invocation, g_variant_builder_end (&builder));
  return TRUE;
}

typedef struct
{
  SighejDBusManager1 *manager;
  GDBusMethodInvocation *invocation;
  char *code; /* to use; NULL: one is to be made */
} PairCall;

static void
pair_call_free (PairCall *call)
{
  g_object_unref (call->manager);
  g_free (call->code);
  g_free (call);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PairCall, pair_call_free)

static void
on_code_created (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PairCall) call = user_data;
  g_autofree char *code = NULL;
  g_autofree char *link = NULL;
  GError *error = NULL;
  guint64 expires_s;

  if (!sighej_meets_create_code_finish (
          SIGHEJ_MEETS (source), result, &code, &link, &expires_s, &error))
    sighej_export_return_error (call->invocation, error);
  else
    sighej_dbus_manager1_complete_create_pair_code (
        call->manager, call->invocation, code, link, expires_s);
}

static void
on_paired (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PairCall) call = user_data;
  g_autofree char *path = NULL;
  GError *error = NULL;
  guint64 number = sighej_meets_pair_by_code_finish (SIGHEJ_MEETS (source), result, &error);

  if (number == 0)
    {
      sighej_export_return_error (call->invocation, error);
      return;
    }
  path = sighej_export_meet_dup_path (number);
  sighej_dbus_manager1_complete_pair_by_code (call->manager, call->invocation, path);
}

static void
on_pairing_prepared (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (PairCall) call = user_data;
  SighejMeets *meets = sighej_core_get_meets (SIGHEJ_CORE (source));
  const char *code = call->code;
  GError *error = NULL;

  if (!sighej_core_prepare_pairing_finish (SIGHEJ_CORE (source), result, &error))
    sighej_export_return_error (call->invocation, error);
  else if (code == NULL)
    sighej_meets_create_code_async (meets, on_code_created, g_steal_pointer (&call));
  else
    sighej_meets_pair_by_code_async (meets, code, on_paired, g_steal_pointer (&call));
}

/* @code: (nullable): to use; NULL makes one */
static void
pair (SighejDBusManager1 *manager, GDBusMethodInvocation *invocation, const char *code)
{
  PairCall *call = g_new0 (PairCall, 1);

  call->manager = g_object_ref (manager);
  call->invocation = invocation;
  call->code = g_strdup (code);
  sighej_core_prepare_pairing_async (
      SIGHEJ_EXPORT_MANAGER (manager)->core, on_pairing_prepared, call);
}

static gboolean
handle_create_pair_code (SighejDBusManager1 *manager, GDBusMethodInvocation *invocation)
{
  pair (manager, invocation, NULL);
  return TRUE;
}

static gboolean
handle_pair_by_code (SighejDBusManager1 *manager,
                     GDBusMethodInvocation *invocation,
                     const char *code)
{
  pair (manager, invocation, code);
  return TRUE;
}

typedef struct
{
  SighejDBusManager1 *manager;
  GDBusMethodInvocation *invocation;
} AppealCall;

static void
on_appealed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree AppealCall *call = user_data;
  g_autoptr (SighejDBusManager1) manager = call->manager;
  GError *error = NULL;

  if (sighej_meets_appeal_finish (SIGHEJ_MEETS (source), result, &error))
    sighej_dbus_manager1_complete_appeal (manager, call->invocation);
  else
    sighej_export_return_error (call->invocation, error);
}

static gboolean
handle_appeal (SighejDBusManager1 *manager, GDBusMethodInvocation *invocation, const char *text)
{
  AppealCall *call = g_new0 (AppealCall, 1);

  call->manager = g_object_ref (manager);
  call->invocation = invocation;
  sighej_meets_appeal_async (
      sighej_core_get_meets (SIGHEJ_EXPORT_MANAGER (manager)->core), text, on_appealed, call);
  return TRUE;
}

/* ---- meets that may be over ---- */

static gboolean
handle_avoid_meet (SighejDBusManager1 *manager,
                   GDBusMethodInvocation *invocation,
                   const char *path,
                   gboolean avoid)
{
  SighejMeets *meets = sighej_core_get_meets (SIGHEJ_EXPORT_MANAGER (manager)->core);
  GError *error = NULL;

  if (sighej_meets_avoid_in_future (meets, sighej_export_meet_number (path), avoid, &error))
    sighej_dbus_manager1_complete_avoid_meet (manager, invocation);
  else
    sighej_export_return_error (invocation, error);
  return TRUE;
}

static void
on_reported (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree AppealCall *call = user_data;
  g_autoptr (SighejDBusManager1) manager = call->manager;
  g_autofree char *receipt = NULL;
  GError *error = NULL;

  receipt = sighej_meets_report_finish (SIGHEJ_MEETS (source), result, &error);
  if (receipt != NULL)
    sighej_dbus_manager1_complete_report_meet (manager, call->invocation, receipt);
  else
    sighej_export_return_error (call->invocation, error);
}

static gboolean
handle_report_meet (SighejDBusManager1 *manager,
                    GDBusMethodInvocation *invocation,
                    const char *path,
                    const char *reason,
                    GVariant *options)
{
  g_auto (SighejExportReport) report = { 0 };
  GError *error = NULL;
  AppealCall *call;

  if (!sighej_export_report_read (&report, options, TRUE, &error))
    {
      sighej_export_return_error (invocation, error);
      return TRUE;
    }

  call = g_new0 (AppealCall, 1);
  call->manager = g_object_ref (manager);
  call->invocation = invocation;
  sighej_meets_report_async (sighej_core_get_meets (SIGHEJ_EXPORT_MANAGER (manager)->core),
                             0,
                             sighej_export_meet_number (path),
                             reason,
                             report.text,
                             report.messages,
                             report.n_messages,
                             on_reported,
                             call);
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
manager_iface_init (SighejDBusManager1Iface *iface)
{
  iface->handle_open = handle_open;
  iface->handle_close = handle_close;
  iface->handle_pause = handle_pause;
  iface->handle_resume = handle_resume;
  iface->handle_extend = handle_extend;
  iface->handle_set_interests = handle_set_interests;
  iface->handle_search_interests = handle_search_interests;
  iface->handle_list_nudges = handle_list_nudges;
  iface->handle_list_meets = handle_list_meets;
  iface->handle_create_pair_code = handle_create_pair_code;
  iface->handle_pair_by_code = handle_pair_by_code;
  iface->handle_appeal = handle_appeal;
  iface->handle_avoid_meet = handle_avoid_meet;
  iface->handle_report_meet = handle_report_meet;
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
show_link (SighejExportManager *self)
{
  SighejBackendState state = sighej_link_get_state (sighej_core_get_link (self->core));

  sighej_dbus_manager1_set_backend (SIGHEJ_DBUS_MANAGER1 (self),
                                    sighej_enum_to_nick (SIGHEJ_TYPE_BACKEND_STATE, (int) state));
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
show_nearby (SighejExportManager *self)
{
  sighej_dbus_manager1_set_nearby_count (
      SIGHEJ_DBUS_MANAGER1 (self),
      sighej_sightings_get_nearby (sighej_core_get_sightings (self->core)));
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
  show_presence (self);
  show_radio (self);
  show_link (self);
  show_preferences (self);
  show_inhibitors (self);
  show_nearby (self);

  follow (self, presence, "changed", G_CALLBACK (show_presence));
  follow (self, sighej_core_get_radio (core), "notify", G_CALLBACK (show_radio));
  follow (self, sighej_core_get_link (core), "notify", G_CALLBACK (show_link));
  follow (self, sighej_core_get_preferences (core), "changed", G_CALLBACK (show_preferences));
  follow (self, sighej_core_get_inhibitors (core), "changed", G_CALLBACK (show_inhibitors));
  follow (self, sighej_core_get_sightings (core), "nearby-changed", G_CALLBACK (show_nearby));
  g_signal_connect_object (presence, "closed", G_CALLBACK (on_closed), self, G_CONNECT_DEFAULT);
  return self;
}
