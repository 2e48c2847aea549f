/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-config.h"
#include "sighej-server.h"
#include "sighej-service.h"

G_BEGIN_DECLS

/*
 * What an operator can set (INTERFACES 4, SECURITY-DESIGN 3): one table of keys, each of them
 * also an environment variable, read at start and, as far as it can change, again on SIGHUP.
 */

/* The table, for sighej_config_new(). */
extern const SighejConfigKey sighej_settings_keys[];

/**
 * SighejSettings:
 *
 * The table's values as the program uses them. Strings and lists belong to the settings and last
 * until sighej_settings_swap(): copy what is kept.
 */
typedef struct
{
  SighejConfig *config;

  const char *const *listen;
  const char *const *admin_listen;
  const char *const *tls_listen;
  const char *tls_certificate_file;
  const char *tls_key_file;
  gboolean allow_plain;
  SighejServerRules server;
  const char *admin_token_file;
  const char *privacy_file;
  const char *terms_file;
  guint minimum_age;
  const char *redis_url;    /* empty: sessions in memory */
  const char *database_url; /* empty: the built-in ledger */
  guint workers;            /* 0: see sighej_settings_get_workers() */
  const char *state_directory;
  const char *key_file;
  const char *otlp_endpoint; /* "": no traces */
  guint trace_sample_percent;

  SighejAuthMode auth_mode;
  SighejMatchPolicy match_policy;
  SighejServiceLimits limits;
  guint reports_per_hour;
  guint connections_max;
  guint connections_per_address_max;
} SighejSettings;

/**
 * SighejSettingsSource:
 * @file: (nullable): read instead of the system's files
 * @listen: (nullable) (array zero-terminated=1): stands for Listen
 * @admin_listen: (nullable): stands for AdminListen
 *
 * What the command line says about settings.
 */
typedef struct
{
  const char *file;
  const char *const *listen;
  const char *admin_listen;
} SighejSettingsSource;

/**
 * sighej_settings_load:
 *
 * The system's files, or the one of @source; then the environment; then the command line.
 *
 * Errors: SIGHEJ_ERROR_CONFIG.
 */
SighejSettings *sighej_settings_load (const SighejSettingsSource *source, GError **error);

/* Those of another process, from sighej_config_to_data(). Errors: SIGHEJ_ERROR_CONFIG. */
SighejSettings *sighej_settings_load_data (const char *data, GError **error);

/**
 * sighej_settings_reread:
 * @fixed: (out) (transfer full) (nullable): names of the keys that were changed and only take
 *   effect at a restart; in the result they have their old values
 *
 * Loads once more.
 *
 * Returns: (transfer full): the new settings, not in use yet. Errors: SIGHEJ_ERROR_CONFIG.
 */
SighejSettings *sighej_settings_reread (const SighejSettings *self,
                                        const SighejSettingsSource *source,
                                        char **fixed,
                                        GError **error);

/* Exchanges the two, so that everyone who has @self sees the new ones, and uses their log level.
 */
void sighej_settings_swap (SighejSettings *self, SighejSettings *other);

void sighej_settings_use_log_level (const SighejSettings *self);

/* How many processes serve, 1 and up. */
guint sighej_settings_get_workers (const SighejSettings *self);

/* Whether sessions live in Redis, which processes can share. */
gboolean sighej_settings_has_redis (const SighejSettings *self);

/* Puts where @key was set in front of an error: "/etc/…:12: Listen in [Server]: ". Returns FALSE.
 */
gboolean sighej_settings_blame (const SighejSettings *self, const char *key, GError **error);

void sighej_settings_free (SighejSettings *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejSettings, sighej_settings_free)

/* The folder for what must survive: $STATE_DIRECTORY, StateDirectory, or the user's own.
 * (transfer full) */
char *sighej_settings_dup_state_directory (SighejSettings *self);

G_END_DECLS
