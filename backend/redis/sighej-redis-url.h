/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define SIGHEJ_REDIS_URL_BYTES_MAX 4096
#define SIGHEJ_REDIS_SECRET_BYTES_MAX 512 /* a user, a password, a master's name; decoded */
#define SIGHEJ_REDIS_PLACES_MAX 16        /* sentinels in one URL */
#define SIGHEJ_REDIS_DATABASE_MAX 65535   /* number of a database */
#define SIGHEJ_REDIS_PORT 6379
#define SIGHEJ_REDIS_SENTINEL_PORT 26379

/**
 * SighejRedisPlace:
 * @path: (nullable): of a UNIX socket; then @host is %NULL
 * @host: (nullable): a name or an address, without the brackets of IPv6
 * @port: 1 to 65535
 *
 * Where a server listens.
 */
typedef struct
{
  char *path;
  char *host;
  guint16 port;
} SighejRedisPlace;

void sighej_redis_place_copy (SighejRedisPlace *to, const SighejRedisPlace *from);
void sighej_redis_place_clear (SighejRedisPlace *place);

/* "unix:/run/redis.sock", "redis.example:6379", "[::1]:6379"; (transfer full). */
char *sighej_redis_place_to_text (const SighejRedisPlace *place);

/**
 * SighejRedisUrl:
 * @places: the server; or, with @master, the sentinels to ask for it, @n_places of them
 * @master: (nullable): the name under which sentinels know the server
 * @user: (nullable): of Redis 6 and later; with a password only
 * @password: (nullable): for the server and for the sentinels that want one
 * @database: number of the database
 *
 * Which Redis to use, read from one of
 *
 * |[
 * redis://[user[:password]@]host[:port][/db]
 * unix:///path[?db=N][&user=U][&password=P]
 * redis+sentinel://[user:password@]host1[:26379],host2[:26379]/NAME[/db]
 * ]|
 *
 * with %XX for special characters, and [..] around an IPv6 address. A value, never changed.
 */
typedef struct
{
  SighejRedisPlace places[SIGHEJ_REDIS_PLACES_MAX];
  guint n_places;
  char *master;
  char *user;
  char *password;
  guint database;
} SighejRedisUrl;

/**
 * sighej_redis_url_parse:
 * @text: a URL
 *
 * Errors: SIGHEJ_ERROR_CONFIG, a message that says what is wrong and what to write instead; it
 * quotes nothing of @text, which may hold a password.
 *
 * Returns: (transfer full) (nullable):
 */
SighejRedisUrl *sighej_redis_url_parse (const char *text, GError **error);

SighejRedisUrl *sighej_redis_url_copy (const SighejRedisUrl *url);

/* Wipes what is secret. */
void sighej_redis_url_free (SighejRedisUrl *url);

/* The URL with *** for the password: for logs and for --check-config. (transfer full) */
char *sighej_redis_url_to_text (const SighejRedisUrl *url);

/* For a setting: whether @text is empty or a URL. Errors: as of sighej_redis_url_parse(). */
gboolean sighej_redis_url_check (const char *text, GError **error);

/* For a setting: what people may see of @text, whatever it is. (transfer full) */
char *sighej_redis_url_dup_shown (const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejRedisUrl, sighej_redis_url_free)

G_END_DECLS
