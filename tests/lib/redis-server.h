/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RedisServer:
 *
 * A real redis-server of the test's own, without persistence, in a temporary folder; it dies with
 * the test. Each function that starts or ends it waits until that is done.
 */
typedef struct _RedisServer RedisServer;

/**
 * redis_server_new:
 * @options: (nullable): further words of its command line, "--maxmemory", "1mb"; ends with %NULL
 * @environment: (nullable): "NAME=VALUE" to add, for instance LD_PRELOAD; ends with %NULL
 *
 * On a UNIX socket only.
 */
RedisServer *redis_server_new (const char *const *options, const char *const *environment);

/* Also on a free port of 127.0.0.1: replicas and sentinels know no UNIX sockets. */
RedisServer *redis_server_new_tcp (const char *const *options);

/* A sentinel for the master "city" at @master_port of 127.0.0.1, which may be down for 1 s and is
 * replaced when @quorum sentinels agree. @password: (nullable): of the master; also its own */
RedisServer *redis_sentinel_new (guint16 master_port, guint quorum, const char *password);

/* Ends it, if it runs. */
void redis_server_free (RedisServer *self);

guint16 redis_server_get_port (RedisServer *self);

/* "unix:///…?db=0", then @more, for instance "&password=x". (transfer full) */
char *redis_server_dup_url (RedisServer *self, const char *more);

pid_t redis_server_get_pid (RedisServer *self);

void redis_server_stop (RedisServer *self);    /* SIGTERM */
void redis_server_kill (RedisServer *self);    /* kill -9 */
void redis_server_restart (RedisServer *self); /* after one of these; empty */
void redis_server_freeze (RedisServer *self);  /* SIGSTOP */
void redis_server_thaw (RedisServer *self);    /* SIGCONT */

/* What redis-cli prints for a command, without the last line break; blocks. @...: its words, then
 * %NULL. (transfer full) */
char *redis_server_ask (RedisServer *self, ...) G_GNUC_NULL_TERMINATED;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RedisServer, redis_server_free)

G_END_DECLS
