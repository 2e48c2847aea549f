/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejctl"

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "sighej-words.h"
#include "sighejctl-cmds.h"

static const char *const statuses[] = {
  NC_ ("check", "ok"),
  NC_ ("check", "warning"),
  NC_ ("check", "error"),
};
#define STATUS_GAP_CHARS 2

/* The word for people; it carries the state, whatever colour is around it. */
static const char *
status_word (const char *status)
{
  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    if (g_str_equal (status, statuses[i]))
      return g_dpgettext2 (NULL, "check", statuses[i]);
  return status;
}

/* As wide as the widest word of all, characters. */
static int
status_column (void)
{
  glong widest = 0;

  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    widest = MAX (widest, g_utf8_strlen (status_word (statuses[i]), -1));
  return (int) widest + STATUS_GAP_CHARS;
}

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
say_check (Sighejctl *self,
           int id_width,
           const char *status,
           const char *id,
           const char *text,
           const char *next)
{
  g_autofree char *shown = sighej_words_dup_translated (text);
  g_autofree char *step = sighej_words_dup_translated (next);
  const char *word = status_word (status);
  int column = status_column ();
  int padding = column - (int) g_utf8_strlen (word, -1);

  sighejctl_output_say_coloured (
      &self->output, status_colour (status), "%s%*s", word, MAX (padding, 1), "");
  sighejctl_output_say (&self->output, "%-*s%s\n", id_width, id, shown);
  if (*next != '\0')
    sighejctl_output_say (&self->output, _ ("%*snext: %s\n"), column, "", step);
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
      say_check (self, width, status, id, text, next);
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
