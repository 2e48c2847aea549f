/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

#include "sighej-model.h"

G_BEGIN_DECLS

/**
 * SighejInterestsWindow:
 *
 * The person's interests in a window of their own (app.interests, Ctrl+I): SighejInterestChips, and
 * what they are for. Escape closes it.
 */
#define SIGHEJ_TYPE_INTERESTS_WINDOW (sighej_interests_window_get_type ())
G_DECLARE_FINAL_TYPE (
    SighejInterestsWindow, sighej_interests_window, SIGHEJ, INTERESTS_WINDOW, AdwWindow)

GtkWindow *sighej_interests_window_new (SighejModel *model);

G_END_DECLS
