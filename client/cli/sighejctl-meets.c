/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejctl"

#include "config.h"

#include "sighej-enum-types.h"
#include "sighejctl-cmds.h"
#include "sighejctl-pick.h"

static const char *
word_or_empty (const char *word)
{
  return word != NULL ? word : "";
}

const char *
sighejctl_meet_get_state (SighejDBusMeet1 *meet)
{
  const char *state = sighej_dbus_meet1_get_state (meet);

  return state != NULL ? state
                       : sighej_enum_to_nick (SIGHEJ_TYPE_MEET_STATE, SIGHEJ_MEET_STATE_ENDED);
}

static void
get_peer_place (SighejDBusMeet1 *meet, const char **direction, const char **distance)
{
  GVariant *place = sighej_dbus_meet1_get_peer_place (meet);

  *direction = *distance = "";
  if (place != NULL)
    g_variant_get (place, "(&s&s)", direction, distance);
}

static void
add_word (GVariantBuilder *record, const char *key, const char *word)
{
  sighejctl_record_add (record, key, g_variant_new_string (word_or_empty (word)));
}

static void
add_flag (GVariantBuilder *record, const char *key, gboolean flag)
{
  sighejctl_record_add (record, key, g_variant_new_boolean (flag));
}

static void
add_who (GVariantBuilder *record, SighejDBusMeet1 *meet)
{
  add_word (record, "handle", sighej_dbus_meet1_get_handle (meet));
  add_word (record, "peer_handle", sighej_dbus_meet1_get_peer_handle (meet));
  add_word (record, "role", sighej_dbus_meet1_get_role (meet));
  add_flag (record, "here", sighej_dbus_meet1_get_here (meet));
  add_flag (record, "peer_here", sighej_dbus_meet1_get_peer_here (meet));
  add_flag (record, "peer_there", sighej_dbus_meet1_get_peer_there (meet));
  add_flag (record, "confirmed", sighej_dbus_meet1_get_confirmed (meet));
}

static void
add_talk (GVariantBuilder *record, SighejDBusMeet1 *meet)
{
  sighejctl_record_add (
      record, "unread", g_variant_new_uint32 (sighej_dbus_meet1_get_unread (meet)));
  add_flag (record, "peer_typing", sighej_dbus_meet1_get_peer_typing (meet));
  add_word (record, "trust", sighej_dbus_meet1_get_trust (meet));
  add_word (record, "phrase", sighej_dbus_meet1_get_phrase (meet));
  add_word (record, "problem", sighej_dbus_meet1_get_problem (meet));
}

static void
add_place (GVariantBuilder *record, SighejDBusMeet1 *meet)
{
  const char *direction, *distance;

  get_peer_place (meet, &direction, &distance);
  add_word (record, "sharing", sighej_dbus_meet1_get_sharing (meet));
  add_word (record, "peer_direction", direction);
  add_word (record, "peer_distance", distance);
  add_word (record, "own_place", sighej_dbus_meet1_get_own_place (meet));
}

GVariant *
sighejctl_meet_record (guint id, SighejDBusMeet1 *meet)
{
  GVariantBuilder record;

  g_variant_builder_init (&record, G_VARIANT_TYPE_VARDICT);
  sighejctl_record_add (&record, "id", g_variant_new_uint32 (id));
  add_word (&record, "cue", sighej_dbus_meet1_get_cue (meet));
  add_word (&record, "spot", sighej_dbus_meet1_get_spot (meet));
  add_word (&record, "band", sighej_dbus_meet1_get_band (meet));
  sighejctl_record_add (
      &record, "expires", g_variant_new_uint64 (sighej_dbus_meet1_get_expires (meet)));
  add_word (&record, "state", sighejctl_meet_get_state (meet));
  add_who (&record, meet);
  add_talk (&record, meet);
  add_place (&record, meet);
  add_flag (&record, "not_again", sighej_dbus_meet1_get_avoid (meet));
  return g_variant_builder_end (&record);
}

char *
sighejctl_dup_look_for (SighejDBusMeet1 *meet)
{
  g_autofree char *cue = sighejctl_dup_quoted (word_or_empty (sighej_dbus_meet1_get_cue (meet)));
  const char *spot = word_or_empty (sighej_dbus_meet1_get_spot (meet));

  return *spot == '\0' ? g_strdup_printf ("Look for %s.", cue)
                       : g_strdup_printf ("Look for %s at the %s.", cue, spot);
}

static char **
meet_row (guint id, SighejDBusMeet1 *meet)
{
  g_autofree char *left = sighejctl_dup_time_left (sighej_dbus_meet1_get_expires (meet));
  g_autoptr (GStrvBuilder) row = g_strv_builder_new ();
  g_autofree char *number = g_strdup_printf ("%u", id);
  const char *spot = word_or_empty (sighej_dbus_meet1_get_spot (meet));

  g_strv_builder_add_many (row,
                           number,
                           word_or_empty (sighej_dbus_meet1_get_cue (meet)),
                           *spot != '\0' ? spot : "-",
                           word_or_empty (sighej_dbus_meet1_get_band (meet)),
                           left,
                           sighejctl_meet_get_state (meet),
                           NULL);
  return g_strv_builder_end (row);
}

