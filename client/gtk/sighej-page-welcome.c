/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-page-welcome.h"

#include <glib/gi18n.h>

#include "sighej-backend-uri.h"
#include "sighej-interest-chips.h"
#include "sighej-names.h"
#include "sighej-stack.h"

static const struct
{
  const char *name;
  const char *next; /* label of the button that leaves it */
} steps[] = {
  { "see", N_ ("Next") },
  { "end", N_ ("I agree") },
  { "interests", N_ ("Start") },
};

#define LAST_STEP (G_N_ELEMENTS (steps) - 1)

struct _SighejPageWelcome
{
  AdwBin parent_instance;

  SighejModel *model;
  guint at;      /* of steps */
  gboolean done; /* Start was pressed */

  GtkScrolledWindow *scroller;
  GtkStack *steps;
  GtkLabel *rules;
  AdwBin *chips_bin;
  GtkWidget *backend_group;
  AdwEntryRow *backend;
  GtkLabel *backend_problem;
  GtkWidget *next;
  GtkLabel *next_label;
  GtkWidget *back;
  GtkLabel *step;
};

G_DEFINE_FINAL_TYPE (SighejPageWelcome, sighej_page_welcome, ADW_TYPE_BIN)

/* Where the rules of the service are, or will be. */
static void
show_rules (SighejPageWelcome *self)
{
  const char *uri = sighej_model_get_backend_uri (self->model);
  g_autofree char *base = g_strdup (uri);
  g_autofree char *markup = NULL;

  if (*uri == '\0')
    {
      gtk_label_set_label (self->rules, _ ("The service has its own rules at its address."));
      return;
    }
  if (g_str_has_suffix (base, "/"))
    base[strlen (base) - 1] = '\0';
  markup = g_markup_printf_escaped ("%s <a href=\"%s/privacy\">%s</a>, <a href=\"%s/terms\">%s</a>",
                                    _ ("The service's own rules:"),
                                    base,
                                    _ ("privacy"),
                                    base,
                                    _ ("terms"));
  gtk_label_set_markup (self->rules, markup);
}

/* Whether nothing is missing to open. Says what is wrong with an address once there is one. */
static gboolean
check_last_step (SighejPageWelcome *self)
{
  const char *written = gtk_editable_get_text (GTK_EDITABLE (self->backend));
  gboolean asked = gtk_widget_get_visible (self->backend_group);
  const char *fault = asked ? sighej_backend_uri_find_fault (written) : NULL;
  gboolean tell = fault != NULL && *written != '\0';
  g_autofree char *sentence
      = tell ? g_strdup_printf (_ ("The address cannot be used: %s."), _ (fault)) : NULL;

  gtk_label_set_label (self->backend_problem, sentence != NULL ? sentence : "");
  gtk_widget_set_visible (GTK_WIDGET (self->backend_problem), tell);
  if (tell)
    gtk_widget_add_css_class (GTK_WIDGET (self->backend), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->backend), "error");
  return fault == NULL && *sighej_model_get_interests (self->model) != NULL;
}

static void
update (SighejPageWelcome *self)
{
  show_rules (self);
  /* A service that was just written is saved by Start: the entry stays as long as the page. */
  if (*sighej_model_get_backend_uri (self->model) != '\0' && !self->done)
    gtk_widget_set_visible (self->backend_group, FALSE);
  gtk_widget_set_sensitive (self->next,
                            self->at < LAST_STEP || (check_last_step (self) && !self->done));
}

static void
go_to (SighejPageWelcome *self, guint at)
{
  g_autofree char *step = NULL;

  self->at = at;
  /* Translators: which of the pages of the first run this is */
  step = g_strdup_printf (_ ("%u of %u"), at + 1, (guint) G_N_ELEMENTS (steps));
  gtk_stack_set_visible_child_name (self->steps, steps[at].name);
  gtk_label_set_label (self->step, step);
  gtk_label_set_label (self->next_label, _ (steps[at].next));
  gtk_widget_set_visible (self->back, at > 0);
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (self->scroller), 0);
}

