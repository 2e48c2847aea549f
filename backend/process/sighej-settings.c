/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-settings"

#include "config.h"

#include "sighej-settings.h"

#include <string.h>

#include "sighej-credential.h"
#include "sighej-log.h"
#include "sighej-names.h"
#include "sighej-otlp.h"
#include "sighej-pg-line.h"
#include "sighej-redis-url.h"

#define GROUP_SERVER "Server"
#define GROUP_SESSIONS "Sessions"
#define GROUP_LIMITS "Limits"
#define GROUP_STORES "Stores"
#define GROUP_OPERATION "Operation"
#define GROUP_LOG "Log"

#define WORKERS_MAX 64

#define WORD_LEGACY "legacy"
#define WORD_ONE_SIDED "one_sided"

#define STRING(group, key, variable, value, help)                                                  \
  {                                                                                                \
    (group), (key), SIGHEJ_CONFIG_STRING, (variable), (value), 0, 0, NULL, NULL, NULL, (help)      \
  }
#define LIST(group, key, variable, value, help)                                                    \
  {                                                                                                \
    (group), (key), SIGHEJ_CONFIG_STRING_LIST, (variable), (value), 0, 0, NULL, NULL, NULL, (help) \
  }
#define NUMBER(group, key, variable, value, minimum, maximum, unit, help)                          \
  {                                                                                                \
    (group), (key), SIGHEJ_CONFIG_INTEGER, (variable), (value), (minimum), (maximum), (unit),      \
        NULL, NULL, (help)                                                                         \
  }
#define CHOICE(group, key, variable, value, choices, help)                                         \
  {                                                                                                \
    (group), (key), SIGHEJ_CONFIG_ENUM, (variable), (value), 0, 0, NULL, (choices), NULL, (help)   \
  }

static gboolean
check_endpoint (const char *value, GError **error)
{
  return value[0] == '\0' || sighej_otlp_check_endpoint (value, error);
}

static gboolean
check_database (const char *value, GError **error)
{
  return value[0] == '\0' || sighej_pg_check_url (value, error);
}

