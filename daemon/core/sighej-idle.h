/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-core.h"

G_BEGIN_DECLS

/* Off and not asked for anything for so long, a daemon that the bus starts may leave. */
#define SIGHEJ_IDLE_SECONDS (5 * 60)

/**
 * SighejIdle:
 *
 * Whether anybody needs this daemon (INTERFACES 2.1): somebody does who is open, or closing, or
 * asks for silence, or has called anything at all within the last %SIGHEJ_IDLE_SECONDS.
 *
 *   BUSY --off, and no inhibitor held--> RESTING --no call for 5 min--> "idle"
 *     ^                                    |
 *     +----------------- else -------------+
 *
 * Signals:
 *  "idle" (): whoever leaves now asks sighej_idle_confirm() first
 */
#define SIGHEJ_TYPE_IDLE (sighej_idle_get_type ())
G_DECLARE_FINAL_TYPE (SighejIdle, sighej_idle, SIGHEJ, IDLE, GObject)

/* @bus: whose calls count */
SighejIdle *sighej_idle_new (SighejCore *core, GDBusConnection *bus);

/* Whether it still is after "idle": a call may have come meanwhile; then the wait begins anew. */
gboolean sighej_idle_confirm (SighejIdle *self);

G_END_DECLS
