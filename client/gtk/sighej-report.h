/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

#include "sighej-model.h"

G_BEGIN_DECLS

/* Messages that can be attached, and the newest of the talk that are offered for it. */
#define SIGHEJ_REPORT_ATTACHED_MESSAGES_MAX 20
#define SIGHEJ_REPORT_OFFERED_MESSAGES_MAX 100

/**
 * SighejReport:
 *
 * Tells those who run the backend about the other side of a nudge or a meet: why, in one's own
 * words, and which messages they may see. It stays open until the daemon has taken the report, so
 * that nothing written is lost by an error. It goes with the nudge, and with the opening; a meet
 * that is over can still be reported, but what was said in it is wiped and can no longer be shown.
 */
#define SIGHEJ_TYPE_REPORT (sighej_report_get_type ())
G_DECLARE_FINAL_TYPE (SighejReport, sighej_report, SIGHEJ, REPORT, AdwWindow)

/* Each opens it over the window of @parent. */
void sighej_report_nudge (GtkWidget *parent, SighejModel *model, guint nudge);

/* @messages: (nullable): SighejTalkMessage that may be attached */
void sighej_report_meet (GtkWidget *parent, SighejModel *model, guint meet, GListModel *messages);

G_END_DECLS