const SighejConfigKey sighej_settings_keys[] = {
  LIST (GROUP_SERVER,
        "Listen",
        "LISTEN",
        "127.0.0.1:8080",
        "Where people's machines connect: ADDRESS:PORT or unix:/path."),
  LIST (GROUP_SERVER,
        "AdminListen",
        "ADMIN_LISTEN",
        "127.0.0.1:8081",
        "Where operators connect; empty: nowhere."),
  LIST (GROUP_SERVER,
        "TlsListen",
        "TLS_LISTEN",
        "",
        "Where people's machines connect with TLS, ended here: ADDRESS:PORT or unix:/path."),
  STRING (GROUP_SERVER,
          "TlsCertificateFile",
          "TLS_CERTIFICATE_FILE",
          "",
          "Certificate chain (PEM) for TlsListen; the credential tls-certificate goes before it."),
  STRING (GROUP_SERVER,
          "TlsKeyFile",
          "TLS_KEY_FILE",
          "",
          "Its key (PEM); the credential tls-key goes before it."),
  { GROUP_SERVER,
    "AllowPlain",
    SIGHEJ_CONFIG_BOOLEAN,
    "ALLOW_PLAIN",
    "no",
    0,
    0,
    NULL,
    NULL,
    NULL,
    "Listen without TLS where others than this machine reach it." },
  LIST (GROUP_SERVER,
        "AllowedOrigins",
        "ALLOWED_ORIGINS",
        "",
        "Web pages that may call, as https://host; requests without an Origin always may."),
  LIST (GROUP_SERVER,
        "TrustedProxies",
        "TRUSTED_PROXIES",
        "",
        "Proxies whose X-Forwarded-For is believed: addresses, networks, or unix."),
  STRING (GROUP_SERVER,
          "AdminTokenFile",
          "ADMIN_TOKEN_FILE",
          "",
          "File with the operators' token; the credential admin-token goes before it."),
  STRING (GROUP_SERVER,
          "PrivacyFile",
          "PRIVACY_FILE",
          "",
          "HTML page served at /privacy instead of the built-in one."),
  STRING (GROUP_SERVER,
          "TermsFile",
          "TERMS_FILE",
          "",
          "HTML page served at /terms instead of the built-in one."),
  NUMBER (GROUP_SERVER,
          "Workers",
          "WORKERS",
          "0",
          0,
          64,
          "processes",
          "Worker processes; 0: one a core with Redis, one without; more than one needs Redis."),
  NUMBER (GROUP_SERVER,
          "MinimumAge",
          "MINIMUM_AGE",
          "18",
          0,
          120,
          "years",
          "Age the built-in terms ask for."),
  STRING (GROUP_SERVER,
          "StateDirectory",
          "SIGHEJ_STATE_DIRECTORY",
          "",
          "Folder for the counters and the key; empty: the service manager's, else the user's."),
  CHOICE (GROUP_SESSIONS,
          "AuthMode",
          "AUTH_MODE",
          "bearer",
          "bearer|legacy",
          "legacy is the first contract word for word, on loopback only."),
  CHOICE (GROUP_SESSIONS,
          "MatchPolicy",
          "MATCH_POLICY",
          "mutual",
          "mutual|one_sided",
          "Whether both must have seen each other."),
  NUMBER (GROUP_SESSIONS,
          "SessionTtlSeconds",
          "SESSION_TTL_SECONDS",
          "7200",
          300,
          7200,
          "seconds",
          "How long a session lives at most."),
  STRING (GROUP_SESSIONS,
          "InterestKeyFile",
          "INTEREST_KEY_FILE",
          "",
          "Key for hashing interests; the credential interest-key goes before it; empty: one is "
          "made in the state folder."),
  NUMBER (GROUP_LIMITS,
          "MaxConnections",
          "MAX_CONNECTIONS",
          "20000",
          1,
          1000000,
          "connections",
          "Open connections in all; also kept 64 below the descriptor limit."),
  NUMBER (GROUP_LIMITS,
          "MaxConnectionsPerAddress",
          "MAX_CONNECTIONS_PER_ADDRESS",
          "2000",
          1,
          1000000,
          "connections",
          "Open connections of one address; a venue shares one."),
  NUMBER (GROUP_LIMITS,
          "SessionsPerAddress",
          "SESSIONS_PER_ADDRESS",
          "600",
          0,
          100000000,
          "sessions",
          "New sessions of one address in 10 minutes; 0: no limit."),
  NUMBER (GROUP_LIMITS,
          "SightingsPerMinute",
          "SIGHTINGS_PER_MINUTE",
          "120",
          1,
          100000000,
          "sightings",
          "Sightings of one session in a minute."),
  NUMBER (GROUP_LIMITS,
          "SightingsBurst",
          "SIGHTINGS_BURST",
          "60",
          1,
          100000000,
          "sightings",
          "Sightings of one session at once."),
  NUMBER (GROUP_LIMITS,
          "DistinctTokensPerHour",
          "DISTINCT_TOKENS_PER_HOUR",
          "2000",
          1,
          100000,
          "tokens",
          "Different tokens one session may report in an hour."),
  NUMBER (GROUP_LIMITS,
          "MessagesPerSecond",
          "MESSAGES_PER_SECOND",
          "10",
          1,
          10000000,
          "messages",
          "Messages of one session on its sockets in a second; ten times as many at once."),
  NUMBER (GROUP_LIMITS,
          "ReportsPerHour",
          "REPORTS_PER_HOUR",
          "6",
          1,
          100000,
          "reports",
          "Reports and appeals of one person in an hour."),
  NUMBER (GROUP_LIMITS,
          "StatisticsMinimumCount",
          "STATISTICS_MINIMUM_COUNT",
          "5",
          1,
          1000000,
          "sessions",
          "From how many on a category is named in the statistics."),
  NUMBER (GROUP_LIMITS,
          "MaxBodyBytes",
          "MAX_BODY_BYTES",
          "16384",
          1024,
          65536,
          "bytes",
          "Body of a request."),
  NUMBER (GROUP_LIMITS,
          "MaxHeaderBytes",
          "MAX_HEADER_BYTES",
          "16384",
          1024,
          65536,
          "bytes",
          "Head of a request."),
  NUMBER (GROUP_LIMITS,
          "MaxHeaderLines",
          "MAX_HEADER_LINES",
          "64",
          8,
          1000,
          "lines",
          "Header lines of a request."),
  NUMBER (GROUP_LIMITS,
          "MaxUrlBytes",
          "MAX_URL_BYTES",
          "2048",
          128,
          16384,
          "bytes",
          "URL of a request."),
  NUMBER (GROUP_LIMITS,
          "HeaderTimeoutSeconds",
          "HEADER_TIMEOUT_SECONDS",
          "5",
          1,
          600,
          "seconds",
          "Until a request's head is there."),
  NUMBER (GROUP_LIMITS,
          "BodyTimeoutSeconds",
          "BODY_TIMEOUT_SECONDS",
          "10",
          1,
          600,
          "seconds",
          "Until a request's body is there."),
  NUMBER (GROUP_LIMITS,
          "IdleTimeoutSeconds",
          "IDLE_TIMEOUT_SECONDS",
          "30",
          1,
          3600,
          "seconds",
          "Between two requests on one connection."),
  NUMBER (GROUP_LIMITS,
          "WriteTimeoutSeconds",
          "WRITE_TIMEOUT_SECONDS",
          "10",
          1,
          600,
          "seconds",
          "Until an answer is taken."),
  { GROUP_STORES,
    "RedisUrl",
    SIGHEJ_CONFIG_STRING,
    "REDIS_URL",
    "",
    0,
    0,
    NULL,
    NULL,
    sighej_redis_url_check,
    "Redis for the sessions, shared by processes: redis://, unix:// or redis+sentinel://; the "
    "credential redis-url goes before it; empty: memory.",
    sighej_redis_url_dup_shown },
  { GROUP_STORES,
    "DatabaseUrl",
    SIGHEJ_CONFIG_STRING,
    "DATABASE_URL",
    "",
    0,
    0,
    NULL,
    NULL,
    check_database,
    "PostgreSQL for the counters, as libpq has it; the credential database-url goes before it; "
    "empty: SQLite in the state folder.",
    sighej_pg_dup_shown_url },
  { GROUP_OPERATION,
    "OtlpEndpoint",
    SIGHEJ_CONFIG_STRING,
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "",
    0,
    0,
    NULL,
    NULL,
    check_endpoint,
    "Collector that traces are sent to, as http://host:4318; empty: none." },
  NUMBER (GROUP_OPERATION,
          "TraceSamplePercent",
          "TRACE_SAMPLE_PERCENT",
          "1",
          0,
          100,
          "percent",
          "Of the requests that are traced, when there is a collector."),
  LIST (GROUP_OPERATION,
        "RequiredCredentials",
        "REQUIRED_CREDENTIALS",
        "",
        "Credentials without which it does not start: interest-key, admin-token, redis-url, "
        "database-url, tls-certificate, tls-key."),
  CHOICE (GROUP_LOG,
          "Level",
          "SIGHEJ_LOG_LEVEL",
          "message",
          "error|warning|message|info|debug",
          "What is logged."),
  { NULL },
};

