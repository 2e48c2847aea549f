/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-export.h"

GError *
sighej_export_take_error (GError *error)
{
  SighejError code = SIGHEJ_ERROR_FAILED;
  GError *mapped;

  /* Several codes travel as Failed, and GDBus knows only one code for each name. */
  if (error->domain == SIGHEJ_ERROR)
    code = sighej_error_from_dbus_name (
        sighej_error_get_info ((SighejError) error->code)->dbus_name);

  mapped = g_error_new_literal (SIGHEJ_ERROR, (int) code, error->message);
  g_error_free (error);
  return mapped;
}

void
sighej_export_return_error (GDBusMethodInvocation *invocation, GError *error)
{
  g_dbus_method_invocation_take_error (invocation, sighej_export_take_error (error));
}

void
sighej_export_call (GDBusInterfaceSkeletonClass *generated,
                    GDBusInterfaceSkeleton *skeleton,
                    GDBusMethodInvocation *invocation)
{
  generated->get_vtable (skeleton)->method_call (
      g_dbus_method_invocation_get_connection (invocation),
      g_dbus_method_invocation_get_sender (invocation),
      g_dbus_method_invocation_get_object_path (invocation),
      g_dbus_method_invocation_get_interface_name (invocation),
      g_dbus_method_invocation_get_method_name (invocation),
      g_dbus_method_invocation_get_parameters (invocation),
      invocation,
      skeleton);
}
