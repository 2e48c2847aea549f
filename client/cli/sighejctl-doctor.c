/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejctl"

#include "config.h"

#include <string.h>

#include "sighejctl-cmds.h"

/* "warning" and two spaces. */
#define STATUS_COLUMN_CHARS 9

static SighejctlColour
status_colour (const char *status)
{
  if (g_str_equal (status, "ok"))
    return SIGHEJCTL_COLOUR_GREEN;
  return g_str_equal (status, "warning") ? SIGHEJCTL_COLOUR_YELLOW : SIGHEJCTL_COLOUR_RED;
}

static guint
widest_id (GVariant *results)
{
  GVariantIter iter;
  const char *id;
  guint widest = 0;

  g_variant_iter_init (&iter, results);
  while (g_variant_iter_loop (&iter, "(&s&s&s&s)", &id, NULL, NULL, NULL))
    widest = MAX (widest, (guint) strlen (id));
  return widest;
}

static GVariant *
check_record (const char *status, const char *id, const char *text, const char *next)
{
  GVariantBuilder record;

  g_variant_builder_init (&record, G_VARIANT_TYPE_VARDICT);
  sighejctl_record_add (&record, "status", g_variant_new_string (status));
  sighejctl_record_add (&record, "id", g_variant_new_string (id));
  sighejctl_record_add (&record, "text", g_variant_new_string (text));
  sighejctl_record_add (&record, "next", g_variant_new_string (next));
  return g_variant_builder_end (&record);
}

static void
tell (Sighejctl *self, GVariant *results)
{
  int width = (int) widest_id (results) + 2;
  const char *id, *status, *text, *next;
  GVariantBuilder records;
  GVariantIter iter;

  g_variant_builder_init (&records, G_VARIANT_TYPE ("aa{sv}"));
  g_variant_iter_init (&iter, results);
  while (g_variant_iter_loop (&iter, "(&s&s&s&s)", &id, &status, &text, &next))
    {
      sighejctl_output_say_coloured (
          &self->output, status_colour (status), "%-*s", STATUS_COLUMN_CHARS, status);
      sighejctl_output_say (&self->output, "%-*s%s\n", width, id, text);
      if (*next != '\0')
        sighejctl_output_say (&self->output, "%*snext: %s\n", STATUS_COLUMN_CHARS, "", next);
      g_variant_builder_add_value (&records, check_record (status, id, text, next));
    }
  sighejctl_output_list (&self->output, "checks", g_variant_builder_end (&records));
}

int
sighejctl_cmd_doctor (Sighejctl *self, GError **error)
{
  g_autoptr (GVariant) results = NULL;

  if (!sighej_dbus_diagnostics1_call_check_sync (
          sighej_client_get_diagnostics (self->client), &results, NULL, error))
    return -1;
  tell (self, results);
  return SIGHEJCTL_EXIT_DONE;
}
