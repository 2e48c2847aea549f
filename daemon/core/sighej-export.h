/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-error.h"

G_BEGIN_DECLS

/*
 * What the exported objects share: the way from an error of ours to one on the bus.
 */

/* Gives @error (transfer full) the code whose D-Bus name it has on the bus. (transfer full) */
GError *sighej_export_take_error (GError *error);

/* Answers a call with @error (transfer full). */
void sighej_export_return_error (GDBusMethodInvocation *invocation, GError *error);

G_END_DECLS
