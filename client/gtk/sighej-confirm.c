/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-confirm.h"

#include <glib/gi18n.h>

#include "sighej-dialog.h"

#define RESPONSE_CANCEL "cancel"
#define RESPONSE_GO "go"

/**
 * Confirmation:
 * @is_there: whether what it is about still is
 * @go: what is done after a yes
 */
typedef struct
{
  SighejModel *model;
  guint id;
  gboolean (*is_there) (SighejModel *model, guint id);
  void (*go) (SighejModel *model, guint id);
} Confirmation;

static void
confirmation_free (gpointer data, GClosure *closure)
{
  Confirmation *self = data;

  g_object_unref (self->model);
  g_free (self);
}

static void
on_response (AdwMessageDialog *dialog, const char *response, Confirmation *self)
{
  if (g_str_equal (response, RESPONSE_GO))
    self->go (self->model, self->id);
}

static void
close_when_over (GtkWindow *dialog, SighejModel *model)
{
  Confirmation *self = g_object_get_data (G_OBJECT (dialog), "confirmation");

  if (!self->is_there (model, self->id))
    gtk_window_close (dialog);
}

static void
ask (GtkWidget *parent,
     SighejModel *model,
     const char *heading,
     const char *body,
     const char *yes,
     const Confirmation *what)
{
  GtkWindow *window = GTK_WINDOW (gtk_widget_get_root (parent));
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (adw_message_dialog_new (window, heading, body));
  Confirmation *self = g_memdup2 (what, sizeof *what);

  self->model = g_object_ref (model);
  adw_message_dialog_add_responses (dialog, RESPONSE_CANCEL, _ ("Cancel"), RESPONSE_GO, yes, NULL);
  adw_message_dialog_set_response_appearance (dialog, RESPONSE_GO, ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_close_response (dialog, RESPONSE_CANCEL);
  adw_message_dialog_set_default_response (dialog, RESPONSE_CANCEL);
  g_object_set_data (G_OBJECT (dialog), "confirmation", self);
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_response), self, confirmation_free, 0);
  g_signal_connect_object (
      model, "changed", G_CALLBACK (close_when_over), dialog, G_CONNECT_SWAPPED);
  sighej_dialog_present (GTK_WINDOW (dialog), window);
}

gboolean
sighej_confirm_has_nudge (SighejModel *model, guint nudge)
{
  SighejClient *client = sighej_model_get_client (model);
  g_autoptr (SighejDBusNudge1) proxy = NULL;

  if (client == NULL || !sighej_client_get_present (client))
    return FALSE;
  proxy = sighej_client_dup_nudge (client, nudge);
  return proxy != NULL;
}

gboolean
sighej_confirm_has_meet (SighejModel *model, guint meet)
{
  SighejClient *client = sighej_model_get_client (model);
  g_autoptr (SighejDBusMeet1) proxy = NULL;

  if (client == NULL || !sighej_client_get_present (client))
    return FALSE;
  proxy = sighej_client_dup_meet (client, meet);
  return proxy != NULL;
}

void
sighej_confirm_block_nudge (GtkWidget *parent, SighejModel *model, guint nudge)
{
  Confirmation what
      = { .id = nudge, .is_there = sighej_confirm_has_nudge, .go = sighej_model_block_nudge };

  ask (parent,
       model,
       _ ("Block this person?"),
       _ ("You are not brought together again for 30 days. They are not told: to them it looks as "
          "if you had not answered."),
       _ ("Block"),
       &what);
}

void
sighej_confirm_block_meet (GtkWidget *parent, SighejModel *model, guint meet)
{
  Confirmation what
      = { .id = meet, .is_there = sighej_confirm_has_meet, .go = sighej_model_block_meet };

  ask (parent,
       model,
       _ ("Block this person?"),
       _ ("The meet ends for both, and you are not brought together again for 30 days. They learn "
          "that it ended, not why."),
       _ ("Block"),
       &what);
}

void
sighej_confirm_end_meet (GtkWidget *parent, SighejModel *model, guint meet)
{
  Confirmation what
      = { .id = meet, .is_there = sighej_confirm_has_meet, .go = sighej_model_end_meet };

  ask (parent,
       model,
       _ ("End this meet?"),
       _ ("It ends for both, and what you wrote is wiped. They learn that it ended, not why."),
       _ ("End"),
       &what);
}
