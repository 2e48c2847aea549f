/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejctl"

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "sighej-enum-types.h"
#include "sighej-error.h"
#include "sighej-names.h"
#include "sighej-words.h"
#include "sighejctl-cmds.h"
#include "sighejctl-pick.h"

/* Width of the left column of `status`, characters. */
#define LEFT_COLUMN_CHARS 32

static guint64
left_until (guint64 end_s)
{
  guint64 now_s = (guint64) (g_get_real_time () / G_USEC_PER_SEC);

  return end_s > now_s ? end_s - now_s : 0;
}

char *
sighejctl_dup_state_sentence (Sighejctl *self)
{
  SighejDBusManager1 *manager = sighej_client_get_manager (self->client);
  GVariant *inhibitors = sighej_dbus_manager1_get_inhibitors (manager);
  const char *who = NULL;
  const char *why = NULL;

  /* The daemon refuses texts that cannot be shown. */
  if (inhibitors != NULL && g_variant_n_children (inhibitors) > 0)
    g_variant_get_child (inhibitors, 0, "(&s&s)", &who, &why);
  return sighej_words_dup_state (sighejctl_get_state (self),
                                 sighejctl_get_reason (self),
                                 sighej_dbus_manager1_get_open_until (manager),
                                 sighej_dbus_manager1_get_paused_until (manager),
                                 who,
                                 why);
}

static GVariant *
state_record (Sighejctl *self)
{
  SighejDBusManager1 *manager = sighej_client_get_manager (self->client);
  GVariantBuilder record;

  g_variant_builder_init (&record, G_VARIANT_TYPE_VARDICT);
  sighejctl_record_add (
      &record,
      "state",
      g_variant_new_string (sighej_enum_to_nick (SIGHEJ_TYPE_STATE, sighejctl_get_state (self))));
  sighejctl_record_add (&record,
                        "reason",
                        g_variant_new_string (sighej_reason_to_word (sighejctl_get_reason (self))));
  sighejctl_record_add (
      &record, "open_until", g_variant_new_uint64 (sighej_dbus_manager1_get_open_until (manager)));
  sighejctl_record_add (&record,
                        "paused_until",
                        g_variant_new_uint64 (sighej_dbus_manager1_get_paused_until (manager)));
  return g_variant_builder_end (&record);
}

void
sighejctl_tell_state (Sighejctl *self)
{
  g_autofree char *sentence = sighejctl_dup_state_sentence (self);

  sighejctl_output_say (&self->output, "%s\n", sentence);
  sighejctl_output_record (&self->output, state_record (self));
}

static guint
count_nudges (Sighejctl *self)
{
  g_autoptr (GArray) ids = sighej_client_dup_nudge_ids (self->client);

  return ids->len;
}

static guint
count_meets (Sighejctl *self)
{
  g_autoptr (GArray) ids = sighej_client_dup_meet_ids (self->client);

  return ids->len;
}

static const char *
word_or (const char *word, const char *otherwise)
{
  return word != NULL ? word : otherwise;
}

static GVariant *
status_record (Sighejctl *self)
{
  SighejDBusManager1 *manager = sighej_client_get_manager (self->client);
  GVariantBuilder record;

  g_variant_builder_init (&record, G_VARIANT_TYPE_VARDICT);
  sighejctl_record_add (
      &record,
      "state",
      g_variant_new_string (sighej_enum_to_nick (SIGHEJ_TYPE_STATE, sighejctl_get_state (self))));
  sighejctl_record_add (&record,
                        "reason",
                        g_variant_new_string (sighej_reason_to_word (sighejctl_get_reason (self))));
  sighejctl_record_add (
      &record, "open_until", g_variant_new_uint64 (sighej_dbus_manager1_get_open_until (manager)));
  sighejctl_record_add (
      &record, "nearby", g_variant_new_uint32 (sighej_dbus_manager1_get_nearby_count (manager)));
  sighejctl_record_add (&record, "nudges", g_variant_new_uint32 (count_nudges (self)));
  sighejctl_record_add (
      &record,
      "bluetooth",
      g_variant_new_string (word_or (sighej_dbus_manager1_get_bluetooth (manager), "")));
  sighejctl_record_add (
      &record,
      "backend",
      g_variant_new_string (word_or (sighej_dbus_manager1_get_backend (manager), "offline")));
  sighejctl_record_add (
      &record,
      "privacy",
      g_variant_new_string (word_or (sighej_dbus_manager1_get_privacy (manager), "")));
  sighejctl_record_add (&record, "meets", g_variant_new_uint32 (count_meets (self)));
  return g_variant_builder_end (&record);
}

