/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejctl"

#include "config.h"

#include <glib/gi18n.h>

#include "sighej-enum-types.h"
#include "sighej-error.h"
#include "sighejctl-cmds.h"
#include "sighejctl-pick.h"

static int
create (Sighejctl *self, GError **error)
{
  g_autofree char *code = NULL;
  g_autofree char *link = NULL;
  g_autofree char *left = NULL;
  GVariantBuilder record;
  guint64 expires;

  if (!sighej_dbus_manager1_call_create_pair_code_sync (
          sighej_client_get_manager (self->client), &code, &link, &expires, NULL, error))
    return -1;

  left = sighejctl_dup_time_left (expires);
  sighejctl_output_say (&self->output, _ ("%s  (valid %s)  %s\n"), code, left, link);
  g_variant_builder_init (&record, G_VARIANT_TYPE_VARDICT);
  sighejctl_record_add (&record, "code", g_variant_new_string (code));
  sighejctl_record_add (&record, "link", g_variant_new_string (link));
  sighejctl_record_add (&record, "expires", g_variant_new_uint64 (expires));
  sighejctl_output_record (&self->output, g_variant_builder_end (&record));
  return SIGHEJCTL_EXIT_DONE;
}

/* Whether there is something to compare, or it is known that there is nothing to trust. */
static gboolean
is_checked (Sighejctl *self, gpointer user_data)
{
  guint id = *(guint *) user_data;
  g_autoptr (SighejDBusMeet1) meet = sighej_client_dup_meet (self->client, id);
  int trust = SIGHEJ_MEET_TRUST_UNKNOWN;

  if (meet == NULL)
    return FALSE;
  if (sighej_dbus_meet1_get_trust (meet) != NULL)
    sighej_enum_from_nick (SIGHEJ_TYPE_MEET_TRUST, sighej_dbus_meet1_get_trust (meet), &trust);
  return trust != SIGHEJ_MEET_TRUST_UNKNOWN;
}

static void
say_paired (Sighejctl *self, guint id, SighejDBusMeet1 *meet)
{
  g_autofree char *look_for = sighejctl_dup_look_for (meet);
  const char *phrase = sighej_dbus_meet1_get_phrase (meet);

  sighejctl_output_say (&self->output, _ ("You are paired: meet %u. %s\n"), id, look_for);
  if (phrase != NULL && *phrase != '\0')
    sighejctl_output_say (&self->output,
                          _ ("Both screens must show the same words: %s\n"
                             "If they do not, somebody stands between: sighejctl end %u\n"),
                          phrase,
                          id);
}

static int
use (Sighejctl *self, const char *code, GError **error)
{
  g_autoptr (SighejDBusMeet1) meet = NULL;
  g_autofree char *path = NULL;
  guint id;

  if (!sighej_dbus_manager1_call_pair_by_code_sync (
          sighej_client_get_manager (self->client), code, &path, NULL, error))
    {
      if (error != NULL && g_error_matches (*error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_FOUND))
        {
          g_clear_error (error);
          g_set_error_literal (
              error,
              SIGHEJ_ERROR,
              SIGHEJ_ERROR_NOT_FOUND,
              _ ("there is no such code, or it was used, or its 5 minutes are over; "
                 "ask for a new one: 'sighejctl code' makes it"));
        }
      return -1;
    }
  id = sighej_client_meet_id (path);
  if (!sighejctl_wait_until (self, is_checked, &id, sighejctl_get_timeout_ms (self), error))
    {
      g_prefix_error (error, _ ("paired, but there are no words to compare yet: "));
      return -1;
    }

  meet = sighej_client_dup_meet (self->client, id);
  say_paired (self, id, meet);
  sighejctl_output_record (&self->output, sighejctl_meet_record (id, meet));
  return SIGHEJCTL_EXIT_DONE;
}

int
sighejctl_cmd_code (Sighejctl *self, GError **error)
{
  g_autofree char *code = sighejctl_dup_rest (self, 1);

  if (self->n_arguments == 0)
    return create (self, error);
  if (g_str_equal (self->arguments[0], "use") && self->n_arguments > 1)
    return use (self, code, error);
  sighejctl_usage (error, _ ("code takes nothing, or use CODE; 'sighejctl help code' shows how"));
  return -1;
}
