/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-route-health"

#include "config.h"

#include "sighej-routes.h"

#define STATUS_OK "{\"status\":\"ok\"}"

/* That it answers at all is the answer. */
void
sighej_route_health (SighejExchange *exchange, SighejParts *parts)
{
  sighej_exchange_answer_json (exchange, SOUP_STATUS_OK, g_strdup (STATUS_OK));
}

static void
on_stats (const char *json, const GError *error, gpointer user_data)
{
  g_autoptr (SighejExchange) exchange = user_data;

  if (error != NULL)
    sighej_exchange_answer_error (exchange, error);
  else
    sighej_exchange_answer_json (exchange, SOUP_STATUS_OK, g_strdup (STATUS_OK));
}

/* Ready: both stores answer, and nobody has told us to stop. */
void
sighej_route_health_ready (SighejExchange *exchange, SighejParts *parts)
{
  if (parts->draining)
    sighej_exchange_refuse (exchange, SIGHEJ_ERROR_UNAVAILABLE, "the server is stopping");
  else
    sighej_service_stats (parts->service, on_stats, sighej_exchange_ref (exchange));
}
