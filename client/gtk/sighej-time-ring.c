/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-time-ring.h"

#include <glib/gi18n.h>
#include <math.h>

#include "sighej-words.h"

/* Pixels. */
#define MINIMUM_DIAMETER 184
#define LINE_WIDTH 10
#define TEXT_MARGIN 18

#define MINUTE_MS (60 * 1000)
#define SECOND_MS 1000
/* How much of the colour the part has that is gone. */
#define TRACK_ALPHA 0.15

struct _SighejTimeRing
{
  GtkWidget parent_instance;

  GtkWidget *box;
  GtkLabel *left;
  GtkLabel *caption;
  guint64 since;
  guint64 until;
  char *own_caption; /* nullable */
  guint tick_source;
};

G_DEFINE_FINAL_TYPE (SighejTimeRing, sighej_time_ring, GTK_TYPE_WIDGET)

static gint64
left_ms (SighejTimeRing *self)
{
  gint64 left = (gint64) self->until * 1000 - g_get_real_time () / 1000;

  return MAX (left, 0);
}

/* 1: all of it is left. */
static double
left_share (SighejTimeRing *self)
{
  if (self->until == 0)
    return 1;
  if (self->until <= self->since)
    return 0;
  return CLAMP ((double) left_ms (self) / 1000 / (double) (self->until - self->since), 0, 1);
}

static void
sighej_time_ring_measure (GtkWidget *widget,
                          GtkOrientation orientation,
                          int for_size,
                          int *minimum,
                          int *natural,
                          int *minimum_baseline,
                          int *natural_baseline)
{
  GtkRequisition size;

  gtk_widget_get_preferred_size (SIGHEJ_TIME_RING (widget)->box, NULL, &size);
  /* The corners of the text stay inside the line. */
  *minimum = *natural
      = MAX ((int) ceil (hypot (size.width, size.height)) + 2 * TEXT_MARGIN, MINIMUM_DIAMETER);
  *minimum_baseline = *natural_baseline = -1;
}

static void
sighej_time_ring_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  gtk_widget_size_allocate (
      SIGHEJ_TIME_RING (widget)->box, &(GtkAllocation){ 0, 0, width, height }, -1);
}

static void
draw_arc (cairo_t *cr, double radius, double share)
{
  if (share <= 0)
    return;
  cairo_arc (cr, 0, 0, radius, -M_PI / 2, -M_PI / 2 + 2 * M_PI * share);
  cairo_stroke (cr);
}

static void
sighej_time_ring_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  double radius = (double) MIN (width, height) / 2 - LINE_WIDTH;
  cairo_t *cr = gtk_snapshot_append_cairo (
      snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  GdkRGBA colour;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &colour);
  cairo_translate (cr, (double) width / 2, (double) height / 2);
  cairo_set_line_width (cr, LINE_WIDTH);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_source_rgba (cr, colour.red, colour.green, colour.blue, colour.alpha * TRACK_ALPHA);
  draw_arc (cr, radius, 1);
  gdk_cairo_set_source_rgba (cr, &colour);
  draw_arc (cr, radius, left_share (SIGHEJ_TIME_RING (widget)));
  cairo_destroy (cr);
  gtk_widget_snapshot_child (widget, SIGHEJ_TIME_RING (widget)->box, snapshot);
}

static void
say (SighejTimeRing *self)
{
  g_autofree char *clock = self->until != 0 ? sighej_words_dup_clock (self->until) : NULL;
  g_autofree char *until = NULL;
  g_autofree char *left = NULL;
  g_autofree char *label = NULL;
  const char *caption = self->own_caption;

  if (self->until != 0)
    left = sighej_words_dup_duration ((guint64) (left_ms (self) + SECOND_MS - 1) / 1000);
  if (caption == NULL && clock != NULL)
    /* Translators: below what is left of an opening; %s is a time of day, "14:00" */
    caption = until = g_strdup_printf (_ ("until %s"), clock);
  label = left != NULL && caption != NULL ? g_strdup_printf ("%s, %s", left, caption)
                                          : g_strdup (left != NULL ? left : caption);
  gtk_label_set_label (self->left, left != NULL ? left : "");
  gtk_label_set_label (self->caption, caption != NULL ? caption : "");
  gtk_widget_set_visible (GTK_WIDGET (self->left), left != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->caption), caption != NULL);
  gtk_accessible_update_property (
      GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label != NULL ? label : "", -1);
}

