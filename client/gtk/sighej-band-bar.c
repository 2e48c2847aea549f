/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-band-bar.h"

#include <glib/gi18n.h>

#include "sighej-enum-types.h"

#define STEPS 3
#define BAR_WIDTH_PX 54
#define SPACING_PX 8

struct _SighejBandBar
{
  AdwBin parent_instance;

  GtkLevelBar *bar;
  GtkLabel *word;
};

G_DEFINE_FINAL_TYPE (SighejBandBar, sighej_band_bar, ADW_TYPE_BIN)

static void
sighej_band_bar_class_init (SighejBandBarClass *class)
{
}

/* The steps say how many, never how good: none of the colours of a level bar. */
static void
forget_colours (GtkLevelBar *bar)
{
  gtk_level_bar_remove_offset_value (bar, GTK_LEVEL_BAR_OFFSET_LOW);
  gtk_level_bar_remove_offset_value (bar, GTK_LEVEL_BAR_OFFSET_HIGH);
  gtk_level_bar_remove_offset_value (bar, GTK_LEVEL_BAR_OFFSET_FULL);
}

static void
sighej_band_bar_init (SighejBandBar *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, SPACING_PX);

  self->bar = GTK_LEVEL_BAR (gtk_level_bar_new_for_interval (0, STEPS));
  gtk_level_bar_set_mode (self->bar, GTK_LEVEL_BAR_MODE_DISCRETE);
  forget_colours (self->bar);
  gtk_widget_set_size_request (GTK_WIDGET (self->bar), BAR_WIDTH_PX, -1);
  gtk_widget_set_valign (GTK_WIDGET (self->bar), GTK_ALIGN_CENTER);
  gtk_accessible_update_property (
      GTK_ACCESSIBLE (self->bar), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("How near"), -1);

  self->word = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->word, TRUE);
  gtk_label_set_xalign (self->word, 0);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->bar));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->word));
  adw_bin_set_child (ADW_BIN (self), box);
  sighej_band_bar_set_band (self, SIGHEJ_BAND_GONE);
}

static const char *
describe (SighejBand band)
{
  switch (band)
    {
    case SIGHEJ_BAND_HERE:
      return _ ("Right here");
    case SIGHEJ_BAND_NEAR:
      return _ ("Near");
    case SIGHEJ_BAND_AROUND:
      return _ ("Around");
    case SIGHEJ_BAND_GONE:
    default:
      return _ ("Out of reach");
    }
}

void
sighej_band_bar_set_band (SighejBandBar *self, SighejBand band)
{
  g_return_if_fail (SIGHEJ_IS_BAND_BAR (self));

  gtk_level_bar_set_value (self->bar, band);
  gtk_label_set_text (self->word, describe (band));
  gtk_accessible_update_property (
      GTK_ACCESSIBLE (self->bar), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, describe (band), -1);
}

void
sighej_band_bar_set_word (SighejBandBar *self, const char *word)
{
  int band = SIGHEJ_BAND_GONE;

  if (word == NULL || !sighej_enum_from_nick (SIGHEJ_TYPE_BAND, word, &band))
    band = SIGHEJ_BAND_GONE;
  sighej_band_bar_set_band (self, (SighejBand) band);
}
