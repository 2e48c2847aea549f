/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-enums.h"
#include "sighej-link-retry.h"

G_BEGIN_DECLS

/**
 * SighejLinkFacts:
 * @uri: (nullable): of the backend
 * @wanted: a session is wanted
 * @working: there is one, or one is being made, or a wait before the next attempt runs
 * @accepted: the backend has accepted one
 * @online: its WebSocket is open
 * @retry: what went wrong, and what is waited for
 *
 * What there is to say about the link follows from these, and from nothing that is stored.
 */
typedef struct
{
  const char *uri;
  gboolean wanted;
  gboolean working;
  gboolean accepted;
  gboolean online;
  const SighejLinkRetry *retry;
} SighejLinkFacts;

SighejBackendState sighej_link_facts_to_state (const SighejLinkFacts *facts);

/* NONE, BACKEND_UNSET, BACKEND_OFFLINE, BACKEND_REFUSED or RATE_LIMITED. */
SighejReason sighej_link_facts_to_reason (const SighejLinkFacts *facts);

G_END_DECLS
