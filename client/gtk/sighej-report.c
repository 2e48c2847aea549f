/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-report.h"

#include <glib/gi18n.h>

#include "sighej-composer.h"
#include "sighej-confirm.h"
#include "sighej-dialog.h"
#include "sighej-enum-types.h"
#include "sighej-error.h"
#include "sighej-names.h"
#include "sighej-talk-log.h"
#include "sighej-toast.h"
#include "sighej-words.h"

#define REASONS (SIGHEJ_REPORT_REASON_OTHER + 1)

struct _SighejReport
{
  AdwWindow parent_instance;

  SighejModel *model;
  guint nudge; /* one of the two is 0 */
  guint meet;
  GCancellable *cancellable;
  gboolean sending;

  GtkCheckButton *reason[REASONS];
  GPtrArray *checks;   /* (element-type GtkCheckButton): one for each message that is offered */
  GPtrArray *messages; /* (element-type SighejTalkMessage) */

  GtkWidget *send;
  AdwPreferencesGroup *reasons;
  GtkTextView *text;
  GtkLabel *counter;
  AdwExpanderRow *attach;
  GtkSwitch *block;
  GtkLabel *problem;
};

G_DEFINE_FINAL_TYPE (SighejReport, sighej_report, ADW_TYPE_WINDOW)

static const char *
describe_reason (SighejReportReason reason)
{
  switch (reason)
    {
    case SIGHEJ_REPORT_REASON_SPAM:
      return _ ("Spam, or something is sold");
    case SIGHEJ_REPORT_REASON_HARASSMENT:
      return _ ("Harassment");
    case SIGHEJ_REPORT_REASON_FAKE:
      return _ ("Not who they say they are");
    case SIGHEJ_REPORT_REASON_UNDERAGE:
      return _ ("Too young to be here");
    case SIGHEJ_REPORT_REASON_DANGER:
      return _ ("Somebody is in danger");
    case SIGHEJ_REPORT_REASON_OTHER:
    default:
      return _ ("Something else");
    }
}

/* ---- what can be sent ---- */

/* (transfer full) */
static char *
dup_text (SighejReport *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->text);
  GtkTextIter start, end;
  char *text;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  text = gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
  return g_strstrip (g_strdelimit (text, "\t\r", ' '));
}

static int
get_reason (SighejReport *self)
{
  for (int i = 0; i < (int) REASONS; i++)
    if (gtk_check_button_get_active (self->reason[i]))
      return i;
  return -1;
}

static guint
count_attached (SighejReport *self)
{
  guint n_attached = 0;

  for (guint i = 0; i < self->checks->len; i++)
    n_attached += gtk_check_button_get_active (g_ptr_array_index (self->checks, i)) ? 1 : 0;
  return n_attached;
}

/* No more can be chosen than can be sent. */
static void
limit_attached (SighejReport *self)
{
  gboolean full = count_attached (self) >= SIGHEJ_REPORT_ATTACHED_MESSAGES_MAX;

  for (guint i = 0; i < self->checks->len; i++)
    {
      GtkCheckButton *check = g_ptr_array_index (self->checks, i);

      gtk_widget_set_sensitive (GTK_WIDGET (check), !full || gtk_check_button_get_active (check));
    }
}

static void
update (SighejReport *self)
{
  g_autofree char *text = dup_text (self);
  glong n_chars = g_utf8_strlen (text, -1);
  g_autofree char *counted = sighej_composer_dup_counter (n_chars);

  gtk_label_set_text (self->counter, counted);
  gtk_widget_set_sensitive (
      self->send, !self->sending && n_chars <= SIGHEJ_COMPOSER_CHARS_MAX && get_reason (self) >= 0);
}

/* ---- sending ---- */

static void
toast (SighejReport *self, const char *sentence)
{
  GtkWindow *parent = gtk_window_get_transient_for (GTK_WINDOW (self));

  if (parent != NULL)
    gtk_widget_activate_action (GTK_WIDGET (parent), SIGHEJ_TOAST_ACTION, "s", sentence);
}

static void
block (SighejReport *self)
{
  if (self->nudge != 0)
    sighej_model_block_nudge (self->model, self->nudge);
  else if (sighej_confirm_has_meet (self->model, self->meet))
    sighej_model_block_meet (self->model, self->meet);
  else
    sighej_model_avoid_meet (self->model, self->meet, TRUE);
}

static void
finish (SighejReport *self, const char *sentence)
{
  if (gtk_switch_get_active (self->block))
    block (self);
  toast (self, sentence);
  gtk_window_close (GTK_WINDOW (self));
}

