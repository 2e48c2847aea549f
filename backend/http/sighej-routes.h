/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-admin.h"
#include "sighej-casebook.h"
#include "sighej-exchange.h"
#include "sighej-health.h"
#include "sighej-hub.h"
#include "sighej-idempotency.h"
#include "sighej-pages.h"
#include "sighej-service.h"

G_BEGIN_DECLS

/**
 * SighejParts:
 *
 * What routes call. Owned by the backend, which outlives every request.
 * @tickets: (element-type int SighejTicket): the places of sockets the hub holds, by descriptor
 * @n_requests: that are read, and not yet answered in full
 * @draining: the backend is about to stop
 */
struct _SighejParts
{
  SighejService *service;
  SighejHealth *health;
  SighejIdempotency *idempotency;
  SighejCasebook *casebook;
  SighejHub *hub;
  SighejVocabulary *vocabulary;
  SighejAdmin *admin;
  SighejPages *pages;
  GHashTable *tickets;
  guint n_requests;
  gboolean draining;
};

/* Sessions: sighej-route-session.c */
void sighej_route_session_open (SighejExchange *exchange, SighejParts *parts);
void sighej_route_session_show (SighejExchange *exchange, SighejParts *parts);
void sighej_route_session_end (SighejExchange *exchange, SighejParts *parts);

/* sighej-route-match.c */
void sighej_route_match (SighejExchange *exchange, SighejParts *parts);

/* sighej-route-reports.c: one person says something about another, or against it */
void sighej_route_report (SighejExchange *exchange, SighejParts *parts);
void sighej_route_appeal (SighejExchange *exchange, SighejParts *parts);

/* sighej-route-ws.c */
void sighej_route_ws (SighejExchange *exchange, SighejParts *parts);

/* sighej-route-stats.c: operators only */
void sighej_route_stats (SighejExchange *exchange, SighejParts *parts);
void sighej_route_metrics (SighejExchange *exchange, SighejParts *parts);

/* sighej-route-health.c */
void sighej_route_health (SighejExchange *exchange, SighejParts *parts);
void sighej_route_health_ready (SighejExchange *exchange, SighejParts *parts);

/* sighej-route-vocabulary.c */
void sighej_route_vocabulary (SighejExchange *exchange, SighejParts *parts);

/* sighej-route-documents.c: the contract, and what a problem's type means */
void sighej_route_openapi (SighejExchange *exchange, SighejParts *parts);
void sighej_route_problem (SighejExchange *exchange, SighejParts *parts);

/* sighej-route-pages.c */
void sighej_route_privacy (SighejExchange *exchange, SighejParts *parts);
void sighej_route_terms (SighejExchange *exchange, SighejParts *parts);

G_END_DECLS
