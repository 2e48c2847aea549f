/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejctl"

#include "config.h"

#include "sighej-error.h"
#include "sighejctl-cmds.h"

static char *
dup_time_left (guint64 end_s)
{
  guint64 now_s = (guint64) (g_get_real_time () / G_USEC_PER_SEC);

  return sighejctl_format_duration (end_s > now_s ? end_s - now_s : 0);
}

/* One of ListNudges, (ossast), as a record. */
static GVariant *
nudge_record (GVariant *nudge)
{
  g_autoptr (GVariant) shared = NULL;
  const char *path, *state, *band;
  GVariantBuilder record;
  guint64 expires;

  g_variant_get (nudge, "(&o&s&s@ast)", &path, &state, &band, &shared, &expires);
  g_variant_builder_init (&record, G_VARIANT_TYPE_VARDICT);
  sighejctl_record_add (&record, "id", g_variant_new_uint32 (sighej_client_nudge_id (path)));
  sighejctl_record_add (&record, "band", g_variant_new_string (band));
  sighejctl_record_add (&record, "shared", shared);
  sighejctl_record_add (&record, "expires", g_variant_new_uint64 (expires));
  sighejctl_record_add (&record, "state", g_variant_new_string (state));
  return g_variant_builder_end (&record);
}

static char **
nudge_row (GVariant *nudge)
{
  g_autofree const char **shared = NULL;
  g_autoptr (GStrvBuilder) row = g_strv_builder_new ();
  const char *path, *state, *band;
  g_autofree char *words = NULL;
  g_autofree char *left = NULL;
  g_autofree char *id = NULL;
  guint64 expires;

  g_variant_get (nudge, "(&o&s&s^a&st)", &path, &state, &band, &shared, &expires);
  id = g_strdup_printf ("%u", sighej_client_nudge_id (path));
  words = g_strjoinv (", ", (char **) shared);
  left = dup_time_left (expires);
  g_strv_builder_add_many (row, id, band, words, left, state, NULL);
  return g_strv_builder_end (row);
}

static GVariant *
empty_list (void)
{
  return g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE ("(ossast)"), NULL, 0));
}

int
sighejctl_cmd_nudges (Sighejctl *self, GError **error)
{
  static const char *const header[] = { "ID", "BAND", "SHARED", "EXPIRES", "STATE", NULL };
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  g_autoptr (GVariant) nudges = NULL;
  GVariantBuilder records;

  if (!sighej_client_get_present (self->client))
    nudges = empty_list ();
  else if (!sighej_dbus_manager1_call_list_nudges_sync (
               sighej_client_get_manager (self->client), &nudges, NULL, error))
    return -1;

  g_variant_builder_init (&records, G_VARIANT_TYPE ("aa{sv}"));
  for (gsize i = 0; i < g_variant_n_children (nudges); i++)
    {
      g_autoptr (GVariant) nudge = g_variant_get_child_value (nudges, i);

      g_ptr_array_add (rows, nudge_row (nudge));
      g_variant_builder_add_value (&records, nudge_record (nudge));
    }
  if (rows->len > 0)
    sighejctl_output_table (&self->output, header, rows);
  else
    sighejctl_output_say (&self->output, "No nudges.\n");
  sighejctl_output_list (&self->output, "nudges", g_variant_builder_end (&records));
  return SIGHEJCTL_EXIT_DONE;
}

static gboolean
put_away (Sighejctl *self, guint id, GError **error)
{
  g_autoptr (SighejDBusNudge1) nudge = sighej_client_dup_nudge (self->client, id);

  if (nudge != NULL)
    {
      g_autoptr (GError) reason = NULL;

      if (sighej_dbus_nudge1_call_not_now_sync (nudge, NULL, &reason))
        return TRUE;
      /* It may have gone by itself since it was read. */
      if (!g_error_matches (reason, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD)
          && !g_error_matches (reason, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT))
        {
          g_propagate_error (error, g_steal_pointer (&reason));
          return FALSE;
        }
    }
  g_set_error (error,
               SIGHEJ_ERROR,
               SIGHEJ_ERROR_NOT_FOUND,
               "there is no nudge %u; 'sighejctl nudges' lists those there are",
               id);
  return FALSE;
}

int
sighejctl_cmd_not_now (Sighejctl *self, GError **error)
{
  GVariantBuilder record;
  guint64 id;

  if (!g_ascii_string_to_unsigned (self->arguments[0], 10, 1, G_MAXUINT, &id, NULL))
    {
      sighejctl_usage (
          error, "'%s' is no number of a nudge; 'sighejctl nudges' lists them", self->arguments[0]);
      return -1;
    }
  if (!put_away (self, (guint) id, error))
    return -1;

  sighejctl_output_say (&self->output, "Put away. The other side learns nothing of it.\n");
  g_variant_builder_init (&record, G_VARIANT_TYPE_VARDICT);
  sighejctl_record_add (&record, "id", g_variant_new_uint32 ((guint) id));
  sighejctl_record_add (&record, "state", g_variant_new_string ("gone"));
  sighejctl_output_record (&self->output, g_variant_builder_end (&record));
  return SIGHEJCTL_EXIT_DONE;
}
