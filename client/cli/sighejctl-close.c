/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejctl"

#include "config.h"

#include <glib/gi18n.h>

#include "sighej-error.h"
#include "sighejctl-cmds.h"

static gboolean
is_off (Sighejctl *self, gpointer user_data)
{
  return sighejctl_get_state (self) == SIGHEJ_STATE_OFF;
}

/* A daemon that is not there is off. */
static gboolean
check_present (Sighejctl *self, GError **error)
{
  if (sighej_client_get_present (self->client))
    return TRUE;
  g_set_error_literal (error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_OPEN, _ ("not open to talk"));
  return FALSE;
}

int
sighejctl_close (Sighejctl *self, GError **error)
{
  SighejDBusManager1 *manager = sighej_client_get_manager (self->client);

  if (sighej_client_get_present (self->client)
      && (!sighej_dbus_manager1_call_close_sync (manager, NULL, error)
          || !sighejctl_refresh (self, error)))
    return -1;
  if (self->wait
      && !sighejctl_wait_until (self, is_off, NULL, sighejctl_get_timeout_ms (self), error))
    return -1;
  sighejctl_tell_state (self);
  return SIGHEJCTL_EXIT_DONE;
}

int
sighejctl_cmd_close (Sighejctl *self, GError **error)
{
  return sighejctl_close (self, error);
}

int
sighejctl_cmd_pause (Sighejctl *self, GError **error)
{
  SighejDBusManager1 *manager = sighej_client_get_manager (self->client);
  guint seconds = 0;
  guint64 until;

  if (self->n_arguments > 0 && !sighejctl_parse_duration (self->arguments[0], &seconds, error))
    return -1;
  if (!check_present (self, error)
      || !sighej_dbus_manager1_call_pause_sync (manager, seconds, &until, NULL, error)
      || !sighejctl_refresh (self, error))
    return -1;
  sighejctl_tell_state (self);
  return SIGHEJCTL_EXIT_DONE;
}

int
sighejctl_cmd_resume (Sighejctl *self, GError **error)
{
  SighejDBusManager1 *manager = sighej_client_get_manager (self->client);

  if (!check_present (self, error) || !sighej_dbus_manager1_call_resume_sync (manager, NULL, error)
      || !sighejctl_refresh (self, error))
    return -1;
  sighejctl_tell_state (self);
  return SIGHEJCTL_EXIT_DONE;
}

int
sighejctl_cmd_extend (Sighejctl *self, GError **error)
{
  SighejDBusManager1 *manager = sighej_client_get_manager (self->client);
  guint seconds;
  guint64 until;

  if (!sighejctl_parse_duration (self->arguments[0], &seconds, error))
    return -1;
  if (!check_present (self, error)
      || !sighej_dbus_manager1_call_extend_sync (manager, seconds, &until, NULL, error)
      || !sighejctl_refresh (self, error))
    return -1;
  sighejctl_tell_state (self);
  return SIGHEJCTL_EXIT_DONE;
}