static void show_now (SighejTimeRing *self);

static gboolean
on_tick (gpointer user_data)
{
  SighejTimeRing *self = user_data;

  self->tick_source = 0;
  show_now (self);
  return G_SOURCE_REMOVE;
}

/* The text changes next when the time left falls below a whole minute or second. */
static void
arm (SighejTimeRing *self)
{
  gint64 left = left_ms (self);
  gint64 step = left > MINUTE_MS ? MINUTE_MS : SECOND_MS;
  gint64 next = left % step;

  g_clear_handle_id (&self->tick_source, g_source_remove);
  if (self->until == 0 || left == 0)
    return;
  self->tick_source = g_timeout_add ((guint) (next > 0 ? next : step), on_tick, self);
  g_source_set_name_by_id (self->tick_source, "sighej-time-ring");
}

static void
show_now (SighejTimeRing *self)
{
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  say (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  arm (self);
}

static void
sighej_time_ring_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (sighej_time_ring_parent_class)->map (widget);
  show_now (SIGHEJ_TIME_RING (widget));
}

static void
sighej_time_ring_unmap (GtkWidget *widget)
{
  SighejTimeRing *self = SIGHEJ_TIME_RING (widget);

  g_clear_handle_id (&self->tick_source, g_source_remove);
  GTK_WIDGET_CLASS (sighej_time_ring_parent_class)->unmap (widget);
}

static void
sighej_time_ring_dispose (GObject *object)
{
  g_clear_pointer (&SIGHEJ_TIME_RING (object)->box, gtk_widget_unparent);
  G_OBJECT_CLASS (sighej_time_ring_parent_class)->dispose (object);
}

static void
sighej_time_ring_finalize (GObject *object)
{
  g_free (SIGHEJ_TIME_RING (object)->own_caption);
  G_OBJECT_CLASS (sighej_time_ring_parent_class)->finalize (object);
}

static void
sighej_time_ring_class_init (SighejTimeRingClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sighej_time_ring_dispose;
  G_OBJECT_CLASS (class)->finalize = sighej_time_ring_finalize;
  widget_class->measure = sighej_time_ring_measure;
  widget_class->size_allocate = sighej_time_ring_size_allocate;
  widget_class->snapshot = sighej_time_ring_snapshot;
  widget_class->map = sighej_time_ring_map;
  widget_class->unmap = sighej_time_ring_unmap;
  gtk_widget_class_set_css_name (widget_class, "timering");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_TIMER);
}

static GtkLabel *
new_label (const char *style)
{
  GtkLabel *label = GTK_LABEL (gtk_label_new (NULL));

  gtk_label_set_justify (label, GTK_JUSTIFY_CENTER);
  gtk_widget_add_css_class (GTK_WIDGET (label), style);
  return label;
}

static void
sighej_time_ring_init (SighejTimeRing *self)
{
  GtkBox *box = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 2));

  self->left = new_label ("time-left");
  self->caption = new_label ("time-caption");
  gtk_box_append (box, GTK_WIDGET (self->left));
  gtk_box_append (box, GTK_WIDGET (self->caption));
  gtk_widget_set_valign (GTK_WIDGET (box), GTK_ALIGN_CENTER);
  gtk_widget_set_halign (GTK_WIDGET (box), GTK_ALIGN_CENTER);
  self->box = GTK_WIDGET (box);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_widget_set_halign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
  gtk_widget_set_valign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
}

void
sighej_time_ring_set (
    SighejTimeRing *self, guint64 since, guint64 until, gboolean greyed, const char *caption)
{
  g_return_if_fail (SIGHEJ_IS_TIME_RING (self));

  self->since = since;
  self->until = until;
  if (g_strcmp0 (caption, self->own_caption) != 0)
    {
      g_free (self->own_caption);
      self->own_caption = g_strdup (caption);
    }
  if (greyed)
    gtk_widget_add_css_class (GTK_WIDGET (self), "greyed");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "greyed");
  show_now (self);
}
