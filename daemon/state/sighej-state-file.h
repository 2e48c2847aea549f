/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-error.h"

G_BEGIN_DECLS

/* No file of the state folder is read beyond this. */
#define SIGHEJ_STATE_FILE_BYTES_MAX (64 * 1024)

/*
 * The small files of the state folder: readable by nobody else (0600 in a folder of 0700), each
 * written whole or not at all, and never lost because they cannot be understood.
 */

/**
 * sighej_state_file_read:
 *
 * Returns: (transfer full) (nullable): its text. NULL without @error: there is no such file.
 *   NULL with %SIGHEJ_ERROR_FAILED: it is unreadable, too large or not text
 */
char *sighej_state_file_read (const char *path, GError **error);

/* Makes the folder if need be. Errors: %SIGHEJ_ERROR_FAILED (the disk): the old file is still
 * there. */
gboolean sighej_state_file_write (const char *path, const char *text, GError **error);

/**
 * sighej_state_file_delete:
 *
 * Deletes the file, what was put aside of it, and what an interrupted write left behind.
 *
 * Errors: %SIGHEJ_ERROR_FAILED (the disk): names the first that is still there; all that can be
 * deleted is.
 */
gboolean sighej_state_file_delete (const char *path, GError **error);

/* Renames what cannot be understood to `….bad`, and warns. */
void sighej_state_file_put_aside (const char *path, const GError *why);

G_END_DECLS
