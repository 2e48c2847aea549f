/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-page-open.h"

#include <glib/gi18n.h>

#include "sighej-labels.h"
#include "sighej-names.h"
#include "sighej-nudge-list.h"
#include "sighej-stack.h"
#include "sighej-text.h"
#include "sighej-time-ring.h"
#include "sighej-words.h"

struct _SighejPageOpen
{
  AdwBin parent_instance;

  SighejModel *model;
  guint tip_source; /* until somebody has been alone for long */
  gboolean showing; /* what the daemon says, into the switch */

  GtkStack *dial;
  GtkSpinner *spinner;
  SighejTimeRing *ring;
  GtkBox *people;
  GtkWidget *message;
  GtkImage *picture;
  GtkLabel *title;
  GtkLabel *description;
  GtkWidget *buttons;
  GtkWidget *resume;
  GtkWidget *pause;
  GtkLabel *close;
  GtkWidget *tip;
  GtkSwitch *tell;
  GtkWidget *settings;
  AdwActionRow *interests;
};

G_DEFINE_FINAL_TYPE (SighejPageOpen, sighej_page_open, ADW_TYPE_BIN)

/* What one screen shows. */
typedef struct
{
  gboolean busy;
  gboolean greyed;
  gboolean people; /* the cards instead of the message */
  gboolean can_pause;
  gboolean can_resume;
  const char *icon;
  char *title;
  char *description;
} View;

