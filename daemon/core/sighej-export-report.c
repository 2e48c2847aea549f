/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-export-report.h"

#include "sighej-error.h"

static void
hold (GVariant **held, GVariant *value)
{
  g_clear_pointer (held, g_variant_unref);
  *held = g_variant_ref (value);
}

static void
take_text (SighejExportReport *self, GVariant *value)
{
  hold (&self->text_value, value);
  self->text = g_variant_get_string (value, NULL);
}

static void
take_messages (SighejExportReport *self, GVariant *value)
{
  gsize n_messages;

  hold (&self->messages_value, value);
  self->messages = g_variant_get_fixed_array (value, &n_messages, sizeof *self->messages);
  self->n_messages = (guint) n_messages;
}

static const struct
{
  const char *name;
  const char *type;
  gboolean of_talk;
  void (*take) (SighejExportReport *self, GVariant *value);
} known[] = {
  { "text", "s", FALSE, take_text },
  { "messages", "at", TRUE, take_messages },
};

static gboolean
refuse (GError **error, const char *message)
{
  g_set_error_literal (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_REQUEST, message);
  return FALSE;
}

static gboolean
read_option (SighejExportReport *self,
             const char *name,
             GVariant *value,
             gboolean has_messages,
             GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    {
      if (!g_str_equal (name, known[i].name) || (known[i].of_talk && !has_messages))
        continue;
      if (!g_variant_is_of_type (value, G_VARIANT_TYPE (known[i].type)))
        return refuse (error, "the option text must be of type s, messages of type at");
      known[i].take (self, value);
      return TRUE;
    }
  return refuse (error,
                 has_messages ? "there are no options but text and messages"
                              : "there is no option but text, for a nudge has no messages");
}

gboolean
sighej_export_report_read (SighejExportReport *self,
                           GVariant *options,
                           gboolean has_messages,
                           GError **error)
{
  GVariantIter iter;
  const char *name;
  GVariant *child;

  g_variant_iter_init (&iter, options);
  while (g_variant_iter_next (&iter, "{&sv}", &name, &child))
    {
      g_autoptr (GVariant) value = child;

      if (!read_option (self, name, value, has_messages, error))
        return FALSE;
    }
  return TRUE;
}

void
sighej_export_report_clear (SighejExportReport *self)
{
  g_clear_pointer (&self->text_value, g_variant_unref);
  g_clear_pointer (&self->messages_value, g_variant_unref);
}
