/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SighejGate:
 *
 * Counts open connections, in all and per address, and says when it is enough
 * (SECURITY-DESIGN 3). Pure. A connection enters once and keeps its place, as an HTTP
 * connection or as a WebSocket, until its ticket is dropped.
 */
typedef struct _SighejGate SighejGate;
typedef struct _SighejTicket SighejTicket;

/* @total_max, @address_max: connections, 1 and up */
SighejGate *sighej_gate_new (guint total_max, guint address_max);
/* For whoever comes from now on. */
void sighej_gate_set_limits (SighejGate *self, guint total_max, guint address_max);
void sighej_gate_unref (SighejGate *self); /* tickets keep it alive */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejGate, sighej_gate_unref)

/**
 * sighej_gate_enter:
 * @address: (nullable): whose limit counts; NULL when the client's address is unknown
 *
 * Returns: (transfer full) (nullable): the place; NULL when there is none
 */
SighejTicket *sighej_gate_enter (SighejGate *self, const char *address);

/* Gives the place back. */
void sighej_ticket_free (SighejTicket *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejTicket, sighej_ticket_free)

/* A connection is busy while a request is awaited for the first time, read or answered. */
void sighej_ticket_set_busy (SighejTicket *self, gboolean busy);
guint sighej_gate_get_n_busy (SighejGate *self);

guint sighej_gate_get_n (SighejGate *self);

G_END_DECLS
