/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

#include "sighej-model.h"

G_BEGIN_DECLS

/**
 * SighejPageOff:
 *
 * Not open: one big button, how long, and as what. After an opening whose time ran out it says so
 * and offers to open again. Screens OFF and EXPIRED.
 */
#define SIGHEJ_TYPE_PAGE_OFF (sighej_page_off_get_type ())
G_DECLARE_FINAL_TYPE (SighejPageOff, sighej_page_off, SIGHEJ, PAGE_OFF, AdwBin)

GtkWidget *sighej_page_off_new (SighejModel *model);

G_END_DECLS