/* What SIGHUP changes; every other key needs a restart. */
static const char *const rereadable[] = {
  "AllowedOrigins",
  "TrustedProxies",
  "AllowPlain",
  "AdminTokenFile",
  "PrivacyFile",
  "TermsFile",
  "MinimumAge",
  "TlsCertificateFile",
  "TlsKeyFile",
  "MatchPolicy",
  "SessionTtlSeconds",
  "Level",
  NULL,
};

static gboolean
needs_restart (const SighejConfigKey *key)
{
  return strcmp (key->group, GROUP_LIMITS) != 0 && !g_strv_contains (rereadable, key->key);
}

static gboolean
load_files (SighejConfig *config, const char *file, GError **error)
{
  if (file == NULL)
    return sighej_config_add_file (config, SIGHEJ_VENDOR_CONF_DIR "/backend.conf", error)
           && sighej_config_add_file (config, SIGHEJ_SYSCONF_DIR "/backend.conf", error)
           && sighej_config_add_drop_ins (config, SIGHEJ_SYSCONF_DIR "/backend.conf.d", error);

  /* A file that was asked for by name must be there. */
  if (!g_file_test (file, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG, "there is no file %s", file);
      return FALSE;
    }
  return sighej_config_add_file (config, file, error);
}

static gboolean
load_arguments (SighejConfig *config, const SighejSettingsSource *source, GError **error)
{
  if (source->listen != NULL)
    {
      g_autofree char *joined = g_strjoinv (";", (GStrv) source->listen);

      if (!sighej_config_set (config, GROUP_SERVER, "Listen", joined, "--listen", error))
        return FALSE;
    }
  return source->admin_listen == NULL
         || sighej_config_set (
             config, GROUP_SERVER, "AdminListen", source->admin_listen, "--admin-listen", error);
}

