/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-export-nudge.h"

#include "sighej-enum-types.h"
#include "sighej-export.h"
#include "sighej-names.h"
#include "sighej-vocabulary.h"

struct _SighejExportNudge
{
  SighejDBusNudge1Skeleton parent_instance;

  SighejEncounters *encounters;
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

  G_OBJECT_CLASS (sighej_export_nudge_parent_class)->dispose (object);
}

static void
sighej_export_nudge_class_init (SighejExportNudgeClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sighej_export_nudge_dispose;
}

static gboolean
handle_not_now (SighejDBusNudge1 *nudge, GDBusMethodInvocation *invocation)
{
  SighejExportNudge *self = SIGHEJ_EXPORT_NUDGE (nudge);
  GError *error = NULL;

  if (!sighej_encounters_dismiss (self->encounters, self->number, &error))
    sighej_export_return_error (invocation, error);
  else
    sighej_dbus_nudge1_complete_not_now (nudge, invocation);

  return TRUE;
}

static void
nudge_iface_init (SighejDBusNudge1Iface *iface)
{
  iface->handle_not_now = handle_not_now;
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

SighejExportNudge *
sighej_export_nudge_new (SighejEncounters *encounters, const SighejNudge *nudge)
{
  SighejExportNudge *self = g_object_new (SIGHEJ_TYPE_EXPORT_NUDGE, NULL);
  SighejDBusNudge1 *skeleton = SIGHEJ_DBUS_NUDGE1 (self);
  const char *const *shared = (const char *const *) nudge->shared_interests;
  g_auto (GStrv) categories = categories_of (shared);

  self->encounters = g_object_ref (encounters);
  self->number = nudge->number;
  sighej_dbus_nudge1_set_shared_interests (skeleton, shared);
  sighej_dbus_nudge1_set_categories (skeleton, (const char *const *) categories);
  sighej_dbus_nudge1_set_message (skeleton, nudge->message);
  sighej_dbus_nudge1_set_created (skeleton, nudge->created_s);
  sighej_dbus_nudge1_set_expires (skeleton, nudge->expires_s);
  sighej_export_nudge_show (self, nudge);
  return self;
}

void
sighej_export_nudge_show (SighejExportNudge *self, const SighejNudge *nudge)
{
  SighejDBusNudge1 *skeleton = SIGHEJ_DBUS_NUDGE1 (self);

  sighej_dbus_nudge1_set_state (skeleton,
                                sighej_enum_to_nick (SIGHEJ_TYPE_NUDGE_STATE, (int) nudge->state));
  sighej_dbus_nudge1_set_band (skeleton, sighej_enum_to_nick (SIGHEJ_TYPE_BAND, (int) nudge->band));
}

char *
sighej_export_nudge_dup_path (const SighejNudge *nudge)
{
  return g_strdup_printf (SIGHEJ_NUDGE_PATH_PREFIX "%" G_GUINT64_FORMAT, nudge->number);
}
