/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-export-nudge.h"

#include "sighej-enum-types.h"
#include "sighej-export-meet.h"
#include "sighej-export-report.h"
#include "sighej-export.h"
#include "sighej-names.h"
#include "sighej-vocabulary.h"

struct _SighejExportNudge
{
  SighejDBusNudge1Skeleton parent_instance;

  SighejEncounters *encounters;
  SighejMeets *meets;
  guint64 number;
};

static void nudge_iface_init (SighejDBusNudge1Iface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SighejExportNudge,
                               sighej_export_nudge,
                               SIGHEJ_DBUS_TYPE_NUDGE1_SKELETON,
                               G_IMPLEMENT_INTERFACE (SIGHEJ_DBUS_TYPE_NUDGE1, nudge_iface_init))

static void
sighej_export_nudge_init (SighejExportNudge *self)
{
}

static void
sighej_export_nudge_dispose (GObject *object)
{
  SighejExportNudge *self = SIGHEJ_EXPORT_NUDGE (object);

  g_clear_object (&self->encounters);
  g_clear_object (&self->meets);

  G_OBJECT_CLASS (sighej_export_nudge_parent_class)->dispose (object);
}

static void
sighej_export_nudge_class_init (SighejExportNudgeClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sighej_export_nudge_dispose;
}

typedef struct
{
  SighejDBusNudge1 *nudge;
  GDBusMethodInvocation *invocation;
} Call;

static Call *
call_new (SighejDBusNudge1 *nudge, GDBusMethodInvocation *invocation)
{
  Call *call = g_new0 (Call, 1);

  call->nudge = g_object_ref (nudge);
  call->invocation = invocation;
  return call;
}

static void
on_waved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Call *call = user_data;
  g_autoptr (SighejDBusNudge1) nudge = call->nudge;
  GError *error = NULL;

  if (!sighej_meets_act_finish (SIGHEJ_MEETS (source), result, &error))
    sighej_export_return_error (call->invocation, error);
  else
    sighej_dbus_nudge1_complete_wave (nudge, call->invocation);
}

static gboolean
handle_wave (SighejDBusNudge1 *nudge, GDBusMethodInvocation *invocation)
{
  SighejExportNudge *self = SIGHEJ_EXPORT_NUDGE (nudge);

  sighej_meets_wave_async (self->meets, self->number, on_waved, call_new (nudge, invocation));
  return TRUE;
}

static gboolean
handle_not_now (SighejDBusNudge1 *nudge, GDBusMethodInvocation *invocation)
{
  SighejExportNudge *self = SIGHEJ_EXPORT_NUDGE (nudge);
  GError *error = NULL;

  if (!sighej_meets_not_now (self->meets, self->number, &error))
    sighej_export_return_error (invocation, error);
  else
    sighej_dbus_nudge1_complete_not_now (nudge, invocation);

  return TRUE;
}

static gboolean
handle_block (SighejDBusNudge1 *nudge, GDBusMethodInvocation *invocation)
{
  SighejExportNudge *self = SIGHEJ_EXPORT_NUDGE (nudge);
  GError *error = NULL;

  if (!sighej_meets_block_nudge (self->meets, self->number, &error))
    sighej_export_return_error (invocation, error);
  else
    sighej_dbus_nudge1_complete_block (nudge, invocation);

  return TRUE;
}

static void
on_reported (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Call *call = user_data;
  g_autoptr (SighejDBusNudge1) nudge = call->nudge;
  g_autofree char *receipt = NULL;
  GError *error = NULL;

  receipt = sighej_meets_report_finish (SIGHEJ_MEETS (source), result, &error);
  if (receipt == NULL)
    sighej_export_return_error (call->invocation, error);
  else
    sighej_dbus_nudge1_complete_report (nudge, call->invocation, receipt);
}

static gboolean
handle_report (SighejDBusNudge1 *nudge,
               GDBusMethodInvocation *invocation,
               const char *reason,
               GVariant *options)
{
  SighejExportNudge *self = SIGHEJ_EXPORT_NUDGE (nudge);
  g_auto (SighejExportReport) report = { 0 };
  GError *error = NULL;

  if (!sighej_export_report_read (&report, options, FALSE, &error))
    sighej_export_return_error (invocation, error);
  else
    sighej_meets_report_async (self->meets,
                               self->number,
                               0,
                               reason,
                               report.text,
                               NULL,
                               0,
                               on_reported,
                               call_new (nudge, invocation));
  return TRUE;
}