static void
on_sent (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejReport) self = user_data;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *reason = NULL;
  g_autofree char *sentence = NULL;

  reply = g_dbus_proxy_call_finish (G_DBUS_PROXY (source), result, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  self->sending = FALSE;
  update (self);
  if (reply != NULL)
    {
      finish (self, _ ("Reported. They are not told."));
      return;
    }
  if (g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_OFFLINE))
    {
      finish (self, _ ("No connection. Your report is kept and sent again."));
      return;
    }
  reason = sighej_words_dup_error (error);
  /* Translators: why a report was not sent, as a clause */
  sentence = g_strdup_printf (_ ("Not sent: %s."), reason);
  gtk_label_set_text (self->problem, sentence);
  gtk_widget_set_visible (GTK_WIDGET (self->problem), TRUE);
}

static GVariant *
make_options (SighejReport *self)
{
  g_autofree char *text = dup_text (self);
  GVariantBuilder options, numbers;

  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_init (&numbers, G_VARIANT_TYPE ("at"));
  if (*text != '\0')
    g_variant_builder_add (&options, "{sv}", "text", g_variant_new_string (text));
  for (guint i = 0; i < self->checks->len; i++)
    if (gtk_check_button_get_active (g_ptr_array_index (self->checks, i)))
      g_variant_builder_add (
          &numbers, "t", sighej_talk_message_get_number (g_ptr_array_index (self->messages, i)));
  if (count_attached (self) > 0)
    g_variant_builder_add (&options, "{sv}", "messages", g_variant_builder_end (&numbers));
  else
    g_variant_builder_clear (&numbers);
  return g_variant_builder_end (&options);
}

static void
call (SighejReport *self, GDBusProxy *proxy, const char *method, GVariant *arguments)
{
  self->sending = TRUE;
  gtk_widget_set_visible (GTK_WIDGET (self->problem), FALSE);
  update (self);
  g_dbus_proxy_call (proxy,
                     method,
                     arguments,
                     G_DBUS_CALL_FLAGS_NO_AUTO_START,
                     SIGHEJ_MODEL_CALL_TIMEOUT_MS,
                     self->cancellable,
                     on_sent,
                     g_object_ref (self));
}

/* A meet by the manager, which knows it a while longer than it lasts. */
static void
send_report (SighejReport *self)
{
  const char *reason = sighej_enum_to_nick (SIGHEJ_TYPE_REPORT_REASON, get_reason (self));
  SighejClient *client = sighej_model_get_client (self->model);
  g_autoptr (SighejDBusNudge1) nudge = NULL;
  g_autofree char *path = sighej_client_meet_path (self->meet);

  if (client == NULL || self->sending)
    return;
  nudge = sighej_client_dup_nudge (client, self->nudge);
  if (nudge != NULL)
    call (self,
          G_DBUS_PROXY (nudge),
          "Report",
          g_variant_new ("(s@a{sv})", reason, make_options (self)));
  else if (self->meet != 0)
    call (self,
          G_DBUS_PROXY (sighej_client_get_manager (client)),
          "ReportMeet",
          g_variant_new ("(os@a{sv})", path, reason, make_options (self)));
}

/* ---- rows ---- */

static GtkCheckButton *
make_check_row (GtkAccessibleRole role, const char *title, const char *subtitle, GtkWidget **row)
{
  GtkWidget *check = g_object_new (GTK_TYPE_CHECK_BUTTON, "accessible-role", role, NULL);

  gtk_widget_set_valign (check, GTK_ALIGN_CENTER);
  *row = adw_action_row_new ();
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (*row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (*row), title);
  if (subtitle != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (*row), subtitle);
  adw_action_row_add_prefix (ADW_ACTION_ROW (*row), check);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (*row), check);
  return GTK_CHECK_BUTTON (check);
}

static void
add_reasons (SighejReport *self)
{
  for (int i = 0; i < (int) REASONS; i++)
    {
      GtkWidget *row;

      self->reason[i] = make_check_row (
          GTK_ACCESSIBLE_ROLE_RADIO, describe_reason ((SighejReportReason) i), NULL, &row);
      if (i > 0)
        gtk_check_button_set_group (self->reason[i], self->reason[0]);
      g_signal_connect_swapped (self->reason[i], "toggled", G_CALLBACK (update), self);
      adw_preferences_group_add (self->reasons, row);
    }
}

