/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "sighej-crypto.h"
#include "sighej-wire-report.h"
#include "sighej-wire.h"

/* Reads a message and writes it again; NULL when it is refused. */
typedef char *(*Rewrite) (const char *data, gsize n_bytes);

static char *
rewrite_session_request (const char *data, gsize n_bytes)
{
  g_autoptr (SighejWireSessionRequest) message
      = sighej_wire_session_request_read (data, n_bytes, NULL);

  return message != NULL ? sighej_wire_session_request_write (message) : NULL;
}

static char *
rewrite_session_answer (const char *data, gsize n_bytes)
{
  g_autoptr (SighejWireSessionAnswer) message
      = sighej_wire_session_answer_read (data, n_bytes, NULL);

  return message != NULL ? sighej_wire_session_answer_write (message) : NULL;
}

static char *
rewrite_client_message (const char *data, gsize n_bytes)
{
  SighejWireClientMessage message;

  if (!sighej_wire_client_message_read (data, n_bytes, &message, NULL))
    return NULL;
  /* Of the others this reads the id only. */
  return message.type <= SIGHEJ_WIRE_PING ? sighej_wire_client_message_write (&message) : NULL;
}

static char *
rewrite_meet (const char *data, gsize n_bytes)
{
  g_autoptr (SighejWireMeet) meet = sighej_wire_meet_read (data, n_bytes, NULL);

  return meet != NULL ? sighej_wire_meet_write (meet) : NULL;
}

static char *
rewrite_code_request (const char *data, gsize n_bytes)
{
  SighejWireCodeRequest request;

  if (!sighej_wire_code_request_read (data, n_bytes, &request, NULL))
    return NULL;
  return sighej_wire_code_request_write (&request);
}

static char *
rewrite_pair_request (const char *data, gsize n_bytes)
{
  SighejWirePairRequest request;

  if (!sighej_wire_pair_request_read (data, n_bytes, &request, NULL))
    return NULL;
  return sighej_wire_pair_request_write (&request);
}

static char *
rewrite_server_message (const char *data, gsize n_bytes)
{
  g_autoptr (SighejWireServerMessage) message
      = sighej_wire_server_message_read (data, n_bytes, NULL);

  return message != NULL ? sighej_wire_server_message_write (message) : NULL;
}

static char *
rewrite_report (const char *data, gsize n_bytes)
{
  g_autoptr (SighejWireReport) report = sighej_wire_report_read (data, n_bytes, NULL);

  return report != NULL ? sighej_wire_report_write (report) : NULL;
}

static char *
rewrite_appeal (const char *data, gsize n_bytes)
{
  char *text = sighej_wire_appeal_read (data, n_bytes, NULL);
  char *again = text != NULL ? sighej_wire_appeal_write (text) : NULL;

  sighej_wipe_free_string (text);
  return again;
}

/* What was taken is written so that it is taken again and means the same. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  static const Rewrite rewrites[] = {
    rewrite_session_request, rewrite_session_answer, rewrite_client_message, rewrite_server_message,
    rewrite_report,          rewrite_appeal,         rewrite_meet,           rewrite_code_request,
    rewrite_pair_request,
  };
  SighejWireMatchRequest match;

  for (gsize i = 0; i < G_N_ELEMENTS (rewrites); i++)
    {
      g_autofree char *once = rewrites[i]((const char *) data, n_bytes);
      g_autofree char *twice = NULL;

      if (once == NULL)
        continue;
      twice = rewrites[i](once, strlen (once));
      g_assert_cmpstr (once, ==, twice);
    }

  if (sighej_wire_match_request_read ((const char *) data, n_bytes, &match, NULL))
    {
      g_assert_true (sighej_wire_is_token (match.own_token));
      g_assert_true (sighej_wire_is_token (match.detected_token));
    }
  return 0;
}
