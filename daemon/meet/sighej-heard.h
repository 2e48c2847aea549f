/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-token.h"

G_BEGIN_DECLS

/* A token proves something this long after it was heard last. */
#define SIGHEJ_HEARD_SECONDS (20 * 60)
/* So many are kept; of more, the one not heard for longest goes. */
#define SIGHEJ_HEARD_TOKENS_MAX 4096

/**
 * SighejHeard:
 *
 * The tokens our own radio heard lately, and nothing else of them: what a key that somebody shows
 * is held against (BLE 3). Pure; the clock is the caller's.
 */
typedef struct _SighejHeard SighejHeard;

SighejHeard *sighej_heard_new (void);
void sighej_heard_free (SighejHeard *self); /* wipes */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejHeard, sighej_heard_free)

/* @now_us: on a clock that does not go back. */
void sighej_heard_add (SighejHeard *self, const SighejToken *token, gint64 now_us);

/* Whether it was heard within the last %SIGHEJ_HEARD_SECONDS. */
gboolean sighej_heard_has (SighejHeard *self, const SighejToken *token, gint64 now_us);

guint sighej_heard_count (SighejHeard *self);

/* Forgets all. */
void sighej_heard_wipe (SighejHeard *self);

G_END_DECLS