static guint
get_limit (SighejConfig *config, const char *key)
{
  return (guint) sighej_config_get_integer (config, GROUP_LIMITS, key);
}

static void
take_limits (SighejSettings *self)
{
  SighejConfig *config = self->config;

  self->limits = (SighejServiceLimits){
    .session_ttl_s
    = (guint) sighej_config_get_integer (config, GROUP_SESSIONS, "SessionTtlSeconds"),
    .allowance = {
      .sightings_per_minute = get_limit (config, "SightingsPerMinute"),
      .sightings_burst = get_limit (config, "SightingsBurst"),
      .distinct_tokens_per_hour = get_limit (config, "DistinctTokensPerHour"),
      .messages_per_second = get_limit (config, "MessagesPerSecond"),
      .sessions_per_address = get_limit (config, "SessionsPerAddress"),
    },
    .statistics_minimum = get_limit (config, "StatisticsMinimumCount"),
  };
  self->server.guard = (SighejGuardLimits){
    .head = {
      .header_bytes_max = get_limit (config, "MaxHeaderBytes"),
      .header_lines_max = get_limit (config, "MaxHeaderLines"),
      .url_bytes_max = get_limit (config, "MaxUrlBytes"),
      .body_bytes_max = get_limit (config, "MaxBodyBytes"),
    },
    .header_seconds = get_limit (config, "HeaderTimeoutSeconds"),
    .body_seconds = get_limit (config, "BodyTimeoutSeconds"),
    .idle_seconds = get_limit (config, "IdleTimeoutSeconds"),
    .write_seconds = get_limit (config, "WriteTimeoutSeconds"),
  };
  self->reports_per_hour = get_limit (config, "ReportsPerHour");
  self->connections_max = get_limit (config, "MaxConnections");
  self->connections_per_address_max = get_limit (config, "MaxConnectionsPerAddress");
}

static void
take_sessions (SighejSettings *self)
{
  const char *mode = sighej_config_get_string (self->config, GROUP_SESSIONS, "AuthMode");
  const char *policy = sighej_config_get_string (self->config, GROUP_SESSIONS, "MatchPolicy");

  self->auth_mode = strcmp (mode, WORD_LEGACY) == 0 ? SIGHEJ_AUTH_LEGACY : SIGHEJ_AUTH_BEARER;
  self->server.is_legacy = self->auth_mode == SIGHEJ_AUTH_LEGACY;
  self->match_policy
      = strcmp (policy, WORD_ONE_SIDED) == 0 ? SIGHEJ_MATCH_ONE_SIDED : SIGHEJ_MATCH_MUTUAL;
  if (self->auth_mode == SIGHEJ_AUTH_LEGACY)
    self->match_policy = SIGHEJ_MATCH_LEGACY;
  self->key_file = sighej_config_get_string (self->config, GROUP_SESSIONS, "InterestKeyFile");
  self->otlp_endpoint = sighej_config_get_string (self->config, GROUP_OPERATION, "OtlpEndpoint");
  self->trace_sample_percent
      = (guint) sighej_config_get_integer (self->config, GROUP_OPERATION, "TraceSamplePercent");
}