/* The calls reach the daemon in this order. */
static void
start (SighejPageWelcome *self)
{
  self->done = TRUE;
  if (gtk_widget_get_visible (self->backend_group))
    sighej_model_set_backend (self->model, gtk_editable_get_text (GTK_EDITABLE (self->backend)));
  sighej_model_accept_notice (self->model);
  /* Not by the action, which sends those here who have not agreed yet. */
  sighej_model_open (self->model, sighej_model_get_duration_s (self->model));
}

static void
on_next (SighejPageWelcome *self)
{
  if (self->at < LAST_STEP)
    go_to (self, self->at + 1);
  else
    start (self);
  update (self);
  if (self->at == LAST_STEP)
    gtk_widget_child_focus (GTK_WIDGET (self->chips_bin), GTK_DIR_TAB_FORWARD);
  else
    gtk_widget_grab_focus (self->next);
}

static void
on_back (SighejPageWelcome *self)
{
  go_to (self, self->at - 1);
  update (self);
}

/* What was asked for failed: it can be tried again. */
static void
on_error (SighejPageWelcome *self)
{
  self->done = FALSE;
  update (self);
}

static void
on_changed (SighejPageWelcome *self)
{
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    update (self);
}

static void
sighej_page_welcome_map (GtkWidget *widget)
{
  SighejPageWelcome *self = SIGHEJ_PAGE_WELCOME (widget);

  GTK_WIDGET_CLASS (sighej_page_welcome_parent_class)->map (widget);
  self->done = FALSE;
  gtk_widget_set_visible (self->backend_group, *sighej_model_get_backend_uri (self->model) == '\0');
  update (self);
  gtk_widget_grab_focus (self->next);
}

static void
sighej_page_welcome_dispose (GObject *object)
{
  SighejPageWelcome *self = SIGHEJ_PAGE_WELCOME (object);

  g_clear_object (&self->model);
  G_OBJECT_CLASS (sighej_page_welcome_parent_class)->dispose (object);
}

static void
sighej_page_welcome_class_init (SighejPageWelcomeClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = sighej_page_welcome_dispose;
  widget_class->map = sighej_page_welcome_map;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               SIGHEJ_CLIENT_PATH "/sighej-page-welcome.ui");
  gtk_widget_class_bind_template_child (widget_class, SighejPageWelcome, scroller);
  gtk_widget_class_bind_template_child (widget_class, SighejPageWelcome, steps);
  gtk_widget_class_bind_template_child (widget_class, SighejPageWelcome, rules);
  gtk_widget_class_bind_template_child (widget_class, SighejPageWelcome, chips_bin);
  gtk_widget_class_bind_template_child (widget_class, SighejPageWelcome, backend_group);
  gtk_widget_class_bind_template_child (widget_class, SighejPageWelcome, backend);
  gtk_widget_class_bind_template_child (widget_class, SighejPageWelcome, backend_problem);
  gtk_widget_class_bind_template_child (widget_class, SighejPageWelcome, next);
  gtk_widget_class_bind_template_child (widget_class, SighejPageWelcome, next_label);
  gtk_widget_class_bind_template_child (widget_class, SighejPageWelcome, back);
  gtk_widget_class_bind_template_child (widget_class, SighejPageWelcome, step);
}

static void
sighej_page_welcome_init (SighejPageWelcome *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  sighej_stack_hide_from_readers (self->steps);
  g_signal_connect_object (self->next, "clicked", G_CALLBACK (on_next), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->back, "clicked", G_CALLBACK (on_back), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->backend, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
}

GtkWidget *
sighej_page_welcome_new (SighejModel *model)
{
  SighejPageWelcome *self = g_object_new (SIGHEJ_TYPE_PAGE_WELCOME, NULL);

  self->model = g_object_ref (model);
  adw_bin_set_child (self->chips_bin, sighej_interest_chips_new (model));
  g_signal_connect_object (model, "changed", G_CALLBACK (on_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "error", G_CALLBACK (on_error), self, G_CONNECT_SWAPPED);
  go_to (self, 0);
  update (self);
  return GTK_WIDGET (self);
}

gboolean
sighej_page_welcome_is_done (SighejPageWelcome *self)
{
  g_return_val_if_fail (SIGHEJ_IS_PAGE_WELCOME (self), TRUE);

  return self->done;
}