static void
add_message (SighejReport *self, SighejTalkMessage *message)
{
  g_autofree char *clock = sighej_words_dup_clock (sighej_talk_message_get_time_s (message));
  g_autofree char *who = g_strdup_printf (
      sighej_talk_message_is_own (message) ? _ ("You, %s") : _ ("They, %s"), clock);
  GtkCheckButton *check;
  GtkWidget *row;

  check = make_check_row (
      GTK_ACCESSIBLE_ROLE_CHECKBOX, sighej_talk_message_get_text (message), who, &row);
  g_signal_connect_swapped (check, "toggled", G_CALLBACK (limit_attached), self);
  g_ptr_array_add (self->checks, check);
  g_ptr_array_add (self->messages, g_object_ref (message));
  adw_expander_row_add_row (self->attach, row);
}

/* The newest first: what one is upset about was said just now. */
static void
add_messages (SighejReport *self, GListModel *messages)
{
  guint n_messages = messages != NULL ? g_list_model_get_n_items (messages) : 0;

  for (guint i = 0; i < MIN (n_messages, SIGHEJ_REPORT_OFFERED_MESSAGES_MAX); i++)
    {
      g_autoptr (SighejTalkMessage) message = g_list_model_get_item (messages, n_messages - 1 - i);

      add_message (self, message);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->attach), n_messages > 0);
}

/* ---- life ---- */

static void
sighej_report_dispose (GObject *object)
{
  SighejReport *self = SIGHEJ_REPORT (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->model);
  g_clear_pointer (&self->checks, g_ptr_array_unref);
  g_clear_pointer (&self->messages, g_ptr_array_unref);
  gtk_widget_dispose_template (GTK_WIDGET (self), SIGHEJ_TYPE_REPORT);
  G_OBJECT_CLASS (sighej_report_parent_class)->dispose (object);
}

static void
sighej_report_class_init (SighejReportClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sighej_report_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               SIGHEJ_CLIENT_PATH "/sighej-report.ui");
  gtk_widget_class_bind_template_child (widget_class, SighejReport, send);
  gtk_widget_class_bind_template_child (widget_class, SighejReport, reasons);
  gtk_widget_class_bind_template_child (widget_class, SighejReport, text);
  gtk_widget_class_bind_template_child (widget_class, SighejReport, counter);
  gtk_widget_class_bind_template_child (widget_class, SighejReport, attach);
  gtk_widget_class_bind_template_child (widget_class, SighejReport, block);
  gtk_widget_class_bind_template_child (widget_class, SighejReport, problem);
  gtk_widget_class_bind_template_callback (widget_class, send_report);
}

static void
sighej_report_init (SighejReport *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->cancellable = g_cancellable_new ();
  self->checks = g_ptr_array_new ();
  self->messages = g_ptr_array_new_with_free_func (g_object_unref);
  add_reasons (self);
  g_signal_connect_object (gtk_text_view_get_buffer (self->text),
                           "changed",
                           G_CALLBACK (update),
                           self,
                           G_CONNECT_SWAPPED);
  update (self);
}

/* The meet is over, and what was said is wiped. */
static void
forget_messages (SighejReport *self)
{
  g_ptr_array_set_size (self->checks, 0);
  g_ptr_array_set_size (self->messages, 0);
  gtk_widget_set_visible (GTK_WIDGET (self->attach), FALSE);
}

static void
on_changed (SighejReport *self)
{
  if (self->meet != 0 && !sighej_confirm_has_meet (self->model, self->meet))
    forget_messages (self);
  if (!sighej_model_is_on (self->model)
      || (self->nudge != 0 && !sighej_confirm_has_nudge (self->model, self->nudge)))
    gtk_window_close (GTK_WINDOW (self));
}

static void
present (GtkWidget *parent, SighejModel *model, guint nudge, guint meet, GListModel *messages)
{
  GtkWindow *window = GTK_WINDOW (gtk_widget_get_root (parent));
  SighejReport *self = g_object_new (SIGHEJ_TYPE_REPORT, NULL);

  self->model = g_object_ref (model);
  self->nudge = nudge;
  self->meet = meet;
  add_messages (self, messages);
  g_signal_connect_object (model, "changed", G_CALLBACK (on_changed), self, G_CONNECT_SWAPPED);
  sighej_dialog_present (GTK_WINDOW (self), window);
}

void
sighej_report_nudge (GtkWidget *parent, SighejModel *model, guint nudge)
{
  present (parent, model, nudge, 0, NULL);
}

void
sighej_report_meet (GtkWidget *parent, SighejModel *model, guint meet, GListModel *messages)
{
  present (parent, model, 0, meet, messages);
}
