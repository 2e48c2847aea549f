/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-error.h"

G_BEGIN_DECLS

/*
 * Secrets as files of a folder that systemd (LoadCredential=), Docker or Kubernetes puts together
 * for one service; $CREDENTIALS_DIRECTORY says where it is.
 */

/**
 * sighej_credential_find:
 * @name: the file's, "interest-key"
 * @path: (out) (transfer full) (nullable): the file, which we may read; %NULL: not given
 *
 * Without $CREDENTIALS_DIRECTORY nothing is given. Nor is a file that is empty, or a line's end
 * alone: so a unit gives what an operator may leave out (SetCredential=). It is read anew each
 * time, so that a reload sees what has come.
 *
 * Returns: whether we know. Errors: SIGHEJ_ERROR_CONFIG (the folder is not there or may not be
 * looked into; what has the name is no file, or we may not read it).
 */
gboolean sighej_credential_find (const char *name, char **path, GError **error);

G_END_DECLS
