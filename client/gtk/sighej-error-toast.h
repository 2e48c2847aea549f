/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

#include "sighej-model.h"

G_BEGIN_DECLS

/*
 * Shows each error @model tells as a toast on @overlay, as long as @overlay lives: a window that
 * lies above the main one says itself what fails in it.
 */
void sighej_error_toast_follow (AdwToastOverlay *overlay, SighejModel *model);

G_END_DECLS
