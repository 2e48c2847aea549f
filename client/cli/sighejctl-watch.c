/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejctl"

#include "config.h"

#include <glib/gi18n.h>

#include "sighej-enum-types.h"
#include "sighej-words.h"
#include "sighejctl-cmds.h"
#include "sighejctl-pick.h"

/* Where what happened stands, columns. */
#define TEXT_COLUMN 10

/**
 * Watch:
 * @state, @reason, @open_until, @nearby: what was told last
 * @told: what was told last of nudges and meets: by object path, the record as text
 * @said: what was said last of meets: by object path, the sentences
 *
 * Following the daemon: a snapshot, then a line for each event, and a snapshot again whenever a
 * daemon has come back.
 */
typedef struct
{
  Sighejctl *ctl;
  SighejState state;
  SighejReason reason;
  guint64 open_until;
  guint nearby;
  GHashTable *told;
  GHashTable *said;
} Watch;

static void say (Watch *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
say (Watch *self, const char *format, ...)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *clock = g_date_time_format (now, "%H:%M:%S");
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  sighejctl_output_say (&self->ctl->output, "%s  %s\n", clock, text);
}

static void
begin (GVariantBuilder *record, const char *event)
{
  g_variant_builder_init (record, G_VARIANT_TYPE_VARDICT);
  sighejctl_record_add (record, "event", g_variant_new_string (event));
}

static void
add_state (GVariantBuilder *record, SighejState state)
{
  sighejctl_record_add (
      record, "state", g_variant_new_string (sighej_enum_to_nick (SIGHEJ_TYPE_STATE, (int) state)));
}

static void
end (Watch *self, GVariantBuilder *record)
{
  sighejctl_output_event (&self->ctl->output, g_variant_builder_end (record));
}

static void
remember (Watch *self)
{
  SighejDBusManager1 *manager = sighej_client_get_manager (self->ctl->client);

  self->state = sighejctl_get_state (self->ctl);
  self->reason = sighejctl_get_reason (self->ctl);
  self->open_until = sighej_dbus_manager1_get_open_until (manager);
  self->nearby = sighej_dbus_manager1_get_nearby_count (manager);
}

static GVariant *
numbers (GArray *ids)
{
  return g_variant_new_fixed_array (G_VARIANT_TYPE_UINT32, ids->data, ids->len, sizeof (guint));
}

/* All there is to say of a meet, how to find each other first. (transfer full) */
static char **
dup_sentences (SighejDBusMeet1 *meet)
{
  g_auto (GStrv) sentences = sighejctl_dup_meet_sentences (meet);
  g_autofree char *look_for = sighejctl_dup_look_for (meet);
  g_autoptr (GStrvBuilder) all = g_strv_builder_new ();

  g_strv_builder_add (all, look_for);
  g_strv_builder_addv (all, (const char **) sentences);
  return g_strv_builder_end (all);
}

/* Of the meets there are now only what changes is said. */
static void
remember_meets (Watch *self, GArray *ids)
{
  for (guint i = 0; i < ids->len; i++)
    {
      g_autoptr (SighejDBusMeet1) meet
          = sighej_client_dup_meet (self->ctl->client, g_array_index (ids, guint, i));

      g_hash_table_insert (self->said,
                           g_strdup (g_dbus_proxy_get_object_path (G_DBUS_PROXY (meet))),
                           dup_sentences (meet));
    }
}

static void
tell_snapshot (Watch *self)
{
  g_autoptr (GArray) ids = sighej_client_dup_nudge_ids (self->ctl->client);
  g_autoptr (GArray) meet_ids = sighej_client_dup_meet_ids (self->ctl->client);
  g_autofree char *sentence = sighejctl_dup_state_sentence (self->ctl);
  GVariantBuilder record;

  remember (self);
  remember_meets (self, meet_ids);
  say (self,
       _ ("%s Near you: %u open. Nudges: %u. Meets: %u."),
       sentence,
       self->nearby,
       ids->len,
       meet_ids->len);
  begin (&record, "snapshot");
  add_state (&record, self->state);
  sighejctl_record_add (&record, "nearby", g_variant_new_uint32 (self->nearby));
  sighejctl_record_add (&record, "nudges", numbers (ids));
  sighejctl_record_add (&record, "meets", numbers (meet_ids));
  end (self, &record);
}

static void
tell_state (Watch *self)
{
  g_autofree char *sentence = sighejctl_dup_state_sentence (self->ctl);
  GVariantBuilder record;

  say (self, "%s", sentence);
  begin (&record, "state");
  add_state (&record, self->state);
  sighejctl_record_add (
      &record, "reason", g_variant_new_string (sighej_reason_to_word (self->reason)));
  sighejctl_record_add (&record, "open_until", g_variant_new_uint64 (self->open_until));
  end (self, &record);
}

static void
tell_nearby (Watch *self)
{
  GVariantBuilder record;

  say (self, _ ("Near you: %u open."), self->nearby);
  begin (&record, "nearby");
  sighejctl_record_add (&record, "nearby", g_variant_new_uint32 (self->nearby));
  end (self, &record);
}

