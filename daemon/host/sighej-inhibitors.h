/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-check-result.h"
#include "sighej-error.h"

G_BEGIN_DECLS

#define SIGHEJ_INHIBITORS_MAX 32
#define SIGHEJ_INHIBITOR_WHO_CHARACTERS_MAX 64
#define SIGHEJ_INHIBITOR_WHY_CHARACTERS_MAX 200

/**
 * SighejInhibitors:
 *
 * The programs that asked for silence, a presentation or a screen share (INTERFACES 2.2). Each
 * holds one end of a pipe; when that is closed, by the program or by its end, however that
 * came, the wish is over. What is written into the pipe is never read.
 *
 * Signals:
 *  "changed" (): one more, or one less
 */
#define SIGHEJ_TYPE_INHIBITORS (sighej_inhibitors_get_type ())
G_DECLARE_FINAL_TYPE (SighejInhibitors, sighej_inhibitors, SIGHEJ, INHIBITORS, GObject)

SighejInhibitors *sighej_inhibitors_new (void);

/**
 * sighej_inhibitors_add:
 * @who: the program's name for people, 1 to %SIGHEJ_INHIBITOR_WHO_CHARACTERS_MAX characters
 * @why: what for, at most %SIGHEJ_INHIBITOR_WHY_CHARACTERS_MAX characters
 *
 * Errors: SIGHEJ_ERROR_INVALID_REQUEST (empty, too long, control characters),
 * SIGHEJ_ERROR_UNAVAILABLE (%SIGHEJ_INHIBITORS_MAX are there, or no descriptor is left).
 *
 * Returns: the program's end, owned by the caller; -1 with @error
 */
int
sighej_inhibitors_add (SighejInhibitors *self, const char *who, const char *why, GError **error);

guint sighej_inhibitors_get_n (SighejInhibitors *self);

/* Who and why as a(ss), the oldest first. (transfer floating) */
GVariant *sighej_inhibitors_to_variant (SighejInhibitors *self);

/* SIGHEJ_ERROR_INHIBITED in words about the oldest; there must be one. (transfer full) */
GError *sighej_inhibitors_to_error (SighejInhibitors *self);

/* Appends to `doctor`: "presence.inhibitors", when there is one. */
void sighej_inhibitors_check (SighejInhibitors *self, GPtrArray *results);

G_END_DECLS
