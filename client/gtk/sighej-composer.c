/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-composer.h"

#include <glib/gi18n.h>

#include "sighej-names.h"

/* The daemon forgets typing after 6 s: it is said again a while before that, milliseconds. */
#define TYPING_REPEAT_MS 4000

struct _SighejComposer
{
  AdwBin parent_instance;

  gboolean sending;
  gboolean typing;
  gint64 typing_said_us; /* monotonic */

  GtkLabel *problem;
  GtkWidget *hint;
  GtkTextView *view;
  GtkButton *send;
  GtkLabel *counter;
};

G_DEFINE_FINAL_TYPE (SighejComposer, sighej_composer, ADW_TYPE_BIN)

enum
{
  SIGNAL_SEND,
  SIGNAL_TYPING,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

/* What is written, as it would be sent: no control characters but line feeds, nothing blank around
 * it. (transfer full) */
static char *
dup_text (SighejComposer *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->view);
  GString *clean = g_string_new (NULL);
  g_autofree char *text = NULL;
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  text = gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar character = g_utf8_get_char (p);

      if (character == '\t')
        g_string_append_c (clean, ' ');
      else if (character == '\n' || !g_unichar_iscntrl (character))
        g_string_append_unichar (clean, character);
    }
  return g_strstrip (g_string_free (clean, FALSE));
}

static void
say_typing (SighejComposer *self, gboolean typing)
{
  gint64 now_us = g_get_monotonic_time ();

  if (typing == self->typing
      && (!typing || now_us - self->typing_said_us < TYPING_REPEAT_MS * G_TIME_SPAN_MILLISECOND))
    return;
  self->typing = typing;
  self->typing_said_us = now_us;
  g_signal_emit (self, signals[SIGNAL_TYPING], 0, typing);
}

static void
show_counter (SighejComposer *self, glong n_chars)
{
  g_autofree char *text = sighej_composer_dup_counter (n_chars);

  gtk_label_set_text (self->counter, text);
  gtk_widget_set_visible (GTK_WIDGET (self->counter), n_chars >= SIGHEJ_COMPOSER_COUNTED_FROM);
}

static void
update (SighejComposer *self)
{
  g_autofree char *text = dup_text (self);
  glong n_chars = g_utf8_strlen (text, -1);

  show_counter (self, n_chars);
  gtk_widget_set_sensitive (GTK_WIDGET (self->send),
                            !self->sending && n_chars > 0 && n_chars <= SIGHEJ_COMPOSER_CHARS_MAX);
  gtk_text_view_set_editable (self->view, !self->sending);
}

static void
on_changed (SighejComposer *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->view);

  gboolean written = gtk_text_buffer_get_char_count (buffer) > 0;

  gtk_widget_set_visible (GTK_WIDGET (self->problem), FALSE);
  gtk_widget_set_visible (self->hint, !written);
  say_typing (self, written);
  update (self);
}

static void
sighej_composer_send (SighejComposer *self)
{
  g_autofree char *text = dup_text (self);
  glong n_chars = g_utf8_strlen (text, -1);

  if (self->sending || n_chars == 0 || n_chars > SIGHEJ_COMPOSER_CHARS_MAX)
    return;
  self->sending = TRUE;
  gtk_widget_set_visible (GTK_WIDGET (self->problem), FALSE);
  update (self);
  g_signal_emit (self, signals[SIGNAL_SEND], 0, text);
}

/* An input method has Enter first: it may end the word being composed. */
static gboolean
on_key (GtkEventControllerKey *controller,
        guint keyval,
        guint keycode,
        GdkModifierType modifiers,
        SighejComposer *self)
{
  GdkEvent *event = gtk_event_controller_get_current_event (GTK_EVENT_CONTROLLER (controller));

  if (keyval != GDK_KEY_Return && keyval != GDK_KEY_KP_Enter && keyval != GDK_KEY_ISO_Enter)
    return GDK_EVENT_PROPAGATE;
  if ((modifiers & GDK_SHIFT_MASK) != 0)
    return GDK_EVENT_PROPAGATE;
  if (gtk_text_view_im_context_filter_keypress (self->view, event))
    return GDK_EVENT_STOP;
  sighej_composer_send (self);
  return GDK_EVENT_STOP;
}

static gboolean
sighej_composer_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (SIGHEJ_COMPOSER (widget)->view));
}

static guint
add_signal (const char *name, GType type)
{
  return g_signal_newv (
      name, SIGHEJ_TYPE_COMPOSER, G_SIGNAL_RUN_LAST, NULL, NULL, NULL, NULL, G_TYPE_NONE, 1, &type);
}

static void
sighej_composer_class_init (SighejComposerClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  widget_class->grab_focus = sighej_composer_grab_focus;
  signals[SIGNAL_SEND] = add_signal ("send", G_TYPE_STRING);
  signals[SIGNAL_TYPING] = add_signal ("typing", G_TYPE_BOOLEAN);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               SIGHEJ_CLIENT_PATH "/sighej-composer.ui");
  gtk_widget_class_bind_template_child (widget_class, SighejComposer, problem);
  gtk_widget_class_bind_template_child (widget_class, SighejComposer, hint);
  gtk_widget_class_bind_template_child (widget_class, SighejComposer, view);
  gtk_widget_class_bind_template_child (widget_class, SighejComposer, send);
  gtk_widget_class_bind_template_child (widget_class, SighejComposer, counter);
  gtk_widget_class_bind_template_callback (widget_class, sighej_composer_send);
}

static void
sighej_composer_init (SighejComposer *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (on_key), self);
  gtk_widget_add_controller (GTK_WIDGET (self->view), keys);
  g_signal_connect_object (gtk_text_view_get_buffer (self->view),
                           "changed",
                           G_CALLBACK (on_changed),
                           self,
                           G_CONNECT_SWAPPED);
  update (self);
}

void
sighej_composer_clear (SighejComposer *self)
{
  GtkTextBuffer *buffer;

  g_return_if_fail (SIGHEJ_IS_COMPOSER (self));

  /* Nothing that was sent can be brought back by undo. */
  buffer = gtk_text_view_get_buffer (self->view);
  gtk_text_buffer_begin_irreversible_action (buffer);
  gtk_text_buffer_set_text (buffer, "", 0);
  gtk_text_buffer_end_irreversible_action (buffer);
  self->sending = FALSE;
  gtk_widget_set_visible (GTK_WIDGET (self->problem), FALSE);
  update (self);
}

void
sighej_composer_sent (SighejComposer *self, const char *problem)
{
  g_return_if_fail (SIGHEJ_IS_COMPOSER (self));

  if (problem == NULL)
    {
      sighej_composer_clear (self);
      return;
    }
  self->sending = FALSE;
  gtk_label_set_text (self->problem, problem);
  gtk_widget_set_visible (GTK_WIDGET (self->problem), TRUE);
  update (self);
}

char *
sighej_composer_dup_counter (glong n_chars)
{
  gulong n_left = (gulong) ABS (SIGHEJ_COMPOSER_CHARS_MAX - n_chars);

  if (n_chars > SIGHEJ_COMPOSER_CHARS_MAX)
    return g_strdup_printf (ngettext ("%lu character too many", "%lu characters too many", n_left),
                            n_left);
  return g_strdup_printf (ngettext ("%lu character left", "%lu characters left", n_left), n_left);
}
