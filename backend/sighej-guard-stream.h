/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-clock.h"
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

/**
 * sighej_guard_stream_new:
 * @socket: non-blocking, connected; a reference is taken
 * @ticket: (transfer full) (nullable): its place in the gate, given back when it is closed
 * @limits: copied
 */
SighejGuardStream *sighej_guard_stream_new (GSocket *socket,
                                            SighejTicket *ticket,
                                            SighejClock *clock,
                                            const SighejGuardLimits *limits);

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