static void
view_clear (View *view)
{
  g_free (view->title);
  g_free (view->description);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (View, view_clear)

/* Who asks for silence, and what for. */
static char *
dup_inhibitor (SighejModel *model)
{
  SighejDBusManager1 *manager = sighej_model_get_manager (model);
  GVariant *inhibitors = manager != NULL ? sighej_dbus_manager1_get_inhibitors (manager) : NULL;
  const char *who, *why;

  if (inhibitors == NULL || g_variant_n_children (inhibitors) == 0)
    return NULL;
  g_variant_get_child (inhibitors, 0, "(&s&s)", &who, &why);
  /* Translators: who asks for silence and what for, "Slides: Presentation." */
  return g_strdup_printf (_ ("%s: %s."), who, why);
}

static char *
dup_pause_description (SighejPageOpen *self, const SighejScreenFacts *facts)
{
  g_autofree char *why = NULL;
  g_autofree char *clock = NULL;
  g_autofree char *end = NULL;

  if (facts->reason == SIGHEJ_REASON_INHIBITED)
    why = dup_inhibitor (self->model);
  else if (facts->reason != SIGHEJ_REASON_USER && facts->reason != SIGHEJ_REASON_NONE)
    why = sighej_text_dup_sentence (sighej_words_reason (facts->reason));
  if (facts->paused_until != 0)
    {
      clock = sighej_words_dup_clock (facts->paused_until);
      /* Translators: %s is a time of day, "14:00" */
      end = g_strdup_printf (_ ("It goes on at %s."), clock);
    }
  else
    end = g_strdup (sighej_words_reason_advice (facts->reason));
  if (why != NULL)
    return g_strdup_printf ("%s %s\n%s", why, _ ("Nobody sees you."), end);
  return g_strdup_printf ("%s\n%s", _ ("Nobody sees you."), end);
}

static const char *
waiting_icon (SighejReason reason)
{
  if (reason == SIGHEJ_REASON_QUIET_HOURS)
    return "weather-clear-night-symbolic";
  if (reason == SIGHEJ_REASON_BACKEND_OFFLINE || reason == SIGHEJ_REASON_BACKEND_REFUSED)
    return "network-offline-symbolic";
  return "dialog-information-symbolic";
}

static void
view_waiting (SighejPageOpen *self, View *view)
{
  SighejReason reason = sighej_screen_reason (sighej_model_get_facts (self->model));
  g_autofree char *why = sighej_text_dup_sentence (sighej_words_reason (reason));

  view->greyed = TRUE;
  view->can_pause = TRUE;
  view->icon = waiting_icon (reason);
  view->title = g_strdup (_ ("Waiting"));
  view->description = g_strdup_printf ("%s\n%s", why, sighej_words_reason_advice (reason));
}

static void
view_open (SighejPageOpen *self, View *view)
{
  guint nearby = sighej_model_get_facts (self->model)->nearby;

  view->can_pause = TRUE;
  view->icon = nearby == 0 ? "sighej-alone-symbolic" : "system-users-symbolic";
  view->title = sighej_words_dup_nearby (nearby);
  view->description = g_strdup (
      nearby == 0
          ? _ ("Put it away and enjoy yourself. You are told when someone near shares an interest.")
          : _ ("You are told when one of them shares an interest."));
}

/* Whether a screen is on this page; another one is while this is faded out. */
static gboolean
is_ours (SighejScreen screen)
{
  return (screen >= SIGHEJ_SCREEN_OPENING && screen <= SIGHEJ_SCREEN_WAVED)
         || screen == SIGHEJ_SCREEN_PAUSED || screen == SIGHEJ_SCREEN_WAITING
         || screen == SIGHEJ_SCREEN_CLOSING;
}

static void
view_init (SighejPageOpen *self, SighejScreen screen, View *view)
{
  const SighejScreenFacts *facts = sighej_model_get_facts (self->model);

  if (screen == SIGHEJ_SCREEN_OPENING || screen == SIGHEJ_SCREEN_CLOSING)
    {
      view->busy = TRUE;
      view->title = g_strdup (screen == SIGHEJ_SCREEN_OPENING ? _ ("Opening…") : _ ("Closing…"));
    }
  else if (screen == SIGHEJ_SCREEN_PAUSED)
    {
      view->greyed = TRUE;
      view->can_resume = facts->reason == SIGHEJ_REASON_USER;
      view->icon = "media-playback-pause-symbolic";
      view->title = g_strdup (_ ("Paused"));
      view->description = dup_pause_description (self, facts);
    }
  else if (screen == SIGHEJ_SCREEN_WAITING)
    view_waiting (self, view);
  else
    {
      view->people = screen == SIGHEJ_SCREEN_NUDGE || screen == SIGHEJ_SCREEN_WAVED;
      view_open (self, view);
    }
}

static void
show_dial (SighejPageOpen *self, const View *view)
{
  const SighejScreenFacts *facts = sighej_model_get_facts (self->model);

  gtk_spinner_set_spinning (self->spinner, view->busy);
  gtk_stack_set_visible_child_name (self->dial, view->busy ? "busy" : "ring");
  if (!view->busy)
    sighej_time_ring_set (self->ring, facts->open_since, facts->open_until, view->greyed, NULL);
}

static void
show_message (SighejPageOpen *self, const View *view)
{
  gtk_widget_set_visible (GTK_WIDGET (self->people), view->people);
  gtk_widget_set_visible (self->message, !view->people);
  gtk_widget_set_visible (GTK_WIDGET (self->picture), view->icon != NULL);
  if (view->icon != NULL)
    gtk_image_set_from_icon_name (self->picture, view->icon);
  gtk_label_set_label (self->title, view->title);
  gtk_label_set_label (self->description, view->description != NULL ? view->description : "");
  gtk_widget_set_visible (GTK_WIDGET (self->description), view->description != NULL);
}

static void
show_buttons (SighejPageOpen *self, SighejScreen screen, const View *view)
{
  gtk_widget_set_visible (self->resume, view->can_resume);
  gtk_widget_set_visible (self->pause, view->can_pause);
  gtk_widget_set_visible (self->buttons, screen != SIGHEJ_SCREEN_CLOSING);
  gtk_label_set_label (self->close, screen == SIGHEJ_SCREEN_OPENING ? _ ("Cancel") : _ ("Close"));
}

static void
show_interests (SighejPageOpen *self, const View *view)
{
  const char *const *interests = sighej_model_get_interests (self->model);
  g_auto (GStrv) labels = sighej_dup_interest_labels (interests);
  g_autofree char *joined = g_strjoinv (", ", labels);
  g_autofree char *markup = g_markup_escape_text (joined, -1);

  adw_action_row_set_subtitle (self->interests, markup);
  gtk_widget_set_visible (self->settings, !view->busy && !view->people);
}

static void update (SighejPageOpen *self);

static gboolean
on_tip_due (gpointer user_data)
{
  SighejPageOpen *self = user_data;

  self->tip_source = 0;
  update (self);
  return G_SOURCE_REMOVE;
}

/* The tip comes when it is due, if nothing else changes until then. */
static void
show_tip (SighejPageOpen *self, SighejScreen screen)
{
  const SighejScreenFacts *facts = sighej_model_get_facts (self->model);
  gboolean alone = screen == SIGHEJ_SCREEN_OPEN_ALONE && facts->alone_since != 0;
  gboolean due = alone && sighej_screen_tip_due (facts);
  guint64 due_at = facts->alone_since + SIGHEJ_SCREEN_TIP_AFTER_SECONDS;
  SighejDBusManager1 *manager = sighej_model_get_manager (self->model);

  g_clear_handle_id (&self->tip_source, g_source_remove);
  if (alone && !due && due_at > facts->now && gtk_widget_get_mapped (GTK_WIDGET (self)))
    {
      self->tip_source = g_timeout_add_seconds ((guint) (due_at - facts->now), on_tip_due, self);
      g_source_set_name_by_id (self->tip_source, "sighej-tip");
    }
  self->showing = TRUE;
  gtk_switch_set_active (self->tell,
                         manager != NULL && sighej_dbus_manager1_get_notify_nearby (manager));
  self->showing = FALSE;
  gtk_widget_set_visible (self->tip, due);
}

static void
update (SighejPageOpen *self)
{
  SighejScreen screen = sighej_model_get_screen (self->model);
  g_auto (View) view = { 0 };

  if (!is_ours (screen))
    return;

  view_init (self, screen, &view);
  show_dial (self, &view);
  show_message (self, &view);
  show_buttons (self, screen, &view);
  show_interests (self, &view);
  show_tip (self, screen);
}

static void
on_tell_changed (GtkSwitch *tell, GParamSpec *pspec, SighejPageOpen *self)
{
  if (!self->showing)
    sighej_model_set_notify_nearby (self->model, gtk_switch_get_active (tell));
}

static void
on_changed (SighejPageOpen *self)
{
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    update (self);
}

static void
sighej_page_open_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (sighej_page_open_parent_class)->map (widget);
  update (SIGHEJ_PAGE_OPEN (widget));
}

