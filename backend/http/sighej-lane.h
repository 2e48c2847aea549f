/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-carrier.h"
#include "sighej-guard-stream.h"

G_BEGIN_DECLS

/**
 * SighejLane:
 *
 * Every HTTP connection, on one epoll descriptor. It answers the request that comes often
 * (sighej-express.h) without libsoup, and hands a connection to libsoup with the first request
 * that is another. From then on both share it, a request at a time: the guard stream says whose
 * each is.
 *
 * Life of a connection: accepted -> requests of ours -> libsoup has it, too -> closed by libsoup;
 * without a request for libsoup the lane closes it itself.
 */
typedef struct _SighejLane SighejLane;

/**
 * SighejLaneCalls:
 * @request: the start of an exchange; @carrier: (transfer full)
 * @hand_over: libsoup is to have it, too; a head waits in it
 */
typedef struct
{
  void (*request) (SighejCarrier *carrier, gpointer user_data);
  void (*hand_over) (SighejGuardStream *guard, gpointer user_data);
} SighejLaneCalls;

/**
 * SighejLane:
 * @n_requests: counts those that are read, and not yet answered in full; outlives the lane
 */
SighejLane *sighej_lane_new (const SighejLaneCalls *calls, guint *n_requests, gpointer user_data);

/* Closes what libsoup does not have. An exchange that is still thinking may answer: in vain. */
void sighej_lane_close (SighejLane *self);

void sighej_lane_unref (SighejLane *self);

/* For guard streams to be added. */
GSource *sighej_lane_get_watch (SighejLane *self);

/* Serves it from now on. @guard: a reference is taken */
void sighej_lane_add (SighejLane *self, SighejGuardStream *guard);

G_END_DECLS
