/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejctl"

#include "config.h"

#include <glib/gi18n.h>

#include "sighej-enum-types.h"
#include "sighej-error.h"
#include "sighej-words.h"
#include "sighejctl-cmds.h"
#include "sighejctl-pick.h"
#include "sighejctl-suggest.h"

/*
 * Finding each other, and the end of it. A meet may be over at any moment: its last state is what
 * was told of it before it left the bus.
 */

typedef gboolean (*Act) (SighejDBusMeet1 *meet, GCancellable *cancellable, GError **error);

/* The state after a call, read anew unless the meet is over by now. */
static const char *
read_state (SighejDBusMeet1 *meet)
{
  if (!sighejctl_refresh_proxy (G_DBUS_PROXY (meet), NULL))
    while (g_main_context_iteration (NULL, FALSE))
      ;
  return sighejctl_meet_get_state (meet);
}

/* Moves @reason to @error, in words for a meet that is over. Always -1. */
static int
act_failed (guint id, GError *reason, GError **error)
{
  g_autoptr (GError) owned = reason;

  if (sighejctl_is_object_gone (owned))
    return sighejctl_no_such_meet (id, error);
  g_propagate_error (error, g_steal_pointer (&owned));
  return -1;
}

static gboolean
call_end (SighejDBusMeet1 *meet, GCancellable *cancellable, GError **error)
{
  return sighej_dbus_meet1_call_end_sync (meet, "", cancellable, error);
}

/* (nullable): the meet, once @act was done to it. */
static SighejDBusMeet1 *
act_on_meet (Sighejctl *self, Act act, guint *id, GError **error)
{
  g_autoptr (SighejDBusMeet1) meet = sighejctl_pick_meet (self, self->arguments[0], id, error);
  GError *reason = NULL;

  if (meet == NULL)
    return NULL;
  /* The object may leave the bus with the act, so this comes first. */
  if ((self->not_again && !sighej_dbus_meet1_call_avoid_in_future_sync (meet, TRUE, NULL, &reason))
      || !act (meet, NULL, &reason))
    {
      act_failed (*id, reason, error);
      return NULL;
    }
  return g_steal_pointer (&meet);
}

int
sighejctl_cmd_here (Sighejctl *self, GError **error)
{
  g_autoptr (SighejDBusMeet1) meet = NULL;
  const char *state;
  guint id;

  meet = act_on_meet (self, sighej_dbus_meet1_call_im_here_sync, &id, error);
  if (meet == NULL)
    return -1;

  state = read_state (meet);
  return sighejctl_tell_done (self,
                              id,
                              state,
                              g_str_equal (state, "here")
                                  ? _ ("Both of you are there. Look up and say hello.")
                                  : _ ("Told the other side that you are there."));
}

int
sighejctl_cmd_met (Sighejctl *self, GError **error)
{
  g_autoptr (SighejDBusMeet1) meet = NULL;
  const char *state;
  guint id;

  meet = act_on_meet (self, sighej_dbus_meet1_call_confirm_met_sync, &id, error);
  if (meet == NULL)
    return -1;

  state = read_state (meet);
  return sighejctl_tell_done (
      self,
      id,
      state,
      g_str_equal (state, "met")
          ? _ ("You met. Everything about it is wiped.")
          : _ ("Noted. When they say so too, everything about it is wiped."));
}

int
sighejctl_cmd_end (Sighejctl *self, GError **error)
{
  g_autoptr (SighejDBusMeet1) meet = NULL;
  guint id;

  meet = act_on_meet (self, call_end, &id, error);
  if (meet == NULL)
    return -1;
  return sighejctl_tell_done (
      self, id, "ended", _ ("Ended for both. They learn that it ended, not why."));
}

/* ---- spots ---- */

static GVariant *
spot_record (const char *spot, const char *named)
{
  GVariantBuilder record;

  g_variant_builder_init (&record, G_VARIANT_TYPE_VARDICT);
  sighejctl_record_add (&record, "spot", g_variant_new_string (spot));
  sighejctl_record_add (&record, "named", g_variant_new_boolean (g_strcmp0 (spot, named) == 0));
  return g_variant_builder_end (&record);
}

static const char *const *
get_spots (SighejDBusMeet1 *meet)
{
  static const char *const none[] = { NULL };
  const char *const *spots = sighej_dbus_meet1_get_spots (meet);

  return spots != NULL ? spots : none;
}

static int
list_spots (Sighejctl *self, SighejDBusMeet1 *meet)
{
  const char *const *spots = get_spots (meet);
  const char *named = sighej_dbus_meet1_get_spot (meet);
  GVariantBuilder records;

  g_variant_builder_init (&records, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; spots[i] != NULL; i++)
    {
      sighejctl_output_say (&self->output,
                            "%s%s\n",
                            spots[i],
                            g_strcmp0 (spots[i], named) == 0 ? _ ("  (named)") : "");
      g_variant_builder_add_value (&records, spot_record (spots[i], named));
    }
  sighejctl_output_list (&self->output, "spots", g_variant_builder_end (&records));
  return SIGHEJCTL_EXIT_DONE;
}

