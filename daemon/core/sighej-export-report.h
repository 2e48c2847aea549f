/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SighejExportReport:
 * @text: (nullable): in the person's own words
 * @messages: (array length=n_messages) (nullable): numbers of messages to attach
 *
 * The options of Nudge1.Report and Meet1.Report, as they came over the bus; whether they can be
 * true is for SighejMeets to judge.
 */
typedef struct
{
  const char *text;
  const guint64 *messages;
  guint n_messages;
  GVariant *text_value; /* what the others point into */
  GVariant *messages_value;
} SighejExportReport;

/**
 * sighej_export_report_read:
 * @self: all zero
 * @options: an a{sv}
 * @has_messages: whether "messages" is among the options there are
 *
 * Errors: SIGHEJ_ERROR_INVALID_REQUEST (no such option, or one of another type).
 */
gboolean sighej_export_report_read (SighejExportReport *self,
                                    GVariant *options,
                                    gboolean has_messages,
                                    GError **error);

void sighej_export_report_clear (SighejExportReport *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SighejExportReport, sighej_export_report_clear)

G_END_DECLS
