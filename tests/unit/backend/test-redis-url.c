/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-error.h"
#include "sighej-redis-url.h"

#define MANY_HOSTS "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p"

typedef struct
{
  const char *text;
  const char *shown;
  const char *place;
  const char *user;
  const char *password;
  guint database;
} Good;

static const Good good[] = {
  { "redis://localhost", "redis://localhost:6379/0", "localhost:6379", NULL, NULL, 0 },
  { "redis://localhost/", "redis://localhost:6379/0", "localhost:6379", NULL, NULL, 0 },
  { "redis://10.0.0.7:7000/3", "redis://10.0.0.7:7000/3", "10.0.0.7:7000", NULL, NULL, 3 },
  { "redis://[::1]", "redis://[::1]:6379/0", "[::1]:6379", NULL, NULL, 0 },
  { "redis://:pw@[fd00::7]:7000/65535",
    "redis://:***@[fd00::7]:7000/65535",
    "[fd00::7]:7000",
    NULL,
    "pw",
    65535 },
  { "redis://me:p%40%2F%3a%25@h-1.example_x/1",
    "redis://me:***@h-1.example_x:6379/1",
    "h-1.example_x:6379",
    "me",
    "p@/:%",
    1 },
  { "redis://m%20e:p@w:x@h", "redis://m%20e:***@h:6379/0", "h:6379", "m e", "p@w:x", 0 },
  { "unix:///run/redis/redis.sock",
    "unix:///run/redis/redis.sock?db=0",
    "unix:/run/redis/redis.sock",
    NULL,
    NULL,
    0 },
  { "unix:///a%20b?db=5&user=u%26&password=x%3Dy=",
    "unix:///a%20b?db=5&user=u%26&password=***",
    "unix:/a b",
    "u&",
    "x=y=",
    5 },
};

static void
test_reads_each_form (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (SighejRedisUrl) parsed = sighej_redis_url_parse (good[i].text, &error);
      g_autoptr (SighejRedisUrl) url = NULL;
      g_autofree char *shown = NULL;
      g_autofree char *place = NULL;

      g_assert_no_error (error);
      url = sighej_redis_url_copy (parsed);
      shown = sighej_redis_url_to_text (url);
      place = sighej_redis_place_to_text (&url->places[0]);
      g_assert_cmpstr (shown, ==, good[i].shown);
      g_assert_cmpstr (place, ==, good[i].place);
      g_assert_cmpstr (url->user, ==, good[i].user);
      g_assert_cmpstr (url->password, ==, good[i].password);
      g_assert_cmpuint (url->database, ==, good[i].database);
      g_assert_cmpuint (url->n_places, ==, 1);
      g_assert_null (url->master);
    }
}

static void
test_reads_sentinels (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SighejRedisUrl) url = sighej_redis_url_parse (
      "redis+sentinel://u:geheim@one,[::2]:5,three:26380/my%20city/4", &error);
  g_autoptr (SighejRedisUrl) copy = NULL;
  g_autofree char *shown = NULL;

  g_assert_no_error (error);
  copy = sighej_redis_url_copy (url);
  g_assert_cmpuint (copy->n_places, ==, 3);
  g_assert_cmpstr (copy->master, ==, "my city");
  g_assert_cmpstr (copy->places[1].host, ==, "::2");
  g_assert_cmpuint (copy->places[1].port, ==, 5);
  shown = sighej_redis_url_to_text (copy);
  g_assert_cmpstr (shown, ==, "redis+sentinel://u:***@one:26379,[::2]:5,three:26380/my%20city/4");
}