static void
on_changed (Watch *self)
{
  Watch before = *self;

  remember (self);
  if (self->state != before.state || self->reason != before.reason
      || self->open_until != before.open_until)
    tell_state (self);
  if (self->nearby != before.nearby)
    tell_nearby (self);
}

static GVariant *
shared_interests (SighejDBusNudge1 *nudge)
{
  static const char *const none[] = { NULL };
  const char *const *shared = sighej_dbus_nudge1_get_shared_interests (nudge);

  return g_variant_new_strv (shared != NULL ? shared : none, -1);
}

static void
on_nudge_added (SighejClient *client, guint id, SighejDBusNudge1 *nudge, Watch *self)
{
  const char *band = sighej_dbus_nudge1_get_band (nudge);
  g_autoptr (GVariant) shared = g_variant_ref_sink (shared_interests (nudge));
  g_autofree const char **words = g_variant_get_strv (shared, NULL);
  g_autofree char *joined = sighej_words_dup_list (words);
  GVariantBuilder record;

  say (self, _ ("Nudge %u: someone nearby shares your interest in %s."), id, joined);
  begin (&record, "nudge");
  sighejctl_record_add (&record, "id", g_variant_new_uint32 (id));
  sighejctl_record_add (&record, "shared", shared);
  sighejctl_record_add (&record, "band", g_variant_new_string (band != NULL ? band : "gone"));
  end (self, &record);
}

static void
tell_number (Watch *self, const char *event, guint id)
{
  GVariantBuilder record;

  begin (&record, event);
  sighejctl_record_add (&record, "id", g_variant_new_uint32 (id));
  end (self, &record);
}

/* Whether @now is anything else than what was told of the object last; it counts as told then. */
static gboolean
is_news (Watch *self, const char *path, const char *now)
{
  if (g_strcmp0 (g_hash_table_lookup (self->told, path), now) == 0)
    return FALSE;
  g_hash_table_insert (self->told, g_strdup (path), g_strdup (now));
  return TRUE;
}

static void
on_nudge_changed (SighejClient *client, guint id, SighejDBusNudge1 *nudge, Watch *self)
{
  const char *state = sighej_dbus_nudge1_get_state (nudge);
  gboolean waved = g_strcmp0 (state, "waved") == 0 || g_strcmp0 (state, "mutual") == 0;

  if (!waved || !is_news (self, g_dbus_proxy_get_object_path (G_DBUS_PROXY (nudge)), "waved"))
    return;
  say (self, _ ("Nudge %u: you waved."), id);
  tell_number (self, "wave", id);
}

static void
on_nudge_removed (SighejClient *client, guint id, Watch *self)
{
  g_autofree char *path = sighej_client_nudge_path (id);

  g_hash_table_remove (self->told, path);
  say (self, _ ("Nudge %u is gone."), id);
  tell_number (self, "nudge-gone", id);
}

/* ---- meets ---- */

/* Says what is true of it now and was not when it was said last; of a new one only how to find each
 * other. */
static void
say_meet (Watch *self, guint id, SighejDBusMeet1 *meet)
{
  const char *path = g_dbus_proxy_get_object_path (G_DBUS_PROXY (meet));
  const char *const *said = g_hash_table_lookup (self->said, path);
  g_auto (GStrv) now = dup_sentences (meet);

  for (guint i = 0; now[i] != NULL; i++)
    if (said != NULL ? !g_strv_contains (said, now[i]) : i == 0)
      say (self, _ ("Meet %u: %s"), id, now[i]);
  g_hash_table_insert (self->said, g_strdup (path), g_steal_pointer (&now));
}

/* The event is the meet's record, after the event's own name. */
static void
tell_meet (Watch *self, const char *event, guint id, SighejDBusMeet1 *meet)
{
  g_autoptr (GVariant) values = g_variant_ref_sink (sighejctl_meet_record (id, meet));
  g_autofree char *text = sighejctl_json_dup (values, FALSE);
  GVariantBuilder record;
  GVariantIter iter;
  const char *key;
  GVariant *value;

  if (!is_news (self, g_dbus_proxy_get_object_path (G_DBUS_PROXY (meet)), text))
    return;
  say_meet (self, id, meet);
  begin (&record, event);
  g_variant_iter_init (&iter, values);
  while (g_variant_iter_loop (&iter, "{&sv}", &key, &value))
    sighejctl_record_add (&record, key, value);
  end (self, &record);
}

static void
on_meet_added (SighejClient *client, guint id, SighejDBusMeet1 *meet, Watch *self)
{
  tell_meet (self, "meet", id, meet);
}

static void
on_meet_changed (SighejClient *client, guint id, SighejDBusMeet1 *meet, Watch *self)
{
  tell_meet (self, "meet-changed", id, meet);
}

