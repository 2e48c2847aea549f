/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-route-stats"

#include "config.h"

#include <string.h>

#include "sighej-crypto.h"
#include "sighej-exposition.h"
#include "sighej-process-stats.h"
#include "sighej-routes.h"

#define BEARER "Bearer "

static gboolean
is_operator (SighejExchange *exchange, SighejAdmin *admin)
{
  const char *header = sighej_exchange_get_header (exchange, "Authorization");

  if (header != NULL && g_ascii_strncasecmp (header, BEARER, strlen (BEARER)) == 0)
    return sighej_admin_check (admin, header + strlen (BEARER));
  return sighej_admin_check (admin, NULL);
}

static void
on_stats (const char *json, const GError *error, gpointer user_data)
{
  g_autoptr (SighejExchange) exchange = user_data;

  if (error != NULL)
    sighej_exchange_answer_error (exchange, error);
  else
    {
      g_autoptr (GBytes) body = g_bytes_new (json, strlen (json));

      sighej_exchange_answer_tagged (exchange, "application/json", body, NULL);
    }
}

void
sighej_route_stats (SighejExchange *exchange, SighejParts *parts)
{
  if (is_operator (exchange, parts->admin))
    sighej_service_stats (parts->service, on_stats, sighej_exchange_ref (exchange));
  else
    sighej_exchange_refuse (
        exchange, SIGHEJ_ERROR_UNAUTHORIZED, "the operators' token is missing or wrong");
}

/* From memory alone: it answers when store and ledger do not. */
void
sighej_route_metrics (SighejExchange *exchange, SighejParts *parts)
{
  SighejExpositionForm form;
  g_autoptr (GBytes) body = NULL;
  char *text;

  if (!is_operator (exchange, parts->admin))
    {
      sighej_exchange_refuse (
          exchange, SIGHEJ_ERROR_UNAUTHORIZED, "the operators' token is missing or wrong");
      return;
    }
  form = sighej_exposition_choose (sighej_exchange_get_header (exchange, "Accept"));
  sighej_process_stats_update ();
  text = sighej_exposition_write (form);
  body = g_bytes_new_take (text, strlen (text));
  sighej_exchange_set_header (exchange, "Vary", "Accept, Origin");
  sighej_exchange_answer_bytes (
      exchange, SOUP_STATUS_OK, sighej_exposition_get_content_type (form), body);
}
