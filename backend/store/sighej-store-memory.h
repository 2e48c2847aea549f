/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-store.h"

G_BEGIN_DECLS

#define SIGHEJ_STORE_MEMORY_SESSIONS_MAX 200000    /* then UNAVAILABLE */
#define SIGHEJ_STORE_MEMORY_TOMBSTONES_MAX 1000000 /* then the oldest token is free again */

/**
 * SighejStoreMemory:
 *
 * The store of a backend that is one process: hash tables, one timer, nothing on disk. Every
 * callback is called before its function returns. Time is the clock's, which never jumps; an
 * expired session is refused on the dot and its memory wiped within a second.
 */
#define SIGHEJ_TYPE_STORE_MEMORY (sighej_store_memory_get_type ())
G_DECLARE_FINAL_TYPE (SighejStoreMemory, sighej_store_memory, SIGHEJ, STORE_MEMORY, GObject)

SighejStore *sighej_store_memory_new (SighejClock *clock);

G_END_DECLS
