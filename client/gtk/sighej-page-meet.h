/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

#include "sighej-model.h"

G_BEGIN_DECLS

/**
 * SighejPageMeet:
 *
 * A meet, on two pages: how the two find each other, and their talk. Of several meets one is shown,
 * and a list leads to the others. Screen MEET.
 */
#define SIGHEJ_TYPE_PAGE_MEET (sighej_page_meet_get_type ())
G_DECLARE_FINAL_TYPE (SighejPageMeet, sighej_page_meet, SIGHEJ, PAGE_MEET, AdwBin)

GtkWidget *sighej_page_meet_new (SighejModel *model);

G_END_DECLS
