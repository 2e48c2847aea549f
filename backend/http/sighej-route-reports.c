/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-route-reports"

#include "config.h"

#include <string.h>

#include "sighej-crypto.h"
#include "sighej-routes.h"

/* A report, or an appeal, on its way past the session it comes from. */
typedef struct
{
  SighejExchange *exchange;
  SighejParts *parts;
  SighejWireReport *report; /* (nullable) */
  char *appeal;             /* (nullable) */
} Saying;

static void
saying_free (Saying *saying)
{
  sighej_exchange_unref (saying->exchange);
  g_clear_pointer (&saying->report, sighej_wire_report_free);
  sighej_wipe_free_string (saying->appeal);
  g_free (saying);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Saying, saying_free)

static Saying *
saying_new (SighejExchange *exchange, SighejParts *parts)
{
  Saying *saying = g_new0 (Saying, 1);

  saying->exchange = sighej_exchange_ref (exchange);
  saying->parts = parts;
  return saying;
}

/* Whatever becomes of it, the answer is the same to the byte. */
static void
on_said (const SighejQuota *quota, const GError *error, gpointer user_data)
{
  g_autoptr (Saying) saying = user_data;

  sighej_exchange_set_quota (saying->exchange, quota);
  if (error != NULL)
    sighej_exchange_answer_error (saying->exchange, error);
  else
    sighej_exchange_answer_json (saying->exchange, SOUP_STATUS_ACCEPTED, g_strdup ("{}"));
}

/* What it is known by when it comes again: its key and its body. (nullable): it has no key */
static char *
dup_request (SighejExchange *exchange)
{
  g_autofree char *key = sighej_idempotency_dup_key (exchange);
  g_autoptr (GBytes) body = sighej_exchange_dup_body (exchange);
  g_autofree char *hash = NULL;

  if (key == NULL)
    return NULL;
  hash = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, body);
  return g_strconcat (key, " ", hash, NULL);
}

static void
on_found (const SighejStoreInfo *info, const GError *error, gpointer user_data)
{
  Saying *saying = user_data;
  SighejCasebook *casebook = saying->parts->casebook;
  g_autofree char *request = NULL;

  if (error != NULL)
    {
      sighej_exchange_answer_error (saying->exchange, error);
      saying_free (saying);
      return;
    }

  request = dup_request (saying->exchange);
  if (saying->report != NULL)
    sighej_casebook_report (casebook, info->opening, saying->report, request, on_said, saying);
  else
    sighej_casebook_appeal (casebook, info->opening, saying->appeal, request, on_said, saying);
}

/* @saying: (transfer full) */
static void
authenticate (Saying *saying)
{
  char *secret = sighej_exchange_dup_bearer (saying->exchange);

  if (secret != NULL)
    sighej_service_authenticate (saying->parts->service, secret, on_found, saying);
  else
    {
      sighej_exchange_refuse (saying->exchange,
                              SIGHEJ_ERROR_UNAUTHORIZED,
                              "send the session_secret as Authorization: Bearer");
      saying_free (saying);
    }
  sighej_wipe_free_string (secret);
}

void
sighej_route_report (SighejExchange *exchange, SighejParts *parts)
{
  g_autoptr (Saying) saying = saying_new (exchange, parts);
  g_autoptr (GBytes) body = sighej_exchange_dup_body (exchange);
  g_autoptr (GError) error = NULL;
  gsize n_bytes;
  const char *data = g_bytes_get_data (body, &n_bytes);

  saying->report = sighej_wire_report_read (data, n_bytes, &error);
  if (saying->report != NULL)
    authenticate (g_steal_pointer (&saying));
  else
    sighej_exchange_answer_error (exchange, error);
}

void
sighej_route_appeal (SighejExchange *exchange, SighejParts *parts)
{
  g_autoptr (Saying) saying = saying_new (exchange, parts);
  g_autoptr (GBytes) body = sighej_exchange_dup_body (exchange);
  g_autoptr (GError) error = NULL;
  gsize n_bytes;
  const char *data = g_bytes_get_data (body, &n_bytes);

  saying->appeal = sighej_wire_appeal_read (data, n_bytes, &error);
  if (saying->appeal != NULL)
    authenticate (g_steal_pointer (&saying));
  else
    sighej_exchange_answer_error (exchange, error);
}
