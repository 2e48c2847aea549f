/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

#include "sighej-enums.h"

G_BEGIN_DECLS

/*
 * The bodies of POST /api/v1/reports and POST /api/v1/appeals. Readers and writers keep the rules
 * of sighej-wire.h; what is read is wiped when it is freed, because a person wrote it in
 * confidence.
 */

#define SIGHEJ_REPORT_TEXT_CHARS_MAX 1000 /* of a text and of each attached message */
#define SIGHEJ_REPORT_ATTACHED_MAX 20

/* {"ticket":"…","reason":"spam","text":"…","attached":["…"]} */
typedef struct
{
  char *ticket; /* as the nudge brought it: base64url, SIGHEJ_WIRE_TICKET_CHARS_MAX at most */
  SighejReportReason reason;
  char *text;     /* (nullable): in the reporter's words */
  GStrv attached; /* (nullable): what the reporter chose to show of the talk, oldest first */
} SighejWireReport;
SighejWireReport *sighej_wire_report_read (const char *data, gsize n_bytes, GError **error);
char *sighej_wire_report_write (const SighejWireReport *self);
void sighej_wire_report_free (SighejWireReport *self); /* wipes */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejWireReport, sighej_wire_report_free)

/* {"text":"…"}. (transfer full): wipe with sighej_wipe_free_string() */
char *sighej_wire_appeal_read (const char *data, gsize n_bytes, GError **error);
char *sighej_wire_appeal_write (const char *text);

G_END_DECLS
