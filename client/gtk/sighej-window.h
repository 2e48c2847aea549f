/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

#include "sighej-model.h"

G_BEGIN_DECLS

/**
 * SighejWindow:
 *
 * The one window: a header with the menu, a bar for what lasts, a toast for what does not, and a
 * GtkStack with one child for each page. The model's screen says which page is shown; a page is
 * made when it is shown first.
 */
#define SIGHEJ_TYPE_WINDOW (sighej_window_get_type ())
G_DECLARE_FINAL_TYPE (SighejWindow, sighej_window, SIGHEJ, WINDOW, AdwApplicationWindow)

SighejWindow *sighej_window_new (GtkApplication *application, SighejModel *model);

/* Says something that goes by itself. @sentence is for people, not markup. */
void sighej_window_toast (SighejWindow *self, const char *sentence);

G_END_DECLS
