/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

#include "sighej-model.h"

G_BEGIN_DECLS

/**
 * SighejPageWelcome:
 *
 * The first run, in three short pages: what others see; how it ends and what is kept, to be agreed
 * to; what one likes to talk about, and where none is set which matching service. "Start" saves
 * the service, the agreement, and opens. Screen WELCOME.
 */
#define SIGHEJ_TYPE_PAGE_WELCOME (sighej_page_welcome_get_type ())
G_DECLARE_FINAL_TYPE (SighejPageWelcome, sighej_page_welcome, SIGHEJ, PAGE_WELCOME, AdwBin)

GtkWidget *sighej_page_welcome_new (SighejModel *model);

/* Whether Start was pressed; until then it stays, though nothing else may be missing any more. */
gboolean sighej_page_welcome_is_done (SighejPageWelcome *self);

G_END_DECLS
