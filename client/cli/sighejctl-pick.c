/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejctl"

#include "config.h"

#include <glib/gi18n.h>

#include "sighejctl-pick.h"

#include "sighej-error.h"
#include "sighej-words.h"

gboolean
sighejctl_parse_number (const char *argument, guint *id, GError **error)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (argument, 10, 1, G_MAXUINT, &number, NULL))
    return sighejctl_usage (error,
                            _ ("'%s' is no number of a nudge or meet; 'sighejctl nudges' and "
                               "'sighejctl meets' list them"),
                            argument);
  *id = (guint) number;
  return TRUE;
}

int
sighejctl_no_such_nudge (guint id, GError **error)
{
  g_set_error (error,
               SIGHEJ_ERROR,
               SIGHEJ_ERROR_NOT_FOUND,
               _ ("there is no nudge %u; 'sighejctl nudges' lists those there are"),
               id);
  return -1;
}

int
sighejctl_no_such_meet (guint id, GError **error)
{
  g_set_error (error,
               SIGHEJ_ERROR,
               SIGHEJ_ERROR_NOT_FOUND,
               _ ("there is no meet %u; 'sighejctl meets' lists those there are"),
               id);
  return -1;
}

int
sighejctl_nobody_of_number (guint id, GError **error)
{
  g_set_error (
      error,
      SIGHEJ_ERROR,
      SIGHEJ_ERROR_NOT_FOUND,
      _ ("there is no nudge or meet %u; 'sighejctl nudges' and 'sighejctl meets' list those "
         "there are"),
      id);
  return -1;
}

SighejDBusNudge1 *
sighejctl_pick_nudge (Sighejctl *self, const char *argument, guint *id, GError **error)
{
  SighejDBusNudge1 *nudge;

  if (!sighejctl_parse_number (argument, id, error))
    return NULL;

  nudge = sighej_client_dup_nudge (self->client, *id);
  if (nudge == NULL)
    sighejctl_no_such_nudge (*id, error);
  else
    sighejctl_prepare_proxy (self, G_DBUS_PROXY (nudge));
  return nudge;
}

SighejDBusMeet1 *
sighejctl_pick_meet (Sighejctl *self, const char *argument, guint *id, GError **error)
{
  SighejDBusMeet1 *meet;

  if (!sighejctl_parse_number (argument, id, error))
    return NULL;

  meet = sighej_client_dup_meet (self->client, *id);
  if (meet == NULL)
    sighejctl_no_such_meet (*id, error);
  else
    sighejctl_prepare_proxy (self, G_DBUS_PROXY (meet));
  return meet;
}

gboolean
sighejctl_is_object_gone (const GError *error)
{
  return g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD)
         || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT)
         || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_INTERFACE);
}

int
sighejctl_tell_done (Sighejctl *self, guint id, const char *state, const char *sentence)
{
  GVariantBuilder record;

  sighejctl_output_say (&self->output, "%s\n", sentence);
  g_variant_builder_init (&record, G_VARIANT_TYPE_VARDICT);
  sighejctl_record_add (&record, "id", g_variant_new_uint32 (id));
  sighejctl_record_add (&record, "state", g_variant_new_string (state));
  sighejctl_output_record (&self->output, g_variant_builder_end (&record));
  return SIGHEJCTL_EXIT_DONE;
}

char *
sighejctl_dup_time_left (guint64 end_s)
{
  guint64 now_s = (guint64) (g_get_real_time () / G_USEC_PER_SEC);

  return sighej_words_dup_duration (end_s > now_s ? end_s - now_s : 0);
}

char *
sighejctl_dup_indented (const char *text, guint n_columns)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autofree char *separator = g_strdup_printf ("\n%*s", (int) n_columns, "");

  return g_strjoinv (separator, lines);
}
