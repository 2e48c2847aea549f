/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-page-trouble.h"

#include <glib/gi18n.h>

#include "sighej-bluetooth-settings.h"
#include "sighej-dialog.h"
#include "sighej-names.h"
#include "sighej-text.h"
#include "sighej-words.h"

typedef enum
{
  STEP_NONE,
  STEP_RETRY,
  STEP_START,
  STEP_SETTINGS,
  STEP_CODE,
  STEP_HOW_TO_FIX,
} Step;

/* What each screen shows; a title of NULL is the reason's own clause. */
static const struct
{
  const char *icon;
  const char *title;
  const char *description; /* NULL: the reason's advice */
  Step step;
} troubles[] = {
  [SIGHEJ_SCREEN_NO_BUS] = { "network-offline-symbolic",
                             N_ ("Your session cannot be reached"),
                             N_ ("SigHej talks to its service over the session bus, and there is "
                                 "none. Log out and in again."),
                             STEP_RETRY },
  [SIGHEJ_SCREEN_NO_DAEMON] = { "system-shutdown-symbolic",
                                N_ ("SigHej's service is not running"),
                                N_ ("It does the talking to Bluetooth and the network."),
                                STEP_START },
  [SIGHEJ_SCREEN_BLUETOOTH_OFF]
  = { "bluetooth-disabled-symbolic",
      N_ ("Bluetooth is off"),
      N_ ("SigHej never turns it on by itself. Turn it on, and it goes on from there."),
      STEP_SETTINGS },
  [SIGHEJ_SCREEN_BLUETOOTH_MISSING]
  = { "bluetooth-hardware-disabled-symbolic", N_ ("No Bluetooth here"), NULL, STEP_CODE },
  [SIGHEJ_SCREEN_BLUETOOTH_BLOCKED_SOFT]
  = { "airplane-mode-symbolic", N_ ("Airplane mode is on"), NULL, STEP_SETTINGS },
  [SIGHEJ_SCREEN_BLUETOOTH_BLOCKED_HARD]
  = { "bluetooth-hardware-disabled-symbolic", N_ ("A switch blocks Bluetooth"), NULL, STEP_NONE },
  [SIGHEJ_SCREEN_BLUETOOTH_DENIED]
  = { "changes-prevent-symbolic",
      N_ ("SigHej may not use Bluetooth"),
      N_ ("The system bus does not let you talk to the Bluetooth service."),
      STEP_HOW_TO_FIX },
  [SIGHEJ_SCREEN_BLUETOOTH_LOST] = { "dialog-warning-symbolic", NULL, NULL, STEP_SETTINGS },
};

static const char *const step_labels[] = {
  [STEP_RETRY] = N_ ("Try again"),
  [STEP_START] = N_ ("Start"),
  [STEP_SETTINGS] = N_ ("Open Bluetooth settings"),
  [STEP_CODE] = N_ ("Use a code"),
  [STEP_HOW_TO_FIX] = N_ ("How to fix"),
};

struct _SighejPageTrouble
{
  AdwBin parent_instance;

  SighejModel *model;
  Step step;

  AdwStatusPage *status;
  GtkWidget *first;
  GtkLabel *first_label;
  GtkWidget *second;
  GtkLabel *second_label;
  GtkWidget *why_not;
};

G_DEFINE_FINAL_TYPE (SighejPageTrouble, sighej_page_trouble, ADW_TYPE_BIN)

static void
show_texts (SighejPageTrouble *self, SighejScreen screen)
{
  SighejReason reason = sighej_screen_reason (sighej_model_get_facts (self->model));
  const char *title = troubles[screen].title;
  const char *description = troubles[screen].description;
  g_autofree char *own
      = title == NULL ? sighej_text_dup_capitalised (sighej_words_reason (reason)) : NULL;

  adw_status_page_set_icon_name (self->status, troubles[screen].icon);
  adw_status_page_set_title (self->status, own != NULL ? own : _ (title));
  adw_status_page_set_description (
      self->status, description != NULL ? _ (description) : sighej_words_reason_advice (reason));
}

/* The way out: of an opening, or of the page that a failed try ended on. */
static void
show_second (SighejPageTrouble *self)
{
  const SighejScreenFacts *facts = sighej_model_get_facts (self->model);
  gboolean on = sighej_model_is_on (self->model);

  gtk_widget_set_visible (self->second, on || facts->refusal != SIGHEJ_REASON_NONE);
  gtk_label_set_label (self->second_label, on ? _ ("Close") : _ ("Back"));
}

