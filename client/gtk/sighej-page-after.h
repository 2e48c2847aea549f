/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

#include "sighej-model.h"

G_BEGIN_DECLS

/**
 * SighejPageAfter:
 *
 * A meet is over. One question, whose answer nobody else sees:
 *
 *   did you meet? --Yes--> brought together again? --Gladly, or Not for 30 days--> gone
 *      |--No--> gone
 *      '--Report--> the dialog of SighejReport; the question stays
 *
 * When both have said that they met it begins with the second. Screen AFTER.
 */
#define SIGHEJ_TYPE_PAGE_AFTER (sighej_page_after_get_type ())
G_DECLARE_FINAL_TYPE (SighejPageAfter, sighej_page_after, SIGHEJ, PAGE_AFTER, AdwBin)

GtkWidget *sighej_page_after_new (SighejModel *model);

G_END_DECLS
