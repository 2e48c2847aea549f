/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-exchange"

#include "config.h"

#include "sighej-soup-carrier.h"

typedef struct
{
  SighejCarrier parent;

  SoupServerMessage *message;
  gulong disconnected_id;
  gboolean paused;
  gboolean gone; /* the connection ended while we were thinking */
} SoupCarrier;

static void
on_disconnected (SoupServerMessage *message, SoupCarrier *self)
{
  self->gone = TRUE;
}

static SoupServerMessage *
get_message (SighejCarrier *carrier)
{
  return ((SoupCarrier *) carrier)->message;
}

static const char *
get_method (SighejCarrier *carrier)
{
  return soup_server_message_get_method (get_message (carrier));
}

static const char *
get_path (SighejCarrier *carrier)
{
  return g_uri_get_path (soup_server_message_get_uri (get_message (carrier)));
}

static const char *
get_header (SighejCarrier *carrier, const char *name)
{
  return soup_message_headers_get_list (
      soup_server_message_get_request_headers (get_message (carrier)), name);
}

static const char *
get_content_type (SighejCarrier *carrier)
{
  return soup_message_headers_get_content_type (
      soup_server_message_get_request_headers (get_message (carrier)), NULL);
}

static GSocketAddress *
get_remote_address (SighejCarrier *carrier)
{
  return soup_server_message_get_remote_address (get_message (carrier));
}

static GBytes *
dup_body (SighejCarrier *carrier)
{
  return soup_message_body_flatten (soup_server_message_get_request_body (get_message (carrier)));
}

static void
set_header (SighejCarrier *carrier, const char *name, const char *value)
{
  soup_message_headers_replace (
      soup_server_message_get_response_headers (get_message (carrier)), name, value);
}

static void
wait_for_answer (SighejCarrier *carrier)
{
  ((SoupCarrier *) carrier)->paused = TRUE;
  soup_server_message_pause (get_message (carrier));
}

static void
send_answer (SighejCarrier *carrier, guint status, GBytes *body)
{
  SoupCarrier *self = (SoupCarrier *) carrier;

  /* Else libsoup gives a 304 the length of its body, where that of the 200 belongs. */
  if (status == SOUP_STATUS_NOT_MODIFIED)
    soup_message_headers_set_encoding (soup_server_message_get_response_headers (self->message),
                                       SOUP_ENCODING_NONE);
  soup_server_message_set_status (self->message, status, NULL);
  if (body != NULL)
    soup_message_body_append_bytes (soup_server_message_get_response_body (self->message), body);
  if (self->paused && !self->gone)
    soup_server_message_unpause (self->message);
}

static void
free_carrier (SighejCarrier *carrier)
{
  SoupCarrier *self = (SoupCarrier *) carrier;

  g_signal_handler_disconnect (self->message, self->disconnected_id);
  g_object_unref (self->message);
  g_free (self);
}

static const SighejCarrierFuncs soup_funcs = {
  .get_method = get_method,
  .get_path = get_path,
  .get_header = get_header,
  .get_content_type = get_content_type,
  .get_remote_address = get_remote_address,
  .dup_body = dup_body,
  .set_header = set_header,
  .wait = wait_for_answer,
  .send = send_answer,
  .free = free_carrier,
};

SighejCarrier *
sighej_soup_carrier_new (SoupServerMessage *message)
{
  SoupCarrier *self = g_new0 (SoupCarrier, 1);

  self->parent.funcs = &soup_funcs;
  self->message = g_object_ref (message);
  self->disconnected_id
      = g_signal_connect (message, "disconnected", G_CALLBACK (on_disconnected), self);
  return &self->parent;
}

SoupServerMessage *
sighej_soup_carrier_get_message (SighejCarrier *carrier)
{
  g_assert (carrier->funcs == &soup_funcs);
  return get_message (carrier);
}
