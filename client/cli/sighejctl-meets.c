/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejctl"

#include "config.h"

#include <glib/gi18n.h>

#include "sighej-enum-types.h"
#include "sighej-words.h"
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

static int
value_of (GType type, const char *word, int otherwise)
{
  int value = otherwise;

  sighej_enum_from_nick (type, word_or_empty (word), &value);
  return value;
}

const char *
sighejctl_meet_explain_problem (SighejDBusMeet1 *meet)
{
  const char *word = word_or_empty (sighej_dbus_meet1_get_problem (meet));
  int problem = value_of (SIGHEJ_TYPE_MEET_PROBLEM, word, SIGHEJ_MEET_PROBLEM_NONE);

  if (problem != SIGHEJ_MEET_PROBLEM_NONE)
    return sighej_words_problem ((SighejMeetProblem) problem);
  return *word != '\0' ? word : NULL;
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
  return sighej_words_dup_look_for (word_or_empty (sighej_dbus_meet1_get_cue (meet)),
                                    sighej_dbus_meet1_get_spot (meet));
}

/* The state in the person's language. */
static const char *
get_state_word (SighejDBusMeet1 *meet)
{
  return sighej_words_of (SIGHEJ_TYPE_MEET_STATE, sighejctl_meet_get_state (meet));
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
                           sighej_words_of (SIGHEJ_TYPE_BAND, sighej_dbus_meet1_get_band (meet)),
                           left,
                           get_state_word (meet),
                           NULL);
  return g_strv_builder_end (row);
}

int
sighejctl_list_meets (Sighejctl *self, GError **error)
{
  const char *const header[]
      = { _ ("ID"), _ ("CUE"), _ ("SPOT"), _ ("BAND"), _ ("EXPIRES"), _ ("STATE"), NULL };
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
    sighejctl_output_say (&self->output, _ ("No meets.\n"));
  sighejctl_output_list (&self->output, "meets", g_variant_builder_end (&records));
  return SIGHEJCTL_EXIT_DONE;
}

/* ---- one meet, in sentences ---- */

static void
say_handles (Sighejctl *self, SighejDBusMeet1 *meet)
{
  g_autofree char *own
      = sighej_words_dup_quoted (word_or_empty (sighej_dbus_meet1_get_handle (meet)));
  g_autofree char *peer
      = sighej_words_dup_quoted (word_or_empty (sighej_dbus_meet1_get_peer_handle (meet)));

  sighejctl_output_say (&self->output, _ ("  You are %s, they are %s.\n"), own, peer);
}

static void
add_presence (GStrvBuilder *sentences, SighejDBusMeet1 *meet)
{
  gboolean here = sighej_dbus_meet1_get_here (meet);
  gboolean peer_here = sighej_dbus_meet1_get_peer_here (meet);

  if (!sighej_dbus_meet1_get_peer_there (meet))
    g_strv_builder_add (sentences, _ ("Their machine is not connected right now."));
  if (g_str_equal (sighejctl_meet_get_state (meet), "here") || (here && peer_here))
    g_strv_builder_add (sentences, _ ("Both of you are there."));
  else if (peer_here)
    g_strv_builder_add (sentences, _ ("They say they are there."));
  else if (here)
    g_strv_builder_add (sentences, _ ("You said that you are there."));
  if (sighej_dbus_meet1_get_confirmed (meet))
    g_strv_builder_add (sentences, _ ("You said that you met."));
  if (sighej_dbus_meet1_get_peer_typing (meet))
    g_strv_builder_add (sentences, _ ("They are typing."));
}

static void
add_trust (GStrvBuilder *sentences, SighejDBusMeet1 *meet)
{
  SighejMeetTrust trust = (SighejMeetTrust) value_of (
      SIGHEJ_TYPE_MEET_TRUST, sighej_dbus_meet1_get_trust (meet), SIGHEJ_MEET_TRUST_UNKNOWN);
  const char *phrase = word_or_empty (sighej_dbus_meet1_get_phrase (meet));
  g_autofree char *compare = g_strconcat (sighej_words_trust (trust), " ", phrase, NULL);

  g_strv_builder_add (sentences,
                      trust == SIGHEJ_MEET_TRUST_PHRASE ? compare : sighej_words_trust (trust));
}