static void
nudge_iface_init (SighejDBusNudge1Iface *iface)
{
  iface->handle_wave = handle_wave;
  iface->handle_not_now = handle_not_now;
  iface->handle_block = handle_block;
  iface->handle_report = handle_report;
}

static GStrv
categories_of (const char *const *interests)
{
  SighejVocabulary *vocabulary = sighej_vocabulary_get_default ();
  g_autoptr (GPtrArray) categories = g_ptr_array_new ();

  for (guint i = 0; interests[i] != NULL; i++)
    {
      g_autofree char *id = sighej_vocabulary_resolve (vocabulary, interests[i], NULL);
      const char *category = id == NULL ? SIGHEJ_VOCABULARY_CATEGORY_OTHER
                                        : sighej_vocabulary_get_category (vocabulary, id);

      if (!g_ptr_array_find_with_equal_func (categories, category, g_str_equal, NULL))
        g_ptr_array_add (categories, (gpointer) category);
    }

  g_ptr_array_add (categories, NULL);
  return g_strdupv ((char **) categories->pdata);
}

/* A client has told the person, and wrote that. */
static void
on_announced (SighejExportNudge *self)
{
  sighej_encounters_set_announced (
      self->encounters, self->number, sighej_dbus_nudge1_get_announced (SIGHEJ_DBUS_NUDGE1 (self)));
}

SighejExportNudge *
sighej_export_nudge_new (SighejEncounters *encounters, SighejMeets *meets, const SighejNudge *nudge)
{
  SighejExportNudge *self = g_object_new (SIGHEJ_TYPE_EXPORT_NUDGE, NULL);
  SighejDBusNudge1 *skeleton = SIGHEJ_DBUS_NUDGE1 (self);
  const char *const *shared = (const char *const *) nudge->shared_interests;
  g_auto (GStrv) categories = categories_of (shared);

  self->encounters = g_object_ref (encounters);
  self->meets = g_object_ref (meets);
  self->number = nudge->number;
  sighej_dbus_nudge1_set_shared_interests (skeleton, shared);
  sighej_dbus_nudge1_set_categories (skeleton, (const char *const *) categories);
  sighej_dbus_nudge1_set_message (skeleton, nudge->message);
  sighej_dbus_nudge1_set_created (skeleton, nudge->created_s);
  sighej_dbus_nudge1_set_expires (skeleton, nudge->expires_s);
  sighej_export_nudge_show (self, nudge);
  g_signal_connect (self, "notify::announced", G_CALLBACK (on_announced), NULL);
  return self;
}

void
sighej_export_nudge_show (SighejExportNudge *self, const SighejNudge *nudge)
{
  SighejDBusNudge1 *skeleton = SIGHEJ_DBUS_NUDGE1 (self);
  const SighejMeet *meet = nudge->state == SIGHEJ_NUDGE_STATE_MUTUAL
                               ? sighej_meets_get_of_nudge (self->meets, nudge->number)
                               : NULL;
  g_autofree char *path = meet != NULL ? sighej_export_meet_dup_path (meet->number) : NULL;

  sighej_dbus_nudge1_set_state (skeleton,
                                sighej_enum_to_nick (SIGHEJ_TYPE_NUDGE_STATE, (int) nudge->state));
  sighej_dbus_nudge1_set_band (skeleton, sighej_enum_to_nick (SIGHEJ_TYPE_BAND, (int) nudge->band));
  sighej_dbus_nudge1_set_meet (skeleton, path != NULL ? path : "/");
  sighej_dbus_nudge1_set_announced (skeleton, nudge->announced);
}

char *
sighej_export_nudge_dup_path (const SighejNudge *nudge)
{
  return g_strdup_printf (SIGHEJ_NUDGE_PATH_PREFIX "%" G_GUINT64_FORMAT, nudge->number);
}
