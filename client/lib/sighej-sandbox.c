/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-sandbox.h"

#include "sighej-names.h"

/* Flatpak says here which program it runs. What that starts outside may inherit the variable. */
#define PROGRAM_VARIABLE "FLATPAK_ID"

gboolean
sighej_sandbox_is_inside (void)
{
  return g_strcmp0 (g_getenv (PROGRAM_VARIABLE), SIGHEJ_CLIENT_NAME) == 0;
}

void
sighej_sandbox_tell (GDBusConnection *connection)
{
  if (sighej_sandbox_is_inside ())
    g_bus_own_name_on_connection (
        connection, SIGHEJ_SANDBOXED_NAME, G_BUS_NAME_OWNER_FLAGS_NONE, NULL, NULL, NULL, NULL);
}
