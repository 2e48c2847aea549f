/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-error.h"

G_BEGIN_DECLS

/*
 * What the exported objects share: the way of a call to its handler, and of an error of ours to one
 * on the bus.
 */

/**
 * sighej_export_call:
 * @generated: the class of the generated skeleton, below our own
 * @skeleton: of ours
 * @invocation: (transfer full): of a method, not of a property
 *
 * Calls the handler that the generated code has for it.
 */
void sighej_export_call (GDBusInterfaceSkeletonClass *generated,
                         GDBusInterfaceSkeleton *skeleton,
                         GDBusMethodInvocation *invocation);

/* Gives @error (transfer full) the code whose D-Bus name it has on the bus. (transfer full) */
GError *sighej_export_take_error (GError *error);

/* Answers a call with @error (transfer full). */
void sighej_export_return_error (GDBusMethodInvocation *invocation, GError *error);

G_END_DECLS
