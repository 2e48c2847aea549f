/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejctl"

#include "config.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <unistd.h>

#include "sighej-crypto.h"
#include "sighej-enum-types.h"
#include "sighejctl-cmds.h"
#include "sighejctl-pick.h"
#include "sighejctl-suggest.h"

/* More than the daemon takes, so that it is the one to refuse. */
#define ATTACHED_MAX 64
#define APPEAL_BYTES_MAX 8192

/*
 * Block and report go for a meet and for a nudge alike: the number means one person, and what it
 * has become by now is what is meant. An appeal goes for oneself.
 */

/* Whether it was done, to the meet or else to the nudge of this number. */
static gboolean
block_person (Sighejctl *self, guint id, GError **error)
{
  g_autoptr (SighejDBusMeet1) meet = sighej_client_dup_meet (self->client, id);
  g_autoptr (SighejDBusNudge1) nudge = sighej_client_dup_nudge (self->client, id);

  if (meet != NULL)
    return sighej_dbus_meet1_call_block_sync (meet, NULL, error);
  if (nudge != NULL)
    return sighej_dbus_nudge1_call_block_sync (nudge, NULL, error);
  sighejctl_nobody_of_number (id, error);
  return FALSE;
}

int
sighejctl_cmd_block (Sighejctl *self, GError **error)
{
  g_autoptr (GError) reason = NULL;
  guint id;

  if (!sighejctl_parse_number (self->arguments[0], &id, error))
    return -1;
  if (!block_person (self, id, &reason))
    {
      if (sighejctl_is_object_gone (reason))
        return sighejctl_nobody_of_number (id, error);
      g_propagate_error (error, g_steal_pointer (&reason));
      return -1;
    }
  return sighejctl_tell_done (
      self,
      id,
      "blocked",
      _ ("Blocked for 30 days. They are not told; they see what silence looks like."));
}

/* ---- report ---- */

static gboolean
check_reason (const char *reason, GError **error)
{
  g_autoptr (GEnumClass) reasons = g_type_class_ref (SIGHEJ_TYPE_REPORT_REASON);
  g_autofree const char **words = g_new0 (const char *, reasons->n_values + 1);
  g_autofree char *all = NULL;
  const char *meant;

  for (guint i = 0; i < reasons->n_values; i++)
    words[i] = reasons->values[i].value_nick;
  all = g_strjoinv (", ", (char **) words);
  if (reason == NULL)
    return sighejctl_usage (error, _ ("a report needs --reason=WORD; it is one of %s"), all);
  if (g_strv_contains (words, reason))
    return TRUE;
  meant = sighejctl_suggest (reason, words);
  if (meant != NULL)
    return sighejctl_usage (
        error, _ ("there is no reason '%s'; did you mean '--reason=%s'?"), reason, meant);
  return sighejctl_usage (error, _ ("there is no reason '%s'; it is one of %s"), reason, all);
}

/* Appends the numbers of one --attach. */
static gboolean
add_attached (GArray *numbers, const char *list, GError **error)
{
  g_auto (GStrv) items = g_strsplit (list, ",", -1);

  if (items[0] == NULL)
    return sighejctl_usage (error, _ ("--attach needs numbers of messages"));
  for (guint i = 0; items[i] != NULL; i++)
    {
      guint64 number;

      if (numbers->len >= ATTACHED_MAX)
        return sighejctl_usage (error, _ ("--attach takes at most %d messages"), ATTACHED_MAX);
      if (!g_ascii_string_to_unsigned (items[i], 10, 1, G_MAXINT64, &number, NULL))
        return sighejctl_usage (error,
                                _ ("--attach takes numbers of messages, not '%s'; 'sighejctl "
                                   "messages N' shows them"),
                                items[i]);
      g_array_append_val (numbers, number);
    }
  return TRUE;
}

/* The options of the call. (transfer floating) (nullable) */
static GVariant *
report_options (Sighejctl *self, GError **error)
{
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (guint64));
  GVariantBuilder options;

  for (char **list = self->report.attach; list != NULL && *list != NULL; list++)
    if (!add_attached (numbers, *list, error))
      return NULL;

  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  if (self->report.message != NULL)
    sighejctl_record_add (&options, "text", g_variant_new_string (self->report.message));
  if (numbers->len > 0)
    sighejctl_record_add (
        &options,
        "messages",
        g_variant_new_fixed_array (
            G_VARIANT_TYPE_UINT64, numbers->data, numbers->len, sizeof (guint64)));
  return g_variant_builder_end (&options);
}

