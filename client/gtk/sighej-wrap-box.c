/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-wrap-box.h"

/* Between children and between lines, pixels. */
#define SPACING_PX 6

struct _SighejWrapBox
{
  GtkWidget parent_instance;
};

G_DEFINE_FINAL_TYPE (SighejWrapBox, sighej_wrap_box, GTK_TYPE_WIDGET)

/* The first child from @child on that takes room. */
static GtkWidget *
next_visible (GtkWidget *child)
{
  while (child != NULL && !gtk_widget_should_layout (child))
    child = gtk_widget_get_next_sibling (child);
  return child;
}

static int
child_width (GtkWidget *child, int available)
{
  int minimum;
  int natural;

  gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, &natural, NULL, NULL);
  return MAX (minimum, MIN (natural, available));
}

static int
child_height (GtkWidget *child, int width)
{
  int natural;

  gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, width, NULL, &natural, NULL, NULL);
  return natural;
}

/* The child that begins the line after the one @first begins; NULL: it was the last. */
static GtkWidget *
measure_line (GtkWidget *first, int available, int *height)
{
  int x = 0;

  *height = 0;
  for (GtkWidget *child = first; child != NULL;
       child = next_visible (gtk_widget_get_next_sibling (child)))
    {
      int width = child_width (child, available);

      if (child != first && x + width > available)
        return child;
      *height = MAX (*height, child_height (child, width));
      x += width + SPACING_PX;
    }
  return NULL;
}

static void
measure_width (GtkWidget *widget, int *minimum, int *natural)
{
  *minimum = *natural = 0;
  for (GtkWidget *child = next_visible (gtk_widget_get_first_child (widget)); child != NULL;
       child = next_visible (gtk_widget_get_next_sibling (child)))
    {
      int child_minimum;
      int child_natural;

      gtk_widget_measure (
          child, GTK_ORIENTATION_HORIZONTAL, -1, &child_minimum, &child_natural, NULL, NULL);
      *minimum = MAX (*minimum, child_minimum);
      *natural += child_natural + (*natural > 0 ? SPACING_PX : 0);
    }
}

static int
measure_height (GtkWidget *widget, int width)
{
  GtkWidget *first = next_visible (gtk_widget_get_first_child (widget));
  int height = 0;

  while (first != NULL)
    {
      int line_height;

      first = measure_line (first, width < 0 ? G_MAXINT / 2 : width, &line_height);
      height += line_height + (first != NULL ? SPACING_PX : 0);
    }
  return height;
}

static void
sighej_wrap_box_measure (GtkWidget *widget,
                         GtkOrientation orientation,
                         int for_size,
                         int *minimum,
                         int *natural,
                         int *minimum_baseline,
                         int *natural_baseline)
{
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    measure_width (widget, minimum, natural);
  else
    *minimum = *natural = measure_height (widget, for_size);
}

static void
allocate_line (GtkWidget *widget, GtkWidget *first, GtkWidget *end, int y, int width, int height)
{
  gboolean mirrored = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  int x = 0;

  for (GtkWidget *child = first; child != end;
       child = next_visible (gtk_widget_get_next_sibling (child)))
    {
      int w = child_width (child, width);
      GtkAllocation at = { mirrored ? width - x - w : x, y, w, height };

      gtk_widget_size_allocate (child, &at, -1);
      x += w + SPACING_PX;
    }
}

static void
sighej_wrap_box_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  GtkWidget *first = next_visible (gtk_widget_get_first_child (widget));
  int y = 0;

  while (first != NULL)
    {
      int line_height;
      GtkWidget *end = measure_line (first, width, &line_height);

      allocate_line (widget, first, end, y, width, line_height);
      y += line_height + SPACING_PX;
      first = end;
    }
}

static GtkSizeRequestMode
sighej_wrap_box_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
sighej_wrap_box_dispose (GObject *object)
{
  sighej_wrap_box_clear (SIGHEJ_WRAP_BOX (object));

  G_OBJECT_CLASS (sighej_wrap_box_parent_class)->dispose (object);
}

static void
sighej_wrap_box_class_init (SighejWrapBoxClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = sighej_wrap_box_dispose;
  widget_class->measure = sighej_wrap_box_measure;
  widget_class->size_allocate = sighej_wrap_box_size_allocate;
  widget_class->get_request_mode = sighej_wrap_box_get_request_mode;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
sighej_wrap_box_init (SighejWrapBox *self)
{
}

void
sighej_wrap_box_append (SighejWrapBox *self, GtkWidget *child)
{
  g_return_if_fail (SIGHEJ_IS_WRAP_BOX (self));
  g_return_if_fail (GTK_IS_WIDGET (child));

  gtk_widget_insert_before (child, GTK_WIDGET (self), NULL);
}

void
sighej_wrap_box_clear (SighejWrapBox *self)
{
  GtkWidget *child;

  g_return_if_fail (SIGHEJ_IS_WRAP_BOX (self));

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
}