static void
update (SighejPageTrouble *self)
{
  SighejScreen screen = sighej_model_get_screen (self->model);
  gboolean possible;

  if (screen >= G_N_ELEMENTS (troubles) || troubles[screen].icon == NULL)
    return;

  self->step = troubles[screen].step;
  possible = self->step != STEP_SETTINGS || sighej_bluetooth_settings_exist ();
  show_texts (self, screen);
  gtk_widget_set_visible (self->first, self->step != STEP_NONE);
  if (self->step != STEP_NONE)
    gtk_label_set_label (self->first_label, _ (step_labels[self->step]));
  gtk_widget_set_sensitive (self->first, possible);
  gtk_widget_set_visible (self->why_not, !possible);
  show_second (self);
}

static void
show_how_to_fix (SighejPageTrouble *self)
{
  GtkWindow *window = GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self)));
  GtkWidget *dialog
      = adw_message_dialog_new (window,
                                _ ("How to fix"),
                                _ ("Missing is the permission to send to org.bluez on the system "
                                   "bus. Most systems give it to the members of the group "
                                   "“bluetooth”. Let whoever runs this machine enter this, then "
                                   "log out and in again:"));
  g_autofree char *command = g_strdup_printf ("sudo usermod -aG bluetooth %s", g_get_user_name ());
  GtkWidget *label = gtk_label_new (command);

  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_add_css_class (label, "monospace");
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), label);
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _ ("_Close"));
  sighej_dialog_present (GTK_WINDOW (dialog), window);
}

static void
on_first (SighejPageTrouble *self)
{
  g_autoptr (GError) error = NULL;

  switch (self->step)
    {
    case STEP_NONE:
      break;
    case STEP_RETRY:
      sighej_model_retry (self->model);
      break;
    case STEP_START:
      sighej_model_start_daemon (self->model);
      break;
    case STEP_SETTINGS:
      if (!sighej_bluetooth_settings_show (GTK_WIDGET (self), &error))
        sighej_model_tell_error (self->model, error);
      break;
    case STEP_CODE:
      gtk_widget_activate_action (GTK_WIDGET (self), "app.pair", NULL);
      break;
    case STEP_HOW_TO_FIX:
      show_how_to_fix (self);
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
on_second (SighejPageTrouble *self)
{
  if (sighej_model_is_on (self->model))
    sighej_model_close (self->model);
  else
    sighej_model_forget_trouble (self->model);
}

static void
on_changed (SighejPageTrouble *self)
{
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    update (self);
}

static void
sighej_page_trouble_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (sighej_page_trouble_parent_class)->map (widget);
  update (SIGHEJ_PAGE_TROUBLE (widget));
}

static void
sighej_page_trouble_dispose (GObject *object)
{
  SighejPageTrouble *self = SIGHEJ_PAGE_TROUBLE (object);

  g_clear_object (&self->model);
  G_OBJECT_CLASS (sighej_page_trouble_parent_class)->dispose (object);
}

static void
sighej_page_trouble_class_init (SighejPageTroubleClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = sighej_page_trouble_dispose;
  widget_class->map = sighej_page_trouble_map;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               SIGHEJ_CLIENT_PATH "/sighej-page-trouble.ui");
  gtk_widget_class_bind_template_child (widget_class, SighejPageTrouble, first);
  gtk_widget_class_bind_template_child (widget_class, SighejPageTrouble, first_label);
  gtk_widget_class_bind_template_child (widget_class, SighejPageTrouble, second);
  gtk_widget_class_bind_template_child (widget_class, SighejPageTrouble, second_label);
  gtk_widget_class_bind_template_child (widget_class, SighejPageTrouble, why_not);
}

static void
sighej_page_trouble_init (SighejPageTrouble *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  /* Bound as a child of the template it would be taken away twice at the end. */
  self->status = ADW_STATUS_PAGE (adw_bin_get_child (ADW_BIN (self)));
  g_signal_connect_object (self->first, "clicked", G_CALLBACK (on_first), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      self->second, "clicked", G_CALLBACK (on_second), self, G_CONNECT_SWAPPED);
}

GtkWidget *
sighej_page_trouble_new (SighejModel *model)
{
  SighejPageTrouble *self = g_object_new (SIGHEJ_TYPE_PAGE_TROUBLE, NULL);

  self->model = g_object_ref (model);
  g_signal_connect_object (model, "changed", G_CALLBACK (on_changed), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}
