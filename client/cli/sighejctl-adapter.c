/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejctl"

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "sighej-error.h"
#include "sighejctl-cmds.h"

#define NO_ADAPTER "/"

static const char *
get_used (Sighejctl *self)
{
  const char *path = sighej_dbus_manager1_get_adapter (sighej_client_get_manager (self->client));

  return path != NULL ? path : NO_ADAPTER;
}

static const char *const *
get_all (Sighejctl *self)
{
  static const char *const none[] = { NULL };
  const char *const *paths
      = sighej_dbus_manager1_get_adapters (sighej_client_get_manager (self->client));

  return paths != NULL ? paths : none;
}

/* "/org/bluez/hci0" -> "hci0", "/" -> "". */
static const char *
name_of (const char *path)
{
  return strrchr (path, '/') + 1;
}

static GVariant *
adapter_record (const char *path, gboolean used)
{
  GVariantBuilder record;

  g_variant_builder_init (&record, G_VARIANT_TYPE_VARDICT);
  sighejctl_record_add (&record, "name", g_variant_new_string (name_of (path)));
  sighejctl_record_add (&record, "path", g_variant_new_string (path));
  sighejctl_record_add (&record, "used", g_variant_new_boolean (used));
  return g_variant_builder_end (&record);
}

static int
list (Sighejctl *self)
{
  const char *const *paths = get_all (self);
  GVariantBuilder records;

  g_variant_builder_init (&records, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; paths[i] != NULL; i++)
    {
      gboolean used = g_str_equal (paths[i], get_used (self));

      sighejctl_output_say (
          &self->output, "%s%s\n", name_of (paths[i]), used ? _ ("  in use") : "");
      g_variant_builder_add_value (&records, adapter_record (paths[i], used));
    }
  if (paths[0] == NULL)
    sighejctl_output_say (&self->output, _ ("There is no Bluetooth adapter.\n"));
  sighejctl_output_list (&self->output, "adapters", g_variant_builder_end (&records));
  return SIGHEJCTL_EXIT_DONE;
}

static int
show (Sighejctl *self)
{
  const char *path = get_used (self);
  gboolean used = !g_str_equal (path, NO_ADAPTER);

  sighejctl_output_say (&self->output, "%s\n", used ? name_of (path) : _ ("No adapter is in use."));
  sighejctl_output_record (&self->output, adapter_record (path, used));
  return SIGHEJCTL_EXIT_DONE;
}

static const char *
find (Sighejctl *self, const char *name, GError **error)
{
  const char *const *paths = get_all (self);

  if (g_str_equal (name, "auto"))
    return NO_ADAPTER;
  for (guint i = 0; paths[i] != NULL; i++)
    if (g_str_equal (name_of (paths[i]), name) || g_str_equal (paths[i], name))
      return paths[i];
  g_set_error (error,
               SIGHEJ_ERROR,
               SIGHEJ_ERROR_NOT_FOUND,
               _ ("there is no adapter '%s'; 'sighejctl adapter' lists those there are"),
               name);
  return NULL;
}

int
sighejctl_cmd_adapter (Sighejctl *self, GError **error)
{
  const char *what = self->n_arguments > 0 ? self->arguments[0] : "list";
  g_autofree char *path = NULL;

  if (g_str_equal (what, "list"))
    return list (self);
  if (g_str_equal (what, "show"))
    return show (self);

  path = g_strdup (find (self, what, error));
  if (path == NULL
      || !sighejctl_set_property (self, "Adapter", g_variant_new_object_path (path), error))
    return -1;
  return show (self);
}