static gboolean
take_server (SighejSettings *self, GError **error)
{
  SighejConfig *config = self->config;

  self->listen = sighej_config_get_string_list (config, GROUP_SERVER, "Listen");
  self->admin_listen = sighej_config_get_string_list (config, GROUP_SERVER, "AdminListen");
  self->tls_listen = sighej_config_get_string_list (config, GROUP_SERVER, "TlsListen");
  self->tls_certificate_file
      = sighej_config_get_string (config, GROUP_SERVER, "TlsCertificateFile");
  self->tls_key_file = sighej_config_get_string (config, GROUP_SERVER, "TlsKeyFile");
  self->allow_plain = sighej_config_get_boolean (config, GROUP_SERVER, "AllowPlain");
  self->server.allowed_origins
      = sighej_config_get_string_list (config, GROUP_SERVER, "AllowedOrigins");
  self->admin_token_file = sighej_config_get_string (config, GROUP_SERVER, "AdminTokenFile");
  self->privacy_file = sighej_config_get_string (config, GROUP_SERVER, "PrivacyFile");
  self->terms_file = sighej_config_get_string (config, GROUP_SERVER, "TermsFile");
  self->minimum_age = (guint) sighej_config_get_integer (config, GROUP_SERVER, "MinimumAge");
  self->workers = (guint) sighej_config_get_integer (config, GROUP_SERVER, "Workers");
  self->redis_url = sighej_config_get_string (config, GROUP_STORES, "RedisUrl");
  self->database_url = sighej_config_get_string (config, GROUP_STORES, "DatabaseUrl");
  self->state_directory = sighej_config_get_string (config, GROUP_SERVER, "StateDirectory");
  self->server.trust = sighej_trust_new (
      sighej_config_get_string_list (config, GROUP_SERVER, "TrustedProxies"), error);
  return self->server.trust != NULL || sighej_settings_blame (self, "TrustedProxies", error);
}

/* @config: (transfer full) */
static SighejSettings *
settings_new (SighejConfig *config, GError **error)
{
  g_autoptr (SighejSettings) self = g_new0 (SighejSettings, 1);

  self->config = config;
  if (!take_server (self, error))
    return NULL;
  take_sessions (self);
  take_limits (self);
  return g_steal_pointer (&self);
}

/* What must be there is named, so that a secret that got lost means neither a store in memory nor a
 * new key. */
static gboolean
require_credential (const char *name, const char **problem, GError **error)
{
  static const char *const known[]
      = { "interest-key",    "admin-token", "redis-url", "database-url",
          "tls-certificate", "tls-key",     NULL };
  g_autofree char *path = NULL;

  if (!g_strv_contains (known, name))
    *problem = "is none; allowed are interest-key, admin-token, redis-url, database-url, "
               "tls-certificate and tls-key";
  else if (!sighej_credential_find (name, &path, error))
    return FALSE;
  else if (path == NULL)
    *problem = "is not there, or empty; give it (LoadCredential=, or a file of that name in "
               "$" SIGHEJ_ENV_CREDENTIALS_DIRECTORY "), or take it out of the list";
  return TRUE;
}

static gboolean
require_credentials (SighejConfig *config, GError **error)
{
  const char *const *names
      = sighej_config_get_string_list (config, GROUP_OPERATION, "RequiredCredentials");

  for (gsize i = 0; names[i] != NULL; i++)
    {
      const char *problem = NULL;

      if (!require_credential (names[i], &problem, error))
        return FALSE;
      if (problem == NULL)
        continue;
      g_set_error (error,
                   SIGHEJ_ERROR,
                   SIGHEJ_ERROR_CONFIG,
                   "%s: RequiredCredentials in [" GROUP_OPERATION "]: the credential %s %s",
                   sighej_config_get_origin (config, GROUP_OPERATION, "RequiredCredentials"),
                   names[i],
                   problem);
      return FALSE;
    }
  return TRUE;
}

