/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-link-http.h"

G_BEGIN_DECLS

/**
 * SighejLinkDoctorFacts:
 * @uri: (nullable): of the backend
 * @wanted: a session is wanted
 * @accepted: the backend has accepted one
 * @online: its WebSocket is open
 * @trouble: (nullable): what went wrong last
 *
 * What the doctor's words about the backend follow from.
 */
typedef struct
{
  const char *uri;
  gboolean wanted;
  gboolean accepted;
  gboolean online;
  const SighejLinkFailure *trouble;
} SighejLinkDoctorFacts;

/* Appends "backend.session", "backend.websocket" and "backend.tls". */
void sighej_link_doctor_check (const SighejLinkDoctorFacts *facts, GPtrArray *results);

G_END_DECLS