static void
on_meet_removed (SighejClient *client, guint id, Watch *self)
{
  g_autofree char *path = sighej_client_meet_path (id);

  g_hash_table_remove (self->told, path);
  g_hash_table_remove (self->said, path);
  say (self, _ ("Meet %u is over."), id);
  tell_number (self, "meet-gone", id);
}

static void
on_message (SighejClient *client, guint id, guint64 number, const char *text, Watch *self)
{
  g_autofree char *indented = sighejctl_dup_indented (text, TEXT_COLUMN);
  GVariantBuilder record;

  say (self, _ ("Meet %u: they say: %s"), id, indented);
  begin (&record, "message");
  sighejctl_record_add (&record, "id", g_variant_new_uint32 (id));
  sighejctl_record_add (&record, "n", g_variant_new_uint64 (number));
  sighejctl_record_add (&record, "text", g_variant_new_string (text));
  end (self, &record);
}

static void
on_present (Watch *self)
{
  gboolean present = sighej_client_get_present (self->ctl->client);
  GVariantBuilder record;

  say (self, present ? _ ("The daemon is back.") : _ ("The daemon is gone."));
  begin (&record, present ? "daemon-back" : "daemon-gone");
  add_state (&record, sighejctl_get_state (self->ctl));
  end (self, &record);
  if (present)
    tell_snapshot (self);
  else
    remember (self);
}

static gboolean
never (Sighejctl *ctl, gpointer user_data)
{
  return ferror (ctl->output.file) != 0;
}

static void
follow (Watch *self)
{
  static const struct
  {
    const char *signal;
    GCallback callback;
  } followed[] = {
    { "nudge-added", G_CALLBACK (on_nudge_added) },
    { "nudge-changed", G_CALLBACK (on_nudge_changed) },
    { "nudge-removed", G_CALLBACK (on_nudge_removed) },
    { "meet-added", G_CALLBACK (on_meet_added) },
    { "meet-changed", G_CALLBACK (on_meet_changed) },
    { "meet-removed", G_CALLBACK (on_meet_removed) },
    { "message", G_CALLBACK (on_message) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (followed); i++)
    g_signal_connect (self->ctl->client, followed[i].signal, followed[i].callback, self);
  g_signal_connect_swapped (self->ctl->client, "changed", G_CALLBACK (on_changed), self);
  g_signal_connect_swapped (self->ctl->client, "notify::present", G_CALLBACK (on_present), self);
}

int
sighejctl_cmd_watch (Sighejctl *ctl, GError **error)
{
  g_autoptr (GHashTable) told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GHashTable) said
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_strfreev);
  Watch self = { .ctl = ctl, .told = told, .said = said };

  /* The events have different entries; a line has the same columns all the same. */
  if (ctl->output.fields == NULL)
    ctl->output.fields = g_strsplit (ctl->command->fields, ",", -1);

  follow (&self);
  tell_snapshot (&self);

  sighejctl_wait_until (ctl, never, NULL, 0, error);
  g_signal_handlers_disconnect_by_data (ctl->client, &self);
  return *error != NULL ? -1 : SIGHEJCTL_EXIT_FAILED;
}

/* ---- wait ---- */

static gboolean
is_open (Sighejctl *ctl, gpointer user_data)
{
  return sighejctl_get_state (ctl) == SIGHEJ_STATE_OPEN;
}

static gboolean
is_closed (Sighejctl *ctl, gpointer user_data)
{
  return sighejctl_get_state (ctl) == SIGHEJ_STATE_OFF;
}

static gboolean
has_nudge (Sighejctl *ctl, gpointer user_data)
{
  g_autoptr (GArray) ids = sighej_client_dup_nudge_ids (ctl->client);

  return ids->len > 0;
}

static gboolean
has_meet (Sighejctl *ctl, gpointer user_data)
{
  g_autoptr (GArray) ids = sighej_client_dup_meet_ids (ctl->client);

  return ids->len > 0;
}

static int
tell_state_of (Sighejctl *self, GError **error)
{
  sighejctl_tell_state (self);
  return SIGHEJCTL_EXIT_DONE;
}

static const struct
{
  const char *word;
  SighejctlCondition holds;
  int (*tell) (Sighejctl *self, GError **error);
} awaited[] = {
  { "open", is_open, tell_state_of },
  { "closed", is_closed, tell_state_of },
  { "nudge", has_nudge, sighejctl_cmd_nudges },
  { "meet", has_meet, sighejctl_list_meets },
};

int
sighejctl_cmd_wait (Sighejctl *self, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (awaited); i++)
    {
      if (!g_str_equal (self->arguments[0], awaited[i].word))
        continue;
      if (!sighejctl_wait_until (
              self, awaited[i].holds, NULL, sighejctl_get_timeout_ms (self), error))
        return -1;
      return awaited[i].tell (self, error);
    }
  sighejctl_usage (error,
                   _ ("cannot wait for '%s'; wait takes open, closed, nudge or meet"),
                   self->arguments[0]);
  return -1;
}
