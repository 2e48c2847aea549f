/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejctl"

#include "config.h"

#include <glib/gi18n.h>

#include "sighej-enum-types.h"
#include "sighej-error.h"
#include "sighej-words.h"
#include "sighejctl-cmds.h"
#include "sighejctl-pick.h"

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
  left = sighejctl_dup_time_left (expires);
  g_strv_builder_add_many (row,
                           id,
                           sighej_words_of (SIGHEJ_TYPE_BAND, band),
                           words,
                           left,
                           sighej_words_of (SIGHEJ_TYPE_NUDGE_STATE, state),
                           NULL);
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
  const char *const header[]
      = { _ ("ID"), _ ("BAND"), _ ("SHARED"), _ ("EXPIRES"), _ ("STATE"), NULL };
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
    sighejctl_output_say (&self->output, _ ("No nudges.\n"));
  sighejctl_output_list (&self->output, "nudges", g_variant_builder_end (&records));
  return SIGHEJCTL_EXIT_DONE;
}

int
sighejctl_cmd_not_now (Sighejctl *self, GError **error)
{
  g_autoptr (SighejDBusNudge1) nudge = NULL;
  g_autoptr (GError) reason = NULL;
  guint id;

  nudge = sighejctl_pick_nudge (self, self->arguments[0], &id, error);
  if (nudge == NULL)
    return -1;
  if (!sighej_dbus_nudge1_call_not_now_sync (nudge, NULL, &reason))
    {
      /* It may have gone by itself since it was read. */
      if (sighejctl_is_object_gone (reason))
        return sighejctl_no_such_nudge (id, error);
      g_propagate_error (error, g_steal_pointer (&reason));
      return -1;
    }
  return sighejctl_tell_done (
      self, id, "gone", _ ("Put away. The other side learns nothing of it."));
}

/* ---- wave ---- */

static GVariant *
wave_record (guint id, const char *state, guint meet_id, SighejDBusMeet1 *meet)
{
  const char *cue = meet != NULL ? sighej_dbus_meet1_get_cue (meet) : NULL;
  const char *spot = meet != NULL ? sighej_dbus_meet1_get_spot (meet) : NULL;
  GVariantBuilder record;

  g_variant_builder_init (&record, G_VARIANT_TYPE_VARDICT);
  sighejctl_record_add (&record, "id", g_variant_new_uint32 (id));
  sighejctl_record_add (&record, "state", g_variant_new_string (state));
  sighejctl_record_add (&record, "meet", g_variant_new_uint32 (meet_id));
  sighejctl_record_add (&record, "cue", g_variant_new_string (cue != NULL ? cue : ""));
  sighejctl_record_add (&record, "spot", g_variant_new_string (spot != NULL ? spot : ""));
  return g_variant_builder_end (&record);
}

/**
 * Waving:
 * @meet_id: of what it became; 0: nothing yet
 *
 * A wave that is waited for.
 */
typedef struct
{
  guint id;
  guint meet_id;
} Waving;

/* Either both have waved and the meet is on the bus, or the nudge is over. */
static gboolean
is_decided (Sighejctl *self, gpointer user_data)
{
  Waving *waving = user_data;
  g_autoptr (SighejDBusNudge1) nudge = sighej_client_dup_nudge (self->client, waving->id);
  g_autoptr (SighejDBusMeet1) meet = NULL;
  const char *path;

  if (nudge == NULL)
    return TRUE;
  path = sighej_dbus_nudge1_get_meet (nudge);
  waving->meet_id = path != NULL ? sighej_client_meet_id (path) : 0;
  meet = sighej_client_dup_meet (self->client, waving->meet_id);
  return meet != NULL;
}

static int
tell_mutual (Sighejctl *self, const Waving *waving, GError **error)
{
  g_autoptr (SighejDBusMeet1) meet = sighej_client_dup_meet (self->client, waving->meet_id);
  g_autofree char *look_for = NULL;

  if (meet == NULL)
    {
      g_set_error (error,
                   SIGHEJ_ERROR,
                   SIGHEJ_ERROR_GONE,
                   _ ("nudge %u is over; 'sighejctl nudges' lists those there are"),
                   waving->id);
      return -1;
    }
  look_for = sighejctl_dup_look_for (meet);
  sighejctl_output_say (&self->output, _ ("They waved too. %s\n"), look_for);
  sighejctl_output_record (&self->output,
                           wave_record (waving->id, "mutual", waving->meet_id, meet));
  return SIGHEJCTL_EXIT_DONE;
}

/* Nothing stands in the way: it is the other's turn. */
static int
explain_silence (GError **error)
{
  if (error == NULL || !g_error_matches (*error, SIGHEJCTL_ERROR, SIGHEJCTL_ERROR_TIMED_OUT))
    return -1;
  g_clear_error (error);
  g_set_error_literal (error,
                       SIGHEJCTL_ERROR,
                       SIGHEJCTL_ERROR_TIMED_OUT,
                       _ ("waved, and the other side has not yet; the wave stays, 'sighejctl wait "
                          "meet' goes on waiting"));
  return -1;
}

int
sighejctl_cmd_wave (Sighejctl *self, GError **error)
{
  g_autoptr (SighejDBusNudge1) nudge = NULL;
  g_autoptr (GError) reason = NULL;
  Waving waving = { 0 };
  gboolean was_mutual;

  nudge = sighejctl_pick_nudge (self, self->arguments[0], &waving.id, error);
  if (nudge == NULL)
    return -1;
  was_mutual = is_decided (self, &waving);
  if (!sighej_dbus_nudge1_call_wave_sync (nudge, NULL, &reason))
    {
      if (sighejctl_is_object_gone (reason))
        return sighejctl_no_such_nudge (waving.id, error);
      g_propagate_error (error, g_steal_pointer (&reason));
      return -1;
    }
  if (self->wait || was_mutual)
    {
      if (!sighejctl_wait_until (self, is_decided, &waving, sighejctl_get_timeout_ms (self), error))
        return explain_silence (error);
      return tell_mutual (self, &waving, error);
    }

  sighejctl_output_say (&self->output, _ ("Waved. You hear of it if they wave too.\n"));
  sighejctl_output_record (&self->output, wave_record (waving.id, "waved", 0, NULL));
  return SIGHEJCTL_EXIT_DONE;
}