static SighejctlColour
state_colour (SighejState state)
{
  switch (state)
    {
    case SIGHEJ_STATE_OPEN:
      return SIGHEJCTL_COLOUR_GREEN;
    case SIGHEJ_STATE_OPENING:
    case SIGHEJ_STATE_PAUSED:
    case SIGHEJ_STATE_WAITING:
    case SIGHEJ_STATE_CLOSING:
      return SIGHEJCTL_COLOUR_YELLOW;
    case SIGHEJ_STATE_OFF:
    default:
      return SIGHEJCTL_COLOUR_DIM;
    }
}

static void
say_headline (Sighejctl *self)
{
  SighejState state = sighejctl_get_state (self);
  guint64 until_s = sighej_dbus_manager1_get_open_until (sighej_client_get_manager (self->client));
  g_autofree char *sentence = sighejctl_dup_state_sentence (self);
  gboolean utf8 = g_get_charset (NULL);

  sighejctl_output_say_coloured (&self->output,
                                 state_colour (state),
                                 "%s ",
                                 utf8 ? (state == SIGHEJ_STATE_OFF ? "○" : "●") : "*");
  if (state == SIGHEJ_STATE_OPEN && until_s != 0)
    {
      g_autofree char *left = sighej_words_dup_left (left_until (until_s));

      sentence[strlen (sentence) - 1] = '\0';
      sighejctl_output_say (&self->output, "%s (%s)\n", sentence, left);
    }
  else
    sighejctl_output_say (&self->output, "%s\n", sentence);
}

static void
say_pair (Sighejctl *self, const char *left, const char *right)
{
  glong width = g_utf8_strlen (left, -1);
  int padding = width < LEFT_COLUMN_CHARS ? (int) (LEFT_COLUMN_CHARS - width) : 1;

  sighejctl_output_say (&self->output, "  %s%*s%s\n", left, padding, "", right);
}

static char *
dup_interests_line (Sighejctl *self)
{
  const char *const *interests
      = sighej_dbus_manager1_get_interests (sighej_client_get_manager (self->client));
  g_autoptr (GStrvBuilder) labels = g_strv_builder_new ();
  g_auto (GStrv) list = NULL;
  g_autofree char *joined = NULL;

  for (guint i = 0; interests != NULL && interests[i] != NULL; i++)
    {
      g_autofree char *label = sighejctl_dup_label (self, interests[i]);

      g_strv_builder_add (labels, label);
    }
  list = g_strv_builder_end (labels);
  joined = g_strjoinv (", ", list);
  return *joined != '\0' ? g_strdup_printf (_ ("Interests: %s"), joined)
                         : g_strdup (_ ("Interests: none chosen"));
}

static char *
dup_nearby_line (Sighejctl *self)
{
  guint nearby = sighej_dbus_manager1_get_nearby_count (sighej_client_get_manager (self->client));
  guint nudges = count_nudges (self);

  return g_strdup_printf (
      ngettext ("Near you: %u open, %u nudge", "Near you: %u open, %u nudges", nudges),
      nearby,
      nudges);
}

static char *
dup_bluetooth_line (SighejDBusManager1 *manager)
{
  const char *adapter = sighej_dbus_manager1_get_adapter (manager);
  const char *word
      = sighej_words_of (SIGHEJ_TYPE_BLUETOOTH, sighej_dbus_manager1_get_bluetooth (manager));
  const char *radio = word_or (sighej_dbus_manager1_get_radio (manager), "bluez");

  if (!g_str_equal (radio, "bluez"))
    return g_strdup_printf (_ ("Bluetooth: %s (radio %s)"), word, radio);
  if (adapter == NULL || g_str_equal (adapter, "/"))
    return g_strdup_printf (_ ("Bluetooth: %s"), word);
  return g_strdup_printf (_ ("Bluetooth: %s (%s)"), word, strrchr (adapter, '/') + 1);
}

