/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-details.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "sighej-dialog.h"
#include "sighej-text.h"
#include "sighej-words.h"

/* How many of the daemon's findings are shown. */
#define FINDINGS_MAX 8

typedef struct
{
  SighejModel *model;
  GtkWindow *parent; /* weak */
} Asked;

static void
asked_free (Asked *asked)
{
  g_clear_weak_pointer (&asked->parent);
  g_object_unref (asked->model);
  g_free (asked);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Asked, asked_free)

/* "Closed by a proxy.\nAllow WebSocket upgrades to the backend." for each that is not well. */
static char *
dup_findings (GVariant *results)
{
  g_autoptr (GString) text = g_string_new (NULL);
  const char *id, *status, *what, *next;
  GVariantIter iter;
  guint n = 0;

  g_variant_iter_init (&iter, results);
  while (n < FINDINGS_MAX && g_variant_iter_next (&iter, "(&s&s&s&s)", &id, &status, &what, &next))
    {
      g_autofree char *said = sighej_words_dup_translated (what);
      g_autofree char *step = sighej_words_dup_translated (next);
      g_autofree char *sentence = sighej_text_dup_sentence (said);
      g_autofree char *advice = *step != '\0' ? sighej_text_dup_sentence (step) : NULL;

      if (g_str_equal (status, "ok"))
        continue;
      n++;
      g_string_append_printf (text, "%s%s", text->len > 0 ? "\n\n" : "", sentence);
      if (advice != NULL)
        g_string_append_printf (text, "\n%s", advice);
    }
  if (n == 0)
    g_string_append (text, _ ("Everything looks well."));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Asked) asked = user_data;
  g_autoptr (GVariant) results = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *findings = NULL;
  GtkWidget *dialog;

  if (!sighej_dbus_diagnostics1_call_check_finish (
          SIGHEJ_DBUS_DIAGNOSTICS1 (source), &results, result, &error))
    {
      sighej_model_tell_error (asked->model, error);
      return;
    }
  if (asked->parent == NULL)
    return;

  findings = dup_findings (results);
  dialog = adw_message_dialog_new (asked->parent, _ ("What stands in the way"), NULL);
  adw_message_dialog_set_body (ADW_MESSAGE_DIALOG (dialog), findings);
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _ ("_Close"));
  sighej_dialog_present (GTK_WINDOW (dialog), asked->parent);
}

void
sighej_details_show (SighejModel *model, GtkWindow *parent)
{
  SighejClient *client = sighej_model_get_client (model);
  SighejDBusDiagnostics1 *diagnostics
      = client != NULL ? sighej_client_get_diagnostics (client) : NULL;
  Asked *asked;

  if (diagnostics == NULL)
    return;
  asked = g_new0 (Asked, 1);
  asked->model = g_object_ref (model);
  g_set_weak_pointer (&asked->parent, parent);
  sighej_dbus_diagnostics1_call_check (diagnostics, NULL, checked, asked);
}
