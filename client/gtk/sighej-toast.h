/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/*
 * The action of the main window that shows a toast in it: for who is above it, and must not know
 * it. The parameter (s) is a sentence for people, not markup.
 */
#define SIGHEJ_TOAST_ACTION "toast.show"

/* A toast whose @sentence, not markup, may have several lines. (transfer full) */
AdwToast *sighej_toast_new (const char *sentence);

/* What failed, and what to do. @next_step: (nullable). (transfer full) */
AdwToast *sighej_toast_new_for_error (const char *sentence, const char *next_step);

G_END_DECLS
