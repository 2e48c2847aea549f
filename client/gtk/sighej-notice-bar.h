/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

#include "sighej-model.h"

G_BEGIN_DECLS

/**
 * SighejNoticeBar:
 *
 * What lasts, above any page: no connection, the service said no, too many tries (with the
 * seconds until the next), an address that may be recognised. It offers Retry where that may help,
 * and Details. It counts seconds only while there are some, and it is seen.
 */
#define SIGHEJ_TYPE_NOTICE_BAR (sighej_notice_bar_get_type ())
G_DECLARE_FINAL_TYPE (SighejNoticeBar, sighej_notice_bar, SIGHEJ, NOTICE_BAR, AdwBin)

/* To be called once. */
void sighej_notice_bar_follow (SighejNoticeBar *self, SighejModel *model);

G_END_DECLS
