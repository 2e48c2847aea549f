/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-dialog.h"

void
sighej_dialog_present (GtkWindow *dialog, GtkWindow *parent)
{
  g_return_if_fail (GTK_IS_WINDOW (dialog));
  g_return_if_fail (GTK_IS_WINDOW (parent));

  gtk_window_set_transient_for (dialog, parent);
  gtk_window_set_application (dialog, gtk_window_get_application (parent));
  gtk_window_present (dialog);
}
