/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "redis-server.h"
#include "sighej-store.h"

/*
 * A real Redis for the store's script, one a program, whose hour is the test's: it starts at
 * 2026-01-01T10:00:00Z and goes on when it is turned.
 */

/* Empties it and sets its clock back; starts it before the first time. */
void store_redis_reset (void);

/* A worker on it, connected. @clock: for heartbeats; its own time goes by itself when it is the
 * system's. */
SighejStore *store_redis_new (SighejClock *clock);

void store_redis_turn (gint64 us);

RedisServer *store_redis_get_server (void);
void store_redis_stop (void);