/* A URL that may hold a password goes better in a credential; that goes before all else. */
static gboolean
load_credential (SighejConfig *config, const char *name, const char *key, GError **error)
{
  g_autofree char *origin = g_strdup_printf ("credential %s", name);
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) cause = NULL;
  gboolean good;

  if (!sighej_credential_find (name, &path, error))
    return FALSE;
  if (path == NULL)
    return TRUE;
  if (!g_file_get_contents (path, &text, NULL, &cause))
    {
      g_set_error (error,
                   SIGHEJ_ERROR,
                   SIGHEJ_ERROR_CONFIG,
                   "%s: cannot be read: %s",
                   origin,
                   cause->message);
      return FALSE;
    }
  good = sighej_config_set (config, GROUP_STORES, key, text, origin, error);
  explicit_bzero (text, strlen (text));
  return good;
}

static SighejConfig *
load_config (const SighejSettingsSource *source, GError **error)
{
  g_autoptr (SighejConfig) config = sighej_config_new (sighej_settings_keys);

  if (!load_files (config, source->file, error) || !sighej_config_add_environment (config, error)
      || !load_arguments (config, source, error) || !require_credentials (config, error)
      || !load_credential (config, "redis-url", "RedisUrl", error)
      || !load_credential (config, "database-url", "DatabaseUrl", error))
    return NULL;
  return g_steal_pointer (&config);
}

SighejSettings *
sighej_settings_load (const SighejSettingsSource *source, GError **error)
{
  SighejConfig *config = load_config (source, error);

  return config != NULL ? settings_new (config, error) : NULL;
}

SighejSettings *
sighej_settings_load_data (const char *data, GError **error)
{
  g_autoptr (SighejConfig) config = sighej_config_new (sighej_settings_keys);

  if (!sighej_config_add_data (config, data, "the parent's settings", error))
    return NULL;
  return settings_new (g_steal_pointer (&config), error);
}

SighejSettings *
sighej_settings_reread (const SighejSettings *self,
                        const SighejSettingsSource *source,
                        char **fixed,
                        GError **error)
{
  SighejConfig *config = load_config (source, error);

  *fixed = config != NULL ? sighej_config_keep (config, self->config, needs_restart) : NULL;
  return config != NULL ? settings_new (config, error) : NULL;
}

void
sighej_settings_swap (SighejSettings *self, SighejSettings *other)
{
  SighejSettings between = *self;

  *self = *other;
  *other = between;
  sighej_settings_use_log_level (self);
}

void
sighej_settings_use_log_level (const SighejSettings *self)
{
  sighej_log_set_level (sighej_config_get_string (self->config, GROUP_LOG, "Level"));
}

guint
sighej_settings_get_workers (const SighejSettings *self)
{
  if (self->workers != 0)
    return self->workers;
  return sighej_settings_has_redis (self) ? MIN (g_get_num_processors (), WORKERS_MAX) : 1;
}

gboolean
sighej_settings_has_redis (const SighejSettings *self)
{
  return self->redis_url[0] != '\0';
}

gboolean
sighej_settings_blame (const SighejSettings *self, const char *key, GError **error)
{
  for (const SighejConfigKey *known = sighej_settings_keys; known->group != NULL; known++)
    if (strcmp (known->key, key) == 0)
      g_prefix_error (error,
                      "%s: %s in [%s]: ",
                      sighej_config_get_origin (self->config, known->group, key),
                      key,
                      known->group);
  return FALSE;
}

void
sighej_settings_free (SighejSettings *self)
{
  g_clear_pointer (&self->server.trust, sighej_trust_free);
  g_clear_object (&self->config);
  g_free (self);
}

char *
sighej_settings_dup_state_directory (SighejSettings *self)
{
  const char *managed = g_getenv (SIGHEJ_ENV_STATE_DIRECTORY);

  /* The service manager may name several, with colons between. */
  if (managed != NULL && managed[0] != '\0')
    return g_strndup (managed, strcspn (managed, ":"));
  if (self->state_directory[0] != '\0')
    return g_strdup (self->state_directory);
  return g_build_filename (g_get_user_state_dir (), "sighej-backend", NULL);
}