static void
sighej_page_open_unmap (GtkWidget *widget)
{
  SighejPageOpen *self = SIGHEJ_PAGE_OPEN (widget);

  g_clear_handle_id (&self->tip_source, g_source_remove);
  gtk_spinner_set_spinning (self->spinner, FALSE);
  GTK_WIDGET_CLASS (sighej_page_open_parent_class)->unmap (widget);
}

static void
sighej_page_open_dispose (GObject *object)
{
  SighejPageOpen *self = SIGHEJ_PAGE_OPEN (object);

  g_clear_handle_id (&self->tip_source, g_source_remove);
  g_clear_object (&self->model);
  G_OBJECT_CLASS (sighej_page_open_parent_class)->dispose (object);
}

static void
sighej_page_open_class_init (SighejPageOpenClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  g_type_ensure (SIGHEJ_TYPE_TIME_RING);
  object_class->dispose = sighej_page_open_dispose;
  widget_class->map = sighej_page_open_map;
  widget_class->unmap = sighej_page_open_unmap;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               SIGHEJ_CLIENT_PATH "/sighej-page-open.ui");
  gtk_widget_class_bind_template_child (widget_class, SighejPageOpen, dial);
  gtk_widget_class_bind_template_child (widget_class, SighejPageOpen, spinner);
  gtk_widget_class_bind_template_child (widget_class, SighejPageOpen, ring);
  gtk_widget_class_bind_template_child (widget_class, SighejPageOpen, people);
  gtk_widget_class_bind_template_child (widget_class, SighejPageOpen, message);
  gtk_widget_class_bind_template_child (widget_class, SighejPageOpen, picture);
  gtk_widget_class_bind_template_child (widget_class, SighejPageOpen, title);
  gtk_widget_class_bind_template_child (widget_class, SighejPageOpen, description);
  gtk_widget_class_bind_template_child (widget_class, SighejPageOpen, buttons);
  gtk_widget_class_bind_template_child (widget_class, SighejPageOpen, resume);
  gtk_widget_class_bind_template_child (widget_class, SighejPageOpen, pause);
  gtk_widget_class_bind_template_child (widget_class, SighejPageOpen, close);
  gtk_widget_class_bind_template_child (widget_class, SighejPageOpen, tip);
  gtk_widget_class_bind_template_child (widget_class, SighejPageOpen, tell);
  gtk_widget_class_bind_template_child (widget_class, SighejPageOpen, settings);
  gtk_widget_class_bind_template_child (widget_class, SighejPageOpen, interests);
}

static void
sighej_page_open_init (SighejPageOpen *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  sighej_stack_hide_from_readers (self->dial);
  g_signal_connect_object (
      self->tell, "notify::active", G_CALLBACK (on_tell_changed), self, G_CONNECT_DEFAULT);
}

GtkWidget *
sighej_page_open_new (SighejModel *model)
{
  SighejPageOpen *self = g_object_new (SIGHEJ_TYPE_PAGE_OPEN, NULL);

  self->model = g_object_ref (model);
  gtk_box_append (self->people, sighej_nudge_list_new (model));
  g_signal_connect_object (model, "changed", G_CALLBACK (on_changed), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}
