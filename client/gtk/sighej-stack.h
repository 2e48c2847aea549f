/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/*
 * GTK 4.8 keeps the pages of a stack that are not shown where a screen reader finds them. From now
 * on only the one that is shown is there for it. To be called once, when @stack has its first
 * pages.
 */
void sighej_stack_hide_from_readers (GtkStack *stack);

G_END_DECLS
