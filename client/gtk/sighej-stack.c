/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-stack.h"

static void
hide_others (GtkStack *stack)
{
  GtkWidget *shown = gtk_stack_get_visible_child (stack);
  GtkWidget *page = gtk_widget_get_first_child (GTK_WIDGET (stack));

  for (; page != NULL; page = gtk_widget_get_next_sibling (page))
    gtk_accessible_update_state (
        GTK_ACCESSIBLE (page), GTK_ACCESSIBLE_STATE_HIDDEN, page != shown, -1);
}

void
sighej_stack_hide_from_readers (GtkStack *stack)
{
  g_return_if_fail (GTK_IS_STACK (stack));

  g_signal_connect (stack, "notify::visible-child", G_CALLBACK (hide_others), NULL);
  hide_others (stack);
}
