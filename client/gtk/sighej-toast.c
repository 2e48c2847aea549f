/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-toast.h"

#include "sighej-text.h"

/* In a line, with text of the ordinary size in the narrowest window. */
#define LINE_CHARS 32
/* What gtk-xft-dpi is with text of the ordinary size. */
#define ORDINARY_XFT_DPI (96 * 1024)

/* A toast takes the width its text likes, and does not mind the window's. */
static int
find_line_chars (void)
{
  int dpi = ORDINARY_XFT_DPI;

  g_object_get (gtk_settings_get_default (), "gtk-xft-dpi", &dpi, NULL);
  return LINE_CHARS * ORDINARY_XFT_DPI / MAX (dpi, ORDINARY_XFT_DPI);
}

AdwToast *
sighej_toast_new (const char *sentence)
{
  g_autofree char *markup = g_markup_escape_text (sentence, -1);
  AdwToast *toast = adw_toast_new (markup);
  GtkWidget *label = gtk_label_new (sentence);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_max_width_chars (GTK_LABEL (label), find_line_chars ());
  adw_toast_set_custom_title (toast, label);
  return toast;
}

AdwToast *
sighej_toast_new_for_error (const char *sentence, const char *next_step)
{
  g_autofree char *first = sighej_text_dup_sentence (sentence);
  g_autofree char *second = next_step != NULL ? sighej_text_dup_sentence (next_step) : NULL;
  g_autofree char *both = second != NULL ? g_strdup_printf ("%s %s", first, second) : NULL;

  return sighej_toast_new (both != NULL ? both : first);
}
