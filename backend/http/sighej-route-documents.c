/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-route-documents"

#include "config.h"

#include "sighej-backend-resources.h"
#include "sighej-problem-page.h"
#include "sighej-routes.h"

#define CONTRACT "/org/sighej/backend/openapi.json"

/* Part of the program: it is there. It lies where the program is mapped, so nothing is copied. */
void
sighej_route_openapi (SighejExchange *exchange, SighejParts *parts)
{
  g_autoptr (GBytes) document = g_resource_lookup_data (
      sighej_backend_get_resource (), CONTRACT, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);

  g_assert (document != NULL);
  sighej_exchange_answer_tagged (exchange, "application/json", document, NULL);
}

void
sighej_route_problem (SighejExchange *exchange, SighejParts *parts)
{
  g_autoptr (GBytes) page = sighej_problem_page_new (sighej_exchange_get_parameter (exchange));

  if (page == NULL)
    sighej_exchange_refuse (exchange, SIGHEJ_ERROR_NOT_FOUND, "there is no such problem type");
  else
    sighej_exchange_answer_bytes (exchange, SOUP_STATUS_OK, "text/html; charset=utf-8", page);
}
