/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-clock.h"
#include "sighej-error.h"

G_BEGIN_DECLS

/* Written into a pipe at a time. */
#define SIGHEJ_PIPES_CHUNK_BYTES (64 * 1024)
/* So many are being read at once; one more is refused. */
#define SIGHEJ_PIPES_MAX 4
/* What was not read by then is lost, seconds. */
#define SIGHEJ_PIPES_SECONDS_MAX 60

/**
 * SighejPipes:
 *
 * Data on their way to who asked for them, each through a pipe of its own. Written when there is
 * room and never waited for: a reader that does not read, or not to the end, costs memory for
 * %SIGHEJ_PIPES_SECONDS_MAX and nothing else. What is written, or given up, is let go of.
 */
#define SIGHEJ_TYPE_PIPES (sighej_pipes_get_type ())
G_DECLARE_FINAL_TYPE (SighejPipes, sighej_pipes, SIGHEJ, PIPES, GObject)

SighejPipes *sighej_pipes_new (SighejClock *clock);

/**
 * sighej_pipes_write:
 * @bytes: wipes itself when its last reference goes
 *
 * Errors: SIGHEJ_ERROR_UNAVAILABLE (%SIGHEJ_PIPES_MAX are being read, or no descriptor is left).
 *
 * Returns: the end to read from, owned by the caller; -1 with @error
 */
int sighej_pipes_write (SighejPipes *self, GBytes *bytes, GError **error);

/* How many are being read. */
guint sighej_pipes_get_n (SighejPipes *self);

G_END_DECLS
