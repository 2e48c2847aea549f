/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

#include "sighej-model.h"

G_BEGIN_DECLS

/**
 * SighejHelp:
 *
 * One page to read (app.help, F1): what others see, how it ends, waving, meeting safely, Bluetooth,
 * privacy. Escape closes it.
 */
#define SIGHEJ_TYPE_HELP (sighej_help_get_type ())
G_DECLARE_FINAL_TYPE (SighejHelp, sighej_help, SIGHEJ, HELP, AdwWindow)

/* @model: not needed; each window beside the one is made with it */
GtkWindow *sighej_help_new (SighejModel *model);

G_END_DECLS
