/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-link"

#include "config.h"

#include "sighej-link-doctor.h"

#include "sighej-check-result.h"

static void
check_session (const SighejLinkFacts *facts, GPtrArray *results)
{
  const char *id = "backend.session";
  const SighejLinkFailure *trouble = facts->retry->trouble;

  if (facts->uri == NULL)
    sighej_check_results_add (
        results, id, "error", "no backend is set", "choose one: sighejctl backend set https://…");
  else if (facts->accepted)
    sighej_check_results_add (results, id, "ok", "the backend has accepted a session", "");
  else if (trouble == NULL || trouble->kind == SIGHEJ_LINK_FAILURE_NO_UPGRADE)
    sighej_check_results_add (
        results, id, "ok", facts->wanted ? "asking for a session" : "no session is wanted now", "");
  else if (trouble->kind == SIGHEJ_LINK_FAILURE_REFUSED)
    sighej_check_results_add (
        results, id, "error", trouble->text, "ask whoever runs the backend, or choose another one");
  else
    sighej_check_results_add (
        results, id, "error", trouble->text, "check the network and the backend's address");
}

static void
check_websocket (const SighejLinkFacts *facts, GPtrArray *results)
{
  const char *id = "backend.websocket";
  const SighejLinkFailure *trouble = facts->retry->trouble;

  if (facts->online)
    sighej_check_results_add (results, id, "ok", "open", "");
  else if (trouble != NULL && trouble->kind == SIGHEJ_LINK_FAILURE_NO_UPGRADE)
    sighej_check_results_add (
        results, id, "error", trouble->text, "allow WebSocket upgrades to the backend");
  else if (facts->accepted)
    sighej_check_results_add (results, id, "warning", "lost; connecting again", "");
}

static void
check_tls (const SighejLinkFacts *facts, GPtrArray *results)
{
  const char *id = "backend.tls";
  const SighejLinkFailure *trouble = facts->retry->trouble;

  if (facts->uri == NULL)
    return;
  if (g_ascii_strncasecmp (facts->uri, "http:", strlen ("http:")) == 0)
    sighej_check_results_add (
        results, id, "ok", "not used: the backend is this machine itself", "");
  else if (trouble != NULL && trouble->kind == SIGHEJ_LINK_FAILURE_TLS)
    sighej_check_results_add (results,
                              id,
                              "error",
                              trouble->text,
                              "set CaFile= if the backend has an authority of its own");
  else if (facts->accepted)
    sighej_check_results_add (results, id, "ok", "the backend's certificate is trusted", "");
}

void
sighej_link_doctor_check (const SighejLinkFacts *facts, GPtrArray *results)
{
  check_session (facts, results);
  check_websocket (facts, results);
  check_tls (facts, results);
}
