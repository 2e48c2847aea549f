/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-pair-dialog.h"

#include <glib/gi18n.h>

#include "sighej-names.h"
#include "sighej-words.h"

struct _SighejPairDialog
{
  AdwWindow parent_instance;

  SighejModel *model;
  GCancellable *cancellable;

  GtkLabel *code;
  GtkLabel *valid;
  GtkWidget *make;
  GtkLabel *make_label;
  AdwEntryRow *entry;
  GtkLabel *problem;
};

G_DEFINE_FINAL_TYPE (SighejPairDialog, sighej_pair_dialog, ADW_TYPE_WINDOW)

static void
show_problem (SighejPairDialog *self, const GError *error)
{
  g_autofree char *sentence = error != NULL ? sighej_words_dup_error (error) : NULL;
  g_autofree char *step = error != NULL ? sighej_words_dup_error_step (error) : NULL;
  g_autofree char *both = step != NULL ? g_strdup_printf ("%s; %s", sentence, step) : NULL;

  gtk_label_set_label (self->problem, both != NULL ? both : sentence != NULL ? sentence : "");
  gtk_widget_set_visible (GTK_WIDGET (self->problem), error != NULL);
}

static void
show_code (SighejPairDialog *self, const char *code, guint64 expires)
{
  g_autofree char *clock = sighej_words_dup_clock (expires);
  g_autofree char *valid = g_strdup_printf (_ ("Valid until %s"), clock);

  gtk_label_set_label (self->code, code);
  gtk_label_set_label (self->valid, valid);
  gtk_widget_set_visible (GTK_WIDGET (self->code), TRUE);
  gtk_widget_set_visible (GTK_WIDGET (self->valid), TRUE);
  gtk_label_set_label (self->make_label, _ ("Make another"));
}

static void
code_made (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejPairDialog) self = user_data;
  g_autofree char *code = NULL;
  g_autofree char *link = NULL;
  g_autoptr (GError) error = NULL;
  guint64 expires;

  sighej_dbus_manager1_call_create_pair_code_finish (
      SIGHEJ_DBUS_MANAGER1 (source), &code, &link, &expires, result, &error);
  if (g_cancellable_is_cancelled (self->cancellable))
    return;

  gtk_widget_set_sensitive (self->make, TRUE);
  show_problem (self, error);
  if (error == NULL)
    show_code (self, code, expires);
}

static void
on_make (SighejPairDialog *self)
{
  SighejDBusManager1 *manager = sighej_model_get_manager (self->model);

  if (manager == NULL)
    return;
  gtk_widget_set_sensitive (self->make, FALSE);
  sighej_dbus_manager1_call_create_pair_code (
      manager, self->cancellable, code_made, g_object_ref (self));
}

static void
code_used (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejPairDialog) self = user_data;
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  sighej_dbus_manager1_call_pair_by_code_finish (
      SIGHEJ_DBUS_MANAGER1 (source), &path, result, &error);
  if (g_cancellable_is_cancelled (self->cancellable))
    return;

  gtk_widget_set_sensitive (GTK_WIDGET (self->entry), TRUE);
  show_problem (self, error);
  if (error == NULL)
    gtk_window_close (GTK_WINDOW (self));
}

static void
on_apply (SighejPairDialog *self)
{
  SighejDBusManager1 *manager = sighej_model_get_manager (self->model);

  if (manager == NULL)
    return;
  gtk_widget_set_sensitive (GTK_WIDGET (self->entry), FALSE);
  sighej_dbus_manager1_call_pair_by_code (manager,
                                          gtk_editable_get_text (GTK_EDITABLE (self->entry)),
                                          self->cancellable,
                                          code_used,
                                          g_object_ref (self));
}

/* The other one has used the code: there is the meet, or the session is over. */
static void
on_screen_changed (SighejPairDialog *self)
{
  if (sighej_model_get_screen (self->model) == SIGHEJ_SCREEN_MEET
      || !sighej_model_is_on (self->model))
    gtk_window_close (GTK_WINDOW (self));
}

static void
sighej_pair_dialog_dispose (GObject *object)
{
  SighejPairDialog *self = SIGHEJ_PAIR_DIALOG (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->model);
  G_OBJECT_CLASS (sighej_pair_dialog_parent_class)->dispose (object);
}

static void
sighej_pair_dialog_finalize (GObject *object)
{
  g_clear_object (&SIGHEJ_PAIR_DIALOG (object)->cancellable);
  G_OBJECT_CLASS (sighej_pair_dialog_parent_class)->finalize (object);
}

static void
sighej_pair_dialog_class_init (SighejPairDialogClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = sighej_pair_dialog_dispose;
  object_class->finalize = sighej_pair_dialog_finalize;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               SIGHEJ_CLIENT_PATH "/sighej-pair-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, SighejPairDialog, code);
  gtk_widget_class_bind_template_child (widget_class, SighejPairDialog, valid);
  gtk_widget_class_bind_template_child (widget_class, SighejPairDialog, make);
  gtk_widget_class_bind_template_child (widget_class, SighejPairDialog, make_label);
  gtk_widget_class_bind_template_child (widget_class, SighejPairDialog, entry);
  gtk_widget_class_bind_template_child (widget_class, SighejPairDialog, problem);
}

static void
sighej_pair_dialog_init (SighejPairDialog *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (self->make, "clicked", G_CALLBACK (on_make), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->entry, "apply", G_CALLBACK (on_apply), self, G_CONNECT_SWAPPED);
}

GtkWindow *
sighej_pair_dialog_new (SighejModel *model)
{
  SighejPairDialog *self = g_object_new (SIGHEJ_TYPE_PAIR_DIALOG, NULL);

  self->model = g_object_ref (model);
  g_signal_connect_object (
      model, "screen-changed", G_CALLBACK (on_screen_changed), self, G_CONNECT_SWAPPED);
  return GTK_WINDOW (self);
}
