/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

#include "sighej-model.h"

G_BEGIN_DECLS

/**
 * SighejPageTrouble:
 *
 * What stands in the way, in one sentence, and what can be done about it: one button each. Screens
 * NO_BUS, NO_DAEMON and BLUETOOTH_…. SigHej itself never turns Bluetooth on.
 */
#define SIGHEJ_TYPE_PAGE_TROUBLE (sighej_page_trouble_get_type ())
G_DECLARE_FINAL_TYPE (SighejPageTrouble, sighej_page_trouble, SIGHEJ, PAGE_TROUBLE, AdwBin)

GtkWidget *sighej_page_trouble_new (SighejModel *model);

G_END_DECLS
