/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-route-health"

#include "config.h"

#include "sighej-routes.h"

#define STATUS_OK "{\"status\":\"ok\"}"
#define STATUS_READY                                                                               \
  "{\"status\":\"%s\",\"parts\":{\"store\":\"ok\",\"ledger\":\"%s\",\"draining\":false}}"

/* That it answers at all is the answer. */
void
sighej_route_health (SighejExchange *exchange, SighejParts *parts)
{
  sighej_exchange_answer_json (exchange, SOUP_STATUS_OK, g_strdup (STATUS_OK));
}

/* Without its ledger the backend does all it is asked for and keeps the counts, so it stays in
 * the proxy's list; an operator is told by "degraded", and by an alert. */
static void
on_told (const SighejHealthState *state, gpointer user_data)
{
  g_autoptr (SighejExchange) exchange = user_data;

  if (!state->store_up)
    sighej_exchange_refuse (exchange,
                            SIGHEJ_ERROR_UNAVAILABLE,
                            state->ledger_up ? "not ready: the store does not answer"
                                             : "not ready: neither store nor ledger answers");
  else
    sighej_exchange_answer_json (exchange,
                                 SOUP_STATUS_OK,
                                 g_strdup_printf (STATUS_READY,
                                                  state->ledger_up ? "ok" : "degraded",
                                                  state->ledger_up ? "ok" : "away"));
}

void
sighej_route_health_ready (SighejExchange *exchange, SighejParts *parts)
{
  if (parts->draining)
    sighej_exchange_refuse (
        exchange, SIGHEJ_ERROR_UNAVAILABLE, "not ready: draining, the server is stopping");
  else
    sighej_health_ask (parts->health, on_told, sighej_exchange_ref (exchange));
}
