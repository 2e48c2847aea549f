/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-export-diagnostics.h"

#include "sighej-export.h"
#include "sighej-log.h"

struct _SighejExportDiagnostics
{
  SighejDBusDiagnostics1Skeleton parent_instance;

  SighejCore *core;
};

static void diagnostics_iface_init (SighejDBusDiagnostics1Iface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SighejExportDiagnostics,
                               sighej_export_diagnostics,
                               SIGHEJ_DBUS_TYPE_DIAGNOSTICS1_SKELETON,
                               G_IMPLEMENT_INTERFACE (SIGHEJ_DBUS_TYPE_DIAGNOSTICS1,
                                                      diagnostics_iface_init))

static void
sighej_export_diagnostics_init (SighejExportDiagnostics *self)
{
}

static void
sighej_export_diagnostics_dispose (GObject *object)
{
  SighejExportDiagnostics *self = SIGHEJ_EXPORT_DIAGNOSTICS (object);

  g_clear_object (&self->core);

  G_OBJECT_CLASS (sighej_export_diagnostics_parent_class)->dispose (object);
}

static void
sighej_export_diagnostics_class_init (SighejExportDiagnosticsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sighej_export_diagnostics_dispose;
}

static gboolean
handle_check (SighejDBusDiagnostics1 *diagnostics, GDBusMethodInvocation *invocation)
{
  SighejCore *core = SIGHEJ_EXPORT_DIAGNOSTICS (diagnostics)->core;
  g_autoptr (GPtrArray) results = sighej_core_check (core);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(ssss)"));
  for (guint i = 0; i < results->len; i++)
    {
      SighejCheckResult *result = g_ptr_array_index (results, i);

      g_variant_builder_add (
          &builder, "(ssss)", result->id, result->level, result->text, result->next);
    }
  sighej_dbus_diagnostics1_complete_check (
      diagnostics, invocation, g_variant_builder_end (&builder));
  return TRUE;
}

static gboolean
handle_get_counters (SighejDBusDiagnostics1 *diagnostics, GDBusMethodInvocation *invocation)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{st}"));
  sighej_core_count (SIGHEJ_EXPORT_DIAGNOSTICS (diagnostics)->core, &builder);
  sighej_dbus_diagnostics1_complete_get_counters (
      diagnostics, invocation, g_variant_builder_end (&builder));
  return TRUE;
}

static gboolean
handle_set_log_level (SighejDBusDiagnostics1 *diagnostics,
                      GDBusMethodInvocation *invocation,
                      const char *level)
{
  if (sighej_log_set_level (level))
    sighej_dbus_diagnostics1_complete_set_log_level (diagnostics, invocation);
  else
    sighej_export_return_error (
        invocation,
        g_error_new_literal (SIGHEJ_ERROR,
                             SIGHEJ_ERROR_FAILED,
                             "the level must be error, warning, message, info or debug"));

  return TRUE;
}

static void
diagnostics_iface_init (SighejDBusDiagnostics1Iface *iface)
{
  iface->handle_check = handle_check;
  iface->handle_get_counters = handle_get_counters;
  iface->handle_set_log_level = handle_set_log_level;
}

SighejExportDiagnostics *
sighej_export_diagnostics_new (SighejCore *core)
{
  SighejExportDiagnostics *self = g_object_new (SIGHEJ_TYPE_EXPORT_DIAGNOSTICS, NULL);

  self->core = g_object_ref (core);
  return self;
}