static const struct
{
  const char *text;
  const char *says;
} bad[] = {
  { "", "redis://[user" },
  { "localhost:6379", "redis://[user" },
  { "http://localhost", "redis://[user" },
  { "REDIS://localhost", "redis://[user" },
  { "rediss://localhost", "hiredis has no TLS" },
  { "rediss+sentinel://a/b", "stunnel" },
  { "redis://", "no host" },
  { "redis:///1", "no host" },
  { "redis://:geheim@", "no host" },
  { "redis://geheim@h", "no password" },
  { "redis://me:@h", "no password" },
  { "redis://:geh%eim@h", "%25" },
  { "redis://:geheim%00@h", "%25" },
  { "redis://:geh/eim@h", "%2F" },
  { "redis://:geh?eim@h", "%3F" },
  { "redis://:geh#eim@h", "%23" },
  { "redis://:12/3@h", "%2F" },
  { "redis://h:0", "1 to 65535" },
  { "redis://h:65536", "1 to 65535" },
  { "redis://h:+1", "1 to 65535" },
  { "redis://h:", "1 to 65535" },
  { "redis://::1", "IPv6" },
  { "redis://[::1", "IPv6" },
  { "redis://[127.0.0.1]", "IPv6" },
  { "redis://[::1]6379", "neither" },
  { "redis://h h", "neither a name" },
  { "redis://h\n", "neither a name" },
  { "redis://h/x", "0 to 65535" },
  { "redis://h/-1", "0 to 65535" },
  { "redis://h/65536", "0 to 65535" },
  { "redis://h/1/2", "0 to 65535" },
  { "redis://h?db=1", "/N" },
  { "redis://a,b", "redis+sentinel://" },
  { "redis+sentinel://a,b", "NAME" },
  { "redis+sentinel://a,b/", "NAME" },
  { "redis+sentinel://a,,b/n", "no host" },
  { "redis+sentinel:///n", "no host" },
  { "redis+sentinel://a/n/x", "0 to 65535" },
  { "redis+sentinel://" MANY_HOSTS ",q/n", "more than 16" },
  { "unix://", "unix:///path" },
  { "unix://run/x", "unix:///path" },
  { "unix:///x#y", "unix:///path" },
  { "unix:///x?db=", "0 to 65535" },
  { "unix:///x?geheim", "db=N" },
  { "unix:///x?password=", "db=N" },
  { "unix:///x?password=geheim&password=geheim", "db=N" },
  { "unix:///x?user=geheim", "&password=P" },
  { "unix:///x?db=1&user=a&password=b&geheim=1", "db=N" },
  { "unix:///1234567890123456789012345678901234567890123456789012345678901234567890123456789012345"
    "678901234567890123456789",
    "longer than 107" },
  { "redis://\xff", "UTF-8" },
};

static void
test_says_what_is_wrong (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (sighej_redis_url_parse (bad[i].text, &error));
      g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG);
      if (strstr (error->message, bad[i].says) == NULL)
        g_error ("%s: %s", bad[i].text, error->message);
      g_assert_null (strstr (error->message, "geh"));
      g_assert_null (strstr (error->message, "eim"));
    }
}

static void
test_bounds_what_it_takes (void)
{
  g_autofree char *most = g_strnfill (SIGHEJ_REDIS_SECRET_BYTES_MAX, 'x');
  g_autofree char *fits = g_strconcat ("redis://:", most, "@h", NULL);
  g_autofree char *too_long = g_strconcat ("redis://:x", most, "@h", NULL);
  g_autofree char *endless = g_strnfill (SIGHEJ_REDIS_URL_BYTES_MAX + 1, 'x');
  g_autofree char *host = g_strconcat ("redis://", most, NULL);
  g_autoptr (SighejRedisUrl) url = sighej_redis_url_parse (fits, NULL);
  g_autoptr (SighejRedisUrl) sentinels
      = sighej_redis_url_parse ("redis+sentinel://" MANY_HOSTS "/n", NULL);

  g_assert_nonnull (url);
  g_assert_cmpuint (sentinels->n_places, ==, SIGHEJ_REDIS_PLACES_MAX);
  g_assert_null (sighej_redis_url_parse (too_long, NULL));
  g_assert_null (sighej_redis_url_parse (endless, NULL));
  g_assert_null (sighej_redis_url_parse (host, NULL));
}

static void
test_as_a_setting (void)
{
  const struct
  {
    const char *text;
    const char *shown;
    gboolean is_good;
  } cases[] = {
    { "", "", TRUE },
    { "redis://:geheim@h", "redis://:***@h:6379/0", TRUE },
    { "redis://:geh/eim@h", "***", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *shown = sighej_redis_url_dup_shown (cases[i].text);

      g_assert_cmpint (sighej_redis_url_check (cases[i].text, &error), ==, cases[i].is_good);
      g_assert_true (cases[i].is_good == (error == NULL));
      g_assert_cmpstr (shown, ==, cases[i].shown);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/redis-url/reads-each-form", test_reads_each_form);
  g_test_add_func ("/redis-url/reads-sentinels", test_reads_sentinels);
  g_test_add_func ("/redis-url/says-what-is-wrong", test_says_what_is_wrong);
  g_test_add_func ("/redis-url/bounds-what-it-takes", test_bounds_what_it_takes);
  g_test_add_func ("/redis-url/as-a-setting", test_as_a_setting);

  return g_test_run ();
}
