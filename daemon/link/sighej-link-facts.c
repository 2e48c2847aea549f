/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-link"

#include "config.h"

#include "sighej-link-facts.h"

SighejBackendState
sighej_link_facts_to_state (const SighejLinkFacts *facts)
{
  SighejReason reason;

  if (!facts->wanted || facts->uri == NULL || !facts->working)
    return SIGHEJ_BACKEND_STATE_OFFLINE;
  if (facts->online)
    return SIGHEJ_BACKEND_STATE_ONLINE;

  reason = sighej_link_retry_get_reason (facts->retry);
  if (reason == SIGHEJ_REASON_NONE)
    return SIGHEJ_BACKEND_STATE_CONNECTING;
  return reason == SIGHEJ_REASON_BACKEND_REFUSED ? SIGHEJ_BACKEND_STATE_REFUSED
                                                 : SIGHEJ_BACKEND_STATE_OFFLINE;
}

SighejReason
sighej_link_facts_to_reason (const SighejLinkFacts *facts)
{
  if (facts->uri == NULL)
    return SIGHEJ_REASON_BACKEND_UNSET;
  if (!facts->wanted || facts->online)
    return SIGHEJ_REASON_NONE;
  return sighej_link_retry_get_reason (facts->retry);
}
