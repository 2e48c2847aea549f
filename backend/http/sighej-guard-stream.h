/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-clock.h"
#include "sighej-express.h"
#include "sighej-gate.h"
#include "sighej-head.h"

G_BEGIN_DECLS

/**
 * SighejGuardStream:
 *
 * What stands between an accepted socket and libsoup. It reads a request's head by itself,
 * judges it (sighej-head.h), and only then lets it through; it hands out exactly the bytes of
 * that head and its body, so libsoup never buffers beyond a request, and it keeps the deadlines
 * libsoup does not have (SECURITY-DESIGN ). A refused request gets its answer
 * from here; libsoup sees the end of the stream.
 *
 * The lane (sighej-lane.h) looks at each request first. One that is for it is answered without
 * libsoup; any other head waits here for libsoup to read it.
 *
 * Life of a connection: HEAD -> BODY -> ANSWER -> IDLE -> HEAD … -> closed, or handed over to
 * the hub after an upgrade.
 */
#define SIGHEJ_TYPE_GUARD_STREAM (sighej_guard_stream_get_type ())
G_DECLARE_FINAL_TYPE (SighejGuardStream, sighej_guard_stream, SIGHEJ, GUARD_STREAM, GIOStream)

/**
 * SighejGuardLimits:
 * @head: what a request's head may be
 * @header_seconds: until the head is whole, from the connection or its first byte on
 * @body_seconds: until the body is whole, from the head on
 * @idle_seconds: between two requests
 * @write_seconds: until an answer is taken, from the moment the socket is full
 */
typedef struct
{
  SighejHeadLimits head;
  guint header_seconds;
  guint body_seconds;
  guint idle_seconds;
  guint write_seconds;
} SighejGuardLimits;

/* Whose the request at hand is. */
typedef enum
{
  SIGHEJ_GUARD_NOBODY, /* its head is not whole */
  SIGHEJ_GUARD_SOUP,
  SIGHEJ_GUARD_LANE,
} SighejGuardReader;

/**
 * SighejGuardStep:
 * @SIGHEJ_GUARD_WAIT: nothing to do until epoll or libsoup say more
 * @SIGHEJ_GUARD_REQUEST: a whole request for the lane
 * @SIGHEJ_GUARD_OTHER: a head for libsoup; told once
 * @SIGHEJ_GUARD_END: refused, timed out, ended or closed
 */
typedef enum
{
  SIGHEJ_GUARD_WAIT,
  SIGHEJ_GUARD_REQUEST,
  SIGHEJ_GUARD_OTHER,
  SIGHEJ_GUARD_END,
} SighejGuardStep;

/**
 * sighej_guard_stream_new:
 * @socket: non-blocking, connected; a reference is taken
 * @remote: (nullable): the client's address
 * @ticket: (transfer full) (nullable): its place in the gate, given back when it is closed
 * @limits: copied
 * @watch: a #SighejHubSource that calls sighej_guard_stream_note() with what it was added as
 */
SighejGuardStream *sighej_guard_stream_new (GSocket *socket,
                                            GSocketAddress *remote,
                                            SighejTicket *ticket,
                                            SighejClock *clock,
                                            const SighejGuardLimits *limits,
                                            GSource *watch);

GSocketAddress *sighej_guard_stream_get_remote (SighejGuardStream *self); /* (nullable) */

/* What epoll told; writes on what the socket did not take. Then fetch. */
void sighej_guard_stream_note (SighejGuardStream *self, guint32 events);

/* Has epoll tell everything again, after others had a turn. */
void sighej_guard_stream_ask_again (SighejGuardStream *self);

/**
 * sighej_guard_stream_fetch:
 * @express: (out): filled for %SIGHEJ_GUARD_REQUEST, with offsets into get_fetched
 *
 * Reads on, as far as a request for the lane or a head for libsoup.
 */
SighejGuardStep sighej_guard_stream_fetch (SighejGuardStream *self, SighejExpress *express);

/* The request that was fetched, until it is taken: its head and right behind it its body. */
const char *sighej_guard_stream_get_fetched (SighejGuardStream *self);

/* Forgets the request; its answer is due. */
void sighej_guard_stream_take_fetched (SighejGuardStream *self);

/**
 * sighej_guard_stream_answer:
 * @answer: head and body; a reference is held until the socket has taken all
 * @is_last: the connection ends with it
 *
 * For the request that was taken. Then fetch. In vain when the connection was closed meanwhile.
 */
void sighej_guard_stream_answer (SighejGuardStream *self, GBytes *answer, gboolean is_last);

/**
 * sighej_guard_stream_steal_fd:
 * @early: (out) (transfer full) (nullable): what the client sent behind its request already
 * @ticket: (out) (transfer full) (nullable): its place in the gate
 *
 * Stops guarding: what comes on the socket from now on is the caller's. For after an upgrade.
 *
 * Returns: the descriptor, the caller's to close; -1 when the connection is closed
 */
int sighej_guard_stream_steal_fd (SighejGuardStream *self, GBytes **early, SighejTicket **ticket);

G_END_DECLS
