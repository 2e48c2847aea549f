/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * SighejWrapBox:
 *
 * Children beside each other as long as there is room, and then in another line, as words are;
 * GtkFlowBox would put them in columns. Each is as wide as it likes to be, at most as wide as the
 * box, and as high as its line. It mirrors itself where one reads from right to left.
 */
#define SIGHEJ_TYPE_WRAP_BOX (sighej_wrap_box_get_type ())
G_DECLARE_FINAL_TYPE (SighejWrapBox, sighej_wrap_box, SIGHEJ, WRAP_BOX, GtkWidget)

/* Puts @child behind the others. A floating reference is taken. */
void sighej_wrap_box_append (SighejWrapBox *self, GtkWidget *child);

/* Takes all children out. */
void sighej_wrap_box_clear (SighejWrapBox *self);

G_END_DECLS
