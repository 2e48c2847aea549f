/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-model.h"

G_BEGIN_DECLS

/*
 * Properties of org.sighej.Manager1 by their names, for widgets that show one each. The generated
 * setters of a proxy do not tell whether the daemon took the value; this does.
 */

/**
 * sighej_daemon_property_read:
 * @name: such as "PauseOnLock"
 *
 * Returns: (transfer full) (nullable): the value last told; NULL: no daemon is there, or it has no
 *   such property
 */
GVariant *sighej_daemon_property_read (SighejModel *model, const char *name);

/**
 * sighej_daemon_property_write_async:
 * @name: such as "PauseOnLock"
 * @value: of the property's type; a floating reference is taken
 * @cancellable: (nullable)
 * @callback: (scope async): called once
 *
 * Fails with the daemon's error, or %G_IO_ERROR_NOT_CONNECTED when there is none.
 */
void sighej_daemon_property_write_async (SighejModel *model,
                                         const char *name,
                                         GVariant *value,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);
gboolean
sighej_daemon_property_write_finish (SighejModel *model, GAsyncResult *result, GError **error);

G_END_DECLS
