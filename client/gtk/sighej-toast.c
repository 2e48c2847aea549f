/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-toast.h"

#include "sighej-text.h"

AdwToast *
sighej_toast_new (const char *sentence)
{
  g_autofree char *markup = g_markup_escape_text (sentence, -1);
  AdwToast *toast = adw_toast_new (markup);
  GtkWidget *label = gtk_label_new (sentence);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
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
