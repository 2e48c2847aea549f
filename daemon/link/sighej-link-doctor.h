/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-link-facts.h"

G_BEGIN_DECLS

/* What the doctor says of the backend: appends "backend.session", "backend.websocket" and
 * "backend.tls". */
void sighej_link_doctor_check (const SighejLinkFacts *facts, GPtrArray *results);

G_END_DECLS
