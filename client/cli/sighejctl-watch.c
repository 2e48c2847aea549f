/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejctl"

#include "config.h"

#include "sighej-enum-types.h"
#include "sighejctl-cmds.h"

/**
 * Watch:
 * @state, @reason, @open_until, @nearby: what was told last
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

static void
tell_snapshot (Watch *self)
{
  g_autoptr (GArray) ids = sighej_client_dup_nudge_ids (self->ctl->client);
  g_autofree char *sentence = sighejctl_dup_state_sentence (self->ctl);
  GVariantBuilder record;

  remember (self);
  say (self, "%s Near you: %u open. Nudges: %u.", sentence, self->nearby, ids->len);
  begin (&record, "snapshot");
  add_state (&record, self->state);
  sighejctl_record_add (&record, "nearby", g_variant_new_uint32 (self->nearby));
  sighejctl_record_add (
      &record,
      "nudges",
      g_variant_new_fixed_array (G_VARIANT_TYPE_UINT32, ids->data, ids->len, sizeof (guint)));
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

  say (self, "Near you: %u open.", self->nearby);
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
  g_autofree char *joined = sighejctl_join_words (words);
  GVariantBuilder record;

  say (self, "Nudge %u: someone nearby shares your interest in %s.", id, joined);
  begin (&record, "nudge");
  sighejctl_record_add (&record, "id", g_variant_new_uint32 (id));
  sighejctl_record_add (&record, "shared", shared);
  sighejctl_record_add (&record, "band", g_variant_new_string (band != NULL ? band : "gone"));
  end (self, &record);
}

static void
on_nudge_removed (SighejClient *client, guint id, Watch *self)
{
  GVariantBuilder record;

  say (self, "Nudge %u is gone.", id);
  begin (&record, "nudge-gone");
  sighejctl_record_add (&record, "id", g_variant_new_uint32 (id));
  end (self, &record);
}

static void
on_present (Watch *self)
{
  gboolean present = sighej_client_get_present (self->ctl->client);
  GVariantBuilder record;

  say (self, present ? "The daemon is back." : "The daemon is gone.");
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

int
sighejctl_cmd_watch (Sighejctl *ctl, GError **error)
{
  SighejClient *client = ctl->client;
  Watch self = { .ctl = ctl };

  /* The events have different entries; a line has the same columns all the same. */
  if (ctl->output.fields == NULL)
    ctl->output.fields = g_strsplit (ctl->command->fields, ",", -1);

  g_signal_connect (client, "nudge-added", G_CALLBACK (on_nudge_added), &self);
  g_signal_connect (client, "nudge-removed", G_CALLBACK (on_nudge_removed), &self);
  g_signal_connect_swapped (client, "changed", G_CALLBACK (on_changed), &self);
  g_signal_connect_swapped (client, "notify::present", G_CALLBACK (on_present), &self);
  tell_snapshot (&self);

  sighejctl_wait_until (ctl, never, NULL, 0, error);
  g_signal_handlers_disconnect_by_data (client, &self);
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

static const struct
{
  const char *word;
  SighejctlCondition holds;
} awaited[] = {
  { "open", is_open },
  { "closed", is_closed },
  { "nudge", has_nudge },
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
      if (awaited[i].holds == has_nudge)
        return sighejctl_cmd_nudges (self, error);
      sighejctl_tell_state (self);
      return SIGHEJCTL_EXIT_DONE;
    }
  sighejctl_usage (
      error, "cannot wait for '%s'; wait takes open, closed or nudge", self->arguments[0]);
  return -1;
}