int
sighejctl_list_meets (Sighejctl *self, GError **error)
{
  static const char *const header[] = { "ID", "CUE", "SPOT", "BAND", "EXPIRES", "STATE", NULL };
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);
  g_autoptr (GArray) ids = sighej_client_dup_meet_ids (self->client);
  GVariantBuilder records;

  g_variant_builder_init (&records, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < ids->len; i++)
    {
      guint id = g_array_index (ids, guint, i);
      g_autoptr (SighejDBusMeet1) meet = sighej_client_dup_meet (self->client, id);

      g_ptr_array_add (rows, meet_row (id, meet));
      g_variant_builder_add_value (&records, sighejctl_meet_record (id, meet));
    }
  if (rows->len > 0)
    sighejctl_output_table (&self->output, header, rows);
  else
    sighejctl_output_say (&self->output, "No meets.\n");
  sighejctl_output_list (&self->output, "meets", g_variant_builder_end (&records));
  return SIGHEJCTL_EXIT_DONE;
}

/* ---- one meet, in sentences ---- */

static void
say_handles (Sighejctl *self, SighejDBusMeet1 *meet)
{
  g_autofree char *own = sighejctl_dup_quoted (word_or_empty (sighej_dbus_meet1_get_handle (meet)));
  g_autofree char *peer
      = sighejctl_dup_quoted (word_or_empty (sighej_dbus_meet1_get_peer_handle (meet)));

  sighejctl_output_say (&self->output, "  You are %s, they are %s.\n", own, peer);
}

static void
say_presence (Sighejctl *self, SighejDBusMeet1 *meet)
{
  gboolean here = sighej_dbus_meet1_get_here (meet);
  gboolean peer_here = sighej_dbus_meet1_get_peer_here (meet);

  if (!sighej_dbus_meet1_get_peer_there (meet))
    sighejctl_output_say (&self->output, "  Their machine is not connected right now.\n");
  if (here && peer_here)
    sighejctl_output_say (&self->output, "  Both of you are there.\n");
  else if (here || peer_here)
    sighejctl_output_say (&self->output,
                          "  %s\n",
                          here ? "You said that you are there." : "They say they are there.");
  if (sighej_dbus_meet1_get_confirmed (meet))
    sighejctl_output_say (&self->output, "  You said that you met.\n");
}

static void
say_trust (Sighejctl *self, SighejDBusMeet1 *meet)
{
  const char *phrase = word_or_empty (sighej_dbus_meet1_get_phrase (meet));
  int trust = SIGHEJ_MEET_TRUST_UNKNOWN;

  sighej_enum_from_nick (
      SIGHEJ_TYPE_MEET_TRUST, word_or_empty (sighej_dbus_meet1_get_trust (meet)), &trust);
  switch ((SighejMeetTrust) trust)
    {
    case SIGHEJ_MEET_TRUST_VERIFIED:
      sighejctl_output_say (&self->output, "  Nobody but the two of you can read the talk.\n");
      break;
    case SIGHEJ_MEET_TRUST_PHRASE:
      sighejctl_output_say (&self->output, "  Both screens must show the same words: %s\n", phrase);
      break;
    case SIGHEJ_MEET_TRUST_BROKEN:
      sighejctl_output_say (&self->output,
                            "  Nothing is shown of the talk: %s\n",
                            word_or_empty (sighej_dbus_meet1_get_problem (meet)));
      break;
    case SIGHEJ_MEET_TRUST_UNKNOWN:
    default:
      sighejctl_output_say (&self->output, "  The other side's key is not checked yet.\n");
      break;
    }
}

/* What the words of a place mean; the word itself when it is none of these. */
static const char *
explain_place (const char *word)
{
  static const struct
  {
    const char *word;
    const char *meaning;
  } words[] = {
    { "n", "to the north" },       { "ne", "to the north-east" }, { "e", "to the east" },
    { "se", "to the south-east" }, { "s", "to the south" },       { "sw", "to the south-west" },
    { "w", "to the west" },        { "nw", "to the north-west" }, { "beside", "right beside you" },
    { "in-sight", "in sight" },    { "walk", "a walk away" },     { "far", "far away" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_str_equal (word, words[i].word))
      return words[i].meaning;
  return word;
}

static void
say_places (Sighejctl *self, SighejDBusMeet1 *meet)
{
  const char *own = word_or_empty (sighej_dbus_meet1_get_own_place (meet));
  const char *direction, *distance;

  get_peer_place (meet, &direction, &distance);
  if (*distance != '\0')
    sighejctl_output_say (&self->output,
                          "  They are %s%s%s.\n",
                          explain_place (distance),
                          *direction != '\0' ? ", " : "",
                          explain_place (direction));
  if (*own != '\0')
    sighejctl_output_say (&self->output, "  Of you they see: %s.\n", own);
}

static int
show (Sighejctl *self, GError **error)
{
  g_autoptr (SighejDBusMeet1) meet = NULL;
  g_autofree char *look_for = NULL;
  g_autofree char *left = NULL;
  guint unread;
  guint id;

  meet = sighejctl_pick_meet (self, self->arguments[0], &id, error);
  if (meet == NULL)
    return -1;

  look_for = sighejctl_dup_look_for (meet);
  left = sighejctl_dup_time_left (sighej_dbus_meet1_get_expires (meet));
  unread = sighej_dbus_meet1_get_unread (meet);
  sighejctl_output_say (
      &self->output, "%s (%s, %s left)\n", look_for, sighejctl_meet_get_state (meet), left);
  say_handles (self, meet);
  say_presence (self, meet);
  say_trust (self, meet);
  say_places (self, meet);
  if (unread > 0)
    sighejctl_output_say (
        &self->output, "  New messages: %u. 'sighejctl messages %u'\n", unread, id);
  sighejctl_output_record (&self->output, sighejctl_meet_record (id, meet));
  return SIGHEJCTL_EXIT_DONE;
}

int
sighejctl_cmd_meets (Sighejctl *self, GError **error)
{
  return self->n_arguments == 0 ? sighejctl_list_meets (self, error) : show (self, error);
}
