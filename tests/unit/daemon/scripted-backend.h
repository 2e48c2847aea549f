/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <libsoup/soup.h>

#include "sighej-wire.h"

G_BEGIN_DECLS

/**
 * ScriptedBackend:
 *
 * A backend that does what a test tells it, on a loopback port of its own, in the same main
 * context. The first group is the script, and may be changed at any time; the second is what
 * it saw.
 * @post_status: answer to POST /session; 0: none at all
 * @post_body: (nullable): its body, instead of a proper one
 * @retry_after_s: (nullable): a Retry-After header for every answer
 * @session_s: length of the sessions it grants, seconds; may be negative
 * @no_secret: answers without a session_secret, as in legacy mode
 * @delete_status: answer to DELETE /session; 0: none at all
 * @said_status: answer to POST /api/v1/…; 0: none at all
 * @ws_status: refuses handshakes with this, 0: takes them
 * @silent: says nothing on sockets, not even to a ping
 *
 * @requests: of SighejWireSessionRequest, every POST
 * @deleted: of char *: the credentials of the sessions deleted
 * @handshakes: of char *: "PATH|AUTHORIZATION|SUBPROTOCOL" of each
 * @said: of char *: "PATH|KEY|BODY" of each POST /api/v1/…
 * @sockets: of SoupWebsocketConnection, open ones, oldest first
 * @messages: of SighejWireClientMessage, but no pings
 * @n_pings: pings
 * @user_agent: of the last request
 */
typedef struct
{
  guint post_status;
  const char *post_body;
  const char *retry_after_s;
  int session_s;
  gboolean no_secret;
  guint delete_status;
  guint said_status;
  guint ws_status;
  gboolean silent;

  GPtrArray *requests;
  GPtrArray *deleted;
  GPtrArray *handshakes;
  GPtrArray *said;
  GPtrArray *sockets;
  GPtrArray *messages;
  guint n_pings;
  char *user_agent;

  SoupServer *server;
  GPtrArray *held; /* messages that get no answer */
  char *uri;
  char *dir; /* of the certificate, with TLS */
  char *certificate_file;
} ScriptedBackend;

/* Sessions are 7200 s, everything is accepted. */
ScriptedBackend *scripted_backend_new (gboolean with_tls);
void scripted_backend_free (ScriptedBackend *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ScriptedBackend, scripted_backend_free)

/* Stops listening and drops all sockets. */
void scripted_backend_go_away (ScriptedBackend *self);

const SighejWireSessionRequest *scripted_backend_request (ScriptedBackend *self, guint i);

/* The newest socket. */
SoupWebsocketConnection *scripted_backend_socket (ScriptedBackend *self);
void scripted_backend_say (ScriptedBackend *self, const char *text);
/* A nudge with its outbox number; the shared interest is "jazz". */
void scripted_backend_nudge (ScriptedBackend *self, guint64 seq);
void scripted_backend_close (ScriptedBackend *self, gushort code);

/* The newest message of a type, or NULL. */
const SighejWireClientMessage *scripted_backend_last (ScriptedBackend *self,
                                                      SighejWireClientType type);
guint scripted_backend_count (ScriptedBackend *self, SighejWireClientType type);

G_END_DECLS
