/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejctl"

#include "config.h"

#include <glib/gi18n.h>

#include "sighej-enum-types.h"
#include "sighej-words.h"
#include "sighejctl-cmds.h"

static int
show (Sighejctl *self)
{
  SighejDBusManager1 *manager = sighej_client_get_manager (self->client);
  const char *uri = sighej_dbus_manager1_get_backend_uri (manager);
  const char *state = sighej_dbus_manager1_get_backend (manager);
  GVariantBuilder record;

  if (uri == NULL || *uri == '\0')
    sighejctl_output_say (&self->output, _ ("No backend is chosen.\n"));
  else
    sighejctl_output_say (
        &self->output, "%s (%s)\n", uri, sighej_words_of (SIGHEJ_TYPE_BACKEND_STATE, state));

  g_variant_builder_init (&record, G_VARIANT_TYPE_VARDICT);
  sighejctl_record_add (&record, "uri", g_variant_new_string (uri != NULL ? uri : ""));
  sighejctl_record_add (&record, "state", g_variant_new_string (state != NULL ? state : "offline"));
  sighejctl_output_record (&self->output, g_variant_builder_end (&record));
  return SIGHEJCTL_EXIT_DONE;
}

static int
set (Sighejctl *self, const char *uri, GError **error)
{
  if (!sighejctl_set_property (self, "BackendUri", g_variant_new_string (uri), error))
    return -1;
  return show (self);
}

int
sighejctl_cmd_backend (Sighejctl *self, GError **error)
{
  const char *what = self->n_arguments > 0 ? self->arguments[0] : "show";

  if (g_str_equal (what, "show") && self->n_arguments <= 1)
    return show (self);
  if (g_str_equal (what, "set") && self->n_arguments == 2)
    return set (self, self->arguments[1], error);
  if (g_str_equal (what, "unset") && self->n_arguments == 1)
    return set (self, "", error);
  sighejctl_usage (error, _ ("backend takes show, set URI or unset"));
  return -1;
}