/* What was typed, in the spelling of the list, when it begins exactly one of them. */
static const char *
complete_spot (const char *const *spots, const char *typed)
{
  g_autofree char *folded = g_utf8_casefold (typed, -1);
  const char *found = NULL;

  for (guint i = 0; spots[i] != NULL; i++)
    {
      g_autofree char *spot = g_utf8_casefold (spots[i], -1);

      if (g_str_equal (spot, folded))
        return spots[i];
      if (!g_str_has_prefix (spot, folded))
        continue;
      if (found != NULL)
        return typed;
      found = spots[i];
    }
  return found != NULL ? found : typed;
}

/* The daemon knows both languages, so it is the one to refuse; the next step is ours to say. */
static int
spot_failed (SighejDBusMeet1 *meet, guint id, const char *typed, GError *reason, GError **error)
{
  g_autoptr (GError) owned = reason;
  const char *meant = sighejctl_suggest (typed, get_spots (meet));

  if (!g_error_matches (owned, SIGHEJ_ERROR, SIGHEJ_ERROR_FAILED))
    return act_failed (id, g_steal_pointer (&owned), error);
  if (meant != NULL)
    g_set_error (error,
                 SIGHEJ_ERROR,
                 SIGHEJ_ERROR_FAILED,
                 _ ("'%s' is no spot; did you mean '%s'?"),
                 typed,
                 meant);
  else
    g_set_error (error,
                 SIGHEJ_ERROR,
                 SIGHEJ_ERROR_FAILED,
                 _ ("'%s' is no spot; 'sighejctl spot %u' lists them"),
                 typed,
                 id);
  return -1;
}

int
sighejctl_cmd_spot (Sighejctl *self, GError **error)
{
  g_autofree char *typed = sighejctl_dup_rest (self, 1);
  g_autoptr (SighejDBusMeet1) meet = NULL;
  g_autofree char *spot = NULL;
  GError *reason = NULL;
  guint id;

  meet = sighejctl_pick_meet (self, self->arguments[0], &id, error);
  if (meet == NULL)
    return -1;
  if (self->n_arguments == 1)
    return list_spots (self, meet);

  spot = g_strdup (complete_spot (get_spots (meet), typed));
  if (!sighej_dbus_meet1_call_propose_spot_sync (meet, spot, NULL, &reason))
    return spot_failed (meet, id, typed, reason, error);
  read_state (meet);
  sighejctl_output_say (&self->output, _ ("Told the other side: %s.\n"), spot);
  sighejctl_output_record (&self->output, spot_record (spot, sighej_dbus_meet1_get_spot (meet)));
  return SIGHEJCTL_EXIT_DONE;
}

/* ---- positions ---- */

static const char *
explain_sharing (const char *word)
{
  int sharing = SIGHEJ_MEET_SHARING_OFF;

  if (word == NULL || !sighej_enum_from_nick (SIGHEJ_TYPE_MEET_SHARING, word, &sharing))
    return _ ("Done.");
  return sighej_words_sharing ((SighejMeetSharing) sharing);
}

int
sighejctl_cmd_position (Sighejctl *self, GError **error)
{
  gboolean on = g_str_equal (self->arguments[1], "on");
  g_autoptr (SighejDBusMeet1) meet = NULL;
  GError *reason = NULL;
  GVariantBuilder record;
  const char *sharing;
  guint id;

  if (!on && !g_str_equal (self->arguments[1], "off"))
    {
      sighejctl_usage (
          error,
          _ ("position takes on or off, not '%s'; 'sighejctl help position' shows how"),
          self->arguments[1]);
      return -1;
    }
  meet = sighejctl_pick_meet (self, self->arguments[0], &id, error);
  if (meet == NULL)
    return -1;
  if (!sighej_dbus_meet1_call_share_position_sync (meet, on, NULL, &reason))
    return act_failed (id, reason, error);

  read_state (meet);
  sharing = sighej_dbus_meet1_get_sharing (meet);
  sighejctl_output_say (&self->output, "%s\n", explain_sharing (sharing));
  g_variant_builder_init (&record, G_VARIANT_TYPE_VARDICT);
  sighejctl_record_add (&record, "id", g_variant_new_uint32 (id));
  sighejctl_record_add (
      &record, "sharing", g_variant_new_string (sharing != NULL ? sharing : "off"));
  sighejctl_output_record (&self->output, g_variant_builder_end (&record));
  return SIGHEJCTL_EXIT_DONE;
}
