/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-clock.h"

G_BEGIN_DECLS

#define SIGHEJ_TLS_FRONT_HANDSHAKE_MS 5000   /* SECURITY-DESIGN R-03 */
#define SIGHEJ_TLS_FRONT_HANDSHAKES_MAX 1024 /* under way at one time */

/**
 * SighejTlsFront:
 *
 * TLS for a small installation, ended in front of the same core: what comes out of a handshake is
 * a plain socket, and the core never learns the difference. Each connection costs two descriptors
 * more and the memory of a TLS session; a cell puts haproxy or nginx here instead (DESIGN 5).
 * TLS 1.2 and 1.3 only: main() sets the priority before any library reads it.
 *
 * Life of a connection: accept() -> handshake, 5 s -> ready() gets the plain end, a relay
 * (sighej-relay.h) carries the bytes until one side is done.
 */
#define SIGHEJ_TYPE_TLS_FRONT (sighej_tls_front_get_type ())
G_DECLARE_FINAL_TYPE (SighejTlsFront, sighej_tls_front, SIGHEJ, TLS_FRONT, GObject)

/**
 * SighejTlsFrontReady:
 * @plain: non-blocking; take a reference to keep it
 * @remote: the client's address; an object of this connection's own
 */
typedef void (*SighejTlsFrontReady) (GSocket *plain, GSocketAddress *remote, gpointer user_data);

/**
 * sighej_tls_front_new:
 * @certificate_file: PEM, the chain from the server's own up; the credential tls-certificate goes
 *   before it
 * @key_file: PEM, readable by nobody else (a group may); the credential tls-key goes before it
 *
 * Errors: SIGHEJ_ERROR_CONFIG.
 */
SighejTlsFront *sighej_tls_front_new (const char *certificate_file,
                                      const char *key_file,
                                      SighejClock *clock,
                                      SighejTlsFrontReady ready,
                                      gpointer user_data,
                                      GError **error);

/* Reads both files again, for handshakes from now on. FALSE: the old ones stay. Errors: CONFIG. */
gboolean sighej_tls_front_reload (SighejTlsFront *self,
                                  const char *certificate_file,
                                  const char *key_file,
                                  GError **error);

/* @socket: accepted, non-blocking; a reference is taken. Closed at once when there are too many
 * handshakes. */
void sighej_tls_front_accept (SighejTlsFront *self, GSocket *socket);

/* Connections that are not closed yet, handshakes included. */
guint sighej_tls_front_get_n (SighejTlsFront *self);

G_END_DECLS