static char *
dup_backend_line (SighejDBusManager1 *manager)
{
  const char *uri = sighej_dbus_manager1_get_backend_uri (manager);

  if (uri == NULL || *uri == '\0')
    return g_strdup (_ ("Backend: none chosen"));
  return g_strdup_printf (
      _ ("Backend: %s"),
      sighej_words_of (SIGHEJ_TYPE_BACKEND_STATE, sighej_dbus_manager1_get_backend (manager)));
}

static void
say_privacy (Sighejctl *self)
{
  const char *word
      = word_or (sighej_dbus_manager1_get_privacy (sighej_client_get_manager (self->client)), "");
  int privacy;

  if (sighej_enum_from_nick (SIGHEJ_TYPE_PRIVACY, word, &privacy))
    sighejctl_output_say (&self->output,
                          _ ("  Privacy: %s (%s)\n"),
                          sighej_words_of (SIGHEJ_TYPE_PRIVACY, word),
                          sighej_words_privacy ((SighejPrivacy) privacy));
}

/* What there is to do right now, a line each; nothing when there is no meet. */
static void
say_meets (Sighejctl *self)
{
  g_autoptr (GArray) ids = sighej_client_dup_meet_ids (self->client);

  for (guint i = 0; i < ids->len; i++)
    {
      guint id = g_array_index (ids, guint, i);
      g_autoptr (SighejDBusMeet1) meet = sighej_client_dup_meet (self->client, id);
      g_autofree char *look_for = sighejctl_dup_look_for (meet);

      sighejctl_output_say (
          &self->output,
          _ ("  Meet %u (%s): %s\n"),
          id,
          sighej_words_of (SIGHEJ_TYPE_MEET_STATE, sighejctl_meet_get_state (meet)),
          look_for);
    }
}

static void
say_details (Sighejctl *self)
{
  SighejDBusManager1 *manager = sighej_client_get_manager (self->client);
  g_autofree char *nearby = dup_nearby_line (self);
  g_autofree char *interests = dup_interests_line (self);
  g_autofree char *bluetooth = dup_bluetooth_line (manager);
  g_autofree char *backend = dup_backend_line (manager);

  if (self->system_bus) /* a kiosk, which has neither people nor a backend */
    sighejctl_output_say (&self->output, "  %s\n", bluetooth);
  else
    {
      say_pair (self, nearby, interests);
      say_pair (self, bluetooth, backend);
    }
  say_privacy (self);
  say_meets (self);
}

int
sighejctl_cmd_status (Sighejctl *self, GError **error)
{
  say_headline (self);
  if (sighej_client_get_present (self->client))
    say_details (self);
  sighejctl_output_record (&self->output, status_record (self));
  return SIGHEJCTL_EXIT_DONE;
}

int
sighejctl_cmd_is_open (Sighejctl *self, GError **error)
{
  gboolean open = sighejctl_get_state (self) == SIGHEJ_STATE_OPEN;
  GVariantBuilder record;

  g_variant_builder_init (&record, G_VARIANT_TYPE_VARDICT);
  sighejctl_record_add (&record, "open", g_variant_new_boolean (open));
  sighejctl_output_record (&self->output, g_variant_builder_end (&record));
  return open ? SIGHEJCTL_EXIT_DONE : SIGHEJCTL_EXIT_NO;
}

int
sighejctl_cmd_version (Sighejctl *self, GError **error)
{
  SighejDBusManager1 *manager = sighej_client_get_manager (self->client);
  const char *version = word_or (sighej_dbus_manager1_get_version (manager), "");
  guint api = sighej_dbus_manager1_get_api_version (manager);
  GVariantBuilder record;

  sighejctl_output_say (&self->output, "sighejctl %s\n", SIGHEJ_VERSION);
  if (*version != '\0')
    sighejctl_output_say (&self->output, _ ("sighejd %s, API %u\n"), version, api);
  else
    sighejctl_output_say (&self->output, _ ("sighejd does not run\n"));

  g_variant_builder_init (&record, G_VARIANT_TYPE_VARDICT);
  sighejctl_record_add (&record, "client", g_variant_new_string (SIGHEJ_VERSION));
  sighejctl_record_add (&record, "daemon", g_variant_new_string (version));
  sighejctl_record_add (&record, "api", g_variant_new_uint32 (api != 0 ? api : SIGHEJ_API_VERSION));
  sighejctl_output_record (&self->output, g_variant_builder_end (&record));
  return SIGHEJCTL_EXIT_DONE;
}
