/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "sighej-case-seal.h"

G_BEGIN_DECLS

/*
 * Reports as operators see them: lines for people, objects for programs. Whoever calls has put what
 * belongs together into a SighejReportsView.
 */

/**
 * SighejReportsView:
 * @words: (nullable): unsealed; NULL: it was not asked for, or is sealed with another key file
 * @appeals: (nullable) (element-type SighejCaseEvent): with it
 * @actions: (nullable) (element-type SighejCaseEvent): likewise
 */
typedef struct
{
  SighejVault *vault;
  SighejCase *report;
  SighejWireReport *words;
  GPtrArray *appeals;
  GPtrArray *actions;
} SighejReportsView;
void sighej_reports_view_clear (SighejReportsView *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SighejReportsView, sighej_reports_view_clear)

/* One line, and everything there is. */
void sighej_reports_print_line (const SighejCase *report);
void sighej_reports_print_whole (const SighejReportsView *view);

/* An object's members: of a report; of everything there is about it. */
void sighej_reports_build_line (JsonBuilder *builder, const SighejCase *report);
void sighej_reports_build_whole (JsonBuilder *builder, const SighejReportsView *view);

/* "2026-01-01T12:00:00Z" */
char *sighej_reports_dup_time (gint64 at_ms);

G_END_DECLS
