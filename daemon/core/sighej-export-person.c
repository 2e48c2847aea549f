/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-export-person.h"

#include "sighej-enum-types.h"
#include "sighej-export-meet.h"
#include "sighej-export-nudge.h"
#include "sighej-export-report.h"
#include "sighej-export.h"

struct _SighejExportPerson
{
  GObject parent_instance;

  SighejPerson *person;
  SighejDBusManager1 *manager;
};

G_DEFINE_FINAL_TYPE (SighejExportPerson, sighej_export_person, G_TYPE_OBJECT)

static void
sighej_export_person_init (SighejExportPerson *self)
{
}

static void
sighej_export_person_dispose (GObject *object)
{
  SighejExportPerson *self = SIGHEJ_EXPORT_PERSON (object);

  g_clear_object (&self->manager);
  g_clear_object (&self->person);

  G_OBJECT_CLASS (sighej_export_person_parent_class)->dispose (object);
}

static void
sighej_export_person_class_init (SighejExportPersonClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sighej_export_person_dispose;
}

static gboolean
handle_set_interests (SighejDBusManager1 *manager,
                      GDBusMethodInvocation *invocation,
                      const char *const *interests,
                      SighejExportPerson *self)
{
  GError *error = NULL;

  if (!sighej_preferences_set_interests (
          sighej_core_get_preferences (SIGHEJ_CORE (self->person)), interests, &error))
    sighej_export_return_error (invocation, error);
  else
    sighej_dbus_manager1_complete_set_interests (manager, invocation);

  return TRUE;
}

static gboolean
handle_list_nudges (SighejDBusManager1 *manager,
                    GDBusMethodInvocation *invocation,
                    SighejExportPerson *self)
{
  SighejEncounters *encounters = sighej_person_get_encounters (self->person);
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
handle_list_meets (SighejDBusManager1 *manager,
                   GDBusMethodInvocation *invocation,
                   SighejExportPerson *self)
{
  SighejMeets *meets = sighej_person_get_meets (self->person);
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
  SighejMeets *meets = sighej_person_get_meets (SIGHEJ_PERSON (source));
  const char *code = call->code;
  GError *error = NULL;

  if (!sighej_person_prepare_pairing_finish (SIGHEJ_PERSON (source), result, &error))
    sighej_export_return_error (call->invocation, error);
  else if (code == NULL)
    sighej_meets_create_code_async (meets, on_code_created, g_steal_pointer (&call));
  else
    sighej_meets_pair_by_code_async (meets, code, on_paired, g_steal_pointer (&call));
}

/* @code: (nullable): to use; NULL makes one */
static void
pair (SighejExportPerson *self,
      SighejDBusManager1 *manager,
      GDBusMethodInvocation *invocation,
      const char *code)
{
  PairCall *call = g_new0 (PairCall, 1);

  call->manager = g_object_ref (manager);
  call->invocation = invocation;
  call->code = g_strdup (code);
  sighej_person_prepare_pairing_async (self->person, on_pairing_prepared, call);
}

static gboolean
handle_create_pair_code (SighejDBusManager1 *manager,
                         GDBusMethodInvocation *invocation,
                         SighejExportPerson *self)
{
  pair (self, manager, invocation, NULL);
  return TRUE;
}

static gboolean
handle_pair_by_code (SighejDBusManager1 *manager,
                     GDBusMethodInvocation *invocation,
                     const char *code,
                     SighejExportPerson *self)
{
  pair (self, manager, invocation, code);
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
on_appealed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Call *call = user_data;
  g_autoptr (SighejDBusManager1) manager = call->manager;
  GError *error = NULL;

  if (sighej_meets_appeal_finish (SIGHEJ_MEETS (source), result, &error))
    sighej_dbus_manager1_complete_appeal (manager, call->invocation);
  else
    sighej_export_return_error (call->invocation, error);
}

static gboolean
handle_appeal (SighejDBusManager1 *manager,
               GDBusMethodInvocation *invocation,
               const char *text,
               SighejExportPerson *self)
{
  sighej_meets_appeal_async (
      sighej_person_get_meets (self->person), text, on_appealed, call_new (manager, invocation));
  return TRUE;
}

/* ---- meets that may be over ---- */

static gboolean
handle_avoid_meet (SighejDBusManager1 *manager,
                   GDBusMethodInvocation *invocation,
                   const char *path,
                   gboolean avoid,
                   SighejExportPerson *self)
{
  SighejMeets *meets = sighej_person_get_meets (self->person);
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
  g_autofree Call *call = user_data;
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
                    GVariant *options,
                    SighejExportPerson *self)
{
  g_auto (SighejExportReport) report = { 0 };
  GError *error = NULL;

  if (!sighej_export_report_read (&report, options, TRUE, &error))
    {
      sighej_export_return_error (invocation, error);
      return TRUE;
    }

  sighej_meets_report_async (sighej_person_get_meets (self->person),
                             0,
                             sighej_export_meet_number (path),
                             reason,
                             report.text,
                             report.messages,
                             report.n_messages,
                             on_reported,
                             call_new (manager, invocation));
  return TRUE;
}

/* ---- shown as properties; the skeleton announces only what differs ---- */

static void
show_link (SighejExportPerson *self)
{
  SighejBackendState state = sighej_link_get_state (sighej_person_get_link (self->person));

  sighej_dbus_manager1_set_backend (self->manager,
                                    sighej_enum_to_nick (SIGHEJ_TYPE_BACKEND_STATE, (int) state));
}

static void
show_nearby (SighejExportPerson *self)
{
  sighej_dbus_manager1_set_nearby_count (
      self->manager, sighej_sightings_get_nearby (sighej_person_get_sightings (self->person)));
}

SighejExportPerson *
sighej_export_person_new (SighejPerson *person, SighejDBusManager1 *manager)
{
  static const struct
  {
    const char *signal;
    GCallback handle;
  } handled[] = {
    { "handle-set-interests", G_CALLBACK (handle_set_interests) },
    { "handle-list-nudges", G_CALLBACK (handle_list_nudges) },
    { "handle-list-meets", G_CALLBACK (handle_list_meets) },
    { "handle-create-pair-code", G_CALLBACK (handle_create_pair_code) },
    { "handle-pair-by-code", G_CALLBACK (handle_pair_by_code) },
    { "handle-appeal", G_CALLBACK (handle_appeal) },
    { "handle-avoid-meet", G_CALLBACK (handle_avoid_meet) },
    { "handle-report-meet", G_CALLBACK (handle_report_meet) },
  };
  SighejExportPerson *self = g_object_new (SIGHEJ_TYPE_EXPORT_PERSON, NULL);

  self->person = g_object_ref (person);
  self->manager = g_object_ref (manager);
  for (guint i = 0; i < G_N_ELEMENTS (handled); i++)
    g_signal_connect_object (
        manager, handled[i].signal, handled[i].handle, self, G_CONNECT_DEFAULT);
  g_signal_connect_object (
      sighej_person_get_link (person), "notify", G_CALLBACK (show_link), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (sighej_person_get_sightings (person),
                           "nearby-changed",
                           G_CALLBACK (show_nearby),
                           self,
                           G_CONNECT_SWAPPED);
  show_link (self);
  show_nearby (self);
  return self;
}
