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
  SighejWarden *warden; /* NULL: the bus belongs to one person */
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
  g_clear_object (&self->warden);

  G_OBJECT_CLASS (sighej_export_diagnostics_parent_class)->dispose (object);
}

/* ---- the way of a call: by the warden, if there is one ---- */

static void
run_call (gpointer object, GDBusMethodInvocation *invocation)
{
  sighej_export_call (
      G_DBUS_INTERFACE_SKELETON_CLASS (sighej_export_diagnostics_parent_class), object, invocation);
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
  SighejExportDiagnostics *self = SIGHEJ_EXPORT_DIAGNOSTICS (user_data);

  if (self->warden == NULL)
    run_call (self, invocation);
  else
    sighej_warden_admit (self->warden, invocation, run_call, self);
}

static GDBusInterfaceVTable *
sighej_export_diagnostics_get_vtable (GDBusInterfaceSkeleton *skeleton)
{
  static GDBusInterfaceVTable vtable;

  vtable = *G_DBUS_INTERFACE_SKELETON_CLASS (sighej_export_diagnostics_parent_class)
                ->get_vtable (skeleton);
  vtable.method_call = method_call;
  return &vtable;
}

static void
sighej_export_diagnostics_class_init (SighejExportDiagnosticsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sighej_export_diagnostics_dispose;
  G_DBUS_INTERFACE_SKELETON_CLASS (klass)->get_vtable = sighej_export_diagnostics_get_vtable;
}

/* ---- methods ---- */

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
  if (sighej_core_set_log_level (SIGHEJ_EXPORT_DIAGNOSTICS (diagnostics)->core, level))
    sighej_dbus_diagnostics1_complete_set_log_level (diagnostics, invocation);
  else
    sighej_export_return_error (
        invocation,
        g_error_new_literal (SIGHEJ_ERROR,
                             SIGHEJ_ERROR_FAILED,
                             "the level must be error, warning, message, info or debug"));

  return TRUE;
}

/* ---- calibration ---- */

static SighejCalibrator *
get_calibrator (SighejDBusDiagnostics1 *diagnostics)
{
  return sighej_core_get_calibrator (SIGHEJ_EXPORT_DIAGNOSTICS (diagnostics)->core);
}

static gboolean
parse_what (const char *what, SighejAdjustmentKind *kind, GError **error)
{
  if (g_str_equal (what, "receive"))
    *kind = SIGHEJ_ADJUSTMENT_RECEIVE;
  else if (g_str_equal (what, "transmit"))
    *kind = SIGHEJ_ADJUSTMENT_TRANSMIT;
  else
    {
      g_set_error_literal (error,
                           SIGHEJ_ERROR,
                           SIGHEJ_ERROR_INVALID_REQUEST,
                           "what is calibrated must be receive or transmit");
      return FALSE;
    }

  return TRUE;
}

static void
show_progress (SighejExportDiagnostics *self)
{
  guint elapsed_s;
  guint limit_s;
  guint n_samples;

  sighej_calibrator_get_progress (
      sighej_core_get_calibrator (self->core), &elapsed_s, &limit_s, &n_samples);
  sighej_dbus_diagnostics1_set_calibration_progress (
      SIGHEJ_DBUS_DIAGNOSTICS1 (self), g_variant_new ("(uuu)", elapsed_s, limit_s, n_samples));
}

/**
 * Calibrating:
 * @watch_id: of the caller's name; 0 when its call did not start the measurement
 *
 * One call of Calibrate.
 */
typedef struct
{
  SighejExportDiagnostics *diagnostics;
  GDBusMethodInvocation *invocation;
  guint watch_id;
} Calibrating;

static void
on_caller_vanished (GDBusConnection *bus, const char *name, gpointer user_data)
{
  Calibrating *call = user_data;

  sighej_calibrator_cancel (sighej_core_get_calibrator (call->diagnostics->core));
}

static void
on_measured (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Calibrating *call = user_data;
  g_autoptr (SighejExportDiagnostics) self = call->diagnostics;
  SighejMeasurement measurement;
  GError *error = NULL;

  g_clear_handle_id (&call->watch_id, g_bus_unwatch_name);
  if (!sighej_calibrator_measure_finish (SIGHEJ_CALIBRATOR (source), result, &measurement, &error))
    sighej_export_return_error (call->invocation, error);
  else
    sighej_dbus_diagnostics1_complete_calibrate (SIGHEJ_DBUS_DIAGNOSTICS1 (self),
                                                 call->invocation,
                                                 measurement.value,
                                                 measurement.median_dbm,
                                                 measurement.n_samples,
                                                 measurement.spread_db);
}

