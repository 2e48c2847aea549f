/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-handoff.h"
#include "sighej-listener.h"
#include "sighej-settings.h"

G_BEGIN_DECLS

/**
 * SighejSocketKind:
 * @SIGHEJ_SOCKET_PUBLIC: people's machines
 * @SIGHEJ_SOCKET_TLS: the same with TLS, ended here
 * @SIGHEJ_SOCKET_ADMIN: operators
 */
typedef enum
{
  SIGHEJ_SOCKET_PUBLIC,
  SIGHEJ_SOCKET_TLS,
  SIGHEJ_SOCKET_ADMIN,
  SIGHEJ_SOCKET_N_KINDS
} SighejSocketKind;

/**
 * SighejSockets:
 *
 * All listening sockets of one process: opened as the settings say, taken over from the service
 * manager, or handed on by our parent. Only who opened a UNIX socket removes its file.
 */
typedef struct _SighejSockets SighejSockets;

/**
 * sighej_sockets_open:
 *
 * Takes over those of the service manager, told apart by their names "tls" and "admin"; a kind
 * it has none of is opened as the settings say.
 *
 * Errors: SIGHEJ_ERROR_CONFIG (nothing for people to connect to, an inherited one is no listening
 * socket or reachable as the settings forbid), SIGHEJ_ERROR_UNAVAILABLE (in use, not permitted).
 */
SighejSockets *sighej_sockets_open (const SighejSettings *settings, GError **error);

/* Those a parent handed on. Errors: SIGHEJ_ERROR_CONFIG. */
SighejSockets *sighej_sockets_take (GError **error);

/* Stops all. */
void sighej_sockets_free (SighejSockets *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejSockets, sighej_sockets_free)

/* (element-type SighejListener) (transfer none) */
GPtrArray *sighej_sockets_get (SighejSockets *self, SighejSocketKind kind);

/* Adds all to what workers are handed; they must stay open as long as workers are started. */
void sighej_sockets_hand_on (SighejSockets *self, SighejHandoff *handoff);

/* Whom to ask to see that we answer: one without TLS. (transfer none) (nullable) */
SighejListener *sighej_sockets_get_probe (SighejSockets *self);

/* Begins to accept on those of one kind. Errors: SIGHEJ_ERROR_UNAVAILABLE. */
gboolean sighej_sockets_start (SighejSockets *self,
                               SighejSocketKind kind,
                               SighejClock *clock,
                               SighejListenerAccepted accepted,
                               gpointer user_data,
                               GError **error);

/* Nobody new comes in, to others who hold the sockets too; see sighej_listener_refuse(). */
void sighej_sockets_refuse (SighejSockets *self);

/* Accepts whoever is on the way already, then stops all; see sighej_listener_finish(). */
void sighej_sockets_finish (SighejSockets *self);

/* FALSE: all have stopped. */
gboolean sighej_sockets_is_open (SighejSockets *self);
void sighej_sockets_stop (SighejSockets *self);

/* Says on stdout where we listen: "admin listening on 127.0.0.1:8081". */
void sighej_sockets_print (SighejSockets *self);

G_END_DECLS