/* (transfer full) (nullable): the receipt */
static char *
report_person (Sighejctl *self, guint id, GVariant *options, GError **error)
{
  g_autoptr (SighejDBusMeet1) meet = sighej_client_dup_meet (self->client, id);
  g_autoptr (SighejDBusNudge1) nudge = sighej_client_dup_nudge (self->client, id);
  const char *reason = self->report.reason;
  char *receipt = NULL;

  if (meet != NULL)
    sighej_dbus_meet1_call_report_sync (meet, reason, options, &receipt, NULL, error);
  else if (nudge != NULL)
    sighej_dbus_nudge1_call_report_sync (nudge, reason, options, &receipt, NULL, error);
  else
    sighejctl_nobody_of_number (id, error);
  return receipt;
}

static void
tell_reported (Sighejctl *self, guint id, const char *receipt)
{
  GVariantBuilder record;

  sighejctl_output_say (&self->output, _ ("Reported. The other side is not told.\n"));
  if (*receipt != '\0')
    sighejctl_output_say (&self->output, _ ("Your receipt: %s\n"), receipt);
  sighejctl_output_say (&self->output, _ ("To never meet them again: sighejctl block %u\n"), id);
  g_variant_builder_init (&record, G_VARIANT_TYPE_VARDICT);
  sighejctl_record_add (&record, "id", g_variant_new_uint32 (id));
  sighejctl_record_add (&record, "reason", g_variant_new_string (self->report.reason));
  sighejctl_record_add (&record, "receipt", g_variant_new_string (receipt));
  sighejctl_output_record (&self->output, g_variant_builder_end (&record));
}

int
sighejctl_cmd_report (Sighejctl *self, GError **error)
{
  g_autoptr (GVariant) options = NULL;
  g_autofree char *receipt = NULL;
  g_autoptr (GError) reason = NULL;
  guint id;

  if (!sighejctl_parse_number (self->arguments[0], &id, error)
      || !check_reason (self->report.reason, error))
    return -1;
  options = report_options (self, error);
  if (options == NULL)
    return -1;
  g_variant_ref_sink (options);

  receipt = report_person (self, id, options, &reason);
  if (receipt == NULL)
    {
      if (sighejctl_is_object_gone (reason))
        return sighejctl_nobody_of_number (id, error);
      g_propagate_error (error, g_steal_pointer (&reason));
      return -1;
    }
  tell_reported (self, id, receipt);
  return SIGHEJCTL_EXIT_DONE;
}

/* ---- appeal ---- */

/* All of standard input, as far as an appeal may go. (transfer full) (nullable): with @error */
static char *
read_input (GError **error)
{
  g_autofree char *text = g_malloc0 (APPEAL_BYTES_MAX + 1);
  gsize n_bytes = 0;
  ssize_t n_read;

  if (isatty (STDIN_FILENO))
    g_printerr ("%s\n", _ ("What should the operators know? (end with Ctrl+D)"));
  do
    {
      n_read = read (STDIN_FILENO, text + n_bytes, APPEAL_BYTES_MAX - n_bytes);
      n_bytes += (gsize) MAX (n_read, 0);
    }
  while ((n_read > 0 && n_bytes < APPEAL_BYTES_MAX) || (n_read < 0 && errno == EINTR));
  g_strchomp (text);
  if (n_read < 0)
    sighejctl_usage (error, _ ("standard input cannot be read: %s"), g_strerror (errno));
  else if (!g_utf8_validate (text, -1, NULL))
    sighejctl_usage (error, _ ("an appeal is text, in UTF-8"));
  else if (*text == '\0')
    sighejctl_usage (error, _ ("an appeal needs a text; 'sighejctl help appeal' shows how"));
  else
    return g_steal_pointer (&text);
  return NULL;
}

int
sighejctl_cmd_appeal (Sighejctl *self, GError **error)
{
  g_autofree char *text = self->n_arguments > 0 ? sighejctl_dup_rest (self, 0) : read_input (error);
  GVariantBuilder record;
  gboolean done;

  if (text == NULL)
    return -1;
  done = sighej_dbus_manager1_call_appeal_sync (
      sighej_client_get_manager (self->client), text, NULL, error);
  sighej_wipe (text, strlen (text));
  if (!done)
    return -1;

  sighejctl_output_say (&self->output,
                        _ ("The operators have it. You are not told what they decide; if there was "
                           "a report, and they undo it, nudges come again.\n"));
  g_variant_builder_init (&record, G_VARIANT_TYPE_VARDICT);
  sighejctl_record_add (&record, "state", g_variant_new_string ("written"));
  sighejctl_output_record (&self->output, g_variant_builder_end (&record));
  return SIGHEJCTL_EXIT_DONE;
}