/* (transfer full) (nullable): where the other one is, when it is known */
static char *
dup_peer_place (SighejDBusMeet1 *meet)
{
  const char *direction, *distance;
  int how_far;

  get_peer_place (meet, &direction, &distance);
  if (!sighej_enum_from_nick (SIGHEJ_TYPE_DISTANCE, distance, &how_far))
    return NULL;
  return sighej_words_dup_place (
      (SighejDirection) value_of (SIGHEJ_TYPE_DIRECTION, direction, SIGHEJ_DIRECTION_NONE),
      (SighejDistance) how_far);
}

static void
add_places (GStrvBuilder *sentences, SighejDBusMeet1 *meet)
{
  g_autofree char *own = g_strdup_printf (_ ("Of you they see: %s."),
                                          word_or_empty (sighej_dbus_meet1_get_own_place (meet)));
  const char *sharing = word_or_empty (sighej_dbus_meet1_get_sharing (meet));
  g_autofree char *peer = dup_peer_place (meet);

  if (g_str_equal (sharing, "asked"))
    g_strv_builder_add (
        sentences, _ ("You want to show each other where you are. They are not told; ask them."));
  else if (peer != NULL)
    g_strv_builder_add (sentences, peer);
  else if (g_str_equal (sharing, "on"))
    g_strv_builder_add (sentences, _ ("You show each other where you are, once it is known."));
  if (*word_or_empty (sighej_dbus_meet1_get_own_place (meet)) != '\0')
    g_strv_builder_add (sentences, own);
}

/* NULL: it goes on */
static const char *
explain_end (SighejDBusMeet1 *meet)
{
  switch (
      value_of (SIGHEJ_TYPE_MEET_STATE, sighejctl_meet_get_state (meet), SIGHEJ_MEET_STATE_AGREED))
    {
    case SIGHEJ_MEET_STATE_MET:
      return _ ("You met.");
    case SIGHEJ_MEET_STATE_ENDED:
      return _ ("It ended.");
    case SIGHEJ_MEET_STATE_EXPIRED:
      return _ ("Its time is over.");
    default:
      return NULL;
    }
}

char **
sighejctl_dup_meet_sentences (SighejDBusMeet1 *meet)
{
  g_autoptr (GStrvBuilder) sentences = g_strv_builder_new ();
  const char *end = explain_end (meet);
  const char *problem = sighejctl_meet_explain_problem (meet);

  if (end != NULL)
    g_strv_builder_add (sentences, end);
  else
    {
      add_presence (sentences, meet);
      add_trust (sentences, meet);
      add_places (sentences, meet);
    }
  if (problem != NULL)
    g_strv_builder_add (sentences, problem);
  return g_strv_builder_end (sentences);
}

static int
show (Sighejctl *self, GError **error)
{
  g_autoptr (SighejDBusMeet1) meet = NULL;
  g_autofree char *look_for = NULL;
  g_auto (GStrv) sentences = NULL;
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
      &self->output, _ ("%s (%s, %s left)\n"), look_for, get_state_word (meet), left);
  say_handles (self, meet);
  sentences = sighejctl_dup_meet_sentences (meet);
  for (guint i = 0; sentences[i] != NULL; i++)
    sighejctl_output_say (&self->output, "  %s\n", sentences[i]);
  if (unread > 0)
    sighejctl_output_say (
        &self->output, _ ("  New messages: %u. 'sighejctl messages %u'\n"), unread, id);
  sighejctl_output_record (&self->output, sighejctl_meet_record (id, meet));
  return SIGHEJCTL_EXIT_DONE;
}

int
sighejctl_cmd_meets (Sighejctl *self, GError **error)
{
  return self->n_arguments == 0 ? sighejctl_list_meets (self, error) : show (self, error);
}
