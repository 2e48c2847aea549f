/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-page-after.h"

#include <glib/gi18n.h>

#include "sighej-names.h"
#include "sighej-report.h"
#include "sighej-stack.h"
#include "sighej-words.h"

struct _SighejPageAfter
{
  AdwBin parent_instance;

  SighejModel *model;
  guint id; /* of the meet it asks about */
  guint focus_source;

  AdwStatusPage *ask;
  GtkWidget *gladly;
};

G_DEFINE_FINAL_TYPE (SighejPageAfter, sighej_page_after, ADW_TYPE_BIN)

static void
show_step (SighejPageAfter *self, const char *step)
{
  gtk_stack_set_visible_child_name (GTK_STACK (adw_bin_get_child (ADW_BIN (self))), step);
}

static void
on_yes (SighejPageAfter *self)
{
  show_step (self, "again");
  gtk_widget_grab_focus (self->gladly);
}

static void
on_leave (SighejPageAfter *self)
{
  sighej_model_leave_after (self->model);
}

static void
on_avoid (SighejPageAfter *self)
{
  sighej_model_avoid_meet (self->model, self->id, TRUE);
  sighej_model_leave_after (self->model);
}

static void
on_report (SighejPageAfter *self)
{
  sighej_report_meet (GTK_WIDGET (self), self->model, self->id, NULL);
}

/* (transfer full): what is over, and why when that was not anybody's wish */
static char *
describe (const SighejModelAfter *after)
{
  g_autofree char *cue = sighej_words_dup_quoted (after->cue);
  /* Translators: %s is a cue such as “Blue Heron” */
  g_autofree char *over
      = g_strdup_printf (_ ("The meet with %s is over. Nobody is told what you answer."), cue);
  const char *problem = sighej_words_problem (after->problem);

  if (after->state == SIGHEJ_MEET_STATE_EXPIRED)
    return g_strdup_printf (_ ("The time for meeting %s is up. Nobody is told what you answer."),
                            cue);
  if (problem != NULL && after->problem < SIGHEJ_MEET_PROBLEM_LOCATION_MISSING)
    return g_strdup_printf ("%s\n%s", problem, over);
  return g_steal_pointer (&over);
}

static gboolean
on_shown (gpointer user_data)
{
  SighejPageAfter *self = user_data;

  self->focus_source = 0;
  gtk_widget_grab_focus (GTK_WIDGET (self));
  return G_SOURCE_REMOVE;
}

/* It comes by itself, to somebody who may just be typing: no answer has the focus. The stack gives
 * it to one when the page is shown, so it is taken back after that. */
static void
take_focus (SighejPageAfter *self)
{
  g_clear_handle_id (&self->focus_source, g_source_remove);
  self->focus_source = g_idle_add (on_shown, self);
  g_source_set_name_by_id (self->focus_source, "[sighej] focus on the question");
}

static void
begin (SighejPageAfter *self, const SighejModelAfter *after)
{
  g_autofree char *description = describe (after);
  g_autofree char *markup = g_markup_escape_text (description, -1);

  self->id = after->id;
  adw_status_page_set_description (self->ask, markup);
  gtk_accessible_update_property (
      GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, description, -1);
  show_step (self, after->state == SIGHEJ_MEET_STATE_MET ? "again" : "met");
  take_focus (self);
}

static void
update (SighejPageAfter *self)
{
  const SighejModelAfter *after = sighej_model_get_after (self->model);

  if (after == NULL)
    self->id = 0; /* numbers begin anew with a daemon that was started again */
  else if (after->id != self->id && gtk_widget_get_mapped (GTK_WIDGET (self)))
    begin (self, after);
}

static void
sighej_page_after_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (sighej_page_after_parent_class)->map (widget);
  update (SIGHEJ_PAGE_AFTER (widget));
}

static void
sighej_page_after_dispose (GObject *object)
{
  g_clear_handle_id (&SIGHEJ_PAGE_AFTER (object)->focus_source, g_source_remove);
  g_clear_object (&SIGHEJ_PAGE_AFTER (object)->model);
  G_OBJECT_CLASS (sighej_page_after_parent_class)->dispose (object);
}

static void
sighej_page_after_class_init (SighejPageAfterClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);
  GtkWidgetClass *base_class = g_type_class_peek (GTK_TYPE_WIDGET);

  G_OBJECT_CLASS (class)->dispose = sighej_page_after_dispose;
  widget_class->map = sighej_page_after_map;
  /* As of any widget that takes the focus itself; that of AdwBin hands it on. */
  widget_class->grab_focus = base_class->grab_focus;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               SIGHEJ_CLIENT_PATH "/sighej-page-after.ui");
  gtk_widget_class_bind_template_child (widget_class, SighejPageAfter, ask);
  gtk_widget_class_bind_template_child (widget_class, SighejPageAfter, gladly);
  gtk_widget_class_bind_template_callback (widget_class, on_yes);
  gtk_widget_class_bind_template_callback (widget_class, on_leave);
  gtk_widget_class_bind_template_callback (widget_class, on_avoid);
  gtk_widget_class_bind_template_callback (widget_class, on_report);
}

static void
sighej_page_after_init (SighejPageAfter *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  sighej_stack_hide_from_readers (GTK_STACK (adw_bin_get_child (ADW_BIN (self))));
}

GtkWidget *
sighej_page_after_new (SighejModel *model)
{
  SighejPageAfter *self = g_object_new (SIGHEJ_TYPE_PAGE_AFTER, NULL);

  self->model = g_object_ref (model);
  g_signal_connect_object (model, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