static void
calibrate (SighejExportDiagnostics *self,
           GDBusMethodInvocation *invocation,
           SighejAdjustmentKind kind,
           guint seconds)
{
  SighejCalibrator *calibrator = sighej_core_get_calibrator (self->core);
  gboolean was_measuring = sighej_calibrator_is_measuring (calibrator);
  Calibrating *call = g_new0 (Calibrating, 1);

  call->diagnostics = g_object_ref (self);
  call->invocation = invocation;
  sighej_calibrator_measure_async (calibrator, kind, seconds, on_measured, call);
  if (!was_measuring && sighej_calibrator_is_measuring (calibrator))
    call->watch_id
        = g_bus_watch_name_on_connection (g_dbus_method_invocation_get_connection (invocation),
                                          g_dbus_method_invocation_get_sender (invocation),
                                          G_BUS_NAME_WATCHER_FLAGS_NONE,
                                          NULL,
                                          on_caller_vanished,
                                          call,
                                          NULL);
}

static gboolean
handle_calibrate (SighejDBusDiagnostics1 *diagnostics,
                  GDBusMethodInvocation *invocation,
                  const char *what,
                  guint seconds)
{
  SighejAdjustmentKind kind;
  GError *error = NULL;

  if (parse_what (what, &kind, &error))
    calibrate (SIGHEJ_EXPORT_DIAGNOSTICS (diagnostics), invocation, kind, seconds);
  else
    sighej_export_return_error (invocation, error);

  return TRUE;
}

static gboolean
handle_set_calibration (SighejDBusDiagnostics1 *diagnostics,
                        GDBusMethodInvocation *invocation,
                        const char *what,
                        int value)
{
  SighejAdjustmentKind kind;
  GError *error = NULL;

  if (parse_what (what, &kind, &error)
      && sighej_calibrator_set (get_calibrator (diagnostics), kind, value, &error))
    sighej_dbus_diagnostics1_complete_set_calibration (diagnostics, invocation);
  else
    sighej_export_return_error (invocation, error);

  return TRUE;
}

/* One call of GetCalibration. */
typedef struct
{
  SighejDBusDiagnostics1 *diagnostics;
  GDBusMethodInvocation *invocation;
  SighejAdjustmentKind kind;
} Asking;

static void
on_adapter_known (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Asking *call = user_data;
  g_autoptr (SighejDBusDiagnostics1) diagnostics = call->diagnostics;
  SighejCalibrator *calibrator = SIGHEJ_CALIBRATOR (source);
  SighejAdjustmentInUse in_use;
  GError *error = NULL;

  if (!sighej_calibrator_await_adapter_finish (calibrator, result, &error))
    {
      sighej_export_return_error (call->invocation, error);
      return;
    }

  sighej_calibrator_get (calibrator, call->kind, &in_use);
  sighej_dbus_diagnostics1_complete_get_calibration (
      diagnostics, call->invocation, in_use.value, in_use.origin, (guint64) in_use.since_s);
}

static gboolean
handle_get_calibration (SighejDBusDiagnostics1 *diagnostics,
                        GDBusMethodInvocation *invocation,
                        const char *what)
{
  SighejAdjustmentKind kind;
  GError *error = NULL;
  Asking *call;

  if (!parse_what (what, &kind, &error))
    {
      sighej_export_return_error (invocation, error);
      return TRUE;
    }

  call = g_new0 (Asking, 1);
  call->diagnostics = g_object_ref (diagnostics);
  call->invocation = invocation;
  call->kind = kind;
  sighej_calibrator_await_adapter_async (get_calibrator (diagnostics), on_adapter_known, call);
  return TRUE;
}

static gboolean
handle_reset_calibration (SighejDBusDiagnostics1 *diagnostics, GDBusMethodInvocation *invocation)
{
  GError *error = NULL;

  if (sighej_calibrator_reset (get_calibrator (diagnostics), &error))
    sighej_dbus_diagnostics1_complete_reset_calibration (diagnostics, invocation);
  else
    sighej_export_return_error (invocation, error);

  return TRUE;
}

static void
diagnostics_iface_init (SighejDBusDiagnostics1Iface *iface)
{
  iface->handle_check = handle_check;
  iface->handle_get_counters = handle_get_counters;
  iface->handle_set_log_level = handle_set_log_level;
  iface->handle_calibrate = handle_calibrate;
  iface->handle_set_calibration = handle_set_calibration;
  iface->handle_get_calibration = handle_get_calibration;
  iface->handle_reset_calibration = handle_reset_calibration;
}

SighejExportDiagnostics *
sighej_export_diagnostics_new (SighejCore *core, SighejWarden *warden)
{
  SighejExportDiagnostics *self = g_object_new (SIGHEJ_TYPE_EXPORT_DIAGNOSTICS, NULL);

  self->core = g_object_ref (core);
  g_set_object (&self->warden, warden);
  show_progress (self);
  g_signal_connect_object (sighej_core_get_calibrator (core),
                           "progress",
                           G_CALLBACK (show_progress),
                           self,
                           G_CONNECT_SWAPPED);
  return self;
}
